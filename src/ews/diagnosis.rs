//! [`Connector::diagnose`](crate::Connector::diagnose) on EWS.
//!
//! - `stage.rs` says at which step of the way a request failed;
//! - `way.rs` has the verdicts on that way, from the address to the version;
//! - `folders.rs` opens a mailbox and judges what may be done there.

mod folders;
mod stage;
mod way;

use std::time::Instant;

use chrono::Utc;

use self::folders::{Folders, open, refused};
use super::EwsConnector;
use crate::connector::{Backend, Connector as _, MailboxTarget};
use crate::diagnosis::{
    Check, Diagnosis, DiagnosisFacts, DiagnosisScope, SendCheck, Subject, Verdict, check_draft,
};
use crate::error::{Error, ErrorKind, Result};

/// Goes from the address to the mailboxes, and past what fails where that makes sense.
pub(super) async fn diagnose(connector: &EwsConnector, scope: &DiagnosisScope) -> Diagnosis {
    let (begun, clock) = (Utc::now(), Instant::now());
    let connector = &connector.once();
    let before = connector.client().connection_facts();

    // Every request passes the whole way, so the first one is the test of it.
    let first = open(connector, &MailboxTarget::Own, scope).await;
    let seen = connector.client().connection_facts().since(&before);
    let failed = first.as_ref().err();
    let failed = failed.map(|error| (stage::of(error, connector.client().url(), &seen), error));
    let blocked = failed.filter(|(stage, _)| *stage < Subject::Mailbox);
    let mut checks = way::checks(connector, seen, blocked);

    let targets = scope.mailboxes();
    let blocked = blocked.map(|(stage, _)| stage);
    match blocked {
        Some(stage) => {
            for target in targets {
                not_tried(&mut checks, &target, scope, stage.lacks());
            }
        }
        None => {
            let mut first = Some(first);
            for target in targets {
                let opened = match (&target, first.take()) {
                    (MailboxTarget::Own, Some(opened)) => opened,
                    _ => open(connector, &target, scope).await,
                };
                mailbox(&mut checks, connector, &target, scope, opened).await;
            }
        }
    }
    let mut seen = connector.client().connection_facts().since(&before);
    if let Some(Subject::Settings | Subject::Url | Subject::Connection) = blocked {
        // of an earlier connection
        seen.certificates.clear();
    }
    let facts = DiagnosisFacts {
        url: Some(connector.client().url().to_string()),
        account: connector.account().map(str::to_owned),
        version_set: connector.version_set().map(|set| set.to_string()),
        version_used: connector.client().version().map(|used| used.to_string()),
        server_build: way::build(connector),
        ..DiagnosisFacts::of_connection(&seen)
    };
    Diagnosis::new(Backend::Ews, checks)
        .took(begun, clock.elapsed())
        .with_facts(facts)
}

/// What the scope wants to know of each mailbox.
fn wanted(scope: &DiagnosisScope) -> impl Iterator<Item = Subject> {
    let send = scope.send != SendCheck::Off;
    [
        (Subject::Calendar, scope.calendar),
        (Subject::Mail, scope.mail),
        (Subject::Send, send),
    ]
    .into_iter()
    .filter_map(|(subject, wanted)| wanted.then_some(subject))
}

fn not_tried(checks: &mut Vec<Check>, target: &MailboxTarget, scope: &DiagnosisScope, why: &str) {
    for subject in [Subject::Mailbox].into_iter().chain(wanted(scope)) {
        checks.push(Check::of(subject, target.clone(), Verdict::not_tried(why)));
    }
}

/// The verdicts on one mailbox.
async fn mailbox(
    checks: &mut Vec<Check>,
    connector: &EwsConnector,
    target: &MailboxTarget,
    scope: &DiagnosisScope,
    opened: Result<Folders>,
) {
    let mut push = |subject, verdict| checks.push(Check::of(subject, target.clone(), verdict));
    let folders = match opened {
        Ok(folders) => folders,
        Err(error) => {
            push(Subject::Mailbox, cannot_open(&error, target, scope));
            for subject in wanted(scope) {
                push(subject, Verdict::not_tried(Subject::Mailbox.lacks()));
            }
            return;
        }
    };
    push(Subject::Mailbox, Verdict::ok("it can be opened"));
    for subject in wanted(scope) {
        let verdict = match subject {
            Subject::Calendar => folders.calendar(connector, target).await,
            Subject::Mail => folders.mail(connector, target).await,
            _ => sending(connector, target, scope, &folders).await,
        };
        push(subject, verdict);
    }
}

/// An account that acts for others needs no mailbox of its own.
fn cannot_open(error: &Error, target: &MailboxTarget, scope: &DiagnosisScope) -> Verdict {
    let has_none = error.kind() == ErrorKind::MailboxNotFound;
    if has_none && *target == MailboxTarget::Own && !scope.others.is_empty() {
        return Verdict::warning(
            "the account has no mailbox of its own",
            "That is in order if it only opens the mailboxes of others.",
        );
    }
    refused(error, target)
}

async fn sending(
    connector: &EwsConnector,
    target: &MailboxTarget,
    scope: &DiagnosisScope,
    folders: &Folders,
) -> Verdict {
    if let MailboxTarget::Shared(_) = target {
        return Verdict::not_tried(
            "whether mail may be sent in its name (Send As, Send on Behalf) shows only when one is sent",
        );
    }
    let rights = folders.sending(connector, target);
    if scope.send == SendCheck::Rights || !matches!(rights, Verdict::Ok { .. }) {
        return rights;
    }
    match connector.mailbox(target) {
        Ok(mailbox) => check_draft(&*mailbox).await,
        Err(error) => Verdict::of_error(&error),
    }
}

#[cfg(all(test, feature = "simulator"))]
mod tests;
