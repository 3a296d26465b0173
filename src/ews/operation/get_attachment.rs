use super::{AttachmentInfo, Needs, Operation, ResponseMessage, response_messages, pick};
use crate::ews::types::{AttachmentId, AttachmentShape};
use crate::xml::{Element, Place, Problem, Tag};

/// Reads attachments with their content: files as bytes, items with all their properties.
///
/// Exchange 2007 and later. Each file comes whole, in one answer.
///
/// Reference: <https://learn.microsoft.com/exchange/client-developer/web-service-reference/getattachment-operation>
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct GetAttachment {
    /// What else to read of attached items.
    pub shape: Option<AttachmentShape>,
    /// Which attachments; one at least.
    pub ids: Vec<AttachmentId>,
}

impl GetAttachment {
    /// Reads these attachments.
    pub fn new(ids: impl IntoIterator<Item = AttachmentId>) -> Self {
        Self {
            shape: None,
            ids: ids.into_iter().collect(),
        }
    }

    /// Attached items in that shape.
    #[must_use]
    pub fn shape(mut self, shape: AttachmentShape) -> Self {
        self.shape = Some(shape);
        self
    }
}

impl GetAttachment {
    /// Where an answer has the bytes of an attachment: those of a file, or an item as MIME.
    pub(crate) const CONTENT: &'static [Place] = &[
        &[
            "Envelope",
            "Body",
            "GetAttachmentResponse",
            "ResponseMessages",
            "GetAttachmentResponseMessage",
            "Attachments",
            "FileAttachment",
            "Content",
        ],
        &[
            "Envelope",
            "Body",
            "GetAttachmentResponse",
            "ResponseMessages",
            "GetAttachmentResponseMessage",
            "Attachments",
            "ItemAttachment",
            "*",
            "MimeContent",
        ],
    ];
}

impl Operation for GetAttachment {
    type Response = Vec<ResponseMessage<AttachmentInfo>>;

    const NAME: &'static str = "GetAttachment";
    const REPEATABLE: bool = true;

    fn requested(&self) -> Option<usize> {
        Some(self.ids.len())
    }

    fn narrowed(&self, parts: &[usize]) -> Option<Self> {
        let ids = pick(&self.ids, parts);
        Some(Self { ids, ..self.clone() })
    }

    fn needs(&self, needs: &mut Needs) {
        if let Some(shape) = &self.shape {
            shape.needs(needs);
        }
        if self.ids.is_empty() {
            needs.refuse("no attachment is asked for");
        }
    }

    fn write(&self, request: Tag<'_>) {
        request.children(|body| {
            if let Some(shape) = &self.shape {
                shape.write(body.tag("m:AttachmentShape"));
            }
            body.tag("m:AttachmentIds").children(|ids| {
                for id in &self.ids {
                    id.write(ids);
                }
            });
        });
    }

    fn read(response: &mut Element<'_, '_>) -> Result<Self::Response, Problem> {
        response_messages(response, AttachmentInfo::read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ews::testing::{assert_request, assert_since, messages, refusal};
    use crate::ews::types::{AttachmentKind, BodyTypeResponse, Item};
    use crate::ews::{FieldUri, ResponseCode, ServerVersion};

    fn ids() -> [AttachmentId; 2] {
        let mut created = AttachmentId::new("AAMkAGl0ZW0AAA==");
        created.root_item_id = Some("AAMkAGFhMTExAAA=".to_owned());
        [AttachmentId::new("AAMkAGFnZW5kYQAA"), created]
    }

    #[test]
    fn request() {
        let mut shape = AttachmentShape::default()
            .with_mime_content()
            .body_type(BodyTypeResponse::Text)
            .with([FieldUri::ItemMimeContent]);
        shape.filter_html_content = Some(true);
        let operation = GetAttachment::new(ids()).shape(shape);
        let version = ServerVersion::Exchange2010;
        assert_request("get_attachment/request", version, &operation);
        assert_since(version, "FilterHtmlContent", &operation);
    }

    #[test]
    fn request_of_2007() {
        let version = ServerVersion::Exchange2007Sp1;
        assert_request("get_attachment/request_2007", version, &GetAttachment::new(ids()));
        let nothing = GetAttachment::new([]);
        assert_eq!(refusal(version, &nothing), "no attachment is asked for");
    }

    #[test]
    fn answer() {
        let answer = messages::<GetAttachment>("get_attachment/response");
        let results: Vec<_> = answer.into_iter().map(ResponseMessage::ok).collect();
        let [Ok(file), Ok(item), Ok(mime), Ok(link), Err(refused)] = results.as_slice() else {
            panic!("{results:?}");
        };
        let file = &file.attachments.0[0];
        assert_eq!(file.kind, AttachmentKind::FileAttachment);
        assert_eq!(file.properties.content.as_ref().unwrap().0, b"1. Welcome\n");
        assert_eq!(file.properties.size, Some(153));

        let item = &item.attachments.0[0];
        assert_eq!(item.properties.name.as_deref(), Some("Minutes"));
        let Some(Item::Message(message)) = &item.item else {
            panic!("{item:?}");
        };
        assert_eq!(message.item.subject.as_deref(), Some("Minutes"));
        let inner = &message.item.attachments.as_ref().unwrap().0[0];
        assert_eq!(inner.properties.name.as_deref(), Some("list.csv"));

        let Some(Item::CalendarItem(event)) = &mime.attachments.0[0].item else {
            panic!("{mime:?}");
        };
        let mime = event.item.mime_content.as_ref().unwrap();
        assert_eq!(mime.value, "QkVHSU46VkNBTEVOREFS");

        let link = &link.attachments.0[0];
        assert_eq!(link.kind, AttachmentKind::ReferenceAttachment);
        let url = link.properties.attach_long_path_name.as_deref();
        assert_eq!(url, Some("https://files.contoso.example/plan.docx"));
        assert_eq!(link.properties.provider_type.as_deref(), Some("OneDrivePro"));
        assert_eq!(refused.code, Some(ResponseCode::ErrorItemNotFound));
    }
}
