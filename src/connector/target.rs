//! Whose mailbox, and by what right.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::model::check_smtp;

/// Whose mailbox, and by what right.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum MailboxTarget {
    /// The mailbox of the account that is signed in.
    ///
    /// EWS: no further header. Graph: `/me`, which needs a delegated token.
    Own,
    /// The mailbox with this SMTP address, with the rights of the account that is signed in: a shared mailbox, or one
    /// it is a delegate of.
    ///
    /// EWS: `Mailbox` in the folder id. Graph: `/users/{address}` with the `*.Shared` scopes.
    Shared(String),
    /// The mailbox of this account, as if its owner were signed in.
    ///
    /// EWS: `ExchangeImpersonation`, which needs the role ApplicationImpersonation (Exchange 2010; before, an extended
    /// right). Graph: `/users/{address}` with application permissions.
    ActAs(Principal),
}

impl MailboxTarget {
    /// The mailbox with this address, with the rights of the account that is signed in.
    pub fn shared(address: impl Into<String>) -> Self {
        Self::Shared(address.into())
    }

    /// The mailbox with this SMTP address, as if its owner were signed in.
    pub fn act_as(address: impl Into<String>) -> Self {
        Self::ActAs(Principal::Smtp(address.into()))
    }

    /// The mailbox of the account with this user principal name, as if it were signed in.
    pub fn act_as_upn(name: impl Into<String>) -> Self {
        Self::ActAs(Principal::Upn(name.into()))
    }

    /// The mailbox of the account with this security identifier (`S-1-5-21-…`), as if it were signed in. Graph knows
    /// no such names.
    pub fn act_as_sid(sid: impl Into<String>) -> Self {
        Self::ActAs(Principal::Sid(sid.into()))
    }

    /// The SMTP address of the mailbox; `None` for one's own, and where it is named otherwise.
    pub fn address(&self) -> Option<&str> {
        match self {
            Self::Own => None,
            Self::Shared(address) => Some(address),
            Self::ActAs(principal) => principal.address(),
        }
    }

    /// Checks that what names the mailbox is such a name.
    ///
    /// # Errors
    /// [`InvalidArgument`](crate::ErrorKind::InvalidArgument).
    pub fn validate(&self) -> Result<()> {
        match self {
            Self::Own => Ok(()),
            Self::Shared(address) => check_smtp("mailbox", "mailbox", address),
            Self::ActAs(principal) => principal.validate(),
        }
    }
}

/// An account of the directory, by one of its names.
///
/// As JSON a mail address is a text, the others say what they are: `"ada@example.com"`,
/// `{"upn": "ada@corp.example"}`, `{"sid": "S-1-5-21-1-2-3-1104"}`.
///
/// ```
/// use exchange_connector::{MailboxTarget, Principal};
///
/// let stored = r#"{"act_as": {"sid": "S-1-5-21-1004336348-1177238915-682003330-512"}}"#;
/// let target: MailboxTarget = serde_json::from_str(stored)?;
/// assert!(matches!(target, MailboxTarget::ActAs(Principal::Sid(_))));
/// assert!(target.validate().is_ok());
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, Eq, Hash, PartialEq, Serialize, Deserialize)]
#[serde(from = "Form", into = "Form")]
#[non_exhaustive]
pub enum Principal {
    /// An SMTP address of its mailbox; for Exchange 2007 the primary one. The server looks for the account once more
    /// than with the other names.
    Smtp(String),
    /// Its user principal name: what people sign in with in the form `name@domain`. It is often, but not always, the
    /// mail address.
    Upn(String),
    /// Its security identifier in text form, as `S-1-5-21-1004336348-1177238915-682003330-512`.
    Sid(String),
}

impl Principal {
    /// The name itself, of whatever sort.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Smtp(name) | Self::Upn(name) | Self::Sid(name) => name,
        }
    }

    /// Its SMTP address, if that is the name it has.
    pub fn address(&self) -> Option<&str> {
        match self {
            Self::Smtp(address) => Some(address),
            Self::Upn(_) | Self::Sid(_) => None,
        }
    }

    /// Checks that the name is one of its sort.
    ///
    /// # Errors
    /// [`InvalidArgument`](crate::ErrorKind::InvalidArgument).
    pub fn validate(&self) -> Result<()> {
        match self {
            Self::Smtp(address) => check_smtp("mailbox", "mailbox", address),
            Self::Upn(name) if is_upn(name) => Ok(()),
            Self::Upn(name) => {
                let problem = format!("{name:?} is not a user principal name");
                Err(Error::invalid_argument("mailbox", problem)
                    .with_hint("Give it as name@domain, as the account signs in."))
            }
            Self::Sid(sid) if is_sid(sid) => Ok(()),
            Self::Sid(sid) => {
                let problem = format!("{sid:?} is not a security identifier");
                Err(Error::invalid_argument("mailbox", problem).with_hint(
                    "Give it in text form, as S-1-5-21-1004336348-1177238915-682003330-512: (Get-ADUser <name>).SID shows it.",
                ))
            }
        }
    }
}

/// A text is an SMTP address.
impl From<&str> for Principal {
    fn from(address: &str) -> Self {
        Self::Smtp(address.to_owned())
    }
}

/// A text is an SMTP address.
impl From<String> for Principal {
    fn from(address: String) -> Self {
        Self::Smtp(address)
    }
}

impl fmt::Display for Principal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// How a principal is stored.
#[derive(Clone, Deserialize, Serialize)]
#[serde(untagged)]
enum Form {
    Smtp(String),
    Named(Named),
}

#[derive(Clone, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
enum Named {
    Smtp(String),
    Upn(String),
    Sid(String),
}

impl From<Form> for Principal {
    fn from(form: Form) -> Self {
        match form {
            Form::Smtp(name) | Form::Named(Named::Smtp(name)) => Self::Smtp(name),
            Form::Named(Named::Upn(name)) => Self::Upn(name),
            Form::Named(Named::Sid(name)) => Self::Sid(name),
        }
    }
}

impl From<Principal> for Form {
    fn from(principal: Principal) -> Self {
        match principal {
            Principal::Smtp(name) => Self::Smtp(name),
            Principal::Upn(name) => Self::Named(Named::Upn(name)),
            Principal::Sid(name) => Self::Named(Named::Sid(name)),
        }
    }
}

/// `name@suffix`, both of at most 256 characters, without what no directory takes in them.
///
/// Source: MS-ADTS, 5.1.1.1.1, and RFC 822 for the form; only what is never right is refused.
fn is_upn(name: &str) -> bool {
    name.rsplit_once('@').is_some_and(|(user, suffix)| {
        !user.is_empty()
            && !suffix.is_empty()
            && name.chars().count() <= 1024
            && !name.contains(|c: char| c.is_control() || c.is_whitespace() || c == '\\')
            && !suffix.starts_with('.')
            && !suffix.ends_with('.')
    })
}

/// The text form of a security identifier (MS-DTYP, 2.4.2.1): `S-1-`, the authority, and 1 to 15
/// numbers of 32 bits.
fn is_sid(sid: &str) -> bool {
    let Some(rest) = sid.strip_prefix("S-1-") else {
        return false;
    };
    let mut parts = rest.split('-');
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let authority = parts.next().unwrap_or_default();
    let is_authority = match authority.strip_prefix("0x") {
        Some(hex) => hex.len() == 12 && hex.bytes().all(|b| b.is_ascii_hexdigit()),
        None => is_number(authority) && authority.parse::<u32>().is_ok(),
    };
    let numbers: Vec<&str> = parts.collect();
    is_authority
        && (1..=15).contains(&numbers.len())
        && numbers
            .iter()
            .all(|number| is_number(number) && number.parse::<u32>().is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;

    #[test]
    fn names_of_all_sorts() {
        assert!(MailboxTarget::Own.validate().is_ok());
        for target in [
            MailboxTarget::shared("room5@example.com"),
            MailboxTarget::act_as("ada@example.com"),
            MailboxTarget::act_as_upn("ada@corp.example"),
            MailboxTarget::act_as_upn("ada.o'hara@corp"),
            MailboxTarget::act_as_sid("S-1-5-21-1004336348-1177238915-682003330-512"),
            MailboxTarget::act_as_sid("S-1-5-32"),
        ] {
            assert!(target.validate().is_ok(), "{target:?}");
        }
        for target in [
            MailboxTarget::act_as("Ada"),
            MailboxTarget::act_as_upn("ada"),
            MailboxTarget::act_as_upn("@corp.example"),
            MailboxTarget::act_as_upn("CORP\\ada@corp.example"),
            MailboxTarget::act_as_upn("ada@corp.example\r\nX-Header: 1"),
            MailboxTarget::act_as_sid("ada@example.com"),
            MailboxTarget::act_as_sid("S-1-5"),
            MailboxTarget::act_as_sid("S-1-5-"),
            MailboxTarget::act_as_sid("S-1-5-21-4294967296"),
            MailboxTarget::act_as_sid("S-1-5-21-+7"),
            MailboxTarget::act_as_sid(format!("S-1-5{}", "-1".repeat(16))),
        ] {
            let error = target.validate().unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidArgument, "{target:?}");
        }
    }

    #[test]
    fn as_they_are_stored() {
        for (target, stored, address) in [
            (MailboxTarget::Own, r#""own""#, None),
            (
                MailboxTarget::shared("a@b.example"),
                r#"{"shared":"a@b.example"}"#,
                Some("a@b.example"),
            ),
            (
                MailboxTarget::act_as("a@b.example"),
                r#"{"act_as":"a@b.example"}"#,
                Some("a@b.example"),
            ),
            (
                MailboxTarget::act_as_upn("a@b"),
                r#"{"act_as":{"upn":"a@b"}}"#,
                None,
            ),
            (
                MailboxTarget::act_as_sid("S-1-5-32"),
                r#"{"act_as":{"sid":"S-1-5-32"}}"#,
                None,
            ),
        ] {
            assert_eq!(serde_json::to_string(&target).unwrap(), stored);
            let read: MailboxTarget = serde_json::from_str(stored).unwrap();
            assert_eq!(read, target);
            assert_eq!(target.address(), address);
        }
    }
}
