//! GetUserSettings: the request, and what comes back.
//!
//! Reference: <https://learn.microsoft.com/exchange/client-developer/web-service-reference/getusersettings-operation-soap>.

use url::Url;

use super::address::Address;
use super::answer::{Answer, UserSettings};
use crate::ews::{Fault, ServerVersionInfo};
use crate::xml::{Element, Problem, Tag};

const SOAP: &str = "http://schemas.xmlsoap.org/soap/envelope/";
const ADDRESSING: &str = "http://www.w3.org/2005/08/addressing";
const AUTODISCOVER: &str = "http://schemas.microsoft.com/exchange/2010/Autodiscover";

/// What is asked for. A server that does not know one of them says so, and answers the others.
const SETTINGS: [&str; 8] = [
    "InternalEwsUrl",
    "ExternalEwsUrl",
    "EwsSupportedSchemas",
    "CasVersion",
    "MailboxVersion",
    "UserDisplayName",
    "AutoDiscoverSMTPAddress",
    "UserMSOnline",
];

/// The request for one address, to be sent to `to`.
pub(super) fn request(address: &Address, to: &Url) -> String {
    let mut out = String::from(r#"<?xml version="1.0" encoding="utf-8"?>"#);
    Tag::open(&mut out, "s:Envelope")
        .attribute("xmlns:s", SOAP)
        .attribute("xmlns:w", ADDRESSING)
        .attribute("xmlns:a", AUTODISCOVER)
        .children(|envelope| {
            envelope.tag("s:Header").children(|header| {
                // the first version with this service; every later one takes it
                header.text("a:RequestedServerVersion", "Exchange2010");
                header.text(
                    "w:Action",
                    "http://schemas.microsoft.com/exchange/2010/Autodiscover/Autodiscover/GetUserSettings",
                );
                header.text("w:To", to.as_str());
            });
            envelope.tag("s:Body").children(|body| {
                body.tag("a:GetUserSettingsRequestMessage").children(|message| {
                    message.tag("a:Request").children(|request| {
                        request.tag("a:Users").children(|users| {
                            users
                                .tag("a:User")
                                .children(|user| user.text("a:Mailbox", address.as_str()));
                        });
                        request.tag("a:RequestedSettings").children(|settings| {
                            for name in SETTINGS {
                                settings.text("a:Setting", name);
                            }
                        });
                    });
                });
            });
        });
    out
}

/// Reads the envelope.
pub(super) fn read(root: &mut Element<'_, '_>) -> Result<Answer, Problem> {
    let mut server = None;
    let mut answer = None;
    while let Some(mut part) = root.next_child_of_any()? {
        match part.name() {
            "Header" => server = read_header(&mut part)?,
            "Body" => answer = read_body(&mut part)?,
            _ => part.skip()?,
        }
    }
    let mut answer = answer.ok_or(Problem::Missing("an answer in the SOAP body"))?;
    if let Answer::Settings(settings) = &mut answer {
        settings.server = server;
    }
    Ok(answer)
}

fn read_header(header: &mut Element<'_, '_>) -> Result<Option<ServerVersionInfo>, Problem> {
    let mut found = None;
    while let Some(mut part) = header.next_child_of_any()? {
        if part.name() != "ServerVersionInfo" {
            part.skip()?;
            continue;
        }
        let mut info = ServerVersionInfo::default();
        while let Some(mut number) = part.next_child_of_any()? {
            let name = number.name();
            let value = number.inner_text()?;
            let number = value.trim().parse().ok();
            match name {
                "MajorVersion" => info.major_version = number.unwrap_or_default(),
                "MinorVersion" => info.minor_version = number.unwrap_or_default(),
                "MajorBuildNumber" => info.major_build_number = number.unwrap_or_default(),
                "MinorBuildNumber" => info.minor_build_number = number.unwrap_or_default(),
                "Version" => info.version = Some(value.trim().to_owned()),
                _ => {}
            }
        }
        // zeros are no version
        found = Some(info).filter(|info| info.major_version > 0);
    }
    Ok(found)
}

fn read_body(body: &mut Element<'_, '_>) -> Result<Option<Answer>, Problem> {
    let mut answer = None;
    while let Some(mut content) = body.next_child_of_any()? {
        if content.is_soap("Fault") {
            let fault = Fault::read(&mut content)?;
            return Ok(Some(Answer::Refused {
                code: fault.fault_code.unwrap_or_else(|| "Fault".to_owned()),
                message: fault.text,
            }));
        }
        if content.name() != "GetUserSettingsResponseMessage" {
            let found = content.name().chars().take(64).collect();
            return Err(Problem::Unexpected(found, "an answer to GetUserSettings"));
        }
        while let Some(mut child) = content.next_child_of_any()? {
            match child.name() {
                "Response" => answer = read_response(&mut child)?,
                _ => child.skip()?,
            }
        }
    }
    Ok(answer)
}

/// What is said of a request, or of one user.
#[derive(Default)]
struct Verdict {
    code: String,
    message: String,
    target: String,
}

impl Verdict {
    fn read(&mut self, child: &mut Element<'_, '_>) -> Result<(), Problem> {
        let slot = match child.name() {
            "ErrorCode" => &mut self.code,
            "ErrorMessage" => &mut self.message,
            "RedirectTarget" => &mut self.target,
            _ => return child.skip(),
        };
        *slot = child.inner_text()?.trim().to_owned();
        Ok(())
    }

    fn is_good(&self) -> bool {
        self.code.is_empty() || self.code == "NoError"
    }

    fn settle(self, settings: UserSettings) -> Answer {
        match self.code.as_str() {
            "" | "NoError" => Answer::Settings(Box::new(settings)),
            "RedirectAddress" => Answer::RedirectAddress(self.target),
            "RedirectUrl" => Answer::RedirectUrl(self.target),
            _ => Answer::Refused {
                code: self.code,
                message: self.message,
            },
        }
    }
}

fn read_response(response: &mut Element<'_, '_>) -> Result<Option<Answer>, Problem> {
    let mut whole = Verdict::default();
    let mut user = None;
    while let Some(mut child) = response.next_child_of_any()? {
        if child.name() != "UserResponses" {
            whole.read(&mut child)?;
            continue;
        }
        while let Some(mut one) = child.next_child_of_any()? {
            // one address was asked for
            if one.name() == "UserResponse" && user.is_none() {
                user = Some(read_user(&mut one)?);
            } else {
                one.skip()?;
            }
        }
    }
    Ok(if whole.is_good() {
        user
    } else {
        Some(whole.settle(UserSettings::default()))
    })
}

fn read_user(response: &mut Element<'_, '_>) -> Result<Answer, Problem> {
    let mut verdict = Verdict::default();
    let mut settings = UserSettings::default();
    while let Some(mut child) = response.next_child_of_any()? {
        if child.name() != "UserSettings" {
            verdict.read(&mut child)?;
            continue;
        }
        while let Some(mut setting) = child.next_child_of_any()? {
            let mut name = String::new();
            let mut value = None;
            while let Some(mut part) = setting.next_child_of_any()? {
                match part.name() {
                    "Name" => name = part.inner_text()?,
                    "Value" => value = Some(part.inner_text()?),
                    _ => part.skip()?,
                }
            }
            let value = value.map(|value| value.trim().to_owned());
            set(
                &mut settings,
                name.trim(),
                value.filter(|value| !value.is_empty()),
            );
        }
    }
    Ok(verdict.settle(settings))
}

fn set(settings: &mut UserSettings, name: &str, value: Option<String>) {
    let slot = match name {
        "InternalEwsUrl" => &mut settings.internal_ews_url,
        "ExternalEwsUrl" => &mut settings.external_ews_url,
        "EwsSupportedSchemas" => &mut settings.ews_supported_schemas,
        "CasVersion" => &mut settings.cas_version,
        "MailboxVersion" => &mut settings.mailbox_version,
        "UserDisplayName" => &mut settings.display_name,
        "AutoDiscoverSMTPAddress" => &mut settings.smtp_address,
        "UserMSOnline" => {
            settings.microsoft_online = value.map(|value| value.eq_ignore_ascii_case("true"));
            return;
        }
        _ => return,
    };
    *slot = value;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::autodiscover::read_answer;
    use crate::error::ErrorKind;

    fn answer(body: &str) -> Result<Answer, crate::Error> {
        read_answer(&format!(
            r#"<s:Envelope xmlns:s="{SOAP}" xmlns:i="http://www.w3.org/2001/XMLSchema-instance"><s:Body>{body}</s:Body></s:Envelope>"#
        ))
    }

    fn response(content: &str) -> Answer {
        answer(&format!(
            r#"<GetUserSettingsResponseMessage xmlns="{AUTODISCOVER}"><Response>{content}</Response></GetUserSettingsResponseMessage>"#
        ))
        .unwrap()
    }

    fn refused(code: &str, message: &str) -> Answer {
        Answer::Refused {
            code: code.to_owned(),
            message: message.to_owned(),
        }
    }

    #[test]
    fn the_request_is_well_formed() {
        let address = Address::parse("o'brien&co@contoso.com").unwrap();
        let to = Url::parse("https://mail.contoso.com/autodiscover/autodiscover.svc").unwrap();
        let text = request(&address, &to);
        let document = roxmltree::Document::parse(&text).unwrap();
        let one = |namespace: &str, name: &str| {
            let mut found = document
                .descendants()
                .filter(|node| node.has_tag_name((namespace, name)));
            let text = found.next().unwrap().text().unwrap();
            assert!(found.next().is_none(), "{name}");
            text
        };
        assert_eq!(one(AUTODISCOVER, "Mailbox"), "o'brien&co@contoso.com");
        assert_eq!(one(AUTODISCOVER, "RequestedServerVersion"), "Exchange2010");
        assert_eq!(one(ADDRESSING, "To"), to.as_str());
        assert!(one(ADDRESSING, "Action").ends_with("/Autodiscover/GetUserSettings"));
    }

    #[test]
    fn errors_of_the_whole_and_of_one_user() {
        let whole = "<ErrorCode>ServerBusy</ErrorCode><ErrorMessage>later</ErrorMessage>";
        assert_eq!(response(whole), refused("ServerBusy", "later"));
        let user = |content: &str| {
            response(&format!(
                "<ErrorCode>NoError</ErrorCode><UserResponses><UserResponse>{content}</UserResponse></UserResponses>"
            ))
        };
        assert_eq!(
            user(
                "<ErrorCode>InvalidUser</ErrorCode><ErrorMessage>who?</ErrorMessage><RedirectTarget i:nil='true'/>"
            ),
            refused("InvalidUser", "who?")
        );
        let redirect =
            "<ErrorCode>RedirectUrl</ErrorCode><RedirectTarget> https://b.test/ </RedirectTarget>";
        assert_eq!(
            user(redirect),
            Answer::RedirectUrl("https://b.test/".to_owned())
        );
    }

    #[test]
    fn settings_that_were_not_asked_for_or_are_empty() {
        let found = response(
            "<UserResponses><UserResponse><UserSettings>\
             <UserSetting i:type='StringSetting'><Name>ExternalEwsUrl</Name><Value>https://a.test/</Value></UserSetting>\
             <UserSetting i:type='WebClientUrlCollectionSetting'><Name>ExternalWebClientUrls</Name><WebClientUrls><WebClientUrl/></WebClientUrls></UserSetting>\
             <UserSetting><Name>InternalEwsUrl</Name><Value/></UserSetting>\
             <UserSetting><Name>UserMSOnline</Name><Value>True</Value></UserSetting>\
             </UserSettings></UserResponse></UserResponses>",
        );
        let expected = UserSettings {
            external_ews_url: Some("https://a.test/".to_owned()),
            microsoft_online: Some(true),
            ..UserSettings::default()
        };
        assert_eq!(found, Answer::Settings(Box::new(expected)));
    }

    #[test]
    fn faults_and_other_answers() {
        let fault = "<s:Fault><faultcode>a:InvalidSecurity</faultcode><faultstring>no</faultstring></s:Fault>";
        assert_eq!(answer(fault).unwrap(), refused("a:InvalidSecurity", "no"));
        for body in [
            "",
            "<GetItemResponse/>",
            "<GetUserSettingsResponseMessage/>",
        ] {
            let error = answer(body).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Protocol, "{body}: {error}");
        }
    }
}
