use serde::Serialize;

use crate::ews::ServerVersion;
use crate::ews::operation::Needs;
use crate::xml::{Children, Element, Problem, ReadElement, Tag, WriteElement, names};

names! {
    /// A property set with a name of its own.
    ///
    /// Reference: <https://learn.microsoft.com/exchange/client-developer/web-service-reference/extendedfielduri>
    pub open enum DistinguishedPropertySetId {
        Meeting = "Meeting",
        Appointment = "Appointment",
        Common = "Common",
        PublicStrings = "PublicStrings",
        Address = "Address",
        InternetHeaders = "InternetHeaders",
        CalendarAssistant = "CalendarAssistant",
        UnifiedMessaging = "UnifiedMessaging",
        Task = "Task",
        Sharing = "Sharing",
    }
}

names! {
    /// The type of a MAPI property.
    ///
    /// Reference: <https://learn.microsoft.com/exchange/client-developer/web-service-reference/extendedfielduri>
    pub open enum MapiPropertyType {
        ApplicationTime = "ApplicationTime",
        ApplicationTimeArray = "ApplicationTimeArray",
        Binary = "Binary",
        BinaryArray = "BinaryArray",
        Boolean = "Boolean",
        Clsid = "CLSID",
        ClsidArray = "CLSIDArray",
        Currency = "Currency",
        CurrencyArray = "CurrencyArray",
        Double = "Double",
        DoubleArray = "DoubleArray",
        Error = "Error",
        Float = "Float",
        FloatArray = "FloatArray",
        Integer = "Integer",
        IntegerArray = "IntegerArray",
        Long = "Long",
        LongArray = "LongArray",
        Null = "Null",
        Object = "Object",
        ObjectArray = "ObjectArray",
        Short = "Short",
        ShortArray = "ShortArray",
        SystemTime = "SystemTime",
        SystemTimeArray = "SystemTimeArray",
        String = "String",
        StringArray = "StringArray",
    }
}

/// The name of a MAPI property: a tag, or a number or name in a property set.
///
/// Reference: <https://learn.microsoft.com/exchange/client-developer/web-service-reference/extendedfielduri>
#[derive(Clone, Debug, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct ExtendedFieldUri {
    /// A property set by its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub distinguished_property_set_id: Option<DistinguishedPropertySetId>,
    /// A property set by its GUID.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub property_set_id: Option<String>,
    /// The tag without its type, as `0x3a45`; servers write hexadecimal in either case, or decimal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub property_tag: Option<String>,
    /// The name in the property set.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub property_name: Option<String>,
    /// The number in the property set.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub property_id: Option<i32>,
    /// What the property holds.
    pub property_type: MapiPropertyType,
}

impl ExtendedFieldUri {
    /// The property with that tag, without its type.
    pub fn tag(tag: u16, property_type: MapiPropertyType) -> Self {
        Self {
            property_tag: Some(format!("0x{tag:04x}")),
            ..Self::nothing(property_type)
        }
    }

    /// The property with that number in a property set.
    pub fn id(set: DistinguishedPropertySetId, id: i32, property_type: MapiPropertyType) -> Self {
        Self {
            distinguished_property_set_id: Some(set),
            property_id: Some(id),
            ..Self::nothing(property_type)
        }
    }

    /// The property with that name in a property set.
    pub fn named(
        set: DistinguishedPropertySetId,
        name: impl Into<String>,
        property_type: MapiPropertyType,
    ) -> Self {
        Self {
            distinguished_property_set_id: Some(set),
            property_name: Some(name.into()),
            ..Self::nothing(property_type)
        }
    }

    /// The same property in the set with that GUID, as
    /// `00020329-0000-0000-c000-000000000046`.
    #[must_use]
    pub fn in_set(mut self, guid: impl Into<String>) -> Self {
        self.distinguished_property_set_id = None;
        self.property_set_id = Some(guid.into());
        self
    }

    pub(crate) fn needs(&self, needs: &mut Needs) {
        if self.distinguished_property_set_id == Some(DistinguishedPropertySetId::Sharing) {
            needs.at_least("the property set Sharing", ServerVersion::Exchange2013);
        }
    }

    fn nothing(property_type: MapiPropertyType) -> Self {
        Self {
            distinguished_property_set_id: None,
            property_set_id: None,
            property_tag: None,
            property_name: None,
            property_id: None,
            property_type,
        }
    }
}

impl ReadElement for ExtendedFieldUri {
    fn read_element(node: &mut Element<'_, '_>) -> Result<Option<Self>, Problem> {
        let property_type = node.attribute("PropertyType")?;
        Ok(Some(Self {
            distinguished_property_set_id: node.attribute("DistinguishedPropertySetId")?,
            property_set_id: node.attribute("PropertySetId")?,
            property_tag: node.attribute("PropertyTag")?,
            property_name: node.attribute("PropertyName")?,
            property_id: node.attribute("PropertyId")?,
            property_type: property_type.unwrap_or(MapiPropertyType::Null),
        }))
    }
}

impl WriteElement for ExtendedFieldUri {
    fn write_element(&self, tag: Tag<'_>) {
        let set = self.distinguished_property_set_id.as_ref();
        tag.attribute_if("DistinguishedPropertySetId", set)
            .attribute_if("PropertySetId", self.property_set_id.as_ref())
            .attribute_if("PropertyTag", self.property_tag.as_ref())
            .attribute_if("PropertyName", self.property_name.as_ref())
            .attribute_if("PropertyId", self.property_id.as_ref())
            .attribute("PropertyType", &self.property_type);
    }
}

/// What a MAPI property holds, as text: numbers in decimal, bytes in base64, times in UTC.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub enum PropertyValue {
    /// One value.
    Value(String),
    /// The values of an array.
    Values(Vec<String>),
}

/// A MAPI property of an item or a folder.
///
/// Reference: <https://learn.microsoft.com/exchange/client-developer/web-service-reference/extendedproperty>
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub struct ExtendedProperty {
    /// Its name.
    #[serde(rename = "ExtendedFieldURI")]
    pub uri: ExtendedFieldUri,
    /// What it holds.
    #[serde(flatten)]
    pub value: PropertyValue,
}

impl ExtendedProperty {
    /// A property that holds one value.
    pub fn new(uri: ExtendedFieldUri, value: impl Into<String>) -> Self {
        Self {
            uri,
            value: PropertyValue::Value(value.into()),
        }
    }

    /// A property that holds an array of values.
    pub fn array(uri: ExtendedFieldUri, values: Vec<String>) -> Self {
        Self {
            uri,
            value: PropertyValue::Values(values),
        }
    }
}

impl ReadElement for ExtendedProperty {
    fn read_element(node: &mut Element<'_, '_>) -> Result<Option<Self>, Problem> {
        let mut uri = None;
        let mut value = PropertyValue::Value(String::new());
        node.for_each(|child| {
            match child.name() {
                "ExtendedFieldURI" => ExtendedFieldUri::read_into(&mut uri, child)?,
                "Value" => value = PropertyValue::Value(child.text()?),
                "Values" => {
                    let mut values = Vec::new();
                    child.for_each(|value| {
                        match value.name() {
                            "Value" => values.push(value.text()?),
                            _ => value.skip()?,
                        }
                        Ok(())
                    })?;
                    value = PropertyValue::Values(values);
                }
                _ => child.skip()?,
            }
            Ok(())
        })?;
        Ok(uri.map(|uri| Self { uri, value }))
    }
}

impl WriteElement for ExtendedProperty {
    fn write_element(&self, tag: Tag<'_>) {
        tag.children(|out| {
            out.value("t:ExtendedFieldURI", &self.uri);
            match &self.value {
                PropertyValue::Value(value) => out.text("t:Value", value),
                PropertyValue::Values(values) => out.tag("t:Values").children(|out| {
                    for value in values {
                        out.text("t:Value", value);
                    }
                }),
            }
        });
    }
}

/// The MAPI properties of an item: so many elements, one after the other.
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize)]
#[serde(transparent)]
pub struct ExtendedProperties(pub Vec<ExtendedProperty>);

impl ReadElement for ExtendedProperties {
    fn read_element(node: &mut Element<'_, '_>) -> Result<Option<Self>, Problem> {
        Ok(ExtendedProperty::read_element(node)?.map(|property| Self(vec![property])))
    }

    fn read_into(slot: &mut Option<Self>, node: &mut Element<'_, '_>) -> Result<(), Problem> {
        let property = ExtendedProperty::read_element(node)?;
        slot.get_or_insert_default().0.extend(property);
        Ok(())
    }
}

impl WriteElement for ExtendedProperties {
    fn write_element(&self, tag: Tag<'_>) {
        drop(tag);
    }

    fn write_in(&self, out: &mut Children<'_>, name: &str) {
        for property in &self.0 {
            out.value(name, property);
        }
    }
}
