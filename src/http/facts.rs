//! What the connections to a server showed of it, for a person who looks for a fault.

use std::fmt;
use std::time::Duration;

use chrono::{DateTime, Utc};

use super::AuthScheme;

/// What the connections to one server have shown by now. Holds no secret and no content, so that it can be pasted
/// into a ticket.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct ConnectionFacts {
    /// Host and port.
    pub host: String,
    /// Whether the connections are encrypted.
    pub tls: bool,
    /// Host and port of the proxy the connections go through.
    pub proxy: Option<String>,
    /// The certificates the server showed last, its own first; also those that were refused. Empty without TLS and
    /// where the TLS library does not tell.
    pub certificates: Vec<CertificateFacts>,
    /// The schemes the server offered last (`WWW-Authenticate`), as it writes them. Empty until it was asked without a
    /// logon.
    pub offered: Vec<String>,
    /// The schemes that were tried, in that order, each once: those the server got and said something to.
    pub tried: Vec<AuthScheme>,
    /// Why no Kerberos ticket could be had, in the words of the system's library, where one was looked for.
    pub no_ticket: Option<String>,
    /// The scheme the server took.
    pub accepted: Option<AuthScheme>,
    /// What the logon said of the TLS connection it came over.
    pub channel_binding: ChannelBindingFacts,
    /// The names of the servers that answered last, front end first (`X-FEServer`, `X-CalculatedBETarget` and the
    /// like).
    pub servers: Vec<String>,
    /// From the first byte of the connection to the end of its logon, the last time.
    pub logon_time: Option<Duration>,
    /// What the requests call this program.
    pub(crate) user_agent: String,
    pub(crate) marks: Marks,
}

/// When something was seen last: after how many answers of the server.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Marks {
    /// How many answers came by now.
    pub(crate) answers: u64,
    pub(crate) offered: u64,
    /// For each scheme that was tried.
    pub(crate) tried: Vec<u64>,
    pub(crate) accepted: u64,
}

impl ConnectionFacts {
    /// What was seen since these earlier facts: a connector may have been in use for long. What other calls of it
    /// saw meanwhile counts too.
    #[cfg(any(feature = "ews", feature = "graph"))]
    pub(crate) fn since(mut self, before: &Self) -> Self {
        let known = before.marks.answers;
        let tried = self.tried.iter().zip(&self.marks.tried);
        self.tried = tried
            .filter_map(|(scheme, mark)| (*mark > known).then_some(*scheme))
            .collect();
        self.marks.tried.retain(|mark| *mark > known);
        if self.marks.accepted <= known {
            self.accepted = None;
        }
        let is_new = self.marks.offered > known;
        if !is_new && self.tried.is_empty() && self.accepted.is_none() {
            self.offered.clear();
            self.channel_binding = ChannelBindingFacts::None;
            self.logon_time = None;
        }
        if self.marks.answers == known {
            self.servers.clear();
        }
        self.marks.answers -= known.min(self.marks.answers);
        self
    }

    /// Whether the server answered at all, be it with a refusal.
    #[cfg(any(feature = "ews", feature = "graph"))]
    pub(crate) fn is_answered(&self) -> bool {
        self.marks.answers > 0
    }

    /// Whether a logon was shown to the server and something came back.
    #[cfg(feature = "ews")]
    pub(crate) fn is_logon_tried(&self) -> bool {
        self.accepted.is_some() || !self.tried.is_empty()
    }
}

/// One certificate of the server's chain.
///
/// Source: RFC 5280, section 4.1.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct CertificateFacts {
    /// For whom it was made.
    pub subject: String,
    /// Who made it.
    pub issuer: String,
    /// The names of hosts and addresses it is good for.
    pub names: Vec<String>,
    /// When it begins to be good.
    pub not_before: Option<DateTime<Utc>>,
    /// When it ends to be good.
    pub not_after: Option<DateTime<Utc>>,
    /// How it was signed, as `sha256WithRSAEncryption`, or the number (OID) of the algorithm.
    pub signature_algorithm: String,
    /// SHA-256 of the whole certificate in hexadecimal: what can be pinned.
    pub sha256: String,
}

/// What a logon said of the TLS connection it came over (RFC 5929, `tls-server-end-point`): servers with Extended
/// Protection compare it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum ChannelBindingFacts {
    /// No logon that could say anything (Basic, Bearer, no TLS, or none yet).
    #[default]
    None,
    /// The value of the server's certificate.
    Sent,
    /// Nothing, since the certificate is not known: the TLS library does not tell it.
    CertificateUnknown,
    /// Nothing, since it is switched off in the options.
    SwitchedOff,
}

impl fmt::Display for ChannelBindingFacts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::None => "none",
            Self::Sent => "sent",
            Self::CertificateUnknown => "not sent, the certificate is not known",
            Self::SwitchedOff => "switched off",
        })
    }
}

#[cfg(all(test, any(feature = "ews", feature = "graph")))]
mod tests {
    use super::*;

    #[test]
    fn what_was_seen_since() {
        let before = ConnectionFacts {
            offered: vec!["NTLM".to_owned()],
            tried: vec![AuthScheme::Basic, AuthScheme::Ntlm],
            accepted: Some(AuthScheme::Ntlm),
            servers: vec!["EX1".to_owned()],
            marks: Marks {
                answers: 7,
                offered: 1,
                tried: vec![2, 3],
                accepted: 7,
            },
            ..ConnectionFacts::default()
        };
        let nothing = before.clone().since(&before);
        assert!(!nothing.is_answered() && !nothing.is_logon_tried());
        assert!(nothing.offered.is_empty() && nothing.servers.is_empty());

        let mut after = before.clone();
        after.marks.answers = 8;
        assert!(after.clone().since(&before).is_answered());
        assert!(!after.clone().since(&before).is_logon_tried());
        after.marks.tried = vec![2, 8];
        let since = after.since(&before);
        assert_eq!(
            (since.tried.as_slice(), since.accepted),
            (&[AuthScheme::Ntlm][..], None)
        );
        assert_eq!(since.offered, ["NTLM"]);
    }
}
