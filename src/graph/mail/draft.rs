//! Drafts: saved with what is attached, and taken away again if that fails.

use serde_json::{Map, Value};

use super::lacks;
use crate::connector::Backend;
use crate::error::{Effect, Error, ErrorKind, Result};
use crate::graph::attachments::INLINE_AT_MOST;
use crate::graph::call::{Call, Ids};
use crate::graph::convert::{self, Extras};
use crate::graph::mailbox::GraphMailbox;
use crate::graph::permission::Permission;
use crate::graph::wire;
use crate::mail::{MailRead as _, keys, retract};
use crate::model::{
    DraftOptions, ItemRef, Message, MessageId, MessageLoad, NewAttachment, NewMessage,
    WellKnownFolder, unfinished,
};

/// What is saved as a draft.
pub(super) struct Draft<'m> {
    /// The message without files.
    pub(super) message: Map<String, Value>,
    /// Its text, where it has two forms.
    pub(super) mime: Option<Vec<u8>>,
    pub(super) files: &'m [NewAttachment],
    /// All of it goes in one request.
    is_at_once: bool,
    /// It says of itself that something is still to be attached.
    pub(super) is_marked: bool,
}

impl<'m> Draft<'m> {
    /// A new message with these extras.
    pub(super) fn of(
        new: &'m NewMessage,
        mut extras: Extras<'_>,
        operation: &'static str,
    ) -> Result<Self> {
        new.validate(operation)?;
        let mime = new
            .text_alternative
            .as_ref()
            .map(|text| crate::mail::alternative::mime(new, text, None));
        let is_at_once = mime.is_some() || fits(new);
        // MIME is not whole until its properties are there.
        extras.is_unfinished = extras.key.is_some() && mime.is_none() && !is_at_once;
        Ok(Self {
            message: convert::new_message(new, extras, operation)?,
            files: match mime {
                Some(_) => &[],
                None => &new.attachments,
            },
            mime,
            is_at_once,
            is_marked: extras.is_unfinished,
        })
    }

    /// Whether one request says all of it.
    pub(super) fn is_whole(&self) -> bool {
        self.is_at_once
    }

    /// The message with its files, if one request says all of it.
    pub(super) fn whole(&self) -> Map<String, Value> {
        let mut message = self.message.clone();
        if !self.files.is_empty() {
            let files: Value = self.files.iter().map(convert::new_attachment).collect();
            message.insert("attachments".to_owned(), files);
        }
        message
    }
}

/// Whether files go with the message itself. They grow by a third on the way, its text does not, or hardly.
///
/// Source: <https://learn.microsoft.com/graph/api/user-sendmail>
fn fits(new: &NewMessage) -> bool {
    let bytes: usize = new.attachments.iter().map(|file| file.content.len()).sum();
    let text = new.body.as_ref().map_or(0, |body| body.content.len());
    bytes == 0 || (bytes + text / 4 * 3) as u64 <= INLINE_AT_MOST
}

impl GraphMailbox {
    pub(super) async fn make_draft(
        &self,
        new: &NewMessage,
        options: &DraftOptions,
    ) -> Result<Message> {
        const OPERATION: &str = "create_draft";
        options.validate(OPERATION)?;
        let place = draft_folder(options, OPERATION)?;
        let key = options.idempotency_key.as_deref().map(keys::draft_key);
        let extras = Extras {
            key: key.as_ref(),
            ..Extras::default()
        };
        let draft = Draft::of(new, extras, OPERATION)?;
        let save = self.save(&draft, &place, OPERATION);
        let id = match &key {
            None => save.await?,
            Some(key) => self.draft_once(key, &place, save, OPERATION).await?,
        };
        self.message_back(&id, OPERATION).await
    }

    /// Saves a draft and attaches what is to be attached. If that fails, the draft is taken away again.
    pub(super) async fn save(
        &self,
        draft: &Draft<'_>,
        place: &str,
        operation: &'static str,
    ) -> Result<MessageId> {
        if let Some(mime) = &draft.mime {
            let id = self.save_mime(mime, place, operation).await?;
            if !draft.message.is_empty() {
                self.complete_draft(&id, &draft.message, operation).await?;
            }
            return Ok(id);
        }
        let is_whole = draft.is_whole();
        let create = Call::post(operation, &["mailFolders", place, "messages"], WRITE);
        let create = match is_whole {
            true => create.json(&draft.whole())?,
            false => create.json(&draft.message)?,
        };
        let id = self.created(&create).await?;
        if is_whole {
            return Ok(id);
        }
        self.attach(&id, draft.files, operation).await?;
        if draft.is_marked {
            let mark = serde_json::json!({
                "singleValueExtendedProperties":
                    [{ "id": convert::property_id(&unfinished()), "value": null }],
            });
            let change = mark.as_object().cloned().unwrap_or_default();
            self.complete_draft(&id, &change, operation).await?;
        }
        Ok(id)
    }

    /// The id of what a call made.
    pub(super) async fn created(&self, call: &Call) -> Result<MessageId> {
        let made: wire::Message = self.client.json(call).await?;
        let id = convert::raw_message_id(&made);
        id.ok_or_else(|| lacks(call.name, "id of what was made").with_effect(Effect::Partial))
    }

    /// Makes the last change to a new draft. If that fails, the draft is taken away again.
    pub(super) async fn complete_draft(
        &self,
        id: &MessageId,
        change: &Map<String, Value>,
        operation: &'static str,
    ) -> Result<()> {
        match self.change(id, change, None, operation).await {
            Err(error) if error.effect() == Effect::None => {
                let what = "The draft could not be completed";
                Err(self.retract(id, error, what, operation).await)
            }
            done => done,
        }
    }

    /// Attaches files to a draft, one at a time, so that an error is about one file.
    pub(super) async fn attach(
        &self,
        id: &MessageId,
        files: &[NewAttachment],
        operation: &'static str,
    ) -> Result<()> {
        let to = ItemRef::Message(id.clone());
        for file in files {
            let attached = self.attach_file(&to, file.clone().into(), operation).await;
            if let Err(error) = attached {
                let what = format!("The file {:?} could not be attached", file.name);
                return Err(self.retract(id, error, &what, operation).await);
            }
        }
        Ok(())
    }

    /// Takes a draft away again that the server did not send.
    pub(super) async fn retract_unsent(
        &self,
        id: &MessageId,
        error: Error,
        operation: &'static str,
    ) -> Error {
        let removed = self.discard(id, operation).await;
        retract::unsent(error, removed, &id.to_string())
    }

    /// Takes a draft away again that is of no use to anybody, and says so.
    pub(super) async fn retract(
        &self,
        id: &MessageId,
        error: Error,
        what: &str,
        operation: &'static str,
    ) -> Error {
        let removed = self.discard(id, operation).await;
        retract::retracted(error, removed, &id.to_string(), what)
    }

    /// Removes a draft, for good where the cloud can do that; whether it was there, and was one still.
    pub(super) async fn discard(&self, id: &MessageId, operation: &'static str) -> Result<bool> {
        let removed = async {
            let (found, there) = self.glance(id, operation).await?;
            if found.is_draft != Some(true) {
                return Ok(false);
            }
            let gone = match self.deletes_permanently {
                true => {
                    let path = ["messages", there.as_raw(), "permanentDelete"];
                    self.client.done(&Call::post(operation, &path, WRITE)).await
                }
                false => self.delete_draft(&there, operation).await,
            };
            gone.map(|()| true)
        };
        match removed.await {
            // Somebody else sent or removed it.
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
            removed => removed,
        }
    }

    /// Puts a draft among the deleted items, where its id of before finds it no more.
    pub(super) async fn delete_draft(
        &self,
        there: &MessageId,
        operation: &'static str,
    ) -> Result<()> {
        let raw = there.require(Backend::Graph, operation)?;
        let call = Call::delete(operation, &["messages", raw], WRITE);
        self.client.done(&call).await
    }

    /// What the server says of a message in a few words, and the id that finds it only where it is now.
    pub(super) async fn glance(
        &self,
        id: &MessageId,
        operation: &'static str,
    ) -> Result<(wire::Message, MessageId)> {
        let raw = id.require(Backend::Graph, operation)?;
        let call = Call::get(operation, &["messages", raw], Permission::MailRead)
            .ids(Ids::Passing)
            .query("$select", "id,isDraft,internetMessageId");
        let found: wire::Message = self.client.json(&call).await?;
        let there = convert::raw_message_id(&found).ok_or_else(|| lacks(operation, "id"))?;
        Ok((found, there))
    }

    /// What has just been written, as it is now.
    pub(super) async fn message_back(
        &self,
        id: &MessageId,
        operation: &'static str,
    ) -> Result<Message> {
        let read = self.get_message(id, &MessageLoad::full()).await;
        read.map_err(|error| {
            let hint = format!(
                "The message was written as {id}, but could not be read back: read it again."
            );
            error
                .with_operation(operation)
                .with_effect(Effect::Partial)
                .with_hint(hint)
        })
    }
}

pub(super) const WRITE: Permission = Permission::MailReadWrite;

/// Where a draft is kept.
pub(super) fn draft_folder(options: &DraftOptions, operation: &'static str) -> Result<String> {
    let folder = options.folder.clone();
    let folder = folder.unwrap_or_else(|| WellKnownFolder::Drafts.into());
    convert::folder_path(&folder, operation)
}
