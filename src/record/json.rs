//! What of a JSON document of Graph may be written, and of the path it was asked for at.

use http::Method;
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value};
use url::Url;

use super::placeholder::{Placeholders, is_time};
use super::redact::sentence;
use super::vocabulary::is_token;
use crate::timezone;

/// Names of properties, segments of paths, and words of enumerations of Graph.
///
/// Source: <https://learn.microsoft.com/graph/api/overview>
const WORDS: &str = include_str!("graph_words.txt");

/// Properties whose values are words of an enumeration, a kind of content or a code.
const WITH_WORDS: [&str; 31] = [
    "bookingType",
    "code",
    "contentType",
    "dayOfWeek",
    "daysOfWeek",
    "defaultOnlineMeetingProvider",
    "externalAudience",
    "firstDayOfWeek",
    "flagStatus",
    "importance",
    "index",
    "locationType",
    "meetingMessageType",
    "meetingRequestType",
    "messageActionFlag",
    "method",
    "onlineMeetingProvider",
    "reason",
    "response",
    "responseCode",
    "responseType",
    "sensitivity",
    "showAs",
    "sourceIdType",
    "state",
    "status",
    "targetIdType",
    "type",
    "uniqueIdType",
    "userPurpose",
    "wellKnownName",
];

fn is_word(text: &str) -> bool {
    WORDS.lines().any(|word| word == text)
}

/// The document with placeholders for all that is not known to be harmless; `None` if it is no whole JSON document.
pub(super) fn redact(document: &str, placeholders: &mut Placeholders) -> Option<String> {
    let mut value: Value = serde_json::from_str(document).ok()?;
    let mut redactor = Redactor {
        placeholders,
        is_of_error: false,
    };
    redactor.value("", &mut value);
    serde_json::to_string_pretty(&value).ok()
}

struct Redactor<'p> {
    placeholders: &'p mut Placeholders,
    /// Within what the server says of a failure.
    is_of_error: bool,
}

impl Redactor<'_> {
    fn value(&mut self, property: &str, value: &mut Value) {
        match value {
            Value::Null | Value::Bool(_) => {}
            Value::Number(_) if is_word(property) => {}
            Value::Number(number) => {
                let shown = self.placeholders.value(&number.to_string()).into_owned();
                *value = shown.parse::<u64>().map_or(Value::Null, Value::from);
            }
            Value::String(text) => *text = self.text(property, text),
            Value::Array(items) => {
                for item in items {
                    self.value(property, item);
                }
            }
            Value::Object(members) => self.object(members),
        }
    }

    fn object(&mut self, members: &mut Map<String, Value>) {
        let was_of_error = self.is_of_error;
        for (name, mut value) in std::mem::take(members) {
            self.is_of_error = was_of_error || name == "error";
            self.value(&name, &mut value);
            members.insert(self.name(&name), value);
        }
        self.is_of_error = was_of_error;
    }

    fn name(&mut self, name: &str) -> String {
        let bare = name.split('@').next().unwrap_or_default();
        let is_annotation = name.contains("@odata.") && (bare.is_empty() || is_word(bare));
        match is_annotation || is_word(name) {
            true => name.to_owned(),
            // of a batch
            false if name.len() < 4 && name.bytes().all(|byte| byte.is_ascii_digit()) => {
                name.to_owned()
            }
            false => self.placeholders.name(name),
        }
    }

    fn text(&mut self, property: &str, text: &str) -> String {
        let is_shown = match property {
            "@odata.type" => is_type(text),
            "url" => return self.place(text),
            "message" if self.is_of_error => return sentence(text),
            "contentBytes" => return self.placeholders.binary(text),
            "timeZone" | "originalStartTimeZone" | "originalEndTimeZone" | "recurrenceTimeZone" => {
                timezone::from_wire(text).is_some()
            }
            _ if WITH_WORDS.contains(&property) => is_word(text) || is_token(text),
            _ => is_time(text),
        };
        match is_shown {
            true => text.to_owned(),
            false => self.placeholders.value(text).into_owned(),
        }
    }

    /// The place of a part of a batch.
    fn place(&mut self, text: &str) -> String {
        match text.starts_with('/') {
            true => {
                let (path, query) = text.split_once('?').unwrap_or((text, ""));
                shape(path, query)
            }
            false => self.placeholders.value(text).into_owned(),
        }
    }
}

/// As `#microsoft.graph.fileAttachment`.
fn is_type(text: &str) -> bool {
    let name = text.strip_prefix("#microsoft.graph.");
    name.is_some_and(is_word)
}

/// What was asked for, without ids, names and conditions: `GET /v1.0/me/events/{…}?$top=50&$filter={…}`.
pub(super) fn request_line(method: &Method, url: &Url) -> String {
    format!(
        "{method} {}",
        shape(url.path(), url.query().unwrap_or_default())
    )
}

fn shape(path: &str, query: &str) -> String {
    let mut shown = String::new();
    for segment in path.split('/').skip(1) {
        shown.push('/');
        let decoded = percent_decode_str(segment).decode_utf8_lossy();
        shown.push_str(if is_word(&decoded) { segment } else { "{…}" });
    }
    let mut mark = '?';
    for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
        let name = if is_word(&name) { &*name } else { "{…}" };
        let is_plain = |part: &str| {
            let word = part.trim();
            is_word(word) || is_time(word) || word.bytes().all(|byte| byte.is_ascii_digit())
        };
        let value = match value.split([',', ' ', '/']).all(is_plain) {
            true => &*value,
            false => "{…}",
        };
        shown.extend([&mark.to_string(), name, "=", value]);
        mark = '&';
    }
    shown
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn redacted(document: &Value) -> Value {
        let shown = redact(&document.to_string(), &mut Placeholders::default());
        serde_json::from_str(&shown.unwrap()).unwrap()
    }

    #[test]
    fn what_is_known_to_be_harmless_stays() {
        let event = json!({
            "@odata.etag": "W/\"DwAAABYAAABsecretsecretsecret\"",
            "id": "AAMkAGVsecretsecretsecretsecret",
            "subject": "Takeover of Contoso",
            "showAs": "busy",
            "isAllDay": false,
            "reminderMinutesBeforeStart": 15,
            "start": {"dateTime": "2026-03-02T10:00:00.0000000", "timeZone": "UTC"},
            "categories": ["Board", "busy"],
            "attendees": [{"type": "required", "emailAddress": {"name": "Ada", "address": "ada@contoso.com"}}],
            "ourOwnThing": 42,
        });
        let shown = redacted(&event);
        assert_eq!(shown["showAs"], "busy");
        assert_eq!(shown["isAllDay"], false);
        assert_eq!(shown["reminderMinutesBeforeStart"], 15);
        assert_eq!(shown["start"], event["start"]);
        assert_eq!(shown["attendees"][0]["type"], "required");
        assert_eq!(
            shown["attendees"][0]["emailAddress"]["address"],
            "person1@example.com"
        );
        let text = shown.to_string();
        for secret in [
            "secret",
            "Takeover",
            "Board",
            "Ada",
            "contoso",
            "ourOwnThing",
            "42",
        ] {
            assert!(!text.contains(secret), "{secret} in {text}");
        }
    }

    #[test]
    fn a_refusal_in_the_words_of_such_sentences() {
        let refusal = json!({"error": {"code": "ErrorItemNotFound", "message": "The item 'Takeover' was not found.",
            "innerError": {"request-id": "7c1be68b-29f2-4f4b-8e10-1d3ce2e1f4a7"}}});
        let shown = redacted(&refusal);
        assert_eq!(shown["error"]["code"], "ErrorItemNotFound");
        let message = shown["error"]["message"].as_str().unwrap();
        assert!(
            message.contains("not found") && !message.contains("Takeover"),
            "{message}"
        );
    }

    #[test]
    fn places_without_names() {
        let url = "https://graph.microsoft.com/v1.0/users/ada%40contoso.com/events/AAMk%3D?$select=id,subject&$filter=subject%20eq%20'Takeover'&$top=50&$orderby=start/dateTime%20desc";
        let line = request_line(&Method::GET, &url.parse().unwrap());
        assert_eq!(
            line,
            "GET /v1.0/users/{…}/events/{…}?$select=id,subject&$filter={…}&$top=50&$orderby=start/dateTime desc"
        );
    }

    #[test]
    fn what_is_no_json() {
        assert_eq!(
            redact("{\"subject\": \"Take", &mut Placeholders::default()),
            None
        );
    }
}
