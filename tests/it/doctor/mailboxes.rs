//! Versions, rights, mailboxes.

use exchange_connector::simulator::{Disturbance, Limits, SimulatedVersion, Simulator, Trouble};
use exchange_connector::{Diagnosis, DiagnosisScope, MailboxTarget, Subject};

use super::{Situation, alice, diagnose, examine, simulator};

pub(super) async fn all(table: &mut Vec<Situation>) {
    versions(table).await;
    refusals(table).await;
    rights(table).await;
}

async fn versions(table: &mut Vec<Situation>) {
    let old = Simulator::builder().version(SimulatedVersion::Exchange2010);
    let old = old.start().await.unwrap();
    let builder = alice(old.ews_url()).version("2016".parse().unwrap());
    table.push(Situation::new(
        "a version that is too new for the server",
        examine(builder).await,
    ));
    let simulator = simulator().await;
    let builder = alice(simulator.ews_url()).version("2007".parse().unwrap());
    table.push(Situation::new(
        "a version that is older than need be",
        examine(builder).await,
    ));
}

/// What the server says with a code of its own to every request.
async fn refusals(table: &mut Vec<Situation>) {
    for (name, code, text) in [
        (
            "no version at all will do",
            "ErrorInvalidServerVersion",
            "The specified server version is invalid.",
        ),
        (
            "the server does not like the form of requests",
            "ErrorSchemaValidation",
            "The request failed schema validation: The element 'FolderShape' has invalid child element 'Unknown'.",
        ),
        (
            "the account has used up its budget",
            "ErrorServerBusy",
            "The server cannot service this request right now. Try again later.",
        ),
        (
            "the account has no mailbox",
            "ErrorMissingEmailAddress",
            "When making a request as an account that does not have a mailbox, you must specify the mailbox primary SMTP address for any distinguished folder Ids.",
        ),
        (
            "the mailbox is being moved",
            "ErrorMailboxMoveInProgress",
            "The mailbox is being moved.",
        ),
        (
            "the mailbox is on its way to another server",
            "ErrorMailboxFailover",
            "The mailbox is failed over to another server.",
        ),
        (
            "the database of the mailbox is down",
            "ErrorMailboxStoreUnavailable",
            "The mailbox database is temporarily unavailable.",
        ),
        (
            "the account is disabled",
            "ErrorAccountDisabled",
            "The account is disabled.",
        ),
        (
            "Exchange says that the password has expired",
            "ErrorPasswordExpired",
            "The password has expired.",
        ),
        (
            "the server fails inside",
            "ErrorInternalServerError",
            "An internal server error occurred. The operation failed.",
        ),
        (
            "too many connections of one account",
            "ErrorExceededConnectionCount",
            "You have exceeded the available concurrent connections for your account. Try again once your other requests have completed.",
        ),
    ] {
        let diagnosis = told(code, text).await;
        table.push(Situation::new(name, diagnosis));
    }
}

/// A server that answers each request with this fault.
async fn told(code: &str, text: &str) -> Diagnosis {
    let simulator = simulator().await;
    let body = format!(
        "<s:Envelope xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\"><s:Body><s:Fault>\
         <faultcode xmlns:a=\"http://schemas.microsoft.com/exchange/services/2006/types\">a:{code}</faultcode>\
         <faultstring xml:lang=\"en-US\">{text}</faultstring><detail>\
         <e:ResponseCode xmlns:e=\"http://schemas.microsoft.com/exchange/services/2006/errors\">{code}</e:ResponseCode>\
         <e:Message xmlns:e=\"http://schemas.microsoft.com/exchange/services/2006/errors\">{text}</e:Message>\
         </detail></s:Fault></s:Body></s:Envelope>"
    );
    simulator.disturb(Disturbance::new(Trouble::Status {
        status: 500,
        headers: vec![("X-FEServer".to_owned(), "EX1".to_owned())],
        body,
    }));
    examine(alice(simulator.ews_url())).await
}

async fn rights(table: &mut Vec<Situation>) {
    let simulator = simulator().await;
    let look = async |scope: DiagnosisScope| diagnose(alice(simulator.ews_url()), &scope).await;
    let scope = || DiagnosisScope::new();
    for (name, target) in [
        (
            "the right to act for others is missing",
            MailboxTarget::act_as("bob@example.test"),
        ),
        (
            "somebody else's mailbox without any right",
            MailboxTarget::shared("bob@example.test"),
        ),
        (
            "somebody else's mailbox that is not there",
            MailboxTarget::shared("nobody@example.test"),
        ),
        (
            "somebody else's mailbox by what is no address",
            MailboxTarget::shared("bob"),
        ),
    ] {
        table.push(Situation::new(name, look(scope().other(target)).await));
    }
    simulator.allow_impersonation("alice@example.test").unwrap();
    let diagnosis = look(scope().act_as("nobody@example.test")).await;
    table.push(Situation::new(
        "acting for somebody who is not there",
        diagnosis,
    ));
    // The refusal of one folder names the command for that one.
    simulator
        .grant_folder(
            "carol@example.test",
            "inbox",
            "alice@example.test",
            exchange_connector::simulator::CalendarRights::Reviewer,
            false,
        )
        .unwrap();
    let diagnosis = look(scope().shared("carol@example.test")).await;
    let carol = MailboxTarget::shared("carol@example.test");
    let mut checks = diagnosis.checks.iter();
    let calendar = checks.find(|one| one.subject == Subject::Calendar && one.mailbox == carol);
    let remedy = calendar.and_then(|one| one.problem()?.remedy.clone());
    let remedy = remedy.unwrap_or_default();
    assert!(
        remedy.contains(r"'carol@example.test:\Calendar'"),
        "{diagnosis}"
    );
    assert!(!remedy.contains("Inbox"), "{diagnosis}");
    table.push(Situation::new(
        "of somebody else's mailbox the inbox alone",
        diagnosis,
    ));
    let rights = exchange_connector::simulator::CalendarRights::Reviewer;
    let (bob, alice) = ("bob@example.test", "alice@example.test");
    simulator
        .grant_folder(bob, "calendar", alice, rights, false)
        .unwrap();
    let diagnosis = look(scope().shared(bob)).await;
    table.push(Situation::new(
        "of somebody else's mailbox the calendar alone",
        diagnosis,
    ));

    simulator.set_limits(Limits::default().mailbox(1));
    let diagnosis = look(scope().send_by_draft()).await;
    table.push(Situation::new("the mailbox is full", diagnosis));
    simulator.set_limits(Limits::default());
    simulator.fail_next(Trouble::Delay(std::time::Duration::ZERO));
    simulator.fail_next(Trouble::Item {
        at: 1,
        code: "ErrorAccessDenied",
        back_off: None,
    });
    let diagnosis = look(scope()).await;
    table.push(Situation::new(
        "the calendar is closed, the mail is not",
        diagnosis,
    ));
}
