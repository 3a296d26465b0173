//! Through a proxy that makes tunnels.

use std::sync::Mutex;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use rcgen::{CertificateParams, KeyPair};
use rustls::pki_types::PrivateKeyDer;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::acceptor::Acceptor;
use super::server::{Running, Said, start, start_tls};
use super::*;
use crate::error::{Effect, ErrorKind, RetryAdvice};
use crate::http::channel_binding::{channel_binding, end_point};
use crate::http::{ChannelBindingFacts, Proxy, ProxyServer, TlsBackend};

/// Passes everything on to one port of this machine, whatever name it is asked for.
struct Tunnels {
    port: u16,
    heads: Arc<Mutex<Vec<String>>>,
}

impl Tunnels {
    async fn start(target: u16, logon: Option<&'static str>, status: &'static str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let heads: Arc<Mutex<Vec<String>>> = Arc::default();
        let log = heads.clone();
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(tunnel(client, target, logon, status, log.clone()));
            }
        });
        Self { port, heads }
    }

    fn options(&self, logon: Option<&str>, trusted: &HttpOptions) -> HttpOptions {
        let mut server = ProxyServer::new(&format!("http://127.0.0.1:{}", self.port)).unwrap();
        if let Some((user, password)) = logon.and_then(|logon| logon.split_once(':')) {
            server = server.logon(user, password).unwrap();
        }
        trusted.clone().proxy(Proxy::Url(server))
    }
}

async fn tunnel(
    mut client: TcpStream,
    target: u16,
    logon: Option<&'static str>,
    status: &'static str,
    heads: Arc<Mutex<Vec<String>>>,
) {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let Ok(byte) = client.read_u8().await else {
            return;
        };
        head.push(byte);
    }
    let head = String::from_utf8(head).unwrap();
    heads.lock().unwrap().push(head.clone());
    assert!(head.starts_with("CONNECT mail.contoso.test:"), "{head}");
    let wanted = logon.map(|logon| format!("Basic {}", BASE64_STANDARD.encode(logon)));
    let sent = head
        .lines()
        .filter_map(|line| line.split_once(": "))
        .find(|(name, _)| name.eq_ignore_ascii_case("proxy-authorization"))
        .map(|(_, value)| value.to_owned());
    if wanted.is_some() && sent != wanted {
        let no = b"HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic\r\nContent-Length: 0\r\n\r\n";
        let _ = client.write_all(no).await;
        return;
    }
    let answer = format!("HTTP/1.1 {status}\r\n\r\n");
    let _ = client.write_all(answer.as_bytes()).await;
    if !status.starts_with("200") {
        return;
    }
    let mut server = TcpStream::connect(("127.0.0.1", target)).await.unwrap();
    let _ = tokio::io::copy_bidirectional(&mut client, &mut server).await;
}

struct Scene {
    acceptor: Arc<Acceptor>,
    _server: Running,
    url: Url,
    trusted: HttpOptions,
    port: u16,
}

/// A server that wants NTLM, bound to its certificate or to none.
async fn server(bound: bool) -> Scene {
    let key = KeyPair::generate().unwrap();
    let params = CertificateParams::new(vec!["mail.contoso.test".to_owned()]).unwrap();
    let certificate = params.self_signed(&key).unwrap();
    let binding = end_point(certificate.der()).and_then(|end| channel_binding(&end));
    let acceptor = Arc::new(Acceptor {
        target: Some("HTTP/mail.contoso.test"),
        channel_binding: binding.filter(|_| bound),
        ..Acceptor::new()
    });
    let provider = rustls::crypto::ring::default_provider();
    let config = rustls::ServerConfig::builder_with_provider(provider.into())
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(
            vec![certificate.der().clone()],
            PrivateKeyDer::try_from(key.serialize_der()).unwrap(),
        )
        .unwrap();
    let server = start_tls(Arc::new(config), acceptor.handler()).await;
    let port = server.url.port().unwrap();
    let url = Url::parse(&format!(
        "https://mail.contoso.test:{port}/EWS/Exchange.asmx"
    ))
    .unwrap();
    let trusted = HttpOptions::default()
        .platform_roots(false)
        .root_certificates(certificate.pem());
    Scene {
        acceptor,
        _server: server,
        url,
        trusted,
        port,
    }
}

#[tokio::test]
async fn a_logon_through_a_tunnel_is_bound_to_the_certificate() {
    let scene = server(true).await;
    let proxy = Tunnels::start(scene.port, Some("pu:p@:w"), "200 OK").await;
    let options = proxy.options(Some("pu:p@:w"), &scene.trusted);
    assert!(!format!("{options:?}").contains("p@:w"));
    let transport = connect(&options, jdoe(), AuthPolicy::Automatic).unwrap();
    text(transport.send(request(&scene.url, "t", "body")).await).await;
    assert_eq!(*scene.acceptor.problems.lock().unwrap(), [""; 0]);
    let facts = transport.facts(&scene.url);
    assert_eq!(facts.proxy, Some(format!("127.0.0.1:{}", proxy.port)));
    assert_eq!(facts.channel_binding, ChannelBindingFacts::Sent);
    assert_eq!(facts.certificates[0].names, ["mail.contoso.test"]);
    let heads = proxy.heads.lock().unwrap();
    assert!(
        heads
            .iter()
            .all(|head| !head.contains("NTLM") && !head.contains("x-tag"))
    );
}

/// The operating system's TLS does not tell the certificate behind a proxy: nothing is said of it, and that is known.
#[cfg(feature = "native-tls")]
#[tokio::test]
async fn a_certificate_that_is_not_known() {
    let scene = server(false).await;
    let proxy = Tunnels::start(scene.port, None, "200 OK").await;
    let options = proxy
        .options(None, &scene.trusted)
        .tls_backend(TlsBackend::Native);
    let transport = connect(&options, jdoe(), AuthPolicy::Automatic).unwrap();
    text(transport.send(request(&scene.url, "t", "body")).await).await;
    assert_eq!(*scene.acceptor.problems.lock().unwrap(), [""; 0]);
    let facts = transport.facts(&scene.url);
    assert_eq!(
        facts.channel_binding,
        ChannelBindingFacts::CertificateUnknown
    );
    assert_eq!(facts.certificates, []);
}

#[tokio::test]
async fn what_proxies_refuse() {
    let scene = server(true).await;
    let closed = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let wants = Tunnels::start(scene.port, Some("pu:right"), "200 OK").await;
    let forbids = Tunnels::start(scene.port, None, "403 Forbidden").await;
    let nobody = Tunnels {
        port: closed,
        heads: Arc::default(),
    };
    let mut backends = vec![TlsBackend::Rustls];
    if cfg!(feature = "native-tls") {
        backends.push(TlsBackend::Native);
    }
    for backend in backends {
        for (proxy, logon, words, lasting) in [
            (&wants, None, "wants its own logon", true),
            (
                &wants,
                Some("pu:s3cret"),
                "refused its user name or password",
                true,
            ),
            (&forbids, None, "did not make the connection", false),
            (&nobody, None, "refused the connection", false),
        ] {
            let options = proxy.options(logon, &scene.trusted).tls_backend(backend);
            let transport = connect(&options, jdoe(), AuthPolicy::Automatic).unwrap();
            let error = transport
                .send(request(&scene.url, "t", "body"))
                .await
                .unwrap_err();
            assert_eq!(
                (error.kind(), error.effect()),
                (ErrorKind::Connection, Effect::None),
                "{error}"
            );
            assert_eq!(error.advice() == RetryAdvice::Never, lasting, "{error}");
            assert!(error.message().contains(words), "{error}");
            assert!(
                error
                    .message()
                    .contains(&format!("127.0.0.1:{}", proxy.port)),
                "{error}"
            );
            assert!(error.message().contains("mail.contoso.test"), "{error}");
            assert_sentence(error.advice_text());
            assert!(!format!("{error:?}").contains("s3cret"));
        }
    }
    assert_eq!(
        scene
            .acceptor
            .challenges
            .load(std::sync::atomic::Ordering::SeqCst),
        0
    );
}

#[tokio::test]
async fn loopback_never_goes_through_a_proxy() {
    let server = start(|_: &mut (), _| Said::new(200, &[], b"ok")).await;
    let options = HttpOptions::default().proxy(Proxy::url("http://127.0.0.1:9").unwrap());
    let transport = connect(&options, jdoe(), "basic".parse().unwrap()).unwrap();
    assert_eq!(
        text(transport.send(request(&server.url, "t", "body")).await).await,
        "ok"
    );
    assert_eq!(transport.facts(&server.url).proxy, None);
}
