//! Answers, and messages passed on: what they quote, and to whom answers go, is made by the server.

use super::draft::created_id;
use super::once::Once;
use crate::connector::Backend;
use crate::error::Result;
use crate::ews::DistinguishedFolderId;
use crate::ews::convert;
use crate::ews::mailbox::EwsMailbox;
use crate::ews::operation::{CreateItem, MessageDisposition};
use crate::ews::types::{FolderIdRef, Item, ItemId, Mailbox, ResponseObject, ResponseObjectKind};
use crate::mail::once::{nobody, not_sent, receipt};
use crate::model::{
    DraftOptions, ExtendedProperty, Message, MessageId, NewAttachment, NewReply, Recipient,
    ReplyKind, SendOptions, SendReceipt,
};

/// An answer that is ready to be written, and what comes after that.
struct Answer<'r> {
    response: ResponseObject,
    /// People to be added to those the server chooses.
    more: [&'r [Recipient]; 3],
    files: Vec<&'r NewAttachment>,
}

impl EwsMailbox {
    pub(super) async fn make_reply_draft(
        &self,
        to: &MessageId,
        reply: &NewReply,
        options: &DraftOptions,
    ) -> Result<Message> {
        const OPERATION: &str = "create_reply_draft";
        options.validate(OPERATION)?;
        let place = self.draft_folder(options, OPERATION)?;
        let key = options.idempotency_key.as_deref().map(convert::draft_key);
        let properties = key.iter().cloned().collect();
        let build = async {
            let answer = self.answer(to, reply, OPERATION).await?;
            self.save_answer(answer, properties, place.clone(), OPERATION)
                .await
        };
        reply.validate(OPERATION)?;
        let id = match &key {
            None => build.await?,
            Some(key) => {
                let place = place.clone();
                self.draft_once(key, place, build, OPERATION).await?
            }
        };
        self.message_back(id, OPERATION).await
    }

    pub(super) async fn send_answer(
        &self,
        to: &MessageId,
        reply: &NewReply,
        options: &SendOptions,
    ) -> Result<SendReceipt> {
        const OPERATION: &str = "send_reply";
        options.validate(OPERATION)?;
        reply.validate(OPERATION)?;
        let copy = self.copy(&options.save, OPERATION)?;
        let is_for_nobody = reply.to.is_empty() && reply.cc.is_empty() && reply.bcc.is_empty();
        if reply.kind == ReplyKind::Forward && is_for_nobody {
            return Err(nobody(OPERATION));
        }
        let place = self.folder(DistinguishedFolderId::Drafts);
        let message_id = options.track.then(|| self.new_message_id());
        let mut properties: Vec<_> = message_id
            .iter()
            .map(|id| convert::message_id(id))
            .collect();
        let Some(key) = options.idempotency_key.as_deref() else {
            let answer = self.answer(to, reply, OPERATION).await?;
            if answer.is_whole() && properties.is_empty() {
                let send = copy.send(Item::Response(Box::new(answer.response)));
                self.one(&send, OPERATION).await?;
                return Ok(SendReceipt::new());
            }
            let saved = self.save_answer(answer, properties, place, OPERATION).await;
            self.send_made(saved.map_err(not_sent)?, &copy, OPERATION)
                .await?;
            return Ok(receipt(message_id));
        };
        properties.push(convert::send_key(key));
        let once = Once {
            key,
            copy: &copy,
            is_tracked: options.track,
            operation: OPERATION,
        };
        let build = async {
            let answer = self.answer(to, reply, OPERATION).await?;
            let saved = self.save_answer(answer, properties, place, OPERATION).await;
            saved.map(drop)
        };
        self.send_once(once, build).await
    }

    /// Makes an answer of what the caller said, for the message in its present state.
    async fn answer<'r>(
        &self,
        to: &MessageId,
        reply: &'r NewReply,
        operation: &'static str,
    ) -> Result<Answer<'r>> {
        let raw = to.require(Backend::Ews, operation)?;
        let version = self.version(operation).await?;
        convert::can_attach(&reply.attachments, version, operation)?;
        // Response objects want the change key.
        let (id, _) = self.glance(&ItemId::new(raw), [], operation).await?;
        let kind = match reply.kind {
            ReplyKind::Reply => ResponseObjectKind::ReplyToItem,
            ReplyKind::ReplyAll => ResponseObjectKind::ReplyAllToItem,
            ReplyKind::Forward => ResponseObjectKind::ForwardItem,
        };
        let mut response = ResponseObject::new(kind, id);
        response.body = reply.body.as_ref().map(convert::body);
        response.from = self.author().map(|address| Mailbox::smtp(address).into());
        let people = [&reply.to[..], &reply.cc[..], &reply.bcc[..]];
        let mut more = people;
        if reply.kind == ReplyKind::Forward {
            let [to, cc, bcc] = people.map(|list| list.iter().map(convert::mailbox).collect());
            (
                response.to_recipients,
                response.cc_recipients,
                response.bcc_recipients,
            ) = (to, cc, bcc);
            more = [&[]; 3];
        }
        Ok(Answer {
            response,
            more,
            files: reply.attachments.iter().collect(),
        })
    }

    /// Saves an answer as a draft. What makes it found by its key comes last, so that what is found
    /// is whole.
    async fn save_answer(
        &self,
        answer: Answer<'_>,
        properties: Vec<ExtendedProperty>,
        place: FolderIdRef,
        operation: &'static str,
    ) -> Result<ItemId> {
        let items = vec![Item::Response(Box::new(answer.response))];
        let create = CreateItem::messages(items, MessageDisposition::SaveOnly).into_folder(place);
        let made = self.one(&create, operation).await?;
        let id = created_id(&made.0, operation)?;
        let id = self.attach(id, &answer.files, operation).await?;
        let [to, cc, bcc] = answer.more;
        let properties = properties.iter().map(convert::extended_uri).collect();
        let item = ItemId::new(id.id.as_str());
        let Some(change) = convert::message_addition(item, (to, cc, bcc), properties) else {
            return Ok(id);
        };
        self.complete_draft(&id, change, operation).await
    }
}

impl Answer<'_> {
    /// Whether one request says all of it.
    fn is_whole(&self) -> bool {
        self.files.is_empty() && self.more.iter().all(|people| people.is_empty())
    }
}
