//! From wire to model and back, as functions.

mod body;
mod extended_property;
mod recipient;

pub(in crate::graph) use body::{body, body_preference, item_body};
pub(in crate::graph) use extended_property::{
    expand_properties, extended_properties, property_equals, property_id, quoted,
    to_extended_properties,
};
pub(in crate::graph) use recipient::{
    email_address, recipient, to_email_address, to_recipient,
};
