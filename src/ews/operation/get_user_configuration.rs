use serde::Serialize;

use super::{Needs, Operation, ResponseMessage, response_messages};
use crate::ews::ServerVersion;
use crate::ews::types::{FolderIdRef, ItemId};
use crate::xml::{Base64, Children, Element, Problem, ReadElement, Tag, names};

/// Reads settings that a program keeps in a folder, by their name.
///
/// Outlook on the web keeps its own as `OWA.UserOptions` in the root of the mailbox; among them is
/// `timezone`, the zone of the mailbox. Where there are no settings of that name, the server
/// answers `ErrorItemNotFound`.
///
/// Exchange 2010 and later.
///
/// Reference: <https://learn.microsoft.com/exchange/client-developer/web-service-reference/getuserconfiguration-operation>
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct GetUserConfiguration {
    /// What the settings are called.
    pub name: String,
    /// The folder they are in.
    pub folder: FolderIdRef,
    /// Which parts of them to read: `Id`, `Dictionary`, `XmlData`, `BinaryData`, `All`; one at least.
    pub properties: Vec<UserConfigurationProperty>,
}

names! {
    /// A part of settings.
    pub enum UserConfigurationProperty {
        /// The identifier of the item that holds them.
        Id = "Id",
        /// Names and values.
        Dictionary = "Dictionary",
        /// A document.
        XmlData = "XmlData",
        /// Bytes.
        BinaryData = "BinaryData",
        /// All of these.
        All = "All",
    }
}

impl GetUserConfiguration {
    /// Reads the names and values of these settings.
    pub fn dictionary(name: impl Into<String>, folder: impl Into<FolderIdRef>) -> Self {
        Self {
            name: name.into(),
            folder: folder.into(),
            properties: vec![UserConfigurationProperty::Dictionary],
        }
    }
}

impl Operation for GetUserConfiguration {
    type Response = Vec<ResponseMessage<UserConfigurations>>;

    const NAME: &'static str = "GetUserConfiguration";
    const SINCE: ServerVersion = ServerVersion::Exchange2010;
    const REPEATABLE: bool = true;

    fn requested(&self) -> Option<usize> {
        Some(1)
    }

    fn needs(&self, needs: &mut Needs) {
        needs.folders(std::slice::from_ref(&self.folder));
        if self.name.is_empty() {
            needs.refuse("the settings have no name");
        }
        if self.properties.is_empty() {
            needs.refuse("no part of the settings is asked for");
        }
    }

    fn write(&self, request: Tag<'_>) {
        request.children(|body: &mut Children<'_>| {
            body.tag("m:UserConfigurationName")
                .attribute("Name", &self.name)
                .children(|out| self.folder.write(out));
            let properties = self.properties.iter().map(UserConfigurationProperty::as_str);
            let properties = properties.collect::<Vec<_>>().join(" ");
            body.text("m:UserConfigurationProperties", &properties);
        });
    }

    fn read(response: &mut Element<'_, '_>) -> Result<Self::Response, Problem> {
        response_messages(response, |found: &mut UserConfigurations, child| {
            match child.name() {
                "UserConfiguration" => found.user_configuration = Some(UserConfiguration::read(child)?),
                _ => child.skip()?,
            }
            Ok(())
        })
    }
}

/// What was found.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct UserConfigurations {
    /// The settings.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_configuration: Option<UserConfiguration>,
}

/// Settings that a program keeps in a folder.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct UserConfiguration {
    /// What they are called.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The item that holds them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub item_id: Option<ItemId>,
    /// Names and values, if they were asked for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub dictionary: Vec<DictionaryEntry>,
    /// A document, if it was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub xml_data: Option<Base64>,
    /// Bytes, if they were asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub binary_data: Option<Base64>,
}

/// A name and its value, each with its type: `String`, `Boolean`, `Integer32` …
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct DictionaryEntry {
    /// The name.
    pub key: DictionaryObject,
    /// The value; `None` for nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<DictionaryObject>,
}

/// Something in a dictionary.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct DictionaryObject {
    /// What sort of value it is.
    #[serde(rename = "Type")]
    pub kind: String,
    /// The value as text; several for arrays.
    pub values: Vec<String>,
}

impl UserConfiguration {
    /// The text of a name.
    pub fn text(&self, name: &str) -> Option<&str> {
        let entry = self
            .dictionary
            .iter()
            .find(|entry| entry.key.values.first().is_some_and(|key| key == name))?;
        entry.value.as_ref()?.values.first().map(String::as_str)
    }

    fn read(node: &mut Element<'_, '_>) -> Result<Self, Problem> {
        let mut read = Self::default();
        node.for_each(|child| {
            match child.name() {
                "UserConfigurationName" => {
                    read.name = child.attribute("Name")?;
                    child.skip()?;
                }
                "ItemId" => read.item_id = ItemId::read_element(child)?,
                "Dictionary" => {
                    child.for_each(|entry| {
                        match entry.name() {
                            "DictionaryEntry" => {
                                read.dictionary.push(DictionaryEntry::read(entry)?);
                            }
                            _ => entry.skip()?,
                        }
                        Ok(())
                    })?;
                }
                "XmlData" => read.xml_data = Base64::read_element(child)?,
                "BinaryData" => read.binary_data = Base64::read_element(child)?,
                _ => child.skip()?,
            }
            Ok(())
        })?;
        Ok(read)
    }
}

impl DictionaryEntry {
    fn read(node: &mut Element<'_, '_>) -> Result<Self, Problem> {
        let mut read = Self::default();
        node.for_each(|child| {
            match child.name() {
                "DictionaryKey" => read.key = DictionaryObject::read(child)?,
                "DictionaryValue" => {
                    let value = DictionaryObject::read(child)?;
                    // Nothing has no type either.
                    read.value = Some(value).filter(|value| !value.kind.is_empty());
                }
                _ => child.skip()?,
            }
            Ok(())
        })?;
        Ok(read)
    }
}

impl DictionaryObject {
    fn read(node: &mut Element<'_, '_>) -> Result<Self, Problem> {
        let mut read = Self::default();
        node.for_each(|child| {
            match child.name() {
                "Type" => read.kind = child.text()?,
                "Value" => read.values.push(child.text()?),
                _ => child.skip()?,
            }
            Ok(())
        })?;
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ews::testing::{assert_request, messages, refusal};
    use crate::ews::types::Mailbox;
    use crate::ews::{DistinguishedFolderId, ResponseCode};

    #[test]
    fn request() {
        let root = FolderIdRef::Distinguished(
            DistinguishedFolderId::Root,
            Some(Mailbox::smtp("bo@contoso.example")),
        );
        let operation = GetUserConfiguration::dictionary("OWA.UserOptions", root);
        assert_request(
            "get_user_configuration/request",
            ServerVersion::Exchange2010,
            &operation,
        );
    }

    #[test]
    fn several_parts() {
        let mut operation =
            GetUserConfiguration::dictionary("Ours", DistinguishedFolderId::Calendar);
        operation.properties = vec![
            UserConfigurationProperty::Id,
            UserConfigurationProperty::Dictionary,
            UserConfigurationProperty::XmlData,
        ];
        assert_request(
            "get_user_configuration/request_parts",
            ServerVersion::Exchange2010,
            &operation,
        );
    }

    #[test]
    fn what_cannot_be_sent() {
        let nameless = GetUserConfiguration::dictionary("", DistinguishedFolderId::Root);
        let refused = refusal(ServerVersion::Exchange2016, &nameless);
        assert_eq!(refused, "the settings have no name");
        let mut nothing = GetUserConfiguration::dictionary("Ours", DistinguishedFolderId::Root);
        nothing.properties.clear();
        let refused = refusal(ServerVersion::Exchange2016, &nothing);
        assert_eq!(refused, "no part of the settings is asked for");
    }

    #[test]
    fn answer() {
        let answer = messages::<GetUserConfiguration>("get_user_configuration/response");
        let [found] = answer.as_slice() else {
            panic!("{answer:?}");
        };
        let options = found.body.user_configuration.as_ref().unwrap();
        assert_eq!(options.name.as_deref(), Some("OWA.UserOptions"));
        assert_eq!(options.item_id, Some(ItemId::new("AAMkAGNmZwA=").with_change_key("DwAAAGNm")));
        assert_eq!(options.text("timezone"), Some("W. Europe Standard Time"));
        assert_eq!(options.text("workdays"), Some("62"));
        assert_eq!(options.text("nothing"), None);
        assert_eq!(options.text("absent"), None);
        assert_eq!(options.dictionary.len(), 4);
        let list = options.dictionary[3].value.as_ref().unwrap();
        assert_eq!((list.kind.as_str(), list.values.len()), ("StringArray", 2));
        assert_eq!(options.xml_data, Some(Base64(b"<a/>".to_vec())));
    }

    #[test]
    fn settings_that_are_not_there() {
        let answer = messages::<GetUserConfiguration>("get_user_configuration/response_error");
        let [refused] = answer.as_slice() else {
            panic!("{answer:?}");
        };
        assert_eq!(refused.code, Some(ResponseCode::ErrorItemNotFound));
        assert_eq!(refused.body, UserConfigurations::default());
    }
}
