//! Creating events: with what is attached in place before anybody is invited, and once for each idempotency key.

use super::notify::check_new;
use super::{GraphMailbox, in_calendar, lacks};
use crate::connector::Backend;
use crate::error::{Effect, Error, ErrorKind, Result};
use crate::graph::call::Call;
use crate::graph::permission::Permission;
use crate::graph::{convert, wire};
use crate::mail::AttachmentWrite as _;
use crate::model::{
    AttachmentUpload, CalendarRef, Event, EventId, EventPatch, ExtendedProperty, ItemRef,
    NewAttachment, NewEvent, Notify, Patch, Zone, idempotency_key, unfinished,
};

const OPERATION: &str = "create_event";

impl GraphMailbox {
    pub(super) async fn create(
        &self,
        calendar: &CalendarRef,
        event: &NewEvent,
        notify: Notify,
    ) -> Result<Event> {
        check_new(event, notify, OPERATION)?;
        in_calendar(calendar, &[], OPERATION)?;
        // What is wrong with it is said before the zone is asked for.
        convert::new_event(event, Some(&Zone::utc()), OPERATION)?;
        let home = self.home_for(Some(&event.when), OPERATION).await?;
        let mut looks = self.client.lookups(OPERATION);
        loop {
            match self.create_once(calendar, event, home.as_ref()).await {
                // What was made is found by its key, and the server makes none with the same one twice.
                Err(error) if event.idempotency_key.is_some() && is_lost(&error) => {
                    looks.look_again(error).await?;
                }
                done => return done,
            }
        }
    }

    async fn create_once(
        &self,
        calendar: &CalendarRef,
        event: &NewEvent,
        home: Option<&Zone>,
    ) -> Result<Event> {
        if let Some(key) = &event.idempotency_key
            && let Some(made) = self.find_by_key(calendar, key).await?
        {
            return self.complete(&made, event).await;
        }
        let mut fields = convert::new_event(event, home, OPERATION)?;
        let key = event.idempotency_key.clone();
        let mut own = Vec::from_iter(key.map(|key| ExtendedProperty::new(idempotency_key(), key)));
        let has_files = !event.attachments.is_empty();
        // Invitations have what the event has when they leave.
        if !has_files && !event.attendees.is_empty() {
            convert::set_attendees(&mut fields, &event.attendees);
        }
        let is_marked = has_files && event.idempotency_key.is_some();
        if is_marked {
            own.push(ExtendedProperty::new(unfinished(), "true"));
        }
        convert::set_extended(&mut fields, &own);
        let path = in_calendar(calendar, &["events"], OPERATION)?;
        let call = Call::post(OPERATION, &path, Permission::CalendarsReadWrite).json(&fields)?;
        let made: wire::Event = self.client.json(&call).await?;
        let id = made.id.as_deref().map(convert::event_id);
        let id = id.ok_or_else(|| {
            lacks(OPERATION, "id of what it created").with_effect(Effect::Partial)
        })?;
        if is_marked {
            // By the same key it may have been made, and even finished, meanwhile.
            return self.complete(&id, event).await.map_err(half_made);
        }
        if has_files {
            let missing: Vec<&NewAttachment> = event.attachments.iter().collect();
            self.finish(&id, event, &missing, false).await?;
        }
        self.read_back(&id, OPERATION).await
    }

    /// The event that was made with an idempotency key, if there is one.
    async fn find_by_key(&self, calendar: &CalendarRef, key: &str) -> Result<Option<EventId>> {
        let path = in_calendar(calendar, &["events"], OPERATION)?;
        let name = idempotency_key();
        let expand = convert::expand_properties(std::slice::from_ref(&name));
        let call = Call::get(OPERATION, &path, Permission::CalendarsRead)
            .query("$select", "id")
            .query("$filter", convert::property_equals(&name, key))
            .query("$expand", expand.join(","));
        let found = self.client.page::<wire::Event>(&call).await?;
        // Servers compare without regard to case; keys are not the same for that.
        let has_key = |event: &wire::Event| {
            let mut values = event.single_value_extended_properties.iter().flatten();
            values.any(|property| property.value.as_deref() == Some(key))
        };
        let made = found.readable(OPERATION).into_iter().find(has_key);
        Ok(made
            .and_then(|event| event.id)
            .map(|id| convert::event_id(&id)))
    }

    /// What was made with an idempotency key before: as it is, or, if it was left half-made, brought to its end.
    async fn complete(&self, made: &EventId, event: &NewEvent) -> Result<Event> {
        if !event.attachments.is_empty()
            && let Some(there) = self.attached_so_far(made).await?
        {
            let mut missing: Vec<&NewAttachment> = event.attachments.iter().collect();
            for there in there {
                let position = missing
                    .iter()
                    .position(|new| Some(&new.name) == there.name.as_ref());
                position.map(|position| missing.remove(position));
            }
            self.finish(made, event, &missing, true).await?;
        }
        self.read_back(made, OPERATION).await
    }

    /// What is attached to an event that says of itself that it is half-made; `None` for one that is whole.
    async fn attached_so_far(&self, made: &EventId) -> Result<Option<Vec<wire::Attachment>>> {
        let raw = made.require(Backend::Graph, OPERATION)?;
        let mut expand = convert::expand_properties(&[unfinished()]);
        expand.push("attachments($select=id,name)".to_owned());
        let call = Call::get(OPERATION, &["events", raw], Permission::CalendarsRead)
            .query("$select", "id")
            .query("$expand", expand.join(","));
        let found: wire::Event = self.client.json(&call).await?;
        // No other one was asked for.
        let mut marks = found.single_value_extended_properties.into_iter().flatten();
        let is_unfinished = marks.any(|mark| mark.value.is_some());
        Ok(is_unfinished.then(|| found.attachments.unwrap_or_default()))
    }

    /// Attaches what is missing, and invites. If it fails while nobody has been invited, the event is taken away again.
    async fn finish(
        &self,
        id: &EventId,
        event: &NewEvent,
        missing: &[&NewAttachment],
        is_marked: bool,
    ) -> Result<()> {
        for file in missing {
            let to = ItemRef::Event(id.clone());
            let upload = AttachmentUpload::from((*file).clone());
            if let Err(error) = self.add_attachment(&to, upload).await {
                let error = error.with_operation(OPERATION);
                if is_marked && is_lost(&error) {
                    return Err(error.with_hint(FINISHES));
                }
                let what = format!("The file {:?} could not be attached", file.name);
                return Err(self.withdraw(id, error, &what).await);
            }
        }
        let Some(last) = last_step(id, event, is_marked)? else {
            return Ok(());
        };
        match self.client.done(&last).await {
            Ok(()) => Ok(()),
            Err(error) if error.effect() == Effect::None => {
                Err(self.withdraw(id, error, "The invitations could not be sent").await)
            }
            Err(error) => Err(error.with_hint(
                "The event is in the calendar with all its attachments, but whether invitations were sent is not known. With an idempotency key, the same call finishes what is missing.",
            )),
        }
    }

    /// Takes away an event nobody was invited to, and says so.
    async fn withdraw(&self, id: &EventId, error: Error, what: &str) -> Error {
        let is_gone = match self.take_away(id).await {
            Ok(()) => true,
            Err(error) => error.kind() == ErrorKind::NotFound,
        };
        let outcome = match is_gone {
            true => "so the event was removed again".to_owned(),
            false => format!("and the event could not be removed again: it is there as {id}"),
        };
        let advice = error.advice_text().unwrap_or_default();
        let hint = format!("{what}, {outcome}. Nobody was invited. {advice}");
        error
            .with_effect(Effect::Partial)
            .with_hint(hint.trim_end().to_owned())
    }

    async fn take_away(&self, id: &EventId) -> Result<()> {
        let raw = id.require(Backend::Graph, OPERATION)?;
        let permission = Permission::CalendarsReadWrite;
        let call = match self.deletes_permanently {
            true => Call::post(OPERATION, &["events", raw, "permanentDelete"], permission),
            false => Call::delete(OPERATION, &["events", raw], permission),
        };
        self.client.done(&call).await
    }
}

/// Takes the mark away and invites, both at once; `None` if there is nothing of either.
fn last_step(id: &EventId, event: &NewEvent, is_marked: bool) -> Result<Option<Call>> {
    if !is_marked && event.attendees.is_empty() {
        return Ok(None);
    }
    let mut patch = EventPatch::new();
    if is_marked {
        patch.remove_extended.push(unfinished());
    }
    if !event.attendees.is_empty() {
        patch.attendees = Patch::Set(event.attendees.clone());
    }
    let fields = convert::fields_of(&patch, None, OPERATION)?;
    let raw = id.require(Backend::Graph, OPERATION)?;
    let call = Call::patch(OPERATION, &["events", raw], Permission::CalendarsReadWrite);
    Ok(Some(call.json(&fields)?))
}

/// Whether the answer to a change was lost. A server that is still at work may finish it after it was looked for.
fn is_lost(error: &Error) -> bool {
    error.effect() == Effect::Unknown && error.kind() != ErrorKind::Timeout
}

/// Whatever went wrong, the event is there.
fn half_made(error: Error) -> Error {
    match error.effect() {
        Effect::None => error.with_effect(Effect::Partial).with_hint(FINISHES),
        _ => error,
    }
}

const FINISHES: &str = "The event is in the calendar, and nobody was invited. The same call with the same key finishes what is missing.";
