//! Plain old XML: the request, and what comes back (MS-OXDSCLI, sections 2.2.3 and 2.2.4).

use super::address::Address;
use super::answer::{Answer, UserSettings};
use crate::ews::ServerVersionInfo;
use crate::xml::{Element, Problem, Tag};

const REQUEST: &str =
    "http://schemas.microsoft.com/exchange/autodiscover/outlook/requestschema/2006";
const RESPONSE: &str =
    "http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a";

/// The request for one address.
pub(super) fn request(address: &Address) -> String {
    let mut out = String::from(r#"<?xml version="1.0" encoding="utf-8"?>"#);
    Tag::open(&mut out, "Autodiscover")
        .attribute("xmlns", REQUEST)
        .children(|document| {
            document.tag("Request").children(|request| {
                request.text("EMailAddress", address.as_str());
                request.text("AcceptableResponseSchema", RESPONSE);
            });
        });
    out
}

/// Reads the document.
pub(super) fn read(root: &mut Element<'_, '_>) -> Result<Answer, Problem> {
    let mut answer = None;
    while let Some(mut child) = root.next_child_of_any()? {
        match child.name() {
            "Response" => answer = Some(read_response(&mut child)?),
            _ => child.skip()?,
        }
    }
    answer.ok_or(Problem::Missing("Response"))
}

fn read_response(response: &mut Element<'_, '_>) -> Result<Answer, Problem> {
    let mut settings = UserSettings::default();
    let mut redirect = None;
    let mut refusal = None;
    let mut is_there = false;
    while let Some(mut child) = response.next_child_of_any()? {
        match child.name() {
            "User" => {
                while let Some(mut part) = child.next_child_of_any()? {
                    match part.name() {
                        "DisplayName" => settings.display_name = text(&mut part)?,
                        "AutoDiscoverSMTPAddress" => settings.smtp_address = text(&mut part)?,
                        _ => part.skip()?,
                    }
                }
            }
            "Account" => {
                is_there = true;
                redirect = read_account(&mut child, &mut settings)?;
            }
            "Error" => refusal = Some(read_error(&mut child)?),
            _ => child.skip()?,
        }
    }
    refusal
        .or(redirect)
        .or_else(|| is_there.then(|| Answer::Settings(Box::new(settings))))
        .ok_or(Problem::Missing("Account"))
}

fn read_error(error: &mut Element<'_, '_>) -> Result<Answer, Problem> {
    let mut code = String::new();
    let mut message = String::new();
    while let Some(mut part) = error.next_child_of_any()? {
        match part.name() {
            "ErrorCode" => code = text(&mut part)?.unwrap_or_default(),
            "Message" => message = text(&mut part)?.unwrap_or_default(),
            _ => part.skip()?,
        }
    }
    Ok(Answer::Refused { code, message })
}

fn read_account(
    account: &mut Element<'_, '_>,
    settings: &mut UserSettings,
) -> Result<Option<Answer>, Problem> {
    let (mut action, mut address, mut url) = (None, None, None);
    while let Some(mut part) = account.next_child_of_any()? {
        match part.name() {
            "Action" => action = text(&mut part)?,
            "RedirectAddr" => address = text(&mut part)?,
            "RedirectUrl" => url = text(&mut part)?,
            "MicrosoftOnline" => {
                settings.microsoft_online =
                    text(&mut part)?.map(|value| value.eq_ignore_ascii_case("true"));
            }
            "Protocol" => read_protocol(&mut part, settings, None)?,
            _ => part.skip()?,
        }
    }
    // Exchange 2007 may redirect without an Action
    let is = |wanted: &str| match action.as_deref() {
        Some(action) => action.eq_ignore_ascii_case(wanted),
        None => true,
    };
    Ok(if is("redirectAddr") && address.is_some() {
        address.map(Answer::RedirectAddress)
    } else if is("redirectUrl") && url.is_some() {
        url.map(Answer::RedirectUrl)
    } else {
        None
    })
}

/// From where a URL can be reached.
#[derive(Clone, Copy)]
enum Reach {
    Inside,
    Everywhere,
}

fn read_protocol(
    protocol: &mut Element<'_, '_>,
    settings: &mut UserSettings,
    within: Option<Reach>,
) -> Result<(), Problem> {
    let mut reach = within;
    let (mut ews, mut availability) = (None, None);
    while let Some(mut part) = protocol.next_child_of_any()? {
        match part.name() {
            "Type" if within.is_none() => {
                reach = match text(&mut part)?.as_deref() {
                    Some("EXCH") => Some(Reach::Inside),
                    Some("EXPR" | "EXHTTP") => Some(Reach::Everywhere),
                    _ => None,
                }
            }
            "EwsUrl" => ews = text(&mut part)?,
            // the availability service is part of EWS, and all that Exchange 2007 names
            "ASUrl" => availability = text(&mut part)?,
            "ServerVersion" => {
                let version = text(&mut part)?.as_deref().and_then(version_of);
                settings.server = settings.server.take().or(version);
            }
            // what is in a protocol WEB, which has no URL of its own
            "Internal" if within.is_none() => read_web(&mut part, settings, Reach::Inside)?,
            "External" if within.is_none() => read_web(&mut part, settings, Reach::Everywhere)?,
            _ => part.skip()?,
        }
    }
    let slot = match reach {
        Some(Reach::Inside) => &mut settings.internal_ews_url,
        Some(Reach::Everywhere) => &mut settings.external_ews_url,
        None => return Ok(()),
    };
    if slot.is_none() {
        *slot = ews.or(availability);
    }
    Ok(())
}

fn read_web(
    side: &mut Element<'_, '_>,
    settings: &mut UserSettings,
    reach: Reach,
) -> Result<(), Problem> {
    while let Some(mut part) = side.next_child_of_any()? {
        match part.name() {
            "Protocol" => read_protocol(&mut part, settings, Some(reach))?,
            _ => part.skip()?,
        }
    }
    Ok(())
}

fn text(node: &mut Element<'_, '_>) -> Result<Option<String>, Problem> {
    let text = node.inner_text()?.trim().to_owned();
    Ok(Some(text).filter(|text| !text.is_empty()))
}

/// The version in eight hexadecimal digits: four bits of structure, six of the major number, six
/// of the minor one, one flag, fifteen of the build (MS-OXDSCLI).
fn version_of(digits: &str) -> Option<ServerVersionInfo> {
    let bits = u32::from_str_radix(digits, 16).ok()?;
    let info = ServerVersionInfo {
        major_version: (bits >> 22) & 0x3f,
        minor_version: (bits >> 16) & 0x3f,
        major_build_number: bits & 0x7fff,
        ..ServerVersionInfo::default()
    };
    (bits >> 28 == 7).then_some(info)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::autodiscover::read_answer;

    const HEAD: &str = r#"<Autodiscover xmlns="http://schemas.microsoft.com/exchange/autodiscover/responseschema/2006"><Response xmlns="http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a">"#;

    fn account(content: &str) -> Answer {
        let xml = format!("{HEAD}<Account>{content}</Account></Response></Autodiscover>");
        read_answer(&xml).unwrap()
    }

    fn settings(content: &str) -> UserSettings {
        match account(content) {
            Answer::Settings(settings) => *settings,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_request() {
        let address = Address::parse("o'brien&co@contoso.com").unwrap();
        assert_eq!(
            request(&address),
            "<?xml version=\"1.0\" encoding=\"utf-8\"?><Autodiscover xmlns=\"http://schemas.microsoft.com/exchange/autodiscover/outlook/requestschema/2006\">\
             <Request><EMailAddress>o'brien&amp;co@contoso.com</EMailAddress>\
             <AcceptableResponseSchema>http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a</AcceptableResponseSchema></Request></Autodiscover>"
        );
    }

    #[test]
    fn urls_and_their_reach() {
        let protocol = |kind: &str, content: &str| {
            format!("<Protocol><Type>{kind}</Type>{content}</Protocol>")
        };
        let found = settings(&[
            protocol("EXCH", "<ServerVersion>73C18190</ServerVersion><ASUrl>https://a/as</ASUrl><EwsUrl>https://a/ews</EwsUrl>"),
            protocol("EXPR", "<ASUrl> https://b/as </ASUrl>"),
            protocol("EXHTTP", "<EwsUrl>https://c/ews</EwsUrl>"),
            protocol("IMAP", "<EwsUrl>https://d/ews</EwsUrl>"),
        ].concat());
        assert_eq!(found.internal_ews_url.as_deref(), Some("https://a/ews"));
        assert_eq!(found.external_ews_url.as_deref(), Some("https://b/as"));
        assert_eq!(found.build().as_deref(), Some("15.1.400.0"));

        let found = settings(
            "<Protocol><Type>WEB</Type><External><Protocol><Type>EXPR</Type><ASUrl>https://e/as</ASUrl></Protocol></External>\
             <Internal><OWAUrl>https://i/owa</OWAUrl><Protocol><Type>EXCH</Type><ASUrl>https://i/as</ASUrl></Protocol></Internal></Protocol>",
        );
        assert_eq!(found.internal_ews_url.as_deref(), Some("https://i/as"));
        assert_eq!(found.external_ews_url.as_deref(), Some("https://e/as"));
        let found = settings("<MicrosoftOnline>True</MicrosoftOnline>");
        assert_eq!(found.microsoft_online, Some(true));
    }

    #[test]
    fn redirects() {
        let address = Answer::RedirectAddress("a@b.test".to_owned());
        let url = Answer::RedirectUrl("https://b.test/x".to_owned());
        for (content, expected) in [
            (
                "<Action>redirectAddr</Action><RedirectAddr>a@b.test</RedirectAddr>",
                &address,
            ),
            ("<RedirectAddr>a@b.test</RedirectAddr>", &address),
            (
                "<Action>RedirectUrl</Action><RedirectUrl> https://b.test/x </RedirectUrl>",
                &url,
            ),
        ] {
            assert_eq!(account(content), *expected);
        }
        let both = "<Action>settings</Action><RedirectAddr>a@b.test</RedirectAddr>";
        assert_eq!(settings(both), UserSettings::default());
    }

    #[test]
    fn refusals() {
        let xml = r#"<Autodiscover xmlns="x"><Response><Error Time="1" Id="2"><ErrorCode>500</ErrorCode><Message>not found</Message></Error></Response></Autodiscover>"#;
        let expected = Answer::Refused {
            code: "500".to_owned(),
            message: "not found".to_owned(),
        };
        assert_eq!(read_answer(xml).unwrap(), expected);
    }

    #[test]
    fn versions_in_bits() {
        for (digits, expected) in [
            // builds that Microsoft's documentation shows: 2007 RTM, 2010 SP1, 2013
            ("720082AD", Some((8, 0, 685))),
            ("738180DA", Some((14, 1, 218))),
            ("73C08204", Some((15, 0, 516))),
            ("00000000", None),
            ("nonsense", None),
            ("", None),
        ] {
            let found = version_of(digits);
            let found = found.map(|it| (it.major_version, it.minor_version, it.major_build_number));
            assert_eq!(found, expected, "{digits}");
        }
    }
}
