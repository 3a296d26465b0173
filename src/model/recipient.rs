//! People, as mail addresses them.

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

/// Someone with an address.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Recipient {
    /// The name shown.
    pub name: Option<String>,
    /// The address.
    pub address: Address,
}

impl Recipient {
    /// Someone with any kind of address and no name.
    pub fn new(address: Address) -> Self {
        Self {
            name: None,
            address,
        }
    }

    /// Someone with an SMTP address and no name.
    pub fn smtp(address: impl Into<String>) -> Self {
        Self::new(Address::Smtp(address.into()))
    }

    /// Adds the name shown.
    #[must_use]
    pub fn named(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// The SMTP address, if it is one.
    pub fn smtp_address(&self) -> Option<&str> {
        match &self.address {
            Address::Smtp(address) => Some(address),
            _ => None,
        }
    }

    /// Checks that mail can be sent there: `who` is what it is called in the error.
    pub(crate) fn require_smtp(&self, operation: &'static str, who: &str) -> Result<()> {
        let Some(address) = self.smtp_address() else {
            let name = self.name.as_deref().unwrap_or("without a name");
            let problem = format!("the {who} {name} has no mail address");
            return Err(Error::invalid_argument(operation, problem)
                .with_hint("Name people by their SMTP address."));
        };
        check_smtp(operation, who, address)
    }
}

/// An address. What is sent must be SMTP; what is read may be anything.
///
/// EWS `EmailAddress` with `RoutingType`; Graph always SMTP.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Address {
    /// A mail address.
    Smtp(String),
    /// The distinguished name of someone in the organisation (routing type `EX`), as lists on-premises often have it.
    ExchangeDn(String),
    /// Of another routing type, such as `X400` or `FAX`.
    Other {
        /// The routing type.
        routing: String,
        /// The address in its terms.
        address: String,
    },
    /// None: only a name is known.
    Missing,
}

/// RFC 5321 section 4.1.2, `Quoted-string`: what is in it cannot end it.
fn is_quoted_string(text: &str) -> bool {
    let inside = text
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'));
    let mut is_escaped = false;
    let is_sound = inside.is_some_and(|inside| {
        inside.chars().all(|character| {
            let is_end = character == '"' && !is_escaped;
            is_escaped = character == '\\' && !is_escaped;
            !is_end
        })
    });
    is_sound && !is_escaped
}

/// Checks that text may be a mail address. RFC 5321 allows more than is sensible to check: refused is only what no
/// server takes, so that a mistake shows before anything is sent.
pub(crate) fn check_smtp(operation: &'static str, who: &str, address: &str) -> Result<()> {
    // RFC 5321 section 4.5.3.1: 64 characters before the `@`, 255 after it.
    let sound = address.rsplit_once('@').is_some_and(|(local, domain)| {
        (1..=64).contains(&local.len())
            && (1..=255).contains(&domain.len())
            && !domain.starts_with('.')
            && !domain.ends_with('.')
            && !domain.contains("..")
            && !address
                .contains(|c: char| c.is_whitespace() && !is_quoted_string(local) || c.is_control())
            && !domain.contains(|c: char| "<>()[],;:\\\"@ ".contains(c))
            && (is_quoted_string(local) || !local.contains(|c: char| "<>()[],;:\\\"@ ".contains(c)))
    });
    if sound {
        return Ok(());
    }
    Err(Error::invalid_argument(
        operation,
        format!("the {who} {address:?} is not a mail address"),
    )
    .with_hint("Give it as name@domain, without a display name and without angle brackets."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses() {
        for good in [
            "a@b",
            "Ada.Lovelace+x@example.com",
            "o'neil@example.org",
            "ü@exämple.de",
            "\"a b\"@example.com",
        ] {
            assert!(check_smtp("t", "attendee", good).is_ok(), "{good}");
        }
        for bad in [
            "",
            "@",
            "a@",
            "@b",
            "ada",
            "Ada <ada@example.com>",
            "a b@example.com",
            "a@b..c",
            "a@.b",
            "a@b,c@d",
            "a@b\n",
        ] {
            assert!(check_smtp("t", "attendee", bad).is_err(), "{bad:?}");
        }
    }
}
