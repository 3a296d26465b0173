//! A series as a whole, its occurrences, and finding it by its UID.

use exchange_connector::model::{EventId, EventKind, EventQuery, Projection, Series};
use exchange_connector::{Backend as Protocol, ErrorKind, Result};

use super::backend::{Backend, Planted, all_times, at};
use super::reading::plant_series;

pub(super) async fn the_same_from_each_part(b: &Backend) -> Result<()> {
    let master = plant_series(b).await?;
    let mailbox = b.mailbox("alice");
    let parts = mailbox
        .list_events(EventQuery::between(all_times()).full())
        .collect()
        .await?;
    let kinds: Vec<_> = parts.iter().map(|part| part.kind).collect();
    use EventKind::{Exception, Occurrence};
    assert_eq!(kinds, [Occurrence, Exception, Occurrence, Occurrence]);

    let mut expected = Series::new(master.clone());
    expected.exceptions = vec![parts[1].clone()];
    expected.deleted = vec![at("2026-03-16T09:00:00Z")];
    assert_eq!(mailbox.get_series(&master.id).await?, expected);
    for part in &parts {
        assert_eq!(mailbox.get_series(&part.id).await?, expected);
    }
    Ok(())
}

pub(super) async fn what_is_no_series(b: &Backend) -> Result<()> {
    let plant = || Planted::new("Alone", "2026-03-02T08:00:00Z", "2026-03-02T09:00:00Z", "");
    let (single, gone) = (b.plant("alice", &plant()), b.plant("alice", &plant()));
    b.remove(&gone);
    let mailbox = b.mailbox("alice");
    for (id, kind) in [
        (single, ErrorKind::InvalidState),
        (gone, ErrorKind::NotFound),
    ] {
        let refused = mailbox.get_series(&id).await.unwrap_err();
        assert_eq!(refused.kind(), kind, "{refused:?}");
    }
    let before = b.requests();
    let foreign = EventId::from_raw(Protocol::Graph, "AAMkAD");
    let refused = mailbox.get_series(&foreign).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::InvalidId);
    assert_eq!(b.requests(), before);
    Ok(())
}

pub(super) async fn deleted_occurrences_are_named(b: &Backend) -> Result<()> {
    let master = plant_series(b).await?;
    let mailbox = b.mailbox("alice");
    let events = mailbox
        .list_events(EventQuery::between(all_times()))
        .collect()
        .await?;
    // The exception: it is deleted by its original start, not by where it was moved to.
    b.remove(&events[1].id);
    let series = mailbox.get_series(&master.id).await?;
    assert_eq!(series.exceptions, []);
    let deleted = [at("2026-03-09T09:00:00Z"), at("2026-03-16T09:00:00Z")];
    assert_eq!(series.deleted, deleted);
    let read = mailbox.get_event(&events[1].id, Projection::Summary).await;
    assert_eq!(read.unwrap_err().kind(), ErrorKind::NotFound);
    Ok(())
}
