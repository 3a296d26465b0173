//! The place reached in a synchronisation.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    connector::Backend,
    error::{Error, ErrorKind, Result},
};

/// The place reached in a synchronisation: opaque, made to be stored.
///
/// It may hold more than 100 kB (an EWS `SyncState`), and parts of it may give access to data of the mailbox (a Graph
/// delta link): keep it where the synchronised data is kept.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SyncToken(String);

/// The inside of a token: format version, backend, what is synchronised, the backend's own data.
#[derive(Serialize, Deserialize)]
struct Content {
    v: u8,
    b: Backend,
    k: String,
    d: Value,
}

const FORMAT: u8 = 1;

impl SyncToken {
    /// Used by backends: a token that holds this data. `kind` says what is synchronised, such as `events`, so that
    /// the token is refused for anything else.
    pub fn encode(backend: Backend, kind: &str, data: Value) -> Self {
        let content = serde_json::json!({ "v": FORMAT, "b": backend.tag(), "k": kind, "d": data });
        Self(content.to_string())
    }

    /// Used by backends: the data in the token.
    ///
    /// # Errors
    /// [`SyncStateInvalid`](ErrorKind::SyncStateInvalid) when it is not a token, or one of another backend, of
    /// another kind, or of a format this version of the library does not know.
    pub fn decode(&self, backend: Backend, kind: &str) -> Result<Value> {
        let refuse = |why: &str| {
            Error::new(ErrorKind::SyncStateInvalid, "read sync token", why).with_backend(backend)
        };
        let content: Content = serde_json::from_str(&self.0)
            .map_err(|error| refuse("it is not a sync token").with_source(error))?;
        if content.v != FORMAT {
            return Err(refuse(
                "it is of a format this version of the library does not know",
            ));
        }
        if content.b != backend {
            return Err(refuse("it belongs to another backend"));
        }
        if content.k != kind {
            return Err(refuse(
                "it belongs to the synchronisation of something else",
            ));
        }
        Ok(content.d)
    }
}

impl std::fmt::Debug for SyncToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SyncToken({} bytes)", self.0.len())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn bound_to_backend_and_kind() {
        let token = SyncToken::encode(Backend::Ews, "events", json!({"state": "H4sI"}));
        let stored = serde_json::to_string(&token).unwrap();
        let token: SyncToken = serde_json::from_str(&stored).unwrap();
        assert_eq!(
            token.decode(Backend::Ews, "events").unwrap(),
            json!({"state": "H4sI"})
        );
        for (backend, kind) in [(Backend::Graph, "events"), (Backend::Ews, "view")] {
            assert_eq!(
                token.decode(backend, kind).unwrap_err().kind(),
                ErrorKind::SyncStateInvalid
            );
        }
        assert!(!format!("{token:?}").contains("H4sI"));
    }

    #[test]
    fn what_is_no_token_is_refused() {
        for text in [
            r#""""#,
            r#""H4sI""#,
            r#""{\"v\":2,\"b\":\"ews\",\"k\":\"events\",\"d\":null}""#,
        ] {
            let token: SyncToken = serde_json::from_str(text).unwrap();
            assert_eq!(
                token.decode(Backend::Ews, "events").unwrap_err().kind(),
                ErrorKind::SyncStateInvalid
            );
        }
    }
}
