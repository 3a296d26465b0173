use std::sync::Arc;

use chrono::NaiveDateTime;
use serde::Serialize;

use super::{Needs, Operation, Refusal, Response, ResponseMessage, Summary, pick};
use crate::ews::ServerVersion;
use crate::ews::origin::Origin;
use crate::ews::types::{FreeBusyView, FreeBusyViewType, MeetingAttendeeType, SerializableTimeZone};
use crate::xml::{Children, Element, Problem, ReadElement, Tag};

/// Reads when people are free or busy.
///
/// Exchange 2007 and later; at most 100 mailboxes and, unless an administrator allows more, 42
/// days (62 on some versions) at once. A group counts as its members.
///
/// Reference: <https://learn.microsoft.com/exchange/client-developer/web-service-reference/getuseravailability-operation>
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct GetUserAvailability {
    /// The zone of all times in the request and in the answer.
    pub time_zone: SerializableTimeZone,
    /// Whose calendars.
    pub mailboxes: Vec<MailboxData>,
    /// From when on, by the clock of [`time_zone`](Self::time_zone).
    pub start: NaiveDateTime,
    /// Until when, by the clock of [`time_zone`](Self::time_zone).
    pub end: NaiveDateTime,
    /// Minutes for which one digit stands, 5 to 1440; 30 if not said.
    pub merged_free_busy_interval_in_minutes: Option<u32>,
    /// How much to return.
    pub requested_view: FreeBusyViewType,
}

/// A calendar to look into.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct MailboxData {
    /// The SMTP address.
    pub address: String,
    /// As what the person would be invited.
    pub attendee_type: MeetingAttendeeType,
    /// Whether to leave times out of suggestions at which the person is busy.
    pub exclude_conflicts: bool,
}

impl MailboxData {
    /// The calendar of somebody who would have to come.
    pub fn required(address: impl Into<String>) -> Self {
        Self {
            address: address.into(),
            attendee_type: MeetingAttendeeType::Required,
            exclude_conflicts: false,
        }
    }
}

impl GetUserAvailability {
    /// What is in these calendars from when to when.
    pub fn new(
        time_zone: SerializableTimeZone,
        mailboxes: Vec<MailboxData>,
        start: NaiveDateTime,
        end: NaiveDateTime,
    ) -> Self {
        Self {
            time_zone,
            mailboxes,
            start,
            end,
            merged_free_busy_interval_in_minutes: None,
            requested_view: FreeBusyViewType::Detailed,
        }
    }
}

impl Operation for GetUserAvailability {
    type Response = UserAvailability;

    const NAME: &'static str = "GetUserAvailability";
    const REQUEST: &'static str = "GetUserAvailabilityRequest";
    const SINCE: ServerVersion = ServerVersion::Exchange2007;
    const REPEATABLE: bool = true;

    fn requested(&self) -> Option<usize> {
        Some(self.mailboxes.len())
    }

    fn narrowed(&self, parts: &[usize]) -> Option<Self> {
        let mailboxes = pick(&self.mailboxes, parts);
        Some(Self { mailboxes, ..self.clone() })
    }

    fn needs(&self, needs: &mut Needs) {
        if self.mailboxes.is_empty() {
            needs.refuse("no mailbox is given");
        }
        if self.mailboxes.len() > 100 {
            needs.refuse("more than 100 mailboxes cannot be asked for at once");
        }
        if self.end <= self.start {
            needs.refuse("the time window must end after it begins");
        }
        if let Some(minutes) = self.merged_free_busy_interval_in_minutes
            && !(5..=1440).contains(&minutes)
        {
            needs.refuse("MergedFreeBusyIntervalInMinutes must be 5 to 1440");
        }
    }

    fn write(&self, request: Tag<'_>) {
        request.children(|body| {
            body.value("t:TimeZone", &self.time_zone);
            body.tag("m:MailboxDataArray").children(|out| {
                for mailbox in &self.mailboxes {
                    write_mailbox(mailbox, out);
                }
            });
            body.tag("t:FreeBusyViewOptions").children(|out| {
                out.tag("t:TimeWindow").children(|out| {
                    out.value("t:StartTime", &self.start);
                    out.value("t:EndTime", &self.end);
                });
                out.value_if(
                    "t:MergedFreeBusyIntervalInMinutes",
                    self.merged_free_busy_interval_in_minutes.as_ref(),
                );
                out.value("t:RequestedView", &self.requested_view);
            });
        });
    }

    fn read(response: &mut Element<'_, '_>) -> Result<Self::Response, Problem> {
        let mut responses = None;
        while let Some(mut child) = response.next_child()? {
            if child.name() != "FreeBusyResponseArray" {
                child.skip()?;
                continue;
            }
            let list = responses.get_or_insert_with(Vec::new);
            while let Some(mut response) = child.next_child()? {
                list.push(FreeBusyResponse::read(&mut response)?);
            }
        }
        let free_busy_responses = responses.ok_or(Problem::Missing("FreeBusyResponseArray"))?;
        Ok(UserAvailability {
            free_busy_responses,
        })
    }
}

fn write_mailbox(mailbox: &MailboxData, out: &mut Children<'_>) {
    out.tag("t:MailboxData").children(|out| {
        out.tag("t:Email")
            .children(|out| out.text("t:Address", &mailbox.address));
        out.value("t:AttendeeType", &mailbox.attendee_type);
        out.value("t:ExcludeConflicts", &mailbox.exclude_conflicts);
    });
}

/// When people are free or busy: one answer for each mailbox, in the order asked.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct UserAvailability {
    /// The answers.
    pub free_busy_responses: Vec<ResponseMessage<FreeBusyResponse>>,
}

/// When one person is free or busy.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct FreeBusyResponse {
    /// The calendar, as far as rights allow.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub free_busy_view: Option<FreeBusyView>,
}

impl FreeBusyResponse {
    /// The view stands beside the response message, not in it.
    fn read(node: &mut Element<'_, '_>) -> Result<ResponseMessage<Self>, Problem> {
        let mut message = None;
        let mut body = Self::default();
        while let Some(mut child) = node.next_child()? {
            match child.name() {
                "ResponseMessage" => {
                    let read = ResponseMessage::<Self>::read(&mut child, |_, part| part.skip())?;
                    message = Some(read);
                }
                "FreeBusyView" => {
                    FreeBusyView::read_into(&mut body.free_busy_view, &mut child)?;
                }
                _ => child.skip()?,
            }
        }
        let mut message = message.ok_or(Problem::Missing("ResponseMessage"))?;
        message.body = body;
        Ok(message)
    }
}

impl Response for UserAvailability {
    fn settle(self, requested: Option<usize>) -> Result<Self, Problem> {
        let free_busy_responses = self.free_busy_responses.settle(requested)?;
        Ok(Self {
            free_busy_responses,
        })
    }

    fn refusals(&self) -> Vec<(usize, Refusal)> {
        self.free_busy_responses.refusals()
    }

    fn parts(&self) -> usize {
        self.free_busy_responses.parts()
    }

    fn put(&mut self, positions: &[usize], fresh: Self) {
        self.free_busy_responses.put(positions, fresh.free_busy_responses);
    }

    fn lose(&mut self, positions: &[usize], why: &str) {
        self.free_busy_responses.lose(positions, why);
    }

    fn summaries(&self) -> Vec<Summary> {
        self.free_busy_responses.iter().map(Summary::of).collect()
    }

    fn refused(&mut self, origin: &mut dyn FnMut(usize, usize) -> Arc<Origin>) {
        self.free_busy_responses.refused(origin);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ews::ResponseCode;
    use crate::ews::testing::{assert_request, messages, refusal, response};
    use crate::ews::types::{DayOfWeek, LegacyFreeBusyStatus, SerializableTimeZoneTime};
    use crate::xml::Problem;

    fn at(hour: u32) -> NaiveDateTime {
        let day = chrono::NaiveDate::from_ymd_opt(2024, 5, 14).unwrap();
        day.and_hms_opt(hour, 0, 0).unwrap()
    }

    fn operation() -> GetUserAvailability {
        let change = |bias, month, time: &str| SerializableTimeZoneTime {
            bias: Some(bias),
            time: Some(time.to_owned()),
            day_order: Some(5),
            month: Some(month),
            day_of_week: Some(DayOfWeek::Sunday),
            year: None,
        };
        let zone = SerializableTimeZone {
            bias: Some(-60),
            standard_time: Some(change(0, 10, "03:00:00")),
            daylight_time: Some(change(-60, 3, "02:00:00")),
        };
        let mut room = MailboxData::required("room1@contoso.example");
        room.attendee_type = MeetingAttendeeType::Room;
        room.exclude_conflicts = true;
        let mailboxes = vec![MailboxData::required("bo@contoso.example"), room];
        let mut operation = GetUserAvailability::new(zone, mailboxes, at(8), at(18));
        operation.merged_free_busy_interval_in_minutes = Some(15);
        operation.requested_view = FreeBusyViewType::DetailedMerged;
        operation
    }

    #[test]
    fn request() {
        let version = ServerVersion::Exchange2007Sp1;
        assert_request("get_user_availability/request", version, &operation());
    }

    #[test]
    fn what_cannot_be_sent() {
        let with = |change: fn(&mut GetUserAvailability)| {
            let mut operation = operation();
            change(&mut operation);
            refusal(ServerVersion::Exchange2016, &operation)
        };
        assert_eq!(with(|o| o.mailboxes.clear()), "no mailbox is given");
        let many = with(|o| o.mailboxes = vec![MailboxData::required("a@contoso.example"); 101]);
        assert_eq!(many, "more than 100 mailboxes cannot be asked for at once");
        assert_eq!(with(|o| o.end = o.start), "the time window must end after it begins");
        for minutes in [4, 1441] {
            let mut operation = operation();
            operation.merged_free_busy_interval_in_minutes = Some(minutes);
            let said = refusal(ServerVersion::Exchange2016, &operation);
            assert_eq!(said, "MergedFreeBusyIntervalInMinutes must be 5 to 1440");
        }
    }

    #[test]
    fn answer() {
        let answer = messages::<GetUserAvailability>("get_user_availability/response");
        let [known, unknown] = answer.free_busy_responses.as_slice() else {
            panic!("{answer:?}");
        };
        let view = known.body.free_busy_view.as_ref().unwrap();
        assert_eq!(view.free_busy_view_type, Some(FreeBusyViewType::DetailedMerged));
        assert_eq!(view.merged_free_busy.as_deref(), Some("00221034"));
        let events = view.calendar_event_array.as_ref().unwrap();
        assert_eq!(events[0].start_time, Some(at(10)));
        assert_eq!(events[0].busy_type, Some(LegacyFreeBusyStatus::Busy));
        let details = events[0].calendar_event_details.as_ref().unwrap();
        assert_eq!(details.subject.as_deref(), Some("Planning"));
        assert_eq!(events[1].busy_type, Some(LegacyFreeBusyStatus::WorkingElsewhere));
        let hours = view.working_hours.as_ref().unwrap();
        let zone = hours.time_zone.as_ref().unwrap();
        assert_eq!(zone.daylight_time.as_ref().unwrap().year.as_deref(), Some("2024"));
        let period = &hours.working_period_array.as_ref().unwrap()[0];
        assert_eq!(period.day_of_week.as_ref().unwrap().0.len(), 3);
        assert_eq!(period.end_time_in_minutes, Some(1020));
        assert_eq!(unknown.code, Some(ResponseCode::ErrorMailRecipientNotFound));
    }

    #[test]
    fn there_is_an_answer_for_each_mailbox() {
        let answer = response::<GetUserAvailability>("get_user_availability/response");
        let problem = answer.content.unwrap().settle(Some(3)).unwrap_err();
        assert!(matches!(problem, Problem::WrongCount { requested: 3, got: 2 }));
    }
}
