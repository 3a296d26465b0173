//! Never twice: messages that are found again by the key they were sent with.
//!
//! The key is a property of the draft, so it is on the copy too. What keeps two calls with one key
//! apart is the server: it sends a draft once, and removes it once. A call sends a draft only after
//! it has looked for others with its key, later than its own was whole, and has removed those it
//! found; if one of these was gone already, it may have been sent, so the call looks again. Of two
//! drafts therefore one at most is ever sent, whoever makes them and wherever a call breaks off.
//!
//! A draft of the caller's is not such a one: it has its key in another property, is never removed,
//! and is not sent where another draft has its key.

use std::future::Future;
use std::time::Duration;

use async_trait::async_trait;
use uuid::Uuid;

use crate::connector::Backend;
use crate::error::{Effect, Error, ErrorKind, Result};
use crate::model::{MessageId, SendReceipt};
use crate::retry::Attempts;

/// How often a call that meets others with its key looks again.
const ROUNDS: u32 = 8;

/// What a backend does with drafts that have a key.
#[async_trait]
pub(crate) trait Outgoing: Sync {
    /// What names a draft in the state in which it was read.
    type Draft: Clone + Send + Sync;

    fn backend(&self) -> Backend;

    fn operation(&self) -> &'static str;

    /// Attempts at finding out what became of a change.
    fn lookups(&self) -> Attempts;

    fn id(&self, draft: &Self::Draft) -> MessageId;

    /// Looks where a message with the key can be, in the order in which it goes from one place to
    /// the next, so that it is not missed on its way.
    async fn sent_or_saved(&self) -> Result<Found<Self::Draft>>;

    /// Sends a draft, in the state its id says. Of several calls at the same time for the same
    /// state one is served.
    async fn send_saved(&self, draft: &Self::Draft) -> Result<()>;

    /// Puts a draft aside that is not wanted, so that nobody can send it by its id any more; whether
    /// it was there. Where that can be, a person can take back what they copied to write another
    /// message with.
    async fn put_aside(&self, draft: &Self::Draft) -> Result<bool>;

    /// Takes a draft away again that the server did not send. If it is gone by then, nobody knows
    /// whether it was sent after all.
    async fn retract_unsent(&self, draft: &Self::Draft, error: Error) -> Error;
}

/// A message with a key.
#[derive(Clone, Debug)]
pub(crate) struct Keyed<D> {
    pub(crate) draft: D,
    pub(crate) message_id: Option<String>,
    /// Something is still to be attached to it.
    pub(crate) is_unfinished: bool,
    /// It is a draft of the caller's, not made to be sent with this key.
    pub(crate) is_stored: bool,
}

/// All messages with a key.
#[derive(Debug)]
pub(crate) struct Found<D> {
    pub(crate) sent: Option<Keyed<D>>,
    /// The oldest first.
    pub(crate) drafts: Vec<Keyed<D>>,
}

impl<D> Default for Found<D> {
    fn default() -> Self {
        Self {
            sent: None,
            drafts: Vec::new(),
        }
    }
}

/// Sends the message with a key: the one that is there already, whoever made it, else the one that
/// `build` saves with that key among the drafts. Nothing is sent if it was before.
pub(crate) async fn send_once<O: Outgoing>(
    outgoing: &O,
    is_tracked: bool,
    build: impl Future<Output = Result<()>> + Send,
) -> Result<SendReceipt> {
    let once = Once {
        outgoing,
        is_tracked,
    };
    once.send(build).await
}

/// Sends a draft that is there, once, and nothing if a message was sent with its key before.
/// `ready` gives it its key, and returns the state to send.
pub(crate) async fn send_draft_once<O, F>(
    outgoing: &O,
    is_tracked: bool,
    ready: impl Fn() -> F + Send + Sync,
) -> Result<SendReceipt>
where
    O: Outgoing,
    F: Future<Output = Result<(O::Draft, Option<String>)>> + Send,
{
    let once = Once {
        outgoing,
        is_tracked,
    };
    once.send_draft(ready).await
}

/// Makes a call with a key again while it broke off before it did the last thing, and can be repeated.
pub(crate) async fn until_finished<T, F>(
    mut looks: Attempts,
    is_unfinished: fn(&Error) -> bool,
    call: impl Fn() -> F + Send + Sync,
) -> Result<T>
where
    F: Future<Output = Result<T>> + Send,
{
    loop {
        match call().await {
            Err(error) if is_unfinished(&error) => looks.look_again(error).await?,
            done => return done,
        }
    }
}

/// A send that must not happen twice.
struct Once<'a, O> {
    outgoing: &'a O,
    /// Whether the `Message-ID` is wanted.
    is_tracked: bool,
}

impl<O: Outgoing> Once<'_, O> {
    async fn send(&self, build: impl Future<Output = Result<()>> + Send) -> Result<SendReceipt> {
        let mut build = Some(build);
        // A draft with the key was there and went: it may have been sent.
        let mut is_gone = false;
        // A draft was sent, and the answer was lost.
        let mut lost: Option<Error> = None;
        let mut looks = self.outgoing.lookups();
        for round in 0..ROUNDS {
            let found = self.outgoing.sent_or_saved().await;
            let found = found.map_err(|error| so_far(error, is_gone))?;
            if let Some(sent) = found.sent {
                self.clear(&found.drafts).await;
                return Ok(self.known(sent));
            }
            if found.drafts.iter().any(|one| one.is_stored) {
                return Err(so_far(self.taken(), is_gone));
            }
            let (unfinished, mut whole): (Vec<_>, Vec<_>) =
                found.drafts.into_iter().partition(|one| one.is_unfinished);
            if whole.is_empty() {
                if let Some(error) = &lost {
                    // The copy may come a little later.
                    looks.look_again(error.again()).await?;
                    continue;
                }
                match build.take() {
                    Some(build) if !is_gone => build.await.map_err(not_sent)?,
                    _ => return Err(self.vanished()),
                }
                continue;
            }
            let draft = whole.remove(0);
            let removed = self.remove(&whole).await;
            if removed.map_err(|error| so_far(error, is_gone))? {
                match self.outgoing.send_saved(&draft.draft).await {
                    Ok(()) => {
                        self.clear(&unfinished).await;
                        return Ok(receipt(draft.message_id.filter(|_| self.is_tracked)));
                    }
                    Err(error) if is_overtaken(&error) => {}
                    Err(error) if error.effect() == Effect::Unknown => {
                        let error = self.refused(&draft, error).await;
                        lost = Some(error.again());
                        is_gone = true;
                        looks.look_again(error).await?;
                        continue;
                    }
                    Err(error) => {
                        let refused = self.refused(&draft, error).await;
                        return Err(match is_gone {
                            true => refused.with_effect(Effect::Unknown),
                            false => refused,
                        });
                    }
                }
            }
            is_gone = true;
            pause(round).await;
        }
        Err(lost.unwrap_or_else(|| self.crowded()))
    }

    async fn send_draft<F>(&self, ready: impl Fn() -> F + Send + Sync) -> Result<SendReceipt>
    where
        F: Future<Output = Result<(O::Draft, Option<String>)>> + Send,
    {
        let mut was_tried = false;
        let mut looks = self.outgoing.lookups();
        for round in 0..ROUNDS {
            let found = self.outgoing.sent_or_saved().await;
            let found = found.map_err(|error| so_far(error, was_tried))?;
            if let Some(sent) = found.sent {
                return Ok(self.known(sent));
            }
            let (draft, message_id) = match ready().await {
                Ok(ready) => ready,
                Err(error)
                    if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::InvalidState) =>
                {
                    let found = self.outgoing.sent_or_saved().await;
                    return match found.map_err(|error| so_far(error, was_tried))?.sent {
                        Some(sent) => Ok(self.known(sent)),
                        None if was_tried => Err(self.vanished()),
                        None => Err(error),
                    };
                }
                Err(error) => return Err(so_far(error, was_tried)),
            };
            let found = self.outgoing.sent_or_saved().await;
            let found = found.map_err(|error| so_far(error, was_tried))?;
            if let Some(sent) = found.sent {
                return Ok(self.known(sent));
            }
            let own = self.outgoing.id(&draft);
            let is_other = |other: &Keyed<O::Draft>| self.outgoing.id(&other.draft) != own;
            if found.drafts.iter().any(is_other) {
                return Err(so_far(self.taken(), was_tried));
            }
            match self.outgoing.send_saved(&draft).await {
                Ok(()) => return Ok(receipt(message_id)),
                Err(error) if is_overtaken(&error) => was_tried = true,
                Err(error) if error.effect() == Effect::Unknown => {
                    was_tried = true;
                    looks.look_again(error).await?;
                    continue;
                }
                Err(error) => return Err(so_far(error, was_tried)),
            }
            pause(round).await;
        }
        Err(self.crowded())
    }

    /// Removes drafts; whether each was there. One that was not may have been sent.
    async fn remove(&self, drafts: &[Keyed<O::Draft>]) -> Result<bool> {
        for (removed_before, draft) in drafts.iter().enumerate() {
            match self.outgoing.put_aside(&draft.draft).await {
                Ok(true) => {}
                Ok(false) => return Ok(false),
                Err(error) if removed_before > 0 && error.effect() == Effect::None => {
                    return Err(error.with_effect(Effect::Partial));
                }
                Err(error) => return Err(error),
            }
        }
        Ok(true)
    }

    /// Removes what is left of a message that was sent; that it is, counts for more than these.
    async fn clear(&self, drafts: &[Keyed<O::Draft>]) {
        for draft in drafts {
            if let Err(error) = self.outgoing.put_aside(&draft.draft).await {
                tracing::warn!(%error, "a second draft of a message that was sent is left");
            }
        }
    }

    /// What to do with a draft that the server does not send: it is kept if the same call can send
    /// it later, or if it may have been sent.
    async fn refused(&self, draft: &Keyed<O::Draft>, error: Error) -> Error {
        match (error.effect(), error.retry_after()) {
            (Effect::None, None) => self.outgoing.retract_unsent(&draft.draft, error).await,
            (Effect::None, Some(_)) => {
                let hint = "Nothing was sent yet. The draft is kept: the same call with the same key sends it.";
                error.with_effect(Effect::Partial).with_hint(hint)
            }
            _ => error.with_hint(
                "Whether it was sent is not known. The same call with the same key finds it, and sends it if it was not.",
            ),
        }
    }

    /// What is known of a message that was sent before.
    fn known(&self, sent: Keyed<O::Draft>) -> SendReceipt {
        let id = self.outgoing.id(&sent.draft);
        receipt(sent.message_id.filter(|_| self.is_tracked)).message_id(id)
    }

    /// Another draft has the key.
    fn taken(&self) -> Error {
        let problem = "another draft that is not sent yet has this key";
        self.conflict(problem)
            .with_hint("Send or delete that draft, or use a key of its own for each message.")
    }

    fn vanished(&self) -> Error {
        let problem = "the draft with this key is gone, and no copy of it is there: it was sent, or somebody removed it";
        self.conflict(problem)
            .with_effect(Effect::Unknown)
            .with_hint("Look whether it was sent. The same call with the same key sends it once more, unless a copy is found by then.")
    }

    fn crowded(&self) -> Error {
        let problem = "other calls with the same key are at work";
        self.conflict(problem)
            .with_effect(Effect::Unknown)
            .with_hint("The same call with the same key finds what came of it.")
    }

    fn conflict(&self, problem: &'static str) -> Error {
        let operation = self.outgoing.operation();
        Error::new(ErrorKind::Conflict, operation, problem).with_backend(self.outgoing.backend())
    }
}

/// Whether somebody else sent, changed or removed the draft first. That the folder for the copy is
/// not there is not that.
fn is_overtaken(error: &Error) -> bool {
    let is_of_item = match error.kind() {
        ErrorKind::NotFound => error.code().is_none_or(|code| !code.contains("Folder")),
        kind => kind == ErrorKind::Conflict,
    };
    error.effect() == Effect::None && is_of_item
}

/// Whether the way broke off before anything was sent: at worst a draft is left, which the same call
/// finds.
pub(crate) fn is_unsent(error: &Error) -> bool {
    error.effect() == Effect::Partial && is_broken_off(error)
}

/// Whether the way broke off, and a draft with the key may be there.
pub(crate) fn is_unsaved(error: &Error) -> bool {
    error.effect() != Effect::None && is_broken_off(error)
}

fn is_broken_off(error: &Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::Connection
            | ErrorKind::Internal
            | ErrorKind::MailboxUnavailable
            | ErrorKind::Protocol
            | ErrorKind::Timeout
            | ErrorKind::Unavailable
    )
}

/// What is known when a look fails, or a removal: nothing was sent by this call, unless a draft it
/// wanted to send had gone.
fn so_far(error: Error, is_gone: bool) -> Error {
    match (error.effect(), is_gone) {
        (_, true) => error.with_effect(Effect::Unknown),
        (Effect::Unknown, false) => not_sent(error),
        _ => error,
    }
}

/// A failure before anything was sent: at worst a draft is left.
pub(crate) fn not_sent(error: Error) -> Error {
    if error.effect() != Effect::Unknown {
        return error;
    }
    error
        .with_effect(Effect::Partial)
        .with_hint("Nothing was sent by this call, but a draft may have been left in the mailbox: the call can be repeated.")
}

/// What is known of a message that was just sent.
pub(crate) fn receipt(message_id: Option<String>) -> SendReceipt {
    let receipt = SendReceipt::new();
    match message_id {
        Some(id) => receipt.internet_message_id(id),
        None => receipt,
    }
}

/// A message for nobody.
pub(crate) fn nobody(operation: &'static str) -> Error {
    let problem = "the message has no recipient";
    Error::new(ErrorKind::RecipientRejected, operation, problem)
        .with_hint("Name somebody to send it to.")
}

/// Lets others finish: longer each time, and not the same for all.
async fn pause(round: u32) {
    let (_, random, ..) = Uuid::new_v4().as_fields();
    let milliseconds = (10_u64 << round) + u64::from(random % 16);
    tokio::time::sleep(Duration::from_millis(milliseconds)).await;
}
