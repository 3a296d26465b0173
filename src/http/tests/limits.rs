//! Time, size, and connections that fail.

use std::io::Write;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use super::server::{Said, Seen, start};
use super::*;
use crate::error::{Effect, ErrorKind, RetryAdvice};

fn with(options: HttpOptions) -> Arc<dyn Transport> {
    connect(&options, jdoe(), "basic".parse().unwrap()).unwrap()
}

#[tokio::test]
async fn silence_before_and_within_the_answer() {
    let server = start(|_: &mut (), seen: Seen| {
        if seen.header("x-tag") == Some("half") {
            return Said {
                bytes: b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf".to_vec(),
                ..Said::new(200, &[], b"")
            };
        }
        Said::new(200, &[], b"late").after(Duration::from_secs(3))
    })
    .await;
    let transport = with(HttpOptions::default().response_timeout(Duration::from_millis(150)));
    let started = Instant::now();
    let error = transport
        .send(request(&server.url, "t", "body"))
        .await
        .unwrap_err();
    assert_eq!(
        (error.kind(), error.effect()),
        (ErrorKind::Timeout, Effect::Unknown),
        "{error}"
    );
    let reply = transport
        .send(request(&server.url, "half", "body"))
        .await
        .unwrap();
    let error = reply.body.collect().await.unwrap_err();
    assert_eq!(
        (error.kind(), error.effect()),
        (ErrorKind::Timeout, Effect::Unknown),
        "{error}"
    );
    assert!(started.elapsed() < Duration::from_millis(2900));

    let mut patient = request(&server.url, "t", "body");
    patient.timeout = Some(Duration::from_secs(20));
    assert_eq!(text(transport.send(patient).await).await, "late");
}

#[tokio::test]
async fn answers_that_are_too_large() {
    let server = start(|_: &mut (), _| Said::chunked(&[b'.'; 5000])).await;
    let transport = with(HttpOptions::default().max_response_bytes(4999));
    let error = transport
        .send(request(&server.url, "t", "body"))
        .await
        .unwrap()
        .body
        .collect()
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::LimitExceeded, "{error}");
    let transport = with(HttpOptions::default().max_response_bytes(5000));
    assert_eq!(
        text(transport.send(request(&server.url, "t", "body")).await)
            .await
            .len(),
        5000
    );
}

#[tokio::test]
async fn announced_sizes_are_not_believed() {
    let server = start(|_: &mut (), _| {
        let bytes = b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999999\r\n\r\nshort".to_vec();
        Said {
            bytes,
            ..Said::new(200, &[], b"")
        }
        .closing()
    })
    .await;
    let reply = with(HttpOptions::default())
        .send(request(&server.url, "t", "body"))
        .await
        .unwrap();
    let error = reply.body.collect().await.unwrap_err();
    assert_eq!(
        (error.kind(), error.effect()),
        (ErrorKind::Connection, Effect::Unknown),
        "{error}"
    );
    assert!(error.to_string().contains("after 5 bytes"), "{error}");
}

#[cfg(feature = "simulator")]
#[tokio::test]
async fn gzip_is_read_limited_and_checked() {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(&vec![b'.'; 1_000_000]).unwrap();
    let bomb = encoder.finish().unwrap();
    let server = start(move |_: &mut (), seen: Seen| {
        assert!(seen.header("accept-encoding").unwrap().contains("gzip"));
        let mut body = bomb.clone();
        if seen.header("x-tag") == Some("spoilt") {
            body.truncate(200);
            body[20..].fill(0xff);
        }
        Said::new(200, &["Content-Encoding: gzip"], &body)
    })
    .await;
    let transport = with(HttpOptions::default());
    assert_eq!(
        text(transport.send(request(&server.url, "t", "body")).await)
            .await
            .len(),
        1_000_000
    );
    let reply = transport
        .send(request(&server.url, "spoilt", "body"))
        .await
        .unwrap();
    let error = reply.body.collect().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Protocol, "{error}");
    let small = with(HttpOptions::default().max_response_bytes(100_000));
    let error = small
        .send(request(&server.url, "t", "body"))
        .await
        .unwrap()
        .body
        .collect()
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::LimitExceeded, "{error}");
}

#[tokio::test]
async fn connections_that_do_not_come_about() {
    let transport = with(HttpOptions::default().proxy(crate::http::Proxy::Off));
    let closed = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let plain = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let tls_to_plain = format!("https://{}/", plain.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in plain.incoming() {
            let _ = stream
                .unwrap()
                .write_all(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");
        }
    });
    for (address, words, advice) in [
        (format!("http://localhost:{closed}/"), "refused", None),
        (
            "https://no-such-host.invalid/".to_owned(),
            "cannot be resolved",
            None,
        ),
        (tls_to_plain, "does not speak TLS", Some(RetryAdvice::Never)),
    ] {
        let url = Url::parse(&address).unwrap();
        let error = transport
            .send(request(&url, "t", "body"))
            .await
            .unwrap_err();
        assert_eq!(
            (error.kind(), error.effect()),
            (ErrorKind::Connection, Effect::None),
            "{error}"
        );
        assert!(error.to_string().contains(words), "{error}");
        if let Some(advice) = advice {
            assert_eq!(error.advice(), advice);
        }
    }
}

#[tokio::test]
async fn connections_that_break() {
    let server = start(|_: &mut (), _| {
        Said {
            bytes: Vec::new(),
            ..Said::new(200, &[], b"")
        }
        .closing()
    })
    .await;
    let error = with(HttpOptions::default())
        .send(request(&server.url, "t", "body"))
        .await
        .unwrap_err();
    assert_eq!(
        (error.kind(), error.effect()),
        (ErrorKind::Connection, Effect::Unknown),
        "{error}"
    );
}

#[tokio::test]
async fn redirects_are_not_followed() {
    let log = Arc::new(Mutex::new(0));
    let count = log.clone();
    let server = start(move |_: &mut (), seen: Seen| {
        *count.lock().unwrap() += 1;
        assert_eq!(seen.header("referer"), None);
        assert!(
            seen.header("user-agent")
                .unwrap()
                .starts_with("exchange-connector/")
        );
        Said::new(307, &["Location: /elsewhere"], b"")
    })
    .await;
    let reply = with(HttpOptions::default())
        .send(request(&server.url, "t", "body"))
        .await
        .unwrap();
    assert_eq!((reply.status, *log.lock().unwrap()), (307, 1));
}

#[test]
fn settings_that_cannot_be_used() {
    let transport = with(HttpOptions::default().user_agent("line\nbreak"));
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let url = Url::parse("http://localhost:1/").unwrap();
    let error = runtime
        .block_on(transport.send(request(&url, "t", "")))
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Configuration, "{error}");
}

#[tokio::test]
async fn an_ipv6_address() {
    let Ok(listener) = tokio::net::TcpListener::bind("[::1]:0").await else {
        println!("skipped: this machine has no IPv6");
        return;
    };
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        use tokio::io::{AsyncReadExt, AsyncWriteExt};
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut head = vec![0; 4096];
        let read = stream.read(&mut head).await.unwrap();
        let head = String::from_utf8_lossy(&head[..read]).to_ascii_lowercase();
        assert!(head.contains(&format!("host: [::1]:{port}\r\n")), "{head}");
        let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
        stream.write_all(answer).await.unwrap();
    });
    let url = Url::parse(&format!("http://[::1]:{port}/EWS/Exchange.asmx")).unwrap();
    let transport = with(HttpOptions::default());
    assert_eq!(
        text(transport.send(request(&url, "t", "")).await).await,
        "ok"
    );
    assert_eq!(transport.facts(&url).host, format!("[::1]:{port}"));
}
