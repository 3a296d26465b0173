//! [`MailSend`] on EWS.

use async_trait::async_trait;

use crate::error::Result;
use crate::ews::mailbox::EwsMailbox;
use crate::mail::MailSend;
use crate::mail::once::is_unsent;
use crate::model::{MessageId, NewMessage, NewReply, SendOptions, SendReceipt};
use crate::stream::Upload;

#[async_trait]
impl MailSend for EwsMailbox {
    async fn send(&self, message: NewMessage, options: SendOptions) -> Result<SendReceipt> {
        if options.idempotency_key.is_none() {
            return self.send_message(&message, &options).await;
        }
        let call = || self.send_message(&message, &options);
        self.until_finished("send", is_unsent, call).await
    }

    async fn send_mime(&self, mime: Upload, options: SendOptions) -> Result<SendReceipt> {
        self.submit_mime(mime, options).await
    }

    async fn send_draft(&self, id: &MessageId, options: SendOptions) -> Result<SendReceipt> {
        if options.idempotency_key.is_none() {
            return self.send_stored(id, options).await;
        }
        let call = || self.send_stored(id, options.clone());
        self.until_finished("send_draft", is_unsent, call).await
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
        self.until_finished("send_reply", is_unsent, call).await
    }
}
