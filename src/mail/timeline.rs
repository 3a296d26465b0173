//! Long lists of messages in the order of their arrival, while messages come and go.

use std::collections::HashSet;
use std::hash::{BuildHasher as _, RandomState};
use std::mem;

use chrono::{DateTime, SubsecRound as _, TimeDelta, Utc};

use crate::model::MessageOrder;
use crate::paging::{Extent, Paging, Span};

/// How many entries come in one answer at most: servers give no more by default.
pub(crate) const MOST: u32 = 1000;

/// The next part of a list to ask for.
///
/// A part begins where the last one ended by a condition on the time of arrival, not by counting
/// from the beginning: what comes and goes before it moves nothing. Servers compare times to a
/// fraction of a second, but say them in whole seconds, so that the second in which a part ended is
/// asked for again, and what was seen of it is passed over. Only where a second has more than fit
/// into a part it is counted: then the first entry must be one that was counted, or else something
/// before it went, and the counting goes back. In which order a server gives what arrived at the
/// same time is the same only while the same is asked for. Messages without a time of arrival come
/// last.
#[derive(Debug)]
pub(crate) struct Timeline {
    order: MessageOrder,
    /// How many new entries to ask for; less once a server found it too many.
    size: u32,
    step: Step,
    /// What is left may be asked for with all that has no time; not once that was tried in vain.
    guesses: bool,
    /// The hashes of what was seen of the second in which the last part ended.
    seen: HashSet<u64>,
    /// Of these, what was counted.
    counted: HashSet<u64>,
    /// The hashes of what was asked for by its time of arrival and came without one.
    strays: HashSet<u64>,
    hasher: RandomState,
}

#[derive(Debug)]
enum Step {
    /// From the beginning, without a condition.
    First,
    /// What has a time of arrival.
    Dated {
        /// The second in which the last part ended; `None` before there was any.
        from: Option<DateTime<Utc>>,
        /// How many entries of that second to pass over.
        passed: u32,
        /// The first entry must be one that was counted.
        overlaps: bool,
        /// What is left seems to fit into one part, so that those without a time are asked for too.
        is_end: bool,
    },
    /// What has none.
    Undated(Paging),
    Done,
}

/// One part to ask for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Part {
    pub(crate) scope: Scope,
    pub(crate) span: Span,
}

/// Which messages are in a part.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Scope {
    /// All, in the order of their arrival.
    All,
    /// Those that have a time of arrival, in that order.
    Dated {
        /// Not those before this second of the list; `None` for all.
        from: Option<DateTime<Utc>>,
        /// Those without a time too, at whichever end.
        or_undated: bool,
    },
    /// Those without a time of arrival, in the order in which they were made.
    Undated,
}

impl Scope {
    /// The bound on the time of arrival: whether it lies before it (`<`), or at it or after it (`>=`).
    pub(crate) fn bound(from: DateTime<Utc>, order: MessageOrder) -> Bound {
        match order {
            MessageOrder::NewestFirst => {
                let next = from.checked_add_signed(TimeDelta::seconds(1));
                Bound::Before(next.unwrap_or(from))
            }
            MessageOrder::OldestFirst => Bound::From(from),
        }
    }
}

/// On which side of a time something arrived.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Bound {
    /// Before it.
    Before(DateTime<Utc>),
    /// At it, or after it.
    From(DateTime<Utc>),
}

/// What came of asking.
#[derive(Debug, PartialEq)]
pub(crate) enum Taken<T> {
    /// These are new.
    New(Vec<T>),
    /// Something moved: ask again.
    Again,
    /// The server does not keep to the order, so that nothing can be said of what is left.
    OutOfOrder,
}

impl Timeline {
    pub(crate) fn new(order: MessageOrder, size: u32) -> Self {
        Self {
            order,
            size: size.min(MOST),
            step: Step::First,
            guesses: true,
            seen: HashSet::new(),
            counted: HashSet::new(),
            strays: HashSet::new(),
            hasher: RandomState::new(),
        }
    }

    /// For a server that cannot be asked for those with a time and those without at once.
    #[cfg(feature = "graph")]
    pub(crate) fn apart(mut self) -> Self {
        self.guesses = false;
        self
    }

    /// For such a server, and a list with a condition: begins with those that have a time.
    #[cfg(feature = "graph")]
    pub(crate) fn dated(mut self) -> Self {
        self.guesses = false;
        self.step = Step::Dated {
            from: None,
            passed: 0,
            overlaps: false,
            is_end: false,
        };
        self
    }

    /// What to ask for next; `None` when all was.
    pub(crate) fn part(&self) -> Option<Part> {
        let by_arrival = |scope, offset| Part {
            scope,
            span: Span {
                offset,
                entries: self.entries(),
            },
        };
        match &self.step {
            Step::First => Some(by_arrival(Scope::All, 0)),
            Step::Dated {
                from,
                passed,
                is_end,
                ..
            } => {
                let scope = Scope::Dated {
                    from: *from,
                    or_undated: *is_end,
                };
                Some(by_arrival(scope, *passed))
            }
            Step::Undated(paging) => Some(Part {
                scope: Scope::Undated,
                span: paging.span()?,
            }),
            Step::Done => None,
        }
    }

    /// How many entries to ask for: new ones, and those that were seen.
    fn entries(&self) -> u32 {
        let Step::Dated { passed, .. } = &self.step else {
            return self.size;
        };
        let again = match passed {
            0 => u32::try_from(self.seen.len()).unwrap_or(u32::MAX),
            _ => 1,
        };
        self.size.saturating_add(again).min(MOST)
    }

    /// The server refused to give so many: asks for less. `false` if nothing less can be asked for.
    #[cfg(feature = "ews")]
    pub(crate) fn refused(&mut self) -> bool {
        if let Step::Undated(paging) = &mut self.step {
            return paging.refused();
        }
        let before = self.entries();
        self.size = (before.min(self.size) / 2).max(1);
        if let Step::Dated { is_end, .. } = &mut self.step {
            *is_end = false;
        }
        self.entries() < before
    }

    /// Takes a part that was asked for; `key` gives the identifier of an entry and when it arrived.
    pub(crate) fn take<T>(
        &mut self,
        items: Vec<T>,
        key: impl Fn(&T) -> (Option<&str>, Option<DateTime<Utc>>),
        extent: Extent,
    ) -> Taken<T> {
        let asked = self.entries();
        let count = u32::try_from(items.len()).unwrap_or(u32::MAX);
        let is_last = extent.is_last.unwrap_or(count < asked) || count == 0;
        let is_first = matches!(self.step, Step::First);
        let (from, passed, overlaps, is_end) = match &mut self.step {
            Step::Done => return Taken::New(Vec::new()),
            Step::Undated(undated) => {
                return match undated.take(items, |item| key(item).0, extent) {
                    Some(fresh) => Taken::New(fresh),
                    None => Taken::Again,
                };
            }
            Step::First => (None, 0, false, true),
            Step::Dated {
                from,
                passed,
                overlaps,
                is_end,
            } => (*from, *passed, *overlaps, *is_end),
        };
        let hash = |item: &T| key(item).0.map(|id| self.hasher.hash_one(id));
        let is_counted = |item: &T| hash(item).is_some_and(|hash| self.counted.contains(&hash));
        if overlaps && !items.first().is_some_and(is_counted) {
            // Something that was passed over is gone.
            self.step = Step::Dated {
                from,
                passed: passed.saturating_sub(self.size),
                overlaps: passed > self.size,
                is_end: false,
            };
            return Taken::Again;
        }

        let second = |item: &T| key(item).1.map(|time| time.trunc_subsecs(0));
        let last = items.iter().rev().find_map(second);
        if let (Some(from), Some(last)) = (from, last)
            && match self.order {
                MessageOrder::NewestFirst => last > from,
                MessageOrder::OldestFirst => last < from,
            }
        {
            return Taken::OutOfOrder;
        }
        let of_last: HashSet<u64> = items
            .iter()
            .filter(|item| second(item) == last)
            .filter_map(hash)
            .collect();
        let all_seen_before = mem::take(&mut self.seen);
        let fresh = items.into_iter().filter(|item| {
            let hash = key(item).0.map(|id| self.hasher.hash_one(id));
            hash.is_none_or(|hash| !all_seen_before.contains(&hash))
        });
        let (mut dated, mut undated): (Vec<T>, Vec<T>) =
            fresh.partition(|item| key(item).1.is_some());
        if !is_end {
            // Asked for by its time, which cannot be read: it will not come with those that have none.
            for stray in undated.drain(..) {
                let hash = key(&stray).0.map(|id| self.hasher.hash_one(id));
                if hash.is_none_or(|hash| self.strays.insert(hash)) {
                    dated.push(stray);
                }
            }
        }

        if is_last {
            self.step = match is_end {
                true => Step::Done,
                false => Step::Undated(Paging::new(self.size)),
            };
            dated.append(&mut undated);
            return Taken::New(dated);
        }
        self.guesses &= !is_end || is_first;
        let Some(last) = last else {
            if !is_end {
                return Taken::OutOfOrder;
            }
            // A part of nothing but such as have no time: those come at the end.
            self.seen = all_seen_before;
            self.step = Step::Dated {
                from,
                passed,
                overlaps,
                is_end: false,
            };
            return Taken::New(Vec::new());
        };
        let total = extent.total;
        let left = total.map(|total| total.saturating_sub(passed.saturating_add(count)));
        let counted_before = passed;
        let stays = from == Some(last);
        let (mut passed, mut overlaps) = (0, false);
        self.seen.clone_from(&of_last);
        if stays {
            self.seen.extend(all_seen_before);
        }
        if stays && !is_end {
            // All of it is of one second: only counting leads on. A server that gives just one at a
            // time would give the same again.
            self.counted.extend(of_last);
            let again = u32::from(asked == 1 || count > 1);
            let reached = counted_before.saturating_add(count);
            (passed, overlaps) = (reached.saturating_sub(again), again > 0);
        } else {
            self.counted.clear();
        }
        let seen = u32::try_from(self.seen.len()).unwrap_or(u32::MAX);
        let fits = |left: u32| left.saturating_add(seen) <= self.size;
        let is_end = self.guesses && left.is_some_and(fits);
        if is_end {
            (passed, overlaps) = (0, false);
            self.counted.clear();
        }
        self.step = Step::Dated {
            from: Some(last),
            passed,
            overlaps,
            is_end,
        };
        Taken::New(dated)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A message: its name, when it arrived in thousandths of a second.
    type Entry = (u32, Option<i64>);

    fn time(thousandths: i64) -> DateTime<Utc> {
        DateTime::from_timestamp_millis(1_700_000_000_000 + thousandths).unwrap()
    }

    fn holds(scope: Scope, order: MessageOrder, entry: &Entry) -> bool {
        let received = entry.1.map(time);
        match scope {
            Scope::All => true,
            Scope::Undated => received.is_none(),
            Scope::Dated { from, or_undated } => match (received, from) {
                (None, _) => or_undated,
                (Some(_), None) => true,
                (Some(received), Some(from)) => match Scope::bound(from, order) {
                    Bound::Before(time) => received < time,
                    Bound::From(time) => received >= time,
                },
            },
        }
    }

    /// Reads a list from a server that gives at most `most` entries; before each part `meddle`
    /// changes the list.
    fn read(
        mut list: Vec<Entry>,
        order: MessageOrder,
        size: u32,
        most: usize,
        mut meddle: impl FnMut(&mut Vec<Entry>),
    ) -> (Vec<Entry>, usize) {
        let mut timeline = Timeline::new(order, size);
        let (mut read, mut requests) = (Vec::new(), 0);
        while let Some(part) = timeline.part() {
            requests += 1;
            assert!(requests < 20_000, "no end: {timeline:?}");
            let is_met = |entry: &&Entry| holds(part.scope, order, entry);
            let mut view: Vec<Entry> = list.iter().filter(is_met).copied().collect();
            // What has no time comes first, as with null values of a store.
            view.sort_by_key(|entry| (entry.1, entry.0.wrapping_mul(2_654_435_761)));
            if order == MessageOrder::NewestFirst {
                view.reverse();
            }
            let Span { offset, entries } = part.span;
            let asked = entries as usize;
            let page: Vec<Entry> = view
                .iter()
                .skip(offset as usize)
                .take(asked.min(most))
                .copied()
                .collect();
            let extent = Extent {
                total: u32::try_from(view.len()).ok(),
                is_last: Some(offset as usize + page.len() >= view.len()),
            };
            // Servers say times in whole seconds.
            let said = |entry: &Entry| entry.1.map(|at| time(at.div_euclid(1000) * 1000));
            let named = page.into_iter();
            let named = named.map(|entry| (entry.0.to_string(), said(&entry), entry));
            let taken = timeline.take(
                named.collect(),
                |one: &(String, _, _)| (Some(one.0.as_str()), one.1),
                extent,
            );
            match taken {
                Taken::New(fresh) => read.extend(fresh.into_iter().map(|(_, _, entry)| entry)),
                Taken::Again => {}
                Taken::OutOfOrder => panic!("out of order"),
            }
            meddle(&mut list);
        }
        (read, requests)
    }

    fn spread(count: u32, apart: i64) -> Vec<Entry> {
        (0..count)
            .map(|number| (number, Some(i64::from(number) * apart)))
            .collect()
    }

    fn assert_in_order(read: &[Entry], order: MessageOrder) {
        let second = |entry: &Entry| entry.1.map(|at| at.div_euclid(1000));
        for pair in read.windows(2) {
            let (one, next) = (second(&pair[0]), second(&pair[1]));
            let is_right = match (one, next) {
                (_, None) => true,
                (None, Some(_)) => false,
                (Some(one), Some(next)) if order == MessageOrder::NewestFirst => one >= next,
                (Some(one), Some(next)) => one <= next,
            };
            assert!(is_right, "{pair:?}");
        }
    }

    #[test]
    fn a_long_list_takes_few_requests() {
        for order in [MessageOrder::NewestFirst, MessageOrder::OldestFirst] {
            for (apart, most) in [(40, 125), (1000, 62), (90_000, 62)] {
                let (read, requests) = read(spread(3000, apart), order, 50, 50, |_| {});
                assert_eq!(read.len(), 3000);
                assert_in_order(&read, order);
                // Each part but the first begins with one that was seen; where many are of one
                // second, those without a time may take one more.
                assert!(requests <= most + 2, "{requests} for {apart}");
            }
        }
        let (read, requests) = read(
            spread(90, 1000),
            MessageOrder::NewestFirst,
            MOST,
            1000,
            |_| {},
        );
        assert_eq!((read.len(), requests), (90, 1));
    }

    #[test]
    fn more_in_one_second_than_fit() {
        for order in [MessageOrder::NewestFirst, MessageOrder::OldestFirst] {
            let mut list = spread(200, 1);
            list.extend((200..260).map(|number| (number, Some(5000))));
            list.extend((260..290).map(|number| (number, None)));
            for size in [1, 7, 100] {
                for most in [1, 5, 1000] {
                    let (read, _) = read(list.clone(), order, size, most, |_| {});
                    assert_eq!(read.len(), 290, "{size} {most}");
                    assert_in_order(&read, order);
                }
            }
        }
    }

    /// A program that moves away all that it reads.
    #[test]
    fn what_was_read_may_go_at_once() {
        let mut oldest = 95;
        let (read, _) = read(
            spread(100, 700),
            MessageOrder::NewestFirst,
            5,
            1000,
            |list| {
                list.retain(|entry| entry.0 < oldest);
                oldest = oldest.saturating_sub(5);
            },
        );
        assert_eq!(read.len(), 100);
    }

    proptest! {
        #[test]
        fn nothing_is_lost_or_repeated(
            times in prop::collection::vec(prop::option::weighted(0.9, 0..20_000_i64), 1..120),
            size in 1..30_u32,
            most in 2..30_usize,
            newest_first: bool,
            changes in prop::collection::vec((0..1000_usize, prop::option::of(0..25_000_i64)), 0..40),
        ) {
            let order = match newest_first {
                true => MessageOrder::NewestFirst,
                false => MessageOrder::OldestFirst,
            };
            let list: Vec<Entry> = (0..).zip(times).collect();
            let mut gone = HashSet::new();
            let mut changes = changes.into_iter();
            let mut number = 1000;
            let (read, _) = read(list.clone(), order, size, most, |list| {
                match changes.next() {
                    Some((at, None)) if !list.is_empty() => {
                        let at = at % list.len();
                        gone.insert(list.remove(at).0);
                    }
                    Some((_, Some(time))) => {
                        number += 1;
                        list.push((number, Some(time)));
                    }
                    _ => {}
                }
            });
            let names: HashSet<u32> = read.iter().map(|entry| entry.0).collect();
            prop_assert_eq!(names.len(), read.len(), "repeated");
            for entry in &list {
                prop_assert!(names.contains(&entry.0) || gone.contains(&entry.0), "{:?} is missing", entry);
            }
            assert_in_order(&read, order);
        }
    }
}
