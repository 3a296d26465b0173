//! See `route.rs`.

use super::context::Context;
use super::refusal::GraphRefusal;
use super::reply::Reply;

/// Answers what is about this family.
pub(super) fn route(context: &mut Context<'_>, path: &[&str]) -> Result<Reply, GraphRefusal> {
    let _ = (context, path);
    Err(GraphRefusal::new(501, "NotImplemented", "Not built yet."))
}
