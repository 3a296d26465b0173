//! Whose request it was and which servers answered it: what an error says beside the reason.

use std::sync::Arc;

use super::ServerVersion;
use super::soap::ServerVersionInfo;
use crate::connector::Principal;
use crate::error::Error;

/// Where a refusal came from, and whom it met.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Origin {
    /// As `GetItem`.
    pub(crate) operation: &'static str,
    /// The name by which the account signed in, where that is known.
    pub(crate) account: Option<Arc<str>>,
    pub(crate) access: Access,
    /// A folder every mailbox has which the request names, as `calendar`; none if it names several.
    pub(crate) folder: Option<Folder>,
    /// All such folders that it names, in its order.
    pub(crate) folders: Vec<Folder>,
    /// Whether the request was to send something.
    pub(crate) sends: bool,
    /// The version the request was made for.
    pub(crate) asked: Option<ServerVersion>,
    /// That version was not set by the program.
    pub(crate) is_version_open: bool,
    /// What the server said of itself last.
    pub(crate) server: Option<ServerVersionInfo>,
    pub(crate) request_id: Option<String>,
    /// Front end first.
    pub(crate) servers: Vec<String>,
}

/// A folder every mailbox has.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct Folder {
    /// As `calendar`.
    pub(crate) name: String,
    /// The request says in whose mailbox; else it is in that of the account.
    pub(crate) of_named: bool,
}

/// By what right a mailbox is used.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) enum Access {
    /// That of the account itself.
    #[default]
    Own,
    /// The account's own rights in the mailbox with that address.
    Shared(String),
    /// Those of somebody else in his own mailbox.
    ActAs(Principal),
}

impl Origin {
    /// Takes from the text of the request what the advice depends on.
    pub(crate) fn with_request(mut self, envelope: &str) -> Self {
        const FOLDER: &str = "<t:DistinguishedFolderId Id=\"";
        let named = envelope.split(FOLDER).skip(1).filter_map(|rest| {
            let (name, rest) = rest.split_once('"')?;
            let (tag, inside) = rest.split_once('>')?;
            Some(Folder {
                name: name.to_owned(),
                of_named: !tag.ends_with('/') && inside.trim_start().starts_with("<t:Mailbox"),
            })
        });
        self.folders = named.collect();
        self.folder = match self.folders.as_slice() {
            [folder, others @ ..] if others.iter().all(|other| other == folder) => {
                Some(folder.clone())
            }
            _ => None,
        };
        self.sends = self.operation == "SendItem" || envelope.contains("MessageDisposition=\"Send");
        self
    }

    /// The same for one of so many parts of the answer, each of which is about one of the folders that were named, if
    /// there are as many.
    pub(crate) fn of_part(whole: &Arc<Self>, at: usize, parts: usize) -> Arc<Self> {
        match whole.folders.get(at) {
            Some(folder) if whole.folder.is_none() && whole.folders.len() == parts => {
                Arc::new(Self {
                    folder: Some(folder.clone()),
                    ..Self::clone(whole)
                })
            }
            _ => Arc::clone(whole),
        }
    }

    /// The major version of the server, as 15, and 20 behind it for Exchange Online.
    pub(crate) fn build(&self) -> Option<(u32, u32)> {
        let server = self.server.as_ref()?;
        Some((server.major_version, server.minor_version))
    }

    /// Says in an error where it came from.
    pub(crate) fn mark(&self, error: Error) -> Error {
        let error = error.with_servers(self.servers.clone());
        match &self.request_id {
            Some(id) => error.with_request_id(id.clone()),
            None => error,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_request_tells() {
        let of = |operation, envelope: &str| {
            let origin = Origin {
                operation,
                ..Origin::default()
            };
            origin.with_request(envelope)
        };
        let find = "<m:ParentFolderIds><t:DistinguishedFolderId Id=\"calendar\"><t:Mailbox/>";
        let calendar = Folder {
            name: "calendar".to_owned(),
            of_named: true,
        };
        assert_eq!(of("FindItem", find).folder, Some(calendar.clone()));
        let inbox = "<t:DistinguishedFolderId Id=\"inbox\"/>";
        let several = Arc::new(of("GetFolder", &format!("{inbox}{find}")));
        assert_eq!(several.folder, None);
        let folder = |at, parts| Origin::of_part(&several, at, parts).folder.clone();
        let own = Folder {
            name: "inbox".to_owned(),
            of_named: false,
        };
        assert_eq!((folder(0, 2), folder(1, 2)), (Some(own), Some(calendar)));
        assert_eq!((folder(2, 2), folder(1, 3)), (None, None));
        assert!(!of("FindItem", find).sends);
        assert!(of("SendItem", "<m:SendItem/>").sends);
        let create = "<m:CreateItem MessageDisposition=\"SendOnly\">";
        assert!(of("CreateItem", create).sends);
        assert_eq!(of("CreateItem", create).folder, None);
        assert!(
            !of(
                "CreateItem",
                "<m:CreateItem MessageDisposition=\"SaveOnly\">"
            )
            .sends
        );
    }
}
