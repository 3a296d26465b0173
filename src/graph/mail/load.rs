//! What to read of messages, and reading them by their ids.

use crate::calendar::Batch;
use crate::connector::Backend;
use crate::error::Result;
use crate::graph::call::Call;
use crate::graph::convert;
use crate::graph::mailbox::GraphMailbox;
use crate::graph::permission::Permission;
use crate::graph::wire;
use crate::model::{ItemKind, Message, MessageId, MessageLoad, Projection, PropertyName};

const SUMMARY: &str = "id,changeKey,parentFolderId,subject,from,sender,internetMessageId,conversationId,receivedDateTime,\
sentDateTime,createdDateTime,lastModifiedDateTime,isRead,isDraft,hasAttachments,importance,categories,flag";

const FULL: &str = "body,bodyPreview,toRecipients,ccRecipients,bccRecipients,replyTo,conversationIndex,\
internetMessageHeaders,isReadReceiptRequested,isDeliveryReceiptRequested,webLink";

/// What to say of each thing attached: all but the content.
pub(in crate::graph) const ATTACHMENT: &str = "id,name,contentType,size,isInline,lastModifiedDateTime,\
microsoft.graph.fileAttachment/contentId,microsoft.graph.fileAttachment/contentLocation";

/// What to read of a message, and how.
#[derive(Clone, Debug)]
pub(super) struct Load {
    pub(super) wanted: MessageLoad,
    leaves_html: bool,
}

impl Load {
    pub(super) fn is_full(&self) -> bool {
        self.wanted.projection == Projection::Full
    }

    /// The call, asking for just that.
    pub(super) fn ask(&self, call: Call) -> Call {
        let mut properties: Vec<PropertyName> = convert::ALWAYS_READ.to_vec();
        let mut select = SUMMARY.to_owned();
        let mut call = call;
        if self.is_full() {
            select.push(',');
            select.push_str(FULL);
            if self.wanted.unique_body {
                select.push_str(",uniqueBody");
            }
            for name in convert::READ_IN_FULL.iter().chain(&self.wanted.extended) {
                if !properties.iter().any(|one| one.is_same(name)) {
                    properties.push(name.clone());
                }
            }
            call = call.prefer(convert::body_preference(self.wanted.body));
            if self.leaves_html {
                call = call.prefer("outlook.allow-unsafe-html");
            }
        }
        let mut expand = convert::expand_properties(&properties);
        if self.is_full() {
            expand.push(format!("attachments($select={ATTACHMENT})"));
        }
        call.query("$select", select)
            .query("$expand", expand.join(","))
    }

    /// What came, as programs get it.
    pub(super) fn read(&self, wire: &wire::Message, operation: &'static str) -> Result<Message> {
        convert::message(wire, &self.wanted, operation)
    }
}

impl GraphMailbox {
    pub(super) fn load(&self, wanted: &MessageLoad) -> Load {
        Load {
            wanted: wanted.clone(),
            leaves_html: self.leaves_html,
        }
    }

    pub(super) async fn messages_by_id(
        &self,
        ids: &[MessageId],
        load: &MessageLoad,
        operation: &'static str,
    ) -> Result<Batch<Message>> {
        let load = self.load(load);
        let mut calls = Vec::with_capacity(ids.len());
        let mut refused = Vec::with_capacity(ids.len());
        for id in ids {
            let raw = id.require(Backend::Graph, operation);
            refused.push(raw.map(|raw| {
                let call = Call::get(operation, &["messages", raw], Permission::MailRead);
                calls.push(load.ask(call));
            }));
        }
        let answers = self.client.batch(&calls).await?;
        let mut read = calls.iter().zip(answers).map(|(call, answer)| {
            let wire: wire::Message = answer?.json(call)?;
            load.read(&wire, operation)
        });
        let mut messages: Batch<Message> = Vec::with_capacity(ids.len());
        for one in refused {
            messages.push(match one {
                Ok(()) => read
                    .next()
                    .unwrap_or_else(|| Err(super::lacks(operation, "answer"))),
                Err(error) => Err(error),
            });
        }
        self.add_meetings(&mut messages, operation).await?;
        Ok(messages)
    }

    /// Says of messages about meetings what they say. What is not there any more stays without it.
    pub(super) async fn add_meetings(
        &self,
        messages: &mut [Result<Message>],
        operation: &'static str,
    ) -> Result<()> {
        let is_meeting =
            |message: &Message| message.detail.is_some() && message.kind != ItemKind::Message;
        let about: Vec<(usize, Call)> = messages
            .iter()
            .enumerate()
            .filter_map(|(at, one)| {
                let message = one.as_ref().ok().filter(|one| is_meeting(one))?;
                let path = ["messages", message.id.as_raw()];
                let call = Call::get(operation, &path, Permission::MailRead)
                    .query("$expand", "microsoft.graph.eventMessage/event");
                Some((at, call))
            })
            .collect();
        let calls: Vec<Call> = about.iter().map(|(_, call)| call.clone()).collect();
        let answers = self.client.batch(&calls).await?;
        for ((at, call), answer) in about.into_iter().zip(answers) {
            let read = answer.and_then(|answer| answer.json::<wire::EventMessage>(&call));
            let meeting = match read {
                Ok(wire) => convert::meeting_message(&wire),
                Err(error) => {
                    tracing::warn!(%error, "what a message says of its meeting cannot be read");
                    None
                }
            };
            if let Some(Ok(message)) = messages.get_mut(at)
                && let Some(detail) = &mut message.detail
            {
                detail.meeting = meeting.map(Box::new);
            }
        }
        Ok(())
    }
}
