//! Putting changed items back, series and occurrences alike.

use chrono::{DateTime, Utc};

use super::Call;
use crate::simulator::item::{Item, START};
use crate::simulator::refusal::Refusal;
use crate::simulator::zone::Zone;

/// Puts a changed item, or a changed occurrence of a series, back and returns it as it is then.
/// `paths` are the properties that a client wrote.
pub(super) fn save(
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

/// A series that changes its pattern, range, time or length loses its exceptions ([MS-OXOCAL]
/// 3.1.4.7.3.5), the deleted ones too.
fn pattern_changed(before: &Item, after: &Item) -> bool {
    before.recurrence != after.recurrence
        || before.end() - before.start() != after.end() - after.start()
        || before.bag.get(&START) != after.bag.get(&START)
        || before.start_zone.as_ref().map(|zone| zone.tz)
            != after.start_zone.as_ref().map(|zone| zone.tz)
}

/// An occurrence may not be moved to or over another one of its series.
fn check_neighbours(master: &Item, moved: &Item, original: DateTime<Utc>) -> Result<(), Refusal> {
    let zone = Zone::utc();
    let zone = master.start_zone.as_ref().unwrap_or(&zone);
    let day = |instant: DateTime<Utc>| zone.local(instant).date();
    let start_of = |one: DateTime<Utc>| master.occurrence_at(one).start();
    let others: Vec<DateTime<Utc>> = master
        .pattern_before(moved.end().max(original) + chrono::Duration::days(400))
        .map(|(start, _)| start)
        .filter(|start| !master.deleted.contains(start))
        .collect();
    let position = others.iter().position(|start| *start == original);
    let before = position
        .and_then(|at| at.checked_sub(1))
        .and_then(|at| others.get(at))
        .map(|start| start_of(*start));
    let after = position
        .and_then(|at| others.get(at + 1))
        .map(|start| start_of(*start));
    let crosses = before.is_some_and(|one| day(moved.start()) <= day(one) && moved.start() <= one)
        || after.is_some_and(|one| moved.start() >= one);
    if crosses {
        return Err(Refusal::new(
            "ErrorOccurrenceCrossingBoundary",
            "Cannot create or change an occurrence to occur on the same day as, or to skip over, another occurrence of the series.",
        ));
    }
    Ok(())
}
