//! A mailbox, and what may be done with its folders.

use chrono::{TimeDelta, Utc};

use crate::connector::MailboxTarget;
use crate::diagnosis::{DiagnosisScope, Problem, SendCheck, Verdict};
use crate::error::{Error, ErrorKind, Result};
use crate::ews::denial;
use crate::ews::mailbox::{lacks, of};
use crate::ews::operation::{FindItem, GetFolder, Operation as _};
use crate::ews::origin::{Access, Folder, Origin};
use crate::ews::types::{BaseShape, EffectiveRights, FolderProperties, FolderShape};
use crate::ews::types::{ItemShape, View};
use crate::ews::{DistinguishedFolderId, EwsConnector, FieldUri};

/// What errors are named after.
const OPERATION: &str = "diagnose";

/// How far the calendar is looked at.
const CALENDAR_DAYS: i64 = 7;

/// What became of each folder that was asked for; at least one could be had.
pub(super) struct Folders(Vec<(DistinguishedFolderId, Result<FolderProperties>)>);

/// Asks for the folders of a mailbox that the scope needs, with one request.
///
/// # Errors
///
/// What kept every one of them from being had.
pub(super) async fn open(
    connector: &EwsConnector,
    target: &MailboxTarget,
    scope: &DiagnosisScope,
) -> Result<Folders> {
    let mailbox = connector.ews_mailbox(target)?;
    let mut wanted = vec![DistinguishedFolderId::Inbox];
    if scope.calendar {
        wanted.push(DistinguishedFolderId::Calendar);
    }
    if scope.send != SendCheck::Off && !matches!(target, MailboxTarget::Shared(_)) {
        wanted.push(DistinguishedFolderId::Drafts);
        wanted.push(DistinguishedFolderId::SentItems);
    }
    let shape = FolderShape::new(BaseShape::IdOnly)
        .with([FieldUri::FolderTotalCount, FieldUri::FolderEffectiveRights]);
    let ids: Vec<_> = wanted.iter().map(|id| mailbox.folder(id.clone())).collect();
    let answers = mailbox.send(&GetFolder::new(shape, ids), OPERATION).await?;
    let folders: Vec<Result<FolderProperties>> = answers
        .into_iter()
        .map(|answer| {
            let folder = of(answer, OPERATION)?.folders.into_iter().next();
            let folder = folder.ok_or_else(|| lacks(OPERATION, "folder"))?;
            Ok(folder.properties)
        })
        .collect();
    if !folders.is_empty() && folders.iter().all(Result::is_err) {
        return Err(all_closed(folders, connector, target, scope));
    }
    Ok(Folders(wanted.into_iter().zip(folders).collect()))
}

/// What to say where none of the folders can be had: that of the one that matters.
fn all_closed(
    folders: Vec<Result<FolderProperties>>,
    connector: &EwsConnector,
    target: &MailboxTarget,
    scope: &DiagnosisScope,
) -> Error {
    // The inbox is asked for in any case, and the calendar is next.
    let position = usize::from(scope.calendar && !scope.mail);
    let Some(Err(error)) = folders.into_iter().nth(position) else {
        return lacks(OPERATION, "folder");
    };
    let is_of_both = scope.calendar && scope.mail;
    let is_denied = error.kind() == ErrorKind::PermissionDenied;
    match target {
        MailboxTarget::Shared(_) if is_of_both && is_denied => {
            error.with_hint(grant(connector, target, None))
        }
        _ => error,
    }
}

/// The verdict on a mailbox none of whose folders can be had.
pub(super) fn refused(error: &Error, target: &MailboxTarget) -> Verdict {
    closed(error, target, "mailbox")
}

impl Folders {
    fn folder(&self, id: &DistinguishedFolderId) -> Option<&Result<FolderProperties>> {
        let mut all = self.0.iter();
        all.find(|(one, _)| one == id).map(|(_, folder)| folder)
    }

    /// The calendar can be read; one's own is listed too.
    pub(super) async fn calendar(
        &self,
        connector: &EwsConnector,
        target: &MailboxTarget,
    ) -> Verdict {
        let now = Utc::now();
        let view = View::calendar(now, now + TimeDelta::days(CALENDAR_DAYS));
        let id = DistinguishedFolderId::Calendar;
        self.read(connector, target, id, "calendar", view).await
    }

    /// The inbox can be read; one's own is listed too.
    pub(super) async fn mail(&self, connector: &EwsConnector, target: &MailboxTarget) -> Verdict {
        let id = DistinguishedFolderId::Inbox;
        self.read(connector, target, id, "inbox", View::page(0, 1))
            .await
    }

    async fn read(
        &self,
        connector: &EwsConnector,
        target: &MailboxTarget,
        id: DistinguishedFolderId,
        name: &str,
        view: View,
    ) -> Verdict {
        let folder = match self.folder(&id) {
            Some(Ok(folder)) => folder,
            Some(Err(error)) => return closed(error, target, name),
            None => return Verdict::not_tried("it was not asked for"),
        };
        let rights = folder.effective_rights.clone().unwrap_or_default();
        if rights.read == Some(false) {
            let sentence =
                format!("the {name} is there, but this account may not read what is in it");
            let error = Error::new(ErrorKind::PermissionDenied, OPERATION, sentence);
            return Verdict::of_error(&error.with_hint(grant(connector, target, Some(&id))));
        }
        if *target == MailboxTarget::Own
            && let Err(error) = list(connector, id, view).await
        {
            return Verdict::of_error(&error);
        }
        let allowed = allowed(&rights);
        Verdict::ok(match folder.total_count {
            Some(count) => format!("{count} items; {allowed}"),
            None => allowed,
        })
    }

    /// Whether messages may be put where they are before and after they are sent.
    pub(super) fn sending(&self, connector: &EwsConnector, target: &MailboxTarget) -> Verdict {
        let folders = [
            (DistinguishedFolderId::Drafts, "folder Drafts"),
            (DistinguishedFolderId::SentItems, "folder Sent Items"),
        ];
        for (id, name) in folders {
            match self.folder(&id) {
                Some(Ok(folder)) => {
                    let rights = folder.effective_rights.clone().unwrap_or_default();
                    if rights.create_contents == Some(false) {
                        let sentence = format!("this account may not put messages into the {name}");
                        let error = Error::new(ErrorKind::PermissionDenied, OPERATION, sentence);
                        return Verdict::of_error(&error.with_hint(grant(
                            connector,
                            target,
                            Some(&id),
                        )));
                    }
                }
                Some(Err(error)) => return closed(error, target, name),
                None => return Verdict::not_tried("it was not asked for"),
            }
        }
        Verdict::ok(
            "messages may be put into Drafts and Sent Items; no message was made, so whether there is room for one was not tried",
        )
    }
}

/// Lists some of a folder of the own mailbox, by its identifiers alone.
async fn list(connector: &EwsConnector, id: DistinguishedFolderId, view: View) -> Result<()> {
    let mailbox = connector.ews_mailbox(&MailboxTarget::Own)?;
    let find = FindItem::new(ItemShape::new(BaseShape::IdOnly), [mailbox.folder(id)]).view(view);
    mailbox.one(&find, OPERATION).await.map(drop)
}

/// The verdict on what could not be had. Those who may not see a folder are told that there is none;
/// but every mailbox has these.
///
/// Source: <https://learn.microsoft.com/exchange/client-developer/exchange-web-services/handling-delegation-related-errors-in-ews-in-exchange>
fn closed(error: &Error, target: &MailboxTarget, name: &str) -> Verdict {
    if *target == MailboxTarget::Own || error.kind() != ErrorKind::NotFound {
        return Verdict::of_error(error);
    }
    Verdict::Denied(Problem {
        kind: ErrorKind::PermissionDenied,
        sentence: format!("the {name} is not shown to this account, as if it were not there"),
        ..Problem::from(error)
    })
}

/// Who can let the account into a folder, and how; without one, into those it needs.
fn grant(
    connector: &EwsConnector,
    target: &MailboxTarget,
    id: Option<&DistinguishedFolderId>,
) -> String {
    let access = match target {
        MailboxTarget::Own => Access::Own,
        MailboxTarget::ActAs(principal) => Access::ActAs(principal.clone()),
        MailboxTarget::Shared(address) => Access::Shared(address.clone()),
    };
    denial::access(&Origin {
        operation: GetFolder::NAME,
        account: connector.account().map(Into::into),
        folder: id.map(|id| Folder {
            name: id.as_str().to_owned(),
            of_named: matches!(target, MailboxTarget::Shared(_)),
        }),
        access,
        server: connector.client().server_version_info(),
        ..Origin::default()
    })
}

fn allowed(rights: &EffectiveRights) -> String {
    let all = [
        ("read", rights.read),
        ("create", rights.create_contents),
        ("change", rights.modify),
        ("delete", rights.delete),
    ];
    let allowed: Vec<&str> = all
        .into_iter()
        .filter_map(|(name, allowed)| allowed.unwrap_or_default().then_some(name))
        .collect();
    match allowed.as_slice() {
        [] => "the server did not say what the account may do".to_owned(),
        allowed => format!("may {}", allowed.join(", ")),
    }
}
