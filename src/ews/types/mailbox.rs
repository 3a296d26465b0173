use serde::Serialize;

use crate::xml::{Element, ListItem, Problem, ReadElement, Tag, WriteElement, names};

use super::{ItemId, record};

names! {
    /// What is behind an address.
    ///
    /// Reference: <https://learn.microsoft.com/exchange/client-developer/web-service-reference/mailboxtype>
    pub open enum MailboxType {
        Unknown = "Unknown",
        OneOff = "OneOff",
        Mailbox = "Mailbox",
        PublicDL = "PublicDL",
        PrivateDL = "PrivateDL",
        Contact = "Contact",
        PublicFolder = "PublicFolder",
        GroupMailbox = "GroupMailbox",
        ImplicitContact = "ImplicitContact",
        User = "User",
    }
}

record! {
    /// A person, group, room or other thing with an address.
    ///
    /// Reference: <https://learn.microsoft.com/exchange/client-developer/web-service-reference/mailbox>
    pub struct Mailbox {
        /// The name shown.
        name: String = "Name",
        /// The address, in the form [`routing_type`](Self::routing_type) says.
        email_address: String = "EmailAddress",
        /// `SMTP` if not said; `EX` for an Exchange distinguished name.
        routing_type: String = "RoutingType",
        /// What is behind the address.
        mailbox_type: MailboxType = "MailboxType",
        /// The contact or private distribution list the address is from.
        item_id: ItemId = "ItemId",
        /// The name as it was in the message. Exchange 2013 and later.
        original_display_name: String = "OriginalDisplayName" since Exchange2013,
    }
}

impl Mailbox {
    /// The mailbox with that SMTP address.
    pub fn smtp(address: impl Into<String>) -> Self {
        Self {
            email_address: Some(address.into()),
            ..Self::default()
        }
    }
}

impl ListItem for Mailbox {
    const TAG: &'static str = "t:Mailbox";
}

/// An element that holds one mailbox, as `Organizer` and `From` do.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct SingleRecipient {
    /// The mailbox; servers leave it out for senders they cannot resolve.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mailbox: Option<Mailbox>,
}

impl From<Mailbox> for SingleRecipient {
    fn from(mailbox: Mailbox) -> Self {
        Self {
            mailbox: Some(mailbox),
        }
    }
}

impl ReadElement for SingleRecipient {
    fn read_element(node: &mut Element<'_, '_>) -> Result<Option<Self>, Problem> {
        let mut mailbox = None;
        node.for_each(|child| match child.name() {
            "Mailbox" => Mailbox::read_into(&mut mailbox, child),
            _ => child.skip(),
        })?;
        Ok(Some(Self { mailbox }))
    }
}

impl WriteElement for SingleRecipient {
    fn write_element(&self, tag: Tag<'_>) {
        tag.children(|out| out.value_if("t:Mailbox", self.mailbox.as_ref()));
    }
}
