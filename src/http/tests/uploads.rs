//! Content that is sent in pieces, and can be sent once.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::time::Duration;

use tokio::io::AsyncReadExt;
use tokio::net::TcpListener;

use super::server::{Said, Seen, start};
use super::*;
use crate::error::{Effect, ErrorKind};
use crate::http::RequestBody;
use crate::stream::ByteStream;

/// So many pieces of so many bytes, with a pause before each.
fn pieces(count: usize, size: usize, pause: Duration) -> ByteStream {
    ByteStream::unfold(0, move |number| async move {
        if number == count {
            return Ok(None);
        }
        tokio::time::sleep(pause).await;
        Ok(Some((vec![b'x'; size].into(), number + 1)))
    })
}

fn at_once(count: usize, size: usize) -> ByteStream {
    pieces(count, size, Duration::ZERO)
}

fn upload(url: &Url, length: u64, stream: ByteStream) -> Request {
    let mut request = request(url, "up", "");
    request.body = RequestBody::stream(length, stream);
    request
}

fn basic(options: HttpOptions) -> Arc<dyn Transport> {
    connect(&options, jdoe(), "basic".parse().unwrap()).unwrap()
}

/// Notes the length of what arrived, and says it.
fn counting(
    seen: &Arc<Mutex<Vec<usize>>>,
) -> impl Fn(&mut (), Seen) -> Said + Send + Sync + 'static {
    let log = seen.clone();
    move |(), seen| {
        assert_eq!(seen.header("transfer-encoding"), None);
        if seen.header("authorization").is_none() {
            assert!(seen.body.is_empty(), "nothing is sent to be thrown away");
            return Said::new(401, &["WWW-Authenticate: Basic realm=\"mail\""], b"no");
        }
        log.lock().unwrap().push(seen.body.len());
        assert!(seen.body.iter().all(|byte| *byte == b'x'));
        Said::new(200, &[], seen.body.len().to_string().as_bytes())
    }
}

#[tokio::test]
async fn an_empty_request_goes_ahead() {
    for policy in ["auto", "basic"] {
        let seen = Arc::default();
        let server = start(counting(&seen)).await;
        let transport = client(jdoe(), policy);
        for _ in 0..2 {
            let sent = transport
                .send(upload(&server.url, 500_000, at_once(50, 10_000)))
                .await;
            assert_eq!(text(sent).await, "500000");
        }
        assert_eq!(*seen.lock().unwrap(), [0, 500_000, 0, 500_000]);
        assert_eq!(server.connections(), 1, "{policy}");
    }
}

#[tokio::test]
async fn a_refusal_of_everything_spares_the_content() {
    let server = start(|_: &mut (), seen: Seen| {
        assert!(seen.body.is_empty());
        Said::new(503, &[], b"busy")
    })
    .await;
    let request = upload(&server.url, 500_000, at_once(50, 10_000));
    let body = request.body.clone();
    let reply = basic(HttpOptions::default()).send(request).await.unwrap();
    assert_eq!(reply.status, 503);
    assert!(!body.is_spent());
}

#[tokio::test]
async fn a_stream_of_another_length() {
    for length in [499_999, 500_001, 999_999_999] {
        let seen = Arc::default();
        let server = start(counting(&seen)).await;
        let sent = basic(HttpOptions::default())
            .send(upload(&server.url, length, at_once(50, 10_000)))
            .await;
        let error = sent.unwrap_err();
        assert_eq!(
            (error.kind(), error.effect()),
            (ErrorKind::InvalidArgument, Effect::None),
            "{error}"
        );
        assert_eq!(*seen.lock().unwrap(), [0], "the rest never arrived whole");
    }
}

#[tokio::test]
async fn a_source_that_fails() {
    let seen = Arc::default();
    let server = start(counting(&seen)).await;
    let stream = ByteStream::unfold(0, |number| async move {
        if number == 3 {
            let gone = Error::new(ErrorKind::Configuration, "read", "the disk is gone");
            return Err(gone.with_effect(Effect::Unknown));
        }
        Ok(Some((vec![b'x'; 1000].into(), number + 1)))
    });
    let error = basic(HttpOptions::default())
        .send(upload(&server.url, 10_000, stream))
        .await
        .unwrap_err();
    assert_eq!(error.message(), "the disk is gone");
    assert_eq!(error.effect(), Effect::None);
    assert_eq!(*seen.lock().unwrap(), [0]);
}

/// Answers the first request; what comes then is read so far, or not at all.
async fn hang_up_after(read: Option<usize>) -> (Url, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let arrived = Arc::new(AtomicUsize::new(0));
    let counter = arrived.clone();
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut buffer = vec![0; 4096];
            let _ = stream.read(&mut buffer).await;
            let answer = b"HTTP/1.1 400 X\r\nContent-Length: 0\r\n\r\n";
            tokio::io::AsyncWriteExt::write_all(&mut stream, answer)
                .await
                .unwrap();
            let Some(most) = read else {
                tokio::time::sleep(Duration::from_secs(60)).await;
                continue;
            };
            let mut total = 0;
            while total < most {
                match stream.read(&mut buffer).await {
                    Ok(0) | Err(_) => break,
                    Ok(length) => total += length,
                }
            }
            counter.fetch_add(total, SeqCst);
        }
    });
    let url = Url::parse(&format!("http://localhost:{port}/EWS/Exchange.asmx")).unwrap();
    (url, arrived)
}

#[tokio::test]
async fn a_connection_that_breaks_in_the_middle() {
    let (url, arrived) = hang_up_after(Some(100_000)).await;
    let error = basic(HttpOptions::default())
        .send(upload(&url, 50_000_000, at_once(5000, 10_000)))
        .await
        .unwrap_err();
    assert_eq!(
        (error.kind(), error.effect()),
        (ErrorKind::Connection, Effect::None),
        "{error}"
    );
    assert!(arrived.load(SeqCst) >= 100_000);
    let advice = error.advice_text().unwrap();
    assert!(advice.contains("larger than the server allows"), "{advice}");
    assert!(advice.ends_with("call again with a new one."), "{advice}");
    assert_sentence(Some(advice));
}

#[tokio::test]
async fn a_slow_source_is_no_silent_server() {
    let seen = Arc::default();
    let server = start(counting(&seen)).await;
    let options = || HttpOptions::default().response_timeout(Duration::from_millis(200));
    let slow = pieces(4, 10, Duration::from_millis(300));
    let sent = basic(options()).send(upload(&server.url, 40, slow)).await;
    assert_eq!(text(sent).await, "40");

    // A server that takes nothing, and one that says nothing, are silent.
    let (url, _) = hang_up_after(None).await;
    let error = basic(options())
        .send(upload(&url, 500_000_000, at_once(50_000, 10_000)))
        .await
        .unwrap_err();
    assert_eq!(
        (error.kind(), error.effect()),
        (ErrorKind::Timeout, Effect::None),
        "{error}"
    );
    let mute = start(|_: &mut (), seen: Seen| {
        let wait = if seen.body.is_empty() { 0 } else { 5 };
        Said::new(200, &[], b"late").after(Duration::from_secs(wait))
    })
    .await;
    let error = basic(options())
        .send(upload(&mute.url, 100_000, at_once(10, 10_000)))
        .await
        .unwrap_err();
    assert_eq!(
        (error.kind(), error.effect()),
        (ErrorKind::Timeout, Effect::Unknown),
        "{error}"
    );
}

#[cfg(feature = "ntlm")]
mod ntlm {
    use super::super::acceptor::Acceptor;
    use super::*;

    #[tokio::test]
    async fn content_goes_over_connections_that_are_logged_on() {
        for policy in ["auto", "ntlm"] {
            let acceptor = Arc::new(Acceptor::new());
            let server = start(acceptor.handler()).await;
            let transport = client(jdoe(), policy);
            for _ in 0..3 {
                let sent = transport
                    .send(upload(&server.url, 500_000, at_once(50, 10_000)))
                    .await;
                let answer = text(sent).await;
                assert!(answer.starts_with("up|500000|"), "{answer}");
            }
            assert_eq!(acceptor.unauthenticated_bodies.load(SeqCst), 0);
            assert_eq!(acceptor.accepted.load(SeqCst), 1);
            assert_eq!(acceptor.problems.lock().unwrap().len(), 0);
        }
    }

    #[tokio::test]
    async fn many_at_once() {
        let acceptor = Arc::new(Acceptor::new());
        let server = start(acceptor.handler()).await;
        let transport = client(jdoe(), "ntlm");
        let calls: Vec<_> = (0..24)
            .map(|_| {
                let (transport, url) = (transport.clone(), server.url.clone());
                tokio::spawn(async move {
                    let sent = transport.send(upload(&url, 90_000, at_once(9, 10_000)));
                    assert!(text(sent.await).await.starts_with("up|90000|"));
                })
            })
            .collect();
        for call in calls {
            call.await.unwrap();
        }
        assert_eq!(acceptor.unauthenticated_bodies.load(SeqCst), 0);
    }

    #[tokio::test]
    async fn a_logon_that_is_forgotten_just_then() {
        let acceptor = Arc::new(Acceptor {
            forgets_after: Some(1),
            ..Acceptor::new()
        });
        let server = start(acceptor.handler()).await;
        let error = client(jdoe(), "ntlm")
            .send(upload(&server.url, 90_000, at_once(9, 10_000)))
            .await
            .unwrap_err();
        assert_eq!(
            (error.kind(), error.effect()),
            (ErrorKind::Connection, Effect::None),
            "{error}"
        );
        assert!(error.message().contains("wanted another logon"), "{error}");
        let advice = error.advice_text().unwrap();
        assert!(advice.ends_with("call again with a new one."), "{advice}");
    }

    #[tokio::test]
    async fn a_wrong_password_costs_no_content() {
        let acceptor = Arc::new(Acceptor::new());
        let server = start(acceptor.handler()).await;
        let wrong = Credentials::password(r"CONTOSO\jdoe", "wrong");
        let request = upload(&server.url, 90_000, at_once(9, 10_000));
        let body = request.body.clone();
        let error = client(wrong, "ntlm").send(request).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unauthenticated, "{error}");
        assert!(!body.is_spent());
        assert_eq!(acceptor.refused.load(SeqCst), 1);
    }
}
