//! The address that is looked for.

use std::fmt;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use url::Host;

use crate::error::{Error, ErrorKind};

/// An e-mail address whose domain can be asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Address {
    text: String,
    /// In ASCII and small letters.
    domain: String,
}

impl Address {
    /// # Errors
    /// `InvalidArgument` for what is no address.
    pub(super) fn parse(text: &str) -> Result<Self, Error> {
        let text = text.trim();
        let wrong = |what: &str| {
            let message = format!("\"{}\" is no e-mail address: {what}", shown(text));
            Err(Error::invalid_argument(OPERATION, message)
                .with_hint("Give the address of the mailbox, such as alice@contoso.com."))
        };
        let Some((local, domain)) = text.rsplit_once('@') else {
            return wrong("there is no @ in it");
        };
        if local.is_empty() || local.contains('@') || text.len() > 320 {
            return wrong("the part before the @ is not valid");
        }
        if text
            .chars()
            .any(|c| c.is_whitespace() || c.is_control() || "<>\"\\:;,()[]".contains(c))
        {
            return wrong("there are characters in it that do not belong there");
        }
        let Ok(Host::Domain(domain)) = Host::parse(domain.trim_end_matches('.')) else {
            return wrong("the part after the @ is no domain");
        };
        if !domain.contains('.') || domain.len() > 253 {
            return wrong("the part after the @ is no domain");
        }
        Ok(Self {
            text: text.to_owned(),
            domain: domain.to_ascii_lowercase(),
        })
    }

    pub(super) fn as_str(&self) -> &str {
        &self.text
    }

    pub(super) fn domain(&self) -> &str {
        &self.domain
    }

    /// As a segment of a URL.
    pub(super) fn encoded(&self) -> String {
        const KEPT: &AsciiSet = &NON_ALPHANUMERIC
            .remove(b'@')
            .remove(b'.')
            .remove(b'-')
            .remove(b'_')
            .remove(b'~');
        utf8_percent_encode(&self.text, KEPT).to_string()
    }

    pub(super) fn is(&self, other: &Self) -> bool {
        self.text.eq_ignore_ascii_case(&other.text)
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// What all errors of this module are about.
pub(super) const OPERATION: &str = "Autodiscover";

/// A text of somebody else, short enough for a message.
pub(super) fn shown(text: &str) -> String {
    let words: Vec<&str> = text
        .split(|c: char| c.is_whitespace() || c.is_control())
        .filter(|word| !word.is_empty())
        .collect();
    words.join(" ").chars().take(200).collect()
}

/// The same for callers that have an [`Error`] already.
pub(super) fn configuration(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::Configuration, OPERATION, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses() {
        for (text, domain) in [
            ("alice@contoso.com", "contoso.com"),
            (" Alice.Adler+x@EU.Contoso.com. ", "eu.contoso.com"),
            ("o'brien@münchen.example", "xn--mnchen-3ya.example"),
        ] {
            assert_eq!(Address::parse(text).unwrap().domain(), domain, "{text}");
        }
        for wrong in [
            "",
            "alice",
            "@contoso.com",
            "alice@",
            "alice@contoso",
            "alice@10.0.0.7",
            "alice@[::1]",
            "a b@contoso.com",
            "alice@bob@contoso.com",
            "Alice <alice@contoso.com>",
            "alice@contoso.com/x",
            "alice@contoso.com:8443",
            "alice@evil.test?contoso.com",
            "alice\n@contoso.com",
        ] {
            let error = Address::parse(wrong).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidArgument, "{wrong}: {error}");
        }
    }

    #[test]
    fn in_a_url() {
        let address = Address::parse("a/b?c#d%e@contoso.com").unwrap();
        assert_eq!(address.encoded(), "a%2Fb%3Fc%23d%25e@contoso.com");
    }
}
