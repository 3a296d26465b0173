//! The version requests are made for: set or found out, and corrected once if a server refuses it.

use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::{Answer, Arrived, Client, Context, of_ews};
use crate::connector::Backend;
use crate::error::{Effect, Error, ErrorKind, Result};
use crate::ews::fault::Fault;
use crate::ews::operation::{GetFolder, Operation, Response};
use crate::ews::origin::Access;
use crate::ews::soap::{self, ServerVersionInfo};
use crate::ews::types::{BaseShape, FolderIdRef, FolderShape, Mailbox};
use crate::ews::{DistinguishedFolderId, ResponseCode, ServerVersion, violation};
use crate::observe::Watch;

/// A server refused the version that was set, and requests are made for another one since.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct VersionCorrection {
    /// The version that was refused.
    pub asked: ServerVersion,
    /// The version requests are made for now.
    pub used: ServerVersion,
    /// What the server said of itself.
    pub server: Option<ServerVersionInfo>,
}

impl fmt::Display for VersionCorrection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the server refuses the version {}", self.asked)?;
        if let Some(server) = &self.server {
            write!(f, " (its build is {})", server.build())?;
        }
        write!(f, "; requests are made for {} instead", self.used)
    }
}

/// What was corrected, of a server or of one mailbox on another server behind it.
#[derive(Debug, Default)]
pub(super) struct Corrected {
    known: Mutex<Option<VersionCorrection>>,
    /// Held by the call that looks for the right version.
    turn: tokio::sync::Mutex<()>,
}

impl Corrected {
    pub(super) fn get(&self) -> Option<VersionCorrection> {
        let known = self.known.lock();
        known.unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn set(&self, correction: VersionCorrection) {
        tracing::warn!(
            asked = correction.asked.as_str(),
            used = correction.used.as_str(),
            "{correction}: set that version, or none"
        );
        let known = self.known.lock();
        *known.unwrap_or_else(PoisonError::into_inner) = Some(correction);
    }
}

/// The version while nobody knows it.
#[derive(Default)]
pub(super) struct Unsettled {
    /// Held by the call that asks.
    turn: tokio::sync::Mutex<()>,
    /// How often it failed, and how the last time, if that holds for every call.
    last: Mutex<(u64, Option<Error>)>,
}

impl Unsettled {
    fn last(&self) -> MutexGuard<'_, (u64, Option<Error>)> {
        self.last.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn failed(&self, error: &Error) {
        let is_of_all = matches!(
            error.kind(),
            ErrorKind::Connection
                | ErrorKind::Timeout
                | ErrorKind::Unauthenticated
                | ErrorKind::Configuration
        );
        let mut last = self.last();
        *last = (last.0 + 1, is_of_all.then(|| error.again()));
    }
}

impl Client {
    /// The version requests are made for; `None` until the first call, if none was set.
    pub fn version(&self) -> Option<ServerVersion> {
        match self.version_corrected() {
            Some(correction) => Some(correction.used),
            None => self.server.version.get().copied(),
        }
    }

    /// The version to make requests for: the one that was set, or the newest that server speaks,
    /// found out with one call that every version answers.
    pub(in crate::ews) async fn settle_version(&self) -> Result<ServerVersion> {
        if let Some(version) = self.version() {
            return Ok(version);
        }
        let clock = self.attempts(GetFolder::NAME, true, &Watch::default());
        // Rare, and large: it is not to be a part of every call.
        let settled = clock.within(Box::pin(self.settle_in_turn())).await;
        settled.map_err(|error| of_ews(clock.final_error(error)))
    }

    /// One call asks, the others take what it found, also if that is that the server cannot be asked.
    async fn settle_in_turn(&self) -> Result<ServerVersion> {
        let unsettled = &self.server.unsettled;
        let failures = unsettled.last().0;
        let _turn = unsettled.turn.lock().await;
        if let Some(version) = self.version() {
            return Ok(version);
        }
        if let (count, Some(error)) = &*unsettled.last()
            && *count != failures
        {
            return Err(error.again());
        }
        match self.find_version_out().await {
            Ok(version) => {
                // Nobody else sets it.
                let _ = self.server.version.set(version);
                Ok(version)
            }
            Err(error) => {
                unsettled.failed(&error);
                Err(error)
            }
        }
    }

    async fn find_version_out(&self) -> Result<ServerVersion> {
        let context = Context {
            version: ServerVersion::Exchange2007Sp1,
            impersonated: self.impersonated.clone(),
        };
        let shape = FolderShape::new(BaseShape::IdOnly);
        let probe = GetFolder::new(shape, [DistinguishedFolderId::Inbox]);
        let call = self.watch(GetFolder::NAME, context.version);
        let mut attempts = self.attempts(GetFolder::NAME, GetFolder::REPEATABLE, call.watch());
        call.follow(async {
            loop {
                let place = attempts.begin().await.map_err(of_ews)?;
                let sent = attempts
                    .within(self.send_as(&context, &probe, attempts.watch()))
                    .await;
                match sent.and_then(version_of) {
                    Ok(version) => {
                        attempts.answered(&place);
                        return Ok(version);
                    }
                    Err(error) => attempts.failed(place, error).await.map_err(of_ews)?,
                }
            }
        })
        .await
    }

    /// What became of a version that a server refused; `None` if none was.
    ///
    /// It holds for all clients of the server, or, where only the mailbox of this client is on an
    /// older server, for its clients.
    pub fn version_corrected(&self) -> Option<VersionCorrection> {
        self.of_mailbox
            .get()
            .or_else(|| self.server.corrected.get())
    }

    /// The context to send a refused call in once more, if it was refused for its version and
    /// another one was found. Nothing was executed.
    ///
    /// # Errors
    ///
    /// The refusal itself, if it was for something else or no other version is taken.
    pub(super) async fn correct(&self, context: &Context, refused: Error) -> Result<Context> {
        let Some(reason) = Reason::of(&refused) else {
            return Err(refused);
        };
        let asked = context.version;
        let clock = self.attempts(GetFolder::NAME, true, &Watch::default());
        let found = clock.within(async {
            let _turn = self.server.corrected.turn.lock().await;
            Ok(match self.version() {
                // Another call found it meanwhile.
                Some(version) if version != asked => Some(version),
                _ => self.another(asked, reason).await,
            })
        });
        let Ok(Some(used)) = found.await else {
            return Err(refused);
        };
        Ok(Context {
            version: used,
            ..context.clone()
        })
    }

    /// Looks for a version that is taken, and remembers it.
    async fn another(&self, asked: ServerVersion, reason: Reason) -> Option<ServerVersion> {
        // Every server takes this one.
        let (is_taken, server) = self.try_version(ServerVersion::Exchange2007Sp1).await?;
        if !is_taken {
            return None;
        }
        let speaks = server.as_ref().and_then(ServerVersionInfo::speaks);
        let correction = |used| VersionCorrection {
            asked,
            used,
            server: server.clone(),
        };
        let of_server = matches!(reason, Reason::Server);
        if let (Some(speaks), true) = (speaks, of_server)
            && speaks != asked
        {
            self.server.corrected.set(correction(speaks));
            return Some(speaks);
        }
        // The server that answers is not the one that refuses: the newest version that this takes.
        let older = ServerVersion::ALL.iter().rev().copied().filter(|version| {
            *version < asked
                && *version != ServerVersion::Exchange2015
                && speaks.is_none_or(|speaks| *version <= speaks)
        });
        for version in older {
            if let Some((true, _)) = self.try_version(version).await {
                self.of_mailbox.set(correction(version));
                return Some(version);
            }
        }
        None
    }

    /// Whether requests are taken in this version, and what the server says of itself; `None` if
    /// there is no answer.
    async fn try_version(
        &self,
        version: ServerVersion,
    ) -> Option<(bool, Option<ServerVersionInfo>)> {
        let context = Context {
            version,
            impersonated: self.impersonated.clone(),
        };
        let mailbox = match self.access() {
            Access::Shared(address) => Some(Mailbox::smtp(address)),
            Access::Own | Access::ActAs(_) => None,
        };
        let inbox = FolderIdRef::Distinguished(DistinguishedFolderId::Inbox, mailbox);
        let probe = GetFolder::new(FolderShape::new(BaseShape::IdOnly), [inbox]);
        let call = self.watch(GetFolder::NAME, version);
        let mut attempts = self.attempts(GetFolder::NAME, GetFolder::REPEATABLE, call.watch());
        let tried = call.follow(async {
            loop {
                let place = attempts.begin().await?;
                let sent = attempts
                    .within(self.send_as(&context, &probe, attempts.watch()))
                    .await;
                match sent {
                    Ok(arrived) => {
                        let server = arrived.answer.server.clone();
                        let is_taken = match arrived.into_result::<GetFolder>() {
                            Ok(answer) => !is_refused(&answer),
                            // A server that is too busy says nothing about the version.
                            Err(error) if passes(&error) => {
                                attempts.failed(place, error).await?;
                                continue;
                            }
                            Err(error) => Reason::of(&error).is_none(),
                        };
                        attempts.answered(&place);
                        return Ok((is_taken, server));
                    }
                    Err(error) => attempts.failed(place, error).await?,
                }
            }
        });
        tried.await.ok()
    }
}

/// The version that the answer to the first call shows: the newest the server speaks.
fn version_of(
    arrived: Arrived<Answer<<GetFolder as Operation>::Response>>,
) -> Result<ServerVersion> {
    let info = arrived.answer.server.as_ref();
    if let Some(version) = info.and_then(ServerVersionInfo::speaks) {
        return Ok(version);
    }
    // A refusal is worth more than a guess.
    let answered = arrived.into_result::<GetFolder>();
    answered.map(|_| ServerVersion::Exchange2007Sp1)
}

/// Whether a refusal has to do with the state of the server alone.
fn passes(error: &Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::Throttled | ErrorKind::Unavailable | ErrorKind::Internal | ErrorKind::Timeout
    ) && Reason::of(error).is_none()
}

/// Whose version a request was not made for.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Reason {
    Server,
    /// The mailbox is on an older server.
    Mailbox,
}

impl Reason {
    /// `None` for a refusal that has nothing to do with the version. A request that breaks the
    /// schema is no such one, unless it is the version itself that the schema does not have.
    fn of(error: &Error) -> Option<Self> {
        if error.effect() != Effect::None {
            return None;
        }
        let code = error.code().map(ResponseCode::named)?;
        match code {
            ResponseCode::ErrorInvalidServerVersion | ResponseCode::ErrorIncorrectSchemaVersion => {
                Some(Self::Server)
            }
            ResponseCode::ErrorInvalidSchemaVersionForMailboxVersion => Some(Self::Mailbox),
            ResponseCode::ErrorSchemaValidation | ResponseCode::ErrorInvalidRequest => {
                let source = std::error::Error::source(error)?;
                let fault = source.downcast_ref::<Fault>()?;
                violation::is_of_version(fault).then_some(Self::Server)
            }
            _ => None,
        }
    }
}

/// Whether each part of a request was refused because its mailbox is on an older server.
fn is_refused<R: Response>(answer: &R) -> bool {
    let refusals = answer.refusals();
    let code = ResponseCode::ErrorInvalidSchemaVersionForMailboxVersion;
    !refusals.is_empty()
        && refusals.len() == answer.parts()
        && refusals
            .iter()
            .all(|(_, refusal)| refusal.code.as_ref() == Some(&code))
}

/// The refusal of a whole answer for its version, if it is one.
pub(super) fn refused<O: Operation>(answer: &O::Response) -> Option<Error> {
    if !is_refused(answer) {
        return None;
    }
    let (_, refusal) = answer.refusals().into_iter().next()?;
    Some(refusal.into_error(O::NAME).with_backend(Backend::Ews))
}

/// An envelope as it came: the refusal of its version if it is one, for a program that reads it
/// itself.
///
/// # Errors
///
/// An envelope that is none, or answers another operation.
pub(super) fn check_raw(operation: &'static str, arrived: &Arrived<()>) -> Result<Option<Error>> {
    let answer: Answer<()> = soap::raw_response(&arrived.envelope, operation)
        .map_err(|error| arrived.unreadable(operation, error, false))?;
    Ok(answer.content.err().and_then(|fault| {
        let error = of_ews(fault.into_error_of(&arrived.origin, None));
        Reason::of(&error).map(|_| error)
    }))
}

#[cfg(test)]
mod tests;
