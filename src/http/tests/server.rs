//! HTTP/1.1 by hand: what a server sees and says is in the hands of the test.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpListener;
use url::Url;

/// A request as it arrived.
pub(super) struct Seen {
    headers: Vec<(String, String)>,
    pub(super) body: Vec<u8>,
}

impl Seen {
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }
}

/// The bytes to send, and what to do around that.
pub(super) struct Said {
    pub(super) bytes: Vec<u8>,
    pub(super) wait: Duration,
    pub(super) close: bool,
    /// Bytes nobody asked for, after a moment.
    pub(super) stray: Vec<u8>,
}

impl Said {
    pub(super) fn new(status: u16, headers: &[&str], body: &[u8]) -> Self {
        let mut head = format!("HTTP/1.1 {status} X\r\nContent-Length: {}\r\n", body.len());
        for header in headers {
            head.push_str(header);
            head.push_str("\r\n");
        }
        Self {
            bytes: [head.as_bytes(), b"\r\n", body].concat(),
            wait: Duration::ZERO,
            close: false,
            stray: Vec::new(),
        }
    }

    pub(super) fn chunked(body: &[u8]) -> Self {
        let mut bytes = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n".to_vec();
        for piece in body.chunks(700) {
            bytes.extend(format!("{:x}\r\n", piece.len()).as_bytes());
            bytes.extend(piece);
            bytes.extend(b"\r\n");
        }
        bytes.extend(b"0\r\n\r\n");
        Self {
            bytes,
            wait: Duration::ZERO,
            close: false,
            stray: Vec::new(),
        }
    }

    pub(super) fn closing(mut self) -> Self {
        self.close = true;
        self
    }

    pub(super) fn after(mut self, wait: Duration) -> Self {
        self.wait = wait;
        self
    }
}

/// How many times bytes nobody asked for were sent.
pub(super) static STRAYS: AtomicUsize = AtomicUsize::new(0);

/// Answers a request; `S` is what one connection remembers.
pub(super) trait Handler<S>: Fn(&mut S, Seen) -> Said + Send + Sync + 'static {}
impl<S, F: Fn(&mut S, Seen) -> Said + Send + Sync + 'static> Handler<S> for F {}

/// The URL and the number of connections so far.
pub(super) struct Running {
    pub(super) url: Url,
    connections: Arc<AtomicUsize>,
}

impl Running {
    #[cfg_attr(not(feature = "ntlm"), allow(dead_code))]
    pub(super) fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }
}

pub(super) async fn start<S: Default + Send + 'static>(handler: impl Handler<S>) -> Running {
    let (listener, running) = listen("http").await;
    let connections = running.connections.clone();
    let handler = Arc::new(handler);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            connections.fetch_add(1, Ordering::SeqCst);
            stream.set_nodelay(true).unwrap();
            tokio::spawn(serve(stream, handler.clone()));
        }
    });
    running
}

#[cfg(all(feature = "simulator", feature = "ntlm"))]
pub(super) async fn start_tls<S: Default + Send + 'static>(
    config: Arc<rustls::ServerConfig>,
    handler: impl Handler<S>,
) -> Running {
    let (listener, running) = listen("https").await;
    let connections = running.connections.clone();
    let handler = Arc::new(handler);
    let acceptor = tokio_rustls::TlsAcceptor::from(config);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let (acceptor, handler, connections) =
                (acceptor.clone(), handler.clone(), connections.clone());
            tokio::spawn(async move {
                if let Ok(stream) = acceptor.accept(stream).await {
                    connections.fetch_add(1, Ordering::SeqCst);
                    serve(stream, handler).await;
                }
            });
        }
    });
    running
}

async fn listen(scheme: &str) -> (TcpListener, Running) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let url = Url::parse(&format!("{scheme}://localhost:{port}/EWS/Exchange.asmx")).unwrap();
    (
        listener,
        Running {
            url,
            connections: Arc::default(),
        },
    )
}

async fn serve<S: Default>(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    handler: Arc<impl Handler<S>>,
) {
    let mut state = S::default();
    let mut buffer = Vec::new();
    while let Some(seen) = read(&mut stream, &mut buffer).await {
        let said = handler(&mut state, seen);
        if !said.wait.is_zero() {
            tokio::time::sleep(said.wait).await;
        }
        let stray = said.stray.clone();
        if stream.write_all(&said.bytes).await.is_err()
            || stream.flush().await.is_err()
            || said.close
        {
            break;
        }
        if !stray.is_empty() {
            tokio::time::sleep(Duration::from_millis(30)).await;
            let _ = stream.write_all(&stray).await;
            let _ = stream.flush().await;
            STRAYS.fetch_add(1, Ordering::SeqCst);
        }
    }
    let _ = stream.shutdown().await;
}

async fn read(stream: &mut (impl AsyncRead + Unpin), buffer: &mut Vec<u8>) -> Option<Seen> {
    let end = loop {
        if let Some(at) = buffer.windows(4).position(|window| window == b"\r\n\r\n") {
            break at;
        }
        if stream.read_buf(buffer).await.ok()? == 0 {
            return None;
        }
    };
    let head = String::from_utf8(buffer.drain(..end + 4).collect()).unwrap();
    assert!(
        head.starts_with("POST /EWS/Exchange.asmx HTTP/1.1\r\n"),
        "{head}"
    );
    let headers: Vec<(String, String)> = head
        .lines()
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    let mut seen = Seen {
        headers,
        body: Vec::new(),
    };
    let length: usize = seen
        .header("content-length")
        .map_or(0, |value| value.parse().unwrap());
    while buffer.len() < length {
        if stream.read_buf(buffer).await.ok()? == 0 {
            return None;
        }
    }
    seen.body = buffer.drain(..length).collect();
    Some(seen)
}
