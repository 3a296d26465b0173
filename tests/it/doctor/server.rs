//! A server that does as it is told, with or without TLS.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_rustls::rustls::crypto::ring::default_provider;
use tokio_rustls::rustls::{ClientConfig, RootCertStore, ServerConfig};
use tokio_rustls::{TlsAcceptor, TlsConnector};

/// Listens on loopback until it is dropped.
pub(super) struct Server {
    pub(super) address: SocketAddr,
    task: JoinHandle<()>,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// What is done to somebody who connects.
#[derive(Clone)]
pub(super) enum Script {
    /// Nothing, for ever.
    Silence,
    /// These bytes are sent at once, whatever was said, and the connection is closed.
    Says(&'static [u8]),
    /// These bytes are sent when something was said, and the connection is closed.
    Answers(Vec<u8>),
    /// Each HTTP request gets this answer.
    Http(String),
    /// The first HTTP request gets this answer; to any other the connection is closed.
    First(&'static str),
}

impl Server {
    pub(super) async fn start(script: Script) -> Self {
        Self::with(None, script).await
    }

    pub(super) async fn tls(config: ServerConfig, script: Script) -> Self {
        Self::with(Some(TlsAcceptor::from(Arc::new(config))), script).await
    }

    async fn with(tls: Option<TlsAcceptor>, script: Script) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let answered = Arc::new(AtomicBool::new(false));
        let task = tokio::spawn(async move {
            loop {
                let Ok((stream, _)) = listener.accept().await else {
                    continue;
                };
                let answered = answered.clone();
                let (tls, script) = (tls.clone(), script.clone());
                tokio::spawn(serve(stream, tls, script, answered));
            }
        });
        Self { address, task }
    }

    pub(super) fn url(&self, scheme: &str) -> String {
        format!("{scheme}://{}/EWS/Exchange.asmx", self.address)
    }
}

/// Opens TLS with a certificate of its own and closes it again towards the server behind, as some
/// firewalls do. It lives as long as the answer.
pub(super) async fn opens_tls(
    front: ServerConfig,
    behind: SocketAddr,
    roots: RootCertStore,
) -> Server {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let client = ClientConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let (front, back) = (
        TlsAcceptor::from(Arc::new(front)),
        TlsConnector::from(Arc::new(client)),
    );
    let task = tokio::spawn(async move {
        loop {
            let Ok((stream, _)) = listener.accept().await else {
                continue;
            };
            let (front, back) = (front.clone(), back.clone());
            tokio::spawn(async move {
                let mut near = front.accept(stream).await.ok()?;
                let far = TcpStream::connect(behind).await.ok()?;
                let mut far = back.connect(behind.ip().into(), far).await.ok()?;
                tokio::io::copy_bidirectional(&mut near, &mut far)
                    .await
                    .ok()
            });
        }
    });
    Server { address, task }
}

async fn serve(
    stream: TcpStream,
    tls: Option<TlsAcceptor>,
    script: Script,
    answered: Arc<AtomicBool>,
) {
    match tls {
        Some(tls) => {
            match tls.accept(stream).into_fallible().await {
                Ok(stream) => play(stream, script, &answered).await,
                // Closed with something unread, the connection would take the alert with it.
                Err((_, mut stream)) => {
                    let mut rest = Vec::new();
                    let _ = stream.read_to_end(&mut rest).await;
                }
            }
        }
        None => play(stream, script, &answered).await,
    }
}

async fn play(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    script: Script,
    answered: &AtomicBool,
) {
    match script {
        Script::Silence => std::future::pending().await,
        Script::Says(bytes) => {
            let _ = stream.write_all(bytes).await;
            let _ = stream.flush().await;
            // What the other side said is read, or its end would be a reset.
            let _ = stream.read(&mut [0; 4096]).await;
        }
        Script::Answers(bytes) => {
            let _ = stream.read(&mut [0; 4096]).await;
            let _ = stream.write_all(&bytes).await;
            let _ = stream.flush().await;
        }
        Script::First(answer) => {
            while request(&mut stream).await.is_some() && !answered.swap(true, Ordering::SeqCst) {
                let _ = stream.write_all(answer.as_bytes()).await;
                let _ = stream.flush().await;
            }
        }
        Script::Http(answer) => {
            while request(&mut stream).await.is_some() {
                if stream.write_all(answer.as_bytes()).await.is_err()
                    || stream.flush().await.is_err()
                {
                    return;
                }
            }
        }
    }
}

/// Reads one request to its end.
async fn request(stream: &mut (impl AsyncRead + Unpin)) -> Option<()> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.ok()?);
    }
    let head = String::from_utf8_lossy(&head).to_ascii_lowercase();
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length:"))
        .map_or(0, |length| length.trim().parse().unwrap());
    stream.read_exact(&mut vec![0; length]).await.ok()?;
    Some(())
}

/// An HTTP answer.
pub(super) fn http(status: &str, headers: &[(&str, &str)], body: &str) -> Script {
    let mut answer = format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\n", body.len());
    for (name, value) in headers {
        answer += &format!("{name}: {value}\r\n");
    }
    Script::Http(format!("{answer}\r\n{body}"))
}
