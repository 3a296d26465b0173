use chrono::TimeDelta;
use exchange_connector::model::{AttendeeRole, FreeBusyStatus, TimeRange};
use exchange_connector::{
    AvailabilityExt, ErrorKind, FoundSlots, Result, SlotHours, SlotOrder, SlotQuery, WhenMissing,
};

use super::backend::{Backend, Doing, Planted, window};

fn plant(b: &Backend, person: &str, start: &str, end: &str, status: &str) {
    let more = format!("<t:LegacyFreeBusyStatus>{status}</t:LegacyFreeBusyStatus>");
    let [start, end] = [start, end].map(|clock| format!("2026-03-{clock}:00Z"));
    b.plant(person, &Planted::new("Busy", &start, &end, &more));
}

fn query(window: TimeRange) -> SlotQuery {
    SlotQuery::new(window, TimeDelta::hours(1)).granularity(TimeDelta::hours(1))
}

fn starts(found: &FoundSlots) -> Vec<String> {
    let starts = found.slots.iter().map(|slot| slot.range.start);
    starts
        .map(|start| start.format("%dT%H").to_string())
        .collect()
}

pub(super) async fn common_times_of_people_and_rooms(b: &Backend) -> Result<()> {
    plant(b, "alice", "02T07:00", "02T10:00", "Busy");
    plant(b, "alice", "02T12:00", "02T16:00", "OOF");
    plant(b, "bob", "02T10:00", "02T11:00", "Free");
    plant(b, "bob", "02T09:30", "02T10:00", "Busy");
    plant(b, "carol", "02T10:00", "02T11:00", "Tentative");
    plant(b, "room1", "02T10:00", "02T11:00", "Busy");
    plant(b, "room1", "02T11:30", "02T12:00", "Busy");
    let monday = window("2026-03-02T00:00:00Z", "2026-03-03T00:00:00Z");
    let asked = query(monday)
        .required(["alice@example.test", "bob@example.test"])
        .optional(["carol@example.test"])
        .rooms(["room1@example.test", "room2@example.test"]);
    let mailbox = b.mailbox("user4");
    let found = mailbox.find_slots(asked.clone()).await?;
    assert_eq!(starts(&found), ["02T10", "02T11"]);
    assert_eq!(found.slots[0].optional, [""; 0]);
    assert_eq!(found.slots[0].rooms, ["room2@example.test"]);
    assert_eq!(found.slots[1].optional, ["carol@example.test"]);
    assert_eq!(found.slots[1].rooms, ["room2@example.test"]);
    assert!(found.missing.is_empty() && found.without_hours.is_empty());
    assert_eq!(b.requests_to(Doing::FreeBusy), 1);

    let ranked = asked.clone().order(SlotOrder::MostOptional).limit(1);
    assert_eq!(starts(&mailbox.find_slots(ranked).await?), ["02T11"]);
    let statuses = [FreeBusyStatus::Free, FreeBusyStatus::Tentative];
    let lenient = mailbox
        .find_slots(asked.clone().free_when(statuses))
        .await?;
    assert_eq!(lenient.slots[0].optional, ["carol@example.test"]);
    // Half an hour for the way to it.
    let buffered = asked.buffer(TimeDelta::minutes(30), TimeDelta::zero());
    assert_eq!(starts(&mailbox.find_slots(buffered).await?), ["02T11"]);
    Ok(())
}

pub(super) async fn working_hours_over_a_change_of_clocks(b: &Backend) -> Result<()> {
    // From a Friday to a Monday; on Sunday the clocks of Berlin are set.
    let days = window("2026-03-27T00:00:00Z", "2026-03-31T00:00:00Z");
    let asked = query(days).required(["alice@example.test"]);
    let mailbox = b.mailbox("alice");
    let found = mailbox.find_slots(asked.clone()).await?;
    let friday = (7..16).map(|hour| format!("27T{hour:02}"));
    let monday = (6..15).map(|hour| format!("30T{hour:02}"));
    assert_eq!(starts(&found), friday.chain(monday).collect::<Vec<_>>());
    let any = mailbox
        .find_slots(asked.hours(SlotHours::Any).limit(1000))
        .await?;
    assert_eq!(any.slots.len(), 4 * 24);
    Ok(())
}

pub(super) async fn nobody_is_silently_free(b: &Backend) -> Result<()> {
    let monday = window("2026-03-02T00:00:00Z", "2026-03-03T00:00:00Z");
    let asked = query(monday)
        .required(["alice@example.test", "nobody@example.test"])
        .optional(["noone@example.test"]);
    let mailbox = b.mailbox("alice");
    let refused = mailbox.find_slots(asked.clone()).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::MailboxNotFound);
    assert!(
        refused.message().contains("nobody@example.test"),
        "{refused}"
    );
    let busy = asked.clone().when_missing(WhenMissing::Busy);
    let found = mailbox.find_slots(busy).await?;
    assert_eq!(starts(&found), [""; 0]);
    let missing = |found: &FoundSlots| -> Vec<_> {
        let missing = found.missing.iter();
        missing
            .map(|one| (one.who.clone(), one.role, one.error.kind()))
            .collect()
    };
    let expected = [
        ("nobody@example.test", AttendeeRole::Required),
        ("noone@example.test", AttendeeRole::Optional),
    ];
    let expected = expected.map(|(who, role)| (who.to_owned(), role, ErrorKind::MailboxNotFound));
    assert_eq!(missing(&found), expected);
    let ignored = asked.clone().when_missing(WhenMissing::Ignore);
    let found = mailbox.find_slots(ignored).await?;
    assert_eq!(found.slots.len(), 9);
    assert_eq!(found.slots[0].optional, [""; 0]);
    assert_eq!(missing(&found), expected);

    let before = b.requests();
    let refused = mailbox.find_slots(asked.rooms_needed(2)).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::InvalidArgument);
    assert_eq!(b.requests(), before);
    Ok(())
}

/// Of a group only slots are seen: they count as its members.
pub(super) async fn a_group_is_free_when_all_are(b: &Backend) -> Result<()> {
    plant(b, "alice", "02T08:00", "02T09:00", "Busy");
    plant(b, "bob", "02T09:00", "02T10:05", "Busy");
    plant(b, "carol", "02T12:00", "02T16:00", "OOF");
    let morning = window("2026-03-02T08:00:00Z", "2026-03-02T14:00:00Z");
    let asked = query(morning).required(["team@example.test"]);
    let found = b.mailbox("user4").find_slots(asked).await?;
    assert_eq!(starts(&found), ["02T11"]);
    assert_eq!(found.without_hours, ["team@example.test"]);
    Ok(())
}
