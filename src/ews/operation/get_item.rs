use serde::Serialize;

use super::{Needs, Operation, ResponseMessage, response_messages, pick};
use crate::ews::types::{Item, ItemIdRef, ItemList, ItemShape};
use crate::xml::{Element, Place, Problem, ReadElement, Tag};

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

impl GetItem {
    /// Where an answer has an item as MIME.
    pub(crate) const MIME: &'static [Place] = &[&[
        "Envelope",
        "Body",
        "GetItemResponse",
        "ResponseMessages",
        "GetItemResponseMessage",
        "Items",
        "*",
        "MimeContent",
    ]];
}

impl Operation for GetItem {
    type Response = Vec<ResponseMessage<Items>>;

    const NAME: &'static str = "GetItem";
    const REPEATABLE: bool = true;

    fn requested(&self) -> Option<usize> {
        Some(self.ids.len())
    }

    fn narrowed(&self, parts: &[usize]) -> Option<Self> {
        let ids = pick(&self.ids, parts);
        Some(Self { ids, ..self.clone() })
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ews::soap;
    use crate::ews::testing::{assert_request, assert_since, fixture, messages, refusal};
    use crate::ews::types::{
        BaseShape, BodyTypeResponse, DistinguishedPropertySetId, ExtendedFieldUri, FieldPath,
        ItemId, MapiPropertyType,
    };
    use crate::ews::{FieldUri, ResponseCode, ServerVersion};

    fn ids() -> [ItemIdRef; 3] {
        let id = ItemId::new("AAMkAGFhMTExAAA=").with_change_key("DwAAABYAAABzZXJpZXM=");
        [
            id.into(),
            ItemIdRef::Occurrence {
                recurring_master_id: "AAMkAGFhMTExAAA=".to_owned(),
                change_key: None,
                instance_index: 3,
            },
            ItemIdRef::RecurringMaster {
                occurrence_id: "AAMkAG9jYw2AAA=".to_owned(),
                change_key: Some("DwAAABYAAABvYw==".to_owned()),
            },
        ]
    }

    #[test]
    fn request() {
        let mut shape = ItemShape::new(BaseShape::Default)
            .body_type(BodyTypeResponse::Html)
            .with([FieldUri::CalendarStart, FieldUri::ItemTextBody])
            .with([
                FieldPath::Indexed {
                    uri: "item:InternetMessageHeader".to_owned(),
                    index: "X-Mailer".to_owned(),
                },
                ExtendedFieldUri::tag(0x3007, MapiPropertyType::SystemTime).into(),
                ExtendedFieldUri::id(
                    DistinguishedPropertySetId::Appointment,
                    0x8216,
                    MapiPropertyType::Binary,
                )
                .into(),
                ExtendedFieldUri::named(
                    DistinguishedPropertySetId::PublicStrings,
                    "Tags & more",
                    MapiPropertyType::StringArray,
                )
                .in_set("6ed8da90-450b-101b-98da-00aa003f1305")
                .into(),
            ]);
        shape.include_mime_content = Some(false);
        shape.filter_html_content = Some(true);
        shape.convert_html_code_page_to_utf8 = Some(true);
        shape.maximum_body_size = Some(65536);
        let operation = GetItem::new(shape, ids());
        assert_request("get_item/request", ServerVersion::Exchange2013Sp1, &operation);
    }

    #[test]
    fn request_of_2007() {
        let operation = GetItem::new(ItemShape::new(BaseShape::AllProperties), ids());
        let version = ServerVersion::Exchange2007Sp1;
        assert_request("get_item/request_2007", version, &operation);
    }

    #[test]
    fn what_is_newer_is_refused_before_it_is_sent() {
        let with = |change: fn(&mut ItemShape)| {
            let mut shape = ItemShape::new(BaseShape::IdOnly);
            change(&mut shape);
            GetItem::new(shape, ids())
        };
        assert_since(
            ServerVersion::Exchange2010,
            "FilterHtmlContent",
            &with(|shape| shape.filter_html_content = Some(true)),
        );
        assert_since(
            ServerVersion::Exchange2010Sp1,
            "ConvertHtmlCodePageToUTF8",
            &with(|shape| shape.convert_html_code_page_to_utf8 = Some(true)),
        );
        assert_since(
            ServerVersion::Exchange2013,
            "MaximumBodySize",
            &with(|shape| shape.maximum_body_size = Some(1)),
        );
        assert_since(
            ServerVersion::Exchange2013,
            "item:TextBody",
            &with(|shape| shape.additional_properties.push(FieldUri::ItemTextBody.into())),
        );
        let nothing = GetItem::new(ItemShape::new(BaseShape::IdOnly), Vec::<ItemId>::new());
        assert_eq!(refusal(ServerVersion::Exchange2016, &nothing), "no item is asked for");
    }

    /// What is in the items is checked against `response.json`.
    #[test]
    fn answer() {
        let answer = messages::<GetItem>("get_item/response");
        let items: Vec<Item> = answer
            .into_iter()
            .flat_map(|message| message.ok().unwrap().items)
            .collect();
        let [Item::CalendarItem(meeting), Item::Message(message), Item::Meeting(request), Item::Other(contact)] =
            items.as_slice()
        else {
            panic!("{items:?}");
        };
        assert_eq!(meeting.item.subject.as_deref(), Some("Planning & review"));
        assert_eq!(meeting.required_attendees.as_ref().unwrap().len(), 2);
        assert_eq!(message.is_read, Some(false));
        assert_eq!(request.kind.as_str(), "MeetingRequest");
        assert_eq!(request.message.item.subject.as_deref(), Some("Planning"));
        assert_eq!((contact.kind.as_str(), contact.item.size), ("Contact", Some(512)));
        assert!(contact.xml.0.starts_with("<t:Contact><t:ItemId"));
    }

    /// Every property there is stands in the fixture, so that each is read once.
    #[test]
    fn the_answer_has_every_property() {
        let envelope = fixture("ews/get_item/response");
        let answer = soap::response::<GetItem>(&envelope, Some(4)).unwrap();
        let answer = answer.content.unwrap();
        let properties = |at: usize| {
            let message = serde_json::to_value(&answer[at].body).unwrap();
            let item = message["Items"][0].as_object().unwrap().values().next().unwrap();
            item.as_object().unwrap().clone()
        };
        let (calendar_item, message) = (properties(0), properties(1));
        for element in crate::ews::types::CalendarItem::elements() {
            assert!(calendar_item.contains_key(element), "{element}");
        }
        for element in crate::ews::types::Message::elements() {
            let is_there = message.contains_key(element) || calendar_item.contains_key(element);
            assert!(is_there, "{element}");
        }
    }

    #[test]
    fn refusals() {
        let answer = messages::<GetItem>("get_item/response_error");
        let results: Vec<_> = answer.into_iter().map(ResponseMessage::ok).collect();
        let codes: Vec<_> = results
            .iter()
            .map(|result| result.as_ref().err().and_then(|refusal| refusal.code.clone()))
            .collect();
        assert_eq!(
            codes,
            [
                None,
                Some(ResponseCode::ErrorItemNotFound),
                Some(ResponseCode::ErrorInvalidPropertyRequest),
                Some(ResponseCode::ErrorBatchProcessingStopped),
            ]
        );
        let error = results[2].clone().unwrap_err().into_error("GetItem");
        assert_eq!(
            error.message(),
            "The property is not valid for this object type. (message:IsRead) (0x3007)"
        );
        let error = results[3].clone().unwrap_err().into_error("GetItem");
        assert_eq!(error.code(), Some("ErrorBatchProcessingStopped"));
    }
}
