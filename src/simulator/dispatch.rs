//! From the body of a request to its answer: reading, checking, running, recording.

use http::HeaderMap;
use http::header::AUTHORIZATION;

use super::auth::AccountState;
use super::batch;
use super::log::{Exchange, Violation};
use super::operation::{Call, in_schema, knows, out_of_office, rooms, run};
use super::refusal::{Fault, FaultDetail, Refusal};
use super::request::Element as _;
use super::schema;
use super::server::{Shared, lock};
use super::soap::{self, ConnectingSid, NoRequest};
use super::store::Store;
use super::transport;
use super::version::SimulatedVersion;

/// What is said with a code that a trouble ordered.
pub(super) fn said(code: &str) -> &'static str {
    match code {
        "ErrorInvalidServerVersion" => "The specified server version is invalid.",
        "ErrorMailboxMoveInProgress" => {
            "Mailbox move in progress. Try again later., Cannot open mailbox."
        }
        "ErrorMailboxStoreUnavailable" => {
            "The mailbox database is temporarily unavailable., Cannot open mailbox."
        }
        "ErrorAccessDenied" => "Access is denied. Check credentials and try again.",
        "ErrorInternalServerError" => "An internal server error occurred. The operation failed.",
        _ => "The server cannot service this request right now. Try again later.",
    }
}

/// The refusal that a trouble ordered.
pub(super) fn refused(code: &'static str, back_off: Option<u32>) -> Refusal {
    let mut refusal = Refusal::new(code, said(code));
    let value = back_off.map(|back_off| ("BackOffMilliseconds", back_off.to_string()));
    refusal.values.extend(value);
    refusal
}

/// What a refused item has in an answer of an operation, besides the refusal.
pub(super) fn empty_payload(operation: &str) -> &'static str {
    match operation {
        "SyncFolderItems" => {
            "<m:SyncState/><m:IncludesLastItemInRange>true</m:IncludesLastItemInRange>"
        }
        "SyncFolderHierarchy" => {
            "<m:SyncState/><m:IncludesLastFolderInRange>true</m:IncludesLastFolderInRange>"
        }
        "CreateAttachment" | "GetAttachment" => "<m:Attachments/>",
        "CopyFolder" | "CreateFolder" | "GetFolder" | "MoveFolder" | "UpdateFolder" => {
            "<m:Folders/>"
        }
        "CopyItem" | "CreateItem" | "GetItem" | "MoveItem" | "UpdateItem" => "<m:Items/>",
        _ => "",
    }
}

/// A whole operation refused in its answer, with the empty payload that its kind of answer has.
fn refuse(server: SimulatedVersion, operation: &str, refusal: Refusal) -> (u16, String) {
    let payload = match operation {
        "GetUserAvailability" => {
            let mut fault = Fault::new(refusal.code, refusal.message);
            let value = refusal
                .values
                .first()
                .and_then(|(_, text)| text.parse().ok());
            fault.detail = value.map(FaultDetail::BackOff);
            return (500, soap::fault(server, &fault));
        }
        "GetUserOofSettings" | "SetUserOofSettings" => {
            let body = out_of_office::answer(operation, Some(&refusal));
            return (200, soap::answer(server, &body));
        }
        "GetRoomLists"
        | "GetRooms"
        | "GetMailTips"
        | "GetServiceConfiguration"
        | "GetInboxRules"
        | "UpdateInboxRules" => {
            let body = rooms::refused(operation, refusal);
            return (200, soap::answer(server, &body));
        }
        _ => empty_payload(operation),
    };
    let results: [Result<(), Refusal>; 1] = [Err(refusal)];
    let body = soap::responses(operation, &results, payload, |_, ()| ());
    (200, soap::answer(server, &body))
}

/// What a trouble does to a request that is read.
#[derive(Debug, Default)]
pub(super) struct Orders {
    /// The operation is refused as a whole.
    pub(super) refusal: Option<Refusal>,
    /// An item of the batch is refused, and perhaps those after it stopped.
    pub(super) stopped: Option<(usize, Refusal, bool)>,
}

/// From the body of a request to status and body of its answer.
pub(super) fn exchange(
    shared: &Shared,
    connection: usize,
    account: usize,
    headers: &HeaderMap,
    body: &[u8],
    orders: Orders,
) -> (u16, String) {
    let text = String::from_utf8_lossy(body);
    let text = text.trim_start_matches('\u{feff}');
    // What is no XML gets no SOAP answer either.
    let Ok(document) = roxmltree::Document::parse(text) else {
        return (400, String::new());
    };
    let operation = document
        .descendants()
        .find(|node| node.is_element() && node.name() == "Body")
        .and_then(|body| body.first())
        .map_or("", |node| node.name())
        .trim_end_matches("Request")
        .to_owned();
    *lock(&shared.log)
        .operations
        .entry(operation.clone())
        .or_default() += 1;
    let run = |document: &roxmltree::Document<'_>, text: &str| {
        operate(shared, account, document, text, &operation)
    };
    let (status, answer) = match (orders.refusal, orders.stopped) {
        (Some(refusal), _) => refuse(shared.settings.version, &operation, refusal),
        (None, Some((at, refusal, stop))) => {
            match batch::Cut::new(&document, &operation, at, &refusal, stop) {
                Some(cut) => cut.run(shared.settings.version, run),
                None => refuse(shared.settings.version, &operation, refusal),
            }
        }
        (None, None) => run(&document, text),
    };
    if shared.settings.check_schema
        && in_schema(&operation)
        && !answer.is_empty()
        && let Err(problem) = schema::check(&answer)
    {
        violation(shared, &operation, true, problem.to_string(), &answer);
    }
    if shared.settings.record {
        let identity = lock(&shared.log)
            .connections
            .get(connection)
            .and_then(|connection| connection.identity.clone())
            .unwrap_or_default();
        let headers = headers
            .iter()
            .filter(|(name, _)| *name != AUTHORIZATION)
            .map(|(name, value)| {
                let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
                (name.as_str().to_owned(), value)
            })
            .collect();
        lock(&shared.exchanges).push(Exchange {
            operation,
            target: String::new(),
            identity,
            headers,
            request: text.to_owned(),
            status,
            answer: answer.clone(),
        });
    }
    (status, answer)
}

fn violation(shared: &Shared, operation: &str, answer: bool, problem: String, envelope: &str) {
    lock(&shared.violations).push(Violation {
        operation: operation.to_owned(),
        answer,
        problem,
        envelope: envelope.to_owned(),
    });
}

fn operate(
    shared: &Shared,
    account: usize,
    document: &roxmltree::Document<'_>,
    text: &str,
    operation: &str,
) -> (u16, String) {
    let server = shared.settings.version;
    let result: Result<String, NoRequest> = (|| {
        let (headers, node) = soap::read(document, server)?;
        if !knows(node.name()) {
            return Err(Fault::invalid_request().into());
        }
        if shared.settings.check_schema
            && in_schema(node.name())
            && let Err(problem) = schema::check(text)
        {
            violation(shared, operation, false, problem.to_string(), text);
            let number = |number: Option<usize>| number.and_then(|n| u32::try_from(n).ok());
            let line = number(problem.line).unwrap_or(1);
            let column = number(problem.column).unwrap_or(1);
            return Err(Fault::schema(line, column, &problem.message).into());
        }
        let mut store = lock(&shared.store);
        transport::release(&mut store, shared.now());
        let caller = match &headers.impersonate {
            Some(who) => impersonate(&store, account, who)?,
            None => account,
        };
        let state = store.mailboxes.get(caller).map(|mailbox| mailbox.state);
        if state == Some(AccountState::MovedOnline) {
            return Err(Fault::new(
                "ErrorNonExistentMailbox",
                "The SMTP address has no mailbox associated with it.",
            )
            .into());
        }
        let mut call = Call {
            store: &mut store,
            caller,
            version: headers.version,
            zone: headers.zone,
            now: shared.now(),
            find_limit: *lock(&shared.find_limit),
            batch_limit: *lock(&shared.batch_limit),
        };
        Ok(soap::answer(server, &run(&mut call, node)?))
    })();
    match result {
        Ok(answer) => (200, answer),
        Err(NoRequest::Foreign) => (501, String::new()),
        Err(NoRequest::Fault(fault)) => (500, soap::fault(server, &fault)),
    }
}

fn impersonate(store: &Store, account: usize, who: &ConnectingSid) -> Result<usize, Fault> {
    let allowed = store
        .mailboxes
        .get(account)
        .is_some_and(|mailbox| mailbox.impersonator);
    let (target, code, message) = match who {
        ConnectingSid::Smtp(address) => (
            store.position(address),
            "ErrorNonExistentMailbox",
            "The SMTP address has no mailbox associated with it.",
        ),
        ConnectingSid::PrincipalName(name) => (
            store.by_principal_name(name),
            "ErrorInvalidUserPrincipalName",
            "The principal name is not that of an account.",
        ),
        ConnectingSid::Sid(sid) => (
            store.by_sid(sid),
            "ErrorInvalidUserSid",
            "The SID is not that of an account.",
        ),
    };
    let target = target.ok_or_else(|| Fault::new(code, message))?;
    if !allowed && target != account {
        return Err(Fault::new(
            "ErrorImpersonateUserDenied",
            "The account does not have permission to impersonate the requested user.",
        ));
    }
    Ok(target)
}
