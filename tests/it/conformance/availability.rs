use chrono::{DateTime, TimeDelta, Utc};
use exchange_connector::model::{
    FreeBusyQuery, FreeBusyStatus, Schedule, ScheduleDetail, TimeRange,
};
use exchange_connector::simulator::{CalendarRights, Trouble};
use exchange_connector::{Effect, Error, ErrorKind, Result};

use super::backend::{
    Backend, Doing, HOME_ON_WINDOWS, PEOPLE, Planted, address, at, window, zones,
};

fn stamp(time: DateTime<Utc>) -> String {
    time.format("%Y-%m-%dT%H:%M:%SZ").to_string()
}

fn plant(b: &Backend, person: &str, range: TimeRange, more: &str) {
    let event = Planted::new("Busy", &stamp(range.start), &stamp(range.end), more);
    b.plant(person, &event);
}

fn shown_as(status: &str) -> String {
    format!("<t:LegacyFreeBusyStatus>{status}</t:LegacyFreeBusyStatus>")
}

fn person(number: usize) -> String {
    match number {
        1 => "alice".to_owned(),
        2 => "bob".to_owned(),
        3 => "carol".to_owned(),
        _ => format!("user{number}"),
    }
}

pub(super) async fn many_people_over_many_days(b: &Backend) -> Result<()> {
    let start = at("2026-03-02T00:00:00Z");
    let hundred_days = TimeRange::lasting(start, TimeDelta::days(100));
    // Everybody is busy for one hour, some of it where one request ends and the next begins.
    let begin = |number: usize| start + TimeDelta::minutes(number as i64 * 15 * 60 - 30);
    for number in 1..=PEOPLE {
        let hour = TimeRange::lasting(begin(number), TimeDelta::hours(1));
        plant(b, &person(number), hour, "");
    }
    let who: Vec<String> = (1..=PEOPLE)
        .map(|number| address(&person(number)))
        .collect();
    let query = FreeBusyQuery::new(who.clone(), hundred_days);
    let answers = b.mailbox("alice").free_busy(query).await?;
    assert_eq!(answers.len(), PEOPLE);
    for (number, (who, answer)) in (1..).zip(who.iter().zip(answers)) {
        let schedule = answer?;
        assert_eq!(&schedule.who, who);
        assert_eq!(schedule.slots.len(), 100 * 48);
        assert_eq!(schedule.items.len(), 1, "{who}");
        assert_eq!(schedule.items[0].range.start, begin(number));
        let busy: Vec<usize> = schedule
            .slots
            .iter()
            .enumerate()
            .filter(|(_, status)| **status == FreeBusyStatus::Busy)
            .map(|(slot, _)| slot)
            .collect();
        let first = number * 30 - 1;
        assert_eq!(busy, [first, first + 1], "{who}");
    }
    let limits = &b.capabilities().limits;
    let people = PEOPLE.div_ceil(limits.free_busy_mailboxes.unwrap() as usize);
    let windows = 100_u32.div_ceil(limits.free_busy_days.unwrap()) as usize;
    let most = people * windows;
    assert!(b.requests() as usize <= most, "{} requests", b.requests());
    Ok(())
}

pub(super) async fn a_server_that_takes_less(b: &Backend) -> Result<()> {
    let forty_days = window("2026-03-02T00:00:00Z", "2026-04-11T00:00:00Z");
    let across = window("2026-03-21T22:00:00Z", "2026-03-22T02:00:00Z");
    let last = window("2026-04-10T22:00:00Z", "2026-04-10T23:00:00Z");
    plant(b, "bob", across, "");
    plant(b, "bob", last, "");
    let before = b.requests();
    b.fail(Trouble::fault("ErrorTimeIntervalTooBig"));
    let who = ["alice@example.test", "bob@example.test"];
    let query = FreeBusyQuery::new(who, forty_days);
    let schedule = b.mailbox("alice").free_busy(query).await?.remove(1)?;
    let ranges: Vec<_> = schedule.items.iter().map(|item| item.range).collect();
    assert_eq!(ranges, [across, last]);
    // The whole, which was refused, and its halves.
    assert_eq!(b.requests() - before, 3);

    let before = b.requests();
    b.fail(Trouble::fault("ErrorMailboxDataArrayTooBig"));
    let query = FreeBusyQuery::new(who, across);
    let schedule = b.mailbox("alice").free_busy(query).await?.remove(1)?;
    assert_eq!(schedule.items.len(), 1);
    assert_eq!(b.requests() - before, 3);
    Ok(())
}

pub(super) async fn short_windows_and_repeated_addresses(b: &Backend) -> Result<()> {
    plant(
        b,
        "bob",
        window("2026-03-02T09:00:00Z", "2026-03-02T09:10:00Z"),
        "",
    );
    plant(
        b,
        "bob",
        window("2026-03-02T11:00:00Z", "2026-03-02T12:00:00Z"),
        "",
    );
    // A window no longer than a slot; and what comes after it is not in the answer.
    let short = window("2026-03-02T09:00:00Z", "2026-03-02T09:30:00Z");
    let who = [
        "bob@example.test",
        "nobody@example.test",
        "Bob@example.test",
        "nobody@example.test",
    ];
    for minutes in [30, 60, 1440] {
        let query = FreeBusyQuery::new(who, short).slot(TimeDelta::minutes(minutes));
        let answers = b.mailbox("alice").free_busy(query).await?;
        let words: Vec<_> = answers
            .iter()
            .map(|answer| match answer {
                Ok(schedule) => Ok((
                    schedule.who.as_str(),
                    schedule.items.len(),
                    schedule.slots.len(),
                )),
                Err(error) => Err((error.kind(), error.code())),
            })
            .collect();
        let unknown = Err((
            ErrorKind::MailboxNotFound,
            Some("ErrorMailRecipientNotFound"),
        ));
        assert_eq!(
            words,
            [Ok((who[0], 1, 1)), unknown, Ok((who[2], 1, 1)), unknown]
        );
    }
    assert_eq!(b.requests_to(Doing::FreeBusy), 3);
    Ok(())
}

pub(super) async fn groups_count_as_their_members(b: &Backend) -> Result<()> {
    use FreeBusyStatus::{Busy, Free, OutOfOffice};
    plant(
        b,
        "alice",
        window("2026-03-02T08:00:00Z", "2026-03-02T09:00:00Z"),
        "",
    );
    let later = window("2026-03-02T08:30:00Z", "2026-03-02T10:00:00Z");
    plant(b, "carol", later, &shown_as("OOF"));
    let morning = window("2026-03-02T08:00:00Z", "2026-03-02T11:00:00Z");
    let who = [
        "team@example.test",
        "everyone@example.test",
        "room1@example.test",
    ];
    let query = FreeBusyQuery::new(who, morning);
    let mut answers = b.mailbox("bob").free_busy(query).await?;
    let room = answers.remove(2)?;
    assert_eq!(room.slots, [Free; 6]);
    // More people than a server looks at for one group.
    let too_many = answers.remove(1).unwrap_err();
    assert_eq!(too_many.kind(), ErrorKind::LimitExceeded);
    let team = answers.remove(0)?;
    assert_eq!(team.detail, ScheduleDetail::SlotsOnly);
    let expected = [Busy, OutOfOffice, OutOfOffice, OutOfOffice, Free, Free];
    assert_eq!(team.slots, expected);
    assert_eq!(team.working_hours, None);
    Ok(())
}

pub(super) async fn an_unknown_address_fails_alone(b: &Backend) -> Result<()> {
    let morning = window("2026-03-02T08:00:00Z", "2026-03-02T12:00:00Z");
    plant(
        b,
        "bob",
        window("2026-03-02T09:00:00Z", "2026-03-02T10:00:00Z"),
        "",
    );
    let who = [
        "alice@example.test",
        "nobody@example.test",
        "bob@example.test",
    ];
    let answers = b
        .mailbox("alice")
        .free_busy(FreeBusyQuery::new(who, morning))
        .await?;
    let busy = |schedule: &Schedule| {
        let busy = |status: &&FreeBusyStatus| **status == FreeBusyStatus::Busy;
        schedule.slots.iter().filter(busy).count()
    };
    let words: Vec<_> = answers
        .iter()
        .map(|answer| answer.as_ref().map(busy).map_err(|error| error.kind()))
        .collect();
    assert_eq!(words, [Ok(0), Err(ErrorKind::MailboxNotFound), Ok(2)]);

    let before = b.requests();
    let wrong = FreeBusyQuery::new(["nobody"], morning);
    let refused = b.mailbox("alice").free_busy(wrong).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::InvalidArgument);
    assert_eq!(refused.effect(), Effect::None);
    assert_eq!(b.requests(), before);
    let nobody = FreeBusyQuery::new([""; 0], morning);
    assert_eq!(b.mailbox("alice").free_busy(nobody).await?.len(), 0);
    Ok(())
}

pub(super) async fn slots_are_the_busiest_of_what_overlaps(b: &Backend) -> Result<()> {
    let mut planted = Vec::new();
    for (start, minutes, word, status) in [
        (
            "2026-03-02T08:00:00Z",
            240,
            "Tentative",
            FreeBusyStatus::Tentative,
        ),
        ("2026-03-02T09:00:00Z", 60, "Busy", FreeBusyStatus::Busy),
        (
            "2026-03-02T09:20:00Z",
            7,
            "OOF",
            FreeBusyStatus::OutOfOffice,
        ),
        (
            "2026-03-02T13:10:00Z",
            5,
            "Tentative",
            FreeBusyStatus::Tentative,
        ),
        ("2026-03-03T23:50:00Z", 20, "Busy", FreeBusyStatus::Busy),
        ("2026-03-05T08:00:00Z", 30, "Free", FreeBusyStatus::Free),
        (
            "2026-02-28T08:00:00Z",
            60 * 50,
            "Tentative",
            FreeBusyStatus::Tentative,
        ),
    ] {
        let range = TimeRange::lasting(at(start), TimeDelta::minutes(minutes));
        plant(b, "bob", range, &shown_as(word));
        planted.push((range, status));
    }
    let series = format!(
        "<t:Recurrence><t:DailyRecurrence><t:Interval>1</t:Interval></t:DailyRecurrence>\
         <t:NumberedRecurrence><t:StartDate>2026-03-05</t:StartDate><t:NumberOfOccurrences>2</t:NumberOfOccurrences></t:NumberedRecurrence>\
         </t:Recurrence>{}",
        zones(HOME_ON_WINDOWS)
    );
    plant(
        b,
        "bob",
        window("2026-03-05T15:00:00Z", "2026-03-05T15:20:00Z"),
        &series,
    );
    for day in [5, 6] {
        let start = at(&format!("2026-03-0{day}T15:00:00Z"));
        let range = TimeRange::lasting(start, TimeDelta::minutes(20));
        planted.push((range, FreeBusyStatus::Busy));
    }
    let week = window("2026-03-02T00:00:00Z", "2026-03-09T00:00:00Z");
    for minutes in [5, 30, 1440] {
        let slot = TimeDelta::minutes(minutes);
        let query = FreeBusyQuery::new(["bob@example.test"], week).slot(slot);
        let schedule = b.mailbox("alice").free_busy(query).await?.remove(0)?;
        assert!(schedule.detail >= ScheduleDetail::Times);
        let mut expected = Vec::new();
        let mut start = week.start;
        while start < week.end {
            let slot = TimeRange::new(start, start + slot);
            let busiest = planted
                .iter()
                .filter(|(range, _)| range.overlaps(&slot))
                .map(|(_, status)| *status)
                .max();
            expected.push(busiest.unwrap_or(FreeBusyStatus::Free));
            start = slot.end;
        }
        assert_eq!(schedule.slots, expected, "slots of {minutes} minutes");
    }
    Ok(())
}

pub(super) async fn elsewhere_is_not_tentative(b: &Backend) -> Result<()> {
    use exchange_connector::model::{CalendarRef, NewEvent, Notify};
    // The server knows what that is since 2013: before, the event is refused.
    let event = NewEvent::new("Home", super::backend::lasting("2026-03-02T10:00", 60))
        .show_as(FreeBusyStatus::WorkingElsewhere);
    b.mailbox("bob")
        .create_event(&CalendarRef::Default, event, Notify::Auto)
        .await?;
    plant(
        b,
        "bob",
        window("2026-03-02T10:00:00Z", "2026-03-02T11:00:00Z"),
        &shown_as("Tentative"),
    );
    let morning = window("2026-03-02T08:00:00Z", "2026-03-02T12:00:00Z");
    let query = FreeBusyQuery::new(["bob@example.test"], morning).slot(TimeDelta::hours(1));
    let schedule = b.mailbox("alice").free_busy(query).await?.remove(0)?;
    assert_eq!(
        schedule.slots,
        [
            FreeBusyStatus::Free,
            FreeBusyStatus::WorkingElsewhere,
            FreeBusyStatus::Tentative,
            FreeBusyStatus::Free,
        ]
    );
    Ok(())
}

pub(super) async fn cancelled_and_free_make_nobody_busy(b: &Backend) -> Result<()> {
    use exchange_connector::model::{Attendee, CalendarRef, NewEvent, Notify};
    let morning = window("2026-03-02T08:00:00Z", "2026-03-02T12:00:00Z");
    plant(b, "bob", morning, &shown_as("Free"));
    let event = NewEvent::new("Off", super::backend::lasting("2026-03-02T10:00", 60))
        .attendee(Attendee::required(address("bob")));
    let organizer = b.mailbox("alice");
    let made = organizer
        .create_event(&CalendarRef::Default, event, Notify::Auto)
        .await?;
    let query = || FreeBusyQuery::new(["bob@example.test"], morning);
    let before = organizer.free_busy(query()).await?.remove(0)?;
    assert!(before.slots.contains(&FreeBusyStatus::Tentative));
    organizer.cancel_event(&made.id, None).await?;
    let after = organizer.free_busy(query()).await?.remove(0)?;
    assert_eq!(after.slots, [FreeBusyStatus::Free; 8]);
    Ok(())
}

pub(super) async fn rights_are_reported(b: &Backend) -> Result<()> {
    let morning = window("2026-03-02T08:00:00Z", "2026-03-02T12:00:00Z");
    plant(b, "bob", morning, "<t:Location>Room 1</t:Location>");
    let ask = async || {
        let query = FreeBusyQuery::new(["bob@example.test"], morning);
        let schedule = b.mailbox("alice").free_busy(query).await?.remove(0)?;
        let subject = schedule.items[0].subject.clone();
        Ok::<_, Error>((schedule.detail, subject, schedule.slots))
    };
    let busy = vec![FreeBusyStatus::Busy; 8];
    assert_eq!(ask().await?, (ScheduleDetail::Times, None, busy.clone()));
    b.grant("bob", "alice", CalendarRights::Reviewer);
    let subject = Some("Busy".to_owned());
    assert_eq!(ask().await?, (ScheduleDetail::Subjects, subject, busy));
    Ok(())
}
