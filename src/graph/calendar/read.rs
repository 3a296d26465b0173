//! [`CalendarRead`] on Graph.

use async_trait::async_trait;

use super::load::Load;
use super::{GraphMailbox, calendars, list, meeting_messages, occurrences};
use crate::calendar::{Batch, CalendarRead};
use crate::error::Result;
use crate::listing::Listing;
use crate::model::{
    BodyWanted, CalendarInfo, CalendarRef, Event, EventChange, EventId, EventQuery, ICalUid,
    MeetingMessage, Projection, Series, SyncPage, SyncRequest, TimeRange, ViewScope,
};

#[async_trait]
impl CalendarRead for GraphMailbox {
    fn list_calendars(&self) -> Listing<CalendarInfo> {
        calendars::list(self, "list_calendars")
    }

    async fn get_calendar(&self, calendar: &CalendarRef) -> Result<CalendarInfo> {
        self.calendar(calendar, "get_calendar").await
    }

    fn list_events(&self, query: EventQuery) -> Listing<Event> {
        list::events(self.clone(), query)
    }

    async fn get_events(&self, ids: &[EventId], projection: Projection) -> Result<Batch<Event>> {
        let load = Load::of(self, projection, BodyWanted::Native, &[]);
        self.load_events(ids, &load, "get_events").await
    }

    fn list_occurrences(
        &self,
        series: &EventId,
        window: TimeRange,
        projection: Projection,
    ) -> Listing<Event> {
        occurrences::list(self.clone(), series.clone(), window, projection)
    }

    async fn get_series(&self, any: &EventId) -> Result<Series> {
        self.series(any, "get_series").await
    }

    async fn find_by_uid(&self, uid: &ICalUid) -> Result<Vec<Event>> {
        self.by_uid(uid, "find_by_uid").await
    }

    async fn sync_events(
        &self,
        request: SyncRequest<CalendarRef>,
    ) -> Result<SyncPage<EventChange>> {
        self.changed_events(request).await
    }

    async fn sync_calendar_view(
        &self,
        request: SyncRequest<ViewScope>,
    ) -> Result<SyncPage<EventChange>> {
        self.changed_view(request).await
    }

    fn list_meeting_messages(&self) -> Listing<MeetingMessage> {
        meeting_messages::list(self)
    }
}
