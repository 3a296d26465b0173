use serde::Serialize;

use super::{Needs, Operation, ResponseMessage, response_messages};
use crate::ews::types::{Item, ItemIdRef, ItemList, ItemShape};
use crate::xml::{Element, Problem, ReadElement, Tag};

/// Reads items by their identifiers.
///
/// Exchange 2007 and later. At most some thousand items at once; servers slow down well before.
///
/// Reference: <https://learn.microsoft.com/exchange/client-developer/web-service-reference/getitem-operation>
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct GetItem {
    /// What to read of them.
    pub shape: ItemShape,
    /// Which items; one at least.
    pub ids: Vec<ItemIdRef>,
}

impl GetItem {
    /// Reads these items.
    pub fn new(shape: ItemShape, ids: impl IntoIterator<Item = impl Into<ItemIdRef>>) -> Self {
        Self {
            shape,
            ids: ids.into_iter().map(Into::into).collect(),
        }
    }
}

impl Operation for GetItem {
    type Response = Vec<ResponseMessage<Items>>;

    const NAME: &'static str = "GetItem";
    const REPEATABLE: bool = true;

    fn requested(&self) -> Option<usize> {
        Some(self.ids.len())
    }

    fn needs(&self, needs: &mut Needs) {
        self.shape.needs(needs);
        if self.ids.is_empty() {
            needs.refuse("no item is asked for");
        }
    }

    fn write(&self, request: Tag<'_>) {
        request.children(|body| {
            self.shape.write(body.tag("m:ItemShape"));
            body.tag("m:ItemIds").children(|ids| {
                for id in &self.ids {
                    id.write(ids);
                }
            });
        });
    }

    fn read(response: &mut Element<'_, '_>) -> Result<Self::Response, Problem> {
        response_messages(response, Items::read)
    }
}

/// Items as they were found: one for each that was asked for.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct Items {
    /// The items.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub items: Vec<Item>,
}

impl Items {
    pub(super) fn read(&mut self, child: &mut Element<'_, '_>) -> Result<(), Problem> {
        match child.name() {
            "Items" => self.items = ItemList::read_element(child)?.unwrap_or_default().0,
            _ => child.skip()?,
        }
        Ok(())
    }
}
