//! What FindItem finds in a folder, and in which order.

use std::cmp::Ordering;
use std::sync::Arc;

use roxmltree::Node;

use super::{Call, children};
use crate::simulator::aqs::Query;
use crate::simulator::item::{Item, ItemKind};
use crate::simulator::path::Path;
use crate::simulator::property::Value;
use crate::simulator::refusal::Refusal;
use crate::simulator::request::Element as _;
use crate::simulator::restriction::{Filter, Subject as _, compare};
use crate::simulator::store::Mailbox;
use crate::simulator::version::SimulatedVersion;

/// How many searches are remembered.
const REMEMBERED: usize = 16;

/// The most results of a content search.
const MOST_OF_QUERY: usize = 250;

/// The items that were found, in order.
#[derive(Debug)]
pub(super) enum Found {
    /// All of a folder by the time they were received.
    Folder {
        folder: u64,
        newest_first: bool,
    },
    Numbers(Arc<Vec<u64>>),
}

impl Found {
    pub(super) fn count(&self, mailbox: &Mailbox) -> usize {
        match self {
            Self::Folder { folder, .. } => mailbox.items.count(*folder),
            Self::Numbers(numbers) => numbers.len(),
        }
    }

    pub(super) fn slice(&self, mailbox: &Mailbox, skip: usize, most: usize) -> Vec<u64> {
        match self {
            Self::Folder {
                folder,
                newest_first,
            } => mailbox.items.by_time(*folder, *newest_first, skip, most),
            Self::Numbers(numbers) => numbers.iter().skip(skip).take(most).copied().collect(),
        }
    }
}

/// A property to sort by, and whether the largest comes first.
type Order = (Path, bool);

/// Everything a search depends on but the items.
struct Search {
    filter: Option<Filter>,
    query: Option<Query>,
    orders: Vec<Order>,
}

impl Search {
    fn read(call: &Call<'_>, operation: Node<'_, '_>) -> Result<Self, Refusal> {
        let filter = operation
            .child("Restriction")
            .and_then(|restriction| restriction.first())
            .map(Filter::read)
            .transpose()?;
        let query = operation.text_of("QueryString");
        if query.is_some() && filter.is_some() {
            return Err(Refusal::new(
                "ErrorInvalidOperation",
                "A search can have either a restriction or a query string.",
            ));
        }
        let query = query
            .map(|text| Query::read(text, &call.zone_or_utc(), call.now))
            .transpose()?;
        let mut orders = Vec::new();
        for order in children(operation, "SortOrder") {
            let path = order.first().map(Path::read).transpose()?;
            let descending = order.attribute("Order") == Some("Descending");
            orders.extend(path.map(|path| (path, descending)));
        }
        let search = Self {
            filter,
            query,
            orders,
        };
        search.check()?;
        Ok(search)
    }

    /// Refuses what cannot be searched, also where there is nothing to search in.
    fn check(&self) -> Result<(), Refusal> {
        let nothing = Item::new(ItemKind::Message);
        for (path, _) in &self.orders {
            nothing.value(path)?;
        }
        self.filter
            .as_ref()
            .map_or(Ok(()), |filter| filter.check(&nothing))
    }

    /// Whether it is all of a folder, in an order that is kept anyway.
    fn newest_first(&self) -> Option<bool> {
        if self.filter.is_some() || self.query.is_some() {
            return None;
        }
        match self.orders.as_slice() {
            [] => Some(true),
            [(Path::Field(uri), descending)] if uri == "item:DateTimeReceived" => Some(*descending),
            _ => None,
        }
    }

    fn holds(&self, call: &Call<'_>, item: &Item) -> Result<bool, Refusal> {
        if let Some(query) = &self.query {
            return Ok(query.holds(item));
        }
        match &self.filter {
            Some(filter) => filter.holds(item, &call.zone_or_utc()),
            None => Ok(true),
        }
    }

    /// Puts items, which come newest first as Exchange lists mail, into the order asked for.
    fn sort(&self, mut items: Vec<&Item>) -> Result<Vec<u64>, Refusal> {
        for (path, descending) in self.orders.iter().rev() {
            let mut keyed = Vec::with_capacity(items.len());
            for item in items {
                keyed.push((item.value(path)?.map(small), item));
            }
            keyed.sort_by(|(a, _), (b, _)| {
                let order = match (a, b) {
                    // They are in small letters already.
                    (Some(Value::Text(a)), Some(Value::Text(b))) => a.cmp(b),
                    (Some(a), Some(b)) => compare(a, b).unwrap_or(Ordering::Equal),
                    (a, b) => a.is_some().cmp(&b.is_some()),
                };
                if *descending { order.reverse() } else { order }
            });
            items = keyed.into_iter().map(|(_, item)| item).collect();
        }
        Ok(items.into_iter().map(|item| item.number).collect())
    }
}

/// A value to sort by: texts in small letters.
fn small(value: Value) -> Value {
    match value {
        Value::Text(text) => Value::Text(text.to_lowercase()),
        other => other,
    }
}

/// The items of a folder that a request asks for.
pub(super) fn run(
    call: &Call<'_>,
    operation: Node<'_, '_>,
    owner: usize,
    folder: u64,
) -> Result<Found, Refusal> {
    let search = Search::read(call, operation)?;
    let private = call.store.sees_private(call.caller, owner, folder);
    if let Some(newest_first) = search.newest_first() {
        return Ok(Found::Folder {
            folder,
            newest_first,
        });
    }
    let mailbox = call.mailbox(owner)?;
    let key = key(call, operation, mailbox, (folder, private));
    let known = call.store.finds.borrow();
    if let Some((_, numbers)) = known.iter().find(|(known, _)| *known == key) {
        return Ok(Found::Numbers(Arc::clone(numbers)));
    }
    drop(known);
    let mut found = Vec::new();
    for item in newest_first(mailbox, folder) {
        // What is hidden is not found either.
        let hidden = !private && item.is_private();
        let holds = if hidden {
            search.holds(call, &item.masked())?
        } else {
            search.holds(call, item)?
        };
        if holds {
            found.push(item);
        }
    }
    let mut numbers = search.sort(found)?;
    // What the index finds is cut before it is counted.
    if search.query.is_some() && call.version >= SimulatedVersion::Exchange2013 {
        numbers.truncate(MOST_OF_QUERY);
    }
    let numbers = Arc::new(numbers);
    let mut finds = call.store.finds.borrow_mut();
    finds.push_back((key, Arc::clone(&numbers)));
    if finds.len() > REMEMBERED {
        finds.pop_front();
    }
    Ok(Found::Numbers(numbers))
}

fn newest_first(mailbox: &Mailbox, folder: u64) -> impl Iterator<Item = &Item> {
    let numbers = mailbox.items.by_time(folder, true, 0, usize::MAX);
    let items = numbers.into_iter();
    items.filter_map(|number| mailbox.items.get(&number))
}

/// What makes two searches the same: the text of the request, and the state of the folder.
fn key(
    call: &Call<'_>,
    operation: Node<'_, '_>,
    mailbox: &Mailbox,
    (folder, private): (u64, bool),
) -> String {
    let text = |name: &str| {
        let node = operation.child(name)?;
        operation.document().input_text().get(node.range())
    };
    let parts = ["Restriction", "QueryString", "SortOrder"].map(|name| text(name).unwrap_or(""));
    let version = mailbox.items.version(folder);
    let zone = call.zone_or_utc().id;
    let guid = mailbox.guid;
    format!(
        "{guid} {folder} {version} {private} {zone} {}",
        parts.join(" ")
    )
}

/// The items that were deleted from a folder and can be recovered.
pub(super) fn run_deleted(
    call: &Call<'_>,
    operation: Node<'_, '_>,
    owner: usize,
    (folder, bin): (u64, u64),
) -> Result<Found, Refusal> {
    let search = Search::read(call, operation)?;
    let mailbox = call.mailbox(owner)?;
    let mut found = Vec::new();
    for item in newest_first(mailbox, bin) {
        if item.deleted_from == Some(folder) && search.holds(call, item)? {
            found.push(item);
        }
    }
    Ok(Found::Numbers(Arc::new(search.sort(found)?)))
}
