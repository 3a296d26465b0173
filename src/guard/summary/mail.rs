//! Writes to mail, in words.

use super::super::{fingerprint, write::Known};
use super::{Summary, folder_words, person, quoted, visible, word};
use crate::model::{
    DraftOptions, FollowUpFlag, Importance, Message, MessagePatch, NewMessage, NewReply, Patch,
    Recipient, ReplyKind, SaveSent, SendOptions, Sensitivity,
};

impl Summary {
    pub(super) fn new_message(&mut self, message: &NewMessage) {
        // The subject is in the headline.
        let NewMessage {
            subject: _,
            body,
            text_alternative,
            to,
            cc,
            bcc,
            reply_to,
            from,
            importance,
            sensitivity,
            categories,
            headers,
            in_reply_to,
            references,
            read_receipt,
            delivery_receipt,
            attachments,
            send_at,
            extended,
        } = message;
        self.people(to, cc, bcc);
        if !reply_to.is_empty() {
            self.list("Answers go to", reply_to.iter().map(person));
        }
        if let Some(author) = from {
            self.line("In the name of", person(author));
        }
        if let Some(body) = body {
            self.body("Body", body);
        }
        if let Some(text) = text_alternative {
            self.text("The same as plain text", text);
        }
        self.attachments(attachments);
        if *importance != Importance::Normal {
            self.line("Importance", word(importance));
        }
        if *sensitivity != Sensitivity::Normal {
            self.line("Sensitivity", word(sensitivity));
        }
        if !categories.is_empty() {
            self.list("Categories", categories.iter().map(|name| visible(name)));
        }
        if !headers.is_empty() {
            let lines = headers.iter();
            let lines = lines.map(|(name, value)| format!("{}: {}", visible(name), visible(value)));
            self.list("Headers", lines);
        }
        if let Some(id) = in_reply_to {
            self.line("Answers the message", visible(id));
        }
        if let Some(ids) = references {
            self.line("References", visible(ids));
        }
        if *read_receipt {
            self.line("Asks to be told", "when it is read");
        }
        if *delivery_receipt {
            self.line("Asks to be told", "when it is delivered");
        }
        if let Some(time) = send_at {
            self.line(
                "Not before",
                format_args!("{} UTC", time.format("%a %F %T")),
            );
        }
        self.extended(extended);
    }

    pub(super) fn new_reply(&mut self, reply: &NewReply) {
        let NewReply {
            kind,
            body,
            to,
            cc,
            bcc,
            attachments,
        } = reply;
        match kind {
            ReplyKind::Reply => self.line("Goes to", "its author, or whom the author names"),
            ReplyKind::ReplyAll => self.line("Goes to", "its author and all who got it"),
            ReplyKind::Forward => {}
        }
        self.people(to, cc, bcc);
        if let Some(body) = body {
            self.body("Body above what is quoted", body);
        }
        self.attachments(attachments);
    }

    fn people(&mut self, to: &[Recipient], cc: &[Recipient], bcc: &[Recipient]) {
        self.list("To", to.iter().map(person));
        for (name, people) in [("Copy to", cc), ("Blind copy to", bcc)] {
            if !people.is_empty() {
                self.list(name, people.iter().map(person));
            }
        }
    }

    /// The headers say who gets it: they are shown as they are.
    pub(super) fn mime(&mut self, mime: &[u8]) {
        let end = |line_end: &[u8]| {
            mime.windows(line_end.len())
                .position(|part| part == line_end)
        };
        let head = [end(b"\r\n\r\n"), end(b"\n\n")].into_iter().flatten().min();
        let head = mime.get(..head.unwrap_or(mime.len())).unwrap_or_default();
        self.text("Headers", &String::from_utf8_lossy(head));
        let digest = fingerprint::sha256(mime);
        self.line(
            "Content",
            format_args!("{} bytes, SHA-256 {digest}", mime.len()),
        );
    }

    pub(super) fn draft_options(&mut self, options: &DraftOptions) {
        let DraftOptions {
            folder,
            idempotency_key,
        } = options;
        if let Some(folder) = folder {
            self.line("In the folder", folder_words(folder));
        }
        if let Some(key) = idempotency_key {
            self.line("Made once for the key", visible(key));
        }
    }

    pub(super) fn send_options(&mut self, options: &SendOptions) {
        let SendOptions {
            save,
            track: _,
            idempotency_key,
        } = options;
        match save {
            SaveSent::SentItems => {}
            SaveSent::Nowhere => self.line("Own copy", "none"),
            SaveSent::Folder(folder) => self.line("Own copy", folder_words(folder)),
        }
        if let Some(key) = idempotency_key {
            self.line("Sent once for the key", visible(key));
        }
    }

    pub(super) fn message_patch(&mut self, patch: &MessagePatch) {
        let MessagePatch {
            is_read,
            flag,
            categories,
            importance,
            sensitivity,
            subject,
            body,
            to,
            cc,
            bcc,
            reply_to,
            from,
            extended,
            remove_extended,
        } = patch;
        let before = self.0.len();
        self.change("Read", is_read, word);
        self.change("Flag", flag, flag_words);
        self.categories_change(categories);
        self.change("Importance", importance, word);
        self.change("Sensitivity", sensitivity, word);
        self.change("Subject", subject, |text| visible(text));
        self.body_change(body);
        for (name, people) in [
            ("New: To", to),
            ("New: Copy to", cc),
            ("New: Blind copy to", bcc),
            ("New: Answers go to", reply_to),
        ] {
            match people {
                Patch::Keep => {}
                Patch::Clear => self.line(name, "nobody"),
                Patch::Set(people) => self.list(name, people.iter().map(person)),
            }
        }
        self.change("In the name of", from, person);
        self.extended_change(extended, remove_extended);
        if self.0.len() == before {
            self.line("Changes", "nothing");
        }
    }

    /// What the message is now.
    pub(super) fn known_message(&mut self, message: &Message) {
        if let Some(author) = &message.from {
            self.line("Now: From", person(author));
        }
        if let Some(time) = message.received {
            self.line(
                "Now: Received",
                format_args!("{} UTC", time.format("%a %F %T")),
            );
        }
        if let Some(detail) = &message.detail {
            for (name, people) in [
                ("Now: To", &detail.to),
                ("Now: Copy to", &detail.cc),
                ("Now: Blind copy to", &detail.bcc),
            ] {
                if !people.is_empty() {
                    self.list(name, people.iter().map(person));
                }
            }
        }
    }
}

pub(super) fn message_of(known: Option<&Known>) -> String {
    match known {
        Some(Known::Message(message)) => format!("the message {}", quoted(&message.subject)),
        Some(Known::Event(event)) => format!("the event {}", quoted(&event.subject)),
        None => "a message".to_owned(),
    }
}

pub(super) fn reply_words(kind: ReplyKind) -> &'static str {
    match kind {
        ReplyKind::Reply => "an answer to",
        ReplyKind::ReplyAll => "an answer to all of",
        ReplyKind::Forward => "on",
    }
}

fn flag_words(flag: &FollowUpFlag) -> String {
    match flag {
        FollowUpFlag::NotFlagged => "none".to_owned(),
        FollowUpFlag::Flagged { start, due } => match (start, due) {
            (None, None) => "to be done".to_owned(),
            (Some(start), None) => format!("to be done from {start} on"),
            (None, Some(due)) => format!("to be done until {due}"),
            (Some(start), Some(due)) => format!("to be done from {start} until {due}"),
        },
        FollowUpFlag::Complete { on: None } => "done".to_owned(),
        FollowUpFlag::Complete { on: Some(day) } => format!("done on {day}"),
    }
}
