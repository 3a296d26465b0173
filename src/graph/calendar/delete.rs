//! Deleting events.

use super::GraphMailbox;
use super::notify::{FIELDS, not_silent, tells_somebody};
use crate::connector::Backend;
use crate::error::{Effect, Error, ErrorKind, Result};
use crate::graph::call::Call;
use crate::graph::permission::Permission;
use crate::model::{DeleteMode, EventId, Notify};

const OPERATION: &str = "delete_event";

impl GraphMailbox {
    pub(super) async fn delete(
        &self,
        id: &EventId,
        mode: DeleteMode,
        notify: Notify,
    ) -> Result<()> {
        let raw = id.require(Backend::Graph, OPERATION)?;
        if mode == DeleteMode::Permanent && !self.deletes_permanently {
            let why = "this cloud cannot delete for good";
            return Err(Error::unsupported(OPERATION, why)
                .with_backend(Backend::Graph)
                .with_hint("Delete to the Recoverable Items, which are emptied after some days."));
        }
        self.check_deletion(raw, notify).await?;
        match mode {
            DeleteMode::Permanent => self.remove_for_good(raw).await,
            DeleteMode::Recoverable => self.remove_twice(raw).await,
            DeleteMode::Trash => self.remove(raw).await,
        }
    }

    /// The organiser's cancellation goes out by itself, and nothing else does.
    async fn check_deletion(&self, raw: &str, notify: Notify) -> Result<()> {
        if notify == Notify::Auto {
            return Ok(());
        }
        let found = self.fields(raw, FIELDS, OPERATION).await?;
        if tells_somebody(&found) && notify == Notify::Nobody {
            return Err(not_silent(OPERATION));
        }
        if notify == Notify::All && found.is_organizer == Some(false) {
            let why = "nobody but the organiser can tell the attendees of a meeting that it is off";
            return Err(Error::unsupported(OPERATION, why)
                .with_backend(Backend::Graph)
                .with_hint("Decline the meeting, or delete it with Notify::Auto."));
        }
        Ok(())
    }

    async fn remove(&self, raw: &str) -> Result<()> {
        let path = ["events", raw];
        let call = Call::delete(OPERATION, &path, Permission::CalendarsReadWrite);
        self.client.done(&call).await
    }

    /// What is deleted in the Deleted Items goes to the Recoverable Items.
    async fn remove_twice(&self, raw: &str) -> Result<()> {
        self.remove(raw).await?;
        match self.remove(raw).await {
            // An occurrence leaves nothing to delete.
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
            done => done.map_err(|error| {
                error.with_effect(Effect::Partial).with_hint(
                    "The event left the calendar, but is still in the Deleted Items: empty them.",
                )
            }),
        }
    }

    /// The attendees are told as of any deletion.
    async fn remove_for_good(&self, raw: &str) -> Result<()> {
        let path = ["events", raw, "permanentDelete"];
        let call = Call::post(OPERATION, &path, Permission::CalendarsReadWrite);
        self.client.done(&call).await
    }
}
