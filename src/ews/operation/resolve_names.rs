use serde::Serialize;

use super::{Needs, Operation, ResponseMessage, response_messages, serialize_inside};
use crate::ews::ServerVersion;
use crate::ews::types::{FindResponsePagingAttributes, FolderIdRef, Mailbox, RawXml, record};
use crate::xml::{Element, ListItem, Problem, ReadElement, Tag, names};

names! {
    /// Where to look for a name.
    ///
    /// Reference: <https://learn.microsoft.com/exchange/client-developer/web-service-reference/resolvenames>
    pub enum SearchScope {
        ActiveDirectory = "ActiveDirectory",
        ActiveDirectoryContacts = "ActiveDirectoryContacts",
        Contacts = "Contacts",
        ContactsActiveDirectory = "ContactsActiveDirectory",
    }
}

/// Finds people, groups and rooms by the beginning of a name, alias or address.
///
/// Exchange 2007 and later; at most 100 are returned. No match is a refusal with the code
/// `ErrorNameResolutionNoResults`; several are a warning with
/// `ErrorNameResolutionMultipleResults` and the matches.
///
/// Reference: <https://learn.microsoft.com/exchange/client-developer/web-service-reference/resolvenames-operation>
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct ResolveNames {
    /// What to look for; `smtp:` before an address makes the match exact.
    pub unresolved_entry: String,
    /// Whether to return what the directory knows of a match.
    pub return_full_contact_data: bool,
    /// Where to look. Exchange 2007 SP1 and later.
    pub search_scope: Option<SearchScope>,
    /// A folder of contacts to look in.
    pub parent_folder: Option<FolderIdRef>,
}

impl ResolveNames {
    /// Looks for a name.
    pub fn new(unresolved_entry: impl Into<String>) -> Self {
        Self {
            unresolved_entry: unresolved_entry.into(),
            return_full_contact_data: false,
            search_scope: None,
            parent_folder: None,
        }
    }

    /// Looks there.
    #[must_use]
    pub fn search_scope(mut self, scope: SearchScope) -> Self {
        self.search_scope = Some(scope);
        self
    }
}

impl Operation for ResolveNames {
    type Response = Vec<ResponseMessage<ResolutionSet>>;

    const NAME: &'static str = "ResolveNames";
    const REPEATABLE: bool = true;

    fn requested(&self) -> Option<usize> {
        Some(1)
    }

    fn needs(&self, needs: &mut Needs) {
        if let Some(folder) = &self.parent_folder {
            needs.folders(std::slice::from_ref(folder));
        }
        if self.search_scope.is_some() {
            needs.at_least("SearchScope", ServerVersion::Exchange2007Sp1);
        }
        if self.unresolved_entry.trim().is_empty() {
            needs.refuse("there is no name to resolve");
        }
    }

    fn write(&self, request: Tag<'_>) {
        request
            .attribute("ReturnFullContactData", &self.return_full_contact_data)
            .attribute_if("SearchScope", self.search_scope.as_ref())
            .children(|body| {
                if let Some(folder) = &self.parent_folder {
                    body.tag("m:ParentFolderIds")
                        .children(|out| folder.write(out));
                }
                body.text("m:UnresolvedEntry", &self.unresolved_entry);
            });
    }

    fn read(response: &mut Element<'_, '_>) -> Result<Self::Response, Problem> {
        response_messages(response, |set: &mut ResolutionSet, child| {
            match child.name() {
                "ResolutionSet" => {
                    set.paging = FindResponsePagingAttributes::read(child)?;
                    set.resolutions = Vec::read_element(child)?.unwrap_or_default();
                }
                _ => child.skip()?,
            }
            Ok(())
        })
    }
}

/// Matches.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase", remote = "Self")]
#[non_exhaustive]
pub struct ResolutionSet {
    /// Which part of the list it is.
    #[serde(flatten)]
    pub paging: FindResponsePagingAttributes,
    /// The matches.
    #[serde(rename = "Resolution")]
    pub resolutions: Vec<Resolution>,
}

record! {
    /// A match.
    ///
    /// Reference: <https://learn.microsoft.com/exchange/client-developer/web-service-reference/resolution>
    pub struct Resolution {
        /// Who it is.
        mailbox: Mailbox = "Mailbox",
        /// What the directory knows, as the server wrote it.
        contact: RawXml = "Contact",
    }
}

impl ListItem for Resolution {
    const TAG: &'static str = "t:Resolution";
}

serialize_inside!("ResolutionSet", ResolutionSet);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;
    use crate::ews::testing::{assert_request, assert_since, messages, refusal};
    use crate::ews::types::{FolderId, MailboxType};
    use crate::ews::{DistinguishedFolderId, ResponseCode};

    #[test]
    fn request() {
        let mut operation = ResolveNames::new("smtp:bo@contoso.example")
            .search_scope(SearchScope::ActiveDirectoryContacts);
        operation.return_full_contact_data = true;
        operation.parent_folder = Some(FolderId::new("AAMkAGNvbnRhY3RzAAA=").into());
        let version = ServerVersion::Exchange2010;
        assert_request("resolve_names/request", version, &operation);
    }

    #[test]
    fn request_of_2007() {
        let operation = ResolveNames::new("Bo & co");
        let version = ServerVersion::Exchange2007Sp1;
        assert_request("resolve_names/request_2007", version, &operation);
    }

    #[test]
    fn what_cannot_be_sent() {
        let scoped = ResolveNames::new("bo").search_scope(SearchScope::Contacts);
        assert_since(ServerVersion::Exchange2007Sp1, "SearchScope", &scoped);
        let mut newer = ResolveNames::new("bo");
        newer.parent_folder = Some(DistinguishedFolderId::ArchiveRoot.into());
        assert_since(ServerVersion::Exchange2010Sp1, "archiveroot", &newer);
        let nobody = ResolveNames::new(" ");
        let said = refusal(ServerVersion::Exchange2016, &nobody);
        assert_eq!(said, "there is no name to resolve");
    }

    #[test]
    fn answer() {
        let [message] = messages::<ResolveNames>("resolve_names/response").try_into().unwrap();
        let message: ResponseMessage<ResolutionSet> = message;
        let several = ResponseCode::ErrorNameResolutionMultipleResults;
        assert_eq!(message.code, Some(several));
        let set = message.ok().unwrap();
        assert_eq!(set.paging.total_items_in_view, Some(2));
        assert_eq!(set.paging.includes_last_item_in_range, Some(true));
        let [person, list] = set.resolutions.as_slice() else {
            panic!("{set:?}");
        };
        let mailbox = person.mailbox.as_ref().unwrap();
        assert_eq!(mailbox.email_address.as_deref(), Some("bo@contoso.example"));
        assert!(person.contact.as_ref().unwrap().0.contains("<t:GivenName>Bo<"));
        let mailbox = list.mailbox.as_ref().unwrap();
        assert_eq!(mailbox.mailbox_type, Some(MailboxType::PrivateDL));
        assert_eq!(mailbox.item_id.as_ref().unwrap().id, "AAMkAGRsAAA=");
    }

    #[test]
    fn nobody_is_a_refusal_of_its_own() {
        let answer = messages::<ResolveNames>("resolve_names/response_error");
        let refusal = answer.into_iter().next().unwrap().ok().unwrap_err();
        assert_eq!(refusal.code, Some(ResponseCode::ErrorNameResolutionNoResults));
        assert_eq!(refusal.into_error("ResolveNames").kind(), ErrorKind::NotFound);
    }
}
