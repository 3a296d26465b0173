//! People as Graph writes them: `recipient` and `emailAddress`.

use serde::Deserialize;
use serde_json::{Value, json};

use super::super::item::{Address, DISTINGUISHED};
use super::refusal::GraphRefusal;

/// `recipient`.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(in crate::simulator) struct Recipient {
    #[serde(default, rename = "@odata.type")]
    _kind: Option<String>,
    email_address: EmailAddress,
}

/// `emailAddress`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::simulator) struct EmailAddress {
    #[serde(default, rename = "@odata.type")]
    _kind: Option<String>,
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    address: Option<String>,
}

impl Recipient {
    pub(in crate::simulator) fn read(&self) -> Result<Address, GraphRefusal> {
        self.email_address.read()
    }
}

impl EmailAddress {
    /// The person; without a name the address stands for it.
    pub(in crate::simulator) fn read(&self) -> Result<Address, GraphRefusal> {
        let email = self.address.as_deref().unwrap_or_default().trim();
        if !email.contains('@') && !email.starts_with(DISTINGUISHED) {
            return Err(GraphRefusal::new(
                400,
                "ErrorInvalidRecipients",
                "At least one recipient is not valid.",
            ));
        }
        let name = self.name.as_deref().filter(|name| !name.is_empty());
        Ok(Address {
            name: name.unwrap_or(email).to_owned(),
            email: email.to_owned(),
        })
    }
}

/// `emailAddress` of somebody.
pub(in crate::simulator) fn email_address(address: &Address) -> Value {
    json!({"name": address.name, "address": address.email})
}

/// `recipient` of somebody.
pub(in crate::simulator) fn recipient(address: &Address) -> Value {
    json!({"emailAddress": email_address(address)})
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_come_back_and_need_an_address() {
        let bob = Address {
            name: "Bob Berger".to_owned(),
            email: "bob@example.test".to_owned(),
        };
        let read: Recipient = serde_json::from_value(recipient(&bob)).unwrap();
        assert_eq!(read.read().unwrap(), bob);
        let nobody: EmailAddress = serde_json::from_value(json!({"name": "Bob"})).unwrap();
        assert_eq!(nobody.read().unwrap_err().code, "ErrorInvalidRecipients");
        let wrong = json!({"emailAddress": {"mail": "bob@example.test"}});
        assert!(serde_json::from_value::<Recipient>(wrong).is_err());
    }
}
