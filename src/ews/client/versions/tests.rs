//! Versions, ids of requests and affinity against a server that says what it is told to.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use http::{HeaderMap, HeaderName};

use super::super::*;
use crate::error::{Effect, ErrorKind, Unreadable};
use crate::ews::operation::{DeleteItem, DeleteType, GetItem};
use crate::ews::types::{BaseShape, ItemId, ItemShape};
use crate::retry::RetryPolicy;
use crate::xml;

/// What a server makes of a request: its header and text, and how many came before.
type Judge = dyn Fn(&HeaderMap, &str, usize) -> (u16, String, Option<&'static str>) + Send + Sync;

struct Scripted {
    judge: Box<Judge>,
    seen: Mutex<Vec<(HeaderMap, String, bool)>>,
}

impl fmt::Debug for Scripted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Scripted")
    }
}

#[async_trait]
impl Transport for Scripted {
    async fn send(&self, request: Request) -> Result<Reply> {
        let RequestBody::Bytes(body) = request.body else {
            panic!("a stream");
        };
        let text = String::from_utf8(body.to_vec()).unwrap();
        let before = {
            let mut seen = self.seen.lock().unwrap();
            seen.push((
                request.headers.clone(),
                text.clone(),
                request.affinity.is_some(),
            ));
            seen.len() - 1
        };
        let (status, body, echo) = (self.judge)(&request.headers, &text, before);
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/xml"));
        let id = request.headers["client-request-id"].clone();
        let echo = echo.map_or(id, HeaderValue::from_static);
        headers.insert("client-request-id", echo);
        for (name, value) in [
            ("request-id", "4711"),
            ("x-feserver", "EX1"),
            ("x-beserver", "EX2"),
        ] {
            headers.insert(
                HeaderName::from_static(name),
                HeaderValue::from_static(value),
            );
        }
        Ok(Reply {
            status,
            headers,
            body: Body::of_pieces(vec![Bytes::from(body)], 1 << 20),
        })
    }

    fn facts(&self, _: &Url) -> ConnectionFacts {
        ConnectionFacts::default()
    }
}

fn client(
    version: Option<ServerVersion>,
    judge: impl Fn(&HeaderMap, &str, usize) -> (u16, String, Option<&'static str>)
    + Send
    + Sync
    + 'static,
) -> (Client, Arc<Scripted>) {
    let transport = Arc::new(Scripted {
        judge: Box::new(judge),
        seen: Mutex::default(),
    });
    let url = "https://mail.example.test/EWS/Exchange.asmx"
        .parse()
        .unwrap();
    let pacing = Pacing::new(RetryPolicy::default(), Duration::from_secs(120));
    let client = Client::new(url, transport.clone(), version, pacing, None);
    let client = client.watched(Watchers::default(), Some(r"CONTOSO\svc".into()));
    (client, transport)
}

impl Scripted {
    /// The versions of the requests so far.
    fn versions(&self) -> Vec<String> {
        let seen = self.seen.lock().unwrap();
        let version = |text: &str| {
            let (_, rest) = text.split_once("RequestServerVersion Version=\"")?;
            Some(rest.split_once('"')?.0.to_owned())
        };
        seen.iter()
            .filter_map(|(_, text, _)| version(text))
            .collect()
    }

    fn count(&self) -> usize {
        self.seen.lock().unwrap().len()
    }
}

fn envelope(build: &str, body: &str) -> String {
    let mut numbers = build.split('.');
    let mut number = || numbers.next().unwrap_or("0");
    format!(
        "<s:Envelope xmlns:s='http://schemas.xmlsoap.org/soap/envelope/' \
         xmlns:m='{}' xmlns:t='{}'><s:Header><t:ServerVersionInfo MajorVersion='{}' \
         MinorVersion='{}' MajorBuildNumber='{}' Version='V2017_07_11'/></s:Header>\
         <s:Body>{body}</s:Body></s:Envelope>",
        xml::Namespace::MESSAGES,
        xml::Namespace::TYPES,
        number(),
        number(),
        number(),
    )
}

fn message(operation: &str, result: &str) -> String {
    let class = if result == "NoError" {
        "Success"
    } else {
        "Error"
    };
    format!(
        "<m:{operation}Response><m:ResponseMessages><m:{operation}ResponseMessage ResponseClass='{class}'>\
         <m:ResponseCode>{result}</m:ResponseCode></m:{operation}ResponseMessage></m:ResponseMessages></m:{operation}Response>"
    )
}

/// As Exchange 2010 and later write it, without the header.
fn fault(code: &str, violation: &str) -> String {
    format!(
        "<s:Envelope xmlns:s='http://schemas.xmlsoap.org/soap/envelope/'><s:Body><s:Fault>\
         <faultcode xmlns:a='http://schemas.microsoft.com/exchange/services/2006/types'>a:{code}</faultcode>\
         <faultstring>Nein.</faultstring><detail>\
         <e:ResponseCode xmlns:e='http://schemas.microsoft.com/exchange/services/2006/errors'>{code}</e:ResponseCode>\
         <t:MessageXml xmlns:t='http://schemas.microsoft.com/exchange/services/2006/types'>\
         <t:LineNumber>1</t:LineNumber><t:LinePosition>500</t:LinePosition><t:Violation>{violation}</t:Violation></t:MessageXml>\
         </detail></s:Fault></s:Body></s:Envelope>"
    )
}

fn operation_of(headers: &HeaderMap) -> String {
    let action = headers["soapaction"].to_str().unwrap().trim_matches('"');
    action.rsplit('/').next().unwrap().to_owned()
}

fn delete() -> DeleteItem {
    DeleteItem::new(DeleteType::HardDelete, [ItemId::new("a")])
}

fn get() -> GetItem {
    GetItem::new(ItemShape::new(BaseShape::IdOnly), [ItemId::new("a")])
}

/// A server of that build, which refuses what is newer in this way.
fn old_server(
    build: &'static str,
    refusal: String,
) -> impl Fn(&HeaderMap, &str, usize) -> (u16, String, Option<&'static str>) {
    move |headers, text, _| {
        if text.contains("Version=\"Exchange2013") || text.contains("Version=\"Exchange2016") {
            return (500, refusal.clone(), None);
        }
        let answer = message(&operation_of(headers), "NoError");
        (200, envelope(build, &answer), None)
    }
}

#[tokio::test]
async fn a_refused_version_is_corrected_once() {
    let of_2007 = "The 'Version' attribute is invalid - The value 'Exchange2016' is invalid according to its \
        datatype 'http://schemas.microsoft.com/exchange/services/2006/types:ExchangeVersionType' - The Enumeration \
        constraint failed.";
    for (build, refusal, used) in [
        (
            "14.3.513",
            fault("ErrorInvalidServerVersion", ""),
            ServerVersion::Exchange2010Sp2,
        ),
        (
            "14.1.438",
            fault("ErrorIncorrectSchemaVersion", ""),
            ServerVersion::Exchange2010Sp1,
        ),
        (
            "8.3.83",
            fault("ErrorSchemaValidation", of_2007),
            ServerVersion::Exchange2007Sp1,
        ),
    ] {
        let asked = ServerVersion::Exchange2016;
        let (client, server) = client(Some(asked), old_server(build, refusal));
        let other = client.clone().acting_as("bo@contoso.example");
        for _ in 0..2 {
            let answer = client.send(&delete()).await.unwrap();
            assert!(answer[0].is_ok());
        }
        // Refused, asked what it is, done; then done at once.
        let used_name = used.as_str();
        assert_eq!(
            server.versions(),
            ["Exchange2016", "Exchange2007_SP1", used_name, used_name]
        );
        let correction = client.version_corrected().unwrap();
        assert_eq!((correction.asked, correction.used), (asked, used));
        assert!(correction.to_string().contains(build), "{correction}");
        // It holds for all mailboxes of the server.
        assert_eq!(other.version(), Some(used));
        other.send(&get()).await.unwrap();
        assert_eq!(server.count(), 5);
        let raw = client
            .send_raw("DeleteItem", "<m:DeleteItem/>")
            .await
            .unwrap();
        assert!(raw.contains("NoError"));
        assert_eq!(server.versions()[5], used_name);
    }
}

#[tokio::test]
async fn a_mailbox_on_an_older_server() {
    let code = "ErrorInvalidSchemaVersionForMailboxVersion";
    let judge = move |headers: &HeaderMap, text: &str, _| {
        let is_old = headers.contains_key("x-anchormailbox");
        let refuses = is_old && text.contains("Version=\"Exchange201") && !text.contains("2010");
        let result = if refuses { code } else { "NoError" };
        let answer = message(&operation_of(headers), result);
        (200, envelope("15.1.2507", &answer), None)
    };
    let (client, server) = client(Some(ServerVersion::Exchange2016), judge);
    let bo = client.clone().anchored_at("bo@contoso.example");
    assert!(bo.send(&get()).await.unwrap()[0].is_ok());
    assert_eq!(bo.version(), Some(ServerVersion::Exchange2010Sp2));
    assert_eq!(client.version(), Some(ServerVersion::Exchange2016));
    assert_eq!(client.version_corrected(), None);
    let asked = server.count();
    bo.clone().send(&get()).await.unwrap();
    assert_eq!(server.count(), asked + 1);
}

/// Whatever is tried, the first refusal is what a person hears of.
#[tokio::test]
async fn what_cannot_be_corrected() {
    let refuse = |code: &'static str| {
        client(
            Some(ServerVersion::Exchange2013),
            move |_: &HeaderMap, _: &str, _| (500, fault(code, ""), None),
        )
    };
    let (client, server) = refuse("ErrorInvalidServerVersion");
    let error = client.send(&delete()).await.unwrap_err();
    assert_eq!(error.code(), Some("ErrorInvalidServerVersion"));
    assert_eq!(server.count(), 2);
    assert_eq!(client.version_corrected(), None);
    let raw = client.send_raw("DeleteItem", "<m:DeleteItem/>").await;
    assert!(raw.unwrap().contains("ErrorInvalidServerVersion"));

    let (client, server) = refuse("ErrorAccessDenied");
    client.send(&delete()).await.unwrap_err();
    assert_eq!(server.count(), 1);
}

/// A broken schema is no wrong version, and says what is newer than the server.
#[tokio::test]
async fn a_broken_schema_is_shown() {
    let violation = "The element 'ItemShape' has invalid child element 'UniqueBodyType'.";
    let judge = move |headers: &HeaderMap, _: &str, before| match before {
        0 => {
            let answer = message(&operation_of(headers), "NoError");
            (200, envelope("14.3.513", &answer), None)
        }
        _ => (500, fault("ErrorSchemaValidation", violation), None),
    };
    let (client, server) = client(Some(ServerVersion::Exchange2013), judge);
    client.send(&get()).await.unwrap();
    let error = client.send(&get()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Protocol);
    assert_eq!(server.count(), 2);
    let text = error.to_string();
    for part in [
        "line 1, position 500 of the request: UniqueBodyType",
        "UniqueBodyType begins with Exchange2013_SP1, but the server is 14.3.513.0",
        "request 4711",
        "server EX1, EX2",
    ] {
        assert!(text.contains(part), "{part} in {text}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_answer_to_another_request_is_none() {
    let judge = |headers: &HeaderMap, _: &str, before| {
        let answer = message(&operation_of(headers), "NoError");
        let echo = (before == 0).then_some("b8a7a8b4-0000-4000-8000-000000000000");
        (200, envelope("15.1.2507", &answer), echo)
    };
    let (writer, server) = client(Some(ServerVersion::Exchange2016), judge);
    let error = writer.send(&delete()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Protocol);
    assert_eq!(error.effect(), Effect::Unknown);
    assert_eq!(error.unreadable(), Some(Unreadable::Protocol));
    assert_eq!(error.request_id(), Some("4711"));
    assert_eq!(server.count(), 1);

    let (reader, server) = client(Some(ServerVersion::Exchange2016), judge);
    assert!(reader.send(&get()).await.unwrap()[0].is_ok());
    assert_eq!(server.count(), 2);
    let ids: Vec<_> = {
        let seen = server.seen.lock().unwrap();
        seen.iter()
            .map(|(headers, ..)| headers["client-request-id"].clone())
            .collect()
    };
    assert_ne!(ids[0], ids[1], "each attempt has its own id");
}

#[tokio::test]
async fn answers_to_other_operations_are_none() {
    let judge = |_: &HeaderMap, _: &str, _| {
        let answer = message("GetFolder", "NoError");
        (200, envelope("15.1.2507", &answer), None)
    };
    let (client, _) = client(Some(ServerVersion::Exchange2016), judge);
    let sent = client.send(&delete()).await.unwrap_err();
    let raw = client.send_raw("DeleteItem", "<m:DeleteItem/>").await;
    let raw = raw.unwrap_err();
    for error in [sent, raw] {
        assert_eq!(error.effect(), Effect::Unknown);
        let text = error.to_string();
        assert!(
            text.contains("<GetFolderResponse> is no answer to DeleteItem"),
            "{text}"
        );
        assert!(text.contains("request 4711"), "{text}");
    }
}

/// Each part of a batch says where it was refused.
#[tokio::test]
async fn refusals_of_parts_know_their_origin() {
    let judge = |headers: &HeaderMap, _: &str, _| {
        let answer = message(&operation_of(headers), "ErrorAccessDenied");
        (200, envelope("15.1.2507", &answer), None)
    };
    let (client, _) = client(Some(ServerVersion::Exchange2016), judge);
    let shared = client.anchored_at("bo@contoso.example");
    let answers = shared.send(&get()).await.unwrap();
    let refusal = answers.into_iter().next().unwrap().ok().unwrap_err();
    let error = refusal.into_error("get_event");
    assert_eq!(error.request_id(), Some("4711"));
    assert_eq!(error.servers(), ["EX1", "EX2"]);
    assert!(
        error
            .to_string()
            .contains(r"-Identity 'bo@contoso.example' -User 'CONTOSO\svc'"),
        "{error}"
    );
}

#[tokio::test]
async fn a_group_keeps_to_one_server() {
    let judge = |headers: &HeaderMap, _: &str, _| {
        let answer = message(&operation_of(headers), "NoError");
        (200, envelope("15.1.2507", &answer), None)
    };
    let (client, server) = client(Some(ServerVersion::Exchange2016), judge);
    let bo = client.anchored_at("bo@contoso.example");
    bo.send(&get()).await.unwrap();
    bo.in_group(Arc::default()).send(&get()).await.unwrap();
    let seen = server.seen.lock().unwrap();
    let shown = |at: usize, name: &str| {
        let (headers, ..) = &seen[at];
        headers.get(name).map(|value| value.to_str().unwrap())
    };
    assert_eq!(shown(0, "x-preferserveraffinity"), None);
    assert_eq!(shown(1, "x-preferserveraffinity"), Some("true"));
    assert_eq!(shown(1, "x-anchormailbox"), Some("bo@contoso.example"));
    assert!(!seen[0].2 && seen[1].2);
}
