//! [`CalendarWrite`] on EWS.

use async_trait::async_trait;

use super::load::Load;
use crate::calendar::{Batch, CalendarWrite};
use crate::connector::Backend;
use crate::error::{Effect, Result};
use crate::ews::convert;
use crate::ews::mailbox::{EwsMailbox, lacks};
use crate::ews::operation::{
    ConflictResolution, DeleteItem, SendMeetingCancellations,
    SendMeetingInvitationsOrCancellations, UpdateItem,
};
use crate::ews::types::{Item, ItemId};
use crate::model::{
    BodyWanted, CalendarId, CalendarInfo, CalendarRef, DeleteMode, Event, EventId, EventPatch,
    ItemRef, MeetingReply, NewEvent, Notify, Patch, Projection, Recipient, Version, Zone,
};

#[async_trait]
impl CalendarWrite for EwsMailbox {
    async fn create_event(
        &self,
        calendar: &CalendarRef,
        event: NewEvent,
        notify: Notify,
    ) -> Result<Event> {
        self.create(calendar, event, notify).await
    }

    async fn create_events(
        &self,
        calendar: &CalendarRef,
        events: Vec<NewEvent>,
        notify: Notify,
    ) -> Result<Batch<Event>> {
        let mut made = Vec::with_capacity(events.len());
        for event in events {
            made.push(self.create_event(calendar, event, notify).await);
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
        const OPERATION: &str = "update_event";
        let mut item = ItemId::new(id.require(Backend::Ews, OPERATION)?);
        let server = self.version(OPERATION).await?;
        let resolution = match version {
            Some(version) => {
                item.change_key = Some(version.as_raw().to_owned());
                ConflictResolution::NeverOverwrite
            }
            None => ConflictResolution::AlwaysOverwrite,
        };
        if patch.is_empty() {
            return self.as_it_is(item, OPERATION).await;
        }
        let convert = |home: Option<&Zone>| {
            convert::item_change(item.clone(), &patch, server, home, OPERATION)
        };
        // What is wrong with it is said before the zone is asked for.
        convert(Some(&Zone::utc()))?;
        let when = match &patch.when {
            Patch::Set(when) => Some(when),
            Patch::Keep | Patch::Clear => None,
        };
        let home = self.home_for(when, OPERATION).await?;
        let change = convert(home.as_ref())?;
        // What Exchange Online does by itself.
        use SendMeetingInvitationsOrCancellations as Send;
        let send = match notify {
            Notify::Nobody => Send::SendToNone,
            Notify::All => Send::SendToAllAndSaveCopy,
            Notify::Auto if patch.is_private_only() => Send::SendToNone,
            Notify::Auto if patch.is_attendees_only() => Send::SendToChangedAndSaveCopy,
            Notify::Auto => Send::SendToAllAndSaveCopy,
        };
        let update = UpdateItem::calendar(vec![change], resolution, send);
        let answer = self.one(&update, OPERATION).await?;
        // An occurrence that differs for the first time gets an identifier of its own.
        let updated = answer.items.items.iter().find_map(Item::item_id).cloned();
        let id = updated.unwrap_or_else(|| ItemId::new(item.id));
        self.read_back(id, OPERATION).await
    }

    async fn cancel_event(&self, id: &EventId, comment: Option<&str>) -> Result<()> {
        self.call_off(id, comment).await
    }

    async fn delete_event(&self, id: &EventId, mode: DeleteMode, notify: Notify) -> Result<()> {
        const OPERATION: &str = "delete_event";
        let item = ItemId::new(id.require(Backend::Ews, OPERATION)?);
        let delete_type = convert::delete_type(mode);
        let send = match notify {
            Notify::Nobody => SendMeetingCancellations::SendToNone,
            // What a server does about somebody else's meeting is not documented: nothing, if it
            // is not asked.
            Notify::Auto if !self.organizes(&item, OPERATION).await? => {
                SendMeetingCancellations::SendToNone
            }
            Notify::Auto | Notify::All => SendMeetingCancellations::SendToAllAndSaveCopy,
        };
        let delete = DeleteItem::new(delete_type, [item]).send_meeting_cancellations(send);
        self.one(&delete, OPERATION).await
    }

    async fn respond(&self, to: &ItemRef, reply: MeetingReply) -> Result<()> {
        self.answer_meeting(to, reply).await
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

impl EwsMailbox {
    /// Whether it is a meeting of the owner of the calendar.
    async fn organizes(&self, item: &ItemId, operation: &'static str) -> Result<bool> {
        let version = self.version(operation).await?;
        let load = Load::of(Projection::Summary, version, BodyWanted::Native, &[]);
        let found = self
            .load_events(std::slice::from_ref(item), &load, operation)
            .await?;
        let event = found.into_iter().next();
        let event = event.unwrap_or_else(|| Err(lacks(operation, "item")))?;
        Ok(event.is_meeting && event.is_organizer)
    }

    /// What has just been written, as it is now.
    pub(super) async fn read_back(&self, id: ItemId, operation: &'static str) -> Result<Event> {
        self.as_it_is(id, operation).await.map_err(|error| {
            error
                .with_effect(Effect::Partial)
                .with_hint("The event was written, but could not be read back: read it again.")
        })
    }

    async fn as_it_is(&self, id: ItemId, operation: &'static str) -> Result<Event> {
        let version = self.version(operation).await?;
        let load = Load::of(Projection::Full, version, BodyWanted::Native, &[]);
        // The state of a moment ago may be gone already.
        let id = ItemId::new(id.id);
        let mut events = self.load_events(&[id], &load, operation).await?;
        events
            .pop()
            .unwrap_or_else(|| Err(lacks(operation, "item")))
    }
}
