//! XML nobody here has a type for, as JSON.

use quick_xml::events::{BytesStart, Event};
use serde_json::{Map, Value};

use super::attributes::{Attribute, Attributes};
use super::reference;

/// What is in an element that was read as [raw](super::Element::raw) text.
///
/// Attributes and children are members by their local names, a list where there are several of a
/// name; text alone is a string, and text beside attributes is the member `Value`.
pub(crate) fn to_json(element: &str) -> Value {
    let mut events = quick_xml::Reader::from_str(element);
    // The element itself comes out as the only member of the outermost.
    let mut open = vec![Content::default()];
    // It was well-formed when it was read, so whatever fails here ends it and that is all.
    while let Ok(event) = events.read_event() {
        match event {
            Event::Start(start) => open.push(Content::begin(&start)),
            Event::Empty(start) => close(&mut open, Content::begin(&start)),
            Event::End(_) => match open.pop() {
                Some(closed) => close(&mut open, closed),
                None => break,
            },
            Event::Eof => break,
            event => {
                if let Some(innermost) = open.last_mut() {
                    innermost.take(&event);
                }
            }
        }
    }
    let whole = open.into_iter().next().unwrap_or_default();
    whole
        .members
        .into_iter()
        .next()
        .map_or(Value::Null, |m| m.1)
}

/// Adds a member; several of a name make a list.
pub(crate) fn add_member(members: &mut Map<String, Value>, name: &str, value: Value) {
    match members.get_mut(name) {
        None => drop(members.insert(name.to_owned(), value)),
        Some(Value::Array(list)) => list.push(value),
        Some(first) => *first = Value::Array(vec![first.take(), value]),
    }
}

fn close(open: &mut [Content], closed: Content) {
    if let Some(parent) = open.last_mut() {
        let name = closed.name.clone();
        add_member(&mut parent.members, &name, closed.into_value());
    }
}

#[derive(Default)]
struct Content {
    name: String,
    members: Map<String, Value>,
    text: String,
}

impl Content {
    fn begin(start: &BytesStart<'_>) -> Self {
        let mut members = Map::new();
        let after_name = start.get(start.name().into_inner().len()..);
        let attributes = Attributes::new(after_name.unwrap_or_default());
        for Attribute { name, raw } in attributes.flatten() {
            if name == "xmlns" || name.starts_with("xmlns:") {
                continue;
            }
            if let Ok(value) = reference::attribute_value(raw, &mut 0) {
                members.insert(name.to_owned(), value.into_owned().into());
            }
        }
        Self {
            name: start.local_name().into_inner().to_owned(),
            members,
            text: String::new(),
        }
    }

    fn take(&mut self, event: &Event<'_>) {
        match event {
            Event::Text(text) => self.text.push_str(&text.xml10_content()),
            Event::CData(text) => self.text.push_str(&text.xml10_content()),
            Event::GeneralRef(name) => self.text.extend(reference::resolve(name, &mut 0)),
            _ => {}
        }
    }

    fn into_value(mut self) -> Value {
        if self.members.is_empty() {
            return self.text.into();
        }
        if !self.text.trim().is_empty() {
            self.members.insert("Value".to_owned(), self.text.into());
        }
        self.members.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_element_as_json() {
        let xml = r#"<t:Contact xmlns:t="urn:t" Kind="a &amp; b"><t:Name>A&#0;B</t:Name>
            <t:Entry Key="1">one</t:Entry><t:Entry Key="2"/><t:None/></t:Contact>"#;
        let expected = serde_json::json!({
            "Kind": "a & b",
            "Name": "A\u{fffd}B",
            "Entry": [{"Key": "1", "Value": "one"}, {"Key": "2"}],
            "None": "",
        });
        assert_eq!(to_json(xml), expected);
    }

    #[test]
    fn prefixes_may_be_declared_outside() {
        assert_eq!(to_json("<x:a>1</x:a>"), "1");
        assert_eq!(to_json("<x:a/>"), "");
        assert_eq!(to_json(""), Value::Null);
    }
}
