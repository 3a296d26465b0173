//! What those see who watch a connector: observers, `tracing`, and the recorder.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use chrono::{TimeDelta, Utc};
use exchange_connector::ews::{Arrival, EwsConnector, EwsConnectorBuilder, inspect};
use exchange_connector::http::{AuthPolicy, AuthScheme, Credentials, HttpOptions, Proxy};
use exchange_connector::model::{
    AttachmentUpload, Body, CalendarRef, DraftOptions, EventQuery, MessageQuery, NewEvent,
    NewMessage, Notify, Recipient, TimeRange, WellKnownFolder, When,
};
use exchange_connector::simulator::{Simulator, Trouble, check_envelope};
use exchange_connector::{
    AttemptSummary, Backend, ByteStream, CallSummary, Connector, ErrorKind, Mailbox, MailboxHash,
    MailboxTarget, Observer, Outcome, RetryPolicy, Upload, WaitReason, WaitSummary,
};

const ALICE: &str = "alice@example.test";

/// Keeps all that it is told.
#[derive(Default)]
struct Notes {
    calls: Mutex<Vec<CallSummary>>,
    attempts: Mutex<Vec<AttemptSummary>>,
    waits: Mutex<Vec<WaitSummary>>,
}

impl Observer for Notes {
    fn call_ended(&self, call: &CallSummary) {
        self.calls.lock().unwrap().push(call.clone());
    }

    fn attempt_ended(&self, attempt: &AttemptSummary) {
        self.attempts.lock().unwrap().push(attempt.clone());
    }

    fn waited(&self, wait: &WaitSummary) {
        self.waits.lock().unwrap().push(wait.clone());
    }
}

impl Notes {
    fn take(&self) -> (Vec<CallSummary>, Vec<AttemptSummary>, Vec<WaitSummary>) {
        (
            std::mem::take(&mut *self.calls.lock().unwrap()),
            std::mem::take(&mut *self.attempts.lock().unwrap()),
            std::mem::take(&mut *self.waits.lock().unwrap()),
        )
    }
}

struct Panics;

impl Observer for Panics {
    fn call_ended(&self, _: &CallSummary) {
        panic!("an observer's own fault");
    }
}

fn builder(simulator: &Simulator) -> EwsConnectorBuilder {
    let account = &simulator.accounts()[0];
    let credentials = Credentials::password(&account.address, account.password.as_str());
    EwsConnector::builder(simulator.ews_url())
        .credentials(credentials)
        .auth(AuthPolicy::Only(AuthScheme::Basic))
        .version("2016".parse().unwrap())
        .time_zone(chrono_tz::Europe::Berlin)
        .http(HttpOptions::default().proxy(Proxy::Off))
}

fn own(connector: &EwsConnector) -> Arc<dyn Mailbox> {
    connector.mailbox(&MailboxTarget::Own).unwrap()
}

#[tokio::test]
async fn observers_are_told_of_each_call() {
    let simulator = Simulator::builder().start().await.unwrap();
    let notes = Arc::new(Notes::default());
    let quick = RetryPolicy::default().first_wait(Duration::from_millis(5));
    let connector = builder(&simulator)
        .observer(Arc::new(Panics))
        .observer(notes.clone())
        .retry(quick)
        .build()
        .unwrap();

    connector.probe().await.unwrap();
    let (calls, attempts, waits) = notes.take();
    let [call] = &calls[..] else {
        panic!("{calls:?}");
    };
    assert_eq!((call.backend, call.operation), (Backend::Ews, "GetFolder"));
    assert_eq!(call.mailbox, Some(MailboxHash::of(ALICE)));
    assert_eq!(call.version, Some("Exchange2016"));
    assert_eq!((call.status, call.attempts), (Some(200), 1));
    assert!(
        call.bytes_sent > 300 && call.bytes_received > 300,
        "{call:?}"
    );
    assert_eq!((call.outcome, call.waited), (Outcome::Done, Duration::ZERO));
    assert!(call.request_id.is_some() && call.duration > Duration::ZERO);
    assert_eq!(attempts.len(), 1);
    assert_eq!(attempts[0].bytes_received, call.bytes_received);
    assert_eq!(attempts[0].request_id, call.request_id);
    assert!(attempts[0].host.starts_with("127.0.0.1:"));
    assert!(waits.is_empty());

    // Sent again after a wait.
    simulator.fail_next(Trouble::busy(20));
    connector.probe().await.unwrap();
    let (calls, attempts, waits) = notes.take();
    assert_eq!((calls[0].attempts, calls[0].outcome), (2, Outcome::Done));
    assert!(calls[0].waited >= Duration::from_millis(20), "{calls:?}");
    let seen: Vec<_> = attempts.iter().map(|it| (it.number, it.status)).collect();
    assert_eq!(seen, [(1, Some(500)), (2, Some(200))]);
    assert!(
        waits
            .iter()
            .any(|wait| wait.reason == WaitReason::Throttled),
        "{waits:?}"
    );

    // A refusal, and an answer that is cut.
    simulator.fail_next(Trouble::fault("ErrorAccessDenied"));
    connector.probe().await.unwrap_err();
    let (calls, attempts, _) = notes.take();
    let denied = Outcome::Failed(ErrorKind::PermissionDenied);
    assert_eq!((calls[0].outcome, calls[0].status), (denied, Some(500)));
    assert_eq!(attempts[0].outcome, Outcome::Done, "the answer came");

    // Dropped while it waits.
    simulator.fail_next(Trouble::Delay(Duration::from_secs(60)));
    let given_up = tokio::time::timeout(Duration::from_millis(300), connector.probe()).await;
    assert!(given_up.is_err());
    let (calls, attempts, _) = notes.take();
    assert_eq!(calls[0].outcome, Outcome::Abandoned);
    assert_eq!(attempts[0].outcome, Outcome::Abandoned);
}

#[tokio::test]
async fn contents_count_until_their_end() {
    let simulator = Simulator::builder().start().await.unwrap();
    let notes = Arc::new(Notes::default());
    let connector = builder(&simulator).observer(notes.clone()).build().unwrap();
    let mailbox = own(&connector);
    let message = NewMessage::new("Files", Body::text("See there"));
    let draft = mailbox
        .create_draft(message, DraftOptions::new())
        .await
        .unwrap();
    let item = draft.id.clone().into();
    notes.take();

    let file = AttachmentUpload::new("one.bin", upload(300_000));
    let made = mailbox.add_attachment(&item, file).await.unwrap();
    let (calls, ..) = notes.take();
    let create = calls
        .iter()
        .find(|call| call.operation == "CreateAttachment");
    assert!(create.unwrap().bytes_sent > 400_000, "{calls:?}");

    let stream = mailbox.open_attachment(&item, &made.id).await.unwrap();
    let before = notes.take().0;
    assert!(
        before.iter().all(|call| call.operation != "GetAttachment"),
        "{before:?}"
    );
    assert_eq!(stream.collect(400_000).await.unwrap().len(), 300_000);
    let get = notes
        .take()
        .0
        .into_iter()
        .find(|call| call.operation == "GetAttachment");
    let get = get.unwrap();
    assert!(
        get.bytes_received > 400_000 && get.outcome == Outcome::Done,
        "{get:?}"
    );

    let mut stream = mailbox.open_attachment(&item, &made.id).await.unwrap();
    stream.try_next().await.unwrap();
    drop(stream);
    let get = notes
        .take()
        .0
        .into_iter()
        .find(|call| call.operation == "GetAttachment");
    assert_eq!(get.unwrap().outcome, Outcome::Abandoned);
}

fn upload(length: usize) -> Upload {
    let content = Bytes::from(vec![7; length]);
    let stream = ByteStream::unfold(content, |mut rest| async move {
        let piece = rest.split_to(rest.len().min(10_007));
        Ok((!piece.is_empty()).then_some((piece, rest)))
    });
    Upload::stream(length as u64, stream)
}

/// Where a test's log lines go.
#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[test]
fn spans_say_what_a_call_was() {
    // With one dispatcher alone, tracing lets whichever thread comes first decide for all.
    let _second = tracing::Dispatch::new(
        tracing_subscriber::fmt()
            .with_writer(std::io::sink)
            .finish(),
    );
    let lines = Lines::default();
    let writer = lines.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::DEBUG)
        .with_ansi(false)
        .with_span_events(tracing_subscriber::fmt::format::FmtSpan::CLOSE)
        .with_writer(move || writer.clone())
        .finish();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    tracing::subscriber::with_default(subscriber, || {
        runtime.block_on(async {
            let simulator = Simulator::builder().start().await.unwrap();
            let connector = builder(&simulator).build().unwrap();
            connector.probe().await.unwrap();
        });
    });
    let lines = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
    let hash = MailboxHash::of(ALICE).to_string();
    let ours: Vec<&str> = lines
        .lines()
        .filter(|line| line.contains("call{"))
        .collect();
    let closed = ours.iter().find(|line| line.contains("close")).unwrap();
    for words in [
        "operation=\"GetFolder\"",
        &format!("mailbox={hash}"),
        "version=\"Exchange2016\"",
        "status=200",
        "request_id=",
        "attempts=1",
        "bytes_sent=",
        "bytes_received=",
        "waited_ms=0",
        "duration_ms=",
        "outcome=done",
    ] {
        assert!(closed.contains(words), "{words} in {closed}");
    }
    let attempt = ours
        .iter()
        .find(|line| line.contains(": attempt "))
        .unwrap();
    assert!(
        attempt.contains("attempt=1") && attempt.contains("outcome=done"),
        "{attempt}"
    );
    assert!(!lines.contains(ALICE), "{lines}");
}

/// A folder that goes with the test.
pub(crate) struct Folder(pub(crate) PathBuf);

impl Folder {
    pub(crate) fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!(
            "exchange-connector-{name}-{}-{}",
            std::process::id(),
            Utc::now().timestamp_micros()
        ));
        Self(path)
    }

    /// The files in it, with their names.
    pub(crate) fn files(&self) -> Vec<(PathBuf, String)> {
        let mut files = Vec::new();
        collect(&self.0, &mut files);
        files.sort();
        files
    }
}

fn collect(folder: &Path, files: &mut Vec<(PathBuf, String)>) {
    let Ok(entries) = fs::read_dir(folder) else {
        return;
    };
    for entry in entries {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => collect(&path, files),
            false => {
                let text = fs::read_to_string(&path).unwrap();
                files.push((path, text));
            }
        }
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// A session of reads and writes, and what a stranger makes of its recording.
#[tokio::test]
async fn a_recording_tells_the_protocol_and_not_the_people() {
    let folder = Folder::new("recording");
    let simulator = Simulator::builder().start().await.unwrap();
    let connector = builder(&simulator)
        .record_to(&folder.0)
        .retry(RetryPolicy::none())
        .build()
        .unwrap();
    let mailbox = own(&connector);
    let now = Utc::now();
    let start = now.date_naive().and_hms_opt(10, 0, 0).unwrap();
    let when = When::timed(
        start,
        start + TimeDelta::hours(1),
        chrono_tz::Europe::Berlin,
    );
    let event = NewEvent::new("Zwiebelkuchen", when).body(Body::html("<p>Quittengelee</p>"));
    let made = mailbox
        .create_event(&CalendarRef::Default, event, Notify::Nobody)
        .await
        .unwrap();
    let week = TimeRange::lasting(now - TimeDelta::days(1), TimeDelta::weeks(1));
    let query = EventQuery::between(week).full();
    assert_eq!(mailbox.list_events(query).collect().await.unwrap().len(), 1);
    let message = NewMessage::new("Zwiebelkuchen", Body::text("Quittengelee"))
        .to(Recipient::smtp("hagebutte@example.test"));
    let draft = mailbox
        .create_draft(message, DraftOptions::new())
        .await
        .unwrap();
    let item = draft.id.clone().into();
    let file = AttachmentUpload::new("schlehen.bin", upload(300_000));
    let attachment = mailbox.add_attachment(&item, file).await.unwrap();
    let stream = mailbox
        .open_attachment(&item, &attachment.id)
        .await
        .unwrap();
    assert_eq!(stream.collect(400_000).await.unwrap().len(), 300_000);
    let drafts = MessageQuery::new(WellKnownFolder::Drafts);
    assert_eq!(
        mailbox.list_messages(drafts).collect().await.unwrap().len(),
        1
    );
    simulator.fail_next(Trouble::Truncate);
    mailbox
        .get_calendar(&CalendarRef::Default)
        .await
        .unwrap_err();
    simulator.fail_next(Trouble::HtmlPage);
    mailbox
        .get_calendar(&CalendarRef::Default)
        .await
        .unwrap_err();
    simulator.fail_next(Trouble::busy(20));
    mailbox
        .get_calendar(&CalendarRef::Default)
        .await
        .unwrap_err();
    drop(made);

    let files = folder.files();
    let (mut requests, mut answers, mut pages) = (0, 0, 0);
    for (path, text) in &files {
        let name = path.file_name().unwrap().to_str().unwrap();
        let relative = path.strip_prefix(&folder.0).unwrap();
        for word in [
            "Zwiebelkuchen",
            "Quittengelee",
            "hagebutte",
            "schlehen",
            "alice",
            "Alice",
            "Adler",
            "example.test",
            "Passw0rd",
            "BwcHBwcHBwcH",
        ] {
            assert!(!text.contains(word), "{word} in {relative:?}: {text}");
        }
        assert!(text.len() < 100_000, "{relative:?}: {}", text.len());
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = fs::metadata(path).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600, "{relative:?}");
        }
        if name.starts_with("request") {
            requests += 1;
            if let Err(violation) = check_envelope(text) {
                panic!("{relative:?}: {violation}\n{text}");
            }
        } else if name.ends_with(".html") {
            pages += 1;
        } else if name.starts_with("response") {
            answers += 1;
            let is_cut = !text.trim_end().ends_with('>');
            match inspect(text.as_bytes(), &Arrival::default()) {
                Ok(read) => {
                    let operation = relative.components().nth(1).unwrap().as_os_str();
                    let asked = read.operation.map(|it| it.to_lowercase());
                    let folder = operation.to_str().unwrap().replace('_', "");
                    assert!(asked.is_none_or(|asked| asked == folder), "{relative:?}");
                }
                Err(error) => assert!(is_cut, "{relative:?}: {error}\n{text}"),
            }
        } else {
            assert!(
                name.starts_with("call_") && text.contains("content-type: "),
                "{text}"
            );
        }
    }
    assert!(requests >= 9 && answers >= 8, "{requests} {answers}");
    assert_eq!(pages, 1);
    let of = |word: &str| files.iter().filter(|(_, text)| text.contains(word)).count();
    assert!(of("ErrorServerBusy") == 1 && of("BackOffMilliseconds") == 1);
    // The id that was answered is the one that was asked for.
    let id = |text: &str| {
        let (_, rest) = text.split_once("AttachmentId Id=\"")?;
        rest.split_once('"').map(|(id, _)| id.to_owned())
    };
    let ids = |folder: &str, part: &str| -> Vec<String> {
        let in_it = |path: &Path| {
            let path = path.to_str().unwrap();
            path.contains(folder) && path.contains(part)
        };
        files
            .iter()
            .filter(|(path, _)| in_it(path))
            .filter_map(|(_, text)| id(text))
            .collect()
    };
    assert_eq!(
        ids("create_attachment", "response"),
        ids("get_attachment", "request")
    );
}

#[tokio::test]
async fn where_nothing_can_be_written_calls_go_on() {
    let simulator = Simulator::builder().start().await.unwrap();
    let folder = Folder::new("no-folder");
    fs::write(&folder.0, "a file").unwrap();
    let connector = builder(&simulator).record_to(&folder.0).build().unwrap();
    for _ in 0..2 {
        connector.probe().await.unwrap();
    }
    assert_eq!(fs::read_to_string(&folder.0).unwrap(), "a file");
    fs::remove_file(&folder.0).unwrap();
}
