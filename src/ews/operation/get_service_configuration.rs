use serde::Serialize;

use super::message::messages_inside;
use super::{Needs, Operation, ResponseMessage};
use crate::ews::ServerVersion;
use crate::ews::types::{Gate, MailTipsServiceConfiguration, Mailbox};
use crate::xml::{Element, Problem, ReadElement, Tag};

/// Reads what a server does about mail tips: whether there are any, how many recipients one
/// request may ask about, which domains are inside.
///
/// Exchange 2010 and later. The other parts a server can be asked for, voice mail and rules that
/// protect messages, are not asked for here.
///
/// Reference: <https://learn.microsoft.com/exchange/client-developer/web-service-reference/getserviceconfiguration-operation>
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct GetServiceConfiguration {
    /// In whose name a message is to be sent; the caller's if not said.
    pub acting_as: Option<Mailbox>,
}

impl GetServiceConfiguration {
    /// For messages of the caller.
    pub fn new() -> Self {
        Self::default()
    }
}

impl Operation for GetServiceConfiguration {
    type Response = Vec<ResponseMessage<ServiceConfiguration>>;

    const NAME: &'static str = "GetServiceConfiguration";
    const SINCE: ServerVersion = ServerVersion::Exchange2010;
    const REPEATABLE: bool = true;

    fn requested(&self) -> Option<usize> {
        Some(1)
    }

    fn needs(&self, needs: &mut Needs) {
        if let Some(mailbox) = &self.acting_as {
            mailbox.gate(needs);
        }
    }

    fn write(&self, request: Tag<'_>) {
        request.children(|body| {
            body.value_if("m:ActingAs", self.acting_as.as_ref());
            body.tag("m:RequestedConfiguration")
                .children(|out| out.text("m:ConfigurationName", "MailTips"));
        });
    }

    fn read(response: &mut Element<'_, '_>) -> Result<Self::Response, Problem> {
        messages_inside(response, "ServiceConfigurationResponseMessageType", ServiceConfiguration::read)
    }
}

/// What the service is set up to do.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct ServiceConfiguration {
    /// About mail tips.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mail_tips_configuration: Option<MailTipsServiceConfiguration>,
}

impl ServiceConfiguration {
    fn read(&mut self, child: &mut Element<'_, '_>) -> Result<(), Problem> {
        match child.name() {
            "MailTipsConfiguration" => {
                MailTipsServiceConfiguration::read_into(&mut self.mail_tips_configuration, child)
            }
            _ => child.skip(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ews::ResponseCode;
    use crate::ews::testing::{assert_request, assert_since, messages};

    #[test]
    fn request() {
        let version = ServerVersion::Exchange2010;
        let mut operation = GetServiceConfiguration::new();
        assert_request("get_service_configuration/request", version, &operation);
        assert_since(version, "GetServiceConfiguration", &operation);
        operation.acting_as = Some(Mailbox::smtp("team@contoso.example"));
        assert_request("get_service_configuration/request_as", version, &operation);
    }

    #[test]
    fn answer() {
        let answer = messages::<GetServiceConfiguration>("get_service_configuration/response");
        let [message] = <[_; 1]>::try_from(answer).unwrap();
        let tips = message.ok().unwrap().mail_tips_configuration.unwrap();
        assert_eq!(tips.mail_tips_enabled, Some(true));
        assert_eq!(tips.max_recipients_per_get_mail_tips_request, Some(100));
        assert_eq!(tips.large_audience_cap, Some(1000));
        let domains = tips.internal_domains.unwrap();
        assert_eq!(domains[0].name, "contoso.example");
        assert_eq!(domains[0].include_subdomains, Some(true));
        assert_eq!(domains[1].include_subdomains, None);
    }

    #[test]
    fn answer_refused_as_a_whole() {
        let answer = messages::<GetServiceConfiguration>("get_service_configuration/response_error");
        let [refused] = <[_; 1]>::try_from(answer).unwrap();
        assert_eq!(refused.code, Some(ResponseCode::ErrorAccessDenied));
    }
}
