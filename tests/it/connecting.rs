//! Logging on, encryption, and what is said when the server is not what it should be: the whole
//! client against the simulator.

use std::collections::BTreeSet;
use std::io::Write;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use exchange_connector::ews::{EwsConnector, EwsConnectorBuilder};
use exchange_connector::http::{AuthPolicy, AuthScheme, Credentials, HttpOptions, Proxy};
use exchange_connector::model::{CalendarId, CalendarRef, EventQuery, TimeRange};
use exchange_connector::simulator::{
    AuthScheme as Offer, ConnectionLog, SimulatedAccount, SimulatedVersion, Simulator, Trouble,
};
use exchange_connector::{
    Connector, Error, ErrorKind, Mailbox, MailboxTarget, Result, RetryPolicy,
};
use proptest::prelude::*;

/// How many calls run at the same time.
const CALLS: usize = 64;

async fn server(offers: &[Offer], tls: bool) -> Simulator {
    let builder = Simulator::builder().auth(offers).tls(tls).mailboxes(3);
    builder.start().await.unwrap()
}

fn options(simulator: &Simulator) -> HttpOptions {
    let options = HttpOptions::default().proxy(Proxy::Off);
    match simulator.certificate_pem() {
        Some(pem) => options.platform_roots(false).root_certificates(pem),
        None => options,
    }
}

fn connector(simulator: &Simulator, user: &str, password: &str) -> EwsConnectorBuilder {
    EwsConnector::builder(simulator.ews_url())
        .credentials(Credentials::password(user, password))
        .version("2016".parse().unwrap())
        .http(options(simulator))
        .retry(RetryPolicy::none())
}

fn signed_in(simulator: &Simulator, account: &SimulatedAccount) -> Arc<dyn Mailbox> {
    let connector = connector(simulator, &account.address, &account.password);
    own(&connector.build().unwrap())
}

fn own(connector: &EwsConnector) -> Arc<dyn Mailbox> {
    connector.mailbox(&MailboxTarget::Own).unwrap()
}

/// So many calls at the same time, each asking which calendar is its own.
async fn ask(mailboxes: &[Arc<dyn Mailbox>]) -> Vec<Vec<Result<CalendarId>>> {
    let mut running = Vec::new();
    for call in 0..CALLS * mailboxes.len() {
        let mailbox = Arc::clone(&mailboxes[call % mailboxes.len()]);
        running.push(tokio::spawn(async move {
            let calendar = mailbox.get_calendar(&CalendarRef::Default).await?;
            Ok(calendar.id)
        }));
    }
    let mut answers: Vec<Vec<_>> = mailboxes.iter().map(|_| Vec::new()).collect();
    for (call, task) in running.into_iter().enumerate() {
        answers[call % mailboxes.len()].push(task.await.unwrap());
    }
    answers
}

/// Two people at the same time over one server: everybody gets what is theirs.
async fn two_people(offers: &[Offer], tls: bool) -> Vec<ConnectionLog> {
    let simulator = server(offers, tls).await;
    let accounts = simulator.accounts();
    let people = [&accounts[0], &accounts[1]];
    let mut expected = Vec::new();
    for account in people {
        let alone = signed_in(&simulator, account);
        expected.push(alone.get_calendar(&CalendarRef::Default).await.unwrap().id);
    }
    assert_ne!(expected[0], expected[1]);

    let before = simulator.log();
    let mailboxes = people.map(|account| signed_in(&simulator, account));
    let answers = ask(&mailboxes).await;
    for (answers, expected) in answers.into_iter().zip(expected) {
        assert_eq!(answers.len(), CALLS);
        for answer in answers {
            assert_eq!(answer.unwrap(), expected);
        }
    }
    let log = simulator.log();
    assert_eq!((log.requests - before.requests) as usize, 2 * CALLS);
    assert_eq!(log.wrong_credentials, 0);
    let identities: BTreeSet<_> = log.connections.iter().map(|one| &one.identity).collect();
    for account in people {
        assert!(identities.contains(&Some(account.address.clone())));
    }
    log.connections
}

#[tokio::test(flavor = "multi_thread")]
async fn ntlm_authenticates_each_connection_once() {
    for (offers, tls) in [
        (&[Offer::Ntlm][..], false),
        (&[Offer::Ntlm, Offer::Basic], true),
        (&[Offer::Negotiate], true),
    ] {
        let connections = two_people(offers, tls).await;
        let used = connections.iter().filter(|one| one.requests > 0);
        for connection in used.clone() {
            assert_eq!(connection.handshakes, 1, "{connections:?}");
        }
        // Many calls share few connections.
        assert!(used.count() <= 2 + 2 * 4, "{connections:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn basic_goes_with_each_request() {
    for tls in [false, true] {
        let connections = two_people(&[Offer::Basic], tls).await;
        assert!(connections.iter().all(|one| one.handshakes == 0));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_password_is_tried_once() {
    for (offers, offered, tried) in [
        (&[Offer::Ntlm][..], &["NTLM"][..], "NTLM"),
        (&[Offer::Basic], &["Basic"], "Basic"),
        (
            &[Offer::Negotiate, Offer::Ntlm, Offer::Basic],
            &["Negotiate", "NTLM", "Basic"],
            "NTLM",
        ),
    ] {
        let simulator = server(offers, false).await;
        let wrong = connector(&simulator, "alice@example.test", "Wr0ng-guess");
        let mailbox = own(&wrong.build().unwrap());
        let mut answers = ask(&[Arc::clone(&mailbox)]).await.remove(0);
        answers.push(
            mailbox
                .get_calendar(&CalendarRef::Default)
                .await
                .map(|one| one.id),
        );
        assert_eq!(answers.len(), CALLS + 1);
        for answer in answers {
            let error = answer.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Unauthenticated);
            let text = error.to_string();
            for scheme in offered.iter().chain([&tried]) {
                assert!(text.contains(scheme), "{scheme} in {text}");
            }
            assert!(!format!("{text} {error:?}").contains("Wr0ng-guess"));
        }
        let log = simulator.log();
        assert_eq!((log.wrong_credentials, log.requests), (1, 0), "{offers:?}");
    }
}

#[tokio::test]
async fn a_forgotten_logon_is_made_again() {
    let simulator = server(&[Offer::Ntlm], false).await;
    let mailbox = signed_in(&simulator, &simulator.accounts()[0]);
    for _ in 0..3 {
        mailbox.get_calendar(&CalendarRef::Default).await.unwrap();
        simulator.fail_next(Trouble::ForgetLogon);
    }
    let log = simulator.log();
    assert_eq!(log.wrong_credentials, 0);
    let handshakes: u32 = log.connections.iter().map(|one| one.handshakes).sum();
    assert_eq!(handshakes, 3, "{log:?}");
}

#[tokio::test]
async fn a_certificate_nobody_vouches_for() {
    let simulator = server(&[Offer::Basic], true).await;
    let ask = async |http: HttpOptions| {
        let builder = connector(&simulator, "alice@example.test", "alice-Passw0rd");
        let connector = builder.http(http.proxy(Proxy::Off)).build()?;
        connector.probe().await.map(drop)
    };
    let refused = ask(HttpOptions::default()).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Connection, "{refused:?}");
    assert!(refused.to_string().contains("certificate"), "{refused}");
    assert_eq!(simulator.log().http_requests, 0);
    let pem = simulator.certificate_pem().unwrap().to_owned();
    ask(HttpOptions::default().root_certificates(pem))
        .await
        .unwrap();
    let anything = HttpOptions::default().danger_accept_invalid_certificates(true);
    ask(anything).await.unwrap();
    let nonsense = HttpOptions::default().root_certificates("no certificate");
    assert_eq!(
        ask(nonsense).await.unwrap_err().kind(),
        ErrorKind::Configuration
    );
}

#[tokio::test]
async fn no_credentials_without_encryption() {
    let everywhere = ([0, 0, 0, 0], 0).into();
    let simulator = Simulator::builder().addr(everywhere).start().await.unwrap();
    let port = simulator.address().port();
    let schemes = [
        AuthPolicy::Automatic,
        AuthPolicy::Only(AuthScheme::Basic),
        AuthPolicy::Only(AuthScheme::Ntlm),
    ];
    // The first is this machine under a name that need not be this machine; nobody has the second.
    for host in [format!("0.0.0.0:{port}"), "192.0.2.1".to_owned()] {
        for policy in schemes {
            let url = format!("http://{host}/EWS/Exchange.asmx");
            let begun = Instant::now();
            let connector = EwsConnector::builder(url)
                .credentials(Credentials::password(
                    "alice@example.test",
                    "alice-Passw0rd",
                ))
                .auth(policy)
                .http(HttpOptions::default().proxy(Proxy::Off))
                .build();
            let refused = match connector {
                Ok(connector) => connector.probe().await.map(drop).unwrap_err(),
                Err(error) => error,
            };
            assert_eq!(
                refused.kind(),
                ErrorKind::Configuration,
                "{host} {policy:?} {refused}"
            );
            assert!(begun.elapsed() < Duration::from_secs(5));
        }
    }
    assert_eq!(simulator.log().http_requests, 0);

    // That it was not for want of a server:
    let allowed = HttpOptions::default()
        .proxy(Proxy::Off)
        .danger_allow_plain_http_credentials(true);
    let connector = EwsConnector::builder(format!("http://0.0.0.0:{port}/EWS/Exchange.asmx"))
        .credentials(Credentials::password(
            "alice@example.test",
            "alice-Passw0rd",
        ))
        .http(allowed)
        .build()
        .unwrap();
    connector.probe().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_version_is_found_out_with_one_call() {
    for version in [
        SimulatedVersion::Exchange2007Sp1,
        SimulatedVersion::Exchange2010,
        SimulatedVersion::Exchange2010Sp2,
        SimulatedVersion::Exchange2013,
        SimulatedVersion::Exchange2013Sp1,
        SimulatedVersion::Exchange2016,
    ] {
        let builder = Simulator::builder().version(version).auth(&[Offer::Basic]);
        let simulator = builder.start().await.unwrap();
        let connector = EwsConnector::builder(simulator.ews_url())
            .credentials(Credentials::password(
                "alice@example.test",
                "alice-Passw0rd",
            ))
            .http(options(&simulator))
            .build()
            .unwrap();
        assert_eq!(connector.client().version(), None);
        let mailbox = own(&connector);
        let now = chrono::Utc::now();
        let list = async || {
            let day = TimeRange::lasting(now, chrono::TimeDelta::days(1));
            mailbox
                .list_events(EventQuery::between(day))
                .collect()
                .await
        };
        let (one, other) = tokio::join!(list(), list());
        assert_eq!((one.unwrap().len(), other.unwrap().len()), (0, 0));
        let found = connector.client().version().unwrap();
        assert_eq!(found.as_str(), version.name());
        let log = simulator.log();
        assert_eq!(log.operations["GetFolder"], 1, "{log:?}");
        assert_eq!(log.operations["FindItem"], 2, "{log:?}");
        list().await.unwrap();
        assert_eq!(simulator.log().requests, 4);
        assert_eq!(simulator.violations(), []);
    }
}

#[tokio::test]
async fn each_wrong_answer_has_its_own_words() {
    let simulator = server(&[Offer::Basic], false).await;
    let mailbox = signed_in(&simulator, &simulator.accounts()[0]);
    let page = |status, body: &str| Trouble::Status {
        status,
        headers: Vec::new(),
        body: body.to_owned(),
    };
    let proxy = "<html><head><title>Blocked by Web Filter</title></head><body>No.</body></html>";
    let mut seen = BTreeSet::new();
    for (trouble, kind, words) in [
        (Trouble::HtmlPage, ErrorKind::Unauthenticated, "logon"),
        (
            page(404, "<html>?</html>"),
            ErrorKind::Configuration,
            "there is no EWS at",
        ),
        (
            page(200, proxy),
            ErrorKind::Protocol,
            "Blocked by Web Filter",
        ),
        (page(200, ""), ErrorKind::Protocol, "empty"),
        (page(403, proxy), ErrorKind::PermissionDenied, "forbidden"),
        (page(407, ""), ErrorKind::Connection, "proxy"),
        (page(502, proxy), ErrorKind::Unavailable, "gateway"),
    ] {
        simulator.fail_next(trouble.clone());
        let error: Error = mailbox
            .get_calendar(&CalendarRef::Default)
            .await
            .unwrap_err();
        let text = error.to_string();
        assert_eq!(error.kind(), kind, "{trouble:?} {error:?}");
        assert!(text.contains(words), "{trouble:?}: {words} in {text}");
        assert!(error.advice_text().is_some(), "{trouble:?} {error:?}");
        assert!(seen.insert(text), "{trouble:?} said before");
    }
    mailbox.get_calendar(&CalendarRef::Default).await.unwrap();
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
fn the_password_is_in_no_log_line() {
    // With one dispatcher alone, tracing lets whichever thread comes first decide for all.
    let _second = tracing::Dispatch::new(
        tracing_subscriber::fmt()
            .with_writer(std::io::sink)
            .finish(),
    );
    let lines = Lines::default();
    let writer = lines.clone();
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
            for offers in [[Offer::Basic], [Offer::Ntlm], [Offer::Negotiate]] {
                let simulator = server(&offers, offers == [Offer::Ntlm]).await;
                for password in ["alice-Passw0rd", "Wr0ng-Passw0rd"] {
                    let builder = connector(&simulator, "alice@example.test", password);
                    shown += &format!("{builder:?}");
                    let connector = builder.build().unwrap();
                    for _ in 0..2 {
                        match connector.probe().await {
                            Ok(capabilities) => shown += &format!("{capabilities:?}"),
                            Err(error) => shown += &format!("{error} {error:?}"),
                        }
                    }
                    let mailbox = own(&connector);
                    shown += &format!("{connector:?} {:?} {mailbox:?}", connector.client());
                }
                shown += &format!(
                    "{simulator:?} {:?} {:?}",
                    simulator.accounts(),
                    simulator.log()
                );
            }
        });
    });
    let lines = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
    for words in ["operation=\"GetFolder\"", "status=200", "status=401"] {
        assert!(lines.contains(words), "{words} in {lines}");
    }
    shown += &lines;
    let basic = |password: &str| STANDARD.encode(format!("alice@example.test:{password}"));
    for secret in [
        "Passw0rd",
        &basic("alice-Passw0rd"),
        &basic("Wr0ng-Passw0rd"),
        // The third message of NTLM, whose answer a guess could be checked against.
        "TlRMTVNTUAAD",
    ] {
        assert!(!shown.contains(secret), "{secret} in {shown}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn no_password_is_shown(password in "\\PC{8,24}", bearer in "[A-Za-z0-9._~-]{8,40}") {
        let http = HttpOptions::default().proxy(Proxy::Off);
        let mut shown = String::new();
        for credentials in [
            Credentials::password("user", password.clone()),
            Credentials::bearer_token(bearer.clone()),
        ] {
            shown += &format!("{credentials:?} {credentials:#?}");
            for auth in [
                AuthPolicy::Automatic,
                AuthPolicy::Only(AuthScheme::Basic),
                AuthPolicy::Only(AuthScheme::Ntlm),
                AuthPolicy::Only(AuthScheme::Bearer),
            ] {
                let builder = EwsConnector::builder("https://mail.example.test")
                    .credentials(credentials.clone())
                    .auth(auth)
                    .http(http.clone());
                shown += &format!("{builder:?} {builder:#?} {http:?}");
                match builder.build() {
                    Ok(built) => {
                        let mailbox = own(&built);
                        shown += &format!("{built:?} {:?} {mailbox:?}", built.client());
                    }
                    Err(error) => shown += &format!("{error} {error:?}"),
                }
            }
        }
        let escaped = format!("{password:?}");
        for secret in [password.as_str(), escaped.trim_matches('"'), bearer.as_str()] {
            prop_assert!(!shown.contains(secret), "{} in {}", secret, shown);
        }
    }
}
