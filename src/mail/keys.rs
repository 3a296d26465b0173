//! The properties by which this library finds again what it made: the same on every backend, so that a message made over
//! one is known over the other.

use crate::model::{ExtendedProperty, OWN_SET, PropertyKind, PropertyName, PropertySet};

/// One of this library's own properties.
pub(crate) fn own_property(name: &str) -> PropertyName {
    let set = PropertySet::Guid(OWN_SET.to_string());
    PropertyName::named(set, name, PropertyKind::String)
}

/// The property that holds the caller's idempotency key.
pub(crate) fn idempotency_key() -> PropertyName {
    own_property("idempotency-key")
}

/// The property of what is not whole yet: something is still to be attached to it.
pub(crate) fn unfinished() -> PropertyName {
    own_property("create-unfinished")
}

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
