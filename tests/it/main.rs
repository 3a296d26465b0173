//! Tests of the whole crate, in one binary so that they link once.

#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::unwrap_used)]

#[cfg(all(feature = "ews", feature = "simulator"))]
mod conformance;
mod corpus;
mod names;
mod schema;
mod wsdl;
