//! Rounds of changes: of the events of a calendar, and of what happens in it in a time span.
//!
//! <https://learn.microsoft.com/en-us/graph/delta-query-events>

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use chrono::{DateTime, NaiveTime, Utc};
use serde_json::{Value, json};
use uuid::Uuid;

use super::super::context::Context;
use super::super::query::{context_of, link};
use super::super::refusal::GraphRefusal;
use super::super::reply::Reply;
use super::clock;
use super::event::{READ, View};
use super::listing::{Window, masters, window};
use crate::simulator::item::{Item, ItemKind};
use crate::simulator::recurrence::End;
use crate::simulator::store::CalendarRights;
use crate::simulator::zone::Zone;

/// How many changes come on a page where the request does not say it, and at most.
const PAGE: (usize, usize) = (10, 200);
/// How many links the server remembers.
const REMEMBERED: usize = 10_000;

/// What is followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Scope {
    /// Single events and series, those that are over before a time left out.
    Events(Option<DateTime<Utc>>),
    View(Window),
}

/// What a change is about: an item by its number, and by that it had at first, or one of its occurrences.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    number: u64,
    origin: u64,
    start: Option<DateTime<Utc>>,
}

/// What a client knows: each with when it changed.
type Known = BTreeMap<Key, u64>;

/// All changes between two looks.
#[derive(Debug)]
struct Round {
    owner: usize,
    folder: u64,
    scope: Scope,
    /// When it began, in the store's count of changes.
    made: u64,
    rows: Vec<Key>,
    /// What the client knows in the end.
    after: Known,
}

/// How far a client is in a round.
#[derive(Clone, Debug)]
struct Place {
    round: Arc<Round>,
    told: usize,
}

/// The links that were given out.
#[derive(Debug, Default)]
pub(in crate::simulator) struct EventRounds {
    places: BTreeMap<String, Place>,
    order: VecDeque<String>,
}

impl EventRounds {
    fn remember(&mut self, place: Place) -> String {
        let token = Uuid::new_v4().simple().to_string();
        self.places.insert(token.clone(), place);
        self.order.push_back(token.clone());
        if self.order.len() > REMEMBERED
            && let Some(oldest) = self.order.pop_front()
        {
            self.places.remove(&oldest);
        }
        token
    }
}

/// The link is too old: everything is to be read anew.
fn gone() -> GraphRefusal {
    GraphRefusal::new(
        410,
        "SyncStateNotFound",
        "The sync state generation is not found; a full synchronization is needed.",
    )
}

/// `events/delta`.
pub(super) fn events(context: &mut Context<'_>, folder: u64) -> Result<Reply, GraphRefusal> {
    let since = match context.request.parameter("startDateTime") {
        Some(text) => Some(clock::instant(text, &Zone::utc())?),
        None => None,
    };
    run(context, folder, |_| Ok(Scope::Events(since)))
}

/// `calendarView/delta`.
pub(super) fn view(context: &mut Context<'_>, folder: u64) -> Result<Reply, GraphRefusal> {
    run(context, folder, |context| Ok(Scope::View(window(context)?)))
}

fn run(
    context: &mut Context<'_>,
    folder: u64,
    scope: impl Fn(&Context<'_>) -> Result<Scope, GraphRefusal>,
) -> Result<Reply, GraphRefusal> {
    context.need(&READ)?;
    context.require(folder, CalendarRights::Reviewer)?;
    check_options(context)?;
    let asked = |name: &str| context.request.parameter(name).map(str::to_owned);
    let place = match (asked("$skiptoken"), asked("$deltatoken")) {
        (None, None) => begin(context, folder, scope(context)?, &Known::new())?,
        (Some(token), _) => known(context, folder, &token)?,
        (None, Some(token)) => {
            let before = known(context, folder, &token)?.round;
            begin(context, folder, before.scope, &before.after)?
        }
    };
    page(context, &place)
}

/// These options have no place here.
fn check_options(context: &Context<'_>) -> Result<(), GraphRefusal> {
    let mut names = context.request.query.iter().map(|(name, _)| name.as_str());
    let refused = names.find(|name| {
        name.starts_with('$') && !matches!(*name, "$skiptoken" | "$deltatoken" | "$top")
    });
    match refused {
        None => Ok(()),
        Some(name) => Err(GraphRefusal::new(
            400,
            "ErrorInvalidUrlQuery",
            format!(
                "The following parameters are not supported with change tracking over the 'Events' resource: '{name}'."
            ),
        )),
    }
}

/// Where a link leads.
fn known(context: &Context<'_>, folder: u64, token: &str) -> Result<Place, GraphRefusal> {
    let place = context.store.event_rounds.places.get(token);
    let place = place.filter(|place| {
        place.round.made >= context.store.valid_states
            && place.round.owner == context.owner
            && place.round.folder == folder
    });
    place.cloned().ok_or_else(gone)
}

/// A new round: what is not as the client knows it.
fn begin(
    context: &Context<'_>,
    folder: u64,
    scope: Scope,
    before: &Known,
) -> Result<Place, GraphRefusal> {
    let items = masters(context, folder)?;
    let mut after = Known::new();
    let mut rows = Vec::new();
    for item in &items {
        for one in within(item, scope) {
            let key = Key {
                number: item.number,
                origin: item.origin,
                start: one.occurrence.map(|one| one.original),
            };
            if before.get(&key) != Some(&item.changed) {
                rows.push(key);
            }
            after.insert(key, item.changed);
        }
    }
    rows.extend(before.keys().filter(|key| !after.contains_key(key)));
    let round = Round {
        owner: context.owner,
        folder,
        scope,
        made: context.store.count(),
        rows,
        after,
    };
    Ok(Place {
        round: Arc::new(round),
        told: 0,
    })
}

/// What of an item is followed: of a series in a view itself, and then what happens.
fn within(item: &Item, scope: Scope) -> Vec<Item> {
    match scope {
        Scope::Events(since) => match since.is_none_or(|since| lasts_until(item, since)) {
            true => vec![item.clone()],
            false => Vec::new(),
        },
        Scope::View((from, to)) => {
            let mut found = item.within(from, to);
            if item.recurrence.is_some() && !found.is_empty() {
                found.insert(0, item.clone());
            }
            found
        }
    }
}

/// Whether an event, or the last of a series, ends at a time or later.
fn lasts_until(item: &Item, time: DateTime<Utc>) -> bool {
    let end = match item.recurrence.as_ref().map(|recurrence| &recurrence.end) {
        Some(End::Never) => return true,
        Some(End::On(date)) => (*date + chrono::Days::new(1))
            .and_time(NaiveTime::MIN)
            .and_utc(),
        Some(End::After(_)) => {
            let (_, last) = item.first_and_last();
            last.unwrap_or_else(|| item.start()) + (item.end() - item.start())
        }
        None => item.end(),
    };
    end >= time
}

/// The next changes of a round.
fn page(context: &mut Context<'_>, place: &Place) -> Result<Reply, GraphRefusal> {
    let wanted = context.request.preference("odata.maxpagesize");
    let wanted = wanted.or_else(|| context.request.parameter("$top"));
    let most = wanted.and_then(|text| text.parse().ok()).unwrap_or(PAGE.0);
    let most = most.clamp(1, PAGE.1);
    let round = &place.round;
    let view = View::new(context)?;
    let rows = round.rows.iter().skip(place.told).take(most);
    let value: Vec<Value> = rows.map(|key| row(context, &view, round, *key)).collect();
    let told = place.told + value.len();
    let (name, parameter) = match told < round.rows.len() {
        true => ("@odata.nextLink", "$skiptoken"),
        false => ("@odata.deltaLink", "$deltatoken"),
    };
    let further = Place {
        round: Arc::clone(round),
        told,
    };
    let token = context.store.event_rounds.remember(further);
    // What was asked for is part of the token.
    let mut bare = context.request.clone();
    bare.query.clear();
    let reply = json!({
        "@odata.context": context_of(context.request),
        name: link(&bare, &[(parameter, &token)]),
        "value": value,
    });
    let mut reply = Reply::json(200, reply);
    if context.request.preference("odata.maxpagesize").is_some() {
        let applied = format!("odata.maxpagesize={most}");
        reply.headers.push(("preference-applied", applied));
    }
    Ok(reply)
}

/// One change, as things are by now.
fn row(context: &Context<'_>, view: &View<'_>, round: &Round, key: Key) -> Value {
    let living = context.mailbox().ok().and_then(|mailbox| {
        let item = mailbox.items.get(&key.number)?;
        (item.folder == round.folder && round.after.contains_key(&key)).then_some(item)
    });
    let one = match (living, key.start) {
        (Some(item), None) => Some(item.clone()),
        (Some(item), Some(start)) => (item.recurrence.is_some()
            && item.has_occurrence(start)
            && !item.deleted.contains(&start))
        .then(|| item.occurrence_at(start)),
        (None, _) => None,
    };
    let Some(item) = one else {
        return removed(view, key);
    };
    match round.scope {
        Scope::Events(_) => view.lean(&item).into(),
        Scope::View(_) if item.occurrence.is_some_and(|one| !one.exception) => {
            view.lean(&item).into()
        }
        Scope::View(_) => view.write(&item).into(),
    }
}

fn removed(view: &View<'_>, key: Key) -> Value {
    let mut item = Item::new(ItemKind::CalendarItem);
    item.number = key.number;
    item.origin = key.origin;
    item.occurrence = key
        .start
        .map(|original| crate::simulator::item::Occurrence {
            original,
            exception: false,
        });
    json!({
        "@odata.type": "#microsoft.graph.event",
        "id": view.id(&item),
        "@removed": {"reason": "deleted"},
    })
}
