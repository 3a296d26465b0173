//! Mail on the simulator, from the traits down to its store.

use std::collections::BTreeSet;

use bytes::Bytes;

use super::super::{Cloud, GraphConnector};
use crate::connector::{Connector as _, Mailbox, MailboxTarget};
use crate::error::{Effect, ErrorKind, Result};
use crate::model::*;
use crate::retry::RetryPolicy;
use crate::simulator::{SimulatedMessage, Simulator};
use crate::stream::{ByteStream, Upload};

mod sending;

const ALL: &[&str] = &["Mail.ReadWrite", "Mail.Send"];

struct Stage {
    simulator: Simulator,
}

impl Stage {
    async fn new() -> Self {
        Self {
            simulator: Simulator::builder().mailboxes(6).start().await.unwrap(),
        }
    }

    fn mailbox(&self, person: &str) -> std::sync::Arc<dyn Mailbox> {
        self.mailbox_with(person, ALL)
    }

    fn mailbox_with(&self, person: &str, permissions: &[&str]) -> std::sync::Arc<dyn Mailbox> {
        let token = self
            .simulator
            .delegated_token(&address(person), permissions);
        let connector = GraphConnector::with_token(token.unwrap().secret)
            .cloud(Cloud::At(self.simulator.graph_url()))
            .retry(RetryPolicy::default())
            .build()
            .unwrap();
        connector.mailbox(&MailboxTarget::Own).unwrap()
    }

    fn plant(&self, folder: &str, messages: Vec<SimulatedMessage>) {
        self.simulator
            .plant_messages(&address("alice"), folder, messages)
            .unwrap();
    }
}

fn address(person: &str) -> String {
    format!("{person}@example.test")
}

fn to(person: &str) -> Recipient {
    Recipient::smtp(address(person))
}

fn mail() -> NewMessage {
    NewMessage::new("Minutes", Body::text("All agreed.")).to(to("bob"))
}

fn inbox() -> MessageQuery {
    MessageQuery::new(WellKnownFolder::Inbox)
}

async fn in_folder(mailbox: &dyn Mailbox, folder: WellKnownFolder) -> Result<Vec<Message>> {
    mailbox
        .list_messages(MessageQuery::new(folder).full())
        .collect()
        .await
}

#[tokio::test]
async fn folders_of_a_mailbox() -> Result<()> {
    let stage = Stage::new().await;
    let mailbox = stage.mailbox("alice");
    let root = WellKnownFolder::Root.into();
    let made = mailbox.create_folder(&root, "Projects").await?;
    assert_eq!((made.name.as_str(), made.well_known), ("Projects", None));
    let inner = mailbox
        .create_folder(&FolderRef::from(&made), "One")
        .await?;
    let again = mailbox.create_folder(&root, "Projects").await.unwrap_err();
    assert_eq!(again.kind(), ErrorKind::AlreadyExists, "{again}");
    let all = mailbox.list_folders(FolderQuery::tree()).collect().await?;
    let place = |id: &FolderId| all.iter().position(|one| one.id == *id);
    assert!(place(&made.id) < place(&inner.id));
    let found = all
        .iter()
        .find(|one| one.well_known == Some(WellKnownFolder::Inbox))
        .unwrap();
    assert!(found.holds_messages());
    assert_eq!(
        mailbox.get_folder(&WellKnownFolder::Inbox.into()).await?,
        *found
    );
    let renamed = mailbox.rename_folder(&inner.id, "Two").await?;
    assert_eq!((renamed.name.as_str(), &renamed.id), ("Two", &inner.id));
    let moved = mailbox
        .move_folder(&inner.id, &WellKnownFolder::Inbox.into())
        .await?;
    assert_eq!(moved.parent.as_ref(), Some(&found.id));
    let refused = mailbox.rename_folder(&found.id, "Mine").await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::InvalidState);
    mailbox
        .delete_folder(&made.id, DeleteMode::Permanent)
        .await?;
    let gone = mailbox
        .get_folder(&FolderRef::from(&made))
        .await
        .unwrap_err();
    assert_eq!(gone.kind(), ErrorKind::NotFound, "{gone}");
    Ok(())
}

#[tokio::test]
async fn folders_are_emptied() -> Result<()> {
    let stage = Stage::new().await;
    let mailbox = stage.mailbox("alice");
    let many = (0..130).map(|number| SimulatedMessage::new(format!("m{number}")));
    stage.plant("inbox", many.collect());
    let inbox = WellKnownFolder::Inbox.into();
    mailbox.create_folder(&inbox, "Below").await?;
    mailbox
        .empty_folder(&inbox, DeleteMode::Trash, true)
        .await?;
    let folder = mailbox.get_folder(&inbox).await?;
    assert_eq!(
        (folder.total_items, folder.child_folders),
        (Some(0), Some(0))
    );
    let trash = WellKnownFolder::DeletedItems.into();
    assert_eq!(mailbox.get_folder(&trash).await?.total_items, Some(130));
    mailbox
        .empty_folder(&trash, DeleteMode::Permanent, true)
        .await?;
    assert_eq!(mailbox.get_folder(&trash).await?.total_items, Some(0));
    Ok(())
}

#[tokio::test]
async fn lists_in_pages() -> Result<()> {
    let stage = Stage::new().await;
    let begin = "2026-03-02T08:00:00Z"
        .parse::<chrono::DateTime<chrono::Utc>>()
        .unwrap();
    let at = |thousandths: i64| begin + chrono::TimeDelta::milliseconds(thousandths);
    // Some of one second, some apart.
    let times = (0..30).map(|n| n * 20).chain((1..30).map(|n| n * 60_000));
    let messages = times.enumerate();
    let messages =
        messages.map(|(n, time)| SimulatedMessage::new(format!("m{n}")).received(at(time)));
    stage.plant("inbox", messages.collect());
    let mailbox = stage.mailbox("alice");
    for size in [1, 7, 30, 59, 100] {
        for query in [inbox(), inbox().oldest_first(), inbox().full()] {
            let read = mailbox
                .list_messages(query.page_size(size))
                .collect()
                .await?;
            let ids: BTreeSet<_> = read.iter().map(|one| &one.id).collect();
            assert_eq!((ids.len(), read.len()), (59, 59), "{size}");
        }
    }
    let mut listing = mailbox.list_messages(inbox().page_size(10));
    assert_eq!(listing.try_next().await?.unwrap().subject, "m58");
    assert_eq!(listing.total(), Some(59));
    Ok(())
}

#[tokio::test]
async fn conditions_are_exact() -> Result<()> {
    let stage = Stage::new().await;
    let mailbox = stage.mailbox("alice");
    let from = |subject: &str, who: &str, text: &str| {
        SimulatedMessage::new(subject)
            .from("Somebody", &address(who))
            .text(text)
    };
    let time = |text: &str| text.parse::<chrono::DateTime<chrono::Utc>>().unwrap();
    let day = "2026-03-02T";
    stage.plant(
        "inbox",
        vec![
            from("Invoice 17", "bob", "Please pay soon").received(time(&format!("{day}10:00:00Z"))),
            from("RE: invoice 17", "carol", "")
                .read(true)
                .received(time(&format!("{day}10:00:30Z"))),
            from("Lunch", "bob", "At noon? PAY day").received(time(&format!("{day}11:30:00Z"))),
            from("it's Größe", "user4", "").received(time(&format!("{day}12:00:00Z"))),
        ],
    );
    let load = MessageLoad::full().body(BodyWanted::Text);
    let all = mailbox.list_messages(inbox().load(load)).collect().await?;
    assert_eq!(all.len(), 4);
    let categories = Categories::from(["Red".to_owned()]);
    let patch = MessagePatch::new()
        .categories(categories)
        .flag(FollowUpFlag::flagged());
    mailbox.update_message(&all[0].id, patch, None).await?;
    let load = MessageLoad::full().body(BodyWanted::Text);
    let all = mailbox.list_messages(inbox().load(load)).collect().await?;
    use MessageFilter as F;
    let subject = |text: &str| F::SubjectContains(text.to_owned());
    for filter in [
        F::From(address("BOB")),
        F::From(address("bob")).not(),
        F::To(address("alice")),
        subject("INVOICE"),
        subject("it's"),
        F::SubjectIs("LUNCH".into()),
        F::SubjectIs("invoice".into()),
        F::BodyContains("pay".into()),
        F::ReceivedFrom(time(&format!("{day}11:30:00Z"))),
        F::ReceivedBefore(time(&format!("{day}11:30:00Z"))),
        F::IsRead(true),
        F::unread().and(subject("o")),
        F::IsFlagged(true),
        F::IsFlagged(false),
        F::Category("RED".into()),
        F::Importance(Importance::Normal),
        F::HasAttachments(false),
        F::IsDraft(false),
        F::SizeFrom(1),
        F::BodyContains("soon".into()).or(F::IsRead(true)).not(),
    ] {
        let found = mailbox
            .list_messages(inbox().filter(filter.clone()))
            .collect()
            .await?;
        let found: Vec<_> = found.into_iter().map(|one| one.id).collect();
        let met = all.iter().filter(|one| filter.is_met_by(one) == Some(true));
        let met: Vec<_> = met.map(|one| one.id.clone()).collect();
        assert_eq!(found, met, "{filter:?}");
    }
    let found = mailbox
        .list_messages(inbox().search("invoice"))
        .collect()
        .await?;
    assert_eq!(found.len(), 2);
    Ok(())
}

#[tokio::test]
async fn moved_copied_and_deleted() -> Result<()> {
    let stage = Stage::new().await;
    let mailbox = stage.mailbox("alice");
    let many = (0..45).map(|number| SimulatedMessage::new(format!("m{number}")));
    stage.plant("inbox", many.collect());
    let all = mailbox.list_messages(inbox()).collect().await?;
    let mut ids: Vec<MessageId> = all.into_iter().map(|one| one.id).collect();
    let foreign = MessageId::from_raw(crate::Backend::Ews, "x");
    ids.insert(1, foreign);
    let marked = mailbox
        .update_messages(&ids, MessagePatch::new().is_read(true))
        .await?;
    assert_eq!(marked.iter().filter(|one| one.is_ok()).count(), 45);
    assert_eq!(marked[1].as_ref().unwrap_err().kind(), ErrorKind::InvalidId);
    ids.remove(1);
    let read = mailbox.get_messages(&ids, &MessageLoad::summary()).await?;
    assert!(read.into_iter().all(|one| one.unwrap().is_read));
    let junk = WellKnownFolder::JunkEmail.into();
    let moved = mailbox.move_messages(&ids[..1], &junk).await?.remove(0)?;
    assert_eq!(moved, ids[0]);
    let copied = mailbox.copy_messages(&ids[..1], &junk).await?.remove(0)?;
    assert_ne!(copied, ids[0]);
    mailbox
        .delete_messages(&ids[1..2], DeleteMode::Trash)
        .await?
        .remove(0)?;
    mailbox
        .delete_messages(&ids[2..3], DeleteMode::Recoverable)
        .await?
        .remove(0)?;
    mailbox
        .delete_messages(&ids[3..4], DeleteMode::Permanent)
        .await?
        .remove(0)?;
    let again = mailbox
        .delete_messages(&ids[3..4], DeleteMode::Permanent)
        .await?
        .remove(0);
    assert_eq!(again.unwrap_err().kind(), ErrorKind::NotFound);
    for (folder, count) in [
        (WellKnownFolder::Inbox, 41),
        (WellKnownFolder::JunkEmail, 2),
        (WellKnownFolder::DeletedItems, 1),
        (WellKnownFolder::RecoverableDeletions, 1),
    ] {
        let found = mailbox
            .list_messages(MessageQuery::new(folder))
            .collect()
            .await?;
        assert_eq!(found.len(), count, "{folder:?}");
    }
    Ok(())
}

fn bytes(length: usize) -> Bytes {
    (0..length).map(|at| (at * 31 % 251) as u8).collect()
}

fn stream(content: &Bytes) -> Upload {
    let pieces = ByteStream::unfold(content.clone(), |mut rest| async move {
        let piece = rest.split_to(rest.len().min(70_001));
        Ok((!piece.is_empty()).then_some((piece, rest)))
    });
    Upload::stream(content.len() as u64, pieces)
}

#[tokio::test]
async fn attachments_of_every_size() -> Result<()> {
    let stage = Stage::new().await;
    let mailbox = stage.mailbox("alice");
    let draft = mailbox.create_draft(mail(), DraftOptions::new()).await?;
    let item = ItemRef::from(draft.id);
    for length in [0, 1, 2_900_000, 3_200_000, 9_000_000] {
        let content = bytes(length);
        let file = AttachmentUpload::new(format!("{length}.bin"), stream(&content));
        let made = mailbox.add_attachment(&item, file).await?;
        let read = mailbox.open_attachment(&item, &made.id).await?;
        assert!(read.collect(10_000_000).await? == content, "{length}");
    }
    let list = mailbox.list_attachments(&item).await?;
    assert_eq!(list.len(), 5);
    mailbox.delete_attachment(&item, &list[0].id).await?;
    let gone = mailbox
        .delete_attachment(&item, &list[0].id)
        .await
        .unwrap_err();
    assert_eq!(gone.kind(), ErrorKind::NotFound);
    // Not as long as was said: nothing is attached.
    let short = Upload::stream(5_000_000, ByteStream::from(bytes(4_500_000)));
    let short = AttachmentUpload::new("short.bin", short);
    let refused = mailbox.add_attachment(&item, short).await.unwrap_err();
    assert_eq!(
        (refused.kind(), refused.effect()),
        (ErrorKind::InvalidArgument, Effect::None)
    );
    assert_eq!(mailbox.list_attachments(&item).await?.len(), 4);
    Ok(())
}

#[tokio::test]
async fn large_files_are_sent() -> Result<()> {
    let stage = Stage::new().await;
    let mailbox = stage.mailbox("alice");
    let large = || mail().attachment(NewAttachment::new("a.bin", bytes(4_000_000)));
    mailbox.send(large(), SendOptions::new()).await?;
    mailbox
        .send(large(), SendOptions::new().idempotency_key("k"))
        .await?;
    assert_eq!(stage.simulator.outbox().len(), 2);
    let got = in_folder(&*stage.mailbox("bob"), WellKnownFolder::Inbox).await?;
    assert!(
        got.iter()
            .all(|one| one.detail.as_ref().unwrap().attachments.len() == 1)
    );
    assert_eq!(
        in_folder(&*mailbox, WellKnownFolder::Drafts).await?.len(),
        0
    );
    let nowhere = SendOptions::new().save(SaveSent::Nowhere);
    let refused = mailbox.send(large(), nowhere).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Unsupported);
    Ok(())
}

#[tokio::test]
async fn mime_in_and_out() -> Result<()> {
    let stage = Stage::new().await;
    let mailbox = stage.mailbox("alice");
    let mime = Bytes::from_static(
        b"From: alice@example.test\r\nTo: bob@example.test\r\nSubject: =?utf-8?Q?Gr=C3=B6=C3=9Fe?=\r\nMIME-Version: 1.0\r\n\
          Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\nF=C3=BCr alle\r\n",
    );
    let draft = mailbox
        .create_draft_mime(stream(&mime), DraftOptions::new())
        .await?;
    assert_eq!((draft.subject.as_str(), draft.is_draft), ("Größe", true));
    let read = mailbox.open_mime(&draft.id).await?.collect(10_000).await?;
    assert_eq!(read, mime);
    let once = || SendOptions::new().idempotency_key("m").track();
    let first = mailbox.send_mime(stream(&mime), once()).await?;
    let again = mailbox.send_mime(stream(&mime), once()).await?;
    assert_eq!(first.internet_message_id, again.internet_message_id);
    assert_eq!(stage.simulator.outbox().len(), 1);
    let short = Upload::stream(
        999,
        ByteStream::from(Bytes::from_static(b"To: a@b\r\n\r\n")),
    );
    let refused = mailbox
        .create_draft_mime(short, DraftOptions::new())
        .await
        .unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::InvalidArgument);
    let two = mail().text_alternative("In short.");
    let mut two = NewMessage {
        body: Some(Body::html("<p>All <b>agreed</b>.</p>")),
        ..two
    };
    two.categories.insert("Own".to_owned());
    mailbox.send(two, SendOptions::new()).await?;
    let got = in_folder(&*stage.mailbox("bob"), WellKnownFolder::Inbox).await?;
    let body = got.iter().find(|one| one.subject == "Minutes").unwrap();
    let body = body.detail.as_ref().unwrap().body.as_ref().unwrap();
    assert!(body.content.contains("<b>agreed</b>"), "{body:?}");
    Ok(())
}

#[tokio::test]
async fn changes_are_followed() -> Result<()> {
    let stage = Stage::new().await;
    let mailbox = stage.mailbox("alice");
    let many = (0..7).map(|number| SimulatedMessage::new(format!("m{number}")));
    stage.plant("inbox", many.collect());
    let scope = || FolderRef::from(WellKnownFolder::Inbox);
    let (mut kept, mut token) = (BTreeSet::new(), None);
    loop {
        let mut request = SyncRequest::from_start(scope()).page_size(3);
        request.token = token;
        let page = mailbox.sync_messages(request).await?;
        assert!(page.full);
        for change in page.changes {
            let MessageChange::Upserted(message) = change else {
                panic!("{change:?}");
            };
            kept.insert(message.id.clone());
            let listed = mailbox
                .get_message(&message.id, &MessageLoad::summary())
                .await?;
            assert_eq!(listed, *message);
        }
        token = Some(page.token);
        if !page.more {
            break;
        }
    }
    assert_eq!(kept.len(), 7);
    let token = token.unwrap();
    let ids: Vec<_> = kept.into_iter().collect();
    mailbox
        .update_messages(&ids[..1], MessagePatch::new().is_read(true))
        .await?
        .remove(0)?;
    mailbox
        .delete_messages(&ids[1..2], DeleteMode::Trash)
        .await?
        .remove(0)?;
    let page = mailbox
        .sync_messages(SyncRequest::since(scope(), token.clone()))
        .await?;
    assert!(!page.full);
    let is_read = |change: &MessageChange| matches!(change, MessageChange::Upserted(one) if one.id == ids[0] && one.is_read);
    assert!(page.changes.iter().any(is_read), "{:?}", page.changes);
    assert!(
        page.changes
            .contains(&MessageChange::Deleted(ids[1].clone()))
    );
    let junk = SyncRequest::since(WellKnownFolder::JunkEmail.into(), token.clone());
    let other = mailbox.sync_messages(junk).await.unwrap_err();
    assert_eq!(other.kind(), ErrorKind::InvalidArgument);
    stage.simulator.expire_sync_states();
    let expired = mailbox
        .sync_messages(SyncRequest::since(scope(), token))
        .await
        .unwrap_err();
    assert_eq!(expired.kind(), ErrorKind::SyncStateInvalid, "{expired}");

    let folders = mailbox.sync_folders(SyncRequest::from_start(())).await?;
    assert!(folders.full && folders.changes.len() > 5);
    let made = mailbox
        .create_folder(&WellKnownFolder::Root.into(), "New")
        .await?;
    let next = mailbox
        .sync_folders(SyncRequest::since((), folders.token))
        .await?;
    let is_new =
        |change: &FolderChange| matches!(change, FolderChange::Upserted(one) if **one == made);
    assert!(next.changes.iter().any(is_new), "{:?}", next.changes);
    mailbox
        .delete_folder(&made.id, DeleteMode::Permanent)
        .await?;
    let last = mailbox
        .sync_folders(SyncRequest::since((), next.token))
        .await?;
    assert!(
        last.changes.contains(&FolderChange::Deleted(made.id)),
        "{:?}",
        last.changes
    );
    Ok(())
}
