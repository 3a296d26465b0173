//! From the wire to the model and back, by functions.
//!
//! What a program may rely on is decided here: the wire has everything optional, the model does
//! not. Unknown values of enumerations become the neutral value their type documents.

mod attachment;
mod availability;
mod event;
mod flag;
mod folder;
mod inbox_rule;
mod mail_tips;
mod meeting_message;
mod message;
mod message_patch;
mod new_event;
mod new_message;
mod out_of_office;
mod patch;
mod property;
mod recipient;
mod recurrence;
mod zone;

pub(super) use crate::mail::keys::{draft_key, send_key, stored_send_key};
pub(super) use crate::model::{idempotency_key, unfinished};
pub(super) use attachment::{attachments, item_kind, new_attachment, upload};
pub(super) use availability::{schedule, utc};
pub(super) use event::{event_at_home, event_id, full_paths, summary_paths, wants_home};
pub(super) use flag::status_path as flag_status_path;
pub(super) use folder::{
    WELL_KNOWN, calendar_info, check_folder_name, delete_type, distinguished, mail_folder,
    mail_folder_paths, paths as folder_paths,
};
pub(super) use inbox_rule::{inbox_rule, rule};
pub(super) use mail_tips::mail_tips;
pub(super) use meeting_message::{meeting_message, paths as meeting_paths};
pub(super) use message::{
    author_paths, is_message, message, message_full_paths, message_ref, message_summary_paths,
};
pub(super) use message_patch::{message_addition, message_change};
pub(super) use new_event::{body, calendar_item};
pub(super) use new_message::{Draft, Extras, can_attach, message as new_message, message_id};
pub(super) use out_of_office::{oof_settings, out_of_office};
pub(super) use patch::item_change;
pub(super) use property::{extended_uri, property_uri};
pub(super) use recipient::to_wire as mailbox;
pub(super) use recipient::{person_kind, recipient};
