use crate::ews::types::{self, OofState, ReplyBody, TimeWindow, UserOofSettings};
use crate::model::{ExternalAudience, OutOfOffice, OutOfOfficeStatus};

/// What a mailbox answers.
pub(crate) fn out_of_office(wire: &UserOofSettings) -> OutOfOffice {
    let text = |reply: &Option<ReplyBody>| {
        let text = reply.as_ref().and_then(|reply| reply.message.clone());
        text.unwrap_or_default()
    };
    let mut read = OutOfOffice::disabled();
    read.status = match wire.oof_state {
        Some(OofState::Enabled) => OutOfOfficeStatus::AlwaysEnabled,
        Some(OofState::Scheduled) => OutOfOfficeStatus::Scheduled,
        Some(OofState::Disabled | OofState::Other(_)) | None => OutOfOfficeStatus::Disabled,
    };
    read.external_audience = match wire.external_audience {
        Some(types::ExternalAudience::Known) => ExternalAudience::ContactsOnly,
        Some(types::ExternalAudience::All) => ExternalAudience::All,
        Some(types::ExternalAudience::None | types::ExternalAudience::Other(_)) | None => {
            ExternalAudience::None
        }
    };
    let during = wire.duration.as_ref();
    read.schedule = during.and_then(|during| during.start_time.zip(during.end_time));
    read.internal_reply = text(&wire.internal_reply);
    read.external_reply = text(&wire.external_reply);
    read
}

/// What a mailbox is to answer: all of it, so that no text of before stays.
pub(crate) fn oof_settings(new: &OutOfOffice) -> UserOofSettings {
    let during = new.schedule;
    UserOofSettings {
        oof_state: Some(match new.status {
            OutOfOfficeStatus::Disabled => OofState::Disabled,
            OutOfOfficeStatus::AlwaysEnabled => OofState::Enabled,
            OutOfOfficeStatus::Scheduled => OofState::Scheduled,
        }),
        external_audience: Some(match new.external_audience {
            ExternalAudience::None => types::ExternalAudience::None,
            ExternalAudience::ContactsOnly => types::ExternalAudience::Known,
            ExternalAudience::All => types::ExternalAudience::All,
        }),
        duration: during.map(|(start, end)| TimeWindow::new(start, end)),
        internal_reply: Some(ReplyBody::new(new.internal_reply.as_str())),
        external_reply: Some(ReplyBody::new(new.external_reply.as_str())),
        ..UserOofSettings::default()
    }
}

#[cfg(test)]
mod tests {
    use chrono::{TimeDelta, Utc};

    use super::*;

    #[test]
    fn each_state_returns() {
        let now = Utc::now();
        for state in [
            OutOfOffice::disabled(),
            OutOfOffice::enabled().internal_reply("<p>Gone</p>"),
            OutOfOffice::scheduled(now, now + TimeDelta::days(1))
                .external_reply(ExternalAudience::ContactsOnly, "Away"),
            OutOfOffice::enabled().external_reply(ExternalAudience::All, ""),
        ] {
            assert_eq!(out_of_office(&oof_settings(&state)), state);
        }
    }

    #[test]
    fn what_is_not_known_answers_nobody() {
        let wire = UserOofSettings {
            oof_state: Some(OofState::named("Perhaps")),
            external_audience: Some(types::ExternalAudience::named("Friends")),
            duration: Some(TimeWindow::default()),
            ..UserOofSettings::default()
        };
        assert_eq!(out_of_office(&wire), OutOfOffice::disabled());
    }
}
