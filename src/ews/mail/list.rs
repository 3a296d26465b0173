//! Lists of messages that are read page by page.

use std::collections::VecDeque;

use chrono::{DateTime, Utc};

use super::condition::{Condition, Restriction};
use super::load::Load;
use crate::connector::Backend;
use crate::error::{Error, ErrorKind, Result};
use crate::ews::items::{ITEMS_PER_REQUEST, is_too_much, raw_id};
use crate::ews::mailbox::EwsMailbox;
use crate::ews::operation::{FindItem, FoundItems};
use crate::ews::types::{
    BaseShape, FieldOrder, FieldPath, FolderIdRef, Item, ItemId, ItemShape, Operand,
    SearchExpression,
};
use crate::ews::{FieldUri, ServerVersion, convert};
use crate::listing::{Listing, Page};
use crate::mail::condition::each_leaf;
use crate::mail::timeline::{Bound, MOST, Part, Scope, Taken, Timeline};
use crate::model::{
    BodyWanted, Message, MessageFilter, MessageLoad, MessageOrder, MessageQuery, MessageSelect,
    Projection, PropertyName,
};
use crate::paging::Paging;

const OPERATION: &str = "list_messages";

/// The messages of a folder, as the query wants them.
pub(super) fn messages(mailbox: EwsMailbox, query: MessageQuery) -> Listing<Message> {
    let folder = query
        .validate()
        .and_then(|()| check_ids(&query.select))
        .and_then(|()| mailbox.mail_folder(&query.folder, OPERATION));
    let folder = match folder {
        Ok(folder) => folder,
        Err(error) => return Listing::from_error(error),
    };
    let (source, condition) = match &query.select {
        MessageSelect::All => (None, Condition::default()),
        MessageSelect::Filter(filter) => (None, Condition::of::<Restriction>(filter)),
        MessageSelect::Search(words) => (
            Some(Source::Search(
                Paging::new(page_size(&query)),
                words.clone(),
            )),
            Condition::default(),
        ),
    };
    let by_time = || Source::Time(Timeline::new(query.order, page_size(&query)));
    let listing = MessageListing {
        source: source.unwrap_or_else(by_time),
        mailbox,
        query,
        folder,
        condition,
        pending: VecDeque::new(),
        total: None,
    };
    Listing::unfold(listing, |listing| async move { listing.next_page().await })
}

/// How many to find at once. What is read whole is read in parts of what was found.
fn page_size(query: &MessageQuery) -> u32 {
    match (query.page_size, query.load.projection) {
        (Some(size), Projection::Summary) => size.min(MOST),
        _ => MOST,
    }
}

/// Refuses identifiers of another backend.
fn check_ids(select: &MessageSelect) -> Result<()> {
    match select {
        MessageSelect::Filter(filter) => each_leaf(filter, &mut |leaf| match leaf {
            MessageFilter::Conversation(id) => id.require(Backend::Ews, OPERATION).map(drop),
            _ => Ok(()),
        }),
        _ => Ok(()),
    }
}

struct MessageListing {
    mailbox: EwsMailbox,
    query: MessageQuery,
    folder: FolderIdRef,
    source: Source,
    condition: Condition,
    /// What was found and is still to be read or given out.
    pending: VecDeque<Message>,
    /// How many there are in all, to be said with the next page.
    total: Option<u64>,
}

/// Where messages come from.
enum Source {
    Time(Timeline),
    Search(Paging, String),
}

impl MessageListing {
    async fn next_page(mut self) -> Result<Option<(Page<Message>, Self)>> {
        let version = self.mailbox.version(OPERATION).await?;
        self.check(version)?;
        let load = Load::of(&self.query.load, version, OPERATION)?;
        if self.pending.is_empty() {
            match self.find(version).await? {
                Some(found) => self.pending = found.into(),
                None => return Ok(None),
            }
        }
        let count = match load.is_full() {
            true => self.query.page_size.unwrap_or(ITEMS_PER_REQUEST),
            false => self.query.page_size.unwrap_or(MOST),
        };
        let count = self.pending.len().min(count as usize);
        let part = self.pending.drain(..count).collect();
        let messages = self.mailbox.load_listed(part, &load, OPERATION).await?;
        let page = Page::new(messages);
        let page = match self.total.take() {
            Some(total) => page.with_total(total),
            None => page,
        };
        Ok(Some((page, self)))
    }

    /// Refuses what that version does not have.
    fn check(&self, version: ServerVersion) -> Result<()> {
        let lacks = |what: &str| {
            let problem = format!("{version} does not know {what}");
            Err(Error::unsupported(OPERATION, problem).with_backend(Backend::Ews))
        };
        if version >= ServerVersion::Exchange2010 {
            return Ok(());
        }
        match &self.query.select {
            MessageSelect::Search(_) => lacks("searching for words"),
            MessageSelect::Filter(filter) => each_leaf(filter, &mut |leaf| match leaf {
                MessageFilter::Conversation(_) => lacks("conversations"),
                _ => Ok(()),
            }),
            MessageSelect::All => Ok(()),
        }
    }

    /// The next messages, in summary; `None` at the end.
    async fn find(&mut self, version: ServerVersion) -> Result<Option<Vec<Message>>> {
        let Some(items) = self.find_items(version).await? else {
            return Ok(None);
        };
        let items = items.into_iter().filter(convert::is_message);
        let summary = MessageLoad::summary();
        let mut found = Vec::new();
        for item in items {
            match convert::message(&item, &summary, OPERATION) {
                Ok(message) => found.push(message),
                // Nothing could be done with a message that has no identifier.
                Err(error) => tracing::warn!(%error, "a message was passed over"),
            }
        }
        self.mailbox.name_people(&mut found).await;
        if let Some(filter) = &self.condition.here {
            found = self.mailbox.only(found, filter, version).await?;
        }
        Ok(Some(found))
    }

    async fn find_items(&mut self, version: ServerVersion) -> Result<Option<Vec<Item>>> {
        let find = FindItem::new(Load::summary(version).shape, [self.folder.clone()]);
        match &mut self.source {
            Source::Search(paging, words) => {
                let by = FieldUri::ItemDateTimeReceived;
                let find = find
                    .query_string(words.clone())
                    .sort_by(match self.query.order {
                        MessageOrder::NewestFirst => FieldOrder::descending(by),
                        MessageOrder::OldestFirst => FieldOrder::ascending(by),
                    });
                let found = self.mailbox.find_page(paging, find, OPERATION).await?;
                Ok(found.map(|(items, total)| {
                    self.total = total.filter(|_| items.len() > 1);
                    items
                }))
            }
            Source::Time(timeline) => loop {
                let Some(part) = timeline.part() else {
                    return Ok(None);
                };
                let is_whole = part.scope == Scope::All && self.condition.here.is_none();
                let order = self.query.order;
                let find = within(find.clone(), part, order, self.condition.server.as_ref());
                let found = match self.mailbox.find_even_if_damaged(find).await {
                    Err(error) if is_too_much(&error) && timeline.refused() => continue,
                    found => found?,
                };
                if is_whole {
                    self.total = found.paging.total_items_in_view.map(Into::into);
                }
                match timeline.take(found.items, arrival, found.paging.extent()) {
                    Taken::New(items) => return Ok(Some(items)),
                    Taken::Again => {}
                    Taken::OutOfOrder => {
                        let problem = "the server does not keep to the order of arrival";
                        return Err(Error::new(ErrorKind::Protocol, OPERATION, problem)
                            .with_backend(Backend::Ews));
                    }
                }
            },
        }
    }
}

/// The request for a part of a list, and of it what meets the condition.
fn within(
    mut find: FindItem,
    part: Part,
    order: MessageOrder,
    condition: Option<&SearchExpression>,
) -> FindItem {
    let conditions = condition
        .cloned()
        .into_iter()
        .chain(restriction(part.scope, order));
    find.restriction = SearchExpression::all(conditions.collect());
    let by = match part.scope {
        Scope::All | Scope::Dated { .. } => FieldUri::ItemDateTimeReceived,
        Scope::Undated => FieldUri::ItemDateTimeCreated,
    };
    let by = match order {
        MessageOrder::NewestFirst => FieldOrder::descending(by),
        MessageOrder::OldestFirst => FieldOrder::ascending(by),
    };
    find.sort_by(by).view(part.span.into())
}

/// The condition on the time of arrival.
fn restriction(scope: Scope, order: MessageOrder) -> Option<SearchExpression> {
    let received = || FieldPath::from(FieldUri::ItemDateTimeReceived);
    let time = |time: DateTime<Utc>| Operand::from(time.format("%Y-%m-%dT%H:%M:%SZ").to_string());
    let undated = || SearchExpression::Not(Box::new(SearchExpression::Exists(received())));
    let (from, or_undated) = match scope {
        Scope::All => return None,
        Scope::Undated => return Some(undated()),
        Scope::Dated { from, or_undated } => (from, or_undated),
    };
    let dated = match from.map(|from| Scope::bound(from, order)) {
        None => SearchExpression::Exists(received()),
        Some(Bound::Before(end)) => SearchExpression::IsLessThan(received(), time(end)),
        Some(Bound::From(from)) => SearchExpression::IsGreaterThanOrEqualTo(received(), time(from)),
    };
    Some(match or_undated {
        true => SearchExpression::Or(vec![dated, undated()]),
        false => dated,
    })
}

fn arrival(item: &Item) -> (Option<&str>, Option<DateTime<Utc>>) {
    let received = item.properties().and_then(|item| item.date_time_received);
    (raw_id(item), received)
}

impl EwsMailbox {
    /// What an operation finds. If something in it is so damaged that the server gives nothing at
    /// all, each item is read by itself, and of what cannot be read little more than the identifier
    /// is left.
    async fn find_even_if_damaged(&self, mut find: FindItem) -> Result<FoundItems> {
        let failure = match self.one(&find, OPERATION).await {
            Err(error) if error.kind() == ErrorKind::DataCorrupt => error,
            found => return found,
        };
        tracing::warn!(error = %failure, "a list has something damaged in it");
        let shape = find.shape;
        let paths = [FieldUri::ItemDateTimeReceived, FieldUri::ItemItemClass];
        find.shape = ItemShape::new(BaseShape::IdOnly).with(paths);
        let mut found: FoundItems = self.one(&find, OPERATION).await?;
        let ids: Vec<ItemId> = found
            .items
            .iter()
            .filter_map(raw_id)
            .map(ItemId::new)
            .collect();
        let read = self.read_items(&ids, &shape, OPERATION).await?;
        let with_id = found.items.iter_mut().filter(|item| raw_id(item).is_some());
        for (item, read) in with_id.zip(read) {
            match read {
                Ok(read) => *item = read,
                Err(error) if error.kind() == ErrorKind::NotFound || error.is_of_one_item() => {}
                Err(error) => return Err(error),
            }
        }
        Ok(found)
    }

    /// Of these messages those that meet a condition; they are read as far as that takes. Of what
    /// cannot be read it is not known, so that it is left out.
    async fn only(
        &self,
        found: Vec<Message>,
        filter: &MessageFilter,
        version: ServerVersion,
    ) -> Result<Vec<Message>> {
        let mut kept = Vec::new();
        let mut open = Vec::new();
        for (place, message) in found.into_iter().enumerate() {
            match filter.is_met_by(&message) {
                Some(true) => kept.push((place, message)),
                Some(false) => {}
                None => open.push((place, message)),
            }
        }
        if !open.is_empty() {
            let load = Load::to_decide(filter, version);
            for part in open.chunks(ITEMS_PER_REQUEST as usize) {
                let ids: Vec<ItemId> = part
                    .iter()
                    .map(|(_, one)| ItemId::new(one.id.as_raw()))
                    .collect();
                let read = self.load_messages(&ids, &load, OPERATION).await?;
                for ((place, message), read) in part.iter().zip(read) {
                    match read {
                        Ok(read) => {
                            if self.is_met(filter, read, OPERATION).await? {
                                kept.push((*place, message.clone()));
                            }
                        }
                        Err(error) if error.kind() == ErrorKind::NotFound => {}
                        Err(error) if error.is_of_one_item() => {
                            tracing::warn!(id = %message.id, %error, "a message was passed over");
                        }
                        Err(error) => return Err(error),
                    }
                }
            }
        }
        kept.sort_by_key(|(place, _)| *place);
        Ok(kept.into_iter().map(|(_, message)| message).collect())
    }
}

impl Load {
    /// As much as a condition is about, and no more.
    fn to_decide(filter: &MessageFilter, version: ServerVersion) -> Self {
        let mut shape = Self::summary(version).shape;
        let mut extended: Vec<PropertyName> = Vec::new();
        let mut has_body = false;
        let visited = each_leaf(filter, &mut |leaf| {
            match leaf {
                MessageFilter::BodyContains(_) => has_body = true,
                MessageFilter::Extended(name, _) => extended.push(name.clone()),
                _ => {}
            }
            Ok(())
        });
        debug_assert!(visited.is_ok(), "nothing above fails");
        let people = [
            FieldUri::MessageToRecipients,
            FieldUri::MessageCcRecipients,
            FieldUri::MessageBccRecipients,
        ];
        shape = shape.with(people);
        if has_body {
            shape = shape.with([FieldUri::ItemBody]);
            shape.body_type = Some(crate::ews::types::BodyTypeResponse::Text);
        }
        for name in &extended {
            let path = convert::property_uri(name).into();
            if !shape.additional_properties.contains(&path) {
                shape.additional_properties.push(path);
            }
        }
        let mut wanted = MessageLoad::full().body(BodyWanted::Text);
        wanted.extended = extended;
        Self { shape, wanted }
    }
}
