//! Single events and each occurrence within a window.

use std::collections::BTreeMap;

use super::super::list::{is_in, of_window};
use super::super::load::Load;
use super::super::{GraphMailbox, in_calendar};
use super::{Step, change_of, split_rows};
use crate::error::{ErrorKind, Result};
use crate::graph::call::Call;
use crate::graph::permission::Permission;
use crate::graph::sync::{Synced, sized};
use crate::graph::{convert, wire};
use crate::model::{Event, EventChange, EventKind, SyncPage, SyncRequest, TimeRange, ViewScope};

const OPERATION: &str = "sync_calendar_view";

/// What such tokens are called.
const KIND: &str = "calendar_view";

impl GraphMailbox {
    pub(in crate::graph::calendar) async fn changed_view(
        &self,
        request: SyncRequest<ViewScope>,
    ) -> Result<SyncPage<EventChange>> {
        let scope = request.scope;
        scope.window.validate(OPERATION)?;
        let path = in_calendar(&scope.calendar, &["calendarView", "delta"], OPERATION)?;
        let first = Call::get(OPERATION, &path, Permission::CalendarsRead);
        let first = sized(of_window(first, scope.window), request.page_size)?;
        let token = request.token.as_ref();
        let synced = self.sync_page(KIND, scope.clone(), token, &first).await?;
        let Synced {
            page,
            token,
            more,
            full,
        } = synced;
        let (rows, unreadable) = split_rows(page);
        let load = Load::summary(self);
        let found = self.instances_of(&rows, scope.window, &load).await?;
        let steps = steps(rows, found, &load)?;
        let mut changes = self.settle(steps, &load, OPERATION).await?;
        changes.extend(unreadable);
        let changes = changes.into_iter();
        let changes = changes.filter_map(|change| within(change, scope.window, full));
        Ok(SyncPage::new(changes.collect(), token)
            .more(more)
            .full(full))
    }

    /// Of occurrences a row says no more than when they are. Where many of one series are to be read, they are read
    /// as what the series has in the window.
    async fn instances_of(
        &self,
        rows: &[wire::Event],
        window: TimeRange,
        load: &Load,
    ) -> Result<BTreeMap<String, Event>> {
        let mut series: BTreeMap<&str, usize> = BTreeMap::new();
        for row in rows.iter().filter(|row| row.removed.is_none()) {
            if let Some(master) = row.series_master_id.as_deref().filter(|_| is_partial(row)) {
                *series.entry(master).or_default() += 1;
            }
        }
        let mut found = BTreeMap::new();
        for (master, _) in series.iter().filter(|(_, count)| **count > FEW) {
            match self.instances(master, window, load, OPERATION).await {
                Ok(events) => {
                    found.extend(
                        events
                            .into_iter()
                            .map(|event| (event.id.as_raw().to_owned(), event)),
                    );
                }
                // It was deleted since.
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                Err(error) => return Err(error),
            }
        }
        Ok(found)
    }
}

/// Up to how many occurrences of a series are read one by one.
const FEW: usize = 4;

fn steps(
    rows: Vec<wire::Event>,
    mut found: BTreeMap<String, Event>,
    load: &Load,
) -> Result<Vec<Step>> {
    let mut steps = Vec::with_capacity(rows.len());
    for row in rows {
        let Some(raw) = row.id.clone() else {
            continue;
        };
        let id = convert::event_id(&raw);
        steps.push(if row.removed.is_some() {
            Step::Known(EventChange::Deleted(id))
        } else if convert::kind(row.kind.as_deref()) == EventKind::SeriesMaster {
            // The series itself is no part of the view: its occurrences have rows of their own.
            continue;
        } else if !is_partial(&row) {
            Step::Known(change_of(id, load.event(row, OPERATION))?)
        } else if let Some(event) = found.remove(&raw) {
            Step::Known(EventChange::Upserted(Box::new(event)))
        } else {
            Step::ToRead(id)
        });
    }
    Ok(steps)
}

/// What a change means for the window: what lies beyond its edges is not there. As in a list of a view, nothing is said
/// of when an event was made or changed.
fn within(mut change: EventChange, window: TimeRange, full: bool) -> Option<EventChange> {
    if let EventChange::Upserted(event) = &mut change {
        if !is_in(event, window) {
            return (!full).then(|| EventChange::Deleted(event.id.clone()));
        }
        (event.created, event.last_modified) = (None, None);
    }
    Some(change)
}

/// Whether a row lacks what a summary has.
fn is_partial(row: &wire::Event) -> bool {
    row.start.is_none()
        || row.end.is_none()
        || row.show_as.is_none()
        || row.subject.is_none() && row.change_key.is_none()
        || row.is_all_day.is_none()
}
