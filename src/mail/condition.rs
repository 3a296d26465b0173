//! Conditions: what of them a server decides, and what is left to be decided here.
//!
//! What a server cannot search for exactly is said to it in a wider way, so that it finds at least
//! what is meant. Within a negation it is the other way round: there it is said more narrowly.

use crate::model::{Address, Message, MessageFilter};

/// What conditions are said in to a server.
pub(crate) trait Language {
    /// A condition in it.
    type Expression;

    /// A single condition.
    fn say(leaf: &MessageFilter) -> Said<Self::Expression>;

    /// All of these hold; there are two at least.
    fn all(list: Vec<Self::Expression>) -> Self::Expression;

    /// One of these holds; there are two at least.
    fn any(list: Vec<Self::Expression>) -> Self::Expression;

    /// This does not hold.
    fn not(one: Self::Expression) -> Self::Expression;
}

/// How a single condition can be said to a server.
pub(crate) enum Said<E> {
    /// It means the same.
    Exactly(E),
    /// It finds at least what is meant; `None`: there are no words for it.
    Widely(Option<E>),
}

/// A condition in two parts; a message meets it if it meets both.
#[derive(Clone, Debug)]
pub(crate) struct Condition<E> {
    /// What the server decides; `None`: it gives everything.
    pub(crate) server: Option<E>,
    /// What is decided here.
    pub(crate) here: Option<MessageFilter>,
}

impl<E> Default for Condition<E> {
    fn default() -> Self {
        Self {
            server: None,
            here: None,
        }
    }
}

impl<E> Condition<E> {
    pub(crate) fn of<L: Language<Expression = E>>(filter: &MessageFilter) -> Self {
        Self {
            server: approach::<L>(filter, Side::Wide),
            here: rest::<L>(filter),
        }
    }
}

/// On which side of the truth an expression has to lie.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    /// It holds for all that meet the condition, and perhaps for others.
    Wide,
    /// It holds for none that does not meet the condition, but perhaps not for all.
    Narrow,
}

/// What a server can be asked for; `None` for what always holds (wide) or never (narrow).
fn approach<L: Language>(filter: &MessageFilter, side: Side) -> Option<L::Expression> {
    let each = |list: &[MessageFilter]| -> Vec<Option<L::Expression>> {
        list.iter().map(|one| approach::<L>(one, side)).collect()
    };
    match (filter, side) {
        // What says nothing can be left out ...
        (MessageFilter::All(list), Side::Wide) => {
            joined(each(list).into_iter().flatten().collect(), L::all)
        }
        (MessageFilter::Any(list), Side::Narrow) => {
            joined(each(list).into_iter().flatten().collect(), L::any)
        }
        // ... or takes everything with it.
        (MessageFilter::All(list), Side::Narrow) => {
            joined(each(list).into_iter().collect::<Option<_>>()?, L::all)
        }
        (MessageFilter::Any(list), Side::Wide) => {
            joined(each(list).into_iter().collect::<Option<_>>()?, L::any)
        }
        (MessageFilter::Not(one), side) => {
            let other = match side {
                Side::Wide => Side::Narrow,
                Side::Narrow => Side::Wide,
            };
            approach::<L>(one, other).map(L::not)
        }
        (leaf, side) => match L::say(leaf) {
            Said::Exactly(expression) => Some(expression),
            Said::Widely(expression) if side == Side::Wide => expression,
            Said::Widely(_) => None,
        },
    }
}

fn joined<E>(mut list: Vec<E>, by: fn(Vec<E>) -> E) -> Option<E> {
    match list.len() {
        0 | 1 => list.pop(),
        _ => Some(by(list)),
    }
}

/// What of a condition the server does not decide.
fn rest<L: Language>(filter: &MessageFilter) -> Option<MessageFilter> {
    if is_exact::<L>(filter) {
        return None;
    }
    match filter {
        MessageFilter::All(list) => {
            let mut left: Vec<_> = list.iter().filter_map(rest::<L>).collect();
            match left.len() {
                0 | 1 => left.pop(),
                _ => Some(MessageFilter::All(left)),
            }
        }
        other => Some(other.clone()),
    }
}

fn is_exact<L: Language>(filter: &MessageFilter) -> bool {
    match filter {
        MessageFilter::All(list) | MessageFilter::Any(list) => list.iter().all(is_exact::<L>),
        MessageFilter::Not(one) => is_exact::<L>(one),
        leaf => matches!(L::say(leaf), Said::Exactly(_)),
    }
}

/// Visits each single condition.
pub(crate) fn each_leaf<'a, F>(filter: &'a MessageFilter, visit: &mut F) -> crate::Result<()>
where
    F: FnMut(&'a MessageFilter) -> crate::Result<()> + ?Sized,
{
    match filter {
        MessageFilter::All(list) | MessageFilter::Any(list) => {
            list.iter().try_for_each(|one| each_leaf(one, visit))
        }
        MessageFilter::Not(one) => each_leaf(one, visit),
        leaf => visit(leaf),
    }
}

/// Whether a message meets a condition, once all is known that can be: who has no address but a distinguished name is
/// nobody whose address was asked for.
pub(crate) fn is_met_at_last(filter: &MessageFilter, mut message: Message) -> bool {
    for who in message.people_mut() {
        if let Address::ExchangeDn(name) = &who.address {
            who.address = Address::Other {
                routing: "EX".to_owned(),
                address: name.clone(),
            };
        }
    }
    filter.is_met_by(&message) == Some(true)
}
