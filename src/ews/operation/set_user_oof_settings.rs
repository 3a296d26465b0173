use super::get_user_oof_settings::{check_address, write_address};
use super::{Needs, Operation, ResponseMessage};
use crate::ews::types::{Gate, OofState, UserOofSettings};
use crate::xml::{Element, Problem, Tag};

/// Sets what a mailbox answers while its owner is away: all of it at once.
///
/// Exchange 2007 and later. Who was answered already is forgotten only when answering is switched
/// off and on again. It is not repeated in doubt: what somebody set in
/// between would be lost.
///
/// Reference: <https://learn.microsoft.com/exchange/client-developer/web-service-reference/setuseroofsettings-operation>
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct SetUserOofSettings {
    /// The SMTP address of the mailbox.
    pub address: String,
    /// What it does from now on; state and external audience are needed.
    pub settings: UserOofSettings,
}

impl SetUserOofSettings {
    /// The mailbox with that SMTP address does this from now on.
    pub fn new(address: impl Into<String>, settings: UserOofSettings) -> Self {
        Self {
            address: address.into(),
            settings,
        }
    }
}

impl Operation for SetUserOofSettings {
    type Response = Vec<ResponseMessage<()>>;

    const NAME: &'static str = "SetUserOofSettings";
    const REQUEST: &'static str = "SetUserOofSettingsRequest";
    const REPEATABLE: bool = false;

    fn requested(&self) -> Option<usize> {
        Some(1)
    }

    fn needs(&self, needs: &mut Needs) {
        check_address(&self.address, needs);
        let settings = &self.settings;
        settings.gate(needs);
        if settings.oof_state.is_none() {
            needs.refuse("OofState is missing");
        }
        if settings.external_audience.is_none() {
            needs.refuse("ExternalAudience is missing");
        }
        let times = settings.duration.as_ref();
        let times = times.map(|window| (window.start_time, window.end_time));
        match times {
            Some((Some(start), Some(end))) if end <= start => {
                needs.refuse("the time away must end after it begins");
            }
            Some((Some(_), Some(_))) => {}
            Some(_) => needs.refuse("the time away needs a beginning and an end"),
            None if settings.oof_state == Some(OofState::Scheduled) => {
                needs.refuse("Scheduled needs the time away");
            }
            None => {}
        }
    }

    fn write(&self, request: Tag<'_>) {
        request.children(|body| {
            write_address(&self.address, body);
            body.value("t:UserOofSettings", &self.settings);
        });
    }

    fn read(response: &mut Element<'_, '_>) -> Result<Self::Response, Problem> {
        let mut message = None;
        response.for_each(|child| {
            match child.name() {
                "ResponseMessage" => {
                    message = Some(ResponseMessage::read(child, |(), part| part.skip())?);
                }
                _ => child.skip()?,
            }
            Ok(())
        })?;
        Ok(vec![message.ok_or(Problem::Missing("ResponseMessage"))?])
    }
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, TimeZone, Utc};

    use super::*;
    use crate::ews::testing::{assert_request, assert_since, messages, refusal};
    use crate::ews::types::{ExternalAudience, ReplyBody, TimeWindow};
    use crate::ews::{ResponseCode, ServerVersion};

    fn time(day: u32) -> DateTime<Utc> {
        Utc.with_ymd_and_hms(2026, 12, day, 7, 0, 0).unwrap()
    }

    fn operation() -> SetUserOofSettings {
        let settings = UserOofSettings {
            oof_state: Some(OofState::Scheduled),
            external_audience: Some(ExternalAudience::All),
            duration: Some(TimeWindow::new(time(23), time(28))),
            internal_reply: Some(ReplyBody::new("<p>Ask Cy & Di.</p>")),
            external_reply: Some(ReplyBody {
                lang: Some("de-DE".to_owned()),
                message: Some("Ich bin im Urlaub.".to_owned()),
            }),
            ..UserOofSettings::default()
        };
        SetUserOofSettings::new("bo@contoso.example", settings)
    }

    #[test]
    fn request() {
        let version = ServerVersion::Exchange2007Sp1;
        assert_request("set_user_oof_settings/request", version, &operation());
    }

    #[test]
    fn request_with_meetings() {
        let mut operation = operation();
        let settings = &mut operation.settings;
        settings.decline_meeting_reply = Some(ReplyBody::new("Away."));
        settings.decline_events_for_scheduled_oof = Some(true);
        settings.decline_all_events_for_scheduled_oof = Some(false);
        settings.create_oof_event = Some(true);
        settings.oof_event_subject = Some("Holiday".to_owned());
        settings.auto_decline_future_requests_when_oof = Some(true);
        let version = ServerVersion::Exchange2016;
        assert_request("set_user_oof_settings/request_2016", version, &operation);
        assert_since(version, "DeclineMeetingReply", &operation);
    }

    #[test]
    fn what_cannot_be_sent() {
        let with = |change: fn(&mut UserOofSettings)| {
            let mut operation = operation();
            change(&mut operation.settings);
            refusal(ServerVersion::Exchange2016, &operation)
        };
        assert_eq!(with(|s| s.oof_state = None), "OofState is missing");
        assert_eq!(with(|s| s.external_audience = None), "ExternalAudience is missing");
        assert_eq!(with(|s| s.duration = None), "Scheduled needs the time away");
        let swapped = with(|s| s.duration = Some(TimeWindow::new(time(28), time(23))));
        assert_eq!(swapped, "the time away must end after it begins");
        let half = with(|s| s.duration = Some(TimeWindow::default()));
        assert_eq!(half, "the time away needs a beginning and an end");
    }

    #[test]
    fn answer() {
        let answer = messages::<SetUserOofSettings>("set_user_oof_settings/response");
        assert!(answer[0].is_ok());
        let answer = messages::<SetUserOofSettings>("set_user_oof_settings/response_error");
        let code = answer[0].code.clone();
        assert_eq!(code, Some(ResponseCode::ErrorInvalidScheduledOofDuration));
    }
}
