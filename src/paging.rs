//! Long lists in pages, while things come and go.

use std::collections::HashSet;
use std::hash::{BuildHasher as _, RandomState};

/// Which entries of a list to ask for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Span {
    /// How many entries to pass over.
    pub(crate) offset: u32,
    /// How many to give at most.
    pub(crate) entries: u32,
}

/// What a server says of a list beside the entries it gives.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Extent {
    /// These were the last ones.
    pub(crate) is_last: Option<bool>,
    /// How many there are in all.
    pub(crate) total: Option<u32>,
}

/// The next page of a list to ask for.
///
/// A server counts from the beginning of the list each time. If something before the page is deleted
/// meanwhile, what follows moves up, and a page that begins where the last one ended leaves
/// something out; if something is put before it, a page repeats something. So each page begins with
/// the last item of the one before. If it does not, then it goes back until it meets something it
/// has seen, and what it has seen is passed over. The order of the list must not change.
#[derive(Debug)]
pub(crate) struct Paging {
    /// How many items of the list were passed.
    passed: u32,
    /// How many new items to ask for; less once a server found it too many.
    size: u32,
    /// How many seen items the next page is to begin with.
    overlap: u32,
    is_done: bool,
    /// The hashes of what was seen.
    seen: HashSet<u64>,
    hasher: RandomState,
}

impl Paging {
    pub(crate) fn new(size: u32) -> Self {
        Self {
            passed: 0,
            size,
            overlap: 0,
            is_done: false,
            seen: HashSet::new(),
            hasher: RandomState::new(),
        }
    }

    /// The next page; `None` when all were asked for.
    pub(crate) fn span(&self) -> Option<Span> {
        (!self.is_done).then(|| Span {
            offset: self.passed.saturating_sub(self.overlap),
            entries: self.entries(),
        })
    }

    fn entries(&self) -> u32 {
        self.size.saturating_add(self.overlap)
    }

    /// The server refused to give so many: asks for less. `false` if nothing less can be asked for.
    #[cfg(feature = "ews")]
    pub(crate) fn refused(&mut self) -> bool {
        let entries = self.entries();
        self.size = (self.size / 2).max(1);
        if self.entries() == entries {
            self.overlap = 0;
        }
        self.entries() < entries
    }

    /// Takes a page; returns what was not seen before, `None` if the list has to be asked again.
    pub(crate) fn take<T>(
        &mut self,
        items: Vec<T>,
        id: impl Fn(&T) -> Option<&str>,
        extent: Extent,
    ) -> Option<Vec<T>> {
        let hash = |item: &T| id(item).map(|id| self.hasher.hash_one(id));
        let is_known = |item: &T| hash(item).is_none_or(|hash| self.seen.contains(&hash));
        if self.overlap > 0 && !items.first().is_some_and(is_known) {
            self.passed = self.passed.saturating_sub(self.size);
            self.overlap = self.passed.min(1);
            return None;
        }
        let (asked, count) = (
            self.entries(),
            u32::try_from(items.len()).unwrap_or(u32::MAX),
        );
        self.is_done = extent.is_last.unwrap_or(count < asked) || count == 0;
        let offset = self.passed.saturating_sub(self.overlap);
        self.passed = offset.saturating_add(count);
        // A server that gives just one at a time would give the same again.
        self.overlap = u32::from(asked == 1 || count > 1);
        let mut fresh = Vec::with_capacity(items.len());
        for item in items {
            let hash = id(&item).map(|id| self.hasher.hash_one(id));
            if hash.is_none_or(|hash| self.seen.insert(hash)) {
                fresh.push(item);
            }
        }
        Some(fresh)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Reads a list a server gives at most `most` of at a time; between two pages `meddle` changes
    /// it.
    fn read(
        mut list: Vec<String>,
        size: u32,
        most: usize,
        mut meddle: impl FnMut(&mut Vec<String>),
    ) -> (Vec<String>, usize) {
        let mut paging = Paging::new(size);
        let (mut read, mut requests) = (Vec::new(), 0);
        while let Some(Span { offset, entries }) = paging.span() {
            requests += 1;
            assert!(requests < 10_000, "no end");
            let (offset, asked) = (offset as usize, entries as usize);
            let page: Vec<String> = list
                .iter()
                .skip(offset)
                .take(asked.min(most))
                .cloned()
                .collect();
            let extent = Extent {
                is_last: Some(offset + page.len() >= list.len()),
                total: None,
            };
            read.extend(
                paging
                    .take(page, |id| Some(id.as_str()), extent)
                    .unwrap_or_default(),
            );
            meddle(&mut list);
        }
        (read, requests)
    }

    fn names(count: u32) -> Vec<String> {
        (0..count).map(|n| n.to_string()).collect()
    }

    #[test]
    fn pages_of_a_quiet_list() {
        for most in [1, 2, 1000] {
            assert_eq!(read(names(7), 3, most, |_| ()).0, names(7), "{most}");
        }
        assert_eq!(read(names(7), 3, 1000, |_| ()).1, 3);
        assert_eq!(read(Vec::new(), 3, 1000, |_| ()), (Vec::new(), 1));
    }

    #[test]
    fn less_is_asked_for_until_there_is_no_less() {
        let mut paging = Paging::new(5);
        let refusals = std::iter::from_fn(|| paging.refused().then_some(())).count();
        assert_eq!(refusals, 2);
    }

    proptest! {
        #[test]
        fn what_stays_is_read_once(
            count in 0u32..60,
            size in 1u32..10,
            most in prop::sample::select(vec![2usize, 5, 1000]),
            changes in prop::collection::vec((0usize..80, any::<bool>()), 0..40),
        ) {
            let mut gone = Vec::new();
            let mut changes = changes.into_iter();
            let mut fresh = 1000u32;
            let (read, _) = read(names(count), size, most, |list| {
                match changes.next() {
                    Some((at, true)) if !list.is_empty() => gone.push(list.remove(at % list.len())),
                    // New ones come at the end, or before everything as in the Inbox.
                    Some((at, false)) => {
                        fresh += 1;
                        list.insert(if at % 2 == 0 { 0 } else { list.len() }, fresh.to_string());
                    }
                    _ => {}
                }
            });
            let mut unique = read.clone();
            unique.sort();
            unique.dedup();
            prop_assert_eq!(unique.len(), read.len(), "repeated");
            for name in names(count) {
                prop_assert!(read.contains(&name) || gone.contains(&name), "{} is missing", name);
            }
        }
    }
}
