//! The time zone of a mailbox, in which whole days begin and end that name no zone.

use std::sync::Arc;

use chrono::{TimeDelta, Utc};
use chrono_tz::Tz;
use tokio::sync::OnceCell;

use super::mailbox::EwsMailbox;
use super::operation::GetUserConfiguration;
use super::types::Item;
use super::{DistinguishedFolderId, ServerVersion, convert};
use crate::calendar::Availability;
use crate::connector::{Mailbox as _, MailboxTarget};
use crate::error::{Error, ErrorKind, Result};
use crate::model::{FreeBusyQuery, TimeRange, When, Zone};

/// Where Outlook on the web keeps the options of its user, and what it calls the zone.
const OPTIONS: (&str, &str) = ("OWA.UserOptions", "timezone");

/// The zone a mailbox lives in: as the program said, else as the server knows it.
#[derive(Clone, Debug)]
pub(super) struct Home {
    said: Option<Tz>,
    /// The address of the signed-in account, where its name to sign in is one.
    account: Option<Arc<str>>,
    found: Arc<OnceCell<Option<Zone>>>,
}

impl Home {
    pub(super) fn new(said: Option<Tz>, account: Option<Arc<str>>) -> Self {
        Self {
            said,
            account,
            found: Arc::default(),
        }
    }
}

impl EwsMailbox {
    /// The zone of whole days without one of their own; `None` if nobody knows. The server is asked
    /// once, and only if the program did not say it.
    ///
    /// # Errors
    ///
    /// What kept the question from being answered, as a lost connection. That the server does not
    /// know or does not tell is no error.
    pub(super) async fn home(&self, called: &'static str) -> Result<Option<Zone>> {
        if let Some(said) = self.home.said {
            return Ok(Some(Zone::from(said)));
        }
        let found = self.home.found.get_or_try_init(|| self.find_home(called));
        found.await.cloned()
    }

    /// The zone for a time to write: asked for only if that is whole days without a zone.
    pub(super) async fn home_for(
        &self,
        when: Option<&When>,
        called: &'static str,
    ) -> Result<Option<Zone>> {
        match when {
            Some(When::AllDay { zone: None, .. }) => self.home(called).await,
            _ => Ok(None),
        }
    }

    /// The zone for items that were read: asked for only if one of them is a whole day that begins
    /// at no midnight of its own zone. Where it cannot be had, the nearest midnight is meant.
    pub(super) async fn home_of<'a>(
        &self,
        items: impl IntoIterator<Item = &'a Item>,
        called: &'static str,
    ) -> Option<Zone> {
        if !items.into_iter().any(convert::wants_home) {
            return None;
        }
        self.home(called).await.ok().flatten()
    }

    async fn find_home(&self, called: &'static str) -> Result<Option<Zone>> {
        if self.version(called).await? >= ServerVersion::Exchange2010
            && let Some(zone) = known(self.zone_of_options(called).await)?
        {
            return Ok(Some(zone));
        }
        Ok(known(self.zone_of_working_hours().await)?.flatten())
    }

    /// The zone its owner set in Outlook on the web, by its Windows id. Exchange 2010 and later.
    async fn zone_of_options(&self, called: &'static str) -> Result<Zone> {
        let (name, key) = OPTIONS;
        let root = self.folder(DistinguishedFolderId::Root);
        let found = self
            .one(&GetUserConfiguration::dictionary(name, root), called)
            .await?;
        let options = found.user_configuration.unwrap_or_default();
        let zone = options.text(key).map(Zone::from_wire);
        // A name nobody knows moves days as well as none.
        let zone = zone.filter(|zone| zone.tz.is_some());
        zone.ok_or_else(|| Error::new(ErrorKind::NotFound, called, "the options name no zone"))
    }

    /// The zone of its working hours, which comes as rules.
    async fn zone_of_working_hours(&self) -> Result<Option<Zone>> {
        let address = match self.target() {
            MailboxTarget::Shared(address) | MailboxTarget::ActAs(address) => address.as_str(),
            MailboxTarget::Own => match &self.home.account {
                Some(address) => address,
                None => return Ok(None),
            },
        };
        let now = Utc::now();
        let query = FreeBusyQuery::new([address], TimeRange::new(now, now + TimeDelta::days(1)));
        let schedule = self
            .free_busy(query)
            .await?
            .into_iter()
            .next()
            .transpose()?;
        let hours = schedule.and_then(|schedule| schedule.working_hours);
        Ok(hours.map(|hours| match hours.zone.resolution().tz {
            Some(tz) => Zone::from(tz),
            None => hours.zone,
        }))
    }
}

/// What the server answered; `None` where it does not know or does not tell.
fn known<T>(answer: Result<T>) -> Result<Option<T>> {
    match answer {
        Ok(answer) => Ok(Some(answer)),
        Err(error) if is_no(&error) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Whether an answer would be the same the next time.
fn is_no(error: &Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::NotFound
            | ErrorKind::PermissionDenied
            | ErrorKind::MailboxNotFound
            | ErrorKind::Unsupported
            | ErrorKind::InvalidArgument
            | ErrorKind::Protocol
    )
}
