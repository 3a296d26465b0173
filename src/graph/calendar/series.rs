//! A series as a whole.

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};

use super::load::Load;
use super::{GraphMailbox, lacks};
use crate::connector::Backend;
use crate::error::{Error, ErrorKind, Result};
use crate::graph::call::Call;
use crate::graph::permission::Permission;
use crate::graph::{convert, wire};
use crate::model::{EventId, EventKind, Series, When};

const OUTLINE: &str = "id,type,start,end,isAllDay,originalStartTimeZone,originalEndTimeZone,recurrence,exceptionOccurrences,cancelledOccurrences";

impl GraphMailbox {
    /// A series with all that differs from its pattern.
    pub(super) async fn series(&self, any: &EventId, operation: &'static str) -> Result<Series> {
        let raw = self.master_of(any, operation).await?;
        let load = Load::full(self);
        let id = convert::event_id(&raw);
        let mut master = self.load_full(&id, operation).await?;
        master.kind = EventKind::SeriesMaster;
        let (changed, cancelled) = self.differences(&raw, operation).await?;
        let mut series = Series::new(master);
        series.deleted = cancelled
            .iter()
            .filter_map(|id| deleted_start(id, &series.master.when))
            .collect();
        series.deleted.sort_unstable();
        series.deleted.dedup();
        let mut exceptions = self.load_present(&changed, &load, operation).await?;
        exceptions.sort_by_key(|event| event.recurrence_id);
        series.exceptions = exceptions;
        Ok(series)
    }

    /// The id of the series, given that of it or of any part of it.
    pub(super) async fn master_of(&self, any: &EventId, operation: &'static str) -> Result<String> {
        let raw = any.require(Backend::Graph, operation)?;
        let found = self
            .fields(raw, "id,type,seriesMasterId", operation)
            .await?;
        match convert::kind(found.kind.as_deref()) {
            EventKind::SeriesMaster => Ok(found.id.unwrap_or_else(|| raw.to_owned())),
            EventKind::Occurrence | EventKind::Exception => {
                let master = found.series_master_id;
                master.ok_or_else(|| lacks(operation, "seriesMasterId"))
            }
            EventKind::Single => {
                let problem = "it is neither a series nor part of one";
                let error = Error::new(ErrorKind::InvalidState, operation, problem);
                Err(error.with_backend(Backend::Graph))
            }
        }
    }

    /// The occurrences that were changed, and the names of those that were deleted.
    async fn differences(
        &self,
        master: &str,
        operation: &'static str,
    ) -> Result<(Vec<EventId>, Vec<String>)> {
        let (found, exceptions) = self
            .outline(master, Permission::CalendarsRead, operation)
            .await?;
        let ids = exceptions.iter().filter_map(|one| one.id.as_deref());
        let ids = ids.map(convert::event_id).collect();
        Ok((ids, found.cancelled_occurrences.unwrap_or_default()))
    }

    /// When a series takes place, and its occurrences that were changed, with their times.
    pub(super) async fn outline(
        &self,
        master: &str,
        permission: Permission,
        operation: &'static str,
    ) -> Result<(wire::Event, Vec<wire::Event>)> {
        let call = Call::get(operation, &["events", master], permission)
            .query("$select", OUTLINE)
            .query("$expand", "exceptionOccurrences($select=id,start,end)");
        let mut found: wire::Event = self.client.json(&call).await?;
        let mut exceptions = found.exception_occurrences.take().unwrap_or_default();
        let mut next = found
            .more_exceptions
            .take()
            .map(|link| self.client.link(operation, &link))
            .transpose()?;
        while let Some(link) = next {
            let mut page = self.client.follow::<wire::Event>(&call, &link).await?;
            next = page.next.take();
            exceptions.extend(page.readable(operation));
        }
        Ok((found, exceptions))
    }
}

/// When a deleted occurrence would have begun. Its name, `OID.{series}.{date}`, ends with the day in the zone of the
/// series, on which it begins as all others do.
fn deleted_start(name: &str, series: &When) -> Option<DateTime<Utc>> {
    let day: NaiveDate = name.rsplit('.').next()?.parse().ok()?;
    match series {
        When::Timed { start, .. } => start.zone.instant_of(day.and_time(start.local()?.time())),
        When::AllDay { zone, .. } => {
            let midnight = day.and_time(NaiveTime::MIN);
            match zone {
                Some(zone) => zone.instant_of(midnight),
                None => Some(midnight.and_utc()),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_deleted_occurrence_began_when_all_others_do() {
        let nine = "2026-03-02T09:00:00".parse().unwrap();
        let ten = "2026-03-02T10:00:00".parse().unwrap();
        let timed = When::timed(nine, ten, chrono_tz::Europe::Berlin);
        let start = |name: &str, when: &When| deleted_start(name, when).map(|at| at.to_rfc3339());
        // After the clocks were set.
        let summer = start("OID.AAMk.x=.2026-03-30", &timed);
        assert_eq!(summer.as_deref(), Some("2026-03-30T07:00:00+00:00"));
        let days = When::all_day("2026-03-02".parse().unwrap()).in_zone(chrono_tz::Europe::Berlin);
        let midnight = start("OID.AAMk.x=.2026-03-30", &days);
        assert_eq!(midnight.as_deref(), Some("2026-03-29T22:00:00+00:00"));
        assert_eq!(start("OID.AAMk", &timed), None);
    }
}
