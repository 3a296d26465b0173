use serde::Serialize;

use super::message::messages_inside;
use super::{Needs, Operation, ResponseMessage, pick};
use crate::ews::ServerVersion;
use crate::ews::types::{Gate, MailTipType, MailTipTypes, MailTips, Mailbox};
use crate::xml::{Element, Problem, ReadElement, Tag, WriteElement};

/// Asks what to know of recipients before a message is sent to them.
///
/// Exchange 2010 and later. How many recipients a request may have says
/// [`GetServiceConfiguration`](super::GetServiceConfiguration).
///
/// Reference: <https://learn.microsoft.com/exchange/client-developer/web-service-reference/getmailtips-operation>
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct GetMailTips {
    /// In whose name the message is to be sent.
    pub sending_as: Mailbox,
    /// To whom; one at least.
    pub recipients: Vec<Mailbox>,
    /// What to find out; one at least.
    pub mail_tips_requested: Vec<MailTipType>,
}

impl GetMailTips {
    /// All that is known of these recipients.
    pub fn new(sending_as: Mailbox, recipients: Vec<Mailbox>) -> Self {
        Self {
            sending_as,
            recipients,
            mail_tips_requested: vec![MailTipType::All],
        }
    }
}

impl Operation for GetMailTips {
    type Response = Vec<ResponseMessage<RecipientMailTips>>;

    const NAME: &'static str = "GetMailTips";
    const SINCE: ServerVersion = ServerVersion::Exchange2010;
    const REPEATABLE: bool = true;

    fn requested(&self) -> Option<usize> {
        Some(self.recipients.len())
    }

    fn narrowed(&self, parts: &[usize]) -> Option<Self> {
        let recipients = pick(&self.recipients, parts);
        Some(Self { recipients, ..self.clone() })
    }

    fn needs(&self, needs: &mut Needs) {
        self.sending_as.gate(needs);
        self.recipients.gate(needs);
        if self.recipients.is_empty() {
            needs.refuse("no recipient is given");
        }
        if self.mail_tips_requested.is_empty() {
            needs.refuse("nothing is asked about the recipients");
        }
        for tip in &self.mail_tips_requested {
            match tip {
                MailTipType::Scope => needs.at_least("Scope", ServerVersion::Exchange2013),
                MailTipType::RecipientSuggestions | MailTipType::PreferAccessibleContent => {
                    needs.at_least(tip.as_str(), ServerVersion::Exchange2016);
                }
                MailTipType::Other(name) => needs.refuse(&format!("{name} is no mail tip")),
                _ => {}
            }
        }
    }

    fn write(&self, request: Tag<'_>) {
        request.children(|body| {
            body.value("m:SendingAs", &self.sending_as);
            self.recipients.write_element(body.tag("m:Recipients"));
            let requested = MailTipTypes(self.mail_tips_requested.clone());
            body.value("m:MailTipsRequested", &requested);
        });
    }

    fn read(response: &mut Element<'_, '_>) -> Result<Self::Response, Problem> {
        messages_inside(response, "MailTipsResponseMessageType", RecipientMailTips::read)
    }
}

/// What was found out about one recipient.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct RecipientMailTips {
    /// What to know.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mail_tips: Option<MailTips>,
}

impl RecipientMailTips {
    fn read(&mut self, child: &mut Element<'_, '_>) -> Result<(), Problem> {
        match child.name() {
            "MailTips" => MailTips::read_into(&mut self.mail_tips, child),
            _ => child.skip(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ews::ResponseCode;
    use crate::ews::testing::{assert_request, assert_since, messages, refusal};

    fn operation() -> GetMailTips {
        let recipients = ["cy@contoso.example", "everybody@contoso.example"];
        GetMailTips::new(
            Mailbox::smtp("bo@contoso.example"),
            recipients.map(Mailbox::smtp).into(),
        )
    }

    #[test]
    fn request() {
        let version = ServerVersion::Exchange2010;
        assert_request("get_mail_tips/request", version, &operation());
        assert_since(version, "GetMailTips", &operation());
    }

    #[test]
    fn request_for_some() {
        let mut operation = operation();
        operation.mail_tips_requested = vec![
            MailTipType::OutOfOfficeMessage,
            MailTipType::MailboxFullStatus,
            MailTipType::Scope,
        ];
        let version = ServerVersion::Exchange2013;
        assert_request("get_mail_tips/request_some", version, &operation);
        assert_since(version, "Scope", &operation);
        operation.mail_tips_requested = vec![MailTipType::RecipientSuggestions];
        assert_since(ServerVersion::Exchange2016, "RecipientSuggestions", &operation);
    }

    #[test]
    fn what_cannot_be_sent() {
        let with = |change: fn(&mut GetMailTips)| {
            let mut operation = operation();
            change(&mut operation);
            refusal(ServerVersion::Exchange2016, &operation)
        };
        assert_eq!(with(|o| o.recipients.clear()), "no recipient is given");
        let nothing = with(|o| o.mail_tips_requested.clear());
        assert_eq!(nothing, "nothing is asked about the recipients");
        let odd = with(|o| o.mail_tips_requested.push(MailTipType::named("Mood")));
        assert_eq!(odd, "Mood is no mail tip");
    }

    #[test]
    fn answer() {
        let answer = messages::<GetMailTips>("get_mail_tips/response");
        let [person, group, refused] = <[_; 3]>::try_from(answer).unwrap();
        let person = person.ok().unwrap().mail_tips.unwrap();
        let address = person.recipient_address.unwrap();
        assert_eq!(address.email_address.as_deref(), Some("cy@contoso.example"));
        let away = person.out_of_office.unwrap();
        assert_eq!(away.reply_body.unwrap().message.as_deref(), Some("Back on Monday."));
        assert!(away.duration.unwrap().end_time.is_some());
        assert_eq!(person.pending_mail_tips.unwrap().0, [MailTipType::MailboxFullStatus]);
        assert_eq!(person.max_message_size, Some(10_485_760));
        let group = group.ok().unwrap().mail_tips.unwrap();
        assert_eq!((group.total_member_count, group.external_member_count), (Some(120), Some(3)));
        assert_eq!((group.delivery_restricted, group.is_moderated), (Some(true), Some(false)));
        let tip = group.custom_mail_tip.unwrap();
        assert_eq!(tip, "<html><body>Think twice.</body></html>");
        assert_eq!(refused.code, Some(ResponseCode::ErrorInvalidRecipients));
    }

    #[test]
    fn answer_refused_as_a_whole() {
        let answer = messages::<GetMailTips>("get_mail_tips/response_error");
        let [refused] = <[_; 1]>::try_from(answer).unwrap();
        assert_eq!(refused.code, Some(ResponseCode::ErrorMailTipsDisabled));
    }
}
