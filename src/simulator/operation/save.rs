//! Putting changed items back, series and occurrences alike.

use chrono::{DateTime, Utc};

use super::Call;
use crate::simulator::item::{Item, READ, START};
use crate::simulator::property::Value;
use crate::simulator::refusal::Refusal;

/// Puts a changed item, or a changed occurrence of a series, back and returns it as it is then.
/// `paths` are the properties that a client wrote.
pub(in crate::simulator) fn save(
    call: &mut Call<'_>,
    owner: usize,
    mut item: Item,
    paths: &[String],
) -> Result<Item, Refusal> {
    let (number, now) = (item.number, call.now);
    let name = call.caller_name();
    let change = call.store.next();
    let slot = call
        .store
        .mailboxes
        .get_mut(owner)
        .and_then(|mailbox| mailbox.items.get_mut(&number))
        .ok_or_else(Refusal::not_found)?;
    let written = paths.iter().map(|path| (path.clone(), change));
    if let Some(occurrence) = item.occurrence {
        check_neighbours(slot, &item, occurrence.original)?;
        let mut overrides = slot.differences(&item, occurrence.original);
        overrides.changed = change;
        slot.exceptions.insert(occurrence.original, overrides);
        slot.written.extend(written);
        call.store.touch(owner, number, &name, now);
        let master = call.mailbox(owner)?.items.get(&number).cloned();
        return master
            .map(|master| master.occurrence_at(occurrence.original))
            .ok_or_else(Refusal::not_found);
    }
    if pattern_changed(slot, &item) {
        item.exceptions.clear();
        item.deleted.clear();
    }
    item.written.extend(written);
    *slot = item;
    call.store.touch(owner, number, &name, now);
    call.mailbox(owner)?
        .items
        .get(&number)
        .cloned()
        .ok_or_else(Refusal::not_found)
}

/// Notes the read flag, which synchronising clients are told about by itself.
pub(in crate::simulator) fn mark_read(
    call: &mut Call<'_>,
    owner: usize,
    number: u64,
    is_read: bool,
) -> Result<Item, Refusal> {
    let change = call.store.next();
    let slot = call
        .store
        .mailboxes
        .get_mut(owner)
        .and_then(|mailbox| mailbox.items.get_mut(&number))
        .ok_or_else(Refusal::not_found)?;
    slot.set(READ, Value::Boolean(is_read));
    slot.read_changed = change;
    Ok(slot.clone())
}

/// A series that changes its pattern, range, time or length loses its exceptions ([MS-OXOCAL]
/// 3.1.4.7.3.5), the deleted ones too.
fn pattern_changed(before: &Item, after: &Item) -> bool {
    before.recurrence != after.recurrence
        || before.end() - before.start() != after.end() - after.start()
        || before.bag.get(&START) != after.bag.get(&START)
        || before.start_zone.as_ref().map(|zone| zone.tz)
            != after.start_zone.as_ref().map(|zone| zone.tz)
}

/// An occurrence may not be moved to the day of the one before or after it, nor over or into it.
fn check_neighbours(master: &Item, moved: &Item, original: DateTime<Utc>) -> Result<(), Refusal> {
    let before = master.occurrence_at(original);
    if (before.start(), before.end()) == (moved.start(), moved.end()) {
        return Ok(());
    }
    let zone = master.zone();
    let day = |instant: DateTime<Utc>| zone.local(instant).date();
    let mut earlier = None;
    let mut later = None;
    for (start, _) in master.pattern_before(DateTime::<Utc>::MAX_UTC) {
        if master.deleted.contains(&start) || start == original {
            continue;
        }
        if start > original {
            later = Some(master.occurrence_at(start));
            break;
        }
        earlier = Some(start);
    }
    let earlier = earlier.map(|start| master.occurrence_at(start));
    let crosses = earlier
        .is_some_and(|one| day(moved.start()) <= day(one.start()) || moved.start() < one.end())
        || later
            .is_some_and(|one| day(moved.start()) >= day(one.start()) || moved.end() > one.start());
    if crosses {
        return Err(Refusal::new(
            "ErrorOccurrenceCrossingBoundary",
            "Cannot create or change an occurrence to occur on the same day as, or to skip over, another occurrence of the series.",
        ));
    }
    Ok(())
}
