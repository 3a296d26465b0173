//! What a connection can do and what not, and who can mend it: [`Connector::diagnose`](crate::Connector::diagnose).

mod draft;
mod facts;
mod scope;
mod text;
#[cfg(any(feature = "ews", feature = "graph"))]
pub(crate) mod way;

use std::{fmt, time::Duration};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

pub use facts::{DiagnosedCertificate, DiagnosisFacts};
pub use scope::{DiagnosisScope, SendCheck};

pub(crate) use draft::check_draft;

use crate::{
    connector::{Backend, MailboxTarget},
    error::{Error, ErrorKind},
};

/// What [`Connector::diagnose`](crate::Connector::diagnose) found: one verdict on each thing that has to be in order.
///
/// It can be shown to anybody who may know of the connection: its text ([`Display`](fmt::Display)) and its stored form
/// (serde, for `--json`) hold no password, no token and nothing that is in a mailbox but how many items there are.
/// They do hold the name of the account, the addresses of the mailboxes that were looked at, and names of servers.
///
/// ```
/// use exchange_connector::{Connector, DiagnosisScope};
///
/// async fn report(connector: &dyn Connector) -> bool {
///     let scope = DiagnosisScope::new().send(true).act_as("room5@example.com");
///     let diagnosis = connector.diagnose(&scope).await;
///     println!("{diagnosis}");
///     diagnosis.is_ok()
/// }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Diagnosis {
    /// Which protocol was used.
    pub backend: Backend,
    /// When it was begun.
    pub begun: DateTime<Utc>,
    /// How long it took, in milliseconds.
    pub milliseconds: u64,
    /// The verdicts, in the order in which one thing rests on the other.
    pub checks: Vec<Check>,
    /// What was seen on the way.
    pub facts: DiagnosisFacts,
}

impl Diagnosis {
    /// A diagnosis with these verdicts, begun now.
    pub fn new(backend: Backend, checks: Vec<Check>) -> Self {
        Self {
            backend,
            begun: Utc::now(),
            milliseconds: 0,
            checks,
            facts: DiagnosisFacts::default(),
        }
    }

    /// The diagnosis where there is not even a connector: this kept it from being made.
    ///
    /// ```
    /// # #[cfg(feature = "ews")] {
    /// use exchange_connector::{Backend, Diagnosis, ews::EwsConnector};
    ///
    /// let error = EwsConnector::builder("").build().unwrap_err();
    /// let diagnosis = Diagnosis::of_setup(Backend::Ews, &error);
    /// assert!(!diagnosis.is_ok());
    /// # }
    /// ```
    pub fn of_setup(backend: Backend, error: &Error) -> Self {
        let subject = match error.operation() {
            "URL" => Subject::Url,
            _ => Subject::Settings,
        };
        let mut checks = vec![Check::new(subject, Verdict::of_error(error))];
        let rest = [Subject::Connection, Subject::Logon, Subject::Mailbox];
        let why = Subject::Settings.lacks();
        checks.extend(rest.map(|rest| Check::new(rest, Verdict::not_tried(why))));
        Self::new(backend, checks)
    }

    /// Sets when it was begun and how long it took.
    #[must_use]
    pub fn took(mut self, begun: DateTime<Utc>, time: Duration) -> Self {
        self.begun = begun;
        self.milliseconds = milliseconds(time);
        self
    }

    /// Sets what was seen on the way.
    #[must_use]
    pub fn with_facts(mut self, facts: DiagnosisFacts) -> Self {
        self.facts = facts;
        self
    }

    /// Whether nothing is denied and nothing failed. Warnings, and what was not tried, do not count.
    pub fn is_ok(&self) -> bool {
        self.first_error().is_none()
    }

    /// The first check that is denied or failed: usually the cause of those after it.
    pub fn first_error(&self) -> Option<&Check> {
        self.checks.iter().find(|check| check.problem().is_some())
    }

    /// The verdict on one thing in the own mailbox, or on what is no matter of one mailbox.
    pub fn verdict(&self, subject: Subject) -> Option<&Verdict> {
        self.verdict_in(subject, &MailboxTarget::Own)
    }

    /// The verdict on one thing in that mailbox.
    pub fn verdict_in(&self, subject: Subject, mailbox: &MailboxTarget) -> Option<&Verdict> {
        let mut checks = self.checks.iter();
        let check = checks.find(|check| check.subject == subject && check.mailbox == *mailbox);
        check.map(|check| &check.verdict)
    }
}

/// The verdict on one thing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Check {
    /// What was looked at.
    pub subject: Subject,
    /// In whose mailbox, and by what right. [`MailboxTarget::Own`] also for what is no matter of one mailbox.
    pub mailbox: MailboxTarget,
    /// What came of it.
    #[serde(flatten)]
    pub verdict: Verdict,
}

impl Check {
    /// The verdict on something in the own mailbox, or that is no matter of one mailbox.
    pub fn new(subject: Subject, verdict: Verdict) -> Self {
        Self::of(subject, MailboxTarget::Own, verdict)
    }

    /// The verdict on something in that mailbox.
    pub fn of(subject: Subject, mailbox: MailboxTarget, verdict: Verdict) -> Self {
        Self {
            subject,
            mailbox,
            verdict,
        }
    }

    /// What is wrong, if it is denied or failed.
    pub fn problem(&self) -> Option<&Problem> {
        match &self.verdict {
            Verdict::Denied(problem) | Verdict::Failed(problem) => Some(problem),
            _ => None,
        }
    }
}

/// What is looked at, in the order in which one rests on the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Subject {
    /// What this side was told: credentials, certificates, what goes together.
    Settings,
    /// The address of the server.
    Url,
    /// Its name, the way there, a proxy.
    Connection,
    /// The encryption and the certificate.
    Tls,
    /// The account and its password or token.
    Logon,
    /// Whether the logon is bound to the encrypted connection, as the server may want it (Extended Protection).
    ExtendedProtection,
    /// Whether it is the service that answers there, and answers this program.
    Service,
    /// The version of the server and of the requests.
    Version,
    /// The mailbox.
    Mailbox,
    /// Its default calendar.
    Calendar,
    /// Its inbox.
    Mail,
    /// Sending from it.
    Send,
}

impl Subject {
    /// Its name for people, as `extended protection`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Settings => "settings",
            Self::Url => "address",
            Self::Connection => "connection",
            Self::Tls => "encryption",
            Self::Logon => "logon",
            Self::ExtendedProtection => "extended protection",
            Self::Service => "service",
            Self::Version => "version",
            Self::Mailbox => "mailbox",
            Self::Calendar => "calendar",
            Self::Mail => "mail",
            Self::Send => "sending",
        }
    }

    /// Why nothing after it was tried where it is not in order.
    pub(crate) fn lacks(self) -> &'static str {
        match self {
            Self::Settings | Self::Url => "the settings must be put right first",
            Self::Connection => "there is no connection",
            Self::Tls => "there is no encrypted connection",
            Self::Logon | Self::ExtendedProtection => "the logon failed",
            Self::Service => "the service cannot be used",
            Self::Version => "no common version",
            Self::Mailbox | Self::Calendar | Self::Mail | Self::Send => {
                "the mailbox cannot be opened"
            }
        }
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What came of a check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "verdict", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Verdict {
    /// It is in order.
    Ok {
        /// What was found.
        detail: String,
    },
    /// It works, but something should be looked at.
    Warning {
        /// What, without a full stop.
        sentence: String,
        /// What to do about it.
        remedy: Option<String>,
    },
    /// The server knows the account and does not let it; [`Problem::remedy`] says who can grant it, and how.
    Denied(Problem),
    /// It does not work.
    Failed(Problem),
    /// Nothing was done to find out.
    NotTried {
        /// Why, without a full stop.
        why: String,
    },
}

impl Verdict {
    /// It is in order.
    pub fn ok(detail: impl Into<String>) -> Self {
        Self::Ok {
            detail: detail.into(),
        }
    }

    /// It works, but this should be looked at.
    pub fn warning(sentence: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self::Warning {
            sentence: sentence.into(),
            remedy: Some(remedy.into()),
        }
    }

    /// Nothing was done to find out, for this reason.
    pub fn not_tried(why: impl Into<String>) -> Self {
        Self::NotTried { why: why.into() }
    }

    /// What an error means: denied where a right is missing, failed otherwise.
    pub fn of_error(error: &Error) -> Self {
        let problem = Problem::from(error);
        match error.kind() {
            ErrorKind::PermissionDenied | ErrorKind::PolicyDenied | ErrorKind::ApprovalRequired => {
                Self::Denied(problem)
            }
            _ => Self::Failed(problem),
        }
    }

    /// In one word or two: `ok`, `warning`, `denied`, `failed`, `not tried`.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Ok { .. } => "ok",
            Self::Warning { .. } => "warning",
            Self::Denied(_) => "denied",
            Self::Failed(_) => "failed",
            Self::NotTried { .. } => "not tried",
        }
    }
}

/// What is wrong, and what to do about it: an [`Error`] in a form that can be kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Problem {
    /// What happened, in terms common to all backends.
    pub kind: ErrorKind,
    /// The operation that failed.
    pub operation: String,
    /// What happened, in words, without a full stop.
    pub sentence: String,
    /// What the person who can mend it should do, with the administrator's command where there is one.
    pub remedy: Option<String>,
    /// The server's own code.
    pub code: Option<String>,
    /// The HTTP status.
    pub http_status: Option<u16>,
    /// The server's id of the request.
    pub request_id: Option<String>,
    /// The servers that answered, front end first.
    pub servers: Vec<String>,
}

impl From<&Error> for Problem {
    fn from(error: &Error) -> Self {
        Self {
            kind: error.kind(),
            operation: error.operation().to_owned(),
            sentence: error.message().trim_end_matches('.').to_owned(),
            remedy: error.advice_text().map(str::to_owned),
            code: error.code().map(str::to_owned),
            http_status: error.http_status(),
            request_id: error.request_id().map(str::to_owned),
            servers: error.servers().to_vec(),
        }
    }
}

fn milliseconds(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn denied() -> Error {
        Error::new(
            ErrorKind::PermissionDenied,
            "GetFolder",
            "Access is denied.",
        )
        .with_code("ErrorAccessDenied")
        .with_request_id("7c1b")
        .with_hint("Ask Ada.")
    }

    #[test]
    fn is_stored_and_read_again() {
        let shared = MailboxTarget::shared("room5@example.com");
        let checks = vec![
            Check::new(Subject::Logon, Verdict::ok("alice by NTLM")),
            Check::new(Subject::Tls, Verdict::warning("it ends soon", "Renew it.")),
            Check::of(
                Subject::Calendar,
                shared.clone(),
                Verdict::of_error(&denied()),
            ),
            Check::new(Subject::Send, Verdict::not_tried("nobody asked")),
        ];
        let diagnosis = Diagnosis::new(Backend::Ews, checks);
        let json = serde_json::to_value(&diagnosis).unwrap();
        assert_eq!(json["checks"][0]["verdict"], "ok");
        assert_eq!(json["checks"][2]["verdict"], "denied");
        assert_eq!(json["checks"][2]["mailbox"]["shared"], "room5@example.com");
        assert_eq!(json["checks"][2]["remedy"], "Ask Ada.");
        assert_eq!(json["checks"][3]["why"], "nobody asked");
        assert_eq!(
            serde_json::from_value::<Diagnosis>(json).unwrap(),
            diagnosis
        );

        assert!(!diagnosis.is_ok());
        let first = diagnosis.first_error().unwrap();
        assert_eq!(
            (first.subject, &first.mailbox),
            (Subject::Calendar, &shared)
        );
        assert_eq!(first.problem().unwrap().sentence, "Access is denied");
        assert_eq!(diagnosis.verdict(Subject::Calendar), None);
        assert!(diagnosis.verdict_in(Subject::Calendar, &shared).is_some());
    }

    #[test]
    fn warnings_are_no_errors() {
        let checks = vec![
            Check::new(Subject::Tls, Verdict::warning("it ends soon", "Renew it.")),
            Check::new(Subject::Send, Verdict::not_tried("nobody asked")),
        ];
        assert!(Diagnosis::new(Backend::Ews, checks).is_ok());
    }

    #[test]
    fn without_a_connector() {
        let error = Error::new(ErrorKind::Configuration, "URL", "the address is empty");
        let diagnosis = Diagnosis::of_setup(Backend::Ews, &error);
        assert_eq!(diagnosis.first_error().unwrap().subject, Subject::Url);
        let error = Error::new(
            ErrorKind::Configuration,
            "connect",
            "no credentials are set",
        );
        let diagnosis = Diagnosis::of_setup(Backend::Ews, &error);
        assert_eq!(diagnosis.first_error().unwrap().subject, Subject::Settings);
        let word = diagnosis.verdict(Subject::Logon).unwrap().word();
        assert_eq!(word, "not tried");
    }
}
