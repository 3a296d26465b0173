//! What a write does, in words for whoever approves it.
//!
//! Structures are taken apart by all their fields, so that a new one does not compile until it is shown here.

mod event;
mod mail;
mod settings;

use std::fmt::Write as _;

use serde::Serialize;
use serde_json::Value;

use super::{
    fingerprint,
    write::{Known, Write, address, folder},
};
use crate::{
    connector::MailboxTarget,
    model::{
        Body, BodyFormat, Categories, DeleteMode, ExtendedProperty, FolderRef, NewAttachment,
        Notify, Patch, PropertyName, PropertyValue, Recipient, Version,
    },
};
use event::event_of;
use mail::{message_of, reply_words};

/// How much of a body is shown, in characters.
const BODY_CHARACTERS: usize = 4_000;

/// All that a write does, a line for each thing.
pub(super) fn of(write: &Write<'_>, mailbox: &MailboxTarget, known: Option<&Known>) -> String {
    let mut text = Summary::default();
    match write {
        Write::CreateEvent {
            calendar,
            event,
            notify,
        } => {
            text.create_event(calendar, event, *notify);
        }
        Write::UpdateEvent {
            id,
            patch,
            version,
            notify,
        } => {
            text.head(format_args!("Change {}", event_of(known)));
            text.target("Event", id);
            text.version(*version);
            text.told(*notify, "the attendees, those added or removed among them");
            text.event_patch(patch);
        }
        Write::CancelEvent { id, comment } => {
            text.head(format_args!("Cancel {}", event_of(known)));
            text.target("Event", id);
            text.line("Told", "all attendees");
            text.comment(*comment);
        }
        Write::DeleteEvent { id, mode, notify } => {
            text.head(format_args!("Delete {}", event_of(known)));
            text.target("Event", id);
            text.goes(*mode);
            text.told(*notify, "the attendees, if the mailbox is the organiser's");
        }
        Write::Respond { to, reply } => {
            let answer = word(&reply.answer);
            text.head(format_args!("Answer {answer} to {}", event_of(known)));
            text.target("Meeting", to);
            text.meeting_reply(reply);
        }
        Write::ForwardEvent { id, to, comment } => {
            text.head(format_args!("Forward {}", event_of(known)));
            text.target("Event", id);
            text.list("To", to.iter().map(person));
            text.comment(*comment);
        }
        Write::CreateCalendar { name } => {
            text.head(format_args!("Create the calendar {}", quoted(name)));
        }
        Write::RenameCalendar { id, name } => {
            text.head(format_args!("Rename a calendar to {}", quoted(name)));
            text.target("Calendar", id);
        }
        Write::DeleteCalendar { id } => {
            text.head(format_args!("Delete a calendar with all its events"));
            text.target("Calendar", id);
            text.line("Told", "nobody");
        }
        Write::AddAttachment { to, file } => {
            text.head(format_args!("Attach a file to {}", item_of(known)));
            text.target("Item", to);
            text.line("File", attachment_words(file));
        }
        Write::DeleteAttachment { of, id } => {
            text.head(format_args!("Remove an attachment of {}", item_of(known)));
            text.target("Item", of);
            text.target("Attachment", id);
        }
        Write::CreateDraft { message, options } => {
            text.head(format_args!(
                "Draft the message {}",
                quoted(&message.subject)
            ));
            text.draft_options(options);
            text.new_message(message);
        }
        Write::CreateDraftMime { mime, options } => {
            text.head(format_args!("Draft a message from MIME"));
            text.draft_options(options);
            text.mime(mime);
        }
        Write::CreateReplyDraft { to, reply, options } => {
            text.head(format_args!(
                "Draft {} {}",
                reply_words(reply.kind),
                message_of(known)
            ));
            text.target("Message", to);
            text.draft_options(options);
            text.new_reply(reply);
        }
        Write::UpdateMessage { id, patch, version } => {
            text.head(format_args!("Change {}", message_of(known)));
            text.target("Message", id);
            text.version(*version);
            text.message_patch(patch);
        }
        Write::MoveMessage { id, to } => {
            text.head(format_args!("Move {}", message_of(known)));
            text.target("Message", id);
            text.line("To the folder", folder_words(to));
        }
        Write::CopyMessage { id, to } => {
            text.head(format_args!("Copy {}", message_of(known)));
            text.target("Message", id);
            text.line("To the folder", folder_words(to));
        }
        Write::DeleteMessage { id, mode } => {
            text.head(format_args!("Delete {}", message_of(known)));
            text.target("Message", id);
            text.goes(*mode);
        }
        Write::CreateFolder { parent, name } => {
            text.head(format_args!("Create the folder {}", quoted(name)));
            text.line("In the folder", folder_words(parent));
        }
        Write::RenameFolder { id, name } => {
            text.head(format_args!("Rename a folder to {}", quoted(name)));
            text.target("Folder", id);
        }
        Write::MoveFolder { id, to } => {
            text.head(format_args!("Move a folder with all that is in it"));
            text.target("Folder", id);
            text.line("To the folder", folder_words(to));
        }
        Write::DeleteFolder { id, mode } => {
            text.head(format_args!("Delete a folder with all that is in it"));
            text.target("Folder", id);
            text.goes(*mode);
        }
        Write::EmptyFolder {
            folder,
            mode,
            folders,
        } => {
            text.head(format_args!("Delete all that is in a folder"));
            text.line("Folder", folder_words(folder));
            text.line("Folders in it", if *folders { "go too" } else { "stay" });
            text.goes(*mode);
        }
        Write::Send { message, options } => {
            text.head(format_args!(
                "Send the message {}",
                quoted(&message.subject)
            ));
            text.send_options(options);
            text.new_message(message);
        }
        Write::SendMime { mime, options } => {
            text.head(format_args!("Send a message from MIME"));
            text.send_options(options);
            text.mime(mime);
        }
        Write::SendDraft { id, options } => {
            text.head(format_args!("Send {}", message_of(known)));
            text.target("Message", id);
            text.send_options(options);
        }
        Write::SendReply { to, reply, options } => {
            text.head(format_args!(
                "Send {} {}",
                reply_words(reply.kind),
                message_of(known)
            ));
            text.target("Message", to);
            text.send_options(options);
            text.new_reply(reply);
        }
        Write::SetOutOfOffice { out_of_office } => text.out_of_office(out_of_office),
        Write::CreateRule { rule, client_rules } => {
            text.head(format_args!("Create the inbox rule {}", quoted(&rule.name)));
            text.rule(rule);
            text.client_rules(*client_rules);
        }
        Write::UpdateRule { rule, client_rules } => {
            text.head(format_args!(
                "Change an inbox rule to {}",
                quoted(&rule.name)
            ));
            text.rule(rule);
            text.client_rules(*client_rules);
        }
        Write::DeleteRule { id, client_rules } => {
            text.head(format_args!("Remove an inbox rule"));
            text.target("Rule", id);
            text.client_rules(*client_rules);
        }
    }
    text.line("Mailbox", mailbox_words(mailbox));
    match known {
        Some(Known::Event(event)) => text.known_event(event),
        Some(Known::Message(message)) => text.known_message(message),
        None => {}
    }
    text.0
}

#[derive(Default)]
struct Summary(String);

impl Summary {
    fn head(&mut self, text: std::fmt::Arguments<'_>) {
        // Writing into a String does not fail.
        let _ = write!(self.0, "{text}");
    }

    fn line(&mut self, name: &str, value: impl std::fmt::Display) {
        let _ = write!(self.0, "\n{name}: {value}");
    }

    fn list(&mut self, name: &str, values: impl Iterator<Item = String>) {
        let _ = write!(self.0, "\n{name}:");
        let mut empty = true;
        for value in values {
            empty = false;
            let _ = write!(self.0, "\n- {value}");
        }
        if empty {
            self.0.push_str(" nobody");
        }
    }

    fn target(&mut self, name: &str, id: &impl ToString) {
        self.line(name, visible(&id.to_string()));
    }

    fn version(&mut self, version: Option<&Version>) {
        match version {
            Some(version) => self.line("Only if its version is", visible(version.as_raw())),
            None => self.line("Only if its version is", "whatever it is by then"),
        }
    }

    fn goes(&mut self, mode: DeleteMode) {
        self.line(
            "It goes",
            match mode {
                DeleteMode::Trash => "to the Deleted Items folder",
                DeleteMode::Recoverable => "to the Recoverable Items",
                DeleteMode::Permanent => "for good",
            },
        );
    }

    fn told(&mut self, notify: Notify, whom: &str) {
        match notify {
            Notify::All => self.line("Told", format_args!("{whom}, in any case")),
            Notify::Auto => self.line("Told", format_args!("{whom}, if they would notice")),
            Notify::Nobody => self.line("Told", "nobody"),
        }
    }

    fn comment(&mut self, comment: Option<&str>) {
        if let Some(comment) = comment {
            self.text("Comment", comment);
        }
    }

    fn text(&mut self, name: &str, content: &str) {
        let _ = write!(self.0, "\n{name}:");
        let shown: String = content.chars().take(BODY_CHARACTERS).collect();
        for line in shown.split('\n') {
            let line = line.strip_suffix('\r').unwrap_or(line);
            let _ = write!(self.0, "\n| {}", visible(line));
        }
        let more = content.chars().skip(BODY_CHARACTERS).count();
        if more > 0 {
            let digest = fingerprint::sha256(content.as_bytes());
            let _ = write!(
                self.0,
                "\n({more} more characters are not shown; SHA-256 of the whole: {digest})"
            );
        }
    }

    fn body(&mut self, name: &str, body: &Body) {
        let Body {
            format,
            content,
            truncated: _,
        } = body;
        let format = match format {
            BodyFormat::Html => "HTML",
            BodyFormat::Text => "plain text",
        };
        let size = content.chars().count();
        self.text(&format!("{name} ({format}, {size} characters)"), content);
    }

    fn change<T>(&mut self, name: &str, patch: &Patch<T>, words: impl Fn(&T) -> String) {
        match patch {
            Patch::Keep => {}
            Patch::Clear => self.line(&format!("New: {name}"), "none"),
            Patch::Set(value) => self.line(&format!("New: {name}"), words(value)),
        }
    }

    fn body_change(&mut self, body: &Patch<Body>) {
        match body {
            Patch::Keep => {}
            Patch::Clear => self.line("New body", "none"),
            Patch::Set(body) => self.body("New body", body),
        }
    }

    fn categories_change(&mut self, categories: &Patch<Categories>) {
        match categories {
            Patch::Keep => {}
            Patch::Clear => self.line("New categories", "none"),
            Patch::Set(names) => {
                self.list("New categories", names.iter().map(|name| visible(name)));
            }
        }
    }

    fn extended_change(&mut self, set: &[ExtendedProperty], removed: &[PropertyName]) {
        self.extended(set);
        if !removed.is_empty() {
            let names = removed.iter().map(property_name_words);
            self.list("Properties taken away", names);
        }
    }

    fn attachments(&mut self, files: &[NewAttachment]) {
        if !files.is_empty() {
            self.list("Attachments", files.iter().map(attachment_words));
        }
    }

    fn extended(&mut self, properties: &[ExtendedProperty]) {
        if !properties.is_empty() {
            self.list("Properties", properties.iter().map(property_words));
        }
    }
}

fn item_of(known: Option<&Known>) -> String {
    match known {
        Some(Known::Event(_)) => event_of(known),
        Some(Known::Message(_)) => message_of(known),
        None => "an item".to_owned(),
    }
}

fn folder_words(place: &FolderRef) -> String {
    visible(&folder(place))
}

fn mailbox_words(mailbox: &MailboxTarget) -> String {
    match mailbox {
        MailboxTarget::Own => "that of the account signed in".to_owned(),
        MailboxTarget::Shared(address) => {
            format!("{}, with the account's own rights", visible(address))
        }
        MailboxTarget::ActAs(principal) => {
            format!("{}, as if by its owner", visible(principal.as_str()))
        }
    }
}

fn person(who: &Recipient) -> String {
    let address = address(who);
    match &who.name {
        Some(name) => format!("{} ({})", visible(&address), visible(name)),
        None => visible(&address),
    }
}

fn attachment_words(file: &NewAttachment) -> String {
    let NewAttachment {
        name,
        content_type,
        is_inline,
        content_id,
        content,
    } = file;
    let mut text = format!("{}, {} bytes", visible(name), content.len());
    if let Some(content_type) = content_type {
        let _ = write!(text, ", {}", visible(content_type));
    }
    if *is_inline {
        text.push_str(", within the body");
    }
    if let Some(id) = content_id {
        let _ = write!(text, ", as cid:{}", visible(id));
    }
    let _ = write!(text, ", SHA-256 {}", fingerprint::sha256(content));
    text
}

fn property_words(property: &ExtendedProperty) -> String {
    let ExtendedProperty { name, value } = property;
    let name = property_name_words(name);
    let value = match value {
        PropertyValue::One(value) => quoted(value),
        PropertyValue::Many(values) => {
            let values: Vec<_> = values.iter().map(|value| quoted(value)).collect();
            values.join(", ")
        }
    };
    format!("{name} = {value}")
}

fn property_name_words(name: &PropertyName) -> String {
    match name {
        PropertyName::Tag { tag, kind } => format!("0x{tag:04X} ({})", kind.name()),
        PropertyName::Id { set, id, kind } => {
            format!("0x{id:04X} in {} ({})", visible(set.guid()), kind.name())
        }
        PropertyName::Named { set, name, kind } => {
            let (name, set) = (visible(name), visible(set.guid()));
            format!("{name} in {set} ({})", kind.name())
        }
    }
}

/// A value of an enumeration as its stored form has it.
pub(super) fn word(value: &impl Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(Value::String(word)) => word.replace('_', " "),
        Ok(other) => other.to_string(),
        Err(_) => "something".to_owned(),
    }
}

fn quoted(text: &str) -> String {
    format!("\u{201c}{}\u{201d}", visible(text))
}

/// The text with everything escaped that could make it look like something else: line ends, control characters, and
/// what is invisible or turns the direction of writing.
fn visible(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '"' | '\'' | '\\' => shown.push(character),
            _ if is_combining(character) => shown.push(character),
            _ => shown.extend(character.escape_debug()),
        }
    }
    shown
}

/// Marks that belong to the letter before them: `escape_debug` takes all of them apart from it. They end before the
/// first that is used to hide text.
fn is_combining(character: char) -> bool {
    !character.is_control()
        && !matches!(character, '\u{34f}' | '\u{200b}'..='\u{200f}' | '\u{fe00}'..='\u{fe0f}' | '\u{e0000}'..)
        && !format!("a{character}")
            .escape_debug()
            .to_string()
            .contains("\\u")
}

#[cfg(test)]
mod tests;
