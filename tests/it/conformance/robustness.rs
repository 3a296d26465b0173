use exchange_connector::model::{
    Attendee, CalendarRef, DeleteMode, EventKind, EventPatch, EventQuery, FreeBusyStatus, NewEvent,
    Notify, Projection,
};
use exchange_connector::simulator::Trouble;
use exchange_connector::{Effect, Error, ErrorKind, Result};

use super::backend::{Backend, Doing, Odd, Planted, address, all_times, lasting};

fn talk() -> NewEvent {
    NewEvent::new("Talk", lasting("2026-03-02T10:00", 60))
}

pub(super) async fn a_lost_answer_is_not_asked_for_again(b: &Backend) -> Result<()> {
    let mailbox = b.mailbox("alice");
    // So that there is a connection, which could be taken for one that timed out.
    mailbox.get_calendar(&CalendarRef::Default).await?;
    for (number, trouble) in [(1, Trouble::DropAfter), (2, Trouble::Truncate)] {
        b.fail(trouble.clone());
        let before = b.requests();
        let lost = mailbox
            .create_event(&CalendarRef::Default, talk(), Notify::Auto)
            .await
            .unwrap_err();
        assert_eq!(lost.effect(), Effect::Unknown, "{trouble:?} {lost:?}");
        assert_eq!(b.requests(), before + 1, "{trouble:?}");
        assert_eq!(b.count("alice", "calendar"), number);
    }

    let meeting = talk().attendee(Attendee::required(address("bob")));
    let made = mailbox
        .create_event(&CalendarRef::Default, meeting, Notify::Auto)
        .await?;
    b.sent();
    b.fail(Trouble::DropAfter);
    let patch = EventPatch::new().subject("Changed");
    let lost = mailbox
        .update_event(&made.id, patch, None, Notify::Auto)
        .await;
    assert_eq!(lost.unwrap_err().effect(), Effect::Unknown);
    assert_eq!(b.requests_to(Doing::Changes), 1);
    assert_eq!(b.sent().len(), 1);

    b.fail_to(Doing::Cancels, Trouble::DropAfter);
    let lost = mailbox.cancel_event(&made.id, None).await;
    assert_eq!(lost.unwrap_err().effect(), Effect::Unknown);
    b.calm();
    assert_eq!(b.sent().len(), 1);
    let again = mailbox.cancel_event(&made.id, None).await.unwrap_err();
    assert_eq!(b.sent(), [], "{again:?}");

    let listed = mailbox
        .list_events(EventQuery::between(all_times()))
        .collect()
        .await?;
    b.fail_to(Doing::Deletes, Trouble::DropAfter);
    let (trash, auto) = (DeleteMode::Trash, Notify::Auto);
    let lost = mailbox.delete_event(&listed[0].id, trash, auto).await;
    assert_eq!(lost.unwrap_err().effect(), Effect::Unknown);
    b.calm();
    assert_eq!(b.requests_to(Doing::Deletes), 1);

    // What is only read can be read again, and nothing is in doubt.
    b.fail(Trouble::DropAfter);
    let lost = mailbox.get_event(&listed[1].id, Projection::Full).await;
    assert_eq!(lost.unwrap_err().effect(), Effect::None);
    Ok(())
}

pub(super) async fn what_is_written_but_not_read_back(b: &Backend) -> Result<()> {
    let mailbox = b.mailbox("alice");
    b.fail_after(1, Trouble::fault("ErrorServerBusy"));
    let meeting = talk().attendee(Attendee::required(address("bob")));
    let error = mailbox
        .create_event(&CalendarRef::Default, meeting, Notify::Auto)
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Throttled);
    assert_eq!(error.effect(), Effect::Partial, "{error:?}");
    assert_eq!(b.count("alice", "calendar"), 1);
    assert_eq!(b.sent().len(), 1);

    // A refusal before anything was written leaves no doubt.
    b.fail(Trouble::fault("ErrorServerBusy"));
    let error = mailbox
        .create_event(&CalendarRef::Default, talk(), Notify::Auto)
        .await
        .unwrap_err();
    assert_eq!(
        (error.kind(), error.effect()),
        (ErrorKind::Throttled, Effect::None)
    );
    b.fail(Trouble::DropBefore);
    let error = mailbox
        .create_event(&CalendarRef::Default, talk(), Notify::Auto)
        .await
        .unwrap_err();
    assert_ne!(error.effect(), Effect::Partial);
    assert_eq!(b.count("alice", "calendar"), 1);

    // A server that fails inside may have written before.
    for trouble in [
        Trouble::fault("ErrorInternalServerError"),
        Trouble::Message {
            code: "ErrorTimeoutExpired",
            back_off: None,
        },
    ] {
        b.fail(trouble);
        let error = mailbox
            .create_event(&CalendarRef::Default, talk(), Notify::Auto)
            .await
            .unwrap_err();
        assert_eq!(error.effect(), Effect::Unknown, "{error:?}");
    }

    // A change of nothing writes nothing.
    let event = mailbox
        .create_event(&CalendarRef::Default, talk(), Notify::Auto)
        .await?;
    b.remove(&event.id);
    let error = mailbox
        .update_event(&event.id, EventPatch::new(), None, Notify::Auto)
        .await
        .unwrap_err();
    assert_eq!(
        (error.kind(), error.effect()),
        (ErrorKind::NotFound, Effect::None)
    );
    Ok(())
}

pub(super) async fn answers_that_are_none(b: &Backend) -> Result<()> {
    let page = |status, body: &str| Trouble::Status {
        status,
        headers: Vec::new(),
        body: body.to_owned(),
    };
    let answer = async |trouble| -> Error {
        b.fail(trouble);
        let listing = b
            .mailbox("alice")
            .list_events(EventQuery::between(all_times()));
        listing.collect().await.unwrap_err()
    };
    for (trouble, kinds) in [
        (
            Trouble::Truncate,
            &[ErrorKind::Protocol, ErrorKind::Connection][..],
        ),
        (Trouble::HtmlPage, &[ErrorKind::Unauthenticated]),
        (page(200, ""), &[ErrorKind::Protocol]),
        (page(200, "OK"), &[ErrorKind::Protocol]),
        (page(200, "<s:Envelope"), &[ErrorKind::Protocol]),
        (page(200, "<other/>"), &[ErrorKind::Protocol]),
        (
            page(404, "<html>Not found</html>"),
            &[ErrorKind::Configuration],
        ),
        (page(503, "<html>Busy</html>"), &[ErrorKind::Unavailable]),
        (Trouble::fault("ErrorServerBusy"), &[ErrorKind::Throttled]),
        // What nobody knows yet: as far as the status says something, it is that.
        (
            Trouble::fault("ErrorSomethingNew"),
            &[ErrorKind::Internal, ErrorKind::InvalidArgument],
        ),
    ] {
        let error = answer(trouble.clone()).await;
        assert!(kinds.contains(&error.kind()), "{trouble:?} {error:?}");
        assert_eq!(error.effect(), Effect::None, "{trouble:?} {error:?}");
        assert_eq!(error.operation(), "list_events", "{trouble:?} {error:?}");
    }
    Ok(())
}

pub(super) async fn unknown_things_are_read_over(b: &Backend) -> Result<()> {
    let more =
        "<t:LegacyFreeBusyStatus>Busy</t:LegacyFreeBusyStatus><t:Location>Room 1</t:Location>";
    let event = Planted::new("Talk", "2026-03-02T08:00:00Z", "2026-03-02T09:00:00Z", more);
    let id = b.plant("alice", &event);
    let mailbox = b.mailbox("alice");
    let before = mailbox.get_event(&id, Projection::Full).await?;
    let answer = b.last_answer();

    let read = async |odd: Odd| {
        b.answer_oddly(&answer, odd);
        mailbox.get_event(&id, Projection::Full).await
    };

    assert_eq!(read(Odd::UnknownProperties).await?, before);
    let status = read(Odd::UnknownStatus).await?.show_as;
    assert!(
        matches!(status, FreeBusyStatus::NoData | FreeBusyStatus::Busy),
        "{status:?}"
    );
    let kind = read(Odd::UnknownKind).await?.kind;
    assert_eq!(kind, EventKind::Single);
    let missing = read(Odd::NoLocation).await?;
    assert_eq!(missing.location, None);
    assert_eq!(missing.subject, before.subject);
    // What must be there is missed, in words.
    let error = read(Odd::NoStart).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Protocol);
    let words = error.to_string().to_lowercase();
    assert!(words.contains("start"), "{error}");

    // Nothing of this spoils the next call.
    let patch = EventPatch::new().subject("Done");
    let done = mailbox.update_event(&id, patch, None, Notify::Auto).await?;
    assert_eq!(done.subject, "Done");
    Ok(())
}
