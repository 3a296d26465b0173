//! What was asked, and what came of it.

use std::fmt;
use std::time::Duration;

use crate::error::Error;

/// Every step of a search, in the order in which they began. Holds no secret, but addresses and
/// the names of servers.
///
/// It is part of [`Discovered`](super::Discovered), and of the error of a search that found nothing:
/// [`DiscoveryTrace::of`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DiscoveryTrace {
    pub(super) steps: Vec<DiscoveryStep>,
}

impl DiscoveryTrace {
    /// The trace of a search that failed; `None` for errors of something else.
    pub fn of(error: &Error) -> Option<&Self> {
        std::error::Error::source(error)?.downcast_ref()
    }

    /// The steps.
    pub fn steps(&self) -> &[DiscoveryStep] {
        &self.steps
    }

    /// The steps that failed, in a few words each.
    pub(super) fn summary(&self) -> String {
        const MOST: usize = 8;
        let told = |step: &&DiscoveryStep| step.outcome != StepOutcome::Redirected;
        let mut texts: Vec<String> = Vec::new();
        for step in self.steps.iter().filter(told) {
            let text = format!("{} {}: {}", step.asked, step.place(), step.detail);
            if !texts.contains(&text) {
                texts.push(text);
            }
        }
        let more = texts.len().saturating_sub(MOST);
        texts.truncate(MOST);
        let mut text = texts.join("; ");
        if more > 0 {
            text.push_str(&format!("; and {more} more"));
        }
        text
    }
}

/// One line for each step.
impl fmt::Display for DiscoveryTrace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, step) in self.steps.iter().enumerate() {
            if number > 0 {
                f.write_str("\n")?;
            }
            write!(f, "{step}")?;
        }
        Ok(())
    }
}

/// So that an error can carry it as its source.
impl std::error::Error for DiscoveryTrace {}

/// One question and what came of it.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct DiscoveryStep {
    /// Which service was asked.
    pub asked: Asked,
    /// Where: a URL without its query, or a DNS name.
    pub url: String,
    /// For which e-mail address.
    pub address: String,
    /// Whether credentials were offered. Where the server wants none, none were sent.
    pub with_credentials: bool,
    /// What came of it.
    pub outcome: StepOutcome,
    /// The same in words.
    pub detail: String,
    /// When it began, counted from the beginning of the search.
    pub began: Duration,
    /// How long it took.
    pub took: Duration,
}

impl DiscoveryStep {
    /// The host, or the DNS name.
    fn place(&self) -> &str {
        let rest = self
            .url
            .split_once("://")
            .map_or(&*self.url, |(_, rest)| rest);
        rest.split('/').next().unwrap_or(rest)
    }
}

impl fmt::Display for DiscoveryStep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{:>6} ms  {} {} for {}{}: {}: {} ({} ms)",
            self.began.as_millis(),
            self.asked,
            self.url,
            self.address,
            if self.with_credentials {
                ", with credentials"
            } else {
                ""
            },
            self.outcome,
            self.detail,
            self.took.as_millis(),
        )
    }
}

/// The services that can be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Asked {
    /// GetUserSettings over SOAP, since Exchange 2010
    /// (<https://learn.microsoft.com/exchange/client-developer/web-service-reference/getusersettings-operation-soap>).
    Soap,
    /// Plain old XML, since Exchange 2007 (MS-OXDSCLI,
    /// <https://learn.microsoft.com/openspecs/exchange_server_protocols/ms-oxdscli>).
    Pox,
    /// Autodiscover V2: JSON without a logon, in later updates of Exchange 2016, in 2019 and Online.
    Json,
    /// A plain web server that may redirect to the service (MS-OXDISCO, section 3.1.5.4).
    HttpRedirect,
    /// The DNS for a record `_autodiscover._tcp` (MS-OXDISCO, section 3.1.5.3).
    Srv,
}

impl fmt::Display for Asked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Soap => "SOAP",
            Self::Pox => "POX",
            Self::Json => "JSON",
            Self::HttpRedirect => "HTTP",
            Self::Srv => "SRV",
        })
    }
}

/// What came of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum StepOutcome {
    /// It had the answer.
    Found,
    /// It said to ask elsewhere, or for another address.
    Redirected,
    /// What it named is not approved, so it was not asked.
    NotApproved,
    /// It refused the credentials, or does not know the address.
    Refused,
    /// There was no connection, no such service, or no answer that can be read.
    Failed,
    /// It was not asked.
    Skipped,
}

impl fmt::Display for StepOutcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Found => "found",
            Self::Redirected => "redirected",
            Self::NotApproved => "not approved",
            Self::Refused => "refused",
            Self::Failed => "failed",
            Self::Skipped => "skipped",
        })
    }
}
