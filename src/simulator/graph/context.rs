//! What a request works on: whose mailbox, as whom.

use chrono::{DateTime, Utc};

use super::super::store::{CalendarRights, Mailbox, Store};
use super::refusal::GraphRefusal;
use super::request::GraphRequest;

/// One request about a mailbox, or about the organisation.
#[derive(Debug)]
pub(in crate::simulator) struct Context<'a> {
    pub(in crate::simulator) store: &'a mut Store,
    pub(in crate::simulator) request: &'a GraphRequest,
    /// The mailbox that the path names.
    pub(in crate::simulator) owner: usize,
    /// The mailbox of who asks; for an application that of the path.
    pub(in crate::simulator) caller: usize,
    pub(in crate::simulator) now: DateTime<Utc>,
}

impl Context<'_> {
    /// Refuses a token that allows none of these. Of an application, and in the own mailbox, the plain names count; in
    /// the mailbox of somebody else a user's token needs the same with `.Shared`.
    pub(in crate::simulator) fn need(&self, any: &[&str]) -> Result<(), GraphRefusal> {
        let token = &self.request.token;
        let is_of_others = token.user.is_some_and(|user| user != self.owner);
        let allowed = match is_of_others {
            true => any
                .iter()
                .any(|name| token.has(&[&format!("{name}.Shared")])),
            false => token.has(any),
        };
        match allowed {
            true => Ok(()),
            false => Err(GraphRefusal::access_denied()),
        }
    }

    pub(in crate::simulator) fn mailbox(&self) -> Result<&Mailbox, GraphRefusal> {
        let mailbox = self.store.mailboxes.get(self.owner);
        mailbox.ok_or_else(GraphRefusal::not_found)
    }

    /// Refuses who may do less than `needed` in a folder: what the caller may not see is not there.
    pub(in crate::simulator) fn require(
        &self,
        folder: u64,
        needed: CalendarRights,
    ) -> Result<CalendarRights, GraphRefusal> {
        let rights = self.store.rights(self.caller, self.owner, folder);
        let rights = rights.ok_or_else(GraphRefusal::not_found)?;
        match rights >= needed {
            true => Ok(rights),
            false => Err(GraphRefusal::access_denied()),
        }
    }
}
