use std::sync::Arc;

use serde::Serialize;

use super::Response;
use crate::error::Error;
use crate::ews::message_xml::{MessageXml, Value};
use crate::ews::origin::Origin;
use crate::ews::{ResponseCode, denial, fault};
use crate::xml::{Element, Problem, names};

names! {
    /// How one answer went.
    ///
    /// Reference: <https://learn.microsoft.com/exchange/client-developer/web-service-reference/responseclass>
    pub enum ResponseClass {
        Success = "Success",
        Warning = "Warning",
        Error = "Error",
    }
}

/// Reads `ResponseMessages`: the answers to each part of a request, in the order asked.
///
/// `read` gets the children that are particular to the operation.
pub(crate) fn response_messages<T: Default>(
    response: &mut Element<'_, '_>,
    read: impl Fn(&mut T, &mut Element<'_, '_>) -> Result<(), Problem>,
) -> Result<Vec<ResponseMessage<T>>, Problem> {
    let operation = response.name().trim_end_matches("Message");
    let expected = format!("{operation}Message");
    let mut messages = None;
    while let Some(mut child) = response.next_child()? {
        if child.name() != "ResponseMessages" {
            child.skip()?;
            continue;
        }
        let messages = messages.get_or_insert_with(Vec::new);
        while let Some(mut message) = child.next_child()? {
            if message.name() != expected {
                let found = message.name().chars().take(64).collect();
                return Err(Problem::Unexpected(found, "a message of this operation"));
            }
            messages.push(ResponseMessage::read(&mut message, &read)?);
        }
    }
    messages.ok_or(Problem::Missing("ResponseMessages"))
}

/// Reads an answer that is itself a message with messages in it, all called `expected`. Refused as a
/// whole it has none, and is then the only answer.
pub(super) fn messages_inside<T: Default>(
    response: &mut Element<'_, '_>,
    expected: &'static str,
    read: impl Fn(&mut T, &mut Element<'_, '_>) -> Result<(), Problem>,
) -> Result<Vec<ResponseMessage<T>>, Problem> {
    let mut messages = Vec::new();
    let whole = ResponseMessage::read_with(response, &mut |child| {
        if child.name() != "ResponseMessages" {
            return child.skip();
        }
        while let Some(mut message) = child.next_child()? {
            if message.name() != expected {
                let found = message.name().chars().take(64).collect();
                return Err(Problem::Unexpected(found, "a message of this operation"));
            }
            messages.push(ResponseMessage::read(&mut message, &read)?);
        }
        Ok(())
    })?;
    if messages.is_empty() {
        messages.push(whole);
    }
    Ok(messages)
}

/// The answer to one part of a request.
///
/// A warning can come with what was asked for, a refusal cannot.
///
/// Reference: <https://learn.microsoft.com/exchange/client-developer/web-service-reference/responsemessages>
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct ResponseMessage<T> {
    /// How it went.
    pub class: ResponseClass,
    /// How it went, more precisely; none where a server refuses without a code.
    pub code: Option<ResponseCode>,
    /// How it went, in words.
    pub text: Option<String>,
    /// More about a refusal, by name.
    pub details: Vec<Value>,
    /// How long to wait before asking again, in milliseconds.
    pub back_off_milliseconds: Option<u64>,
    /// What was asked for.
    pub body: T,
    /// Where a refusal came from.
    pub(crate) origin: Option<Arc<Origin>>,
}

impl<T> ResponseMessage<T> {
    /// What was asked for, or the refusal.
    ///
    /// # Errors
    ///
    /// The [`Refusal`] of a message of class `Error`, and of one that was not worked on because
    /// another failed (`ErrorBatchProcessingStopped`).
    pub fn ok(self) -> Result<T, Refusal> {
        if self.is_ok() {
            return Ok(self.body);
        }
        Err(Refusal {
            code: self.code,
            text: self.text,
            details: self.details,
            back_off_milliseconds: self.back_off_milliseconds,
            origin: self.origin,
        })
    }

    /// Why what was asked for is not here, if it is not.
    fn refusal(&self) -> Option<Refusal> {
        (!self.is_ok()).then(|| Refusal {
            code: self.code.clone(),
            text: self.text.clone(),
            details: self.details.clone(),
            back_off_milliseconds: self.back_off_milliseconds,
            origin: self.origin.clone(),
        })
    }

    /// Whether the answer holds what was asked for.
    pub fn is_ok(&self) -> bool {
        match self.class {
            ResponseClass::Success => true,
            ResponseClass::Warning => self.code != Some(ResponseCode::ErrorBatchProcessingStopped),
            ResponseClass::Error => false,
        }
    }
}

impl<T: Default> ResponseMessage<T> {
    pub(crate) fn read(
        node: &mut Element<'_, '_>,
        read: impl Fn(&mut T, &mut Element<'_, '_>) -> Result<(), Problem>,
    ) -> Result<Self, Problem> {
        let mut body = T::default();
        let mut message = Self::read_with(node, &mut |child| read(&mut body, child))?;
        message.body = body;
        Ok(message)
    }

    /// Reads what all messages have, and hands the rest to `read`.
    pub(crate) fn read_with(
        node: &mut Element<'_, '_>,
        read: &mut dyn FnMut(&mut Element<'_, '_>) -> Result<(), Problem>,
    ) -> Result<Self, Problem> {
        let mut message = Self {
            class: response_class(node)?,
            code: None,
            text: None,
            details: Vec::new(),
            back_off_milliseconds: None,
            body: T::default(),
            origin: None,
        };
        while let Some(mut child) = node.next_child()? {
            let child = &mut child;
            match child.name() {
                "MessageText" => message.text = Some(child.text()?),
                "ResponseCode" => message.code = child.lenient()?,
                "DescriptiveLinkKey" => {}
                "MessageXml" => {
                    let details = MessageXml::read(child)?;
                    message.back_off_milliseconds = details.back_off_milliseconds();
                    message.details = details.0;
                }
                _ => read(child)?,
            }
        }
        if message.class == ResponseClass::Error && message.code == Some(ResponseCode::NoError) {
            message.code = None;
        }
        Ok(message)
    }

    /// The same refusal, without what was asked for.
    fn repeated(&self) -> Self {
        Self {
            class: self.class,
            code: self.code.clone(),
            text: self.text.clone(),
            details: self.details.clone(),
            back_off_milliseconds: self.back_off_milliseconds,
            body: T::default(),
            origin: self.origin.clone(),
        }
    }
}

/// A class nobody knows may mean anything, so the answer cannot be understood.
fn response_class(node: &mut Element<'_, '_>) -> Result<ResponseClass, Problem> {
    let name: String = node.required("ResponseClass")?;
    ResponseClass::from_name(name.trim()).ok_or_else(|| {
        let found = name.chars().take(64).collect();
        Problem::Unexpected(found, "the class Success, Warning or Error")
    })
}

impl<T> Response for Vec<ResponseMessage<T>>
where
    T: Default + Serialize + Send + std::fmt::Debug,
{
    /// A server may refuse a whole batch with one message: it holds for each part.
    fn settle(mut self, requested: Option<usize>) -> Result<Self, Problem> {
        let got = self.len();
        match requested {
            Some(requested) if got == requested => Ok(self),
            Some(requested) => match self.as_slice() {
                [only] if !only.is_ok() && requested > 1 => {
                    let repeated: Self = (1..requested).map(|_| only.repeated()).collect();
                    self.extend(repeated);
                    Ok(self)
                }
                _ => Err(Problem::WrongCount { requested, got }),
            },
            None if self.is_empty() => Err(Problem::Missing("a response message")),
            None => Ok(self),
        }
    }

    fn refusals(&self) -> Vec<(usize, Refusal)> {
        let refusals = self.iter().enumerate();
        refusals
            .filter_map(|(position, one)| Some((position, one.refusal()?)))
            .collect()
    }

    fn parts(&self) -> usize {
        self.len()
    }

    fn put(&mut self, positions: &[usize], fresh: Self) {
        for (position, one) in positions.iter().zip(fresh) {
            if let Some(slot) = self.get_mut(*position) {
                *slot = one;
            }
        }
    }

    /// A refusal without a code is one in doubt, as of a server that failed inside.
    fn lose(&mut self, positions: &[usize], why: &str) {
        for position in positions {
            if let Some(slot) = self.get_mut(*position) {
                *slot = ResponseMessage {
                    class: ResponseClass::Error,
                    code: None,
                    text: Some(why.to_owned()),
                    details: Vec::new(),
                    back_off_milliseconds: None,
                    body: T::default(),
                    origin: slot.origin.take(),
                };
            }
        }
    }

    fn summaries(&self) -> Vec<Summary> {
        self.iter().map(Summary::of).collect()
    }

    fn refused(&mut self, origin: &mut dyn FnMut(usize, usize) -> Arc<Origin>) {
        let parts = self.len();
        for (at, message) in self.iter_mut().enumerate() {
            if !message.is_ok() {
                message.origin = Some(origin(at, parts));
            }
        }
    }
}

/// An answer for a person to look at.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct Summary {
    class: ResponseClass,
    code: Option<ResponseCode>,
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    details: Vec<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    back_off_milliseconds: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    content: Option<serde_json::Value>,
}

impl Summary {
    pub(crate) fn of<T: Serialize>(message: &ResponseMessage<T>) -> Self {
        let content = serde_json::to_value(&message.body).unwrap_or_default();
        let is_empty = match &content {
            serde_json::Value::Null => true,
            serde_json::Value::Object(map) => map.is_empty(),
            _ => false,
        };
        // A refusal has empty lists where the answer would be.
        let is_empty = is_empty || !message.is_ok() && is_hollow(&content);
        Self {
            class: message.class,
            code: message.code.clone(),
            text: message.text.clone(),
            details: message.details.clone(),
            back_off_milliseconds: message.back_off_milliseconds,
            content: (!is_empty).then_some(content),
        }
    }
}

/// Serialises a type as an element of that name holds it. The type derives `Serialize` with
/// `#[serde(remote = "Self")]`, which gives what is inside.
macro_rules! serialize_inside {
    ($element:literal, $type:ty) => {
        impl serde::Serialize for $type {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                struct Inside<'a>(&'a $type);

                impl serde::Serialize for Inside<'_> {
                    fn serialize<S: serde::Serializer>(
                        &self,
                        serializer: S,
                    ) -> Result<S::Ok, S::Error> {
                        <$type>::serialize(self.0, serializer)
                    }
                }

                let mut map = serde::Serializer::serialize_map(serializer, Some(1))?;
                serde::ser::SerializeMap::serialize_entry(&mut map, $element, &Inside(self))?;
                serde::ser::SerializeMap::end(map)
            }
        }
    };
}

pub(super) use serialize_inside;

fn is_hollow(content: &serde_json::Value) -> bool {
    match content {
        serde_json::Value::Null => true,
        serde_json::Value::String(text) => text.is_empty(),
        serde_json::Value::Array(list) => list.iter().all(is_hollow),
        serde_json::Value::Object(members) => members.values().all(is_hollow),
        serde_json::Value::Bool(_) | serde_json::Value::Number(_) => false,
    }
}

/// The server refused one part of a request.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct Refusal {
    /// Why.
    pub code: Option<ResponseCode>,
    /// Why, in words.
    pub text: Option<String>,
    /// More about it, by name.
    pub details: Vec<Value>,
    /// How long to wait before asking again, in milliseconds.
    pub back_off_milliseconds: Option<u64>,
    pub(crate) origin: Option<Arc<Origin>>,
}

impl Refusal {
    /// The error a caller gets: with the id of the request and the names of the servers, if it came
    /// from one.
    pub fn into_error(self, operation: &'static str) -> Error {
        let inner = self.details.iter().find_map(|detail| {
            (detail.name == "InnerErrorResponseCode").then(|| ResponseCode::named(&detail.value))
        });
        // `ErrorInternalServerError` says nothing; the code inside it may.
        let code = match (self.code, inner) {
            (Some(ResponseCode::ErrorInternalServerError) | None, Some(inner)) => Some(inner),
            (code, _) => code,
        };
        let mut text = self
            .text
            .unwrap_or_else(|| "the server gave no reason".to_owned());
        for Value { name, value } in &self.details {
            if name.ends_with("URI") {
                text = format!("{text} ({value})");
            }
        }

        let kind = code
            .as_ref()
            .map_or(crate::ErrorKind::Internal, ResponseCode::kind);
        let unknown = Origin::default();
        let origin = self.origin.as_deref().unwrap_or(&unknown);
        let mut error = origin.mark(Error::new(kind, operation, text));
        if let Some(code) = &code {
            error = error.with_code(code.as_str());
            if let Some(advice) = denial::advice(code, origin) {
                error = error.with_hint(advice);
            }
            if let Some(advice) = fault::advice(code, self.back_off_milliseconds) {
                error = error.with_advice(advice);
            }
        }
        error
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ErrorKind;
    use crate::xml;

    type Messages = Vec<ResponseMessage<()>>;

    fn read(messages: &str, requested: Option<usize>) -> Result<Messages, xml::Error> {
        let xml = format!("<DeleteItemResponse>{messages}</DeleteItemResponse>");
        let read = |response: &mut Element<'_, '_>| {
            response_messages(response, |(): &mut (), child| child.skip())?.settle(requested)
        };
        xml::read_document(&xml, read).map(|(messages, _)| messages)
    }

    fn listed(messages: &[&str]) -> String {
        let messages: String = messages
            .iter()
            .map(|message| {
                format!("<DeleteItemResponseMessage {message}</DeleteItemResponseMessage>")
            })
            .collect();
        format!("<ResponseMessages>{messages}</ResponseMessages>")
    }

    const GOOD: &str = "ResponseClass='Success'><ResponseCode>NoError</ResponseCode>";
    const BAD: &str = "ResponseClass='Error'><MessageText>gone</MessageText><ResponseCode>ErrorItemNotFound</ResponseCode>";
    const STOPPED: &str =
        "ResponseClass='Warning'><ResponseCode>ErrorBatchProcessingStopped</ResponseCode>";

    #[test]
    fn there_are_as_many_answers_as_questions() {
        assert_eq!(read(&listed(&[GOOD, BAD]), Some(2)).unwrap().len(), 2);
        assert_eq!(read(&listed(&[GOOD, BAD]), None).unwrap().len(), 2);
        for (messages, requested, got) in [
            (listed(&[GOOD, GOOD]), 3, 2),
            (listed(&[GOOD, GOOD]), 1, 2),
            (listed(&[]), 1, 0),
            // One success does not hold for a whole batch.
            (listed(&[GOOD]), 3, 1),
            // Two refusals hold for no more than two.
            (listed(&[BAD, BAD]), 3, 2),
        ] {
            let error = read(&messages, Some(requested)).unwrap_err();
            let expected = format!("{got} answers came to {requested} questions");
            assert!(error.to_string().starts_with(&expected), "{error}");
        }
        for (messages, missing) in [
            (listed(&[]), "a response message"),
            (String::new(), "ResponseMessages"),
        ] {
            let error = read(&messages, None).unwrap_err();
            assert!(matches!(error.problem, Problem::Missing(what) if what == missing));
        }
    }

    #[test]
    fn one_refusal_for_a_whole_batch() {
        let messages = read(&listed(&[BAD]), Some(3)).unwrap();
        assert_eq!(messages.len(), 3);
        for message in messages {
            let refusal = message.ok().unwrap_err();
            assert_eq!(refusal.code, Some(ResponseCode::ErrorItemNotFound));
            assert_eq!(refusal.text.as_deref(), Some("gone"));
        }
    }

    #[test]
    fn what_was_not_worked_on_is_no_success() {
        let messages = read(&listed(&[GOOD, BAD, STOPPED]), Some(3)).unwrap();
        let went: Vec<bool> = messages.iter().map(ResponseMessage::is_ok).collect();
        assert_eq!(went, [true, false, false]);
    }

    #[test]
    fn a_warning_comes_with_what_was_asked_for() {
        let warning = "ResponseClass=' Warning '><ResponseCode>\n ErrorNameResolutionMultipleResults </ResponseCode>";
        let messages = read(&listed(&[warning]), Some(1)).unwrap();
        assert!(messages[0].is_ok());
        let several = ResponseCode::ErrorNameResolutionMultipleResults;
        assert_eq!(messages[0].code, Some(several));
    }

    #[test]
    fn refusals_without_a_reason() {
        for message in [
            "ResponseClass='Error'>",
            "ResponseClass='Error'><ResponseCode>NoError</ResponseCode>",
            "ResponseClass='Error'><ResponseCode/>",
        ] {
            let mut messages = read(&listed(&[message]), Some(1)).unwrap();
            let refusal = messages.remove(0).ok().unwrap_err();
            assert_eq!(refusal.code, None, "{message}");
            let error = refusal.into_error("DeleteItem");
            assert_eq!(error.kind(), ErrorKind::Internal);
            assert_eq!(error.message(), "the server gave no reason");
        }
    }

    #[test]
    fn what_cannot_be_understood() {
        for (messages, problem) in [
            (
                listed(&["ResponseClass='Partial'>"]),
                "Partial where the class Success, Warning or Error was expected",
            ),
            (listed(&[">"]), "ResponseClass is missing"),
            (
                "<ResponseMessages><GetItemResponseMessage ResponseClass='Success'/></ResponseMessages>".to_owned(),
                "GetItemResponseMessage where a message of this operation was expected",
            ),
        ] {
            let error = read(&messages, Some(1)).unwrap_err();
            assert_eq!(error.problem.to_string(), problem);
        }
    }

    #[test]
    fn a_refusal_shows_no_empty_lists() {
        let show = |class| {
            let message = ResponseMessage {
                class,
                code: None,
                text: None,
                details: Vec::new(),
                back_off_milliseconds: None,
                origin: None,
                body: serde_json::json!({"RootFolder": {"Items": []}}),
            };
            Summary::of(&message).content
        };
        assert_eq!(show(ResponseClass::Error), None);
        assert!(show(ResponseClass::Success).is_some());
    }
}
