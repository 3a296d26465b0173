//! What a program can do with mail, the same for every backend.
//!
//! As in [`calendar`](crate::CalendarRead), the traits are named after permissions, so that a part of a program can be
//! given just what it needs: `Arc<dyn MailSend>` cannot read anything.
//!
//! Errors common to all methods, beside those named there: the kinds that every request can end in, as with calendars.

#[cfg(any(feature = "ews", feature = "graph"))]
pub(crate) mod alternative;
#[cfg(any(feature = "ews", feature = "graph"))]
pub(crate) mod condition;
#[cfg(any(feature = "ews", feature = "graph"))]
pub(crate) mod head;
#[cfg(any(feature = "ews", feature = "graph"))]
pub(crate) mod keys;
#[cfg(any(feature = "ews", feature = "graph"))]
pub(crate) mod once;
#[cfg(any(feature = "ews", feature = "graph"))]
pub(crate) mod retract;
#[cfg(any(feature = "ews", feature = "graph"))]
pub(crate) mod timeline;
#[cfg(any(feature = "ews", feature = "graph"))]
pub(crate) mod tree;

use async_trait::async_trait;

use crate::{
    calendar::Batch,
    error::{Error, ErrorKind, Result},
    listing::Listing,
    model::{
        Attachment, AttachmentId, AttachmentUpload, DeleteMode, DraftOptions, Folder, FolderChange,
        FolderId, FolderQuery, FolderRef, ItemRef, Message, MessageChange, MessageId, MessageLoad,
        MessagePatch, MessageQuery, NewMessage, NewReply, SendOptions, SendReceipt, SyncPage,
        SyncRequest, Version,
    },
    stream::{ByteStream, Upload},
};

/// Everything about mail: reading, writing and sending.
pub trait Mail: MailRead + MailWrite + MailSend {}

impl<T: MailRead + MailWrite + MailSend + ?Sized> Mail for T {}

/// Reading what is attached to messages and events. Graph permissions: those of reading the item.
#[async_trait]
pub trait AttachmentRead: Send + Sync {
    /// What is attached, without the content.
    ///
    /// # Errors
    /// [`NotFound`](ErrorKind::NotFound), [`InvalidId`](ErrorKind::InvalidId) for an id of another backend.
    async fn list_attachments(&self, of: &ItemRef) -> Result<Vec<Attachment>>;

    /// The content: the bytes of a file; an attached message as MIME (`.eml`), an event as iCalendar (`.ics`), a
    /// contact as vCard (`.vcf`). It is read as it arrives, so that any size takes little memory.
    ///
    /// # Errors
    /// [`NotFound`](ErrorKind::NotFound); [`Unsupported`](ErrorKind::Unsupported) for a
    /// [reference](crate::model::AttachmentKind::Reference), which has no content, and for attached items of kinds
    /// the server has no such form of.
    async fn open_attachment(&self, of: &ItemRef, id: &AttachmentId) -> Result<ByteStream>;
}

/// Attaching to messages and events. Graph permissions: those of writing the item.
#[async_trait]
pub trait AttachmentWrite: Send + Sync {
    /// Attaches a file to a draft or an event. The content is read as it is sent, so that any size takes little
    /// memory; Graph takes up to 150 MB. The version of the item changes.
    ///
    /// # Errors
    /// [`TooLarge`](ErrorKind::TooLarge), [`NotFound`](ErrorKind::NotFound),
    /// [`InvalidArgument`](ErrorKind::InvalidArgument) before any request. If the answer got lost,
    /// [`Error::effect`] is [`Effect::Unknown`](crate::Effect::Unknown); repeating the call then attaches it twice.
    async fn add_attachment(&self, to: &ItemRef, file: AttachmentUpload) -> Result<Attachment>;

    /// Removes an attachment. The version of the item changes.
    ///
    /// # Errors
    /// [`NotFound`](ErrorKind::NotFound), also when it is removed already.
    async fn delete_attachment(&self, of: &ItemRef, id: &AttachmentId) -> Result<()>;
}

/// Reading mail. Graph permission: `Mail.Read`.
#[async_trait]
pub trait MailRead: AttachmentRead {
    /// Folders below a folder: where the server has [`Feature::FoldersOfAllKinds`](crate::Feature::FoldersOfAllKinds)
    /// also those for other things, which [`Folder::holds_messages`] tells from those for mail. With
    /// [`deep`](FolderQuery::deep) each comes after the one it is in.
    ///
    /// # Errors
    /// As the first item: [`NotFound`](ErrorKind::NotFound).
    fn list_folders(&self, query: FolderQuery) -> Listing<Folder>;

    /// One folder.
    ///
    /// # Errors
    /// [`NotFound`](ErrorKind::NotFound), also when the caller may not see it or the mailbox has no such folder.
    async fn get_folder(&self, folder: &FolderRef) -> Result<Folder>;

    /// Messages of one folder; posts, contacts and other items in it are passed over. While it is read, messages may arrive and go: none that was there all the time is left
    /// out, and none comes twice. What is wrong with the query ([`InvalidArgument`](ErrorKind::InvalidArgument)) is
    /// said before any request, as the first item. Items of other kinds, such as events in Deleted Items, are passed
    /// over.
    ///
    /// A damaged message ends no list: what the server cannot give in full comes in summary, without
    /// [`detail`](Message::detail), and in the worst case with little more than its id; but where a condition has to be
    /// decided by what cannot be read of it, it is left out. Messages without a time of arrival come last.
    fn list_messages(&self, query: MessageQuery) -> Listing<Message>;

    /// Messages by id, in the order given, each with its own outcome.
    ///
    /// # Errors
    /// Per message: [`NotFound`](ErrorKind::NotFound), [`InvalidId`](ErrorKind::InvalidId) for an id of another
    /// backend, one of both for what is no message.
    async fn get_messages(&self, ids: &[MessageId], load: &MessageLoad) -> Result<Batch<Message>>;

    /// One message by id.
    ///
    /// # Errors
    /// As [`get_messages`](Self::get_messages).
    async fn get_message(&self, id: &MessageId, load: &MessageLoad) -> Result<Message> {
        let mut answers = self.get_messages(std::slice::from_ref(id), load).await?;
        match (answers.pop(), answers.is_empty()) {
            (Some(answer), true) => answer,
            _ => Err(Error::new(
                ErrorKind::Protocol,
                "get_message",
                "not exactly one answer for one message",
            )),
        }
    }

    /// The whole message as MIME (RFC 5322), headers and all that is attached. It is read as it arrives, so that any
    /// size takes little memory.
    ///
    /// # Errors
    /// [`NotFound`](ErrorKind::NotFound).
    async fn open_mime(&self, id: &MessageId) -> Result<ByteStream>;

    /// What changed among the folders a person sees.
    ///
    /// EWS: `SyncFolderHierarchy`; the token holds what the server calls the `SyncState`.
    ///
    /// # Errors
    /// [`SyncStateInvalid`](ErrorKind::SyncStateInvalid) when the token cannot be used any more: start without one.
    async fn sync_folders(&self, request: SyncRequest<()>) -> Result<SyncPage<FolderChange>>;

    /// What changed among the messages of a folder; posts, contacts and other items in it are passed over.
    ///
    /// EWS: `SyncFolderItems`, at most 512 changes to a page; the token holds what the server calls the `SyncState`.
    ///
    /// # Errors
    /// [`SyncStateInvalid`](ErrorKind::SyncStateInvalid) when the token cannot be used any more: start without one;
    /// [`InvalidArgument`](ErrorKind::InvalidArgument) when it is the token of another folder.
    async fn sync_messages(
        &self,
        request: SyncRequest<FolderRef>,
    ) -> Result<SyncPage<MessageChange>>;
}

/// Writing mail, without sending it. Graph permission: `Mail.ReadWrite`.
#[async_trait]
pub trait MailWrite: AttachmentWrite {
    /// Makes a draft; it comes back in full.
    ///
    /// # Errors
    /// [`InvalidArgument`](ErrorKind::InvalidArgument) before any request; [`TooLarge`](ErrorKind::TooLarge),
    /// [`QuotaExceeded`](ErrorKind::QuotaExceeded). If the answer got lost, [`Error::effect`] is
    /// [`Effect::Unknown`](crate::Effect::Unknown), and repeating the call makes a second draft unless it has an
    /// [idempotency key](DraftOptions::idempotency_key).
    async fn create_draft(&self, message: NewMessage, options: DraftOptions) -> Result<Message>;

    /// Makes a draft from MIME (RFC 5322), which is kept as it is. Graph takes up to 3 MiB of it.
    ///
    /// # Errors
    /// As [`create_draft`](Self::create_draft), and [`ContentRejected`](ErrorKind::ContentRejected) for what is no
    /// message.
    async fn create_draft_mime(&self, mime: Upload, options: DraftOptions) -> Result<Message>;

    /// Makes a draft that answers a message or passes it on; it comes back in full.
    ///
    /// # Errors
    /// As [`create_draft`](Self::create_draft), and [`NotFound`](ErrorKind::NotFound) for the message.
    async fn create_reply_draft(
        &self,
        to: &MessageId,
        reply: NewReply,
        options: DraftOptions,
    ) -> Result<Message>;

    /// Changes what the patch names, and nothing else; the message comes back in full. With a `version` the change is
    /// made only if the message is still what it was when that version was read.
    ///
    /// # Errors
    /// [`Conflict`](ErrorKind::Conflict) when the message has another version, [`NotFound`](ErrorKind::NotFound),
    /// [`InvalidState`](ErrorKind::InvalidState) for a change that [only drafts](MessagePatch::is_for_drafts) let
    /// be made, [`InvalidArgument`](ErrorKind::InvalidArgument) before any request.
    async fn update_message(
        &self,
        id: &MessageId,
        patch: MessagePatch,
        version: Option<&Version>,
    ) -> Result<Message>;

    /// Makes the same change to several messages, each with its own outcome; the last writer wins.
    ///
    /// This and the other methods for several messages ask in batches of the server's size. A message that the server
    /// refused because it was busy is sent again alone, after the wait the server asked for, as the
    /// [`RetryPolicy`](crate::RetryPolicy) says; then its outcome is [`Throttled`](ErrorKind::Throttled). Where the
    /// server refused everything, that is the error of the whole or of each.
    ///
    /// # Errors
    /// Per message as [`update_message`](Self::update_message).
    async fn update_messages(&self, ids: &[MessageId], patch: MessagePatch) -> Result<Batch<()>>;

    /// Moves messages to a folder of the same mailbox, each with its own outcome: its new id. The old one finds it no
    /// more, unless the server has [`Feature::ImmutableIds`](crate::Feature::ImmutableIds).
    ///
    /// # Errors
    /// Per message: [`NotFound`](ErrorKind::NotFound).
    async fn move_messages(&self, ids: &[MessageId], to: &FolderRef) -> Result<Batch<MessageId>>;

    /// Copies messages to a folder of the same mailbox, each with its own outcome: the id of the copy. If the answer
    /// got lost, repeating the call makes second copies.
    ///
    /// # Errors
    /// Per message: [`NotFound`](ErrorKind::NotFound).
    async fn copy_messages(&self, ids: &[MessageId], to: &FolderRef) -> Result<Batch<MessageId>>;

    /// Removes messages, each with its own outcome.
    ///
    /// # Errors
    /// Per message: [`NotFound`](ErrorKind::NotFound), also when it is deleted already; but where the server has
    /// [`Feature::ImmutableIds`](crate::Feature::ImmutableIds), one that can still be taken back is found by its id, and
    /// only one that is gone for good is not. [`Unsupported`](ErrorKind::Unsupported) for
    /// [`DeleteMode::Permanent`] without [`Feature::PermanentDelete`](crate::Feature::PermanentDelete).
    async fn delete_messages(&self, ids: &[MessageId], mode: DeleteMode) -> Result<Batch<()>>;

    /// Makes a folder for messages.
    ///
    /// # Errors
    /// [`AlreadyExists`](ErrorKind::AlreadyExists), [`InvalidArgument`](ErrorKind::InvalidArgument) for an empty name,
    /// [`NotFound`](ErrorKind::NotFound) for the folder it should be in.
    async fn create_folder(&self, parent: &FolderRef, name: &str) -> Result<Folder>;

    /// Gives a folder another name.
    ///
    /// # Errors
    /// [`AlreadyExists`](ErrorKind::AlreadyExists), [`NotFound`](ErrorKind::NotFound),
    /// [`InvalidState`](ErrorKind::InvalidState) for a well-known folder.
    async fn rename_folder(&self, id: &FolderId, name: &str) -> Result<Folder>;

    /// Moves a folder with all that is in it; its id stays.
    ///
    /// # Errors
    /// As [`rename_folder`](Self::rename_folder), and [`InvalidArgument`](ErrorKind::InvalidArgument) or
    /// [`InvalidState`](ErrorKind::InvalidState) for a folder below itself.
    async fn move_folder(&self, id: &FolderId, to: &FolderRef) -> Result<Folder>;

    /// Removes a folder with all that is in it.
    ///
    /// # Errors
    /// [`NotFound`](ErrorKind::NotFound), [`InvalidState`](ErrorKind::InvalidState) for a well-known folder.
    async fn delete_folder(&self, id: &FolderId, mode: DeleteMode) -> Result<()>;

    /// Removes all that is in a folder, its folders too if `folders` says so.
    ///
    /// EWS: `EmptyFolder`, Exchange 2010; before, the items are listed and deleted in batches.
    ///
    /// # Errors
    /// [`NotFound`](ErrorKind::NotFound). If it stopped in between, [`Error::effect`] is
    /// [`Effect::Partial`](crate::Effect::Partial): repeat the call.
    async fn empty_folder(&self, folder: &FolderRef, mode: DeleteMode, folders: bool)
    -> Result<()>;
}

/// Sending mail. Graph permission: `Mail.Send`.
///
/// ```
/// use std::sync::Arc;
///
/// use exchange_connector::{
///     MailSend, Result,
///     model::{Body, NewMessage, Recipient, SendOptions},
/// };
///
/// /// Can send, and nothing else.
/// async fn remind(mail: Arc<dyn MailSend>, who: &str) -> Result<()> {
///     let reminder = NewMessage::new("Reminder", Body::text("The report is due today."))
///         .to(Recipient::smtp(who));
///     // The same for each attempt at this reminder, and for no other.
///     let once = SendOptions::new().idempotency_key(format!("report-2026-11-22-{who}"));
///     mail.send(reminder, once).await.map(drop)
/// }
/// # #[cfg(all(feature = "ews", feature = "simulator"))]
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<()> {
/// # use exchange_connector::{Connector, MailboxTarget, ews::EwsConnector, http::Credentials, simulator::Simulator};
/// # let simulator = Simulator::builder().start().await.unwrap();
/// # let alice = simulator.accounts().remove(0);
/// # let connector = EwsConnector::builder(simulator.ews_url())
/// #     .credentials(Credentials::password(alice.address, alice.password))
/// #     .build()?;
/// # let mail: Arc<dyn MailSend> = connector.mailbox(&MailboxTarget::Own)?;
/// # remind(Arc::clone(&mail), "bob@example.test").await?;
/// # remind(mail, "bob@example.test").await?;
/// # assert_eq!(simulator.outbox().len(), 1);
/// # Ok(())
/// # }
/// # #[cfg(not(all(feature = "ews", feature = "simulator")))]
/// # fn main() {}
/// ```
///
/// Nothing is read with plain [`SendOptions`]: an account that may only send can use it. Errors of all methods:
///
/// - [`InvalidArgument`](ErrorKind::InvalidArgument) before any request;
/// - [`RecipientRejected`](ErrorKind::RecipientRejected) without recipients, or when the server takes one for no
///   address: nothing is sent;
/// - [`PermissionDenied`](ErrorKind::PermissionDenied) for another's name without the right to send in it;
/// - [`TooLarge`](ErrorKind::TooLarge), [`QuotaExceeded`](ErrorKind::QuotaExceeded),
///   [`LimitExceeded`](ErrorKind::LimitExceeded) for too many recipients;
/// - if the answer got lost, [`Error::effect`] is [`Effect::Unknown`](crate::Effect::Unknown), and repeating the call
///   may send it twice unless it has an [idempotency key](SendOptions::idempotency_key).
#[async_trait]
pub trait MailSend: Send + Sync {
    /// Sends a message.
    ///
    /// # Errors
    /// Those of the trait.
    async fn send(&self, message: NewMessage, options: SendOptions) -> Result<SendReceipt>;

    /// Sends a message that is MIME already (RFC 5322): to the recipients its headers name. `Bcc` is taken out before
    /// others see it. Graph takes up to 3 MiB of it.
    ///
    /// # Errors
    /// Those of the trait, and [`ContentRejected`](ErrorKind::ContentRejected) for what is no message.
    async fn send_mime(&self, mime: Upload, options: SendOptions) -> Result<SendReceipt>;

    /// Sends a draft as it is.
    ///
    /// # Errors
    /// Those of the trait; [`InvalidState`](ErrorKind::InvalidState) for what is no draft; [`NotFound`](ErrorKind::NotFound),
    /// also when it was sent already, but where the server has
    /// [`Feature::ImmutableIds`](crate::Feature::ImmutableIds) its id finds the sent message, which is no draft.
    async fn send_draft(&self, id: &MessageId, options: SendOptions) -> Result<SendReceipt>;

    /// Answers a message or passes it on.
    ///
    /// # Errors
    /// Those of the trait, and [`NotFound`](ErrorKind::NotFound) for the message.
    async fn send_reply(
        &self,
        to: &MessageId,
        reply: NewReply,
        options: SendOptions,
    ) -> Result<SendReceipt>;
}
