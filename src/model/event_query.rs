//! Which events to list.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{
    BodyWanted, CalendarRef, Projection, PropertyName, TimeRange, extended_property::check_name,
};
use crate::error::{Error, Result};

const OPERATION: &str = "list_events";

/// Which events to list, and how much of them.
///
/// ```
/// use chrono::{TimeDelta, Utc};
/// use exchange_connector::model::{EventQuery, TimeRange};
///
/// let week = EventQuery::between(TimeRange::lasting(Utc::now(), TimeDelta::weeks(1))).full();
/// assert!(week.validate().is_ok());
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct EventQuery {
    /// In which calendar.
    pub calendar: CalendarRef,
    /// Which events of it.
    pub view: EventView,
    /// How much of each.
    pub projection: Projection,
    /// In what form the bodies, with [`Projection::Full`].
    pub body: BodyWanted,
    /// Which MAPI properties besides, with [`Projection::Full`].
    pub extended: Vec<PropertyName>,
    /// How many to a page; `None`: as many as suits the server. The server may give fewer; there are more where more
    /// than that begin at the same time.
    pub page_size: Option<u32>,
}

/// Which events of a calendar.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum EventView {
    /// What takes place within a window, series as their occurrences and exceptions, by start. EWS `CalendarView`,
    /// Graph `calendarView`.
    Expanded(TimeRange),
    /// Single events and series as one, in no certain order. EWS `FindItem` with `IndexedPageItemView`, Graph
    /// `events`.
    Masters(EventFilter),
}

impl EventQuery {
    /// What takes place within a window, series as their occurrences and exceptions.
    pub fn between(window: TimeRange) -> Self {
        Self::new(EventView::Expanded(window))
    }

    /// Single events and series as one.
    pub fn masters(filter: EventFilter) -> Self {
        Self::new(EventView::Masters(filter))
    }

    /// These events of the default calendar, in summary.
    pub fn new(view: EventView) -> Self {
        Self {
            calendar: CalendarRef::default(),
            view,
            projection: Projection::default(),
            body: BodyWanted::default(),
            extended: Vec::new(),
            page_size: None,
        }
    }

    /// Sets which events.
    #[must_use]
    pub fn view(mut self, view: EventView) -> Self {
        self.view = view;
        self
    }

    /// Sets the calendar.
    #[must_use]
    pub fn calendar(mut self, calendar: impl Into<CalendarRef>) -> Self {
        self.calendar = calendar.into();
        self
    }

    /// Sets how much of each.
    #[must_use]
    pub fn projection(mut self, projection: Projection) -> Self {
        self.projection = projection;
        self
    }

    /// Loads everything: [`Projection::Full`].
    #[must_use]
    pub fn full(self) -> Self {
        self.projection(Projection::Full)
    }

    /// Sets in what form the bodies are wanted.
    #[must_use]
    pub fn body(mut self, body: BodyWanted) -> Self {
        self.body = body;
        self
    }

    /// Adds a MAPI property.
    #[must_use]
    pub fn extended(mut self, property: PropertyName) -> Self {
        self.extended.push(property);
        self
    }

    /// Sets how many come a page at most.
    #[must_use]
    pub fn page_size(mut self, items: u32) -> Self {
        self.page_size = Some(items);
        self
    }

    /// Checks what every server refuses, so that it is found before anything is sent.
    ///
    /// # Errors
    /// [`InvalidArgument`](crate::ErrorKind::InvalidArgument), which says what is wrong and why.
    pub fn validate(&self) -> Result<()> {
        if self.page_size == Some(0) {
            return Err(Error::invalid_argument(
                OPERATION,
                "a page must have at least one event",
            ));
        }
        self.extended
            .iter()
            .try_for_each(|name| check_name(OPERATION, name))?;
        match &self.view {
            EventView::Expanded(window) => window.validate(OPERATION),
            EventView::Masters(filter) => filter.validate(),
        }
    }
}

/// Conditions, all of which an event must meet. Without any, all events do.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct EventFilter {
    /// It was changed at this instant or later.
    pub modified_since: Option<DateTime<Utc>>,
    /// It, or the first of the series, begins at this instant or later.
    pub starts_after: Option<DateTime<Utc>>,
    /// It, or the first of the series, begins before this instant.
    pub starts_before: Option<DateTime<Utc>>,
    /// Its subject contains this, in whatever case.
    pub subject_contains: Option<String>,
    /// It is in this category.
    pub category: Option<String>,
    /// This MAPI property has this value.
    pub extended_equals: Option<(PropertyName, String)>,
}

impl EventFilter {
    /// No condition.
    pub fn new() -> Self {
        Self::default()
    }

    /// Changed at this instant or later.
    #[must_use]
    pub fn modified_since(mut self, instant: DateTime<Utc>) -> Self {
        self.modified_since = Some(instant);
        self
    }

    /// Beginning at this instant or later.
    #[must_use]
    pub fn starts_after(mut self, instant: DateTime<Utc>) -> Self {
        self.starts_after = Some(instant);
        self
    }

    /// Beginning before this instant.
    #[must_use]
    pub fn starts_before(mut self, instant: DateTime<Utc>) -> Self {
        self.starts_before = Some(instant);
        self
    }

    /// With this in the subject.
    #[must_use]
    pub fn subject_contains(mut self, text: impl Into<String>) -> Self {
        self.subject_contains = Some(text.into());
        self
    }

    /// In this category.
    #[must_use]
    pub fn category(mut self, category: impl Into<String>) -> Self {
        self.category = Some(category.into());
        self
    }

    /// With this value of a MAPI property.
    #[must_use]
    pub fn extended_equals(mut self, name: PropertyName, value: impl Into<String>) -> Self {
        self.extended_equals = Some((name, value.into()));
        self
    }

    fn validate(&self) -> Result<()> {
        if let (Some(after), Some(before)) = (self.starts_after, self.starts_before)
            && before <= after
        {
            return Err(Error::invalid_argument(
                OPERATION,
                "no event begins after the one time and before the other",
            ));
        }
        if self.subject_contains.as_deref() == Some("") {
            return Err(Error::invalid_argument(
                OPERATION,
                "the text to find in the subject is empty",
            ));
        }
        if self.category.as_deref() == Some("") {
            return Err(Error::invalid_argument(
                OPERATION,
                "the name of the category is empty",
            ));
        }
        if let Some((name, _)) = &self.extended_equals {
            check_name(OPERATION, name)?;
            if name.kind().is_array() {
                return Err(Error::invalid_argument(
                    OPERATION,
                    "a property with many values cannot equal one",
                ));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;
    use crate::model::{PropertyKind, PropertySet};

    fn now() -> DateTime<Utc> {
        "2026-03-02T09:00:00Z".parse().unwrap()
    }

    #[test]
    fn checks() {
        assert!(EventQuery::masters(EventFilter::new()).validate().is_ok());
        let many = PropertyName::named(
            PropertySet::PublicStrings,
            "Keywords",
            PropertyKind::StringArray,
        );
        for bad in [
            EventQuery::between(TimeRange::new(now(), now())),
            EventQuery::between(TimeRange::lasting(now(), TimeDelta::days(1))).page_size(0),
            EventQuery::masters(EventFilter::new().starts_after(now()).starts_before(now())),
            EventQuery::masters(EventFilter::new().subject_contains("")),
            EventQuery::masters(EventFilter::new().category("")),
            EventQuery::masters(EventFilter::new().extended_equals(many, "x")),
            EventQuery::masters(EventFilter::new())
                .extended(PropertyName::tag(0x8001, PropertyKind::String)),
        ] {
            assert!(bad.validate().is_err(), "{bad:?}");
        }
    }

    #[test]
    fn survives_storage() {
        for query in [
            EventQuery::between(TimeRange::lasting(now(), TimeDelta::days(1)))
                .full()
                .page_size(5),
            EventQuery::masters(EventFilter::new().modified_since(now()).category("Red")),
        ] {
            assert_eq!(
                serde_json::from_str::<EventQuery>(&serde_json::to_string(&query).unwrap())
                    .unwrap(),
                query
            );
        }
    }
}
