//! Long windows in pieces a server accepts.

use std::collections::HashSet;

use chrono::{DateTime, TimeDelta, Utc};

use crate::model::TimeRange;

/// The next stretch of a long window to ask for, and how much of it.
///
/// A server expands at most two years at once and may return fewer items than there are. Pieces
/// follow each other without a gap: the next one begins where the last one ended or, if the server
/// stopped in the middle, where its last item begins. What reaches over a border is in both, and
/// passed over in the second.
#[derive(Debug)]
pub(super) struct Windows {
    next: DateTime<Utc>,
    end: DateTime<Utc>,
    /// How long a piece may be; less once a server found one too long or too full.
    length: TimeDelta,
    /// How many new items to ask for at once.
    wanted: u32,
    /// The same for the piece at hand: more if the server stops before anything that begins later.
    size: u32,
    /// How many items may be asked for at once, as far as is known.
    most: u32,
    /// Items at the border that were handed out already.
    seen: HashSet<String>,
    /// How many items the next piece begins with that were handed out already.
    known: usize,
    is_first: bool,
}

/// One of the items found in a piece.
#[derive(Debug)]
pub(super) struct Found<T> {
    pub(super) start: DateTime<Utc>,
    pub(super) end: DateTime<Utc>,
    pub(super) id: String,
    pub(super) item: T,
}

impl Windows {
    /// Asks for `size` items at once.
    pub(super) fn new(window: TimeRange, size: u32) -> Self {
        Self {
            next: window.start,
            end: window.end,
            length: TimeDelta::days(MOST_DAYS),
            wanted: size,
            size,
            most: size.max(MOST_AT_ONCE),
            seen: HashSet::new(),
            known: 0,
            is_first: true,
        }
    }

    /// The next piece; `None` when all was asked for.
    pub(super) fn piece(&self) -> Option<TimeRange> {
        let end = self.next.checked_add_signed(self.length);
        let end = end.unwrap_or(self.end).min(self.end);
        (self.next < self.end).then(|| TimeRange::new(self.next, end))
    }

    /// Where the next piece begins; the end of the window when all was asked for.
    pub(super) fn next(&self) -> DateTime<Utc> {
        self.next
    }

    /// How many items to ask for: those that were handed out already come first.
    pub(super) fn entries(&self) -> u32 {
        let known = u32::try_from(self.known).unwrap_or(u32::MAX);
        self.size.saturating_add(known).min(self.most)
    }

    /// The server refused a piece for its length or for what is in it: asks for less. `false` if
    /// nothing less can be asked for.
    pub(super) fn refused(&mut self, for_its_items: bool) -> bool {
        let asked = self.entries();
        if for_its_items && asked > 1 {
            self.most = asked - 1;
            self.size = (asked / 2).max(1);
            self.wanted = self.size;
            // A server that counts before it cuts finds less in half of it.
            self.halve();
            return true;
        }
        self.halve()
    }

    /// The server stopped before anything that begins later: asks for more at once, else for less
    /// time. `false` if neither is possible.
    pub(super) fn stuck(&mut self) -> bool {
        let asked = self.entries();
        if asked < self.most {
            self.size = self.size.saturating_mul(2).max(asked.saturating_add(1));
            return true;
        }
        self.halve()
    }

    fn halve(&mut self) -> bool {
        let Some(piece) = self.piece() else {
            return false;
        };
        let half = piece.duration() / 2;
        if half < TimeDelta::minutes(1) {
            return false;
        }
        self.length = half;
        true
    }

    /// Takes what a piece held; `is_whole` says whether that was all of it.
    ///
    /// Returns what was not handed out before, in order; `None` if the server stopped before
    /// anything that begins later than the piece does.
    pub(super) fn take<T>(
        &mut self,
        piece: TimeRange,
        mut found: Vec<Found<T>>,
        is_whole: bool,
    ) -> Option<Vec<Found<T>>> {
        found.sort_by_key(|one| one.start);
        let resume = match found.last().map(|last| last.start) {
            _ if is_whole => piece.end,
            Some(start) if start > piece.start => start,
            _ => return None,
        };
        let mut fresh = Vec::with_capacity(found.len());
        let mut at_border = HashSet::new();
        self.known = 0;
        for one in found {
            let was_seen =
                !self.is_first && (one.start < piece.start || self.seen.contains(&one.id));
            if one.start >= resume {
                at_border.insert(one.id.clone());
            }
            if one.start >= resume || one.end > resume {
                self.known += 1;
            }
            if !was_seen {
                fresh.push(one);
            }
        }
        self.seen = at_border;
        self.next = resume;
        self.is_first = false;
        self.size = self.wanted;
        if is_whole {
            let longer = self.length.checked_mul(2).unwrap_or(self.length);
            self.length = longer.min(TimeDelta::days(MOST_DAYS));
        }
        Some(fresh)
    }
}

/// A little less than the two years a server allows.
const MOST_DAYS: i64 = 700;

/// How many items servers return at most, unless an administrator allows more (EwsFindCountLimit).
pub(super) const MOST_AT_ONCE: u32 = 1000;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(hour: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::hours(hour)
    }

    /// Events as hours from and to.
    type Events = [(i64, i64)];

    /// How a server deals with what is too much for it.
    #[derive(Clone, Copy, Debug)]
    struct Server {
        /// It gives no more than that.
        most: usize,
        /// It refuses to, instead of cutting.
        refuses: bool,
        /// It looks no further than that.
        days: i64,
    }

    /// The names of the events in order, and how many requests it took; `None` if they cannot be had.
    fn list(
        all: &Events,
        window: TimeRange,
        size: u32,
        server: Server,
    ) -> Option<(Vec<usize>, usize)> {
        let mut windows = Windows::new(window, size);
        let (mut names, mut requests) = (Vec::new(), 0);
        while let Some(piece) = windows.piece() {
            requests += 1;
            assert!(requests < 10_000, "no end");
            if piece.duration() > TimeDelta::days(server.days) {
                if !windows.refused(false) {
                    return None;
                }
                continue;
            }
            let mut found: Vec<Found<usize>> = all
                .iter()
                .enumerate()
                .filter(|(_, (from, to))| at(*from) < piece.end && at(*to) > piece.start)
                .map(|(item, (from, to))| Found {
                    start: at(*from),
                    end: at(*to),
                    id: item.to_string(),
                    item,
                })
                .collect();
            found.sort_by_key(|one| one.start);
            let asked = windows.entries() as usize;
            let given = asked.min(server.most);
            if server.refuses && found.len().min(asked) > server.most {
                if !windows.refused(true) {
                    return None;
                }
                continue;
            }
            let is_whole = found.len() <= given;
            found.truncate(given);
            match windows.take(piece, found, is_whole) {
                Some(fresh) => names.extend(fresh.into_iter().map(|one| one.item)),
                None if windows.stuck() => {}
                None => return None,
            }
        }
        Some((names, requests))
    }

    const LENIENT: Server = Server {
        most: 1000,
        refuses: false,
        days: 730,
    };

    #[test]
    fn a_busy_year_takes_one_request_for_a_thousand_and_one_more() {
        // Eleven meetings a day, two at a time, and a month-long note in each quarter.
        let mut all: Vec<(i64, i64)> = (0..4000)
            .map(|n| (n / 11 * 24 + n % 11 / 2, n / 11 * 24 + n % 11 / 2 + 1))
            .collect();
        all.extend((0..4).map(|n| (n * 2000, n * 2000 + 720)));
        let window = TimeRange::new(at(0), at(366 * 24));
        let (names, requests) = list(&all, window, MOST_AT_ONCE, LENIENT).unwrap();
        assert_eq!(names.len(), 4004);
        assert_eq!(requests, 5);
    }

    #[test]
    fn a_full_stretch_does_not_slow_down_the_rest() {
        // A hundred at once in the first week, then nothing for five years.
        let all: Vec<(i64, i64)> = (0..100).map(|n| (n, n + 50)).collect();
        let window = TimeRange::new(at(0), at(5 * 365 * 24));
        let server = Server {
            most: 70,
            refuses: true,
            ..LENIENT
        };
        let (names, requests) = list(&all, window, MOST_AT_ONCE, server).unwrap();
        assert_eq!(names.len(), 100);
        assert!(requests < 40, "{requests}");
    }

    #[test]
    fn more_at_once_than_a_server_gives_ends() {
        let all = [(5, 6); 3];
        let window = TimeRange::new(at(0), at(5 * 365 * 24));
        for refuses in [true, false] {
            let server = Server {
                most: 2,
                refuses,
                ..LENIENT
            };
            assert_eq!(list(&all, window, 1000, server), None);
        }
    }

    proptest! {
        #[test]
        fn whatever_a_server_gives_at_once_all_comes_once_and_in_order(
            all in prop::collection::vec((0i64..1500, 1i64..90), 0..150),
            size in prop::sample::select(vec![1u32, 2, 7, 50, 1000]),
            most in prop::sample::select(vec![5usize, 30, 100, 1000]),
            refuses: bool,
            days in prop::sample::select(vec![1i64, 5, 40, 730]),
            from in 0i64..400,
            length in 1i64..1500,
        ) {
            let all: Vec<(i64, i64)> = all.into_iter().map(|(from, length)| (from, from + length)).collect();
            let window = TimeRange::new(at(from), at(from + length));
            let server = Server { most, refuses, days };
            let mut expected: Vec<usize> = (0..all.len())
                .filter(|n| at(all[*n].0) < window.end && at(all[*n].1) > window.start)
                .collect();
            // What overlaps an instant can be more than the server gives at all.
            if let Some((names, _)) = list(&all, window, size, server) {
                prop_assert!(names.is_sorted_by_key(|name| all[*name].0));
                let mut names = names;
                names.sort_unstable();
                expected.sort_unstable();
                prop_assert_eq!(names, expected);
            } else {
                let at_once = |hour: i64| all.iter().filter(|(from, to)| *from <= hour && hour < *to).count();
                prop_assert!((0..1600).any(|hour| at_once(hour) >= most));
            }
        }
    }
}
