//! Who is told of what is written: the server decides it by itself, so what it would do otherwise is refused.

use super::GraphMailbox;
use crate::connector::Backend;
use crate::error::{Error, Result};
use crate::graph::wire;
use crate::model::{EventPatch, NewEvent, Notify, Patch};

/// Refuses what a new event cannot keep.
pub(super) fn check_new(event: &NewEvent, notify: Notify, operation: &'static str) -> Result<()> {
    match notify {
        Notify::Nobody if !event.attendees.is_empty() => Err(not_silent(operation)),
        _ => Ok(()),
    }
}

pub(super) fn not_silent(operation: &'static str) -> Error {
    let why = "Graph tells the attendees of a meeting by itself, and cannot be kept from it";
    Error::unsupported(operation, why)
        .with_backend(Backend::Graph)
        .with_hint("Let them be told (Notify::Auto), or write the event without attendees.")
}

fn not_all(operation: &'static str) -> Error {
    let why =
        "Graph tells only those whom a change concerns, and nobody of what only the organiser sees";
    Error::unsupported(operation, why)
        .with_backend(Backend::Graph)
        .with_hint("Let the server decide who is told (Notify::Auto).")
}

/// The fields that say whether somebody would be told.
pub(super) const FIELDS: &str = "id,type,attendees,isOrganizer,isCancelled";

/// Whether the owner of the calendar organises it and there is somebody to tell.
pub(super) fn tells_somebody(event: &wire::Event) -> bool {
    let is_own = event.is_organizer.unwrap_or(true);
    is_own && has_attendees(event) && !event.is_cancelled.unwrap_or_default()
}

fn has_attendees(event: &wire::Event) -> bool {
    event.attendees.iter().flatten().next().is_some()
}

impl GraphMailbox {
    /// Refuses a change that the server would tell others of than is wanted. Reads the event only where it matters.
    pub(super) async fn check_change(
        &self,
        raw: &str,
        patch: &EventPatch,
        notify: Notify,
        operation: &'static str,
    ) -> Result<()> {
        let invites = matches!(&patch.attendees, Patch::Set(list) if !list.is_empty());
        let is_partial = patch.is_private_only() || patch.is_attendees_only();
        match notify {
            Notify::Auto => Ok(()),
            Notify::Nobody if patch.is_private_only() => Ok(()),
            Notify::Nobody if invites => Err(not_silent(operation)),
            Notify::All if !is_partial => Ok(()),
            _ => {
                let found = self.fields(raw, FIELDS, operation).await?;
                match (tells_somebody(&found), notify) {
                    (false, _) => Ok(()),
                    (true, Notify::Nobody) => Err(not_silent(operation)),
                    (true, _) => Err(not_all(operation)),
                }
            }
        }
    }
}
