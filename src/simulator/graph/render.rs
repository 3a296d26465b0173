//! Values that more than one family of resources has: people, bodies, times, extended properties.

use chrono::{DateTime, Utc};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::super::body::{hypertext, plain, without_scripts};
use super::super::item::{Address, Body, Item, Recipient, Role};
use super::super::mapi;
use super::super::path::{self, Extended};
use super::super::property::{Property, Value as Stored};
use super::super::zone::{Zone, clock, date_time};
use super::query::{Expand, Query};
use super::refusal::GraphRefusal;
use super::request::GraphRequest;

/// The names of extended properties in resources.
pub(in crate::simulator) const SINGLE: &str = "singleValueExtendedProperties";
pub(in crate::simulator) const MULTI: &str = "multiValueExtendedProperties";

/// An instant as Graph writes it.
pub(in crate::simulator) fn time(instant: DateTime<Utc>) -> Value {
    instant.format("%Y-%m-%dT%H:%M:%SZ").to_string().into()
}

/// Reads an `Edm.DateTimeOffset`.
pub(in crate::simulator) fn read_time(
    name: &str,
    value: &Value,
) -> Result<DateTime<Utc>, GraphRefusal> {
    let text = value.as_str();
    let time = text.and_then(|text| DateTime::parse_from_rfc3339(text).ok());
    time.map(|time| time.with_timezone(&Utc))
        .ok_or_else(|| bad_value(name))
}

/// The zone that the request wants times in (`Prefer: outlook.timezone`); UTC where it says none.
pub(in crate::simulator) fn wanted_zone(request: &GraphRequest) -> Result<Zone, GraphRefusal> {
    match request.preference("outlook.timezone") {
        None => Ok(Zone::utc()),
        Some(name) => zone(name),
    }
}

/// The zone of a Windows or an IANA name.
pub(in crate::simulator) fn zone(name: &str) -> Result<Zone, GraphRefusal> {
    let known =
        Zone::windows(name).or_else(|| Zone::all().into_iter().find(|zone| zone.tz.name() == name));
    known.ok_or_else(|| {
        GraphRefusal::new(
            400,
            "TimeZoneNotSupportedException",
            format!("A valid TimeZone value must be specified. The following TimeZone value is not supported: '{name}'."),
        )
    })
}

/// An instant as a `dateTimeTimeZone` in a zone, which is called as the request calls it.
pub(in crate::simulator) fn zoned(instant: DateTime<Utc>, zone: &Zone, name: &str) -> Value {
    let clock = zone.local(instant).format("%Y-%m-%dT%H:%M:%S.%6f");
    json!({"dateTime": format!("{clock}0"), "timeZone": name})
}

/// Reads a `dateTimeTimeZone`: the instant, and the zone it is written in.
pub(in crate::simulator) fn read_zoned(
    name: &str,
    value: &Value,
) -> Result<(DateTime<Utc>, Zone), GraphRefusal> {
    known_only(name, value, &["dateTime", "timeZone"])?;
    let text = |field: &str| value.get(field).and_then(Value::as_str);
    let zone = zone(text("timeZone").unwrap_or("UTC"))?;
    let time = text("dateTime").ok_or_else(|| bad_value(name))?;
    // Minutes are enough, and so is a date.
    let spellings = [
        time.to_owned(),
        format!("{time}:00"),
        format!("{time}T00:00:00"),
    ];
    let found = spellings
        .iter()
        .find(|text| clock(text).is_some() || DateTime::parse_from_rfc3339(text).is_ok());
    let instant = found.and_then(|text| date_time(text, &zone));
    Ok((instant.ok_or_else(|| bad_value(name))?, zone))
}

/// That a property of a request has a value it cannot have.
pub(in crate::simulator) fn bad_value(name: &str) -> GraphRefusal {
    GraphRefusal::new(
        400,
        "RequestBodyRead",
        format!("Cannot convert the value of the property '{name}' to its type."),
    )
}

/// Refuses properties that a structure has not.
pub(in crate::simulator) fn known_only(
    name: &str,
    value: &Value,
    known: &[&str],
) -> Result<(), GraphRefusal> {
    let fields = value.as_object().ok_or_else(|| bad_value(name))?;
    let unknown = fields
        .keys()
        .find(|field| !field.starts_with('@') && !known.contains(&field.as_str()));
    match unknown {
        None => Ok(()),
        Some(field) => Err(unknown_property(field, name)),
    }
}

/// That there is no such property.
pub(in crate::simulator) fn unknown_property(field: &str, name: &str) -> GraphRefusal {
    GraphRefusal::new(
        400,
        "RequestBodyRead",
        format!(
            "The property '{field}' does not exist on type '{name}'. Make sure to only use property names that are defined by the type."
        ),
    )
}

/// A person.
pub(in crate::simulator) fn recipient(address: &Address) -> Value {
    json!({"emailAddress": {"name": address.name, "address": address.email}})
}

/// People in one line of an item.
pub(in crate::simulator) fn recipients(item: &Item, role: Role) -> Value {
    let people = item.recipients_in(role).map(|one| recipient(&one.address));
    people.collect::<Vec<_>>().into()
}

/// Reads a person: without a name the address stands for it.
pub(in crate::simulator) fn read_address(
    name: &str,
    value: &Value,
) -> Result<Address, GraphRefusal> {
    known_only(name, value, &["emailAddress"])?;
    let inner = value.get("emailAddress").unwrap_or(&Value::Null);
    known_only("emailAddress", inner, &["name", "address"])?;
    let text = |field: &str| match inner.get(field) {
        None | Some(Value::Null) => Ok(""),
        Some(Value::String(text)) => Ok(text.as_str()),
        Some(_) => Err(bad_value(field)),
    };
    let email = text("address")?.trim();
    if email.is_empty() {
        return Err(GraphRefusal::new(
            400,
            "ErrorInvalidRecipients",
            "At least one recipient isn't valid., Recipient without an address.",
        ));
    }
    let called = Some(text("name")?).filter(|called| !called.is_empty());
    Ok(Address {
        name: called.unwrap_or(email).to_owned(),
        email: email.to_owned(),
    })
}

/// Reads people of one line.
pub(in crate::simulator) fn read_recipients(
    name: &str,
    value: &Value,
    role: Role,
) -> Result<Vec<Recipient>, GraphRefusal> {
    let list = value.as_array().ok_or_else(|| bad_value(name))?;
    list.iter()
        .map(|one| Ok(Recipient::new(role, read_address(name, one)?)))
        .collect()
}

/// A body as the request wants it: HTML unless it says text, without what is unsafe unless it allows that.
///
/// <https://learn.microsoft.com/en-us/graph/api/message-get#request-headers>
pub(in crate::simulator) fn body(request: &GraphRequest, body: &Body) -> Value {
    let as_text = request
        .preference("outlook.body-content-type")
        .is_some_and(|kind| kind.eq_ignore_ascii_case("text"));
    let unsafe_too = request
        .preferences()
        .any(|one| one.eq_ignore_ascii_case("outlook.allow-unsafe-html"));
    let (kind, content) = match (as_text, body.html) {
        (true, true) => ("text", plain(&body.text)),
        (true, false) => ("text", body.text.clone()),
        (false, true) if unsafe_too => ("html", body.text.clone()),
        (false, true) => ("html", without_scripts(&body.text)),
        (false, false) => ("html", hypertext(&body.text)),
    };
    json!({"contentType": kind, "content": content})
}

/// Reads an `itemBody`.
pub(in crate::simulator) fn read_body(name: &str, value: &Value) -> Result<Body, GraphRefusal> {
    if value.is_null() {
        return Ok(Body::default());
    }
    known_only(name, value, &["contentType", "content"])?;
    let html = match value.get("contentType") {
        None | Some(Value::Null) => false,
        Some(Value::String(kind)) if kind.eq_ignore_ascii_case("text") => false,
        Some(Value::String(kind)) if kind.eq_ignore_ascii_case("html") => true,
        Some(_) => return Err(bad_value("contentType")),
    };
    let text = match value.get("content") {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(_) => return Err(bad_value("content")),
    };
    Ok(Body { html, text })
}

/// Categories.
pub(in crate::simulator) fn categories(item: &Item) -> Value {
    let names = match item.bag.get(&super::super::fields::keywords()) {
        Some(Stored::Many(names)) => names.iter().filter_map(Stored::text).collect(),
        _ => Vec::new(),
    };
    names.into()
}

/// Reads categories into an item.
pub(in crate::simulator) fn read_categories(
    item: &mut Item,
    name: &str,
    value: &Value,
) -> Result<(), GraphRefusal> {
    let list = value.as_array().ok_or_else(|| bad_value(name))?;
    let names = list.iter().map(|one| {
        let text = one.as_str().ok_or_else(|| bad_value(name))?;
        Ok(Stored::Text(text.to_owned()))
    });
    let names = names.collect::<Result<_, GraphRefusal>>()?;
    item.set(super::super::fields::keywords(), Stored::Many(names));
    Ok(())
}

/// Value and name pairs of an enumeration, as `("low", 0)`.
pub(in crate::simulator) const IMPORTANCES: &[(&str, i64)] =
    &[("low", 0), ("normal", 1), ("high", 2)];

/// The name of a value of an enumeration; the first where it has none.
pub(in crate::simulator) fn name_of(names: &[(&'static str, i64)], value: i64) -> &'static str {
    let found = names.iter().find(|(_, known)| *known == value);
    found.or(names.first()).map_or("", |(name, _)| name)
}

/// Reads a value of an enumeration, in whatever case.
pub(in crate::simulator) fn read_name(
    names: &[(&'static str, i64)],
    name: &str,
    value: &Value,
) -> Result<i64, GraphRefusal> {
    let text = value.as_str().unwrap_or_default();
    let found = names
        .iter()
        .find(|(known, _)| known.eq_ignore_ascii_case(text));
    found
        .map(|(_, value)| *value)
        .ok_or_else(|| bad_value(name))
}

/// Reads the id of an extended property: `String {guid} Name Color`, `Integer {guid} Id 0x8502`, `Integer 0x0E07`.
///
/// <https://learn.microsoft.com/en-us/graph/api/resources/extended-properties-overview>
pub(in crate::simulator) fn extended(id: &str) -> Result<Extended, GraphRefusal> {
    let invalid = || {
        GraphRefusal::new(
            400,
            "ErrorInvalidProperty",
            format!("The extended property id '{id}' is invalid."),
        )
    };
    let number = |text: &str| match text.strip_prefix("0x").or(text.strip_prefix("0X")) {
        Some(digits) => u32::from_str_radix(digits, 16).ok(),
        None => text.parse().ok(),
    };
    let (kind, rest) = id.split_once(' ').ok_or_else(invalid)?;
    let rest = rest.trim();
    let property = match rest.strip_prefix('{') {
        None => {
            let tag = number(rest).and_then(|tag| u16::try_from(tag).ok());
            Property::Tag(tag.ok_or_else(invalid)?)
        }
        Some(rest) => {
            let (guid, rest) = rest.split_once('}').ok_or_else(invalid)?;
            let guid = Uuid::try_parse(guid).map_err(|_| invalid())?;
            let (word, name) = rest.trim_start().split_once(' ').ok_or_else(invalid)?;
            match word {
                "Name" => Property::Name(guid, name.to_owned()),
                "Id" => Property::Id(guid, number(name).ok_or_else(invalid)?),
                _ => return Err(invalid()),
            }
        }
    };
    Extended::of(property, kind).ok_or_else(invalid)
}

/// The id of an extended property as answers have it, whatever spelling asked for it.
fn extended_id(extended: &Extended) -> String {
    let kind = extended.kind();
    match &extended.property {
        Property::Tag(tag) => format!("{kind} 0x{tag:x}"),
        Property::Id(guid, number) => format!("{kind} {{{guid}}} Id 0x{number:x}"),
        Property::Name(guid, name) => format!("{kind} {{{guid}}} Name {name}"),
    }
}

/// An extended property of an item with an id as it is asked for; `None` where the item has it not.
fn extended_value(item: &Item, id: &str, extended: &Extended) -> Option<Value> {
    let value = mapi::extended_value(item, &extended.property)?;
    let value = match (&value, extended.is_array()) {
        (Stored::Many(values), true) => values
            .iter()
            .map(|one| path::text(one, None))
            .collect::<Vec<_>>()
            .into(),
        (Stored::Many(_), false) => return None,
        (one, _) => Value::String(path::text(one, None)),
    };
    Some(json!({"id": id, "value": value}))
}

/// The extended properties that an expansion asks for, as far as the item has them.
pub(in crate::simulator) fn expanded(
    item: &Item,
    expand: &Expand,
) -> Result<Vec<Value>, GraphRefusal> {
    let mut found = Vec::new();
    for id in expand.extended_ids()? {
        let extended = extended(&id)?;
        found.extend(extended_value(item, &extended_id(&extended), &extended));
    }
    Ok(found)
}

/// Puts expanded extended properties into the resource of an item; none where it has none of them.
pub(in crate::simulator) fn expand_extended(
    item: &Item,
    query: &Query,
    fields: &mut Map<String, Value>,
) -> Result<(), GraphRefusal> {
    for name in [SINGLE, MULTI] {
        if let Some(expand) = query.expansion(name) {
            let found = expanded(item, expand)?;
            if !found.is_empty() {
                fields.insert(name.to_owned(), found.into());
            }
        }
    }
    Ok(())
}

/// The extended properties that a filter looks at, with ids as the filter spells them.
pub(in crate::simulator) fn filtered_extended(
    item: &Item,
    query: &Query,
) -> Result<Value, GraphRefusal> {
    let mut found = Vec::new();
    for id in query.extended_ids() {
        found.extend(extended_value(item, &id, &extended(&id)?));
    }
    Ok(found.into())
}

/// Writes extended properties of a request into an item; `null` takes one out.
pub(in crate::simulator) fn read_extended(
    item: &mut Item,
    name: &str,
    value: &Value,
) -> Result<(), GraphRefusal> {
    for one in value.as_array().ok_or_else(|| bad_value(name))? {
        known_only(name, one, &["id", "value"])?;
        let id = one.get("id").and_then(Value::as_str);
        let extended = extended(id.ok_or_else(|| bad_value("id"))?)?;
        if (name == MULTI) != extended.is_array() {
            return Err(bad_value(name));
        }
        if super::super::change::is_content(item, &extended.property) {
            item.mime = None;
        }
        let parse = |value: &Value| {
            let text = value.as_str().ok_or_else(|| bad_value("value"))?;
            Ok::<_, GraphRefusal>(extended.parse(text)?)
        };
        let value = match one.get("value") {
            None | Some(Value::Null) => {
                item.bag.remove(&extended.property);
                continue;
            }
            Some(Value::Array(values)) if extended.is_array() => {
                Stored::Many(values.iter().map(parse).collect::<Result<_, _>>()?)
            }
            Some(value) => parse(value)?,
        };
        item.set(extended.property, value);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simulator::item::ItemKind;

    #[test]
    fn extended_properties_are_named_by_number_and_by_name() {
        let guid = "{66f5a359-4659-4830-9070-00047ec6ac6e}";
        for (id, answered) in [
            ("Integer 0x0E07", "Integer 0xe07"),
            (&*format!("String {guid} Name My Color"), ""),
            (&*format!("Boolean {guid} Id 0x8502"), ""),
        ] {
            let answered = if answered.is_empty() { id } else { answered };
            assert_eq!(extended_id(&extended(id).unwrap()), answered);
        }
        for id in ["", "String", "String x", "Color 0x1", "String {x} Name y"] {
            assert!(extended(id).is_err(), "{id}");
        }
        let mut item = Item::new(ItemKind::Message);
        let id = format!("StringArray {guid} Name Colors");
        let written = json!([{"id": id, "value": ["red", "blue"]}]);
        read_extended(&mut item, MULTI, &written).unwrap();
        assert!(read_extended(&mut item, SINGLE, &written).is_err());
        let colors = extended(&id).unwrap();
        let value = extended_value(&item, &id, &colors).unwrap();
        assert_eq!(value, written[0]);
        read_extended(&mut item, MULTI, &json!([{"id": id, "value": null}])).unwrap();
        assert_eq!(extended_value(&item, &id, &colors), None);
        let bad = json!([{"id": "Integer 0x7f01", "value": "x"}]);
        assert!(read_extended(&mut item, SINGLE, &bad).is_err());
    }

    #[test]
    fn people_and_times_are_read_strictly() {
        let bob = json!({"emailAddress": {"address": "bob@example.test"}});
        let address = read_address("from", &bob).unwrap();
        assert_eq!(address.name, "bob@example.test");
        for wrong in [
            json!({"emailAddress": {"name": "Bob"}}),
            json!({"emailAddress": {"adress": "x@y.test"}}),
            json!({"email": "x@y.test"}),
            json!("x@y.test"),
        ] {
            assert!(read_address("from", &wrong).is_err(), "{wrong}");
        }
        let value = json!({"dateTime": "2026-07-01T09:00", "timeZone": "W. Europe Standard Time"});
        let (instant, zone) = read_zoned("start", &value).unwrap();
        assert_eq!(time(instant), "2026-07-01T07:00:00Z");
        let again = zoned(instant, &zone, "Europe/Berlin");
        assert_eq!(again["dateTime"], "2026-07-01T09:00:00.0000000");
        assert!(read_zoned("start", &json!({"dateTime": "soon"})).is_err());
        assert!(super::zone("Europe/Berlin").is_ok() && super::zone("Mars").is_err());
    }
}
