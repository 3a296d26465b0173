//! Bytes nobody asked for are never taken for the answer to the next request.

use std::sync::atomic::Ordering::SeqCst;
use std::time::Duration;

use super::server::{STRAYS, Said, Seen, start};
use super::*;

fn echo(seen: &Seen) -> Said {
    Said::new(200, &[], seen.header("x-tag").unwrap().as_bytes())
}

#[tokio::test]
async fn a_second_answer_in_one_go() {
    let server = start(|_: &mut (), seen: Seen| {
        let mut said = echo(&seen);
        said.bytes.extend(Said::new(200, &[], b"stray").bytes);
        said
    })
    .await;
    let transport = client(jdoe(), "basic");
    for number in 0..30 {
        let tag = format!("c{number}");
        assert_eq!(
            text(transport.send(request(&server.url, &tag, "body")).await).await,
            tag
        );
    }
    assert_eq!(server.connections(), 30, "none is used again");
}

#[tokio::test]
async fn more_than_was_announced() {
    let server = start(|_: &mut (), seen: Seen| {
        let mut said = echo(&seen);
        said.bytes.extend(b"<more/>");
        said
    })
    .await;
    let transport = client(jdoe(), "basic");
    for tag in ["one", "two", "three"] {
        assert_eq!(
            text(transport.send(request(&server.url, tag, "body")).await).await,
            tag
        );
    }
}

#[tokio::test]
async fn a_second_answer_later() {
    let server = start(|_: &mut (), seen: Seen| {
        let mut said = echo(&seen);
        said.stray = Said::new(200, &[], b"stray").bytes;
        said
    })
    .await;
    let transport = client(jdoe(), "basic");
    for number in 0..5 {
        let before = STRAYS.load(SeqCst);
        let tag = format!("c{number}");
        assert_eq!(
            text(transport.send(request(&server.url, &tag, "body")).await).await,
            tag
        );
        while STRAYS.load(SeqCst) == before {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
    assert_eq!(server.connections(), 5);
}

#[cfg(feature = "ntlm")]
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_lane_with_bytes_left_over() {
    use super::acceptor::Acceptor;

    let acceptor = Arc::new(Acceptor {
        stray: true,
        ..Acceptor::new()
    });
    let server = start(acceptor.handler()).await;
    let transport = client(jdoe(), "ntlm");
    for number in 0..12 {
        let tag = format!("c{number}");
        let answer = text(transport.send(request(&server.url, &tag, "body")).await).await;
        assert!(answer.starts_with(&format!("{tag}|4|")), "{answer}");
    }
    assert_eq!(acceptor.most_logons.load(SeqCst), 1);
    assert_eq!(acceptor.answers.load(SeqCst), 12);
    assert_eq!(server.connections(), 12, "none is used again");
}
