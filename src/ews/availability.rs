//! [`Availability`] on EWS.

use std::collections::BTreeMap;

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};

use super::ServerVersion;
use super::convert;
use super::mailbox::{EwsMailbox, lacks};
use super::operation::{GetUserAvailability, MailboxData};
use super::types::FreeBusyViewType;
use crate::calendar::{Availability, Batch};
use crate::connector::Backend;
use crate::error::{Error, ErrorKind, Result};
use crate::model::{BusyItem, FreeBusyQuery, Schedule, TimeRange};

/// The most mailboxes a request may ask for.
pub(super) const MAILBOXES_PER_REQUEST: u32 = 100;

/// The most days a request may ask for, unless an administrator allows more, or less.
pub(super) const DAYS_PER_REQUEST: u32 = 42;

/// The shortest time asked for: a server refuses windows that are not longer than a slot.
const SHORTEST: TimeDelta = TimeDelta::days(1);

const OPERATION: &str = "free_busy";

#[async_trait]
impl Availability for EwsMailbox {
    async fn free_busy(&self, query: FreeBusyQuery) -> Result<Batch<Schedule>> {
        query.validate()?;
        let mut asked = Asked::new(&query);
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
        let least = SHORTEST.max(digit * 2);
        let window = piece.window;
        let until = window.end.max(TimeRange::lasting(window.start, least).end);
        let addresses = piece.people.iter().filter_map(|who| asked.who.get(*who));
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
                .ok_or_else(nothing_shown)
        });
        Ok(answers.collect())
    }
}

fn nothing_shown() -> Error {
    let problem = "the server shows nothing of this calendar, not even when it is free";
    Error::new(ErrorKind::PermissionDenied, OPERATION, problem).with_backend(Backend::Ews)
}

/// Some of the people, in some of the time.
#[derive(Clone, Debug)]
struct Piece {
    /// Their places in [`Asked::who`].
    people: Vec<usize>,
    window: TimeRange,
}

/// What is asked and answered so far, piece by piece: what a server finds too much is halved.
struct Asked {
    /// Everybody once.
    who: Vec<String>,
    answers: Vec<Option<Result<Schedule>>>,
    /// The next piece last. Those of one person are in the order of time.
    open: Vec<Piece>,
    /// How long and how many the server is known to take.
    longest: TimeDelta,
    most: usize,
}

impl Asked {
    fn new(query: &FreeBusyQuery) -> Self {
        let mut who: Vec<String> = Vec::new();
        let mut seen = BTreeMap::new();
        for address in &query.who {
            seen.entry(key(address)).or_insert_with(|| {
                who.push(address.clone());
            });
        }
        let everybody = Piece {
            people: (0..who.len()).collect(),
            window: query.window,
        };
        Self {
            answers: who.iter().map(|_| None).collect(),
            who,
            open: vec![everybody],
            longest: TimeDelta::days(DAYS_PER_REQUEST.into()),
            most: MAILBOXES_PER_REQUEST as usize,
        }
    }

    /// The next piece that a server should take.
    fn next(&mut self) -> Option<Piece> {
        while let Some(mut piece) = self.open.pop() {
            // Of whom one thing cannot be had the whole cannot.
            piece.people.retain(|who| {
                let answer = self.answers.get(*who);
                !matches!(answer, Some(Some(Err(_))))
            });
            if piece.people.is_empty() {
                continue;
            }
            if piece.people.len() > self.most {
                let rest = piece.people.split_off(self.most);
                self.open.push(Piece {
                    people: rest,
                    window: piece.window,
                });
            }
            if piece.window.duration() > self.longest {
                let border = TimeRange::lasting(piece.window.start, self.longest).end;
                self.open.push(Piece {
                    people: piece.people.clone(),
                    window: TimeRange::new(border, piece.window.end),
                });
                piece.window.end = border;
            }
            return Some(piece);
        }
        None
    }

    fn take(&mut self, piece: &Piece, answers: Batch<Schedule>) {
        let mut again = piece.clone();
        again.people.clear();
        for (who, answer) in piece.people.iter().zip(answers) {
            let Some(slot) = self.answers.get_mut(*who) else {
                continue;
            };
            match (slot, answer) {
                // More than a server looks through for one person.
                (_, Err(error)) if is_too_long(&error) && halves(piece.window).is_some() => {
                    again.people.push(*who);
                }
                (Some(sum), next) => add(sum, next, piece.window.start),
                (slot @ None, first) => *slot = Some(first),
            }
        }
        if let (false, Some((first, second))) = (again.people.is_empty(), halves(again.window)) {
            for window in [second, first] {
                let people = again.people.clone();
                self.open.push(Piece { people, window });
            }
        }
    }

    /// Learns from a refusal how much the server takes.
    fn divide(&mut self, piece: &Piece, error: Error) -> Result<()> {
        if is_too_long(&error)
            && let Some((first, _)) = halves(piece.window)
        {
            self.longest = first.duration();
        } else if error.code() == Some("ErrorMailboxDataArrayTooBig") && piece.people.len() > 1 {
            self.most = piece.people.len() / 2;
        } else {
            return Err(error);
        }
        self.open.push(piece.clone());
        Ok(())
    }

    /// One answer for each address of the query, those that are there twice included.
    fn into_answers(mut self, query: &FreeBusyQuery) -> Batch<Schedule> {
        let places = self.who.iter().enumerate();
        let places: BTreeMap<String, usize> =
            places.map(|(place, who)| (key(who), place)).collect();
        for schedule in self.answers.iter_mut().flatten().flatten() {
            schedule.slots = query.slots(&schedule.items);
        }
        let answer = |address: &String| {
            let found = places.get(&key(address));
            let found = found.and_then(|place| self.answers.get(*place)?.as_ref());
            match found {
                Some(Ok(schedule)) => {
                    let mut schedule = schedule.clone();
                    schedule.who.clone_from(address);
                    Ok(schedule)
                }
                Some(Err(error)) => Err(error.again()),
                None => Err(lacks(OPERATION, "answer")),
            }
        };
        query.who.iter().map(answer).collect()
    }
}

/// Addresses do not tell cases apart.
fn key(address: &str) -> String {
    address.to_lowercase()
}

/// Whether less time at once may do.
fn is_too_long(error: &Error) -> bool {
    matches!(
        error.code(),
        Some("ErrorTimeIntervalTooBig" | "ErrorResultSetTooBig")
    )
}

/// Two windows for one; `None` when they would be shorter than what is asked for at least.
fn halves(window: TimeRange) -> Option<(TimeRange, TimeRange)> {
    if window.duration() < SHORTEST * 2 {
        return None;
    }
    let border = TimeRange::lasting(window.start, window.duration() / 2).end;
    Some((
        TimeRange::new(window.start, border),
        TimeRange::new(border, window.end),
    ))
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
    schedule.detail = schedule.detail.min(next.detail);
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{FreeBusyStatus, ScheduleDetail};

    fn at(day: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::days(day)
    }

    fn asked(people: usize, days: i64) -> (Asked, FreeBusyQuery) {
        let who = (0..people).map(|number| format!("p{number}@x"));
        let query = FreeBusyQuery::new(who, TimeRange::new(at(0), at(days)));
        (Asked::new(&query), query)
    }

    /// Asks a server that takes so many days and people at a time, and at most so many days of p1.
    fn run(
        people: usize,
        days: i64,
        (most_days, most, of_one): (i64, usize, i64),
    ) -> (usize, Batch<Schedule>) {
        let (mut asked, query) = asked(people, days);
        let refusal =
            |code: &str| Error::new(ErrorKind::LimitExceeded, "t", "too much").with_code(code);
        let mut requests = 0;
        while let Some(piece) = asked.next() {
            requests += 1;
            let length = piece.window.duration();
            if length > TimeDelta::days(most_days) {
                asked
                    .divide(&piece, refusal("ErrorTimeIntervalTooBig"))
                    .unwrap();
                continue;
            }
            if piece.people.len() > most {
                asked
                    .divide(&piece, refusal("ErrorMailboxDataArrayTooBig"))
                    .unwrap();
                continue;
            }
            let answers = piece.people.iter().map(|who| {
                if *who == 1 && length > TimeDelta::days(of_one) {
                    return Err(refusal("ErrorResultSetTooBig"));
                }
                let mut schedule = Schedule::new(asked.who[*who].clone(), ScheduleDetail::Times);
                // All days from the one that the window begins in.
                let first = (piece.window.start - at(0)).num_days();
                let days = (first..days).map(|day| TimeRange::new(at(day), at(day + 1)));
                let items = days.filter(|day| day.overlaps(&piece.window));
                let busy = FreeBusyStatus::Busy;
                schedule.items = items.map(|range| BusyItem::new(range, busy)).collect();
                Ok(schedule)
            });
            let answers = answers.collect();
            asked.take(&piece, answers);
        }
        (requests, asked.into_answers(&query))
    }

    #[test]
    fn whatever_a_server_takes_nothing_is_lost_or_doubled() {
        for (people, days, limits, requests) in [
            (3, 10, (42, 100, 42), 1),
            (150, 100, (42, 100, 42), 6),
            // 42 is refused, then 21 asked for in five pieces.
            (3, 100, (31, 100, 42), 6),
            (3, 30, (1, 100, 42), 45),
            (150, 30, (42, 40, 42), 8),
            // Of one person 30 and 15 days are too much, so that it is asked for in four pieces.
            (3, 30, (42, 100, 8), 1 + 2 + 4),
        ] {
            let (made, answers) = run(people, days, limits);
            assert_eq!(answers.len(), people);
            for answer in answers {
                let items = answer.unwrap().items;
                let starts: Vec<_> = items.iter().map(|item| item.range.start).collect();
                let expected: Vec<_> = (0..days).map(at).collect();
                assert_eq!(starts, expected, "{people} {days} {limits:?}");
            }
            assert_eq!(made, requests, "{people} {days} {limits:?}");
        }
    }

    #[test]
    fn who_cannot_be_halved_further_is_an_error_alone() {
        let (_, answers) = run(3, 30, (42, 100, 0));
        let kinds: Vec<_> = answers
            .iter()
            .map(|one| one.as_ref().err().map(Error::kind))
            .collect();
        assert_eq!(kinds, [None, Some(ErrorKind::LimitExceeded), None]);
    }

    #[test]
    fn each_address_is_asked_for_once() {
        let who = ["a@x", "b@x", "A@X", "a@x"];
        let query = FreeBusyQuery::new(who, TimeRange::new(at(0), at(1)));
        let mut asked = Asked::new(&query);
        let piece = asked.next().unwrap();
        assert_eq!(piece.people, [0, 1]);
        let denied = Error::new(ErrorKind::PermissionDenied, "t", "no").with_code("ErrorX");
        let schedule = Schedule::new("b@x", ScheduleDetail::Times);
        asked.take(&piece, vec![Err(denied), Ok(schedule)]);
        assert!(asked.next().is_none());
        let answers = asked.into_answers(&query);
        let words: Vec<_> = answers
            .iter()
            .map(|one| {
                one.as_ref()
                    .map(|one| &*one.who)
                    .map_err(|error| error.code())
            })
            .collect();
        let denied = Err(Some("ErrorX"));
        assert_eq!(words, [denied, Ok("b@x"), denied, denied]);
    }
}
