//! One call as those see it who watch: the span, the observers and the recorder.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tracing::field::{Empty, display};
use tracing::{Instrument, Level, Span};

use super::{AttemptSummary, CallSummary, MailboxHash, Observer, Outcome, WaitReason, WaitSummary};
use crate::connector::Backend;
use crate::error::Error;
use crate::record::{Gathered, Recorder};
#[cfg(feature = "ews")]
use crate::stream::ByteStream;

/// Who watches the calls of a connector.
#[derive(Clone, Default)]
pub(crate) struct Watchers {
    observers: Vec<Arc<dyn Observer>>,
    recorder: Option<Arc<Recorder>>,
}

impl Watchers {
    pub(crate) fn add(&mut self, observer: Arc<dyn Observer>) {
        self.observers.push(observer);
    }

    pub(crate) fn record_to(&mut self, folder: PathBuf) {
        self.recorder = Some(Arc::new(Recorder::new(folder)));
    }

    /// A call begins. If nobody listens, neither this nor what follows costs anything.
    pub(crate) fn begin(
        self: &Arc<Self>,
        backend: Backend,
        operation: &'static str,
        mailbox: Option<MailboxHash>,
        version: Option<&'static str>,
    ) -> CallWatch {
        let span = tracing::debug_span!(
            "call",
            backend = %backend,
            operation,
            mailbox = mailbox.map(display),
            version,
            status = Empty,
            request_id = Empty,
            attempts = Empty,
            bytes_sent = Empty,
            bytes_received = Empty,
            waited_ms = Empty,
            duration_ms = Empty,
            outcome = Empty,
        );
        if self.observers.is_empty() && self.recorder.is_none() && span.is_disabled() {
            return CallWatch(Watch(None));
        }
        let summary = CallSummary {
            backend,
            operation,
            mailbox,
            version,
            status: None,
            request_id: None,
            attempts: 0,
            bytes_sent: 0,
            bytes_received: 0,
            waited: Duration::ZERO,
            duration: Duration::ZERO,
            outcome: Outcome::Abandoned,
        };
        CallWatch(Watch(Some(Arc::new(Watched {
            backend,
            watchers: self.clone(),
            span,
            started: Instant::now(),
            summary: Mutex::new(Some(summary)),
            upload: Mutex::default(),
        }))))
    }

    fn tell(&self, tell: impl Fn(&dyn Observer)) {
        for observer in &self.observers {
            // what an observer holds is its own; nothing of ours is left half done
            let told = catch_unwind(AssertUnwindSafe(|| tell(observer.as_ref())));
            if told.is_err() {
                tracing::error!("an observer of calls panicked");
            }
        }
    }
}

struct Watched {
    backend: Backend,
    watchers: Arc<Watchers>,
    span: Span,
    started: Instant,
    /// Until the end of the call.
    summary: Mutex<Option<CallSummary>>,
    /// The request, if it is recorded and was sent in pieces.
    upload: Mutex<Option<Gathered>>,
}

impl Watched {
    fn summary(&self) -> MutexGuard<'_, Option<CallSummary>> {
        self.summary.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The owner of a call. If it is dropped before the end, the call was abandoned.
#[derive(Default)]
pub(crate) struct CallWatch(Watch);

impl CallWatch {
    /// For whatever is done for this call.
    pub(crate) fn watch(&self) -> &Watch {
        &self.0
    }

    /// Runs what the whole call is.
    pub(crate) async fn follow<T>(
        self,
        call: impl Future<Output = Result<T, Error>>,
    ) -> Result<T, Error> {
        let result = call.instrument(self.0.span()).await;
        self.end(Outcome::of(&result));
        result
    }

    pub(crate) fn end(self, outcome: Outcome) {
        self.0.end(outcome);
    }
}

impl Drop for CallWatch {
    fn drop(&mut self) {
        self.0.end(Outcome::Abandoned);
    }
}

/// A call while it runs. Clones are the same call; the default watches nothing.
#[derive(Clone, Default)]
pub(crate) struct Watch(Option<Arc<Watched>>);

impl Watch {
    /// Nobody listens.
    pub(crate) fn is_idle(&self) -> bool {
        self.0.is_none()
    }

    /// What is done within it belongs to the call.
    pub(crate) fn span(&self) -> Span {
        self.0
            .as_ref()
            .map_or_else(Span::none, |watched| watched.span.clone())
    }

    /// The recorder, and the protocol of what it records.
    pub(crate) fn recorder(&self) -> Option<(&Arc<Recorder>, Backend)> {
        let watched = self.0.as_ref()?;
        Some((watched.watchers.recorder.as_ref()?, watched.backend))
    }

    /// The content of a request, which is seen by the recorder while it is sent.
    #[cfg(feature = "ews")]
    pub(crate) fn upload(&self, stream: ByteStream) -> ByteStream {
        if self.recorder().is_none() {
            return stream;
        }
        ByteStream::unfold((stream, self.clone()), |(mut stream, watch)| async {
            let piece = stream.try_next().await?;
            if let (Some(piece), Some(watched)) = (&piece, &watch.0) {
                let mut upload = watched
                    .upload
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner);
                upload.get_or_insert_default().push(piece);
            }
            Ok(piece.map(|piece| (piece, (stream, watch))))
        })
    }

    /// What was seen of it.
    pub(crate) fn take_upload(&self) -> Option<Gathered> {
        let upload = &self.0.as_ref()?.upload;
        upload.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// The call has waited.
    pub(crate) fn waited(&self, reason: WaitReason, duration: Duration) {
        let Some(watched) = &self.0 else { return };
        let wait = {
            let mut summary = watched.summary();
            let Some(summary) = summary.as_mut() else {
                return;
            };
            summary.waited += duration;
            WaitSummary {
                operation: summary.operation,
                mailbox: summary.mailbox,
                reason,
                duration,
            }
        };
        tracing::debug!(
            parent: &watched.span,
            operation = wait.operation,
            reason = %reason,
            milliseconds = milliseconds(duration),
            "waited"
        );
        watched.watchers.tell(|observer| observer.waited(&wait));
    }

    /// Another attempt; its number.
    pub(crate) fn begin_attempt(&self) -> u32 {
        let Some(watched) = &self.0 else { return 1 };
        let mut summary = watched.summary();
        let Some(summary) = summary.as_mut() else {
            return 1;
        };
        summary.attempts = summary.attempts.saturating_add(1);
        summary.attempts
    }

    pub(crate) fn attempt_ended(&self, mut attempt: AttemptSummary) {
        let Some(watched) = &self.0 else { return };
        if let Some(summary) = watched.summary().as_mut() {
            summary.status = attempt.status.or(summary.status);
            if attempt.request_id.is_some() {
                summary.request_id.clone_from(&attempt.request_id);
            }
            summary.bytes_sent += attempt.bytes_sent;
            summary.bytes_received += attempt.bytes_received;
            attempt.mailbox = summary.mailbox;
        }
        tracing::debug!(
            parent: &watched.span,
            operation = attempt.operation,
            attempt = attempt.number,
            host = %attempt.host,
            status = attempt.status,
            request_id = attempt.request_id,
            bytes_sent = attempt.bytes_sent,
            bytes_received = attempt.bytes_received,
            milliseconds = milliseconds(attempt.duration),
            outcome = %attempt.outcome,
            "attempt"
        );
        watched
            .watchers
            .tell(|observer| observer.attempt_ended(&attempt));
    }

    fn end(&self, outcome: Outcome) {
        let Some(watched) = &self.0 else { return };
        let Some(mut call) = watched.summary().take() else {
            return;
        };
        call.duration = watched.started.elapsed();
        call.outcome = outcome;
        if !watched.span.is_disabled() {
            show(&watched.span, &call);
        }
        watched.watchers.tell(|observer| observer.call_ended(&call));
    }
}

impl fmt::Debug for Watch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Watch")
            .field("is_idle", &self.is_idle())
            .finish_non_exhaustive()
    }
}

/// Fills the span, and writes its one event for those who see no spans.
fn show(span: &Span, call: &CallSummary) {
    if let Some(status) = call.status {
        span.record("status", status);
    }
    if let Some(id) = &call.request_id {
        span.record("request_id", id.as_str());
    }
    span.record("attempts", call.attempts);
    span.record("bytes_sent", call.bytes_sent);
    span.record("bytes_received", call.bytes_received);
    span.record("waited_ms", milliseconds(call.waited));
    span.record("duration_ms", milliseconds(call.duration));
    span.record("outcome", display(call.outcome));
    tracing::event!(
        parent: span,
        Level::DEBUG,
        operation = call.operation,
        mailbox = call.mailbox.map(display),
        version = call.version,
        status = call.status,
        request_id = call.request_id,
        attempts = call.attempts,
        bytes_sent = call.bytes_sent,
        bytes_received = call.bytes_received,
        waited_ms = milliseconds(call.waited),
        milliseconds = milliseconds(call.duration),
        outcome = %call.outcome,
        "call"
    );
}

pub(crate) fn milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Deaf;

    impl Observer for Deaf {}

    fn call(watchers: &Arc<Watchers>) -> u64 {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .unwrap();
        let mailbox = MailboxHash::of("alice@example.test");
        let ready = || async { Ok::<_, Error>(()) };
        let one = || {
            let call = watchers.begin(Backend::Ews, "GetItem", Some(mailbox), Some("Exchange2016"));
            let watch = call.watch().clone();
            watch.begin_attempt();
            watch.waited(WaitReason::Turn, Duration::from_secs(1));
            runtime.block_on(call.follow(ready())).unwrap();
        };
        one();
        let empty = allocation_counter::measure(|| runtime.block_on(ready()).unwrap());
        let took = allocation_counter::measure(one);
        took.count_total - empty.count_total
    }

    #[test]
    fn what_nobody_hears_costs_nothing() {
        tracing::subscriber::with_default(tracing::subscriber::NoSubscriber::default(), || {
            assert_eq!(call(&Arc::default()), 0);
            // So that it is seen to be measured at all.
            let mut watchers = Watchers::default();
            watchers.add(Arc::new(Deaf));
            let heard = call(&Arc::new(watchers));
            assert!((1..10).contains(&heard), "{heard}");
        });
    }
}
