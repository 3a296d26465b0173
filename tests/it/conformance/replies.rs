use exchange_connector::model::{
    Body, BodyFormat, Message, NewAttachment, NewMessage, NewReply, Recipient, ReplyKind,
    SendOptions, WellKnownFolder,
};
use exchange_connector::simulator::Trouble;
use exchange_connector::{Effect, ErrorKind, Result};

use super::backend::{Backend, address};
use super::bodies::words;
use super::sending::{detail, messages, only, to};

const INBOX: WellKnownFolder = WellKnownFolder::Inbox;

/// What bob got from alice, for carol to know, with a file.
async fn question(b: &Backend) -> Result<Message> {
    let new = NewMessage::new("Budget", Body::html("<p>How <b>much</b>?</p>"))
        .to(to("bob"))
        .to(to("user4"))
        .cc(to("carol"))
        .attachment(NewAttachment::new("plan.txt", "1."));
    b.mailbox("alice").send(new, SendOptions::new()).await?;
    b.sent();
    only(b, "bob", INBOX).await
}

fn people(list: &[Recipient]) -> Vec<String> {
    let mut list: Vec<_> = list
        .iter()
        .filter_map(Recipient::smtp_address)
        .filter_map(|address| address.split('@').next().map(str::to_owned))
        .collect();
    list.sort_unstable();
    list
}

pub(super) async fn answers_and_forwards(b: &Backend) -> Result<()> {
    let asked = question(b).await?;
    let mailbox = b.mailbox("bob");
    for (reply, subject, to_whom) in [
        (
            NewReply::reply(Body::text("A lot.")),
            "RE: Budget",
            vec!["alice"],
        ),
        (
            NewReply::reply_all(Body::html("<p>A <i>lot</i>.</p>")),
            "RE: Budget",
            vec!["alice", "carol", "user4"],
        ),
        (
            NewReply::forward([to("user5")], Body::text("For you.")),
            "FW: Budget",
            vec!["user5"],
        ),
    ] {
        let kind = reply.kind;
        mailbox
            .send_reply(&asked.id, reply, SendOptions::new())
            .await?;
        let sent = b.sent().remove(0);
        let to: Vec<_> = to_whom.iter().map(|one| address(one)).collect();
        assert_eq!((sent.subject.as_str(), sent.to.clone()), (subject, to));
        let person = to_whom.last().unwrap();
        let mut got = messages(b, person, INBOX).await?.into_iter();
        let got = got.find(|one| one.subject == subject).unwrap();
        let detail = detail(&got);
        let text = words(detail.body.as_ref());
        assert!(text.contains("How") && text.contains("much"), "{text}");
        assert!(text.contains("lot") || text.contains("For you."), "{text}");
        assert_eq!(detail.in_reply_to, asked.internet_message_id);
        let references = detail.references.as_deref().unwrap_or_default();
        assert!(references.ends_with(asked.internet_message_id.as_deref().unwrap()));
        let files = detail.attachments.len();
        assert_eq!(files, usize::from(kind == ReplyKind::Forward));
    }
    assert_eq!(b.count("bob", "sentitems"), 3);
    assert_eq!(b.count("bob", "drafts"), 0);
    Ok(())
}

/// Nobody has to be in `To`.
pub(super) async fn passed_on_without_a_to(b: &Backend) -> Result<()> {
    let asked = question(b).await?;
    let forward = NewReply::forward([], Body::text("For you."))
        .cc(to("user5"))
        .bcc(to("user6"));
    b.mailbox("bob")
        .send_reply(&asked.id, forward, SendOptions::new())
        .await?;
    for person in ["user5", "user6"] {
        let got = only(b, person, INBOX).await?;
        assert_eq!(got.subject, "FW: Budget", "{person}");
        assert_eq!(people(&detail(&got).cc), ["user5"], "{person}");
        assert_eq!(detail(&got).to, [], "{person}");
    }
    assert_eq!(b.count("bob", "drafts"), 0);
    Ok(())
}

pub(super) async fn others_are_added(b: &Backend) -> Result<()> {
    let asked = question(b).await?;
    let mailbox = b.mailbox("bob");
    let reply = NewReply::reply_all(Body::text("See the file."))
        .to(to("user5"))
        .cc(to("user6"))
        .bcc(to("user7"))
        .attachment(NewAttachment::new("more.txt", "2."));
    mailbox
        .send_reply(&asked.id, reply, SendOptions::new())
        .await?;
    let got = only(b, "user7", INBOX).await?;
    assert_eq!(people(&detail(&got).to), ["alice", "user4", "user5"]);
    assert_eq!(people(&detail(&got).cc), ["carol", "user6"]);
    assert_eq!(detail(&got).bcc, []);
    assert_eq!(detail(&got).attachments[0].name, "more.txt");
    assert_eq!(b.sent().len(), 1);
    assert_eq!(b.count("bob", "drafts"), 0);

    let alone = NewReply::new(ReplyKind::Forward, None);
    let before = b.requests();
    let refused = mailbox
        .send_reply(&asked.id, alone, SendOptions::new())
        .await
        .unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::RecipientRejected);
    assert_eq!(b.requests(), before);
    b.simulator().remove(asked.id.as_raw()).unwrap();
    let reply = NewReply::reply(Body::text("Too late."));
    let gone = mailbox
        .send_reply(&asked.id, reply, SendOptions::new())
        .await
        .unwrap_err();
    assert_eq!(
        (gone.kind(), gone.effect()),
        (ErrorKind::NotFound, Effect::None)
    );
    Ok(())
}

pub(super) async fn drafts_of_answers(b: &Backend) -> Result<()> {
    let asked = question(b).await?;
    let mailbox = b.mailbox("bob");
    let reply = NewReply::reply(Body::html("<p>A lot.</p>"))
        .cc(to("user5"))
        .attachment(NewAttachment::new("more.txt", "2."));
    let draft = mailbox
        .create_reply_draft(&asked.id, reply, Default::default())
        .await?;
    assert!(draft.is_draft);
    assert_eq!(draft.subject, "RE: Budget");
    assert_eq!(people(&detail(&draft).to), ["alice"]);
    assert_eq!(people(&detail(&draft).cc), ["user5"]);
    assert_eq!(detail(&draft).attachments.len(), 1);
    assert_eq!(
        detail(&draft).body.as_ref().unwrap().format,
        BodyFormat::Html
    );
    assert_eq!(b.sent(), []);
    mailbox.send_draft(&draft.id, SendOptions::new()).await?;
    assert_eq!(b.sent()[0].to, [address("alice"), address("user5")]);

    let forward = NewReply::new(ReplyKind::Forward, Some(Body::text("Later.")));
    let draft = mailbox
        .create_reply_draft(&asked.id, forward, Default::default())
        .await?;
    assert_eq!(draft.subject, "FW: Budget");
    assert_eq!(detail(&draft).to, []);
    let names: Vec<_> = detail(&draft)
        .attachments
        .iter()
        .map(|one| &one.name)
        .collect();
    assert_eq!(names, ["plan.txt"]);
    Ok(())
}

pub(super) async fn one_key_one_answer(b: &Backend) -> Result<()> {
    let asked = question(b).await?;
    let mailbox = b.mailbox("bob");
    let reply = || NewReply::reply(Body::text("Once.")).cc(to("user5"));
    // A look, perhaps the state of the message, the draft, what is added, a look, the send: each answer is lost once.
    let mut effects = Vec::new();
    for step in 0.. {
        let key = format!("{step}");
        let once = || SendOptions::new().idempotency_key(&key);
        b.fail_after(step, Trouble::DropAfter);
        let met = b.troubles_met();
        let lost = mailbox.send_reply(&asked.id, reply(), once()).await;
        if b.troubles_met() == met {
            // There are no more steps.
            lost?;
            b.calm();
            assert_eq!(b.sent().len(), 1);
            break;
        }
        effects.push(lost.unwrap_err().effect());
        mailbox.send_reply(&asked.id, reply(), once()).await?;
        mailbox.send_reply(&asked.id, reply(), once()).await?;
        assert_eq!(b.sent().len(), 1, "{step}");
    }
    assert!(effects.len() >= 5, "{effects:?}");
    assert_eq!(effects.pop(), Some(Effect::Unknown));
    assert!(!effects.contains(&Effect::Unknown), "{effects:?}");
    Ok(())
}

/// EWS wants to know the state of the message first, and does all with one request then.
pub(super) async fn an_answer_takes_two_requests(b: &Backend) -> Result<()> {
    let asked = question(b).await?;
    for reply in [
        NewReply::reply(Body::text("A lot.")),
        NewReply::reply_all(Body::html("<p>A <i>lot</i>.</p>")),
        NewReply::forward([to("user5")], Body::text("For you.")),
    ] {
        assert_eq!(requests_for(b, &asked, reply).await?, 2);
    }
    Ok(())
}

/// Graph takes plain words as a comment. HTML it would show as it is written, so that goes into a draft.
pub(super) async fn an_answer_in_plain_words_takes_one_request(b: &Backend) -> Result<()> {
    let asked = question(b).await?;
    for (reply, requests) in [
        (NewReply::reply(Body::text("A lot.")), 1),
        (NewReply::reply_all(Body::text("A lot.")), 1),
        (NewReply::forward([to("user5")], Body::text("For you.")), 1),
        (NewReply::reply(Body::html("<p>A <i>lot</i>.</p>")), 3),
    ] {
        assert_eq!(requests_for(b, &asked, reply).await?, requests);
    }
    Ok(())
}

async fn requests_for(b: &Backend, asked: &Message, reply: NewReply) -> Result<u32> {
    let mailbox = b.mailbox("bob");
    let before = b.requests();
    mailbox
        .send_reply(&asked.id, reply, SendOptions::new())
        .await?;
    Ok(b.requests() - before)
}
