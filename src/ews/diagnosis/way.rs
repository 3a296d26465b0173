//! The verdicts on the way to the service: each rests on those before it.

use url::Url;

use crate::connector::Connector as _;
use crate::diagnosis::{Check, Subject, Verdict, way};
use crate::error::Error;
use crate::ews::EwsConnector;
use crate::http::{AuthScheme, ChannelBindingFacts, ConnectionFacts};

/// A check for each step. What failed, if anything did, failed at that step.
pub(super) fn checks(
    connector: &EwsConnector,
    facts: ConnectionFacts,
    failed: Option<(Subject, &Error)>,
) -> Vec<Check> {
    let client = connector.client();
    let way = Way {
        facts,
        url: client.url().clone(),
        connector,
    };
    let mut checks = Vec::new();
    if let Some((Subject::Settings, error)) = failed {
        checks.push(Check::new(Subject::Settings, Verdict::of_error(error)));
    }
    for subject in STEPS {
        let verdict = match failed {
            Some((Subject::Logon, error)) if subject == Subject::ExtendedProtection => {
                way.binding_in_doubt(error)
            }
            Some((step, error)) if step == subject => Verdict::of_error(error),
            Some((step, _)) if step < subject => Verdict::not_tried(step.lacks()),
            _ => way.verdict(subject, failed),
        };
        checks.push(Check::new(subject, verdict));
    }
    checks
}

const STEPS: [Subject; 7] = [
    Subject::Url,
    Subject::Connection,
    Subject::Tls,
    Subject::Logon,
    Subject::ExtendedProtection,
    Subject::Service,
    Subject::Version,
];

/// The build of the server, once it has said it.
pub(super) fn build(connector: &EwsConnector) -> Option<String> {
    let info = connector.client().server_version_info()?;
    Some(format!(
        "{}.{}.{}.{}",
        info.major_version, info.minor_version, info.major_build_number, info.minor_build_number
    ))
}

struct Way<'a> {
    /// What was seen in this diagnosis.
    facts: ConnectionFacts,
    url: Url,
    connector: &'a EwsConnector,
}

impl Way<'_> {
    /// The verdict on a step that was passed, by what was seen there.
    fn verdict(&self, subject: Subject, failed: Option<(Subject, &Error)>) -> Verdict {
        match subject {
            Subject::Url => Verdict::ok(self.url.as_str()),
            Subject::Connection => way::connection(&self.url, &self.facts),
            Subject::Tls => way::encryption(&self.url, &self.facts),
            Subject::Logon => self.logon(failed),
            Subject::ExtendedProtection => self.binding(failed),
            Subject::Service => Verdict::ok("Exchange Web Services answer"),
            _ => self.version(),
        }
    }

    fn logon(&self, failed: Option<(Subject, &Error)>) -> Verdict {
        let account = self.connector.account().unwrap_or("the account");
        let at_service = failed.filter(|(subject, _)| *subject == Subject::Service);
        match (self.taken(failed), at_service) {
            (Some(scheme), _) => {
                let offered = match self.facts.offered.as_slice() {
                    [] => String::new(),
                    offered => format!(" (offered: {})", offered.join(", ")),
                };
                Verdict::ok(format!("{account} by {scheme}{offered}"))
            }
            (None, Some((_, error))) if error.http_status().is_none() => {
                if !self.facts.is_answered() {
                    Verdict::not_tried("there was no answer to it")
                } else if self.facts.offered.is_empty() && self.facts.tried.is_empty() {
                    Verdict::not_tried("it was not asked for")
                } else {
                    Verdict::Warning {
                        sentence: "sent, but the server did not say whether it takes it".to_owned(),
                        remedy: None,
                    }
                }
            }
            (None, Some(_)) => Verdict::not_tried("it was not asked for"),
            (None, None) => Verdict::ok(account),
        }
    }

    /// The scheme that the server took, or that it did not refuse when it answered something else.
    fn taken(&self, failed: Option<(Subject, &Error)>) -> Option<AuthScheme> {
        let is_answer = failed.is_none_or(|(_, error)| error.http_status().is_some());
        let tried = self.facts.tried.last().filter(|_| is_answer);
        self.facts.accepted.or(tried.copied())
    }

    /// After a logon that was taken.
    fn binding(&self, failed: Option<(Subject, &Error)>) -> Verdict {
        let taken = self.taken(failed);
        let scheme = match taken {
            Some(AuthScheme::Basic | AuthScheme::Bearer) | None => None,
            Some(scheme) => Some(scheme),
        };
        let Some(scheme) = scheme else {
            return Verdict::not_tried(match taken {
                Some(scheme) => format!("{scheme} is not bound to the connection"),
                None if !self.facts.tried.is_empty() => {
                    "the server did not say whether it takes the logon".to_owned()
                }
                None => "there was no logon that could be bound to the connection".to_owned(),
            });
        };
        match self.facts.channel_binding {
            ChannelBindingFacts::Sent => Verdict::ok(format!(
                "the {scheme} logon was bound to the server's certificate, and was accepted"
            )),
            ChannelBindingFacts::CertificateUnknown => Verdict::ok(format!(
                "the {scheme} logon was not bound, since the certificate is not known; this server does not insist on it"
            )),
            ChannelBindingFacts::SwitchedOff => Verdict::warning(
                format!(
                    "binding the {scheme} logon is switched off; this server does not insist on it"
                ),
                "Switch it on again, unless the server refuses it: it keeps others from passing the logon on.",
            ),
            ChannelBindingFacts::None if !self.facts.tls => {
                Verdict::not_tried("without TLS there is nothing to bind the logon to")
            }
            ChannelBindingFacts::None => {
                Verdict::not_tried("the logon was not bound to the connection")
            }
        }
    }

    /// After a logon that was refused: it may be the password, or the binding.
    fn binding_in_doubt(&self, error: &Error) -> Verdict {
        let is_bindable =
            |scheme: &&AuthScheme| !matches!(scheme, AuthScheme::Basic | AuthScheme::Bearer);
        let Some(scheme) = self.facts.tried.iter().rfind(is_bindable) else {
            return Verdict::not_tried(Subject::Logon.lacks());
        };
        if error.http_status() != Some(401) || !self.facts.tls {
            return Verdict::not_tried(Subject::Logon.lacks());
        }
        match self.facts.channel_binding {
            ChannelBindingFacts::Sent => {
                let seen = self.facts.certificates.first().map(|one| {
                    format!(
                        "; the certificate seen here is {}, issued by {}",
                        one.subject, one.issuer
                    )
                });
                Verdict::warning(
                    format!(
                        "suspected: {scheme} was answered with the binding to the certificate, and refused{}",
                        seen.unwrap_or_default()
                    ),
                    "If user name and password are right, something between opens TLS (a proxy, a firewall, a load balancer): compare this certificate with that \
                     of the Exchange server itself (Get-ExchangeCertificate). They must be the same, or Extended Protection must be off for EWS \
                     (ExchangeExtendedProtectionManagement.ps1). Event 4625 in the server's security log says 0xC000035B if it is that.",
                )
            }
            ChannelBindingFacts::CertificateUnknown => Verdict::warning(
                format!(
                    "suspected: {scheme} was answered without a binding, since the certificate is not known, and refused"
                ),
                "If user name and password are right, the server insists on Extended Protection: connect with rustls instead of the system's TLS.",
            ),
            ChannelBindingFacts::SwitchedOff => Verdict::warning(
                format!(
                    "suspected: {scheme} was answered without a binding, which is switched off, and refused"
                ),
                "If user name and password are right, the server insists on Extended Protection: switch the channel binding on again.",
            ),
            ChannelBindingFacts::None => Verdict::not_tried(Subject::Logon.lacks()),
        }
    }

    fn version(&self) -> Verdict {
        let used = self.connector.client().version();
        let server = self.connector.capabilities().server;
        let Some(used) = used else {
            return Verdict::not_tried("the server has not said which it is");
        };
        let speaks = self.connector.client().server_version_info();
        let speaks = speaks.and_then(|info| info.speaks());
        match (self.connector.version_set(), speaks) {
            (None, _) => Verdict::ok(format!(
                "{server}; requests are made for {used}, as was found out"
            )),
            (Some(set), _) if set != used => Verdict::warning(
                format!(
                    "{server} does not know {set}, which was set; requests are made for {used}"
                ),
                format!("Set {used}, or leave the version open."),
            ),
            (Some(set), Some(speaks)) if set < speaks => Verdict::warning(
                format!("{server} speaks {speaks}, but {set} was set: what came later is not used"),
                format!("Set {speaks}, or leave the version open."),
            ),
            (Some(_), _) => Verdict::ok(format!("{server}; requests are made for {used}, as set")),
        }
    }
}
