//! Exchange Web Services.

mod names;
mod response_kind;
mod version;

pub use names::{DistinguishedFolderId, FieldUri, ResponseCode};
pub use version::ServerVersion;
