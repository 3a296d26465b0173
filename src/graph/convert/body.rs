use crate::graph::wire::ItemBody;
use crate::model::{Body, BodyFormat, BodyWanted};

/// A body; `None` for an empty one.
pub(in crate::graph) fn body(wire: &ItemBody) -> Option<Body> {
    let content = wire.content.clone().filter(|content| !content.is_empty())?;
    let is_text = |kind: &String| kind.eq_ignore_ascii_case("text");
    Some(match wire.content_type.as_ref().is_some_and(is_text) {
        true => Body::text(content),
        false => Body::html(content),
    })
}

pub(in crate::graph) fn item_body(body: &Body) -> ItemBody {
    let kind = match body.format {
        BodyFormat::Html => "html",
        BodyFormat::Text => "text",
    };
    ItemBody {
        content_type: Some(kind.to_owned()),
        content: Some(body.content.clone()),
    }
}

/// In what form bodies are wanted. Graph has no word for "as it is stored".
pub(in crate::graph) fn body_preference(wanted: BodyWanted) -> &'static str {
    match wanted {
        BodyWanted::Text => "outlook.body-content-type=\"text\"",
        BodyWanted::Html | BodyWanted::Native => "outlook.body-content-type=\"html\"",
    }
}
