//! Properties by their numbers that an item has without keeping them: made from other ones
//! ([MS-OXPROPS]).

use super::body::plain;
use super::compose;
use super::conversation::{self, normalized};
use super::fields;
use super::item::*;
use super::property::{INTERNET_HEADERS, Property, Value};

/// The value that an extended property path finds: properties with a field of their own have the
/// same value there.
pub(super) fn extended_value(item: &Item, property: &Property) -> Option<Value> {
    if let Some(value) = item.bag.get(property) {
        return Some(value.clone());
    }
    match property {
        Property::Tag(number) => computed(item, *number),
        // The names of headers are the same in either case.
        Property::Name(INTERNET_HEADERS, name) => {
            let mut properties = item.bag.iter();
            let found = properties.find(|(one, _)| {
                matches!(one, Property::Name(INTERNET_HEADERS, known)
                    if known.eq_ignore_ascii_case(name))
            });
            found.map(|(_, value)| value.clone())
        }
        _ => fields::by_property(item.kind, property).and_then(|field| field.value(item)),
    }
}

fn computed(item: &Item, number: u16) -> Option<Value> {
    let text = |text: &str| Some(Value::Text(text.to_owned()));
    let field = |uri: &str| fields::by_uri(item.kind, uri)?.value(item);
    let sender = item.sender.as_ref().or(item.organizer.as_ref());
    let from = item.organizer.as_ref();
    let name = |address: Option<&Address>| text(&address?.name);
    let email = |address: Option<&Address>| text(&address?.email);
    match number {
        0x0042 => name(from),
        0x0064 | 0x0c1e => text(sender?.routing()),
        0x0065 | 0x5d02 => email(from),
        0x0c1a => name(sender),
        0x0c1f | 0x5d01 => email(sender),
        0x007d => (item.kind == ItemKind::Message && !item.unsent).then(|| {
            let headers = compose::headers(item).into_iter();
            let lines = headers.map(|(name, value)| format!("{name}: {value}\r\n"));
            Value::Text(lines.collect())
        }),
        0x0e03 => field("item:DisplayCc"),
        0x0e04 => field("item:DisplayTo"),
        0x0e07 => Some(Value::Integer(flags(item))),
        0x0e08 => field("item:Size"),
        0x0e1b => field("item:HasAttachments"),
        0x0e1d => text(normalized(item.text(&SUBJECT))),
        0x1000 if item.body.html => text(&plain(&item.body.text)),
        0x1000 => text(&item.body.text),
        0x1013 if item.body.html => text(&item.body.text),
        0x3013 => {
            let id = conversation::id(item)?;
            Some(Value::Binary(id.as_bytes().to_vec()))
        }
        _ => None,
    }
}

/// PidTagMessageFlags ([MS-OXCMSG] 2.2.1.6).
fn flags(item: &Item) -> i64 {
    [
        (item.flag(&READ), 1),
        (item.submitted, 4),
        (item.unsent, 8),
        (item.attachments.iter().any(|one| !one.inline), 0x10),
        (item.from_me, 0x20),
        (item.receipt_pending, 0x100),
    ]
    .iter()
    .filter(|(set, _)| *set)
    .map(|(_, bit)| bit)
    .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_have_names_in_either_case_and_flags_are_bits() {
        let mut item = Item::new(ItemKind::Message);
        let name = |name: &str| Property::Name(INTERNET_HEADERS, name.to_owned());
        item.set(name("X-Campaign"), Value::Text("spring".to_owned()));
        assert_eq!(
            extended_value(&item, &name("x-campaign")),
            Some(Value::Text("spring".to_owned()))
        );
        item.unsent = true;
        item.set(READ, Value::Boolean(true));
        assert_eq!(
            extended_value(&item, &MESSAGE_FLAGS),
            Some(Value::Integer(9))
        );
        item.body.text = "Hi".to_owned();
        let text = extended_value(&item, &Property::Tag(0x1000));
        assert_eq!(text, Some(Value::Text("Hi".to_owned())));
    }
}
