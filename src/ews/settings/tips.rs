//! What to know of recipients before writing to them.

use crate::calendar::Batch;
use crate::connector::Backend;
use crate::error::{Error, Result};
use crate::ews::home::known;
use crate::ews::mailbox::{EwsMailbox, lacks, of};
use crate::ews::operation::{GetMailTips, GetServiceConfiguration, Operation};
use crate::ews::types::Mailbox;
use crate::ews::{ServerVersion, convert};
use crate::model::{MailTips, check_smtp};

const OPERATION: &str = "mail_tips";

/// So many recipients any server lets a request ask about; for more it is asked how many.
const SURE: usize = 10;

/// What is tried where a server does not say.
const USUAL: usize = 50;

impl EwsMailbox {
    /// Asks in as few requests as the server's own limit allows.
    pub(super) async fn tips_about(&self, recipients: &[String]) -> Result<Batch<MailTips>> {
        for address in recipients {
            check_smtp(OPERATION, "recipient", address)?;
        }
        let version = self.version(OPERATION).await?;
        if version < ServerVersion::Exchange2010 {
            let why = format!("{} came with Exchange 2010", GetMailTips::NAME);
            return Err(Error::unsupported(OPERATION, why).with_backend(Backend::Ews));
        }
        let mut tips = Vec::with_capacity(recipients.len());
        if recipients.is_empty() {
            return Ok(tips);
        }
        let sender = Mailbox::smtp(self.own_address(OPERATION).await?);
        let most = self.most_tips(recipients.len()).await?;
        for piece in recipients.chunks(most) {
            let mailboxes = piece.iter().map(Mailbox::smtp).collect();
            let get = GetMailTips::new(sender.clone(), mailboxes);
            let answers = self.send(&get, OPERATION).await?;
            for (address, answer) in piece.iter().zip(answers) {
                tips.push(of(answer, OPERATION).and_then(|found| {
                    let wire = found
                        .mail_tips
                        .ok_or_else(|| lacks(OPERATION, "MailTips"))?;
                    Ok(convert::mail_tips(address, &wire))
                }));
            }
        }
        Ok(tips)
    }

    /// How many recipients one request may ask about.
    async fn most_tips(&self, wanted: usize) -> Result<usize> {
        if wanted <= SURE {
            return Ok(SURE);
        }
        let found = known(self.one(&GetServiceConfiguration::new(), OPERATION).await)?;
        let tips = found.and_then(|found| found.mail_tips_configuration);
        let most = tips.and_then(|tips| tips.max_recipients_per_get_mail_tips_request);
        let most = most.and_then(|most| usize::try_from(most).ok());
        Ok(most.filter(|most| *most > 0).unwrap_or(USUAL))
    }
}
