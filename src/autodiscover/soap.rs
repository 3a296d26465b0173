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
