//! [`Availability`] on EWS.

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};

use super::ServerVersion;
use super::convert;
use super::mailbox::{EwsMailbox, lacks};
use super::operation::{GetUserAvailability, MailboxData};
use super::types::FreeBusyViewType;
use crate::calendar::{Availability, Batch};
use crate::connector::Backend;
use crate::error::Result;
use crate::model::{BusyItem, FreeBusyQuery, Schedule, ScheduleDetail, TimeRange};

/// The most mailboxes a request may ask for.
pub(super) const MAILBOXES_PER_REQUEST: u32 = 100;

/// The most days a request may ask for, unless an administrator allows more.
pub(super) const DAYS_PER_REQUEST: u32 = 42;

const OPERATION: &str = "free_busy";

#[async_trait]
impl Availability for EwsMailbox {
    async fn free_busy(&self, query: FreeBusyQuery) -> Result<Batch<Schedule>> {
        query.validate()?;
        let version = self.version(OPERATION).await?;
        let knows_elsewhere = version >= ServerVersion::Exchange2013;

        let mut schedules: Batch<Schedule> = Vec::with_capacity(query.who.len());
        for who in query.who.chunks(MAILBOXES_PER_REQUEST as usize) {
            let mut merged: Batch<Schedule> = Vec::new();
            for window in windows(query.window) {
                let answers = self.ask(who, window, &query, knows_elsewhere).await?;
                if merged.is_empty() {
                    merged = answers;
                } else {
                    let pairs = merged.iter_mut().zip(answers);
                    pairs.for_each(|(sum, next)| add(sum, next, window.start));
                }
            }
            schedules.extend(merged);
        }
        for schedule in schedules.iter_mut().flatten() {
            schedule.slots = query.slots(&schedule.items);
        }
        Ok(schedules)
    }
}

impl EwsMailbox {
    async fn ask(
        &self,
        who: &[String],
        window: TimeRange,
        query: &FreeBusyQuery,
        knows_elsewhere: bool,
    ) -> Result<Batch<Schedule>> {
        let minutes = query.slot.num_minutes().clamp(5, 1440);
        let mailboxes = who.iter().map(MailboxData::required).collect();
        let mut operation = GetUserAvailability::new(
            convert::utc(),
            mailboxes,
            window.start.naive_utc(),
            window.end.naive_utc(),
        );
        operation.merged_free_busy_interval_in_minutes = u32::try_from(minutes).ok();
        operation.requested_view = FreeBusyViewType::DetailedMerged;

        let answer = self.send(&operation, OPERATION).await?;
        let answers = who.iter().zip(answer.free_busy_responses);
        Ok(answers
            .map(|(address, message)| {
                let body = message
                    .ok()
                    .map_err(|refusal| refusal.into_error(OPERATION).with_backend(Backend::Ews))?;
                let view = body
                    .free_busy_view
                    .ok_or_else(|| lacks(OPERATION, "FreeBusyView"))?;
                let digit = TimeDelta::minutes(minutes);
                Ok(convert::schedule(
                    address,
                    &view,
                    window,
                    digit,
                    knows_elsewhere,
                ))
            })
            .collect())
    }
}

/// Stretches of days a request may ask for.
fn windows(window: TimeRange) -> Vec<TimeRange> {
    let most = TimeDelta::days(DAYS_PER_REQUEST.into());
    let mut windows = Vec::new();
    let mut start = window.start;
    while start < window.end {
        let end = start.checked_add_signed(most).unwrap_or(window.end);
        let end = end.min(window.end);
        windows.push(TimeRange::new(start, end));
        start = end;
    }
    windows
}

/// Adds what is in the next stretch of days. What reaches over its border is in both.
fn add(sum: &mut Result<Schedule>, next: Result<Schedule>, border: DateTime<Utc>) {
    let (Ok(schedule), Ok(next)) = (sum.as_mut(), &next) else {
        if sum.is_ok() {
            *sum = next;
        }
        return;
    };
    // The least that any part allowed is what the whole can promise.
    if next.detail == ScheduleDetail::SlotsOnly {
        schedule.detail = ScheduleDetail::SlotsOnly;
    }
    for item in &next.items {
        let is_known = |known: &BusyItem| {
            known.range == item.range
                && (&known.status, &known.subject) == (&item.status, &item.subject)
        };
        if item.range.start >= border || !schedule.items.iter().any(is_known) {
            schedule.items.push(item.clone());
        }
    }
    if schedule.working_hours.is_none() {
        schedule.working_hours.clone_from(&next.working_hours);
    }
}
