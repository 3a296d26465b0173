//! Control over every write: read-only programs, approval by a person or a policy, and a record of what was done.
//!
//! [`Guarded`] is a [`Connector`] around another one. Reading passes; each write is first put into words as a
//! [`WriteIntent`] and shown to a [`WriteGuard`], which lets it pass, refuses it, or puts it off until somebody has
//! approved. It stands around the connector and not around a mailbox, so that no mailbox without it can be had from
//! what a program is given, nor the way down to the operations of one backend.

mod fingerprint;
mod mail;
mod mailbox;
mod settings;
mod summary;
mod write;

use std::{fmt, sync::Arc};

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use self::mailbox::GuardedMailbox;
use crate::{
    calendar::Batch,
    connector::{Backend, Capabilities, Connector, Mailbox, MailboxTarget},
    diagnosis::{self, Diagnosis, DiagnosisScope, SendCheck, Subject, Verdict},
    directory::Directory,
    error::{Error, Result},
    model::{EventId, ForeignId, MessageId, Notify},
};

/// A connector whose mailboxes ask a [`WriteGuard`] before they write.
///
/// ```
/// use std::sync::Arc;
///
/// use exchange_connector::{Connector, Guarded};
///
/// /// What a meeting assistant gets: it may read, and nothing else.
/// fn for_the_assistant(connector: Arc<dyn Connector>) -> Arc<dyn Connector> {
///     Arc::new(Guarded::read_only(connector))
/// }
/// ```
///
/// Contents that are streamed ([`Upload::Stream`](crate::Upload::Stream)) are gathered in memory before they are shown
/// to the guard, up to 150 MiB: an approval is bound to them too.
///
/// A mailbox of it is no type of its backend, however it is cast: what lies below cannot be reached through it. What
/// a program kept of the connector from before is of course not guarded.
#[derive(Debug, Clone)]
pub struct Guarded {
    inner: Arc<dyn Connector>,
    guard: Arc<dyn WriteGuard>,
    looks_up: bool,
}

impl Guarded {
    /// Shows each write to this guard.
    pub fn new(connector: Arc<dyn Connector>, guard: Arc<dyn WriteGuard>) -> Self {
        Self {
            inner: connector,
            guard,
            looks_up: false,
        }
    }

    /// Refuses each write, without a request.
    pub fn read_only(connector: Arc<dyn Connector>) -> Self {
        Self::new(connector, Arc::new(ReadOnly))
    }

    /// Reads an event or a message before a write to it is shown to the guard, so that the intent says which it is and
    /// who is concerned already, not its id alone. Costs one reading request for each write to an event or a message
    /// by its id, also for those that are refused then.
    #[must_use]
    pub fn with_look_up(mut self) -> Self {
        self.looks_up = true;
        self
    }
}

#[async_trait]
impl Connector for Guarded {
    fn backend(&self) -> Backend {
        self.inner.backend()
    }

    fn capabilities(&self) -> Capabilities {
        self.inner.capabilities()
    }

    async fn probe(&self) -> Result<Capabilities> {
        self.inner.probe().await
    }

    /// As the connector within. A draft that [`SendCheck::Draft`] makes is a write as any other: it is shown to the
    /// guard.
    async fn diagnose(&self, scope: &DiagnosisScope) -> Diagnosis {
        let mut scope = scope.clone();
        let drafts = scope.send == SendCheck::Draft;
        if drafts {
            scope.send = SendCheck::Rights;
        }
        let mut diagnosis = self.inner.diagnose(&scope).await;
        for check in &mut diagnosis.checks {
            let is_sending = check.subject == Subject::Send;
            if drafts && is_sending && matches!(check.verdict, Verdict::Ok { .. }) {
                check.verdict = match self.mailbox(&check.mailbox) {
                    Ok(mailbox) => diagnosis::check_draft(&*mailbox).await,
                    Err(error) => Verdict::of_error(&error),
                };
            }
        }
        diagnosis
    }

    fn mailbox(&self, target: &MailboxTarget) -> Result<Arc<dyn Mailbox>> {
        Ok(Arc::new(GuardedMailbox {
            inner: self.inner.mailbox(target)?,
            backend: self.inner.backend(),
            guard: Arc::clone(&self.guard),
            looks_up: self.looks_up,
        }))
    }

    fn directory(&self) -> Arc<dyn Directory> {
        self.inner.directory()
    }

    async fn translate_event_ids(
        &self,
        mailbox: &MailboxTarget,
        foreign: &[ForeignId],
    ) -> Result<Batch<EventId>> {
        self.inner.translate_event_ids(mailbox, foreign).await
    }

    async fn translate_message_ids(
        &self,
        mailbox: &MailboxTarget,
        foreign: &[ForeignId],
    ) -> Result<Batch<MessageId>> {
        self.inner.translate_message_ids(mailbox, foreign).await
    }
}

/// Who decides about writes, and hears how they ended.
///
/// ```
/// use std::{collections::BTreeSet, sync::Mutex};
///
/// use async_trait::async_trait;
/// use exchange_connector::{Decision, WriteGuard, WriteIntent};
///
/// /// Lets pass once what somebody approved.
/// #[derive(Debug, Default)]
/// struct Approvals {
///     approved: Mutex<BTreeSet<String>>,
/// }
///
/// #[async_trait]
/// impl WriteGuard for Approvals {
///     async fn review(&self, intent: &WriteIntent) -> Decision {
///         let mut approved = self.approved.lock().unwrap();
///         if approved.remove(&intent.fingerprint) {
///             return Decision::Allow;
///         }
///         // Here the intent goes to whoever decides.
///         Decision::defer(intent.fingerprint.clone())
///     }
/// }
/// ```
#[async_trait]
pub trait WriteGuard: fmt::Debug + Send + Sync {
    /// Decides about a write that nothing was sent of yet. Called once for each write, and for each event of a batch.
    async fn review(&self, intent: &WriteIntent) -> Decision;

    /// Hears how a write ended that was let pass. If the error's [`effect`](Error::effect) is
    /// [`Unknown`](crate::Effect::Unknown), the write may have been made.
    ///
    /// A program that drops the future of a write in the middle gives the library no turn to call this: a write that
    /// passed and has no end may have been made.
    async fn finished(&self, intent: &WriteIntent, outcome: Result<(), &Error>) {
        let _ = (intent, outcome);
    }
}

/// What becomes of a write.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Decision {
    /// It is made.
    Allow,
    /// It ends in [`PolicyDenied`](crate::ErrorKind::PolicyDenied).
    Deny {
        /// Why, for whoever reads the error.
        reason: String,
    },
    /// It ends in [`ApprovalRequired`](crate::ErrorKind::ApprovalRequired): the caller repeats it when it was
    /// approved.
    Defer {
        /// What to ask by whether it was approved; [`Error::ticket`] has it.
        ticket: String,
    },
}

impl Decision {
    /// It is refused for this reason, a sentence without a full stop.
    pub fn deny(reason: impl Into<String>) -> Self {
        Self::Deny {
            reason: reason.into(),
        }
    }

    /// It has to be approved under this ticket.
    pub fn defer(ticket: impl Into<String>) -> Self {
        Self::Defer {
            ticket: ticket.into(),
        }
    }
}

/// A write that is about to be made, in a form that a person or a policy can judge, and that can be stored.
///
/// It holds subject, text and people of what is written, though no content of attachments: keep it as you keep the
/// mailbox.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub struct WriteIntent {
    /// What is done.
    pub operation: WriteOperation,
    /// In whose mailbox. [`MailboxTarget::Own`] does not say whose it is: that is known to whoever made the connector,
    /// who gives it a guard of its own.
    pub mailbox: MailboxTarget,
    /// The ids of what is written to, as text, well-known folders by their name; none for something new where such
    /// things are by themselves.
    pub targets: Vec<String>,
    /// The addresses of all who are concerned, whether they are told or not: the attendees it names and, as far as
    /// they are known ([`Guarded::with_look_up`]), those the event has, those removed among them. In lower case, in
    /// order, each once.
    pub recipients: Vec<String>,
    /// Whether [`recipients`](Self::recipients) are all. If not, people who are not named here are concerned too: the
    /// attendees that an event has already, the organiser or the author who gets the answer, whom a draft or the
    /// headers of MIME name.
    pub recipients_complete: bool,
    /// Who is told; [`Notify::Nobody`] also where there never is anybody to tell.
    pub notify: Notify,
    /// All that is to be done, for people: the first line says what, each further one something of it. Bodies are
    /// shown as they are, with `|` before each line, and cut after 4,000 characters, which is then said; of
    /// attachments name, size and SHA-256. No text in it can pass for a line of its own: line ends, control characters
    /// and those that turn the direction of writing are shown as `\n` or `\u{202e}`.
    pub summary: String,
    /// What binds an approval to this request and no other: `sha256:` and the SHA-256 digest, in hexadecimal digits,
    /// of all its arguments, the mailbox and the backend, from their stored form (serde) as JSON with sorted keys.
    ///
    /// What is stored on the server and named by its id is not part of it: whoever may change a draft after
    /// [`send_draft`](crate::MailSend::send_draft) was approved changes what is sent.
    ///
    /// The same request has the same in any process, on any machine and, as long as the major version does not change,
    /// in any version of this library; what [`Guarded::with_look_up`] finds is not part of it. Each event of a
    /// batch has that which it would have alone.
    pub fingerprint: String,
}

/// What is done by a write.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum WriteOperation {
    /// [`create_event`](crate::CalendarWrite::create_event), and each event of
    /// [`create_events`](crate::CalendarWrite::create_events).
    CreateEvent,
    /// [`update_event`](crate::CalendarWrite::update_event).
    UpdateEvent,
    /// [`cancel_event`](crate::CalendarWrite::cancel_event).
    CancelEvent,
    /// [`delete_event`](crate::CalendarWrite::delete_event).
    DeleteEvent,
    /// [`respond`](crate::CalendarWrite::respond).
    Respond,
    /// [`forward_event`](crate::CalendarWrite::forward_event).
    ForwardEvent,
    /// [`create_calendar`](crate::CalendarWrite::create_calendar).
    CreateCalendar,
    /// [`rename_calendar`](crate::CalendarWrite::rename_calendar).
    RenameCalendar,
    /// [`delete_calendar`](crate::CalendarWrite::delete_calendar).
    DeleteCalendar,
    /// [`add_attachment`](crate::AttachmentWrite::add_attachment).
    AddAttachment,
    /// [`delete_attachment`](crate::AttachmentWrite::delete_attachment).
    DeleteAttachment,
    /// [`create_draft`](crate::MailWrite::create_draft).
    CreateDraft,
    /// [`create_draft_mime`](crate::MailWrite::create_draft_mime).
    CreateDraftMime,
    /// [`create_reply_draft`](crate::MailWrite::create_reply_draft).
    CreateReplyDraft,
    /// [`update_message`](crate::MailWrite::update_message), and each message of
    /// [`update_messages`](crate::MailWrite::update_messages).
    UpdateMessage,
    /// [`move_messages`](crate::MailWrite::move_messages), for each message.
    MoveMessages,
    /// [`copy_messages`](crate::MailWrite::copy_messages), for each message.
    CopyMessages,
    /// [`delete_messages`](crate::MailWrite::delete_messages), for each message.
    DeleteMessages,
    /// [`create_folder`](crate::MailWrite::create_folder).
    CreateFolder,
    /// [`rename_folder`](crate::MailWrite::rename_folder).
    RenameFolder,
    /// [`move_folder`](crate::MailWrite::move_folder).
    MoveFolder,
    /// [`delete_folder`](crate::MailWrite::delete_folder).
    DeleteFolder,
    /// [`empty_folder`](crate::MailWrite::empty_folder).
    EmptyFolder,
    /// [`send`](crate::MailSend::send).
    Send,
    /// [`send_mime`](crate::MailSend::send_mime).
    SendMime,
    /// [`send_draft`](crate::MailSend::send_draft).
    SendDraft,
    /// [`send_reply`](crate::MailSend::send_reply).
    SendReply,
    /// [`set_out_of_office`](crate::SettingsWrite::set_out_of_office).
    SetOutOfOffice,
    /// [`create_rule`](crate::SettingsWrite::create_rule).
    CreateRule,
    /// [`update_rule`](crate::SettingsWrite::update_rule).
    UpdateRule,
    /// [`delete_rule`](crate::SettingsWrite::delete_rule).
    DeleteRule,
}

impl WriteOperation {
    /// The name of the method.
    pub fn name(self) -> &'static str {
        match self {
            Self::CreateEvent => "create_event",
            Self::UpdateEvent => "update_event",
            Self::CancelEvent => "cancel_event",
            Self::DeleteEvent => "delete_event",
            Self::Respond => "respond",
            Self::ForwardEvent => "forward_event",
            Self::CreateCalendar => "create_calendar",
            Self::RenameCalendar => "rename_calendar",
            Self::DeleteCalendar => "delete_calendar",
            Self::AddAttachment => "add_attachment",
            Self::DeleteAttachment => "delete_attachment",
            Self::CreateDraft => "create_draft",
            Self::CreateDraftMime => "create_draft_mime",
            Self::CreateReplyDraft => "create_reply_draft",
            Self::UpdateMessage => "update_message",
            Self::MoveMessages => "move_messages",
            Self::CopyMessages => "copy_messages",
            Self::DeleteMessages => "delete_messages",
            Self::CreateFolder => "create_folder",
            Self::RenameFolder => "rename_folder",
            Self::MoveFolder => "move_folder",
            Self::DeleteFolder => "delete_folder",
            Self::EmptyFolder => "empty_folder",
            Self::Send => "send",
            Self::SendMime => "send_mime",
            Self::SendDraft => "send_draft",
            Self::SendReply => "send_reply",
            Self::SetOutOfOffice => "set_out_of_office",
            Self::CreateRule => "create_rule",
            Self::UpdateRule => "update_rule",
            Self::DeleteRule => "delete_rule",
        }
    }
}

impl fmt::Display for WriteOperation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Refuses everything.
#[derive(Debug)]
struct ReadOnly;

#[async_trait]
impl WriteGuard for ReadOnly {
    async fn review(&self, _: &WriteIntent) -> Decision {
        Decision::deny("this program may only read")
    }
}
