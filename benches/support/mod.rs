//! What the benches share: the documents, the contenders and the stop watch.

pub(crate) mod contenders;
pub(crate) mod documents;
pub(crate) mod ours;
pub(crate) mod peers;
pub(crate) mod random;
pub(crate) mod records;
pub(crate) mod stopwatch;
