//! Answers, and messages passed on: what they quote, and to whom answers go, is made by the server.

use serde_json::{Map, Value, json};

use super::draft::{WRITE, draft_folder};
use super::lacks;
use super::once::Once;
use super::quote::above;
use super::submit::{DRAFTS, check_copy, copy_stays};
use crate::connector::Backend;
use crate::error::Result;
use crate::graph::call::Call;
use crate::graph::convert;
use crate::graph::mailbox::GraphMailbox;
use crate::graph::permission::Permission;
use crate::graph::wire;
use crate::mail::keys;
use crate::mail::once::{nobody, not_sent, receipt, send_once};
use crate::model::{
    BodyFormat, BodyWanted, DraftOptions, ExtendedProperty, Message, MessageId, NewReply,
    ReplyKind, SaveSent, SendOptions, SendReceipt,
};

impl GraphMailbox {
    pub(super) async fn make_reply_draft(
        &self,
        to: &MessageId,
        reply: &NewReply,
        options: &DraftOptions,
    ) -> Result<Message> {
        const OPERATION: &str = "create_reply_draft";
        options.validate(OPERATION)?;
        reply.validate(OPERATION)?;
        let place = draft_folder(options, OPERATION)?;
        let key = options.idempotency_key.as_deref().map(keys::draft_key);
        let extras = Answer {
            properties: key.as_slice(),
            message_id: None,
            place: &place,
        };
        let build = self.save_answer(to, reply, extras, OPERATION);
        let id = match &key {
            None => build.await?,
            Some(key) => self.draft_once(key, &place, build, OPERATION).await?,
        };
        self.message_back(&id, OPERATION).await
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
        check_copy(&options.save, OPERATION)?;
        let raw = to.require(Backend::Graph, OPERATION)?;
        if options.save == SaveSent::Nowhere {
            return Err(copy_stays(OPERATION));
        }
        let is_for_nobody = reply.to.is_empty() && reply.cc.is_empty() && reply.bcc.is_empty();
        if reply.kind == ReplyKind::Forward && is_for_nobody {
            return Err(nobody(OPERATION));
        }
        let is_direct = options.idempotency_key.is_none() && !options.track;
        if is_direct && let Some(said) = said_at_once(reply) {
            let action = match reply.kind {
                ReplyKind::Reply => "reply",
                ReplyKind::ReplyAll => "replyAll",
                ReplyKind::Forward => "forward",
            };
            let call = Call::post(OPERATION, &["messages", raw, action], Permission::MailSend);
            self.client.done(&call.json(&said)?).await?;
            return Ok(SendReceipt::new());
        }
        let message_id = options.track.then(|| self.new_message_id());
        let key = options.idempotency_key.as_deref();
        let properties: Vec<ExtendedProperty> = key.map(keys::send_key).into_iter().collect();
        let extras = Answer {
            properties: &properties,
            message_id: message_id.as_deref(),
            place: DRAFTS,
        };
        let build = self.save_answer(to, reply, extras, OPERATION);
        let Some(key) = key else {
            let id = build.await.map_err(not_sent)?;
            self.send_made(&id, OPERATION).await?;
            return Ok(receipt(message_id));
        };
        let once = Once {
            mailbox: self,
            key,
            operation: OPERATION,
        };
        let build = async { build.await.map(drop) };
        send_once(&once, options.track, build).await
    }

    /// Saves an answer as a draft. What makes it found by its key comes last, so that what is found is whole.
    async fn save_answer(
        &self,
        to: &MessageId,
        reply: &NewReply,
        extras: Answer<'_>,
        operation: &'static str,
    ) -> Result<MessageId> {
        let raw = to.require(Backend::Graph, operation)?;
        let action = match reply.kind {
            ReplyKind::Reply => "createReply",
            ReplyKind::ReplyAll => "createReplyAll",
            ReplyKind::Forward => "createForward",
        };
        let create = Call::post(operation, &["messages", raw, action], WRITE).json(&json!({}))?;
        let create = create.prefer(convert::body_preference(BodyWanted::Html));
        let made: wire::Message = self.client.json(&create).await?;
        let id = convert::raw_message_id(&made).ok_or_else(|| {
            lacks(operation, "id of what was made").with_effect(crate::Effect::Partial)
        })?;
        self.attach(&id, &reply.attachments, operation).await?;
        if extras.place != DRAFTS {
            let moved = self.bring_to_folder(&id, extras.place, operation).await;
            if let Err(error) = moved {
                let what = "The draft could not be moved to its folder";
                return Err(self.retract(&id, error, what, operation).await);
            }
        }
        let change = addition(&made, reply, &extras);
        if !change.is_empty() {
            self.complete_draft(&id, &change, operation).await?;
        }
        Ok(id)
    }

    async fn bring_to_folder(
        &self,
        id: &MessageId,
        folder: &str,
        operation: &'static str,
    ) -> Result<()> {
        let path = ["messages", id.as_raw(), "move"];
        let call = Call::post(operation, &path, WRITE).json(&json!({ "destinationId": folder }))?;
        self.client.done(&call).await
    }
}

/// What an answer has besides what its writer said.
struct Answer<'a> {
    properties: &'a [ExtendedProperty],
    message_id: Option<&'a str>,
    place: &'a str,
}

/// What is added to the draft that the server made.
fn addition(made: &wire::Message, reply: &NewReply, extras: &Answer<'_>) -> Map<String, Value> {
    let mut change = Map::new();
    if let Some(own) = &reply.body {
        let quoted = made.body.as_ref().and_then(convert::body);
        let body = above(own, quoted.as_ref());
        change.insert("body".to_owned(), json!(convert::item_body(&body)));
    }
    for (name, there, more) in [
        ("toRecipients", &made.to_recipients, &reply.to),
        ("ccRecipients", &made.cc_recipients, &reply.cc),
        ("bccRecipients", &made.bcc_recipients, &reply.bcc),
    ] {
        if more.is_empty() {
            continue;
        }
        let mut all: Vec<wire::Recipient> = there.clone().unwrap_or_default();
        all.extend(more.iter().map(convert::to_recipient));
        change.insert(name.to_owned(), json!(all));
    }
    if let Some(id) = extras.message_id {
        change.insert("internetMessageId".to_owned(), json!(id));
    }
    convert::put_properties(&mut change, extras.properties);
    change
}

/// The answer in one request, if that says all of it: plain words as a comment, to whom the server chooses, or to those
/// a message is passed on to.
fn said_at_once(reply: &NewReply) -> Option<Map<String, Value>> {
    let is_plain = |format| format == BodyFormat::Text;
    let words = reply.body.as_ref();
    if !words.is_none_or(|body| is_plain(body.format)) || !reply.attachments.is_empty() {
        return None;
    }
    let mut said = Map::new();
    let comment = words.map_or("", |body| body.content.as_str());
    said.insert("comment".to_owned(), json!(comment));
    let people = [
        ("toRecipients", &reply.to),
        ("ccRecipients", &reply.cc),
        ("bccRecipients", &reply.bcc),
    ];
    if reply.kind != ReplyKind::Forward {
        return people
            .iter()
            .all(|(_, list)| list.is_empty())
            .then_some(said);
    }
    // Passing on wants somebody in `To`; to others only it goes by a draft.
    if reply.to.is_empty() {
        return None;
    }
    let mut message = Map::new();
    for (name, list) in people {
        if !list.is_empty() {
            message.insert(name.to_owned(), convert::people(list));
        }
    }
    said.insert("message".to_owned(), Value::Object(message));
    Some(said)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Recipient;
    use crate::model::{Body, NewAttachment};

    #[test]
    fn what_one_request_says() {
        let plain = NewReply::reply(Body::text("Yes."));
        let said = Value::Object(said_at_once(&plain).unwrap());
        assert_eq!(said, json!({ "comment": "Yes." }));
        let ada = || Recipient::smtp("ada@example.com");
        let forward = NewReply::forward([ada()], Body::text("See.")).cc(ada());
        let said = Value::Object(said_at_once(&forward).unwrap());
        assert_eq!(
            said["message"]["ccRecipients"][0]["emailAddress"]["address"],
            "ada@example.com"
        );
        for more in [
            NewReply::reply(Body::html("<p>Yes.</p>")),
            NewReply::reply_all(Body::text("Yes.")).cc(ada()),
            NewReply::reply(Body::text("")).attachment(NewAttachment::new("a", "b")),
        ] {
            assert_eq!(said_at_once(&more), None, "{more:?}");
        }
    }

    #[test]
    fn what_is_added_to_a_draft() {
        let made = json!({
            "id": "a", "toRecipients": [{ "emailAddress": { "address": "bo@example.com" } }],
            "body": { "contentType": "html", "content": "<html><body><p>old</p></body></html>" },
        });
        let made = serde_json::from_value(made).unwrap();
        let reply = NewReply::reply(Body::html("<p>new</p>")).to(Recipient::smtp("cy@example.com"));
        let key = [keys::send_key("k")];
        let extras = Answer {
            properties: &key,
            message_id: Some("<m@b>"),
            place: DRAFTS,
        };
        let change = addition(&made, &reply, &extras);
        assert_eq!(change["toRecipients"].as_array().unwrap().len(), 2);
        assert_eq!(change.get("ccRecipients"), None);
        let body = change["body"]["content"].as_str().unwrap();
        assert!(body.find("new") < body.find("old"), "{body}");
        assert_eq!(change["singleValueExtendedProperties"][0]["value"], "k");
    }
}
