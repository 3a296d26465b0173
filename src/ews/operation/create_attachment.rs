use serde::Serialize;

use super::{Needs, Operation, ResponseMessage, response_messages};
use crate::ews::types::{Attachment, AttachmentKind, Attachments, Gate, ItemId};
use crate::xml::{Element, Place, Problem, ReadElement, Tag, WriteElement};

/// Attaches files and items to an item that is there.
///
/// Exchange 2007 and later. Sending it twice attaches twice. Each attachment changes the change key
/// of the item: the last answer has the newest ([`AttachmentId::root_item`]).
///
/// Reference: <https://learn.microsoft.com/exchange/client-developer/web-service-reference/createattachment-operation>
///
/// [`AttachmentId::root_item`]: crate::ews::types::AttachmentId::root_item
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct CreateAttachment {
    /// What to attach them to.
    pub parent: ItemId,
    /// The attachments; one at least.
    pub attachments: Attachments,
}

impl CreateAttachment {
    /// Attaches these to that item.
    pub fn new(parent: ItemId, attachments: impl IntoIterator<Item = Attachment>) -> Self {
        Self {
            parent,
            attachments: Attachments(attachments.into_iter().collect()),
        }
    }
}

impl CreateAttachment {
    /// Where a request has the bytes of a file.
    pub(crate) const CONTENT: &'static [Place] = &[&[
        "Envelope",
        "Body",
        "CreateAttachment",
        "Attachments",
        "FileAttachment",
        "Content",
    ]];
}

impl Operation for CreateAttachment {
    /// The identifiers of the new attachments, with the new state of the item.
    type Response = Vec<ResponseMessage<AttachmentInfo>>;

    const NAME: &'static str = "CreateAttachment";
    const REPEATABLE: bool = false;

    fn requested(&self) -> Option<usize> {
        Some(self.attachments.0.len())
    }

    fn needs(&self, needs: &mut Needs) {
        if self.attachments.0.is_empty() {
            needs.refuse("there is nothing to attach");
        }
        for attachment in &self.attachments.0 {
            attachment.gate(needs);
            let properties = &attachment.properties;
            let has_item = attachment.item.is_some();
            match attachment.kind {
                AttachmentKind::FileAttachment if properties.content.is_none() || has_item => {
                    needs.refuse("a file attachment needs Content, and no item");
                }
                AttachmentKind::ItemAttachment if properties.content.is_some() || !has_item => {
                    needs.refuse("an item attachment needs an item, and no Content");
                }
                AttachmentKind::Other(_) => needs.refuse("what kind of attachment it is, is unknown"),
                _ => {}
            }
        }
    }

    fn write(&self, request: Tag<'_>) {
        request.children(|body| {
            body.value("m:ParentItemId", &self.parent);
            self.attachments.write_element(body.tag("m:Attachments"));
        });
    }

    fn read(response: &mut Element<'_, '_>) -> Result<Self::Response, Problem> {
        response_messages(response, AttachmentInfo::read)
    }
}

/// Attachments as an answer has them.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct AttachmentInfo {
    /// The attachments: one for each that was asked for.
    pub attachments: Attachments,
}

impl AttachmentInfo {
    pub(super) fn read(&mut self, child: &mut Element<'_, '_>) -> Result<(), Problem> {
        match child.name() {
            "Attachments" => {
                self.attachments = Attachments::read_element(child)?.unwrap_or_default();
            }
            _ => child.skip()?,
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;
    use crate::ews::testing::{assert_request, assert_since, messages, refusal};
    use crate::ews::types::{AttachmentProperties, Body, Item, Message};
    use crate::ews::{ResponseCode, ServerVersion};
    use crate::xml::Base64;

    fn id() -> ItemId {
        ItemId::new("AAMkAGFhMTExAAA=").with_change_key("DwAAABYAAABzZXJpZXM=")
    }

    fn agenda() -> Attachment {
        let mut agenda = Attachment::file("agenda & notes.txt", *b"1. Welcome\n");
        agenda.properties.content_type = Some("text/plain".to_owned());
        agenda
    }

    #[test]
    fn request() {
        let mut logo = Attachment::file("logo.png", vec![0x89, b'P', b'N', b'G']);
        logo.properties.content_type = Some("image/png".to_owned());
        logo.properties.content_id = Some("logo@contoso.example".to_owned());
        logo.properties.is_inline = Some(true);
        let operation = CreateAttachment::new(id(), [agenda(), logo]);
        assert_request("create_attachment/request", ServerVersion::Exchange2010, &operation);
        assert_since(ServerVersion::Exchange2010, "IsInline", &operation);
    }

    #[test]
    fn request_of_2007() {
        let mut message = Message::default();
        message.item.subject = Some("Minutes".to_owned());
        message.item.body = Some(Body::text("All agreed."));
        let minutes = Attachment::item("Minutes", Item::Message(Box::new(message)));
        let empty = Attachment::file("empty.txt", Vec::new());
        let operation = CreateAttachment::new(ItemId::new("AAMkAGFhMTExAAA="), [minutes, agenda(), empty]);
        let version = ServerVersion::Exchange2007Sp1;
        assert_request("create_attachment/request_2007", version, &operation);
    }

    #[test]
    fn what_cannot_be_sent() {
        let version = ServerVersion::Exchange2016;
        let link = Attachment {
            kind: AttachmentKind::ReferenceAttachment,
            properties: AttachmentProperties::default(),
            item: None,
        };
        let link = CreateAttachment::new(id(), [link]);
        assert_since(ServerVersion::Exchange2015, "ReferenceAttachment", &link);
        let mut contentless = agenda();
        contentless.properties.content = None;
        let mut both = Attachment::item("Minutes", Item::Message(Box::default()));
        both.properties.content = Some(Base64(Vec::new()));
        let mut unknown = agenda();
        unknown.kind = AttachmentKind::named("VoiceAttachment");
        for (attachments, why) in [
            (vec![], "there is nothing to attach"),
            (vec![contentless], "a file attachment needs Content, and no item"),
            (vec![both], "an item attachment needs an item, and no Content"),
            (vec![unknown], "what kind of attachment it is, is unknown"),
        ] {
            let operation = CreateAttachment::new(id(), attachments);
            assert_eq!(refusal(version, &operation), why);
        }
    }

    #[test]
    fn answer() {
        let answer = messages::<CreateAttachment>("create_attachment/response");
        let [created, refused] = <[_; 2]>::try_from(answer).unwrap();
        let attachments = created.ok().unwrap().attachments.0;
        assert_eq!(attachments[0].kind, AttachmentKind::FileAttachment);
        let id = attachments[0].properties.attachment_id.as_ref().unwrap();
        assert_eq!(id.id, "AAMkAGFnZW5kYQAA");
        let item = ItemId::new("AAMkAGFhMTExAAA=").with_change_key("DwAAABYAAABsYXRlcg==");
        assert_eq!(id.root_item(), Some(item));
        assert_eq!(refused.code, Some(ResponseCode::ErrorAttachmentSizeLimitExceeded));
        let error = refused.ok().unwrap_err().into_error(CreateAttachment::NAME);
        assert_eq!(error.kind(), ErrorKind::TooLarge);
    }
}
