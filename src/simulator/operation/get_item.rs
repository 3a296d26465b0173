//! GetItem.

use roxmltree::Node;

use super::{Call, children};
use crate::simulator::refusal::{Fault, Refusal};
use crate::simulator::request::Element as _;
use crate::simulator::shape::Shape;
use crate::simulator::soap::responses;

/// <https://learn.microsoft.com/en-us/exchange/client-developer/web-service-reference/getitem-operation-calendar-item>
pub(super) fn run(call: &mut Call<'_>, operation: Node<'_, '_>) -> Result<String, Fault> {
    let shape = Shape::read(operation.child("ItemShape"));
    let results: Vec<_> = children(operation, "ItemIds")
        .enumerate()
        .map(|(at, node)| {
            if call.batch_limit.is_some_and(|limit| at >= limit) {
                return Err(Refusal::batch_stopped());
            }
            let shape = shape.as_ref().map_err(Refusal::clone)?;
            Ok((call.item(node)?, shape))
        })
        .collect();
    Ok(responses(
        "GetItem",
        &results,
        "<m:Items/>",
        |writer, (found, shape)| {
            writer.element("m:Items", &[], |writer| {
                call.write(writer, found.owner, &found.item, shape, false);
            });
        },
    ))
}
