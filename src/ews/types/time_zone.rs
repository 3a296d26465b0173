use chrono::{DateTime, TimeDelta, Utc};
use serde::{Serialize, Serializer};

use crate::xml::{Element, ListItem, Problem, ReadElement, Tag, WriteElement, names};

use super::{DayOfWeek, DayOfWeekIndex, Month, record};

names! {
    /// What a transition leads to.
    pub open enum TransitionTargetKind {
        Period = "Period",
        Group = "Group",
    }
}

/// A time zone: by its name, and with its rules where they were asked for.
///
/// Exchange 2010 and later. Reference:
/// <https://learn.microsoft.com/exchange/client-developer/web-service-reference/timezonedefinition>
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct TimeZoneDefinition {
    /// The Windows name, as `W. Europe Standard Time`; servers send other names too, and empty ones.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// The name shown, in the server's language.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The offsets the zone has had.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub periods: Vec<Period>,
    /// Yearly rules.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub transitions_groups: Vec<TransitionsGroup>,
    /// Which rules hold from when on.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub transitions: Vec<Transition>,
}

impl TimeZoneDefinition {
    /// The zone of that name, whose rules the server knows.
    pub fn named(id: impl Into<String>) -> Self {
        Self {
            id: Some(id.into()),
            ..Self::default()
        }
    }
}

impl ReadElement for TimeZoneDefinition {
    fn read_element(node: &mut Element<'_, '_>) -> Result<Option<Self>, Problem> {
        let mut zone = Self {
            id: node.attribute("Id")?,
            name: node.attribute("Name")?,
            ..Self::default()
        };
        while let Some(mut child) = node.next_child()? {
            match child.name() {
                "Periods" => zone.periods = Vec::read_element(&mut child)?.unwrap_or_default(),
                "TransitionsGroups" => {
                    zone.transitions_groups = Vec::read_element(&mut child)?.unwrap_or_default();
                }
                "Transitions" => zone.transitions = Transition::read_list(&mut child)?,
                _ => child.skip()?,
            }
        }
        Ok(Some(zone))
    }
}

impl WriteElement for TimeZoneDefinition {
    fn write_element(&self, tag: Tag<'_>) {
        let tag = tag
            .attribute_if("Id", self.id.as_ref())
            .attribute_if("Name", self.name.as_ref());
        if self.periods.is_empty() {
            return;
        }
        tag.children(|out| {
            out.value("t:Periods", &self.periods);
            if !self.transitions_groups.is_empty() {
                out.value("t:TransitionsGroups", &self.transitions_groups);
            }
            if !self.transitions.is_empty() {
                out.tag("t:Transitions").children(|out| {
                    for transition in &self.transitions {
                        transition.write(out);
                    }
                });
            }
        });
    }
}

impl ListItem for TimeZoneDefinition {
    const TAG: &'static str = "t:TimeZoneDefinition";
}

/// A stretch of time with one offset, as standard or daylight time.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct Period {
    /// What to add to local time to get UTC.
    #[serde(serialize_with = "as_minutes")]
    pub bias: TimeDelta,
    /// Its name, as `Standard`.
    pub name: String,
    /// By what transitions speak of it.
    pub id: String,
}

impl Period {
    /// A stretch of time with that offset, which transitions know by `id`.
    pub fn new(id: impl Into<String>, name: impl Into<String>, bias: TimeDelta) -> Self {
        Self {
            bias,
            name: name.into(),
            id: id.into(),
        }
    }
}

impl ReadElement for Period {
    fn read_element(node: &mut Element<'_, '_>) -> Result<Option<Self>, Problem> {
        Ok(Some(Self {
            bias: node.attribute("Bias")?.unwrap_or_default(),
            name: node.attribute("Name")?.unwrap_or_default(),
            id: node.attribute("Id")?.unwrap_or_default(),
        }))
    }
}

impl WriteElement for Period {
    fn write_element(&self, tag: Tag<'_>) {
        tag.attribute("Bias", &self.bias)
            .attribute("Name", &self.name)
            .attribute("Id", &self.id);
    }
}

impl ListItem for Period {
    const TAG: &'static str = "t:Period";
}

/// Transitions that come each year.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct TransitionsGroup {
    /// By what transitions speak of it.
    pub id: String,
    /// The transitions of a year.
    pub transitions: Vec<Transition>,
}

impl TransitionsGroup {
    /// These transitions each year, which others know by `id`.
    pub fn new(id: impl Into<String>, transitions: Vec<Transition>) -> Self {
        Self {
            id: id.into(),
            transitions,
        }
    }
}

impl ReadElement for TransitionsGroup {
    fn read_element(node: &mut Element<'_, '_>) -> Result<Option<Self>, Problem> {
        Ok(Some(Self {
            id: node.attribute("Id")?.unwrap_or_default(),
            transitions: Transition::read_list(node)?,
        }))
    }
}

impl WriteElement for TransitionsGroup {
    fn write_element(&self, tag: Tag<'_>) {
        tag.attribute("Id", &self.id).children(|out| {
            for transition in &self.transitions {
                transition.write(out);
            }
        });
    }
}

impl ListItem for TransitionsGroup {
    const TAG: &'static str = "t:TransitionsGroup";
}

/// When the offset, or the rules, of a zone change.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct Transition {
    /// To what.
    pub to: TransitionTarget,
    /// When.
    #[serde(flatten)]
    pub rule: TransitionRule,
}

impl Transition {
    /// Leads there at that time.
    pub fn new(to: TransitionTarget, rule: TransitionRule) -> Self {
        Self { to, rule }
    }
}

/// What a transition leads to: a period or a group, by its id. It may lead nowhere, on real
/// servers; then the zone cannot be computed, but the item is readable.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct TransitionTarget {
    /// A period or a group.
    pub kind: TransitionTargetKind,
    /// Its id.
    pub value: String,
}

impl TransitionTarget {
    /// The period of that id.
    pub fn period(id: impl Into<String>) -> Self {
        Self {
            kind: TransitionTargetKind::Period,
            value: id.into(),
        }
    }

    /// The group of that id.
    pub fn group(id: impl Into<String>) -> Self {
        Self {
            kind: TransitionTargetKind::Group,
            value: id.into(),
        }
    }
}

/// When a transition takes place.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
#[serde(untagged, rename_all_fields = "PascalCase")]
#[non_exhaustive]
pub enum TransitionRule {
    /// From the beginning.
    Always {},
    /// At one instant.
    AbsoluteDate {
        /// The instant.
        date_time: DateTime<Utc>,
    },
    /// On a day of some week of a month, each year.
    RecurringDay {
        /// From midnight on.
        #[serde(serialize_with = "as_minutes")]
        time_offset: TimeDelta,
        /// 1 to 12.
        month: u32,
        /// The day.
        day_of_week: DayOfWeek,
        /// 1 to 4, or -1 for the last.
        occurrence: i32,
    },
    /// On a day of a month, each year.
    RecurringDate {
        /// From midnight on.
        #[serde(serialize_with = "as_minutes")]
        time_offset: TimeDelta,
        /// 1 to 12.
        month: u32,
        /// 1 to 31.
        day: u32,
    },
}

impl Transition {
    fn read_list(node: &mut Element<'_, '_>) -> Result<Vec<Self>, Problem> {
        let mut list = Vec::new();
        while let Some(mut child) = node.next_child()? {
            list.extend(Self::read(&mut child)?);
        }
        Ok(list)
    }

    fn read(node: &mut Element<'_, '_>) -> Result<Option<Self>, Problem> {
        let kind = node.name().to_owned();
        let (mut to, mut date_time, mut time_offset) = (None, None, None);
        let (mut month, mut day, mut day_of_week, mut occurrence) = (None, None, None, None);
        while let Some(mut child) = node.next_child()? {
            let child = &mut child;
            match child.name() {
                "To" => {
                    to = Some(TransitionTarget {
                        kind: child
                            .attribute("Kind")?
                            .unwrap_or(TransitionTargetKind::Period),
                        value: child.text()?,
                    });
                }
                "DateTime" => date_time = child.lenient()?,
                "TimeOffset" => time_offset = child.lenient()?,
                "Month" => month = child.lenient()?,
                "Day" => day = child.lenient()?,
                "DayOfWeek" => day_of_week = child.lenient()?,
                "Occurrence" => occurrence = child.lenient()?,
                _ => child.skip()?,
            }
        }

        let rule = || {
            Some(match kind.as_str() {
                "Transition" => TransitionRule::Always {},
                "AbsoluteDateTransition" => TransitionRule::AbsoluteDate {
                    date_time: date_time?,
                },
                "RecurringDayTransition" => TransitionRule::RecurringDay {
                    time_offset: time_offset?,
                    month: month?,
                    day_of_week: day_of_week?,
                    occurrence: occurrence?,
                },
                "RecurringDateTransition" => TransitionRule::RecurringDate {
                    time_offset: time_offset?,
                    month: month?,
                    day: day?,
                },
                _ => return None,
            })
        };
        Ok(to.zip(rule()).map(|(to, rule)| Self { to, rule }))
    }

    fn write(&self, out: &mut crate::xml::Children<'_>) {
        let name = match self.rule {
            TransitionRule::Always {} => "t:Transition",
            TransitionRule::AbsoluteDate { .. } => "t:AbsoluteDateTransition",
            TransitionRule::RecurringDay { .. } => "t:RecurringDayTransition",
            TransitionRule::RecurringDate { .. } => "t:RecurringDateTransition",
        };
        out.tag(name).children(|out| {
            out.tag("t:To")
                .attribute("Kind", &self.to.kind)
                .text(&self.to.value);
            match &self.rule {
                TransitionRule::Always {} => {}
                TransitionRule::AbsoluteDate { date_time } => out.value("t:DateTime", date_time),
                TransitionRule::RecurringDay {
                    time_offset,
                    month,
                    day_of_week,
                    occurrence,
                } => {
                    out.value("t:TimeOffset", time_offset);
                    out.value("t:Month", month);
                    out.value("t:DayOfWeek", day_of_week);
                    out.value("t:Occurrence", occurrence);
                }
                TransitionRule::RecurringDate {
                    time_offset,
                    month,
                    day,
                } => {
                    out.value("t:TimeOffset", time_offset);
                    out.value("t:Month", month);
                    out.value("t:Day", day);
                }
            }
        });
    }
}

/// A time zone by its rules, as Exchange 2007 knows it.
///
/// Reference: <https://learn.microsoft.com/exchange/client-developer/web-service-reference/meetingtimezone>
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct MeetingTimeZone {
    /// Its name, if it has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time_zone_name: Option<String>,
    /// What to add to standard time to get UTC.
    #[serde(
        skip_serializing_if = "Option::is_none",
        serialize_with = "as_minutes_if"
    )]
    pub base_offset: Option<TimeDelta>,
    /// When standard time begins.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub standard: Option<TimeChange>,
    /// When daylight time begins.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub daylight: Option<TimeChange>,
}

impl ReadElement for MeetingTimeZone {
    fn read_element(node: &mut Element<'_, '_>) -> Result<Option<Self>, Problem> {
        let mut zone = Self {
            time_zone_name: node.attribute("TimeZoneName")?,
            ..Self::default()
        };
        while let Some(mut child) = node.next_child()? {
            match child.name() {
                "BaseOffset" => zone.base_offset = child.lenient()?,
                "Standard" => TimeChange::read_into(&mut zone.standard, &mut child)?,
                "Daylight" => TimeChange::read_into(&mut zone.daylight, &mut child)?,
                _ => child.skip()?,
            }
        }
        Ok(Some(zone))
    }
}

impl WriteElement for MeetingTimeZone {
    fn write_element(&self, tag: Tag<'_>) {
        let tag = tag.attribute_if("TimeZoneName", self.time_zone_name.as_ref());
        if self.base_offset.is_none() {
            return;
        }
        tag.children(|out| {
            out.value_if("t:BaseOffset", self.base_offset.as_ref());
            out.value_if("t:Standard", self.standard.as_ref());
            out.value_if("t:Daylight", self.daylight.as_ref());
        });
    }
}

/// When standard or daylight time begins.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct TimeChange {
    /// Its name, if it has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time_zone_name: Option<String>,
    /// What to add to the base offset.
    #[serde(
        skip_serializing_if = "Option::is_none",
        serialize_with = "as_minutes_if"
    )]
    pub offset: Option<TimeDelta>,
    /// On a day of some week of a month, each year.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub relative_yearly_recurrence: Option<RelativeYearlyChange>,
    /// On one date.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub absolute_date: Option<chrono::NaiveDate>,
    /// The time of day, as `02:00:00`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time: Option<String>,
}

record! {
    /// A day of some week of a month, each year.
    pub struct RelativeYearlyChange {
        /// The day.
        days_of_week: DayOfWeek = "DaysOfWeek",
        /// Which of them.
        day_of_week_index: DayOfWeekIndex = "DayOfWeekIndex",
        /// The month.
        month: Month = "Month",
    }
}

impl ReadElement for TimeChange {
    fn read_element(node: &mut Element<'_, '_>) -> Result<Option<Self>, Problem> {
        let mut change = Self {
            time_zone_name: node.attribute("TimeZoneName")?,
            ..Self::default()
        };
        while let Some(mut child) = node.next_child()? {
            let child = &mut child;
            match child.name() {
                "Offset" => change.offset = child.lenient()?,
                "RelativeYearlyRecurrence" => {
                    RelativeYearlyChange::read_into(&mut change.relative_yearly_recurrence, child)?
                }
                "AbsoluteDate" => change.absolute_date = child.lenient()?,
                "Time" => change.time = child.lenient()?,
                _ => child.skip()?,
            }
        }
        Ok(Some(change))
    }
}

impl WriteElement for TimeChange {
    fn write_element(&self, tag: Tag<'_>) {
        tag.attribute_if("TimeZoneName", self.time_zone_name.as_ref())
            .children(|out| {
                out.value_if("t:Offset", self.offset.as_ref());
                out.value_if(
                    "t:RelativeYearlyRecurrence",
                    self.relative_yearly_recurrence.as_ref(),
                );
                out.value_if("t:AbsoluteDate", self.absolute_date.as_ref());
                out.value_if("t:Time", self.time.as_ref());
            });
    }
}

/// Durations show as minutes.
fn as_minutes<S: Serializer>(duration: &TimeDelta, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_i64(duration.num_minutes())
}

fn as_minutes_if<S: Serializer>(
    duration: &Option<TimeDelta>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    duration.map(|d| d.num_minutes()).serialize(serializer)
}
