//! An agenda for demonstrations: a week with everything that a calendar client must get right.

use chrono::{DateTime, Datelike, Duration, NaiveDate, NaiveTime, Utc};

use super::change::new_item;
use super::item::{END, Item, LOCATION, RESPONSE, START, STATE, SUBJECT};
use super::property::Value;
use super::refusal::Refusal;
use super::request::TYPES;
use super::store::Store;
use super::zone::Zone;

/// Reads an item from its XML, in `t:` elements, as CreateItem would carry it.
pub(super) fn read(xml: &str, now: DateTime<Utc>) -> Result<Item, Refusal> {
    let text = format!("<items xmlns:t=\"{TYPES}\" xmlns=\"{TYPES}\">{xml}</items>");
    let corrupt = |message: String| Refusal::new("ErrorItemCorrupt", message);
    let document = roxmltree::Document::parse(&text).map_err(|error| corrupt(error.to_string()))?;
    let node = document
        .root_element()
        .first_element_child()
        .ok_or_else(|| corrupt("There is no item.".to_owned()))?;
    let utc = Zone::utc();
    let mut item = new_item(node, &utc, now)?;
    if item.start_zone.is_none() {
        item.start_zone = Some(utc);
    }
    if item.end_zone.is_none() {
        item.end_zone.clone_from(&item.start_zone);
    }
    Ok(item)
}

/// A day of the week that `now` lies in, at that time in a zone.
struct Week {
    monday: NaiveDate,
}

impl Week {
    fn at(&self, zone: &Zone, day: u64, hour: u32, minute: u32) -> DateTime<Utc> {
        let date = self.monday + chrono::Days::new(day);
        let time = NaiveTime::from_hms_opt(hour, minute, 0).unwrap_or_default();
        zone.instant(date.and_time(time))
    }
}

fn event(subject: &str, start: DateTime<Utc>, end: DateTime<Utc>, more: [&str; 4]) -> String {
    let [body, before_place, place, after] = more;
    let stamp = |instant: DateTime<Utc>| instant.format("%Y-%m-%dT%H:%M:%SZ").to_string();
    format!(
        "<t:CalendarItem><t:Subject>{subject}</t:Subject>{body}<t:Start>{}</t:Start><t:End>{}</t:End>{before_place}{place}{after}</t:CalendarItem>",
        stamp(start),
        stamp(end)
    )
}

fn zones(id: &str) -> String {
    format!("<t:StartTimeZone Id=\"{id}\"/><t:EndTimeZone Id=\"{id}\"/>")
}

/// Fills the calendars of the first three mailboxes.
pub(super) fn agenda(store: &mut Store, now: DateTime<Utc>) -> Result<(), Refusal> {
    let berlin = Zone::windows("W. Europe Standard Time").unwrap_or_else(Zone::utc);
    let york = Zone::windows("Eastern Standard Time").unwrap_or_else(Zone::utc);
    let today = berlin.local(now).date();
    let back = chrono::Days::new(u64::from(today.weekday().num_days_from_monday()));
    let week = Week {
        monday: today - back,
    };
    let at = |day, hour, minute| week.at(&berlin, day, hour, minute);
    let here = zones(&berlin.id);

    team_meeting(store, &week, &berlin, now)?;
    let start = week.at(&berlin, 2, 0, 0);
    let all_day = event(
        "Company outing",
        start,
        week.at(&berlin, 3, 0, 0),
        [
            "",
            "<t:IsAllDayEvent>true</t:IsAllDayEvent><t:LegacyFreeBusyStatus>OOF</t:LegacyFreeBusyStatus>",
            "<t:Location>Wannsee</t:Location>",
            &here,
        ],
    );
    put(store, 0, read(&all_day, now)?, now);
    let online = event(
        "Design review",
        at(1, 14, 0),
        at(1, 15, 0),
        [
            "<t:Body BodyType=\"HTML\">&lt;html&gt;&lt;body&gt;&lt;p&gt;Please read the draft before.&lt;/p&gt;&lt;p&gt;________________&lt;/p&gt;&lt;p&gt;Microsoft Teams meeting&lt;br&gt;&lt;a href=\"https://teams.microsoft.com/l/meetup-join/19%3ameeting_c2ltdWxhdG9y%40thread.v2/0?context=%7b%22Tid%22%3a%220%22%7d\"&gt;Click here to join the meeting&lt;/a&gt;&lt;/p&gt;&lt;/body&gt;&lt;/html&gt;</t:Body>",
            "",
            "<t:Location>Microsoft Teams Meeting; Room 4.12</t:Location>",
            &format!(
                "<t:RequiredAttendees><t:Attendee><t:Mailbox><t:Name>Bob Berger</t:Name><t:EmailAddress>bob@example.test</t:EmailAddress></t:Mailbox></t:Attendee></t:RequiredAttendees>{here}"
            ),
        ],
    );
    put(store, 0, read(&online, now)?, now);
    let abroad = event(
        "Call with New York",
        week.at(&york, 3, 9, 0),
        week.at(&york, 3, 10, 0),
        ["", "", "<t:Location>Phone</t:Location>", &zones(&york.id)],
    );
    put(store, 0, read(&abroad, now)?, now);
    for (owner, subject, day, hour, minutes, status) in [
        (1, "Customer visit", 0, 9, 180, "Busy"),
        (1, "Dentist", 2, 13, 60, "OOF"),
        (1, "Lunch with Carol", 4, 12, 60, "Tentative"),
        (2, "Focus time", 0, 10, 120, "Busy"),
        (2, "Interview", 1, 14, 45, "Busy"),
        (2, "Lunch with Bob", 4, 12, 60, "Busy"),
    ] {
        let start = at(day, hour, 0);
        let status = format!("<t:LegacyFreeBusyStatus>{status}</t:LegacyFreeBusyStatus>");
        let end = start + Duration::minutes(minutes);
        let xml = event(subject, start, end, ["", &status, "", &here]);
        put(store, owner, read(&xml, now)?, now);
    }
    Ok(())
}

/// What there is to join in the next hour, and what is not to be joined: over, cancelled, declined.
pub(super) fn calls(store: &mut Store, now: DateTime<Utc>) -> Result<(), Refusal> {
    let here = zones("W. Europe Standard Time");
    let now = now - Duration::seconds(now.timestamp().rem_euclid(300));
    // State and response as MAPI has them: received and accepted, declined, cancelled.
    let (accepted, declined, cancelled) = ((3, 3), (3, 4), (7, 5));
    for (subject, from, minutes, (state, response), busy) in [
        ("Call that is over", -45, 30, accepted, "Busy"),
        ("Sales pitch", 5, 30, declined, "Free"),
        ("Cancelled: Supplier call", 10, 30, cancelled, "Free"),
        ("Customer call", 25, 30, accepted, "Busy"),
    ] {
        let start = now + Duration::minutes(from);
        let id = 85_000_000_000 + start.timestamp() / 300;
        let body = format!(
            "<t:Body BodyType=\"Text\">Carol Clausen is inviting you to a scheduled Zoom meeting.\n\nJoin Zoom Meeting\nhttps://example-test.zoom.us/j/{id}\n\nPasscode: 471108\n\nDial by your location\n+49 69 5550 1234 Germany\n</t:Body>"
        );
        let busy = format!("<t:LegacyFreeBusyStatus>{busy}</t:LegacyFreeBusyStatus>");
        let end = start + Duration::minutes(minutes);
        let mut item = read(&event(subject, start, end, [&body, &busy, "", &here]), now)?;
        item.set(STATE, Value::Integer(state));
        item.set(RESPONSE, Value::Integer(response));
        put(store, 0, item, now);
    }
    Ok(())
}

/// A weekly meeting that began two weeks ago: this week's is moved, next week's is deleted.
fn team_meeting(
    store: &mut Store,
    week: &Week,
    zone: &Zone,
    now: DateTime<Utc>,
) -> Result<(), Refusal> {
    let first = week.monday - chrono::Days::new(14);
    let recurrence = format!(
        "<t:Recurrence><t:WeeklyRecurrence><t:Interval>1</t:Interval><t:DaysOfWeek>Monday</t:DaysOfWeek></t:WeeklyRecurrence><t:NumberedRecurrence><t:StartDate>{first}</t:StartDate><t:NumberOfOccurrences>12</t:NumberOfOccurrences></t:NumberedRecurrence></t:Recurrence>{}",
        zones(&zone.id)
    );
    let begun = Week { monday: first };
    let xml = event(
        "Team meeting",
        begun.at(zone, 0, 10, 0),
        begun.at(zone, 0, 11, 0),
        ["", "", "<t:Location>Room 2.01</t:Location>", &recurrence],
    );
    let mut series = read(&xml, now)?;
    let original = week.at(zone, 0, 10, 0);
    let mut moved = series.occurrence_at(original);
    moved.set(START, Value::Time(week.at(zone, 1, 11, 0)));
    moved.set(END, Value::Time(week.at(zone, 1, 12, 0)));
    moved.set(SUBJECT, Value::Text("Team meeting (moved)".to_owned()));
    moved.set(LOCATION, Value::Text("Room 3.07".to_owned()));
    let overrides = series.differences(&moved, original);
    series.exceptions.insert(original, overrides);
    series.deleted.insert(week.at(zone, 7, 10, 0));
    put(store, 0, series, now);
    Ok(())
}

/// Puts an item into somebody's calendar, if there are that many mailboxes.
fn put(store: &mut Store, owner: usize, mut item: Item, now: DateTime<Utc>) {
    let Some(mailbox) = store.mailboxes.get(owner) else {
        return;
    };
    let calendar = mailbox.folder_number("calendar");
    let address = mailbox.address.clone();
    let name = address.name.clone();
    item.organizer = Some(address);
    store.insert(owner, calendar, item, &name, now);
}
