use exchange_connector::model::{
    AttachmentUpload, Body, DraftOptions, ItemRef, MessagePatch, NewAttachment, NewMessage, Patch,
    PropertyKind, PropertyName, SendOptions, WellKnownFolder,
};
use exchange_connector::simulator::Trouble;
use exchange_connector::{Effect, ErrorKind, Result};

use super::backend::Backend;
use super::bodies::words;
use super::sending::{detail, mail, only, to};

pub(super) async fn from_nothing_to_sent(b: &Backend) -> Result<()> {
    let mailbox = b.mailbox("alice");
    let empty = NewMessage::default();
    let draft = mailbox.create_draft(empty, DraftOptions::new()).await?;
    assert!(draft.is_draft);
    assert_eq!(b.count("alice", "drafts"), 1);
    let patch = MessagePatch::new()
        .subject("Minutes")
        .body(Body::text("All agreed."))
        .to(vec![to("bob")])
        .cc(vec![to("carol")]);
    let changed = mailbox
        .update_message(&draft.id, patch, Some(&draft.version))
        .await?;
    assert_ne!(changed.version, draft.version);
    assert_eq!(changed.subject, "Minutes");
    let stale = MessagePatch::new().subject("Other");
    let conflict = mailbox
        .update_message(&draft.id, stale.clone(), Some(&draft.version))
        .await;
    assert_eq!(conflict.unwrap_err().kind(), ErrorKind::Conflict);
    mailbox.update_message(&draft.id, stale, None).await?;
    let of = ItemRef::Message(draft.id.clone());
    mailbox
        .add_attachment(&of, AttachmentUpload::new("a.txt", "a"))
        .await?;
    let patch = MessagePatch::new().cc(Patch::Clear);
    mailbox.update_message(&draft.id, patch, None).await?;
    mailbox.send_draft(&draft.id, SendOptions::new()).await?;

    let got = only(b, "bob", WellKnownFolder::Inbox).await?;
    assert_eq!(got.subject, "Other");
    assert_eq!(words(detail(&got).body.as_ref()), "All agreed.");
    assert_eq!(detail(&got).cc, []);
    assert_eq!(detail(&got).attachments.len(), 1);
    assert_eq!(b.count("carol", "inbox"), 0);
    Ok(())
}

pub(super) async fn what_is_wrong_is_refused_before_any_request(b: &Backend) -> Result<()> {
    let mailbox = b.mailbox("alice");
    for wrong in [
        mail().header("Ticket", "1"),
        mail().header("X-A", "1\r\nBcc: eve@example.test"),
        mail().text_alternative("for text"),
        mail().attachment(NewAttachment::new(" ", "")),
    ] {
        let refused = mailbox
            .create_draft(wrong, DraftOptions::new())
            .await
            .unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::InvalidArgument, "{refused}");
    }
    let key = DraftOptions::new().idempotency_key(" ");
    assert!(mailbox.create_draft(mail(), key).await.is_err());
    assert_eq!(b.requests(), 0);
    Ok(())
}

pub(super) async fn one_key_one_draft(b: &Backend) -> Result<()> {
    let mailbox = b.mailbox("alice");
    let new = || mail().attachment(NewAttachment::new("a.txt", "a"));
    let once = || DraftOptions::new().idempotency_key("draft");
    b.fail_after(1, Trouble::DropAfter);
    let lost = mailbox.create_draft(new(), once()).await.unwrap_err();
    assert_eq!(lost.effect(), Effect::Unknown, "{lost}");
    let made = mailbox.create_draft(new(), once()).await?;
    let again = mailbox.create_draft(new(), once()).await?;
    assert_eq!(again.id, made.id);
    assert_eq!(detail(&made).attachments.len(), 1);

    let other = || {
        DraftOptions::new()
            .idempotency_key("other")
            .folder(WellKnownFolder::Inbox)
    };
    let (one, two) = tokio::join!(
        mailbox.create_draft(new(), other()),
        mailbox.create_draft(new(), other()),
    );
    assert_eq!(one?.id, two?.id);
    assert_eq!(b.count("alice", "inbox"), 1);
    Ok(())
}

pub(super) async fn a_failed_attachment_leaves_nothing(b: &Backend) -> Result<()> {
    let mailbox = b.mailbox("alice");
    let limits = exchange_connector::simulator::Limits::default().message_size(100_000);
    b.simulator().set_limits(limits);
    let large = mail().attachment(NewAttachment::new("a.bin", vec![0_u8; 200_000]));
    let refused = mailbox
        .create_draft(large, DraftOptions::new())
        .await
        .unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::TooLarge, "{refused}");
    assert_eq!(refused.effect(), Effect::None, "{refused}");
    assert_eq!(b.count("alice", "drafts"), 0);
    Ok(())
}

pub(super) async fn properties_of_ones_own_return(b: &Backend) -> Result<()> {
    use exchange_connector::model::{ExtendedProperty, MessageLoad, PropertySet};
    let mailbox = b.mailbox("alice");
    let name = PropertyName::named(PropertySet::PublicStrings, "Case", PropertyKind::String);
    let new = mail().extended(ExtendedProperty::new(name.clone(), "4711"));
    let draft = mailbox.create_draft(new, DraftOptions::new()).await?;
    let load = MessageLoad::full().extended(name.clone());
    let read = mailbox.get_message(&draft.id, &load).await?;
    assert_eq!(
        detail(&read).extended,
        [ExtendedProperty::new(name.clone(), "4711")]
    );
    let patch = MessagePatch::new().remove_extended(name);
    mailbox.update_message(&draft.id, patch, None).await?;
    let read = mailbox.get_message(&draft.id, &load).await?;
    assert_eq!(detail(&read).extended, []);
    Ok(())
}
