//! The text for people, and for tickets.

use std::fmt::{self, Display, Formatter};

use chrono::{DateTime, Utc};

use super::{Check, Diagnosis, DiagnosisFacts, Problem, Subject, Verdict};
use crate::connector::MailboxTarget;

impl Display for Diagnosis {
    /// A line for each check, with what to do below it, then what was seen. It can be given to others: see
    /// [`Diagnosis`].
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let (begun, time) = (self.begun.format("%F %T UTC"), self.milliseconds);
        writeln!(f, "{}, {begun}, {time} ms", self.backend)?;
        writeln!(f)?;
        let mut mailbox = &MailboxTarget::Own;
        for checks in self.checks.chunk_by(belong_together) {
            let Some(check) = checks.first() else {
                continue;
            };
            if check.mailbox != *mailbox {
                mailbox = &check.mailbox;
                writeln!(f, "{}", Whose(mailbox))?;
            }
            match (&check.verdict, checks.len()) {
                (Verdict::NotTried { why }, 2..) => {
                    let subjects: Vec<&str> = checks.iter().map(|one| one.subject.name()).collect();
                    writeln!(
                        f,
                        "{:WORD$}  {}: {why}",
                        check.verdict.word(),
                        subjects.join(", ")
                    )?;
                }
                _ => check.fmt(f)?,
            }
        }
        self.facts.fmt(f)?;
        writeln!(
            f,
            "\nThis text holds names of accounts, mailboxes and servers, but no password, no token and nothing that is in a mailbox."
        )
    }
}

/// What was not tried for one reason takes one line.
fn belong_together(one: &Check, next: &Check) -> bool {
    matches!(one.verdict, Verdict::NotTried { .. })
        && one.verdict == next.verdict
        && one.mailbox == next.mailbox
}

struct Whose<'a>(&'a MailboxTarget);

impl Display for Whose<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self.0 {
            MailboxTarget::Own => f.write_str("own mailbox"),
            MailboxTarget::ActAs(principal) => write!(f, "in the place of {principal}"),
            MailboxTarget::Shared(address) => write!(f, "mailbox {address}, with the own rights"),
        }
    }
}

/// How wide the words of verdicts and subjects are.
const WORD: usize = "not tried".len();
const SUBJECT: usize = Subject::ExtendedProtection.name().len();

impl Display for Check {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let (word, subject) = (self.verdict.word(), self.subject.name());
        write!(f, "{word:WORD$}  {subject:SUBJECT$}  ")?;
        let remedy = match &self.verdict {
            Verdict::Ok { detail } => {
                writeln!(f, "{detail}")?;
                None
            }
            Verdict::Warning { sentence, remedy } => {
                writeln!(f, "{sentence}")?;
                remedy.as_deref()
            }
            Verdict::Denied(problem) | Verdict::Failed(problem) => {
                writeln!(f, "{problem}")?;
                problem.remedy.as_deref()
            }
            Verdict::NotTried { why } => {
                writeln!(f, "{why}")?;
                None
            }
        };
        let indent = WORD + SUBJECT + 4;
        remedy.map_or(Ok(()), |remedy| writeln!(f, "{:indent$}-> {remedy}", ""))
    }
}

impl Display for Problem {
    /// What happened, and the facts of the answer; not what to do.
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(&self.sentence)?;
        let facts = [
            self.code.clone(),
            self.http_status.map(|status| format!("HTTP {status}")),
            self.request_id.as_ref().map(|id| format!("request {id}")),
            (!self.servers.is_empty()).then(|| format!("server {}", self.servers.join(", "))),
        ];
        let facts: Vec<String> = facts.into_iter().flatten().collect();
        match facts.is_empty() {
            true => Ok(()),
            false => write!(f, " [{}]", facts.join(", ")),
        }
    }
}

impl Display for DiagnosisFacts {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let joined = |texts: &[String]| (!texts.is_empty()).then(|| texts.join(", "));
        let facts = [
            ("account", self.account.clone()),
            ("proxy", self.proxy.clone()),
            ("offered", joined(&self.offered)),
            ("tried", joined(&self.tried)),
            ("accepted", self.accepted.clone()),
            ("channel binding", self.channel_binding.clone()),
            ("version set", self.version_set.clone()),
            ("version used", self.version_used.clone()),
            ("server build", self.server_build.clone()),
            ("servers", joined(&self.servers)),
            (
                "logon",
                self.logon_milliseconds.map(|time| format!("{time} ms")),
            ),
        ];
        writeln!(f, "\n{:18}{}", "URL", self.url.as_deref().unwrap_or("none"))?;
        for (name, fact) in facts {
            if let Some(fact) = fact {
                writeln!(f, "{name:18}{fact}")?;
            }
        }
        for certificate in &self.certificates {
            let day = |time: Option<DateTime<Utc>>| {
                time.map_or_else(|| "?".to_owned(), |time| time.format("%F").to_string())
            };
            writeln!(f, "{:18}{}", "certificate", certificate.subject)?;
            writeln!(f, "{:20}issued by {}", "", certificate.issuer)?;
            if !certificate.names.is_empty() {
                writeln!(f, "{:20}for {}", "", certificate.names.join(", "))?;
            }
            let (from, to) = (day(certificate.not_before), day(certificate.not_after));
            let algorithm = &certificate.signature_algorithm;
            writeln!(f, "{:20}from {from} to {to}, {algorithm}", "")?;
            writeln!(f, "{:20}SHA-256 {}", "", certificate.sha256)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::connector::Backend;
    use crate::error::{Error, ErrorKind};

    #[test]
    fn for_people() {
        let error = Error::new(ErrorKind::PermissionDenied, "GetFolder", "access is denied")
            .with_code("ErrorAccessDenied")
            .with_servers(vec!["EX1".to_owned()])
            .with_hint("Ask Ada.");
        let room = MailboxTarget::shared("room5@example.com");
        let checks = vec![
            Check::new(Subject::Logon, Verdict::ok("alice by NTLM")),
            Check::of(Subject::Calendar, room.clone(), Verdict::of_error(&error)),
            Check::of(
                Subject::Mail,
                room.clone(),
                Verdict::not_tried("nobody asked"),
            ),
            Check::of(Subject::Send, room, Verdict::not_tried("nobody asked")),
        ];
        let facts = DiagnosisFacts {
            url: Some("https://mail.example.com/EWS/Exchange.asmx".to_owned()),
            offered: vec!["Negotiate".to_owned(), "NTLM".to_owned()],
            ..DiagnosisFacts::default()
        };
        let mut diagnosis = Diagnosis::new(Backend::Ews, checks).with_facts(facts);
        diagnosis.begun = "2026-11-20T17:45:00Z".parse().unwrap();
        assert_eq!(
            diagnosis.to_string(),
            "\
Exchange Web Services, 2026-11-20 17:45:00 UTC, 0 ms

ok         logon                alice by NTLM
mailbox room5@example.com, with the own rights
denied     calendar             access is denied [ErrorAccessDenied, server EX1]
                                -> Ask Ada.
not tried  mail, sending: nobody asked

URL               https://mail.example.com/EWS/Exchange.asmx
offered           Negotiate, NTLM

This text holds names of accounts, mailboxes and servers, but no password, no token and nothing that is in a mailbox.
"
        );
    }
}
