use super::{recipient, to_utc, utc};
use crate::graph::wire;
use crate::model::{
    ExternalAudience, MailTips, MailboxSettings, OutOfOffice, OutOfOfficeStatus, Recipient, Zone,
};

/// What a mailbox is set to.
pub(in crate::graph) fn mailbox_settings(wire: &wire::MailboxSettings) -> MailboxSettings {
    let text = |text: &Option<String>| text.clone().filter(|text| !text.trim().is_empty());
    let language = wire.language.as_ref();
    let mut settings = MailboxSettings {
        time_zone: text(&wire.time_zone).map(Zone::from_wire),
        working_hours: wire.working_hours.as_ref().and_then(super::working_hours),
        language: language.and_then(|language| text(&language.locale)),
        date_format: text(&wire.date_format),
        time_format: text(&wire.time_format),
        ..MailboxSettings::default()
    };
    if settings.time_zone.is_none() {
        let hours = settings.working_hours.as_ref();
        settings.time_zone = hours.map(|hours| hours.zone.clone());
    }
    settings
}

/// What a mailbox answers.
pub(in crate::graph) fn out_of_office(wire: &wire::AutomaticReplies) -> OutOfOffice {
    let is = |text: &Option<String>, name: &str| {
        let text = text.as_deref().unwrap_or_default();
        text.eq_ignore_ascii_case(name)
    };
    let status = match &wire.status {
        status if is(status, "alwaysEnabled") => OutOfOfficeStatus::AlwaysEnabled,
        status if is(status, "scheduled") => OutOfOfficeStatus::Scheduled,
        _ => OutOfOfficeStatus::Disabled,
    };
    let audience = match &wire.external_audience {
        audience if is(audience, "all") => ExternalAudience::All,
        audience if is(audience, "contactsOnly") => ExternalAudience::ContactsOnly,
        _ => ExternalAudience::None,
    };
    let start = wire.scheduled_start_date_time.as_ref().and_then(utc);
    let end = wire.scheduled_end_date_time.as_ref().and_then(utc);
    let mut read = OutOfOffice::disabled();
    read.status = status;
    read.external_audience = audience;
    read.schedule = start.zip(end);
    read.internal_reply = wire.internal_reply_message.clone().unwrap_or_default();
    read.external_reply = wire.external_reply_message.clone().unwrap_or_default();
    read
}

/// What a mailbox is to answer: all of it, so that no text of before stays.
pub(in crate::graph) fn automatic_replies(new: &OutOfOffice) -> wire::AutomaticReplies {
    let status = match new.status {
        OutOfOfficeStatus::Disabled => "disabled",
        OutOfOfficeStatus::AlwaysEnabled => "alwaysEnabled",
        OutOfOfficeStatus::Scheduled => "scheduled",
    };
    let audience = match new.external_audience {
        ExternalAudience::None => "none",
        ExternalAudience::ContactsOnly => "contactsOnly",
        ExternalAudience::All => "all",
    };
    wire::AutomaticReplies {
        status: Some(status.to_owned()),
        external_audience: Some(audience.to_owned()),
        scheduled_start_date_time: new.schedule.map(|(start, _)| to_utc(start)),
        scheduled_end_date_time: new.schedule.map(|(_, end)| to_utc(end)),
        internal_reply_message: Some(new.internal_reply.clone()),
        external_reply_message: Some(new.external_reply.clone()),
    }
}

/// What to know of a recipient who was asked about by that address.
pub(in crate::graph) fn mail_tips(address: &str, wire: &wire::MailTips) -> MailTips {
    let who = recipient(&wire::Recipient {
        email_address: wire.email_address.clone(),
    });
    let who = who.filter(|who| who.smtp_address().is_some());
    let count = |count: Option<i64>| count.and_then(|count| u32::try_from(count).ok());
    let reply = wire.automatic_replies.as_ref();
    let reply = reply.and_then(|reply| reply.message.as_deref());
    let mut tips = MailTips::new(who.unwrap_or_else(|| Recipient::smtp(address)));
    tips.automatic_reply = reply.and_then(MailTips::reply_of);
    tips.mailbox_full = wire.mailbox_full;
    tips.custom_tip = wire
        .custom_mail_tip
        .as_deref()
        .and_then(MailTips::custom_tip_of);
    tips.total_members = count(wire.total_member_count);
    tips.external_members = count(wire.external_member_count);
    tips.is_moderated = wire.is_moderated;
    tips.delivery_restricted = wire.delivery_restricted;
    let bytes = wire.max_message_size.filter(|bytes| *bytes > 0);
    tips.max_message_bytes = bytes.and_then(|bytes| u64::try_from(bytes).ok());
    tips.invalid_recipient = Some(wire.error.as_ref().is_some_and(is_no_recipient));
    tips
}

/// Whether there is nobody of that address.
pub(in crate::graph) fn is_no_recipient(error: &wire::MailTipsError) -> bool {
    let code = error
        .code
        .as_deref()
        .unwrap_or_default()
        .to_ascii_lowercase();
    code.contains("recipient")
}

#[cfg(test)]
mod tests {
    use chrono::{TimeDelta, Utc};

    use super::*;

    #[test]
    fn each_state_returns() {
        let now = chrono::DateTime::from_timestamp(Utc::now().timestamp(), 0).unwrap();
        for state in [
            OutOfOffice::disabled(),
            OutOfOffice::enabled().internal_reply("<p>Gone</p>"),
            OutOfOffice::scheduled(now, now + TimeDelta::days(1))
                .external_reply(ExternalAudience::ContactsOnly, "Away"),
            OutOfOffice::enabled().external_reply(ExternalAudience::All, ""),
        ] {
            assert_eq!(out_of_office(&automatic_replies(&state)), state);
        }
    }

    #[test]
    fn what_is_not_known_is_nothing() {
        let wire =
            r#"{"status": "perhaps", "externalAudience": "friends", "scheduledStartDateTime": {}}"#;
        let wire: wire::AutomaticReplies = serde_json::from_str(wire).unwrap();
        assert_eq!(out_of_office(&wire), OutOfOffice::disabled());
        let wire = r#"{"timeZone": "", "language": {"locale": ""}, "dateFormat": " ", "new": 1}"#;
        let wire: wire::MailboxSettings = serde_json::from_str(wire).unwrap();
        assert_eq!(mailbox_settings(&wire), MailboxSettings::default());
    }
}
