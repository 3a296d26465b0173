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
