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

/// All of five years, in windows of some months; the number of occurrences and the longest wait.
async fn list(simulator: &Simulator, months: usize) -> usize {
    let date = |month: usize| format!("{}-{:02}-01T00:00:00Z", 2024 + month / 12, month % 12 + 1);
    let mut seen = 0;
    for month in (0..60).step_by(months) {
        let window = view(CALENDAR, &date(month), &date(month + months), "");
        seen += call(simulator, &window).await.texts("Start").len();
    }
    seen
}

#[tokio::test]
async fn thirty_thousand_occurrences_are_listed_in_seconds() {
    let simulator = Simulator::builder()
        .check_schema(false)
        .start()
        .await
        .unwrap();
    for hour in 1..=17 {
        simulator.plant(ALICE, "calendar", &daily(hour)).unwrap();
    }
    // More than that at once is refused, as by the policy of a real server.
    let year = view(CALENDAR, "2024-01-01T00:00:00Z", "2025-01-01T00:00:00Z", "");
    assert_eq!(
        call(&simulator, &year).await.code(),
        "ErrorExceededFindCountLimit"
    );
    let begun = Instant::now();
    assert_eq!(list(&simulator, 1).await, 17 * 1827);
    assert!(begun.elapsed() < Duration::from_secs(60));
}

#[tokio::test]
async fn exceptions_do_not_make_a_series_slow() {
    let simulator = start().await;
    let master = simulator.plant(ALICE, "calendar", &daily(9)).unwrap();
    {
        let mut store = lock(&simulator.shared.store);
        let (owner, series) = find(&store, &master).unwrap();
        let starts: Vec<_> = series
            .pattern_before(chrono::DateTime::<chrono::Utc>::MAX_UTC)
            .collect();
        let slot = store.mailboxes[owner]
            .items
            .get_mut(&series.number)
            .unwrap();
        for (start, _) in starts {
            let mut one = series.occurrence_at(start);
            one.set(item::SUBJECT, Value::Text("Other".to_owned()));
            let overrides = series.differences(&one, start);
            slot.exceptions.insert(start, overrides);
        }
    }
    let begun = Instant::now();
    assert_eq!(list(&simulator, 6).await, 1827);
    assert!(begun.elapsed() < Duration::from_secs(30));
}
