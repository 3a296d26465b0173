//! Rules beside the crate `rrule`.

use proptest::prelude::*;
use rrule::{RRuleSet, Tz};

use super::{write::longest, *};

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn read(text: &str, start: &str) -> Result<Pattern, String> {
    let start = day(start);
    let range = Range::NoEnd { start };
    let rule = Rule::read(text, start, [9, 0, 0])?;
    Ok(rule.recurrence(range, false)?.pattern)
}

#[test]
fn spellings() {
    let monthly = |week, days| Pattern::MonthlyOnWeekday {
        interval: 1,
        week,
        days,
    };
    let tuesday = DaySet::from(Weekday::Tue);
    let weekly = |days, first_day| Pattern::Weekly {
        interval: 1,
        days,
        first_day,
    };
    let yearly = |month, day| Pattern::YearlyOnDay {
        interval: 1,
        month,
        day,
    };
    for (text, start, pattern) in [
        ("FREQ=DAILY", "2026-01-01", Pattern::Daily { interval: 1 }),
        (
            "freq=daily;interval=3;byhour=9;byminute=0;",
            "2026-01-01",
            Pattern::Daily { interval: 3 },
        ),
        (
            "FREQ=DAILY;BYDAY=MO,TU,WE,TH,FR",
            "2026-01-01",
            weekly(DaySet::WEEKDAYS, Weekday::Mon),
        ),
        (
            "FREQ=WEEKLY;WKST=SU",
            "2026-01-06",
            weekly(tuesday, Weekday::Sun),
        ),
        (
            "FREQ=MONTHLY;BYDAY=TU",
            "2026-01-06",
            weekly(tuesday, Weekday::Mon),
        ),
        (
            "FREQ=MONTHLY;BYDAY=2TU",
            "2026-01-13",
            monthly(WeekIndex::Second, tuesday),
        ),
        (
            "FREQ=MONTHLY;BYDAY=+2TU",
            "2026-01-13",
            monthly(WeekIndex::Second, tuesday),
        ),
        (
            "FREQ=MONTHLY;BYDAY=TU;BYSETPOS=2",
            "2026-01-13",
            monthly(WeekIndex::Second, tuesday),
        ),
        (
            "FREQ=MONTHLY;BYDAY=TU;BYMONTHDAY=8,9,10,11,12,13,14",
            "2026-01-13",
            monthly(WeekIndex::Second, tuesday),
        ),
        (
            "FREQ=MONTHLY;BYDAY=TU;BYMONTHDAY=-7,-6,-5,-4,-3,-2,-1",
            "2026-01-27",
            monthly(WeekIndex::Last, tuesday),
        ),
        (
            "FREQ=MONTHLY;BYSETPOS=-1;BYDAY=SU,SA",
            "2026-01-31",
            monthly(WeekIndex::Last, DaySet::WEEKEND),
        ),
        (
            "FREQ=MONTHLY;BYMONTHDAY=-1",
            "2026-01-31",
            Pattern::MonthlyOnDay {
                interval: 1,
                day: 31,
            },
        ),
        (
            "FREQ=MONTHLY;BYMONTHDAY=28,29,30;BYSETPOS=-1",
            "2026-01-30",
            Pattern::MonthlyOnDay {
                interval: 1,
                day: 30,
            },
        ),
        (
            "RSCALE=GREGORIAN;FREQ=MONTHLY;SKIP=BACKWARD;BYMONTHDAY=30",
            "2026-01-30",
            Pattern::MonthlyOnDay {
                interval: 1,
                day: 30,
            },
        ),
        (
            "FREQ=YEARLY;BYMONTH=1,4,7,10",
            "2026-04-15",
            Pattern::MonthlyOnDay {
                interval: 3,
                day: 15,
            },
        ),
        ("FREQ=YEARLY", "2026-12-31", yearly(12, 31)),
        ("FREQ=MONTHLY;INTERVAL=12", "2026-12-31", yearly(12, 31)),
        (
            "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=-1",
            "2028-02-29",
            yearly(2, 29),
        ),
        (
            "FREQ=YEARLY;BYMONTH=11;BYDAY=4TH",
            "2026-11-26",
            Pattern::YearlyOnWeekday {
                interval: 1,
                month: 11,
                week: WeekIndex::Fourth,
                days: Weekday::Thu.into(),
            },
        ),
    ] {
        assert_eq!(read(text, start), Ok(pattern), "{text}");
    }
}

#[test]
fn what_no_pattern_can_say() {
    for (text, start, why) in [
        ("FREQ=HOURLY", "2026-01-01", "FREQ=HOURLY"),
        ("FREQ=FORTNIGHTLY", "2026-01-01", "FREQ=FORTNIGHTLY"),
        ("INTERVAL=1", "2026-01-01", "no FREQ"),
        ("FREQ=DAILY;FREQ=DAILY", "2026-01-01", "FREQ twice"),
        ("FREQ=DAILY;INTERVAL=65537", "2026-01-01", "INTERVAL=65537"),
        ("FREQ=DAILY;INTERVAL=0", "2026-01-01", "INTERVAL=0"),
        ("FREQ=DAILY;INTERVAL=-1", "2026-01-01", "INTERVAL=-1"),
        ("FREQ=DAILY;COUNT=0", "2026-01-01", "COUNT=0"),
        (
            "FREQ=DAILY;COUNT=1;UNTIL=20270101",
            "2026-01-01",
            "both COUNT and UNTIL",
        ),
        ("FREQ=DAILY;UNTIL=tomorrow", "2026-01-01", "UNTIL=TOMORROW"),
        ("FREQ=DAILY;BYEASTER=1", "2026-01-01", "BYEASTER"),
        ("FREQ=DAILY;BYHOUR=9,17", "2026-01-01", "BYHOUR"),
        ("FREQ=DAILY;BYHOUR=10", "2026-01-01", "BYHOUR"),
        ("FREQ=DAILY;BYMONTH=1", "2026-01-01", "BYMONTH"),
        ("FREQ=DAILY;INTERVAL=2;BYDAY=MO", "2026-01-01", "weekdays"),
        (
            "FREQ=WEEKLY;BYDAY=2MO",
            "2026-01-12",
            "weekdays with numbers",
        ),
        ("FREQ=WEEKLY;BYSETPOS=1", "2026-01-12", "BYSETPOS"),
        ("FREQ=MONTHLY;BYDAY=5TU", "2026-03-31", "number 5"),
        ("FREQ=MONTHLY;BYDAY=-2TU", "2026-03-24", "number -2"),
        (
            "FREQ=MONTHLY;BYDAY=1TU,3TU",
            "2026-03-03",
            "more than one day",
        ),
        (
            "FREQ=MONTHLY;BYMONTHDAY=1,15",
            "2026-03-01",
            "more than one day",
        ),
        (
            "FREQ=MONTHLY;BYMONTHDAY=-2",
            "2026-03-30",
            "counted from its end",
        ),
        (
            "FREQ=MONTHLY;BYMONTHDAY=287",
            "2026-03-31",
            "BYMONTHDAY=287",
        ),
        (
            "FREQ=MONTHLY;BYMONTHDAY=29,30,31;BYSETPOS=-1",
            "2026-03-31",
            "February",
        ),
        ("FREQ=MONTHLY;BYMONTHDAY=31", "2026-03-31", "2026-04-30"),
        ("FREQ=YEARLY", "2028-02-29", "2029-02-28"),
        ("FREQ=YEARLY;BYWEEKNO=20", "2026-05-11", "BYWEEKNO"),
        (
            "FREQ=YEARLY;BYDAY=20MO",
            "2026-05-18",
            "weekdays of the year",
        ),
        ("FREQ=YEARLY;BYMONTHDAY=1", "2026-05-01", "every month"),
        ("FREQ=YEARLY;BYMONTH=1,2", "2026-01-01", "equally far apart"),
        (
            "FREQ=YEARLY;BYMONTH=1,7;BYDAY=MO;BYSETPOS=1",
            "2026-01-05",
            "several months of a year",
        ),
        (
            "FREQ=MONTHLY;BYDAY=2TU",
            "2026-01-14",
            "2026-01-14, is not one of its days",
        ),
        ("RSCALE=CHINESE;FREQ=YEARLY", "2026-01-14", "RSCALE=CHINESE"),
        ("", "2026-01-01", "no FREQ"),
        ("FREQ", "2026-01-01", "FREQ"),
    ] {
        let problem = read(text, start).expect_err(text);
        assert!(problem.contains(why), "{text}: {problem}");
    }
}

#[test]
fn short_months_may_be_chosen() {
    let start = day("2026-03-31");
    let rule = Rule::read("FREQ=MONTHLY", start, [9, 0, 0]).unwrap();
    let range = Range::NoEnd { start };
    assert!(rule.clone().recurrence(range, false).is_err());
    assert!(rule.clone().recurrence(range, true).is_ok());
    // Where no short month is met there is nothing to choose.
    let two = Range::Count { start, count: 1 };
    assert!(rule.recurrence(two, false).is_ok());
}

/// The first days by the crate `rrule`.
fn by_rrule(rule: &str, start: NaiveDate, most: u16) -> Vec<NaiveDate> {
    let text = format!("DTSTART:{}T090000Z\nRRULE:{rule}", start.format("%Y%m%d"));
    let set: RRuleSet = text
        .parse()
        .unwrap_or_else(|error| panic!("{text}: {error}"));
    let found = set.all(most).dates;
    found
        .iter()
        .map(|date: &chrono::DateTime<Tz>| date.date_naive())
        .collect()
}

fn patterns() -> impl Strategy<Value = Pattern> {
    let days = (1_u8..128).prop_map(|bits| -> DaySet {
        let all = DaySet::ALL.iter().enumerate();
        all.filter(|(at, _)| bits & 1 << at != 0)
            .map(|(_, day)| day)
            .collect()
    });
    let weekday = (0_usize..7).prop_map(|at| DaySet::ALL.iter().nth(at).unwrap());
    let week = (1_u8..=5).prop_map(|number| WeekIndex::from_number(number).unwrap());
    prop_oneof![
        (1_u16..400).prop_map(|interval| Pattern::Daily { interval }),
        (1_u16..9, days.clone(), weekday).prop_map(|(interval, days, first_day)| {
            Pattern::Weekly {
                interval,
                days,
                first_day,
            }
        }),
        (1_u16..30, 1_u8..=31).prop_map(|(interval, day)| Pattern::MonthlyOnDay { interval, day }),
        (1_u16..30, week.clone(), days.clone()).prop_map(|(interval, week, days)| {
            Pattern::MonthlyOnWeekday {
                interval,
                week,
                days,
            }
        }),
        (1_u16..5, 1_u8..=12, 1_u8..=31).prop_map(|(interval, month, day)| {
            Pattern::YearlyOnDay {
                interval,
                month,
                day: day.min(longest(month)),
            }
        }),
        (1_u16..5, 1_u8..=12, week, days).prop_map(|(interval, month, week, days)| {
            Pattern::YearlyOnWeekday {
                interval,
                month,
                week,
                days,
            }
        }),
    ]
}

fn starts() -> impl Strategy<Value = NaiveDate> {
    (0_u64..20_000).prop_map(|days| day("1995-01-01") + chrono::Days::new(days))
}

/// A day that a month never has is its last.
fn within_month(mut recurrence: Recurrence) -> Recurrence {
    if let Pattern::YearlyOnDay { month, day, .. } = &mut recurrence.pattern {
        let longest = match *month {
            2 => 29,
            4 | 6 | 9 | 11 => 30,
            _ => 31,
        };
        *day = (*day).min(longest);
    }
    recurrence
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    /// What is written gives the same days to others, and comes back.
    #[test]
    fn written_rules_have_our_days(pattern in patterns(), start in starts()) {
        let endless = Recurrence::new(pattern, Range::NoEnd { start });
        let rule = write_pattern(&endless.pattern).unwrap();
        let ours: Vec<_> = endless.days().take(40).collect();
        prop_assert_eq!(&by_rrule(&rule, start, 40), &ours, "{}", rule);
        prop_assert_eq!(endless.days_from(ours[17]).next(), Some(ours[17]));

        let start = ours[0];
        let range = Range::NoEnd { start };
        let recurrence = Recurrence::new(endless.pattern, range).normalized();
        let rule = write_pattern(&recurrence.pattern).unwrap();
        let read = Rule::read(&rule, start, [9, 0, 0]).and_then(|rule| rule.recurrence(range, false));
        prop_assert_eq!(read.map(within_month), Ok(within_month(recurrence)), "{}", rule);
    }

    /// What is read has the days of the rule.
    #[test]
    fn rules_that_are_read_have_their_days(
        frequency in "DAILY|WEEKLY|MONTHLY|MONTHLY|YEARLY|YEARLY",
        interval in 1_u8..4,
        days in proptest::option::of("(MO|-1TU|2WE|TH|SA,SU|FR|MO,TU,WE,TH,FR|3FR)"),
        month_days in proptest::option::of("(1|15|28|29|31|-1|-2|27,28,29|28,29,30,31|1,2,3,4,5,6,7|15,16,17,18,19,20,21)"),
        months in proptest::option::of("(2|3|12|1,7|1,4,7,10|2,3)"),
        position in proptest::option::weighted(0.3, "(1|2|-1|4)"),
        start in starts(),
    ) {
        let mut rule = format!("FREQ={frequency};INTERVAL={interval}");
        for (name, part) in [("BYDAY", days), ("BYMONTHDAY", month_days), ("BYMONTH", months), ("BYSETPOS", position)] {
            if let Some(part) = part {
                rule += &format!(";{name}={part}");
            }
        }
        // Others take long to find that a rule has no day at all.
        if Rule::read(&rule, start, [9, 0, 0]).is_err() {
            return Ok(());
        }
        // The crate refuses a few combinations that RFC 5545 rules out, and so do we.
        let text = format!("DTSTART:{}T090000Z\nRRULE:{rule}", start.format("%Y%m%d"));
        let Ok(set) = text.parse::<RRuleSet>() else { return Ok(()) };
        let Some(first) = set.all(1).dates.first().map(chrono::DateTime::date_naive) else { return Ok(()) };
        let range = Range::NoEnd { start: first };
        if let Ok(read) = Rule::read(&rule, first, [9, 0, 0]).and_then(|rule| rule.recurrence(range, false)) {
            let ours: Vec<_> = read.days().take(30).collect();
            prop_assert_eq!(by_rrule(&rule, first, 30), ours, "{} {:?}", rule, read);
        }
    }

    #[test]
    fn any_text_is_taken(text in "(FREQ=|DAILY|YEARLY|MONTHLY|;|BYDAY=|BYMONTHDAY=|BYMONTH=|BYSETPOS=|INTERVAL=|COUNT=|UNTIL=|[-+0-9,MOTUé]{1,4}){0,12}", start in starts()) {
        if let Ok(rule) = Rule::read(&text, start, [9, 0, 0]) {
            let _ = rule.recurrence(Range::NoEnd { start }, false);
        }
    }
}
