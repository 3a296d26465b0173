//! Single events and series as one.

use super::super::load::Load;
use super::super::{GraphMailbox, in_calendar};
use super::{Step, split_rows};
use crate::connector::Backend;
use crate::error::{Error, ErrorKind, Result};
use crate::graph::call::Call;
use crate::graph::permission::Permission;
use crate::graph::sync::{Synced, sized};
use crate::graph::{convert, wire};
use crate::model::{CalendarRef, EventChange, EventId, EventKind, SyncPage, SyncRequest};

const OPERATION: &str = "sync_events";

/// What such tokens are called.
const KIND: &str = "events";

impl GraphMailbox {
    pub(in crate::graph::calendar) async fn changed_events(
        &self,
        request: SyncRequest<CalendarRef>,
    ) -> Result<SyncPage<EventChange>> {
        let path = in_calendar(&request.scope, &["events", "delta"], OPERATION)?;
        let first = Call::get(OPERATION, &path, Permission::CalendarsRead);
        let first = sized(first, request.page_size)?;
        let token = request.token.as_ref();
        let synced = self.sync_page(KIND, request.scope.clone(), token, &first);
        let synced: Synced<wire::Event> = synced.await.map_err(unless_known)?;

        // Rows say little more than that something changed.
        let (rows, unreadable) = split_rows(synced.page);
        let mut steps: Vec<Step> = unreadable.into_iter().map(Step::Known).collect();
        for row in rows {
            let Some(id) = row.id.as_deref().map(convert::event_id) else {
                continue;
            };
            let is_part = matches!(
                convert::kind(row.kind.as_deref()),
                EventKind::Occurrence | EventKind::Exception
            );
            if row.removed.is_some() {
                steps.push(Step::Known(EventChange::Deleted(id)));
                continue;
            }
            // Of a series the whole is followed.
            let master = row.series_master_id.filter(|_| is_part);
            let id = master.map_or(id, |master| convert::event_id(&master));
            let is_known = |step: &Step| matches!(step, Step::ToRead(known) if *known == id);
            if !steps.iter().any(is_known) {
                steps.push(Step::ToRead(id));
            }
        }
        let load = Load::summary(self);
        let changes = self.settle(steps, &load, OPERATION).await?;
        let changes = self.with_masters(changes, &load).await?;
        Ok(SyncPage::new(changes, synced.token)
            .more(synced.more)
            .full(synced.full))
    }

    /// Puts the series in the place of parts of one that rows did not name as such.
    async fn with_masters(
        &self,
        changes: Vec<EventChange>,
        load: &Load,
    ) -> Result<Vec<EventChange>> {
        let is_part = |change: &EventChange| {
            let EventChange::Upserted(event) = change else {
                return false;
            };
            matches!(event.kind, EventKind::Occurrence | EventKind::Exception)
        };
        if !changes.iter().any(is_part) {
            return Ok(changes);
        }
        let mut steps: Vec<Step> = Vec::new();
        for change in changes {
            if !is_part(&change) {
                steps.push(Step::Known(change));
                continue;
            }
            let EventChange::Upserted(event) = change else {
                continue;
            };
            let master: EventId = match self.master_of(&event.id, OPERATION).await {
                Ok(master) => convert::event_id(&master),
                Err(error) if error.kind() == ErrorKind::NotFound => continue,
                Err(error) => return Err(error),
            };
            let is_known = |step: &Step| matches!(step, Step::ToRead(known) if *known == master);
            if !steps.iter().any(is_known) {
                steps.push(Step::ToRead(master));
            }
        }
        self.settle(steps, load, OPERATION).await
    }
}

/// Not every cloud follows whole calendars: then it does not know what is asked for.
fn unless_known(error: Error) -> Error {
    if error.kind() != ErrorKind::InvalidArgument || error.http_status() != Some(400) {
        return error;
    }
    let why = "the server does not follow whole calendars";
    Error::unsupported(OPERATION, why)
        .with_backend(Backend::Graph)
        .with_hint("Follow a window of the calendar: sync_calendar_view.")
        .with_source(error)
}
