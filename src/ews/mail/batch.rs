//! Requests about many messages: cut into pieces the server takes, with one outcome for each.

use crate::calendar::Batch;
use crate::connector::Backend;
use crate::error::{Effect, Error, ErrorKind, Result};
use crate::ews::fault::in_doubt;
use crate::ews::items::ITEMS_PER_REQUEST;
use crate::ews::mailbox::{EwsMailbox, lacks, of};
use crate::ews::operation::{Operation, ResponseMessage};
use crate::ews::types::ItemId;
use crate::model::MessageId;

impl EwsMailbox {
    /// Sends what is to be done to each message, in as many requests as it takes.
    ///
    /// The outer error means that nothing was done.
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
            if let Some(busy) = &given_up {
                for (position, _) in piece {
                    put(&mut outcomes, *position, Err(busy.again()));
                }
                continue;
            }
            let ids: Vec<ItemId> = piece.iter().map(|(_, id)| id.clone()).collect();
            let answers = match self.send(&request(&ids), called).await {
                Ok(answers) => answers,
                Err(error) if is_first && error.effect() == Effect::None => return Err(error),
                Err(error) => {
                    for (position, _) in piece {
                        put(&mut outcomes, *position, Err(error.again()));
                    }
                    given_up = (error.kind() == ErrorKind::Throttled).then_some(error);
                    continue;
                }
            };
            is_first = false;
            for ((position, _), answer) in piece.iter().zip(answers) {
                let outcome = of(answer, called).map_err(in_doubt::<O>);
                put(&mut outcomes, *position, outcome);
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
