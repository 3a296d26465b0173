//! An Exchange server in this process.

mod schema;

pub use schema::{Violation, check_envelope};
