//! What a token must allow, by the names administrators see.

use std::fmt;

/// A permission of Graph, by the name of the delegated one; for mailboxes of others a delegated token needs the
/// `.Shared` one where there is one.
///
/// Source: <https://learn.microsoft.com/graph/permissions-reference>
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Permission {
    CalendarsReadBasic,
    CalendarsRead,
    CalendarsReadWrite,
    MailReadBasic,
    MailRead,
    MailReadWrite,
    MailSend,
    MailboxSettingsRead,
    MailboxSettingsReadWrite,
    UserRead,
    UserReadBasicAll,
    GroupMemberReadAll,
    PlaceReadAll,
}

impl Permission {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::CalendarsReadBasic => "Calendars.ReadBasic",
            Self::CalendarsRead => "Calendars.Read",
            Self::CalendarsReadWrite => "Calendars.ReadWrite",
            Self::MailReadBasic => "Mail.ReadBasic",
            Self::MailRead => "Mail.Read",
            Self::MailReadWrite => "Mail.ReadWrite",
            Self::MailSend => "Mail.Send",
            Self::MailboxSettingsRead => "MailboxSettings.Read",
            Self::MailboxSettingsReadWrite => "MailboxSettings.ReadWrite",
            Self::UserRead => "User.Read",
            Self::UserReadBasicAll => "User.ReadBasic.All",
            Self::GroupMemberReadAll => "GroupMember.Read.All",
            Self::PlaceReadAll => "Place.Read.All",
        }
    }

    /// The one for applications.
    pub(crate) fn of_applications(self) -> &'static str {
        match self {
            // There is none for one user only.
            Self::UserRead => "User.Read.All",
            other => other.name(),
        }
    }

    /// The delegated one for what others share.
    pub(crate) fn shared(self) -> Option<&'static str> {
        match self {
            Self::CalendarsReadBasic | Self::CalendarsRead => Some("Calendars.Read.Shared"),
            Self::CalendarsReadWrite => Some("Calendars.ReadWrite.Shared"),
            Self::MailReadBasic | Self::MailRead => Some("Mail.Read.Shared"),
            Self::MailReadWrite => Some("Mail.ReadWrite.Shared"),
            Self::MailSend => Some("Mail.Send.Shared"),
            _ => None,
        }
    }
}

impl fmt::Display for Permission {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
