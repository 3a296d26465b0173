//! [`Directory`] on Graph.

use std::collections::BTreeSet;

use async_trait::async_trait;

use super::call::Call;
use super::client::Client;
use super::permission::Permission;
use super::wire::DirectoryEntry;
use crate::connector::Backend;
use crate::directory::Directory;
use crate::error::{Error, ErrorKind, Result};
use crate::model::{Person, PersonKind, Recipient};

/// The directory, as the token shows it.
#[derive(Clone, Debug)]
pub(super) struct GraphDirectory {
    client: Client,
}

/// So many are found at most.
const MOST: usize = 100;

const ROOM_LISTS: &str = "microsoft.graph.roomlist";

/// What is wanted of users, groups and contacts.
const FIELDS: &str = "id,displayName,mail";

impl GraphDirectory {
    pub(super) fn new(client: Client) -> Self {
        Self { client }
    }
}

#[async_trait]
impl Directory for GraphDirectory {
    /// Groups are found too if the token may see them (`GroupMember.Read.All`).
    async fn resolve(&self, text: &str) -> Result<Vec<Person>> {
        const OPERATION: &str = "resolve";
        let text = text.trim();
        if text.is_empty() {
            let problem = "there is no name to look for";
            return Err(Error::invalid_argument(OPERATION, problem));
        }
        let mut found = self
            .search(OPERATION, "users", text, Permission::UserReadBasicAll)
            .await?;
        let groups = self
            .search(OPERATION, "groups", text, Permission::GroupMemberReadAll)
            .await;
        match groups {
            Ok(groups) => found.extend(groups),
            Err(error) if error.kind() == ErrorKind::PermissionDenied => {
                tracing::warn!(%error, "groups are not searched");
            }
            Err(error) => return Err(error),
        }
        found.truncate(MOST);
        Ok(found)
    }

    async fn expand_group(&self, group: &Recipient) -> Result<Vec<Person>> {
        const OPERATION: &str = "expand_group";
        let address = smtp(group, "group", OPERATION)?;
        let find = Call::get(OPERATION, &["groups"], Permission::GroupMemberReadAll)
            .of_organisation()
            .query(
                "$filter",
                format!("mail eq '{}'", address.replace('\'', "''")),
            )
            .query("$select", FIELDS);
        let found = self.client.page::<DirectoryEntry>(&find).await?;
        let id = found.readable(OPERATION).into_iter().find_map(|one| one.id);
        let id = id.ok_or_else(|| {
            Error::new(ErrorKind::NotFound, OPERATION, "there is no group of that address")
                .with_backend(Backend::Graph)
                .with_hint("Check the address; groups whose members are found by a rule (dynamic distribution groups) are not in Graph.")
        })?;
        let members = Call::get(
            OPERATION,
            &["groups", &id, "members"],
            Permission::GroupMemberReadAll,
        );
        let members = members.of_organisation().query("$select", FIELDS);
        self.people(members, |entry| kind(entry, PersonKind::Unknown))
            .await
    }

    async fn room_lists(&self) -> Result<Vec<Person>> {
        self.lists("room_lists").await
    }

    async fn rooms(&self, list: Option<&Recipient>) -> Result<Vec<Person>> {
        const OPERATION: &str = "rooms";
        let lists = match list {
            Some(list) => vec![smtp(list, "list of rooms", OPERATION)?.to_owned()],
            None => {
                let all = self.lists(OPERATION).await?;
                let address = |list: Person| Some(list.who.smtp_address()?.to_owned());
                all.into_iter().filter_map(address).collect()
            }
        };
        let mut rooms = Vec::new();
        let mut seen = BTreeSet::new();
        for list in lists {
            let call = Call::get(
                OPERATION,
                &["places", &list, ROOM_LISTS, "rooms"],
                Permission::PlaceReadAll,
            );
            let found = self
                .people(call.of_organisation(), |_| PersonKind::Room)
                .await;
            rooms.extend(found.map_err(of_place)?.into_iter().filter(|room| {
                let address = room.who.smtp_address().unwrap_or_default();
                seen.insert(address.to_lowercase())
            }));
        }
        Ok(rooms)
    }
}

impl GraphDirectory {
    /// Whose name or address begins so, or a word of the name.
    ///
    /// Source: <https://learn.microsoft.com/graph/search-query-parameter#using-search-on-directory-object-collections>
    async fn search(
        &self,
        operation: &'static str,
        what: &str,
        text: &str,
        permission: Permission,
    ) -> Result<Vec<Person>> {
        let text = text.replace('\\', "\\\\").replace('"', "\\\"");
        let call = Call::get(operation, &[what], permission)
            .of_organisation()
            .eventual()
            .query(
                "$search",
                format!("\"displayName:{text}\" OR \"mail:{text}\""),
            )
            .query("$select", FIELDS)
            .query("$top", MOST.to_string());
        let kind = match what {
            "groups" => PersonKind::Group,
            _ => PersonKind::Mailbox,
        };
        let page = self.client.page::<DirectoryEntry>(&call).await?;
        let entries = page.readable(operation);
        Ok(entries
            .iter()
            .filter_map(|entry| person(entry, kind))
            .collect())
    }

    async fn lists(&self, operation: &'static str) -> Result<Vec<Person>> {
        let call = Call::get(operation, &["places", ROOM_LISTS], Permission::PlaceReadAll);
        self.people(call.of_organisation(), |_| PersonKind::RoomList)
            .await
    }

    async fn people(
        &self,
        call: Call,
        kind: impl Fn(&DirectoryEntry) -> PersonKind + Send + Sync + 'static,
    ) -> Result<Vec<Person>> {
        let listed = self.client.list(call, move |entry: DirectoryEntry| {
            Ok(person(&entry, kind(&entry)))
        });
        listed.collect().await
    }
}

/// Who has no address gets no mail, and is none of those who are looked for.
fn person(entry: &DirectoryEntry, kind: PersonKind) -> Option<Person> {
    let address = entry.mail.as_ref().or(entry.email_address.as_ref())?;
    let who = Recipient::smtp(address.as_str());
    let name = entry.display_name.as_ref().filter(|name| !name.is_empty());
    let who = match name {
        Some(name) => who.named(name.as_str()),
        None => who,
    };
    (!address.is_empty()).then(|| Person::new(who, kind))
}

fn kind(entry: &DirectoryEntry, otherwise: PersonKind) -> PersonKind {
    let kind = entry.kind.as_deref().unwrap_or_default();
    match kind.rsplit('.').next() {
        Some("user") => PersonKind::Mailbox,
        Some("group") => PersonKind::Group,
        Some("orgContact") => PersonKind::Contact,
        _ => otherwise,
    }
}

/// A list that is not there is no mailbox that is not there.
fn of_place(error: Error) -> Error {
    let is_missing = matches!(error.http_status(), Some(404));
    match is_missing && error.kind() != ErrorKind::NotFound {
        true => Error::new(
            ErrorKind::NotFound,
            "rooms",
            "there is no such list of rooms",
        )
        .with_backend(Backend::Graph)
        .with_code(error.code().unwrap_or_default())
        .with_status(404),
        false => error,
    }
}

/// The address by which a group is asked for.
fn smtp<'a>(who: &'a Recipient, what: &str, operation: &'static str) -> Result<&'a str> {
    who.require_smtp(operation, what)?;
    Ok(who.smtp_address().unwrap_or_default())
}
