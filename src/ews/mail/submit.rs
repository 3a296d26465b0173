//! Sending: new messages, in one request where that is enough, and drafts.

use uuid::Uuid;

use crate::connector::{Backend, Mailbox as _, MailboxTarget, Principal};
use crate::error::{Effect, Error, ErrorKind, Result};
use crate::ews::convert::{self, Extras};
use crate::ews::mail::once::Once;
use crate::ews::mailbox::EwsMailbox;
use crate::ews::operation::{ConflictResolution, CreateItem, MessageDisposition, SendItem};
use crate::ews::types::{FolderIdRef, Item, ItemId};
use crate::ews::{DistinguishedFolderId, FieldUri};
use crate::mail::once::{nobody, not_sent, receipt};
use crate::model::{ExtendedProperty, MessageId, NewMessage, SaveSent, SendOptions, SendReceipt};

/// Where the own copy of what is sent goes.
#[derive(Clone, Debug)]
pub(in crate::ews) enum Copy {
    Nowhere,
    /// To the sent items of who is signed in.
    Default,
    To(FolderIdRef),
}

impl Copy {
    fn disposition(&self) -> MessageDisposition {
        match self {
            Self::Nowhere => MessageDisposition::SendOnly,
            Self::Default | Self::To(_) => MessageDisposition::SendAndSaveCopy,
        }
    }

    /// A request that creates items and sends them at once.
    pub(super) fn send(&self, item: Item) -> CreateItem {
        let create = CreateItem::messages(vec![item], self.disposition());
        match self {
            Self::To(folder) => create.into_folder(folder.clone()),
            Self::Nowhere | Self::Default => create,
        }
    }
}

impl EwsMailbox {
    pub(super) async fn send_message(
        &self,
        new: &NewMessage,
        options: &SendOptions,
    ) -> Result<SendReceipt> {
        const OPERATION: &str = "send";
        options.validate(OPERATION)?;
        let copy = self.copy(&options.save, OPERATION)?;
        new.validate(OPERATION)?;
        if new.to.is_empty() && new.cc.is_empty() && new.bcc.is_empty() {
            return Err(nobody(OPERATION));
        }
        let version = self.version(OPERATION).await?;
        let key = options.idempotency_key.as_deref().map(convert::send_key);
        let message_id = options.track.then(|| self.new_message_id());
        let extras = Extras {
            key: key.as_ref(),
            message_id: message_id.as_deref(),
            author: self.author(),
        };
        let draft = convert::new_message(new, version, extras, OPERATION)?;
        if key.is_none() && message_id.is_none() && draft.rest.is_empty() {
            let send = copy.send(Item::Message(Box::new(draft.message)));
            self.one(&send, OPERATION).await?;
            return Ok(SendReceipt::new());
        }
        let place = self.folder(DistinguishedFolderId::Drafts);
        let save = self.save(draft, place, OPERATION);
        let Some(key) = options.idempotency_key.as_deref() else {
            let id = save.await.map_err(not_sent)?;
            self.send_made(id, &copy, OPERATION).await?;
            return Ok(receipt(message_id));
        };
        let once = Once {
            key,
            copy: &copy,
            is_tracked: options.track,
            operation: OPERATION,
        };
        let build = async { save.await.map(drop) };
        self.send_once(once, build).await
    }

    /// Sends a draft that was made for nothing else: it is removed if the server refuses it.
    pub(super) async fn send_made(
        &self,
        id: ItemId,
        copy: &Copy,
        operation: &'static str,
    ) -> Result<()> {
        match self.send_saved(&id, copy, operation).await {
            Err(error) if error.effect() == Effect::None => {
                Err(self.retract_unsent(&id, error, operation).await)
            }
            done => done,
        }
    }

    /// Sends a draft, in the state its id says if it says one. Of several calls at the same time
    /// for the same state one is served.
    pub(in crate::ews) async fn send_saved(
        &self,
        id: &ItemId,
        copy: &Copy,
        operation: &'static str,
    ) -> Result<()> {
        let id = match id.change_key {
            Some(_) => id.clone(),
            None => self.glance(id, [], operation).await?.0,
        };
        let send = SendItem::new([id]);
        let send = match copy {
            Copy::Nowhere => send.without_copy(),
            Copy::Default => send,
            Copy::To(folder) => send.into_folder(folder.clone()),
        };
        self.one(&send, operation).await
    }

    pub(super) async fn send_stored(
        &self,
        id: &MessageId,
        options: SendOptions,
    ) -> Result<SendReceipt> {
        const OPERATION: &str = "send_draft";
        options.validate(OPERATION)?;
        let copy = self.copy(&options.save, OPERATION)?;
        let item = ItemId::new(id.require(Backend::Ews, OPERATION)?);
        let Some(key) = options.idempotency_key.as_deref() else {
            let (id, message_id) = self.ready(&item, &options, OPERATION).await?;
            self.send_saved(&id, &copy, OPERATION).await?;
            return Ok(receipt(message_id));
        };
        let once = Once {
            key,
            copy: &copy,
            is_tracked: options.track,
            operation: OPERATION,
        };
        let ready = || self.ready(&item, &options, OPERATION);
        self.send_draft_once(once, ready).await
    }

    /// A draft with all that is wanted of it before it is sent: the key, and a `Message-ID`, which
    /// is returned if it is asked for.
    async fn ready(
        &self,
        item: &ItemId,
        options: &SendOptions,
        operation: &'static str,
    ) -> Result<(ItemId, Option<String>)> {
        let paths = [
            FieldUri::ItemIsDraft,
            FieldUri::ItemIsSubmitted,
            FieldUri::MessageInternetMessageId,
        ];
        let (id, found) = self.glance(item, paths, operation).await?;
        let properties = found.properties();
        let is_draft = properties.and_then(|item| item.is_draft) == Some(true);
        let is_submitted = properties.and_then(|item| item.is_submitted) == Some(true);
        if !is_draft || is_submitted {
            let problem = "the message is no draft: it was received, or sent already";
            return Err(Error::new(ErrorKind::InvalidState, operation, problem)
                .with_backend(Backend::Ews)
                .with_hint("Forward it, or make a draft of its content."));
        }
        let known = match &found {
            Item::Message(message) => message.internet_message_id.clone(),
            _ => None,
        };
        let mut message_id = None;
        let mut properties: Vec<ExtendedProperty> = Vec::new();
        if options.track {
            let wanted = known.unwrap_or_else(|| {
                let new = self.new_message_id();
                properties.push(convert::message_id(&new));
                new
            });
            message_id = Some(wanted);
        }
        let key = options.idempotency_key.as_deref();
        properties.extend(key.map(convert::stored_send_key));
        let properties = properties.iter().map(convert::extended_uri).collect();
        let nobody = (&[][..], &[][..], &[][..]);
        let addition = convert::message_addition(id.clone(), nobody, properties);
        let id = match addition {
            Some(change) => {
                let overwrite = ConflictResolution::AlwaysOverwrite;
                self.apply(change, overwrite, operation)
                    .await
                    .map_err(not_sent)?
            }
            None => id,
        };
        Ok((id, message_id))
    }

    /// Where the own copy goes.
    pub(in crate::ews) fn copy(&self, save: &SaveSent, operation: &'static str) -> Result<Copy> {
        Ok(match save {
            SaveSent::Nowhere => Copy::Nowhere,
            // Otherwise the copy would be among those of who is signed in.
            SaveSent::SentItems if self.author().is_some() => {
                Copy::To(self.folder(DistinguishedFolderId::SentItems))
            }
            SaveSent::SentItems => Copy::Default,
            SaveSent::Folder(folder) => Copy::To(self.mail_folder(folder, operation)?),
        })
    }

    /// A `Message-ID` nobody else has (RFC 5322 section 3.6.4).
    pub(in crate::ews) fn new_message_id(&self) -> String {
        let domain = match self.target() {
            MailboxTarget::Shared(address)
            | MailboxTarget::ActAs(Principal::Smtp(address) | Principal::Upn(address)) => {
                address.rsplit('@').next()
            }
            MailboxTarget::ActAs(Principal::Sid(_)) | MailboxTarget::Own => None,
        };
        let domain = domain.or_else(|| self.client.host());
        let domain = domain.unwrap_or("exchange-connector.invalid");
        format!("<{}@{domain}>", Uuid::new_v4().simple())
    }
}
