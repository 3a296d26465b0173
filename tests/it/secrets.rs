//! No secret is ever shown: not by a type, an error, a log of this crate or of one below it, nor a recording.
//!
//! Secrets at random go through everything that can hold one while calls succeed and fail in many ways. Each has a
//! core of eight letters that no escape touches; it is looked for as it is and in the forms a program might give it.
//! The same holds for what is in items.

mod graph;
mod hidden;

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::fmt::{Debug, Write as _};
use std::io::Write;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{NaiveDateTime, TimeDelta};
use exchange_connector::ews::{EwsConnector, EwsConnectorBuilder};
use exchange_connector::http::{
    AccessToken, AuthPolicy, AuthScheme, ClientCertificate, CredentialSource, Credentials,
    HttpOptions, Proxy, ProxyServer, TokenProvider, UserPassword,
};
use exchange_connector::model::{
    AttachmentUpload, Body, CalendarRef, DeleteMode, DraftOptions, EventQuery, MessageQuery,
    NewEvent, NewMessage, Notify, TimeRange, WellKnownFolder, When,
};
use exchange_connector::simulator::{AuthScheme as Offer, Simulator, Trouble};
use exchange_connector::{
    AttemptSummary, CallSummary, Connector, DiagnosisScope, Error, ErrorKind, Mailbox,
    MailboxTarget, Observer, Result, RetryPolicy, WaitSummary,
};
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::seeing::Folder;
use hidden::Hidden;

/// All that was shown while one case ran.
#[derive(Clone, Default)]
struct Shown(Arc<Mutex<String>>);

impl Shown {
    fn add(&self, text: &str) {
        let mut all = self.0.lock().unwrap();
        all.push_str(text);
        all.push('\n');
    }

    fn debug(&self, value: &impl Debug) {
        self.add(&format!("{value:?}\n{value:#?}"));
    }

    fn error(&self, error: &Error) {
        self.add(&format!("{error} {error:#}"));
        self.debug(error);
        let mut source = std::error::Error::source(error);
        while let Some(cause) = source {
            self.add(&format!("{cause} {cause:?} {cause:#?}"));
            source = cause.source();
        }
    }

    fn outcome<T>(&self, outcome: Result<T>) -> Option<T> {
        match outcome {
            Ok(value) => Some(value),
            Err(error) => {
                self.error(&error);
                None
            }
        }
    }
}

impl Write for Shown {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0
            .lock()
            .unwrap()
            .push_str(&String::from_utf8_lossy(bytes));
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Observer for Shown {
    fn call_ended(&self, call: &CallSummary) {
        self.debug(call);
    }

    fn attempt_ended(&self, attempt: &AttemptSummary) {
        self.debug(attempt);
    }

    fn waited(&self, wait: &WaitSummary) {
        self.debug(wait);
    }
}

thread_local! {
    /// Where the log of this thread goes.
    static LOG: RefCell<Option<Shown>> = const { RefCell::new(None) };
}

/// Crates below write to `log`.
struct Log;

impl log::Log for Log {
    fn enabled(&self, _: &log::Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &log::Record<'_>) {
        LOG.with_borrow(|shown| {
            if let Some(shown) = shown {
                shown.add(&format!("{} {}", record.target(), record.args()));
            }
        });
    }

    fn flush(&self) {}
}

/// Eight letters between characters that programs escape.
fn secret() -> impl Strategy<Value = (String, String)> {
    let around = prop_oneof![
        "[!-~]{0,12}",
        "\\PC{0,12}",
        "[<>&\"'%/+=\\\\;:@#?{}$`| ]{0,12}",
        "[A-Za-z0-9+/]{0,16}={0,2}",
    ];
    (around.clone(), "[b-df-hj-np-tv-z]{8}", around)
        .prop_map(|(before, core, after)| (format!("{before}{core}{after}"), core))
}

/// What of a secret a header can hold.
fn printable(secret: &str) -> String {
    secret.chars().filter(|c| ('!'..='~').contains(c)).collect()
}

#[derive(Clone)]
struct Vault(String);

#[async_trait]
impl CredentialSource for Vault {
    async fn credentials(&self) -> Result<UserPassword> {
        Ok(UserPassword::new("EXAMPLE\\alice", self.0.as_str()))
    }
}

#[async_trait]
impl TokenProvider for Vault {
    async fn token(&self) -> Result<AccessToken> {
        Ok(AccessToken::new(self.0.as_str(), 7))
    }

    async fn invalidate(&self, _: u64) {}
}

/// What the server of [`serve`] answers.
const ANSWERS: [(&str, &str); 12] = [
    ("200 OK", GOOD),
    ("200 OK", "<s:Envelope><s:Body><broken"),
    (
        "200 OK",
        "<html><form action='/owa/auth.owa'>Sign in</form></html>",
    ),
    ("302 Found", ""),
    ("401 Unauthorized", ""),
    ("403 Forbidden", "<html>No.</html>"),
    ("407 Proxy Authentication Required", ""),
    ("440 Login Timeout", ""),
    ("456 Blocked", ""),
    ("500 Internal Server Error", FAULT),
    ("503 Service Unavailable", ""),
    ("XYZ", ""),
];

const GOOD: &str = "<s:Envelope xmlns:s='http://schemas.xmlsoap.org/soap/envelope/'><s:Body>\
    <m:GetFolderResponse xmlns:m='http://schemas.microsoft.com/exchange/services/2006/messages'/></s:Body></s:Envelope>";

const FAULT: &str = "<s:Envelope xmlns:s='http://schemas.xmlsoap.org/soap/envelope/'><s:Body><s:Fault>\
    <faultcode>s:Client</faultcode><faultstring>No.</faultstring></s:Fault></s:Body></s:Envelope>";

/// A server, or a proxy, that asks nobody who he is, and gives one answer after the other with a cookie.
async fn serve(cookie: String) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        let mut next = 0;
        while let Ok((stream, _)) = listener.accept().await {
            let (status, body) = ANSWERS[next % ANSWERS.len()];
            // the first request is the one that is answered well
            next += 1;
            tokio::spawn(answer(stream, status, body, cookie.clone()));
        }
    });
    address.to_string()
}

/// Reads a request, and is done when it has come whole.
async fn receive(stream: &mut TcpStream) -> Option<()> {
    let mut request = Vec::new();
    let mut piece = [0; 4096];
    let mut wanted = None;
    loop {
        let read = stream
            .read(&mut piece)
            .await
            .ok()
            .filter(|read| *read > 0)?;
        request.extend_from_slice(&piece[..read]);
        if wanted.is_none() {
            let end = request.windows(4).position(|four| four == b"\r\n\r\n");
            wanted = end.map(|end| end + 4 + content_length(&request[..end]));
        }
        if wanted.is_some_and(|wanted| request.len() >= wanted) {
            return Some(());
        }
    }
}

fn content_length(head: &[u8]) -> usize {
    let head = String::from_utf8_lossy(head);
    let mut headers = head.lines().filter_map(|line| line.split_once(": "));
    let length = headers.find(|(name, _)| name.eq_ignore_ascii_case("content-length"));
    length.map_or(0, |(_, value)| value.parse().unwrap())
}

async fn answer(mut stream: TcpStream, status: &str, body: &str, cookie: String) {
    if receive(&mut stream).await.is_none() {
        return;
    }
    let answer = format!(
        "HTTP/1.1 {status}\r\nContent-Type: text/xml\r\nSet-Cookie: X-BackEndCookie={cookie}; path=/\r\n\
         Location: https://elsewhere.example.test/owa/auth/logon.aspx\r\nWWW-Authenticate: Basic realm=\"x\"\r\n\
         Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    );
    let _ = stream.write_all(answer.as_bytes()).await;
}

/// One case: what is secret, and where it is shown.
struct Case<'a> {
    secret: &'a str,
    content: &'a str,
    /// A certificate and its key.
    certificate: &'a (String, String),
    shown: Shown,
    folder: Folder,
    recordings: AtomicUsize,
    /// Secrets that a server made: tokens, addresses of uploads and of changes.
    made: Mutex<Vec<String>>,
}

impl Case<'_> {
    fn builder(
        &self,
        url: &str,
        credentials: Credentials,
        auth: AuthPolicy,
    ) -> EwsConnectorBuilder {
        let builder = EwsConnector::builder(url)
            .credentials(credentials)
            .auth(auth)
            .version("2016".parse().unwrap())
            .time_zone(chrono_tz::Europe::Berlin)
            .retry(RetryPolicy::none())
            .observer(Arc::new(self.shown.clone()))
            .record_to(
                self.folder
                    .0
                    .join(self.recordings.fetch_add(1, SeqCst).to_string()),
            );
        self.shown.debug(&builder);
        builder
    }

    fn options(&self) -> HttpOptions {
        HttpOptions::default()
            .proxy(Proxy::Off)
            .connect_timeout(Duration::from_secs(20))
            .response_timeout(Duration::from_secs(20))
    }

    fn build(&self, builder: EwsConnectorBuilder) -> Option<EwsConnector> {
        let connector = self.shown.outcome(builder.build())?;
        self.shown.debug(&connector);
        self.shown.debug(&connector.client());
        self.shown.debug(&connector.capabilities());
        let mailbox = connector.mailbox(&MailboxTarget::Own);
        self.shown.debug(&self.shown.outcome(mailbox));
        Some(connector)
    }

    /// The types that hold secrets, and what is said of wrong ones.
    fn types(&self) {
        let secret = self.secret;
        let shown = &self.shown;
        shown.debug(&Credentials::password("alice", secret));
        shown.debug(&Credentials::bearer_token(secret));
        shown.debug(&Credentials::from_source(Arc::new(Vault(
            secret.to_owned(),
        ))));
        shown.debug(&Credentials::bearer(Arc::new(Vault(secret.to_owned()))));
        shown.debug(&UserPassword::new("alice", secret));
        shown.debug(&AccessToken::new(secret, 1));
        let pem = |text: &str| {
            format!("-----BEGIN PRIVATE KEY-----\n{text}\n-----END PRIVATE KEY-----\n")
        };
        let good = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
        for (certificates, key) in [
            (good, secret.to_owned()),
            (good, pem(secret)),
            (good, pem(&STANDARD.encode(secret))),
            // the two in the wrong order
            (secret, good.to_owned()),
            (pem(&STANDARD.encode(secret)).as_str(), good.to_owned()),
            (self.certificate.0.as_str(), self.certificate.1.clone()),
            (self.certificate.1.as_str(), self.certificate.0.clone()),
        ] {
            let made = shown.outcome(ClientCertificate::from_pem(certificates, key));
            if let Some(made) = made {
                shown.debug(&made);
                shown.debug(&Credentials::client_certificate(made.clone()));
                let options = self.options().client_certificate(made.clone());
                shown.debug(&options);
                let credentials = Credentials::client_certificate(made);
                let url = "https://mail.example.test";
                self.build(
                    self.builder(url, credentials, AuthPolicy::Automatic)
                        .http(options),
                );
            }
        }
        let encoded: String = secret.bytes().map(|byte| format!("%{byte:02X}")).collect();
        for address in [
            format!("http://alice:{encoded}@proxy.example.test:3128"),
            format!("http://{encoded}@proxy.example.test:3128"),
            format!("http://alice:{secret}@proxy.example.test:3128"),
            format!("http://alice:{secret}@proxy.example.test:99999"),
            format!("alice:{encoded}@proxy.example.test:3128"),
            secret.to_owned(),
        ] {
            if let Some(proxy) = shown.outcome(Proxy::url(&address)) {
                shown.debug(&proxy);
                shown.debug(&self.options().proxy(proxy));
            }
        }
        let server = ProxyServer::new("http://proxy.example.test:3128").unwrap();
        shown.debug(&shown.outcome(server.clone().logon("alice", secret)));
        shown.debug(&shown.outcome(server.logon("al:ice", secret)));
        shown.debug(&EwsConnector::builder(format!(
            "https://alice:{secret}@mail.example.test"
        )));
        for url in [
            format!("https://alice:{encoded}@mail.example.test/EWS/Exchange.asmx"),
            format!("https://alice:{encoded}@mail.example.test"),
            format!("alice:{encoded}@mail.example.test"),
        ] {
            let credentials = Credentials::password("alice", secret);
            self.build(self.builder(&url, credentials, AuthPolicy::Automatic));
        }
    }

    /// Secrets a server takes, with all its answers.
    async fn taken(&self) {
        let address = serve(printable(self.secret)).await;
        let url = format!("http://{address}/EWS/Exchange.asmx");
        for (credentials, scheme) in [
            (
                Credentials::password("alice", self.secret),
                AuthScheme::Basic,
            ),
            (
                Credentials::from_source(Arc::new(Vault(self.secret.to_owned()))),
                AuthScheme::Basic,
            ),
            (
                Credentials::bearer_token(printable(self.secret)),
                AuthScheme::Bearer,
            ),
        ] {
            let builder = self.builder(&url, credentials, AuthPolicy::Only(scheme));
            let Some(connector) = self.build(builder.http(self.options())) else {
                continue;
            };
            for _ in 0..ANSWERS.len() {
                let sent = connector
                    .client()
                    .send_raw("GetFolder", "<m:GetFolder/>")
                    .await;
                if let Some(answer) = self.shown.outcome(sent) {
                    self.shown.add(&answer);
                }
            }
            self.shown.debug(&connector.client().connection_facts());
        }
        // the same server as a proxy, which refuses or makes no tunnel
        let proxy = ProxyServer::new(&format!("http://{address}")).unwrap();
        let proxy = proxy.logon("alice", self.secret).unwrap();
        let options = self.options().proxy(Proxy::Url(proxy));
        let credentials = Credentials::password("alice", self.secret);
        let builder = self.builder(
            "https://mail.example.test",
            credentials,
            AuthPolicy::Automatic,
        );
        if let Some(connector) = self.build(builder.http(options)) {
            for _ in 0..3 {
                self.shown.outcome(connector.probe().await);
            }
        }
    }

    /// Secrets the simulator refuses.
    async fn refused(&self, simulator: &Simulator, scheme: AuthScheme) {
        let credentials = Credentials::password("alice@example.test", self.secret);
        let options = match simulator.certificate_pem() {
            Some(pem) => {
                let (certificate, key) = self.certificate.clone();
                self.options()
                    .platform_roots(false)
                    .root_certificates(pem)
                    .client_certificate(ClientCertificate::from_pem(certificate, key).unwrap())
            }
            None => self.options(),
        };
        let builder = self.builder(simulator.ews_url(), credentials, AuthPolicy::Only(scheme));
        let Some(connector) = self.build(builder.http(options)) else {
            return;
        };
        for _ in 0..2 {
            let refused = connector.probe().await.unwrap_err();
            assert_eq!(refused.kind(), ErrorKind::Unauthenticated, "{refused}");
            self.shown.error(&refused);
        }
        let diagnosis = connector.diagnose(&DiagnosisScope::new()).await;
        self.shown.debug(&diagnosis);
        self.shown.add(&serde_json::to_string(&diagnosis).unwrap());
        self.shown.debug(&connector.client().connection_facts());
        if simulator.certificate_pem().is_some() {
            let credentials = Credentials::password("alice@example.test", self.secret);
            let builder = self.builder(simulator.ews_url(), credentials, AuthPolicy::Only(scheme));
            if let Some(connector) = self.build(builder.http(self.options())) {
                let untrusted = connector.probe().await.unwrap_err();
                assert_eq!(untrusted.kind(), ErrorKind::Connection, "{untrusted}");
                self.shown.error(&untrusted);
            }
        }
    }

    /// What is in items over EWS, while reading and writing them succeeds and fails.
    async fn items(&self, simulator: &Simulator) {
        let account = &simulator.accounts()[0];
        let credentials = Credentials::password(&account.address, account.password.as_str());
        let auth = AuthPolicy::Only(AuthScheme::Basic);
        let builder = self.builder(simulator.ews_url(), credentials, auth);
        let connector = self.build(builder.http(self.options())).unwrap();
        let mailbox = connector.mailbox(&MailboxTarget::Own).unwrap();
        self.all_goes_wrong(simulator, &mailbox).await;
    }

    /// Reads and writes items, with one trouble after the other.
    async fn all_goes_wrong(&self, simulator: &Simulator, mailbox: &Arc<dyn Mailbox>) {
        let troubles = [
            None,
            Some(Trouble::Truncate),
            Some(Trouble::TruncateAt { bytes: 900 }),
            Some(Trouble::OtherOperation),
            Some(Trouble::HtmlPage),
            Some(Trouble::DropAfter),
            Some(Trouble::DropWhileReading { after: 400 }),
            Some(Trouble::fault("ErrorAccessDenied")),
            Some(Trouble::StrayBytes(b"HTTP/1.1 200 OK\r\n\r\n".to_vec())),
            Some(Trouble::status(400)),
        ];
        for trouble in troubles {
            for step in 0..5 {
                if let Some(trouble) = trouble.clone() {
                    simulator.fail_next(trouble);
                }
                self.step(mailbox, step).await;
            }
        }
        simulator.calm();
        let drafts = WellKnownFolder::Drafts.into();
        let emptied = mailbox.empty_folder(&drafts, DeleteMode::Permanent, false);
        emptied.await.unwrap();
    }

    async fn step(&self, mailbox: &Arc<dyn Mailbox>, step: usize) {
        let content = self.content;
        let shown = &self.shown;
        let calendar = CalendarRef::Default;
        let start: NaiveDateTime = "2026-03-02T10:00:00".parse().unwrap();
        let when = When::timed(
            start,
            start + TimeDelta::hours(1),
            chrono_tz::Europe::Berlin,
        );
        let range = TimeRange::lasting(start.and_utc() - TimeDelta::days(1), TimeDelta::days(3));
        match step {
            0 => {
                let event = NewEvent::new(content, when)
                    .body(Body::html(format!("<p>{content}</p>")))
                    .location(content);
                let made = mailbox.create_event(&calendar, event, Notify::Auto);
                shown.outcome(made.await);
            }
            1 => {
                let events = mailbox.list_events(EventQuery::between(range).full());
                shown.outcome(events.collect().await);
            }
            2 => {
                let message = NewMessage::new(content, Body::text(content));
                let draft = mailbox.create_draft(message, DraftOptions::new()).await;
                let Some(draft) = shown.outcome(draft) else {
                    return;
                };
                let item = draft.id.into();
                let file = AttachmentUpload::new("a.bin", content.as_bytes().repeat(50));
                shown.outcome(mailbox.add_attachment(&item, file).await);
                let files = mailbox.list_attachments(&item).await;
                for file in shown.outcome(files).into_iter().flatten() {
                    let stream = mailbox.open_attachment(&item, &file.id).await;
                    if let Some(stream) = shown.outcome(stream) {
                        shown.outcome(stream.collect(1_000_000).await);
                    }
                }
            }
            3 => {
                let drafts = MessageQuery::new(WellKnownFolder::Drafts);
                shown.outcome(mailbox.list_messages(drafts).collect().await);
            }
            _ => {
                let event = NewEvent::new(content, when).body(Body::text(content));
                let made = mailbox.create_event(&calendar, event, Notify::Auto).await;
                if let Some(made) = shown.outcome(made) {
                    let deleted =
                        mailbox.delete_event(&made.id, DeleteMode::Permanent, Notify::Auto);
                    shown.outcome(deleted.await);
                }
            }
        }
    }
}

#[test]
fn no_secret_is_shown() {
    static LOGGER: OnceLock<()> = OnceLock::new();
    LOGGER.get_or_init(|| {
        log::set_logger(&Log).unwrap();
        log::set_max_level(log::LevelFilter::Trace);
    });
    // With one dispatcher alone, tracing lets whichever thread comes first decide for all.
    let _second = tracing::Dispatch::new(
        tracing_subscriber::fmt()
            .with_writer(std::io::sink)
            .finish(),
    );
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let (plain, tls) = runtime.block_on(async {
        let quick = || {
            Simulator::builder()
                .check_schema(false)
                .record(true)
                .mailboxes(1)
        };
        let all = [Offer::Ntlm, Offer::Negotiate, Offer::Basic];
        let plain = quick().auth(&all).start().await.unwrap();
        (plain, quick().auth(&all).tls(true).start().await.unwrap())
    });
    let made = rcgen::generate_simple_self_signed(["alice.example.test".to_owned()]).unwrap();
    let certificate = (made.cert.pem(), made.signing_key.serialize_pem());
    let targets = Mutex::new(BTreeSet::new());
    let mut runner = TestRunner::new(ProptestConfig::with_cases(4));
    let outcome = runner.run(&(secret(), secret()), |(secret, content)| {
        let shown = Shown::default();
        LOG.set(Some(shown.clone()));
        let writer = shown.clone();
        let subscriber = tracing_subscriber::fmt()
            .with_max_level(tracing::Level::TRACE)
            .with_ansi(false)
            .with_span_events(tracing_subscriber::fmt::format::FmtSpan::FULL)
            .with_writer(move || writer.clone())
            .finish();
        let case = Case {
            secret: &secret.0,
            content: &content.0,
            certificate: &certificate,
            shown: shown.clone(),
            folder: Folder::new("secrets"),
            recordings: AtomicUsize::new(0),
            made: Mutex::default(),
        };
        // what the simulator itself says is not our concern, but that it hides secrets too is a gain
        tracing::subscriber::with_default(subscriber, || {
            case.types();
            case.graph_types();
            runtime.block_on(async {
                case.taken().await;
                case.refused(&plain, AuthScheme::Basic).await;
                case.refused(&plain, AuthScheme::Ntlm).await;
                case.refused(&tls, AuthScheme::Ntlm).await;
                case.items(&plain).await;
                case.graph_taken().await;
                case.graph_refused(&plain).await;
                case.graph_items(&plain).await;
            });
        });
        LOG.set(None);
        let mut all = std::mem::take(&mut *shown.0.lock().unwrap());
        let mut targets = targets.lock().unwrap();
        for target in [
            "exchange_connector",
            "hyper_util",
            "reqwest",
            "rustls",
            "attempt=1",
            "close",
        ] {
            if all.contains(target) {
                targets.insert(target);
            }
        }
        let files = case.folder.files();
        prop_assert!(files.len() > 100, "{} files", files.len());
        for (path, text) in files {
            writeln!(all, "{}\n{text}", path.display()).unwrap();
        }
        for core in [secret.1.as_str(), &content.1, "Passw0rd"] {
            let hidden = Hidden::new(core);
            if let Some(form) = hidden.find(&all) {
                let at = all.find(form).unwrap_or_default();
                let around: String = all[..at].chars().rev().take(300).collect();
                let before: String = around.chars().rev().collect();
                let after: String = all[at..].chars().take(300).collect();
                return Err(TestCaseError::fail(format!(
                    "{} is shown: {before}{after}",
                    hidden.core
                )));
            }
        }
        for line in certificate.1.lines().filter(|line| !line.starts_with('-')) {
            prop_assert!(!all.contains(line), "a line of the key is shown");
        }
        let made = case.made.lock().unwrap();
        prop_assert!(made.len() > 5, "{} secrets of servers", made.len());
        for one in made.iter() {
            prop_assert!(!all.contains(one.as_str()), "{one} is shown");
        }
        // The third message of NTLM, whose answer a guess could be checked against.
        prop_assert!(!all.contains("TlRMTVNTUAAD"));
        Ok(())
    });
    outcome.unwrap();
    let seen = targets.into_inner().unwrap();
    assert_eq!(seen.len(), 6, "only these were heard: {seen:?}");
}
