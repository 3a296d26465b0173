//! Where servers keep what programs have several places for.

use exchange_connector::model::JoinUrlSource;

use super::{Backend, Front};

/// A named property of an event of another program.
fn property(name: &str, value: &str) -> String {
    format!(
        "<t:ExtendedProperty><t:ExtendedFieldURI DistinguishedPropertySetId=\"PublicStrings\" \
         PropertyName=\"{name}\" PropertyType=\"String\"/>\
         <t:Value>{value}</t:Value></t:ExtendedProperty>"
    )
}

impl Backend {
    /// Where to join, as an add-in notes it on an event of another program, and as what the server shows that.
    pub(in crate::conformance) fn join_address_of_add_in(
        &self,
        address: &str,
    ) -> (String, JoinUrlSource) {
        match self.front {
            Front::Ews(_) => (
                property("SkypeTeamsMeetingUrl", address),
                JoinUrlSource::ExtendedProperty,
            ),
            // It shows this one as its own too.
            Front::Graph => (
                property("OnlineMeetingExternalLink", address),
                JoinUrlSource::Property,
            ),
        }
    }

    /// Where to join, as what the server itself has for that.
    pub(in crate::conformance) fn join_address_of_server(&self, address: &str) -> String {
        match self.front {
            Front::Ews(_) => format!("<t:MeetingWorkspaceUrl>{address}</t:MeetingWorkspaceUrl>"),
            Front::Graph => property("SkypeTeamsMeetingUrl", address),
        }
    }
}
