//! Collections: pages and the links between them.

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;
use url::Url;

/// A page of a collection, as the server sent it. An element is read by itself, so that a damaged one costs no other.
#[derive(Debug, Deserialize)]
pub(super) struct RawPage {
    #[serde(default)]
    pub(super) value: Vec<Box<RawValue>>,
    #[serde(default, rename = "@odata.nextLink")]
    pub(super) next: Option<String>,
    #[serde(default, rename = "@odata.deltaLink")]
    pub(super) delta: Option<String>,
    #[serde(default, rename = "@odata.count")]
    pub(super) count: Option<u64>,
}

/// A page of a collection.
#[derive(Debug)]
pub(crate) struct Page<T> {
    pub(crate) items: Vec<Result<T, Damaged>>,
    /// Where the next page is.
    pub(crate) next: Option<Link>,
    /// Where later changes are.
    pub(crate) delta: Option<Link>,
    pub(crate) count: Option<u64>,
}

impl<T> Page<T> {
    /// The elements that can be read. The others are left out and logged.
    pub(crate) fn readable(self, operation: &'static str) -> Vec<T> {
        let readable = |item: Result<T, Damaged>| match item {
            Ok(item) => Some(item),
            Err(damaged) => {
                tracing::warn!(operation, problem = %damaged.problem, "an element that cannot be read is left out");
                None
            }
        };
        self.items.into_iter().filter_map(readable).collect()
    }
}

/// An element that cannot be read.
#[derive(Debug)]
pub(crate) struct Damaged {
    /// Its id, if at least that can be read.
    pub(crate) id: Option<String>,
    pub(crate) problem: serde_json::Error,
}

pub(super) fn read<T: DeserializeOwned>(raw: &RawValue) -> Result<T, Damaged> {
    serde_json::from_str(raw.get()).map_err(|problem| {
        #[derive(Deserialize)]
        struct Named {
            id: Option<String>,
        }
        let named: Option<Named> = serde_json::from_str(raw.get()).ok();
        Damaged {
            id: named.and_then(|named| named.id),
            problem,
        }
    })
}

/// A link of the server that it gave, to the same server.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Link(pub(super) Url);

impl Link {
    pub(crate) fn as_str(&self) -> &str {
        self.0.as_str()
    }
}
