//! Secrets of Graph: tokens, secrets of clients, links that are keys themselves.

use std::sync::Arc;
use std::sync::atomic::Ordering::SeqCst;

use exchange_connector::graph::{Cloud, GraphConnector, GraphConnectorBuilder, TokenKind};
use exchange_connector::http::{ClientCertificate, TokenProvider};
use exchange_connector::model::{
    AttachmentUpload, Body, CalendarRef, DraftOptions, MessageId, MessageQuery, NewMessage,
    SyncRequest, SyncToken, WellKnownFolder,
};
use exchange_connector::oauth::{Authority, OAuthTokens, Registration};
use exchange_connector::simulator::{Disturbance, SimulatedApplication, Simulator, Trouble};
use exchange_connector::{
    Backend, Connector, ConnectorConfig, DiagnosisScope, ErrorKind, Mailbox, MailboxTarget,
    RetryPolicy,
};
use serde_json::json;
use tokio::io::AsyncWriteExt as _;
use tokio::net::{TcpListener, TcpStream};

use super::{Case, Vault, printable, receive};

const CLIENT: &str = "0f1d3a5c-1c1e-4b2a-9d55-8c2f5f2f7c11";

/// What a server that takes everything answers, one after the other. `BASE` and `KEY` become its own address and a
/// secret.
const ANSWERS: [(&str, &str); 13] = [
    (
        "200 OK",
        r#"{"value":[],"@odata.nextLink":"BASE/v1.0/me/messages?$skiptoken=KEY"}"#,
    ),
    (
        "200 OK",
        r#"{"value":[],"@odata.deltaLink":"BASE/v1.0/me/delta?$deltatoken=KEY"}"#,
    ),
    (
        "200 OK",
        r#"{"value":[],"@odata.nextLink":"https://elsewhere.example.test/v1.0/me?$skiptoken=KEY"}"#,
    ),
    ("200 OK", r#"{"value":[],"@odata.nextLink":"KEY"}"#),
    (
        "201 Created",
        r#"{"id":"AAMk","uploadUrl":"BASE/upload?authtoken=KEY","nextExpectedRanges":["0-"]}"#,
    ),
    (
        "201 Created",
        r#"{"id":"AAMk","uploadUrl":"https://elsewhere.example.test/KEY"}"#,
    ),
    (
        "200 OK",
        r#"{"id":"KEY","uploadUrl":"KEY","value":[{"id":"KEY"#,
    ),
    ("200 OK", r#"<html><body>Sign in</body></html>"#),
    (
        "401 Unauthorized",
        r#"{"error":{"code":"InvalidAuthenticationToken","message":"Lifetime validation failed."}}"#,
    ),
    (
        "403 Forbidden",
        r#"{"error":{"code":"ErrorAccessDenied","message":"Access is denied."}}"#,
    ),
    ("404 Not Found", ""),
    (
        "410 Gone",
        r#"{"error":{"code":"SyncStateNotFound","message":"Start again."}}"#,
    ),
    ("503 Service Unavailable", r#"{"error":{"code":"KEY"}"#),
];

/// What an authority answers.
const TOKENS: [(&str, &str); 5] = [
    (
        "200 OK",
        r#"{"token_type":"Bearer","expires_in":3600,"access_token":"KEY","refresh_token":"KEY"}"#,
    ),
    (
        "200 OK",
        r#"{"token_type":"Bearer","expires_in":3600,"access_token":"KEY"#,
    ),
    ("200 OK", r#"{"token_type":"KEY","access_token":7}"#),
    (
        "400 Bad Request",
        r#"{"error":"invalid_client","error_description":"AADSTS7000215: Invalid client secret."}"#,
    ),
    ("500 Internal Server Error", "KEY"),
];

/// A server that gives these answers one after the other.
async fn serve(answers: &'static [(&'static str, &'static str)], key: String) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let own = base.clone();
    tokio::spawn(async move {
        let mut next = 0;
        while let Ok((stream, _)) = listener.accept().await {
            let (status, body) = answers[next % answers.len()];
            next += 1;
            let body = body.replace("BASE", &own).replace("KEY", &key);
            tokio::spawn(answer(stream, status, body, key.clone()));
        }
    });
    base
}

async fn answer(mut stream: TcpStream, status: &str, body: String, key: String) {
    if receive(&mut stream).await.is_none() {
        return;
    }
    let answer = format!(
        "HTTP/1.1 {status}\r\nContent-Type: application/json\r\nSet-Cookie: fpc={key}; path=/\r\n\
         Location: https://elsewhere.example.test/signin?code={key}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    );
    let _ = stream.write_all(answer.as_bytes()).await;
}

impl Case<'_> {
    fn graph_builder(&self, url: &str, tokens: Arc<dyn TokenProvider>) -> GraphConnectorBuilder {
        self.watched(GraphConnector::builder(tokens), url)
    }

    fn watched(&self, builder: GraphConnectorBuilder, url: &str) -> GraphConnectorBuilder {
        let number = self.recordings.fetch_add(1, SeqCst).to_string();
        let builder = builder
            .cloud(Cloud::At(url.to_owned()))
            .time_zone(chrono_tz::Europe::Berlin)
            .retry(RetryPolicy::none())
            .http(self.options())
            .observer(Arc::new(self.shown.clone()))
            .record_to(self.folder.0.join(number));
        self.shown.debug(&builder);
        builder
    }

    fn graph_build(&self, builder: GraphConnectorBuilder) -> Option<Arc<dyn Mailbox>> {
        let connector = self.shown.outcome(builder.build())?;
        self.shown.debug(&connector);
        self.shown.debug(&connector.capabilities());
        let mailbox = self.shown.outcome(connector.mailbox(&MailboxTarget::Own));
        self.shown.debug(&mailbox);
        mailbox
    }

    /// The types that hold secrets of Graph, and what is said of wrong ones.
    pub(super) fn graph_types(&self) {
        let (secret, shown) = (self.secret, &self.shown);
        let local = "http://127.0.0.1:9/v1.0";
        self.graph_build(self.watched(GraphConnector::with_token(secret), local));
        let vault = Arc::new(Vault(secret.to_owned()));
        self.graph_build(self.graph_builder(local, vault.clone()));
        let encoded: String = secret.bytes().map(|byte| format!("%{byte:02X}")).collect();
        for url in [
            format!("https://alice:{encoded}@graph.example.test/v1.0"),
            format!("alice:{encoded}@graph.example.test"),
        ] {
            shown.debug(&Cloud::At(url.clone()));
            self.graph_build(self.graph_builder(&url, vault.clone()));
            shown.debug(&Authority::at(url.clone()));
            let registration = Registration::new(Authority::at(url), CLIENT).scope("x");
            shown.debug(&shown.outcome(registration.secret(secret).client_credentials()));
        }
        let registration = Registration::new(Authority::entra("example.test"), CLIENT).scope("x");
        let registration = registration.http(self.options());
        shown.debug(&registration.clone().secret(secret));
        shown.debug(&shown.outcome(registration.clone().secret(secret).client_credentials()));
        shown.debug(&shown.outcome(registration.clone().refresh_token(secret)));
        let (certificates, key) = self.certificate.clone();
        let certificate = ClientCertificate::from_pem(certificates, key).unwrap();
        let registration = registration.certificate(certificate);
        shown.debug(&registration);
        shown.debug(&shown.outcome(registration.client_credentials()));
        self.configurations();
        let token: SyncToken = serde_json::from_value(json!(secret)).unwrap();
        shown.debug(&SyncRequest::since(CalendarRef::Default, token));
    }

    /// What a program read from its settings, right and wrong.
    fn configurations(&self) {
        let secret = self.secret;
        let encoded: String = secret.bytes().map(|byte| format!("%{byte:02X}")).collect();
        let in_url = format!("https://alice:{encoded}@mail.example.test/v1.0");
        let online = |fields: serde_json::Value| {
            let mut all =
                json!({"server": "online", "tenant": "example.test", "client_id": CLIENT});
            all.as_object_mut()
                .unwrap()
                .extend(fields.as_object().unwrap().clone());
            all
        };
        for config in [
            online(json!({"token": secret})),
            online(json!({"client_secret": secret})),
            online(json!({"client_secret": secret, "token": secret})),
            online(json!({"refresh_token": secret})),
            online(json!({"certificate": secret, "certificate_key": secret})),
            online(json!({"certificate": self.certificate.0, "certificate_key": secret})),
            json!({"server": "on_premises", "url": "https://mail.example.test", "user": "alice", "password": secret}),
            json!({"server": "on_premises", "url": "https://mail.example.test", "token": secret}),
            online(json!({"token": "x", "base_url": in_url, "authority_url": in_url})),
            json!({"server": "on_premises", "url": in_url, "user": "alice", "password": "x"}),
            json!({"server": "on_premises", "url": "nonsense", "user": "alice", "password": secret}),
            json!({"server": "on_premises", "url": "https://mail.example.test",
                "oauth": {"tenant": "example.test", "client_id": CLIENT, "client_secret": secret}}),
        ] {
            let config: ConnectorConfig = serde_json::from_value(config).unwrap();
            self.shown.debug(&config);
            if let Some(connector) = self.shown.outcome(config.connect_with(self.options())) {
                self.shown.debug(&connector);
            }
        }
    }

    /// Secrets a server takes, and those it gives, with all its answers.
    pub(super) async fn graph_taken(&self) {
        let key = printable(self.secret).replace(['"', '\\'], "");
        let base = serve(&ANSWERS, key.clone()).await;
        let url = format!("{base}/v1.0");
        let token = Arc::new(Vault(printable(self.secret)));
        let Some(mailbox) = self.graph_build(self.graph_builder(&url, token)) else {
            return;
        };
        for _ in 0..ANSWERS.len() {
            self.follow(&*mailbox).await;
            let drafts = MessageQuery::new(WellKnownFolder::Drafts);
            self.shown
                .outcome(mailbox.list_messages(drafts).collect().await);
            let item = MessageId::from_raw(Backend::Graph, "AAMkAD");
            let file = AttachmentUpload::new("a.bin", vec![7; 3_300_000]);
            self.shown
                .outcome(mailbox.add_attachment(&item.into(), file).await);
        }
        let base = serve(&TOKENS, key).await;
        let authority = Authority::at(format!("{base}/token"));
        let registration = Registration::new(authority, CLIENT)
            .scope("x")
            .http(self.options());
        let clients = registration
            .clone()
            .secret(self.secret)
            .client_credentials();
        let users = registration.refresh_token(self.secret);
        for tokens in [clients, users] {
            let Some(tokens) = self.shown.outcome(tokens) else {
                continue;
            };
            for _ in 0..TOKENS.len() {
                self.sign_in(&tokens).await;
                tokens.invalidate(u64::MAX).await;
            }
        }
    }

    async fn sign_in(&self, tokens: &OAuthTokens) {
        self.shown.outcome(tokens.sign_in().await);
        self.shown.debug(tokens);
        if let Some(token) = self.shown.outcome(tokens.token().await) {
            self.shown.debug(&token);
        }
    }

    /// Follows what changes, as far as it goes.
    async fn follow(&self, mailbox: &dyn Mailbox) {
        let mut token = None;
        for _ in 0..3 {
            let request = match token.take() {
                Some(token) => SyncRequest::since(CalendarRef::Default, token),
                None => SyncRequest::from_start(CalendarRef::Default),
            };
            let Some(page) = self.shown.outcome(mailbox.sync_events(request).await) else {
                return;
            };
            self.shown.debug(&page.token);
            self.keep(serde_json::to_value(&page.token).unwrap().as_str().unwrap());
            token = Some(page.token);
        }
    }

    /// A secret that is to be looked for.
    fn keep(&self, secret: &str) {
        self.made.lock().unwrap().push(secret.to_owned());
    }

    /// Secrets that Graph and the authority refuse.
    pub(super) async fn graph_refused(&self, simulator: &Simulator) {
        let token = Arc::new(Vault(printable(self.secret)));
        let builder = self.graph_builder(&simulator.graph_url(), token);
        let connector = builder.build().unwrap();
        let refused = connector.probe().await.unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::Unauthenticated, "{refused}");
        self.shown.error(&refused);
        let diagnosis = connector.diagnose(&DiagnosisScope::new()).await;
        self.shown.debug(&diagnosis);
        self.shown.add(&serde_json::to_string(&diagnosis).unwrap());

        simulator.register_application(SimulatedApplication::new(CLIENT).secret("another"));
        let authority = Authority::entra_at(&simulator.authority_url(), "example.test");
        let registration = Registration::new(authority, CLIENT)
            .scope(Cloud::At(simulator.graph_url()).default_scope())
            .http(self.options());
        let tokens = registration
            .clone()
            .secret(self.secret)
            .client_credentials();
        self.sign_in(&tokens.unwrap()).await;
        self.sign_in(&registration.refresh_token(self.secret).unwrap())
            .await;
    }

    /// What is in items, while reading and writing them succeeds and fails; and what the server made that is secret.
    pub(super) async fn graph_items(&self, simulator: &Simulator) {
        let user = &simulator.accounts()[0].address;
        let permissions = ["Calendars.ReadWrite", "Mail.ReadWrite", "Mail.Send"];
        let before = simulator.exchanges().len();
        let token = simulator.delegated_token(user, &permissions).unwrap();
        self.keep(&token.secret);
        let vault = Arc::new(Vault(token.secret));
        let builder = self.graph_builder(&simulator.graph_url(), vault);
        let mailbox = self.graph_build(builder.tokens_are(TokenKind::Delegated));
        let mailbox = mailbox.unwrap();
        self.all_goes_wrong(simulator, &mailbox).await;
        self.follow(&*mailbox).await;
        for trouble in [None, Some(Trouble::status(500)), Some(Trouble::DropAfter)] {
            self.large_file(simulator, &mailbox, trouble).await;
        }
        for exchange in simulator.exchanges().into_iter().skip(before) {
            for mark in ["authtoken=", "$deltatoken="] {
                let rest = exchange.answer.split(mark).skip(1);
                rest.for_each(|rest| self.keep(rest.split('"').next().unwrap()));
            }
        }
    }

    /// Attaches what is too large for one request; its second piece goes wrong.
    async fn large_file(
        &self,
        simulator: &Simulator,
        mailbox: &Arc<dyn Mailbox>,
        trouble: Option<Trouble>,
    ) {
        let new = NewMessage::new("Large", Body::text(self.content));
        let draft = mailbox
            .create_draft(new, DraftOptions::new())
            .await
            .unwrap();
        if let Some(trouble) = trouble {
            let disturbance = Disturbance::new(trouble);
            simulator.disturb(disturbance.nth(2));
        }
        let content = self.content.as_bytes();
        let content = content.repeat(3_300_000 / content.len() + 1);
        let file = AttachmentUpload::new("large.bin", content);
        let attached = mailbox.add_attachment(&draft.id.into(), file).await;
        self.shown.debug(&self.shown.outcome(attached));
        simulator.calm();
    }
}
