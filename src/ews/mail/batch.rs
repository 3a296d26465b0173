//! Requests about many messages: cut into pieces the server takes, with one outcome for each.

use std::time::Duration;

use crate::calendar::Batch;
use crate::connector::Backend;
use crate::error::{Effect, Error, ErrorKind, Result, RetryAdvice};
use crate::ews::ResponseCode;
use crate::ews::fault::in_doubt;
use crate::ews::items::ITEMS_PER_REQUEST;
use crate::ews::mailbox::{EwsMailbox, lacks, of};
use crate::ews::operation::{Operation, ResponseMessage};
use crate::ews::types::ItemId;
use crate::model::MessageId;

/// How often an item is sent again that the server had no time for.
const REPEATS: u32 = 3;

/// A server that wants a longer rest than this is not waited for.
const LONGEST_WAIT: Duration = Duration::from_secs(30);

impl EwsMailbox {
    /// Sends what is to be done to each message, in as many requests as it takes.
    ///
    /// What the server did not come to, because it stopped in the middle of a batch, is sent once
    /// more; what it refused because it was busy is sent again after the wait it asked for, a few
    /// times, without the rest. The outer error means that nothing was done.
    pub(super) async fn each<O, T>(
        &self,
        ids: &[MessageId],
        called: &'static str,
        request: impl Fn(&[ItemId]) -> O + Send + Sync,
    ) -> Result<Batch<T>>
    where
        O: Operation<Response = Vec<ResponseMessage<T>>>,
        T: Send,
    {
        let mut outcomes: Vec<Option<Result<T>>> = Vec::with_capacity(ids.len());
        let mut open = Vec::with_capacity(ids.len());
        for (position, id) in ids.iter().enumerate() {
            match id.require(Backend::Ews, called) {
                Ok(raw) => {
                    open.push((position, ItemId::new(raw)));
                    outcomes.push(None);
                }
                Err(error) => outcomes.push(Some(Err(error))),
            }
        }
        let mut is_first = true;
        // What a server that stays busy is not asked any more.
        let mut given_up: Option<Error> = None;
        for piece in open.chunks(ITEMS_PER_REQUEST as usize) {
            let mut left = piece.to_vec();
            if let Some(busy) = &given_up {
                for (position, _) in left {
                    put(&mut outcomes, position, Err(busy.again()));
                }
                continue;
            }
            for repeat in 0..=REPEATS {
                let ids: Vec<ItemId> = left.iter().map(|(_, id)| id.clone()).collect();
                let sent = self.send(&request(&ids), called).await;
                let answers = match sent.map_err(in_doubt::<O>) {
                    Ok(answers) => answers,
                    Err(error) if repeat < REPEATS && wait_for(&error).is_some() => {
                        tokio::time::sleep(wait_for(&error).unwrap_or_default()).await;
                        continue;
                    }
                    Err(error) if is_first && error.effect() == Effect::None => return Err(error),
                    Err(error) => {
                        for (position, _) in left.drain(..) {
                            put(&mut outcomes, position, Err(error.again()));
                        }
                        given_up = (error.kind() == ErrorKind::Throttled).then_some(error);
                        break;
                    }
                };
                is_first = false;
                let mut again = Vec::new();
                let mut wait = Duration::ZERO;
                for (one, answer) in left.into_iter().zip(answers) {
                    let is_stopped = answer.code == Some(ResponseCode::ErrorBatchProcessingStopped);
                    let outcome = of(answer, called).map_err(in_doubt::<O>);
                    let rest = match &outcome {
                        Err(_) if is_stopped => (repeat == 0).then_some(Duration::ZERO),
                        Err(error) if repeat < REPEATS => wait_for(error),
                        _ => None,
                    };
                    match rest {
                        Some(rest) => {
                            wait = wait.max(rest);
                            again.push(one);
                        }
                        None => put(&mut outcomes, one.0, outcome),
                    }
                }
                left = again;
                if left.is_empty() {
                    break;
                }
                tokio::time::sleep(wait).await;
            }
        }
        let missing = || Err(lacks(called, "answer"));
        let outcomes = outcomes.into_iter();
        Ok(outcomes.map(|one| one.unwrap_or_else(missing)).collect())
    }
}

fn put<T>(outcomes: &mut [Option<Result<T>>], position: usize, outcome: Result<T>) {
    if let Some(slot) = outcomes.get_mut(position) {
        *slot = Some(outcome);
    }
}

/// How long a busy server wants to be left alone, if that is not too long to wait.
fn wait_for(error: &Error) -> Option<Duration> {
    match (error.kind(), error.advice()) {
        (ErrorKind::Throttled, RetryAdvice::After(wait))
            if wait <= LONGEST_WAIT && error.effect() == Effect::None =>
        {
            Some(wait)
        }
        _ => None,
    }
}
