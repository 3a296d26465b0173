//! Tests of the whole crate, in one binary so that they link once.

#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::unwrap_used)]

#[cfg(all(feature = "autodiscover", feature = "ntlm", feature = "simulator"))]
mod autodiscover;
#[cfg(all(
    feature = "ews",
    feature = "graph",
    feature = "oauth",
    feature = "simulator"
))]
mod bearer;
#[cfg(all(feature = "ews", feature = "graph", feature = "simulator"))]
mod conformance;
#[cfg(all(feature = "ews", feature = "ntlm", feature = "simulator"))]
mod connecting;
#[cfg(feature = "ews")]
mod corpus;
#[cfg(all(feature = "ews", feature = "ntlm", feature = "simulator"))]
mod doctor;
#[cfg(all(feature = "ews", feature = "icalendar", feature = "simulator"))]
mod examples;
#[cfg(all(feature = "ews", feature = "graph", feature = "simulator"))]
mod graph_access;
#[cfg(all(feature = "ews", feature = "simulator"))]
mod home;
#[cfg(feature = "icalendar")]
mod ical;
#[cfg(all(feature = "ews", feature = "ntlm", feature = "simulator"))]
mod identities;
#[cfg(all(feature = "ews", feature = "graph", feature = "simulator"))]
mod interop;
mod join_links;
#[cfg(all(feature = "ews", feature = "graph", feature = "simulator"))]
mod live;
#[cfg(all(feature = "ews", feature = "graph", feature = "simulator"))]
mod moving;
mod names;
#[cfg(all(feature = "ews", feature = "simulator"))]
mod never_twice;
#[cfg(all(feature = "graph", feature = "simulator"))]
mod openapi;
#[cfg(all(feature = "ews", feature = "simulator"))]
mod public_folders;
#[cfg(all(feature = "ews", feature = "simulator"))]
mod retrying;
mod schema;
#[cfg(all(
    feature = "ews",
    feature = "graph",
    feature = "ntlm",
    feature = "oauth",
    feature = "simulator"
))]
mod secrets;
#[cfg(all(feature = "ews", feature = "simulator"))]
mod seeing;
#[cfg(all(feature = "graph", feature = "oauth", feature = "simulator"))]
mod tokens;
#[cfg(all(feature = "ews", feature = "ntlm", feature = "simulator"))]
mod transfer;
#[cfg(all(feature = "ews", feature = "ntlm", feature = "simulator"))]
mod troubles;
mod vocabulary;
mod wsdl;
