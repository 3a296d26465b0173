//! What is sent again, over a transport that does as it is told, on a clock that jumps.

use std::collections::VecDeque;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use http::HeaderMap;
use http::header::{CONTENT_TYPE, RETRY_AFTER};
use http_body::Body as _;
use tokio::time::Instant;

use super::*;
use crate::error::{Effect, Error, ErrorKind};
use crate::ews::operation::{CreateAttachment, DeleteItem, DeleteType, GetAttachment, GetItem};
use crate::ews::types::BaseShape;
use crate::ews::types::{Attachment, AttachmentId, ItemId, ItemShape};
use crate::http::{Reply, Request, Transport};
use crate::retry::RetryPolicy;
use crate::stream::{ByteStream, Upload};

/// What becomes of one request.
enum Fate {
    Answer(String),
    Status(u16, Option<&'static str>, String),
    Fails(Error),
    /// The content is taken by the connection before it fails.
    FailsAfterContent(Error),
}

#[derive(Debug, Default)]
struct Script {
    fates: Mutex<VecDeque<Fate>>,
    requests: Mutex<Vec<(Instant, String)>>,
    running: AtomicUsize,
    most: AtomicUsize,
}

impl fmt::Debug for Fate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Fate")
    }
}

#[async_trait]
impl Transport for Script {
    async fn send(&self, request: Request) -> Result<Reply> {
        let now = self.running.fetch_add(1, Ordering::Relaxed) + 1;
        self.most.fetch_max(now, Ordering::Relaxed);
        let text = match &request.body {
            RequestBody::Bytes(bytes) => String::from_utf8(bytes.to_vec()).unwrap(),
            RequestBody::Stream(_) => "in pieces".to_owned(),
        };
        self.requests.lock().unwrap().push((Instant::now(), text));
        tokio::time::sleep(Duration::from_millis(10)).await;
        self.running.fetch_sub(1, Ordering::Relaxed);
        let fate = self.fates.lock().unwrap().pop_front();
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, "text/xml; charset=utf-8".parse().unwrap());
        let (status, body) = match fate.expect("a request that nobody expected") {
            Fate::Answer(body) => (200, body),
            Fate::Status(status, after, body) => {
                if let Some(after) = after {
                    headers.insert(RETRY_AFTER, after.parse().unwrap());
                }
                (status, body)
            }
            Fate::Fails(error) => return Err(error),
            Fate::FailsAfterContent(error) => {
                let mut body = request.body.to_reqwest();
                let mut next =
                    async || poll_fn(|context| Pin::new(&mut body).poll_frame(context)).await;
                while next().await.is_some() {}
                return Err(error);
            }
        };
        Ok(Reply {
            status,
            headers,
            body: Body::of_pieces(vec![body.into()], 4096 * 1024),
        })
    }

    fn facts(&self, _: &Url) -> ConnectionFacts {
        ConnectionFacts::default()
    }
}

struct Setting {
    script: Arc<Script>,
    client: Client,
}

impl Setting {
    fn of(policy: RetryPolicy, fates: impl IntoIterator<Item = Fate>) -> Self {
        let script = Arc::new(Script::default());
        script.fates.lock().unwrap().extend(fates);
        let url = "https://mail.example.test/EWS/Exchange.asmx";
        let pacing = Pacing::new(policy.seed(3), Duration::from_secs(120));
        let version = Some(ServerVersion::Exchange2016);
        let client = Client::new(url.parse().unwrap(), script.clone(), version, pacing, None);
        Self { script, client }
    }

    fn new(fates: impl IntoIterator<Item = Fate>) -> Self {
        Self::of(RetryPolicy::default(), fates)
    }

    fn requests(&self) -> Vec<(Instant, String)> {
        self.script.requests.lock().unwrap().clone()
    }

    /// How many requests there were, when nothing is left that was expected.
    fn count(&self) -> usize {
        assert!(self.script.fates.lock().unwrap().is_empty());
        self.requests().len()
    }
}

fn envelope(body: &str) -> String {
    format!(
        "<s:Envelope xmlns:s='http://schemas.xmlsoap.org/soap/envelope/' \
         xmlns:m='http://schemas.microsoft.com/exchange/services/2006/messages' \
         xmlns:t='http://schemas.microsoft.com/exchange/services/2006/types'><s:Body>{body}</s:Body></s:Envelope>"
    )
}

fn answer(operation: &str, messages: &[&str]) -> String {
    let messages: String = messages
        .iter()
        .map(|message| {
            let (class, rest) = match *message {
                "NoError" => ("Success", String::new()),
                code => ("Error", format!("<m:MessageText>{code}</m:MessageText>")),
            };
            let code = message.split(' ').next().unwrap();
            let back_off = match message.split_once(' ') {
                Some((_, wait)) => format!(
                    "<m:MessageXml><t:Value Name='BackOffMilliseconds'>{wait}</t:Value></m:MessageXml>"
                ),
                None => String::new(),
            };
            format!(
                "<m:{operation}ResponseMessage ResponseClass='{class}'>{rest}<m:ResponseCode>{code}</m:ResponseCode>\
                 {back_off}</m:{operation}ResponseMessage>"
            )
        })
        .collect();
    envelope(&format!(
        "<m:{operation}Response><m:ResponseMessages>{messages}</m:ResponseMessages></m:{operation}Response>"
    ))
}

fn fault(code: &str, back_off: Option<u32>) -> Fate {
    let wait = back_off.map(|wait| {
        format!("<t:MessageXml xmlns:t='http://schemas.microsoft.com/exchange/services/2006/types'><t:Value Name='BackOffMilliseconds'>{wait}</t:Value></t:MessageXml>")
    });
    let wait = wait.unwrap_or_default();
    let body = format!(
        "<s:Fault><faultcode>a:{code}</faultcode><faultstring>No.</faultstring><detail>\
         <e:ResponseCode xmlns:e='http://schemas.microsoft.com/exchange/services/2006/errors'>{code}</e:ResponseCode>{wait}</detail></s:Fault>"
    );
    Fate::Status(500, None, envelope(&body))
}

fn delete(count: usize) -> DeleteItem {
    DeleteItem::new(
        DeleteType::HardDelete,
        (0..count).map(|number| ItemId::new(format!("item{number}"))),
    )
}

fn deleted() -> Fate {
    Fate::Answer(answer("DeleteItem", &["NoError"]))
}

fn get(count: usize) -> GetItem {
    let shape = ItemShape::new(BaseShape::IdOnly);
    GetItem::new(
        shape,
        (0..count).map(|number| ItemId::new(format!("item{number}"))),
    )
}

fn cut() -> Error {
    Error::new(ErrorKind::Connection, "x", "cut").with_effect(Effect::Unknown)
}

/// A fault, messages in an answer that succeeded, and HTTP: reads and changes alike.
#[tokio::test(start_paused = true)]
async fn a_busy_server_is_waited_for_however_it_says_so() {
    let busy = || Fate::Answer(answer("DeleteItem", &["ErrorServerBusy 40000"]));
    for (fate, wait) in [
        (fault("ErrorServerBusy", Some(40_000)), 40),
        (busy(), 40),
        (Fate::Status(503, Some("40"), String::new()), 40),
        (Fate::Status(429, Some("40"), String::new()), 40),
        (fault("ErrorServerBusy", None), 0),
        (
            Fate::Fails(Error::new(ErrorKind::Connection, "x", "refused")),
            0,
        ),
    ] {
        let setting = Setting::new([fate, deleted()]);
        setting.client.send(&delete(1)).await.unwrap();
        assert_eq!(setting.count(), 2);
        let requests = setting.requests();
        let waited = requests[1].0 - requests[0].0;
        let wait = Duration::from_secs(wait);
        assert!(
            waited >= wait && waited <= wait + Duration::from_secs(11),
            "{waited:?}"
        );
        assert_eq!(requests[0].1, requests[1].1);
    }
}

#[tokio::test(start_paused = true)]
async fn a_change_in_doubt_is_not_sent_again() {
    let messages = |code: &str| Fate::Answer(answer("DeleteItem", &[code]));
    for fate in [
        Fate::Fails(cut()),
        Fate::Status(502, None, String::new()),
        // of a balancer that does not say who says so
        Fate::Status(503, None, String::new()),
        Fate::Status(504, None, String::new()),
        Fate::Status(200, None, "<html>too slow</html>".to_owned()),
        Fate::Status(500, None, "<html>oops</html>".to_owned()),
        fault("ErrorInternalServerError", None),
        fault("ErrorTimeoutExpired", None),
        fault("ErrorMailboxStoreUnavailable", None),
        fault("ErrorInsufficientResources", None),
        Fate::Answer("<s:Envelope".to_owned()),
    ] {
        let setting = Setting::new([fate]);
        let error = setting.client.send(&delete(1)).await.unwrap_err();
        assert_eq!(error.effect(), Effect::Unknown, "{error:?}");
        assert_eq!(setting.count(), 1, "{error:?}");
    }
    for code in [
        "ErrorInternalServerError",
        "ErrorTimeoutExpired",
        "ErrorMailboxStoreUnavailable",
    ] {
        let setting = Setting::new([messages(code)]);
        let answers = setting.client.send(&delete(1)).await.unwrap();
        assert!(!answers[0].is_ok());
        assert_eq!(setting.count(), 1, "{code}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_reading_call_is_sent_again_where_that_may_help() {
    let whole = || Fate::Answer(answer("GetItem", &["NoError"]));
    for fate in [
        Fate::Fails(cut()),
        Fate::Status(502, None, String::new()),
        Fate::Status(503, None, String::new()),
        Fate::Status(504, None, String::new()),
        fault("ErrorMailboxStoreUnavailable", None),
        fault("ErrorTimeoutExpired", None),
        Fate::Answer(answer("GetItem", &["ErrorMailboxStoreUnavailable"])),
    ] {
        let setting = Setting::new([fate, whole()]);
        setting.client.send(&get(1)).await.unwrap();
        assert_eq!(setting.count(), 2);
    }
    for (fate, kind) in [
        (fault("ErrorSchemaValidation", None), ErrorKind::Protocol),
        (
            fault("ErrorAccessDenied", None),
            ErrorKind::PermissionDenied,
        ),
        (fault("ErrorInternalServerError", None), ErrorKind::Internal),
        (
            Fate::Status(401, None, String::new()),
            ErrorKind::Unauthenticated,
        ),
        (
            Fate::Status(404, None, String::new()),
            ErrorKind::Configuration,
        ),
        (Fate::Status(413, None, String::new()), ErrorKind::TooLarge),
    ] {
        let setting = Setting::new([fate]);
        let error = setting.client.send(&get(1)).await.unwrap_err();
        assert_eq!(
            (error.effect(), setting.count()),
            (Effect::None, 1),
            "{error:?}"
        );
        if kind != ErrorKind::Protocol {
            assert_eq!(error.kind(), kind, "{error:?}");
        }
    }
}

/// Only what was refused is sent again.
#[tokio::test(start_paused = true)]
async fn parts_of_a_request() {
    let setting = Setting::new([
        Fate::Answer(answer(
            "DeleteItem",
            &[
                "NoError",
                "ErrorServerBusy 1000",
                "ErrorItemNotFound",
                "ErrorServerBusy 5000",
                "ErrorInternalServerError",
            ],
        )),
        Fate::Answer(answer("DeleteItem", &["NoError", "ErrorServerBusy 1000"])),
        Fate::Answer(answer("DeleteItem", &["NoError"])),
    ]);
    let start = Instant::now();
    let answers = setting.client.send(&delete(5)).await.unwrap();
    let codes: Vec<_> = answers
        .iter()
        .map(|one| one.code.clone().unwrap().as_str().to_owned())
        .collect();
    assert_eq!(
        codes,
        [
            "NoError",
            "NoError",
            "ErrorItemNotFound",
            "NoError",
            "ErrorInternalServerError"
        ]
    );
    assert!(start.elapsed() >= Duration::from_secs(6));
    assert_eq!(setting.count(), 3);
    let asked = |request: &str| -> Vec<usize> {
        (0..5)
            .filter(|number| request.contains(&format!("item{number}")))
            .collect()
    };
    let requests = setting.requests();
    assert_eq!(asked(&requests[1].1), [1, 3]);
    assert_eq!(asked(&requests[2].1), [3]);

    // Given up, each part has its own answer, as it came last.
    let busy = || Fate::Answer(answer("GetItem", &["ErrorServerBusy 1000"]));
    let first = Fate::Answer(answer("GetItem", &["NoError", "ErrorServerBusy 1000"]));
    let setting = Setting::new([first, busy(), busy(), busy(), Fate::Fails(cut())]);
    let answers = setting.client.send(&get(2)).await.unwrap();
    assert!(answers[0].is_ok() && !answers[1].is_ok());
    assert_eq!(setting.count(), 5);

    // What a server did not come to, since another part failed.
    let setting = Setting::new([
        Fate::Answer(answer(
            "DeleteItem",
            &["ErrorItemCorrupt", "ErrorBatchProcessingStopped"],
        )),
        deleted(),
    ]);
    let answers = setting.client.send(&delete(2)).await.unwrap();
    assert!(!answers[0].is_ok() && answers[1].is_ok());
}

/// What was refused at first, and lost then, may have been done.
#[tokio::test(start_paused = true)]
async fn parts_in_doubt() {
    let busy = || Fate::Answer(answer("DeleteItem", &["ErrorServerBusy 1000"]));
    let setting = Setting::new([busy(), Fate::Fails(cut())]);
    let error = setting.client.send(&delete(1)).await.unwrap_err();
    assert_eq!((error.message(), error.effect()), ("cut", Effect::Unknown));
    assert_eq!(setting.count(), 2);

    let setting = Setting::new([
        Fate::Answer(answer("DeleteItem", &["ErrorServerBusy 1000", "NoError"])),
        Fate::Fails(cut()),
    ]);
    let mut answers = setting.client.send(&delete(2)).await.unwrap();
    assert!(answers.pop().unwrap().is_ok());
    let lost = answers.pop().unwrap().ok().unwrap_err();
    let lost = in_doubt::<DeleteItem>(lost.into_error("x"));
    assert_eq!((lost.message(), lost.effect()), ("cut", Effect::Unknown));

    // Refused to the end, by the connection at last.
    let refused = || Error::new(ErrorKind::Connection, "x", "refused");
    let fates = (0..4).map(|_| Fate::Fails(refused()));
    let setting = Setting::new([busy()].into_iter().chain(fates));
    let error = setting.client.send(&delete(1)).await.unwrap_err();
    assert_eq!((error.message(), error.effect()), ("refused", Effect::None));
}

#[tokio::test(start_paused = true)]
async fn none_means_once() {
    for fate in [
        fault("ErrorServerBusy", Some(1)),
        Fate::Fails(cut()),
        Fate::Status(503, None, String::new()),
    ] {
        let setting = Setting::of(
            RetryPolicy::none(),
            [fate, Fate::Answer(answer("GetItem", &["NoError"]))],
        );
        let start = Instant::now();
        setting.client.send(&get(1)).await.unwrap_err();
        setting.client.send(&get(1)).await.unwrap();
        assert!(start.elapsed() < Duration::from_secs(1));
    }
}

#[tokio::test(start_paused = true)]
async fn content_is_sent_again_if_it_is_there() {
    let create = CreateAttachment::new(ItemId::new("i"), [Attachment::file("a", Vec::new())]);
    let place = CreateAttachment::CONTENT;
    let made = || Fate::Answer(answer("CreateAttachment", &["NoError"]));
    let busy = || Fate::Status(503, Some("1"), String::new());
    for size in [10, 3_000_000] {
        let setting = Setting::new([busy(), made()]);
        let bytes = Upload::Bytes(vec![b'x'; size].into());
        setting
            .client
            .send_with(&create, place, bytes)
            .await
            .unwrap();
        assert_eq!(setting.count(), 2);
    }
    let stream = || {
        let pieces = ByteStream::from(Bytes::from(vec![b'x'; 3_000_000]));
        Upload::stream(3_000_000, pieces)
    };
    // Refused before it began to go.
    let setting = Setting::new([busy(), made()]);
    setting
        .client
        .send_with(&create, place, stream())
        .await
        .unwrap();
    assert_eq!(setting.count(), 2);
    // Refused when it was gone.
    let broken = Error::new(ErrorKind::Connection, "x", "broke");
    let setting = Setting::new([Fate::FailsAfterContent(broken)]);
    let sent = setting.client.send_with(&create, place, stream());
    assert_eq!(sent.await.unwrap_err().message(), "broke");
    assert_eq!(setting.count(), 1);
}

/// An answer that is being read counts; dropped, it does not.
#[tokio::test(start_paused = true)]
async fn contents_hold_a_place() {
    let content = "<m:GetAttachmentResponse><m:ResponseMessages><m:GetAttachmentResponseMessage ResponseClass='Success'>\
        <m:ResponseCode>NoError</m:ResponseCode><m:Attachments><t:FileAttachment><t:AttachmentId Id='a'/>\
        <t:Content>SGVsbG8=</t:Content></t:FileAttachment></m:Attachments></m:GetAttachmentResponseMessage>\
        </m:ResponseMessages></m:GetAttachmentResponse>";
    let file = || Fate::Answer(envelope(content));
    let busy = Fate::Answer(answer("GetAttachment", &["ErrorServerBusy 2000"]));
    let setting = Setting::new([
        busy,
        file(),
        file(),
        Fate::Answer(answer("GetItem", &["NoError"])),
    ]);
    let get_attachment = GetAttachment::new([AttachmentId::new("a")]);
    let open = async || {
        let opened = setting
            .client
            .open(&get_attachment, GetAttachment::CONTENT)
            .await;
        match opened.unwrap() {
            Opened::Content(content) => content.into_stream("open", |_| Ok(())),
            Opened::Answer(answer) => panic!("{answer:?}"),
        }
    };
    let pacing = &setting.client.server.pacing;
    let (first, mut second) = (open().await, open().await);
    assert_eq!(setting.requests().len(), 3);
    assert_eq!(pacing.in_use(), 2);
    let mut all = Vec::new();
    while let Some(piece) = second.try_next().await.unwrap() {
        all.extend_from_slice(&piece);
    }
    assert_eq!(all, b"Hello");
    drop(second);
    assert_eq!(pacing.in_use(), 1);
    drop(first);
    assert_eq!(pacing.in_use(), 0);
    setting.client.send(&get(1)).await.unwrap();
    assert_eq!(setting.count(), 4);
}

#[tokio::test(start_paused = true)]
async fn as_many_calls_at_a_time_as_the_version_allows() {
    for (version, set, most) in [
        (ServerVersion::Exchange2016, None, 27),
        (ServerVersion::Exchange2010Sp2, None, 10),
        (ServerVersion::Exchange2016, Some(3), 3),
        (ServerVersion::Exchange2010Sp2, Some(40), 40),
    ] {
        let script = Arc::new(Script::default());
        let fates = (0..100).map(|_| Fate::Answer(answer("GetItem", &["NoError"])));
        script.fates.lock().unwrap().extend(fates);
        let url = "https://mail.example.test/EWS/Exchange.asmx"
            .parse()
            .unwrap();
        let pacing = Pacing::new(RetryPolicy::default(), Duration::from_secs(120));
        let client = Client::new(url, script.clone(), Some(version), pacing, set);
        let mut calls = tokio::task::JoinSet::new();
        for number in 0..100 {
            let client = match number % 2 {
                0 => client.clone(),
                _ => client.clone().acting_as("bob@example.test"),
            };
            calls.spawn(async move { client.send(&get(1)).await.map(drop) });
        }
        while let Some(done) = calls.join_next().await {
            done.unwrap().unwrap();
        }
        assert_eq!(script.most.load(Ordering::Relaxed), most);
    }
}

/// A version that has to be found out first is found out all the same.
#[tokio::test(start_paused = true)]
async fn the_first_call_is_repeated_too() {
    let script = Arc::new(Script::default());
    script.fates.lock().unwrap().extend([
        fault("ErrorServerBusy", Some(1000)),
        Fate::Fails(cut()),
        Fate::Answer(answer("GetFolder", &["NoError"])),
        Fate::Answer(answer("GetItem", &["NoError"])),
    ]);
    let url = "https://mail.example.test/EWS/Exchange.asmx"
        .parse()
        .unwrap();
    let pacing = Pacing::new(RetryPolicy::default(), Duration::from_secs(120));
    let client = Client::new(url, script.clone(), None, pacing, None);
    client.send(&get(1)).await.unwrap();
    assert_eq!(client.version(), Some(ServerVersion::Exchange2007Sp1));
    assert_eq!(script.requests.lock().unwrap().len(), 4);
}
