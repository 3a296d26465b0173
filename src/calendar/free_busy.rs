//! Asking a server for free and busy times that takes only so much at once, and making one answer of its many.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};

use super::Batch;
use crate::connector::Backend;
use crate::error::{Error, ErrorKind, Result};
use crate::model::{
    BusyItem, DaySet, FreeBusyQuery, FreeBusyStatus, Schedule, TimeRange, WorkingPeriod,
};

const OPERATION: &str = "free_busy";

/// The shortest time asked for: servers refuse windows that are not longer than a slot.
const SHORTEST: TimeDelta = TimeDelta::days(1);

/// Some of the people, in some of the time.
#[derive(Clone, Debug)]
pub(crate) struct Piece {
    /// Their places in [`Asked::who`].
    pub(crate) people: Vec<usize>,
    pub(crate) window: TimeRange,
}

/// What is asked and answered so far, piece by piece: what a server finds too much is halved.
pub(crate) struct Asked {
    backend: Backend,
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
    /// What a query wants of a server that takes so many people and days at once.
    pub(crate) fn new(query: &FreeBusyQuery, backend: Backend, most: u32, days: u32) -> Self {
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
            backend,
            answers: who.iter().map(|_| None).collect(),
            who,
            open: vec![everybody],
            longest: TimeDelta::days(days.into()),
            most: most as usize,
        }
    }

    /// The addresses a piece is about.
    pub(crate) fn addresses<'a>(
        &'a self,
        piece: &'a Piece,
    ) -> impl Iterator<Item = &'a String> + Clone {
        piece.people.iter().filter_map(|who| self.who.get(*who))
    }

    /// The next piece that a server should take.
    pub(crate) fn next(&mut self) -> Option<Piece> {
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

    /// Takes the answers to a piece.
    pub(crate) fn take(&mut self, piece: &Piece, answers: Batch<Schedule>) {
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
    pub(crate) fn divide(&mut self, piece: &Piece, error: Error) -> Result<()> {
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
    pub(crate) fn into_answers(mut self, query: &FreeBusyQuery) -> Batch<Schedule> {
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
                None => Err(self.unanswered()),
            }
        };
        query.who.iter().map(answer).collect()
    }

    fn unanswered(&self) -> Error {
        let problem = "the server gave no answer for one of the addresses";
        Error::new(ErrorKind::Protocol, OPERATION, problem).with_backend(self.backend)
    }
}

/// A server that shows nothing of a calendar: that is not the same as free.
pub(crate) fn nothing_shown(backend: Backend) -> Error {
    let problem = "the server shows nothing of this calendar, not even when it is free";
    Error::new(ErrorKind::PermissionDenied, OPERATION, problem).with_backend(backend)
}

/// The window to ask for where this one is wanted, in slots of that length: servers refuse what is not longer than a
/// slot.
pub(crate) fn least_window(window: TimeRange, slot: TimeDelta) -> TimeRange {
    let least = SHORTEST.max(slot * 2);
    let until = window.end.max(TimeRange::lasting(window.start, least).end);
    TimeRange::new(window.start, until)
}

/// Stretches of the same digit as items, each digit that long. A 4 is "no data" by the reference of EWS, "working
/// elsewhere" since Exchange 2013 and on Graph; and of the time after the last digit nothing is known either.
pub(crate) fn items_of_digits(
    digits: &str,
    range: TimeRange,
    length: TimeDelta,
    knows_elsewhere: bool,
) -> Vec<BusyItem> {
    let mut items: Vec<BusyItem> = Vec::new();
    let mut from = range.start;
    let mut digits = digits.trim().chars();
    while from < range.end {
        let (status, length) = match digits.next() {
            Some('0') => (FreeBusyStatus::Free, length),
            Some('1') => (FreeBusyStatus::Tentative, length),
            Some('2') => (FreeBusyStatus::Busy, length),
            Some('3') => (FreeBusyStatus::OutOfOffice, length),
            Some('4') if knows_elsewhere => (FreeBusyStatus::WorkingElsewhere, length),
            Some(_) => (FreeBusyStatus::NoData, length),
            None => (FreeBusyStatus::NoData, range.end - from),
        };
        let to = TimeRange::lasting(from, length).end.min(range.end);
        match items.last_mut() {
            Some(last) if last.status == status && last.range.end == from => last.range.end = to,
            _ if status == FreeBusyStatus::Free => {}
            _ => items.push(BusyItem::new(TimeRange::new(from, to), status)),
        }
        from = to;
    }
    items
}

/// The periods from one minute of these days to another. One that ends before it begins goes on over midnight: in the
/// model these are two. Without days there are none: that is not known, not never.
pub(crate) fn working_periods(days: DaySet, start: u16, end: u16) -> Vec<WorkingPeriod> {
    let parts = if end < start {
        let next_days = days.iter().map(|day| day.succ()).collect();
        [
            WorkingPeriod::new(days, start, 1440),
            WorkingPeriod::new(next_days, 0, end),
        ]
    } else {
        [WorkingPeriod::new(days, start, end), None]
    };
    let has_days = |period: &WorkingPeriod| !period.days.is_empty();
    parts.into_iter().flatten().filter(has_days).collect()
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

/// Two windows for one, the first not shorter than what is asked for at least; `None` when it is no
/// longer than that.
fn halves(window: TimeRange) -> Option<(TimeRange, TimeRange)> {
    if window.duration() <= SHORTEST {
        return None;
    }
    let half = SHORTEST.max(window.duration() / 2);
    let border = TimeRange::lasting(window.start, half).end;
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
    use crate::model::ScheduleDetail;

    fn at(day: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::days(day)
    }

    fn asked(people: usize, days: i64) -> (Asked, FreeBusyQuery) {
        let who = (0..people).map(|number| format!("p{number}@x"));
        let query = FreeBusyQuery::new(who, TimeRange::new(at(0), at(days)));
        (Asked::new(&query, Backend::Ews, 100, 42), query)
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
            // 30, 15, 7.5, 3.75 and 1.875 are refused; what is then open is cut into days.
            (3, 30, (1, 100, 42), 5 + 2 + 2 + 4 + 8 + 15),
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
        let mut asked = Asked::new(&query, Backend::Ews, 100, 42);
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
