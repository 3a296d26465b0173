//! Sets of weekdays, and which of them in a month.

use std::fmt;

use chrono::Weekday;
use serde::{Deserialize, Serialize};

/// A set of weekdays.
///
/// ```
/// use chrono::Weekday;
/// use exchange_connector::model::DaySet;
///
/// let days = DaySet::of(&[Weekday::Fri, Weekday::Mon]);
/// assert_eq!(days.iter().collect::<Vec<_>>(), [Weekday::Mon, Weekday::Fri]);
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(from = "Vec<Weekday>", into = "Vec<Weekday>")]
pub struct DaySet(u8);

const WEEK: [Weekday; 7] = [
    Weekday::Mon,
    Weekday::Tue,
    Weekday::Wed,
    Weekday::Thu,
    Weekday::Fri,
    Weekday::Sat,
    Weekday::Sun,
];

impl DaySet {
    /// No day.
    pub const EMPTY: Self = Self(0);
    /// All days.
    pub const ALL: Self = Self(0b111_1111);
    /// Monday to Friday.
    pub const WEEKDAYS: Self = Self(0b001_1111);
    /// Saturday and Sunday.
    pub const WEEKEND: Self = Self(0b110_0000);

    /// These days.
    pub fn of(days: &[Weekday]) -> Self {
        days.iter().copied().collect()
    }

    /// Whether the day is one of them.
    pub fn contains(self, day: Weekday) -> bool {
        self.0 & bit(day) != 0
    }

    /// The same with this day.
    #[must_use]
    pub fn with(self, day: Weekday) -> Self {
        Self(self.0 | bit(day))
    }

    /// How many there are.
    pub fn len(self) -> u32 {
        self.0.count_ones()
    }

    /// Whether there are none.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The days, from Monday on.
    pub fn iter(self) -> impl Iterator<Item = Weekday> {
        WEEK.into_iter().filter(move |day| self.contains(*day))
    }

    /// The day, if there is only one.
    pub fn single(self) -> Option<Weekday> {
        self.iter().next().filter(|_| self.len() == 1)
    }
}

fn bit(day: Weekday) -> u8 {
    1 << day.num_days_from_monday()
}

impl FromIterator<Weekday> for DaySet {
    fn from_iter<I: IntoIterator<Item = Weekday>>(days: I) -> Self {
        days.into_iter().fold(Self::EMPTY, Self::with)
    }
}

impl From<Weekday> for DaySet {
    fn from(day: Weekday) -> Self {
        Self(bit(day))
    }
}

impl From<Vec<Weekday>> for DaySet {
    fn from(days: Vec<Weekday>) -> Self {
        days.into_iter().collect()
    }
}

impl From<DaySet> for Vec<Weekday> {
    fn from(days: DaySet) -> Self {
        days.iter().collect()
    }
}

impl fmt::Debug for DaySet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}

/// Which of the days in a month. EWS `DayOfWeekIndex`, Graph `index`.
///
/// Closed on purpose: no month has a further one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WeekIndex {
    /// The first.
    First,
    /// The second.
    Second,
    /// The third.
    Third,
    /// The fourth.
    Fourth,
    /// The last.
    Last,
}

impl WeekIndex {
    /// 1 to 4; `None` for the last.
    pub fn nth(self) -> Option<u8> {
        match self {
            Self::First => Some(1),
            Self::Second => Some(2),
            Self::Third => Some(3),
            Self::Fourth => Some(4),
            Self::Last => None,
        }
    }

    /// 1 to 4, and 5 for the last, as Windows and EWS `DayOrder` count.
    pub fn number(self) -> u8 {
        self.nth().unwrap_or(5)
    }

    /// From 1 to 4, and 5 for the last; `None` for any other number.
    pub fn from_number(number: u8) -> Option<Self> {
        [
            Self::First,
            Self::Second,
            Self::Third,
            Self::Fourth,
            Self::Last,
        ]
        .into_iter()
        .find(|index| index.number() == number)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn sets() {
        assert_eq!(
            DaySet::WEEKDAYS.len() + DaySet::WEEKEND.len(),
            DaySet::ALL.len()
        );
        assert_eq!(DaySet::from(Weekday::Sun).single(), Some(Weekday::Sun));
        assert_eq!(
            (DaySet::EMPTY.single(), DaySet::WEEKEND.single()),
            (None, None)
        );
        assert_eq!(format!("{:?}", DaySet::WEEKEND), "{Sat, Sun}");
    }

    #[test]
    fn week_numbers() {
        for number in 0..=u8::MAX {
            assert_eq!(
                WeekIndex::from_number(number).map(WeekIndex::number),
                (1..=5).contains(&number).then_some(number)
            );
        }
    }

    proptest! {
        #[test]
        fn days_come_back(bits in 0u8..128) {
            let set: DaySet = WEEK.into_iter().filter(|day| bits & bit(*day) != 0).collect();
            prop_assert_eq!(set.len(), bits.count_ones());
            prop_assert_eq!(set.iter().collect::<DaySet>(), set);
            prop_assert_eq!(serde_json::from_str::<DaySet>(&serde_json::to_string(&set).unwrap()).unwrap(), set);
        }
    }
}
