use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};

use super::*;
use crate::ews::operation::Needs;
use crate::ews::{DistinguishedFolderId, ServerVersion};

/// A value of which parts may be newer than Exchange 2007.
///
/// [`record!`](super::record) asks each property it writes, so nothing newer than the version a
/// request is made for gets as far as the server.
pub(crate) trait Gate {
    /// Names what is newer.
    fn gate(&self, needs: &mut Needs) {
        let _ = needs;
    }
}

impl<T: Gate> Gate for Vec<T> {
    fn gate(&self, needs: &mut Needs) {
        self.iter().for_each(|value| value.gate(needs));
    }
}

impl Gate for ItemList {
    fn gate(&self, needs: &mut Needs) {
        self.0.iter().for_each(|item| item.needs(needs));
    }
}

impl Gate for SingleRecipient {
    fn gate(&self, needs: &mut Needs) {
        if let Some(mailbox) = &self.mailbox {
            mailbox.gate(needs);
        }
    }
}

impl Gate for ExtendedProperties {
    fn gate(&self, needs: &mut Needs) {
        self.0.iter().for_each(|property| property.uri.needs(needs));
    }
}

impl Gate for Recurrence {
    fn gate(&self, needs: &mut Needs) {
        if let RecurrencePattern::Weekly {
            first_day_of_week: Some(_),
            ..
        } = self.pattern
        {
            needs.at_least("FirstDayOfWeek", ServerVersion::Exchange2010Sp1);
        }
    }
}

impl Gate for LegacyFreeBusyStatus {
    fn gate(&self, needs: &mut Needs) {
        if *self == Self::WorkingElsewhere {
            needs.at_least("WorkingElsewhere", ServerVersion::Exchange2013);
        }
    }
}

impl Gate for MailboxType {
    fn gate(&self, needs: &mut Needs) {
        let since = match self {
            Self::Unknown | Self::OneOff => ServerVersion::Exchange2010,
            Self::GroupMailbox => ServerVersion::Exchange2013,
            Self::ImplicitContact | Self::User => ServerVersion::Exchange2016,
            _ => return,
        };
        needs.at_least(self.as_str(), since);
    }
}

macro_rules! as_old_as_ews {
    ($($type:ty),* $(,)?) => {
        $(impl Gate for $type {})*
    };
}

as_old_as_ews!(
    AttachmentId,
    Base64,
    Body,
    CalendarItemType,
    DateTime<Utc>,
    DayOfWeek,
    DayOfWeekIndex,
    DaysOfWeek,
    DistinguishedFolderId,
    ExternalAudience,
    FlagStatus,
    FlaggedForAction,
    FolderId,
    FreeBusyViewType,
    Importance,
    InternetMessageHeader,
    ItemId,
    MailTipTypes,
    MeetingRequestType,
    MeetingTimeZone,
    MimeContent,
    Month,
    NaiveDate,
    NaiveDateTime,
    OofState,
    RawXml,
    ReplyBody,
    ResponseType,
    RuleValidationErrorCode,
    Sensitivity,
    SmtpDomain,
    String,
    TimeZoneDefinition,
    bool,
    f64,
    i32,
    i64,
);
