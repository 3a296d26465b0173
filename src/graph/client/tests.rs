//! What is sent, sent again and made of answers, over a transport that does as it is told, on a clock that jumps.

use std::collections::VecDeque;
use std::sync::Mutex;
use std::time::Duration;

use async_trait::async_trait;
use http::Method;
use http::header::RETRY_AFTER;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::time::Instant;

use super::super::permission::Permission;
use super::*;
use crate::connector::Principal;
use crate::http::Reply;
use crate::model::Version;
use crate::retry::RetryPolicy;

/// What becomes of one request.
#[derive(Debug)]
enum Fate {
    Answer(u16, Value),
    /// With the wait that is asked for.
    Busy(u16, &'static str),
    Page(u16, &'static str),
    Fails(Error),
}

#[derive(Debug)]
struct Seen {
    at: Instant,
    method: Method,
    url: String,
    headers: HeaderMap,
    body: String,
}

#[derive(Debug, Default)]
struct Script {
    fates: Mutex<VecDeque<Fate>>,
    seen: Mutex<Vec<Seen>>,
}

#[async_trait]
impl Transport for Script {
    async fn send(&self, request: Request) -> Result<Reply> {
        let body = match &request.body {
            RequestBody::Bytes(bytes) => String::from_utf8(bytes.to_vec()).unwrap(),
            RequestBody::Stream(_) => panic!("nothing is sent in pieces"),
        };
        self.seen.lock().unwrap().push(Seen {
            at: Instant::now(),
            method: request.method,
            url: request.url.to_string(),
            headers: request.headers,
            body,
        });
        tokio::time::sleep(ROUND).await;
        let fate = self.fates.lock().unwrap().pop_front();
        let mut headers = HeaderMap::new();
        let (status, body) = match fate.expect("a request that nobody expected") {
            Fate::Answer(status, body) => (status, body.to_string()),
            Fate::Busy(status, wait) => {
                headers.insert(RETRY_AFTER, wait.parse().unwrap());
                (
                    status,
                    json!({"error": {"code": "TooManyRequests", "message": "Slow down."}})
                        .to_string(),
                )
            }
            Fate::Page(status, page) => (status, page.to_owned()),
            Fate::Fails(error) => return Err(error),
        };
        Ok(Reply {
            status,
            headers,
            body: Body::of_pieces(vec![body.into()], 1 << 20),
        })
    }

    fn facts(&self, _: &Url) -> ConnectionFacts {
        ConnectionFacts::default()
    }
}

/// How long an answer takes.
const ROUND: Duration = Duration::from_millis(10);

struct Setting {
    script: Arc<Script>,
    client: Client,
}

impl Setting {
    fn new(fates: impl IntoIterator<Item = Fate>) -> Self {
        let script = Arc::new(Script::default());
        script.fates.lock().unwrap().extend(fates);
        let pacing = Pacing::new(RetryPolicy::default().seed(3), Duration::from_secs(120));
        pacing.limit_each(AT_A_TIME, ALL_AT_A_TIME);
        let client = Client::new(Parts {
            base: "https://graph.example.test/v1.0".parse().unwrap(),
            transport: script.clone(),
            uploads: script.clone(),
            watchers: Watchers::default(),
            pacing,
        });
        Self { script, client }
    }

    /// What was sent, when nothing is left that was expected.
    fn seen(&self) -> Vec<Seen> {
        assert!(self.script.fates.lock().unwrap().is_empty());
        std::mem::take(&mut self.script.seen.lock().unwrap())
    }
}

#[derive(Debug, Deserialize, PartialEq)]
struct Thing {
    id: String,
}

fn read() -> Call {
    Call::get("ListEvents", &["events"], Permission::CalendarsRead)
}

fn write() -> Call {
    let body = json!({"subject": "Interview"});
    Call::post("CreateEvent", &["events"], Permission::CalendarsReadWrite)
        .json(&body)
        .unwrap()
}

fn refusal(code: &str) -> Value {
    json!({"error": {"code": code, "message": "No.", "innerError": {"request-id": "7c1b"}}})
}

#[tokio::test(start_paused = true)]
async fn a_request_as_it_goes_out() {
    let setting = Setting::new([Fate::Answer(200, json!({"id": "1"}))]);
    let target = MailboxTarget::ActAs(Principal::Smtp("o'hara+x@example.test".to_owned()));
    let prefix = super::super::mailbox::GraphMailbox::prefix(&target).unwrap();
    let client = setting.client.about(&target, prefix);
    let version = Version::from_raw("DwAAABYAAAB+/=");
    let call = Call::patch(
        "UpdateEvent",
        &["events", "AAMk/a+b=="],
        Permission::CalendarsReadWrite,
    )
    .query("$select", "id,subject")
    .prefer("outlook.body-content-type=\"text\"")
    .if_match(Some(&version))
    .json(&json!({"subject": "x"}))
    .unwrap();
    let thing: Thing = client.json(&call).await.unwrap();
    assert_eq!(thing.id, "1");
    let seen = setting.seen();
    let [seen] = seen.as_slice() else {
        panic!("{seen:?}")
    };
    assert_eq!(seen.method, Method::PATCH);
    assert_eq!(
        seen.url,
        "https://graph.example.test/v1.0/users/o%27hara%2Bx%40example%2Etest/events/AAMk%2Fa%2Bb%3D%3D?%24select=id%2Csubject"
    );
    let prefer: Vec<_> = seen.headers.get_all("prefer").iter().collect();
    assert_eq!(
        prefer,
        [
            "IdType=\"ImmutableId\"",
            "outlook.timezone=\"UTC\"",
            "outlook.body-content-type=\"text\""
        ]
    );
    assert_eq!(seen.headers["if-match"], "W/\"DwAAABYAAAB+/=\"");
    assert_eq!(seen.headers["content-type"], "application/json");
    assert!(seen.headers.contains_key("client-request-id"));
    assert_eq!(seen.body, r#"{"subject":"x"}"#);
}

#[tokio::test(start_paused = true)]
async fn a_wait_that_was_asked_for_is_kept() {
    let setting = Setting::new([
        Fate::Busy(429, "2.5"),
        Fate::Busy(503, "7"),
        Fate::Answer(201, json!({"id": "1"})),
    ]);
    setting.client.done(&write()).await.unwrap();
    let times: Vec<_> = setting.seen().iter().map(|seen| seen.at).collect();
    let [first, second, third] = times.as_slice() else {
        panic!("{times:?}")
    };
    assert!(*second - *first >= Duration::from_millis(2_500));
    assert!(*third - *second >= Duration::from_secs(7));
}

#[tokio::test(start_paused = true)]
async fn a_lost_answer_to_a_change_is_not_asked_for_again() {
    let lost = || Error::new(ErrorKind::Connection, "x", "gone").with_effect(Effect::Unknown);
    let setting = Setting::new([Fate::Fails(lost())]);
    let error = setting.client.done(&write()).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.effect()),
        (ErrorKind::Connection, Effect::Unknown)
    );
    assert_eq!(error.backend(), Some(Backend::Graph));
    assert_eq!(setting.seen().len(), 1);

    for (status, effect) in [
        (500, Effect::Unknown),
        (502, Effect::Unknown),
        (504, Effect::Unknown),
        (400, Effect::None),
    ] {
        let setting = Setting::new([Fate::Page(status, "<html>no</html>")]);
        let error = setting.client.done(&write()).await.unwrap_err();
        assert_eq!(error.effect(), effect, "{status}");
        assert_eq!(setting.seen().len(), 1, "{status}");
    }

    let setting = Setting::new([
        Fate::Fails(lost()),
        Fate::Page(502, "bad gateway"),
        Fate::Answer(200, json!({"value": []})),
    ]);
    let page = setting.client.page::<Thing>(&read()).await.unwrap();
    assert!(page.items.is_empty());
    assert_eq!(setting.seen().len(), 3);
}

/// A network that wants a logon, or a proxy, answers everything with its own pages.
#[tokio::test(start_paused = true)]
async fn a_page_is_no_success_and_no_missing_item() {
    const PAGE: &str = "<html><title>Guest network</title><input type=password></html>";
    for (call, effect) in [(read(), Effect::None), (write(), Effect::Unknown)] {
        let setting = Setting::new([Fate::Page(200, PAGE)]);
        let error = setting.client.done(&call).await.unwrap_err();
        assert_eq!(
            (error.kind(), error.effect()),
            (ErrorKind::Unauthenticated, effect)
        );
        let said = error.to_string();
        assert!(
            said.contains("Guest network") && said.contains("log on"),
            "{said}"
        );
        assert_eq!(setting.seen().len(), 1);
    }
    for (status, kind) in [
        (404, ErrorKind::Configuration),
        (403, ErrorKind::PermissionDenied),
    ] {
        let setting = Setting::new([Fate::Page(status, "<html><title>Blocked</title></html>")]);
        let error = setting.client.done(&read()).await.unwrap_err();
        assert_eq!(error.kind(), kind);
        let said = error.to_string();
        assert!(said.contains("Blocked") && said.contains("proxy"), "{said}");
        assert!(!said.contains("administrator grants"), "{said}");
    }
}

#[tokio::test(start_paused = true)]
async fn content_of_any_size_keeps_its_turn_until_its_end() {
    // larger than the largest answer
    let large: &str = "x".repeat(3 << 20).leak();
    let contents = (0..AT_A_TIME).map(|_| Fate::Page(200, large));
    let setting = Setting::new(contents);
    let mut open = Vec::new();
    for _ in 0..AT_A_TIME {
        open.push(setting.client.open(&read()).await.unwrap());
    }
    let fifth = setting.client.clone();
    let mut fifth = tokio::spawn(async move { fifth.done(&read()).await });
    let waited = tokio::time::timeout(Duration::from_secs(30), &mut fifth).await;
    assert!(waited.is_err(), "{waited:?}");
    assert_eq!(setting.seen().len(), AT_A_TIME);

    let answer = Fate::Answer(200, json!({}));
    setting.script.fates.lock().unwrap().push_back(answer);
    let read = open.remove(0).collect(4 << 20).await.unwrap();
    assert_eq!(read.len(), 3 << 20);
    fifth.await.unwrap().unwrap();
}

#[tokio::test(start_paused = true)]
async fn what_refusals_mean() {
    for (status, code, kind) in [
        (404, "ErrorItemNotFound", ErrorKind::NotFound),
        (404, "ErrorInvalidUser", ErrorKind::MailboxNotFound),
        (
            404,
            "MailboxNotEnabledForRESTAPI",
            ErrorKind::MailboxUnavailable,
        ),
        (400, "ErrorInvalidIdMalformed", ErrorKind::InvalidId),
        (410, "SyncStateNotFound", ErrorKind::SyncStateInvalid),
        (410, "Gone", ErrorKind::SyncStateInvalid),
        (403, "ErrorAccessDenied", ErrorKind::PermissionDenied),
        (409, "ErrorFolderExists", ErrorKind::AlreadyExists),
        (400, "ErrorTeapot", ErrorKind::InvalidArgument),
    ] {
        let setting = Setting::new([Fate::Answer(status, refusal(code))]);
        let error = setting.client.done(&write()).await.unwrap_err();
        assert_eq!(error.kind(), kind, "{code}");
        assert_eq!(error.code(), Some(code));
        assert_eq!(error.http_status(), Some(status));
        assert_eq!(error.request_id(), Some("7c1b"));
        assert_eq!(error.effect(), Effect::None);
    }
    let deep = json!({"error": {"code": "BadRequest", "message": "x", "innerError": {"code": "ErrorIrresolvableConflict"}}});
    let version = Version::from_raw("CQAA");
    let setting = Setting::new([Fate::Answer(412, deep)]);
    let error = setting
        .client
        .done(&write().if_match(Some(&version)))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Conflict);
}

#[tokio::test(start_paused = true)]
async fn a_missing_permission_is_named() {
    let shared = MailboxTarget::shared("room@example.test");
    for (target, words) in [
        (MailboxTarget::Own, "the permission Calendars.ReadWrite"),
        (
            shared,
            "the delegated permission Calendars.ReadWrite.Shared",
        ),
        (
            MailboxTarget::act_as("ada@example.test"),
            "the application permission Calendars.ReadWrite",
        ),
    ] {
        let setting = Setting::new([Fate::Answer(403, refusal("ErrorAccessDenied"))]);
        let client = setting.client.about(&target, "/x".to_owned());
        let error = client.done(&write()).await.unwrap_err().to_string();
        assert!(error.contains(words), "{error}");
        assert!(error.contains("two hours"), "{error}");
    }
}

#[tokio::test(start_paused = true)]
async fn pages_are_followed_on_the_same_server_only() {
    let next = "https://graph.example.test/v1.0/me/events?$skiptoken=abc";
    let setting = Setting::new([
        Fate::Answer(
            200,
            json!({"value": [{"id": "1"}, {"id": 2}], "@odata.nextLink": next}),
        ),
        Fate::Answer(200, json!({"value": [{"id": "3"}], "more": true})),
    ]);
    let call = read()
        .query("$top", "2")
        .prefer("outlook.body-content-type=\"text\"");
    let things = setting.client.list(call, |thing: Thing| Ok(Some(thing.id)));
    assert_eq!(
        things.collect().await.unwrap(),
        ["1", "3"],
        "what cannot be read costs no other"
    );
    let seen = setting.seen();
    assert_eq!(seen.last().unwrap().url, next);
    assert_eq!(
        seen.last()
            .unwrap()
            .headers
            .get_all("prefer")
            .iter()
            .count(),
        3
    );

    for link in [
        "https://evil.example/v1.0/me/events",
        "http://graph.example.test/v1.0/x",
        "/v1.0/x",
        "https://graph.example.test:444/",
        "https://u@graph.example.test/",
    ] {
        let setting = Setting::new([Fate::Answer(
            200,
            json!({"value": [], "@odata.nextLink": link}),
        )]);
        let error = setting.client.page::<Thing>(&read()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Protocol, "{link}");
        assert_eq!(setting.seen().len(), 1);
    }
}

fn part(id: usize, status: u16, body: Value) -> Value {
    json!({"id": id.to_string(), "status": status, "headers": {"Content-Type": "application/json"}, "body": body})
}

#[tokio::test(start_paused = true)]
async fn a_batch_has_an_outcome_for_each() {
    let calls: Vec<_> = (0..22)
        .map(|n| {
            Call::get(
                "GetEvents",
                &["events", &n.to_string()],
                Permission::CalendarsRead,
            )
        })
        .collect();
    let mut parts: Vec<_> = (0..20)
        .map(|n| part(n, 200, json!({"id": n.to_string()})))
        .collect();
    parts.reverse();
    parts[3] = part(16, 404, refusal("ErrorItemNotFound"));
    parts[4] = json!({"id": "15", "status": 429, "headers": {"Retry-After": "30"}, "body": {"error": {"code": "TooManyRequests", "message": "Slow down."}}});
    parts.remove(0);
    let rest = json!({"responses": [part(0, 200, json!({"id": "20"})), part(1, 200, json!({"id": "21"}))]});
    let setting = Setting::new([
        Fate::Answer(200, json!({"responses": parts})),
        Fate::Answer(200, json!({"id": "15"})),
        Fate::Answer(200, rest),
    ]);
    let outcomes = setting.client.batch(&calls).await.unwrap();
    assert_eq!(outcomes.len(), 22);
    for (index, (outcome, call)) in outcomes.iter().zip(&calls).enumerate() {
        match (index, outcome) {
            (16, Err(error)) => assert_eq!(error.kind(), ErrorKind::NotFound),
            (19, Err(error)) => assert_eq!(error.kind(), ErrorKind::Protocol),
            (_, outcome) => {
                let thing: Thing = outcome.as_ref().unwrap().json(call).unwrap();
                assert_eq!(thing.id, index.to_string());
            }
        }
    }
    let seen = setting.seen();
    assert_eq!(seen[0].url, "https://graph.example.test/v1.0/$batch");
    let sent: Value = serde_json::from_str(&seen[0].body).unwrap();
    assert_eq!(sent["requests"].as_array().unwrap().len(), 20);
    assert_eq!(sent["requests"][0]["url"], "/me/events/0");
    assert_eq!(
        sent["requests"][0]["headers"]["prefer"],
        "IdType=\"ImmutableId\", outlook.timezone=\"UTC\""
    );
    assert_eq!(seen[1].url, "https://graph.example.test/v1.0/me/events/15");
    assert!(seen[1].at - seen[0].at >= Duration::from_secs(30));
}

#[tokio::test(start_paused = true)]
async fn a_batch_that_is_lost() {
    let calls = vec![write(); 45];
    let lost = Error::new(ErrorKind::Connection, "x", "gone").with_effect(Effect::Unknown);
    let parts: Vec<_> = (0..20)
        .map(|n| part(n, 201, json!({"id": n.to_string()})))
        .collect();
    let setting = Setting::new([
        Fate::Answer(200, json!({"responses": parts})),
        Fate::Fails(lost),
    ]);
    let outcomes = setting.client.batch(&calls).await.unwrap();
    let effects = |range: std::ops::Range<usize>| -> Vec<_> {
        outcomes[range]
            .iter()
            .map(|one| one.as_ref().err().map(Error::effect))
            .collect()
    };
    assert_eq!(effects(0..20), vec![None; 20]);
    assert_eq!(effects(20..40), vec![Some(Effect::Unknown); 20]);
    assert_eq!(effects(40..45), vec![Some(Effect::None); 5]);
    assert_eq!(setting.seen().len(), 2);

    let setting = Setting::new([Fate::Answer(400, refusal("BadRequest"))]);
    assert_eq!(
        setting.client.batch(&calls).await.unwrap_err().kind(),
        ErrorKind::InvalidArgument
    );
}

#[tokio::test(start_paused = true)]
async fn four_at_a_time_for_each_mailbox() {
    let fates = (0..24).map(|_| Fate::Answer(200, json!({"id": "1"})));
    let setting = Setting::new(fates);
    let other = setting.client.about(
        &MailboxTarget::shared("b@example.test"),
        "/users/b".to_owned(),
    );
    let began = Instant::now();
    let calls = (0..24).map(|n| {
        let client = if n % 2 == 0 {
            setting.client.clone()
        } else {
            other.clone()
        };
        tokio::spawn(async move { client.done(&read()).await })
    });
    for call in calls.collect::<Vec<_>>() {
        call.await.unwrap().unwrap();
    }
    assert_eq!(setting.seen().len(), 24);
    assert_eq!(
        began.elapsed(),
        3 * ROUND,
        "two mailboxes, four calls each in a round"
    );
}
