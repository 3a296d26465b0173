use chrono::{DateTime, Utc};
use serde::{Serialize, Serializer};

use crate::xml::{Base64, Element, Problem, ReadElement, Tag, WriteElement, names};

use super::{Gate, ItemId, record};
use crate::ews::ServerVersion;
use crate::ews::operation::Needs;

names! {
    /// What an attachment is.
    pub open enum AttachmentKind {
        FileAttachment = "FileAttachment",
        ItemAttachment = "ItemAttachment",
        ReferenceAttachment = "ReferenceAttachment",
    }
}

record! {
    /// What is known of an attachment; its content is fetched apart.
    ///
    /// Reference: <https://learn.microsoft.com/exchange/client-developer/web-service-reference/fileattachment>
    pub struct AttachmentProperties {
        /// Identifies the attachment.
        attachment_id: ItemId = "AttachmentId",
        /// The name shown.
        name: String = "Name",
        /// The media type, as `image/png`.
        content_type: String = "ContentType",
        /// The name by which an HTML body shows it (`cid:`).
        content_id: String = "ContentId",
        /// A location instead of a content id.
        content_location: String = "ContentLocation",
        /// Bytes, with what surrounds the content. Exchange 2010 and later.
        size: i64 = "Size" since Exchange2010,
        /// When it was changed. Exchange 2010 and later.
        last_modified_time: DateTime<Utc> = "LastModifiedTime" since Exchange2010,
        /// Whether it belongs to the body. Exchange 2010 and later.
        is_inline: bool = "IsInline" since Exchange2010,
        /// Whether it is the picture of a contact. Exchange 2010 and later.
        is_contact_photo: bool = "IsContactPhoto" since Exchange2010,
        /// Where the attached file is kept (reference attachments). Exchange 2015 and later.
        attach_long_path_name: String = "AttachLongPathName" since Exchange2015,
        /// The bytes of a file, where they were asked for.
        content: Base64 = "Content",
    }
}

/// A file, an item or a link attached to an item.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Attachment {
    /// What it is.
    pub kind: AttachmentKind,
    /// What is known of it.
    pub properties: AttachmentProperties,
}

/// Attachments are of several kinds under different names, so they are read by name.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Attachments(pub Vec<Attachment>);

impl ReadElement for Attachments {
    fn read_element(node: &mut Element<'_, '_>) -> Result<Option<Self>, Problem> {
        let mut list = Vec::new();
        while let Some(mut child) = node.next_child()? {
            let kind = AttachmentKind::named(child.name());
            if let Some(properties) = AttachmentProperties::read_element(&mut child)? {
                list.push(Attachment { kind, properties });
            }
        }
        Ok(Some(Self(list)))
    }
}

impl WriteElement for Attachments {
    fn write_element(&self, tag: Tag<'_>) {
        tag.children(|out| {
            for attachment in &self.0 {
                let name = format!("t:{}", attachment.kind);
                out.value(&name, &attachment.properties);
            }
        });
    }
}

impl Serialize for Attachments {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(
            self.0
                .iter()
                .map(|a| std::collections::BTreeMap::from([(a.kind.as_str(), &a.properties)])),
        )
    }
}

impl Gate for Attachments {
    fn gate(&self, needs: &mut Needs) {
        for attachment in &self.0 {
            if attachment.kind == AttachmentKind::ReferenceAttachment {
                needs.at_least("ReferenceAttachment", ServerVersion::Exchange2015);
            }
            attachment.properties.gate(needs);
        }
    }
}
