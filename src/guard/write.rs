//! The writes there are, each with all its arguments.

mod digest;

use std::collections::BTreeSet;

use bytes::Bytes;
use serde::Serialize;

use super::{WriteIntent, WriteOperation, fingerprint, summary};
use crate::{
    connector::{Backend, MailboxTarget},
    error::{Error, Result},
    model::{
        Address, AttachmentId, Attendee, CalendarId, CalendarRef, ClientRules, DeleteMode,
        DraftOptions, Event, EventId, EventPatch, FolderId, FolderRef, InboxRule, ItemRef,
        MeetingReply, Message, MessageId, MessagePatch, NewAttachment, NewEvent, NewMessage,
        NewReply, Notify, OutOfOffice, Patch, Recipient, ReplyKind, RuleId, SendOptions, Version,
    },
};

/// A write with all its arguments.
#[derive(Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Write<'a> {
    CreateEvent {
        calendar: &'a CalendarRef,
        #[serde(serialize_with = "digest::event")]
        event: &'a NewEvent,
        notify: Notify,
    },
    UpdateEvent {
        id: &'a EventId,
        #[serde(serialize_with = "digest::event_patch")]
        patch: &'a EventPatch,
        version: Option<&'a Version>,
        notify: Notify,
    },
    CancelEvent {
        id: &'a EventId,
        comment: Option<&'a str>,
    },
    DeleteEvent {
        id: &'a EventId,
        mode: DeleteMode,
        notify: Notify,
    },
    Respond {
        to: &'a ItemRef,
        #[serde(serialize_with = "digest::meeting_reply")]
        reply: &'a MeetingReply,
    },
    ForwardEvent {
        id: &'a EventId,
        to: &'a [Recipient],
        comment: Option<&'a str>,
    },
    CreateCalendar {
        name: &'a str,
    },
    RenameCalendar {
        id: &'a CalendarId,
        name: &'a str,
    },
    DeleteCalendar {
        id: &'a CalendarId,
    },
    AddAttachment {
        to: &'a ItemRef,
        #[serde(serialize_with = "digest::file")]
        file: &'a NewAttachment,
    },
    DeleteAttachment {
        of: &'a ItemRef,
        id: &'a AttachmentId,
    },
    CreateDraft {
        #[serde(serialize_with = "digest::message")]
        message: &'a NewMessage,
        #[serde(serialize_with = "digest::draft_options")]
        options: &'a DraftOptions,
    },
    CreateDraftMime {
        #[serde(serialize_with = "digest::content")]
        mime: &'a Bytes,
        #[serde(serialize_with = "digest::draft_options")]
        options: &'a DraftOptions,
    },
    CreateReplyDraft {
        to: &'a MessageId,
        #[serde(serialize_with = "digest::reply")]
        reply: &'a NewReply,
        #[serde(serialize_with = "digest::draft_options")]
        options: &'a DraftOptions,
    },
    UpdateMessage {
        id: &'a MessageId,
        #[serde(serialize_with = "digest::message_patch")]
        patch: &'a MessagePatch,
        version: Option<&'a Version>,
    },
    MoveMessage {
        id: &'a MessageId,
        to: &'a FolderRef,
    },
    CopyMessage {
        id: &'a MessageId,
        to: &'a FolderRef,
    },
    DeleteMessage {
        id: &'a MessageId,
        mode: DeleteMode,
    },
    CreateFolder {
        parent: &'a FolderRef,
        name: &'a str,
    },
    RenameFolder {
        id: &'a FolderId,
        name: &'a str,
    },
    MoveFolder {
        id: &'a FolderId,
        to: &'a FolderRef,
    },
    DeleteFolder {
        id: &'a FolderId,
        mode: DeleteMode,
    },
    EmptyFolder {
        folder: &'a FolderRef,
        mode: DeleteMode,
        folders: bool,
    },
    Send {
        #[serde(serialize_with = "digest::message")]
        message: &'a NewMessage,
        #[serde(serialize_with = "digest::send_options")]
        options: &'a SendOptions,
    },
    SendMime {
        #[serde(serialize_with = "digest::content")]
        mime: &'a Bytes,
        #[serde(serialize_with = "digest::send_options")]
        options: &'a SendOptions,
    },
    SendDraft {
        id: &'a MessageId,
        #[serde(serialize_with = "digest::send_options")]
        options: &'a SendOptions,
    },
    SendReply {
        to: &'a MessageId,
        #[serde(serialize_with = "digest::reply")]
        reply: &'a NewReply,
        #[serde(serialize_with = "digest::send_options")]
        options: &'a SendOptions,
    },
    SetOutOfOffice {
        #[serde(serialize_with = "digest::out_of_office")]
        out_of_office: &'a OutOfOffice,
    },
    CreateRule {
        #[serde(serialize_with = "digest::rule")]
        rule: &'a InboxRule,
        client_rules: ClientRules,
    },
    UpdateRule {
        #[serde(serialize_with = "digest::rule")]
        rule: &'a InboxRule,
        client_rules: ClientRules,
    },
    DeleteRule {
        id: &'a RuleId,
        client_rules: ClientRules,
    },
}

/// What the fingerprint is taken of.
#[derive(Serialize)]
struct Bound<'a> {
    backend: Backend,
    mailbox: &'a MailboxTarget,
    write: &'a Write<'a>,
}

/// What a write is done to, as it was read before.
#[derive(Debug)]
pub(super) enum Known {
    Event(Box<Event>),
    Message(Box<Message>),
}

impl Write<'_> {
    pub(super) fn operation(&self) -> WriteOperation {
        match self {
            Self::CreateEvent { .. } => WriteOperation::CreateEvent,
            Self::UpdateEvent { .. } => WriteOperation::UpdateEvent,
            Self::CancelEvent { .. } => WriteOperation::CancelEvent,
            Self::DeleteEvent { .. } => WriteOperation::DeleteEvent,
            Self::Respond { .. } => WriteOperation::Respond,
            Self::ForwardEvent { .. } => WriteOperation::ForwardEvent,
            Self::CreateCalendar { .. } => WriteOperation::CreateCalendar,
            Self::RenameCalendar { .. } => WriteOperation::RenameCalendar,
            Self::DeleteCalendar { .. } => WriteOperation::DeleteCalendar,
            Self::AddAttachment { .. } => WriteOperation::AddAttachment,
            Self::DeleteAttachment { .. } => WriteOperation::DeleteAttachment,
            Self::CreateDraft { .. } => WriteOperation::CreateDraft,
            Self::CreateDraftMime { .. } => WriteOperation::CreateDraftMime,
            Self::CreateReplyDraft { .. } => WriteOperation::CreateReplyDraft,
            Self::UpdateMessage { .. } => WriteOperation::UpdateMessage,
            Self::MoveMessage { .. } => WriteOperation::MoveMessages,
            Self::CopyMessage { .. } => WriteOperation::CopyMessages,
            Self::DeleteMessage { .. } => WriteOperation::DeleteMessages,
            Self::CreateFolder { .. } => WriteOperation::CreateFolder,
            Self::RenameFolder { .. } => WriteOperation::RenameFolder,
            Self::MoveFolder { .. } => WriteOperation::MoveFolder,
            Self::DeleteFolder { .. } => WriteOperation::DeleteFolder,
            Self::EmptyFolder { .. } => WriteOperation::EmptyFolder,
            Self::Send { .. } => WriteOperation::Send,
            Self::SendMime { .. } => WriteOperation::SendMime,
            Self::SendDraft { .. } => WriteOperation::SendDraft,
            Self::SendReply { .. } => WriteOperation::SendReply,
            Self::SetOutOfOffice { .. } => WriteOperation::SetOutOfOffice,
            Self::CreateRule { .. } => WriteOperation::CreateRule,
            Self::UpdateRule { .. } => WriteOperation::UpdateRule,
            Self::DeleteRule { .. } => WriteOperation::DeleteRule,
        }
    }

    /// The event or message it is done to.
    pub(super) fn item(&self) -> Option<ItemRef> {
        match *self {
            Self::UpdateEvent { id, .. }
            | Self::CancelEvent { id, .. }
            | Self::DeleteEvent { id, .. }
            | Self::ForwardEvent { id, .. } => Some(id.clone().into()),
            Self::UpdateMessage { id, .. }
            | Self::MoveMessage { id, .. }
            | Self::CopyMessage { id, .. }
            | Self::DeleteMessage { id, .. }
            | Self::SendDraft { id, .. }
            | Self::CreateReplyDraft { to: id, .. }
            | Self::SendReply { to: id, .. } => Some(id.clone().into()),
            Self::Respond { to, .. }
            | Self::AddAttachment { to, .. }
            | Self::DeleteAttachment { of: to, .. } => Some(to.clone()),
            Self::CreateEvent { .. }
            | Self::CreateCalendar { .. }
            | Self::RenameCalendar { .. }
            | Self::DeleteCalendar { .. }
            | Self::CreateDraft { .. }
            | Self::CreateDraftMime { .. }
            | Self::CreateFolder { .. }
            | Self::RenameFolder { .. }
            | Self::MoveFolder { .. }
            | Self::DeleteFolder { .. }
            | Self::EmptyFolder { .. }
            | Self::Send { .. }
            | Self::SendMime { .. }
            | Self::SetOutOfOffice { .. }
            | Self::CreateRule { .. }
            | Self::UpdateRule { .. }
            | Self::DeleteRule { .. } => None,
        }
    }

    /// The intent, with what is known of the item it is done to.
    pub(super) fn intent(
        &self,
        backend: Backend,
        mailbox: &MailboxTarget,
        known: Option<&Known>,
    ) -> Result<WriteIntent> {
        let operation = self.operation();
        let bound = Bound {
            backend,
            mailbox,
            write: self,
        };
        let fingerprint = fingerprint::of(&bound).map_err(|cause| {
            let problem = "the request cannot be put into the form that an approval is bound to";
            Error::invalid_argument(operation.name(), problem).with_source(cause)
        })?;
        Ok(WriteIntent {
            operation,
            mailbox: mailbox.clone(),
            targets: self.targets(),
            recipients: self.recipients(known),
            recipients_complete: self.names_everyone(known),
            notify: self.notify(),
            summary: summary::of(self, mailbox, known),
            fingerprint,
        })
    }

    fn targets(&self) -> Vec<String> {
        let mut targets: Vec<String> = self.item().iter().map(ItemRef::to_string).collect();
        match self {
            Self::CreateEvent {
                calendar: CalendarRef::Id(id),
                ..
            } => targets.push(id.to_string()),
            Self::RenameCalendar { id, .. } | Self::DeleteCalendar { id } => {
                targets.push(id.to_string())
            }
            Self::DeleteAttachment { id, .. } => targets.push(id.to_string()),
            Self::MoveMessage { to, .. } | Self::CopyMessage { to, .. } => targets.push(folder(to)),
            Self::CreateFolder { parent, .. } => targets.push(folder(parent)),
            Self::RenameFolder { id, .. } | Self::DeleteFolder { id, .. } => {
                targets.push(id.to_string());
            }
            Self::MoveFolder { id, to } => targets.extend([id.to_string(), folder(to)]),
            Self::EmptyFolder { folder: to, .. } => targets.push(folder(to)),
            Self::UpdateRule { rule, .. } => targets.extend(rule.id.iter().map(RuleId::to_string)),
            Self::DeleteRule { id, .. } => targets.push(id.to_string()),
            _ => {}
        }
        targets
    }

    pub(super) fn notify(&self) -> Notify {
        match self {
            Self::CreateEvent { notify, .. }
            | Self::UpdateEvent { notify, .. }
            | Self::DeleteEvent { notify, .. } => *notify,
            Self::CancelEvent { .. }
            | Self::ForwardEvent { .. }
            | Self::Send { .. }
            | Self::SendMime { .. }
            | Self::SendDraft { .. }
            | Self::SendReply { .. } => Notify::All,
            Self::Respond { reply, .. } if reply.send => Notify::All,
            _ => Notify::Nobody,
        }
    }

    fn recipients(&self, known: Option<&Known>) -> Vec<String> {
        let all: BTreeSet<String> = self
            .named()
            .into_iter()
            .chain(self.concerned(known))
            .map(address)
            .collect();
        all.into_iter().collect()
    }

    /// Who is in the arguments.
    fn named(&self) -> Vec<&Recipient> {
        let attending: &[Attendee] = match self {
            Self::CreateEvent { event, .. } => event.attendees.as_slice(),
            Self::UpdateEvent { patch, .. } => match &patch.attendees {
                Patch::Set(list) => list,
                Patch::Keep | Patch::Clear => &[],
            },
            _ => &[],
        };
        let mailed: Vec<&Recipient> = match self {
            Self::ForwardEvent { to, .. } => to.iter().collect(),
            Self::CreateDraft { message, .. } | Self::Send { message, .. } => {
                let lists = [&message.to, &message.cc, &message.bcc];
                lists.into_iter().flatten().collect()
            }
            Self::CreateReplyDraft { reply, .. } | Self::SendReply { reply, .. } => {
                let lists = [&reply.to, &reply.cc, &reply.bcc];
                lists.into_iter().flatten().collect()
            }
            Self::UpdateMessage { patch, .. } => {
                let lists = [&patch.to, &patch.cc, &patch.bcc];
                lists
                    .into_iter()
                    .filter_map(Patch::value)
                    .flatten()
                    .collect()
            }
            Self::CreateRule { rule, .. } | Self::UpdateRule { rule, .. } => {
                let actions = &rule.actions;
                let lists = [
                    &actions.forward_to,
                    &actions.forward_as_attachment_to,
                    &actions.redirect_to,
                ];
                lists.into_iter().flatten().collect()
            }
            _ => Vec::new(),
        };
        attending.iter().map(|one| &one.who).chain(mailed).collect()
    }

    /// Who else is concerned, as far as it is known.
    fn concerned<'k>(&self, known: Option<&'k Known>) -> Vec<&'k Recipient> {
        match (self, known) {
            // The answer goes to the organiser alone, and a forwarded invitation to those named.
            (Self::Respond { .. } | Self::ForwardEvent { .. }, Some(Known::Event(event))) => {
                event.organizer.iter().collect()
            }
            (_, Some(Known::Event(event))) => {
                let attendees = event.detail.iter().flat_map(|detail| &detail.attendees);
                attendees.map(|attendee| &attendee.who).collect()
            }
            (
                Self::CreateReplyDraft { reply, .. } | Self::SendReply { reply, .. },
                Some(Known::Message(message)),
            ) => answered(reply.kind, message),
            // An answer to an invitation goes to whoever sent it.
            (Self::Respond { .. }, Some(Known::Message(message))) => message.from.iter().collect(),
            (
                Self::SendDraft { .. }
                | Self::UpdateMessage { .. }
                | Self::AddAttachment { .. }
                | Self::DeleteAttachment { .. },
                Some(Known::Message(message)),
            ) if message.is_draft => {
                let detail = message.detail.iter();
                let lists = detail.flat_map(|detail| [&detail.to, &detail.cc, &detail.bcc]);
                lists.flatten().collect()
            }
            _ => Vec::new(),
        }
    }

    /// Whether nobody is concerned beside those the write names and what is known of the item.
    fn names_everyone(&self, known: Option<&Known>) -> bool {
        match self {
            Self::Respond { .. } | Self::ForwardEvent { .. } => match known {
                Some(Known::Event(event)) => event.organizer.is_some(),
                Some(Known::Message(message)) => message.from.is_some(),
                None => false,
            },
            Self::UpdateEvent { .. } | Self::CancelEvent { .. } | Self::DeleteEvent { .. } => {
                matches!(known, Some(Known::Event(event)) if event.detail.is_some())
            }
            Self::CreateReplyDraft { reply, .. } | Self::SendReply { reply, .. } => {
                reply.kind == ReplyKind::Forward || has_detail(known)
            }
            Self::SendDraft { .. } | Self::UpdateMessage { .. } => has_detail(known),
            Self::AddAttachment { .. } | Self::DeleteAttachment { .. } => known.is_some(),
            // What goes to others is said by headers, which are shown as they are.
            Self::CreateDraftMime { .. } | Self::SendMime { .. } => false,
            _ => true,
        }
    }
}

fn has_detail(known: Option<&Known>) -> bool {
    matches!(known, Some(Known::Message(message)) if message.detail.is_some())
}

/// To whom an answer goes by itself.
fn answered(kind: ReplyKind, message: &Message) -> Vec<&Recipient> {
    let detail = message.detail.as_deref();
    let wanted = detail.map_or(&[][..], |detail| &detail.reply_to);
    let mut to: Vec<&Recipient> = match kind {
        ReplyKind::Forward => return Vec::new(),
        _ if wanted.is_empty() => message.from.iter().collect(),
        _ => wanted.iter().collect(),
    };
    if kind == ReplyKind::ReplyAll {
        to.extend(
            detail
                .into_iter()
                .flat_map(|detail| detail.to.iter().chain(&detail.cc)),
        );
    }
    to
}

/// A folder as text.
pub(super) fn folder(folder: &FolderRef) -> String {
    match folder {
        FolderRef::Id(id) => id.to_string(),
        FolderRef::WellKnown(name) => summary::word(name),
    }
}

/// An address as a policy can compare it.
pub(super) fn address(who: &Recipient) -> String {
    match &who.address {
        Address::Smtp(address) => address.to_lowercase(),
        Address::ExchangeDn(name) => format!("EX:{name}"),
        Address::Other { routing, address } => format!("{routing}:{address}"),
        Address::Missing => who.name.clone().unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests;
