//! Changes to events.

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use super::{
    Attendee, Body, Categories, ExtendedProperty, FreeBusyStatus, Importance, Patch, PropertyName,
    Recurrence, Sensitivity, When,
    extended_property::{check_properties, check_written_name},
    item::check_categories,
    new_event::{check_attendees, check_recurrence, check_reminder},
};
use crate::error::{Error, Result};

const OPERATION: &str = "update_event";

/// Changes to an event. A new patch changes nothing; only what is set is sent.
///
/// ```
/// use exchange_connector::model::{EventPatch, FreeBusyStatus, Patch};
///
/// let patch = EventPatch::new().subject("Moved to room 6").location(Patch::Clear).show_as(FreeBusyStatus::Busy);
/// assert!(!patch.is_empty() && !patch.is_private_only());
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct EventPatch {
    /// The subject.
    pub subject: Patch<String>,
    /// When it takes place, start and end together; it cannot be cleared.
    pub when: Patch<When>,
    /// The body.
    pub body: Patch<Body>,
    /// Where.
    pub location: Patch<String>,
    /// Who is invited: the whole list. To add one, read the event, and write the longer list with its version.
    pub attendees: Patch<Vec<Attendee>>,
    /// How it repeats. Cleared, a series becomes a single event.
    pub recurrence: Patch<Recurrence>,
    /// How the time is taken.
    pub show_as: Patch<FreeBusyStatus>,
    /// Whom it concerns.
    pub sensitivity: Patch<Sensitivity>,
    /// How important it is.
    pub importance: Patch<Importance>,
    /// Its categories: the whole set.
    pub categories: Patch<Categories>,
    /// How long before the start to remind; cleared: not at all.
    pub reminder: Patch<TimeDelta>,
    /// Whether the attendees are asked for answers.
    pub response_requested: Patch<bool>,
    /// Whether attendees may propose another time.
    pub allow_new_time_proposals: Patch<bool>,
    /// Whether it is an online meeting. On Graph it can only become one: what is one stays one.
    ///
    /// Source: <https://learn.microsoft.com/graph/api/resources/event>
    pub online_meeting: Patch<bool>,
    /// MAPI properties to set.
    pub extended: Vec<ExtendedProperty>,
    /// MAPI properties to take away.
    pub remove_extended: Vec<PropertyName>,
}

impl EventPatch {
    /// No change.
    pub fn new() -> Self {
        Self::default()
    }

    /// Changes or clears the subject.
    #[must_use]
    pub fn subject(mut self, subject: impl Into<Patch<String>>) -> Self {
        self.subject = subject.into();
        self
    }

    /// Changes when it takes place.
    #[must_use]
    pub fn when(mut self, when: When) -> Self {
        self.when = Patch::Set(when);
        self
    }

    /// Changes or clears the body.
    #[must_use]
    pub fn body(mut self, body: impl Into<Patch<Body>>) -> Self {
        self.body = body.into();
        self
    }

    /// Changes or clears where it takes place.
    #[must_use]
    pub fn location(mut self, location: impl Into<Patch<String>>) -> Self {
        self.location = location.into();
        self
    }

    /// Changes the list of attendees to this one.
    #[must_use]
    pub fn attendees(mut self, attendees: impl Into<Patch<Vec<Attendee>>>) -> Self {
        self.attendees = attendees.into();
        self
    }

    /// Changes or clears how it repeats.
    #[must_use]
    pub fn recurrence(mut self, recurrence: impl Into<Patch<Recurrence>>) -> Self {
        self.recurrence = recurrence.into();
        self
    }

    /// Changes how the time is taken.
    #[must_use]
    pub fn show_as(mut self, status: impl Into<Patch<FreeBusyStatus>>) -> Self {
        self.show_as = status.into();
        self
    }

    /// Changes whom it concerns.
    #[must_use]
    pub fn sensitivity(mut self, sensitivity: impl Into<Patch<Sensitivity>>) -> Self {
        self.sensitivity = sensitivity.into();
        self
    }

    /// Changes how important it is.
    #[must_use]
    pub fn importance(mut self, importance: impl Into<Patch<Importance>>) -> Self {
        self.importance = importance.into();
        self
    }

    /// Changes the categories to these, or clears them.
    #[must_use]
    pub fn categories(mut self, categories: impl Into<Patch<Categories>>) -> Self {
        self.categories = categories.into();
        self
    }

    /// Changes how long before the start to remind, or turns it off.
    #[must_use]
    pub fn reminder(mut self, before: impl Into<Patch<TimeDelta>>) -> Self {
        self.reminder = before.into();
        self
    }

    /// Changes whether the attendees are asked for answers.
    #[must_use]
    pub fn response_requested(mut self, requested: impl Into<Patch<bool>>) -> Self {
        self.response_requested = requested.into();
        self
    }

    /// Changes whether attendees may propose another time.
    #[must_use]
    pub fn allow_new_time_proposals(mut self, allowed: impl Into<Patch<bool>>) -> Self {
        self.allow_new_time_proposals = allowed.into();
        self
    }

    /// Changes whether it is an online meeting.
    #[must_use]
    pub fn online_meeting(mut self, online: impl Into<Patch<bool>>) -> Self {
        self.online_meeting = online.into();
        self
    }

    /// Sets a MAPI property.
    #[must_use]
    pub fn extended(mut self, property: ExtendedProperty) -> Self {
        self.extended.push(property);
        self
    }

    /// Takes a MAPI property away.
    #[must_use]
    pub fn remove_extended(mut self, name: PropertyName) -> Self {
        self.remove_extended.push(name);
        self
    }

    /// Whether it changes nothing.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Whether it changes only what no attendee sees, so that nobody needs to be told.
    pub fn is_private_only(&self) -> bool {
        let private = Self {
            show_as: self.show_as.clone(),
            sensitivity: self.sensitivity.clone(),
            categories: self.categories.clone(),
            reminder: self.reminder.clone(),
            extended: self.extended.clone(),
            remove_extended: self.remove_extended.clone(),
            ..Self::default()
        };
        *self == private
    }

    /// Whether, of what attendees see, it changes only who is invited.
    pub fn is_attendees_only(&self) -> bool {
        !self.attendees.is_keep()
            && Self {
                attendees: Patch::Keep,
                ..self.clone()
            }
            .is_private_only()
    }

    /// Checks what every server refuses, so that it is found before anything is sent.
    ///
    /// # Errors
    /// [`InvalidArgument`](crate::ErrorKind::InvalidArgument), which says which field is wrong and why.
    pub fn validate(&self) -> Result<()> {
        if matches!(self.when, Patch::Clear) {
            return Err(Error::invalid_argument(
                OPERATION,
                "an event cannot be without a time",
            ));
        }
        if let Some(when) = self.when.value() {
            when.validate(OPERATION)?;
        }
        if let Some(attendees) = self.attendees.value() {
            check_attendees(OPERATION, attendees)?;
        }
        if let Some(recurrence) = self.recurrence.value() {
            check_recurrence(OPERATION, recurrence, self.when.value())?;
        }
        if let Some(categories) = self.categories.value() {
            check_categories(OPERATION, categories)?;
        }
        if let Some(before) = self.reminder.value() {
            check_reminder(OPERATION, *before)?;
        }
        check_properties(OPERATION, &self.extended)?;
        for name in &self.remove_extended {
            check_written_name(OPERATION, name)?;
        }
        let set = |name: &&PropertyName| self.extended.iter().any(|one| one.name == **name);
        if let Some(name) = self.remove_extended.iter().find(set) {
            let problem = format!("the property {name:?} is both set and taken away");
            return Err(Error::invalid_argument(OPERATION, problem));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{PropertyKind, PropertySet};

    #[test]
    fn who_needs_to_know() {
        assert!(EventPatch::new().is_empty() && EventPatch::new().is_private_only());
        let private = EventPatch::new()
            .show_as(FreeBusyStatus::Free)
            .reminder(Patch::Clear)
            .categories(Categories::from(["Red".to_owned()]));
        assert!(private.is_private_only() && !private.is_attendees_only());
        let invited = private.attendees(vec![Attendee::required("ada@example.com")]);
        assert!(invited.is_attendees_only() && !invited.is_private_only());
        let moved = invited.location("Room 6".to_owned());
        assert!(!moved.is_attendees_only() && !moved.is_private_only());
    }

    fn topic() -> PropertyName {
        PropertyName::named(PropertySet::PublicStrings, "Topic", PropertyKind::String)
    }

    #[test]
    fn checks() {
        let mut timeless = EventPatch::new();
        timeless.when = Patch::Clear;
        for bad in [
            timeless,
            EventPatch::new().attendees(vec![Attendee::required("ada")]),
            EventPatch::new().reminder(TimeDelta::seconds(1)),
            EventPatch::new().categories(Categories::from([String::new()])),
            EventPatch::new().remove_extended(PropertyName::tag(0x8000, PropertyKind::String)),
            EventPatch::new()
                .extended(ExtendedProperty::new(topic(), "a"))
                .remove_extended(topic()),
        ] {
            assert!(bad.validate().is_err(), "{bad:?}");
        }
        assert!(
            EventPatch::new()
                .attendees(Patch::Clear)
                .reminder(Patch::Clear)
                .validate()
                .is_ok()
        );
    }

    #[test]
    fn survives_storage() {
        let patch = EventPatch::new()
            .subject("a")
            .body(Patch::Clear)
            .reminder(TimeDelta::minutes(5));
        assert_eq!(
            serde_json::from_str::<EventPatch>(&serde_json::to_string(&patch).unwrap()).unwrap(),
            patch
        );
        assert!(serde_json::from_str::<EventPatch>("{}").unwrap().is_empty());
    }
}
