use serde::{Serialize, Serializer};

use super::{Needs, Operation, ResponseMessage, response_messages, serialize_inside};
use crate::ews::ServerVersion;
use crate::ews::types::{
    FieldOrder, FolderIdRef, Item, ItemList, ItemShape, SearchExpression, Traversal, View,
    write_sort_order,
};
use crate::xml::{Element, Problem, ReadElement, Tag};

/// Finds items in folders.
///
/// A calendar view expands series and takes neither conditions nor an order. What `FindItem`
/// cannot return (bodies, recipients, attendees, recurrences) is read with
/// [`GetItem`](super::GetItem). Exchange 2007 and later.
///
/// Reference: <https://learn.microsoft.com/exchange/client-developer/web-service-reference/finditem-operation>
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct FindItem {
    /// Where to look: in the folder, in what was deleted from it, or among hidden items.
    pub traversal: Traversal,
    /// What to read of them.
    pub shape: ItemShape,
    /// Which part of the list to return; all if not said.
    pub view: Option<View>,
    /// Which conditions they must meet.
    pub restriction: Option<SearchExpression>,
    /// In which order to return them.
    pub sort_order: Vec<FieldOrder>,
    /// In which folders to look; one at least.
    pub parents: Vec<FolderIdRef>,
    /// Words to look for, in the language of Outlook's search box. Exchange 2010 and later.
    pub query_string: Option<String>,
}

impl FindItem {
    /// Finds the items in these folders.
    pub fn new(
        shape: ItemShape,
        parents: impl IntoIterator<Item = impl Into<FolderIdRef>>,
    ) -> Self {
        Self {
            traversal: Traversal::Shallow,
            shape,
            view: None,
            restriction: None,
            sort_order: Vec::new(),
            parents: parents.into_iter().map(Into::into).collect(),
            query_string: None,
        }
    }

    /// Returns that part of the list.
    #[must_use]
    pub fn view(mut self, view: View) -> Self {
        self.view = Some(view);
        self
    }

    /// Returns only items that meet the conditions.
    #[must_use]
    pub fn restriction(mut self, restriction: SearchExpression) -> Self {
        self.restriction = Some(restriction);
        self
    }

    /// Returns them in that order.
    #[must_use]
    pub fn sort_by(mut self, order: FieldOrder) -> Self {
        self.sort_order.push(order);
        self
    }

    /// Returns only items in which the words are.
    #[must_use]
    pub fn query_string(mut self, words: impl Into<String>) -> Self {
        self.query_string = Some(words.into());
        self
    }
}

impl Operation for FindItem {
    type Response = Vec<ResponseMessage<FoundItems>>;

    const NAME: &'static str = "FindItem";
    const REPEATABLE: bool = true;

    fn requested(&self) -> Option<usize> {
        Some(self.parents.len())
    }

    fn needs(&self, needs: &mut Needs) {
        self.shape.needs(needs);
        needs.folders(&self.parents);
        if self.traversal == Traversal::Associated {
            needs.at_least("Traversal=\"Associated\"", ServerVersion::Exchange2010);
        }
        if let Some(restriction) = &self.restriction {
            restriction.needs(needs);
        }
        for order in &self.sort_order {
            order.path.needs(needs);
        }
        if self.query_string.is_some() {
            needs.at_least("QueryString", ServerVersion::Exchange2010);
            if self.restriction.is_some() {
                needs.refuse("QueryString and Restriction exclude each other");
            }
        }
        if let Some(View::Calendar { start, end, .. }) = &self.view {
            if end < start {
                needs.refuse("the calendar view ends before it begins");
            }
            if self.restriction.is_some() || !self.sort_order.is_empty() {
                needs.refuse("a calendar view takes neither a restriction nor an order");
            }
        }
    }

    fn write(&self, request: Tag<'_>) {
        request
            .attribute("Traversal", &self.traversal)
            .children(|body| {
                self.shape.write(body.tag("m:ItemShape"));
                if let Some(view) = &self.view {
                    view.write("m:IndexedPageItemView", body);
                }
                if let Some(restriction) = &self.restriction {
                    body.tag("m:Restriction")
                        .children(|out| restriction.write(out));
                }
                write_sort_order(&self.sort_order, body);
                body.tag("m:ParentFolderIds").children(|ids| {
                    for id in &self.parents {
                        id.write(ids);
                    }
                });
                body.value_if("m:QueryString", self.query_string.as_ref());
            });
    }

    fn read(response: &mut Element<'_, '_>) -> Result<Self::Response, Problem> {
        response_messages(response, |found: &mut FoundItems, child| {
            match child.name() {
                "RootFolder" => found.read(child)?,
                _ => child.skip()?,
            }
            Ok(())
        })
    }
}

/// Items that were found in one folder.
///
/// Reference: <https://learn.microsoft.com/exchange/client-developer/web-service-reference/rootfolder-finditemresponsemessage>
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase", remote = "Self")]
#[non_exhaustive]
pub struct FoundItems {
    /// Where the next part begins.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub indexed_paging_offset: Option<u32>,
    /// How many there are in all; not to be relied on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total_items_in_view: Option<u32>,
    /// Whether this is the last part.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub includes_last_item_in_range: Option<bool>,
    /// The items.
    pub items: Vec<Item>,
}

impl FoundItems {
    fn read(&mut self, root: &mut Element<'_, '_>) -> Result<(), Problem> {
        self.indexed_paging_offset = root.attribute("IndexedPagingOffset")?;
        self.total_items_in_view = root.attribute("TotalItemsInView")?;
        self.includes_last_item_in_range = root.attribute("IncludesLastItemInRange")?;
        while let Some(mut child) = root.next_child()? {
            match child.name() {
                "Items" => self.items = ItemList::read_element(&mut child)?.unwrap_or_default().0,
                // What was grouped comes in groups; the items are what counts.
                "Groups" => {
                    while let Some(mut group) = child.next_child()? {
                        group.for_each(|part| {
                            match part.name() {
                                "Items" => {
                                    let items = ItemList::read_element(part)?;
                                    self.items.extend(items.unwrap_or_default().0);
                                }
                                _ => part.skip()?,
                            }
                            Ok(())
                        })?;
                    }
                }
                _ => child.skip()?,
            }
        }
        Ok(())
    }
}

impl Serialize for FoundItems {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        struct Content<'a>(&'a FoundItems);

        impl Serialize for Content<'_> {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                // What is derived, without the element around it.
                FoundItems::serialize(self.0, serializer)
            }
        }

        serialize_inside("RootFolder", Content(self), serializer)
    }
}
