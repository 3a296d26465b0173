//! GetServerTimeZones.

use roxmltree::Node;

use super::children;
use crate::simulator::refusal::{Fault, Refusal};
use crate::simulator::request::Element as _;
use crate::simulator::soap::responses;
use crate::simulator::zone::Zone;

/// <https://learn.microsoft.com/en-us/exchange/client-developer/web-service-reference/getservertimezones-operation>
pub(super) fn run(operation: Node<'_, '_>) -> Result<String, Fault> {
    let full = !matches!(
        operation.attribute("ReturnFullTimeZoneData"),
        Some("false" | "0")
    );
    let zones = if operation.child("Ids").is_some() {
        children(operation, "Ids")
            .filter_map(|id| Zone::windows(id.content()))
            .collect()
    } else {
        Zone::all()
    };
    let results: [Result<Vec<Zone>, Refusal>; 1] = [Ok(zones)];
    Ok(responses(
        "GetServerTimeZones",
        &results,
        "",
        |writer, zones| {
            writer.element("m:TimeZoneDefinitions", &[], |writer| {
                for zone in zones {
                    zone.write(writer, "t:TimeZoneDefinition", full);
                }
            });
        },
    ))
}
