//! The search for a server, in organisations made of simulators. Every name leads to this machine.

use std::net::SocketAddr;
use std::sync::Arc;

use async_trait::async_trait;
use exchange_connector::autodiscover::{
    Asked, Autodiscover, Discovered, DiscoveryTrace, FoundBy, Location, SrvRecord, SrvResolver,
    StepOutcome,
};
use exchange_connector::ews::ServerVersion;
use exchange_connector::http::{AuthPolicy, AuthScheme as Scheme, Credentials, HttpOptions, Proxy};
use exchange_connector::simulator::{
    AuthScheme, SimulatedAutodiscover as Says, SimulatedVersion, Simulator,
};
use exchange_connector::{BoxError, Connector, Error, ErrorKind, MailboxTarget};

const ALICE: &str = "alice@example.test";
const PASSWORD: &str = "alice-Passw0rd";
const EWS: &str = "https://mail.example.test/EWS/Exchange.asmx";
const HOST: &str = "autodiscover.example.test";

/// A server whose EWS is at `mail.example.test`.
async fn server(version: SimulatedVersion) -> Simulator {
    let simulator = Simulator::builder()
        .tls(true)
        .version(version)
        .mailboxes(14)
        .host_names(&[
            "mail.hoster.test",
            "autodiscover.partner.test",
            "*.partner.test",
        ])
        .start()
        .await
        .unwrap();
    simulator.announce_ews("https://exchange1.example.test/EWS/Exchange.asmx", EWS);
    simulator
}

async fn newest() -> Simulator {
    server(SimulatedVersion::Exchange2016).await
}

/// Whose hosts are where; what is not named is nowhere.
fn network(hosts: &[(&str, &Simulator)]) -> HttpOptions {
    let nowhere = SocketAddr::from(([127, 0, 0, 1], 1));
    let certificates: Vec<&str> = hosts
        .iter()
        .filter_map(|(_, simulator)| simulator.certificate_pem())
        .collect();
    let mut options = HttpOptions::default()
        .proxy(Proxy::Off)
        .platform_roots(certificates.is_empty());
    for pem in certificates {
        options = options.root_certificates(pem);
    }
    for (host, simulator) in hosts {
        options = options.resolve(*host, simulator.address());
    }
    for host in [
        "example.test",
        HOST,
        "outlook.office365.com",
        "autodiscover-s.outlook.com",
    ] {
        if hosts.iter().all(|(known, _)| *known != host) {
            options = options.resolve(host, nowhere);
        }
    }
    options
}

fn search(options: HttpOptions) -> Autodiscover {
    Autodiscover::new(ALICE)
        .credentials(Credentials::password(ALICE, PASSWORD))
        .http(options)
        .without_srv()
}

#[derive(Debug)]
struct Records(Vec<SrvRecord>);

#[async_trait]
impl SrvResolver for Records {
    async fn srv(&self, name: &str) -> Result<Vec<SrvRecord>, BoxError> {
        assert_eq!(name, "_autodiscover._tcp.example.test");
        Ok(self.0.clone())
    }
}

fn srv(host: &str) -> Arc<dyn SrvResolver> {
    Arc::new(Records(vec![SrvRecord::new(format!("{host}."))]))
}

fn asked(simulator: &Simulator, operation: &str) -> u32 {
    simulator.operations().get(operation).copied().unwrap_or(0)
}

/// A failure whose trace and text hold no secret.
async fn failure(search: &Autodiscover) -> Error {
    let error = search.discover().await.unwrap_err();
    let trace = DiscoveryTrace::of(&error).expect("a trace");
    assert!(!trace.steps().is_empty());
    for text in [format!("{error}"), format!("{error:?}"), trace.to_string()] {
        assert!(
            !text.contains("Passw0rd") && !text.contains("wrong-secret"),
            "{text}"
        );
    }
    error
}

#[track_caller]
fn assert_found(found: &Discovered, found_by: FoundBy, answered_by: Asked) {
    assert_eq!(found.ews_url.as_str(), EWS, "{}", found.trace);
    assert_eq!(found.found_by, found_by, "{}", found.trace);
    assert_eq!(found.answered_by, answered_by, "{}", found.trace);
    assert_eq!(found.email_address, ALICE);
    let last = found
        .trace
        .steps()
        .iter()
        .find(|step| step.outcome == StepOutcome::Found);
    assert!(last.is_some(), "{}", found.trace);
}

#[tokio::test]
async fn each_version_by_its_own_service() {
    for (version, service, expected) in [
        (
            SimulatedVersion::Exchange2007Sp1,
            Asked::Pox,
            ServerVersion::Exchange2007Sp1,
        ),
        (
            SimulatedVersion::Exchange2010Sp2,
            Asked::Soap,
            ServerVersion::Exchange2010Sp2,
        ),
        (
            SimulatedVersion::Exchange2013,
            Asked::Soap,
            ServerVersion::Exchange2013,
        ),
        (
            SimulatedVersion::Exchange2013Sp1,
            Asked::Soap,
            ServerVersion::Exchange2013Sp1,
        ),
        (
            SimulatedVersion::Exchange2016,
            Asked::Soap,
            ServerVersion::Exchange2016,
        ),
    ] {
        let server = server(version).await;
        let found = search(network(&[(HOST, &server)]))
            .discover()
            .await
            .unwrap();
        assert_found(&found, FoundBy::AutodiscoverHost, service);
        assert_eq!(found.version, Some(expected), "{version}");
        assert_eq!(found.location, Location::OnPremises);
        assert_eq!(found.display_name.as_deref(), Some("Alice Adler"));
        assert!(found.internal_ews_url.unwrap().contains("exchange1"));
        assert!(found.build.is_some());
        // the first answer is enough
        let pox = u32::from(service == Asked::Pox);
        assert_eq!(asked(&server, "AutodiscoverPox"), pox, "{version}");
    }
}

#[tokio::test]
async fn connects_to_what_it_found() {
    for scheme in [AuthScheme::Ntlm, AuthScheme::Basic] {
        let server = Simulator::builder()
            .tls(true)
            .auth(&[scheme])
            .start()
            .await
            .unwrap();
        server.announce_ews("", EWS);
        let options = network(&[(HOST, &server), ("mail.example.test", &server)]);
        let connector = search(options).connect().await.unwrap();
        let mailbox = connector.mailbox(&MailboxTarget::Own).unwrap();
        assert!(!mailbox.list_calendars().collect().await.unwrap().is_empty());
        assert_eq!(server.log().wrong_credentials, 0);
    }
}

#[tokio::test]
async fn each_candidate_alone() {
    let server = newest().await;
    // the domain itself
    let found = search(network(&[("example.test", &server)]))
        .discover()
        .await
        .unwrap();
    assert_found(&found, FoundBy::Domain, Asked::Soap);
    let error = failure(&search(network(&[("example.test", &server)])).ask_domain(false)).await;
    assert_eq!(error.kind(), ErrorKind::Connection, "{error}");

    // named by the caller, as a host and as a URL
    let options = network(&[("mail.hoster.test", &server)]);
    for seed in [
        "mail.hoster.test",
        "https://mail.hoster.test/autodiscover/autodiscover.xml",
    ] {
        let found = search(options.clone()).seed(seed).discover().await.unwrap();
        assert_found(&found, FoundBy::Seed, Asked::Soap);
    }

    // an SRV record; other ports do not count
    let options = network(&[("dir.example.test", &server)]);
    let by_srv = |record| search(options.clone()).srv_resolver(Arc::new(Records(vec![record])));
    let found = by_srv(SrvRecord::new("dir.example.test"))
        .discover()
        .await
        .unwrap();
    assert_found(&found, FoundBy::Srv, Asked::Soap);
    let error = failure(&by_srv(SrvRecord::new("dir.example.test").port(8443))).await;
    assert!(error.to_string().contains("no such record"), "{error}");

    // the redirect of a plain web server
    let web = Simulator::builder().start().await.unwrap();
    web.set_autodiscover(Says::HttpRedirect(
        "https://mail.example.test/autodiscover/autodiscover.xml".to_owned(),
    ));
    let options = network(&[(HOST, &web), ("mail.example.test", &server)]);
    let found = search(options).discover().await.unwrap();
    assert_found(&found, FoundBy::HttpRedirect, Asked::Soap);
    assert_eq!((web.log().requests, web.log().wrong_credentials), (0, 0));
}

#[tokio::test]
async fn without_a_logon_by_json() {
    let server = newest().await;
    let options = network(&[(HOST, &server)]);
    let anonymous = Autodiscover::new(ALICE).http(options.clone()).without_srv();
    let found = anonymous.discover().await.unwrap();
    assert_found(&found, FoundBy::AutodiscoverHost, Asked::Json);
    assert_eq!(
        (found.version, found.location),
        (None, Location::OnPremises)
    );
    assert_eq!(server.log().requests, 0);

    // with a logon it is what remains if nobody says more
    server.set_autodiscover(Says::OnlyJson);
    let found = search(options).discover().await.unwrap();
    assert_found(&found, FoundBy::AutodiscoverHost, Asked::Json);

    // older servers have none, and the error says what would help
    let old = self::server(SimulatedVersion::Exchange2013).await;
    let options = network(&[(HOST, &old)]);
    let error = failure(&Autodiscover::new(ALICE).http(options).without_srv()).await;
    assert_eq!(error.kind(), ErrorKind::Configuration);
    assert!(error.to_string().contains("Give credentials"), "{error}");
}

#[tokio::test]
async fn the_order_of_those_who_see_credentials() {
    let (seed, host, other, domain) = (
        newest().await,
        newest().await,
        newest().await,
        newest().await,
    );
    for server in [&seed, &host, &other] {
        server.set_autodiscover(Says::Error("InvalidRequest".to_owned()));
    }
    let options = network(&[
        ("seed.example.test", &seed),
        (HOST, &host),
        ("dir.example.test", &other),
        ("example.test", &domain),
    ]);
    let search = search(options)
        .seed("seed.example.test")
        .srv_resolver(srv("dir.example.test"));
    let found = search.discover().await.unwrap();
    assert_found(&found, FoundBy::Domain, Asked::Soap);
    let steps = found
        .trace
        .steps()
        .iter()
        .filter(|step| step.with_credentials);
    let order: Vec<(Asked, &str)> = steps
        .map(|step| (step.asked, step.url.split('/').nth(2).unwrap()))
        .collect();
    let soap_and_pox = |host| [(Asked::Soap, host), (Asked::Pox, host)];
    let mut expected = Vec::new();
    for host in ["seed.example.test", HOST, "dir.example.test"] {
        expected.extend(soap_and_pox(host));
    }
    expected.push((Asked::Soap, "example.test"));
    assert_eq!(order, expected, "{}", found.trace);

    // who answers first is the only one
    seed.set_autodiscover(Says::Settings);
    let before = (host.log().requests, domain.log().requests);
    search.discover().await.unwrap();
    assert_eq!((host.log().requests, domain.log().requests), before);
}

#[tokio::test]
async fn foreign_hosts_want_approval() {
    let (server, hoster) = (newest().await, newest().await);
    hoster.announce_ews("", "https://mail.hoster.test/EWS/Exchange.asmx");
    let options = network(&[(HOST, &server), ("mail.hoster.test", &hoster)]);
    let url = "https://mail.hoster.test/autodiscover/autodiscover.svc";
    for says in [
        Says::RedirectUrl(url.to_owned()),
        Says::HttpRedirect(url.to_owned()),
    ] {
        server.set_autodiscover(says.clone());
        let before = hoster.log().http_requests;
        let error = failure(&search(options.clone())).await;
        assert_eq!(error.kind(), ErrorKind::Configuration, "{error}");
        let hint = error.advice_text().unwrap();
        assert!(
            hint.contains("approve_host(\"mail.hoster.test\")"),
            "{hint}"
        );
        assert_eq!(hoster.log().http_requests, before, "{says:?}");

        let approved = [
            search(options.clone()).approve_host("MAIL.hoster.test"),
            search(options.clone())
                .approve_redirects(|redirect| redirect.host == "mail.hoster.test"),
        ];
        for search in approved {
            let found = search.discover().await.unwrap();
            assert_eq!(found.ews_url.host_str(), Some("mail.hoster.test"));
            assert_eq!(found.found_by, FoundBy::Redirect);
        }
        let asked = hoster.log().http_requests;
        let refused = search(options.clone()).approve_redirects(|redirect| redirect.is_ews);
        failure(&refused).await;
        assert_eq!(hoster.log().http_requests, asked);
    }
}

#[tokio::test]
async fn a_foreign_url_of_ews_wants_approval() {
    let (server, domain) = (newest().await, newest().await);
    server.announce_ews("", "https://mail.hoster.test/EWS/Exchange.asmx");
    let options = network(&[(HOST, &server), ("example.test", &domain)]);
    let error = failure(&search(options.clone())).await;
    assert_eq!(error.kind(), ErrorKind::Configuration);
    assert!(
        error
            .message()
            .starts_with("EWS of alice@example.test is at mail.hoster.test"),
        "{error}"
    );
    // nobody else was asked with credentials
    assert_eq!(domain.log().requests, 0);
    let found = search(options.clone())
        .approve_host("mail.hoster.test")
        .discover()
        .await
        .unwrap();
    assert_eq!(found.ews_url.host_str(), Some("mail.hoster.test"));

    // the one inside is no substitute for it, but where it is wanted
    server.announce_ews(EWS, "https://mail.hoster.test/EWS/Exchange.asmx");
    let error = failure(&search(options.clone())).await;
    assert!(
        error.message().contains("is at mail.hoster.test"),
        "{error}"
    );
    let inside = search(options.clone()).prefer_internal(true);
    let found = inside.discover().await.unwrap();
    assert_found(&found, FoundBy::AutodiscoverHost, Asked::Soap);
    server.announce_ews(EWS, "");
    let found = search(options.clone()).discover().await.unwrap();
    assert_found(&found, FoundBy::AutodiscoverHost, Asked::Soap);

    // each that is not approved is told
    let foreign = "https://exchange1.hoster.test/EWS/Exchange.asmx";
    server.announce_ews(foreign, EWS);
    let found = search(options.clone()).prefer_internal(true);
    let found = found.discover().await.unwrap();
    assert_eq!(found.ews_url.as_str(), EWS);
    assert!(
        found
            .trace
            .to_string()
            .contains("exchange1.hoster.test, which is not approved")
    );
    server.announce_ews(foreign, "https://mail.hoster.test/EWS/Exchange.asmx");
    let error = failure(&search(options).prefer_internal(true)).await;
    let trace = DiscoveryTrace::of(&error).unwrap();
    let refused = trace.steps().iter();
    let refused =
        refused.filter(|it| it.outcome == StepOutcome::NotApproved && it.asked == Asked::Soap);
    assert_eq!(refused.count(), 2, "{trace}");
    assert!(
        error.message().contains("is at exchange1.hoster.test"),
        "{error}"
    );
}

#[tokio::test]
async fn nothing_without_encryption() {
    let server = newest().await;
    let options = network(&[(HOST, &server), ("mail.example.test", &server)]);
    for says in [
        Says::RedirectUrl("http://mail.example.test/autodiscover/autodiscover.xml".to_owned()),
        Says::HttpRedirect("http://mail.example.test/autodiscover/autodiscover.xml".to_owned()),
        Says::HttpRedirect("ftp://mail.example.test/".to_owned()),
    ] {
        server.set_autodiscover(says);
        let error = failure(&search(options.clone())).await;
        assert!(error.to_string().contains("without encryption"), "{error}");
        assert_eq!(error.kind(), ErrorKind::Configuration);
    }
    server.set_autodiscover(Says::Settings);
    server.announce_ews("", "http://mail.example.test/EWS/Exchange.asmx");
    let error = failure(&search(options)).await;
    assert!(error.to_string().contains("without encryption"), "{error}");

    // a plain web server is not believed, whatever it says
    let web = Simulator::builder().start().await.unwrap();
    for says in [
        Says::HttpRedirect(format!("http://{HOST}/autodiscover/autodiscover.xml")),
        Says::HttpRedirect("/autodiscover/other.xml".to_owned()),
        Says::Page {
            status: 200,
            content_type: "application/json",
            body: format!("{{\"Protocol\":\"EWS\",\"Url\":\"{EWS}\"}}"),
        },
    ] {
        web.set_autodiscover(says);
        let error = failure(&search(network(&[(HOST, &web)]))).await;
        assert_eq!(error.kind(), ErrorKind::Configuration, "{error}");
        assert_eq!(web.log().wrong_credentials + web.log().requests, 0);
    }
    let error = search(HttpOptions::default())
        .seed("http://mail.example.test")
        .discover()
        .await;
    assert_eq!(error.unwrap_err().kind(), ErrorKind::Configuration);
}

#[tokio::test]
async fn circles_end() {
    let (one, two) = (newest().await, newest().await);
    let url = |host: &str| format!("https://{host}/autodiscover/autodiscover.xml");
    let options = network(&[(HOST, &one), ("two.example.test", &two)]);
    one.set_autodiscover(Says::RedirectUrl(url("two.example.test")));
    two.set_autodiscover(Says::RedirectUrl(url(HOST)));
    let error = failure(&search(options.clone())).await;
    assert!(error.to_string().contains("circle"), "{error}");
    // the same by another way is none
    one.set_autodiscover(Says::Error("InvalidRequest".to_owned()));
    let error = failure(&search(options.clone()).seed(HOST)).await;
    let trace = DiscoveryTrace::of(&error).unwrap().to_string();
    assert!(
        trace.contains("it was asked before") && !trace.contains("circle"),
        "{trace}"
    );
    one.set_autodiscover(Says::HttpRedirect(url("two.example.test")));
    two.set_autodiscover(Says::HttpRedirect(url(HOST)));
    let error = failure(&search(options)).await;
    assert!(error.to_string().contains("circle"), "{error}");

    // addresses
    let server = newest().await;
    let options = network(&[(HOST, &server)]);
    let redirect = |from: &str, to: &str| {
        let to = Says::RedirectAddress(to.to_owned());
        server.set_autodiscover_of(from, to).unwrap();
    };
    redirect(ALICE, ALICE);
    let error = failure(&search(options.clone())).await;
    assert!(error.to_string().contains("the same address"), "{error}");
    redirect(ALICE, "bob@example.test");
    redirect("bob@example.test", ALICE);
    let error = failure(&search(options.clone())).await;
    assert_eq!(error.kind(), ErrorKind::Configuration, "{error}");
    assert!(asked(&server, "GetUserSettings") <= 20, "{error}");

    // a long way round, though no circle
    let user = |number: usize| format!("user{number}@example.test");
    redirect(ALICE, &user(4));
    for number in 4..14 {
        redirect(&user(number), &user(number + 1));
    }
    let error = failure(&search(options.clone())).await;
    assert!(error.to_string().contains("too many redirects"), "{error}");
    redirect(ALICE, &user(5));
    let found = search(options).discover().await.unwrap();
    assert_eq!(found.email_address, user(14));
}

#[tokio::test]
async fn an_address_in_another_domain() {
    let (server, partner) = (newest().await, newest().await);
    let to = "alice@partner.test";
    server.set_autodiscover(Says::RedirectAddress(to.to_owned()));
    let options = network(&[(HOST, &server), ("autodiscover.partner.test", &partner)]);
    let options = options.resolve("partner.test", SocketAddr::from(([127, 0, 0, 1], 1)));
    let error = failure(&search(options.clone())).await;
    let hint = error.advice_text().unwrap();
    assert!(
        hint.contains("approve_host(\"autodiscover.partner.test\")"),
        "{hint}"
    );
    assert_eq!(partner.log().http_requests, 0);

    // the partner knows her under the address of ours
    partner.set_autodiscover(Says::RedirectUrl(
        "https://mail.example.test/autodiscover/autodiscover.svc".to_owned(),
    ));
    let options = options.resolve("mail.example.test", partner.address());
    let error = failure(&search(options).approve_host("autodiscover.partner.test")).await;
    assert!(asked(&partner, "GetUserSettings") > 0);
    let trace = DiscoveryTrace::of(&error).unwrap().to_string();
    assert!(trace.contains("for alice@partner.test"), "{trace}");
}

#[tokio::test]
async fn a_wrong_password_is_seen_by_two_hosts_at_most() {
    for scheme in [AuthScheme::Ntlm, AuthScheme::Basic] {
        let mut servers = Vec::new();
        for _ in 0..4 {
            let server = Simulator::builder().tls(true).auth(&[scheme]);
            let server = server
                .version(SimulatedVersion::Exchange2010)
                .start()
                .await
                .unwrap();
            server.announce_ews("", EWS);
            servers.push(server);
        }
        let [host, one, two, domain] = &servers[..] else {
            panic!()
        };
        let options = network(&[
            (HOST, host),
            ("one.example.test", one),
            ("two.example.test", two),
            ("example.test", domain),
        ]);
        let records = vec![
            SrvRecord::new("one.example.test"),
            SrvRecord::new("two.example.test"),
        ];
        let wrong = search(options.clone())
            .credentials(Credentials::password(ALICE, "wrong-secret"))
            .srv_resolver(Arc::new(Records(records)));
        let error = failure(&wrong).await;
        assert_eq!(error.kind(), ErrorKind::Unauthenticated, "{error}");
        assert!(
            error
                .message()
                .contains(&format!("refused by {HOST} and one.example.test")),
            "{error}"
        );
        let refusals: Vec<u32> = servers
            .iter()
            .map(|one| one.log().wrong_credentials)
            .collect();
        assert_eq!(refusals, [1, 1, 0, 0], "{scheme:?} {error}");
        let trace = DiscoveryTrace::of(&error).unwrap();
        let skipped = trace
            .steps()
            .iter()
            .filter(|step| step.outcome == StepOutcome::Skipped);
        assert_eq!(skipped.count(), 2, "{trace}");

        // one refusal is not final: the first host may be somebody else's
        let stranger = Simulator::builder()
            .tls(true)
            .auth(&[AuthScheme::Basic])
            .mailboxes(0);
        let stranger = stranger.start().await.unwrap();
        stranger.set_autodiscover(Says::Settings);
        let options = network(&[(HOST, &stranger), ("example.test", domain)]);
        let found = search(options).discover().await.unwrap();
        assert_found(&found, FoundBy::Domain, Asked::Soap);
        assert_eq!(stranger.log().wrong_credentials, 1);
    }
}

/// A 401 that judged no password does not count as a refusal.
#[tokio::test]
async fn who_takes_no_such_logon_does_not_end_the_search() {
    async fn taking(scheme: AuthScheme) -> Simulator {
        let server = Simulator::builder().tls(true).auth(&[scheme]);
        let server = server.version(SimulatedVersion::Exchange2013Sp1);
        let server = server.start().await.unwrap();
        server.announce_ews("", EWS);
        server
    }
    for (policy, offered, wanted) in [
        (
            AuthPolicy::any_of([Scheme::Ntlm]),
            AuthScheme::Basic,
            AuthScheme::Ntlm,
        ),
        (
            AuthPolicy::Only(Scheme::Basic),
            AuthScheme::Ntlm,
            AuthScheme::Basic,
        ),
        (
            AuthPolicy::Only(Scheme::Ntlm),
            AuthScheme::Basic,
            AuthScheme::Ntlm,
        ),
    ] {
        let (one, two, three) = (
            taking(offered).await,
            taking(offered).await,
            taking(offered).await,
        );
        let last = taking(wanted).await;
        let hosts = [
            ("seed.example.test", &one),
            (HOST, &two),
            ("dir.example.test", &three),
            ("example.test", &last),
        ];
        let search = |options| {
            search(options)
                .auth(policy)
                .seed("seed.example.test")
                .srv_resolver(srv("dir.example.test"))
        };
        let found = search(network(&hosts)).discover().await.unwrap();
        assert_found(&found, FoundBy::Domain, Asked::Soap);
        let error = failure(&search(network(&hosts[..3]))).await;
        assert_eq!(error.kind(), ErrorKind::Unauthenticated, "{error}");
        assert!(
            error
                .message()
                .contains("seed.example.test does not take this kind of logon"),
            "{error}"
        );
        assert!(!error.message().contains("were refused"), "{error}");
    }

    // nor does it, or the web server of the domain, take away what V2 said
    let (server, web) = (newest().await, taking(AuthScheme::Basic).await);
    server.set_autodiscover(Says::OnlyJson);
    let dir = taking(AuthScheme::Basic).await;
    let options = network(&[
        (HOST, &server),
        ("dir.example.test", &dir),
        ("example.test", &web),
    ]);
    let found = search(options)
        .credentials(Credentials::password(ALICE, "wrong-secret"))
        .auth(AuthPolicy::any_of([Scheme::Ntlm]))
        .srv_resolver(srv("dir.example.test"));
    let found = found.discover().await.unwrap();
    assert_found(&found, FoundBy::AutodiscoverHost, Asked::Json);
    let options = network(&[(HOST, &server), ("example.test", &web)]);
    let found = search(options).credentials(Credentials::password(ALICE, "wrong-secret"));
    let found = found.discover().await.unwrap();
    assert_found(&found, FoundBy::AutodiscoverHost, Asked::Json);
    assert_eq!(web.log().wrong_credentials, 0);
}

#[tokio::test]
async fn an_answer_to_a_logon_is_the_last_one_that_sees_credentials() {
    for version in [
        SimulatedVersion::Exchange2016,
        SimulatedVersion::Exchange2007Sp1,
    ] {
        let (server, dir, domain) = (server(version).await, newest().await, newest().await);
        let options = network(&[
            (HOST, &server),
            ("dir.example.test", &dir),
            ("example.test", &domain),
        ]);
        let stranger = Autodiscover::new("nobody@example.test")
            .credentials(Credentials::password(ALICE, PASSWORD))
            .http(options)
            .srv_resolver(srv("dir.example.test"));
        let error = failure(&stranger).await;
        assert_eq!(error.kind(), ErrorKind::MailboxNotFound, "{error}");
        for operation in ["GetUserSettings", "AutodiscoverPox"] {
            assert_eq!(
                asked(&dir, operation) + asked(&domain, operation),
                0,
                "{error}"
            );
        }
        let trace = DiscoveryTrace::of(&error).unwrap().to_string();
        assert!(trace.contains("does not know the address"), "{trace}");
    }
}

#[tokio::test]
async fn passwords_in_names_of_servers_are_not_shown() {
    for seed in [
        "https://alice:hunter2@mail.contoso.com/autodiscover/",
        "alice:hunter2@mail.contoso.com",
        "https:/alice:hunter2@mail.contoso.com",
        "ftp://mail.contoso.com/?token=hunter2",
        "mail contoso?token=hunter2",
    ] {
        let search = Autodiscover::new(ALICE).seed(seed);
        let error = search.discover().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Configuration, "{error}");
        for text in [format!("{error} {error:?}"), format!("{search:?}")] {
            assert!(!text.contains("hunter2"), "{text}");
        }
    }
    let search = Autodiscover::new(ALICE).seed("https://mail.contoso.com/x?token=hunter2");
    let text = format!("{search:?}");
    assert!(
        text.contains("mail.contoso.com/x") && !text.contains("hunter2"),
        "{text}"
    );

    let search = Autodiscover::new(ALICE).approve_host("*.hoster.test");
    let error = search.discover().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Configuration, "{error}");
    assert!(error.to_string().contains("*.hoster.test"), "{error}");
    assert!(DiscoveryTrace::of(&error).is_none());
}

#[tokio::test]
async fn pages_and_login_forms() {
    let server = newest().await;
    let options = network(&[(HOST, &server)]);
    let page = |status, content_type, body: &str| Says::Page {
        status,
        content_type,
        body: body.to_owned(),
    };
    let moved = |url: &str| Says::HttpRedirect(url.to_owned());
    for (says, words) in [
        (
            moved("https://login.microsoftonline.com/common/oauth2?x=1"),
            "logon form",
        ),
        (moved("/owa/auth/logon.aspx?url=x"), "logon form"),
        (moved(""), "does not say where to"),
        (moved("https://"), "no URL"),
        (
            page(
                200,
                "text/html",
                "<html><title>Welcome to nginx</title></html>",
            ),
            "Welcome to nginx",
        ),
        (
            page(
                200,
                "text/html",
                "<html><form><input type=password></form></html>",
            ),
            "logon page",
        ),
        (
            page(503, "text/html", "<h1>Down for repair</h1>"),
            "Down for repair",
        ),
        (page(200, "text/xml", ""), "nothing in it"),
        (
            page(
                200,
                "text/xml",
                "<?xml version=\"1.0\"?><!DOCTYPE a [<!ENTITY b \"c\">]><Autodiscover>&b;</Autodiscover>",
            ),
            "document type",
        ),
        (
            page(
                200,
                "text/xml",
                "<Autodiscover><Response><Account><Action>settings",
            ),
            "too early",
        ),
        (
            page(200, "text/xml", "<Autodiscover/>"),
            "Response is missing",
        ),
        (
            page(200, "text/xml", "<clientConfig version='1.1'/>"),
            "clientConfig where an answer of Autodiscover",
        ),
        (
            page(200, "application/json", "{\"Protocol\":"),
            "not valid JSON",
        ),
        (
            page(
                200,
                "application/json",
                "{\"Protocol\":\"ActiveSync\",\"Url\":\"https://x.example.test/\"}",
            ),
            "names no URL",
        ),
        (
            page(
                200,
                "application/json",
                &format!("{{\"x\":{}", "[".repeat(100_000)),
            ),
            "not valid JSON",
        ),
        (
            page(
                200,
                "text/xml",
                &format!("<Autodiscover>{}", "<a>".repeat(100_000)),
            ),
            "nest deeper",
        ),
        (
            page(
                200,
                "text/xml",
                &format!("<Autodiscover>{}</Autodiscover>", " ".repeat(1_100_000)),
            ),
            "larger than 1048576 bytes",
        ),
    ] {
        server.set_autodiscover(says.clone());
        let error = failure(&search(options.clone())).await;
        let trace = DiscoveryTrace::of(&error).unwrap().to_string();
        let said = format!("{:?}", says).chars().take(200).collect::<String>();
        assert!(trace.contains(words), "{said}: {trace}");
        assert!(!trace.contains("x=1"), "{trace}");
        assert_eq!(server.log().wrong_credentials, 0);
    }
}

#[tokio::test]
async fn what_servers_refuse() {
    let server = newest().await;
    let options = network(&[(HOST, &server)]);
    let stranger = Autodiscover::new("nobody@example.test")
        .credentials(Credentials::password(ALICE, PASSWORD))
        .http(options.clone())
        .without_srv();
    let error = failure(&stranger).await;
    assert_eq!(error.kind(), ErrorKind::MailboxNotFound, "{error}");
    assert!(error.to_string().contains("InvalidUser"), "{error}");
    for (code, kind) in [
        ("ServerBusy", ErrorKind::Unavailable),
        ("InvalidRequest", ErrorKind::Configuration),
    ] {
        server.set_autodiscover(Says::Error(code.to_owned()));
        let error = failure(&search(options.clone())).await;
        assert_eq!(error.kind(), kind, "{error}");
        assert!(error.to_string().contains(code), "{error}");
    }
    server.set_autodiscover(Says::Off);
    let error = failure(&search(options.clone())).await;
    assert_eq!(error.kind(), ErrorKind::Configuration, "{error}");
    assert!(error.to_string().contains("HTTP 404"), "{error}");

    // and without an EWS URL there is nothing to connect to
    server.set_autodiscover(Says::Settings);
    server.announce_ews("", "");
    let error = failure(&search(options)).await;
    assert!(error.to_string().contains("names no URL of EWS"), "{error}");
}

#[tokio::test]
async fn mailboxes_in_exchange_online() {
    let online = |found: &Discovered| {
        assert_eq!(found.location, Location::Online, "{}", found.trace);
        assert_eq!(
            found.ews_url.as_str(),
            "https://outlook.office365.com/EWS/Exchange.asmx"
        );
        let error = found.connector().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unsupported);
        assert!(error.to_string().contains("Microsoft Graph"), "{error}");
    };
    // the server at home says so, in each service
    for version in [
        SimulatedVersion::Exchange2007Sp1,
        SimulatedVersion::Exchange2010,
        SimulatedVersion::Exchange2016,
    ] {
        let server = server(version).await;
        server.set_autodiscover(Says::Online);
        let found = search(network(&[(HOST, &server)]))
            .discover()
            .await
            .unwrap();
        online(&found);
        // also where V2 redirects at once, those that know more are asked
        assert_eq!(found.email_address, "alice@example.mail.onmicrosoft.com");
    }
    // the DNS and the plain web server say so
    let options = network(&[]);
    let found = search(options).srv_resolver(srv("autodiscover.outlook.com"));
    let found = found
        .http(network(&[]).resolve("autodiscover.outlook.com", "127.0.0.1:1".parse().unwrap()));
    online(&found.discover().await.unwrap());
    let web = Simulator::builder().start().await.unwrap();
    web.set_autodiscover(Says::HttpRedirect(
        "https://autodiscover-s.outlook.com/autodiscover/autodiscover.xml".to_owned(),
    ));
    let cloud = cloud().await;
    let options = network(&[(HOST, &web), ("autodiscover-s.outlook.com", &cloud)]);
    online(&search(options).discover().await.unwrap());
    assert_eq!(
        (cloud.log().requests, cloud.log().wrong_credentials),
        (0, 0)
    );
    // without an answer from there a redirect proves nothing
    let error = failure(&search(network(&[(HOST, &web)]))).await;
    assert_eq!(error.kind(), ErrorKind::Configuration, "{error}");
    // the settings say so
    let server = newest().await;
    server.announce_ews("", "https://outlook.office365.com/EWS/Exchange.asmx");
    online(
        &search(network(&[(HOST, &server)]))
            .discover()
            .await
            .unwrap(),
    );
}

/// Exchange Online, which knows everybody.
async fn cloud() -> Simulator {
    let cloud = Simulator::builder()
        .tls(true)
        .host_names(&["outlook.office365.com", "autodiscover-s.outlook.com"])
        .start()
        .await
        .unwrap();
    cloud.set_autodiscover(Says::Page {
        status: 200,
        content_type: "application/json",
        body: r#"{"Protocol":"AutodiscoverV1","Url":"https://outlook.office365.com/autodiscover/autodiscover.xml"}"#.to_owned(),
    });
    cloud
}

/// Exchange redirects there for addresses it does not know.
#[tokio::test]
async fn a_redirect_to_microsoft_is_no_answer() {
    let (server, cloud) = (newest().await, cloud().await);
    let moved = "https://outlook.office365.com/autodiscover/autodiscover.json?Protocol=EWS";
    server.set_autodiscover(Says::HttpRedirect(moved.to_owned()));
    let anonymous = |options| Autodiscover::new(ALICE).http(options).without_srv();
    let error = failure(&anonymous(network(&[(HOST, &server)]))).await;
    assert_eq!(error.kind(), ErrorKind::Configuration, "{error}");
    let options = network(&[(HOST, &server), ("outlook.office365.com", &cloud)]);
    let found = anonymous(options.clone()).discover().await.unwrap();
    assert_eq!(found.location, Location::Online, "{}", found.trace);

    // SOAP of the same place is asked first
    server.set_autodiscover(Says::Online);
    let found = search(options).discover().await.unwrap();
    assert_eq!(found.answered_by, Asked::Soap, "{}", found.trace);

    // from one host of Microsoft to another
    let other = self::cloud().await;
    cloud.set_autodiscover(Says::HttpRedirect(
        "https://autodiscover-s.outlook.com/autodiscover/autodiscover.json".to_owned(),
    ));
    let options = [
        ("outlook.office365.com", &cloud),
        ("autodiscover-s.outlook.com", &other),
    ];
    let found = search(network(&options)).ask_microsoft(true);
    let found = found.discover().await.unwrap();
    assert_eq!(found.found_by, FoundBy::Microsoft, "{}", found.trace);
    let error = failure(&search(network(&options[..1])).ask_microsoft(true)).await;
    assert_eq!(error.kind(), ErrorKind::Configuration, "{error}");
}

#[tokio::test]
async fn microsoft_is_asked_only_if_allowed() {
    let cloud = cloud().await;
    let options = network(&[("outlook.office365.com", &cloud)]);
    failure(&search(options.clone())).await;
    assert_eq!(cloud.log().http_requests, 0);
    let found = search(options.clone())
        .ask_microsoft(true)
        .discover()
        .await
        .unwrap();
    assert_eq!(
        (found.location, found.found_by),
        (Location::Online, FoundBy::Microsoft)
    );
    let log = cloud.log();
    assert_eq!(
        (log.http_requests, log.requests, log.wrong_credentials),
        (1, 0, 0)
    );

    // it sends on those whose mailbox is elsewhere, to whom is no news
    cloud.set_autodiscover(Says::HttpRedirect(format!(
        "https://{HOST}/autodiscover/autodiscover.json?x=1"
    )));
    let error = failure(&search(options).ask_microsoft(true)).await;
    assert_eq!(error.kind(), ErrorKind::Configuration, "{error}");

    // who has the mailbox at home is asked first
    let server = newest().await;
    let options = network(&[("outlook.office365.com", &cloud), (HOST, &server)]);
    let found = search(options)
        .ask_microsoft(true)
        .discover()
        .await
        .unwrap();
    assert_found(&found, FoundBy::AutodiscoverHost, Asked::Soap);
}

#[tokio::test]
async fn wrong_addresses_are_not_asked_for() {
    for address in ["", "alice", "alice@localhost", "alice@example.test/x"] {
        let error = Autodiscover::new(address).discover().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidArgument, "{error}");
        assert!(DiscoveryTrace::of(&error).is_none());
    }
}

#[tokio::test]
async fn a_certificate_of_somebody_else_ends_the_place() {
    let (server, other) = (newest().await, newest().await);
    // the name leads to a server whose authority is not trusted
    let options = network(&[("mail.example.test", &other)]).resolve(HOST, server.address());
    let error = failure(&search(options)).await;
    assert_eq!(error.kind(), ErrorKind::Connection, "{error}");
    assert_eq!(server.log().http_requests, 0);
}
