use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::xml::{Element, Problem, ReadElement, Tag, WriteElement, names};

use super::record;

names! {
    /// Whether a mailbox answers by itself.
    ///
    /// Reference: <https://learn.microsoft.com/exchange/client-developer/web-service-reference/oofstate>
    pub open enum OofState {
        /// It does not.
        Disabled = "Disabled",
        /// It does until it is switched off.
        Enabled = "Enabled",
        /// It does in the time that is given.
        Scheduled = "Scheduled",
    }
}

names! {
    /// Who outside the organisation gets an answer.
    ///
    /// Reference: <https://learn.microsoft.com/exchange/client-developer/web-service-reference/externalaudience>
    pub open enum ExternalAudience {
        /// Nobody.
        None = "None",
        /// Those in the contacts of the mailbox.
        Known = "Known",
        /// Everybody.
        All = "All",
    }
}

record! {
    /// A stretch of time, in UTC: `Duration` in the schema.
    ///
    /// Reference: <https://learn.microsoft.com/exchange/client-developer/web-service-reference/duration-useroofsettings>
    pub struct TimeWindow {
        /// When it begins.
        start_time: DateTime<Utc> = "StartTime",
        /// When it ends.
        end_time: DateTime<Utc> = "EndTime",
    }
}

impl TimeWindow {
    /// From when until when.
    pub fn new(start_time: DateTime<Utc>, end_time: DateTime<Utc>) -> Self {
        Self {
            start_time: Some(start_time),
            end_time: Some(end_time),
        }
    }
}

/// What a mailbox answers.
///
/// Reference: <https://learn.microsoft.com/exchange/client-developer/web-service-reference/internalreply>
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct ReplyBody {
    /// The language, as `en-US`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lang: Option<String>,
    /// The text, mostly HTML; servers make a document of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
}

impl ReplyBody {
    /// That text.
    pub fn new(message: impl Into<String>) -> Self {
        Self {
            lang: None,
            message: Some(message.into()),
        }
    }
}

impl ReadElement for ReplyBody {
    fn read_element(node: &mut Element<'_, '_>) -> Result<Option<Self>, Problem> {
        let mut read = Self {
            lang: node.attribute("xml:lang")?,
            message: None,
        };
        node.for_each(|child| {
            match child.name() {
                "Message" => read.message = Some(child.text()?),
                _ => child.skip()?,
            }
            Ok(())
        })?;
        Ok(Some(read))
    }
}

impl WriteElement for ReplyBody {
    fn write_element(&self, tag: Tag<'_>) {
        tag.attribute_if("xml:lang", self.lang.as_ref())
            .children(|out| out.value_if("t:Message", self.message.as_ref()));
    }
}

record! {
    /// What a mailbox does while its owner is away.
    ///
    /// Exchange Online can also decline and take away meetings of that time; no server on premises
    /// is known to.
    ///
    /// Reference: <https://learn.microsoft.com/exchange/client-developer/web-service-reference/useroofsettings>
    pub struct UserOofSettings {
        /// Whether it answers; needed for writing.
        oof_state: OofState = "OofState",
        /// Who outside gets an answer; needed for writing.
        external_audience: ExternalAudience = "ExternalAudience",
        /// When, if it is [scheduled](OofState::Scheduled).
        duration: TimeWindow = "Duration",
        /// The answer to those inside.
        internal_reply: ReplyBody = "InternalReply",
        /// The answer to those outside.
        external_reply: ReplyBody = "ExternalReply",
        /// The answer to invitations that are declined. Exchange 2016 and later.
        decline_meeting_reply: ReplyBody = "DeclineMeetingReply" since Exchange2016,
        /// Whether to decline meetings of that time that are in the calendar. Exchange 2016 and later.
        decline_events_for_scheduled_oof: bool = "DeclineEventsForScheduledOOF" since Exchange2016,
        /// Whether to decline all of them. Exchange 2016 and later.
        decline_all_events_for_scheduled_oof: bool = "DeclineAllEventsForScheduledOOF" since Exchange2016,
        /// Whether to enter the time into the calendar. Exchange 2016 and later.
        create_oof_event: bool = "CreateOOFEvent" since Exchange2016,
        /// What the entry is called. Exchange 2016 and later.
        oof_event_subject: String = "OOFEventSubject" since Exchange2016,
        /// Whether to decline invitations that come. Exchange 2016 and later.
        auto_decline_future_requests_when_oof: bool = "AutoDeclineFutureRequestsWhenOOF" since Exchange2016,
        /// Identifies the entry. Exchange 2016 and later.
        oof_event_id: String = "OOFEventID" since Exchange2016,
    }
}
