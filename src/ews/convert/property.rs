use crate::ews::types::{
    self, DistinguishedPropertySetId, ExtendedFieldUri, MapiPropertyType, PropertyValue as Wire,
};
use crate::model::{ExtendedProperty, PropertyKind, PropertyName, PropertySet, PropertyValue};

/// The wire's name of a property.
pub(crate) fn property_uri(name: &PropertyName) -> ExtendedFieldUri {
    let kind = |kind: PropertyKind| MapiPropertyType::named(kind.name());
    match name {
        PropertyName::Tag { tag, kind: k } => ExtendedFieldUri::tag(*tag, kind(*k)),
        PropertyName::Id { set, id, kind: k } => {
            let id = i32::try_from(*id).unwrap_or(i32::MAX);
            in_set(set, ExtendedFieldUri::id(known(set), id, kind(*k)))
        }
        PropertyName::Named { set, name, kind: k } => {
            in_set(set, ExtendedFieldUri::named(known(set), name, kind(*k)))
        }
    }
}

/// The same, with a value, for writing.
pub(crate) fn extended_uri(property: &ExtendedProperty) -> types::ExtendedProperty {
    types::ExtendedProperty {
        uri: property_uri(&property.name),
        value: match &property.value {
            PropertyValue::One(value) => Wire::Value(value.clone()),
            PropertyValue::Many(values) => Wire::Values(values.clone()),
        },
    }
}

/// A property as it came; nothing if its name is of a kind the model does not have.
pub(super) fn extended_property(property: &types::ExtendedProperty) -> Option<ExtendedProperty> {
    let uri = &property.uri;
    let kind = PropertyKind::ALL
        .iter()
        .copied()
        .find(|kind| kind.name() == uri.property_type.as_str())?;
    let name = match (&uri.property_tag, &uri.property_name, uri.property_id) {
        (Some(tag), _, _) => PropertyName::tag(read_tag(tag)?, kind),
        (_, Some(name), _) => PropertyName::named(set_of(uri)?, name.clone(), kind),
        (_, _, Some(id)) => PropertyName::id(set_of(uri)?, u32::try_from(id).ok()?, kind),
        _ => return None,
    };
    let value = match &property.value {
        Wire::Value(value) => PropertyValue::One(value.clone()),
        Wire::Values(values) => PropertyValue::Many(values.clone()),
    };
    Some(ExtendedProperty { name, value })
}

/// The tag of a property that has one.
pub(super) fn tag_of(uri: &ExtendedFieldUri) -> Option<u16> {
    read_tag(uri.property_tag.as_deref()?)
}

/// `0x0e08`, `0xE08` or `3592`.
fn read_tag(text: &str) -> Option<u16> {
    let text = text.trim();
    match text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        Some(hex) => u16::from_str_radix(hex, 16).ok(),
        None => text.parse().ok(),
    }
}

/// Sets with a name of their own. `PublicStrings` stands in for those without, whose GUID replaces
/// it.
fn known(set: &PropertySet) -> DistinguishedPropertySetId {
    match set {
        PropertySet::Meeting => DistinguishedPropertySetId::Meeting,
        PropertySet::Appointment => DistinguishedPropertySetId::Appointment,
        PropertySet::Common => DistinguishedPropertySetId::Common,
        PropertySet::Address => DistinguishedPropertySetId::Address,
        PropertySet::InternetHeaders => DistinguishedPropertySetId::InternetHeaders,
        PropertySet::CalendarAssistant => DistinguishedPropertySetId::CalendarAssistant,
        PropertySet::UnifiedMessaging => DistinguishedPropertySetId::UnifiedMessaging,
        PropertySet::Task => DistinguishedPropertySetId::Task,
        PropertySet::PublicStrings | PropertySet::Sharing | PropertySet::Guid(_) => {
            DistinguishedPropertySetId::PublicStrings
        }
    }
}

/// Sets newer than Exchange 2007 go by GUID, which every version knows.
fn in_set(set: &PropertySet, uri: ExtendedFieldUri) -> ExtendedFieldUri {
    match set {
        PropertySet::Sharing | PropertySet::Guid(_) => uri.in_set(set.guid()),
        _ => uri,
    }
}

fn set_of(uri: &ExtendedFieldUri) -> Option<PropertySet> {
    use DistinguishedPropertySetId as Wire;
    if let Some(guid) = &uri.property_set_id {
        return Some(PropertySet::Guid(guid.to_ascii_lowercase()));
    }
    Some(match uri.distinguished_property_set_id.as_ref()? {
        Wire::Meeting => PropertySet::Meeting,
        Wire::Appointment => PropertySet::Appointment,
        Wire::Common => PropertySet::Common,
        Wire::PublicStrings => PropertySet::PublicStrings,
        Wire::Address => PropertySet::Address,
        Wire::InternetHeaders => PropertySet::InternetHeaders,
        Wire::CalendarAssistant => PropertySet::CalendarAssistant,
        Wire::UnifiedMessaging => PropertySet::UnifiedMessaging,
        Wire::Task => PropertySet::Task,
        Wire::Sharing => PropertySet::Sharing,
        Wire::Other(_) => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_go_there_and_back() {
        let guid = "7b1f0e0a-3c52-4a0e-9d0c-1d6f2f3a4b5c";
        for name in [
            PropertyName::tag(0x0e08, PropertyKind::Integer),
            PropertyName::id(PropertySet::Appointment, 0x8216, PropertyKind::Binary),
            PropertyName::named(PropertySet::PublicStrings, "x", PropertyKind::StringArray),
            PropertyName::named(PropertySet::Guid(guid.into()), "y", PropertyKind::String),
        ] {
            let wire = types::ExtendedProperty::new(property_uri(&name), "1");
            let back = extended_property(&wire).map(|property| property.name);
            assert_eq!(back, Some(name));
        }
    }

    #[test]
    fn tags_in_every_form() {
        for text in ["0x0e08", "0xE08", "0X0E08", "3592"] {
            assert_eq!(read_tag(text), Some(0x0e08), "{text}");
        }
        assert_eq!(read_tag("0x10000"), None);
    }
}
