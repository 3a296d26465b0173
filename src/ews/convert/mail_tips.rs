use super::recipient;
use crate::ews::types;
use crate::model::{MailTips, Recipient};

/// What to know of a recipient who was asked about by that address. What the server did not find
/// out in time it leaves out, and so does the model, which says so.
pub(crate) fn mail_tips(address: &str, wire: &types::MailTips) -> MailTips {
    let who = wire.recipient_address.as_ref().and_then(recipient);
    let who = who.filter(|who| who.smtp_address().is_some());
    let mut tips = MailTips::new(who.unwrap_or_else(|| Recipient::smtp(address)));
    let reply = wire.out_of_office.as_ref();
    let reply = reply.and_then(|away| away.reply_body.as_ref()?.message.clone());
    tips.automatic_reply = reply.as_deref().and_then(MailTips::reply_of);
    tips.mailbox_full = wire.mailbox_full;
    tips.custom_tip = wire
        .custom_mail_tip
        .as_deref()
        .and_then(MailTips::custom_tip_of);
    let count = |count: Option<i32>| count.and_then(|count| u32::try_from(count).ok());
    tips.total_members = count(wire.total_member_count);
    tips.external_members = count(wire.external_member_count);
    tips.is_moderated = wire.is_moderated;
    tips.delivery_restricted = wire.delivery_restricted;
    let bytes = wire.max_message_size.filter(|bytes| *bytes > 0);
    tips.max_message_bytes = bytes.and_then(|bytes| u64::try_from(bytes).ok());
    tips.invalid_recipient = wire.invalid_recipient;
    let pending = wire.pending_mail_tips.as_ref();
    tips.is_pending = pending.is_some_and(|pending| !pending.0.is_empty());
    tips
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ews::types::{Mailbox, OutOfOfficeMailTip, ReplyBody};
    use crate::model::Body;

    #[test]
    fn what_is_told() {
        let away = |text: &str| OutOfOfficeMailTip {
            reply_body: Some(ReplyBody::new(text)),
            duration: None,
        };
        let wire = types::MailTips {
            recipient_address: Some(Mailbox {
                name: Some("Bob".to_owned()),
                email_address: Some("/o=Contoso/cn=bob".to_owned()),
                routing_type: Some("EX".to_owned()),
                ..Mailbox::default()
            }),
            out_of_office: Some(away("Back on Monday.")),
            custom_mail_tip: Some(
                "<html>\n<body>\nThink <b>twice</b>.\n</body>\n</html>\n".to_owned(),
            ),
            total_member_count: Some(-1),
            external_member_count: Some(2),
            max_message_size: Some(-1),
            ..types::MailTips::default()
        };
        let tips = mail_tips("bob@contoso.example", &wire);
        // The address that was asked about, not one that only the server knows.
        assert_eq!(tips.recipient, Recipient::smtp("bob@contoso.example"));
        assert_eq!(tips.automatic_reply, Some(Body::text("Back on Monday.")));
        assert_eq!(tips.custom_tip.as_deref(), Some("Think <b>twice</b>."));
        assert_eq!((tips.total_members, tips.external_members), (None, Some(2)));
        assert_eq!((tips.max_message_bytes, tips.mailbox_full), (None, None));

        let html = types::MailTips {
            out_of_office: Some(away("<p>Away</p>")),
            ..types::MailTips::default()
        };
        let tips = mail_tips("bob@contoso.example", &html);
        assert_eq!(tips.automatic_reply, Some(Body::html("<p>Away</p>")));
        let there = types::MailTips {
            out_of_office: Some(away(" ")),
            ..types::MailTips::default()
        };
        assert_eq!(
            mail_tips("bob@contoso.example", &there).automatic_reply,
            None
        );
    }
}
