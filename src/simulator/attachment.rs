//! What is attached to items.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Utc};
use roxmltree::Node;
use uuid::Uuid;

use super::change::new_item;
use super::ids::Id;
use super::item::Item;
use super::path::Path;
use super::refusal::Refusal;
use super::request::Element as _;
use super::shape::{Shape, View};
use super::version::SimulatedVersion;
use super::xml::Writer;
use super::zone::{Zone, write_time};

/// A file or an item within an item.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Attachment {
    pub(super) guid: Uuid,
    name: String,
    content_type: Option<String>,
    content_id: Option<String>,
    content_location: Option<String>,
    pub(super) inline: bool,
    modified: DateTime<Utc>,
    content: Content,
}

#[derive(Clone, Debug)]
enum Content {
    /// Copies of an item share the bytes.
    File(Arc<[u8]>),
    Item(Box<Item>),
    /// A file that is kept elsewhere, by its address.
    Link(String),
}

impl PartialEq for Content {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::File(one), Self::File(other)) => one == other,
            // Contents never change: attachments are told apart by their guid.
            (Self::Item(_), Self::Item(_)) => true,
            (Self::Link(one), Self::Link(other)) => one == other,
            _ => false,
        }
    }
}

/// How much of an attachment is written.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Detail<'a> {
    /// The id alone.
    Id,
    /// All but the content.
    Listed,
    /// The content too; an item in that shape.
    Whole(&'a Shape),
}

impl Attachment {
    /// Reads a `t:FileAttachment` or `t:ItemAttachment` element.
    pub(super) fn read(
        node: Node<'_, '_>,
        zone: &Zone,
        now: DateTime<Utc>,
    ) -> Result<Self, Refusal> {
        let missing = |uri: &str| {
            let mut writer = Writer::default();
            writer.empty("t:ExceptionFieldURI", &[("FieldURI", uri)]);
            Refusal::of_field(
                "ErrorRequiredPropertyMissing",
                "Required property is missing.",
                &writer.into_string(),
            )
        };
        let text = |name: &str| node.text_of(name).map(str::to_owned);
        let name = text("Name")
            .filter(|name| !name.is_empty())
            .ok_or_else(|| missing("attachment:Name"))?;
        let content = match node.name() {
            "FileAttachment" => {
                let content = node.text_of("Content");
                let packed: String = content
                    .ok_or_else(|| missing("attachment:Content"))?
                    .split_whitespace()
                    .collect();
                let bytes = STANDARD.decode(packed).map_err(|_| {
                    Refusal::of_field(
                        "ErrorInvalidValueForProperty",
                        "The specified value is invalid for property.",
                        &Path::Field("attachment:Content".to_owned()).markup(),
                    )
                })?;
                Content::File(bytes.into())
            }
            "ItemAttachment" => {
                let item = node
                    .elements()
                    .find(|child| matches!(child.name(), "Message" | "CalendarItem"))
                    .ok_or_else(|| {
                        Refusal::new(
                            "ErrorMissingItemForCreateItemAttachment",
                            "An item attachment needs an item.",
                        )
                    })?;
                let mut item = new_item(item, zone, now)?;
                item.start_zone.get_or_insert_with(|| zone.clone());
                item.end_zone = item.end_zone.or_else(|| item.start_zone.clone());
                Content::Item(Box::new(item))
            }
            _ => {
                return Err(Refusal::new(
                    "ErrorInvalidOperation",
                    "The simulator keeps no attachments of this kind.",
                ));
            }
        };
        Ok(Self {
            guid: Uuid::new_v4(),
            content_type: text("ContentType").or_else(|| Some(type_of(&name).to_owned())),
            name,
            content_id: text("ContentId"),
            content_location: text("ContentLocation"),
            inline: matches!(node.text_of("IsInline"), Some("true" | "1")),
            modified: now,
            content,
        })
    }

    /// A copy of an item as an attachment of another one.
    pub(super) fn of_item(item: &Item, name: &str, now: DateTime<Utc>) -> Self {
        Self {
            guid: Uuid::new_v4(),
            name: name.to_owned(),
            content_type: None,
            content_id: None,
            content_location: None,
            inline: false,
            modified: now,
            content: Content::Item(Box::new(item.clone())),
        }
    }

    /// A file.
    pub(super) fn file(
        name: String,
        content_type: Option<String>,
        bytes: Vec<u8>,
        now: DateTime<Utc>,
    ) -> Self {
        Self {
            guid: Uuid::new_v4(),
            content_type: content_type.or_else(|| Some(type_of(&name).to_owned())),
            name,
            content_id: None,
            content_location: None,
            inline: false,
            modified: now,
            content: Content::File(bytes.into()),
        }
    }

    /// The same with a Content-ID, and whether it is shown within the body.
    pub(super) fn shown(mut self, content_id: Option<String>, inline: bool) -> Self {
        self.content_id = content_id;
        self.inline = inline;
        self
    }

    /// The same with an address that its content had.
    pub(super) fn located(mut self, location: Option<String>) -> Self {
        self.content_location = location;
        self
    }

    /// A file that is kept elsewhere.
    pub(super) fn linked(name: String, link: String, now: DateTime<Utc>) -> Self {
        let file = Self::file(name, None, Vec::new(), now);
        Self {
            content: Content::Link(link),
            ..file
        }
    }

    /// A copy in another item.
    pub(super) fn again(&self) -> Self {
        Self {
            guid: Uuid::new_v4(),
            ..self.clone()
        }
    }

    /// When it was made.
    pub(super) fn modified(&self) -> DateTime<Utc> {
        self.modified
    }

    pub(super) fn content_location(&self) -> Option<&str> {
        self.content_location.as_deref()
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn content_type(&self) -> Option<&str> {
        self.content_type.as_deref()
    }

    pub(super) fn content_id(&self) -> Option<&str> {
        self.content_id.as_deref()
    }

    /// The content of a file.
    pub(super) fn bytes(&self) -> Option<&[u8]> {
        match &self.content {
            Content::File(bytes) => Some(bytes),
            Content::Item(_) | Content::Link(_) => None,
        }
    }

    /// The address of a file that is kept elsewhere.
    pub(super) fn link(&self) -> Option<&str> {
        match &self.content {
            Content::Link(link) => Some(link),
            Content::File(_) | Content::Item(_) => None,
        }
    }

    /// The item that is attached.
    pub(super) fn item(&self) -> Option<&Item> {
        match &self.content {
            Content::File(_) | Content::Link(_) => None,
            Content::Item(item) => Some(item),
        }
    }

    /// Bytes in the store: the content and the properties around it.
    pub(super) fn size(&self) -> usize {
        let content = match &self.content {
            Content::File(bytes) => bytes.len(),
            Content::Item(item) => 2048 + item.body.text.len(),
            Content::Link(link) => link.len(),
        };
        content + 160 + 2 * self.name.len()
    }

    /// Writes the element.
    pub(super) fn write(&self, writer: &mut Writer, item: Id, view: &View<'_>, detail: Detail<'_>) {
        let is_known = view.version >= SimulatedVersion::Exchange2016;
        let element = match self.content {
            // Links came with Exchange 2016.
            Content::Link(_) if !is_known => return,
            Content::File(_) => "t:FileAttachment",
            Content::Item(_) => "t:ItemAttachment",
            Content::Link(_) => "t:ReferenceAttachment",
        };
        writer.element(element, &[], |writer| {
            let id = item.encode_attachment(self.guid);
            writer.empty("t:AttachmentId", &[("Id", id.as_str())]);
            if detail != Detail::Id {
                self.write_properties(writer, view);
            }
            if let Detail::Whole(shape) = detail {
                self.write_content(writer, view, shape);
            }
        });
    }

    fn write_properties(&self, writer: &mut Writer, view: &View<'_>) {
        writer.leaf("t:Name", &self.name);
        for (name, text) in [
            ("t:ContentType", &self.content_type),
            ("t:ContentId", &self.content_id),
            ("t:ContentLocation", &self.content_location),
        ] {
            if let Some(text) = text {
                writer.leaf(name, text);
            }
        }
        if view.version >= SimulatedVersion::Exchange2010 {
            writer.leaf("t:Size", &self.size().to_string());
            writer.leaf("t:LastModifiedTime", &write_time(self.modified, view.zone));
            writer.leaf("t:IsInline", &self.inline.to_string());
            if matches!(self.content, Content::File(_)) {
                writer.leaf("t:IsContactPhoto", "false");
            }
        }
    }

    fn write_content(&self, writer: &mut Writer, view: &View<'_>, shape: &Shape) {
        match &self.content {
            Content::File(bytes) => writer.leaf("t:Content", &STANDARD.encode(bytes)),
            Content::Item(item) => shape.write(writer, item, view),
            Content::Link(link) => writer.leaf("t:AttachLongPathName", link),
        }
    }
}

/// What the server takes a file for where nobody says it.
fn type_of(name: &str) -> &'static str {
    let extension = name.rsplit('.').next().unwrap_or_default();
    match extension.to_ascii_lowercase().as_str() {
        "txt" => "text/plain",
        "htm" | "html" => "text/html",
        "ics" => "text/calendar",
        "pdf" => "application/pdf",
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        _ => "application/octet-stream",
    }
}
