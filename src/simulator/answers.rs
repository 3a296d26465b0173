//! Answers that were given, for connections on which they are mixed up.

use std::collections::BTreeMap;

use http::HeaderValue;
use uuid::Uuid;

/// An answer of an operation.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Remembered {
    pub(super) operation: String,
    pub(super) status: u16,
    pub(super) envelope: String,
    /// The `client-request-id` of the request.
    pub(super) id: Option<HeaderValue>,
}

/// The last two answers of each operation, large ones left out.
#[derive(Debug, Default)]
pub(super) struct Answers(BTreeMap<String, [Option<Remembered>; 2]>);

const LARGEST: usize = 16 * 1024;

impl Answers {
    pub(super) fn remember(&mut self, answer: &Remembered) {
        if answer.envelope.len() <= LARGEST && !answer.envelope.is_empty() {
            let [last, before] = self.0.entry(answer.operation.clone()).or_default();
            *before = last.replace(answer.clone());
        }
    }

    /// What may come in place of an answer: one to another request by the same operation with the
    /// id of that request, or one of another operation with the right id.
    pub(super) fn other(&self, right: &Remembered, same_operation: bool) -> Remembered {
        let all = self.0.values().flatten().flatten();
        let mut others = all.filter(|one| {
            (one.operation == right.operation) == same_operation && one.id != right.id
        });
        if same_operation {
            let id = Uuid::new_v4().to_string();
            return others.next().cloned().unwrap_or_else(|| Remembered {
                id: HeaderValue::from_str(&id).ok(),
                ..right.clone()
            });
        }
        let envelope = others.next().map_or_else(
            // No operation was called before: an answer of one that is never called.
            || match right.envelope.starts_with('{') {
                true => r#"{"@odata.context":"$metadata#domains"}"#.to_owned(),
                false => right.envelope.replace(&right.operation, "GetUMProperties"),
            },
            |one| one.envelope.clone(),
        );
        Remembered {
            envelope,
            ..right.clone()
        }
    }

    /// A whole HTTP answer that nobody asked for.
    pub(super) fn stray(&self) -> Vec<u8> {
        let known = self.0.values().flatten().flatten().next();
        let envelope = known.map_or("", |one| &one.envelope);
        let length = envelope.len();
        let head = format!(
            "HTTP/1.1 200 OK\r\nContent-Type: text/xml; charset=utf-8\r\nContent-Length: {length}\r\n\r\n"
        );
        (head + envelope).into_bytes()
    }
}
