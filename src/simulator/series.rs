//! Series: the occurrences of a pattern, and the exceptions from it.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Duration, NaiveDate, NaiveTime, Utc};

use super::item::*;
use super::property::Value;
use super::recurrence::Recurrence;
use super::zone::Zone;

impl Item {
    /// Start and end of the pattern's occurrences whose date is not before `from`, without end for
    /// endless series. Lengths are measured on the clock, so that an occurrence over a change of the
    /// clock ends when it says.
    pub(super) fn pattern_from(
        &self,
        from: NaiveDate,
    ) -> impl Iterator<Item = (DateTime<Utc>, DateTime<Utc>)> + '_ {
        let (zone, time, length) = self.clock();
        self.recurrence
            .iter()
            .flat_map(Recurrence::dates)
            .skip_while(move |date| *date < from)
            .map(move |date| {
                let local = date.and_time(time);
                (zone.instant(local), zone.instant(local + length))
            })
    }

    /// The zone, the time of day and the length on the clock.
    fn clock(&self) -> (Zone, NaiveTime, Duration) {
        let zone = self.zone();
        let start = zone.local(self.start());
        let length = zone.local(self.end()) - start;
        (zone, start.time(), length)
    }

    /// The starts of the pattern before an instant, those of deleted occurrences included.
    pub(super) fn pattern_before(
        &self,
        limit: DateTime<Utc>,
    ) -> impl Iterator<Item = (DateTime<Utc>, DateTime<Utc>)> + '_ {
        self.pattern_from(NaiveDate::MIN)
            .take_while(move |(start, _)| *start < limit)
    }

    /// Occurrences of the pattern that may overlap a time span, and few others.
    fn pattern_about(
        &self,
        from: DateTime<Utc>,
        to: DateTime<Utc>,
    ) -> impl Iterator<Item = (DateTime<Utc>, DateTime<Utc>)> + '_ {
        let (_, _, length) = self.clock();
        // Zones are less than two days from UTC.
        let margin = length + Duration::days(2);
        let first = from.checked_sub_signed(margin).unwrap_or(from);
        self.pattern_from(first.date_naive())
            .take_while(move |(start, _)| *start < to)
    }

    /// Whether the pattern has an occurrence with that start.
    pub(super) fn has_occurrence(&self, start: DateTime<Utc>) -> bool {
        self.pattern_about(start, start + Duration::seconds(1))
            .any(|(one, _)| one == start)
    }

    /// A copy that is no series.
    pub(super) fn single(&self) -> Self {
        Self {
            bag: self.bag.clone(),
            mime: self.mime.clone(),
            body: self.body.clone(),
            recipients: self.recipients.clone(),
            attachments: self.attachments.clone(),
            organizer: self.organizer.clone(),
            sender: self.sender.clone(),
            representing: self.representing.clone(),
            associated: self.associated,
            instance: self.instance,
            start_zone: self.start_zone.clone(),
            end_zone: self.end_zone.clone(),
            recurrence: None,
            exceptions: BTreeMap::new(),
            deleted: BTreeSet::new(),
            occurrence: None,
            written: self.written.clone(),
            ..*self
        }
    }

    /// The occurrence with that original start as the pattern has it.
    fn plain_occurrence(&self, original: DateTime<Utc>) -> Self {
        let (zone, _, length) = self.clock();
        let end = zone.instant(zone.local(original) + length);
        let mut item = self.single();
        item.set(START, Value::Time(original));
        item.set(END, Value::Time(end));
        item.occurrence = Some(Occurrence {
            original,
            exception: false,
        });
        let class = "IPM.Appointment.Occurrence";
        item.set(ITEM_CLASS, Value::Text(class.to_owned()));
        item
    }

    /// The occurrence with that original start, as an item of its own.
    pub(super) fn occurrence_at(&self, original: DateTime<Utc>) -> Self {
        let mut item = self.plain_occurrence(original);
        if let Some(overrides) = self.exceptions.get(&original) {
            item.occurrence = Some(Occurrence {
                original,
                exception: true,
            });
            let class = "IPM.OLE.CLASS.{00061055-0000-0000-C000-000000000046}";
            item.set(ITEM_CLASS, Value::Text(class.to_owned()));
            for (property, value) in &overrides.bag {
                match value {
                    Some(value) => item.bag.insert(property.clone(), value.clone()),
                    None => item.bag.remove(property),
                };
            }
            if let Some(body) = &overrides.body {
                item.body.clone_from(body);
            }
            if let Some(recipients) = &overrides.recipients {
                item.recipients.clone_from(recipients);
            }
            if let Some(attachments) = &overrides.attachments {
                item.attachments.clone_from(attachments);
            }
            item.changed = item.changed.max(overrides.changed);
        }
        item
    }

    /// What of an occurrence, changed by a client, differs from the series.
    pub(super) fn differences(&self, occurrence: &Self, original: DateTime<Utc>) -> Overrides {
        let plain = self.plain_occurrence(original);
        let mut overrides = Overrides::default();
        for (property, value) in &occurrence.bag {
            if *property != ITEM_CLASS && plain.bag.get(property) != Some(value) {
                overrides.bag.insert(property.clone(), Some(value.clone()));
            }
        }
        for property in plain.bag.keys() {
            if !occurrence.bag.contains_key(property) {
                overrides.bag.insert(property.clone(), None);
            }
        }
        overrides.body = (occurrence.body != plain.body).then(|| occurrence.body.clone());
        overrides.recipients =
            (occurrence.recipients != plain.recipients).then(|| occurrence.recipients.clone());
        overrides.attachments =
            (occurrence.attachments != plain.attachments).then(|| occurrence.attachments.clone());
        overrides
    }

    /// The item itself, or of a series all occurrences, that overlap a time span. What only
    /// touches its edge is out; what has no length is in from its start on.
    pub(super) fn within(&self, from: DateTime<Utc>, to: DateTime<Utc>) -> Vec<Self> {
        let overlaps = |start: DateTime<Utc>, end: DateTime<Utc>| {
            start < to && (end > from || (start == end && start >= from))
        };
        if self.recurrence.is_none() {
            return if overlaps(self.start(), self.end()) {
                vec![self.clone()]
            } else {
                Vec::new()
            };
        }
        let plain = self.pattern_about(from, to).filter(|(start, end)| {
            overlaps(*start, *end)
                && !self.deleted.contains(start)
                && !self.exceptions.contains_key(start)
        });
        let mut items: Vec<Self> = plain.map(|(start, _)| self.occurrence_at(start)).collect();
        items.extend(
            self.exceptions
                .keys()
                .map(|original| self.occurrence_at(*original))
                .filter(|item| overlaps(item.start(), item.end())),
        );
        items
    }

    /// The first and the last occurrence that is not deleted; no last one for an endless series.
    pub(super) fn first_and_last(&self) -> (Option<DateTime<Utc>>, Option<DateTime<Utc>>) {
        let alive = |start: &DateTime<Utc>| !self.deleted.contains(start);
        let starts = || self.pattern_from(NaiveDate::MIN).map(|(start, _)| start);
        let endless = self
            .recurrence
            .as_ref()
            .is_none_or(|one| one.end == super::recurrence::End::Never);
        let last = if endless {
            None
        } else {
            starts().filter(alive).last()
        };
        (starts().find(alive), last)
    }
}

#[cfg(test)]
mod tests {
    use super::super::recurrence::{End, Pattern};
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn weekly() -> Item {
        let mut item = Item::new(ItemKind::CalendarItem);
        item.start_zone = Zone::windows("W. Europe Standard Time");
        item.set(START, Value::Time(at("2026-03-02T08:00:00Z")));
        item.set(END, Value::Time(at("2026-03-02T09:00:00Z")));
        item.recurrence = Some(Recurrence {
            pattern: Pattern::Weekly {
                interval: 1,
                days: vec![chrono::Weekday::Mon],
                first: chrono::Weekday::Mon,
            },
            start: "2026-03-02".parse().unwrap(),
            end: End::After(6),
        });
        item.normalize(&Zone::utc());
        item
    }

    fn starts(items: &[Item]) -> Vec<String> {
        items.iter().map(|item| item.start().to_rfc3339()).collect()
    }

    #[test]
    fn a_series_keeps_its_clock_over_the_change() {
        let items = weekly().within(at("2026-03-20T00:00:00Z"), at("2026-04-01T00:00:00Z"));
        assert_eq!(
            starts(&items),
            ["2026-03-23T08:00:00+00:00", "2026-03-30T07:00:00+00:00"]
        );
    }

    #[test]
    fn edges_are_out_and_exceptions_move() {
        let mut series = weekly();
        let touching = series.within(at("2026-03-02T09:00:00Z"), at("2026-03-09T08:00:00Z"));
        assert!(touching.is_empty());
        let original = at("2026-03-09T08:00:00Z");
        let mut moved = series.occurrence_at(original);
        moved.set(START, Value::Time(at("2026-03-10T08:00:00Z")));
        moved.set(END, Value::Time(at("2026-03-10T09:00:00Z")));
        moved.set(SUBJECT, Value::Text("moved".to_owned()));
        let overrides = series.differences(&moved, original);
        assert_eq!(overrides.bag.len(), 3);
        series.exceptions.insert(original, overrides);
        series.deleted.insert(at("2026-03-16T08:00:00Z"));
        let items = series.within(at("2026-03-05T00:00:00Z"), at("2026-03-24T00:00:00Z"));
        assert_eq!(
            starts(&items),
            ["2026-03-23T08:00:00+00:00", "2026-03-10T08:00:00+00:00"]
        );
        assert_eq!(items[1].text(&SUBJECT), "moved");
        assert!(items[1].occurrence.unwrap().exception);
        let (first, last) = series.first_and_last();
        assert_eq!(first, Some(at("2026-03-02T08:00:00Z")));
        assert_eq!(last, Some(at("2026-04-06T07:00:00Z")));
    }

    #[test]
    fn all_day_takes_whole_days_of_its_zone() {
        let mut item = Item::new(ItemKind::CalendarItem);
        item.start_zone = Zone::windows("W. Europe Standard Time");
        item.set(ALL_DAY, Value::Boolean(true));
        item.set(START, Value::Time(at("2026-07-01T10:00:00Z")));
        item.set(END, Value::Time(at("2026-07-01T10:00:00Z")));
        item.normalize(&Zone::utc());
        assert_eq!(item.start(), at("2026-06-30T22:00:00Z"));
        assert_eq!(item.end(), at("2026-07-01T22:00:00Z"));
    }
}
