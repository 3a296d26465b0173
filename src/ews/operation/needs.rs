use super::Operation;
use crate::error::Error;
use crate::ews::types::FolderIdRef;
use crate::ews::{DistinguishedFolderId, FieldUri, ServerVersion};

/// Collects what a request needs of the server, and finds what it cannot have.
///
/// The check comes before anything is sent: a server answers a newer element with a schema error
/// that names neither the element's version nor the remedy.
#[derive(Debug)]
pub struct Needs {
    operation: &'static str,
    version: ServerVersion,
    problem: Option<Error>,
}

impl Needs {
    fn new(operation: &'static str, version: ServerVersion) -> Self {
        Self {
            operation,
            version,
            problem: None,
        }
    }

    /// Checks that `version` has what an operation needs.
    pub(crate) fn check<O: Operation>(operation: &O, version: ServerVersion) -> Result<(), Error> {
        let mut needs = Self::new(O::NAME, version);
        needs.at_least(O::NAME, O::SINCE);
        operation.needs(&mut needs);
        needs.problem.map_or(Ok(()), Err)
    }

    /// Something that came with a version.
    pub(crate) fn at_least(&mut self, what: &str, since: ServerVersion) {
        if self.version < since && self.problem.is_none() {
            let why = format!(
                "{what} came with {since}, but requests are made for {}",
                self.version
            );
            self.problem = Some(
                Error::unsupported(self.operation, why)
                    .with_hint("Set a later server version, if the server is newer."),
            );
        }
    }

    /// A property of the schema.
    pub(crate) fn field(&mut self, uri: &FieldUri) {
        self.at_least(uri.as_str(), uri.since());
    }

    /// Folders of a request: one at least, and each by a name the version knows.
    pub(crate) fn folders(&mut self, folders: &[FolderIdRef]) {
        if folders.is_empty() {
            self.refuse("no folder is given");
        }
        for folder in folders {
            if let FolderIdRef::Distinguished(id, mailbox) = folder {
                self.at_least(id.as_str(), id.since());
                if *id == DistinguishedFolderId::PublicFoldersRoot && mailbox.is_some() {
                    self.refuse("public folders are in nobody's mailbox");
                }
            }
        }
    }

    /// Something no version accepts.
    pub(crate) fn refuse(&mut self, why: &str) {
        if self.problem.is_none() {
            self.problem = Some(Error::invalid_argument(self.operation, why));
        }
    }
}
