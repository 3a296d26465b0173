use exchange_connector::model::{Attendee, CalendarId, CalendarRef, NewEvent, Notify, Projection};
use exchange_connector::simulator::CalendarRights;
use exchange_connector::{ErrorKind, MailboxTarget, Result};

use super::backend::{Backend, Doing, address, lasting};

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

    let unknown = CalendarId::from_raw(b.protocol(), "nonsense");
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

pub(super) async fn are_made_renamed_and_deleted(b: &Backend) -> Result<()> {
    let mailbox = b.mailbox("alice");
    let names = async || -> Result<Vec<String>> {
        let calendars = mailbox.list_calendars().collect().await?;
        Ok(calendars.into_iter().map(|one| one.name).collect())
    };
    let made = mailbox.create_calendar("Holidays & leave").await?;
    assert_eq!(made.name, "Holidays & leave");
    assert!(made.can_edit && !made.is_default);
    assert_eq!(mailbox.get_calendar(&made.id.clone().into()).await?, made);
    assert!(names().await?.contains(&made.name));
    let event = NewEvent::new("Away", lasting("2026-03-02T10:00", 60))
        .attendee(Attendee::required(address("bob")));
    let event = mailbox
        .create_event(&(&made).into(), event, Notify::Auto)
        .await?;
    b.sent();

    let same = mailbox.create_calendar("Holidays & leave").await;
    assert_eq!(same.unwrap_err().kind(), ErrorKind::AlreadyExists);
    let other = mailbox.create_calendar("Other").await?;
    let same = mailbox.rename_calendar(&other.id, "Holidays & leave").await;
    assert_eq!(same.unwrap_err().kind(), ErrorKind::AlreadyExists);
    let renamed = mailbox.rename_calendar(&made.id, "Leave").await?;
    assert_eq!((&renamed.id, renamed.name.as_str()), (&made.id, "Leave"));
    assert_eq!(
        mailbox
            .get_event(&event.id, Projection::Summary)
            .await?
            .subject,
        "Away"
    );

    mailbox.delete_calendar(&made.id).await?;
    assert_eq!(names().await?, ["Calendar", "Other"]);
    // Nobody is told, though it had a meeting in it.
    assert_eq!(b.sent(), []);
    for gone in [
        mailbox.delete_calendar(&made.id).await.err(),
        mailbox.rename_calendar(&made.id, "Again").await.err(),
    ] {
        assert_eq!(gone.unwrap().kind(), ErrorKind::NotFound);
    }
    Ok(())
}

pub(super) async fn what_may_not_be_done_to_calendars(b: &Backend) -> Result<()> {
    let mailbox = b.mailbox("alice");
    for name in ["", "  ", "a\tb"] {
        let refused = mailbox.create_calendar(name).await.unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::InvalidArgument);
    }
    assert_eq!(b.requests(), 0);
    let default = mailbox.get_calendar(&CalendarRef::Default).await?;
    for refused in [
        mailbox.rename_calendar(&default.id, "Mine").await.err(),
        mailbox.delete_calendar(&default.id).await.err(),
    ] {
        assert_eq!(refused.unwrap().kind(), ErrorKind::InvalidState);
    }
    assert_eq!(
        b.requests_to(Doing::Changes) + b.requests_to(Doing::Deletes),
        0
    );
    let unknown = CalendarId::from_raw(b.protocol(), "nonsense");
    let refused = mailbox.delete_calendar(&unknown).await.unwrap_err();
    assert!(
        matches!(refused.kind(), ErrorKind::InvalidId | ErrorKind::NotFound),
        "{refused:?}"
    );

    // A reader makes none.
    b.grant("alice", "bob", CalendarRights::Reviewer);
    let guest = b
        .connector("bob")
        .mailbox(&MailboxTarget::shared(address("alice")))?;
    for refused in [
        guest.create_calendar("Bob's").await.err(),
        guest.rename_calendar(&default.id, "Bob's").await.err(),
        guest.delete_calendar(&default.id).await.err(),
    ] {
        let kind = refused.unwrap().kind();
        assert!(
            matches!(kind, ErrorKind::PermissionDenied | ErrorKind::InvalidState),
            "{kind:?}"
        );
    }
    assert_eq!(mailbox.list_calendars().collect().await?.len(), 1);
    Ok(())
}

pub(super) async fn of_others(b: &Backend) -> Result<()> {
    // Some programs put a calendar into the default one, some beside it.
    for (parent, name) in [("calendar", "Inside"), ("msgfolderroot", "Beside")] {
        let request = format!(
            "<m:CreateFolder><m:ParentFolderId><t:DistinguishedFolderId Id=\"{parent}\"/>\
             </m:ParentFolderId><m:Folders><t:CalendarFolder><t:DisplayName>{name}</t:DisplayName>\
             </t:CalendarFolder></m:Folders></m:CreateFolder>"
        );
        b.send_raw("CreateFolder", &request).await?;
    }
    let mailbox = b.mailbox("alice");
    let calendars = mailbox.list_calendars().collect().await?;
    let beside = calendars.iter().find(|one| one.name == "Beside").unwrap();
    let names = async |who: &str, target: MailboxTarget| -> Result<Vec<String>> {
        let program = match target {
            MailboxTarget::ActAs(_) => b.service(who),
            _ => b.connector(who),
        };
        let calendars = program.mailbox(&target)?.list_calendars();
        let calendars = calendars.collect().await?;
        assert!(calendars[0].is_default);
        assert!(calendars[1..].iter().all(|one| !one.is_default));
        let mut names: Vec<_> = calendars.into_iter().map(|one| one.name).collect();
        names.sort();
        Ok(names)
    };
    let all = ["Beside", "Calendar", "Inside"];
    assert_eq!(names("alice", MailboxTarget::Own).await?, all);

    // A guest sees what it was let into; beside that there may be more it cannot look for.
    let shared = || MailboxTarget::shared(address("alice"));
    let refused = names("bob", shared()).await.unwrap_err();
    let kinds = [ErrorKind::PermissionDenied, ErrorKind::NotFound];
    assert!(kinds.contains(&refused.kind()), "{refused:?}");
    b.grant("alice", "bob", CalendarRights::Reviewer);
    assert_eq!(names("bob", shared()).await?, ["Calendar", "Inside"]);
    let guest = b.connector("bob").mailbox(&shared())?;
    let beside: CalendarRef = beside.into();
    let refused = guest.get_calendar(&beside).await.unwrap_err();
    assert!(kinds.contains(&refused.kind()), "{refused:?}");

    // Who acts as somebody sees what they see.
    b.allow_impersonation("carol");
    let acting = MailboxTarget::act_as(address("alice"));
    assert_eq!(names("carol", acting).await?, all);
    Ok(())
}
