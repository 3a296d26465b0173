use chrono::{DateTime, Utc};

use serde::Serialize;

use crate::xml::{Children, Element, Problem, names};

use super::FieldPath;
use crate::paging::{Extent, Span};

names! {
    /// How deep to look.
    ///
    /// Reference: <https://learn.microsoft.com/exchange/client-developer/web-service-reference/traversal>
    pub enum Traversal {
        /// The folder itself.
        Shallow = "Shallow",
        /// For folders: all below. For items: everything in the mailbox, on search folders only.
        Deep = "Deep",
        /// What was deleted and can be recovered.
        SoftDeleted = "SoftDeleted",
        /// Hidden items. Exchange 2010 and later.
        Associated = "Associated",
    }
}

names! {
    /// From which end to count.
    pub enum BasePoint {
        Beginning = "Beginning",
        End = "End",
    }
}

names! {
    /// Which way to sort.
    pub enum SortDirection {
        Ascending = "Ascending",
        Descending = "Descending",
    }
}

/// By what to sort.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct FieldOrder {
    /// The property.
    pub path: FieldPath,
    /// Which way.
    pub direction: SortDirection,
}

impl FieldOrder {
    /// The smallest or earliest first.
    pub fn ascending(path: impl Into<FieldPath>) -> Self {
        Self {
            path: path.into(),
            direction: SortDirection::Ascending,
        }
    }

    /// The largest or latest first.
    pub fn descending(path: impl Into<FieldPath>) -> Self {
        Self {
            path: path.into(),
            direction: SortDirection::Descending,
        }
    }
}

/// Which part of a long list to return.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum View {
    /// So many entries from one on.
    ///
    /// Reference: <https://learn.microsoft.com/exchange/client-developer/web-service-reference/indexedpageitemview>
    IndexedPage {
        /// Entries at most; the server's own limit (often 1,000) if not said.
        max_entries_returned: Option<u32>,
        /// Entries to pass over.
        offset: u32,
        /// From which end.
        base_point: BasePoint,
    },
    /// Calendar items that overlap a stretch of time, series expanded. Not for folders.
    ///
    /// Reference: <https://learn.microsoft.com/exchange/client-developer/web-service-reference/calendarview>
    Calendar {
        /// Items at most.
        max_entries_returned: Option<u32>,
        /// From when on.
        start: DateTime<Utc>,
        /// Until when; at most two years after the start.
        end: DateTime<Utc>,
    },
}

impl View {
    /// So many entries from one on.
    pub fn page(offset: u32, max_entries_returned: u32) -> Self {
        Self::IndexedPage {
            max_entries_returned: Some(max_entries_returned),
            offset,
            base_point: BasePoint::Beginning,
        }
    }

    /// Calendar items from when to when.
    pub fn calendar(start: DateTime<Utc>, end: DateTime<Utc>) -> Self {
        Self::Calendar {
            max_entries_returned: None,
            start,
            end,
        }
    }

    pub(crate) fn write(&self, indexed: &str, out: &mut Children<'_>) {
        match self {
            Self::IndexedPage {
                max_entries_returned,
                offset,
                base_point,
            } => drop(
                out.tag(indexed)
                    .attribute_if("MaxEntriesReturned", max_entries_returned.as_ref())
                    .attribute("Offset", offset)
                    .attribute("BasePoint", base_point),
            ),
            Self::Calendar {
                max_entries_returned,
                start,
                end,
            } => drop(
                out.tag("m:CalendarView")
                    .attribute_if("MaxEntriesReturned", max_entries_returned.as_ref())
                    .attribute("StartDate", start)
                    .attribute("EndDate", end),
            ),
        }
    }
}

/// Which part of a list an answer holds.
///
/// Reference: <https://learn.microsoft.com/exchange/client-developer/web-service-reference/rootfolder-finditemresponsemessage>
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct FindResponsePagingAttributes {
    /// Where the next part begins.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub indexed_paging_offset: Option<u32>,
    /// How many there are in all; not to be relied on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total_items_in_view: Option<u32>,
    /// Whether this is the last part.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub includes_last_item_in_range: Option<bool>,
}

impl From<Span> for View {
    fn from(span: Span) -> Self {
        Self::page(span.offset, span.entries)
    }
}

impl FindResponsePagingAttributes {
    /// The same, as every backend says it.
    pub(crate) fn extent(&self) -> Extent {
        Extent {
            is_last: self.includes_last_item_in_range,
            total: self.total_items_in_view,
        }
    }

    pub(crate) fn read(node: &mut Element<'_, '_>) -> Result<Self, Problem> {
        Ok(Self {
            indexed_paging_offset: node.attribute("IndexedPagingOffset")?,
            total_items_in_view: node.attribute("TotalItemsInView")?,
            includes_last_item_in_range: node.attribute("IncludesLastItemInRange")?,
        })
    }
}

/// Writes the order, if there is one: the schema allows no empty list.
pub(crate) fn write_sort_order(order: &[FieldOrder], out: &mut Children<'_>) {
    if order.is_empty() {
        return;
    }
    out.tag("m:SortOrder").children(|out| {
        for field in order {
            out.tag("t:FieldOrder")
                .attribute("Order", &field.direction)
                .children(|out| field.path.write(out));
        }
    });
}
