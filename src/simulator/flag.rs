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

/// What a flag says.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Flag {
    /// As in PidTagFlagStatus.
    pub(super) status: i64,
    pub(super) start: Option<DateTime<Utc>>,
    pub(super) due: Option<DateTime<Utc>>,
    pub(super) completed: Option<DateTime<Utc>>,
}

impl Flag {
    pub(super) fn of(item: &Item) -> Self {
        Self {
            status: item.integer(&FLAG_STATUS),
            start: item.time(&START),
            due: item.time(&DUE),
            completed: item.time(&DATE_COMPLETED),
        }
    }

    /// Puts the flag on an item; `false` where its dates do not go with its status.
    pub(super) fn put(self, item: &mut Item, now: DateTime<Utc>) -> bool {
        let Self {
            status,
            start,
            due,
            completed,
        } = self;
        let fits = match status {
            2 => start.is_some() == due.is_some() && start <= due && completed.is_none(),
            1 => start.is_none() && due.is_none(),
            _ => start.is_none() && due.is_none() && completed.is_none(),
        };
        if !fits {
            return false;
        }
        clear(item);
        match status {
            2 => {
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
            1 => {
                item.set(FLAG_STATUS, Value::Integer(1));
                let completed = Value::Time(completed.unwrap_or(now));
                item.set(COMPLETED, completed.clone());
                item.set(DATE_COMPLETED, completed);
            }
            _ => {}
        }
        true
    }
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
    let status = match node.text_of("FlagStatus").unwrap_or_default() {
        "Flagged" => 2,
        "Complete" => 1,
        _ => 0,
    };
    let flag = Flag {
        status,
        start: date("StartDate")?,
        due: date("DueDate")?,
        completed: date("CompleteDate")?,
    };
    match flag.put(item, now) {
        true => Ok(()),
        false => Err(Refusal::of_field(
            "ErrorInvalidArgument",
            "The dates of the flag do not go with its status.",
            &Path::Field("item:Flag".to_owned()).markup(),
        )),
    }
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
