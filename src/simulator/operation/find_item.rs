//! FindItem: calendar views, pages, restrictions and sorting.

use std::sync::Arc;

use chrono::{DateTime, Months, Utc};
use roxmltree::Node;

use super::search::{self, Found};
use super::{Call, children};
use crate::simulator::item::{Item, ItemKind};
use crate::simulator::refusal::{Fault, Refusal};
use crate::simulator::request::Element as _;
use crate::simulator::shape::Shape;
use crate::simulator::soap::responses;
use crate::simulator::store::{CalendarRights, Mailbox};
use crate::simulator::version::SimulatedVersion;
use crate::simulator::zone::date_time;

/// The most items of one page, whoever asks.
const PAGE: usize = 1000;

/// What was found in one folder.
struct Listing {
    owner: usize,
    items: Vec<Item>,
    /// Attributes of `RootFolder`.
    attributes: Vec<(&'static str, String)>,
}

/// <https://learn.microsoft.com/en-us/exchange/client-developer/web-service-reference/finditem-operation>
pub(super) fn run(call: &mut Call<'_>, operation: Node<'_, '_>) -> Result<String, Fault> {
    for unsupported in ["GroupBy", "DistinguishedGroupBy"] {
        if operation.child(unsupported).is_some() {
            return Err(Fault::new(
                "ErrorInternalServerError",
                format!("The simulator has no {unsupported}."),
            ));
        }
    }
    let shape = Shape::listing(operation.child("ItemShape"));
    let results: Vec<_> = children(operation, "ParentFolderIds")
        .map(|folder| {
            let shape = shape.as_ref().map_err(Refusal::clone)?;
            Ok((listing(call, operation, folder)?, shape))
        })
        .collect();
    Ok(responses(
        "FindItem",
        &results,
        "",
        |writer, (listing, shape)| {
            let attributes: Vec<(&str, &str)> = listing
                .attributes
                .iter()
                .map(|(name, value)| (*name, value.as_str()))
                .collect();
            writer.element("m:RootFolder", &attributes, |writer| {
                writer.element("t:Items", &[], |writer| {
                    for item in &listing.items {
                        call.write(writer, listing.owner, item, shape, true);
                    }
                });
            });
        },
    ))
}

fn listing(
    call: &Call<'_>,
    operation: Node<'_, '_>,
    folder: Node<'_, '_>,
) -> Result<Listing, Refusal> {
    let (owner, folder) = call.folder(folder)?;
    call.require(owner, folder, CalendarRights::Reviewer)?;
    let (items, attributes) = match operation.child("CalendarView") {
        Some(view) => calendar_view(call, operation, view, owner, folder)?,
        None => {
            let mailbox = call.mailbox(owner)?;
            let found = match operation.attribute("Traversal") {
                Some("Shallow") => search::run(call, operation, owner, folder)?,
                Some("SoftDeleted") => {
                    let bin = mailbox.folder_number("recoverableitemsdeletions");
                    search::run_deleted(call, operation, owner, (folder, bin))?
                }
                _ => Found::Numbers(Arc::default()),
            };
            page(call, operation, mailbox, &found)?
        }
    };
    Ok(Listing {
        owner,
        items,
        attributes,
    })
}

type Page = (Vec<Item>, Vec<(&'static str, String)>);

fn too_many() -> Refusal {
    Refusal::new(
        "ErrorExceededFindCountLimit",
        "You have exceeded the maximum number of objects that can be returned for the find operation. Use paging to reduce the result size and try your request again.",
    )
}

fn calendar_view(
    call: &Call<'_>,
    operation: Node<'_, '_>,
    view: Node<'_, '_>,
    owner: usize,
    folder: u64,
) -> Result<Page, Refusal> {
    if operation.child("Restriction").is_some() || operation.child("SortOrder").is_some() {
        return Err(Refusal::new(
            "ErrorInvalidRestriction",
            "A calendar view can have neither restriction nor sort order.",
        ));
    }
    let calendar = call
        .mailbox(owner)?
        .folders
        .get(&folder)
        .is_some_and(|folder| folder.class == "IPF.Appointment");
    if !calendar {
        return Err(Refusal::new(
            "ErrorCalendarFolderIsInvalidForCalendarView",
            "Folder is invalid for calendar view.",
        ));
    }
    let zone = call.zone_or_utc();
    let edge = |name: &str| {
        let text = view.attribute(name).unwrap_or_default();
        date_time(text, &zone).ok_or_else(|| Refusal::bad_date(text))
    };
    let (from, to) = (edge("StartDate")?, edge("EndDate")?);
    check_range(from, to)?;
    let mut items: Vec<Item> = call
        .mailbox(owner)?
        .items_in(folder)
        .filter(|item| item.kind == ItemKind::CalendarItem)
        .flat_map(|item| item.within(from, to))
        .collect();
    items.sort_by_key(|item| (item.start(), item.end(), item.number));
    let total = items.len();
    let most = view
        .attribute("MaxEntriesReturned")
        .and_then(|text| text.parse::<usize>().ok());
    if let Some(limit) = call.find_limit
        && total.min(most.unwrap_or(total)) > limit
    {
        return Err(too_many());
    }
    items.truncate(most.unwrap_or(total));
    let complete = items.len() == total;
    let attributes = vec![
        ("TotalItemsInView", total.to_string()),
        ("IncludesLastItemInRange", complete.to_string()),
    ];
    Ok((items, attributes))
}

fn check_range(from: DateTime<Utc>, to: DateTime<Utc>) -> Result<(), Refusal> {
    if to < from {
        return Err(Refusal::new(
            "ErrorCalendarEndDateIsEarlierThanStartDate",
            "EndDate is earlier than StartDate",
        ));
    }
    if from
        .checked_add_months(Months::new(24))
        .is_some_and(|latest| to > latest)
    {
        return Err(Refusal::new(
            "ErrorCalendarViewRangeTooBig",
            "The specified view range exceeds the maximum range of two years.",
        ));
    }
    Ok(())
}

/// Cuts the page that the request asks for.
fn page(
    call: &Call<'_>,
    operation: Node<'_, '_>,
    mailbox: &Mailbox,
    found: &Found,
) -> Result<Page, Refusal> {
    let total = found.count(mailbox);
    let indexed = operation.child("IndexedPageItemView");
    let fractional = operation.child("FractionalPageItemView");
    let view = indexed.or(fractional);
    let number = |name: &str| {
        view.and_then(|view| view.attribute(name))
            .and_then(|text| text.parse::<usize>().ok())
    };
    let asked = number("MaxEntriesReturned");
    if asked == Some(0) {
        return Err(Refusal::new(
            "ErrorInvalidPagingMaxRows",
            "MaxEntriesReturned must be greater than zero.",
        ));
    }
    let mut most = asked.unwrap_or(total);
    if call.version >= SimulatedVersion::Exchange2010 && view.is_some() {
        most = most.min(PAGE);
    }
    if let Some(limit) = call.find_limit
        && most.min(total) > limit
    {
        // Who asks for pages gets a shorter one; who asks for everything is refused.
        if view.is_none() {
            return Err(too_many());
        }
        most = limit;
    }
    let from_end = indexed.and_then(|view| view.attribute("BasePoint")) == Some("End");
    let offset = if fractional.is_some() {
        let (numerator, denominator) = (number("Numerator"), number("Denominator"));
        total * numerator.unwrap_or(0) / denominator.unwrap_or(1).max(1)
    } else {
        number("Offset").unwrap_or_default()
    }
    .min(total);
    let (start, end) = if from_end {
        let end = total - offset;
        (end.saturating_sub(most), end)
    } else {
        (offset, offset.saturating_add(most).min(total))
    };
    let reached = if from_end { total - start } else { end };
    let complete = reached == total;
    let mut attributes = Vec::new();
    if indexed.is_some() {
        attributes.push(("IndexedPagingOffset", reached.to_string()));
    }
    if fractional.is_some() {
        attributes.push(("NumeratorOffset", reached.to_string()));
        attributes.push(("AbsoluteDenominator", total.to_string()));
    }
    attributes.push(("TotalItemsInView", total.to_string()));
    attributes.push(("IncludesLastItemInRange", complete.to_string()));
    let items = found
        .slice(mailbox, start, end - start)
        .iter()
        .filter_map(|number| mailbox.items.get(number).cloned())
        .collect();
    Ok((items, attributes))
}
