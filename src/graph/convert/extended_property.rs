use crate::graph::wire::{MultiValueProperty, SingleValueProperty};
use crate::model::{ExtendedProperty, PropertyKind, PropertyName, PropertySet, PropertyValue};

/// The name of a property as Graph writes it.
///
/// Source: <https://learn.microsoft.com/graph/api/resources/extended-properties-overview>
pub(in crate::graph) fn property_id(name: &PropertyName) -> String {
    let kind = name.kind().name();
    match name {
        PropertyName::Tag { tag, .. } => format!("{kind} 0x{tag:04X}"),
        PropertyName::Id { set, id, .. } => format!("{kind} {{{}}} Id 0x{id:04X}", set.guid()),
        PropertyName::Named { set, name, .. } => {
            format!("{kind} {{{}}} Name {name}", set.guid())
        }
    }
}

/// The property that is meant; `None` for what names none of a kind the model has. Servers write digits and GUIDs in
/// their own way, so the text is not that which was asked for.
pub(in crate::graph) fn property_name(id: &str) -> Option<PropertyName> {
    let (kind, rest) = id.trim().split_once(' ')?;
    let is_it = |known: &&PropertyKind| known.name().eq_ignore_ascii_case(kind);
    let kind = *PropertyKind::ALL.iter().find(is_it)?;
    let rest = rest.trim_start();
    if !rest.starts_with('{') {
        let tag = u16::try_from(number(rest)?).ok()?;
        return Some(PropertyName::tag(tag, kind));
    }
    let (guid, rest) = rest.strip_prefix('{')?.split_once('}')?;
    let set = PropertySet::Guid(guid.to_ascii_lowercase());
    let (word, value) = rest.trim_start().split_once(' ')?;
    match word.to_ascii_lowercase().as_str() {
        "id" => Some(PropertyName::id(set, number(value)?, kind)),
        "name" => Some(PropertyName::named(set, value, kind)),
        _ => None,
    }
}

fn number(text: &str) -> Option<u32> {
    let text = text.trim();
    match text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        Some(hex) => u32::from_str_radix(hex, 16).ok(),
        None => text.parse().ok(),
    }
}

/// The properties that came, by the names that were asked for where they are the same.
pub(in crate::graph) fn extended_properties(
    single: Option<&Vec<SingleValueProperty>>,
    multi: Option<&Vec<MultiValueProperty>>,
    asked: &[PropertyName],
) -> Vec<ExtendedProperty> {
    let name = |id: &str| {
        let name = property_name(id)?;
        let same = asked.iter().find(|one| one.is_same(&name));
        Some(same.cloned().unwrap_or(name))
    };
    let one = |property: &SingleValueProperty| {
        let value = PropertyValue::One(property.value.clone()?);
        let name = name(&property.id)?;
        Some(property_of(name, value))
    };
    let many = |property: &MultiValueProperty| {
        // What was removed may be there without values.
        let values = property.value.clone().filter(|values| !values.is_empty());
        let value = PropertyValue::Many(values?);
        let name = name(&property.id)?;
        Some(property_of(name, value))
    };
    let single = single.into_iter().flatten().filter_map(one);
    single
        .chain(multi.into_iter().flatten().filter_map(many))
        .collect()
}

fn property_of(name: PropertyName, value: PropertyValue) -> ExtendedProperty {
    let mut property = ExtendedProperty::new(name, "");
    property.value = value;
    property
}

/// Properties to write: those with one value, and those with many.
pub(in crate::graph) fn to_extended_properties(
    properties: &[ExtendedProperty],
) -> (Vec<SingleValueProperty>, Vec<MultiValueProperty>) {
    let (mut single, mut multi) = (Vec::new(), Vec::new());
    for property in properties {
        let id = property_id(&property.name);
        match &property.value {
            PropertyValue::One(value) => single.push(SingleValueProperty {
                id,
                value: Some(value.clone()),
            }),
            PropertyValue::Many(values) => multi.push(MultiValueProperty {
                id,
                value: Some(values.clone()),
            }),
        }
    }
    (single, multi)
}

/// What `$expand` must say so that these properties come; nothing for none.
pub(in crate::graph) fn expand_properties(names: &[PropertyName]) -> Vec<String> {
    let list = |is_array: bool, what: &str| {
        let ids = names
            .iter()
            .filter(|name| name.kind().is_array() == is_array);
        let ids: Vec<String> = ids
            .map(|name| format!("id eq {}", quoted(&property_id(name))))
            .collect();
        (!ids.is_empty()).then(|| format!("{what}($filter={})", ids.join(" or ")))
    };
    [
        list(false, "singleValueExtendedProperties"),
        list(true, "multiValueExtendedProperties"),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// The condition that a property has this value.
pub(in crate::graph) fn property_equals(name: &PropertyName, value: &str) -> String {
    let (id, value) = (quoted(&property_id(name)), quoted(value));
    format!("singleValueExtendedProperties/any(ep:ep/id eq {id} and ep/value eq {value})")
}

/// A text as OData writes it.
pub(in crate::graph) fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_as_graph_writes_them() {
        let tag = PropertyName::tag(0x0E08, PropertyKind::Integer);
        assert_eq!(property_id(&tag), "Integer 0x0E08");
        assert_eq!(property_name("Integer 0xe08"), Some(tag));
        let id = PropertyName::id(PropertySet::Appointment, 0x8216, PropertyKind::Binary);
        let text = property_id(&id);
        assert_eq!(
            text,
            "Binary {00062002-0000-0000-c000-000000000046} Id 0x8216"
        );
        assert!(property_name(&text).unwrap().is_same(&id));
        let named = PropertyName::named(
            PropertySet::PublicStrings,
            "a name with spaces",
            PropertyKind::StringArray,
        );
        assert!(property_name(&property_id(&named)).unwrap().is_same(&named));
        for nothing in ["", "Integer", "Integer x", "String {", "String {a} Word x"] {
            assert_eq!(property_name(nothing), None, "{nothing}");
        }
    }

    #[test]
    fn asked_for_by_their_names() {
        let names = [
            PropertyName::named(PropertySet::PublicStrings, "it's", PropertyKind::String),
            PropertyName::tag(0x0E08, PropertyKind::Integer),
        ];
        assert_eq!(
            expand_properties(&names),
            [
                "singleValueExtendedProperties($filter=id eq 'String {00020329-0000-0000-c000-000000000046} Name it''s' or id eq 'Integer 0x0E08')"
            ]
        );
        let came = vec![SingleValueProperty {
            id: "String {00020329-0000-0000-C000-000000000046} Name it's".to_owned(),
            value: Some("x".to_owned()),
        }];
        let read = extended_properties(Some(&came), None, &names);
        assert_eq!(read.first().map(|one| &one.name), names.first());
    }
}
