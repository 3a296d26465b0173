//! Accounts, passwords, schemes.

use exchange_connector::Diagnosis;
use exchange_connector::ews::EwsConnectorBuilder;
use exchange_connector::http::{AuthPolicy, AuthScheme, Credentials};
use exchange_connector::simulator::{
    AccountState, AuthScheme as Offer, ExtendedProtection, Simulator,
};
use tokio_rustls::rustls::RootCertStore;
use tokio_rustls::rustls::pki_types::CertificateDer;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;

use super::certificates::{Authority, GOOD};
use super::server::{Server, http, opens_tls};
use super::{Situation, alice, direct, examine};

async fn offering(offers: &[Offer], tls: bool) -> Simulator {
    let builder = Simulator::builder().auth(offers).tls(tls);
    builder.start().await.unwrap()
}

fn wrong(simulator: &Simulator) -> EwsConnectorBuilder {
    let options = match simulator.certificate_pem() {
        Some(pem) => direct().platform_roots(false).root_certificates(pem),
        None => direct(),
    };
    alice(simulator.ews_url())
        .credentials(Credentials::password(r"EXAMPLE\alice", "Wr0ng-guess"))
        .http(options)
}

pub(super) async fn all(table: &mut Vec<Situation>) {
    let simulator = offering(&[Offer::Ntlm], false).await;
    let diagnosis = examine(wrong(&simulator)).await;
    table.push(Situation::new("a wrong password, NTLM", diagnosis));
    let simulator = offering(&[Offer::Basic], true).await;
    let diagnosis = examine(wrong(&simulator)).await;
    table.push(Situation::new("a wrong password, Basic", diagnosis));
    let simulator = offering(&[Offer::Negotiate, Offer::Ntlm], true).await;
    let diagnosis = examine(wrong(&simulator)).await;
    table.push(Situation::new("a wrong password, NTLM over TLS", diagnosis));
    let builder = alice(simulator.ews_url()).http({
        let pem = simulator.certificate_pem().unwrap();
        direct().platform_roots(false).root_certificates(pem)
    });
    let diagnosis = examine(builder.auth(AuthPolicy::Only(AuthScheme::Basic))).await;
    table.push(Situation::new(
        "only Basic was to be used, which is not offered",
        diagnosis,
    ));

    for (name, offer) in [
        ("only Kerberos is offered", "Kerberos"),
        (
            "only tokens are taken",
            "Bearer client_id=\"00000002-0000-0ff1-ce00-000000000000\", trusted_issuers=\"*\"",
        ),
    ] {
        let script = http("401 Unauthorized", &[("WWW-Authenticate", offer)], "");
        let server = Server::start(script).await;
        table.push(Situation::new(
            name,
            examine(alice(server.url("http"))).await,
        ));
    }
    let script = http(
        "401 Unauthorized",
        &[
            ("WWW-Authenticate", "Bearer realm=\"\""),
            (
                "x-ms-diagnostics",
                "2000003;reason=\"The token has expired.\";error_category=\"expired_token\"",
            ),
        ],
        "",
    );
    let server = Server::start(script).await;
    let builder = alice(server.url("http")).credentials(Credentials::bearer_token("a.b.c"));
    table.push(Situation::new(
        "a token that has expired",
        examine(builder).await,
    ));
    let script = http(
        "401 Unauthorized",
        &[
            ("WWW-Authenticate", "Basic realm=\"\""),
            (
                "x-ms-credential-service-url",
                "https://mail.example.test/owa/auth/expiredpassword.aspx",
            ),
        ],
        "",
    );
    let server = Server::start(script).await;
    let diagnosis = examine(alice(server.url("http"))).await;
    table.push(Situation::new("a password that has expired", diagnosis));
    for (name, state) in [
        ("an account that is locked", AccountState::Locked),
        ("an account that is disabled", AccountState::Disabled),
        (
            "EWS is switched off for the mailbox",
            AccountState::EwsDisabled,
        ),
    ] {
        let simulator = offering(&[Offer::Ntlm], false).await;
        simulator
            .set_account_state("alice@example.test", state)
            .unwrap();
        let diagnosis = examine(alice(simulator.ews_url())).await;
        table.push(Situation::new(name, diagnosis));
    }
    let simulator = offering(&[Offer::Ntlm], false).await;
    simulator.allow_programs(Some(&["Outlook"]));
    let diagnosis = examine(alice(simulator.ews_url())).await;
    table.push(Situation::new(
        "the program is not on the list of those allowed",
        diagnosis,
    ));
    table.push(Situation::new(
        "Extended Protection behind a proxy that opens TLS",
        opened().await,
    ));
    let script = http(
        "401 Unauthorized",
        &[("WWW-Authenticate", "NTLM"), ("Connection", "close")],
        "",
    );
    let server = Server::start(script).await;
    let diagnosis = examine(alice(server.url("http"))).await;
    table.push(Situation::new(
        "a balancer that takes NTLM apart",
        diagnosis,
    ));
    let builder = alice("http://mail.example.test").auth(AuthPolicy::Only(AuthScheme::Basic));
    table.push(Situation::new(
        "Basic without encryption",
        examine(builder).await,
    ));
}

/// A server that insists on the binding to its certificate, behind something with another one.
async fn opened() -> Diagnosis {
    let builder = Simulator::builder().auth(&[Offer::Ntlm]).tls(true);
    let builder = builder.extended_protection(ExtendedProtection::Require);
    let simulator = builder.start().await.unwrap();
    let pem = simulator.certificate_pem().unwrap();
    let options = direct().platform_roots(false).root_certificates(pem);
    let direct_way = examine(alice(simulator.ews_url()).http(options)).await;
    assert!(direct_way.is_ok(), "{direct_way}");

    let mut roots = RootCertStore::empty();
    let behind = CertificateDer::from_pem_slice(pem.as_bytes()).unwrap();
    roots.add(behind).unwrap();
    let authority = Authority::new();
    let front = authority.server("127.0.0.1", GOOD);
    let proxy = opens_tls(front, simulator.address(), roots).await;
    let options = direct()
        .platform_roots(false)
        .root_certificates(authority.pem());
    let diagnosis = examine(alice(proxy.url("https")).http(options)).await;
    let log = simulator.log();
    assert_eq!((log.wrong_bindings, log.wrong_credentials), (1, 0));
    diagnosis
}
