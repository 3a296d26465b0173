//! From wire to model and back, as functions.

mod attachment;
mod body;
mod extended_property;
mod flag;
mod folder;
mod item;
mod message;
mod message_patch;
mod new_message;
mod recipient;

pub(in crate::graph) use attachment::{attachment, new_attachment};
pub(in crate::graph) use body::{body, body_preference, item_body};
pub(in crate::graph) use extended_property::{
    expand_properties, extended_properties, property_equals, property_id, property_name, quoted,
    to_extended_properties,
};
pub(in crate::graph) use folder::{
    WELL_KNOWN, check_folder_name, class as folder_class, folder, folder_path,
};
pub(in crate::graph) use item::{
    importance, importance_name, instant, sensitivity, sensitivity_number, utc,
};
pub(in crate::graph) use message::{
    ALWAYS_READ, READ_IN_FULL, is_message, message, raw_message_id,
};
pub(in crate::graph) use message_patch::message_patch;
pub(in crate::graph) use new_message::{Extras, new_message, people, put_properties};
pub(in crate::graph) use recipient::{email_address, recipient, to_email_address, to_recipient};
