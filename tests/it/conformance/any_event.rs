//! Any event the model can hold is, written and read back, the same: proptest makes up events, changes and exceptions.
//!
//! `PROPTEST_CASES` says how many of each; what fails is made as small as it can be, and printed.

pub(super) mod strategy;

use std::collections::BTreeSet;
use std::sync::Mutex;
use std::sync::mpsc::{Receiver, Sender, channel};

use chrono::{LocalResult, TimeDelta, TimeZone as _, Weekday};
use exchange_connector::model::{
    Attachment, AttachmentKind, Attendee, AttendeeRole, CalendarRef, DeleteMode, Event,
    EventFilter, EventKind, EventPatch, EventQuery, FreeBusyStatus, NewAttachment, NewEvent, Patch,
    Pattern, Recipient, Recurrence, ReminderChoice, TimeRange, When, Zone, ZonedTime,
};
use exchange_connector::{ErrorKind, Feature, Mailbox, Result, timezone};
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, TestRunner};
use serde::Serialize;
use serde_json::Value;

use super::backend::{Backend, HOME};
use super::bodies::stored_body;

/// How many events a case makes up, in each of four versions, if `PROPTEST_CASES` does not say it.
const EVENTS: u32 = 24;
/// How many series: each of them takes many requests.
const SERIES: u32 = 8;
/// What the thread that makes values has room for: proptest nests what makes the parts of a value.
const STACK: usize = 64 << 20;
/// How often a failing one is made smaller.
const STEPS: u32 = 300;

/// What comes after a value.
enum Turn {
    Another,
    Simpler,
    LessSimple,
}

/// Values made in a thread of their own: what proptest makes them with cannot move between threads, as these tests do.
struct Source<T> {
    turns: Sender<Turn>,
    values: Mutex<Receiver<Option<T>>>,
}

impl<T: Send + 'static> Source<T> {
    fn of<S: Strategy<Value = T> + 'static>(strategy: fn() -> S) -> Self {
        let (turns, turned) = channel();
        let (give, values) = channel();
        let thread = std::thread::Builder::new().name("values".to_owned());
        let make = move || {
            let mut runner = TestRunner::new(Config::default());
            let strategy = strategy();
            let mut tree = strategy.new_tree(&mut runner).unwrap();
            while let Ok(turn) = turned.recv() {
                let moved = match turn {
                    Turn::Another => {
                        tree = strategy.new_tree(&mut runner).unwrap();
                        true
                    }
                    Turn::Simpler => tree.simplify(),
                    Turn::LessSimple => tree.complicate(),
                };
                if give.send(moved.then(|| tree.current())).is_err() {
                    return;
                }
            }
        };
        thread.stack_size(STACK).spawn(make).unwrap();
        let values = Mutex::new(values);
        Self { turns, values }
    }

    fn turn(&self, turn: Turn) -> Option<T> {
        self.turns.send(turn).unwrap();
        self.values.lock().unwrap().recv().unwrap()
    }
}

/// Tries values until one fails, and then simpler ones.
pub(super) async fn for_any<S, F, Fut>(
    b: &Backend,
    cases: u32,
    strategy: fn() -> S,
    check: F,
) -> Result<()>
where
    S: Strategy + 'static,
    S::Value: Clone + Send + 'static,
    F: Fn(S::Value) -> Fut,
    Fut: Future<Output = Result<(), String>>,
{
    let wished = std::env::var("PROPTEST_CASES").ok();
    let cases = wished.map_or(cases, |cases| cases.parse().unwrap());
    let source = Source::of(strategy);
    for _ in 0..cases {
        let mut smallest = source.turn(Turn::Another).unwrap();
        let Err(mut failure) = check(smallest.clone()).await else {
            continue;
        };
        let mut next = source.turn(Turn::Simpler);
        for _ in 0..STEPS {
            let Some(value) = next else { break };
            clear(b).await?;
            next = match check(value.clone()).await {
                Err(problem) => {
                    (failure, smallest) = (problem, value);
                    source.turn(Turn::Simpler)
                }
                Ok(()) => source.turn(Turn::LessSimple),
            };
        }
        panic!("{failure}\nof\n{smallest:#?}");
    }
    Ok(())
}

/// Removes what a failed attempt left.
async fn clear(b: &Backend) -> Result<()> {
    let listing = b
        .mailbox("alice")
        .list_events(EventQuery::masters(EventFilter::new()));
    for event in listing.collect().await? {
        b.remove(&event.id);
    }
    Ok(())
}

pub(super) async fn any_event_returns(b: &Backend) -> Result<()> {
    for_any(b, EVENTS, strategy::new_event, |event| returns(b, event)).await
}

async fn returns(b: &Backend, event: NewEvent) -> Result<(), String> {
    let mailbox = b.mailbox("alice");
    let before = b.requests();
    let created = mailbox
        .create_event(&CalendarRef::Default, event.clone(), b.quietly())
        .await;
    let made = match (created, refusal(&event, b)) {
        (Ok(made), None) => made,
        (Err(error), Some(kind)) if error.kind() == kind && b.requests() == before => {
            return Ok(());
        }
        (end, expected) => return Err(format!("{expected:?} was expected, not {end:?}")),
    };
    same(
        "what creating answers",
        &made,
        &expected(&answered(&event), &made, b),
    )?;
    let read = read(&*mailbox, &event).await?;
    same("what is read", &read, &expected(&event, &read, b))?;
    if event.recurrence.is_none() {
        let listed = list(&*mailbox, &read).await?;
        let mut wanted = expected(&event, &read, b);
        wanted.detail = None;
        same("what is listed", &listed, &listed_as(wanted, &listed, b))?;
    }
    forget(b, &*mailbox, &made).await
}

pub(super) async fn any_change_is_made(b: &Backend) -> Result<()> {
    for_any(b, EVENTS, strategy::changed_event, |(event, patch)| {
        is_changed(b, event, patch)
    })
    .await
}

async fn is_changed(b: &Backend, event: NewEvent, patch: EventPatch) -> Result<(), String> {
    let mailbox = b.mailbox("alice");
    if refusal(&event, b).is_some() {
        return Ok(());
    }
    let made = create(b, &*mailbox, &event).await?;
    let before = b.requests();
    let changed = mailbox
        .update_event(&made.id, patch.clone(), None, b.quietly())
        .await;
    match (changed, patch_refusal(&patch, b)) {
        (Ok(changed), None) => {
            let mut wanted = expected(&answered(&event), &changed, b);
            apply(&mut wanted, &patch, &changed, b);
            same("what changing answers", &changed, &wanted)?;
            let mut all = event.clone();
            all.extended.extend(patch.extended.clone());
            let read = read(&*mailbox, &all).await?;
            let mut wanted = expected(&all, &read, b);
            apply(&mut wanted, &patch, &read, b);
            same("what is read", &read, &wanted)?;
        }
        (Err(error), Some(kind)) if error.kind() == kind && b.requests() == before => {}
        (end, expected) => return Err(format!("{expected:?} was expected, not {end:?}")),
    }
    forget(b, &*mailbox, &made).await
}

pub(super) async fn any_exception_returns(b: &Backend) -> Result<()> {
    for_any(
        b,
        SERIES,
        strategy::series,
        |(event, patch, which, gone)| has_exceptions(b, event, patch, which, gone),
    )
    .await
}

async fn has_exceptions(
    b: &Backend,
    event: NewEvent,
    mut patch: EventPatch,
    later: i64,
    [which, gone]: [usize; 2],
) -> Result<(), String> {
    let mailbox = b.mailbox("alice");
    if refusal(&event, b).is_some() || patch_refusal(&patch, b).is_some() {
        return Ok(());
    }
    let made = create(b, &*mailbox, &event).await?;
    let first = made.when.span(HOME);
    let window = TimeRange::new(
        first.start - TimeDelta::days(2),
        first.start + TimeDelta::days(700),
    );
    let occurrences = async || {
        let query = EventQuery::between(window).full();
        let listed = mailbox.list_events(query).collect().await;
        listed.map_err(|error| format!("listing: {error}"))
    };
    let all = occurrences().await?;
    let changed = &all[which % all.len()];
    let deleted = &all[gone % all.len()];
    if let Some(when) = moved(&changed.when, later) {
        patch.when = Patch::Set(when);
    }
    let answer = mailbox
        .update_event(&changed.id, patch.clone(), None, b.quietly())
        .await
        .map_err(|error| format!("changing: {error}"))?;
    let mut wanted = changed.clone();
    wanted.kind = EventKind::Exception;
    wanted.id = answer.id.clone();
    wanted.version = answer.version.clone();
    wanted.last_modified = answer.last_modified;
    apply(&mut wanted, &patch, &answer, b);
    same("what changing answers", &answer, &wanted)?;
    if deleted.id != changed.id {
        mailbox
            .delete_event(&deleted.id, DeleteMode::Permanent, b.quietly())
            .await
            .map_err(|error| format!("deleting: {error}"))?;
    }

    let series = mailbox
        .get_series(&made.id)
        .await
        .map_err(|error| format!("get_series: {error}"))?;
    let master = expected(&event, &series.master, b);
    same("the series", &series.master, &master)?;
    let [exception] = series.exceptions.as_slice() else {
        return Err(format!("not one exception: {series:#?}"));
    };
    wanted.version = exception.version.clone();
    wanted.last_modified = exception.last_modified;
    apply(&mut wanted, &patch, exception, b);
    same("the exception", exception, &wanted)?;
    let gone: Vec<_> = (deleted.id != changed.id)
        .then_some(deleted.recurrence_id)
        .into_iter()
        .collect();
    let deleted_now: Vec<_> = series.deleted.iter().copied().map(Some).collect();
    same("what is deleted", &deleted_now, &gone)?;

    let now = occurrences().await?;
    let left: BTreeSet<_> = now.iter().map(|event| event.recurrence_id).collect();
    let wanted: BTreeSet<_> = all
        .iter()
        .map(|event| event.recurrence_id)
        .filter(|start| !gone.contains(start))
        .collect();
    same("which are left", &left, &wanted)?;
    forget(b, &*mailbox, &made).await
}

/// So many minutes later, if that is still the same day, as no occurrence may come to the day of its neighbour.
fn moved(when: &When, minutes: i64) -> Option<When> {
    let When::Timed { start, end } = when else {
        return None;
    };
    let later = |time: &ZonedTime| {
        let utc = time.utc + TimeDelta::minutes(minutes);
        ZonedTime::from_utc(utc, time.zone.clone())
    };
    let (begin, finish) = (later(start), later(end));
    let same_day = begin.local()?.date() == start.local()?.date();
    (minutes > 0 && same_day).then(|| When::between(begin, finish))
}

async fn create(b: &Backend, mailbox: &dyn Mailbox, event: &NewEvent) -> Result<Event, String> {
    let created = mailbox.create_event(&CalendarRef::Default, event.clone(), b.quietly());
    created.await.map_err(|error| format!("creating: {error}"))
}

/// The only event there is, as a series if it is one, with the properties of that one.
async fn read(mailbox: &dyn Mailbox, event: &NewEvent) -> Result<Event, String> {
    let query = EventQuery::masters(EventFilter::new()).full();
    let names = event.extended.iter().map(|property| property.name.clone());
    let query = names.fold(query, EventQuery::extended);
    let listed = mailbox.list_events(query).collect().await;
    only(listed.map_err(|error| format!("reading: {error}"))?)
}

/// The only event there is, in summary, from a window around it.
async fn list(mailbox: &dyn Mailbox, event: &Event) -> Result<Event, String> {
    let TimeRange { start, end, .. } = event.when.span(HOME);
    let around = TimeRange::new(start - TimeDelta::minutes(1), end + TimeDelta::minutes(1));
    let listed = mailbox
        .list_events(EventQuery::between(around))
        .collect()
        .await;
    only(listed.map_err(|error| format!("listing: {error}"))?)
}

fn only(mut events: Vec<Event>) -> Result<Event, String> {
    match (events.pop(), events.is_empty()) {
        (Some(event), true) => Ok(event),
        (last, _) => Err(format!("not one event: {events:#?} {last:#?}")),
    }
}

async fn forget(b: &Backend, mailbox: &dyn Mailbox, event: &Event) -> Result<(), String> {
    let deleted = mailbox.delete_event(&event.id, DeleteMode::Permanent, b.quietly());
    deleted.await.map_err(|error| format!("deleting: {error}"))
}

pub(super) fn same<T: PartialEq + Serialize>(
    what: &str,
    seen: &T,
    wanted: &T,
) -> Result<(), String> {
    if seen == wanted {
        return Ok(());
    }
    let [seen, wanted] = [seen, wanted].map(|one| serde_json::to_value(one).unwrap());
    // JSON carries what XML cannot.
    let carried = [&seen, &wanted].map(as_carried);
    if seen != wanted && carried[0] == carried[1] {
        return Ok(());
    }
    let mut found = vec![format!("{what}:")];
    differences("", &carried[0], &carried[1], &mut found);
    Err(found.join("\n"))
}

/// The value with its texts as XML can carry them.
fn as_carried(value: &Value) -> Value {
    match value {
        Value::String(text) => storable(text).into(),
        Value::Array(list) => list.iter().map(as_carried).collect(),
        Value::Object(fields) => {
            let carried = |(name, value): (&String, &Value)| (name.clone(), as_carried(value));
            Value::Object(fields.iter().map(carried).collect())
        }
        other => other.clone(),
    }
}

/// Where two values differ, and how.
fn differences(path: &str, seen: &Value, wanted: &Value, found: &mut Vec<String>) {
    match (seen, wanted) {
        (Value::Object(a), Value::Object(b)) => {
            let names: BTreeSet<_> = a.keys().chain(b.keys()).collect();
            for name in names {
                let (seen, wanted) = (&seen[name], &wanted[name]);
                differences(&format!("{path}.{name}"), seen, wanted, found);
            }
        }
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
            for (index, (seen, wanted)) in a.iter().zip(b).enumerate() {
                differences(&format!("{path}[{index}]"), seen, wanted, found);
            }
        }
        _ if seen != wanted => found.push(format!("{path} is {seen}, not {wanted}")),
        _ => {}
    }
}

/// In what a version refuses it, before any request.
fn refusal(event: &NewEvent, b: &Backend) -> Option<ErrorKind> {
    let inline = event.attachments.iter().any(|file| file.is_inline);
    let no_inline = inline && !b.can(Feature::InlineAttachments);
    let chooses_uid = event.uid.is_some() && !b.can(Feature::SetUid);
    let repeats = event.recurrence.is_some();
    let no_hour = repeats && is_shown_twice(&event.when) && !b.can(Feature::RepeatedHour);
    refused_time(&event.when, b)
        .or((no_inline || chooses_uid || no_hour).then_some(ErrorKind::Unsupported))
        .or_else(|| refused_status(event.show_as, b))
        .or_else(|| refused_pattern(event.recurrence.as_ref(), b))
}

fn patch_refusal(patch: &EventPatch, b: &Backend) -> Option<ErrorKind> {
    let time = patch.when.value();
    let repeats = patch.recurrence.value().is_some();
    let no_hour = time.is_some_and(|when| repeats && is_shown_twice(when));
    time.and_then(|when| refused_time(when, b))
        .or((no_hour && !b.can(Feature::RepeatedHour)).then_some(ErrorKind::Unsupported))
        .or_else(|| refused_status(patch.show_as.value().copied(), b))
        .or_else(|| refused_pattern(patch.recurrence.value(), b))
}

fn refused_time(when: &When, b: &Backend) -> Option<ErrorKind> {
    if b.can(Feature::ZonePerEnd) {
        return None;
    }
    if let When::Timed { start, end } = when
        && start.zone != end.zone
    {
        return Some(ErrorKind::Unsupported);
    }
    // Its zones are rules for a year, which not every zone has in every year.
    let start = when.span(HOME).start;
    let tz = match when {
        When::Timed { start, .. } => start.zone.tz,
        When::AllDay { zone, .. } => zone.as_ref().and_then(|zone| zone.tz),
        _ => None,
    };
    let year = chrono::Datelike::year(&start);
    let rules = timezone::rules_for_year(tz.unwrap_or(HOME), year);
    rules.err().map(|error| error.kind())
}

/// Whether the clock shows the beginning or the end twice, because it is set back.
pub(super) fn is_shown_twice(when: &When) -> bool {
    match when {
        When::Timed { start, end } => is_in_repeated_hour(start) || is_in_repeated_hour(end),
        _ => false,
    }
}

fn is_in_repeated_hour(time: &ZonedTime) -> bool {
    let (Some(local), Some(tz)) = (time.local(), time.zone.tz) else {
        return false;
    };
    matches!(tz.from_local_datetime(&local), LocalResult::Ambiguous(..))
}

fn refused_status(status: Option<FreeBusyStatus>, b: &Backend) -> Option<ErrorKind> {
    let elsewhere = status == Some(FreeBusyStatus::WorkingElsewhere);
    (elsewhere && !b.can(Feature::WorkingElsewhere)).then_some(ErrorKind::Unsupported)
}

fn refused_pattern(recurrence: Option<&Recurrence>, b: &Backend) -> Option<ErrorKind> {
    match recurrence?.pattern {
        Pattern::Weekly {
            interval,
            first_day,
            ..
        } if interval > 1 && first_day != Weekday::Sun && !b.can(Feature::FirstDayOfWeek) => {
            Some(ErrorKind::Unsupported)
        }
        _ => None,
    }
}

/// Creating and changing answer without the properties, which are only read by their names.
fn answered(event: &NewEvent) -> NewEvent {
    let mut event = event.clone();
    event.extended.clear();
    event
}

/// The event as it must be read: what was written, and of `read` what only the server knows.
fn expected(event: &NewEvent, read: &Event, b: &Backend) -> Event {
    let mut wanted = read.clone();
    wanted.kind = kind(event.recurrence.is_some());
    if let Some(uid) = &event.uid {
        wanted.uid = Some(uid.clone());
    }
    wanted.recurrence_id = None;
    wanted.subject = storable(&event.subject);
    wanted.when = stored_time(&event.when, &read.when, b);
    wanted.location = event.location.as_deref().and_then(not_empty);
    if let Some(status) = event.show_as {
        wanted.show_as = status;
    }
    wanted.sensitivity = event.sensitivity;
    wanted.importance = event.importance;
    wanted.categories = event.categories.clone();
    wanted.is_organizer = true;
    wanted.is_meeting = !event.attendees.is_empty();
    wanted.is_cancelled = false;
    wanted.has_attachments = event.attachments.iter().any(|file| !file.is_inline);
    match event.reminder {
        ReminderChoice::Off => wanted.reminder = None,
        ReminderChoice::Before(time) => wanted.reminder = Some(time),
        _ => {}
    }
    if let Some(detail) = &mut wanted.detail {
        let body = event.body.as_ref();
        detail.body = body.and_then(|body| stored_body(body, detail.body.as_ref(), b));
        detail.attendees = stored_attendees(&event.attendees, &detail.attendees);
        detail.recurrence = event
            .recurrence
            .clone()
            .map(|recurrence| stored_recurrence(recurrence, b));
        detail.attachments = stored_files(&event.attachments, &detail.attachments);
        detail.response_requested = event.response_requested;
        detail.allow_new_time_proposals = event.allow_new_time_proposals;
        let mut extended = event.extended.clone();
        for property in &mut extended {
            strategy::storable_property(property);
        }
        let order = &detail.extended;
        extended.sort_by_key(|one| order.iter().position(|other| other.name == one.name));
        detail.extended = extended;
    }
    wanted
}

/// What a list does not say, as it has it.
fn listed_as(mut wanted: Event, listed: &Event, b: &Backend) -> Event {
    wanted.when = stored_time(&wanted.when, &listed.when, b);
    if !b.can(Feature::DatesInSummaries) {
        (wanted.created, wanted.last_modified) = (None, None);
    }
    wanted.organizer.clone_from(&listed.organizer);
    wanted
}

/// The event after a change.
fn apply(event: &mut Event, patch: &EventPatch, read: &Event, b: &Backend) {
    fn set<T: Clone, U>(field: &mut U, patch: &Patch<T>, cleared: U, value: impl Fn(&T) -> U) {
        match patch {
            Patch::Keep => {}
            Patch::Clear => *field = cleared,
            Patch::Set(new) => *field = value(new),
        }
    }
    let text = |text: &String| not_empty(text);
    set(
        &mut event.subject,
        &patch.subject,
        String::new(),
        |subject| storable(subject),
    );
    if let Patch::Set(when) = &patch.when {
        event.when = stored_time(when, &read.when, b);
    }
    set(&mut event.location, &patch.location, None, text);
    set(
        &mut event.show_as,
        &patch.show_as,
        FreeBusyStatus::Busy,
        |status| *status,
    );
    set(
        &mut event.sensitivity,
        &patch.sensitivity,
        Default::default(),
        |value| *value,
    );
    set(
        &mut event.importance,
        &patch.importance,
        Default::default(),
        |value| *value,
    );
    set(
        &mut event.categories,
        &patch.categories,
        Default::default(),
        Clone::clone,
    );
    set(&mut event.reminder, &patch.reminder, None, |time| {
        Some(*time)
    });
    if event.kind != EventKind::Exception {
        match &patch.recurrence {
            Patch::Keep => {}
            Patch::Clear => event.kind = kind(false),
            Patch::Set(_) => event.kind = kind(true),
        }
    }
    if let Patch::Set(attendees) = &patch.attendees {
        // Without attendees it is still the meeting it was.
        event.is_meeting = !attendees.is_empty() || read.is_meeting;
    }
    let (Some(detail), Some(read)) = (&mut event.detail, &read.detail) else {
        return;
    };
    // Made of what changed.
    detail.preview.clone_from(&read.preview);
    detail.online_meeting.clone_from(&read.online_meeting);
    detail.locations.clone_from(&read.locations);
    set(&mut detail.body, &patch.body, None, |body| {
        stored_body(body, read.body.as_ref(), b)
    });
    set(
        &mut detail.attendees,
        &patch.attendees,
        Vec::new(),
        |list| stored_attendees(list, &read.attendees),
    );
    set(
        &mut detail.recurrence,
        &patch.recurrence,
        None,
        |recurrence| Some(stored_recurrence(recurrence.clone(), b)),
    );
    set(
        &mut detail.response_requested,
        &patch.response_requested,
        true,
        |value| *value,
    );
    set(
        &mut detail.allow_new_time_proposals,
        &patch.allow_new_time_proposals,
        true,
        |value| *value,
    );
    detail
        .extended
        .retain(|one| !patch.remove_extended.contains(&one.name));
    for property in &patch.extended {
        let mut property = property.clone();
        strategy::storable_property(&mut property);
        for old in detail
            .extended
            .iter_mut()
            .filter(|old| old.name == property.name)
        {
            *old = property.clone();
        }
    }
}

fn kind(is_series: bool) -> EventKind {
    match is_series {
        true => EventKind::SeriesMaster,
        false => EventKind::Single,
    }
}

/// A text as XML can carry it: what has no place in XML 1.0 (section 2.2) is U+FFFD.
pub(super) fn storable(text: &str) -> String {
    let allowed = |c: char| matches!(c, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..);
    text.chars()
        .map(|c| if allowed(c) { c } else { '\u{fffd}' })
        .collect()
}

pub(super) fn not_empty(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| storable(text))
}

/// The same time, with the zones under the names the server gave them.
fn stored_time(written: &When, read: &When, b: &Backend) -> When {
    let name = |written: &Zone, read: &Zone| {
        let mut zone = written.clone();
        zone.wire.clone_from(&read.wire);
        zone
    };
    let time = |written: &ZonedTime, read: &ZonedTime| {
        let is_kept = b.can(Feature::RepeatedHour) || !is_in_repeated_hour(written);
        let zone = if is_kept {
            written.zone.clone()
        } else {
            Zone::utc()
        };
        ZonedTime::from_utc(written.utc, name(&zone, &read.zone))
    };
    match (written, read) {
        (When::Timed { start, end }, When::Timed { start: s, end: e }) => {
            When::between(time(start, s), time(end, e))
        }
        (
            When::AllDay { start, end, zone },
            When::AllDay {
                zone: Some(read), ..
            },
        ) => {
            let zone = zone.clone().unwrap_or_else(|| Zone::from(HOME));
            When::days(*start, *end).in_zone(name(&zone, read))
        }
        _ => written.clone(),
    }
}

fn stored_recurrence(recurrence: Recurrence, b: &Backend) -> Recurrence {
    let mut stored = recurrence.normalized();
    if let Pattern::Weekly { first_day, .. } = &mut stored.pattern
        && !b.can(Feature::FirstDayOfWeek)
    {
        *first_day = Weekday::Sun;
    }
    stored
}

/// By their roles, with the names and answers the server has for them.
fn stored_attendees(written: &[Attendee], read: &[Attendee]) -> Vec<Attendee> {
    let mut sorted: Vec<_> = written.to_vec();
    sorted.sort_by_key(|attendee| match attendee.role {
        AttendeeRole::Required => 0,
        AttendeeRole::Optional => 1,
        _ => 2,
    });
    for (attendee, read) in sorted.iter_mut().zip(read) {
        attendee.response = read.response.clone();
        let Recipient { name, .. } = &mut attendee.who;
        *name = match name.as_deref().map(storable) {
            Some(given) if !given.is_empty() => Some(given),
            _ => read.who.name.clone(),
        };
    }
    sorted
}

/// Under the ids the server gave them, with the sizes it counts.
pub(super) fn stored_files(written: &[NewAttachment], read: &[Attachment]) -> Vec<Attachment> {
    let stored = |new: &NewAttachment| {
        let mut file = read.iter().find(|file| file.name == new.name)?.clone();
        file.is_inline = new.is_inline;
        if new.content_type.is_some() {
            file.content_type.clone_from(&new.content_type);
        }
        if let AttachmentKind::File { content_id, .. } = &mut file.kind {
            content_id.clone_from(&new.content_id);
        }
        Some(file)
    };
    written.iter().filter_map(stored).collect()
}
