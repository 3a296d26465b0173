//! Tokens: for whom they are, and what they allow.

use std::collections::BTreeSet;
use std::fmt;

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use super::super::auth::{Bearer, WrongToken};
use super::authority::Registered;
use super::refusal::GraphRefusal;

/// A token that the simulator takes.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct SimulatedToken {
    /// The token as it goes into the header.
    pub secret: String,
}

impl fmt::Debug for SimulatedToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SimulatedToken").finish_non_exhaustive()
    }
}

/// What a token means.
#[derive(Clone, Debug)]
pub(in crate::simulator) struct Grant {
    /// The mailbox of the user it is for; nobody's for that of an application.
    pub(in crate::simulator) user: Option<usize>,
    pub(in crate::simulator) permissions: BTreeSet<String>,
    /// The account that stands for an application on EWS.
    account: Option<String>,
    until: DateTime<Utc>,
}

/// What lets a user's token use EWS, and an application's.
const EWS_OF_USERS: [&str; 2] = ["EWS.AccessAsUser.All", "user_impersonation"];
const EWS_OF_APPLICATIONS: [&str; 1] = ["full_access_as_app"];

impl Grant {
    /// Whether one of these permissions is among those of the token.
    pub(in crate::simulator) fn has(&self, any: &[&str]) -> bool {
        any.iter().any(|name| self.permissions.contains(*name))
    }
}

/// All tokens that were issued.
#[derive(Debug, Default)]
pub(in crate::simulator) struct Tokens {
    issued: Vec<(String, Grant)>,
    /// What the authority remembers.
    pub(super) registered: Registered,
}

impl Tokens {
    pub(in crate::simulator) fn issue(
        &mut self,
        user: Option<usize>,
        permissions: &[&str],
        now: DateTime<Utc>,
    ) -> SimulatedToken {
        let secret = format!("simulated.{}", Uuid::new_v4().simple());
        let grant = Grant {
            user,
            permissions: permissions.iter().map(|name| (*name).to_owned()).collect(),
            account: None,
            until: now + TimeDelta::hours(1),
        };
        self.issued.push((secret.clone(), grant));
        SimulatedToken { secret }
    }

    /// On EWS this account stands for the application of the newest token.
    pub(super) fn link(&mut self, account: Option<&String>) {
        if let Some((_, grant)) = self.issued.last_mut() {
            grant.account = account.cloned();
        }
    }

    pub(in crate::simulator) fn expire(&mut self) {
        for (_, grant) in &mut self.issued {
            grant.until = DateTime::UNIX_EPOCH;
        }
    }

    /// Whose request to EWS has this token.
    pub(in crate::simulator) fn for_ews(
        &self,
        secret: &str,
        now: DateTime<Utc>,
    ) -> Result<Bearer, WrongToken> {
        let issued = self.issued.iter().find(|(issued, _)| issued == secret);
        let (_, grant) = issued.ok_or(WrongToken::Unknown)?;
        if grant.until <= now {
            return Err(WrongToken::Expired);
        }
        match (grant.user, &grant.account) {
            (Some(user), _) if grant.has(&EWS_OF_USERS) => Ok(Bearer::User(user)),
            (None, Some(account)) if grant.has(&EWS_OF_APPLICATIONS) => {
                Ok(Bearer::Application(account.clone()))
            }
            (None, None) if grant.has(&EWS_OF_APPLICATIONS) => Err(WrongToken::WithoutAccount),
            _ => Err(WrongToken::WithoutPermission),
        }
    }

    /// What the token of a request means.
    pub(super) fn judge(
        &self,
        authorization: Option<&str>,
        now: DateTime<Utc>,
    ) -> Result<Grant, GraphRefusal> {
        let Some(authorization) = authorization else {
            return Err(GraphRefusal::new(
                401,
                "InvalidAuthenticationToken",
                "Access token is empty.",
            ));
        };
        let secret = authorization.strip_prefix("Bearer ").unwrap_or_default();
        let issued = self.issued.iter().find(|(issued, _)| issued == secret);
        match issued {
            None => Err(GraphRefusal::new(
                401,
                "InvalidAuthenticationToken",
                "The token is none that was issued here.",
            )),
            Some((_, grant)) if grant.until <= now => Err(GraphRefusal::expired()),
            Some((_, grant)) => Ok(grant.clone()),
        }
    }
}
