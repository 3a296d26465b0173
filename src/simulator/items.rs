//! The items of a mailbox, and what finds them fast: by folder, by time received, by change.

use std::cell::{RefCell, RefMut};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::{Bound, RangeInclusive};

use chrono::{DateTime, Utc};

use super::item::{Item, READ, RECEIVED};

/// All items of a mailbox.
#[derive(Clone, Debug, Default)]
pub(super) struct Items {
    all: BTreeMap<u64, Item>,
    /// Which number items have by the one they had at first.
    origins: BTreeMap<u64, u64>,
    /// Behind a cell, as those who only look bring it up to date.
    indexes: RefCell<Indexes>,
}

#[derive(Clone, Debug, Default)]
struct Indexes {
    folders: BTreeMap<u64, Folder>,
    size: usize,
    /// Items that were lent to be changed, as the indexes know them.
    lent: BTreeMap<u64, Keys>,
}

/// The items of a folder.
#[derive(Clone, Debug, Default)]
struct Folder {
    numbers: BTreeSet<u64>,
    by_time: BTreeSet<(Option<DateTime<Utc>>, u64)>,
    by_change: BTreeSet<(u64, u64)>,
    unread: usize,
    /// Counts what happened in the folder.
    version: u64,
}

/// What of an item the indexes know.
#[derive(Clone, Copy, Debug)]
struct Keys {
    number: u64,
    folder: u64,
    received: Option<DateTime<Utc>>,
    change: u64,
    unread: bool,
    size: usize,
}

impl Keys {
    fn of(item: &Item) -> Self {
        Self {
            number: item.number,
            folder: item.folder,
            received: item.time(&RECEIVED),
            change: item.created.max(item.changed).max(item.read_changed),
            unread: !item.flag(&READ),
            size: item.size(),
        }
    }
}

impl Indexes {
    fn note(&mut self, keys: Keys) {
        let folder = self.folders.entry(keys.folder).or_default();
        folder.numbers.insert(keys.number);
        folder.by_time.insert((keys.received, keys.number));
        folder.by_change.insert((keys.change, keys.number));
        folder.unread += usize::from(keys.unread);
        folder.version += 1;
        self.size += keys.size;
    }

    fn forget(&mut self, keys: Keys) {
        let folder = self.folders.entry(keys.folder).or_default();
        folder.numbers.remove(&keys.number);
        folder.by_time.remove(&(keys.received, keys.number));
        folder.by_change.remove(&(keys.change, keys.number));
        folder.unread = folder.unread.saturating_sub(usize::from(keys.unread));
        folder.version += 1;
        self.size = self.size.saturating_sub(keys.size);
    }
}

impl Items {
    /// The indexes as they are now.
    fn indexes(&self) -> RefMut<'_, Indexes> {
        let mut indexes = self.indexes.borrow_mut();
        for (number, before) in std::mem::take(&mut indexes.lent) {
            indexes.forget(before);
            if let Some(item) = self.all.get(&number) {
                indexes.note(Keys::of(item));
            }
        }
        indexes
    }

    pub(super) fn get(&self, number: &u64) -> Option<&Item> {
        self.all.get(number)
    }

    /// The item that had this number at first.
    pub(super) fn by_origin(&self, origin: u64) -> Option<&Item> {
        self.all.get(self.origins.get(&origin)?)
    }

    /// An item to change.
    pub(super) fn get_mut(&mut self, number: &u64) -> Option<&mut Item> {
        let item = self.all.get_mut(number)?;
        let lent = &mut self.indexes.get_mut().lent;
        lent.entry(*number).or_insert_with(|| Keys::of(item));
        Some(item)
    }

    pub(super) fn insert(&mut self, item: Item) {
        self.remove(&item.number);
        self.indexes.get_mut().note(Keys::of(&item));
        self.origins.insert(item.origin, item.number);
        self.all.insert(item.number, item);
    }

    pub(super) fn remove(&mut self, number: &u64) -> Option<Item> {
        let item = self.all.remove(number)?;
        if self.origins.get(&item.origin) == Some(number) {
            self.origins.remove(&item.origin);
        }
        let indexes = self.indexes.get_mut();
        let lent = indexes.lent.remove(number);
        indexes.forget(lent.unwrap_or_else(|| Keys::of(&item)));
        Some(item)
    }

    pub(super) fn values(&self) -> impl Iterator<Item = &Item> {
        self.all.values()
    }

    /// Bytes of all of them.
    pub(super) fn size(&self) -> usize {
        self.indexes().size
    }

    /// Picks numbers out of the index of a folder.
    fn pick(&self, folder: u64, pick: impl FnOnce(&Folder) -> Vec<u64>) -> Vec<u64> {
        let indexes = self.indexes();
        indexes.folders.get(&folder).map(pick).unwrap_or_default()
    }

    /// The items of a folder, oldest first.
    pub(super) fn within(&self, folder: u64) -> impl DoubleEndedIterator<Item = &Item> {
        let numbers = self.pick(folder, |folder| folder.numbers.iter().copied().collect());
        numbers
            .into_iter()
            .filter_map(|number| self.all.get(&number))
    }

    /// The numbers of the items of a folder in a range, so many at most.
    pub(super) fn numbered(
        &self,
        folder: u64,
        range: RangeInclusive<u64>,
        most: usize,
    ) -> Vec<u64> {
        if range.is_empty() {
            return Vec::new();
        }
        self.pick(folder, |folder| {
            let numbers = folder.numbers.range(range);
            numbers.copied().take(most).collect()
        })
    }

    /// The numbers of the items of a folder that changed after a change, in order.
    pub(super) fn changed_after(&self, folder: u64, change: u64) -> BTreeSet<u64> {
        let range = (Bound::Excluded((change, u64::MAX)), Bound::Unbounded);
        let numbers = self.pick(folder, |folder| {
            let changes = folder.by_change.range(range);
            changes.map(|(_, number)| *number).collect()
        });
        numbers.into_iter().collect()
    }

    /// The numbers of some items of a folder in the order of the time they were received.
    pub(super) fn by_time(
        &self,
        folder: u64,
        newest_first: bool,
        skip: usize,
        most: usize,
    ) -> Vec<u64> {
        self.pick(folder, |folder| {
            let times = folder.by_time.iter().map(|(_, number)| *number);
            if newest_first {
                times.rev().skip(skip).take(most).collect()
            } else {
                times.skip(skip).take(most).collect()
            }
        })
    }

    pub(super) fn count(&self, folder: u64) -> usize {
        let indexes = self.indexes();
        let folder = indexes.folders.get(&folder);
        folder.map_or(0, |folder| folder.numbers.len())
    }

    pub(super) fn unread(&self, folder: u64) -> usize {
        let indexes = self.indexes();
        indexes
            .folders
            .get(&folder)
            .map_or(0, |folder| folder.unread)
    }

    /// A number that is another one after each change in a folder.
    pub(super) fn version(&self, folder: u64) -> u64 {
        let indexes = self.indexes();
        let folder = indexes.folders.get(&folder);
        folder.map_or(0, |folder| folder.version)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simulator::item::ItemKind;
    use crate::simulator::property::Value;

    #[test]
    fn indexes_follow_changes() {
        let mut items = Items::default();
        for number in 1..=3 {
            let mut item = Item::new(ItemKind::Message);
            item.number = number;
            item.folder = 7;
            item.created = number;
            item.changed = number;
            let time = DateTime::from_timestamp(100 - number.cast_signed(), 0);
            item.set(RECEIVED, Value::Time(time.unwrap()));
            items.insert(item);
        }
        assert_eq!((items.count(7), items.unread(7)), (3, 3));
        assert_eq!(items.by_time(7, false, 0, 9), [3, 2, 1]);
        assert_eq!(items.by_time(7, true, 1, 1), [2]);
        let (version, size) = (items.version(7), items.size());
        {
            let item = items.get_mut(&2).unwrap();
            item.set(READ, Value::Boolean(true));
            item.read_changed = 9;
            item.body.text = "longer".to_owned();
        }
        assert!(items.version(7) > version && items.size() > size);
        assert_eq!(items.unread(7), 2);
        assert_eq!(items.changed_after(7, 3), [2].into());
        items.get_mut(&1).unwrap().folder = 8;
        assert_eq!((items.count(7), items.count(8)), (2, 1));
        assert_eq!(items.numbered(7, 3..=9, 5), [3]);
        assert_eq!(items.remove(&3).unwrap().number, 3);
        assert_eq!(items.within(7).count(), 1);
        assert!(items.get_mut(&3).is_none() && items.get(&3).is_none());
    }
}
