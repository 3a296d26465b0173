//! The flag for follow-up ([MS-OXOFLAG]).

use chrono::{DateTime, Utc};
use roxmltree::Node;

use super::item::{FLAG_STATUS, Item};
use super::path::Path;
use super::property::{COMMON, Property, TASK, Value};
use super::refusal::Refusal;
use super::request::Element as _;
use super::xml::Writer;
use super::zone::{Zone, date_time, write_time};

/// PidTagFlagCompleteTime.
const COMPLETED: Property = Property::Tag(0x1091);
/// PidTagFollowupIcon: 6 is red, which all flags of Exchange are since 2007.
const ICON: Property = Property::Tag(0x1095);
/// PidTagToDoItemFlags.
const TO_DO: Property = Property::Tag(0x0e2b);
const START: Property = Property::Id(TASK, 0x8104);
const DUE: Property = Property::Id(TASK, 0x8105);
const DATE_COMPLETED: Property = Property::Id(TASK, 0x810f);
/// PidLidFlagRequest.
const REQUEST: Property = Property::Id(COMMON, 0x8530);

/// Writes `t:Flag`.
pub(super) fn write(writer: &mut Writer, name: &str, item: &Item, zone: Option<&Zone>) {
    let (status, dates): (_, &[_]) = match item.integer(&FLAG_STATUS) {
        2 => ("Flagged", &[("t:StartDate", START), ("t:DueDate", DUE)]),
        1 => ("Complete", &[("t:CompleteDate", DATE_COMPLETED)]),
        _ => ("NotFlagged", &[]),
    };
    writer.element(name, &[], |writer| {
        writer.leaf("t:FlagStatus", status);
        for (element, property) in dates {
            if let Some(time) = item.time(property) {
                writer.leaf(element, &write_time(time, zone));
            }
        }
    });
}

/// Sets the flag from a `t:Flag`.
pub(super) fn set(
    item: &mut Item,
    node: Node<'_, '_>,
    zone: &Zone,
    now: DateTime<Utc>,
) -> Result<(), Refusal> {
    let date = |name: &str| {
        node.text_of(name)
            .map(|text| date_time(text, zone).ok_or_else(|| Refusal::bad_date(text)))
            .transpose()
    };
    let (start, due) = (date("StartDate")?, date("DueDate")?);
    let completed = date("CompleteDate")?;
    let status = node.text_of("FlagStatus").unwrap_or_default();
    let fits = match status {
        "Flagged" => start.is_some() == due.is_some() && start <= due && completed.is_none(),
        "Complete" => start.is_none() && due.is_none(),
        _ => start.is_none() && due.is_none() && completed.is_none(),
    };
    if !fits {
        return Err(Refusal::of_field(
            "ErrorInvalidArgument",
            "The dates of the flag do not go with its status.",
            &Path::Field("item:Flag".to_owned()).markup(),
        ));
    }
    clear(item);
    match status {
        "Flagged" => {
            item.set(FLAG_STATUS, Value::Integer(2));
            item.set(ICON, Value::Integer(6));
            item.set(TO_DO, Value::Integer(1));
            item.set(REQUEST, Value::Text("Follow up".to_owned()));
            for (property, value) in [(START, start), (DUE, due)] {
                if let Some(value) = value {
                    item.set(property, Value::Time(value));
                }
            }
        }
        "Complete" => {
            item.set(FLAG_STATUS, Value::Integer(1));
            let completed = Value::Time(completed.unwrap_or(now));
            item.set(COMPLETED, completed.clone());
            item.set(DATE_COMPLETED, completed);
        }
        _ => {}
    }
    Ok(())
}

/// Takes the flag away.
pub(super) fn clear(item: &mut Item) {
    for property in [
        FLAG_STATUS,
        COMPLETED,
        ICON,
        TO_DO,
        START,
        DUE,
        DATE_COMPLETED,
        REQUEST,
    ] {
        item.bag.remove(&property);
    }
}
