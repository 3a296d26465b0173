use exchange_connector::model::{CalendarId, CalendarRef};
use exchange_connector::simulator::CalendarRights;
use exchange_connector::{Backend as Protocol, ErrorKind, MailboxTarget, Result};

use super::backend::{Backend, address};

pub(super) async fn are_listed_and_found(b: &Backend) -> Result<()> {
    let mailbox = b.mailbox("alice");
    let calendars = mailbox.list_calendars().collect().await?;
    let default: Vec<_> = calendars.iter().filter(|one| one.is_default).collect();
    assert_eq!(default.len(), 1);
    assert_eq!(default[0].name, "Calendar");
    assert!(default[0].can_edit);
    assert_eq!(
        &mailbox.get_calendar(&CalendarRef::Default).await?,
        default[0]
    );
    for calendar in &calendars {
        let found = mailbox.get_calendar(&calendar.into()).await?;
        assert_eq!(&found, calendar);
    }

    let unknown = CalendarId::from_raw(Protocol::Ews, "nonsense");
    let refused = mailbox.get_calendar(&unknown.into()).await.unwrap_err();
    assert!(
        matches!(refused.kind(), ErrorKind::InvalidId | ErrorKind::NotFound),
        "{refused:?}"
    );

    // A guest sees the calendar it was let into, and not that it could change it.
    b.grant("alice", "bob", CalendarRights::Reviewer);
    let guest = b
        .connector("bob")
        .mailbox(&MailboxTarget::shared(address("alice")))?;
    let seen = guest.list_calendars().collect().await?;
    assert_eq!(seen.len(), 1);
    assert_eq!(seen[0].id, default[0].id);
    assert!(seen[0].is_default && !seen[0].can_edit);
    Ok(())
}
