//! [`CalendarWrite`] on EWS.

use async_trait::async_trait;

use super::load::Load;
use crate::calendar::{Batch, CalendarWrite};
use crate::connector::Backend;
use crate::error::{Effect, Result};
use crate::ews::convert;
use crate::ews::mailbox::{EwsMailbox, lacks};
use crate::ews::operation::{
    ConflictResolution, CreateItem, DeleteItem, DeleteType, FindItem, GetItem, MessageDisposition,
    SendMeetingCancellations, SendMeetingInvitations, SendMeetingInvitationsOrCancellations,
    UpdateItem,
};
use crate::ews::types::{
    BaseShape, Body, FieldPath, FolderIdRef, Item, ItemId, ItemShape, Operand, ResponseObject,
    ResponseObjectKind, SearchExpression, View,
};
use crate::model::{
    BodyWanted, CalendarRef, DeleteMode, Event, EventId, EventPatch, NewEvent, Notify, Projection,
    Version,
};

#[async_trait]
impl CalendarWrite for EwsMailbox {
    async fn create_event(
        &self,
        calendar: &CalendarRef,
        event: NewEvent,
        notify: Notify,
    ) -> Result<Event> {
        const OPERATION: &str = "create_event";
        let folder = self.calendar_folder(calendar, OPERATION)?;
        let version = self.version(OPERATION).await?;
        let item = convert::calendar_item(&event, version, self.home, OPERATION)?;
        if let Some(key) = &event.idempotency_key
            && let Some(made) = self.find_by_key(&folder, key, OPERATION).await?
        {
            return self.read_back(made, OPERATION).await;
        }

        let send = match notify {
            Notify::Nobody => SendMeetingInvitations::SendToNone,
            _ if event.attendees.is_empty() => SendMeetingInvitations::SendToNone,
            Notify::Auto | Notify::All => SendMeetingInvitations::SendToAllAndSaveCopy,
        };
        let items = vec![Item::CalendarItem(Box::new(item))];
        let create = CreateItem::calendar(items, send).into_folder(folder);
        let answer = self.one(&create, OPERATION).await?;
        let made = answer.0.items.into_iter().next();
        let id = made.as_ref().and_then(Item::item_id).cloned();
        let id = id.ok_or_else(|| {
            lacks(OPERATION, "ItemId for what it created").with_effect(Effect::Partial)
        })?;
        self.read_back(id, OPERATION).await
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
            return self.read_back(item, OPERATION).await;
        }
        let change = convert::item_change(item.clone(), &patch, server, self.home, OPERATION)?;
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
        const OPERATION: &str = "cancel_event";
        let item = ItemId::new(id.require(Backend::Ews, OPERATION)?);
        // A cancellation wants the change key.
        let shape = ItemShape::new(BaseShape::IdOnly);
        let found = self.one(&GetItem::new(shape, [item]), OPERATION).await?;
        let current = found.items.iter().find_map(Item::item_id).cloned();
        let current = current.ok_or_else(|| lacks(OPERATION, "ItemId"))?;

        let mut cancel = ResponseObject::new(ResponseObjectKind::CancelCalendarItem, current);
        cancel.body = comment.map(Body::text);
        let items = vec![Item::Response(Box::new(cancel))];
        let create = CreateItem::messages(items, MessageDisposition::SendAndSaveCopy);
        self.one(&create, OPERATION).await.map(drop)
    }

    async fn delete_event(&self, id: &EventId, mode: DeleteMode, notify: Notify) -> Result<()> {
        const OPERATION: &str = "delete_event";
        let item = ItemId::new(id.require(Backend::Ews, OPERATION)?);
        let delete_type = match mode {
            DeleteMode::Trash => DeleteType::MoveToDeletedItems,
            DeleteMode::Recoverable => DeleteType::SoftDelete,
            DeleteMode::Permanent => DeleteType::HardDelete,
        };
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
    async fn read_back(&self, id: ItemId, operation: &'static str) -> Result<Event> {
        let version = self.version(operation).await?;
        let load = Load::of(Projection::Full, version, BodyWanted::Native, &[]);
        // The state of a moment ago may be gone already.
        let id = ItemId::new(id.id);
        let read = match self.load_events(&[id], &load, operation).await {
            Ok(mut events) => events.pop(),
            Err(error) => Some(Err(error)),
        };
        read.unwrap_or_else(|| Err(lacks(operation, "item")))
            .map_err(|error| {
                error
                    .with_effect(Effect::Partial)
                    .with_hint("The event was written, but could not be read back: read it again.")
            })
    }

    /// The item that was made with an idempotency key, if there is one.
    async fn find_by_key(
        &self,
        folder: &FolderIdRef,
        key: &str,
        operation: &'static str,
    ) -> Result<Option<ItemId>> {
        let path = FieldPath::Extended(convert::property_uri(&convert::idempotency_key()));
        let find = FindItem::new(ItemShape::new(BaseShape::IdOnly), [folder.clone()])
            .view(View::page(0, 1))
            .restriction(SearchExpression::IsEqualTo(path, Operand::from(key)));
        let found = self.one(&find, operation).await?;
        Ok(found.items.first().and_then(Item::item_id).cloned())
    }
}
