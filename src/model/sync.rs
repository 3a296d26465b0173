//! Following the changes of calendars and folders.

use serde::{Deserialize, Serialize};

use super::{
    CalendarRef, Event, EventId, Folder, FolderId, Message, MessageId, SyncToken, TimeRange,
};

/// What to follow, and since when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct SyncRequest<S> {
    /// What to follow.
    pub scope: S,
    /// The token of the last page; `None` for everything there is.
    pub token: Option<SyncToken>,
    /// How many changes to a page; `None`: as many as suits the server. The server may give fewer.
    pub page_size: Option<u32>,
}

impl<S> SyncRequest<S> {
    /// Everything there is.
    pub fn from_start(scope: S) -> Self {
        Self {
            scope,
            token: None,
            page_size: None,
        }
    }

    /// What has changed since the page this token came with.
    pub fn since(scope: S, token: SyncToken) -> Self {
        Self {
            token: Some(token),
            ..Self::from_start(scope)
        }
    }

    /// Sets how many changes come a page at most.
    #[must_use]
    pub fn page_size(mut self, changes: u32) -> Self {
        self.page_size = Some(changes);
        self
    }
}

/// Some changes, and the place reached with them.
///
/// Apply the changes in order and store the token with the result: it is good after every page, also in another
/// process. The same change may come twice.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct SyncPage<C> {
    /// What changed, oldest first.
    pub changes: Vec<C>,
    /// The place reached.
    pub token: SyncToken,
    /// There is more now: ask again with the token.
    pub more: bool,
    /// The pages of this round hold the complete state: what they do not name is not there.
    pub full: bool,
}

impl<C> SyncPage<C> {
    /// The last page of a round that reports changes only.
    pub fn new(changes: Vec<C>, token: SyncToken) -> Self {
        Self {
            changes,
            token,
            more: false,
            full: false,
        }
    }

    /// Says whether there is more.
    #[must_use]
    pub fn more(mut self, more: bool) -> Self {
        self.more = more;
        self
    }

    /// Says whether the round holds the complete state.
    #[must_use]
    pub fn full(mut self, full: bool) -> Self {
        self.full = full;
        self
    }
}

/// A change in a calendar.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum EventChange {
    /// The event is new or was changed; in summary.
    Upserted(Box<Event>),
    /// The event is gone: deleted, moved to another calendar or, in a view, moved out of the window. Whoever does not
    /// know it has nothing to do.
    Deleted(EventId),
    /// The event is new or was changed, but the server cannot give it, as when it is damaged: it is passed over, so
    /// that it does not keep all others back.
    Unreadable {
        /// Its id.
        id: EventId,
        /// What the server said.
        why: String,
    },
}

/// A change among the messages of a folder.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum MessageChange {
    /// The message is new or was changed; in summary.
    Upserted(Box<Message>),
    /// It was marked as read or unread. Graph says [`Upserted`](Self::Upserted) instead.
    ReadState {
        /// Its id.
        id: MessageId,
        /// It was read.
        is_read: bool,
    },
    /// The message is gone: deleted, or moved to another folder. Whoever does not know it has nothing to do.
    Deleted(MessageId),
    /// The message is new or was changed, but the server cannot give it, as when it is damaged: it is passed over, so
    /// that it does not keep all others back.
    Unreadable {
        /// Its id.
        id: MessageId,
        /// What the server said.
        why: String,
    },
}

/// A change among the folders of a mailbox.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum FolderChange {
    /// The folder is new, or its name, its place or its counts have changed.
    Upserted(Box<Folder>),
    /// The folder is gone.
    Deleted(FolderId),
}

/// A window of a calendar to follow.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ViewScope {
    /// In which calendar.
    pub calendar: CalendarRef,
    /// Which time. It stays the same for as long as the view is followed.
    pub window: TimeRange,
}

impl ViewScope {
    /// A window of the default calendar.
    pub fn new(window: TimeRange) -> Self {
        Self {
            calendar: CalendarRef::Default,
            window,
        }
    }

    /// Sets the calendar.
    #[must_use]
    pub fn calendar(mut self, calendar: impl Into<CalendarRef>) -> Self {
        self.calendar = calendar.into();
        self
    }
}
