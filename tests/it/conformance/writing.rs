use std::collections::BTreeSet;

use chrono::TimeDelta;
use exchange_connector::model::{
    Attendee, Body, CalendarRef, DeleteMode, Event, EventFilter, EventId, EventPatch, EventQuery,
    ExtendedProperty, FreeBusyStatus, ICalUid, Importance, NewEvent, Notify, Patch, Pattern,
    Projection, PropertyKind, PropertyName, PropertySet, Range, Recurrence, ReminderChoice,
    Sensitivity, When, ZonedTime,
};
use exchange_connector::simulator::Trouble;
use exchange_connector::{CalendarExt, Effect, ErrorKind, Feature, Mailbox, Result};

use super::backend::{Backend, Doing, Planted, address, all_times, clock, day, lasting, same_time};

pub(super) fn talk() -> NewEvent {
    NewEvent::new("Talk", lasting("2026-03-02T10:00", 60))
}

pub(super) async fn events(b: &Backend, person: &str) -> Result<Vec<Event>> {
    let query = EventQuery::between(all_times()).full();
    b.mailbox(person).list_events(query).collect().await
}

pub(super) async fn without_attendees_nothing_is_sent(b: &Backend) -> Result<()> {
    for notify in [Notify::Auto, Notify::All, Notify::Nobody] {
        let made = b
            .mailbox("alice")
            .create_event(&CalendarRef::Default, talk(), notify)
            .await?;
        assert!(!made.is_meeting);
    }
    assert_eq!(b.sent(), []);
    Ok(())
}

pub(super) async fn several_events_each_with_its_outcome(b: &Backend) -> Result<()> {
    let later = NewEvent::new("Later", lasting("2026-03-03T10:00", 60))
        .attendee(Attendee::required(address("bob")));
    let wrong = talk().attendee(Attendee::required("not an address"));
    let answers = b
        .mailbox("alice")
        .create_events(
            &CalendarRef::Default,
            vec![talk(), wrong, later],
            Notify::Auto,
        )
        .await?;
    let words: Vec<_> = answers
        .iter()
        .map(|answer| answer.as_ref().map(|event| event.subject.as_str()))
        .map(|answer| answer.map_err(|error| error.kind()))
        .collect();
    assert_eq!(
        words,
        [Ok("Talk"), Err(ErrorKind::InvalidArgument), Ok("Later")]
    );
    assert_eq!(b.count("alice", "calendar"), 2);
    assert_eq!(b.sent().len(), 1);
    Ok(())
}

pub(super) async fn one_key_makes_one_event(b: &Backend) -> Result<()> {
    let mailbox = b.mailbox("alice");
    let event = || {
        talk()
            .attendee(Attendee::required(address("bob")))
            .idempotency_key("interview-7")
    };
    b.fail_to(Doing::Creates, Trouble::DropAfter);
    let lost = mailbox
        .create_event(&CalendarRef::Default, event(), Notify::Auto)
        .await
        .unwrap_err();
    assert_eq!(lost.effect(), Effect::Unknown, "{lost:?}");
    b.calm();
    let made = mailbox
        .create_event(&CalendarRef::Default, event(), Notify::Auto)
        .await?;
    let again = mailbox
        .create_event(&CalendarRef::Default, event(), Notify::Auto)
        .await?;
    assert_eq!(again, made);
    assert_eq!(b.count("alice", "calendar"), 1);
    assert_eq!(b.sent().len(), 1);
    // Servers compare texts without regard to case.
    for key in ["interview-8", "Interview-7"] {
        let other = event().idempotency_key(key);
        let other = mailbox
            .create_event(&CalendarRef::Default, other, Notify::Auto)
            .await?;
        assert_ne!(other.id, made.id, "{key}");
    }
    Ok(())
}

/// An event that has everything, with a property of another program.
fn plant_rich(b: &Backend) -> EventId {
    let more = "<t:Sensitivity>Personal</t:Sensitivity>\
        <t:Body BodyType=\"HTML\">&lt;html&gt;&lt;body&gt;Old &amp;amp; good&lt;/body&gt;&lt;/html&gt;</t:Body>\
        <t:Categories><t:String>Red</t:String></t:Categories>\
        <t:Importance>High</t:Importance>\
        <t:ReminderIsSet>true</t:ReminderIsSet><t:ReminderMinutesBeforeStart>45</t:ReminderMinutesBeforeStart>\
        <t:ExtendedProperty><t:ExtendedFieldURI PropertySetId=\"11111111-2222-3333-4444-555555555555\" \
        PropertyName=\"OtherProgram\" PropertyType=\"String\"/><t:Value>untouched</t:Value></t:ExtendedProperty>\
        <t:LegacyFreeBusyStatus>OOF</t:LegacyFreeBusyStatus><t:Location>Room 1</t:Location>\
        <t:StartTimeZone Id=\"Tokyo Standard Time\"/><t:EndTimeZone Id=\"Tokyo Standard Time\"/>";
    let event = Planted::new("Rich", "2026-03-02T08:00:00Z", "2026-03-02T09:00:00Z", more);
    b.plant("alice", &event)
}

pub(super) async fn a_patch_changes_one_field(b: &Backend) -> Result<()> {
    let mailbox = b.mailbox("alice");
    let id = plant_rich(b);
    let before = mailbox.get_event(&id, Projection::Full).await?;
    assert_eq!(before.reminder, Some(TimeDelta::minutes(45)));
    assert_eq!(before.show_as, FreeBusyStatus::OutOfOffice);
    let blue: BTreeSet<String> = ["Blue".to_owned()].into();
    let new_body = Body::html("<html><body>New</body></html>");
    let new_time = lasting("2026-03-04T15:00", 90);
    type Expect = fn(&mut Event, &Event);
    let patch = EventPatch::new;
    let changes: [(EventPatch, Expect); 11] = [
        (patch().subject("S"), |old, new| {
            old.subject.clone_from(&new.subject)
        }),
        (patch().location("L"), |old, new| {
            old.location.clone_from(&new.location);
            let (Some(old), Some(new)) = (&mut old.detail, &new.detail) else {
                return;
            };
            // The same place, in more words.
            old.locations.clone_from(&new.locations);
            let mut names = new.locations.iter().map(|one| one.name.as_deref());
            assert!(names.all(|name| name == Some("L")), "{new:?}");
        }),
        (patch().body(new_body.clone()), |old, new| {
            let (Some(old), Some(new)) = (&mut old.detail, &new.detail) else {
                return;
            };
            old.body.clone_from(&new.body);
            old.preview.clone_from(&new.preview);
        }),
        (patch().show_as(FreeBusyStatus::Free), |old, _| {
            old.show_as = FreeBusyStatus::Free
        }),
        (patch().sensitivity(Sensitivity::Normal), |old, _| {
            old.sensitivity = Sensitivity::Normal;
        }),
        (patch().importance(Importance::Low), |old, _| {
            old.importance = Importance::Low
        }),
        (patch().categories(blue.clone()), |old, _| {
            old.categories = ["Blue".to_owned()].into();
        }),
        (patch().reminder(TimeDelta::minutes(5)), |old, _| {
            old.reminder = Some(TimeDelta::minutes(5));
        }),
        (patch().response_requested(false), |old, _| {
            old.detail.as_mut().unwrap().response_requested = false;
        }),
        (patch().allow_new_time_proposals(false), |old, _| {
            old.detail.as_mut().unwrap().allow_new_time_proposals = false;
        }),
        (patch().when(new_time.clone()), |old, new| {
            old.when = new.when.clone()
        }),
    ];
    let mut expected = before;
    for (patch, expect) in changes {
        let after = mailbox
            .update_event(&id, patch.clone(), None, Notify::Auto)
            .await?;
        expect(&mut expected, &after);
        expected.version = after.version.clone();
        expected.last_modified = after.last_modified;
        assert_eq!(after, expected, "{patch:?}");
    }
    assert_eq!(expected.subject, "S");
    assert_eq!(expected.location.as_deref(), Some("L"));
    assert!(same_time(&expected.when, &new_time));
    assert_eq!(expected.detail.unwrap().body, Some(new_body));
    let kept = kept_property();
    let query = EventQuery::between(all_times())
        .full()
        .extended(kept.clone());
    let listed = mailbox.list_events(query).collect().await?;
    let detail = listed[0].detail.as_ref().unwrap();
    let values: Vec<_> = detail
        .extended
        .iter()
        .filter(|property| property.name == kept)
        .map(|property| property.value.first())
        .collect();
    assert_eq!(values, [Some("untouched")]);
    Ok(())
}

pub(super) async fn hours_become_days_and_back(b: &Backend) -> Result<()> {
    let mailbox = b.mailbox("alice");
    let made = mailbox
        .create_event(&CalendarRef::Default, talk(), Notify::Auto)
        .await?;
    let in_tokyo = |start, end| {
        let local = |text| ZonedTime::from_local(clock(text), chrono_tz::Asia::Tokyo);
        When::between(local(start), local(end))
    };
    let days = When::days(day("2026-03-28"), day("2026-03-31"));
    for when in [
        When::all_day(day("2026-03-04")),
        lasting("2026-03-05T23:30", 60),
        days.clone(),
        days.clone().in_zone(chrono_tz::America::New_York),
        in_tokyo("2026-03-30T09:00", "2026-03-30T10:00"),
        // Nothing at all, as a reminder has it.
        in_tokyo("2026-03-30T09:00", "2026-03-30T09:00"),
        When::all_day(day("2026-10-25")),
    ] {
        let patch = EventPatch::new().when(when.clone());
        let changed = mailbox
            .update_event(&made.id, patch, None, Notify::Auto)
            .await?;
        let dates = |when: &When| match when {
            When::AllDay { start, end, .. } => Some((*start, *end)),
            _ => None,
        };
        match dates(&when) {
            Some(expected) => assert_eq!(dates(&changed.when), Some(expected), "{when:?}"),
            None => assert!(same_time(&changed.when, &when), "{when:?} {changed:?}"),
        }
    }
    Ok(())
}

pub(super) async fn ends_in_different_zones_can_be_set(b: &Backend) -> Result<()> {
    let start = ZonedTime::from_local(clock("2026-03-30T09:00"), chrono_tz::Europe::Berlin);
    let end = ZonedTime::from_local(clock("2026-03-30T12:00"), chrono_tz::America::New_York);
    let when = When::between(start, end);
    let patch = EventPatch::new().when(when.clone());
    let mailbox = b.mailbox("alice");
    let support = b.connector("alice").capabilities();
    if !support.supports(Feature::ZonePerEnd) {
        let unknown = EventId::from_raw(b.protocol(), "nothing");
        let refused = mailbox.update_event(&unknown, patch, None, Notify::Auto);
        return refused.await.map(drop);
    }
    let made = mailbox
        .create_event(&CalendarRef::Default, talk(), Notify::Auto)
        .await?;
    let changed = mailbox
        .update_event(&made.id, patch, None, Notify::Auto)
        .await?;
    assert!(same_time(&changed.when, &when), "{changed:?}");
    Ok(())
}

pub(super) async fn what_is_wrong_is_refused_before_any_request(b: &Backend) -> Result<()> {
    let mailbox = b.mailbox("alice");
    let unknown = EventId::from_raw(b.protocol(), "nothing");
    let backwards = || {
        let at = |hour| day("2026-03-02").and_hms_opt(hour, 0, 0).unwrap().and_utc();
        When::between(at(10), at(9))
    };
    let no_days = || When::days(day("2026-03-02"), day("2026-03-02"));
    let attendee = || Attendee::required("Ada Lovelace");
    let categories: BTreeSet<String> = ["a,b".to_owned()].into();
    let never = || {
        let start = day("2026-03-02");
        Recurrence::new(Pattern::Daily { interval: 0 }, Range::NoEnd { start })
    };
    let half_a_minute = TimeDelta::seconds(30);
    let mut timeless = EventPatch::new();
    timeless.when = Patch::Clear;
    let patch = EventPatch::new;
    for wrong in [
        timeless,
        patch().when(backwards()),
        patch().when(no_days()),
        patch().attendees(vec![attendee()]),
        patch().categories(categories.clone()),
        patch().reminder(half_a_minute),
        patch().recurrence(never()),
    ] {
        let refused = mailbox
            .update_event(&unknown, wrong.clone(), None, Notify::Auto)
            .await
            .unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::InvalidArgument, "{wrong:?}");
        assert_eq!(refused.operation(), "update_event");
    }
    let mut categorised = talk();
    categorised.categories = categories;
    for wrong in [
        NewEvent::new("", backwards()),
        NewEvent::new("", no_days()),
        talk().attendee(attendee()),
        categorised,
        talk().reminder(ReminderChoice::Before(half_a_minute)),
        talk().recurrence(never()),
        talk().idempotency_key(" "),
        talk().idempotency_key("k".repeat(200)),
        talk().uid(ICalUid::new("")),
    ] {
        let refused = mailbox
            .create_event(&CalendarRef::Default, wrong.clone(), Notify::Auto)
            .await
            .unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::InvalidArgument, "{wrong:?}");
        assert_eq!(refused.operation(), "create_event");
    }
    assert_eq!(b.requests(), 0);
    Ok(())
}

pub(super) async fn deleted_events_can_be_taken_back_or_not(b: &Backend) -> Result<()> {
    let mailbox = b.mailbox("alice");
    let folders: &[&str] = match !b.can(Feature::RecoverableItems) {
        // Before, what could be taken back was kept with the folder.
        true => &["calendar", "deleteditems"],
        false => &["calendar", "deleteditems", "recoverableitemsdeletions"],
    };
    let count = || -> Vec<usize> { folders.iter().map(|f| b.count("alice", f)).collect() };
    let mut expected = count();
    for (mode, folder) in [(DeleteMode::Trash, 1), (DeleteMode::Recoverable, 2)] {
        let made = mailbox
            .create_event(&CalendarRef::Default, talk(), Notify::Auto)
            .await?;
        mailbox.delete_event(&made.id, mode, Notify::Auto).await?;
        if let Some(count) = expected.get_mut(folder) {
            *count += 1;
        }
        assert_eq!(count(), expected, "{mode:?}");
    }
    Ok(())
}

fn kept_property() -> PropertyName {
    let set = PropertySet::Guid("11111111-2222-3333-4444-555555555555".to_owned());
    PropertyName::named(set, "OtherProgram", PropertyKind::String)
}

pub(super) async fn fields_can_be_cleared(b: &Backend) -> Result<()> {
    let mailbox = b.mailbox("alice");
    let id = plant_rich(b);
    let patch = EventPatch::new()
        .body(Patch::Clear)
        .location(Patch::Clear)
        .reminder(Patch::Clear)
        .categories(Patch::Clear)
        .importance(Patch::Clear)
        .sensitivity(Patch::Clear)
        .show_as(Patch::Clear)
        .subject(Patch::Clear);
    let cleared = mailbox.update_event(&id, patch, None, Notify::Auto).await?;
    assert_eq!(cleared.subject, "");
    assert_eq!(cleared.location, None);
    assert_eq!(cleared.reminder, None);
    assert!(cleared.categories.is_empty());
    assert_eq!(cleared.importance, Importance::Normal);
    assert_eq!(cleared.sensitivity, Sensitivity::Normal);
    assert_eq!(cleared.show_as, FreeBusyStatus::Busy);
    let body = cleared.detail.unwrap().body;
    assert!(body.is_none_or(|body| body.content.is_empty()));
    let made = mailbox
        .create_event(
            &CalendarRef::Default,
            talk().reminder(ReminderChoice::Off),
            Notify::Auto,
        )
        .await?;
    assert_eq!(made.reminder, None);
    Ok(())
}

pub(super) async fn a_stale_version_conflicts(b: &Backend) -> Result<()> {
    let mailbox = b.mailbox("alice");
    let made = mailbox
        .create_event(&CalendarRef::Default, talk(), Notify::Auto)
        .await?;
    b.alter(&made.id, "calendar:Location", "Somewhere else");
    let stored = b.stored(&made.id);
    let patch = || EventPatch::new().subject("Mine");
    let refused = mailbox
        .update_event(&made.id, patch(), Some(&made.version), Notify::Auto)
        .await
        .unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Conflict);
    assert_eq!(refused.effect(), Effect::None);
    assert_eq!(b.stored(&made.id), stored);

    let current = mailbox.get_event(&made.id, Projection::Summary).await?;
    let written = mailbox
        .update_event(&made.id, patch(), Some(&current.version), Notify::Auto)
        .await?;
    assert_eq!(written.location.as_deref(), Some("Somewhere else"));
    let last = EventPatch::new().subject("Last");
    let last = mailbox
        .update_event(&made.id, last, None, Notify::Auto)
        .await?;
    assert_eq!(last.subject, "Last");
    Ok(())
}

pub(super) async fn delete_for_good(b: &Backend) -> Result<()> {
    let mailbox = b.mailbox("alice");
    let made = mailbox
        .create_event(&CalendarRef::Default, talk(), Notify::Auto)
        .await?;
    let permanent = DeleteMode::Permanent;
    mailbox
        .delete_event(&made.id, permanent, Notify::Auto)
        .await?;
    assert_eq!(
        b.count("alice", "calendar") + b.count("alice", "deleteditems"),
        0
    );
    let again = mailbox
        .delete_event(&made.id, permanent, Notify::Auto)
        .await;
    assert_eq!(again.unwrap_err().kind(), ErrorKind::NotFound);
    Ok(())
}

pub(super) async fn a_chosen_uid_is_kept(b: &Backend) -> Result<()> {
    let mailbox = b.mailbox("alice");
    for uid in [
        "0815-@calendar.example.test",
        "040000008200E00074C5B7101A82E00800000000B0F1E0A1C2D3DA01000000000000000010000000AABBCCDDEEFF00112233445566778899",
    ] {
        let uid = ICalUid::new(uid);
        let made = mailbox
            .create_event(&CalendarRef::Default, talk().uid(uid.clone()), Notify::Auto)
            .await?;
        assert_eq!(made.uid, Some(uid));
    }
    Ok(())
}

pub(super) async fn properties_of_ones_own_return(b: &Backend) -> Result<()> {
    let mailbox = b.mailbox("alice");
    let set = PropertySet::Guid("6f1a9a3e-0c1d-4c8e-9a55-0123456789ab".to_owned());
    let named = |name: &str, kind| PropertyName::named(set.clone(), name, kind);
    let properties = [
        ExtendedProperty::new(named("reference", PropertyKind::String), "A & <B>"),
        ExtendedProperty::new(named("count", PropertyKind::Integer), "-7"),
        ExtendedProperty::new(named("done", PropertyKind::Boolean), "true"),
        ExtendedProperty::many(named("tags", PropertyKind::StringArray), ["x", "y z"]),
        ExtendedProperty::new(
            PropertyName::id(PropertySet::Appointment, 0x8216, PropertyKind::Binary),
            "AQID",
        ),
    ];
    let event = properties.iter().cloned().fold(talk(), NewEvent::extended);
    mailbox
        .create_event(&CalendarRef::Default, event, Notify::Auto)
        .await?;
    let query = properties.iter().fold(
        EventQuery::between(all_times()).full(),
        |query, property| query.extended(property.name.clone()),
    );
    let listed = mailbox.list_events(query).collect().await?.remove(0);
    let read = listed.detail.unwrap().extended;
    for property in &properties {
        assert!(read.contains(property), "{property:?} in {read:?}");
    }

    // Only the one that is named changes.
    let changed = ExtendedProperty::new(named("reference", PropertyKind::String), "C");
    let patch = EventPatch::new().extended(changed);
    mailbox
        .update_event(&listed.id, patch, None, Notify::Auto)
        .await?;
    let filter = EventFilter::new().extended_equals(named("reference", PropertyKind::String), "C");
    let found = mailbox
        .list_events(EventQuery::masters(filter))
        .collect()
        .await?;
    assert_eq!(found.len(), 1);
    let filter = EventFilter::new().extended_equals(named("count", PropertyKind::Integer), "-7");
    let found = mailbox
        .list_events(EventQuery::masters(filter.clone()))
        .collect()
        .await?;
    assert_eq!(found.len(), 1);

    // And one can be taken away again.
    let patch = EventPatch::new().remove_extended(named("count", PropertyKind::Integer));
    mailbox
        .update_event(&listed.id, patch, None, Notify::Auto)
        .await?;
    let found = mailbox
        .list_events(EventQuery::masters(filter.clone()))
        .collect()
        .await?;
    assert_eq!(found, []);
    let filter = EventFilter::new().extended_equals(named("reference", PropertyKind::String), "C");
    let found = mailbox
        .list_events(EventQuery::masters(filter))
        .collect()
        .await?;
    assert_eq!(found.len(), 1);
    Ok(())
}

pub(super) async fn two_changes_at_a_time_are_both_made(b: &Backend) -> Result<()> {
    let mailbox = b.mailbox("alice");
    let mailbox: &dyn Mailbox = &*mailbox;
    let event = talk().attendee(Attendee::required(address("bob")));
    let made = mailbox
        .create_event(&CalendarRef::Default, event, Notify::Auto)
        .await?;
    let mut seen = Vec::new();
    let changed = mailbox
        .update_event_with(&made.id, b.quietly(), |event| {
            // Twice somebody else is faster.
            if seen.len() < 2 {
                let place = format!("Room {}", seen.len());
                b.alter(&event.id, "calendar:Location", &place);
            }
            seen.push(event.location.clone());
            let mut attendees = event.detail.as_ref().unwrap().attendees.clone();
            attendees.push(Attendee::optional(address("carol")));
            EventPatch::new().attendees(attendees)
        })
        .await?;
    let rooms = ["Room 0", "Room 1"].map(|room| Some(room.to_owned()));
    assert_eq!(seen, [None, rooms[0].clone(), rooms[1].clone()]);
    assert_eq!(changed.location, rooms[1]);
    let detail = changed.detail.as_ref().unwrap();
    assert_eq!(detail.attendees.len(), 2);

    // Nothing to change is no request to change it.
    let before = b.requests_to(Doing::Changes);
    let nothing = mailbox.update_event_with(&made.id, Notify::Auto, |_| EventPatch::new());
    assert_eq!(nothing.await?, changed);
    assert_eq!(b.requests_to(Doing::Changes), before);

    // Whoever is always too late gives up.
    let mut attempts = 0;
    let late = mailbox.update_event_with(&made.id, Notify::Auto, |event| {
        attempts += 1;
        b.alter(&event.id, "calendar:Location", &format!("Hall {attempts}"));
        EventPatch::new().subject("Late")
    });
    assert_eq!(late.await.unwrap_err().kind(), ErrorKind::Conflict);
    assert_eq!(attempts, 5);
    let now = mailbox.get_event(&made.id, Projection::Summary).await?;
    assert_eq!(
        (now.subject.as_str(), now.location.as_deref()),
        ("Talk", Some("Hall 5"))
    );
    Ok(())
}
