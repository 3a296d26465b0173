//! [`MailSend`] on EWS.

use async_trait::async_trait;

use crate::error::{Error, Result};
use crate::ews::mailbox::EwsMailbox;
use crate::mail::MailSend;
use crate::model::{MessageId, NewMessage, NewReply, SendOptions, SendReceipt};
use crate::stream::Upload;

#[async_trait]
impl MailSend for EwsMailbox {
    async fn send(&self, _message: NewMessage, _options: SendOptions) -> Result<SendReceipt> {
        Err(unbuilt("send"))
    }

    async fn send_mime(&self, _mime: Upload, _options: SendOptions) -> Result<SendReceipt> {
        Err(unbuilt("send_mime"))
    }

    async fn send_draft(&self, _id: &MessageId, _options: SendOptions) -> Result<SendReceipt> {
        Err(unbuilt("send_draft"))
    }

    async fn send_reply(
        &self,
        _to: &MessageId,
        _reply: NewReply,
        _options: SendOptions,
    ) -> Result<SendReceipt> {
        Err(unbuilt("send_reply"))
    }
}

fn unbuilt(operation: &'static str) -> Error {
    Error::unsupported(operation, "this is not built yet")
}
