//! [`MailSend`] on Graph.

use async_trait::async_trait;

use crate::error::Result;
use crate::graph::mailbox::GraphMailbox;
use crate::mail::MailSend;
use crate::mail::once::{is_unsent, until_finished};
use crate::model::{MessageId, NewMessage, NewReply, SendOptions, SendReceipt};
use crate::stream::Upload;

#[async_trait]
impl MailSend for GraphMailbox {
    async fn send(&self, message: NewMessage, options: SendOptions) -> Result<SendReceipt> {
        if options.idempotency_key.is_none() {
            return self.send_message(&message, &options).await;
        }
        let call = || self.send_message(&message, &options);
        until_finished(self.client.lookups("send"), is_unsent, call).await
    }

    async fn send_mime(&self, mime: Upload, options: SendOptions) -> Result<SendReceipt> {
        self.submit_mime(mime, options).await
    }

    async fn send_draft(&self, id: &MessageId, options: SendOptions) -> Result<SendReceipt> {
        if options.idempotency_key.is_none() {
            return self.send_stored(id, &options).await;
        }
        let call = || self.send_stored(id, &options);
        until_finished(self.client.lookups("send_draft"), is_unsent, call).await
    }

    async fn send_reply(
        &self,
        to: &MessageId,
        reply: NewReply,
        options: SendOptions,
    ) -> Result<SendReceipt> {
        if options.idempotency_key.is_none() {
            return self.send_answer(to, &reply, &options).await;
        }
        let call = || self.send_answer(to, &reply, &options);
        until_finished(self.client.lookups("send_reply"), is_unsent, call).await
    }
}
