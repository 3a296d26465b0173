//! What to know of recipients before writing to them.

use std::collections::HashMap;

use serde_json::json;

use crate::calendar::Batch;
use crate::connector::Backend;
use crate::error::{Error, ErrorKind, Result};
use crate::graph::call::Call;
use crate::graph::mailbox::GraphMailbox;
use crate::graph::permission::Permission;
use crate::graph::{convert, wire};
use crate::model::{MailTips, check_smtp};

const OPERATION: &str = "mail_tips";

/// So many recipients are asked about at once; how many there may be is not documented.
const AT_ONCE: usize = 40;

/// What is asked for.
///
/// Source: <https://learn.microsoft.com/graph/api/user-getmailtips>
const OPTIONS: &str = "automaticReplies, mailboxFullStatus, customMailTip, externalMemberCount, totalMemberCount, maxMessageSize, deliveryRestriction, moderationStatus";

impl GraphMailbox {
    pub(super) async fn tips_about(&self, recipients: &[String]) -> Result<Batch<MailTips>> {
        for address in recipients {
            check_smtp(OPERATION, "recipient", address)?;
        }
        let mut tips = Vec::with_capacity(recipients.len());
        for piece in recipients.chunks(AT_ONCE) {
            let call = Call::post(OPERATION, &["getMailTips"], Permission::MailRead)
                .repeatable()
                .json(&json!({"EmailAddresses": piece, "MailTipsOptions": OPTIONS}))?;
            let page = self.client.page::<wire::MailTips>(&call).await?;
            let found = by_address(page.readable(OPERATION));
            tips.extend(piece.iter().map(|address| tips_of(address, &found)));
        }
        Ok(tips)
    }
}

/// They come in any order.
fn by_address(found: Vec<wire::MailTips>) -> HashMap<String, wire::MailTips> {
    let named = |tips: wire::MailTips| {
        let address = tips.email_address.as_ref()?.address.as_deref()?;
        Some((address.to_lowercase(), tips))
    };
    found.into_iter().filter_map(named).collect()
}

fn tips_of(address: &str, found: &HashMap<String, wire::MailTips>) -> Result<MailTips> {
    let refuse =
        |kind, message: String| Error::new(kind, OPERATION, message).with_backend(Backend::Graph);
    let wire = found.get(&address.to_lowercase()).ok_or_else(|| {
        refuse(
            ErrorKind::Protocol,
            "the answer lacks one of the recipients".to_owned(),
        )
    })?;
    match &wire.error {
        Some(error) if !convert::is_no_recipient(error) => {
            let message = error.message.clone().unwrap_or_default();
            let code = error.code.clone().unwrap_or_default();
            Err(refuse(ErrorKind::Unavailable, message).with_code(code))
        }
        _ => Ok(convert::mail_tips(address, wire)),
    }
}
