//! [`CalendarRead`] and [`CalendarWrite`] on EWS.

mod list;
mod window;

use async_trait::async_trait;

use super::convert;
use super::mailbox::{EwsMailbox, lacks};
use super::operation::{
    ConflictResolution, CreateItem, DeleteItem, DeleteType, FindItem, GetFolder, GetItem,
    MessageDisposition, Operation, ResponseMessage, SendMeetingCancellations,
    SendMeetingInvitations, SendMeetingInvitationsOrCancellations, UpdateItem,
};
use super::types::{
    BaseShape, Body, BodyTypeResponse, FieldPath, FolderIdRef, FolderShape, Item, ItemId,
    ItemIdRef, ItemShape, Operand, ResponseObject, ResponseObjectKind, SearchExpression, View,
};
use super::{DistinguishedFolderId, FieldUri, ServerVersion};
use crate::calendar::{Batch, CalendarRead, CalendarWrite};
use crate::connector::Backend;
use crate::error::{Effect, Error, ErrorKind, Result};
use crate::listing::Listing;
use crate::model::{
    BodyWanted, CalendarInfo, CalendarRef, DeleteMode, Event, EventId, EventKind, EventPatch,
    EventQuery, NewEvent, Notify, Projection, PropertyName, Version,
};

/// How many items a request asks for at most: more are asked for in several requests.
pub(super) const ITEMS_PER_REQUEST: u32 = 50;

/// Since when a server takes what could do harm out of HTML. Exchange 2010 has the switch too, but
/// later servers refuse it in requests made for that version.
pub(super) const SANITISES_SINCE: ServerVersion = ServerVersion::Exchange2013;

#[async_trait]
impl CalendarRead for EwsMailbox {
    fn list_calendars(&self) -> Listing<CalendarInfo> {
        list::calendars(self.clone())
    }

    async fn get_calendar(&self, calendar: &CalendarRef) -> Result<CalendarInfo> {
        const OPERATION: &str = "get_calendar";
        let folder = self.calendar_folder(calendar, OPERATION)?;
        let default = self.folder(DistinguishedFolderId::Calendar);
        let shape = FolderShape::new(BaseShape::IdOnly).with(convert::folder_paths());
        let answers = self
            .send(&GetFolder::new(shape, [folder, default]), OPERATION)
            .await?;
        let mut folders = answers.into_iter().map(|answer| {
            let folders = of(answer, OPERATION)?.folders;
            let folder = folders.into_iter().next();
            folder.ok_or_else(|| lacks(OPERATION, "folder"))
        });
        let found = folders
            .next()
            .unwrap_or_else(|| Err(lacks(OPERATION, "folder")))?;
        // Who may see only this calendar may not see the default one.
        let default = folders.next().and_then(Result::ok);
        let is_default = default.is_some_and(|default| {
            default.properties.folder_id.map(|id| id.id)
                == found.properties.folder_id.as_ref().map(|id| id.id.clone())
        });
        convert::calendar_info(&found, is_default).ok_or_else(|| lacks(OPERATION, "FolderId"))
    }

    fn list_events(&self, query: EventQuery) -> Listing<Event> {
        list::events(self.clone(), query)
    }

    async fn get_events(&self, ids: &[EventId], projection: Projection) -> Result<Batch<Event>> {
        const OPERATION: &str = "get_events";
        let raw: Vec<Result<String>> = ids
            .iter()
            .map(|id| id.require(Backend::Ews, OPERATION).map(str::to_owned))
            .collect();
        let own: Vec<ItemId> = raw.iter().flatten().map(ItemId::new).collect();
        let version = self.version(OPERATION).await?;
        let load = Load::of(projection, version, BodyWanted::Native, &[]);
        let mut read = self.load_events(&own, &load, OPERATION).await?.into_iter();
        let answers = raw.into_iter().map(|id| {
            id.and_then(|_| {
                read.next()
                    .unwrap_or_else(|| Err(lacks(OPERATION, "answer")))
            })
        });
        Ok(answers.collect())
    }
}

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

/// How much of an event to read, and how.
struct Load {
    shape: ItemShape,
    is_full: bool,
}

impl Load {
    fn of(
        projection: Projection,
        version: ServerVersion,
        body: BodyWanted,
        extended: &[PropertyName],
    ) -> Self {
        let is_full = projection == Projection::Full;
        let mut shape = ItemShape::new(BaseShape::IdOnly);
        if is_full {
            shape.body_type = Some(match body {
                BodyWanted::Html => BodyTypeResponse::Html,
                BodyWanted::Text => BodyTypeResponse::Text,
                BodyWanted::Native => BodyTypeResponse::Best,
            });
            shape.filter_html_content = (version >= SANITISES_SINCE).then_some(true);
            shape.additional_properties = convert::full_paths(version, extended);
        } else {
            shape.additional_properties = convert::summary_paths(version);
            if version < ServerVersion::Exchange2013 {
                // Lists name no zone here, but an item does.
                let zones: &[FieldUri] = match version < ServerVersion::Exchange2010 {
                    true => &[FieldUri::CalendarMeetingTimeZone],
                    false => &[
                        FieldUri::CalendarStartTimeZone,
                        FieldUri::CalendarEndTimeZone,
                    ],
                };
                let zones = zones.iter().cloned().map(FieldPath::from);
                shape.additional_properties.extend(zones);
            }
        }
        Self { shape, is_full }
    }
}

impl EwsMailbox {
    /// Reads events by their identifiers, in order, in as many requests as it takes.
    async fn load_events(
        &self,
        ids: &[ItemId],
        load: &Load,
        operation: &'static str,
    ) -> Result<Batch<Event>> {
        let mut events: Batch<Event> = Vec::with_capacity(ids.len());
        for ids in ids.chunks(ITEMS_PER_REQUEST as usize) {
            let get = GetItem::new(load.shape.clone(), ids.iter().cloned());
            for answer in self.send(&get, operation).await? {
                let event = of(answer, operation).and_then(|found| {
                    let item = found.items.into_iter().next();
                    let item = item.ok_or_else(|| lacks(operation, "item"))?;
                    convert::event(&item, load.is_full, operation)
                });
                events.push(event);
            }
        }
        if load.is_full {
            self.add_series_ids(&mut events, operation).await?;
        }
        Ok(events)
    }

    /// Says of each occurrence to which series it belongs: one more request for each page, because
    /// an item does not say.
    async fn add_series_ids(
        &self,
        events: &mut Batch<Event>,
        operation: &'static str,
    ) -> Result<()> {
        let mut asked: Vec<&Event> = Vec::new();
        for event in events.iter().flatten() {
            let is_part = matches!(event.kind, EventKind::Occurrence | EventKind::Exception);
            let is_known = |known: &&Event| known.uid.is_some() && known.uid == event.uid;
            if is_part && !asked.iter().any(is_known) {
                asked.push(event);
            }
        }
        let mut masters = Vec::with_capacity(asked.len());
        for part in asked.chunks(ITEMS_PER_REQUEST as usize) {
            let ids = part.iter().map(|event| ItemIdRef::RecurringMaster {
                occurrence_id: event.id.as_raw().to_owned(),
                change_key: None,
            });
            let get = GetItem::new(ItemShape::new(BaseShape::IdOnly), ids);
            let answers = self.send(&get, operation).await?;
            for (event, answer) in part.iter().zip(answers) {
                // A master that cannot be read is no reason to lose its occurrences.
                let found = answer.ok().ok().and_then(|found| {
                    let id = found.items.iter().find_map(Item::item_id)?;
                    Some(EventId::from_raw(Backend::Ews, id.id.as_str()))
                });
                masters.extend(found.map(|id| (event.id.clone(), event.uid.clone(), id)));
            }
        }
        for event in events.iter_mut().flatten() {
            let is_part = matches!(event.kind, EventKind::Occurrence | EventKind::Exception);
            let found = masters
                .iter()
                .find(|(part, uid, _)| *part == event.id || (uid.is_some() && *uid == event.uid));
            if let (true, Some((_, _, id)), Some(detail)) = (is_part, found, &mut event.detail) {
                detail.series_id = Some(id.clone());
            }
        }
        Ok(())
    }

    /// Sends an operation about one thing, and returns what came of it.
    async fn one<O, T>(&self, operation: &O, called: &'static str) -> Result<T>
    where
        O: Operation<Response = Vec<ResponseMessage<T>>>,
    {
        let answer = self.send(operation, called).await?.into_iter().next();
        of(answer.ok_or_else(|| lacks(called, "answer"))?, called)
    }

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

/// What an answer holds, or the error a caller gets.
fn of<T>(answer: ResponseMessage<T>, operation: &'static str) -> Result<T> {
    answer
        .ok()
        .map_err(|refusal| refusal.into_error(operation).with_backend(Backend::Ews))
}

/// Whether a server found a window too wide, or too full.
fn is_too_much(error: &Error) -> bool {
    error.code().is_some() && error.kind() == ErrorKind::LimitExceeded
}
