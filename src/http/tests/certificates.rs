//! Certificates of servers and clients: what is trusted, what is shown, what is said.

use chrono::{TimeZone, Utc};
use rcgen::{CertificateParams, KeyPair, date_time_ymd};
use rustls::RootCertStore;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;

use super::acceptor::Acceptor;
use super::encryption::authority;
use super::server::{Running, Said, Seen, start_tls};
use super::*;
use crate::error::{Effect, ErrorKind, RetryAdvice};
use crate::http::certificate::{fingerprint, hex};
use crate::http::{AuthScheme, ChannelBinding, ChannelBindingFacts, ClientCertificate, TlsBackend};

/// The TLS of this build.
fn backends() -> Vec<TlsBackend> {
    let mut backends = vec![TlsBackend::Rustls];
    if cfg!(feature = "native-tls") {
        backends.push(TlsBackend::Native);
    }
    backends
}

/// A server's certificate, and how to set up a server with it.
struct Made {
    pem: String,
    der: CertificateDer<'static>,
    key: KeyPair,
}

impl Made {
    fn for_names(names: &[&str]) -> Self {
        Self::with(names, |_| {})
    }

    fn with(names: &[&str], change: impl FnOnce(&mut CertificateParams)) -> Self {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let mut params = CertificateParams::new(names).unwrap();
        change(&mut params);
        let key = KeyPair::generate().unwrap();
        let certificate = params.self_signed(&key).unwrap();
        Self {
            pem: certificate.pem(),
            der: certificate.der().clone(),
            key,
        }
    }

    fn sha256(&self) -> String {
        hex(&fingerprint(&self.der))
    }

    fn config(&self, clients: Option<&str>) -> Arc<rustls::ServerConfig> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let key = PrivateKeyDer::try_from(self.key.serialize_der()).unwrap();
        let builder = rustls::ServerConfig::builder_with_provider(provider.clone())
            .with_safe_default_protocol_versions()
            .unwrap();
        let builder = match clients {
            None => builder.with_no_client_auth(),
            Some(pem) => {
                let mut roots = RootCertStore::empty();
                roots
                    .add(CertificateDer::from_pem_slice(pem.as_bytes()).unwrap())
                    .unwrap();
                let verifier = WebPkiClientVerifier::builder_with_provider(roots.into(), provider);
                builder.with_client_cert_verifier(verifier.build().unwrap())
            }
        };
        builder
            .with_single_cert(vec![self.der.clone()], key)
            .unwrap()
            .into()
    }

    async fn serve(&self) -> Running {
        start_tls(self.config(None), |_: &mut (), _: Seen| {
            Said::new(200, &["X-FEServer: EX01", "X-BEServer: EX02"], b"ok")
        })
        .await
    }

    fn trusted(&self) -> HttpOptions {
        HttpOptions::default()
            .platform_roots(false)
            .root_certificates(self.pem.as_bytes())
    }
}

async fn ask(options: &HttpOptions, url: &Url) -> Result<(), Error> {
    let transport = connect(options, jdoe(), "basic".parse().unwrap()).unwrap();
    let reply = transport.send(request(url, "t", "body")).await?;
    assert_eq!(reply.status, 200);
    reply.body.collect().await.map(drop)
}

async fn refusal_of(options: &HttpOptions, url: &Url) -> Error {
    let error = ask(options, url).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.effect(), error.advice()),
        (ErrorKind::Connection, Effect::None, RetryAdvice::Never),
        "{error}"
    );
    assert_sentence(error.advice_text());
    error
}

#[tokio::test]
async fn bad_certificates_in_words() {
    for backend in backends() {
        let expired = Made::with(&["localhost"], |params| {
            params.not_before = date_time_ymd(2019, 1, 1);
            params.not_after = date_time_ymd(2020, 2, 1);
        });
        let early = Made::with(&["localhost"], |params| {
            params.not_before = date_time_ymd(2090, 1, 1);
            params.not_after = date_time_ymd(2099, 1, 1);
        });
        let names = Made::for_names(&["mail.contoso.com", "autodiscover.contoso.com"]);
        // the date is that of the certificate; what the system's TLS refuses it does not show
        for (made, sentence, with_detail) in [
            (expired, "has expired", " on 2020-02-01"),
            (early, "is not valid yet", ", but from 2090-01-01 on"),
            (
                names,
                "is for another name",
                ": it is for mail.contoso.com, autodiscover.contoso.com",
            ),
        ] {
            let server = made.serve().await;
            let error = refusal_of(&made.trusted().tls_backend(backend), &server.url).await;
            assert!(error.message().contains(sentence), "{error}");
            if backend == TlsBackend::Rustls {
                assert!(error.message().contains(with_detail), "{error}");
            }
        }
        let own = Made::for_names(&["localhost"]);
        let server = own.serve().await;
        let stranger = authority("Fabrikam Root").0;
        let stranger = HttpOptions::default()
            .platform_roots(false)
            .root_certificates(stranger);
        let error = refusal_of(&stranger.tls_backend(backend), &server.url).await;
        let words = match backend {
            TlsBackend::Rustls => "is its own authority",
            _ => "not trusted here",
        };
        assert!(error.message().contains(words), "{backend:?}: {error}");
        ask(&own.trusted().tls_backend(backend), &server.url)
            .await
            .unwrap();
        let anyone = HttpOptions::default().danger_accept_invalid_certificates(true);
        ask(&anyone.tls_backend(backend), &server.url)
            .await
            .unwrap();
    }
}

#[tokio::test]
async fn pinned_certificates() {
    let made = Made::for_names(&["localhost"]);
    let server = made.serve().await;
    ask(&made.trusted().pin_certificate(made.sha256()), &server.url)
        .await
        .unwrap();
    let other = "00".repeat(32);
    ask(
        &made
            .trusted()
            .pin_certificate(&other)
            .pin_certificate(made.sha256()),
        &server.url,
    )
    .await
    .unwrap();
    let error = refusal_of(&made.trusted().pin_certificate(&other), &server.url).await;
    assert!(error.message().contains(&made.sha256()), "{error}");
    assert!(error.message().contains("is not the pinned one"), "{error}");

    // a pin does not take the place of trust, unless that is asked for
    let bare = HttpOptions::default().platform_roots(false);
    let untrusted = HttpOptions::default().pin_certificate(made.sha256());
    assert!(
        refusal_of(&untrusted, &server.url)
            .await
            .message()
            .contains("authority")
    );
    let only = bare
        .clone()
        .pin_certificate(made.sha256())
        .trust_only_pinned(true);
    ask(&only, &server.url).await.unwrap();
    let wrong = bare.pin_certificate(&other).trust_only_pinned(true);
    assert!(
        refusal_of(&wrong, &server.url)
            .await
            .message()
            .contains("not the pinned one")
    );

    // for another name and too old, but it is the one
    let old = Made::with(&["other.example"], |params| {
        params.not_after = date_time_ymd(2020, 1, 1);
    });
    let server = old.serve().await;
    let only = HttpOptions::default()
        .pin_certificate(old.sha256())
        .trust_only_pinned(true);
    ask(&only, &server.url).await.unwrap();
}

/// Whoever copies a certificate does not have its key.
#[tokio::test]
async fn a_pin_wants_the_key_too() {
    let made = Made::for_names(&["localhost"]);
    let thief = Made {
        key: KeyPair::generate().unwrap(),
        pem: made.pem.clone(),
        der: made.der.clone(),
    };
    let provider = rustls::crypto::ring::default_provider();
    let key = PrivateKeyDer::try_from(thief.key.serialize_der()).unwrap();
    let signing = provider.key_provider.load_private_key(key).unwrap();
    let certified = rustls::sign::CertifiedKey::new(vec![thief.der.clone()], signing);
    let config = rustls::ServerConfig::builder_with_provider(provider.into())
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_cert_resolver(Arc::new(rustls::sign::SingleCertAndKey::from(certified)));
    let server = start_tls(Arc::new(config), |_: &mut (), _: Seen| {
        Said::new(200, &[], b"ok")
    })
    .await;
    let only = HttpOptions::default()
        .pin_certificate(made.sha256())
        .trust_only_pinned(true);
    refusal_of(&only, &server.url).await;
}

#[tokio::test]
async fn client_certificates() {
    let (authority_pem, issuer) = authority("Contoso Clients");
    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::new(vec!["jdoe".to_owned()]).unwrap();
    params.not_after = date_time_ymd(2090, 1, 1);
    let certificate = params.signed_by(&key, &issuer).unwrap();
    let shown = ClientCertificate::from_pem(certificate.pem(), key.serialize_pem()).unwrap();
    let made = Made::for_names(&["localhost"]);
    let server = start_tls(
        made.config(Some(&authority_pem)),
        |_: &mut (), seen: Seen| {
            Said::new(
                200,
                &[],
                seen.header("authorization").unwrap_or("none").as_bytes(),
            )
        },
    )
    .await;
    for backend in backends() {
        let options = made.trusted().tls_backend(backend);
        let alone = Credentials::client_certificate(shown.clone());
        assert!(!format!("{alone:?}").contains("BEGIN"));
        let transport = connect(&options, alone, AuthPolicy::Automatic).unwrap();
        for _ in 0..2 {
            assert_eq!(
                text(transport.send(request(&server.url, "t", "body")).await).await,
                "none"
            );
        }
        let beside = options.clone().client_certificate(shown.clone());
        let transport = connect(&beside, jdoe(), "basic".parse().unwrap()).unwrap();
        let answer = text(transport.send(request(&server.url, "t", "body")).await).await;
        assert!(answer.starts_with("Basic "), "{answer}");
    }
    let error = refusal_of(&made.trusted(), &server.url).await;
    assert!(
        error.message().contains("wants a client certificate"),
        "{error}"
    );
    let strangers = Made::for_names(&["jdoe"]);
    let stranger =
        ClientCertificate::from_pem(strangers.pem.clone(), strangers.key.serialize_pem());
    let error = ask(
        &made.trusted().client_certificate(stranger.unwrap()),
        &server.url,
    )
    .await
    .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Connection, "{error}");

    let mismatch = ClientCertificate::from_pem(strangers.pem.clone(), key.serialize_pem()).unwrap();
    for backend in backends() {
        let options = made
            .trusted()
            .tls_backend(backend)
            .client_certificate(mismatch.clone());
        let error = connect(&options, jdoe(), AuthPolicy::Automatic).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Configuration, "{error}");
        assert!(error.message().contains("belong"), "{error}");
    }
}

#[tokio::test]
async fn a_certificate_that_is_not_enough() {
    let made = Made::for_names(&["localhost"]);
    let server = start_tls(made.config(None), |_: &mut (), seen: Seen| {
        assert_eq!(seen.header("authorization"), None);
        Said::new(
            401,
            &["WWW-Authenticate: Negotiate", "request-id: 4711"],
            b"",
        )
    })
    .await;
    let shown = ClientCertificate::from_pem(made.pem.clone(), made.key.serialize_pem()).unwrap();
    let credentials = Credentials::client_certificate(shown);
    let transport = connect(&made.trusted(), credentials.clone(), AuthPolicy::Automatic).unwrap();
    let error = transport
        .send(request(&server.url, "t", "body"))
        .await
        .unwrap_err();
    assert_eq!(
        (error.kind(), error.request_id()),
        (ErrorKind::Unauthenticated, Some("4711")),
        "{error}"
    );
    let error = connect(&made.trusted(), credentials, "ntlm".parse().unwrap()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Configuration, "{error}");
}

#[tokio::test]
async fn facts_of_a_logon() {
    for backend in backends() {
        for binding in [ChannelBinding::Auto, ChannelBinding::Off] {
            let made = Made::for_names(&["localhost"]);
            let acceptor = Arc::new(Acceptor {
                channel_binding: (binding == ChannelBinding::Auto).then(|| {
                    let end = crate::http::channel_binding::end_point(&made.der).unwrap();
                    crate::http::channel_binding::channel_binding(&end).unwrap()
                }),
                ..Acceptor::new()
            });
            let server = start_tls(made.config(None), acceptor.handler()).await;
            let options = made.trusted().tls_backend(backend).channel_binding(binding);
            let transport = connect(&options, jdoe(), AuthPolicy::Automatic).unwrap();
            assert_eq!(
                transport.facts(&server.url).host,
                "",
                "nothing was asked yet"
            );
            text(transport.send(request(&server.url, "t", "body")).await).await;
            assert_eq!(*acceptor.problems.lock().unwrap(), [""; 0]);

            let facts = transport.facts(&server.url);
            assert!(facts.tls && facts.proxy.is_none());
            assert_eq!(
                facts.host,
                format!("localhost:{}", server.url.port().unwrap())
            );
            assert_eq!(facts.offered, ["Negotiate", "NTLM"]);
            assert_eq!(facts.tried, [AuthScheme::Ntlm]);
            assert_eq!(facts.accepted, Some(AuthScheme::Ntlm));
            let expected = match binding {
                ChannelBinding::Auto => ChannelBindingFacts::Sent,
                ChannelBinding::Off => ChannelBindingFacts::SwitchedOff,
            };
            assert_eq!(facts.channel_binding, expected, "{backend:?}");
            assert!(facts.logon_time.is_some());
            let [certificate] = &facts.certificates[..] else {
                panic!("{facts:?}")
            };
            assert_eq!(certificate.names, ["localhost"]);
            assert_eq!(certificate.sha256, made.sha256());
            assert!(!format!("{facts:?}").contains(PASSWORD));
        }
    }
}

#[tokio::test]
async fn facts_of_a_refusal_and_of_servers() {
    let made = Made::with(&["localhost"], |params| {
        params.not_after = date_time_ymd(2020, 2, 1);
        params.not_before = date_time_ymd(2019, 2, 1);
    });
    let server = made.serve().await;
    let transport = connect(&made.trusted(), jdoe(), "basic".parse().unwrap()).unwrap();
    transport
        .send(request(&server.url, "t", "body"))
        .await
        .unwrap_err();
    let facts = transport.facts(&server.url);
    let end = Utc.with_ymd_and_hms(2020, 2, 1, 0, 0, 0).single();
    assert_eq!(facts.certificates[0].not_after, end);
    assert_eq!((facts.accepted, facts.servers.len()), (None, 0));

    let made = Made::for_names(&["localhost"]);
    let server = made.serve().await;
    let transport = connect(&made.trusted(), jdoe(), "basic".parse().unwrap()).unwrap();
    text(transport.send(request(&server.url, "t", "body")).await).await;
    let facts = transport.facts(&server.url);
    assert_eq!(facts.servers, ["EX01", "EX02"]);
    assert_eq!(facts.accepted, Some(AuthScheme::Basic));
    assert_eq!(facts.channel_binding, ChannelBindingFacts::None);
}
