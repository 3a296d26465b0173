//! What is sent again, and what is not, from end to end.

use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono_tz::Europe::Berlin;
use exchange_connector::ews::{EwsConnector, EwsConnectorBuilder};
use exchange_connector::http::{AuthPolicy, AuthScheme, Credentials, HttpOptions, Proxy};
use exchange_connector::model::{
    AttachmentUpload, Attendee, Body, CalendarRef, DraftOptions, MessageId, MessageLoad,
    NewAttachment, NewEvent, NewMessage, Notify, Recipient, SendOptions, When,
};
use exchange_connector::simulator::{AuthScheme as Offer, Disturbance, Simulator, Trouble};
use exchange_connector::{
    Backend, ByteStream, Connector, Effect, ErrorKind, Mailbox, MailboxTarget, RetryPolicy, Upload,
};

const ALICE: &str = "alice@example.test";

struct Office {
    simulator: Simulator,
    mailbox: Arc<dyn Mailbox>,
}

impl Office {
    async fn open() -> Self {
        Self::with(|builder| builder).await
    }

    async fn with(change: impl FnOnce(EwsConnectorBuilder) -> EwsConnectorBuilder) -> Self {
        let builder = Simulator::builder().auth(&[Offer::Basic]).record(true);
        let simulator = builder.start().await.unwrap();
        let connector = change(builder_for(&simulator)).build().unwrap();
        Self {
            simulator,
            mailbox: connector.mailbox(&MailboxTarget::Own).unwrap(),
        }
    }

    /// The request after the next `requests` goes wrong.
    fn fail_after(&self, requests: usize, trouble: Trouble) {
        for _ in 0..requests {
            self.simulator.fail_next(Trouble::Delay(Duration::ZERO));
        }
        self.simulator.fail_next(trouble);
    }

    fn requests(&self) -> u32 {
        self.simulator.log().requests
    }

    fn count(&self, folder: &str) -> usize {
        self.simulator.item_ids(ALICE, folder).unwrap().len()
    }
}

/// A connector that waits in no time where nobody says how long.
fn builder_for(simulator: &Simulator) -> EwsConnectorBuilder {
    EwsConnector::builder(simulator.ews_url())
        .credentials(Credentials::password(ALICE, "alice-Passw0rd"))
        .auth(AuthPolicy::Only(AuthScheme::Basic))
        .version("2016".parse().unwrap())
        .time_zone(Berlin)
        .http(HttpOptions::default().proxy(Proxy::Off))
        .retry(quick())
}

fn quick() -> RetryPolicy {
    RetryPolicy::default().first_wait(Duration::from_millis(2))
}

fn talk() -> NewEvent {
    let at = |hour| {
        let day = chrono::NaiveDate::from_ymd_opt(2026, 3, 2).unwrap();
        day.and_hms_opt(hour, 0, 0).unwrap()
    };
    NewEvent::new("Talk", When::timed(at(10), at(11), Berlin))
}

fn letter() -> NewMessage {
    NewMessage::new("Letter", Body::text("Dear Bob")).to(Recipient::smtp("bob@example.test"))
}

fn unavailable(status: u16) -> Trouble {
    Trouble::Status {
        status,
        headers: vec![("Retry-After".to_owned(), "1".to_owned())],
        body: String::new(),
    }
}

#[tokio::test]
async fn a_busy_server_is_waited_for() {
    for (trouble, least) in [
        (Trouble::busy(300), 300),
        (
            Trouble::Message {
                code: "ErrorServerBusy",
                back_off: Some(300),
            },
            300,
        ),
        (unavailable(503), 1000),
        (unavailable(429), 1000),
        (Trouble::DropBefore, 0),
    ] {
        let office = Office::open().await;
        let calendar = &CalendarRef::Default;
        for is_write in [false, true] {
            if is_write && trouble == Trouble::DropBefore {
                continue;
            }
            let before = office.requests();
            office.simulator.fail_next(trouble.clone());
            let start = Instant::now();
            match is_write {
                true => drop(
                    office
                        .mailbox
                        .create_event(calendar, talk(), Notify::Auto)
                        .await
                        .unwrap(),
                ),
                false => drop(office.mailbox.get_calendar(calendar).await.unwrap()),
            }
            assert!(
                start.elapsed() >= Duration::from_millis(least),
                "{trouble:?}"
            );
            // An event is read back.
            let needed = if is_write { 3 } else { 2 };
            assert_eq!(office.requests() - before, needed, "{trouble:?}");
        }
        let made = usize::from(trouble != Trouble::DropBefore);
        assert_eq!(office.count("calendar"), made, "{trouble:?}");
    }
}

#[tokio::test]
async fn a_change_whose_answer_is_lost_is_not_made_twice() {
    for trouble in [Trouble::DropAfter, Trouble::Truncate] {
        let office = Office::open().await;
        office.simulator.fail_next(trouble.clone());
        let calendar = &CalendarRef::Default;
        let lost = office
            .mailbox
            .create_event(calendar, talk(), Notify::Auto)
            .await;
        assert_eq!(lost.unwrap_err().effect(), Effect::Unknown, "{trouble:?}");
        assert_eq!(
            (office.requests(), office.count("calendar")),
            (1, 1),
            "{trouble:?}"
        );

        office.simulator.fail_next(trouble.clone());
        let lost = office.mailbox.send(letter(), SendOptions::new()).await;
        assert_eq!(lost.unwrap_err().effect(), Effect::Unknown, "{trouble:?}");
        assert_eq!((office.requests(), office.simulator.outbox().len()), (2, 1));

        // What is only read is read again.
        office.simulator.fail_next(trouble.clone());
        office.mailbox.get_calendar(calendar).await.unwrap();
        assert_eq!(office.requests(), 4, "{trouble:?}");
    }
}

/// Wherever the way breaks, an event with a key is there once, and invitations left once.
#[tokio::test]
async fn an_event_with_a_key_is_made_within_the_same_call() {
    let calendar = &CalendarRef::Default;
    for trouble in [Trouble::DropAfter, Trouble::DropBefore, Trouble::Truncate] {
        for has_file in [false, true] {
            for step in 0..6 {
                let office = Office::open().await;
                office.fail_after(step, trouble.clone());
                let mut event = talk()
                    .idempotency_key("talk-1")
                    .attendee(Attendee::required("bob@example.test"));
                if has_file {
                    event
                        .attachments
                        .push(NewAttachment::new("agenda.txt", "1."));
                }
                let made = office
                    .mailbox
                    .create_event(calendar, event.clone(), Notify::Auto)
                    .await;
                let what = format!("{trouble:?} {has_file} {step}");
                let made = made.expect(&what);
                assert_eq!(made.subject, "Talk");
                assert_eq!(office.count("calendar"), 1, "{what}");
                assert_eq!(office.simulator.outbox().len(), 1, "{what}");
            }
        }
    }
}

#[tokio::test]
async fn a_mail_with_a_key_is_sent_within_the_same_call() {
    for trouble in [Trouble::DropAfter, Trouble::DropBefore, Trouble::Truncate] {
        for step in 0..5 {
            let office = Office::open().await;
            office.fail_after(step, trouble.clone());
            let options = SendOptions::new().idempotency_key("letter-1");
            let sent = office.mailbox.send(letter(), options).await;
            assert!(sent.is_ok(), "{trouble:?} {step}: {sent:?}");
            assert_eq!(office.simulator.outbox().len(), 1, "{trouble:?} {step}");
            assert_eq!(office.count("drafts"), 0, "{trouble:?} {step}");
            assert_eq!(office.count("sentitems"), 1, "{trouble:?} {step}");
        }
    }
}

#[tokio::test]
async fn a_draft_with_a_key_is_made_and_sent_within_the_same_call() {
    for trouble in [Trouble::DropAfter, Trouble::DropBefore] {
        for step in 0..5 {
            let office = Office::open().await;
            office.fail_after(step, trouble.clone());
            let options = DraftOptions::new().idempotency_key("draft-1");
            let draft = office
                .mailbox
                .create_draft(letter(), options)
                .await
                .unwrap();
            assert_eq!(office.count("drafts"), 1, "{trouble:?} {step}");
            // What the first call did not meet:
            while office.requests() <= u32::try_from(step).unwrap() {
                let _ = office.mailbox.get_calendar(&CalendarRef::Default).await;
            }
            office.fail_after(step, trouble.clone());
            let options = SendOptions::new().idempotency_key("letter-1");
            let sent = office.mailbox.send_draft(&draft.id, options).await;
            assert!(sent.is_ok(), "{trouble:?} {step}: {sent:?}");
            assert_eq!(office.simulator.outbox().len(), 1, "{trouble:?} {step}");
        }
    }
}

/// A third of everything goes wrong, and none of it can be seen.
#[tokio::test]
async fn many_troubles_at_once() {
    let office =
        Office::with(|builder| builder.retry(quick().attempts(12).budget(1.0, 1000))).await;
    let busy = Trouble::Message {
        code: "ErrorServerBusy",
        back_off: Some(5),
    };
    let disturbance = Disturbance::new(Trouble::DropAfter)
        .or(Trouble::DropBefore)
        .or(Trouble::busy(5))
        .or(busy)
        .share(0.33, 42);
    office.simulator.disturb(disturbance);
    for number in 0..12 {
        let options = SendOptions::new().idempotency_key(format!("letter-{number}"));
        office.mailbox.send(letter(), options).await.unwrap();
        let event = talk().idempotency_key(format!("talk-{number}"));
        let made = office
            .mailbox
            .create_event(&CalendarRef::Default, event, Notify::Auto)
            .await;
        if let Err(error) = made {
            // It is there; only reading it back was given up.
            assert_eq!(error.effect(), Effect::Partial, "{error:?}");
        }
    }
    assert_eq!(office.simulator.outbox().len(), 12);
    assert_eq!(office.count("calendar"), 12);
}

#[tokio::test]
async fn messages_a_busy_server_left_out_are_read_again() {
    let office = Office::open().await;
    let ids: Vec<MessageId> = (0..3)
        .map(|number| {
            let message = format!("<t:Message><t:Subject>{number}</t:Subject></t:Message>");
            let id = office.simulator.plant(ALICE, "inbox", &message);
            MessageId::from_raw(Backend::Ews, id.unwrap())
        })
        .collect();
    office.simulator.fail_next(Trouble::Item {
        at: 1,
        code: "ErrorServerBusy",
        back_off: Some(10),
    });
    let read = office
        .mailbox
        .get_messages(&ids, &MessageLoad::summary())
        .await
        .unwrap();
    let subjects: Vec<_> = read.into_iter().map(|one| one.unwrap().subject).collect();
    assert_eq!(subjects, ["0", "1", "2"]);
    let exchanges = office.simulator.exchanges();
    let asked: Vec<_> = exchanges
        .iter()
        .filter(|one| one.operation == "GetItem")
        .map(|one| one.request.matches("<t:ItemId ").count())
        .collect();
    assert_eq!(asked.last(), Some(&1), "{asked:?}");
}

#[tokio::test]
async fn content_is_sent_again_only_if_it_is_there() {
    let office = Office::open().await;
    let draft = office.simulator.plant(
        ALICE,
        "drafts",
        "<t:Message><t:Subject>Files</t:Subject></t:Message>",
    );
    let item = MessageId::from_raw(Backend::Ews, draft.unwrap()).into();
    let bytes = vec![b'x'; 2_000_000];
    for trouble in [unavailable(503), Trouble::busy(10)] {
        office.fail_after(0, trouble);
        let file = AttachmentUpload::new("bytes.bin", Upload::from(bytes.clone()));
        office.mailbox.add_attachment(&item, file).await.unwrap();
    }
    let stream = Upload::stream(2_000_000, ByteStream::from(bytes::Bytes::from(bytes)));
    // The empty request that goes ahead meets no trouble.
    office.fail_after(0, unavailable(503));
    let file = AttachmentUpload::new("stream.bin", stream);
    let error = office
        .mailbox
        .add_attachment(&item, file)
        .await
        .unwrap_err();
    assert_eq!(
        (error.kind(), error.effect()),
        (ErrorKind::Unavailable, Effect::None),
        "{error:?}"
    );
    assert_eq!(
        office.mailbox.list_attachments(&item).await.unwrap().len(),
        2
    );
}

#[tokio::test]
async fn what_stays_wrong_is_said_at_once() {
    let simulator = Simulator::builder()
        .auth(&[Offer::Basic])
        .start()
        .await
        .unwrap();
    let wrong = builder_for(&simulator).credentials(Credentials::password(ALICE, "wrong"));
    let connector = wrong.build().unwrap();
    for _ in 0..3 {
        let error = connector.probe().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unauthenticated);
    }
    assert_eq!(simulator.log().wrong_credentials, 1);

    let office = Office::open().await;
    for (requests, trouble) in [
        (1, Trouble::fault("ErrorAccessDenied")),
        (2, Trouble::fault("ErrorSchemaValidation")),
        (3, Trouble::status(404)),
        (4, Trouble::HtmlPage),
        (5, Trouble::busy(24 * 3600 * 1000)),
    ] {
        office.simulator.fail_next(trouble.clone());
        let error = office
            .mailbox
            .get_calendar(&CalendarRef::Default)
            .await
            .unwrap_err();
        assert_eq!(office.requests(), requests, "{trouble:?} {error:?}");
    }
    // The server wants this mailbox to rest for a day. So long nobody waits, but it rests for a
    // while: nothing is sent.
    let error = office
        .mailbox
        .get_calendar(&CalendarRef::Default)
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Throttled);
    let left = error.retry_after().unwrap();
    assert!(
        left > Duration::from_secs(500) && left <= Duration::from_secs(600),
        "{left:?}"
    );
    assert_eq!(office.requests(), 5);
}

#[tokio::test]
async fn none_sends_once() {
    let office = Office::with(|builder| builder.retry(RetryPolicy::none())).await;
    for (requests, trouble) in [
        (1, Trouble::busy(10)),
        (2, Trouble::DropBefore),
        (3, unavailable(503)),
    ] {
        office.simulator.fail_next(trouble);
        office
            .mailbox
            .get_calendar(&CalendarRef::Default)
            .await
            .unwrap_err();
        assert_eq!(office.simulator.log().http_requests, requests);
    }
    office
        .mailbox
        .get_calendar(&CalendarRef::Default)
        .await
        .unwrap();
}

/// Nobody listens: that is tried a few times, and said.
#[tokio::test]
async fn a_server_that_is_not_there() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let connector = EwsConnector::builder(format!("http://127.0.0.1:{port}/EWS/Exchange.asmx"))
        .credentials(Credentials::password(ALICE, "alice-Passw0rd"))
        .http(HttpOptions::default().proxy(Proxy::Off))
        .retry(quick())
        .build()
        .unwrap();
    let error = connector.probe().await.unwrap_err();
    assert_eq!(
        (error.kind(), error.effect()),
        (ErrorKind::Connection, Effect::None)
    );
    assert!(error.to_string().contains("refused"), "{error}");
}
