use serde::Serialize;

use super::{Needs, Operation, ResponseMessage};
use crate::ews::types::{ExternalAudience, UserOofSettings};
use crate::xml::{Children, Element, Problem, ReadElement, Tag};

/// Reads what a mailbox answers while its owner is away.
///
/// Exchange 2007 and later. Only owners, and those with full access, may; others are refused with
/// `ErrorAccessDenied`.
///
/// Reference: <https://learn.microsoft.com/exchange/client-developer/web-service-reference/getuseroofsettings-operation>
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct GetUserOofSettings {
    /// The SMTP address of the mailbox.
    pub address: String,
}

impl GetUserOofSettings {
    /// Of the mailbox with that SMTP address.
    pub fn new(address: impl Into<String>) -> Self {
        Self {
            address: address.into(),
        }
    }
}

impl Operation for GetUserOofSettings {
    type Response = Vec<ResponseMessage<OofSettings>>;

    const NAME: &'static str = "GetUserOofSettings";
    const REQUEST: &'static str = "GetUserOofSettingsRequest";
    const REPEATABLE: bool = true;

    fn requested(&self) -> Option<usize> {
        Some(1)
    }

    fn needs(&self, needs: &mut Needs) {
        check_address(&self.address, needs);
    }

    fn write(&self, request: Tag<'_>) {
        request.children(|body| write_address(&self.address, body));
    }

    /// The settings stand beside the response message, not in it.
    fn read(response: &mut Element<'_, '_>) -> Result<Self::Response, Problem> {
        let mut message = None;
        let mut settings = OofSettings::default();
        response.for_each(|child| {
            match child.name() {
                "ResponseMessage" => {
                    message = Some(ResponseMessage::read(child, |_: &mut OofSettings, part| {
                        part.skip()
                    })?);
                }
                "OofSettings" => UserOofSettings::read_into(&mut settings.oof_settings, child)?,
                "AllowExternalOof" => {
                    ExternalAudience::read_into(&mut settings.allow_external_oof, child)?;
                }
                _ => child.skip()?,
            }
            Ok(())
        })?;
        let mut message = message.ok_or(Problem::Missing("ResponseMessage"))?;
        message.body = settings;
        Ok(vec![message])
    }
}

/// A request about a mailbox has its address.
pub(super) fn check_address(address: &str, needs: &mut Needs) {
    if address.trim().is_empty() {
        needs.refuse("the mailbox has no address");
    }
}

pub(super) fn write_address(address: &str, body: &mut Children<'_>) {
    body.tag("t:Mailbox")
        .children(|out| out.text("t:Address", address));
}

/// What a mailbox answers, and what the administrator allows.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct OofSettings {
    /// What it answers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub oof_settings: Option<UserOofSettings>,
    /// Who outside may get an answer at most.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub allow_external_oof: Option<ExternalAudience>,
}

#[cfg(test)]
mod tests {
    use chrono::{TimeZone, Utc};

    use super::*;
    use crate::ews::testing::{assert_request, messages, refusal};
    use crate::ews::types::{OofState, TimeWindow};
    use crate::ews::{ResponseCode, ServerVersion};

    #[test]
    fn request() {
        let operation = GetUserOofSettings::new("bo@contoso.example");
        let version = ServerVersion::Exchange2007Sp1;
        assert_request("get_user_oof_settings/request", version, &operation);
        let nobody = GetUserOofSettings::new(" ");
        assert_eq!(refusal(version, &nobody), "the mailbox has no address");
    }

    /// The times have no zone here: they are in UTC.
    #[test]
    fn answer() {
        let [message] =
            messages::<GetUserOofSettings>("get_user_oof_settings/response").try_into().unwrap();
        let message: ResponseMessage<OofSettings> = message;
        let found = message.ok().unwrap();
        assert_eq!(found.allow_external_oof, Some(ExternalAudience::All));
        let settings = found.oof_settings.unwrap();
        assert_eq!(settings.oof_state, Some(OofState::Scheduled));
        assert_eq!(settings.external_audience, Some(ExternalAudience::Known));
        let time = |hour| Utc.with_ymd_and_hms(2026, 12, 23, hour, 0, 0).unwrap();
        assert_eq!(settings.duration, Some(TimeWindow::new(time(7), time(16))));
        let inside = settings.internal_reply.unwrap();
        assert_eq!(inside.lang.as_deref(), Some("en-US"));
        assert_eq!(inside.message.as_deref(), Some("<p>Back on Thursday & rested.</p>"));
        assert_eq!(settings.external_reply.unwrap().message.as_deref(), Some(""));
    }

    #[test]
    fn answer_of_another_mailbox() {
        let [message] =
            messages::<GetUserOofSettings>("get_user_oof_settings/response_error").try_into().unwrap();
        let message: ResponseMessage<OofSettings> = message;
        assert_eq!(message.code, Some(ResponseCode::ErrorAccessDenied));
    }
}
