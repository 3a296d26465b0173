use crate::connector::Backend;
use crate::ews::types::{self, Attachments, Item};
use crate::model::{
    Attachment, AttachmentId, AttachmentKind, AttachmentUpload, ItemKind, NewAttachment,
};

/// What is attached; nothing of what has no identifier, since nobody could open it.
pub(crate) fn attachments(attachments: Option<&Attachments>) -> Vec<Attachment> {
    let list = attachments
        .map(|list| list.0.as_slice())
        .unwrap_or_default();
    list.iter().filter_map(attachment).collect()
}

/// A file to attach.
pub(crate) fn new_attachment(new: &NewAttachment) -> types::Attachment {
    let mut wire = types::Attachment::file(new.name.clone(), new.content.to_vec());
    let properties = &mut wire.properties;
    properties.content_type.clone_from(&new.content_type);
    properties.content_id.clone_from(&new.content_id);
    properties.is_inline = new.is_inline.then_some(true);
    wire
}

/// A file to attach, without its content.
pub(crate) fn upload(new: &AttachmentUpload) -> types::Attachment {
    let mut wire = types::Attachment::file(new.name.clone(), Vec::new());
    let properties = &mut wire.properties;
    properties.content_type.clone_from(&new.content_type);
    properties.content_id.clone_from(&new.content_id);
    properties.is_inline = new.is_inline.then_some(true);
    wire
}

/// What kind of item an attached one is.
pub(crate) fn item_kind(item: &Item) -> ItemKind {
    match item.kind() {
        "Message" => ItemKind::Message,
        "CalendarItem" => ItemKind::Event,
        "Contact" => ItemKind::Contact,
        "Task" => ItemKind::Task,
        "MeetingRequest" => ItemKind::MeetingRequest,
        "MeetingResponse" => ItemKind::MeetingResponse,
        "MeetingCancellation" => ItemKind::MeetingCancellation,
        _ => ItemKind::Other,
    }
}

fn attachment(attachment: &types::Attachment) -> Option<Attachment> {
    let properties = &attachment.properties;
    let id = properties.attachment_id.as_ref()?;
    let kind = match attachment.kind {
        types::AttachmentKind::ItemAttachment => AttachmentKind::Item {
            item: ItemKind::Other,
        },
        types::AttachmentKind::ReferenceAttachment => AttachmentKind::Reference {
            url: properties.attach_long_path_name.clone(),
        },
        types::AttachmentKind::FileAttachment | types::AttachmentKind::Other(_) => {
            AttachmentKind::File {
                content_id: properties.content_id.clone(),
                content_location: properties.content_location.clone(),
            }
        }
    };
    let mut read = Attachment::new(
        AttachmentId::from_raw(Backend::Ews, id.id.as_str()),
        properties.name.clone().unwrap_or_default(),
        kind,
    );
    read.content_type.clone_from(&properties.content_type);
    read.size = properties.size.and_then(|size| u64::try_from(size).ok());
    read.is_inline = properties.is_inline.unwrap_or_default();
    read.last_modified = properties.last_modified_time;
    Some(read)
}
