//! Values that more than one family of resources has: times, zones, enumerations, what comes along as extended
//! properties. People are in `person.rs`, texts in `body.rs`.

use chrono::{DateTime, Utc};
use serde_json::{Map, Value, json};

use super::super::change::is_content;
use super::super::item::{Item, Role};
use super::super::property::Value as Stored;
use super::super::zone::{Zone, clock, date_time};
use super::extended_property::{self, ExtendedId};
use super::person::Recipient;
use super::query::Query;
use super::refusal::GraphRefusal;

/// The names of extended properties in resources.
pub(in crate::simulator) const SINGLE: &str = "singleValueExtendedProperties";
pub(in crate::simulator) const MULTI: &str = "multiValueExtendedProperties";

/// An instant as Graph writes it.
pub(in crate::simulator) fn time(instant: DateTime<Utc>) -> Value {
    instant.format("%Y-%m-%dT%H:%M:%SZ").to_string().into()
}

/// The zone of a Windows or an IANA name.
pub(in crate::simulator) fn zone(name: &str) -> Result<Zone, GraphRefusal> {
    let by_place = || Zone::all().into_iter().find(|zone| zone.tz.name() == name);
    Zone::windows(name).or_else(by_place).ok_or_else(|| {
        GraphRefusal::new(
            400,
            "TimeZoneNotSupportedException",
            format!(
                "A valid TimeZone value must be specified. The following TimeZone value is not supported: '{name}'."
            ),
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
        .find(|field| !field.contains('@') && !known.contains(&field.as_str()));
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

/// Puts a property into a resource.
pub(in crate::simulator) fn put(resource: &mut Value, name: &str, value: impl Into<Value>) {
    if let Some(fields) = resource.as_object_mut() {
        fields.insert(name.to_owned(), value.into());
    }
}

/// Reads people into a line of an item, instead of those before.
pub(in crate::simulator) fn read_recipients(
    item: &mut Item,
    name: &str,
    value: &Value,
    role: Role,
) -> Result<(), GraphRefusal> {
    let list: Option<Vec<Recipient>> = read(name, value)?;
    let list = list.unwrap_or_default();
    let people = list.iter().map(Recipient::read);
    let people = people.collect::<Result<Vec<_>, _>>()?;
    item.recipients.retain(|one| one.role != role);
    let people = people.into_iter();
    let people = people.map(|one| super::super::item::Recipient::new(role, one));
    item.recipients.extend(people);
    Ok(())
}

/// A value without annotations, as `@odata.type`.
pub(in crate::simulator) fn plain(value: &Value) -> Value {
    match value {
        Value::Object(fields) => {
            let fields = fields.iter().filter(|(name, _)| !name.contains('@'));
            let fields = fields.map(|(name, value)| (name.clone(), plain(value)));
            Value::Object(fields.collect())
        }
        Value::Array(values) => values.iter().map(plain).collect(),
        other => other.clone(),
    }
}

/// Reads a structure of a request.
pub(in crate::simulator) fn read<T: serde::de::DeserializeOwned>(
    name: &str,
    value: &Value,
) -> Result<T, GraphRefusal> {
    T::deserialize(plain(value)).map_err(|error| {
        GraphRefusal::new(
            400,
            "RequestBodyRead",
            format!("The property '{name}' cannot be read: {error}"),
        )
    })
}

/// Categories.
pub(in crate::simulator) fn categories(item: &Item) -> Value {
    let names: Vec<&str> = match item.bag.get(&super::super::fields::keywords()) {
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
    let names: Option<Vec<String>> = read(name, value)?;
    let names = names.into_iter().flatten().map(Stored::Text).collect();
    item.set(super::super::fields::keywords(), Stored::Many(names));
    Ok(())
}

/// Names and values of an enumeration.
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
    let mut names = names.iter();
    let found = names.find(|(known, _)| known.eq_ignore_ascii_case(text));
    found
        .map(|(_, value)| *value)
        .ok_or_else(|| bad_value(name))
}

/// Writes extended properties of a request into an item. What they change of a message's content, its MIME has not.
pub(in crate::simulator) fn read_extended(
    item: &mut Item,
    name: &str,
    value: &Value,
) -> Result<(), GraphRefusal> {
    let ids = value.as_array().into_iter().flatten();
    let ids = ids.filter_map(|one| one.get("id")?.as_str());
    for id in ids {
        if is_content(item, &ExtendedId::read(id)?.property) {
            item.mime = None;
        }
    }
    match name {
        MULTI => extended_property::set_multiple(item, value),
        _ => extended_property::set_single(item, value),
    }
}

/// Puts expanded extended properties into the resource of an item; nothing where it has none of them.
pub(in crate::simulator) fn expand_extended(
    item: &Item,
    query: &Query,
    fields: &mut Map<String, Value>,
) -> Result<(), GraphRefusal> {
    for name in [SINGLE, MULTI] {
        let Some(expand) = query.expansion(name) else {
            continue;
        };
        let ids = expand.extended_ids()?;
        let ids = ids.iter().map(|id| ExtendedId::read(id));
        let ids: Vec<ExtendedId> = ids.collect::<Result<_, _>>()?;
        let found = match name {
            MULTI => extended_property::multiple(item, &ids),
            _ => extended_property::single(item, &ids),
        };
        if found.as_array().is_some_and(|found| !found.is_empty()) {
            fields.insert(name.to_owned(), found);
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
        let list = extended_property::single(item, &[ExtendedId::read(&id)?]);
        if let Some(one) = list.get(0).and_then(|one| one.get("value")) {
            found.push(json!({"id": id, "value": one}));
        }
    }
    Ok(found.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_zones_of_both_kinds_of_names() {
        let value = json!({"dateTime": "2026-07-01T09:00", "timeZone": "W. Europe Standard Time"});
        let (instant, zone) = read_zoned("start", &value).unwrap();
        assert_eq!(time(instant), "2026-07-01T07:00:00Z");
        let again = zoned(instant, &zone, "Europe/Berlin");
        assert_eq!(again["dateTime"], "2026-07-01T09:00:00.0000000");
        assert!(read_zoned("start", &json!({"dateTime": "soon"})).is_err());
        let odd = json!({"dateTime": "2026-07-01T09:00", "zone": "UTC"});
        assert!(read_zoned("start", &odd).is_err());
        assert!(super::zone("Europe/Berlin").is_ok() && super::zone("Mars").is_err());
    }
}
