//! This crate's reader and writer, seen through the four functions that the benches call.
//!
//! Each takes the same input as the peers and drops what it has read before it returns, so that
//! the cost of freeing is measured for everybody.

/// The functions of one contender.
pub(crate) struct Ours {
    /// Reads a FindItem response into owned items; the number of items.
    pub(crate) read_find_item: fn(&str) -> usize,
    /// Reads a GetItem response; the number of items.
    pub(crate) read_get_item: fn(&str) -> usize,
    /// Reads a SyncFolderItems response; the number of changes.
    pub(crate) read_sync: fn(&str) -> usize,
    /// Writes a whole GetItem envelope for ids and change keys, base shape `AllProperties`.
    pub(crate) write_get_item: fn(&[(String, String)]) -> String,
}

/// `None` as long as the typed reader is not part of the crate: the lines for it are then left out.
pub(crate) const OURS: Option<Ours> = None;
