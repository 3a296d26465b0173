//! Addresses, and the way to the server.

use std::net::SocketAddr;
use std::time::Duration;

use exchange_connector::Subject;
use exchange_connector::ews::EwsConnector;
use exchange_connector::http::{AuthPolicy, AuthScheme, Credentials, HttpOptions, Proxy};
use tokio::net::TcpListener;

use super::server::{Script, Server, http};
use super::{Situation, alice, direct, examine, impatient};

pub(super) async fn all(table: &mut Vec<Situation>) {
    for (name, url) in [
        ("no address", ""),
        ("no address of a web server", "ldap://dc1.example.test"),
        (
            "user and password in the address",
            "https://alice:Passw0rd@mail.example.test/EWS/Exchange.asmx",
        ),
        (
            "an address without encryption",
            "http://mail.example.test/EWS/Exchange.asmx",
        ),
    ] {
        table.push(Situation::new(name, examine(alice(url)).await));
    }
    let builder = EwsConnector::builder("mail.example.test").http(direct());
    table.push(Situation::new("no credentials", examine(builder).await));
    let options = direct().root_certificates("no certificate");
    let builder = alice("mail.example.test").http(options);
    let diagnosis = examine(builder).await;
    table.push(Situation::new("a certificate file that is none", diagnosis));

    let diagnosis = examine(alice("https://mail.example.invalid")).await;
    table.push(Situation::new("a name nobody knows", diagnosis));
    table.push(Situation::new(
        "nothing listens there",
        examine(alice(format!("https://{}", nobody().await))).await,
    ));
    let server = Server::start(Script::Silence).await;
    // The limit of the connection must come first, however busy this machine is.
    let options = impatient().response_timeout(Duration::from_secs(120));
    let builder = alice(server.url("https")).http(options);
    let diagnosis = examine(builder).await;
    table.push(Situation::new(
        "a firewall that swallows everything",
        diagnosis,
    ));
    let builder = alice(server.url("http")).http(impatient());
    let diagnosis = examine(builder).await;
    table.push(Situation::new("a server that never answers", diagnosis));

    let server = Server::start(Script::Says(b"220 mail.example.test ESMTP ready\r\n")).await;
    let diagnosis = examine(alice(server.url("http"))).await;
    table.push(Situation::new(
        "a mail server (SMTP) instead of a web server",
        diagnosis,
    ));
    let script = Script::Answers(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n".to_vec());
    let server = Server::start(script).await;
    let diagnosis = examine(alice(server.url("https"))).await;
    table.push(Situation::new(
        "https where the server speaks http",
        diagnosis,
    ));
    let server = Server::start(Script::Answers(Vec::new())).await;
    let diagnosis = examine(alice(server.url("http"))).await;
    table.push(Situation::new("a server that hangs up", diagnosis));
    given_schemes(table).await;
    proxies(table).await;
}

/// Where the server need not be asked which logon it takes.
async fn given_schemes(table: &mut Vec<Situation>) {
    let basic = || AuthPolicy::Only(AuthScheme::Basic);
    for (name, builder) in [
        (
            "nothing listens there, Basic alone",
            alice(format!("http://{}", nobody().await)).auth(basic()),
        ),
        (
            "nothing listens there, NTLM alone",
            alice(format!("http://{}", nobody().await)).auth(AuthPolicy::Only(AuthScheme::Ntlm)),
        ),
        (
            "nothing listens there, a token",
            alice(format!("http://{}", nobody().await))
                .credentials(Credentials::bearer_token("a.b.c")),
        ),
    ] {
        let diagnosis = examine(builder).await;
        let words = [Subject::Connection, Subject::Tls, Subject::Logon]
            .map(|subject| diagnosis.verdict(subject).unwrap().word());
        assert_eq!(words, ["failed", "not tried", "not tried"], "{diagnosis}");
        assert!(diagnosis.facts.tried.is_empty(), "{diagnosis}");
        table.push(Situation::new(name, diagnosis));
    }
    let server = Server::start(Script::Silence).await;
    let builder = alice(server.url("http")).auth(basic()).http(impatient());
    let diagnosis = examine(builder).await;
    let logon = diagnosis.verdict(Subject::Logon).unwrap();
    assert_eq!(logon.word(), "not tried", "{diagnosis}");
    table.push(Situation::new(
        "a server that never answers, Basic alone",
        diagnosis,
    ));
    let script = Script::First(
        "HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\nWWW-Authenticate: Basic realm=\"\"\r\n\r\n",
    );
    let server = Server::start(script).await;
    let diagnosis = examine(alice(server.url("http"))).await;
    let logon = diagnosis.verdict(Subject::Logon).unwrap();
    assert_eq!(logon.word(), "warning", "{diagnosis}");
    table.push(Situation::new(
        "the connection breaks during the logon",
        diagnosis,
    ));
}

/// A port that was free a moment ago.
async fn nobody() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    listener.local_addr().unwrap()
}

/// What stands between a company and the world.
async fn proxies(table: &mut Vec<Situation>) {
    let through = async |address: SocketAddr, logon: &str| {
        let proxy = Proxy::url(&format!("http://{logon}{address}")).unwrap();
        let options = HttpOptions::default().proxy(proxy);
        examine(alice("https://mail.example.test").http(options)).await
    };
    let diagnosis = through(nobody().await, "").await;
    table.push(Situation::new("no proxy at the proxy's address", diagnosis));
    let wants = || {
        let header = [("Proxy-Authenticate", "Basic realm=\"proxy\"")];
        http("407 Proxy Authentication Required", &header, "")
    };
    let proxy = Server::start(wants()).await;
    let diagnosis = through(proxy.address, "").await;
    table.push(Situation::new("a proxy wants its own logon", diagnosis));
    let diagnosis = through(proxy.address, "jdoe:Wr0ng@").await;
    table.push(Situation::new("a proxy refuses its logon", diagnosis));
    let page = "<html><head><title>Access to this site is blocked</title></head></html>";
    let script = http("403 Forbidden", &[("Content-Type", "text/html")], page);
    let proxy = Server::start(script).await;
    let diagnosis = through(proxy.address, "").await;
    table.push(Situation::new(
        "a proxy does not let this server through",
        diagnosis,
    ));
    let proxy = Server::start(Script::Answers(b"SSH-2.0-OpenSSH_9.6\r\n".to_vec())).await;
    let diagnosis = through(proxy.address, "").await;
    table.push(Situation::new("something that is no proxy", diagnosis));
}
