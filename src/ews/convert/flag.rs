//! Follow-up flags: a property of its own since Exchange 2013, before that the MAPI properties it
//! stands for (MS-OXOFLAG).

use chrono::{DateTime, NaiveDate, NaiveTime, SubsecRound, TimeDelta, Timelike, Utc};

use super::new_message::utc;
use super::property;
use crate::error::{Error, Result};
use crate::ews::ServerVersion;
use crate::ews::types::{
    DistinguishedPropertySetId, ExtendedFieldUri, ExtendedProperty as Wire, FieldPath, Flag,
    FlagStatus, ItemProperties, MapiPropertyType, PropertyValue,
};
use crate::model::{ExtendedProperty, FollowUpFlag, PropertyKind, PropertyName, PropertySet};

/// Since when a flag is a property of its own.
pub(super) const SINCE: ServerVersion = ServerVersion::Exchange2013;

/// How a flag is written.
#[derive(Debug, Default)]
pub(super) struct Written {
    pub(super) flag: Option<Flag>,
    pub(super) set: Vec<Wire>,
    pub(super) delete: Vec<FieldPath>,
}

/// A flag, for a server of that version.
pub(super) fn write(
    flag: FollowUpFlag,
    version: ServerVersion,
    operation: &'static str,
) -> Result<Written> {
    let flag = settled(flag, operation)?;
    if version < SINCE {
        return Ok(as_properties(flag));
    }
    let midnight = |day: Option<NaiveDate>| day.map(midnight);
    let mut wire = Flag::default();
    match flag {
        FollowUpFlag::NotFlagged => wire.flag_status = Some(FlagStatus::NotFlagged),
        FollowUpFlag::Flagged { start, due } => {
            wire.flag_status = Some(FlagStatus::Flagged);
            wire.start_date = midnight(start);
            wire.due_date = midnight(due);
        }
        FollowUpFlag::Complete { on } => {
            wire.flag_status = Some(FlagStatus::Complete);
            wire.complete_date = midnight(on);
        }
    }
    Ok(Written {
        flag: Some(wire),
        ..Written::default()
    })
}

/// Both ends of the work, as servers want them: a start without a due date is refused by them.
fn settled(flag: FollowUpFlag, operation: &'static str) -> Result<FollowUpFlag> {
    match flag {
        FollowUpFlag::Flagged {
            start,
            due: Some(due),
        } => Ok(FollowUpFlag::Flagged {
            start: Some(start.unwrap_or(due)),
            due: Some(due),
        }),
        FollowUpFlag::Flagged {
            start: Some(_),
            due: None,
        } => {
            let problem = "a flag that says from when on must say until when";
            Err(Error::invalid_argument(operation, problem))
        }
        other => Ok(other),
    }
}

/// MS-OXOFLAG 3.1.4.1: what a client sets for a time flag, for a complete one, and for none.
fn as_properties(flag: FollowUpFlag) -> Written {
    use PropertyKind::{Boolean, Double, Integer, String, SystemTime};
    let tag = PropertyName::tag;
    let task = |id, kind| PropertyName::id(PropertySet::Task, id, kind);
    let common = |id, kind| PropertyName::id(PropertySet::Common, id, kind);
    let (start, due, done) = match flag {
        FollowUpFlag::Flagged { start, due } => (start, due, None),
        FollowUpFlag::Complete { on } => (None, None, Some(on)),
        FollowUpFlag::NotFlagged => (None, None, None),
    };
    let is_flagged = matches!(flag, FollowUpFlag::Flagged { .. });
    let is_done = done.is_some();
    let is_there = is_flagged || is_done;
    let time = |day: Option<NaiveDate>| day.map(|day| utc(midnight(day)));
    // Whole minutes (MS-OXOFLAG 2.2.1.3).
    let now = Utc::now().trunc_subsecs(0).with_second(0);
    let done = done.and_then(|day| day.map(midnight).or(now).map(utc));
    let either = |done: &str, open: &str| match (is_done, is_flagged) {
        (true, _) => Some(done.to_owned()),
        (_, true) => Some(open.to_owned()),
        _ => None,
    };
    let mut written = Written::default();
    for (name, value) in [
        // PidTagFlagStatus, PidTagFlagCompleteTime, PidTagFollowupIcon, PidTagToDoItemFlags
        (tag(0x1090, Integer), either("1", "2")),
        (tag(0x1091, SystemTime), done.clone()),
        (tag(0x1095, Integer), is_flagged.then(|| "6".to_owned())),
        (tag(0x0e2b, Integer), is_there.then(|| "1".to_owned())),
        // PidLidFlagRequest, PidLidCommonStart, PidLidCommonEnd
        (
            common(0x8530, String),
            is_there.then(|| "Follow up".to_owned()),
        ),
        (common(0x8516, SystemTime), time(start)),
        (common(0x8517, SystemTime), time(due)),
        // PidLidTaskStartDate, PidLidTaskDueDate, PidLidTaskDateCompleted
        (task(0x8104, SystemTime), time(start)),
        (task(0x8105, SystemTime), time(due)),
        (task(0x810f, SystemTime), done),
        // PidLidTaskStatus, PidLidPercentComplete, PidLidTaskComplete
        (task(0x8101, Integer), either("2", "0")),
        (task(0x8102, Double), either("1", "0")),
        (task(0x811c, Boolean), either("true", "false")),
    ] {
        match value {
            Some(value) => {
                let property = ExtendedProperty::new(name, value);
                written.set.push(property::extended_uri(&property));
            }
            None => written.delete.push(property::property_uri(&name).into()),
        }
    }
    written
}

/// A day begins at midnight in UTC, wherever the mailbox is (MS-OXOFLAG 2.2.1, MS-OXOTASK
/// 2.2.2.2.4).
fn midnight(day: NaiveDate) -> DateTime<Utc> {
    day.and_time(NaiveTime::MIN).and_utc()
}

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
    use crate::ews::types::{ExtendedProperties, ExtendedProperty};

    fn day(day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 3, day).unwrap()
    }

    #[test]
    fn a_due_day_is_a_start_too() {
        let flag = write(FollowUpFlag::due(day(5)), ServerVersion::Exchange2013, "t");
        let flag = flag.unwrap().flag.unwrap();
        assert_eq!(flag.start_date, flag.due_date);
        assert_eq!(flag.due_date, Some("2026-03-05T00:00:00Z".parse().unwrap()));
        let endless = FollowUpFlag::Flagged {
            start: Some(day(5)),
            due: None,
        };
        for version in [ServerVersion::Exchange2007Sp1, ServerVersion::Exchange2016] {
            assert!(write(endless, version, "t").is_err());
        }
    }

    #[test]
    fn each_property_is_set_or_taken_away() {
        let counts = |flag| {
            let written = write(flag, ServerVersion::Exchange2010Sp2, "t").unwrap();
            assert!(written.flag.is_none());
            (written.set.len(), written.delete.len())
        };
        assert_eq!(counts(FollowUpFlag::NotFlagged), (0, 13));
        assert_eq!(counts(FollowUpFlag::due(day(5))), (11, 2));
        assert_eq!(counts(FollowUpFlag::flagged()), (7, 6));
        assert_eq!(counts(FollowUpFlag::complete()), (8, 5));
    }

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
