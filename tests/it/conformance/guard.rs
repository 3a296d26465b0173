//! What passes a guard, and what does not.

use std::any::Any;
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use bytes::Bytes;
use exchange_connector::model::{
    Answer, AttachmentId, AttachmentUpload, Attendee, Body, CalendarId, CalendarRef, ClientRules,
    DeleteMode, DraftOptions, EventFilter, EventId, EventPatch, EventQuery, FolderId, FolderRef,
    FreeBusyQuery, ICalUid, InboxRule, ItemRef, MeetingReply, MessageId, MessagePatch,
    NewAttachment, NewEvent, NewMessage, NewReply, Notify, OutOfOffice, Projection, Recipient,
    RuleActions, RuleId, SendOptions, SyncRequest, TimeRange, Version, ViewScope, WellKnownFolder,
};
use exchange_connector::{
    Backend as Protocol, ByteStream, CalendarExt, Connector, Decision, Error, ErrorKind, Guarded,
    Mailbox, MailboxTarget, Result, Upload, WriteGuard, WriteIntent, WriteOperation,
};

use super::backend::{Backend, address, all_times, lasting};

/// Decides as it is told, lets pass what was approved, and writes everything down.
#[derive(Debug)]
struct Clerk {
    decision: Decision,
    approved: Mutex<BTreeSet<String>>,
    reviewed: Mutex<Vec<WriteIntent>>,
    /// What ended, and whether well.
    finished: Mutex<Vec<(WriteIntent, bool)>>,
}

impl Clerk {
    fn who(decision: Decision) -> Arc<Self> {
        Arc::new(Self {
            decision,
            approved: Mutex::default(),
            reviewed: Mutex::default(),
            finished: Mutex::default(),
        })
    }

    fn approve(&self, fingerprint: &str) {
        self.approved.lock().unwrap().insert(fingerprint.to_owned());
    }

    fn reviewed(&self) -> Vec<WriteIntent> {
        std::mem::take(&mut self.reviewed.lock().unwrap())
    }

    fn finished(&self) -> Vec<(WriteIntent, bool)> {
        std::mem::take(&mut self.finished.lock().unwrap())
    }
}

#[async_trait]
impl WriteGuard for Clerk {
    async fn review(&self, intent: &WriteIntent) -> Decision {
        self.reviewed.lock().unwrap().push(intent.clone());
        if self.approved.lock().unwrap().remove(&intent.fingerprint) {
            return Decision::Allow;
        }
        match &self.decision {
            Decision::Defer { ticket } => {
                Decision::defer(format!("{ticket} {}", intent.fingerprint))
            }
            decision => decision.clone(),
        }
    }

    async fn finished(&self, intent: &WriteIntent, outcome: Result<(), &Error>) {
        let end = (intent.clone(), outcome.is_ok());
        self.finished.lock().unwrap().push(end);
    }
}

fn guarded(b: &Backend, clerk: &Arc<Clerk>) -> Guarded {
    Guarded::new(b.connector("alice"), clerk.clone())
}

fn own(connector: &dyn Connector) -> Arc<dyn Mailbox> {
    connector.mailbox(&MailboxTarget::Own).unwrap()
}

fn meeting() -> NewEvent {
    NewEvent::new("Talk", lasting("2026-03-02T10:00", 60))
        .attendee(Attendee::required(address("bob")))
}

fn id(b: &Backend) -> EventId {
    EventId::from_raw(b.mailbox("alice").capabilities().backend, "AAMk=")
}

/// Each writing method once, and how many items it has; in the order of [`OPERATIONS`].
async fn write_everything(b: &Backend, mailbox: &dyn Mailbox) -> Vec<Result<()>> {
    let (event, calendar) = (id(b), CalendarId::from_raw(id(b).backend(), "AQ=="));
    let default = &CalendarRef::Default;
    let bob = [Recipient::smtp(address("bob"))];
    let reply = MeetingReply::new(Answer::Accept);
    let patch = EventPatch::new().subject("Changed");
    let file = NewAttachment::new("a.txt", "text");
    let two = vec![meeting().attachment(file), meeting().location("Room 5")];
    let mut ends = vec![
        mailbox
            .create_event(default, meeting(), Notify::Auto)
            .await
            .map(drop),
    ];
    let created = mailbox.create_events(default, two, Notify::Auto).await;
    ends.extend(created.unwrap().into_iter().map(|end| end.map(drop)));
    ends.extend([
        mailbox
            .update_event(&event, patch, None, Notify::Auto)
            .await
            .map(drop),
        mailbox.cancel_event(&event, Some("Sorry")).await,
        mailbox
            .delete_event(&event, DeleteMode::Trash, Notify::Auto)
            .await,
        mailbox.respond(&ItemRef::Event(event.clone()), reply).await,
        mailbox.forward_event(&event, &bob, None).await,
        mailbox.create_calendar("Plans").await.map(drop),
        mailbox.rename_calendar(&calendar, "Plans").await.map(drop),
        mailbox.delete_calendar(&calendar).await,
    ]);
    ends.extend(write_all_mail(mailbox, id(b).backend()).await);
    ends.extend(write_all_settings(mailbox, id(b).backend()).await);
    ends
}

async fn write_all_mail(mailbox: &dyn Mailbox, backend: Protocol) -> Vec<Result<()>> {
    let message = MessageId::from_raw(backend, "AAMk=");
    let two = [message.clone(), MessageId::from_raw(backend, "AAMl=")];
    let item = ItemRef::Message(message.clone());
    let (attachment, folder) = (
        AttachmentId::from_raw(backend, "AAMm="),
        FolderId::from_raw(backend, "AQ=="),
    );
    let inbox = FolderRef::WellKnown(WellKnownFolder::Inbox);
    let mail = || NewMessage::new("Hello", Body::text("Hi")).to(Recipient::smtp(address("bob")));
    let reply = || NewReply::reply(Body::text("Yes"));
    let mime = || Upload::stream(9, ByteStream::from(Bytes::from_static(b"To: a@b\r\n")));
    let read = || MessagePatch::new().is_read(true);
    let (draft, send) = (DraftOptions::new, SendOptions::new);
    let file = AttachmentUpload::new("a.txt", "text");
    let mut ends = vec![
        mailbox.add_attachment(&item, file).await.map(drop),
        mailbox.delete_attachment(&item, &attachment).await,
        mailbox.create_draft(mail(), draft()).await.map(drop),
        mailbox.create_draft_mime(mime(), draft()).await.map(drop),
        mailbox
            .create_reply_draft(&message, reply(), draft())
            .await
            .map(drop),
        mailbox
            .update_message(&message, read(), Some(&Version::from_raw("1")))
            .await
            .map(drop),
    ];
    let updated = mailbox.update_messages(&two, read()).await;
    ends.extend(updated.unwrap());
    let moved = mailbox.move_messages(&two, &inbox).await;
    ends.extend(moved.unwrap().into_iter().map(|end| end.map(drop)));
    let copied = mailbox.copy_messages(&two, &inbox).await;
    ends.extend(copied.unwrap().into_iter().map(|end| end.map(drop)));
    let deleted = mailbox.delete_messages(&two, DeleteMode::Trash).await;
    ends.extend(deleted.unwrap());
    ends.extend([
        mailbox.create_folder(&inbox, "Plans").await.map(drop),
        mailbox.rename_folder(&folder, "Plans").await.map(drop),
        mailbox.move_folder(&folder, &inbox).await.map(drop),
        mailbox.delete_folder(&folder, DeleteMode::Trash).await,
        mailbox.empty_folder(&inbox, DeleteMode::Trash, false).await,
        mailbox.send(mail(), send()).await.map(drop),
        mailbox.send_mime(mime(), send()).await.map(drop),
        mailbox.send_draft(&message, send()).await.map(drop),
        mailbox
            .send_reply(&message, reply(), send())
            .await
            .map(drop),
    ]);
    ends
}

async fn write_all_settings(mailbox: &dyn Mailbox, backend: Protocol) -> Vec<Result<()>> {
    let mut actions = RuleActions::default();
    actions.mark_as_read = true;
    let rule = || InboxRule::new("Read", actions.clone());
    let id = RuleId::from_raw(backend, "AAMn=");
    vec![
        mailbox.set_out_of_office(OutOfOffice::enabled()).await,
        mailbox
            .create_rule(rule(), ClientRules::Keep)
            .await
            .map(drop),
        mailbox
            .update_rule(rule(), ClientRules::Keep)
            .await
            .map(drop),
        mailbox.delete_rule(&id, ClientRules::Keep).await,
    ]
}

const OPERATIONS: [WriteOperation; 38] = [
    WriteOperation::CreateEvent,
    WriteOperation::CreateEvent,
    WriteOperation::CreateEvent,
    WriteOperation::UpdateEvent,
    WriteOperation::CancelEvent,
    WriteOperation::DeleteEvent,
    WriteOperation::Respond,
    WriteOperation::ForwardEvent,
    WriteOperation::CreateCalendar,
    WriteOperation::RenameCalendar,
    WriteOperation::DeleteCalendar,
    WriteOperation::AddAttachment,
    WriteOperation::DeleteAttachment,
    WriteOperation::CreateDraft,
    WriteOperation::CreateDraftMime,
    WriteOperation::CreateReplyDraft,
    WriteOperation::UpdateMessage,
    WriteOperation::UpdateMessage,
    WriteOperation::UpdateMessage,
    WriteOperation::MoveMessages,
    WriteOperation::MoveMessages,
    WriteOperation::CopyMessages,
    WriteOperation::CopyMessages,
    WriteOperation::DeleteMessages,
    WriteOperation::DeleteMessages,
    WriteOperation::CreateFolder,
    WriteOperation::RenameFolder,
    WriteOperation::MoveFolder,
    WriteOperation::DeleteFolder,
    WriteOperation::EmptyFolder,
    WriteOperation::Send,
    WriteOperation::SendMime,
    WriteOperation::SendDraft,
    WriteOperation::SendReply,
    WriteOperation::SetOutOfOffice,
    WriteOperation::CreateRule,
    WriteOperation::UpdateRule,
    WriteOperation::DeleteRule,
];

pub(super) async fn refused_writes_make_no_request(b: &Backend) -> Result<()> {
    let clerk = Clerk::who(Decision::deny("not on a Sunday"));
    let ends = write_everything(b, &*own(&guarded(b, &clerk))).await;
    assert_eq!(ends.len(), OPERATIONS.len());
    for (end, operation) in ends.into_iter().zip(OPERATIONS) {
        let error = end.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::PolicyDenied, "{error}");
        assert_eq!(error.operation(), operation.name());
        assert!(error.to_string().contains("not on a Sunday"), "{error}");
    }
    let reviewed = clerk.reviewed();
    let operations: Vec<_> = reviewed.iter().map(|intent| intent.operation).collect();
    assert_eq!(operations, OPERATIONS);
    let different: BTreeSet<_> = reviewed.iter().map(|intent| &intent.fingerprint).collect();
    assert_eq!(different.len(), OPERATIONS.len());
    assert!(clerk.finished().is_empty());

    let reader = own(&Guarded::read_only(b.connector("alice")));
    for end in write_everything(b, &*reader).await {
        assert_eq!(end.unwrap_err().kind(), ErrorKind::PolicyDenied);
    }
    assert_eq!(b.requests(), 0);
    Ok(())
}

pub(super) async fn deferred_writes_pass_once_approved(b: &Backend) -> Result<()> {
    let clerk = Clerk::who(Decision::defer("ticket"));
    let mailbox = own(&guarded(b, &clerk));
    for end in write_everything(b, &*mailbox).await {
        let error = end.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ApprovalRequired, "{error}");
        assert!(error.ticket().unwrap().starts_with("ticket sha256:"));
    }
    assert_eq!(b.requests(), 0);

    // An approval is good for this very request, once, from whichever process.
    let first = clerk.reviewed().remove(0);
    clerk.approve(&first.fingerprint);
    let create = |event| mailbox.create_event(&CalendarRef::Default, event, Notify::Auto);
    for other in [
        meeting().location("Elsewhere"),
        meeting().subject_of("Walk"),
    ] {
        assert_eq!(
            create(other).await.unwrap_err().kind(),
            ErrorKind::ApprovalRequired
        );
    }
    let elsewhere = guarded(b, &clerk).mailbox(&MailboxTarget::shared(address("carol")))?;
    let there = elsewhere.create_event(&CalendarRef::Default, meeting(), Notify::Auto);
    assert_eq!(there.await.unwrap_err().kind(), ErrorKind::ApprovalRequired);
    assert_eq!(b.requests(), 0);
    let made = create(meeting()).await?;
    assert_eq!(made.subject, "Talk");
    assert!(create(meeting()).await.is_err());
    assert_eq!(b.count("alice", "calendar"), 1);
    assert_eq!(clerk.finished(), [(first, true)]);
    Ok(())
}

/// So that the subject can be another one.
trait Subject {
    fn subject_of(self, subject: &str) -> Self;
}

impl Subject for NewEvent {
    fn subject_of(mut self, subject: &str) -> Self {
        self.subject = subject.to_owned();
        self
    }
}

pub(super) async fn what_passes_is_written_down(b: &Backend) -> Result<()> {
    let clerk = Clerk::who(Decision::Allow);
    let mailbox = own(&guarded(b, &clerk));
    let made = mailbox
        .create_event(&CalendarRef::Default, meeting(), Notify::Auto)
        .await?;
    let intent = clerk.reviewed().remove(0);
    assert_eq!(intent.mailbox, MailboxTarget::Own);
    assert_eq!(intent.recipients, [address("bob")]);
    assert!(intent.recipients_complete && intent.targets.is_empty());
    assert!(
        intent
            .summary
            .starts_with("Create the event \u{201c}Talk\u{201d}\n"),
        "{}",
        intent.summary
    );
    assert_eq!(clerk.finished(), [(intent, true)]);

    // What fails on the server is written down as failed.
    let gone = mailbox.cancel_event(&id(b), None).await.unwrap_err();
    assert_ne!(gone.kind(), ErrorKind::PolicyDenied);
    assert_eq!(clerk.finished().pop().map(|(_, well)| well), Some(false));
    clerk.reviewed();

    // A batch is a review for each, and one outcome for each that passed.
    let wrong = meeting().attendee(Attendee::required("nobody"));
    let ends = mailbox
        .create_events(
            &CalendarRef::Default,
            vec![meeting(), wrong, meeting()],
            b.quietly(),
        )
        .await?;
    let well: Vec<_> = ends.iter().map(Result::is_ok).collect();
    assert_eq!(well, [true, false, true]);
    let finished: Vec<_> = clerk.finished().into_iter().map(|(_, well)| well).collect();
    assert_eq!(finished, well);
    assert_eq!(clerk.reviewed().len(), 3);

    // What is made of several calls shows its write.
    let renamed = mailbox
        .update_event_with(&made.id, b.quietly(), |event| {
            EventPatch::new().subject(format!("{} again", event.subject))
        })
        .await?;
    assert_eq!(renamed.subject, "Talk again");
    let intents = clerk.reviewed();
    assert_eq!(intents.len(), 1);
    assert_eq!(intents[0].targets, [made.id.to_string()]);
    assert!(!intents[0].recipients_complete);
    Ok(())
}

pub(super) async fn a_guard_may_see_the_event(b: &Backend) -> Result<()> {
    let clerk = Clerk::who(Decision::Allow);
    let mailbox = own(&guarded(b, &clerk).with_look_up());
    let made = mailbox
        .create_event(&CalendarRef::Default, meeting(), b.quietly())
        .await?;
    let patch = EventPatch::new().attendees(vec![Attendee::required(address("carol"))]);
    mailbox
        .update_event(&made.id, patch, None, b.quietly())
        .await?;
    let intent = clerk.reviewed().pop().unwrap();
    assert_eq!(intent.recipients, [address("bob"), address("carol")]);
    assert!(intent.recipients_complete);
    assert_eq!(intent.notify, b.quietly());
    assert!(
        intent.summary.contains("\u{201c}Talk\u{201d}"),
        "{}",
        intent.summary
    );
    // What cannot be read is still the guard's to judge, and the server's to refuse.
    assert!(mailbox.cancel_event(&id(b), None).await.is_err());
    assert_eq!(clerk.reviewed().len(), 1);
    Ok(())
}

pub(super) async fn reading_asks_nobody(b: &Backend) -> Result<()> {
    let made = b
        .mailbox("alice")
        .create_event(&CalendarRef::Default, meeting(), b.quietly())
        .await?;
    let clerk = Clerk::who(Decision::deny("nothing at all"));
    let connector = guarded(b, &clerk);
    assert_eq!(connector.backend(), made.id.backend());
    connector.probe().await?;
    let mailbox = own(&connector);
    assert_eq!(mailbox.target(), &MailboxTarget::Own);
    mailbox.list_calendars().collect().await?;
    mailbox.get_calendar(&CalendarRef::Default).await?;
    for query in [
        EventQuery::between(all_times()),
        EventQuery::masters(EventFilter::new()).full(),
    ] {
        let events = mailbox.list_events(query).collect().await?;
        assert_eq!(events.len(), 1);
    }
    mailbox.get_event(&made.id, Projection::Full).await?;
    mailbox
        .get_events(std::slice::from_ref(&made.id), Projection::Summary)
        .await?;
    let query = FreeBusyQuery::new([address("bob")], all_times_short());
    mailbox.free_busy(query).await?;
    connector.directory().resolve("bob").await?;

    // What this event or this server cannot answer fails, though not by the guard.
    let answers = [
        mailbox
            .list_occurrences(&made.id, all_times(), Projection::Summary)
            .collect()
            .await
            .map(drop),
        mailbox.get_series(&made.id).await.map(drop),
        mailbox
            .find_by_uid(&made.uid.unwrap_or(ICalUid::new("x")))
            .await
            .map(drop),
        mailbox
            .sync_events(SyncRequest::from_start(CalendarRef::Default))
            .await
            .map(drop),
        mailbox
            .sync_calendar_view(SyncRequest::from_start(ViewScope::new(all_times())))
            .await
            .map(drop),
        mailbox.list_meeting_messages().collect().await.map(drop),
    ];
    for answer in answers {
        let kind = answer.map_err(|error| error.kind());
        assert_ne!(kind, Err(ErrorKind::PolicyDenied));
    }
    assert!(clerk.reviewed().is_empty());
    Ok(())
}

fn all_times_short() -> TimeRange {
    TimeRange::lasting(all_times().start, chrono::TimeDelta::days(7))
}

pub(super) async fn nothing_below_a_guard_can_be_reached(b: &Backend) -> Result<()> {
    let inner = b.connector("alice");
    let below: &dyn Any = &*inner;
    let type_below = below.type_id();
    let inner_mailbox = own(&*inner);
    let guarded: Arc<dyn Connector> = Arc::new(Guarded::read_only(inner));
    let seen: &dyn Any = &*guarded;
    assert_ne!(seen.type_id(), type_below);
    assert!(!seen.is::<Arc<dyn Connector>>());
    let mailbox = own(&*guarded);
    let (seen, below): (&dyn Any, &dyn Any) = (&*mailbox, &*inner_mailbox);
    assert_ne!(seen.type_id(), below.type_id());
    assert!(!seen.is::<Arc<dyn Mailbox>>());
    Ok(())
}
