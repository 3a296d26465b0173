//! The same messages, written and read by this library and by another.
//!
//! The messages are those of `tests/interop/messages.json`. Each side writes them with its mark before the subject, and
//! compares what the other wrote with that file, field by field.

use std::collections::{BTreeMap, BTreeSet};

use exchange_connector::model::{
    AttachmentUpload, Body, BodyFormat, DraftOptions, FollowUpFlag, Importance, ItemRef, Message,
    MessageFilter, MessageLoad, MessagePatch, MessageQuery, NewAttachment, NewMessage, NewReply,
    Recipient, SendOptions, Sensitivity, WellKnownFolder,
};
use exchange_connector::{Mailbox, MailboxTarget, Result};
use serde::{Deserialize, Serialize};

use super::{OURS, THEIRS, body_wanted, connect};

/// A message as both sides understand it.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
struct Story {
    subject: String,
    #[serde(default)]
    to: BTreeSet<String>,
    #[serde(default)]
    cc: BTreeSet<String>,
    #[serde(default)]
    bcc: BTreeSet<String>,
    #[serde(default)]
    reply_to: BTreeSet<String>,
    html: Option<String>,
    text: Option<String>,
    #[serde(default)]
    categories: BTreeSet<String>,
    #[serde(default)]
    sensitivity: Sensitivity,
    #[serde(default)]
    importance: Importance,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    #[serde(default)]
    read_receipt: bool,
    /// Contents by name.
    #[serde(default)]
    files: BTreeMap<String, String>,
    flag: Option<String>,
    #[serde(default)]
    read: bool,
    folder: Place,
}

/// Where it ends up.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Place {
    Drafts,
    Sent,
    Deleted,
}

impl Place {
    fn folder(self) -> WellKnownFolder {
        match self {
            Self::Drafts => WellKnownFolder::Drafts,
            Self::Sent => WellKnownFolder::SentItems,
            Self::Deleted => WellKnownFolder::DeletedItems,
        }
    }
}

/// The messages, as one side writes them.
fn stories(mark: &str) -> Vec<Story> {
    let text = include_str!("../../interop/messages.json");
    let mut stories: Vec<Story> = serde_json::from_str(text).unwrap();
    for story in &mut stories {
        story.subject.insert_str(0, mark);
    }
    stories
}

#[tokio::test]
#[ignore = "half of tests/interop/run.sh: needs INTEROP_URL, INTEROP_USER, INTEROP_OTHER"]
async fn we_write() {
    let (alice, _) = connect("INTEROP_USER");
    let (_, bob) = connect("INTEROP_OTHER");
    let mailbox = alice.mailbox(&MailboxTarget::Own).unwrap();
    for story in stories(OURS) {
        write(&*mailbox, &story).await.unwrap();
    }
    let question = NewMessage::new("ours: A question", Body::html("<p>When?</p>"));
    let question = question.to(Recipient::smtp(bob));
    mailbox.send(question, SendOptions::new()).await.unwrap();
}

#[tokio::test]
#[ignore = "half of tests/interop/run.sh: needs INTEROP_URL, INTEROP_USER, INTEROP_OTHER"]
async fn we_read() {
    let (alice, alices_address) = connect("INTEROP_USER");
    let (bob, bobs_address) = connect("INTEROP_OTHER");
    let alices = alice.mailbox(&MailboxTarget::Own).unwrap();
    let bobs = bob.mailbox(&MailboxTarget::Own).unwrap();
    // What was written here is read here as it is there.
    for mark in [OURS, THEIRS] {
        for story in stories(mark) {
            let folder = story.folder.folder();
            let found = find(&*alices, folder, &story.subject).await.unwrap();
            let read = read(&*alices, &found, &story).await.unwrap();
            assert_fields(&read, &story);
            if story.folder == Place::Sent {
                assert_arrived(&*bobs, &found, &story).await;
            }
        }
    }

    // Their answer to our question belongs to it.
    let question = find(&*alices, WellKnownFolder::SentItems, "ours: A question");
    let question = question.await.unwrap();
    let answer = find(&*alices, WellKnownFolder::Inbox, "RE: ours: A question");
    let answer = answer.await.unwrap();
    let from = answer.from.as_ref().and_then(Recipient::smtp_address);
    assert_eq!(from, Some(bobs_address.as_str()));
    let detail = answer.detail.as_deref().unwrap();
    assert_eq!(detail.in_reply_to, question.internet_message_id);
    assert!(detail.in_reply_to.is_some());
    assert_eq!(answer.conversation_id, question.conversation_id);
    let text = &detail.body.as_ref().unwrap().content;
    assert!(text.contains("Tomorrow"), "{text}");

    // And ours to theirs, which they look at afterwards.
    let asked = find(&*bobs, WellKnownFolder::Inbox, "theirs: A question");
    let asked = asked.await.unwrap();
    let reply = NewReply::reply_all(Body::html("<p>Today</p>"));
    let sent = bobs.send_reply(&asked.id, reply, SendOptions::new());
    sent.await.unwrap();
    let passed_on = NewReply::forward([Recipient::smtp(alices_address)], Body::text("For you"));
    let sent = bobs.send_reply(&asked.id, passed_on, SendOptions::new());
    sent.await.unwrap();
}

fn assert_fields(read: &Story, wanted: &Story) {
    let fields = serde_json::to_value(read).unwrap();
    let expected = serde_json::to_value(wanted).unwrap();
    for (name, expected) in expected.as_object().unwrap() {
        assert_eq!(&fields[name], expected, "{name} of {:?}", wanted.subject);
    }
    assert_eq!(read, wanted);
}

/// What went out came in, without what is nobody else's business.
async fn assert_arrived(bobs: &dyn Mailbox, sent: &Message, story: &Story) {
    let arrived = find(bobs, WellKnownFolder::Inbox, &story.subject).await;
    let arrived = arrived.unwrap();
    assert_eq!(arrived.internet_message_id, sent.internet_message_id);
    assert!(!arrived.is_draft && arrived.received.is_some());
    let read = read(bobs, &arrived, story).await.unwrap();
    let wanted = Story {
        bcc: BTreeSet::new(),
        read: false,
        ..story.clone()
    };
    assert_fields(&read, &wanted);
}

async fn write(mailbox: &dyn Mailbox, story: &Story) -> Result<()> {
    let mut message = story.message();
    if story.folder == Place::Sent {
        mailbox.send(message, SendOptions::new()).await?;
        let copy = find(mailbox, WellKnownFolder::SentItems, &story.subject).await?;
        // Sent items are read where they were written.
        let patch = MessagePatch::new().is_read(story.read);
        mailbox.update_message(&copy.id, patch, None).await?;
        return Ok(());
    }
    // Half of the files come with the draft, the other half later.
    let later = message.attachments.split_off(message.attachments.len() / 2);
    let draft = mailbox.create_draft(message, DraftOptions::new()).await?;
    for file in later {
        let draft = ItemRef::Message(draft.id.clone());
        let file = AttachmentUpload::from(file);
        mailbox.add_attachment(&draft, file).await?;
    }
    let mut patch = MessagePatch::new().is_read(story.read);
    match story.flag.as_deref() {
        None => {}
        Some("flagged") => patch = patch.flag(FollowUpFlag::flagged()),
        Some("complete") => patch = patch.flag(FollowUpFlag::complete()),
        Some(other) => panic!("there is no flag {other}"),
    }
    mailbox.update_message(&draft.id, patch, None).await?;
    if story.folder != Place::Drafts {
        let to = story.folder.folder().into();
        for moved in mailbox.move_messages(&[draft.id], &to).await? {
            moved?;
        }
    }
    Ok(())
}

impl Story {
    fn message(&self) -> NewMessage {
        let mut message = NewMessage::new(&self.subject, Body::text(""));
        message.body = match (&self.html, &self.text) {
            (Some(html), _) => Some(Body::html(html)),
            (None, text) => text.as_ref().map(Body::text),
        };
        let people = |addresses: &BTreeSet<String>| addresses.iter().map(Recipient::smtp).collect();
        message.to = people(&self.to);
        message.cc = people(&self.cc);
        message.bcc = people(&self.bcc);
        message.reply_to = people(&self.reply_to);
        message.categories.clone_from(&self.categories);
        message.sensitivity = self.sensitivity;
        message.importance = self.importance;
        message.read_receipt = self.read_receipt;
        message.headers = self.headers.clone().into_iter().collect();
        for (name, content) in &self.files {
            message = message.attachment(NewAttachment::new(name, content.clone()));
        }
        message
    }
}

/// The only message with this subject in the folder, whole.
async fn find(mailbox: &dyn Mailbox, folder: WellKnownFolder, subject: &str) -> Result<Message> {
    let query = MessageQuery::new(folder).filter(MessageFilter::SubjectIs(subject.to_owned()));
    let found = mailbox.list_messages(query).collect().await?;
    assert_eq!(found.len(), 1, "{subject:?} in {folder:?}: {found:?}");
    mailbox
        .get_message(&found[0].id, &MessageLoad::full())
        .await
}

/// The message as a story.
async fn read(mailbox: &dyn Mailbox, found: &Message, story: &Story) -> Result<Story> {
    let wanted = body_wanted(mailbox, story.text.is_some());
    let load = MessageLoad::full().body(wanted);
    let message = mailbox.get_message(&found.id, &load).await?;
    let detail = message.detail.as_deref().unwrap();
    let people = |people: &[Recipient]| {
        let address = |one: &Recipient| one.smtp_address().unwrap().to_owned();
        people.iter().map(address).collect()
    };
    let body = |format| {
        let body = detail.body.as_ref().filter(|body| body.format == format);
        body.map(|body| body.content.clone())
    };
    let item = ItemRef::Message(message.id.clone());
    let mut files = BTreeMap::new();
    for file in &detail.attachments {
        let content = mailbox.open_attachment(&item, &file.id).await?;
        let content = content.collect(1_000_000).await?;
        files.insert(
            file.name.clone(),
            String::from_utf8(content.to_vec()).unwrap(),
        );
    }
    assert_eq!(message.has_attachments, !files.is_empty());
    let custom = detail.headers.iter();
    let custom = custom.filter(|(name, _)| name == "X-Ticket");
    Ok(Story {
        subject: message.subject.clone(),
        to: people(&detail.to),
        cc: people(&detail.cc),
        bcc: people(&detail.bcc),
        reply_to: people(&detail.reply_to),
        html: body(BodyFormat::Html),
        text: body(BodyFormat::Text),
        categories: message.categories.clone(),
        sensitivity: message.sensitivity,
        importance: message.importance,
        headers: custom.cloned().collect(),
        read_receipt: detail.read_receipt_requested,
        files,
        flag: match message.flag {
            FollowUpFlag::Flagged { .. } => Some("flagged".to_owned()),
            FollowUpFlag::Complete { .. } => Some("complete".to_owned()),
            _ => None,
        },
        read: message.is_read,
        folder: story.folder,
    })
}
