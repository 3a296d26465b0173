use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// What was seen of the server on the way. What is not known is empty or `None`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct DiagnosisFacts {
    /// The address requests went to, without user information.
    pub url: Option<String>,
    /// The name of the account, as it signs in.
    pub account: Option<String>,
    /// Host and port of the proxy.
    pub proxy: Option<String>,
    /// The certificates the server showed, its own first; also those that were refused.
    pub certificates: Vec<DiagnosedCertificate>,
    /// The schemes of logon the server offered, as it writes them.
    pub offered: Vec<String>,
    /// The schemes that were tried, in that order.
    pub tried: Vec<String>,
    /// The scheme the server took.
    pub accepted: Option<String>,
    /// What the logon said of the encrypted connection it came over.
    pub channel_binding: Option<String>,
    /// The version that was set for requests, if one was.
    pub version_set: Option<String>,
    /// The version requests were made for.
    pub version_used: Option<String>,
    /// The build of the server, as `15.1.2507.6`.
    pub server_build: Option<String>,
    /// The servers that answered last, front end first.
    pub servers: Vec<String>,
    /// How long connecting and logging on took the last time, in milliseconds.
    pub logon_milliseconds: Option<u64>,
}

/// One certificate of a server's chain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct DiagnosedCertificate {
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
    /// How it was signed.
    pub signature_algorithm: String,
    /// SHA-256 of the whole certificate in hexadecimal.
    pub sha256: String,
}

impl DiagnosedCertificate {
    /// Whether it was made by whom it was made for.
    pub fn is_self_signed(&self) -> bool {
        self.subject == self.issuer
    }
}

#[cfg(any(feature = "ews", feature = "graph"))]
impl From<&crate::http::CertificateFacts> for DiagnosedCertificate {
    fn from(seen: &crate::http::CertificateFacts) -> Self {
        Self {
            subject: seen.subject.clone(),
            issuer: seen.issuer.clone(),
            names: seen.names.clone(),
            not_before: seen.not_before,
            not_after: seen.not_after,
            signature_algorithm: seen.signature_algorithm.clone(),
            sha256: seen.sha256.clone(),
        }
    }
}

#[cfg(any(feature = "ews", feature = "graph"))]
impl DiagnosisFacts {
    /// What the connections showed.
    pub(crate) fn of_connection(seen: &crate::http::ConnectionFacts) -> Self {
        use crate::http::ChannelBindingFacts;

        let binding = seen.channel_binding;
        Self {
            proxy: seen.proxy.clone(),
            certificates: seen.certificates.iter().map(Into::into).collect(),
            offered: seen.offered.clone(),
            tried: seen.tried.iter().map(ToString::to_string).collect(),
            accepted: seen.accepted.map(|scheme| scheme.to_string()),
            channel_binding: (binding != ChannelBindingFacts::None).then(|| binding.to_string()),
            servers: seen.servers.clone(),
            logon_milliseconds: seen.logon_time.map(super::milliseconds),
            ..Self::default()
        }
    }
}
