use serde::Serialize;

use super::{Needs, Operation, ResponseMessage, response_messages, serialize_inside};
use crate::ews::types::{FindResponsePagingAttributes, Mailbox};
use crate::xml::{Element, Problem, ReadElement, Tag};

/// Reads the direct members of a distribution list: a public one by its address, a private one by
/// the identifier of its item.
///
/// Exchange 2007 and later. A list inside the list is one member. That there is no such list is a
/// refusal with the code `ErrorNameResolutionNoResults`.
///
/// Reference: <https://learn.microsoft.com/exchange/client-developer/web-service-reference/expanddl-operation>
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct ExpandDL {
    /// The list.
    pub mailbox: Mailbox,
}

impl ExpandDL {
    /// The members of this list.
    pub fn new(mailbox: Mailbox) -> Self {
        Self { mailbox }
    }
}

impl Operation for ExpandDL {
    type Response = Vec<ResponseMessage<DLExpansion>>;

    const NAME: &'static str = "ExpandDL";
    const REPEATABLE: bool = true;

    fn requested(&self) -> Option<usize> {
        Some(1)
    }

    fn needs(&self, needs: &mut Needs) {
        if self.mailbox.email_address.is_none() && self.mailbox.item_id.is_none() {
            needs.refuse("neither an address nor an item says which list to expand");
        }
    }

    fn write(&self, request: Tag<'_>) {
        request.children(|body| body.value("m:Mailbox", &self.mailbox));
    }

    fn read(response: &mut Element<'_, '_>) -> Result<Self::Response, Problem> {
        response_messages(response, |expansion: &mut DLExpansion, child| {
            match child.name() {
                "DLExpansion" => {
                    expansion.paging = FindResponsePagingAttributes::read(child)?;
                    expansion.mailboxes = Vec::read_element(child)?.unwrap_or_default();
                }
                _ => child.skip()?,
            }
            Ok(())
        })
    }
}

/// The members of a list.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase", remote = "Self")]
#[non_exhaustive]
pub struct DLExpansion {
    /// Which part of the members it is.
    #[serde(flatten)]
    pub paging: FindResponsePagingAttributes,
    /// The members.
    #[serde(rename = "Mailbox")]
    pub mailboxes: Vec<Mailbox>,
}

serialize_inside!("DLExpansion", DLExpansion);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;
    use crate::ews::ServerVersion;
    use crate::ews::testing::{assert_request, messages, refusal};
    use crate::ews::types::{ItemId, MailboxType};

    #[test]
    fn request() {
        let operation = ExpandDL::new(Mailbox::smtp("planning@contoso.example"));
        assert_request("expand_dl/request", ServerVersion::Exchange2007Sp1, &operation);
    }

    #[test]
    fn request_of_a_private_list() {
        let list = Mailbox {
            item_id: Some(ItemId::new("AAMkAGRsAAA=")),
            ..Mailbox::default()
        };
        let version = ServerVersion::Exchange2010;
        assert_request("expand_dl/request_private", version, &ExpandDL::new(list));
    }

    #[test]
    fn what_cannot_be_sent() {
        let said = refusal(ServerVersion::Exchange2016, &ExpandDL::new(Mailbox::default()));
        assert_eq!(said, "neither an address nor an item says which list to expand");
    }

    #[test]
    fn answer() {
        let [message] = messages::<ExpandDL>("expand_dl/response").try_into().unwrap();
        let message: ResponseMessage<DLExpansion> = message;
        let expansion = message.ok().unwrap();
        assert_eq!(expansion.paging.total_items_in_view, Some(3));
        assert_eq!(expansion.paging.includes_last_item_in_range, Some(true));
        let [person, list, contact] = expansion.mailboxes.as_slice() else {
            panic!("{expansion:?}");
        };
        assert_eq!(person.name.as_deref(), Some("Bo Blume"));
        assert_eq!(person.mailbox_type, Some(MailboxType::Mailbox));
        assert_eq!(list.email_address.as_deref(), Some("north@contoso.example"));
        assert_eq!(list.mailbox_type, Some(MailboxType::PublicDL));
        assert_eq!(contact.routing_type.as_deref(), Some("SMTP"));
        assert_eq!(contact.mailbox_type, Some(MailboxType::Contact));
    }

    #[test]
    fn no_such_list_is_a_refusal() {
        let answer = messages::<ExpandDL>("expand_dl/response_error");
        let refusal = answer.into_iter().next().unwrap().ok().unwrap_err();
        assert_eq!(refusal.into_error("ExpandDL").kind(), ErrorKind::NotFound);
    }
}
