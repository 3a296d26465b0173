//! A series as a whole.

mod occurrences;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

#[cfg(feature = "icalendar")]
pub(crate) use occurrences::when_on;
pub use occurrences::{Occurrence, Occurrences};

use super::Event;

/// A series with all that differs from its pattern.
///
/// EWS: the recurring master with its `ModifiedOccurrences` and `DeletedOccurrences`. Graph: the series master with
/// its `exceptionOccurrences` and `cancelledOccurrences`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Series {
    /// The series itself, loaded whole.
    pub master: Event,
    /// The occurrences that were changed, by their original start; each loaded whole.
    pub exceptions: Vec<Event>,
    /// When the occurrences that were deleted would have begun, in order.
    pub deleted: Vec<DateTime<Utc>>,
}

impl Series {
    /// A series none of whose occurrences was changed or deleted.
    pub fn new(master: Event) -> Self {
        Self {
            master,
            exceptions: Vec::new(),
            deleted: Vec::new(),
        }
    }
}
