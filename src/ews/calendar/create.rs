//! Creating events: with what is attached in place before anybody is invited, and once for each
//! idempotency key.

use std::time::Duration;

use crate::error::{Effect, Error, ErrorKind, Result};
use crate::ews::convert;
use crate::ews::mailbox::{EwsMailbox, lacks};
use crate::ews::operation::{
    ConflictResolution, CreateAttachment, CreateItem, DeleteItem, DeleteType, FindItem, GetItem,
    SendMeetingCancellations, SendMeetingInvitations, SendMeetingInvitationsOrCancellations,
    UpdateItem,
};
use crate::ews::types::{
    BaseShape, CalendarItem, ExtendedProperty, FieldPath, FolderIdRef, Item, ItemChange, ItemId,
    ItemShape, Operand, PropertyValue, SearchExpression, View,
};
use crate::ews::{FieldUri, ServerVersion};
use crate::model::{CalendarRef, Event, NewAttachment, NewEvent, Notify, Zone};

const OPERATION: &str = "create_event";

impl EwsMailbox {
    pub(super) async fn create(
        &self,
        calendar: &CalendarRef,
        event: NewEvent,
        notify: Notify,
    ) -> Result<Event> {
        let mut looks = self.client.lookups(OPERATION);
        let mut is_again = false;
        loop {
            let look = Look {
                is_again,
                may_follow: looks.may_look_again(),
            };
            match self.create_once(calendar, &event, notify, look).await {
                // What was made is found by its key.
                Err(error) if event.idempotency_key.is_some() && is_lost(&error) => {
                    looks.look_again(error).await?;
                    is_again = true;
                }
                done => return done,
            }
        }
    }

    async fn create_once(
        &self,
        calendar: &CalendarRef,
        event: &NewEvent,
        notify: Notify,
        look: Look,
    ) -> Result<Event> {
        let folder = self.calendar_folder(calendar, OPERATION)?;
        let version = self.version(OPERATION).await?;
        let convert = |home: Option<&Zone>| convert::calendar_item(event, version, home, OPERATION);
        // What is wrong with it is said before the zone is asked for.
        convert(Some(&Zone::utc()))?;
        // The first one may come into being after all: then nobody is to be invited twice.
        let is_made_again = look.is_again;
        let home = self.home_for(Some(&event.when), OPERATION).await?;
        let mut item = convert(home.as_ref())?;
        if version < ServerVersion::Exchange2010 && event.attachments.iter().any(|a| a.is_inline) {
            let why = "attachments that are part of the body came with Exchange2010";
            return Err(Error::unsupported(OPERATION, why));
        }

        let mut rest = Rest {
            missing: event.attachments.iter().collect(),
            invitations: notify != Notify::Nobody && !event.attendees.is_empty(),
            is_marked: false,
            subject: &event.subject,
            is_found_again: event.idempotency_key.is_some() && look.may_follow,
        };
        if let Some(key) = &event.idempotency_key {
            let mut made = self.find_by_key(&folder, key).await?;
            if look.is_again && made.is_none() {
                // It may be on its way yet.
                tokio::time::sleep(SECOND_LOOK).await;
                made = self.find_by_key(&folder, key).await?;
            }
            if let Some(made) = made {
                return self.complete(made, rest).await;
            }
            rest.is_marked = !event.attachments.is_empty() || is_made_again;
        }
        if rest.is_marked {
            let list = item.item.extended_properties.get_or_insert_default();
            list.0.push(ExtendedProperty::new(marker(), "true"));
        }
        // Invitations have what the event has when they leave.
        let send = match rest.invitations && rest.missing.is_empty() && !is_made_again {
            true => SendMeetingInvitations::SendToAllAndSaveCopy,
            false => SendMeetingInvitations::SendToNone,
        };
        let items = vec![Item::CalendarItem(Box::new(item))];
        let create = CreateItem::calendar(items, send).into_folder(folder.clone());
        let answer = self.one(&create, OPERATION).await?;
        let made = answer.0.items.into_iter().next();
        let id = made.as_ref().and_then(Item::item_id).cloned();
        let id = id.ok_or_else(|| {
            lacks(OPERATION, "ItemId for what it created").with_effect(Effect::Partial)
        })?;
        if let (true, Some(key)) = (is_made_again, &event.idempotency_key) {
            let all = self.all_by_key(&folder, key).await?;
            if let Some(first) = all.into_iter().find(|one| one.id != id.id) {
                self.withdraw_double(&id).await?;
                return self.complete(first, rest).await;
            }
        }
        if rest.is_marked || !rest.missing.is_empty() {
            self.finish(&id, rest).await?;
        }
        self.read_back(id, OPERATION).await
    }

    /// Takes away what was made a second time, of which nobody knows.
    async fn withdraw_double(&self, id: &ItemId) -> Result<()> {
        let delete = DeleteItem::new(DeleteType::HardDelete, [ItemId::new(id.id.as_str())])
            .send_meeting_cancellations(SendMeetingCancellations::SendToNone);
        match self.one(&delete, OPERATION).await {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                Err(error.with_effect(Effect::Partial).with_hint(format!(
                    "The event is in the calendar twice, and to the second one, ews:{}, nobody was invited: delete it.",
                    id.id
                )))
            }
            _ => Ok(()),
        }
    }

    /// What was made with an idempotency key before: as it is, or, if it was left half-made,
    /// brought to its end.
    async fn complete(&self, made: ItemId, mut rest: Rest<'_>) -> Result<Event> {
        let mut shape = ItemShape::new(BaseShape::IdOnly);
        shape.additional_properties = vec![
            FieldUri::ItemAttachments.into(),
            FieldPath::Extended(marker()),
        ];
        let get = GetItem::new(shape, [made.clone()]);
        let found = self.one(&get, OPERATION).await?;
        let properties = found.items.first().and_then(Item::properties);
        let properties = properties.ok_or_else(|| lacks(OPERATION, "item"))?;
        // No other one was asked for.
        let extended = properties.extended_properties.as_ref();
        rest.is_marked = extended.is_some_and(|list| !list.0.is_empty());
        if rest.is_marked {
            for there in convert::attachments(properties.attachments.as_ref()) {
                let position = rest.missing.iter().position(|new| new.name == there.name);
                position.map(|position| rest.missing.remove(position));
            }
            self.finish(&made, rest).await?;
        }
        self.read_back(made, OPERATION).await
    }

    /// Attaches what is missing, and invites.
    ///
    /// If it fails while nobody has been invited, the event is taken away again.
    async fn finish(&self, id: &ItemId, rest: Rest<'_>) -> Result<()> {
        for attachment in &rest.missing {
            // One at a time: servers limit the size of a request, and an error is about one file.
            let create = CreateAttachment::new(
                ItemId::new(id.id.as_str()),
                [convert::new_attachment(attachment)],
            );
            if let Err(error) = self.one(&create, OPERATION).await {
                if rest.is_found_again && is_lost(&error) {
                    return Err(error.with_hint(FINISHES));
                }
                let what = format!("The file {:?} could not be attached", attachment.name);
                return Err(self.withdraw(id, error, &what).await);
            }
        }
        let Some(last) = rest.last_step(id) else {
            return Ok(());
        };
        match self.one(&last, OPERATION).await {
            Ok(_) => Ok(()),
            Err(error) if error.effect() == Effect::None => {
                Err(self.withdraw(id, error, "The invitations could not be sent").await)
            }
            Err(error) => Err(error.with_hint(
                "The event is in the calendar with all its attachments, but whether invitations were sent is not known. With an idempotency key, the same call finishes what is missing.",
            )),
        }
    }

    /// Takes away an event nobody was invited to, and says so.
    async fn withdraw(&self, id: &ItemId, error: Error, what: &str) -> Error {
        let id = ItemId::new(id.id.as_str());
        let delete = DeleteItem::new(DeleteType::HardDelete, [id.clone()])
            .send_meeting_cancellations(SendMeetingCancellations::SendToNone);
        let is_gone = match self.one(&delete, OPERATION).await {
            Ok(()) => true,
            Err(error) => error.kind() == ErrorKind::NotFound,
        };
        let outcome = match is_gone {
            true => "so the event was removed again".to_owned(),
            false => format!(
                "and the event could not be removed again: it is there as ews:{}",
                id.id
            ),
        };
        let advice = error.advice_text().unwrap_or_default();
        let hint = format!("{what}, {outcome}. Nobody was invited. {advice}");
        error
            .with_effect(Effect::Partial)
            .with_hint(hint.trim_end().to_owned())
    }

    /// The item that was made with an idempotency key, if there is one.
    async fn find_by_key(&self, folder: &FolderIdRef, key: &str) -> Result<Option<ItemId>> {
        Ok(self.all_by_key(folder, key).await?.into_iter().next())
    }

    async fn all_by_key(&self, folder: &FolderIdRef, key: &str) -> Result<Vec<ItemId>> {
        let path = FieldPath::Extended(convert::property_uri(&convert::idempotency_key()));
        let mut shape = ItemShape::new(BaseShape::IdOnly);
        shape.additional_properties = vec![path.clone()];
        let find = FindItem::new(shape, [folder.clone()])
            .view(View::page(0, 100))
            .restriction(SearchExpression::IsEqualTo(path, Operand::from(key)));
        let found = self.one(&find, OPERATION).await?;
        // Servers compare without regard to case; keys are not the same for that.
        let has_key = |item: &&Item| {
            let extended = item
                .properties()
                .and_then(|one| one.extended_properties.as_ref());
            let mut values = extended.iter().flat_map(|list| list.0.iter());
            values.any(
                |property| matches!(&property.value, PropertyValue::Value(value) if value == key),
            )
        };
        let made = found.items.iter().filter(has_key);
        Ok(made.filter_map(Item::item_id).cloned().collect())
    }
}

/// Whether the answer to a change was lost. A server that is still at work may finish it after it was looked for.
fn is_lost(error: &Error) -> bool {
    error.effect() == Effect::Unknown && error.kind() != ErrorKind::Timeout
}

/// How much later what was made is looked for once more, before it is made again.
const SECOND_LOOK: Duration = Duration::from_secs(1);

/// What is still to be done to an event that is in the calendar.
struct Rest<'a> {
    missing: Vec<&'a NewAttachment>,
    invitations: bool,
    /// Whether the event says of itself that it is half-made.
    is_marked: bool,
    subject: &'a str,
    /// It is looked for once more if an answer is lost.
    is_found_again: bool,
}

/// One of the looks for what a call made.
#[derive(Clone, Copy)]
struct Look {
    is_again: bool,
    may_follow: bool,
}

const FINISHES: &str = "The event is in the calendar, and nobody was invited. The same call with the same key finishes what is missing.";

impl Rest<'_> {
    /// Takes the mark away and invites, both at once; `None` if there is nothing of either.
    ///
    /// Exchange sends whole invitations with any change that is told to all, as long as nobody has
    /// been invited before. It takes no change of nothing, so the subject is set to what it is.
    fn last_step(&self, id: &ItemId) -> Option<UpdateItem> {
        let mut change = ItemChange::new(ItemId::new(id.id.as_str()));
        if self.is_marked {
            change = change.delete(marker());
        }
        let mut send = SendMeetingInvitationsOrCancellations::SendToNone;
        if self.invitations {
            let same = CalendarItem::new(self.subject);
            change = change.set(Item::CalendarItem(Box::new(same)));
            send = SendMeetingInvitationsOrCancellations::SendToAllAndSaveCopy;
        }
        let overwrite = ConflictResolution::AlwaysOverwrite;
        (self.is_marked || self.invitations)
            .then(|| UpdateItem::calendar(vec![change], overwrite, send))
    }
}

/// The mark of an event that is half-made.
fn marker() -> crate::ews::types::ExtendedFieldUri {
    convert::property_uri(&convert::unfinished())
}
