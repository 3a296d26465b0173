//! The laws of NTLM over lanes.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::time::Duration;

use http::HeaderValue;

use super::acceptor::Acceptor;
use super::server::{Running, start};
use super::*;
use crate::error::{Effect, ErrorKind};

const LANES: usize = 4;

/// For counting connections: however busy the machine is, a lane waits for its connection.
fn patient() -> HttpOptions {
    HttpOptions {
        patience: Duration::from_secs(10),
        ..HttpOptions::default()
    }
}

fn patient_client(credentials: Credentials, policy: &str) -> Arc<dyn Transport> {
    connect(&patient(), credentials, policy.parse().unwrap()).unwrap()
}

async fn start_acceptor(acceptor: &Arc<Acceptor>) -> Running {
    start(acceptor.handler()).await
}

/// `count` calls at once; each must get its own answer.
async fn flock(transport: &Arc<dyn Transport>, url: &Url, count: usize, user: &'static str) {
    let calls: Vec<_> = (0..count)
        .map(|number| {
            let (transport, url) = (transport.clone(), url.clone());
            tokio::spawn(async move {
                let tag = format!("{user}-{number}");
                let mut request = request(&url, &tag, vec![b'b'; number * 13]);
                request
                    .headers
                    .insert("x-user", HeaderValue::from_static(user));
                let answer = text(transport.send(request).await).await;
                assert!(
                    answer.starts_with(&format!("{tag}|{}|", number * 13)),
                    "{answer}"
                );
            })
        })
        .collect();
    for call in calls {
        call.await.unwrap();
    }
}

fn count(counter: &AtomicUsize) -> usize {
    counter.load(SeqCst)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn each_connection_is_authenticated_once() {
    for (policy, answer_size) in [("auto", 0), ("ntlm", 20_000)] {
        let acceptor = Arc::new(Acceptor {
            answer_size,
            ..Acceptor::new()
        });
        let server = start_acceptor(&acceptor).await;
        let transport = patient_client(jdoe(), policy);
        for _ in 0..8 {
            flock(&transport, &server.url, 64, "jdoe").await;
        }
        assert_eq!(count(&acceptor.answers), 8 * 64);
        assert_eq!(count(&acceptor.most_logons), 1);
        let accepted = count(&acceptor.accepted);
        assert!((1..=LANES).contains(&accepted), "{accepted} logons");
        let asking = usize::from(policy == "auto");
        assert_eq!(
            server.connections(),
            accepted + asking,
            "no connection besides the lanes"
        );
        assert_eq!(count(&acceptor.challenges), accepted);
        assert_eq!(count(&acceptor.unauthenticated_bodies), 0);
        assert_eq!(acceptor.problems.lock().unwrap().len(), 0);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn identities_never_share_a_connection() {
    let acceptor = Arc::new(Acceptor::new());
    let server = start_acceptor(&acceptor).await;
    let jdoe = client(jdoe(), "ntlm");
    let anna = client(
        Credentials::password("anna@contoso.com", "Zweites-Paßwort"),
        "ntlm",
    );
    for _ in 0..4 {
        tokio::join!(
            flock(&jdoe, &server.url, 32, "jdoe"),
            flock(&anna, &server.url, 32, "anna@contoso.com")
        );
    }
    assert_eq!(count(&acceptor.mixed), 0);
    assert_eq!(count(&acceptor.answers), 4 * 64);
    assert_eq!(count(&acceptor.most_logons), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn cancelled_calls_harm_nobody() {
    let acceptor = Arc::new(Acceptor {
        answer_size: 30_000,
        ..Acceptor::new()
    });
    let server = start_acceptor(&acceptor).await;
    let transport = client(jdoe(), "ntlm");
    let mut state = 88_172_645_463_325_252u64;
    let (mut cancelled, mut answered) = (0, 0);
    let mut calls = Vec::new();
    for number in 0..600u64 {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        let patience = if state % 10 < 3 {
            Duration::from_micros(state % 3000)
        } else {
            Duration::from_secs(20)
        };
        let (transport, url) = (transport.clone(), server.url.clone());
        calls.push(tokio::spawn(async move {
            let tag = format!("c{number}");
            let call = async {
                let mut reply = transport.send(request(&url, &tag, "body")).await.unwrap();
                if number % 7 == 0 {
                    // a piece, then the answer is dropped
                    reply.body.chunk().await.unwrap();
                    return;
                }
                let answer = String::from_utf8(reply.body.collect().await.unwrap()).unwrap();
                assert!(answer.starts_with(&format!("{tag}|4|")), "{answer}");
            };
            tokio::time::timeout(patience, call).await.is_ok()
        }));
        if number % 64 == 63 {
            for call in calls.drain(..) {
                if call.await.unwrap() {
                    answered += 1
                } else {
                    cancelled += 1
                }
            }
        }
    }
    for call in calls {
        if call.await.unwrap() {
            answered += 1
        } else {
            cancelled += 1
        }
    }
    assert!(
        cancelled > 20 && answered > 300,
        "{cancelled} cancelled, {answered} answered"
    );
    assert_eq!(
        count(&acceptor.most_logons),
        1,
        "a connection left half way is never used again"
    );
    assert_eq!(acceptor.problems.lock().unwrap().len(), 0);
    // and all lanes are there
    flock(&transport, &server.url, 64, "jdoe").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_wrong_password_is_sent_once() {
    for policy in ["auto", "ntlm"] {
        let acceptor = Arc::new(Acceptor::new());
        let server = start_acceptor(&acceptor).await;
        let transport = client(
            Credentials::password(r"CONTOSO\jdoe", "wrong-password"),
            policy,
        );
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
        let mut first = None;
        for call in calls {
            let error = call.await.unwrap();
            assert_eq!(error.kind(), ErrorKind::Unauthenticated);
            assert_eq!(
                (error.http_status(), error.effect()),
                (Some(401), Effect::None)
            );
            let words = error.to_string();
            assert!(
                words.contains("offered: Negotiate, NTLM") && words.contains("tried: NTLM"),
                "{words}"
            );
            assert_eq!(first.get_or_insert_with(|| words.clone()), &words);
        }
        transport
            .send(request(&server.url, "t", "body"))
            .await
            .unwrap_err();
        assert_eq!(count(&acceptor.refused), 1);
        assert_eq!(*acceptor.problems.lock().unwrap(), ["wrong password"]);
    }
}

#[tokio::test]
async fn a_server_that_forgets() {
    let acceptor = Arc::new(Acceptor {
        forgets_after: Some(2),
        refusal_size: 100_000,
        ..Acceptor::new()
    });
    let server = start_acceptor(&acceptor).await;
    let transport = patient_client(jdoe(), "ntlm");
    for number in 0..6 {
        text(
            transport
                .send(request(&server.url, &number.to_string(), "body"))
                .await,
        )
        .await;
    }
    assert_eq!(
        server.connections(),
        1,
        "authenticated again on the same connection"
    );
    assert_eq!(count(&acceptor.accepted), 3);
    assert_eq!(count(&acceptor.answers), 6);
}

#[tokio::test]
async fn a_cold_application_and_ntlm_inside_negotiate() {
    let acceptor = Arc::new(Acceptor {
        cold: true,
        ..Acceptor::new()
    });
    let server = start_acceptor(&acceptor).await;
    text(
        client(jdoe(), "ntlm")
            .send(request(&server.url, "t", ""))
            .await,
    )
    .await;

    let acceptor = Arc::new(Acceptor {
        offers: &["Negotiate"],
        scheme: "Negotiate",
        ..Acceptor::new()
    });
    let server = start_acceptor(&acceptor).await;
    text(
        client(jdoe(), "auto")
            .send(request(&server.url, "t", ""))
            .await,
    )
    .await;
}

#[tokio::test]
async fn connections_that_close() {
    let acceptor = Arc::new(Acceptor {
        closes_after_challenge: true,
        ..Acceptor::new()
    });
    let server = start_acceptor(&acceptor).await;
    let error = client(jdoe(), "ntlm")
        .send(request(&server.url, "t", "body"))
        .await
        .unwrap_err();
    assert_eq!(
        (error.kind(), error.effect()),
        (ErrorKind::Connection, Effect::None),
        "{error}"
    );
    assert!(error.to_string().contains("NTLM"), "{error}");
    assert_eq!(count(&acceptor.refused), 0);
}

/// TLS with a binding that must be right.
#[cfg(feature = "simulator")]
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn channel_binding_over_tls() {
    use md5::{Digest, Md5};
    use sha2::Sha256;

    let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    let end_point = [
        b"tls-server-end-point:",
        &Sha256::digest(made.cert.der())[..],
    ]
    .concat();
    let structure = [
        &[0; 16],
        &(end_point.len() as u32).to_le_bytes()[..],
        &end_point,
    ]
    .concat();
    let acceptor = Arc::new(Acceptor {
        channel_binding: Some(Md5::digest(structure).into()),
        ..Acceptor::new()
    });

    let key = rustls::pki_types::PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
    let mut config = rustls::ServerConfig::builder_with_provider(
        rustls::crypto::ring::default_provider().into(),
    )
    .with_safe_default_protocol_versions()
    .unwrap()
    .with_no_client_auth()
    .with_single_cert(vec![made.cert.der().clone()], key)
    .unwrap();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    let server = server::start_tls(Arc::new(config), acceptor.handler()).await;

    let options = patient()
        .platform_roots(false)
        .root_certificates(made.cert.pem());
    let transport = connect(&options, jdoe(), AuthPolicy::Automatic).unwrap();
    for _ in 0..3 {
        flock(&transport, &server.url, 64, "jdoe").await;
    }
    assert_eq!(*acceptor.problems.lock().unwrap(), [""; 0]);
    assert_eq!(count(&acceptor.most_logons), 1);
    let logons = count(&acceptor.accepted);
    assert!((1..=LANES).contains(&logons));

    // a stranger's certificate
    let error = client(jdoe(), "auto")
        .send(request(&server.url, "t", "body"))
        .await
        .unwrap_err();
    assert_eq!(
        (error.kind(), error.effect()),
        (ErrorKind::Connection, Effect::None),
        "{error}"
    );
    assert!(
        error.to_string().contains("TLS") && error.to_string().contains("its own authority"),
        "{error}"
    );
    let trusting = HttpOptions::default().danger_accept_invalid_certificates(true);
    let transport = connect(&trusting, jdoe(), AuthPolicy::Automatic).unwrap();
    text(transport.send(request(&server.url, "t", "body")).await).await;
}
