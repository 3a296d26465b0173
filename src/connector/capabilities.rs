//! What a server can do, as data.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Backend;

/// Something that not every backend, or not every version of the server, can do.
///
/// What a program asks for that is not there is refused as [`Unsupported`](crate::ErrorKind::Unsupported), without a
/// request. Where a feature only changes what is read, it says how that is without it.
///
/// <!-- table: made by tests/it/conformance/table.rs -->
/// | | 2007 SP1 | 2010 SP2 | 2013 SP1 | 2016 | Graph |
/// |---|---|---|---|---|---|
/// | `SilentMeetingChange` | yes | yes | yes | yes |  |
/// | `SetUid` | yes | yes | yes | yes |  |
/// | `CreateOnlineMeeting` |  |  |  |  | yes |
/// | `ProposeNewTime` |  |  | yes | yes | yes |
/// | `RoomLists` |  | yes | yes | yes | yes |
/// | `ImmutableIds` |  |  |  |  | yes |
/// | `ZonePerEnd` |  | yes | yes | yes | yes |
/// | `WorkingElsewhere` |  |  | yes | yes | yes |
/// | `PermanentDelete` | yes | yes | yes | yes | yes |
/// | `ContentSearch` |  | yes | yes | yes | yes |
/// | `Conversations` |  | yes | yes | yes | yes |
/// | `ChooseSentFolder` | yes | yes | yes | yes |  |
/// | `RecoverableItems` |  | yes | yes | yes | yes |
/// | `MailTips` |  | yes | yes | yes | yes |
/// | `InboxRules` |  | yes | yes | yes | yes |
/// | `ClientRules` |  | yes | yes | yes |  |
/// | `InlineAttachments` |  | yes | yes | yes | yes |
/// | `FirstDayOfWeek` |  | yes | yes | yes | yes |
/// | `CustomZones` | yes | yes | yes | yes |  |
/// | `WeekdaySets` |  |  |  |  | yes |
/// | `RepeatedHour` | yes | yes | yes | yes |  |
/// | `DatesInSummaries` | yes | yes | yes | yes |  |
/// | `PagedViews` |  |  |  |  | yes |
/// | `NativeBodies` | yes | yes | yes | yes |  |
/// | `FoldersOfAllKinds` | yes | yes | yes | yes |  |
/// | `HtmlSanitised` |  |  | yes | yes | yes |
/// <!-- end of the table -->
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Feature {
    /// Changing a meeting without telling the attendees: [`Notify::Nobody`](crate::model::Notify::Nobody).
    SilentMeetingChange,
    /// Choosing the UID of a new event: [`NewEvent::uid`](crate::model::NewEvent::uid).
    SetUid,
    /// Making an online meeting with a new event: [`NewEvent::online_meeting`](crate::model::NewEvent::online_meeting).
    CreateOnlineMeeting,
    /// Proposing another time with an answer: [`MeetingReply::propose`](crate::model::MeetingReply::propose). EWS:
    /// Exchange 2013 SP1.
    ProposeNewTime,
    /// Lists of rooms: [`Directory::room_lists`](crate::Directory::room_lists). EWS: Exchange 2010.
    RoomLists,
    /// Ids that stay the same when an item is moved to another folder.
    ImmutableIds,
    /// Start and end of an event in different time zones. EWS: Exchange 2010.
    ZonePerEnd,
    /// The availability [`WorkingElsewhere`](crate::model::FreeBusyStatus::WorkingElsewhere). EWS: Exchange 2013.
    WorkingElsewhere,
    /// Removing for good: [`DeleteMode::Permanent`](crate::model::DeleteMode::Permanent).
    PermanentDelete,
    /// Finding messages by words in them: [`MessageSelect::Search`](crate::model::MessageSelect::Search). EWS: Exchange
    /// 2010.
    ContentSearch,
    /// Conversations: [`Message::conversation_id`](crate::model::Message::conversation_id) and the filter by it. EWS:
    /// Exchange 2010.
    Conversations,
    /// Choosing where the own copy of a sent message goes: [`SaveSent::Folder`](crate::model::SaveSent::Folder).
    ChooseSentFolder,
    /// The folder of what was deleted for good by the user:
    /// [`WellKnownFolder::RecoverableDeletions`](crate::model::WellKnownFolder::RecoverableDeletions). EWS: Exchange
    /// 2010.
    RecoverableItems,
    /// What to know of recipients: [`SettingsRead::mail_tips`](crate::SettingsRead::mail_tips). EWS: Exchange 2010.
    MailTips,
    /// Rules of the Inbox: [`SettingsRead::list_rules`](crate::SettingsRead::list_rules). EWS: Exchange 2010 SP1.
    InboxRules,
    /// Saying whether Outlook keeps rules of its own, which a change of rules may lose:
    /// [`InboxRules::has_client_rules`](crate::model::InboxRules::has_client_rules). Where that is not said, they are not
    /// touched. EWS: Exchange 2010 SP1.
    ClientRules,
    /// Attachments shown within the body: [`NewAttachment::inline`](crate::model::NewAttachment::inline). EWS:
    /// Exchange 2010.
    InlineAttachments,
    /// Weeks that begin on another day than Sunday, in series of every so many weeks:
    /// [`Pattern::Weekly`](crate::model::Pattern::Weekly). EWS: Exchange 2010 SP1.
    FirstDayOfWeek,
    /// Writing times in a zone that has rules but no name: [`CustomZone`](crate::model::CustomZone).
    CustomZones,
    /// The first, second and so on of any days of the week in a month, as of Monday and Wednesday:
    /// [`Pattern::MonthlyOnWeekday`](crate::model::Pattern::MonthlyOnWeekday) and
    /// [`YearlyOnWeekday`](crate::model::Pattern::YearlyOnWeekday). Elsewhere only of a single day, of all, of Monday to
    /// Friday, or of the weekend.
    WeekdaySets,
    /// The zone of a time in the hour that clocks show twice when they are set back. Where it is not kept, such a time
    /// comes back in UTC, and no series can begin then.
    RepeatedHour,
    /// When events were created and last changed, in summaries of what takes place in a window:
    /// [`Event::created`](crate::model::Event::created) and
    /// [`Event::last_modified`](crate::model::Event::last_modified).
    DatesInSummaries,
    /// Any number of events that begin at the same instant, in what takes place in a window. Elsewhere more than the
    /// server gives at once (1,000, if nobody set it otherwise) end in
    /// [`LimitExceeded`](crate::ErrorKind::LimitExceeded).
    PagedViews,
    /// Bodies in the format they are stored in: [`BodyWanted::Native`](crate::model::BodyWanted::Native). Without it they
    /// come as HTML that says the same, and the body tells its format.
    NativeBodies,
    /// Folders of all kinds among those of [`MailRead::list_folders`](crate::MailRead::list_folders), as those of
    /// calendars and contacts. Without it there are just those for messages.
    FoldersOfAllKinds,
    /// HTML bodies come without scripts and other active content. EWS: Exchange 2010.
    HtmlSanitised,
}

/// How a [`Feature`] is provided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Support {
    /// By the server.
    Native,
    /// By this library, with more requests.
    Emulated,
    /// Not at all: a call that needs it answers [`Unsupported`](crate::ErrorKind::Unsupported) without a request.
    No,
}

/// What a server can do and where its limits are.
///
/// ```
/// use exchange_connector::{Backend, Capabilities, Feature, Support};
///
/// let capabilities = Capabilities::new(Backend::Ews, "Exchange2016").with(Feature::SetUid, Support::Native);
/// assert_eq!(capabilities.support(Feature::SetUid), Support::Native);
/// assert_eq!(capabilities.support(Feature::CreateOnlineMeeting), Support::No);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Capabilities {
    /// The protocol.
    pub backend: Backend,
    /// What the server says about itself, for people: product, version and build.
    pub server: String,
    /// How each feature is provided; what is missing here is not provided.
    pub features: BTreeMap<Feature, Support>,
    /// Limits of the server, as far as known.
    pub limits: Limits,
}

impl Capabilities {
    /// A server without any feature.
    pub fn new(backend: Backend, server: impl Into<String>) -> Self {
        Self {
            backend,
            server: server.into(),
            features: BTreeMap::new(),
            limits: Limits::default(),
        }
    }

    /// Says how a feature is provided.
    #[must_use]
    pub fn with(mut self, feature: Feature, support: Support) -> Self {
        self.features.insert(feature, support);
        self
    }

    /// Sets the limits.
    #[must_use]
    pub fn with_limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// How a feature is provided.
    pub fn support(&self, feature: Feature) -> Support {
        self.features.get(&feature).copied().unwrap_or(Support::No)
    }

    /// Whether a feature is provided, in whatever way.
    pub fn supports(&self, feature: Feature) -> bool {
        self.support(feature) != Support::No
    }
}

/// Limits of a server. `None`: not known, or none.
///
/// They are for information: where a limit can be met by asking in pieces, this library does so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Limits {
    /// How many items one request carries.
    pub batch_items: Option<u32>,
    /// How many mailboxes one request for availability names.
    pub free_busy_mailboxes: Option<u32>,
    /// How many days one request for availability spans.
    pub free_busy_days: Option<u32>,
    /// How many requests may run at a time.
    pub concurrent_requests: Option<u32>,
}

impl Limits {
    /// Sets how many items one request carries.
    #[must_use]
    pub fn batch_items(mut self, items: u32) -> Self {
        self.batch_items = Some(items);
        self
    }

    /// Sets how many mailboxes one request for availability names.
    #[must_use]
    pub fn free_busy_mailboxes(mut self, mailboxes: u32) -> Self {
        self.free_busy_mailboxes = Some(mailboxes);
        self
    }

    /// Sets how many days one request for availability spans.
    #[must_use]
    pub fn free_busy_days(mut self, days: u32) -> Self {
        self.free_busy_days = Some(days);
        self
    }

    /// Sets how many requests may run at a time.
    #[must_use]
    pub fn concurrent_requests(mut self, requests: u32) -> Self {
        self.concurrent_requests = Some(requests);
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn survives_storage() {
        let capabilities = Capabilities::new(Backend::Ews, "Exchange 2019")
            .with(Feature::SetUid, Support::Native)
            .with(Feature::ZonePerEnd, Support::Emulated)
            .with_limits(Limits::default().free_busy_days(42));
        let text = serde_json::to_string(&capabilities).unwrap();
        assert!(
            text.contains(r#""set_uid":"native""#) && text.contains(r#""backend":"ews""#),
            "{text}"
        );
        assert_eq!(
            serde_json::from_str::<Capabilities>(&text).unwrap(),
            capabilities
        );
    }

    #[test]
    fn older_data_without_newer_limits_is_read() {
        assert_eq!(
            serde_json::from_str::<Limits>("{}").unwrap(),
            Limits::default()
        );
    }
}
