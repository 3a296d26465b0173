//! A series as a whole.

mod occurrences;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

#[cfg(feature = "icalendar")]
pub(crate) use occurrences::when_on;
pub use occurrences::{Occurrence, Occurrences};

use super::{Attachment, Event};

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

/// What came of splitting a series: see
/// [`CalendarExt::change_this_and_following`](crate::CalendarExt::change_this_and_following).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct SplitSeries {
    /// The old series, which now ends before the split; `None` when nothing of it was left, or when there was nothing
    /// to split.
    pub earlier: Option<Event>,
    /// The series that begins at the split; the event, if the patch made it a single one.
    pub later: Event,
    /// The exceptions for which there is no place any more, as they were in the old series: those after the split that
    /// could not be carried over, and those before it that the server dropped and would not take back.
    pub lost: Vec<Event>,
    /// What is attached to the old series, and not to the later one: whoever has the files may attach them again.
    pub attachments: Vec<Attachment>,
}

impl SplitSeries {
    /// A series that needed no splitting, because the change was one of all of it.
    pub fn whole(later: Event) -> Self {
        Self {
            earlier: None,
            later,
            lost: Vec::new(),
            attachments: Vec::new(),
        }
    }
}
