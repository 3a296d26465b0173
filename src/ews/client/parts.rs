//! The parts of a request, of which a busy server may refuse some.

use super::of_ews;
use crate::error::{Effect, Error, ErrorKind, Result, RetryAdvice};
use crate::ews::ResponseCode;
use crate::ews::fault::in_doubt;
use crate::ews::operation::{Operation, Refusal, Response};
use crate::retry::Attempts;

/// What was asked, what was answered, and what of it is asked for again.
pub(super) struct Parts<'o, O: Operation> {
    whole: &'o O,
    /// The part of the request that is sent next, if it is not the whole.
    narrowed: Option<O>,
    /// Where in the whole the parts of the next answer belong.
    open: Vec<usize>,
    answer: Option<O::Response>,
    /// The last thing that came is in the answer.
    is_answered: bool,
}

impl<'o, O: Operation> Parts<'o, O> {
    pub(super) fn of(operation: &'o O) -> Self {
        Self {
            whole: operation,
            narrowed: None,
            open: Vec::new(),
            answer: None,
            is_answered: false,
        }
    }

    /// An attempt begins: what becomes of it is not in the answer yet.
    pub(super) fn begin(&mut self) {
        self.is_answered = false;
    }

    /// What is to be sent.
    pub(super) fn request(&self) -> &O {
        self.narrowed.as_ref().unwrap_or(self.whole)
    }

    /// Takes an answer. If parts of it are to be asked for again: why.
    pub(super) fn take(&mut self, fresh: O::Response, attempts: &Attempts) -> Option<Error> {
        match &mut self.answer {
            Some(answer) if self.narrowed.is_some() => answer.put(&self.open, fresh),
            answer => {
                self.open = (0..fresh.parts()).collect();
                *answer = Some(fresh);
            }
        }
        self.is_answered = true;
        let answer = self.answer.as_ref()?;
        let mut why: Option<Error> = None;
        let mut again = Vec::new();
        for (position, refusal) in answer.refusals() {
            if !self.open.contains(&position) {
                continue;
            }
            let error = refused::<O>(refusal);
            if !attempts.would_repeat(&error) {
                continue;
            }
            again.push(position);
            if why.as_ref().is_none_or(|known| rank(known) < rank(&error)) {
                why = Some(error);
            }
        }
        if again.is_empty() {
            return None;
        }
        if again.len() < self.whole_parts() {
            self.narrowed = Some(self.whole.narrowed(&again)?);
        }
        self.open = again;
        why
    }

    /// The answer, with what was refused to the end.
    pub(super) fn answer(self) -> Result<O::Response> {
        self.answer.ok_or_else(|| {
            let error = Error::new(ErrorKind::Internal, O::NAME, "there is no answer");
            of_ews(error)
        })
    }

    /// The outcome when nothing is sent any more: the error of the last attempt, or the answer if
    /// that has it, or was about a part.
    pub(super) fn given_up(self, error: Error) -> Result<O::Response> {
        let is_whole = self.open.len() == self.whole_parts();
        match self.answer {
            Some(answer) if self.is_answered => Ok(answer),
            Some(mut answer) if !is_whole => {
                if error.effect() != Effect::None {
                    answer.lose(&self.open, error.message());
                }
                Ok(answer)
            }
            _ => Err(error),
        }
    }

    fn whole_parts(&self) -> usize {
        self.answer.as_ref().map_or(0, Response::parts)
    }
}

/// The error for one part.
fn refused<O: Operation>(refusal: Refusal) -> Error {
    let is_stopped = refusal.code == Some(ResponseCode::ErrorBatchProcessingStopped);
    let error = in_doubt::<O>(refusal.into_error(O::NAME));
    match is_stopped {
        // The server is not busy: it stopped at another part.
        true => error.with_advice(RetryAdvice::After(std::time::Duration::ZERO)),
        false => error,
    }
}

/// A busy server counts for more than any other, and the longest wait.
fn rank(error: &Error) -> (bool, Option<std::time::Duration>) {
    (error.kind() == ErrorKind::Throttled, error.retry_after())
}
