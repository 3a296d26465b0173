//! A gate before the connector of one lane's client.
//!
//! hyper-util opens a new connection when a request comes before the old connection has returned to
//! the pool, and that one would not be authenticated. The gate lets exactly one connection through
//! for each logon; refusing all others is also the proof that nothing was sent.

use std::error::Error as StdError;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use tower_layer::Layer;
use tower_service::Service;

/// Open for one connection, or closed.
#[derive(Debug, Default)]
pub(super) struct Gate {
    open: AtomicBool,
}

impl Gate {
    /// Lets the next connection through, once.
    pub(super) fn open_once(&self) {
        self.open.store(true, Ordering::SeqCst);
    }

    pub(super) fn close(&self) {
        self.open.store(false, Ordering::SeqCst);
    }

    fn pass(&self) -> bool {
        self.open.swap(false, Ordering::SeqCst)
    }
}

/// The lane's connection is gone and the gate was closed: nothing was sent.
#[derive(Debug)]
pub(super) struct GateClosed;

impl fmt::Display for GateClosed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the authenticated connection was closed")
    }
}

impl StdError for GateClosed {}

#[derive(Clone, Debug)]
pub(super) struct GateLayer {
    pub(super) gate: Arc<Gate>,
    /// How long a drained connection may take to return to the pool. It is a matter of scheduling,
    /// not of the network. A connection closed by the server costs this once.
    pub(super) patience: Duration,
}

impl<S> Layer<S> for GateLayer {
    type Service = Gated<S>;

    fn layer(&self, inner: S) -> Gated<S> {
        Gated {
            inner,
            gate: self.gate.clone(),
            patience: self.patience,
        }
    }
}

#[derive(Clone, Debug)]
pub(super) struct Gated<S> {
    inner: S,
    gate: Arc<Gate>,
    patience: Duration,
}

type BoxError = Box<dyn StdError + Send + Sync>;

impl<S, R> Service<R> for Gated<S>
where
    S: Service<R, Error = BoxError>,
    S::Future: Send + 'static,
    S::Response: 'static,
{
    type Response = S::Response;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<S::Response, BoxError>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: R) -> Self::Future {
        if self.gate.pass() {
            return Box::pin(self.inner.call(request));
        }
        let patience = self.patience;
        Box::pin(async move {
            // the client waits at the same time for the old connection to return: give it time
            tokio::time::sleep(patience).await;
            Err(BoxError::from(GateClosed))
        })
    }
}
