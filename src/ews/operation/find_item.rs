use serde::Serialize;

use super::{Needs, Operation, ResponseMessage, response_messages, serialize_inside, pick};
use crate::ews::ServerVersion;
use crate::ews::types::{
    FieldOrder, FindResponsePagingAttributes, FolderIdRef, Item, ItemList, ItemShape, SearchExpression, Traversal, View,
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

    fn narrowed(&self, parts: &[usize]) -> Option<Self> {
        let parents = pick(&self.parents, parts);
        Some(Self { parents, ..self.clone() })
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
    /// Which part of the list it is.
    #[serde(flatten)]
    pub paging: FindResponsePagingAttributes,
    /// The items.
    pub items: Vec<Item>,
}

impl FoundItems {
    fn read(&mut self, root: &mut Element<'_, '_>) -> Result<(), Problem> {
        self.paging = FindResponsePagingAttributes::read(root)?;
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

serialize_inside!("RootFolder", FoundItems);

#[cfg(test)]
mod tests {
    use chrono::{TimeZone, Utc};

    use super::*;
    use crate::ews::testing::{assert_request, assert_since, messages, refusal};
    use crate::ews::types::{
        BasePoint, BaseShape, DistinguishedPropertySetId, ExtendedFieldUri, FolderId, Mailbox,
        MapiPropertyType, Operand,
    };
    use crate::ews::{DistinguishedFolderId, FieldUri};

    fn in_calendar() -> FindItem {
        let shape = ItemShape::new(BaseShape::IdOnly);
        FindItem::new(shape, [DistinguishedFolderId::Calendar])
    }

    fn may() -> View {
        let day = |day| Utc.with_ymd_and_hms(2024, 5, day, 0, 0, 0).unwrap();
        View::calendar(day(1), day(31))
    }

    #[test]
    fn request() {
        let subject = || FieldUri::ItemSubject.into();
        let size = || FieldUri::ItemSize.into();
        let restriction = SearchExpression::And(vec![
            SearchExpression::Or(vec![
                SearchExpression::contains(FieldUri::ItemSubject, "a < b"),
                SearchExpression::IsEqualTo(subject(), "Stand-up".into()),
                SearchExpression::IsNotEqualTo(
                    FieldUri::ItemDateTimeSent.into(),
                    Operand::Field(FieldUri::ItemDateTimeReceived.into()),
                ),
            ]),
            SearchExpression::Not(Box::new(SearchExpression::Exists(subject()))),
            SearchExpression::IsGreaterThan(size(), "1".into()),
            SearchExpression::IsGreaterThanOrEqualTo(size(), "2".into()),
            SearchExpression::IsLessThan(size(), "9".into()),
            SearchExpression::IsLessThanOrEqualTo(size(), String::from("8").into()),
            SearchExpression::Excludes(size(), 4),
        ]);
        let owner = Mailbox::smtp("room1@contoso.example");
        let operation = FindItem::new(
            ItemShape::new(BaseShape::IdOnly).with([FieldUri::ItemSubject]),
            [
                FolderIdRef::Distinguished(DistinguishedFolderId::Inbox, Some(owner)),
                FolderId::new("AAMkAGNhbGVuAAA=").into(),
            ],
        )
        .view(View::IndexedPage {
            max_entries_returned: Some(100),
            offset: 200,
            base_point: BasePoint::End,
        })
        .restriction(restriction)
        .sort_by(FieldOrder::descending(FieldUri::ItemDateTimeReceived))
        .sort_by(FieldOrder::ascending(FieldUri::ItemSubject));
        assert_request("find_item/request", ServerVersion::Exchange2010Sp2, &operation);
    }

    #[test]
    fn request_of_a_calendar_view() {
        let operation = in_calendar().view(may());
        let name = "find_item/request_calendar_view";
        assert_request(name, ServerVersion::Exchange2016, &operation);
    }

    #[test]
    fn request_of_2007() {
        let mut operation = in_calendar().view(View::page(0, 10));
        operation.traversal = Traversal::SoftDeleted;
        let version = ServerVersion::Exchange2007Sp1;
        assert_request("find_item/request_2007", version, &operation);
    }

    #[test]
    fn request_with_words() {
        let mut operation = in_calendar().query_string("subject:plan AND has:attachment");
        operation.traversal = Traversal::Associated;
        let version = ServerVersion::Exchange2013;
        assert_request("find_item/request_query_string", version, &operation);
    }

    /// How a meeting is found by its UID: bytes in base64, compared as they are.
    #[test]
    fn request_for_a_meeting_by_its_uid() {
        let object_id = |id| {
            let set = DistinguishedPropertySetId::Meeting;
            ExtendedFieldUri::id(set, id, MapiPropertyType::Binary)
        };
        let is = |id| {
            SearchExpression::IsEqualTo(object_id(id).into(), "BAAAAIIA4AB0xbcQGoLgCA==".into())
        };
        let shape = ItemShape::new(BaseShape::IdOnly).with([object_id(0x23)]);
        let operation = FindItem::new(shape, [DistinguishedFolderId::Calendar])
            .restriction(SearchExpression::Or(vec![is(0x03), is(0x23)]));
        let version = ServerVersion::Exchange2007Sp1;
        assert_request("find_item/request_uid", version, &operation);
    }

    #[test]
    fn what_cannot_be_sent() {
        let mut hidden = in_calendar();
        hidden.traversal = Traversal::Associated;
        let since = ServerVersion::Exchange2010;
        assert_since(since, "Traversal=\"Associated\"", &hidden);
        assert_since(since, "QueryString", &in_calendar().query_string("x"));
        let parents = [DistinguishedFolderId::ArchiveRoot];
        let archive = FindItem::new(ItemShape::new(BaseShape::IdOnly), parents);
        assert_since(ServerVersion::Exchange2010Sp1, "archiveroot", &archive);

        let version = ServerVersion::Exchange2016;
        let condition = SearchExpression::Exists(FieldUri::ItemSubject.into());
        for (operation, why) in [
            (
                in_calendar().query_string("x").restriction(condition.clone()),
                "QueryString and Restriction exclude each other",
            ),
            (
                in_calendar().view(may()).restriction(condition),
                "a calendar view takes neither a restriction nor an order",
            ),
            (
                in_calendar().view(may()).sort_by(FieldOrder::ascending(FieldUri::ItemSubject)),
                "a calendar view takes neither a restriction nor an order",
            ),
            (
                in_calendar().view(View::Calendar {
                    max_entries_returned: None,
                    start: Utc.with_ymd_and_hms(2024, 5, 2, 0, 0, 0).unwrap(),
                    end: Utc.with_ymd_and_hms(2024, 5, 1, 0, 0, 0).unwrap(),
                }),
                "the calendar view ends before it begins",
            ),
            (
                in_calendar().restriction(SearchExpression::And(Vec::new())),
                "And and Or need two conditions at least",
            ),
            (
                FindItem::new(ItemShape::new(BaseShape::IdOnly), Vec::<FolderId>::new()),
                "no folder is given",
            ),
        ] {
            assert_eq!(refusal(version, &operation), why);
        }
    }

    #[test]
    fn answer() {
        let [message] = messages::<FindItem>("find_item/response").try_into().unwrap();
        let found: FoundItems = ResponseMessage::ok(message).unwrap();
        assert_eq!(found.paging.indexed_paging_offset, Some(3));
        assert_eq!(found.paging.total_items_in_view, Some(7));
        assert_eq!(found.paging.includes_last_item_in_range, Some(false));
        let [Item::CalendarItem(first), Item::Message(second), Item::Other(third)] =
            found.items.as_slice()
        else {
            panic!("{found:?}");
        };
        let start = Utc.with_ymd_and_hms(2024, 5, 14, 9, 30, 0).unwrap();
        assert_eq!(first.start, Some(start));
        assert_eq!(second.item.subject.as_deref(), Some("Grüße 😀"));
        assert_eq!(third.kind, "Task");
    }

    #[test]
    fn groups_are_one_list() {
        let [message] = messages::<FindItem>("find_item/response_groups").try_into().unwrap();
        let found: FoundItems = ResponseMessage::ok(message).unwrap();
        let subjects: Vec<_> = found
            .items
            .iter()
            .filter_map(|item| item.properties()?.subject.as_deref())
            .collect();
        assert_eq!(subjects, ["one", "two"]);
    }
}
