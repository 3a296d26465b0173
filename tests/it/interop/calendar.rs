//! The same events, written and read by this library and by another.
//!
//! The events are those of `tests/interop/events.json`. Each side writes them with its mark before the subject, and
//! compares what the other wrote with that file, field by field.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{NaiveDate, NaiveDateTime, TimeDelta};
use chrono_tz::Tz;
use exchange_connector::model::{
    Answer, Attendee, AttendeeRole, Body, BodyFormat, BodyWanted, CalendarRef, DeleteMode, Event,
    EventFilter, EventKind, EventPatch, EventQuery, FreeBusyStatus, Importance, ItemRef,
    MeetingReply, NewAttachment, NewEvent, Notify, Projection, Recurrence, ReminderChoice,
    Response, Sensitivity, Series, TimeRange, When, ZonedTime,
};
use exchange_connector::{Connector, Feature, Mailbox, MailboxTarget, Result};
use serde::{Deserialize, Serialize};

use super::{OURS, THEIRS, body_wanted, connect};

/// An event as both sides understand it.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
struct Story {
    subject: String,
    /// What the clock says in the zone, or a day.
    start: String,
    /// Likewise; of whole days the day after the last.
    end: String,
    zone: Tz,
    /// Where it is not that of the start.
    end_zone: Option<Tz>,
    location: Option<String>,
    html: Option<String>,
    text: Option<String>,
    #[serde(default)]
    required: BTreeSet<String>,
    #[serde(default)]
    optional: BTreeSet<String>,
    #[serde(default)]
    resources: BTreeSet<String>,
    #[serde(default)]
    categories: BTreeSet<String>,
    #[serde(default = "busy")]
    show_as: FreeBusyStatus,
    #[serde(default)]
    sensitivity: Sensitivity,
    #[serde(default)]
    importance: Importance,
    /// Minutes before the start.
    reminder: Option<i64>,
    /// Contents by name.
    #[serde(default)]
    files: BTreeMap<String, String>,
    recurrence: Option<Recurrence>,
    /// What became of occurrences, by their starts.
    #[serde(default)]
    changed: BTreeMap<String, Changed>,
    /// The starts of occurrences that are no more.
    #[serde(default)]
    deleted: BTreeSet<String>,
}

#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
struct Changed {
    subject: String,
    start: String,
    end: String,
    location: Option<String>,
}

fn busy() -> FreeBusyStatus {
    FreeBusyStatus::Busy
}

/// The events, as one side writes them.
fn stories(mark: &str) -> Vec<Story> {
    let text = include_str!("../../interop/events.json");
    let mut stories: Vec<Story> = serde_json::from_str(text).unwrap();
    for story in &mut stories {
        let changed = story.changed.values_mut();
        for subject in changed.map(|c| &mut c.subject).chain([&mut story.subject]) {
            subject.insert_str(0, mark);
        }
    }
    stories
}

#[tokio::test]
#[ignore = "half of tests/interop/run.sh: needs INTEROP_URL, INTEROP_USER, INTEROP_OTHER"]
async fn we_write() {
    let (alice, _) = connect("INTEROP_USER");
    let (_, bob) = connect("INTEROP_OTHER");
    let mailbox = alice.mailbox(&MailboxTarget::Own).unwrap();
    for story in stories(OURS) {
        write(&*mailbox, &story).await.unwrap();
    }
    let invitation = meeting("ours: To be answered").attendee(Attendee::required(bob));
    let default = CalendarRef::Default;
    let made = mailbox.create_event(&default, invitation, Notify::Auto);
    made.await.unwrap();
}

#[tokio::test]
#[ignore = "half of tests/interop/run.sh: needs INTEROP_URL, INTEROP_USER, INTEROP_OTHER"]
async fn we_read() {
    let (alice, address) = connect("INTEROP_USER");
    let (bob, bobs_address) = connect("INTEROP_OTHER");
    // What was written here is read here as it is there.
    for mark in [OURS, THEIRS] {
        for story in stories(mark) {
            let read = read(&*alice, &story).await.unwrap();
            let fields = serde_json::to_value(&read).unwrap();
            let wanted = serde_json::to_value(&story).unwrap();
            for (name, wanted) in wanted.as_object().unwrap() {
                assert_eq!(&fields[name], wanted, "{name} of {:?}", story.subject);
            }
            assert_eq!(read, story);
        }
    }

    // Their answer to our invitation is on our copy.
    let alices = alice.mailbox(&MailboxTarget::Own).unwrap();
    let answered = find(&*alices, "ours: To be answered", BodyWanted::Native)
        .await
        .unwrap();
    let attendees = &answered.detail.as_ref().unwrap().attendees;
    assert_eq!(attendees.len(), 1);
    assert_eq!(attendees[0].who.smtp_address(), Some(bobs_address.as_str()));
    assert_eq!(attendees[0].response.response, Response::Accepted);
    assert!(attendees[0].response.at.is_some());

    // And ours to theirs, which they look at afterwards.
    let bobs = bob.mailbox(&MailboxTarget::Own).unwrap();
    let invited = find(&*bobs, "theirs: To be answered", BodyWanted::Native)
        .await
        .unwrap();
    assert!(invited.is_meeting && !invited.is_organizer);
    let organizer = invited.organizer.as_ref().unwrap();
    assert_eq!(organizer.smtp_address(), Some(address.as_str()));
    assert_eq!(invited.my_response.response, Response::NotResponded);
    let reply = MeetingReply::new(Answer::Tentative).comment("Perhaps");
    let event = ItemRef::from(invited.id);
    bobs.respond(&event, reply).await.unwrap();
    let mine = find(&*bobs, "theirs: To be answered", BodyWanted::Native)
        .await
        .unwrap();
    assert_eq!(mine.my_response.response, Response::Tentative);
}

fn meeting(subject: &str) -> NewEvent {
    let start: NaiveDateTime = clock("2026-03-12T14:00");
    let end = start + TimeDelta::hours(1);
    NewEvent::new(subject, When::timed(start, end, chrono_tz::Europe::Berlin))
}

fn clock(text: &str) -> NaiveDateTime {
    NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M").unwrap()
}

impl Story {
    fn when(&self) -> When {
        match (
            self.start.parse::<NaiveDate>(),
            self.end.parse::<NaiveDate>(),
        ) {
            (Ok(start), Ok(end)) => When::days(start, end).in_zone(self.zone),
            _ => When::between(
                ZonedTime::from_local(clock(&self.start), self.zone),
                ZonedTime::from_local(clock(&self.end), self.end_zone.unwrap_or(self.zone)),
            ),
        }
    }

    fn event(&self) -> NewEvent {
        let people = [
            (&self.required, AttendeeRole::Required),
            (&self.optional, AttendeeRole::Optional),
            (&self.resources, AttendeeRole::Resource),
        ];
        let mut event = NewEvent::new(&self.subject, self.when())
            .show_as(self.show_as)
            .sensitivity(self.sensitivity)
            .importance(self.importance);
        for (addresses, role) in people {
            let who = exchange_connector::model::Recipient::smtp;
            event = event.attendees(addresses.iter().map(|a| Attendee::new(who(a), role)));
        }
        event.body = match (&self.html, &self.text) {
            (Some(html), _) => Some(Body::html(html)),
            (None, text) => text.as_ref().map(Body::text),
        };
        event.location.clone_from(&self.location);
        event.categories.clone_from(&self.categories);
        event.reminder = match self.reminder {
            Some(minutes) => ReminderChoice::Before(TimeDelta::minutes(minutes)),
            None => ReminderChoice::Off,
        };
        event.recurrence.clone_from(&self.recurrence);
        for (name, content) in &self.files {
            event = event.attachment(NewAttachment::new(name, content.clone()));
        }
        event
    }
}

async fn write(mailbox: &dyn Mailbox, story: &Story) -> Result<()> {
    // The people are none of this server's.
    let notify = match mailbox
        .capabilities()
        .supports(Feature::SilentMeetingChange)
    {
        true => Notify::Nobody,
        false => Notify::Auto,
    };
    let made = mailbox
        .create_event(&CalendarRef::Default, story.event(), notify)
        .await?;
    for (original, changed) in &story.changed {
        let occurrence = occurrence(mailbox, &made, original, story.zone).await?;
        let mut patch = EventPatch::new().subject(changed.subject.as_str());
        if changed.start != *original {
            let (start, end) = (clock(&changed.start), clock(&changed.end));
            patch = patch.when(When::timed(start, end, story.zone));
        }
        if changed.location != story.location {
            patch = patch.location(changed.location.clone().unwrap_or_default());
        }
        mailbox
            .update_event(&occurrence.id, patch, None, notify)
            .await?;
    }
    for original in &story.deleted {
        let occurrence = occurrence(mailbox, &made, original, story.zone).await?;
        mailbox
            .delete_event(&occurrence.id, DeleteMode::Trash, notify)
            .await?;
    }
    Ok(())
}

/// The occurrence that begins when the clock says so.
async fn occurrence(mailbox: &dyn Mailbox, of: &Event, start: &str, zone: Tz) -> Result<Event> {
    let start = ZonedTime::from_local(clock(start), zone).utc;
    let day = TimeRange::lasting(start, TimeDelta::hours(1));
    let mut found = mailbox
        .list_occurrences(&of.id, day, Projection::Summary)
        .collect()
        .await?;
    assert_eq!(found.len(), 1, "{found:?}");
    Ok(found.remove(0))
}

/// The only event or series with this subject, whole.
async fn find(mailbox: &dyn Mailbox, subject: &str, body: BodyWanted) -> Result<Event> {
    let filter = EventFilter::new().subject_contains(subject);
    let listed = mailbox.list_events(EventQuery::masters(filter).full().body(body));
    let mut found = listed.collect().await?;
    found.retain(|event| event.subject == subject);
    assert_eq!(found.len(), 1, "{subject:?}: {found:?}");
    Ok(found.remove(0))
}

/// The event of that story, as it is on the server.
async fn read(connector: &dyn Connector, story: &Story) -> Result<Story> {
    let mailbox = connector.mailbox(&MailboxTarget::Own)?;
    let wanted = body_wanted(&*mailbox, story.text.is_some());
    let event = find(&*mailbox, &story.subject, wanted).await?;
    let series = match event.kind {
        EventKind::SeriesMaster => mailbox.get_series(&event.id).await?,
        _ => Series::new(event),
    };
    let Series {
        master,
        exceptions,
        deleted,
        ..
    } = series;
    let detail = master.detail.as_deref().unwrap();
    let (start, end, zone, end_zone) = times(&master.when);
    let local = |time| {
        let local = ZonedTime::from_utc(time, zone).local().unwrap();
        local.format("%Y-%m-%dT%H:%M").to_string()
    };
    let people = |role| {
        let of_role = detail.attendees.iter().filter(move |one| one.role == role);
        let address = |one: &Attendee| one.who.smtp_address().unwrap().to_owned();
        of_role.map(address).collect()
    };
    let body = |format| {
        let body = detail.body.as_ref().filter(|body| body.format == format);
        body.map(|body| body.content.clone())
    };
    let changed = exceptions.iter().map(|event| {
        let (start, end, ..) = times(&event.when);
        let changed = Changed {
            subject: event.subject.clone(),
            start,
            end,
            location: event.location.clone(),
        };
        (local(event.recurrence_id.unwrap()), changed)
    });
    Ok(Story {
        subject: master.subject.clone(),
        start,
        end,
        zone,
        end_zone: Some(end_zone).filter(|end| *end != zone),
        location: master.location.clone(),
        html: body(BodyFormat::Html),
        text: body(BodyFormat::Text),
        required: people(AttendeeRole::Required),
        optional: people(AttendeeRole::Optional),
        resources: people(AttendeeRole::Resource),
        categories: master.categories.clone(),
        show_as: master.show_as,
        sensitivity: master.sensitivity,
        importance: master.importance,
        reminder: master.reminder.map(|before| before.num_minutes()),
        files: files(&*mailbox, &master).await?,
        recurrence: detail.recurrence.clone(),
        changed: changed.collect(),
        deleted: deleted.into_iter().map(local).collect(),
    })
}

/// Start, end and their zones.
fn times(when: &When) -> (String, String, Tz, Tz) {
    match when {
        When::Timed { start, end } => {
            let shown =
                |time: &ZonedTime| time.local().unwrap().format("%Y-%m-%dT%H:%M").to_string();
            let zones = (start.zone.tz.unwrap(), end.zone.tz.unwrap());
            (shown(start), shown(end), zones.0, zones.1)
        }
        When::AllDay { start, end, zone } => {
            let zone = zone.as_ref().and_then(|zone| zone.tz).unwrap();
            (start.to_string(), end.to_string(), zone, zone)
        }
        other => panic!("{other:?}"),
    }
}

/// What is attached, with its content.
async fn files(mailbox: &dyn Mailbox, event: &Event) -> Result<BTreeMap<String, String>> {
    let mut files = BTreeMap::new();
    for attachment in &event.detail.as_ref().unwrap().attachments {
        let item = ItemRef::from(event.id.clone());
        let content = mailbox.open_attachment(&item, &attachment.id).await?;
        let content = content.collect(1 << 20).await?.to_vec();
        let text = String::from_utf8(content).unwrap();
        files.insert(attachment.name.clone(), text);
    }
    Ok(files)
}
