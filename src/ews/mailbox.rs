use super::addresses::Addresses;
use super::client::Client;
use super::fault::in_doubt;
use super::home::Home;
use super::mail::KnownFolders;
use super::operation::{Operation, ResponseMessage};
use super::types::{FolderId, FolderIdRef, Mailbox as WireMailbox};
use super::{DistinguishedFolderId, ServerVersion, convert};
use crate::connector::{Backend, Capabilities, Mailbox, MailboxTarget};
use crate::error::{Error, ErrorKind, Result};
use crate::model::{CalendarRef, FolderRef};
use crate::stream::Upload;
use crate::xml::Place;

/// One mailbox on an Exchange server, by one right.
#[derive(Clone, Debug)]
pub(super) struct EwsMailbox {
    pub(super) client: Client,
    /// The zone of its whole days, where events name none.
    pub(super) home: Home,
    /// The mail addresses of people whom the server names otherwise.
    pub(super) addresses: Addresses,
    /// Which of its folders are those that every mailbox has.
    pub(super) known_folders: KnownFolders,
    /// Leaves HTML as it is stored, with all that could do harm.
    pub(super) leaves_html: bool,
    target: MailboxTarget,
}

impl EwsMailbox {
    /// Sends nothing.
    pub(super) fn new(
        client: Client,
        home: Home,
        addresses: Addresses,
        leaves_html: bool,
        target: &MailboxTarget,
    ) -> Result<Self> {
        target.validate()?;
        let client = match target {
            MailboxTarget::Own => client,
            MailboxTarget::Shared(address) => client.anchored_at(address.clone()),
            MailboxTarget::ActAs(principal) => client.acting_as(principal.clone()),
        };
        Ok(Self {
            client,
            home,
            addresses,
            known_folders: KnownFolders::default(),
            leaves_html,
            target: target.clone(),
        })
    }

    /// Sends an operation for the method that was called, after which errors are named.
    pub(super) async fn send<O: Operation>(
        &self,
        operation: &O,
        called: &'static str,
    ) -> Result<O::Response> {
        let sent = self.client.send(operation).await;
        sent.map_err(|error| error.with_operation(called))
    }

    /// Sends an operation about one thing, and returns what came of it.
    pub(super) async fn one<O, T>(&self, operation: &O, called: &'static str) -> Result<T>
    where
        O: Operation<Response = Vec<ResponseMessage<T>>>,
    {
        only::<O, T>(self.send(operation, called).await, called)
    }

    /// The same with content for the element of the request that is left empty.
    pub(super) async fn one_with<O, T>(
        &self,
        operation: &O,
        places: &'static [Place],
        content: Upload,
        called: &'static str,
    ) -> Result<T>
    where
        O: Operation<Response = Vec<ResponseMessage<T>>>,
    {
        let sent = self.client.send_with(operation, places, content).await;
        only::<O, T>(sent.map_err(|error| error.with_operation(called)), called)
    }

    /// The version requests are made for, found out if need be for the method that was called.
    pub(super) async fn version(&self, called: &'static str) -> Result<ServerVersion> {
        let settled = self.client.settle_version().await;
        settled.map_err(|error| error.with_operation(called))
    }

    /// A folder every mailbox has, in this one. Somebody acting as its owner finds it without a
    /// name.
    pub(super) fn folder(&self, id: DistinguishedFolderId) -> FolderIdRef {
        let mailbox = match &self.target {
            MailboxTarget::Shared(address) => Some(WireMailbox::smtp(address.clone())),
            MailboxTarget::Own | MailboxTarget::ActAs(_) => None,
        };
        FolderIdRef::Distinguished(id, mailbox)
    }

    pub(super) fn calendar_folder(
        &self,
        calendar: &CalendarRef,
        operation: &'static str,
    ) -> Result<FolderIdRef> {
        match calendar {
            CalendarRef::Default => Ok(self.folder(DistinguishedFolderId::Calendar)),
            CalendarRef::Id(id) => {
                let id = id.require(Backend::Ews, operation)?;
                Ok(FolderIdRef::Id(FolderId::new(id)))
            }
        }
    }
}

impl EwsMailbox {
    /// A folder as requests name it.
    pub(super) fn mail_folder(
        &self,
        folder: &FolderRef,
        operation: &'static str,
    ) -> Result<FolderIdRef> {
        match folder {
            FolderRef::WellKnown(known) => convert::distinguished(*known)
                .map(|id| self.folder(id))
                .ok_or_else(|| {
                    let problem = format!("EWS has no name for the folder {known:?}");
                    Error::unsupported(operation, problem).with_backend(Backend::Ews)
                }),
            FolderRef::Id(id) => {
                let id = id.require(Backend::Ews, operation)?;
                Ok(FolderIdRef::Id(FolderId::new(id)))
            }
        }
    }
}

impl Mailbox for EwsMailbox {
    fn target(&self) -> &MailboxTarget {
        &self.target
    }

    fn capabilities(&self) -> Capabilities {
        super::connector::capabilities(&self.client, self.leaves_html)
    }
}

/// The only answer.
fn only<O: Operation, T>(
    answers: Result<Vec<ResponseMessage<T>>>,
    called: &'static str,
) -> Result<T> {
    let answer = answers?.into_iter().next();
    let answer = answer.ok_or_else(|| lacks(called, "answer"))?;
    of(answer, called).map_err(in_doubt::<O>)
}

/// What an answer holds, or the error a caller gets.
pub(super) fn of<T>(answer: ResponseMessage<T>, operation: &'static str) -> Result<T> {
    answer
        .ok()
        .map_err(|refusal| refusal.into_error(operation).with_backend(Backend::Ews))
}

/// The error for an answer that has fewer parts than it should.
pub(super) fn lacks(operation: &'static str, what: &str) -> Error {
    let text = format!("the server said success, but gave no {what}");
    Error::new(ErrorKind::Protocol, operation, text).with_backend(Backend::Ews)
}
