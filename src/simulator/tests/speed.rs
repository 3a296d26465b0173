//! Large calendars are listed in seconds, also in a debug build.

use std::time::{Duration, Instant};

use super::*;

/// A series every day at that hour for five years.
fn daily(hour: usize) -> String {
    let recurrence = "<t:Recurrence><t:DailyRecurrence><t:Interval>1</t:Interval></t:DailyRecurrence><t:EndDateRecurrence><t:StartDate>2024-01-01</t:StartDate><t:EndDate>2028-12-31</t:EndDate></t:EndDateRecurrence></t:Recurrence><t:StartTimeZone Id=\"W. Europe Standard Time\"/><t:EndTimeZone Id=\"W. Europe Standard Time\"/>";
    event(
        &format!("At {hour}"),
        &format!("2024-01-01T{hour:02}:00:00Z"),
        &format!("2024-01-01T{hour:02}:30:00Z"),
        recurrence,
    )
}

#[tokio::test]
async fn thirty_thousand_occurrences_are_listed_in_seconds() {
    let simulator = Simulator::builder()
        .check_schema(std::env::var("NOCHECK").is_err())
        .start()
        .await
        .unwrap();
    for hour in 1..=17 {
        simulator.plant(ALICE, "calendar", &daily(hour)).unwrap();
    }
    let begun = Instant::now();
    let mut seen = 0;
    let mut worst = Duration::ZERO;
    for month in 0..60 {
        let date = |month: i32| format!("{}-{:02}-01T00:00:00Z", 2024 + month / 12, month % 12 + 1);
        let one = Instant::now();
        let month = view(CALENDAR, &date(month), &date(month + 1), "");
        seen += call(&simulator, &month).await.texts("Start").len();
        worst = worst.max(one.elapsed());
    }
    eprintln!("{seen} in {:?}, worst {worst:?}", begun.elapsed());
    assert_eq!(seen, 17 * 1827);
    assert!(
        begun.elapsed() < Duration::from_secs(60),
        "{:?}",
        begun.elapsed()
    );
}
