use chrono::{DateTime, Utc};
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use crate::xml::{Base64, Children, Element, Problem, ReadElement, Tag, WriteElement, names};

use super::{BodyTypeResponse, FieldPath, Gate, Item, ItemId, record, write_additional};
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

/// Identifies an attachment.
///
/// Reference: <https://learn.microsoft.com/exchange/client-developer/web-service-reference/attachmentid>
#[derive(Clone, Debug, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct AttachmentId {
    /// The identifier: opaque, case-sensitive.
    pub id: String,
    /// The item it is attached to; said where the attachment was just created.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub root_item_id: Option<String>,
    /// The new state of that item.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub root_item_change_key: Option<String>,
}

impl AttachmentId {
    /// The attachment with that identifier.
    pub fn new(id: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            root_item_id: None,
            root_item_change_key: None,
        }
    }

    /// The item it is attached to in its new state, where the server says it.
    ///
    /// Attaching changes the change key of the item, so what comes next needs this one.
    pub fn root_item(&self) -> Option<ItemId> {
        Some(ItemId {
            id: self.root_item_id.clone()?,
            change_key: self.root_item_change_key.clone(),
        })
    }

    /// The identifier as a request has it: without the item.
    pub(crate) fn write(&self, out: &mut Children<'_>) {
        drop(out.tag("t:AttachmentId").attribute("Id", &self.id));
    }
}

impl ReadElement for AttachmentId {
    fn read_element(node: &mut Element<'_, '_>) -> Result<Option<Self>, Problem> {
        let Some(id) = node.attribute("Id")? else {
            return Ok(None);
        };
        Ok(Some(Self {
            id,
            root_item_id: node.attribute("RootItemId")?,
            root_item_change_key: node.attribute("RootItemChangeKey")?,
        }))
    }
}

impl WriteElement for AttachmentId {
    fn write_element(&self, tag: Tag<'_>) {
        tag.attribute("Id", &self.id)
            .attribute_if("RootItemId", self.root_item_id.as_ref())
            .attribute_if("RootItemChangeKey", self.root_item_change_key.as_ref());
    }
}

record! {
    /// What is known of an attachment; its content is fetched apart.
    ///
    /// Reference: <https://learn.microsoft.com/exchange/client-developer/web-service-reference/fileattachment>
    pub struct AttachmentProperties {
        /// Identifies the attachment.
        attachment_id: AttachmentId = "AttachmentId",
        /// The name shown.
        name: String = "Name",
        /// The media type, as `image/png`.
        content_type: String = "ContentType",
        /// The name by which an HTML body shows it (`cid:`).
        content_id: String = "ContentId",
        /// A location instead of a content id.
        content_location: String = "ContentLocation",
        /// Where the file came from. Exchange 2016 and later.
        attachment_original_url: String = "AttachmentOriginalUrl" since Exchange2016,
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
        /// Who keeps it, as `OneDrivePro` (reference attachments). Exchange 2015 and later.
        provider_type: String = "ProviderType" since Exchange2015,
        /// The service that keeps it (reference attachments). Exchange 2015 and later.
        provider_endpoint_url: String = "ProviderEndpointUrl" since Exchange2015,
        /// A small picture of it (reference attachments). Exchange 2015 and later.
        attachment_thumbnail_url: String = "AttachmentThumbnailUrl" since Exchange2015,
        /// Where to look at it (reference attachments). Exchange 2015 and later.
        attachment_preview_url: String = "AttachmentPreviewUrl" since Exchange2015,
        /// What those who get it may do with it, as a number (reference attachments). Exchange
        /// 2015 and later.
        permission_type: i32 = "PermissionType" since Exchange2015,
        /// What they could do with it before (reference attachments). Exchange 2015 and later.
        original_permission_type: i32 = "OriginalPermissionType" since Exchange2015,
        /// Whether it is a folder (reference attachments). Exchange 2015 and later.
        attachment_is_folder: bool = "AttachmentIsFolder" since Exchange2015,
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
    /// The attached item, where it was asked for (item attachments).
    pub item: Option<Item>,
}

impl Attachment {
    /// A file of that name with that in it.
    pub fn file(name: impl Into<String>, content: impl Into<Vec<u8>>) -> Self {
        Self {
            kind: AttachmentKind::FileAttachment,
            properties: AttachmentProperties {
                name: Some(name.into()),
                content: Some(Base64(content.into())),
                ..AttachmentProperties::default()
            },
            item: None,
        }
    }

    /// An item under that name.
    pub fn item(name: impl Into<String>, item: Item) -> Self {
        Self {
            kind: AttachmentKind::ItemAttachment,
            properties: AttachmentProperties {
                name: Some(name.into()),
                ..AttachmentProperties::default()
            },
            item: Some(item),
        }
    }

    fn read(node: &mut Element<'_, '_>) -> Result<Self, Problem> {
        let kind = AttachmentKind::named(node.name());
        let mut properties = AttachmentProperties::default();
        let mut item = None;
        while let Some(mut child) = node.next_child()? {
            if properties.read_property(&mut child)? {
                continue;
            }
            if kind == AttachmentKind::ItemAttachment && is_item(child.name()) {
                item = Item::read_element(&mut child)?;
            } else {
                child.skip()?;
            }
        }
        Ok(Self {
            kind,
            properties,
            item,
        })
    }
}

/// Whether an element in an attachment is the attached item. Contacts' photographs and the like are
/// properties, so what nobody knows is none.
fn is_item(name: &str) -> bool {
    matches!(
        name,
        "Item"
            | "Message"
            | "SharingMessage"
            | "CalendarItem"
            | "Contact"
            | "DistributionList"
            | "MeetingMessage"
            | "MeetingRequest"
            | "MeetingResponse"
            | "MeetingCancellation"
            | "Task"
            | "PostItem"
            | "RoleMember"
            | "Network"
            | "Person"
    )
}

impl WriteElement for Attachment {
    fn write_element(&self, tag: Tag<'_>) {
        tag.children(|out| {
            self.properties.write_properties(out);
            if let Some(item) = &self.item {
                item.write(out);
            }
        });
    }
}

impl Serialize for Attachment {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Inside<'a> {
            #[serde(flatten)]
            properties: &'a AttachmentProperties,
            #[serde(flatten)]
            item: Option<&'a Item>,
        }

        let inside = Inside {
            properties: &self.properties,
            item: self.item.as_ref(),
        };
        let mut map = serializer.serialize_map(Some(1))?;
        map.serialize_entry(self.kind.as_str(), &inside)?;
        map.end()
    }
}

impl Gate for Attachment {
    fn gate(&self, needs: &mut Needs) {
        if self.kind == AttachmentKind::ReferenceAttachment {
            needs.at_least("ReferenceAttachment", ServerVersion::Exchange2015);
        }
        self.properties.gate(needs);
        if let Some(item) = &self.item {
            item.needs(needs);
        }
    }
}

/// Attachments are of several kinds under different names, so they are read by name.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Attachments(pub Vec<Attachment>);

impl ReadElement for Attachments {
    fn read_element(node: &mut Element<'_, '_>) -> Result<Option<Self>, Problem> {
        let mut list = Vec::new();
        while let Some(mut child) = node.next_child()? {
            list.push(Attachment::read(&mut child)?);
        }
        Ok(Some(Self(list)))
    }
}

impl WriteElement for Attachments {
    fn write_element(&self, tag: Tag<'_>) {
        tag.children(|out| {
            for attachment in &self.0 {
                let name = format!("t:{}", attachment.kind);
                out.value(&name, attachment);
            }
        });
    }
}

impl Gate for Attachments {
    fn gate(&self, needs: &mut Needs) {
        self.0.iter().for_each(|attachment| attachment.gate(needs));
    }
}

/// Which properties of attached items to return; files come whole.
///
/// Reference: <https://learn.microsoft.com/exchange/client-developer/web-service-reference/attachmentshape>
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct AttachmentShape {
    /// Whether to return the whole item as MIME.
    pub include_mime_content: Option<bool>,
    /// In which form to return the body.
    pub body_type: Option<BodyTypeResponse>,
    /// Whether to take what could do harm out of HTML. Exchange 2010 and later.
    pub filter_html_content: Option<bool>,
    /// What to return besides all properties of the schema.
    pub additional_properties: Vec<FieldPath>,
}

impl AttachmentShape {
    /// Bodies in that form.
    #[must_use]
    pub fn body_type(mut self, body_type: BodyTypeResponse) -> Self {
        self.body_type = Some(body_type);
        self
    }

    /// These properties besides.
    #[must_use]
    pub fn with(mut self, paths: impl IntoIterator<Item = impl Into<FieldPath>>) -> Self {
        let paths = paths.into_iter().map(Into::into);
        self.additional_properties.extend(paths);
        self
    }

    /// The items as MIME too.
    #[must_use]
    pub fn with_mime_content(mut self) -> Self {
        self.include_mime_content = Some(true);
        self
    }

    pub(crate) fn write(&self, tag: Tag<'_>) {
        tag.children(|out| {
            out.value_if("t:IncludeMimeContent", self.include_mime_content.as_ref());
            out.value_if("t:BodyType", self.body_type.as_ref());
            out.value_if("t:FilterHtmlContent", self.filter_html_content.as_ref());
            write_additional(&self.additional_properties, out);
        });
    }

    pub(crate) fn needs(&self, needs: &mut Needs) {
        if self.filter_html_content.is_some() {
            needs.at_least("FilterHtmlContent", ServerVersion::Exchange2010);
        }
        for path in &self.additional_properties {
            path.needs(needs);
        }
    }
}
