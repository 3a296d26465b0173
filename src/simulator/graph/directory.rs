//! People, groups, rooms, and ids.

use serde_json::json;

use super::context::Context;
use super::refusal::GraphRefusal;
use super::reply::Reply;

/// Answers what is about the organisation, and about ids.
pub(super) fn route(context: &mut Context<'_>, path: &[&str]) -> Result<Reply, GraphRefusal> {
    let _ = (context, path);
    Err(GraphRefusal::new(501, "NotImplemented", "Not built yet."))
}

/// The user whose mailbox it is.
pub(super) fn user(context: &Context<'_>) -> Result<Reply, GraphRefusal> {
    let mailbox = context.mailbox()?;
    Ok(Reply::json(
        200,
        json!({
            "id": mailbox.guid.to_string(),
            "displayName": mailbox.address.name,
            "mail": mailbox.address.email,
            "userPrincipalName": mailbox.principal_name(),
        }),
    ))
}
