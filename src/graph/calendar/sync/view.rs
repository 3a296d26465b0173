//! Single events and each occurrence within a window.

use std::collections::{BTreeMap, BTreeSet};

use super::super::list::{is_in, of_window};
use super::super::load::Load;
use super::super::{GraphMailbox, in_calendar};
use super::{Step, change_of, split_rows};
use crate::error::{ErrorKind, Result};
use crate::graph::call::Call;
use crate::graph::permission::Permission;
use crate::graph::sync::{Synced, sized};
use crate::graph::{convert, wire};
use crate::model::{
    Event, EventChange, EventId, EventKind, SyncPage, SyncRequest, TimeRange, ViewScope,
};

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
        let found = self.instances_of(&rows, full, scope.window, &load).await?;
        let steps = self.steps(rows, found, &load)?;
        let mut changes = self.settle(steps, &load, OPERATION).await?;
        changes.extend(unreadable);
        for change in &mut changes {
            // What lies beyond the edges is not there.
            if let EventChange::Upserted(event) = change
                && !is_in(event, scope.window)
            {
                *change = EventChange::Deleted(event.id.clone());
            }
        }
        Ok(SyncPage::new(changes, token).more(more).full(full))
    }

    /// Of occurrences a row says no more than when they are, and of a series that changed perhaps nothing but that: so
    /// what such series have in the window is read, all of one at once.
    async fn instances_of(
        &self,
        rows: &[wire::Event],
        full: bool,
        window: TimeRange,
        load: &Load,
    ) -> Result<BTreeMap<String, Vec<Event>>> {
        let mut series: BTreeSet<&str> = BTreeSet::new();
        for row in rows.iter().filter(|row| row.removed.is_none()) {
            match convert::kind(row.kind.as_deref()) {
                EventKind::SeriesMaster if !full => series.extend(row.id.as_deref()),
                EventKind::Occurrence | EventKind::Exception if is_partial(row) => {
                    series.extend(row.series_master_id.as_deref());
                }
                _ => {}
            }
        }
        let mut found = BTreeMap::new();
        for master in series {
            match self.instances(master, window, load, OPERATION).await {
                Ok(events) => {
                    found.insert(master.to_owned(), events);
                }
                // It was deleted since.
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                Err(error) => return Err(error),
            }
        }
        Ok(found)
    }

    fn steps(
        &self,
        rows: Vec<wire::Event>,
        mut found: BTreeMap<String, Vec<Event>>,
        load: &Load,
    ) -> Result<Vec<Step>> {
        let mut steps = Vec::new();
        for row in rows {
            let Some(id) = row.id.as_deref().map(convert::event_id) else {
                continue;
            };
            if row.removed.is_some() {
                steps.push(Step::Known(EventChange::Deleted(id)));
                continue;
            }
            let kind = convert::kind(row.kind.as_deref());
            let series = match kind {
                // The series itself is no part of the view.
                EventKind::SeriesMaster => row.id.clone(),
                _ if is_partial(&row) => row.series_master_id.clone(),
                _ => None,
            };
            // All at once, in the place of the first.
            if let Some(events) = series.and_then(|series| found.get_mut(&series)) {
                steps.extend(events.drain(..).map(|event| Step::Known(upserted(event))));
                if kind == EventKind::SeriesMaster || is_told(&steps, &id) {
                    continue;
                }
            }
            match kind {
                EventKind::SeriesMaster => {}
                _ if is_partial(&row) => steps.push(Step::ToRead(id)),
                _ => {
                    let read = load.event(row, OPERATION);
                    steps.push(Step::Known(change_of(id, read)?));
                }
            }
        }
        Ok(steps)
    }
}

fn upserted(event: Event) -> EventChange {
    EventChange::Upserted(Box::new(event))
}

fn is_told(steps: &[Step], id: &EventId) -> bool {
    steps
        .iter()
        .any(|step| matches!(step, Step::Known(EventChange::Upserted(event)) if event.id == *id))
}

/// Whether a row lacks what a summary has.
fn is_partial(row: &wire::Event) -> bool {
    row.start.is_none()
        || row.end.is_none()
        || row.show_as.is_none()
        || row.subject.is_none() && row.change_key.is_none()
        || row.is_all_day.is_none()
}
