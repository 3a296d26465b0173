use crate::graph::wire::{EmailAddress, Recipient as Wire};
use crate::model::{Address, Recipient};

/// Somebody; `None` where neither name nor address is said.
pub(in crate::graph) fn recipient(wire: &Wire) -> Option<Recipient> {
    email_address(wire.email_address.as_ref()?)
}

pub(in crate::graph) fn email_address(wire: &EmailAddress) -> Option<Recipient> {
    let text = |text: &Option<String>| text.clone().filter(|text| !text.trim().is_empty());
    let (name, address) = (text(&wire.name), text(&wire.address));
    let mut found = Recipient::new(match address {
        Some(address) if address.contains('@') => Address::Smtp(address),
        Some(address) if address.to_ascii_lowercase().starts_with("/o=") => {
            Address::ExchangeDn(address)
        }
        Some(address) => Address::Other {
            routing: String::new(),
            address,
        },
        None if name.is_some() => Address::Missing,
        None => return None,
    });
    found.name = name;
    Some(found)
}

/// Somebody to write; whether the address is one was checked before.
pub(in crate::graph) fn to_email_address(recipient: &Recipient) -> EmailAddress {
    EmailAddress {
        name: recipient.name.clone(),
        address: recipient.smtp_address().map(str::to_owned),
    }
}

pub(in crate::graph) fn to_recipient(recipient: &Recipient) -> Wire {
    Wire {
        email_address: Some(to_email_address(recipient)),
    }
}
