//! Changing events.

use super::GraphMailbox;
use crate::connector::Backend;
use crate::error::{Effect, Error, Result};
use crate::graph::call::Call;
use crate::graph::permission::Permission;
use crate::graph::{convert, wire};
use crate::model::{Event, EventId, EventPatch, Notify, Version, Zone};

const OPERATION: &str = "update_event";

impl GraphMailbox {
    pub(super) async fn update(
        &self,
        id: &EventId,
        patch: &EventPatch,
        version: Option<&Version>,
        notify: Notify,
    ) -> Result<Event> {
        let raw = id.require(Backend::Graph, OPERATION)?;
        if patch.is_empty() {
            return self.load_full(id, OPERATION).await;
        }
        // What is wrong with it is said before anything is asked for.
        convert::changed_fields(patch, Some(&Zone::utc()), OPERATION)?;
        self.check_change(raw, patch, notify, OPERATION).await?;
        let home = self.home_for(patch.when.value(), OPERATION).await?;
        let fields = convert::changed_fields(patch, home.as_ref(), OPERATION)?;
        let path = ["events", raw];
        let call = Call::patch(OPERATION, &path, Permission::CalendarsReadWrite)
            .if_match(version)
            .json(&fields)?;
        let changed: wire::Event = self.client.json(&call).await?;
        // An occurrence that differs for the first time may get an identifier of its own.
        let changed = changed.id.as_deref().map(convert::event_id);
        self.read_back(changed.as_ref().unwrap_or(id), OPERATION)
            .await
    }

    /// What has just been written, as it is now.
    pub(super) async fn read_back(&self, id: &EventId, operation: &'static str) -> Result<Event> {
        self.load_full(id, operation).await.map_err(unread)
    }
}

fn unread(error: Error) -> Error {
    error
        .with_effect(Effect::Partial)
        .with_hint("The event was written, but could not be read back: read it again.")
}
