//! Reading a captured answer without having asked.

use http::HeaderMap;
use http::header::{CONTENT_TYPE, HeaderValue};
use serde::Serialize;

use super::client::unreadable;
use super::fault::Fault;
use super::operation::{self, Operation, Response, ResponseMessage, Summary, Visitor};
use super::soap::{self, Answer, ServerVersionInfo};
use crate::error::{Error, ErrorKind, Result, Unreadable};
use crate::http::{charset, refusal};
use crate::xml::{self, Element, Problem};

/// What was asked for, and how the answer came. Nothing needs to be known.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Arrival {
    /// The operation that was called, as `GetItem`.
    pub operation: Option<String>,
    /// How many answers there must be; at most 100,000.
    pub requested: Option<usize>,
    /// The HTTP status; 200 if not said.
    pub status: Option<u16>,
    /// The header `Content-Type`.
    pub content_type: Option<String>,
    /// Other headers: what an HTTP refusal says of itself.
    pub headers: HeaderMap,
}

/// What was read from a captured answer.
#[derive(Debug, Default, Serialize)]
#[non_exhaustive]
pub struct Inspection {
    /// The operation it answers; `None` for a fault in answer to who knows what.
    pub operation: Option<String>,
    /// What the server says of itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub server: Option<ServerVersionInfo>,
    /// The refusal of the whole call.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fault: Option<Fault>,
    /// The answers, one for each part of the request.
    pub messages: Vec<Summary>,
    /// Characters XML does not know, which became U+FFFD.
    pub replaced_characters: u64,
    /// Values that are not what their element holds, as 30 February; they are left out.
    #[serde(skip_serializing_if = "is_zero")]
    pub unreadable_values: u64,
}

/// Reads a captured SOAP answer: finds the operation from its body, and reads it as the client
/// would.
///
/// Of an operation this crate has no type for, what each answer holds is given as the server wrote
/// it: all values are texts.
///
/// ```
/// use exchange_connector::ews::{Arrival, inspect};
///
/// let envelope = r#"<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>
///   <m:DeleteItemResponse xmlns:m="http://schemas.microsoft.com/exchange/services/2006/messages">
///     <m:ResponseMessages><m:DeleteItemResponseMessage ResponseClass="Success">
///       <m:ResponseCode>NoError</m:ResponseCode>
///     </m:DeleteItemResponseMessage></m:ResponseMessages>
///   </m:DeleteItemResponse></s:Body></s:Envelope>"#;
/// let inspection = inspect(envelope.as_bytes(), &Arrival::default())?;
/// assert_eq!(inspection.operation.as_deref(), Some("DeleteItem"));
/// assert_eq!(inspection.messages.len(), 1);
/// # Ok::<(), exchange_connector::Error>(())
/// ```
///
/// # Errors
///
/// [`ErrorKind::Protocol`], or the kind of an HTTP refusal, with [`Error::unreadable`]; the text
/// says where. [`ErrorKind::InvalidArgument`] for an [`Arrival`] that cannot be.
pub fn inspect(bytes: &[u8], arrival: &Arrival) -> Result<Inspection> {
    const READING: &str = "inspect";
    const MAX_REQUESTED: usize = 100_000;
    // One refusal of a whole batch becomes as many.
    if arrival.requested > Some(MAX_REQUESTED) {
        let why = format!("more than {MAX_REQUESTED} answers cannot be asked for");
        return Err(Error::invalid_argument(READING, why));
    }
    let mut headers = arrival.headers.clone();
    if let Some(value) = arrival
        .content_type
        .as_deref()
        .and_then(|text| HeaderValue::from_str(text).ok())
    {
        headers.insert(CONTENT_TYPE, value);
    }
    let status = arrival.status.unwrap_or(200);
    if let Some(refused) = refusal(READING, None, status, &headers, bytes) {
        return Err(refused.with_unreadable(Unreadable::Http));
    }
    let text = charset::decode(arrival.content_type.as_deref(), bytes.to_vec()).map_err(|e| {
        Error::new(ErrorKind::Protocol, READING, e.to_string())
            .with_unreadable(Unreadable::Encoding)
    })?;

    let name = match &arrival.operation {
        Some(name) => Some(name.clone()),
        None => operation_of(&text).map_err(|error| unreadable(READING, error))?,
    };
    let reading = Reading {
        text: &text,
        requested: arrival.requested,
    };
    let read = match name.as_deref() {
        Some(STREAMING) => read_stream(&text),
        Some(name) => {
            operation::visit(name, &reading).unwrap_or_else(|| reading.read_unknown(Some(name)))
        }
        None => reading.read_unknown(None),
    };
    read.map_err(|error| unreadable(READING, error))
}

/// The operation whose answer is many envelopes, one after the other.
const STREAMING: &str = "GetStreamingEvents";

/// The envelopes of a stream as one answer; each has as many messages as it likes.
fn read_stream(text: &str) -> Result<Inspection, xml::Error> {
    let mut whole = Inspection {
        operation: Some(STREAMING.to_owned()),
        ..Inspection::default()
    };
    for document in xml::split_documents(text) {
        let reading = Reading {
            text: document,
            requested: None,
        };
        let next = reading.read_unknown(Some(STREAMING)).map_err(|error| {
            let begin = document.as_ptr() as usize - text.as_ptr() as usize;
            let position = begin + error.position;
            xml::Error { position, ..error }
        })?;
        whole.add(next);
    }
    Ok(whole)
}

impl Inspection {
    fn add(&mut self, next: Self) {
        self.server = self.server.take().or(next.server);
        self.fault = self.fault.take().or(next.fault);
        self.messages.extend(next.messages);
        self.replaced_characters += next.replaced_characters;
        self.unreadable_values += next.unreadable_values;
    }
}

/// The operation an envelope answers; `None` for a fault.
fn operation_of(text: &str) -> Result<Option<String>, xml::Error> {
    let first = match text.contains(STREAMING) {
        true => xml::split_documents(text).first().copied().unwrap_or(text),
        false => text,
    };
    let answer = soap::read_envelope(first, |content| {
        let name = content.name();
        match soap::answered_operation(name) {
            Some(operation) => Ok(operation.to_owned()),
            None => Err(not_an_answer(name)),
        }
    })?;
    Ok(answer.content.ok())
}

fn not_an_answer(name: &str) -> Problem {
    let found: String = name.chars().take(64).collect();
    Problem::Unexpected(found, "the answer to an operation")
}

struct Reading<'a> {
    text: &'a str,
    requested: Option<usize>,
}

impl Visitor for &Reading<'_> {
    type Output = Result<Inspection, xml::Error>;

    fn visit<O: Operation>(self) -> Self::Output {
        let answer = soap::response::<O>(self.text, self.requested)?;
        Ok(inspection(Some(O::NAME), answer, |r| r.summaries()))
    }
}

impl Reading<'_> {
    /// How each answer of an operation nobody here knows went.
    fn read_unknown(&self, operation: Option<&str>) -> Result<Inspection, xml::Error> {
        let answer = soap::read_envelope(self.text, |content| {
            let name = content.name();
            let answered = soap::answered_operation(name);
            if answered.is_none() || operation.is_some() && answered != operation {
                return Err(match operation {
                    Some(operation) => Problem::OtherAnswer {
                        found: name.chars().take(64).collect(),
                        operation: operation.chars().take(64).collect(),
                    },
                    None => not_an_answer(name),
                });
            }
            read_any(content)?.settle(self.requested)
        })?;
        Ok(inspection(operation, answer, |r| r.summaries()))
    }
}

/// What a message holds, as JSON.
type Content = serde_json::Map<String, serde_json::Value>;

/// Some answers have a list of messages, some have one message in them or are one, and some are
/// both: what is inside counts.
fn read_any(content: &mut Element<'_, '_>) -> Result<Vec<ResponseMessage<Content>>, Problem> {
    let mut inside = None;
    let mut beside = Content::new();
    let mut read = |child: &mut Element<'_, '_>| {
        if child.name() == "ResponseMessages" {
            let list = inside.get_or_insert_with(Vec::new);
            return child.for_each(|message| {
                list.push(ResponseMessage::read(message, read_member)?);
                Ok(())
            });
        }
        if child.attribute::<String>("ResponseClass")?.is_none() {
            return read_member(&mut beside, child);
        }
        let message = ResponseMessage::read(child, read_member)?;
        inside.get_or_insert_with(Vec::new).push(message);
        Ok(())
    };
    let own = match content.attribute::<String>("ResponseClass")? {
        Some(_) => Some(ResponseMessage::read_with(content, &mut read)?),
        None => {
            content.for_each(read)?;
            None
        }
    };
    match (inside, own) {
        (Some(inside), None) => Ok(inside),
        (Some(inside), Some(_)) if !inside.is_empty() => Ok(inside),
        (_, Some(mut own)) => {
            own.body = beside;
            Ok(vec![own])
        }
        (None, None) => Err(Problem::Missing("ResponseMessages")),
    }
}

fn read_member(content: &mut Content, child: &mut Element<'_, '_>) -> Result<(), Problem> {
    let name = child.name().to_owned();
    xml::add_member(content, &name, xml::to_json(child.raw()?));
    Ok(())
}

fn inspection<T>(
    operation: Option<&str>,
    answer: Answer<T>,
    summaries: impl FnOnce(&T) -> Vec<Summary>,
) -> Inspection {
    let (fault, messages) = match answer.content {
        Ok(content) => (None, summaries(&content)),
        Err(fault) => (Some(*fault), Vec::new()),
    };
    Inspection {
        operation: operation.map(str::to_owned),
        server: answer.server,
        fault,
        messages,
        replaced_characters: answer.notes.replaced_characters,
        unreadable_values: answer.notes.unreadable_values,
    }
}

fn is_zero(number: &u64) -> bool {
    *number == 0
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::{Path, PathBuf};

    use super::*;
    use crate::ews::testing::fixture;

    fn calling(operation: &str, requested: usize) -> Arrival {
        Arrival {
            operation: Some(operation.to_owned()),
            requested: Some(requested),
            ..Arrival::default()
        }
    }

    fn cause(bytes: &[u8], arrival: &Arrival) -> Unreadable {
        inspect(bytes, arrival).unwrap_err().unreadable().unwrap()
    }

    /// The pairs of an answer and what is read of it.
    fn pairs(folder: &Path, found: &mut Vec<(PathBuf, PathBuf)>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                pairs(&path, found);
            } else if path
                .extension()
                .is_some_and(|extension| extension == "json")
            {
                found.push((path.with_extension("xml"), path));
            }
        }
    }

    #[test]
    fn fixtures_come_out_as_the_json_beside_them() {
        let mut found = Vec::new();
        let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
        for folder in ["ews", "soap12"] {
            pairs(&fixtures.join(folder), &mut found);
        }
        assert!(found.len() > 15, "{found:?}");
        for (xml, json) in found {
            let expected: serde_json::Value =
                serde_json::from_str(&fs::read_to_string(&json).unwrap()).unwrap();
            let read = inspect(&fs::read(&xml).unwrap(), &Arrival::default()).unwrap();
            assert_eq!(serde_json::to_value(&read).unwrap(), expected, "{xml:?}");
        }
    }

    #[test]
    fn what_was_asked_for() {
        let envelope = fixture("ews/get_item/response");
        let bytes = envelope.as_bytes();
        assert_eq!(
            inspect(bytes, &calling("GetItem", 4))
                .unwrap()
                .messages
                .len(),
            4
        );
        for arrival in [
            calling("GetItem", 3),
            calling("FindItem", 4),
            calling("Nonsense", 4),
        ] {
            assert_eq!(cause(bytes, &arrival), Unreadable::Protocol);
        }
        let error = inspect(bytes, &calling("GetItem", 100_001)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidArgument);
        let fault = fixture("ews/fault/response_busy");
        let read = inspect(fault.as_bytes(), &calling("GetItem", 1)).unwrap();
        assert!(read.fault.is_some());
    }

    fn envelope(body: &str) -> String {
        format!(
            "<Envelope xmlns='http://schemas.xmlsoap.org/soap/envelope/'><Body>{body}</Body></Envelope>"
        )
    }

    fn read(body: &str) -> serde_json::Value {
        let read = inspect(envelope(body).as_bytes(), &Arrival::default()).unwrap();
        serde_json::to_value(read).unwrap()
    }

    /// Answers of operations this crate does not have, in the three forms there are.
    #[test]
    fn other_operations() {
        const M: &str = "xmlns='http://schemas.microsoft.com/exchange/services/2006/messages'";
        let code = "<ResponseCode>NoError</ResponseCode>";
        let listed = read(&format!(
            "<MoveHologramsResponse {M}><ResponseMessages><MoveHologramsResponseMessage ResponseClass='Success'>\
             {code}<Items><Message><Size>7</Size></Message></Items></MoveHologramsResponseMessage>\
             </ResponseMessages></MoveHologramsResponse>"
        ));
        assert_eq!(listed["operation"], "MoveHolograms");
        assert_eq!(
            listed["messages"][0]["content"]["Items"]["Message"]["Size"],
            "7"
        );

        let inside = read(&format!(
            "<GetUserOofSettingsResponse {M}><ResponseMessage ResponseClass='Success'>{code}\
             </ResponseMessage><AllowExternalOof>All</AllowExternalOof></GetUserOofSettingsResponse>"
        ));
        assert_eq!(inside["operation"], "GetUserOofSettings");
        assert_eq!(inside["messages"][0]["code"], "NoError");

        let itself = read(&format!(
            "<GetHologramsResponse {M} ResponseClass='Success'>{code}<RoomLists><Address>\
             <Name>North</Name></Address></RoomLists></GetHologramsResponse>"
        ));
        assert_eq!(itself["operation"], "GetHolograms");
        assert_eq!(
            itself["messages"][0]["content"]["RoomLists"]["Address"]["Name"],
            "North"
        );

        // The list counts, not the success of the whole.
        let both = read(&format!(
            "<AddDelegateResponse {M} ResponseClass='Success'>{code}<ResponseMessages>\
             <DelegateUserResponseMessageType ResponseClass='Error'>\
             <ResponseCode>ErrorDelegateAlreadyExists</ResponseCode>\
             </DelegateUserResponseMessageType></ResponseMessages></AddDelegateResponse>"
        ));
        assert_eq!(both["messages"][0]["code"], "ErrorDelegateAlreadyExists");

        let none = envelope(&format!("<DisconnectResponse {M}/>"));
        assert_eq!(
            cause(none.as_bytes(), &Arrival::default()),
            Unreadable::Protocol
        );
    }

    #[test]
    fn a_stream_of_envelopes() {
        let message = |content: &str| {
            envelope(&format!(
                "<m:GetStreamingEventsResponse xmlns:m='http://schemas.microsoft.com/exchange/services/2006/messages'>\
                 <m:ResponseMessages><m:GetStreamingEventsResponseMessage ResponseClass='Success'>{content}\
                 </m:GetStreamingEventsResponseMessage></m:ResponseMessages></m:GetStreamingEventsResponse>"
            ))
        };
        let first = message("<m:ConnectionStatus>OK</m:ConnectionStatus>");
        let second = message("<m:Text>&lt;/Envelope></m:Text>");
        let stream = format!("{first}\r\n<?xml version='1.0'?>{second}");
        for arrival in [Arrival::default(), calling(STREAMING, 1)] {
            let read = inspect(stream.as_bytes(), &arrival).unwrap();
            let json = serde_json::to_value(read).unwrap();
            assert_eq!(json["operation"], STREAMING);
            assert_eq!(json["messages"][0]["content"]["ConnectionStatus"], "OK");
            assert_eq!(json["messages"][1]["content"]["Text"], "</Envelope>");
        }
        let cut = &stream[..stream.len() - 20];
        let error = inspect(cut.as_bytes(), &calling(STREAMING, 1)).unwrap_err();
        assert_eq!(error.unreadable(), Some(Unreadable::Xml));
        let position = format!("at byte {}", cut.len());
        assert!(error.message().contains(&position), "{error}");
        // Other operations answer with one envelope.
        let twice = fixture("ews/get_item/response").repeat(2);
        assert_eq!(
            cause(twice.as_bytes(), &Arrival::default()),
            Unreadable::Xml
        );
    }

    #[test]
    fn causes() {
        let plain = Arrival::default();
        for (bytes, expected) in [
            (&b""[..], Unreadable::Protocol),
            (b"OK", Unreadable::Protocol),
            (b"{\"error\": 1}", Unreadable::Protocol),
            (b"<a/>", Unreadable::Protocol),
            (b"<a>", Unreadable::Xml),
            (b"<a/><b/>", Unreadable::Xml),
            (b"<!DOCTYPE a><a/>", Unreadable::Xml),
            (b"<a>\xff</a>", Unreadable::Encoding),
            (b"\x1f\x8b\x08\x00", Unreadable::Encoding),
            (b"<html><body>Logon</body></html>", Unreadable::Http),
            (b"<!DOCTYPE html><html></html>", Unreadable::Http),
        ] {
            assert_eq!(cause(bytes, &plain), expected, "{}", bytes.escape_ascii());
        }
        let deep = "<a>".repeat(100_000);
        assert_eq!(cause(deep.as_bytes(), &plain), Unreadable::Limit);
        let status = |status| Arrival {
            status: Some(status),
            ..Arrival::default()
        };
        for number in [302, 401, 429, 500, 503] {
            assert_eq!(cause(b"", &status(number)), Unreadable::Http);
        }
        let fault = fixture("ews/fault/response_busy");
        assert!(
            inspect(fault.as_bytes(), &status(500))
                .unwrap()
                .fault
                .is_some()
        );
    }
}
