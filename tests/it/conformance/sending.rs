use std::time::Duration;

use chrono::{TimeDelta, Utc};
use exchange_connector::ews::ServerVersion;
use exchange_connector::model::{
    Body, BodyFormat, FolderRef, Importance, Message, MessageDetail, MessageId, MessageQuery,
    NewAttachment, NewMessage, NewReply, Recipient, SaveSent, SendOptions, Sensitivity,
    WellKnownFolder,
};
use exchange_connector::simulator::{CalendarRights, Disturbance, Limits, Trouble};
use exchange_connector::{
    Effect, ErrorKind, Feature, MailSend, Mailbox, MailboxTarget, Result, RetryAdvice,
};

use super::backend::{Backend, Doing, address};
use super::bodies::words;

pub(super) fn to(person: &str) -> Recipient {
    Recipient::smtp(address(person))
}

pub(super) fn mail() -> NewMessage {
    NewMessage::new("Minutes", Body::text("All agreed.")).to(to("bob"))
}

/// What is in a folder, whole and newest first.
pub(super) async fn messages(
    b: &Backend,
    person: &str,
    folder: impl Into<FolderRef>,
) -> Result<Vec<Message>> {
    let query = MessageQuery::new(folder).full();
    b.mailbox(person).list_messages(query).collect().await
}

/// The only message of a folder.
pub(super) async fn only(b: &Backend, person: &str, folder: WellKnownFolder) -> Result<Message> {
    let mut list = messages(b, person, folder).await?;
    assert_eq!(list.len(), 1, "{list:#?}");
    Ok(list.remove(0))
}

pub(super) fn detail(message: &Message) -> &MessageDetail {
    message.detail.as_ref().unwrap()
}

fn addresses(people: &[Recipient]) -> Vec<&str> {
    people.iter().filter_map(Recipient::smtp_address).collect()
}

fn attached(message: &Message) -> Vec<&str> {
    let list = detail(message).attachments.iter();
    let mut names: Vec<_> = list.map(|one| one.name.as_str()).collect();
    names.sort_unstable();
    names
}

const INBOX: WellKnownFolder = WellKnownFolder::Inbox;
const SENT: WellKnownFolder = WellKnownFolder::SentItems;

pub(super) async fn what_is_sent_arrives(b: &Backend) -> Result<()> {
    let new = NewMessage::new("Größe & <Gewicht>", Body::html("<p>Für <b>alle</b></p>"))
        .to(to("bob").named("Bob"))
        .cc(to("carol"))
        .bcc(to("user4"))
        .reply_to(Recipient::smtp("office@example.test"))
        .importance(Importance::High)
        .sensitivity(Sensitivity::Confidential)
        .category("Own")
        .header("X-Ticket", "4711 ä")
        .answering("<q@example.test>", "<p@example.test> <q@example.test>");
    let receipt = b.mailbox("alice").send(new, SendOptions::new()).await?;
    assert_eq!(receipt, Default::default());

    for person in ["bob", "carol", "user4"] {
        let got = only(b, person, INBOX).await?;
        let detail = detail(&got);
        assert_eq!(got.subject, "Größe & <Gewicht>");
        let body = detail.body.as_ref().unwrap();
        assert_eq!(body.format, BodyFormat::Html);
        assert!(body.content.contains("<b>alle</b>"), "{body:?}");
        let from = got.from.as_ref().and_then(Recipient::smtp_address);
        assert_eq!(from, Some("alice@example.test"));
        assert_eq!(addresses(&detail.to), ["bob@example.test"]);
        assert_eq!(addresses(&detail.cc), ["carol@example.test"]);
        // Nobody sees who else got a copy.
        assert_eq!(detail.bcc, []);
        assert_eq!(addresses(&detail.reply_to), ["office@example.test"]);
        assert_eq!(got.importance, Importance::High);
        assert_eq!(got.sensitivity, Sensitivity::Confidential);
        assert_eq!(detail.in_reply_to.as_deref(), Some("<q@example.test>"));
        let references = detail.references.as_deref();
        assert_eq!(references, Some("<p@example.test> <q@example.test>"));
        let ticket = detail.headers.iter().find(|(name, _)| name == "X-Ticket");
        assert_eq!(ticket.map(|(_, value)| value.as_str()), Some("4711 ä"));
        assert!(!got.is_read && !got.is_draft);
    }
    let own = only(b, "alice", SENT).await?;
    assert_eq!(addresses(&detail(&own).bcc), ["user4@example.test"]);
    assert!(own.categories.contains("Own") && own.is_read && !own.is_draft);
    assert_eq!(b.count("alice", "drafts"), 0);
    Ok(())
}

pub(super) async fn files_arrive(b: &Backend) -> Result<()> {
    let new = mail()
        .attachment(NewAttachment::new("plan.txt", "1. Ärger\n").content_type("text/plain"))
        .attachment(NewAttachment::new("bild.png", vec![0_u8, 255, 13, 10]));
    b.mailbox("alice").send(new, SendOptions::new()).await?;
    for (person, folder) in [("bob", INBOX), ("alice", SENT)] {
        let got = only(b, person, folder).await?;
        assert_eq!(attached(&got), ["bild.png", "plan.txt"]);
        assert!(got.has_attachments);
    }
    assert_eq!(b.count("alice", "drafts"), 0);
    Ok(())
}

pub(super) async fn a_picture_within_the_body(b: &Backend) -> Result<()> {
    let picture = NewAttachment::new("logo.png", vec![137_u8, 80]).inline("logo");
    let new = NewMessage::new("Logo", Body::html("<img src=\"cid:logo\">"))
        .to(to("bob"))
        .attachment(picture);
    b.mailbox("alice").send(new, SendOptions::new()).await?;
    let got = only(b, "bob", INBOX).await?;
    let picture = &detail(&got).attachments[0];
    assert!(picture.is_inline && !got.has_attachments, "{got:#?}");
    Ok(())
}

pub(super) async fn two_forms_of_one_text(b: &Backend) -> Result<()> {
    let new = NewMessage::new(
        "Zwei Formen",
        Body::html("<p>See you on <b>Monday</b>.</p>"),
    )
    .text_alternative("Bis Montag!\nFür alle.")
    .to(Recipient::smtp("eve@elsewhere.example"))
    .cc(to("bob").named("Bob, the Builder"))
    .bcc(to("carol"))
    .header("X-Ticket", "4711")
    .importance(Importance::Low)
    .category("Own")
    .attachment(NewAttachment::new("a.txt", "one\ntwo"));
    b.mailbox("alice").send(new, SendOptions::new()).await?;
    let outbox = b.simulator().outbox();
    let mime = outbox[0].mime.as_deref().unwrap();
    let text = String::from_utf8_lossy(mime);
    for part in [
        "multipart/alternative",
        "text/plain",
        "text/html",
        "Bis Montag!",
    ] {
        assert!(text.contains(part), "{part} is not in\n{text}");
    }
    assert!(!text.contains("carol@"), "{text}");
    for person in ["bob", "carol"] {
        let got = only(b, person, INBOX).await?;
        assert_eq!(got.subject, "Zwei Formen");
        let body = words(detail(&got).body.as_ref());
        assert!(body.contains("<b>Monday</b>"), "{body}");
        assert_eq!(got.importance, Importance::Low);
        assert_eq!(attached(&got), ["a.txt"]);
        assert_eq!(addresses(&detail(&got).cc), ["bob@example.test"]);
        assert_eq!(detail(&got).bcc, []);
    }
    let own = only(b, "alice", SENT).await?;
    assert!(own.categories.contains("Own"));
    assert_eq!(addresses(&detail(&own).bcc), ["carol@example.test"]);
    Ok(())
}

pub(super) async fn nobody_to_send_to(b: &Backend) -> Result<()> {
    let mailbox = b.mailbox("alice");
    let mut alone = mail();
    alone.to.clear();
    for options in [SendOptions::new(), SendOptions::new().idempotency_key("a")] {
        let refused = mailbox.send(alone.clone(), options).await.unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::RecipientRejected, "{refused}");
        assert_eq!(refused.effect(), Effect::None);
    }
    let wrong = mail().to(Recipient::smtp("bob"));
    let refused = mailbox.send(wrong, SendOptions::new()).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::InvalidArgument);
    let wrong = mail().header("Ticket", "1");
    let refused = mailbox.send(wrong, SendOptions::new()).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::InvalidArgument);
    let twice = mail().header("X-Ticket", "1").header("x-ticket", "2");
    let refused = mailbox.send(twice, SendOptions::new()).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::InvalidArgument);
    assert_eq!(b.requests(), 0);
    // What only the server finds leaves nothing behind.
    let lost = mail().to(Recipient::smtp("a@b;c"));
    assert!(mailbox.send(lost, SendOptions::new()).await.is_err());
    assert_eq!(b.sent(), []);
    Ok(())
}

pub(super) async fn copies_or_none(b: &Backend) -> Result<()> {
    let mailbox = b.mailbox("alice");
    for key in [None, Some("a")] {
        let mut options = SendOptions::new();
        options.idempotency_key = key.map(str::to_owned);
        mailbox.send(mail(), options).await?;
    }
    assert_eq!(b.count("alice", "sentitems"), 2);
    for track in [false, true] {
        let mut options = SendOptions::new().save(SaveSent::Nowhere);
        options.track = track;
        mailbox.send(mail(), options).await?;
    }
    assert_eq!(b.count("alice", "sentitems"), 2);
    assert_eq!(b.count("bob", "inbox"), 4);
    assert_eq!(b.count("alice", "drafts"), 0);
    Ok(())
}

pub(super) async fn a_copy_in_a_folder(b: &Backend) -> Result<()> {
    let mailbox = b.mailbox("alice");
    for key in [None, Some("b")] {
        let place = FolderRef::WellKnown(WellKnownFolder::JunkEmail);
        let mut options = SendOptions::new().save(SaveSent::Folder(place));
        options.idempotency_key = key.map(str::to_owned);
        mailbox.send(mail(), options.clone()).await?;
        if key.is_some() {
            mailbox.send(mail(), options).await?;
        }
    }
    assert_eq!(b.count("alice", "junkemail"), 2);
    assert_eq!(b.count("alice", "sentitems"), 0);
    assert_eq!(b.count("bob", "inbox"), 2);
    assert_eq!(b.count("alice", "drafts"), 0);
    Ok(())
}

pub(super) async fn the_message_id_is_known(b: &Backend) -> Result<()> {
    let mailbox = b.mailbox("alice");
    for key in [None, Some("a")] {
        let mut options = SendOptions::new().track();
        options.idempotency_key = key.map(str::to_owned);
        let receipt = mailbox.send(mail(), options.clone()).await?;
        let id = receipt.internet_message_id.unwrap();
        assert!(
            id.starts_with('<') && id.ends_with('>') && id.contains('@'),
            "{id}"
        );
        let inbox = messages(b, "bob", INBOX).await?;
        assert_eq!(inbox[0].internet_message_id.as_deref(), Some(id.as_str()));
        if key.is_some() {
            let again = mailbox.send(mail(), options).await?;
            assert_eq!(again.internet_message_id, Some(id));
        }
    }
    Ok(())
}

pub(super) async fn nothing_is_read(b: &Backend) -> Result<()> {
    let mailbox = b.mailbox("alice");
    let send: &dyn MailSend = &*mailbox;
    send.send(mail(), SendOptions::new()).await?;
    assert_eq!(b.requests(), 1);
    let file = NewAttachment::new("a.txt", "a");
    send.send(mail().attachment(file), SendOptions::new())
        .await?;
    assert_eq!(b.requests_to(Doing::Reads), 0);
    assert_eq!(b.sent().len(), 2);
    Ok(())
}

/// A server that does not take files together with the message gets them one by one.
pub(super) async fn a_file_costs_steps_on_old_servers(b: &Backend) -> Result<()> {
    let new = mail().attachment(NewAttachment::new("a.txt", "a"));
    b.mailbox("alice").send(new, SendOptions::new()).await?;
    let in_steps = u32::from(b.front.version() < ServerVersion::Exchange2013);
    let operations = b.simulator().operations();
    let count = |name: &str| operations.get(name).copied().unwrap_or_default();
    assert_eq!(count("CreateItem"), 1);
    assert_eq!(count("CreateAttachment"), in_steps);
    assert_eq!(count("SendItem"), in_steps);
    assert_eq!(b.requests(), 1 + 2 * in_steps);
    Ok(())
}

pub(super) async fn in_the_name_of_others(b: &Backend) -> Result<()> {
    let simulator = b.simulator();
    let mailbox = b.mailbox("alice");
    let as_carol = || mail().from(to("carol"));
    let file = || NewAttachment::new("a.txt", "a");
    for new in [as_carol(), as_carol().attachment(file())] {
        for options in [SendOptions::new(), SendOptions::new().idempotency_key("a")] {
            let refused = mailbox.send(new.clone(), options).await.unwrap_err();
            assert_eq!(refused.kind(), ErrorKind::PermissionDenied, "{refused}");
            assert_eq!(refused.effect(), Effect::None, "{refused}");
            assert_eq!(refused.operation(), "send");
        }
    }
    for folder in ["drafts", "sentitems"] {
        assert_eq!(b.count("alice", folder), 0, "{folder}");
    }
    assert_eq!(b.sent(), []);

    let grant = simulator.allow_send_on_behalf(&address("carol"), &address("alice"));
    grant.unwrap();
    mailbox.send(as_carol(), SendOptions::new()).await?;
    let got = only(b, "bob", INBOX).await?;
    let smtp = |one: &Option<Recipient>| {
        one.as_ref()
            .and_then(Recipient::smtp_address)
            .map(str::to_owned)
    };
    assert_eq!(smtp(&got.from).as_deref(), Some("carol@example.test"));
    assert_eq!(smtp(&got.sender).as_deref(), Some("alice@example.test"));

    simulator
        .allow_send_as(&address("carol"), &address("alice"))
        .unwrap();
    mailbox.send(as_carol(), SendOptions::new()).await?;
    let got = messages(b, "bob", INBOX).await?.remove(0);
    assert_eq!(smtp(&got.from).as_deref(), Some("carol@example.test"));
    assert_eq!(smtp(&got.sender).as_deref(), Some("carol@example.test"));
    Ok(())
}

/// A mailbox several people share: what is sent from it is in its name, and so is the copy.
pub(super) async fn from_a_shared_mailbox(b: &Backend) -> Result<()> {
    let simulator = b.simulator();
    let (team, alice) = (address("carol"), address("alice"));
    simulator.allow_send_as(&team, &alice).unwrap();
    for folder in ["drafts", "sentitems"] {
        let rights = CalendarRights::Editor;
        simulator
            .grant_folder(&team, folder, &alice, rights, false)
            .unwrap();
    }
    let connector = b.connector("alice");
    let mailbox = connector.mailbox(&MailboxTarget::shared(&team))?;
    mailbox.send(mail(), SendOptions::new()).await?;
    let tracked = mailbox.send(mail(), SendOptions::new().track()).await?;
    assert!(
        tracked
            .internet_message_id
            .unwrap()
            .ends_with("@example.test>")
    );
    for got in messages(b, "bob", INBOX).await? {
        let from = got.from.as_ref().and_then(Recipient::smtp_address);
        assert_eq!(from, Some(team.as_str()));
    }
    assert_eq!(b.count("carol", "sentitems"), 2);
    assert_eq!(b.count("alice", "sentitems"), 0);

    b.allow_impersonation("user4");
    let acting = b.service("user4").mailbox(&MailboxTarget::act_as(&alice))?;
    acting.send(mail(), SendOptions::new()).await?;
    assert_eq!(b.count("alice", "sentitems"), 1);
    Ok(())
}

pub(super) async fn later(b: &Backend) -> Result<()> {
    let mailbox = b.mailbox("alice");
    let due = Utc::now() + TimeDelta::hours(2);
    let once = SendOptions::new().idempotency_key("later");
    mailbox
        .send(mail().send_at(due), SendOptions::new())
        .await?;
    mailbox.send(mail().send_at(due), once.clone()).await?;
    assert_eq!(b.sent(), []);
    // What waits is on its way already.
    let again = mailbox.send(mail().send_at(due), once.clone()).await?;
    assert!(again.message_id.is_some());
    assert_eq!(b.count("alice", "outbox"), 2);
    b.simulator().advance(Duration::from_secs(3 * 3600));
    assert_eq!(b.sent().len(), 2);
    assert_eq!(b.count("bob", "inbox"), 2);
    let again = mailbox.send(mail().send_at(due), once).await?;
    assert!(again.message_id.is_some());
    assert_eq!(b.sent(), []);
    Ok(())
}

pub(super) async fn receipts_are_asked_for(b: &Backend) -> Result<()> {
    let mailbox = b.mailbox("alice");
    let new = mail().read_receipt().delivery_receipt();
    let draft = mailbox.create_draft(new, Default::default()).await?;
    assert!(detail(&draft).read_receipt_requested);
    assert!(detail(&draft).delivery_receipt_requested);
    mailbox.send_draft(&draft.id, SendOptions::new()).await?;
    let got = only(b, "bob", INBOX).await?;
    assert!(detail(&got).read_receipt_requested);
    // The server says that it was delivered.
    let reports = messages(b, "alice", INBOX).await?;
    assert_eq!(reports.len(), 1, "{reports:#?}");
    Ok(())
}

pub(super) async fn a_lost_answer_is_not_asked_for_again(b: &Backend) -> Result<()> {
    let mailbox = b.mailbox("alice");
    for trouble in [Trouble::DropAfter, Trouble::Truncate] {
        let before = b.requests();
        b.fail(trouble);
        let lost = mailbox.send(mail(), SendOptions::new()).await.unwrap_err();
        assert_eq!(lost.effect(), Effect::Unknown, "{lost}");
        assert_eq!(b.requests() - before, 1);
    }
    assert_eq!(b.sent().len(), 2);
    // Lost while only a draft was made: it says that nothing was sent.
    b.fail(Trouble::DropAfter);
    let lost = mailbox
        .send(mail(), SendOptions::new().track())
        .await
        .unwrap_err();
    assert_eq!(lost.effect(), Effect::Partial, "{lost}");
    assert!(lost.to_string().contains("Nothing was sent"), "{lost}");
    b.fail_after(1, Trouble::DropAfter);
    let lost = mailbox
        .send(mail(), SendOptions::new().track())
        .await
        .unwrap_err();
    assert_eq!(lost.effect(), Effect::Unknown, "{lost}");
    assert_eq!(b.sent().len(), 1);
    // What the server did not come to, may be repeated.
    b.fail(Trouble::busy(50));
    let busy = mailbox.send(mail(), SendOptions::new()).await.unwrap_err();
    assert_eq!(busy.effect(), Effect::None);
    assert!(matches!(busy.advice(), RetryAdvice::After(_)), "{busy:?}");
    Ok(())
}

pub(super) async fn one_key_one_mail(b: &Backend) -> Result<()> {
    let mailbox = b.mailbox("alice");
    let options = || SendOptions::new().idempotency_key("Invoice-7");
    let new = || mail().attachment(NewAttachment::new("a.txt", "a"));
    // The look, the draft and its file, another look, and the send: each answer is lost once.
    let mut effects = Vec::new();
    for step in 0.. {
        let key = format!("{step}");
        let once = || SendOptions::new().idempotency_key(&key);
        b.fail_after(step, Trouble::DropAfter);
        let met = b.troubles_met();
        let lost = mailbox.send(new(), once()).await;
        if b.troubles_met() == met {
            // There are no more steps.
            lost?;
            b.calm();
            assert_eq!(b.sent().len(), 1);
            break;
        }
        effects.push(lost.unwrap_err().effect());
        mailbox.send(new(), once()).await?;
        assert_eq!(b.sent().len(), 1, "{step}");
        let before = b.requests();
        let known = mailbox.send(new(), once()).await?;
        assert!(known.message_id.is_some());
        assert_eq!(b.requests() - before, 1);
    }
    assert!(effects.len() >= 3, "{effects:?}");
    let last = effects.pop();
    assert_eq!(last, Some(Effect::Unknown));
    assert!(!effects.contains(&Effect::Unknown), "{effects:?}");
    assert_eq!(b.sent(), []);
    for got in messages(b, "bob", INBOX).await? {
        assert_eq!(attached(&got), ["a.txt"]);
    }
    assert_eq!(b.count("alice", "drafts"), 0);

    // At the same time, and keys are compared exactly.
    let (one, other) = tokio::join!(
        mailbox.send(new(), options()),
        mailbox.send(new(), options())
    );
    one?;
    other?;
    assert_eq!(b.sent().len(), 1);
    mailbox
        .send(mail(), SendOptions::new().idempotency_key("invoice-7"))
        .await?;
    assert_eq!(b.sent().len(), 1);
    assert_eq!(b.count("alice", "drafts"), 0);
    Ok(())
}

/// What programs send with one key.
#[derive(Clone, Copy, Debug)]
enum Flow {
    New,
    Mime,
    Reply,
    Draft,
}

/// Two programs make two calls each with one key, in whatever order their requests and answers come: there is one mail,
/// and one copy of it.
pub(super) async fn calls_at_once_make_one_mail(b: &Backend) -> Result<()> {
    b.mailbox("bob")
        .send(to_alice(), SendOptions::new())
        .await?;
    let question = only_id(b, "alice").await?;
    b.sent();
    let programs = [b.persistent("alice"), b.persistent("alice")];
    let mut copies = 0;
    for round in 0..ROUNDS {
        for flow in [Flow::New, Flow::Mime, Flow::Reply, Flow::Draft] {
            let key = format!("{flow:?} {round}");
            let draft = match flow {
                Flow::Draft => {
                    programs[0]
                        .create_draft(mail(), Default::default())
                        .await?
                        .id
                }
                _ => question.clone(),
            };
            // Requests, or their answers, are late in an order that is another one each time.
            let late = |time| Duration::from_millis(time);
            let late = Disturbance::new(Trouble::DelayBefore(late(4)))
                .or(Trouble::Delay(late(4)))
                .or(Trouble::DelayBefore(late(9)))
                .or(Trouble::Delay(late(9)));
            b.simulator().disturb(late.share(0.5, round));
            let call = |program: usize| until_sent(&*programs[program], flow, &draft, &key);
            tokio::join!(call(0), call(1), call(0), call(1));
            b.calm();
            copies += 1;
            assert_eq!(b.sent().len(), 1, "{key}");
            assert_eq!(b.count("alice", "sentitems"), copies, "{key}");
            assert_eq!(b.count("alice", "drafts"), 0, "{key}");
        }
    }
    Ok(())
}

/// How often each is sent.
const ROUNDS: u64 = 8;

fn to_alice() -> NewMessage {
    NewMessage::new("Question", Body::text("When?")).to(to("alice"))
}

/// Repeats a call with its key until it succeeds, as a program does.
async fn until_sent(mailbox: &dyn Mailbox, flow: Flow, id: &MessageId, key: &str) {
    let once = || SendOptions::new().idempotency_key(key);
    let mut failures = Vec::new();
    while failures.len() < 10 {
        let sent = match flow {
            Flow::New => {
                let new = mail().attachment(NewAttachment::new("a.txt", "a"));
                mailbox.send(new, once()).await
            }
            Flow::Mime => {
                let mime =
                    "From: alice@example.test\r\nTo: bob@example.test\r\nSubject: M\r\n\r\nHi\r\n";
                mailbox.send_mime(mime.into(), once()).await
            }
            Flow::Reply => {
                let reply = NewReply::reply(Body::text("Now.")).cc(to("bob"));
                mailbox.send_reply(id, reply, once()).await
            }
            Flow::Draft => mailbox.send_draft(id, once()).await,
        };
        match sent {
            Ok(_) => return,
            Err(error) => failures.push(error),
        }
    }
    panic!("{flow:?} {key} was not sent: {failures:#?}");
}

pub(super) async fn what_the_server_refuses_leaves_nothing(b: &Backend) -> Result<()> {
    let mailbox = b.mailbox("alice");
    b.simulator()
        .set_limits(Limits::default().message_size(100_000));
    let large = || mail().attachment(NewAttachment::new("a.bin", vec![0_u8; 200_000]));
    for options in [
        SendOptions::new(),
        SendOptions::new().track(),
        SendOptions::new().idempotency_key("a"),
    ] {
        let refused = mailbox.send(large(), options).await.unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::TooLarge, "{refused}");
        assert_eq!(refused.effect(), Effect::None, "{refused}");
    }
    assert_eq!(b.count("alice", "drafts"), 0);
    b.simulator().set_limits(Limits::default());
    // What is busy keeps the draft, which the same call sends.
    let once = || SendOptions::new().idempotency_key("b");
    b.fail_after(3, Trouble::busy(10));
    let busy = mailbox.send(mail(), once()).await.unwrap_err();
    assert_eq!(
        (busy.kind(), busy.effect()),
        (ErrorKind::Throttled, Effect::Partial)
    );
    assert_eq!(b.count("alice", "drafts"), 1);
    mailbox.send(mail(), once()).await?;
    assert_eq!(b.count("alice", "drafts"), 0);
    assert_eq!(b.sent().len(), 1);
    Ok(())
}

pub(super) async fn a_draft_is_sent(b: &Backend) -> Result<()> {
    let mailbox = b.mailbox("alice");
    let draft = mailbox.create_draft(mail(), Default::default()).await?;
    mailbox.send_draft(&draft.id, SendOptions::new()).await?;
    assert_eq!(b.sent().len(), 1);
    let gone = mailbox
        .send_draft(&draft.id, SendOptions::new())
        .await
        .unwrap_err();
    // An id that stays finds what was sent, which is no draft.
    let is_found = b.can(Feature::ImmutableIds);
    let kind = if is_found {
        ErrorKind::InvalidState
    } else {
        ErrorKind::NotFound
    };
    assert_eq!((gone.kind(), gone.effect()), (kind, Effect::None), "{gone}");

    // A lost answer, with a key: the same call says that it is done.
    let draft = mailbox.create_draft(mail(), Default::default()).await?;
    let once = || SendOptions::new().idempotency_key("draft").track();
    b.fail_to(Doing::SendsDraft, Trouble::DropAfter);
    let lost = mailbox.send_draft(&draft.id, once()).await.unwrap_err();
    assert_eq!(lost.effect(), Effect::Unknown, "{lost}");
    let done = mailbox.send_draft(&draft.id, once()).await?;
    let inbox = messages(b, "bob", INBOX).await?;
    assert_eq!(inbox.len(), 2);
    assert!(
        inbox
            .iter()
            .any(|got| got.internet_message_id == done.internet_message_id)
    );

    let draft = mailbox.create_draft(mail(), Default::default()).await?;
    let (one, other) = tokio::join!(
        mailbox.send_draft(&draft.id, SendOptions::new().idempotency_key("both")),
        mailbox.send_draft(&draft.id, SendOptions::new().idempotency_key("both")),
    );
    one?;
    other?;
    assert_eq!(b.sent().len(), 2);

    let received = only_id(b, "bob").await?;
    let refused = b
        .mailbox("bob")
        .send_draft(&received, SendOptions::new())
        .await
        .unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::InvalidState, "{refused}");
    assert_eq!(b.sent(), []);
    Ok(())
}

async fn only_id(b: &Backend, person: &str) -> Result<MessageId> {
    let list = messages(b, person, INBOX).await?;
    Ok(list[0].id.clone())
}
