//! [`Directory`] on EWS.

use std::collections::BTreeSet;

use async_trait::async_trait;

use super::addresses::Addresses;
use super::client::Client;
use super::convert;
use super::operation::{
    ExpandDL, GetRoomLists, GetRooms, Operation, ResolveNames, ResponseMessage,
};
use super::types::Mailbox;
use crate::connector::Backend;
use crate::directory::Directory;
use crate::error::{Error, ErrorKind, Result};
use crate::model::{Person, PersonKind, Recipient, check_smtp};

/// The directory of an organisation, as one account sees it.
#[derive(Clone, Debug)]
pub(super) struct EwsDirectory {
    client: Client,
    addresses: Addresses,
}

impl EwsDirectory {
    /// Sends nothing.
    pub(super) fn new(client: Client, addresses: Addresses) -> Self {
        Self { client, addresses }
    }
}

#[async_trait]
impl Directory for EwsDirectory {
    async fn resolve(&self, text: &str) -> Result<Vec<Person>> {
        const OPERATION: &str = "resolve";
        if text.trim().is_empty() {
            let problem = "there is no name to look for";
            return Err(Error::invalid_argument(OPERATION, problem));
        }
        let answer = self.one(&ResolveNames::new(text.trim()), OPERATION).await;
        let found = match answer {
            Err(error) if is_nobody(&error) => Vec::new(),
            answer => answer?.resolutions,
        };
        let mailboxes = found.into_iter().filter_map(|one| one.mailbox);
        self.people(mailboxes, convert::person_kind).await
    }

    async fn expand_group(&self, group: &Recipient) -> Result<Vec<Person>> {
        const OPERATION: &str = "expand_group";
        let address = smtp(group, "group", OPERATION)?;
        let expand = ExpandDL::new(Mailbox::smtp(address));
        let expansion = self.one(&expand, OPERATION).await?;
        self.people(expansion.mailboxes, convert::person_kind).await
    }

    async fn room_lists(&self) -> Result<Vec<Person>> {
        const OPERATION: &str = "room_lists";
        let found = self.one(&GetRoomLists::new(), OPERATION).await?;
        self.people(found.room_lists, |_| PersonKind::RoomList)
            .await
    }

    async fn rooms(&self, list: Option<&Recipient>) -> Result<Vec<Person>> {
        const OPERATION: &str = "rooms";
        let lists = match list {
            Some(list) => vec![smtp(list, "list of rooms", OPERATION)?.to_owned()],
            None => {
                let all = self.one(&GetRoomLists::new(), OPERATION).await?.room_lists;
                all.into_iter()
                    .filter_map(|list| list.email_address)
                    .collect()
            }
        };
        let mut rooms = Vec::new();
        let mut seen = BTreeSet::new();
        for list in lists {
            let get = GetRooms::new(Mailbox::smtp(list));
            let found = self.one(&get, OPERATION).await?.rooms;
            rooms.extend(found.into_iter().filter_map(|room| room.id).filter(|room| {
                let address = room.email_address.as_deref().unwrap_or_default();
                seen.insert(address.to_lowercase())
            }));
        }
        self.people(rooms, |_| PersonKind::Room).await
    }
}

impl EwsDirectory {
    /// Sends an operation about one thing, and returns what came of it.
    async fn one<O, T>(&self, operation: &O, called: &'static str) -> Result<T>
    where
        O: Operation<Response = Vec<ResponseMessage<T>>>,
    {
        let sent = self.client.send(operation).await;
        let answers = sent.map_err(|error| error.with_operation(called))?;
        let answer = answers.into_iter().next();
        answer
            .ok_or_else(|| super::mailbox::lacks(called, "answer"))?
            .ok()
            .map_err(|refusal| refusal.into_error(called).with_backend(Backend::Ews))
    }

    async fn people(
        &self,
        mailboxes: impl IntoIterator<Item = Mailbox>,
        kind: impl Fn(&Mailbox) -> PersonKind,
    ) -> Result<Vec<Person>> {
        let person = |mailbox: Mailbox| {
            let who = convert::recipient(&mailbox)?;
            Some(Person::new(who, kind(&mailbox)))
        };
        let mut people: Vec<Person> = mailboxes.into_iter().filter_map(person).collect();
        let recipients = people.iter_mut().map(|person| &mut person.who).collect();
        self.addresses.resolve(&self.client, recipients).await;
        Ok(people)
    }
}

/// Whether a search found nobody.
fn is_nobody(error: &Error) -> bool {
    error.kind() == ErrorKind::NotFound && error.code() == Some("ErrorNameResolutionNoResults")
}

/// The address by which a group is asked for.
fn smtp<'a>(who: &'a Recipient, what: &str, operation: &'static str) -> Result<&'a str> {
    let address = who.smtp_address().ok_or_else(|| {
        let problem = format!("the {what} has no SMTP address");
        Error::invalid_argument(operation, problem)
    })?;
    check_smtp(operation, what, address)?;
    Ok(address)
}
