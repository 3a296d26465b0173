//! From a draft, a message or an answer to a mail that arrived.

use super::*;

#[tokio::test]
async fn from_a_draft_to_a_mail() -> Result<()> {
    let stage = Stage::new().await;
    let mailbox = stage.mailbox("alice");
    let new = NewMessage::new("Größe", Body::html("<p>Für <b>alle</b></p>"))
        .to(to("bob").named("Bob"))
        .cc(to("carol"))
        .bcc(to("user4"))
        .reply_to(Recipient::smtp("office@example.test"))
        .importance(Importance::High)
        .sensitivity(Sensitivity::Confidential)
        .category("Own")
        .header("X-Ticket", "4711")
        .answering("<q@example.test>", "<p@example.test> <q@example.test>")
        .attachment(NewAttachment::new("a.txt", "abc").content_type("text/plain"));
    let draft = mailbox.create_draft(new, DraftOptions::new()).await?;
    assert!(draft.is_draft);
    assert_eq!(draft.sensitivity, Sensitivity::Confidential);
    assert_eq!(draft.detail.as_ref().unwrap().attachments.len(), 1);
    let patch = MessagePatch::new().subject("Größer");
    let changed = mailbox
        .update_message(&draft.id, patch.clone(), Some(&draft.version))
        .await?;
    assert_eq!(
        (changed.subject.as_str(), &changed.id),
        ("Größer", &draft.id)
    );
    let stale = mailbox
        .update_message(&draft.id, patch, Some(&draft.version))
        .await;
    assert_eq!(stale.unwrap_err().kind(), ErrorKind::Conflict);
    mailbox.send_draft(&draft.id, SendOptions::new()).await?;
    let got = in_folder(&*stage.mailbox("bob"), WellKnownFolder::Inbox)
        .await?
        .remove(0);
    assert_eq!(got.subject, "Größer");
    assert_eq!(
        (got.importance, got.sensitivity),
        (Importance::High, Sensitivity::Confidential)
    );
    let detail = got.detail.unwrap();
    assert!(detail.body.unwrap().content.contains("<b>alle</b>"));
    assert_eq!(detail.bcc, []);
    assert_eq!(detail.in_reply_to.as_deref(), Some("<q@example.test>"));
    assert_eq!(detail.attachments.len(), 1);
    let own = in_folder(&*mailbox, WellKnownFolder::SentItems)
        .await?
        .remove(0);
    let hidden = own.detail.unwrap().bcc;
    let hidden: Vec<_> = hidden.iter().filter_map(Recipient::smtp_address).collect();
    assert_eq!(hidden, ["user4@example.test"]);
    let refused = mailbox
        .update_message(&own.id, MessagePatch::new().subject("x"), None)
        .await;
    assert_eq!(refused.unwrap_err().kind(), ErrorKind::InvalidState);
    Ok(())
}

#[tokio::test]
async fn sending_needs_no_more_than_that() -> Result<()> {
    let stage = Stage::new().await;
    let mailbox = stage.mailbox_with("alice", &["Mail.Send"]);
    mailbox.send(mail(), SendOptions::new()).await?;
    let file = NewAttachment::new("a.txt", "a");
    let silent = SendOptions::new().save(SaveSent::Nowhere);
    mailbox.send(mail().attachment(file), silent).await?;
    let mime = "From: alice@example.test\r\nTo: bob@example.test\r\nSubject: M\r\n\r\nHi\r\n";
    mailbox.send_mime(mime.into(), SendOptions::new()).await?;
    assert_eq!(stage.simulator.outbox().len(), 3);
    let denied = mailbox
        .send(mail(), SendOptions::new().track())
        .await
        .unwrap_err();
    assert_eq!(denied.kind(), ErrorKind::PermissionDenied, "{denied}");
    assert!(
        denied
            .advice_text()
            .unwrap_or_default()
            .contains("Mail.ReadWrite"),
        "{denied}"
    );
    let own = stage.mailbox("alice");
    assert_eq!(in_folder(&*own, WellKnownFolder::SentItems).await?.len(), 2);
    Ok(())
}

#[tokio::test]
async fn one_key_one_mail() -> Result<()> {
    let stage = Stage::new().await;
    let mailbox = stage.mailbox("alice");
    let once = || SendOptions::new().idempotency_key("Invoice-7").track();
    let first = mailbox.send(mail(), once()).await?;
    let again = mailbox.send(mail(), once()).await?;
    assert!(first.internet_message_id.is_some() && again.message_id.is_some());
    assert_eq!(again.internet_message_id, first.internet_message_id);
    let other = SendOptions::new().idempotency_key("invoice-7");
    let (one, two) = tokio::join!(
        mailbox.send(mail(), other.clone()),
        mailbox.send(mail(), other)
    );
    one?;
    two?;
    assert_eq!(stage.simulator.outbox().len(), 2);
    assert_eq!(
        in_folder(&*mailbox, WellKnownFolder::Drafts).await?.len(),
        0
    );
    let keyed = || DraftOptions::new().idempotency_key("d");
    let one = mailbox.create_draft(mail(), keyed()).await?;
    let two = mailbox.create_draft(mail(), keyed()).await?;
    assert_eq!(one.id, two.id);
    let key = || SendOptions::new().idempotency_key("draft");
    mailbox.send_draft(&one.id, key()).await?;
    assert!(
        mailbox
            .send_draft(&one.id, key())
            .await?
            .message_id
            .is_some()
    );
    assert_eq!(stage.simulator.outbox().len(), 3);
    Ok(())
}

#[tokio::test]
async fn answers_and_forwards() -> Result<()> {
    let stage = Stage::new().await;
    let question = NewMessage::new("Budget", Body::html("<p>How <b>much</b>?</p>"))
        .to(to("bob"))
        .to(to("user4"))
        .cc(to("carol"))
        .attachment(NewAttachment::new("plan.txt", "1."));
    stage
        .mailbox("alice")
        .send(question, SendOptions::new())
        .await?;
    let mailbox = stage.mailbox("bob");
    let asked = in_folder(&*mailbox, WellKnownFolder::Inbox)
        .await?
        .remove(0);
    let mut sent = stage.simulator.outbox().len();
    for (reply, subject, whom) in [
        (NewReply::reply(Body::text("A lot.")), "RE: Budget", "alice"),
        (
            NewReply::reply_all(Body::html("<p>A <i>lot</i>.</p>")),
            "RE: Budget",
            "carol",
        ),
        (
            NewReply::forward([to("user5")], Body::text("A lot, see.")),
            "FW: Budget",
            "user5",
        ),
        (
            NewReply::reply(Body::text("A lot more."))
                .cc(to("user6"))
                .attachment(NewAttachment::new("more.txt", "2.")),
            "RE: Budget",
            "user6",
        ),
    ] {
        let (kind, files) = (reply.kind, reply.attachments.len());
        mailbox
            .send_reply(&asked.id, reply, SendOptions::new())
            .await?;
        sent += 1;
        assert_eq!(stage.simulator.outbox().len(), sent);
        let got = in_folder(&*stage.mailbox(whom), WellKnownFolder::Inbox).await?;
        let got = got.into_iter().find(|one| one.subject == subject).unwrap();
        let detail = got.detail.unwrap();
        let text = detail.body.unwrap().content;
        assert!(
            text.contains("much") && text.contains("lot"),
            "{kind:?}: {text}"
        );
        assert_eq!(detail.in_reply_to, asked.internet_message_id, "{kind:?}");
        let expected = files + usize::from(kind == ReplyKind::Forward);
        assert_eq!(detail.attachments.len(), expected, "{kind:?}");
    }
    let forward = NewReply::new(ReplyKind::Forward, Some(Body::text("Later.")));
    let draft = mailbox
        .create_reply_draft(&asked.id, forward, DraftOptions::new())
        .await?;
    assert_eq!(
        (draft.subject.as_str(), draft.is_draft),
        ("FW: Budget", true)
    );
    Ok(())
}
