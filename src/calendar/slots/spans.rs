//! Stretches of time, and when something that takes time can begin in them.

use chrono::{DateTime, TimeDelta, Utc};

use crate::model::TimeRange;

/// Stretches of time in order, none of which touches another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Spans(Vec<TimeRange>);

impl Spans {
    /// What any of the ranges covers.
    pub(super) fn of(ranges: impl IntoIterator<Item = TimeRange>) -> Self {
        let mut ranges: Vec<_> = ranges.into_iter().collect();
        ranges.retain(|range| range.start < range.end);
        ranges.sort_unstable_by_key(|range| range.start);
        let mut spans: Vec<TimeRange> = Vec::new();
        for range in ranges {
            match spans.last_mut() {
                Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
                _ => spans.push(range),
            }
        }
        Self(spans)
    }

    /// What is left of a range.
    pub(super) fn gaps(&self, whole: TimeRange) -> Self {
        let mut gaps = Vec::new();
        let mut from = whole.start;
        for span in &self.0 {
            gaps.push(TimeRange::new(from, span.start.min(whole.end)));
            from = from.max(span.end);
        }
        gaps.push(TimeRange::new(from, whole.end));
        Self::of(gaps)
    }

    /// When something can begin that needs so much time before it and so much from its beginning on.
    pub(super) fn starts(&self, before: TimeDelta, after: TimeDelta) -> Starts {
        let starts = self.0.iter().filter_map(|span| {
            let first = span.start.checked_add_signed(before)?;
            let last = span.end.checked_sub_signed(after)?;
            (first <= last).then_some((first, last))
        });
        Starts(starts.collect())
    }
}

/// From when until when something can begin, both included; in order and apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Starts(Vec<(DateTime<Utc>, DateTime<Utc>)>);

impl Starts {
    /// Never.
    pub(super) const NEVER: Self = Self(Vec::new());

    /// When both can begin.
    pub(super) fn and(&self, other: &Self) -> Self {
        let (mut these, mut those) = (self.0.iter().peekable(), other.0.iter().peekable());
        let mut both = Vec::new();
        while let (Some(this), Some(that)) = (these.peek(), those.peek()) {
            let (first, last) = (this.0.max(that.0), this.1.min(that.1));
            if first <= last {
                both.push((first, last));
            }
            if this.1 <= that.1 {
                these.next();
            } else {
                those.next();
            }
        }
        Self(both)
    }

    /// Whether something can begin then.
    pub(super) fn contains(&self, instant: DateTime<Utc>) -> bool {
        let after = self.0.partition_point(|(first, _)| *first <= instant);
        let found = after.checked_sub(1).and_then(|index| self.0.get(index));
        found.is_some_and(|(_, last)| instant <= *last)
    }

    /// The instants that are whole steps away from the origin.
    pub(super) fn on_grid(
        &self,
        origin: DateTime<Utc>,
        step: TimeDelta,
    ) -> impl Iterator<Item = DateTime<Utc>> {
        self.0.iter().flat_map(move |(first, last)| {
            let last = *last;
            let next = move |at: &DateTime<Utc>| at.checked_add_signed(step);
            std::iter::successors(ceil(*first, origin, step), next)
                .take_while(move |at| *at <= last)
        })
    }
}

/// The first instant from `instant` on that is whole steps away from the origin.
fn ceil(instant: DateTime<Utc>, origin: DateTime<Utc>, step: TimeDelta) -> Option<DateTime<Utc>> {
    let length = step.num_microseconds().filter(|length| *length > 0)?;
    let since = instant.signed_duration_since(origin).num_microseconds()?;
    let over = TimeDelta::microseconds(since.rem_euclid(length));
    // Nanoseconds are not looked at above.
    let since = TimeDelta::microseconds(since);
    let before = origin.checked_add_signed(since)?.checked_sub_signed(over)?;
    match before >= instant {
        true => Some(before),
        false => before.checked_add_signed(step),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minute: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::minutes(minute)
    }

    fn spans(ranges: &[(i64, i64)]) -> Spans {
        let range = |(from, to): &(i64, i64)| TimeRange::new(at(*from), at(*to));
        Spans::of(ranges.iter().map(range))
    }

    #[test]
    fn what_touches_is_one() {
        let merged = spans(&[(30, 40), (0, 10), (10, 20), (5, 12), (50, 50), (70, 60)]);
        assert_eq!(merged, spans(&[(0, 20), (30, 40)]));
        assert_eq!(merged.0.len(), 2);
    }

    #[test]
    fn gaps_of_a_range() {
        let busy = spans(&[(-20, 5), (10, 20), (55, 90)]);
        let whole = TimeRange::new(at(0), at(60));
        assert_eq!(busy.gaps(whole), spans(&[(5, 10), (20, 55)]));
        assert_eq!(spans(&[(-5, 70)]).gaps(whole), spans(&[]));
        assert_eq!(spans(&[(80, 90)]).gaps(whole), spans(&[(0, 60)]));
        assert_eq!(spans(&[(-9, -3)]).gaps(whole), spans(&[(0, 60)]));
    }

    #[test]
    fn beginnings() {
        let minutes = TimeDelta::minutes;
        let free = spans(&[(0, 60), (100, 120), (200, 215)]);
        let starts = free.starts(minutes(5), minutes(15));
        assert_eq!(starts.0, [(at(5), at(45)), (at(105), at(105))]);
        for (minute, can) in [(4, false), (5, true), (45, true), (46, false), (105, true)] {
            assert_eq!(starts.contains(at(minute)), can, "{minute}");
        }
        let both = starts.and(&spans(&[(0, 20), (40, 300)]).starts(minutes(0), minutes(10)));
        assert_eq!(
            both.0,
            [(at(5), at(10)), (at(40), at(45)), (at(105), at(105))]
        );
        assert_eq!(starts.and(&Starts::NEVER), Starts::NEVER);
        let on_grid: Vec<_> = both.on_grid(at(1000), minutes(5)).collect();
        assert_eq!(on_grid, [at(5), at(10), at(40), at(45), at(105)]);
        let on_grid: Vec<_> = both.on_grid(at(2), minutes(4)).collect();
        assert_eq!(on_grid, [at(6), at(10), at(42)]);
    }

    #[test]
    fn a_grid_bears_fractions_and_extremes() {
        let odd = at(7) + TimeDelta::nanoseconds(1);
        assert_eq!(ceil(odd, at(0), TimeDelta::minutes(7)), Some(at(14)));
        assert_eq!(ceil(at(7), odd, TimeDelta::minutes(7)), Some(odd));
        let far = DateTime::<Utc>::MAX_UTC;
        assert_eq!(ceil(far, at(0), TimeDelta::minutes(7)), None);
        assert_eq!(ceil(at(0), at(0), TimeDelta::zero()), None);
    }
}
