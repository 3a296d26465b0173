//! Long windows in pieces a server accepts.

use std::collections::HashSet;

use chrono::{DateTime, TimeDelta, Utc};

use crate::model::{Event, EventId, TimeRange};

/// The next stretch of a long window to ask for.
///
/// A server expands at most two years at once and may return fewer items than there are. Pieces
/// follow each other without a gap; what reaches over a border is in both, and passed over in the
/// second.
#[derive(Debug)]
pub(super) struct Windows {
    next: DateTime<Utc>,
    end: DateTime<Utc>,
    /// How long a piece may be; less once a server found one too full.
    length: TimeDelta,
    /// Events at the border that were handed out already.
    seen: HashSet<EventId>,
    is_first: bool,
}

impl Windows {
    pub(super) fn new(window: TimeRange) -> Self {
        Self {
            next: window.start,
            end: window.end,
            length: TimeDelta::days(MOST_DAYS),
            seen: HashSet::new(),
            is_first: true,
        }
    }

    /// The next piece; `None` when all was asked for.
    pub(super) fn piece(&self) -> Option<TimeRange> {
        let end = self.next.checked_add_signed(self.length);
        let end = end.unwrap_or(self.end).min(self.end);
        (self.next < self.end).then(|| TimeRange::new(self.next, end))
    }

    /// How many events the next piece begins with that were handed out already.
    pub(super) fn known_ahead(&self) -> usize {
        self.seen.len()
    }

    /// The piece was too much: asks for half of it. `false` if it cannot be made shorter.
    pub(super) fn halve(&mut self) -> bool {
        let Some(piece) = self.piece() else {
            return false;
        };
        self.length = piece.duration() / 2;
        self.length >= TimeDelta::minutes(1)
    }

    /// Takes what a piece held, in order; `is_whole` says whether that was all of it.
    ///
    /// Returns what was not handed out before. If a server stops in the middle, the next piece
    /// begins where the last event of this one does.
    pub(super) fn take(
        &mut self,
        piece: TimeRange,
        events: Vec<(DateTime<Utc>, EventId, Event)>,
        is_whole: bool,
    ) -> Vec<Event> {
        let last_start = events.last().map(|(start, _, _)| *start);
        let resume = match last_start {
            Some(start) if !is_whole && start > piece.start => start,
            _ => piece.end,
        };
        let begin = piece.start;
        let mut fresh = Vec::with_capacity(events.len());
        let mut at_border = HashSet::new();
        for (start, id, event) in events {
            let was_seen = !self.is_first && (start < begin || self.seen.contains(&id));
            if start >= resume {
                at_border.insert(id);
            }
            if !was_seen {
                fresh.push(event);
            }
        }
        self.seen = at_border;
        self.next = resume;
        self.is_first = false;
        fresh
    }
}

/// A little less than the two years a server allows.
const MOST_DAYS: i64 = 700;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::connector::Backend;
    use crate::model::{Version, When, ZonedTime};

    fn at(hour: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::hours(hour)
    }

    fn event(name: usize, from: i64, to: i64) -> (DateTime<Utc>, EventId, Event) {
        let id = EventId::from_raw(Backend::Ews, name.to_string());
        let when = When::between(ZonedTime::from(at(from)), ZonedTime::from(at(to)));
        let event = Event::new(id.clone(), Version::from_raw(""), when);
        (at(from), id, event)
    }

    /// A server that returns at most `most` events of those that overlap a piece.
    fn list(all: &[(i64, i64)], window: TimeRange, most: usize, days: i64) -> Vec<String> {
        let mut windows = Windows::new(window);
        windows.length = TimeDelta::days(days);
        let mut found = Vec::new();
        while let Some(piece) = windows.piece() {
            let mut events: Vec<_> = all
                .iter()
                .enumerate()
                .filter(|(_, (from, to))| at(*from) < piece.end && at(*to) > piece.start)
                .map(|(name, (from, to))| event(name, *from, *to))
                .collect();
            events.sort_by_key(|(start, _, _)| *start);
            let is_whole = events.len() <= most;
            events.truncate(most);
            let fresh = windows.take(piece, events, is_whole);
            found.extend(fresh.into_iter().map(|event| event.id.as_raw().to_owned()));
        }
        found
    }

    #[test]
    fn any_pieces_make_the_whole() {
        let all: Vec<(i64, i64)> = (0..200)
            .map(|n| (n * 7, n * 7 + (n * 13) % 90 + 1))
            .collect();
        let window = TimeRange::new(at(20), at(1300));
        let whole = list(&all, window, usize::MAX, 700);
        assert!(whole.len() > 150);
        for (most, days) in [
            (usize::MAX, 1),
            (usize::MAX, 5),
            (30, 700),
            (25, 3),
            (40, 11),
        ] {
            assert_eq!(list(&all, window, most, days), whole, "{most} {days}");
        }
    }

    #[test]
    fn halving_ends() {
        let mut windows = Windows::new(TimeRange::new(at(0), at(1)));
        assert!(windows.halve());
        assert_eq!(windows.piece().unwrap().duration(), TimeDelta::minutes(30));
        while windows.halve() {}
        assert!(windows.length < TimeDelta::minutes(1));
    }
}
