//! The time zone of a mailbox, in which whole days begin and end that name no zone.

use std::sync::Arc;

use chrono::{TimeDelta, Utc};
use chrono_tz::Tz;
use tokio::sync::OnceCell;

use super::mailbox::EwsMailbox;
use super::operation::{GetUserConfiguration, ResolveNames, UserConfiguration};
use super::types::Item;
use super::{DistinguishedFolderId, convert};
use crate::calendar::Availability;
use crate::connector::{Backend, Mailbox as _, MailboxTarget, Principal};
use crate::error::{Error, ErrorKind, Result};
use crate::model::{FreeBusyQuery, TimeRange, When, WorkingHours, Zone};

/// Where Outlook on the web keeps the options of its user.
const OPTIONS: &str = "OWA.UserOptions";

/// What it calls the zone there.
pub(super) const ZONE: &str = "timezone";

/// The zone a mailbox lives in: as the program said, else as the server knows it.
#[derive(Clone, Debug)]
pub(super) struct Home {
    said: Option<Tz>,
    /// The name of the signed-in account; often its address.
    account: Option<Arc<str>>,
    found: Arc<OnceCell<Option<Zone>>>,
    address: Arc<OnceCell<String>>,
}

impl Home {
    pub(super) fn new(said: Option<Tz>, account: Option<Arc<str>>) -> Self {
        Self {
            said,
            account,
            found: Arc::default(),
            address: Arc::default(),
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
        if let Some(zone) = known(self.zone_of_options(called).await)? {
            return Ok(Some(zone));
        }
        Ok(known(self.zone_of_working_hours(called).await)?.flatten())
    }

    /// What its owner set in Outlook on the web. Exchange 2010 and later.
    pub(super) async fn web_options(&self, called: &'static str) -> Result<UserConfiguration> {
        let root = self.folder(DistinguishedFolderId::Root);
        let get = GetUserConfiguration::dictionary(OPTIONS, root);
        let found = self.one(&get, called).await?;
        Ok(found.user_configuration.unwrap_or_default())
    }

    /// The zone its owner set in Outlook on the web, by its Windows id. Exchange 2010 and later.
    async fn zone_of_options(&self, called: &'static str) -> Result<Zone> {
        let options = self.web_options(called).await?;
        let zone = options.text(ZONE).map(Zone::from_wire);
        // A name nobody knows moves days as well as none.
        let zone = zone.filter(|zone| zone.tz.is_some());
        zone.ok_or_else(|| Error::new(ErrorKind::NotFound, called, "the options name no zone"))
    }

    /// The zone of its working hours, which comes as rules.
    async fn zone_of_working_hours(&self, called: &'static str) -> Result<Option<Zone>> {
        let address = match (self.known_address(), self.target()) {
            (Some(address), _) => address,
            (None, MailboxTarget::ActAs(Principal::Upn(_))) => self.own_address(called).await?,
            (None, _) => return Ok(None),
        };
        let hours = self.working_hours(address).await?;
        Ok(hours.map(|hours| nearest(hours.zone)))
    }

    /// When the owner of a mailbox works, as free/busy times tell.
    pub(super) async fn working_hours(&self, address: &str) -> Result<Option<WorkingHours>> {
        let now = Utc::now();
        let query = FreeBusyQuery::new([address], TimeRange::new(now, now + TimeDelta::days(1)));
        let answers = self.free_busy(query).await?;
        let schedule = answers.into_iter().next().transpose()?;
        Ok(schedule.and_then(|schedule| schedule.working_hours))
    }

    /// The address of this mailbox, where the program said it.
    fn known_address(&self) -> Option<&str> {
        match self.target() {
            MailboxTarget::Shared(_) | MailboxTarget::ActAs(_) => self.target().address(),
            MailboxTarget::Own => self
                .home
                .account
                .as_deref()
                .filter(|name| name.contains('@')),
        }
    }

    /// The address of this mailbox. Where the account signed in by a name that is none, or its
    /// owner is named otherwise, the directory is asked for it, once.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Configuration`] where nobody knows.
    pub(super) async fn own_address(&self, called: &'static str) -> Result<&str> {
        if let Some(address) = self.known_address() {
            return Ok(address);
        }
        let found = self
            .home
            .address
            .get_or_try_init(|| self.find_address(called));
        found.await.map(String::as_str)
    }

    async fn find_address(&self, called: &'static str) -> Result<String> {
        let unknown = || {
            let (problem, hint) = match self.target() {
                MailboxTarget::ActAs(_) => (
                    "it is not known which mail address the account has in whose place this is",
                    "Name the mailbox by its address.",
                ),
                _ => (
                    "it is not known which mail address the account has that signed in",
                    "Sign in by the mail address, or name the mailbox by its address.",
                ),
            };
            Error::new(ErrorKind::Configuration, called, problem)
                .with_backend(Backend::Ews)
                .with_hint(hint)
        };
        let name = match self.target() {
            MailboxTarget::ActAs(Principal::Upn(name)) => name,
            MailboxTarget::ActAs(_) => return Err(unknown()),
            _ => {
                let login = self.home.account.as_deref().ok_or_else(unknown)?;
                login.rsplit('\\').next().unwrap_or(login)
            }
        };
        let found = self.one(&ResolveNames::new(name), called).await;
        let found = known(found)?.unwrap_or_default().resolutions;
        let boxes = found.into_iter().filter_map(|one| one.mailbox);
        let addresses =
            boxes.filter_map(|one| convert::recipient(&one)?.smtp_address().map(str::to_owned));
        let addresses: Vec<String> = addresses.collect();
        let is_own = |address: &&String| {
            let local = address.split('@').next().unwrap_or_default();
            local.eq_ignore_ascii_case(name) || address.eq_ignore_ascii_case(name)
        };
        let mut own = addresses.iter().filter(is_own);
        // Of several people the one who is called like that.
        match (own.next(), own.next(), addresses.as_slice()) {
            (Some(address), None, _) | (None, _, [address]) => Ok(address.clone()),
            // Nearly always the principal name is an address of the account too.
            (None, _, []) if matches!(self.target(), MailboxTarget::ActAs(_)) => {
                Ok(name.to_owned())
            }
            _ => Err(unknown()),
        }
    }
}

/// A zone by the name it has, where its rules are those of one.
fn nearest(zone: Zone) -> Zone {
    zone.resolution().tz.map_or(zone, Zone::from)
}

/// What the server answered; `None` where it does not know or does not tell.
pub(super) fn known<T>(answer: Result<T>) -> Result<Option<T>> {
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
