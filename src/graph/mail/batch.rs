//! Requests about many messages, with one outcome for each.

use crate::calendar::Batch;
use crate::connector::Backend;
use crate::error::{Effect, Error, ErrorKind, Result};
use crate::graph::call::Call;
use crate::graph::client::{Answer, CALLS_PER_REQUEST};
use crate::graph::mailbox::GraphMailbox;
use crate::model::MessageId;

use super::lacks;

impl GraphMailbox {
    /// Sends what is to be done to each message, in as many requests as it takes.
    ///
    /// The outer error means that nothing was done.
    pub(super) async fn each(
        &self,
        ids: &[MessageId],
        operation: &'static str,
        call: impl Fn(&str) -> Result<Call> + Send + Sync,
    ) -> Result<Batch<(Call, Answer)>> {
        let calls: Vec<Result<Call>> = ids
            .iter()
            .map(|id| id.require(Backend::Graph, operation).and_then(&call))
            .collect();
        let sound: Vec<Call> = calls.iter().flatten().cloned().collect();
        let mut outcomes = self.outcomes(&sound).await?.into_iter();
        let taken = |call: Result<Call>| {
            let call = call?;
            let outcome = outcomes.next();
            let answer = outcome.unwrap_or_else(|| Err(lacks(operation, "part for a message")))?;
            Ok((call, answer))
        };
        Ok(calls.into_iter().map(taken).collect())
    }

    /// What came of each call. What fails after something was done is said of each of its calls.
    pub(super) async fn outcomes(&self, calls: &[Call]) -> Result<Vec<Result<Answer>>> {
        let mut outcomes: Vec<Result<Answer>> = Vec::with_capacity(calls.len());
        // What a server that stays busy is not asked any more.
        let mut given_up: Option<Error> = None;
        for piece in calls.chunks(CALLS_PER_REQUEST) {
            if let Some(busy) = &given_up {
                outcomes.extend(piece.iter().map(|_| Err(busy.again())));
                continue;
            }
            match self.client.batch(piece).await {
                Ok(answers) => outcomes.extend(answers),
                Err(error) if outcomes.is_empty() && error.effect() == Effect::None => {
                    return Err(error);
                }
                Err(error) => {
                    outcomes.extend(piece.iter().map(|_| Err(error.again())));
                    given_up = (error.kind() == ErrorKind::Throttled).then_some(error);
                }
            }
        }
        Ok(outcomes)
    }
}
