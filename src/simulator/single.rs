//! One item of a batch that is refused while the others are worked on: it is taken out of the
//! request, and its refusal is put into the answer.

use roxmltree::{Document, Node};

use super::request::Element as _;

/// The lists of items that requests have.
const LISTS: [&str; 4] = ["ItemIds", "ItemChanges", "Items", "AttachmentIds"];

/// The request without that item; `None` if it has no such one, or no other.
pub(super) fn without(request: &Document<'_>, text: &str, at: usize) -> Option<String> {
    let is_list = |node: &Node<'_, '_>| node.is_element() && LISTS.contains(&node.name());
    let list = request.descendants().find(is_list)?;
    let items: Vec<_> = list.elements().collect();
    let item = items.get(at).filter(|_| items.len() > 1)?.range();
    let (before, after) = (text.get(..item.start)?, text.get(item.end..)?);
    Some(format!("{before}{after}"))
}

/// The answer with the one message of another answer in its place; as it is, if it has no such
/// place.
pub(super) fn with(answer: &str, refused: &str, at: usize) -> String {
    let message = Document::parse(refused).ok().and_then(|document| {
        let message = messages(&document)?.elements().next()?;
        refused.get(message.range()).map(str::to_owned)
    });
    let place = Document::parse(answer).ok().and_then(|document| {
        let list: Vec<_> = messages(&document)?.elements().collect();
        let next = list.get(at).map(|next| next.range().start);
        next.or_else(|| list.last().map(|last| last.range().end))
    });
    match (
        message,
        place.and_then(|place| answer.split_at_checked(place)),
    ) {
        (Some(message), Some((before, after))) => format!("{before}{message}{after}"),
        _ => answer.to_owned(),
    }
}

fn messages<'a, 'input>(document: &'a Document<'input>) -> Option<Node<'a, 'input>> {
    document
        .descendants()
        .find(|node| node.is_element() && node.name() == "ResponseMessages")
}
