//! One mailbox of Exchange Online.

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::client::Client;
use super::connector::capabilities;
use super::home::Home;
use super::mail::KnownFolders;
use crate::connector::{Backend, Capabilities, Mailbox, MailboxTarget, Principal};
use crate::error::{Error, Result};

/// One mailbox of Exchange Online, by one right.
#[derive(Clone, Debug)]
pub(super) struct GraphMailbox {
    pub(super) client: Client,
    /// The zone of its whole days, where events name none.
    pub(super) home: Home,
    /// Leaves HTML as it is stored, with all that could do harm.
    pub(super) leaves_html: bool,
    /// Whether the cloud can delete for good.
    pub(super) deletes_permanently: bool,
    pub(super) known_folders: KnownFolders,
}

impl GraphMailbox {
    /// The path of a mailbox. Sends nothing.
    pub(super) fn prefix(target: &MailboxTarget) -> Result<String> {
        target.validate()?;
        let user = |name: &str| format!("/users/{}", utf8_percent_encode(name, NON_ALPHANUMERIC));
        match target {
            MailboxTarget::Own => Ok("/me".to_owned()),
            MailboxTarget::Shared(address) => Ok(user(address)),
            MailboxTarget::ActAs(Principal::Smtp(name) | Principal::Upn(name)) => Ok(user(name)),
            MailboxTarget::ActAs(Principal::Sid(_)) => {
                let why = "Graph does not know accounts by their security identifier";
                Err(Error::unsupported("mailbox", why)
                    .with_backend(Backend::Graph)
                    .with_hint("Name the account by its mail address or its user principal name."))
            }
        }
    }
}

impl Mailbox for GraphMailbox {
    fn target(&self) -> &MailboxTarget {
        self.client.target()
    }

    fn capabilities(&self) -> Capabilities {
        capabilities(self.leaves_html, self.deletes_permanently)
    }
}
