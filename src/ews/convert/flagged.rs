//! Follow-up flags, as they are read.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

use super::property;
use crate::ews::ServerVersion;
use crate::ews::types::{
    DistinguishedPropertySetId, ExtendedFieldUri, FieldPath, FlagStatus, ItemProperties,
    MapiPropertyType, PropertyValue,
};
use crate::model::FollowUpFlag;

/// Since when a flag is a property of its own.
pub(super) const SINCE: ServerVersion = ServerVersion::Exchange2013;

/// PidTagFlagStatus (MS-OXOFLAG 2.2.1.1): 1 is done, 2 is to be done.
pub(crate) fn status_path() -> ExtendedFieldUri {
    ExtendedFieldUri::tag(0x1090, MapiPropertyType::Integer)
}

/// PidLidTaskStartDate, PidLidTaskDueDate, PidLidTaskDateCompleted (MS-OXOTASK 2.2.2.2).
const DATES: [i32; 3] = [0x8104, 0x8105, 0x810f];

/// The MAPI properties a flag is made of.
pub(super) fn paths() -> impl Iterator<Item = FieldPath> {
    let date = |id| {
        let set = DistinguishedPropertySetId::Task;
        ExtendedFieldUri::id(set, id, MapiPropertyType::SystemTime)
    };
    let status = std::iter::once(status_path());
    status.chain(DATES.into_iter().map(date)).map(Into::into)
}

/// The flag of an item, from whichever it has.
pub(super) fn read(item: &ItemProperties) -> FollowUpFlag {
    let day = |time: Option<DateTime<Utc>>| time.and_then(day);
    if let Some(flag) = &item.flag {
        return match &flag.flag_status {
            Some(FlagStatus::Flagged) => FollowUpFlag::Flagged {
                start: day(flag.start_date),
                due: day(flag.due_date),
            },
            Some(FlagStatus::Complete) => FollowUpFlag::Complete {
                on: flag.complete_date.map(|time| time.date_naive()),
            },
            Some(FlagStatus::NotFlagged | FlagStatus::Other(_)) | None => FollowUpFlag::NotFlagged,
        };
    }
    let list = || item.extended_properties.iter().flat_map(|list| &list.0);
    let text = |is_it: &dyn Fn(&ExtendedFieldUri) -> bool| {
        let found = list().find(|one| is_it(&one.uri))?;
        match &found.value {
            PropertyValue::Value(value) => Some(value.as_str()),
            PropertyValue::Values(_) => None,
        }
    };
    let time = |id| {
        let is_it = |uri: &ExtendedFieldUri| uri.property_id == Some(id);
        text(&is_it).and_then(|text| text.parse::<DateTime<Utc>>().ok())
    };
    let [start, due, completed] = DATES;
    match text(&|uri| property::tag_of(uri) == Some(0x1090)) {
        Some("2") => FollowUpFlag::Flagged {
            start: day(time(start)),
            due: day(time(due)),
        },
        Some("1") => FollowUpFlag::Complete {
            on: time(completed).map(|time| time.date_naive()),
        },
        _ => FollowUpFlag::NotFlagged,
    }
}

/// Days are kept as midnight in UTC (MS-OXOTASK 2.2.2.2.4), but some programs write the midnight of
/// where they are: the nearest one is meant. What is done was done at an instant.
fn day(time: DateTime<Utc>) -> Option<NaiveDate> {
    let noon = time.checked_add_signed(TimeDelta::hours(12))?;
    Some(noon.date_naive())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ews::types::{ExtendedProperties, ExtendedProperty, Flag};

    #[test]
    fn properties_and_flag_say_the_same() {
        let wire = |status: &str, due: &str| {
            let mut uris = paths().filter_map(|path| match path {
                FieldPath::Extended(uri) => Some(uri),
                _ => None,
            });
            let status = ExtendedProperty::new(uris.next().unwrap(), status);
            let due = ExtendedProperty::new(uris.nth(1).unwrap(), due);
            ItemProperties {
                extended_properties: Some(ExtendedProperties(vec![status, due])),
                ..ItemProperties::default()
            }
        };
        let due = NaiveDate::from_ymd_opt(2026, 3, 5).unwrap();
        let flagged = FollowUpFlag::due(due);
        // In UTC, in Berlin, in New York.
        for time in [
            "2026-03-05T00:00:00Z",
            "2026-03-04T23:00:00Z",
            "2026-03-05T05:00:00Z",
        ] {
            assert_eq!(read(&wire("2", time)), flagged, "{time}");
            let flag = Flag {
                flag_status: Some(FlagStatus::Flagged),
                due_date: Some(time.parse().unwrap()),
                ..Flag::default()
            };
            let item = ItemProperties {
                flag: Some(flag),
                ..ItemProperties::default()
            };
            assert_eq!(read(&item), flagged, "{time}");
        }
        assert_eq!(read(&wire("1", "")), FollowUpFlag::complete());
        assert_eq!(read(&wire("0", "")), FollowUpFlag::NotFlagged);
        assert_eq!(read(&ItemProperties::default()), FollowUpFlag::NotFlagged);
    }
}
