//! From wire to model and back, as functions.

mod attachment;
mod body;
mod calendar;
mod event;
mod extended_property;
mod flag;
mod folder;
mod item;
mod meeting_message;
mod message;
mod message_patch;
mod message_rule;
mod new_event;
mod new_message;
mod recipient;
mod recurrence;
mod schedule;
mod settings;
mod time;

pub(in crate::graph) use attachment::{attachment, new_attachment};
pub(in crate::graph) use body::{body, body_preference, item_body};
pub(in crate::graph) use calendar::calendar;
pub(in crate::graph) use event::{
    Reading, event, event_id, full_expansion, full_fields, kind, summary_fields, when,
};
pub(in crate::graph) use extended_property::{
    expand_properties, extended_properties, property_equals, property_id, quoted,
    to_extended_properties,
};
pub(in crate::graph) use folder::{
    WELL_KNOWN, check_folder_name, class as folder_class, folder, folder_path,
};
pub(in crate::graph) use item::exact_instant;
pub(in crate::graph) use meeting_message::meeting_message;
pub(in crate::graph) use message::{
    ALWAYS_READ, READ_IN_FULL, is_message, message, raw_message_id,
};
pub(in crate::graph) use message_patch::message_patch;
pub(in crate::graph) use message_rule::{RuleFolders, inbox_rule, message_rule};
pub(in crate::graph) use new_event::{
    changed_fields, fields_of, new_event, set_attendees, set_extended,
};
pub(in crate::graph) use new_message::{Extras, new_message, people, put_properties};
pub(in crate::graph) use recipient::{recipient, to_recipient};
pub(in crate::graph) use recurrence::recurrence;
pub(in crate::graph) use schedule::{schedule, working_hours};
pub(in crate::graph) use settings::{
    automatic_replies, is_no_recipient, mail_tips, mailbox_settings, out_of_office,
};
pub(in crate::graph) use time::{instant, to_instant, to_instant_after, to_slot, to_utc, utc};
