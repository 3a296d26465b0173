//! Lists of messages that are read page by page.

use std::collections::{HashSet, VecDeque};

use chrono::{DateTime, Utc};

use super::condition::{Condition, Filter};
use super::load::Load;
use crate::connector::Backend;
use crate::error::{Error, ErrorKind, Result};
use crate::graph::call::Call;
use crate::graph::convert;
use crate::graph::mailbox::GraphMailbox;
use crate::graph::page::{Link, Page as WirePage};
use crate::graph::permission::Permission;
use crate::graph::wire;
use crate::listing::{Listing, Page};
use crate::mail::condition::{each_leaf, is_met_at_last};
use crate::mail::timeline::{Bound, Part, Scope, Taken, Timeline};
use crate::model::{
    BodyWanted, Message, MessageFilter, MessageLoad, MessageOrder, MessageQuery, MessageSelect,
    Projection,
};
use crate::paging::Extent;

const OPERATION: &str = "list_messages";

/// How many messages come in one answer at most, in summary and in full.
const IN_SUMMARY: u32 = 500;
const IN_FULL: u32 = 50;

/// The messages of a folder, as the query wants them.
pub(super) fn messages(mailbox: GraphMailbox, query: MessageQuery) -> Listing<Message> {
    let folder = query
        .validate()
        .and_then(|()| check_ids(&query.select))
        .and_then(|()| convert::folder_path(&query.folder, OPERATION));
    let folder = match folder {
        Ok(folder) => folder,
        Err(error) => return Listing::from_error(error),
    };
    let condition = match &query.select {
        MessageSelect::Filter(filter) => Condition::of::<Filter>(filter),
        MessageSelect::All | MessageSelect::Search(_) => Condition::default(),
    };
    let by_time = || Timeline::new(query.order, page_size(&query, &condition));
    let source = match &query.select {
        MessageSelect::All => Source::Time(by_time().apart()),
        MessageSelect::Filter(_) => Source::Time(by_time().dated()),
        MessageSelect::Search(_) => Source::Search(Search::default()),
    };
    let listing = MessageListing {
        mailbox,
        query,
        folder,
        source,
        condition,
        pending: VecDeque::new(),
        total: None,
    };
    Listing::unfold(listing, |listing| async move { listing.next_page().await })
}

/// How many to ask for at once. Where something is decided here, more are asked for than will be given.
fn page_size(query: &MessageQuery, condition: &Condition) -> u32 {
    let projection = match &condition.here {
        Some(filter) => to_decide(filter).projection,
        None => query.load.projection,
    };
    let most = match projection {
        Projection::Full => IN_FULL,
        _ => IN_SUMMARY,
    };
    match (query.page_size, &condition.here) {
        (Some(size), None) => size.min(most),
        _ => most,
    }
}

/// Refuses ids of another backend.
fn check_ids(select: &MessageSelect) -> Result<()> {
    match select {
        MessageSelect::Filter(filter) => each_leaf(filter, &mut |leaf| match leaf {
            MessageFilter::Conversation(id) => id.require(Backend::Graph, OPERATION).map(drop),
            _ => Ok(()),
        }),
        _ => Ok(()),
    }
}

struct MessageListing {
    mailbox: GraphMailbox,
    query: MessageQuery,
    folder: String,
    source: Source,
    condition: Condition,
    /// What was found and is still to be given out.
    pending: VecDeque<Message>,
    /// How many there are in all, to be said with the next page.
    total: Option<u64>,
}

/// Where messages come from.
enum Source {
    Time(Timeline),
    Search(Search),
}

/// How far a search is.
#[derive(Default)]
struct Search {
    next: Option<Link>,
    began: bool,
    seen: HashSet<String>,
}

impl MessageListing {
    async fn next_page(mut self) -> Result<Option<(Page<Message>, Self)>> {
        while self.pending.is_empty() {
            match self.find().await? {
                Some(found) => self.pending = found.into(),
                None => return Ok(None),
            }
        }
        let count = self.query.page_size.unwrap_or(IN_SUMMARY);
        let count = self.pending.len().min(count as usize);
        let messages = self.pending.drain(..count).collect();
        let messages = self.in_full(messages).await?;
        let page = Page::new(messages);
        let page = match self.total.take() {
            Some(total) => page.with_total(total),
            None => page,
        };
        Ok(Some((page, self)))
    }

    /// What to ask for in lists: what is wanted, or what decides a condition.
    fn load(&self) -> Load {
        let Some(filter) = &self.condition.here else {
            return self.mailbox.load(&self.query.load);
        };
        self.mailbox.load(&to_decide(filter))
    }

    /// What was listed to decide about it is read once more as it is wanted.
    async fn in_full(&self, found: Vec<Message>) -> Result<Vec<Message>> {
        let is_full = self.query.load.projection == Projection::Full;
        if self.condition.here.is_none() {
            let mut found: Vec<Result<Message>> = found.into_iter().map(Ok).collect();
            if is_full {
                self.mailbox.add_meetings(&mut found, OPERATION).await?;
            }
            return found.into_iter().collect();
        }
        if !is_full {
            let summary = |mut one: Message| {
                one.detail = None;
                one
            };
            return Ok(found.into_iter().map(summary).collect());
        }
        let ids: Vec<_> = found.iter().map(|one| one.id.clone()).collect();
        let read = self
            .mailbox
            .messages_by_id(&ids, &self.query.load, OPERATION)
            .await?;
        let mut messages = Vec::with_capacity(found.len());
        for (mut found, read) in found.into_iter().zip(read) {
            match read {
                Ok(message) => messages.push(message),
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                Err(error) if error.is_of_one_item() => {
                    tracing::warn!(id = %found.id, %error, "a message comes in summary only");
                    found.detail = None;
                    messages.push(found);
                }
                Err(error) => return Err(error),
            }
        }
        Ok(messages)
    }

    /// The next messages that meet the condition; `None` at the end.
    async fn find(&mut self) -> Result<Option<Vec<Message>>> {
        let load = self.load();
        let found = match &self.source {
            Source::Time(_) => match self.find_by_time(&load).await {
                Err(error) if is_too_complex(&error) && self.decide_here() => {
                    return Ok(Some(Vec::new()));
                }
                found => found?,
            },
            Source::Search(_) => self.search(&load).await?.map(|found| (found, Scope::All)),
        };
        let Some((found, scope)) = found else {
            return Ok(None);
        };
        let condition = match &self.query.select {
            // Of these the server decided nothing.
            MessageSelect::Filter(filter) if scope == Scope::Undated => Some(filter),
            _ => self.condition.here.as_ref(),
        };
        let mut messages = Vec::with_capacity(found.len());
        for wire in found.iter().filter(|one| convert::is_message(one)) {
            match load.read(wire, OPERATION) {
                Ok(message) => messages.push(message),
                // Nothing could be done with a message that has no id.
                Err(error) => tracing::warn!(%error, "a message was passed over"),
            }
        }
        if let Some(filter) = condition {
            // The server says the addresses of all who have one.
            messages.retain(|one| is_met(filter, one));
        }
        Ok(Some(messages))
    }

    /// Asks the server for everything from now on, because it cannot search for what is wanted; whether that is
    /// something new.
    fn decide_here(&mut self) -> bool {
        let MessageSelect::Filter(filter) = &self.query.select else {
            return false;
        };
        self.condition.here = Some(filter.clone());
        self.condition.server.take().is_some()
    }

    /// A part of the folder.
    fn call(&self, load: &Load) -> Call {
        let path = ["mailFolders", self.folder.as_str(), "messages"];
        load.ask(Call::get(OPERATION, &path, Permission::MailRead))
    }

    async fn find_by_time(&mut self, load: &Load) -> Result<Option<(Vec<wire::Message>, Scope)>> {
        loop {
            let Source::Time(timeline) = &self.source else {
                return Ok(None);
            };
            let Some(part) = timeline.part() else {
                return Ok(None);
            };
            let is_whole = part.scope == Scope::All;
            let call = self.within(self.call(load), part, is_whole);
            let client = &self.mailbox.client;
            let mut page: WirePage<wire::Message> = client.page(&call).await?;
            if is_whole {
                self.total = page.count;
            }
            // A page without anything that can be read is not the end of the list.
            while !page.items.iter().any(Result::is_ok)
                && let Some(next) = page.next.take()
            {
                page = client.follow(&call, &next).await?;
            }
            let (items, extent) = taken(page, part);
            let Source::Time(timeline) = &mut self.source else {
                return Ok(None);
            };
            match timeline.take(items, arrival, extent) {
                Taken::New(items) => return Ok(Some((items, part.scope))),
                Taken::Again => {}
                Taken::OutOfOrder => {
                    let problem = "the server does not keep to the order of arrival";
                    return Err(Error::new(ErrorKind::Protocol, OPERATION, problem)
                        .with_backend(Backend::Graph));
                }
            }
        }
    }

    /// The request for a part of a list, and of it what meets the condition. What the list is ordered by has to come
    /// first in the condition.
    ///
    /// Source: <https://learn.microsoft.com/graph/api/user-list-messages>
    fn within(&self, call: Call, part: Part, is_whole: bool) -> Call {
        let order = self.query.order;
        let dated = match part.scope {
            Scope::All | Scope::Undated => None,
            Scope::Dated { from, .. } => Some(match from.map(|from| Scope::bound(from, order)) {
                None => "receivedDateTime ge 1900-01-01T00:00:00Z".to_owned(),
                Some(Bound::Before(end)) => {
                    format!("receivedDateTime lt {}", convert::to_instant(end))
                }
                Some(Bound::From(from)) => {
                    format!("receivedDateTime ge {}", convert::to_instant(from))
                }
            }),
        };
        let by = match (part.scope, order) {
            // What has no time is the least.
            (Scope::Undated, _) | (_, MessageOrder::OldestFirst) => "receivedDateTime asc",
            (_, MessageOrder::NewestFirst) => "receivedDateTime desc",
        };
        // Those without a time cannot be asked for: the whole folder begins with them.
        let condition = self
            .condition
            .server
            .clone()
            .filter(|_| part.scope != Scope::Undated);
        let conditions: Vec<String> = dated.into_iter().chain(condition).collect();
        let mut call = call.query("$orderby", by);
        if !conditions.is_empty() {
            call = call.query("$filter", conditions.join(" and "));
        }
        if part.span.offset > 0 {
            call = call.query("$skip", part.span.offset.to_string());
        }
        if is_whole {
            call = call.query("$count", "true");
        }
        call.query("$top", part.span.entries.to_string())
    }

    /// The next page of what words are found in, newest first; all at once if the oldest is wanted first.
    async fn search(&mut self, load: &Load) -> Result<Option<Vec<wire::Message>>> {
        let MessageSelect::Search(words) = &self.query.select else {
            return Ok(None);
        };
        let size = page_size(&self.query, &self.condition).to_string();
        let words = format!("\"{}\"", words.replace('\\', "\\\\").replace('"', "\\\""));
        let call = self.call(load).query("$search", words).query("$top", size);
        let mailbox = self.mailbox.clone();
        let Source::Search(search) = &mut self.source else {
            return Ok(None);
        };
        let mut found = Vec::new();
        loop {
            let mut page: WirePage<wire::Message> = match (&search.next, search.began) {
                (None, true) => break,
                (None, false) => mailbox.client.page(&call).await?,
                (Some(link), _) => mailbox.client.follow(&call, link).await?,
            };
            search.began = true;
            search.next = page.next.take();
            for one in page.readable(OPERATION) {
                if one
                    .id
                    .as_ref()
                    .is_none_or(|id| search.seen.insert(id.clone()))
                {
                    found.push(one);
                }
            }
            if self.query.order == MessageOrder::NewestFirst {
                return Ok(Some(found));
            }
        }
        found.sort_by_key(|one| arrival(one).1);
        Ok((!found.is_empty()).then_some(found))
    }
}

fn is_met(filter: &MessageFilter, message: &Message) -> bool {
    let is_met = filter.is_met_by(message);
    is_met.unwrap_or_else(|| is_met_at_last(filter, message.clone()))
}

/// What came, and whether that was all.
fn taken(page: WirePage<wire::Message>, part: Part) -> (Vec<wire::Message>, Extent) {
    let mut is_last = page.next.is_none();
    let mut items = page.readable(OPERATION);
    if part.scope == Scope::Undated {
        let undated = items
            .iter()
            .take_while(|one| arrival(one).1.is_none())
            .count();
        is_last |= undated < items.len();
        items.truncate(undated);
    }
    let extent = Extent {
        is_last: Some(is_last),
        total: None,
    };
    (items, extent)
}

fn arrival(wire: &wire::Message) -> (Option<&str>, Option<DateTime<Utc>>) {
    let received = convert::instant(wire.received_date_time.as_deref());
    (wire.id.as_deref(), received)
}

/// Whether a server finds a condition more than it can search for with this order.
fn is_too_complex(error: &Error) -> bool {
    error.kind() == ErrorKind::LimitExceeded && error.http_status().is_some()
}

/// As much as a condition is about.
fn to_decide(filter: &MessageFilter) -> MessageLoad {
    let (mut needs_detail, mut extended) = (false, Vec::new());
    let visited = each_leaf(filter, &mut |leaf| {
        match leaf {
            MessageFilter::BodyContains(_) | MessageFilter::To(_) => needs_detail = true,
            MessageFilter::Extended(name, _) => {
                needs_detail = true;
                extended.push(name.clone());
            }
            _ => {}
        }
        Ok(())
    });
    debug_assert!(visited.is_ok(), "nothing above fails");
    let mut load = match needs_detail {
        true => MessageLoad::full().body(BodyWanted::Text),
        false => MessageLoad::summary(),
    };
    load.extended = extended;
    load
}
