//! [`CalendarWrite`] on Graph.

use async_trait::async_trait;

use super::GraphMailbox;
use crate::calendar::{Batch, CalendarWrite};
use crate::error::Result;
use crate::model::{
    CalendarId, CalendarInfo, CalendarRef, DeleteMode, Event, EventId, EventPatch, ItemRef,
    MeetingReply, NewEvent, Notify, Recipient, Version,
};

#[async_trait]
impl CalendarWrite for GraphMailbox {
    async fn create_event(
        &self,
        calendar: &CalendarRef,
        event: NewEvent,
        notify: Notify,
    ) -> Result<Event> {
        self.create(calendar, &event, notify).await
    }

    async fn create_events(
        &self,
        calendar: &CalendarRef,
        events: Vec<NewEvent>,
        notify: Notify,
    ) -> Result<Batch<Event>> {
        let mut made = Vec::with_capacity(events.len());
        for event in &events {
            made.push(self.create(calendar, event, notify).await);
        }
        Ok(made)
    }

    async fn update_event(
        &self,
        id: &EventId,
        patch: EventPatch,
        version: Option<&Version>,
        notify: Notify,
    ) -> Result<Event> {
        self.update(id, &patch, version, notify).await
    }

    async fn cancel_event(&self, id: &EventId, comment: Option<&str>) -> Result<()> {
        self.call_off(id, comment).await
    }

    async fn delete_event(&self, id: &EventId, mode: DeleteMode, notify: Notify) -> Result<()> {
        self.delete(id, mode, notify).await
    }

    async fn respond(&self, to: &ItemRef, reply: MeetingReply) -> Result<()> {
        self.answer_meeting(to, &reply).await
    }

    async fn forward_event(
        &self,
        id: &EventId,
        to: &[Recipient],
        comment: Option<&str>,
    ) -> Result<()> {
        self.forward(id, to, comment).await
    }

    async fn create_calendar(&self, name: &str) -> Result<CalendarInfo> {
        self.make_calendar(name).await
    }

    async fn rename_calendar(&self, id: &CalendarId, name: &str) -> Result<CalendarInfo> {
        self.name_calendar(id, name).await
    }

    async fn delete_calendar(&self, id: &CalendarId) -> Result<()> {
        self.drop_calendar(id).await
    }
}
