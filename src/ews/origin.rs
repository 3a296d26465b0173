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
    /// A folder every mailbox has which the request names, as `calendar`.
    pub(crate) folder: Option<String>,
    /// Whether the request was to send something.
    pub(crate) sends: bool,
    /// The version the request was made for.
    pub(crate) asked: Option<ServerVersion>,
    /// What the server said of itself last.
    pub(crate) server: Option<ServerVersionInfo>,
    pub(crate) request_id: Option<String>,
    /// Front end first.
    pub(crate) servers: Vec<String>,
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
        self.folder = envelope.split_once(FOLDER).and_then(|(_, rest)| {
            let (name, _) = rest.split_once('"')?;
            Some(name.to_owned())
        });
        self.sends = self.operation == "SendItem" || envelope.contains("MessageDisposition=\"Send");
        self
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
        assert_eq!(of("FindItem", find).folder.as_deref(), Some("calendar"));
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
