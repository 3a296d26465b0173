//! CreateAttachment, GetAttachment and DeleteAttachment.

use roxmltree::Node;
use uuid::Uuid;

use super::save::save;
use super::{Call, Found, children};
use crate::simulator::attachment::{Attachment, Detail};
use crate::simulator::ids::Id;
use crate::simulator::item::Item;
use crate::simulator::refusal::{Fault, Refusal};
use crate::simulator::request::Element as _;
use crate::simulator::shape::Shape;
use crate::simulator::soap::responses;
use crate::simulator::store::item_key;

/// <https://learn.microsoft.com/en-us/exchange/client-developer/web-service-reference/createattachment-operation>
pub(super) fn create(call: &mut Call<'_>, operation: Node<'_, '_>) -> Result<String, Fault> {
    let nodes: Vec<_> = children(operation, "Attachments").collect();
    let mut results = Vec::with_capacity(nodes.len());
    for node in nodes {
        results.push(create_one(call, operation, node));
    }
    Ok(responses(
        "CreateAttachment",
        &results,
        "<m:Attachments/>",
        |writer, (element, id, root, key)| {
            writer.element("m:Attachments", &[], |writer| {
                writer.element(element, &[], |writer| {
                    let attributes = [
                        ("Id", id.as_str()),
                        ("RootItemId", root),
                        ("RootItemChangeKey", key),
                    ];
                    writer.empty("t:AttachmentId", &attributes);
                });
            });
        },
    ))
}

/// Element and id of an attachment, id and change key of the item it is in.
type Created = (&'static str, String, String, String);

fn create_one(
    call: &mut Call<'_>,
    operation: Node<'_, '_>,
    node: Node<'_, '_>,
) -> Result<Created, Refusal> {
    let parent = operation
        .child("ParentItemId")
        .ok_or_else(Refusal::malformed_id)?;
    let found = call.item(parent)?;
    call.require_write(&found)?;
    let attachment = Attachment::read(node, &call.zone_or_utc(), call.now)?;
    let guid = attachment.guid;
    let mut item = found.item;
    item.attachments.push(attachment);
    call.store.check_size(&item)?;
    let (id, key) = keep(call, found.owner, item)?;
    let element = match node.name() {
        "ItemAttachment" => "t:ItemAttachment",
        _ => "t:FileAttachment",
    };
    Ok((element, id.encode_attachment(guid), id.encode(), key))
}

/// Puts an item with other attachments back; its id and its new change key.
fn keep(call: &mut Call<'_>, owner: usize, item: Item) -> Result<(Id, String), Refusal> {
    let item = Item { mime: None, ..item };
    let item = save(call, owner, item, &[])?;
    let id = call.mailbox(owner)?.id_of(&item);
    Ok((id, item_key(&item)))
}

/// The item that has an attachment, and which one it is.
fn find(call: &Call<'_>, node: Node<'_, '_>) -> Result<(Found, Uuid), Refusal> {
    let text = node.attribute("Id").unwrap_or_default();
    if text.is_empty() {
        return Err(Refusal::new("ErrorInvalidIdEmpty", "Id must be non-empty."));
    }
    let (id, guid) = Id::decode_attachment(text).ok_or_else(|| {
        if Id::decode(text).is_some() {
            Refusal::new(
                "ErrorInvalidAttachmentId",
                "The id is not that of an attachment.",
            )
        } else {
            Refusal::malformed_id()
        }
    })?;
    let found = call.item_of(id)?;
    call.require_sight(&found)?;
    if !found.item.attachments.iter().any(|one| one.guid == guid) {
        return Err(Refusal::not_found());
    }
    Ok((found, guid))
}

/// <https://learn.microsoft.com/en-us/exchange/client-developer/web-service-reference/getattachment-operation>
pub(super) fn get(call: &mut Call<'_>, operation: Node<'_, '_>) -> Result<String, Fault> {
    let shape = Shape::nested(operation.child("AttachmentShape"));
    let results: Vec<_> = children(operation, "AttachmentIds")
        .map(|node| {
            let shape = shape.as_ref().map_err(Refusal::clone)?;
            Ok((find(call, node)?, shape))
        })
        .collect();
    Ok(responses(
        "GetAttachment",
        &results,
        "<m:Attachments/>",
        |writer, ((found, guid), shape)| {
            writer.element("m:Attachments", &[], |writer| {
                let Ok(mailbox) = call.mailbox(found.owner) else {
                    return;
                };
                let view = call.view(mailbox, found.owner, &found.item, false);
                let id = mailbox.id_of(&found.item);
                for one in found
                    .item
                    .attachments
                    .iter()
                    .filter(|one| one.guid == *guid)
                {
                    one.write(writer, id, &view, Detail::Whole(shape));
                }
            });
        },
    ))
}

/// <https://learn.microsoft.com/en-us/exchange/client-developer/web-service-reference/deleteattachment-operation>
pub(super) fn delete(call: &mut Call<'_>, operation: Node<'_, '_>) -> Result<String, Fault> {
    let nodes: Vec<_> = children(operation, "AttachmentIds").collect();
    let mut results = Vec::with_capacity(nodes.len());
    for node in nodes {
        results.push(delete_one(call, node));
    }
    Ok(responses(
        "DeleteAttachment",
        &results,
        "",
        |writer, (root, key)| {
            let attributes = [("RootItemId", root.as_str()), ("RootItemChangeKey", key)];
            writer.empty("m:RootItemId", &attributes);
        },
    ))
}

fn delete_one(call: &mut Call<'_>, node: Node<'_, '_>) -> Result<(String, String), Refusal> {
    let (found, guid) = find(call, node)?;
    call.require_write(&found)?;
    let mut item = found.item;
    item.attachments.retain(|one| one.guid != guid);
    let (id, key) = keep(call, found.owner, item)?;
    Ok((id.encode(), key))
}
