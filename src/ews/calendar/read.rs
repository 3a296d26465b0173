//! [`CalendarRead`] on EWS.

use async_trait::async_trait;

use super::load::Load;
use super::{calendars, list, meeting_messages, occurrences, of};
use crate::calendar::{Batch, CalendarRead};
use crate::connector::Backend;
use crate::error::Result;
use crate::ews::DistinguishedFolderId;
use crate::ews::convert;
use crate::ews::mailbox::{EwsMailbox, lacks};
use crate::ews::operation::GetFolder;
use crate::ews::types::{BaseShape, FolderShape, ItemId};
use crate::listing::Listing;
use crate::model::{
    BodyWanted, CalendarInfo, CalendarRef, Event, EventChange, EventId, EventQuery, ICalUid,
    MeetingMessage, Projection, Series, SyncPage, SyncRequest, TimeRange, ViewScope,
};

#[async_trait]
impl CalendarRead for EwsMailbox {
    fn list_calendars(&self) -> Listing<CalendarInfo> {
        calendars::list(self.clone())
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

    async fn get_series(&self, any: &EventId) -> Result<Series> {
        self.series(any, "get_series").await
    }

    fn list_occurrences(
        &self,
        series: &EventId,
        window: TimeRange,
        projection: Projection,
    ) -> Listing<Event> {
        occurrences::list(self.clone(), series, window, projection)
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
        meeting_messages::list(self.clone())
    }
}
