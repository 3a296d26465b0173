//! A folder as large as any: listed and followed with the fewest requests that the limits of
//! servers allow, in memory that does not grow with it.

use std::sync::{Arc, mpsc};
use std::thread;

use allocation_counter::AllocationInfo;
use chrono::{DateTime, TimeDelta, Utc};
use exchange_connector::ews::{EwsConnector, ServerVersion};
use exchange_connector::http::{AuthPolicy, AuthScheme, Credentials, HttpOptions, Proxy};
use exchange_connector::model::{FolderRef, MessageQuery, SyncRequest, WellKnownFolder};
use exchange_connector::simulator::{SimulatedMessage, Simulator};
use exchange_connector::{Connector, Mailbox, MailboxTarget};
use tokio::runtime::{Builder, Runtime};
use tokio::sync::oneshot;

const MANY: usize = 100_000;
/// Enough for the program to take as much memory as it ever does.
const SOME: usize = 3_000;

/// What a server gives at once at most: `EWSFindCountLimit` by default.
const FOUND_AT_ONCE: usize = 1000;
/// What it tells of changes at once at most.
const CHANGES_AT_ONCE: usize = 512;

/// A server with many messages in the Inbox and some in Drafts, until the sender is dropped.
fn serve() -> (Arc<Simulator>, oneshot::Sender<()>) {
    let (give, served) = mpsc::channel();
    let (stop, stopped) = oneshot::channel();
    thread::spawn(move || {
        Runtime::new().unwrap().block_on(async {
            let builder = Simulator::builder().check_schema(false);
            let simulator = Arc::new(builder.start().await.unwrap());
            simulator.limit_find(Some(FOUND_AT_ONCE));
            let begin: DateTime<Utc> = "2020-01-01T00:00:00Z".parse().unwrap();
            for (folder, count) in [("inbox", MANY), ("junkemail", SOME)] {
                let messages = (0..count).map(|number| {
                    let milliseconds = i64::try_from(number).unwrap() * 61_137;
                    SimulatedMessage::new(format!("m{number}"))
                        .from("Bob Berger", "bob@example.test")
                        .received(begin + TimeDelta::milliseconds(milliseconds))
                });
                let planted = simulator.plant_messages("alice@example.test", folder, messages);
                planted.unwrap();
            }
            give.send(Arc::clone(&simulator)).unwrap();
            stopped.await.ok();
        });
    });
    (served.recv().unwrap(), stop)
}

/// Lists a folder newest first; says how many there are and what it took.
fn list(
    mailbox: &dyn Mailbox,
    runtime: &Runtime,
    folder: WellKnownFolder,
) -> (usize, AllocationInfo) {
    let mut count = 0;
    let took = allocation_counter::measure(|| {
        runtime.block_on(async {
            let mut messages = mailbox.list_messages(MessageQuery::new(folder));
            let mut last = None;
            while let Some(message) = messages.try_next().await.unwrap() {
                let number: usize = message.subject[1..].parse().unwrap();
                assert!(
                    last.is_none_or(|last| last == number + 1),
                    "{number} after {last:?}"
                );
                (last, count) = (Some(number), count + 1);
            }
        });
    });
    (count, took)
}

/// Follows a folder from the start; says how many changes there are and what it took.
fn follow(
    mailbox: &dyn Mailbox,
    runtime: &Runtime,
    folder: WellKnownFolder,
) -> (usize, AllocationInfo) {
    let mut count = 0;
    let took = allocation_counter::measure(|| {
        runtime.block_on(async {
            let mut request = SyncRequest::from_start(FolderRef::from(folder));
            loop {
                let page = mailbox.sync_messages(request.clone()).await.unwrap();
                count += page.changes.len();
                request.token = Some(page.token);
                if !page.more {
                    break;
                }
            }
        });
    });
    (count, took)
}

#[test]
fn a_hundred_thousand_messages() {
    let (simulator, stop) = serve();
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    let password = Credentials::password("alice@example.test", "alice-Passw0rd");
    let connector = EwsConnector::builder(simulator.ews_url())
        .credentials(password)
        .auth(AuthPolicy::Only(AuthScheme::Basic))
        .version(ServerVersion::Exchange2016)
        .http(HttpOptions::default().proxy(Proxy::Off))
        .build()
        .unwrap();
    let mailbox = connector.mailbox(&MailboxTarget::Own).unwrap();
    let (large, small) = (WellKnownFolder::Inbox, WellKnownFolder::JunkEmail);
    let requests = |operation: &str| simulator.operations().get(operation).copied().unwrap_or(0);

    let (count, some) = list(&*mailbox, &runtime, small);
    assert_eq!(count, SOME);
    let before = requests("FindItem");
    let (count, many) = list(&*mailbox, &runtime, large);
    assert_eq!(count, MANY);
    // Each answer but the first begins with a message that is known: without it nobody would know
    // whether something went meanwhile.
    let least = (MANY - 1).div_ceil(FOUND_AT_ONCE - 1);
    let listed = requests("FindItem") - before;
    assert_eq!(usize::try_from(listed).unwrap(), least);

    let (count, some_changes) = follow(&*mailbox, &runtime, small);
    assert_eq!(count, SOME);
    let before = requests("SyncFolderItems");
    let (count, many_changes) = follow(&*mailbox, &runtime, large);
    assert_eq!(count, MANY);
    let synced = requests("SyncFolderItems") - before;
    assert_eq!(
        usize::try_from(synced).unwrap(),
        MANY.div_ceil(CHANGES_AT_ONCE)
    );
    drop(stop);

    let most = |one: &AllocationInfo| one.bytes_max / 1024;
    let said = format!(
        "{MANY} messages: listed with {listed} requests in at most {} KiB ({} KiB for {SOME}), \
         followed with {synced} requests in at most {} KiB ({} KiB for {SOME})",
        most(&many),
        most(&some),
        most(&many_changes),
        most(&some_changes)
    );
    println!("{said}");
    assert!(many.bytes_max < some.bytes_max * 5 / 4, "{said}");
    assert!(
        many_changes.bytes_max < some_changes.bytes_max * 5 / 4,
        "{said}"
    );
}
