//! How a request is authenticated, without lanes.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering::SeqCst};

use async_trait::async_trait;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;

use super::server::{Said, Seen, start};
use super::*;
use crate::connector::Backend;
use crate::error::{Effect, ErrorKind, RetryAdvice};
use crate::http::{AccessToken, TokenProvider};
use crate::observe::Watchers;

/// Takes Basic; remembers every `Authorization` header it got.
fn basic_server(
    seen: &Arc<Mutex<Vec<String>>>,
) -> impl Fn(&mut (), Seen) -> Said + Send + Sync + 'static {
    let log = seen.clone();
    let wanted = format!(
        "Basic {}",
        BASE64_STANDARD.encode(format!(r"CONTOSO\jdoe:{PASSWORD}"))
    );
    move |_, seen| {
        let header = seen.header("authorization").map(str::to_owned);
        log.lock().unwrap().push(header.clone().unwrap_or_default());
        match header {
            Some(header) if header == wanted => Said::new(200, &[], b"hello"),
            _ => Said::new(
                401,
                &["WWW-Authenticate: Basic realm=\"mail\"", "request-id: 4711"],
                b"no",
            ),
        }
    }
}

#[tokio::test]
async fn basic_is_chosen_when_nothing_better_is_offered() {
    let seen = Arc::default();
    let server = start(basic_server(&seen)).await;
    let transport = client(jdoe(), "auto");
    for _ in 0..3 {
        assert_eq!(
            text(transport.send(request(&server.url, "t", "body")).await).await,
            "hello"
        );
    }
    let seen = seen.lock().unwrap();
    assert_eq!(seen.len(), 4, "the server is asked once what it offers");
    assert_eq!(seen[0], "", "without credentials");
}

#[tokio::test]
async fn basic_is_sent_at_once_when_told_so() {
    let seen = Arc::default();
    let server = start(basic_server(&seen)).await;
    text(
        client(jdoe(), "basic")
            .send(request(&server.url, "t", "body"))
            .await,
    )
    .await;
    assert_eq!(seen.lock().unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_wrong_password_is_sent_once() {
    let seen = Arc::default();
    let server = start(basic_server(&seen)).await;
    let transport = client(Credentials::password("jdoe", "wrong"), "basic");
    let calls: Vec<_> = (0..64)
        .map(|_| {
            let (transport, url) = (transport.clone(), server.url.clone());
            tokio::spawn(async move {
                transport
                    .send(request(&url, "t", "body"))
                    .await
                    .unwrap_err()
            })
        })
        .collect();
    for call in calls {
        let error = call.await.unwrap();
        assert_eq!(error.kind(), ErrorKind::Unauthenticated);
        assert_eq!(error.request_id(), Some("4711"));
        assert!(
            error.to_string().contains("offered: Basic; tried: Basic"),
            "{error}"
        );
    }
    assert_eq!(seen.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn plain_http_needs_leave() {
    for credentials in [jdoe(), Credentials::bearer_token("t0ken")] {
        let transport = client(credentials, "auto");
        for address in [
            "http://192.0.2.1/EWS/Exchange.asmx",
            "http://mail.example/EWS/Exchange.asmx",
        ] {
            let url = Url::parse(address).unwrap();
            let error = transport
                .send(request(&url, "t", "body"))
                .await
                .unwrap_err();
            assert_eq!(
                (error.kind(), error.effect()),
                (ErrorKind::Configuration, Effect::None)
            );
            let text = error.to_string();
            assert!(text.contains("plain HTTP"), "{text}");
            assert_eq!(error.advice_text(), Some("Use https:// in the URL."));
            assert!(!text.contains("danger_"), "{text}");
        }
    }
    for address in ["ftp://localhost/", "http://jdoe:secret@localhost/"] {
        let url = Url::parse(address).unwrap();
        let error = client(jdoe(), "auto")
            .send(request(&url, "t", ""))
            .await
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Configuration, "{error}");
    }
}

#[tokio::test]
async fn the_dangerous_option_allows_plain_http() {
    let options = HttpOptions::default().connect_timeout(std::time::Duration::from_millis(50));
    // TEST-NET-1 (RFC 5737): nobody is there
    let url = Url::parse("http://192.0.2.1/EWS/Exchange.asmx").unwrap();
    let transport = connect(
        &options.danger_allow_plain_http_credentials(true),
        jdoe(),
        AuthPolicy::Automatic,
    )
    .unwrap();
    let error = transport
        .send(request(&url, "t", "body"))
        .await
        .map(|reply| reply.status);
    assert!(
        !matches!(&error, Err(error) if error.kind() == ErrorKind::Configuration),
        "{error:?}"
    );
}

/// A server that does not look at Basic has said nothing about the password.
#[tokio::test]
async fn basic_where_it_is_not_offered() {
    let count = Arc::new(AtomicUsize::new(0));
    let counter = count.clone();
    let server = start(move |_: &mut (), _| {
        counter.fetch_add(1, SeqCst);
        Said::new(
            401,
            &["WWW-Authenticate: Negotiate, NTLM", "request-id: 4711"],
            b"",
        )
    })
    .await;
    let transport = client(jdoe(), "basic");
    for asked in 1..=2 {
        let error = transport
            .send(request(&server.url, "t", "body"))
            .await
            .unwrap_err();
        assert_eq!(
            (error.kind(), error.http_status(), error.request_id()),
            (ErrorKind::Unauthenticated, Some(401), Some("4711"))
        );
        assert_eq!(
            error.message(),
            "the server does not accept Basic: it offers Negotiate, NTLM"
        );
        assert_sentence(error.advice_text());
        assert_eq!(
            count.load(SeqCst),
            asked,
            "the password is not held refused"
        );
    }

    // without any challenge it may be the password
    let count = Arc::new(AtomicUsize::new(0));
    let counter = count.clone();
    let server = start(move |_: &mut (), _| {
        counter.fetch_add(1, SeqCst);
        Said::new(401, &[], b"")
    })
    .await;
    let transport = client(jdoe(), "basic");
    for _ in 0..2 {
        let error = transport
            .send(request(&server.url, "t", "body"))
            .await
            .unwrap_err();
        assert!(error.message().contains("refused"), "{error}");
    }
    assert_eq!(count.load(SeqCst), 1);
}

/// A server that was reconfigured is asked anew.
#[tokio::test]
async fn basic_that_is_switched_off() {
    let count = Arc::new(AtomicUsize::new(0));
    let counter = count.clone();
    let server = start(move |_: &mut (), _| match counter.fetch_add(1, SeqCst) {
        0 => Said::new(401, &["WWW-Authenticate: Basic"], b""),
        1 => Said::new(200, &[], b"ok"),
        2 => Said::new(401, &["WWW-Authenticate: Digest"], b""),
        _ => Said::new(401, &["WWW-Authenticate: Digest, Bearer"], b""),
    })
    .await;
    let transport = client(jdoe(), "auto");
    text(transport.send(request(&server.url, "t", "body")).await).await;
    for words in ["does not accept Basic: it offers Digest", "no common way"] {
        let error = transport
            .send(request(&server.url, "t", "body"))
            .await
            .unwrap_err();
        assert!(error.message().contains(words), "{error}");
    }
}

/// A password that is changed while the program runs.
#[tokio::test]
async fn a_password_that_was_right() {
    let count = Arc::new(AtomicUsize::new(0));
    let counter = count.clone();
    let server = start(move |_: &mut (), _| match counter.fetch_add(1, SeqCst) {
        0 => Said::new(200, &[], b"ok"),
        _ => Said::new(401, &["WWW-Authenticate: Basic"], b""),
    })
    .await;
    let transport = client(jdoe(), "basic");
    text(transport.send(request(&server.url, "t", "body")).await).await;
    for _ in 0..5 {
        let error = transport
            .send(request(&server.url, "t", "body"))
            .await
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unauthenticated);
    }
    assert_eq!(count.load(SeqCst), 2);
}

#[tokio::test]
async fn a_server_without_logon_and_one_that_changes_its_mind() {
    let count = Arc::new(AtomicUsize::new(0));
    let counter = count.clone();
    let server = start(move |_: &mut (), seen: Seen| {
        let number = counter.fetch_add(1, SeqCst);
        match seen.header("authorization") {
            None if number >= 3 => Said::new(401, &["WWW-Authenticate: Basic"], b""),
            _ => Said::new(200, &[], b"open"),
        }
    })
    .await;
    let transport = client(jdoe(), "auto");
    for _ in 0..4 {
        assert_eq!(
            text(transport.send(request(&server.url, "t", "body")).await).await,
            "open"
        );
    }
    // ask, 2 calls, refused call, its repetition with Basic, 1 call
    assert_eq!(count.load(SeqCst), 6);
}

#[tokio::test]
async fn a_server_that_refuses_everybody() {
    let server = start(|_: &mut (), seen: Seen| {
        assert!(seen.body.is_empty(), "nothing but the question was sent");
        Said::new(503, &["Retry-After: 7"], b"busy")
    })
    .await;
    for policy in ["auto", "ntlm"] {
        if cfg!(not(feature = "ntlm")) && policy == "ntlm" {
            continue;
        }
        let reply = client(jdoe(), policy)
            .send(request(&server.url, "t", "body"))
            .await
            .unwrap();
        assert_eq!(reply.status, 503);
        let headers = reply.headers.clone();
        let body = reply.body.collect().await.unwrap();
        let error =
            crate::http::refusal("GetItem", Some(&server.url), 503, &headers, &body).unwrap();
        assert_eq!(
            error.advice(),
            RetryAdvice::After(std::time::Duration::from_secs(7))
        );
    }
}

#[tokio::test]
async fn no_common_scheme() {
    for (offer, words) in [
        (
            "WWW-Authenticate: Digest realm=\"x\", nonce=\"y\"",
            "offers Digest",
        ),
        (
            "WWW-Authenticate: Bearer authorization_uri=\"https://login.example\"",
            "Credentials::bearer",
        ),
        ("X-Nothing: 1", "offers nothing"),
    ] {
        let server = start(move |_: &mut (), _| Said::new(401, &[offer], b"")).await;
        let error = client(jdoe(), "auto")
            .send(request(&server.url, "t", "body"))
            .await
            .unwrap_err();
        assert_eq!(
            (error.kind(), error.http_status()),
            (ErrorKind::Unauthenticated, Some(401))
        );
        assert!(error.to_string().contains(words), "{error}");
    }
}

#[test]
fn credentials_and_policy_must_fit() {
    for (credentials, policy) in [
        (jdoe(), "bearer"),
        (Credentials::bearer_token("t"), "ntlm"),
        (Credentials::bearer_token("t"), "basic"),
        (Credentials::password("a:b", "x"), "basic"),
        (Credentials::password("", "x"), "auto"),
    ] {
        let error = connect(
            &HttpOptions::default(),
            credentials,
            policy.parse().unwrap(),
        )
        .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Configuration, "{error}");
    }
    #[cfg(not(feature = "ntlm"))]
    {
        let error = connect(&HttpOptions::default(), jdoe(), "ntlm".parse().unwrap()).unwrap_err();
        assert!(error.to_string().contains("feature ntlm"), "{error}");
    }
}

/// Renews its token when told that it is refused.
#[derive(Default)]
struct Tokens {
    generation: AtomicU64,
    invalidated: AtomicUsize,
}

#[async_trait]
impl TokenProvider for Tokens {
    async fn token(&self) -> Result<AccessToken, Error> {
        let generation = self.generation.load(SeqCst);
        Ok(AccessToken::new(format!("token-{generation}"), generation))
    }

    async fn invalidate(&self, generation: u64) {
        self.invalidated.fetch_add(1, SeqCst);
        let _ = self
            .generation
            .compare_exchange(generation, generation + 1, SeqCst, SeqCst);
    }
}

#[tokio::test]
async fn a_refused_token_is_renewed_once() {
    let server = start(|_: &mut (), seen: Seen| match seen.header("authorization") {
        Some("Bearer token-1") => Said::new(200, &[], b"ok"),
        _ => Said::new(
            401,
            &["WWW-Authenticate: Bearer error=\"invalid_token\"", "x-ms-diagnostics: 2000003;reason=\"The token has expired.\";error_category=\"invalid_lifetime\""],
            b"",
        ),
    })
    .await;
    let tokens = Arc::new(Tokens::default());
    let transport = client(Credentials::bearer(tokens.clone()), "auto");
    for _ in 0..3 {
        text(transport.send(request(&server.url, "t", "body")).await).await;
    }
    assert_eq!(tokens.invalidated.load(SeqCst), 1);

    tokens.generation.store(5, SeqCst);
    let error = transport
        .send(request(&server.url, "t", "body"))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unauthenticated);
    assert!(
        error.to_string().contains("The token has expired."),
        "{error}"
    );
    assert_eq!(tokens.invalidated.load(SeqCst), 2);

    let fixed = client(Credentials::bearer_token("token-7"), "bearer");
    assert_eq!(
        fixed
            .send(request(&server.url, "t", "body"))
            .await
            .unwrap_err()
            .kind(),
        ErrorKind::Unauthenticated
    );
}

#[tokio::test]
async fn cookies_stay_with_their_identity() {
    let server = start(|_: &mut (), seen: Seen| {
        let cookie = seen.header("cookie").unwrap_or("none").to_owned();
        Said::new(
            200,
            &["Set-Cookie: X-BackEndCookie=ex01; path=/EWS; HttpOnly"],
            cookie.as_bytes(),
        )
    })
    .await;
    let transport = client(jdoe(), "basic");
    assert_eq!(
        text(transport.send(request(&server.url, "t", "")).await).await,
        "none"
    );
    assert_eq!(
        text(transport.send(request(&server.url, "t", "")).await).await,
        "X-BackEndCookie=ex01"
    );
    let other = client(jdoe(), "basic");
    assert_eq!(
        text(other.send(request(&server.url, "t", "")).await).await,
        "none"
    );
}

/// Everything the crates below say to `tracing` at the lowest level, and every `Debug` there is.
#[test]
fn secrets_stay_secret() {
    use std::io::Write;

    #[derive(Clone, Default)]
    struct Log(Arc<Mutex<Vec<u8>>>);
    impl Write for Log {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    // with one dispatcher alone, tracing-core lets whichever thread comes first decide for all
    let _second = tracing::Dispatch::new(
        tracing_subscriber::fmt()
            .with_writer(std::io::sink)
            .finish(),
    );
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_ansi(false)
        .with_writer(move || writer.clone())
        .finish();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let mut shown = String::new();
    tracing::subscriber::with_default(subscriber, || {
        runtime.block_on(async {
            let seen = Arc::default();
            let server = start(basic_server(&seen)).await;
            let right = client(jdoe(), "auto");
            let wrong = client(Credentials::password("jdoe", "Wr0ng-secret"), "basic");
            let token = client(Credentials::bearer_token("t0ken-secret"), "auto");
            for transport in [right, wrong, token] {
                let watchers = Arc::new(Watchers::default());
                let watched = watchers.begin(Backend::Ews, "GetItem", None, None);
                let mut call = request(&server.url, "t", "<secret-body/>");
                call.watch = watched.watch().clone();
                shown.push_str(&format!("{call:?} {transport:?} "));
                match transport.send(call).await {
                    Ok(reply) => {
                        shown.push_str(&format!("{reply:?} "));
                        reply.body.collect().await.unwrap();
                    }
                    Err(error) => shown.push_str(&format!("{error:?} {error} ")),
                }
                shown.push_str(&format!("{transport:?}"));
            }
            #[cfg(feature = "ntlm")]
            {
                let acceptor = Arc::new(acceptor::Acceptor::new());
                let server = start(acceptor.handler()).await;
                let transport = client(jdoe(), "ntlm");
                text(
                    transport
                        .send(request(&server.url, "t", "<secret-body/>"))
                        .await,
                )
                .await;
                shown.push_str(&format!("{transport:?}"));
            }
        });
    });
    let log = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    for words in [
        "operation=\"GetItem\"",
        "status=200",
        "status=401",
        "bytes_received=5",
        "outcome",
    ] {
        assert!(log.contains(words), "{words} in {log}");
    }
    shown.push_str(&log);
    for secret in [
        PASSWORD,
        "Wr0ng-secret",
        "t0ken-secret",
        "secret-body",
        "Basic Q",
        "TlRMTVNTUAAD",
    ] {
        assert!(!shown.contains(secret), "{secret} in {shown}");
    }
    let encoded = BASE64_STANDARD.encode(format!(r"CONTOSO\jdoe:{PASSWORD}"));
    assert!(!shown.contains(&encoded));
}
