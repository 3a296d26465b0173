use serde::Serialize;

use super::{Operation, ResponseMessage, response_messages};
use crate::ews::ServerVersion;
use crate::ews::types::TimeZoneDefinition;
use crate::xml::{Element, Problem, ReadElement, Tag};

/// Reads the time zones a server knows.
///
/// Exchange 2010 and later.
///
/// Reference: <https://learn.microsoft.com/exchange/client-developer/web-service-reference/getservertimezones-operation>
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct GetServerTimeZones {
    /// Whether to return their rules too.
    pub return_full_time_zone_data: bool,
    /// Windows names of zones; all if there are none.
    pub ids: Vec<String>,
}

impl GetServerTimeZones {
    /// All zones, or these.
    pub fn new(
        return_full_time_zone_data: bool,
        ids: impl IntoIterator<Item = impl Into<String>>,
    ) -> Self {
        Self {
            return_full_time_zone_data,
            ids: ids.into_iter().map(Into::into).collect(),
        }
    }
}

impl Operation for GetServerTimeZones {
    type Response = Vec<ResponseMessage<TimeZoneDefinitions>>;

    const NAME: &'static str = "GetServerTimeZones";
    const SINCE: ServerVersion = ServerVersion::Exchange2010;
    const REPEATABLE: bool = true;

    fn requested(&self) -> Option<usize> {
        Some(1)
    }

    fn write(&self, request: Tag<'_>) {
        request
            .attribute("ReturnFullTimeZoneData", &self.return_full_time_zone_data)
            .children(|body| {
                if self.ids.is_empty() {
                    return;
                }
                body.tag("m:Ids").children(|out| {
                    for id in &self.ids {
                        out.text("t:Id", id);
                    }
                });
            });
    }

    fn read(response: &mut Element<'_, '_>) -> Result<Self::Response, Problem> {
        response_messages(response, |zones: &mut TimeZoneDefinitions, child| {
            match child.name() {
                "TimeZoneDefinitions" => {
                    zones.time_zone_definitions = Vec::read_element(child)?.unwrap_or_default();
                }
                _ => child.skip()?,
            }
            Ok(())
        })
    }
}

/// Time zones.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct TimeZoneDefinitions {
    /// The zones.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub time_zone_definitions: Vec<TimeZoneDefinition>,
}

#[cfg(test)]
mod tests {
    use chrono::{TimeDelta, TimeZone, Utc};

    use super::*;
    use crate::ews::testing::{assert_request, assert_since, messages};
    use crate::ews::types::{DayOfWeek, TransitionRule};

    #[test]
    fn request() {
        let operation = GetServerTimeZones::new(true, ["W. Europe Standard Time", "UTC"]);
        let version = ServerVersion::Exchange2010;
        assert_request("get_server_time_zones/request", version, &operation);
        assert_since(version, "GetServerTimeZones", &operation);
        let all = GetServerTimeZones::default();
        assert_request("get_server_time_zones/request_all", version, &all);
    }

    #[test]
    fn answer() {
        let answer = messages::<GetServerTimeZones>("get_server_time_zones/response");
        let [berlin, utc] = answer[0].body.time_zone_definitions.as_slice() else {
            panic!("{answer:?}");
        };
        assert_eq!(utc.id.as_deref(), Some("UTC"));
        assert_eq!(berlin.periods[0].bias, TimeDelta::minutes(-60));
        let rules: Vec<_> = berlin.transitions_groups[0]
            .transitions
            .iter()
            .map(|transition| transition.rule.clone())
            .collect();
        assert_eq!(
            rules,
            [
                TransitionRule::RecurringDay {
                    time_offset: TimeDelta::minutes(120),
                    month: 3,
                    day_of_week: DayOfWeek::Sunday,
                    occurrence: -1,
                },
                TransitionRule::RecurringDate {
                    time_offset: TimeDelta::minutes(180),
                    month: 10,
                    day: 27,
                },
            ]
        );
        let date_time = Utc.with_ymd_and_hms(2007, 1, 1, 0, 0, 0).unwrap();
        assert_eq!(berlin.transitions[0].rule, TransitionRule::Always {});
        assert_eq!(
            berlin.transitions[1].rule,
            TransitionRule::AbsoluteDate { date_time }
        );
    }
}
