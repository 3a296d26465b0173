//! The envelope: the only code that knows SOAP.

use serde::Serialize;

use super::ServerVersion;
use super::client::Context;
use super::fault::Fault;
use super::operation::{Needs, Operation, Response};
use super::types::TimeZoneDefinition;
use crate::connector::Principal;
use crate::error::Result;
use crate::xml::{self, Children, Element, Namespace, Notes, Problem, Tag};

/// The envelope for an operation.
pub(crate) fn request<O: Operation>(context: &Context, operation: &O) -> String {
    envelope(context, |body| {
        let mut name = String::with_capacity(2 + O::REQUEST.len());
        name.push_str("m:");
        name.push_str(O::REQUEST);
        operation.write(body.tag(&name));
    })
}

/// The envelope for a body that is already written.
pub(crate) fn raw_request(context: &Context, body: &str) -> String {
    envelope(context, |out| out.raw(body))
}

fn envelope(context: &Context, write_body: impl FnOnce(&mut Children<'_>)) -> String {
    let mut out = String::with_capacity(4096);
    out.push_str(r#"<?xml version="1.0" encoding="utf-8"?>"#);
    Tag::open(&mut out, "s:Envelope")
        .attribute("xmlns:s", Namespace::SOAP)
        .attribute("xmlns:t", Namespace::TYPES)
        .attribute("xmlns:m", Namespace::MESSAGES)
        .children(|envelope| {
            envelope.tag("s:Header").children(|header| {
                header
                    .tag("t:RequestServerVersion")
                    .attribute("Version", &context.version);
                if let Some(principal) = &context.impersonated {
                    let name = connecting_sid(principal, context.version);
                    header.tag("t:ExchangeImpersonation").children(|out| {
                        out.tag("t:ConnectingSID")
                            .children(|out| out.text(name, principal.as_str()));
                    });
                }
                if let Some(zone) = time_zone_context(context) {
                    header
                        .tag("t:TimeZoneContext")
                        .children(|out| out.value("t:TimeZoneDefinition", &zone));
                }
            });
            envelope.tag("s:Body").children(write_body);
        });
    out
}

/// The element that names who is acted for. `SmtpAddress` takes any address of a mailbox, but came
/// with Exchange 2010.
///
/// Reference: <https://learn.microsoft.com/exchange/client-developer/web-service-reference/connectingsid>
fn connecting_sid(principal: &Principal, version: ServerVersion) -> &'static str {
    match principal {
        Principal::Smtp(_) if version >= ServerVersion::Exchange2010 => "t:SmtpAddress",
        Principal::Smtp(_) => "t:PrimarySmtpAddress",
        Principal::Upn(_) => "t:PrincipalName",
        Principal::Sid(_) => "t:SID",
    }
}

/// Times are sent with `Z` and should come back so; without this header Exchange 2010 and later
/// may answer in the zone of the mailbox.
fn time_zone_context(context: &Context) -> Option<TimeZoneDefinition> {
    (context.version >= ServerVersion::Exchange2010).then(|| TimeZoneDefinition::named("UTC"))
}

/// What came in an envelope.
#[derive(Debug)]
pub(crate) struct Answer<T> {
    /// The answer, or the server's refusal of the whole call.
    pub(crate) content: Result<T, Box<Fault>>,
    /// What the server says of itself.
    pub(crate) server: Option<ServerVersionInfo>,
    /// What was unusual.
    pub(crate) notes: Notes,
}

/// Reads the envelope that came back for an operation that asked so many questions.
pub(crate) fn response<O: Operation>(
    envelope: &str,
    requested: Option<usize>,
) -> Result<Answer<O::Response>, xml::Error> {
    read_envelope(envelope, |content| read_answer::<O>(content, requested))
}

/// As [`response`], but a problem comes as it is: to find its place takes longer than to find it.
#[cfg(test)]
pub(crate) fn unlocated_response<O: Operation>(
    envelope: &str,
) -> Result<Answer<O::Response>, Problem> {
    let read =
        |root: &mut Element<'_, '_>| read_parts(root, |content| read_answer::<O>(content, None));
    match xml::read_unlocated(envelope, read) {
        Ok((parts, notes)) => Ok(Answer::of(parts, notes)),
        Err((problem, _)) => Err(problem),
    }
}

fn read_answer<O: Operation>(
    content: &mut Element<'_, '_>,
    requested: Option<usize>,
) -> Result<O::Response, Problem> {
    check_answers(content, O::NAME)?;
    O::read(content)?.settle(requested)
}

/// Checks an envelope that somebody else reads: that it is one, and answers that operation.
pub(crate) fn raw_response(
    envelope: &str,
    operation: &'static str,
) -> Result<Answer<()>, xml::Error> {
    read_envelope(envelope, |content| {
        check_answers(content, operation)?;
        content.skip()
    })
}

fn check_answers(content: &Element<'_, '_>, operation: &'static str) -> Result<(), Problem> {
    let name = content.name();
    if answered_operation(name) == Some(operation) && content.namespace() != Namespace::Absent {
        return Ok(());
    }
    Err(Problem::OtherAnswer {
        found: name.chars().take(64).collect(),
        operation: operation.to_owned(),
    })
}

/// The operation an element of that name answers; `None` if it is no answer.
pub(crate) fn answered_operation(name: &str) -> Option<&str> {
    name.strip_suffix("Response")
        .or_else(|| name.strip_suffix("ResponseMessage"))
}

/// Takes the envelope off, and hands what is in the body to `read`.
pub(crate) fn read_envelope<T>(
    envelope: &str,
    read: impl FnOnce(&mut Element<'_, '_>) -> Result<T, Problem>,
) -> Result<Answer<T>, xml::Error> {
    let (parts, notes) = xml::read_document(envelope, |root| read_parts(root, read))?;
    Ok(Answer::of(parts, notes))
}

/// What is in the body, and what the server says of itself.
type Parts<T> = (Result<T, Box<Fault>>, Option<ServerVersionInfo>);

impl<T> Answer<T> {
    fn of((content, server): Parts<T>, notes: Notes) -> Self {
        Self {
            content,
            server,
            notes,
        }
    }
}

fn read_parts<T>(
    root: &mut Element<'_, '_>,
    read: impl FnOnce(&mut Element<'_, '_>) -> Result<T, Problem>,
) -> Result<Parts<T>, Problem> {
    if !root.is_soap("Envelope") {
        let found: String = root.name().chars().take(64).collect();
        return Err(Problem::Unexpected(found, "a SOAP envelope"));
    }
    let mut read = Some(read);
    let mut server = None;
    let mut content = None;
    while let Some(mut part) = root.next_child()? {
        if part.is_soap("Header") {
            server = ServerVersionInfo::find(&mut part)?;
        } else if part.is_soap("Body")
            && let Some(read) = read.take()
        {
            content = Some(read_body(&mut part, read)?);
        }
    }
    let content = content.ok_or(Problem::Missing("the SOAP body"))?;
    Ok((content, server))
}

fn read_body<T>(
    body: &mut Element<'_, '_>,
    read: impl FnOnce(&mut Element<'_, '_>) -> Result<T, Problem>,
) -> Result<Result<T, Box<Fault>>, Problem> {
    let Some(mut content) = body.next_child()? else {
        return Err(Problem::Missing("an answer in the SOAP body"));
    };
    let is_bare_fault = content.namespace() == Namespace::Absent && content.name() == "Fault";
    let answer = if content.is_soap("Fault") || is_bare_fault {
        Err(Box::new(Fault::read(&mut content)?))
    } else {
        Ok(read(&mut content)?)
    };
    match body.next_child()? {
        None => Ok(answer),
        Some(second) => {
            let found = second.name().chars().take(64).collect();
            Err(Problem::Unexpected(found, "the end of the SOAP body"))
        }
    }
}

/// What a server says of itself in the header of each answer.
///
/// Reference: <https://learn.microsoft.com/exchange/client-developer/web-service-reference/serverversioninfo>
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct ServerVersionInfo {
    /// As 15.
    pub major_version: u32,
    /// As 1.
    pub minor_version: u32,
    /// As 2507.
    pub major_build_number: u32,
    /// As 6.
    pub minor_build_number: u32,
    /// The newest version of the protocol it speaks, in its own words; not for sending.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
}

impl ServerVersionInfo {
    /// The newest version of the protocol this crate and that server both speak.
    pub fn speaks(&self) -> Option<ServerVersion> {
        ServerVersion::of_build(
            self.major_version,
            self.minor_version,
            self.major_build_number,
        )
    }

    /// The whole build, as `15.1.2507.6`.
    pub fn build(&self) -> String {
        let Self {
            major_version,
            minor_version,
            major_build_number,
            minor_build_number,
            version: _,
        } = self;
        format!("{major_version}.{minor_version}.{major_build_number}.{minor_build_number}")
    }

    fn find(header: &mut Element<'_, '_>) -> Result<Option<Self>, Problem> {
        let mut info = None;
        while let Some(mut part) = header.next_child()? {
            if part.name() == "ServerVersionInfo" {
                info = Self::read(&mut part)?;
            } else {
                part.skip()?;
            }
        }
        Ok(info)
    }

    /// Servers leave attributes out or write nonsense into them; then they are of unknown version.
    fn read(node: &mut Element<'_, '_>) -> Result<Option<Self>, Problem> {
        let major = node.attribute("MajorVersion")?;
        let minor = node.attribute("MinorVersion")?;
        let Some((major_version, minor_version)) = major.zip(minor) else {
            return Ok(None);
        };
        Ok(Some(Self {
            major_version,
            minor_version,
            major_build_number: node.attribute("MajorBuildNumber")?.unwrap_or_default(),
            minor_build_number: node.attribute("MinorBuildNumber")?.unwrap_or_default(),
            version: node.attribute("Version")?,
        }))
    }
}

/// The envelope for an operation, as text: what [`Client::send`](super::Client::send) would send.
///
/// # Errors
///
/// `Unsupported` and `InvalidArgument`, if that version does not have what the operation needs.
pub fn write_request<O: Operation>(version: ServerVersion, operation: &O) -> Result<String> {
    Needs::check(operation, version)?;
    let context = Context {
        version,
        impersonated: None,
    };
    Ok(request(&context, operation))
}

/// What an envelope holds for an operation: what [`Client::send`](super::Client::send) would
/// return for it.
///
/// # Errors
///
/// The kind of the server's fault, or `Protocol` for an envelope that is none.
pub fn read_response<O: Operation>(envelope: &str) -> Result<O::Response> {
    let answer =
        response::<O>(envelope, None).map_err(|error| super::client::unreadable(O::NAME, error))?;
    answer.content.map_err(|fault| fault.into_error(O::NAME))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;
    use crate::ews::operation::{DeleteItem, DeleteType, GetServerTimeZones};
    use crate::ews::types::ItemId;

    const SOAP: &str = "http://schemas.xmlsoap.org/soap/envelope/";
    const BODY: &str = "<s:Body><m:DeleteItemResponse><m:ResponseMessages>\
        <m:DeleteItemResponseMessage ResponseClass='Success'/>\
        </m:ResponseMessages></m:DeleteItemResponse></s:Body>";

    fn envelope(soap: &str, content: &str) -> String {
        format!(
            "<s:Envelope xmlns:s='{soap}' xmlns:m='{}' xmlns:t='{}'>{content}</s:Envelope>",
            Namespace::MESSAGES,
            Namespace::TYPES
        )
    }

    fn read(content: &str) -> Result<Answer<<DeleteItem as Operation>::Response>, String> {
        response::<DeleteItem>(&envelope(SOAP, content), Some(1)).map_err(|e| e.problem.to_string())
    }

    fn version_of(attributes: &str) -> Option<ServerVersionInfo> {
        let header = format!("<s:Header><t:ServerVersionInfo {attributes}/></s:Header>{BODY}");
        read(&header).unwrap().server
    }

    #[test]
    fn headers_of_a_request() {
        let operation = DeleteItem::new(DeleteType::HardDelete, [ItemId::new("a&b")]);
        let context = Context {
            version: ServerVersion::Exchange2007Sp1,
            impersonated: Some(Principal::Smtp("bo@contoso.example".to_owned())),
        };
        let written = request(&context, &operation);
        let header = "<s:Header><t:RequestServerVersion Version=\"Exchange2007_SP1\"/>\
            <t:ExchangeImpersonation><t:ConnectingSID>\
            <t:PrimarySmtpAddress>bo@contoso.example</t:PrimarySmtpAddress>\
            </t:ConnectingSID></t:ExchangeImpersonation></s:Header>";
        assert!(written.contains(header), "{written}");
        let raw = raw_request(&context, "<m:X/>");
        assert!(
            raw.ends_with("<s:Body><m:X/></s:Body></s:Envelope>"),
            "{raw}"
        );
        assert!(raw.contains(header));
    }

    #[test]
    fn who_is_acted_for() {
        let operation = DeleteItem::new(DeleteType::HardDelete, [ItemId::new("a")]);
        for (version, principal, header) in [
            (
                ServerVersion::Exchange2007Sp1,
                Principal::Smtp("bo@b.example".to_owned()),
                "<t:PrimarySmtpAddress>bo@b.example</t:PrimarySmtpAddress>",
            ),
            (
                ServerVersion::Exchange2010,
                Principal::Smtp("bo@b.example".to_owned()),
                "<t:SmtpAddress>bo@b.example</t:SmtpAddress>",
            ),
            (
                ServerVersion::Exchange2007Sp1,
                Principal::Upn("bo&@b".to_owned()),
                "<t:PrincipalName>bo&amp;@b</t:PrincipalName>",
            ),
            (
                ServerVersion::Exchange2016,
                Principal::Sid("S-1-5-21-1".to_owned()),
                "<t:SID>S-1-5-21-1</t:SID>",
            ),
        ] {
            let context = Context {
                version,
                impersonated: Some(principal),
            };
            let written = request(&context, &operation);
            assert!(written.contains(header), "{written}");
        }
    }

    #[test]
    fn a_request_is_checked_before_it_is_written() {
        let operation = GetServerTimeZones::default();
        let error = write_request(ServerVersion::Exchange2007Sp1, &operation).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unsupported);
        assert_eq!(
            error.message(),
            "GetServerTimeZones came with Exchange2010, but requests are made for Exchange2007_SP1"
        );
        assert!(write_request(ServerVersion::Exchange2010, &operation).is_ok());
    }

    #[test]
    fn what_the_server_says_of_itself() {
        let info = version_of(
            "MajorVersion='15' MinorVersion='1' MajorBuildNumber='2507' MinorBuildNumber='6' Version='V2017_07_11'",
        );
        let info = info.unwrap();
        assert_eq!(
            (info.major_build_number, info.minor_build_number),
            (2507, 6)
        );
        assert_eq!(info.version.as_deref(), Some("V2017_07_11"));
        assert_eq!(info.speaks(), Some(ServerVersion::Exchange2016));
        let info = version_of("MajorVersion='8' MinorVersion='1'").unwrap();
        assert_eq!(info.speaks(), Some(ServerVersion::Exchange2007Sp1));
        assert_eq!(version_of("MajorVersion='x' MinorVersion='1'"), None);
        assert_eq!(version_of(""), None);
        assert_eq!(read(BODY).unwrap().server, None);
    }

    #[test]
    fn envelopes_that_are_answers() {
        assert!(read(BODY).unwrap().content.is_ok());
        assert!(read(&format!("{BODY}<s:Header/>")).is_ok());
        let other = "<x:Trace xmlns:x='urn:x'/>";
        assert!(read(&format!("<s:Header>{other}</s:Header>{BODY}{other}")).is_ok());
        let soap12 = envelope("http://www.w3.org/2003/05/soap-envelope", BODY);
        assert!(response::<DeleteItem>(&soap12, Some(1)).is_ok());
    }

    #[test]
    fn envelopes_that_are_none() {
        for (content, problem) in [
            ("", "the SOAP body is missing"),
            ("<s:Body/>", "an answer in the SOAP body is missing"),
            (
                "<s:Body>text</s:Body>",
                "an answer in the SOAP body is missing",
            ),
            (
                "<s:Body><m:DeleteItem/></s:Body>",
                "<DeleteItem> is no answer to DeleteItem",
            ),
            (
                "<s:Body><m:GetItemResponse/></s:Body>",
                "<GetItemResponse> is no answer to DeleteItem",
            ),
            (
                "<s:Body><DeleteItemResponse/></s:Body>",
                "<DeleteItemResponse> is no answer to DeleteItem",
            ),
            (
                "<s:Body><s:Fault/><m:DeleteItemResponse/></s:Body>",
                "DeleteItemResponse where the end of the SOAP body was expected",
            ),
        ] {
            assert_eq!(read(content).unwrap_err(), problem, "{content}");
        }
        let wrong = envelope("https://schemas.xmlsoap.org/soap/envelope/", BODY);
        for document in [wrong.as_str(), "<html/>", "<a xmlns='urn:x'/>"] {
            let error = read_response::<DeleteItem>(document).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Protocol);
            assert!(
                error
                    .message()
                    .contains("where a SOAP envelope was expected"),
                "{error}"
            );
        }
    }

    /// A document that is malformed further on is not judged by what it seemed to say.
    #[test]
    fn form_before_meaning() {
        for content in [
            "<s:Body><m:DeleteItem></s:Body>",
            "<s:Body><m:X/><m:Y></s:Body>",
        ] {
            let problem = read(content).unwrap_err();
            assert!(problem.starts_with("malformed XML"), "{problem}");
        }
    }
}
