//! Envelopes: reading the headers of a request, writing answers and faults.

use roxmltree::{Document, Node};

use super::refusal::{Fault, FaultDetail, Refusal};
use super::request::{Element as _, MESSAGES, SOAP, TYPES};
use super::version::SimulatedVersion;
use super::xml::Writer;
use super::zone::Zone;

const XSI: &str = "http://www.w3.org/2001/XMLSchema-instance";
const XSD: &str = "http://www.w3.org/2001/XMLSchema";

/// What the headers of a request say.
#[derive(Debug)]
pub(super) struct Headers {
    pub(super) version: SimulatedVersion,
    /// Who to act as.
    pub(super) impersonate: Option<ConnectingSid>,
    /// The zone that times without offset are in and that answers are written in.
    pub(super) zone: Option<Zone>,
}

/// Who a request acts as, by one of the names of the account.
#[derive(Debug)]
pub(super) enum ConnectingSid {
    Smtp(String),
    PrincipalName(String),
    Sid(String),
}

/// Why a body is no request at all.
#[derive(Debug)]
pub(super) enum NoRequest {
    /// Not an EWS request: Exchange answers HTTP 501 without a body.
    Foreign,
    Fault(Fault),
}

impl From<Fault> for NoRequest {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

/// The headers and the operation element of an envelope.
pub(super) fn read<'a, 'input>(
    document: &'a Document<'input>,
    server: SimulatedVersion,
) -> Result<(Headers, Node<'a, 'input>), NoRequest> {
    let envelope = document.root_element();
    let part = |name: &str| {
        envelope
            .elements()
            .find(|node| node.has_tag_name((SOAP, name)))
    };
    if !envelope.has_tag_name((SOAP, "Envelope")) {
        return Err(NoRequest::Foreign);
    }
    let headers = headers(part("Header"), server)?;
    let operation = part("Body")
        .and_then(|body| body.first())
        .ok_or_else(Fault::invalid_request)?;
    if operation.tag_name().namespace() != Some(MESSAGES) {
        return Err(NoRequest::Foreign);
    }
    Ok((headers, operation))
}

fn headers(header: Option<Node<'_, '_>>, server: SimulatedVersion) -> Result<Headers, Fault> {
    let child = |name: &str| {
        header?
            .elements()
            .find(|node| node.has_tag_name((TYPES, name)))
    };
    let version = match child("RequestServerVersion").map(|node| node.attribute("Version")) {
        None => SimulatedVersion::Exchange2007Sp1.min(server),
        Some(text) => text
            .unwrap_or_default()
            .parse::<SimulatedVersion>()
            .ok()
            .filter(|version| *version <= server)
            .ok_or_else(|| {
                Fault::new(
                    "ErrorInvalidServerVersion",
                    "The specified server version is invalid.",
                )
            })?,
    };
    let impersonate = child("ExchangeImpersonation")
        .map(|node| {
            connecting_sid(node.child("ConnectingSID")).ok_or_else(|| {
                Fault::new(
                    "ErrorInvalidExchangeImpersonationHeaderData",
                    "ExchangeImpersonation SOAP header must be present and name a mailbox.",
                )
            })
        })
        .transpose()?;
    let zone = child("TimeZoneContext")
        .and_then(|node| node.child("TimeZoneDefinition"))
        .map(|node| {
            Zone::windows(node.attribute("Id").unwrap_or_default()).ok_or_else(|| {
                Fault::new(
                    "ErrorTimeZone",
                    "The time zone of the request is not known.",
                )
            })
        })
        .transpose()?;
    Ok(Headers {
        version,
        impersonate,
        zone,
    })
}

fn connecting_sid(node: Option<Node<'_, '_>>) -> Option<ConnectingSid> {
    let name = node?.first()?;
    let text = name.text().map(str::trim).filter(|text| !text.is_empty())?;
    let text = text.to_owned();
    Some(match name.name() {
        "PrimarySmtpAddress" | "SmtpAddress" => ConnectingSid::Smtp(text),
        "PrincipalName" => ConnectingSid::PrincipalName(text),
        "SID" => ConnectingSid::Sid(text),
        _ => return None,
    })
}

/// An envelope around an answer.
pub(super) fn answer(server: SimulatedVersion, body: &str) -> String {
    let mut writer = Writer::default();
    writer.raw("<?xml version=\"1.0\" encoding=\"utf-8\"?>");
    let soap = if server < SimulatedVersion::Exchange2010 {
        "soap"
    } else {
        "s"
    };
    let name = |local: &str| format!("{soap}:{local}");
    let namespace = format!("xmlns:{soap}");
    writer.element(&name("Envelope"), &[(namespace.as_str(), SOAP)], |writer| {
        writer.element(&name("Header"), &[], |writer| {
            server_version_info(writer, server);
        });
        writer.element(
            &name("Body"),
            &[("xmlns:xsi", XSI), ("xmlns:xsd", XSD)],
            |writer| writer.raw(body),
        );
    });
    writer.into_string()
}

fn server_version_info(writer: &mut Writer, server: SimulatedVersion) {
    let numbers = server.build().map(|number| number.to_string());
    let [major, minor, build, revision] = &numbers;
    let mut attributes = vec![
        ("MajorVersion", major.as_str()),
        ("MinorVersion", minor),
        ("MajorBuildNumber", build),
        ("MinorBuildNumber", revision),
        ("Version", server.answered()),
    ];
    if server < SimulatedVersion::Exchange2010 {
        attributes.push(("xmlns:t", TYPES));
        writer.empty("t:ServerVersionInfo", &attributes);
    } else {
        attributes.extend([
            ("xmlns:h", TYPES),
            ("xmlns", TYPES),
            ("xmlns:xsd", XSD),
            ("xmlns:xsi", XSI),
        ]);
        writer.empty("h:ServerVersionInfo", &attributes);
    }
}

/// The element `m:…Response` with the prefixes most operations use.
pub(super) fn response(operation: &str, content: impl FnOnce(&mut Writer)) -> String {
    let mut writer = Writer::default();
    writer.element(
        &format!("m:{operation}Response"),
        &[("xmlns:m", MESSAGES), ("xmlns:t", TYPES)],
        content,
    );
    writer.into_string()
}

/// `m:…Response` with one response message per result; `empty` is what refusals carry as payload.
pub(super) fn responses<T>(
    operation: &str,
    results: &[Result<T, Refusal>],
    empty: &str,
    mut success: impl FnMut(&mut Writer, &T),
) -> String {
    response(operation, |writer| {
        writer.element("m:ResponseMessages", &[], |writer| {
            for result in results {
                message(writer, operation, result.as_ref(), empty, &mut success);
            }
        });
    })
}

fn message<T>(
    writer: &mut Writer,
    operation: &str,
    result: Result<&T, &Refusal>,
    empty: &str,
    success: &mut impl FnMut(&mut Writer, &T),
) {
    let class = result.err().map_or("Success", Refusal::class);
    writer.element(
        &format!("m:{operation}ResponseMessage"),
        &[("ResponseClass", class)],
        |writer| match result {
            Ok(value) => {
                writer.leaf("m:ResponseCode", "NoError");
                success(writer, value);
            }
            Err(refusal) => {
                refusal.write(writer, "m:");
                writer.raw(empty);
            }
        },
    );
}

const ERRORS: &str = "http://schemas.microsoft.com/exchange/services/2006/errors";

/// The envelope of a fault in the shape of the server's generation.
pub(super) fn fault(server: SimulatedVersion, fault: &Fault) -> String {
    if server < SimulatedVersion::Exchange2010 {
        fault_2007(server, fault)
    } else {
        fault_2010(fault)
    }
}

fn fault_2010(fault: &Fault) -> String {
    let mut writer = Writer::default();
    writer.raw("<?xml version=\"1.0\" encoding=\"utf-8\"?>");
    writer.element("s:Envelope", &[("xmlns:s", SOAP)], |writer| {
        writer.element("s:Body", &[], |writer| {
            writer.element("s:Fault", &[], |writer| {
                let code = format!("a:{}", fault.code);
                writer.leaf_with("faultcode", &[("xmlns:a", TYPES)], &code);
                writer.leaf_with("faultstring", &[("xml:lang", "en-US")], &fault.message);
                writer.element("detail", &[], |writer| {
                    writer.leaf_with("e:ResponseCode", &[("xmlns:e", ERRORS)], &fault.code);
                    let violation = matches!(fault.detail, Some(FaultDetail::Violation { .. }));
                    let message = if violation {
                        "The request failed schema validation."
                    } else {
                        &fault.message
                    };
                    writer.leaf_with("e:Message", &[("xmlns:e", ERRORS)], message);
                    if let Some(detail) = &fault.detail {
                        writer.element("t:MessageXml", &[("xmlns:t", TYPES)], |writer| {
                            write_detail(writer, detail);
                        });
                    }
                });
            });
        });
    });
    writer.into_string()
}

fn write_detail(writer: &mut Writer, detail: &FaultDetail) {
    let mut value = |name: &str, text: &str| writer.leaf_with("t:Value", &[("Name", name)], text);
    match detail {
        FaultDetail::BackOff(milliseconds) => {
            value("BackOffMilliseconds", &milliseconds.to_string());
        }
        FaultDetail::Concurrency(limit) => {
            value("Policy", "MaxConcurrency");
            value("MaxConcurrencyLimit", &limit.to_string());
            let text = format!(
                "This operation exceeds the throttling budget for policy part 'MaxConcurrency', policy value '{limit}',  Budget type: 'Ews'.  Suggested backoff time 0 ms."
            );
            value("ErrorMessage", &text);
        }
        FaultDetail::Violation {
            line,
            position,
            text,
        } => {
            writer.leaf("t:LineNumber", &line.to_string());
            writer.leaf("t:LinePosition", &position.to_string());
            writer.leaf("t:Violation", text);
        }
    }
}

fn fault_2007(server: SimulatedVersion, fault: &Fault) -> String {
    let mut writer = Writer::default();
    writer.raw("<?xml version=\"1.0\"?>\n");
    writer.element("soap11:Envelope", &[("xmlns:soap11", SOAP)], |writer| {
        writer.element("soap11:Header", &[], |writer| {
            server_version_info(writer, server);
        });
        writer.element("soap11:Body", &[], |writer| {
            writer.element("soap11:Fault", &[], |writer| {
                writer.leaf("faultcode", "soap11:Client");
                writer.leaf("faultstring", &fault.message);
                writer.element("detail", &[], |writer| {
                    let leaf = |writer: &mut Writer, name: &str, text: &str| {
                        writer.leaf_with(name, &[("xmlns:e", ERRORS)], text);
                    };
                    leaf(writer, "e:ResponseCode", &fault.code);
                    match &fault.detail {
                        Some(FaultDetail::Violation {
                            line,
                            position,
                            text,
                        }) => {
                            leaf(writer, "e:Message", text);
                            leaf(writer, "e:Line", &line.to_string());
                            leaf(writer, "e:Position", &position.to_string());
                        }
                        _ => leaf(writer, "e:Message", &fault.message),
                    }
                });
            });
        });
    });
    writer.into_string()
}
