//! [`Availability`] on EWS.

use async_trait::async_trait;
use chrono::TimeDelta;

use super::ServerVersion;
use super::convert;
use super::mailbox::{EwsMailbox, lacks};
use super::operation::{GetUserAvailability, MailboxData};
use super::types::FreeBusyViewType;
use crate::calendar::{Asked, Availability, Batch, Piece, least_window, nothing_shown};
use crate::connector::Backend;
use crate::error::Result;
use crate::model::{FreeBusyQuery, Schedule};

/// The most mailboxes a request may ask for.
pub(super) const MAILBOXES_PER_REQUEST: u32 = 100;

/// The most days a request may ask for, unless an administrator allows more, or less.
pub(super) const DAYS_PER_REQUEST: u32 = 42;

const OPERATION: &str = "free_busy";

#[async_trait]
impl Availability for EwsMailbox {
    async fn free_busy(&self, query: FreeBusyQuery) -> Result<Batch<Schedule>> {
        query.validate()?;
        let (most, days) = (MAILBOXES_PER_REQUEST, DAYS_PER_REQUEST);
        let mut asked = Asked::new(&query, Backend::Ews, most, days);
        while let Some(piece) = asked.next() {
            match self.ask(&piece, &asked, &query).await {
                Ok(answers) => asked.take(&piece, answers),
                Err(error) => asked.divide(&piece, error)?,
            }
        }
        Ok(asked.into_answers(&query))
    }
}

impl EwsMailbox {
    async fn ask(
        &self,
        piece: &Piece,
        asked: &Asked,
        query: &FreeBusyQuery,
    ) -> Result<Batch<Schedule>> {
        let version = self.version(OPERATION).await?;
        let knows_elsewhere = version >= ServerVersion::Exchange2013;
        let minutes = query.slot.num_minutes().clamp(5, 1440);
        let digit = TimeDelta::minutes(minutes);
        let window = piece.window;
        let until = least_window(window, digit).end;
        let addresses = asked.addresses(piece);
        let mut operation = GetUserAvailability::new(
            convert::utc(),
            addresses.clone().map(MailboxData::required).collect(),
            window.start.naive_utc(),
            until.naive_utc(),
        );
        operation.merged_free_busy_interval_in_minutes = u32::try_from(minutes).ok();
        operation.requested_view = FreeBusyViewType::DetailedMerged;

        let answer = self.send(&operation, OPERATION).await?;
        let answers = addresses.zip(answer.free_busy_responses);
        let answers = answers.map(|(address, message)| {
            let body = message
                .ok()
                .map_err(|refusal| refusal.into_error(OPERATION).with_backend(Backend::Ews))?;
            let view = body.free_busy_view;
            let view = view.ok_or_else(|| lacks(OPERATION, "FreeBusyView"))?;
            convert::schedule(address, &view, window, digit, knows_elsewhere)
                .ok_or_else(|| nothing_shown(Backend::Ews))
        });
        Ok(answers.collect())
    }
}
