//! [`Connector::diagnose`](crate::Connector::diagnose) on Graph: the way to the server and the token, then what the
//! token may do in each mailbox.

use std::time::Instant;

use chrono::Utc;
use serde::Deserialize;
use serde_json::json;
use url::Url;

use super::GraphConnector;
use super::call::Call;
use super::mailbox::GraphMailbox;
use super::permission::Permission;
use crate::connector::{Backend, Connector as _, MailboxTarget};
use crate::diagnosis::{
    Check, Diagnosis, DiagnosisFacts, DiagnosisScope, SendCheck, Subject, Verdict, check_draft, way,
};
use crate::error::{Error, ErrorKind, Result};
use crate::http::{self, ConnectionFacts};

/// What errors are named after.
const OPERATION: &str = "diagnose";

/// The steps of the way, in the order in which one rests on the other.
const WAY: [Subject; 6] = [
    Subject::Settings,
    Subject::Url,
    Subject::Connection,
    Subject::Tls,
    Subject::Logon,
    Subject::Service,
];

/// Goes from the address to the mailboxes, and past what fails where that makes sense.
pub(super) async fn diagnose(connector: &GraphConnector, scope: &DiagnosisScope) -> Diagnosis {
    let (begun, clock) = (Utc::now(), Instant::now());
    let connector = &connector.once();
    let before = connector.client().facts();
    // every request passes the whole way
    let failed = connector.probe().await.err();
    let seen = connector.client().facts().since(&before);
    let failed = failed.map(|error| (stage(&error, &seen), error));
    let mut checks = Vec::new();
    let url = connector.client().base();
    for subject in WAY {
        let verdict = match &failed {
            Some((stage, error)) if *stage == subject => Verdict::of_error(error),
            Some((stage, _)) if *stage < subject => Verdict::not_tried(stage.lacks()),
            _ => passed(subject, url, &seen),
        };
        checks.push(Check::new(subject, verdict));
    }
    for target in scope.mailboxes() {
        let found = match &failed {
            Some((stage, _)) => untried(scope, stage.lacks()),
            None => mailbox(connector, &target, scope).await,
        };
        let check = |(subject, verdict)| Check::of(subject, target.clone(), verdict);
        checks.extend(found.into_iter().map(check));
    }
    let mut seen = connector.client().facts().since(&before);
    if let Some((Subject::Settings | Subject::Connection, _)) = failed {
        // of an earlier connection
        seen.certificates.clear();
    }
    let facts = DiagnosisFacts {
        url: Some(url.to_string()),
        ..DiagnosisFacts::of_connection(&seen)
    };
    Diagnosis::new(Backend::Graph, checks)
        .took(begun, clock.elapsed())
        .with_facts(facts)
}

/// The verdict on a step that was passed, by what was seen there.
fn passed(subject: Subject, url: &Url, seen: &ConnectionFacts) -> Verdict {
    match subject {
        Subject::Settings => Verdict::ok("they go together"),
        Subject::Url => Verdict::ok(url.as_str()),
        Subject::Connection => way::connection(url, seen),
        Subject::Tls => way::encryption(url, seen),
        Subject::Logon => Verdict::ok("the access token was accepted"),
        _ => Verdict::ok("Microsoft Graph answers"),
    }
}

/// At which step of the way a request failed, with what was seen meanwhile.
fn stage(error: &Error, seen: &ConnectionFacts) -> Subject {
    // without a token there is no request, whatever kept it from being issued
    if error.operation() == "token" {
        return Subject::Logon;
    }
    match (error.kind(), error.http_status()) {
        (_, Some(407)) => Subject::Connection,
        (ErrorKind::Unauthenticated, _) => Subject::Logon,
        (ErrorKind::Connection, _) if http::is_tls(error) => Subject::Tls,
        // it was there, and broke
        (ErrorKind::Connection, _) if seen.is_answered() => Subject::Service,
        (ErrorKind::Connection, _) => Subject::Connection,
        (ErrorKind::Configuration, None) => Subject::Settings,
        _ => Subject::Service,
    }
}

type Found = Vec<(Subject, Verdict)>;

/// What the scope wants to know of each mailbox.
fn wanted(scope: &DiagnosisScope) -> Vec<Subject> {
    let all = [
        (Subject::Calendar, scope.calendar),
        (Subject::Mail, scope.mail),
        (Subject::Send, scope.send != SendCheck::Off),
    ];
    let wanted = all.into_iter().filter(|(_, wanted)| *wanted);
    wanted.map(|(subject, _)| subject).collect()
}

fn untried(scope: &DiagnosisScope, why: &str) -> Found {
    let subjects = [Subject::Mailbox].into_iter().chain(wanted(scope));
    subjects
        .map(|subject| (subject, Verdict::not_tried(why)))
        .collect()
}

/// The verdicts on one mailbox.
async fn mailbox(
    connector: &GraphConnector,
    target: &MailboxTarget,
    scope: &DiagnosisScope,
) -> Found {
    let closed = |error: &Error| {
        let mut found = untried(scope, Subject::Mailbox.lacks());
        if let Some((_, verdict)) = found.first_mut() {
            *verdict = cannot_open(error, target, scope);
        }
        found
    };
    let mailbox = match connector.graph_mailbox(target) {
        Ok(mailbox) => mailbox,
        Err(error) => return closed(&error),
    };
    let mut found = Vec::new();
    let mut is_seen = false;
    for subject in wanted(scope) {
        let outcome = match subject {
            Subject::Calendar => calendar(&mailbox).await,
            Subject::Mail => mail(&mailbox).await,
            _ => {
                found.push((subject, sending(connector, &mailbox, target, scope).await));
                continue;
            }
        };
        match outcome {
            Err(error) if is_of_mailbox(&error) => return closed(&error),
            Err(error) => found.push((subject, Verdict::of_error(&error))),
            Ok(detail) => {
                is_seen = true;
                found.push((subject, Verdict::ok(detail)));
            }
        }
    }
    let verdict = match is_seen {
        true => Verdict::ok("it can be opened"),
        false => Verdict::not_tried("nothing in it could be looked at"),
    };
    found.insert(0, (Subject::Mailbox, verdict));
    found
}

/// Whether nothing else in the mailbox would be had either.
fn is_of_mailbox(error: &Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::MailboxNotFound | ErrorKind::MailboxUnavailable | ErrorKind::Unsupported
    )
}

/// Who only opens the mailboxes of others needs none of their own.
fn cannot_open(error: &Error, target: &MailboxTarget, scope: &DiagnosisScope) -> Verdict {
    let has_none = matches!(
        error.kind(),
        ErrorKind::MailboxNotFound | ErrorKind::Unsupported
    );
    if has_none && *target == MailboxTarget::Own && !scope.others.is_empty() {
        return Verdict::warning(
            "there is no mailbox of one's own",
            "That is in order if only the mailboxes of others are opened.",
        );
    }
    Verdict::of_error(error)
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Inbox {
    total_item_count: Option<u64>,
}

async fn mail(mailbox: &GraphMailbox) -> Result<String> {
    let path = ["mailFolders", "inbox"];
    let call =
        Call::get(OPERATION, &path, Permission::MailReadBasic).query("$select", "totalItemCount");
    let inbox: Inbox = mailbox.client.json(&call).await?;
    Ok(match inbox.total_item_count {
        Some(count) => format!("{count} items"),
        None => "the inbox can be read".to_owned(),
    })
}

async fn calendar(mailbox: &GraphMailbox) -> Result<String> {
    let path = ["calendar", "events"];
    let call = Call::get(OPERATION, &path, Permission::CalendarsReadBasic)
        .query("$select", "id")
        .query("$top", "1");
    mailbox.client.page::<serde::de::IgnoredAny>(&call).await?;
    Ok("its events can be listed".to_owned())
}

/// Whether mail may be sent. A message to nobody is refused for that alone (`ErrorInvalidRecipients`) by a server that
/// would send others, and by one that would not for the permission (`ErrorAccessDenied`). So nothing is ever sent, and
/// nothing kept: even if it were accepted, there is nobody whom it could reach. What the token says of itself is not
/// read: tokens for Microsoft's services have no form that programs may rely on.
///
/// Source: <https://learn.microsoft.com/graph/api/user-sendmail>,
/// <https://learn.microsoft.com/entra/identity-platform/access-tokens#token-formats>
async fn sending(
    connector: &GraphConnector,
    mailbox: &GraphMailbox,
    target: &MailboxTarget,
    scope: &DiagnosisScope,
) -> Verdict {
    if let MailboxTarget::Shared(_) = target {
        return Verdict::not_tried(
            "whether mail may be sent in its name (Send As, Send on Behalf) shows only when one is sent",
        );
    }
    if scope.send == SendCheck::Draft {
        return match connector.mailbox(target) {
            Ok(mailbox) => check_draft(&*mailbox).await,
            Err(error) => Verdict::of_error(&error),
        };
    }
    let nobody: [(); 0] = [];
    let body = json!({
        "message": {"subject": "", "toRecipients": nobody},
        "saveToSentItems": false,
    });
    let call = Call::post(OPERATION, &["sendMail"], Permission::MailSend).json(&body);
    let sent = match call {
        Ok(call) => mailbox.client.done(&call).await,
        Err(error) => Err(error),
    };
    match sent {
        Ok(()) => Verdict::ok("mail may be sent"),
        Err(error) if is_for_content(&error) => Verdict::ok("mail may be sent; none was"),
        Err(error) => Verdict::of_error(&error),
    }
}

/// Whether Graph itself refused the message, not the permission.
fn is_for_content(error: &Error) -> bool {
    let is_kind = matches!(
        error.kind(),
        ErrorKind::RecipientRejected | ErrorKind::InvalidArgument
    );
    is_kind && error.code().is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stages() {
        let error = |kind, operation: &'static str| Error::new(kind, operation, "words");
        for (error, stage_of) in [
            (error(ErrorKind::Connection, "token"), Subject::Logon),
            (error(ErrorKind::Connection, "probe"), Subject::Connection),
            (error(ErrorKind::Unauthenticated, "probe"), Subject::Logon),
            (error(ErrorKind::Configuration, "probe"), Subject::Settings),
            (
                error(ErrorKind::Connection, "probe").with_status(407),
                Subject::Connection,
            ),
            (error(ErrorKind::Unavailable, "probe"), Subject::Service),
            (
                error(ErrorKind::PermissionDenied, "probe"),
                Subject::Service,
            ),
        ] {
            let nothing = ConnectionFacts::default();
            assert_eq!(stage(&error, &nothing), stage_of, "{error:?}");
        }
    }

    #[test]
    fn only_others_are_opened() {
        let error = Error::unsupported("mailbox", "an application has no mailbox of its own");
        let own = MailboxTarget::Own;
        let alone = cannot_open(&error, &own, &DiagnosisScope::new());
        assert_eq!(alone.word(), "failed");
        let with_others = DiagnosisScope::new().act_as("ada@contoso.com");
        assert_eq!(cannot_open(&error, &own, &with_others).word(), "warning");
    }
}
