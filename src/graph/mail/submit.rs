//! Sending: new messages, in one request where that is enough, and drafts.

use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::draft::Draft;
use super::once::Once;
use crate::connector::{Backend, Mailbox as _, MailboxTarget, Principal};
use crate::error::{Effect, Error, ErrorKind, Result};
use crate::graph::call::Call;
use crate::graph::convert::{self, Extras};
use crate::graph::mailbox::GraphMailbox;
use crate::graph::permission::Permission;
use crate::mail::keys;
use crate::mail::once::{nobody, not_sent, receipt, send_draft_once, send_once};
use crate::model::{
    ExtendedProperty, MessageId, NewMessage, PropertyKind, PropertyName, SaveSent, SendOptions,
    SendReceipt,
};

/// Where drafts of this library's own making are.
pub(super) const DRAFTS: &str = "drafts";

impl GraphMailbox {
    pub(super) async fn send_message(
        &self,
        new: &NewMessage,
        options: &SendOptions,
    ) -> Result<SendReceipt> {
        const OPERATION: &str = "send";
        options.validate(OPERATION)?;
        check_copy(&options.save, OPERATION)?;
        new.validate(OPERATION)?;
        if new.to.is_empty() && new.cc.is_empty() && new.bcc.is_empty() {
            return Err(nobody(OPERATION));
        }
        let key = options.idempotency_key.as_deref().map(keys::send_key);
        let message_id = options.track.then(|| self.new_message_id());
        let extras = Extras {
            key: key.as_ref(),
            message_id: message_id.as_deref(),
            is_unfinished: false,
        };
        let draft = Draft::of(new, extras, OPERATION)?;
        let is_copied = options.save != SaveSent::Nowhere;
        // Without a copy nothing is left to be found by.
        let is_direct = draft.is_whole() && key.is_none() && (message_id.is_none() || !is_copied);
        match &draft.mime {
            // What MIME does not carry, as blind copies, stands beside it.
            Some(mime) if is_direct && is_copied && draft.message.is_empty() => {
                self.send_as_mime(mime, OPERATION).await?;
                return Ok(receipt(message_id));
            }
            None if is_direct => {
                let body = json!({ "message": draft.whole(), "saveToSentItems": is_copied });
                let call =
                    Call::post(OPERATION, &["sendMail"], Permission::MailSend).json(&body)?;
                self.client.done(&call).await?;
                return Ok(receipt(message_id));
            }
            _ if !is_copied => return Err(copy_stays(OPERATION)),
            _ => {}
        }
        let save = self.save(&draft, DRAFTS, OPERATION);
        let Some(key) = options.idempotency_key.as_deref() else {
            let id = save.await.map_err(not_sent)?;
            self.send_made(&id, OPERATION).await?;
            return Ok(receipt(message_id));
        };
        let once = Once {
            mailbox: self,
            key,
            operation: OPERATION,
        };
        let build = async { save.await.map(drop) };
        send_once(&once, options.track, build).await
    }

    /// Sends MIME as it is, in one request.
    pub(super) async fn send_as_mime(&self, mime: &[u8], operation: &'static str) -> Result<()> {
        let base64 = super::mime::in_base64(mime, operation)?;
        let call = Call::post(operation, &["sendMail"], Permission::MailSend).mime(base64);
        self.client.done(&call).await
    }

    /// Sends a draft that was made for nothing else: it is removed if the server refuses it.
    pub(super) async fn send_made(&self, id: &MessageId, operation: &'static str) -> Result<()> {
        match self.send_saved(id, operation).await {
            Err(error) if error.effect() == Effect::None => {
                Err(self.retract_unsent(id, error, operation).await)
            }
            done => done,
        }
    }

    pub(super) async fn send_stored(
        &self,
        id: &MessageId,
        options: &SendOptions,
    ) -> Result<SendReceipt> {
        const OPERATION: &str = "send_draft";
        options.validate(OPERATION)?;
        check_copy(&options.save, OPERATION)?;
        id.require(Backend::Graph, OPERATION)?;
        if options.save == SaveSent::Nowhere {
            return Err(copy_stays(OPERATION));
        }
        let Some(key) = options.idempotency_key.as_deref() else {
            if !options.track {
                return self.send_unread(id, OPERATION).await;
            }
            let (id, message_id) = self.ready(id, options, OPERATION).await?;
            self.send_saved(&id, OPERATION).await?;
            return Ok(receipt(message_id));
        };
        let once = Once {
            mailbox: self,
            key,
            operation: OPERATION,
        };
        let ready = || self.ready(id, options, OPERATION);
        send_draft_once(&once, options.track, ready).await
    }

    /// Sends a draft without reading it, as an account may that can only send.
    async fn send_unread(&self, id: &MessageId, operation: &'static str) -> Result<SendReceipt> {
        match self.send_saved(id, operation).await {
            Ok(()) => Ok(SendReceipt::new()),
            Err(error) if error.kind() == ErrorKind::InvalidArgument => {
                let mut refused = no_draft(operation);
                if let Some(code) = error.code() {
                    refused = refused.with_code(code.to_owned());
                }
                if let Some(id) = error.request_id() {
                    refused = refused.with_request_id(id.to_owned());
                }
                Err(refused.with_source(error))
            }
            Err(error) => Err(error),
        }
    }

    /// A draft with all that is wanted of it before it is sent: the key, and a `Message-ID`, which is returned if it is
    /// asked for. The id finds it only while nobody else sends it or moves it.
    async fn ready(
        &self,
        id: &MessageId,
        options: &SendOptions,
        operation: &'static str,
    ) -> Result<(MessageId, Option<String>)> {
        let (found, there) = self.glance(id, operation).await?;
        if found.is_draft != Some(true) {
            return Err(no_draft(operation));
        }
        let mut change: Map<String, Value> = Map::new();
        let known = found.internet_message_id.filter(|id| !id.is_empty());
        let message_id = options.track.then(|| {
            known.unwrap_or_else(|| {
                let new = self.new_message_id();
                change.insert("internetMessageId".to_owned(), json!(new));
                new
            })
        });
        let key = options
            .idempotency_key
            .as_deref()
            .map(keys::stored_send_key);
        convert::put_properties(&mut change, key.as_slice());
        if !change.is_empty() {
            self.change(&there, &change, None, operation)
                .await
                .map_err(not_sent)?;
        }
        Ok((there, message_id))
    }

    /// A `Message-ID` nobody else has (RFC 5322 section 3.6.4).
    pub(super) fn new_message_id(&self) -> String {
        let domain = match self.target() {
            MailboxTarget::Shared(address)
            | MailboxTarget::ActAs(Principal::Smtp(address) | Principal::Upn(address)) => {
                address.rsplit('@').next()
            }
            MailboxTarget::ActAs(Principal::Sid(_)) | MailboxTarget::Own => None,
        };
        let domain = domain.unwrap_or("exchange-connector.invalid");
        format!("<{}@{domain}>", Uuid::new_v4().simple())
    }
}

/// The `Message-ID` of a message that is written as MIME, where it is said beside it.
pub(super) fn message_id_property(id: &str) -> ExtendedProperty {
    // PidTagInternetMessageId (MS-OXOMSG 2.2.1.12).
    ExtendedProperty::new(PropertyName::tag(0x1035, PropertyKind::String), id)
}

/// Refuses what Graph has no words for.
pub(super) fn check_copy(save: &SaveSent, operation: &'static str) -> Result<()> {
    match save {
        SaveSent::Folder(_) => {
            let problem = "Graph keeps the copy among the sent items, or nowhere";
            Err(Error::unsupported(operation, problem)
                .with_backend(Backend::Graph)
                .with_hint("Move the copy after it was sent."))
        }
        SaveSent::SentItems | SaveSent::Nowhere => Ok(()),
    }
}

/// What is sent as a draft leaves its copy among the sent items.
pub(super) fn copy_stays(operation: &'static str) -> Error {
    let problem =
        "Graph keeps a copy of what is sent as a draft: large files, answers and text in two forms";
    Error::unsupported(operation, problem)
        .with_backend(Backend::Graph)
        .with_hint("Keep the copy, and delete it when it was sent.")
}

fn no_draft(operation: &'static str) -> Error {
    let problem = "the message is no draft: it was received, or sent already";
    Error::new(ErrorKind::InvalidState, operation, problem)
        .with_backend(Backend::Graph)
        .with_hint("Forward it, or make a draft of its content.")
}
