use exchange_connector::model::{
    CalendarRef, EventKind, EventPatch, EventQuery, FreeBusyStatus, NewEvent, Notify, Projection,
};
use exchange_connector::simulator::Trouble;
use exchange_connector::{Effect, Error, ErrorKind, Result};

use super::backend::{Backend, Planted, all_times, lasting};

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
        (Trouble::fault("ErrorSomethingNew"), &[ErrorKind::Internal]),
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

    let swap = |from: &str, to: &str| {
        assert!(answer.contains(from), "no {from} in {answer}");
        answer.replace(from, to)
    };
    let read = async |answer: String| {
        b.answer_next(answer);
        mailbox.get_event(&id, Projection::Full).await
    };

    let strange = swap(
        "<t:Location>Room 1</t:Location>",
        "<t:Novelty Since=\"2030\"><t:Deep>1</t:Deep></t:Novelty><t:Location>Room 1</t:Location><x:Y xmlns:x=\"urn:y\"/>",
    );
    assert_eq!(read(strange).await?, before);
    let status = read(swap(">Busy<", ">Dancing<")).await?.show_as;
    assert!(
        matches!(status, FreeBusyStatus::NoData | FreeBusyStatus::Busy),
        "{status:?}"
    );
    let kind = read(swap(">Single<", ">Quantum<")).await?.kind;
    assert_eq!(kind, EventKind::Single);
    let missing = read(swap("<t:Location>Room 1</t:Location>", "")).await?;
    assert_eq!(missing.location, None);
    assert_eq!(missing.subject, before.subject);
    // What must be there is missed, in words.
    let start = "<t:Start>2026-03-02T08:00:00Z</t:Start>";
    let error = read(swap(start, "")).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Protocol);
    assert!(error.to_string().contains("Start"), "{error}");

    // Nothing of this spoils the next call.
    let patch = EventPatch::new().subject("Done");
    let done = mailbox.update_event(&id, patch, None, Notify::Auto).await?;
    assert_eq!(done.subject, "Done");
    Ok(())
}
