//! TLS and certificates.

use exchange_connector::ews::EwsConnectorBuilder;
use exchange_connector::simulator::Simulator;

use super::certificates::{Authority, GOOD, self_signed};
use super::server::{Script, Server, http};
use super::{Situation, alice, direct, examine};

pub(super) async fn all(table: &mut Vec<Situation>) {
    let authority = Authority::new();
    let page = || http("200 OK", &[], "hello");
    for (name, config) in [
        (
            "a certificate that has expired",
            authority.server("127.0.0.1", (2020, 2021)),
        ),
        (
            "a certificate that is not good yet",
            authority.server("127.0.0.1", (2190, 2191)),
        ),
        (
            "a certificate for another name",
            authority.server("autodiscover.example.test", GOOD),
        ),
        ("a certificate that signed itself", self_signed()),
        ("a client certificate is wanted", authority.mutual()),
    ] {
        let server = Server::tls(config, page()).await;
        let diagnosis = examine(trusting(&server, &authority)).await;
        table.push(Situation::new(name, diagnosis));
    }
    let server = Server::tls(authority.server("127.0.0.1", GOOD), page()).await;
    let other = Authority::new();
    let diagnosis = examine(trusting(&server, &other)).await;
    table.push(Situation::new(
        "the file of certificates is not the one that signed",
        diagnosis,
    ));
    let diagnosis = examine(alice(server.url("https"))).await;
    table.push(Situation::new(
        "an authority of the company that is not known here",
        diagnosis,
    ));
    let diagnosis = examine(alice(server.url("http"))).await;
    table.push(Situation::new(
        "http where the server speaks https",
        diagnosis,
    ));

    // Alerts of TLS 1.2: handshake_failure, protocol_version.
    for (name, alert) in [
        ("no cipher suite in common (Windows Server 2012 R2)", 40),
        ("TLS 1.0 alone", 70),
    ] {
        let server = Server::start(Script::Answers(vec![0x15, 3, 3, 0, 2, 2, alert])).await;
        let diagnosis = examine(trusting(&server, &authority)).await;
        table.push(Situation::new(name, diagnosis));
    }
    let server = Server::tls(authority.server("127.0.0.1", GOOD), page()).await;
    let options = direct()
        .platform_roots(false)
        .root_certificates(authority.pem())
        .pin_certificate("00".repeat(32));
    let diagnosis = examine(alice(server.url("https")).http(options)).await;
    table.push(Situation::new(
        "a certificate that is not the pinned one",
        diagnosis,
    ));
    table.push(Situation::new(
        "an encrypted address, and all is well but the version",
        well().await,
    ));
}

fn trusting(server: &Server, authority: &Authority) -> EwsConnectorBuilder {
    let options = direct()
        .platform_roots(false)
        .root_certificates(authority.pem());
    alice(server.url("https")).http(options)
}

/// How it looks where the way is in order.
async fn well() -> exchange_connector::Diagnosis {
    let simulator = Simulator::builder().tls(true).start().await.unwrap();
    let pem = simulator.certificate_pem().unwrap();
    let options = direct().platform_roots(false).root_certificates(pem);
    let version = "2010".parse().unwrap();
    examine(alice(simulator.ews_url()).http(options).version(version)).await
}
