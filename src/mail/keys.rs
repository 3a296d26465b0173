//! The keys by which this library finds again what it made: the same on every backend, so that a message made over one is
//! known over the other.

use crate::model::{ExtendedProperty, idempotency_key, own_property};

/// The key of a draft, of what repeats the same create.
///
/// It is another property than the key of a send, so that a draft is not sent by a program that
/// happens to use a key for both.
pub(crate) fn draft_key(key: &str) -> ExtendedProperty {
    ExtendedProperty::new(own_property("draft-key"), key)
}

/// The key of a send, on a draft that was made for it.
pub(crate) fn send_key(key: &str) -> ExtendedProperty {
    ExtendedProperty::new(idempotency_key(), key)
}

/// The key of a send, on a draft of the caller's, which no other send may take for its own.
pub(crate) fn stored_send_key(key: &str) -> ExtendedProperty {
    ExtendedProperty::new(own_property("stored-send-key"), key)
}
