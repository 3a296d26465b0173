//! Calendars on Graph.

use async_trait::async_trait;

use super::mailbox::{GraphMailbox, unbuilt};
use crate::calendar::{Batch, CalendarRead, CalendarWrite};
use crate::error::Result;
use crate::listing::Listing;
use crate::model::*;

#[async_trait]
impl CalendarRead for GraphMailbox {
    fn list_calendars(&self) -> Listing<CalendarInfo> {
        Listing::from_error(unbuilt("list_calendars"))
    }

    async fn get_calendar(&self, calendar: &CalendarRef) -> Result<CalendarInfo> {
        let _ = calendar;
        Err(unbuilt("get_calendar"))
    }

    fn list_events(&self, query: EventQuery) -> Listing<Event> {
        let _ = query;
        Listing::from_error(unbuilt("list_events"))
    }

    async fn get_events(&self, ids: &[EventId], projection: Projection) -> Result<Batch<Event>> {
        let _ = ids;
        let _ = projection;
        Err(unbuilt("get_events"))
    }

    fn list_occurrences(
        &self,
        series: &EventId,
        window: TimeRange,
        projection: Projection,
    ) -> Listing<Event> {
        let _ = series;
        let _ = window;
        let _ = projection;
        Listing::from_error(unbuilt("list_occurrences"))
    }

    async fn get_series(&self, any: &EventId) -> Result<Series> {
        let _ = any;
        Err(unbuilt("get_series"))
    }

    async fn find_by_uid(&self, uid: &ICalUid) -> Result<Vec<Event>> {
        let _ = uid;
        Err(unbuilt("find_by_uid"))
    }

    async fn sync_events(
        &self,
        request: SyncRequest<CalendarRef>,
    ) -> Result<SyncPage<EventChange>> {
        let _ = request;
        Err(unbuilt("sync_events"))
    }

    async fn sync_calendar_view(
        &self,
        request: SyncRequest<ViewScope>,
    ) -> Result<SyncPage<EventChange>> {
        let _ = request;
        Err(unbuilt("sync_calendar_view"))
    }

    fn list_meeting_messages(&self) -> Listing<MeetingMessage> {
        Listing::from_error(unbuilt("list_meeting_messages"))
    }
}

#[async_trait]
impl CalendarWrite for GraphMailbox {
    async fn create_event(
        &self,
        calendar: &CalendarRef,
        event: NewEvent,
        notify: Notify,
    ) -> Result<Event> {
        let _ = calendar;
        let _ = event;
        let _ = notify;
        Err(unbuilt("create_event"))
    }

    async fn create_events(
        &self,
        calendar: &CalendarRef,
        events: Vec<NewEvent>,
        notify: Notify,
    ) -> Result<Batch<Event>> {
        let _ = calendar;
        let _ = events;
        let _ = notify;
        Err(unbuilt("create_events"))
    }

    async fn update_event(
        &self,
        id: &EventId,
        patch: EventPatch,
        version: Option<&Version>,
        notify: Notify,
    ) -> Result<Event> {
        let _ = id;
        let _ = patch;
        let _ = version;
        let _ = notify;
        Err(unbuilt("update_event"))
    }

    async fn cancel_event(&self, id: &EventId, comment: Option<&str>) -> Result<()> {
        let _ = id;
        let _ = comment;
        Err(unbuilt("cancel_event"))
    }

    async fn delete_event(&self, id: &EventId, mode: DeleteMode, notify: Notify) -> Result<()> {
        let _ = id;
        let _ = mode;
        let _ = notify;
        Err(unbuilt("delete_event"))
    }

    async fn respond(&self, to: &ItemRef, reply: MeetingReply) -> Result<()> {
        let _ = to;
        let _ = reply;
        Err(unbuilt("respond"))
    }

    async fn forward_event(
        &self,
        id: &EventId,
        to: &[Recipient],
        comment: Option<&str>,
    ) -> Result<()> {
        let _ = id;
        let _ = to;
        let _ = comment;
        Err(unbuilt("forward_event"))
    }

    async fn create_calendar(&self, name: &str) -> Result<CalendarInfo> {
        let _ = name;
        Err(unbuilt("create_calendar"))
    }

    async fn rename_calendar(&self, id: &CalendarId, name: &str) -> Result<CalendarInfo> {
        let _ = id;
        let _ = name;
        Err(unbuilt("rename_calendar"))
    }

    async fn delete_calendar(&self, id: &CalendarId) -> Result<()> {
        let _ = id;
        Err(unbuilt("delete_calendar"))
    }
}
