//! Troubles for many requests: which of them meet one.

use std::collections::BTreeMap;

use super::trouble::Trouble;

/// Troubles for many requests: for a share of those of one operation or account, or for one among
/// them. What concerns connections ([`Trouble::Refuse`], [`Trouble::Silence`],
/// [`Trouble::Certificate`]) meets connections in the same way.
///
/// Which requests a share meets depends on the seed alone and on the order of the requests that one
/// account makes by one operation, so what others do at the same time changes nothing.
///
/// ```
/// use exchange_connector::simulator::{Disturbance, Trouble};
///
/// // Of all messages that are sent, about one in three meets one of two troubles.
/// let disturbance = Disturbance::new(Trouble::DropAfter)
///     .or(Trouble::DropBefore)
///     .of("SendItem")
///     .share(0.33, 7);
/// # let _ = disturbance;
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Disturbance {
    troubles: Vec<Trouble>,
    operation: Option<String>,
    account: Option<String>,
    which: Which,
    seed: u64,
    /// How many it may have met, in all.
    seen: u64,
    /// How many of them each account made by each operation.
    streams: BTreeMap<(String, String), u64>,
    /// How many times it may still strike.
    left: Option<u64>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Which {
    All,
    Nth(u64),
    From(u64),
    Share(f64),
}

/// What may meet a trouble.
#[derive(Clone, Copy, Debug)]
pub(super) enum Target<'a> {
    /// A connection that was accepted.
    Connection,
    /// A request that is logged on.
    Request {
        operation: &'a str,
        /// The address of the account that asks.
        account: &'a str,
    },
}

impl Target<'_> {
    /// Operation and account, if there are any.
    pub(super) fn names(self) -> (String, String) {
        match self {
            Self::Connection => (String::new(), String::new()),
            Self::Request { operation, account } => (operation.to_owned(), account.to_lowercase()),
        }
    }

    pub(super) fn suits(self, trouble: &Trouble) -> bool {
        trouble.is_of_connection() == matches!(self, Self::Connection)
    }
}

impl Disturbance {
    /// A trouble for every request, if nothing else is said.
    #[must_use]
    pub fn new(trouble: Trouble) -> Self {
        Self {
            troubles: vec![trouble],
            operation: None,
            account: None,
            which: Which::All,
            seed: 0,
            seen: 0,
            streams: BTreeMap::new(),
            left: None,
        }
    }

    /// One more trouble; at random one of them strikes.
    #[must_use]
    pub fn or(mut self, trouble: Trouble) -> Self {
        self.troubles.push(trouble);
        self
    }

    /// Only requests of that operation, such as `CreateItem`.
    #[must_use]
    pub fn of(mut self, operation: impl Into<String>) -> Self {
        self.operation = Some(operation.into());
        self
    }

    /// Only requests of the account with that address.
    #[must_use]
    pub fn by(mut self, account: impl Into<String>) -> Self {
        self.account = Some(account.into());
        self
    }

    /// Only that one of those requests, counted from 1.
    #[must_use]
    pub fn nth(mut self, number: u64) -> Self {
        self.which = Which::Nth(number);
        self
    }

    /// That one of those requests, counted from 1, and all after it.
    #[must_use]
    pub fn from(mut self, number: u64) -> Self {
        self.which = Which::From(number);
        self
    }

    /// A share of those requests, from 0 to 1, picked with that seed.
    #[must_use]
    pub fn share(mut self, share: f64, seed: u64) -> Self {
        self.which = Which::Share(share);
        self.seed = seed;
        self
    }

    /// Only so many times.
    #[must_use]
    pub fn times(mut self, times: u64) -> Self {
        self.left = Some(times);
        self
    }

    /// The seed for the choice among several troubles, where no share has one.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// Counts what comes; a number to choose a trouble with if it is to meet one.
    pub(super) fn see(&mut self, target: Target<'_>) -> Option<u64> {
        let (operation, account) = target.names();
        let is = |wanted: &Option<String>, name: &str| {
            wanted
                .as_deref()
                .is_none_or(|one| one.eq_ignore_ascii_case(name))
        };
        let suits = self.troubles.iter().any(|one| target.suits(one));
        if !suits || !is(&self.operation, &operation) || !is(&self.account, &account) {
            return None;
        }
        self.seen += 1;
        let mut random = Random::new(self.seed, &operation, &account);
        let stream = self.streams.entry((operation, account)).or_default();
        *stream += 1;
        random.skip(*stream);
        if self.left == Some(0) {
            return None;
        }
        let strikes = match self.which {
            Which::All => true,
            Which::Nth(number) => self.seen == number,
            Which::From(number) => self.seen >= number,
            Which::Share(share) => {
                let part = u32::try_from(random.next() >> 32).unwrap_or_default();
                f64::from(part) < share * 2f64.powi(32)
            }
        };
        strikes.then(|| random.next())
    }

    /// The trouble for what [`see`](Self::see) chose.
    pub(super) fn strike(&mut self, target: Target<'_>, choice: u64) -> Option<Trouble> {
        self.left = self.left.map(|left| left.saturating_sub(1));
        let suitable: Vec<&Trouble> = self
            .troubles
            .iter()
            .filter(|one| target.suits(one))
            .collect();
        let count = u64::try_from(suitable.len()).unwrap_or(1).max(1);
        let pick = usize::try_from(choice % count).unwrap_or_default();
        suitable.get(pick).map(|trouble| (*trouble).clone())
    }
}

/// What meets the target: what was ordered for it, or of several disturbances the first that
/// strikes. All of them count it.
pub(super) fn meet(
    disturbances: &mut [Disturbance],
    target: Target<'_>,
    ordered: Option<Trouble>,
) -> Option<Trouble> {
    let mut met = ordered;
    for one in disturbances {
        if let (Some(choice), None) = (one.see(target), &met) {
            met = one.strike(target, choice);
        }
    }
    met
}

/// Numbers that are the same each time (SplitMix64).
struct Random(u64);

impl Random {
    /// One row of numbers for each operation and account (FNV-1a).
    fn new(seed: u64, operation: &str, account: &str) -> Self {
        let names = operation.bytes().chain([0]).chain(account.bytes());
        let start = 0xcbf2_9ce4_8422_2325;
        let hash = names.fold(start, |hash: u64, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
        let mut random = Self(seed);
        random.0 = random.next() ^ hash;
        random
    }

    /// Goes to the place of the request with that number; each has two numbers at most.
    fn skip(&mut self, number: u64) {
        self.0 = self
            .0
            .wrapping_add(STEP.wrapping_mul(2).wrapping_mul(number));
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(STEP);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}

const STEP: u64 = 0x9e37_79b9_7f4a_7c15;

#[cfg(test)]
mod tests {
    use super::*;

    fn request<'a>(operation: &'a str, account: &'a str) -> Target<'a> {
        Target::Request { operation, account }
    }

    fn met(one: &mut Disturbance, target: Target<'_>, count: usize) -> Vec<bool> {
        let list = std::slice::from_mut(one);
        (0..count)
            .map(|_| meet(list, target, None).is_some())
            .collect()
    }

    #[test]
    fn disturbances_strike_as_they_are_told() {
        let send = request("SendItem", "a@x");
        let mut third = Disturbance::new(Trouble::DropAfter).of("SendItem").nth(3);
        assert_eq!(met(&mut third, request("GetItem", "a@x"), 1), [false]);
        assert_eq!(met(&mut third, send, 4), [false, false, true, false]);
        let mut later = Disturbance::new(Trouble::DropAfter).from(2).by("A@x");
        assert_eq!(
            met(&mut later, request("SendItem", "b@x"), 2),
            [false, false]
        );
        assert_eq!(met(&mut later, send, 3), [false, true, true]);
        let mut twice = Disturbance::new(Trouble::HtmlPage)
            .or(Trouble::DropBefore)
            .times(2);
        assert_eq!(met(&mut twice, send, 3), [true, true, false]);
        assert_eq!(
            met(
                &mut Disturbance::new(Trouble::HtmlPage),
                Target::Connection,
                1
            ),
            [false]
        );
        assert_eq!(
            met(&mut Disturbance::new(Trouble::Refuse), send, 1),
            [false]
        );
        assert_eq!(
            met(
                &mut Disturbance::new(Trouble::Refuse),
                Target::Connection,
                1
            ),
            [true]
        );
    }

    #[test]
    fn shares_are_the_same_each_time_whatever_others_do() {
        let share = || Disturbance::new(Trouble::DropAfter).share(0.25, 42);
        let send = request("SendItem", "a@x");
        let struck = met(&mut share(), send, 1000);
        let count = struck.iter().filter(|met| **met).count();
        assert!((200..300).contains(&count), "{count}");
        let mut among_others = share();
        let mut again = Vec::new();
        let mut others = Vec::new();
        for _ in 0..1000 {
            others.extend(met(&mut among_others, request("SendItem", "b@x"), 1));
            again.extend(met(&mut among_others, send, 1));
        }
        assert_eq!(again, struck);
        assert_ne!(others, struck);
        let mut other_seed = Disturbance::new(Trouble::DropAfter).share(0.25, 43);
        assert_ne!(met(&mut other_seed, send, 1000), struck);
    }

    #[test]
    fn each_disturbance_counts_every_request() {
        let mut list = [
            Disturbance::new(Trouble::DropAfter).nth(1),
            Disturbance::new(Trouble::DropBefore).nth(2),
        ];
        let met: Vec<_> = (0..3)
            .map(|_| meet(&mut list, request("GetItem", "a@x"), None))
            .collect();
        assert_eq!(
            met,
            [Some(Trouble::DropAfter), Some(Trouble::DropBefore), None]
        );
    }
}
