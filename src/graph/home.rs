//! The time zone of a mailbox, in which whole days begin and end that name no zone.

use std::sync::Arc;

use chrono_tz::Tz;
use serde::Deserialize;
use tokio::sync::OnceCell;

use super::call::Call;
use super::mailbox::GraphMailbox;
use super::permission::Permission;
use crate::error::{ErrorKind, Result};
use crate::model::{When, Zone};

/// The zone a mailbox lives in: as the program said, else as its settings say.
#[derive(Clone, Debug, Default)]
pub(super) struct Home {
    said: Option<Tz>,
    found: Arc<OnceCell<Option<Zone>>>,
}

impl Home {
    pub(super) fn new(said: Option<Tz>) -> Self {
        Self {
            said,
            found: Arc::default(),
        }
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Settings {
    time_zone: Option<String>,
}

impl GraphMailbox {
    /// The zone for a time to write: asked for once, and only if that is whole days without a zone of which the program
    /// did not say where they are.
    ///
    /// # Errors
    /// What kept the question from being answered, as a lost connection. That the settings say nothing, or may not be
    /// read, is no error.
    pub(super) async fn home_for(
        &self,
        when: Option<&When>,
        operation: &'static str,
    ) -> Result<Option<Zone>> {
        match (when, self.home.said) {
            (Some(When::AllDay { zone: None, .. }), Some(said)) => Ok(Some(Zone::from(said))),
            (Some(When::AllDay { zone: None, .. }), None) => {
                let found = self
                    .home
                    .found
                    .get_or_try_init(|| self.find_home(operation));
                found.await.cloned()
            }
            _ => Ok(None),
        }
    }

    async fn find_home(&self, operation: &'static str) -> Result<Option<Zone>> {
        let path = ["mailboxSettings"];
        let call = Call::get(operation, &path, Permission::MailboxSettingsRead);
        let settings: Settings = match self.client.json(&call.query("$select", "timeZone")).await {
            Err(error) if is_no(error.kind()) => return Ok(None),
            settings => settings?,
        };
        let zone = settings.time_zone.map(Zone::from_wire);
        // A name nobody knows moves days as well as none.
        Ok(zone.filter(|zone| zone.tz.is_some()))
    }
}

/// Whether an answer would be the same the next time.
fn is_no(kind: ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::NotFound
            | ErrorKind::PermissionDenied
            | ErrorKind::Unsupported
            | ErrorKind::InvalidArgument
    )
}
