//! What a refusal wants: the right that is missing, who grants it and by which command, and what an
//! administrator looks at where it is not a right.
//!
//! Commands are of the Exchange Management Shell. Each is the end of its sentence or stands before a
//! semicolon, so that it can be pasted; names in it are quoted. What is not known is in angle
//! brackets, which that shell refuses.
//!
//! Sources: the reference of the commands (<https://learn.microsoft.com/powershell/module/exchange/>),
//! <https://learn.microsoft.com/exchange/client-developer/exchange-web-services/how-to-configure-impersonation>,
//! for Exchange 2007 <https://learn.microsoft.com/previous-versions/office/developer/exchange-server-2007/bb204095(v=exchg.80)>,
//! <https://learn.microsoft.com/exchange/client-developer/exchange-web-services/how-to-control-access-to-ews-in-exchange>,
//! and for the codes <https://learn.microsoft.com/exchange/client-developer/web-service-reference/responsecode>.

use super::ResponseCode;
use super::origin::{Access, Origin};
use crate::connector::Principal;

/// What the person who can mend it should do; `None` where the code says nothing beyond its kind.
pub(crate) fn advice(code: &ResponseCode, origin: &Origin) -> Option<String> {
    use ResponseCode as Code;

    let (user, mailbox, other) = (origin.user(), origin.mailbox(), origin.other());
    Some(match code {
        Code::ErrorInvalidServerVersion | Code::ErrorIncorrectSchemaVersion if origin.is_version_open => {
            "The server takes none of the versions this program knows: is it Exchange? Report the build it names.".to_owned()
        }
        Code::ErrorInvalidServerVersion | Code::ErrorIncorrectSchemaVersion => {
            "The server does not speak the version asked for: leave the server version open, or set an earlier one.".to_owned()
        }
        Code::ErrorInvalidSchemaVersionForMailboxVersion => {
            "The mailbox is on an older server than the one that answered: leave the server version open, or set that of the mailbox's server.".to_owned()
        }
        Code::ErrorSchemaValidation | Code::ErrorInvalidRequest => {
            "The server does not accept the form of the request: check the server version that is set, and report the request if that is right.".to_owned()
        }

        Code::ErrorImpersonateUserDenied | Code::ErrorImpersonationDenied => {
            impersonation(origin)
        }
        Code::ErrorImpersonationFailed => format!(
            "The account that is acted for may be disabled or without a mailbox: Get-User -Identity {mailbox} | Format-List UserAccountControl,RecipientType; or the right is missing. {}",
            impersonation(origin)
        ),
        Code::ErrorInvalidExchangeImpersonationHeaderData
        | Code::ErrorInvalidUserPrincipalName
        | Code::ErrorInvalidUserSid
        | Code::ErrorInvalidUserSidMissingUPN
        | Code::ErrorInvalidSid => format!(
            "The directory has no such account to act for. Its names are shown by: Get-User -Identity {mailbox} | Format-List UserPrincipalName,Sid,WindowsEmailAddress"
        ),
        Code::ErrorNonPrimarySmtpAddress => format!(
            "Give the primary address of the mailbox, which is shown by: Get-Recipient -Identity {mailbox} | Format-List PrimarySmtpAddress"
        ),

        Code::ErrorAccessDenied | Code::ErrorCreateItemAccessDenied | Code::ErrorCreateSubfolderAccessDenied => {
            access(origin)
        }
        Code::ErrorItemNotFound | Code::ErrorFolderNotFound => match &origin.access {
            Access::Shared(_) => format!(
                "It was deleted or moved, or the account may not see it. {}",
                access(origin)
            ),
            Access::Own | Access::ActAs(_) => return None,
        },
        Code::ErrorSendAsDenied => send_as(origin),
        Code::ErrorNoFreeBusyAccess => match origin.build() {
            Some((..=8, _)) => "The owner must let others see when he is free: Outlook, properties of the calendar, permissions.".to_owned(),
            _ => format!(
                "The owner must let others see when he is free, or an administrator grants it: Add-MailboxFolderPermission -Identity <mailbox>:\\Calendar -User {user} -AccessRights AvailabilityOnly"
            ),
        },
        Code::ErrorRecoverableItemsAccessDenied => format!(
            "Deleted items that can be recovered are for the owner and for those with full access to the mailbox: Add-MailboxPermission -Identity {other} -User {user} -AccessRights FullAccess"
        ),
        Code::ErrorSubscriptionAccessDenied | Code::ErrorSubscriptionDelegateAccessNotSupported => format!(
            "To be notified of another's mailbox the account needs full access to it: Add-MailboxPermission -Identity {other} -User {user} -AccessRights FullAccess; or it acts as the owner."
        ),
        Code::ErrorUserNotAllowedByPolicy | Code::ErrorPermissionNotAllowedByPolicy | Code::ErrorNotAllowedExternalSharingByPolicy => format!(
            "The sharing policy of the mailbox does not allow it. An administrator finds and changes it by: Get-Mailbox -Identity {mailbox} | Format-List SharingPolicy; Set-SharingPolicy -Identity <policy> -Domains <domains>"
        ),
        Code::ErrorOrganizationAccessBlocked => switched_off(origin, ""),

        Code::ErrorNonExistentMailbox | Code::ErrorNameResolutionNoMailbox => match &origin.access {
            Access::Own => format!(
                "The account that signed in, or the person who is named, has no mailbox on this server: check the address, or let an administrator look for it by: Get-Recipient -Identity {user} | Format-List RecipientType,PrimarySmtpAddress,Database. One that moved to Exchange Online (RemoteUserMailbox) is reached with Microsoft Graph"
            ),
            Access::Shared(_) | Access::ActAs(_) => format!(
                "No mailbox here has this address: check it, or let an administrator look for it by: Get-Recipient -Identity {mailbox} | Format-List RecipientType,PrimarySmtpAddress,Database. One that moved to Exchange Online (RemoteUserMailbox) is reached with Microsoft Graph"
            ),
        },
        Code::ErrorMissingEmailAddress | Code::ErrorMissingExchangePrincipal => match &origin.access {
            Access::Own => format!(
                "The account that signed in has no mailbox of its own: name the mailbox that is meant, or have an administrator give the account one: Enable-Mailbox -Identity {user}"
            ),
            Access::Shared(_) | Access::ActAs(_) => format!(
                "There is no mailbox of that name. An administrator looks for it by: Get-Recipient -Identity {mailbox} | Format-List RecipientType,PrimarySmtpAddress"
            ),
        },
        Code::ErrorInvalidMailbox => format!(
            "The mailbox is named in a way the server does not understand, or is on a server without EWS: check the address, or let an administrator look for it by: Get-Recipient -Identity {mailbox} | Format-List RecipientType,PrimarySmtpAddress,Database"
        ),

        Code::ErrorMailboxMoveInProgress => match origin.build() {
            Some((..=8, _)) => "The mailbox is being moved: try again when that is done.".to_owned(),
            _ => format!(
                "The mailbox is being moved: try again when that is done. How far it is, is shown by: Get-MoveRequest -Identity {mailbox} | Get-MoveRequestStatistics"
            ),
        },
        Code::ErrorMailboxStoreUnavailable | Code::ErrorMailboxLogonFailed | Code::ErrorMailboxConfiguration => format!(
            "The database of the mailbox may be dismounted or on its way to another server. An administrator looks at it by: Get-MailboxDatabase -Identity (Get-Mailbox -Identity {mailbox}).Database -Status | Format-List Name,Mounted,MountedOnServer"
        ),
        Code::ErrorMailboxFailover => {
            "The database of the mailbox is on its way to another server: try again in a minute.".to_owned()
        }
        Code::ErrorCrossSiteRequest => {
            "The mailbox is at another site, whose servers this one passes nothing on to: use the EWS address of that site, which Autodiscover gives. An administrator sees the addresses by: Get-WebServicesVirtualDirectory | Format-List Server,InternalUrl,ExternalUrl".to_owned()
        }
        Code::ErrorNoDestinationCASDueToVersionMismatch => {
            "The mailbox is on a server of a version this one passes nothing on to: use the EWS address of a server of that version, which Autodiscover gives.".to_owned()
        }
        Code::ErrorWrongServerVersion | Code::ErrorWrongServerVersionDelegate => {
            "The mailbox is on an older server, which cannot do this: move the mailbox, or use the EWS address of its own server.".to_owned()
        }
        Code::ErrorNoApplicableProxyCASServersAvailable
        | Code::ErrorNoRespondingCASInDestinationSite
        | Code::ErrorProxyCallFailed
        | Code::ErrorProxyRequestProcessingFailed
        | Code::ErrorProxyServiceDiscoveryFailed
        | Code::ErrorProxySoapException => format!(
            "The server that answered could not pass the request on to that of the mailbox. An administrator finds it by: Get-Mailbox -Identity {mailbox} | Format-List ServerName,Database; and tests it by: Test-ServiceHealth -Server <server>"
        ),
        Code::ErrorProxyRequestNotAllowed => {
            "A request that one server passes to another was refused: use the EWS address of the mailbox's own server, which Autodiscover gives.".to_owned()
        }
        Code::ErrorProxyGroupSidLimitExceeded => {
            "The account is a member of more groups than servers pass on to each other: take it out of some, or use the EWS address of the mailbox's own server.".to_owned()
        }

        Code::ErrorQuotaExceeded => format!(
            "The mailbox is full: make room in it, or have an administrator raise its limit: Set-Mailbox -Identity {mailbox} -UseDatabaseQuotaDefaults $false -ProhibitSendReceiveQuota <size>"
        ),
        Code::ErrorMessageSizeExceeded => format!(
            "The message is larger than the organisation, the sender or the recipient may have. The limits are shown by: Get-TransportConfig | Format-List MaxSendSize,MaxReceiveSize; Get-Mailbox -Identity {mailbox} | Format-List MaxSendSize,MaxReceiveSize"
        ),
        Code::ErrorSubmissionQuotaExceeded => {
            "The sender has reached the number of recipients a day: wait a day, or have an administrator raise it: Set-ThrottlingPolicy -Identity <policy> -RecipientRateLimit <number>".to_owned()
        }
        Code::ErrorServerBusy | Code::ErrorExceededConnectionCount => match origin.build() {
            Some((..=8, _)) => "Wait, then go on with fewer requests at a time.".to_owned(),
            _ => format!(
                "The account has used up its budget on the server: wait, or have an administrator give it another throttling policy: Set-ThrottlingPolicyAssociation -Identity {} -ThrottlingPolicy <policy>",
                origin.account()
            ),
        },
        Code::ErrorMailTipsDisabled => {
            "An administrator must switch mail tips on: Set-OrganizationConfig -MailTipsAllTipsEnabled $true".to_owned()
        }
        Code::ErrorPublicFolderServerNotFound
        | Code::ErrorNoPublicFolderReplicaAvailable
        | Code::ErrorNoPublicFolderServerAvailable
        | Code::ErrorPublicFolderMailboxDiscoveryFailed => {
            "No server has the public folders now. An administrator looks for them by: Get-PublicFolder -Recurse | Format-List Identity,ContentMailboxName; before Exchange 2013 by: Get-PublicFolderDatabase -Status".to_owned()
        }
        Code::ErrorPasswordExpired => "Set a new password for the account.".to_owned(),
        Code::ErrorAccountDisabled => format!(
            "An administrator must enable the account (module ActiveDirectory): Enable-ADAccount -Identity {}",
            directory_name(origin)
        ),
        _ => return None,
    })
}

/// EWS does not let the account or the program in, which names itself so (empty if not known).
pub(crate) fn switched_off(origin: &Origin, program: &str) -> String {
    let mailbox = origin.mailbox();
    let program = match is_plain(program) {
        true => quoted(program),
        false => "<User-Agent>".to_owned(),
    };
    format!(
        "EWS may be switched off for the mailbox, for the organisation, or for this program by its User-Agent. An administrator looks by: Get-CASMailbox -Identity {mailbox} | Format-List Ews*; Get-OrganizationConfig | Format-List Ews*; and opens it by: Set-CASMailbox -Identity {mailbox} -EwsEnabled $true; where an allow list is enforced by: Set-OrganizationConfig -EwsAllowList @{{Add={program}}}. In Exchange Online EWS is open from October 2026 on to programs on a list only (EWSAllowedAppIDs), and to none from April 2027: connect to it with Microsoft Graph"
    )
}

/// The right to act as somebody else.
fn impersonation(origin: &Origin) -> String {
    let account = origin.account();
    match origin.build() {
        Some((..=8, _)) => format!(
            "The account needs the right to act for others. On Exchange 2007 an administrator grants it in two steps: Get-ExchangeServer | Where-Object {{$_.IsClientAccessServer}} | ForEach-Object {{Add-ADPermission -Identity $_.DistinguishedName -User {account} -ExtendedRights ms-Exch-EPI-Impersonation}}; Get-MailboxDatabase | ForEach-Object {{Add-ADPermission -Identity $_.DistinguishedName -User {account} -ExtendedRights ms-Exch-EPI-May-Impersonate}}"
        ),
        _ => format!(
            "An administrator must give the account the role ApplicationImpersonation; with -CustomRecipientWriteScope it holds for some mailboxes only: New-ManagementRoleAssignment -Role ApplicationImpersonation -User {account}"
        ),
    }
}

/// The right to a mailbox or a folder of it.
pub(crate) fn access(origin: &Origin) -> String {
    let (user, mailbox) = (origin.user(), origin.other());
    let level = if is_reading(origin.operation) {
        "Reviewer"
    } else {
        "Editor"
    };
    let folder = origin.folder.as_ref();
    if folder.is_some_and(|folder| folder.name.starts_with("publicfolder")) {
        return format!(
            "An administrator must grant the right to the public folder: Add-PublicFolderClientPermission -Identity <folder> -User {user} -AccessRights {level}"
        );
    }
    let is_own = folder.is_some_and(|folder| !folder.of_named)
        && !matches!(origin.access, Access::Shared(_))
        && is_reading(origin.operation)
        && !is_of_owner(origin.operation);
    if let (true, None | Some((9.., _))) = (is_own, origin.build()) {
        return format!(
            "Nobody is denied a folder of his own unless somebody set it so. An administrator must look at the folder's permissions: Get-MailboxFolderPermission -Identity {}",
            path(origin)
        );
    }
    let whole =
        format!("Add-MailboxPermission -Identity {mailbox} -User {user} -AccessRights FullAccess");
    let mut text = match (origin.build(), is_of_owner(origin.operation)) {
        (_, true) => format!(
            "Only the owner may do this, or an account that acts as the owner or has full access to the mailbox, which an administrator grants: {whole}"
        ),
        (Some((..=8, _)), _) => format!(
            "The owner must grant the right to the folder in Outlook, or an administrator that to the whole mailbox: {whole}"
        ),
        _ => format!(
            "The owner or an administrator must grant the right to the folder, whose name is in the language of the mailbox (Set-MailboxFolderPermission if there is an entry already): Add-MailboxFolderPermission -Identity {} -User {user} -AccessRights {level}; or to the whole mailbox: {whole}",
            path(origin)
        ),
    };
    if origin.sends {
        text = format!("{text}; to send in its name: {}", send_as_command(origin));
    }
    text
}

/// The right to send in another's name.
fn send_as(origin: &Origin) -> String {
    let (user, mailbox) = (origin.user(), origin.other());
    let behalf = match origin.build() {
        Some((..=8, _)) => format!("Set-Mailbox -Identity {mailbox} -GrantSendOnBehalfTo {user}"),
        _ => format!("Set-Mailbox -Identity {mailbox} -GrantSendOnBehalfTo @{{Add={user}}}"),
    };
    format!(
        "The account may not send in the name of the one in From. An administrator grants it, as that person: {}; or on behalf of that person: {behalf}",
        send_as_command(origin)
    )
}

fn send_as_command(origin: &Origin) -> String {
    let (user, mailbox) = (origin.user(), origin.other());
    match origin.build() {
        Some((15, 20..)) => format!(
            "Add-RecipientPermission -Identity {mailbox} -Trustee {user} -AccessRights SendAs"
        ),
        _ => format!(
            "Get-Mailbox -Identity {mailbox} | Add-ADPermission -User {user} -ExtendedRights 'Send As'"
        ),
    }
}

fn is_reading(operation: &str) -> bool {
    ["Get", "Find", "Sync", "Resolve", "Expand", "Convert"]
        .iter()
        .any(|begin| operation.starts_with(begin))
}

/// Whether folder rights do not help.
fn is_of_owner(operation: &str) -> bool {
    operation.ends_with("OofSettings") || operation.ends_with("InboxRules")
}

/// The folder as those commands name it.
fn path(origin: &Origin) -> String {
    let folder = origin.folder.as_ref();
    let name = match folder.map(|folder| folder.name.as_str()) {
        Some("calendar") => "Calendar",
        Some("inbox") => "Inbox",
        Some("contacts") => "Contacts",
        Some("tasks") => "Tasks",
        Some("notes") => "Notes",
        Some("journal") => "Journal",
        Some("drafts") => "Drafts",
        Some("sentitems") => "Sent Items",
        Some("deleteditems") => "Deleted Items",
        Some("junkemail") => "Junk Email",
        Some("outbox") => "Outbox",
        Some("root" | "msgfolderroot") => "",
        _ => "<folder>",
    };
    let owner = origin.owner();
    match &origin.access {
        _ if name != "<folder>" && owner.is_some() => {
            quoted(&format!("{}:\\{name}", owner.unwrap_or_default()))
        }
        Access::Shared(address) if is_plain(address) && name != "<folder>" => {
            quoted(&format!("{address}:\\{name}"))
        }
        Access::Shared(address) if is_plain(address) => format!("{}:\\<folder>", quoted(address)),
        _ => format!("<mailbox>:\\{name}"),
    }
}

impl Origin {
    /// The account that signed in, as a command names it.
    fn account(&self) -> String {
        let account = self.account.as_deref().filter(|name| is_plain(name));
        account.map_or_else(|| "<account>".to_owned(), quoted)
    }

    /// Whose rights count.
    fn user(&self) -> String {
        match &self.access {
            Access::ActAs(principal) => named(principal),
            Access::Own | Access::Shared(_) => self.account(),
        }
    }

    /// In whose own mailbox the folder is, unless it is said otherwise.
    fn owner(&self) -> Option<&str> {
        let owner = match (&self.access, &self.folder) {
            (Access::Own, Some(folder)) if !folder.of_named => self.account.as_deref(),
            (Access::ActAs(Principal::Smtp(name) | Principal::Upn(name)), Some(folder))
                if !folder.of_named =>
            {
                Some(name.as_str())
            }
            _ => None,
        };
        owner.filter(|name| is_plain(name))
    }

    /// The mailbox the request is for.
    fn mailbox(&self) -> String {
        match &self.access {
            Access::Shared(address) if is_plain(address) => quoted(address),
            Access::Shared(_) => "<mailbox>".to_owned(),
            Access::ActAs(_) | Access::Own => self.user(),
        }
    }

    /// The mailbox to which a right is missing. Nobody is denied his own, so without a name it is
    /// one that is not known here.
    fn other(&self) -> String {
        match &self.access {
            Access::Shared(_) => self.mailbox(),
            Access::ActAs(_) | Access::Own => "<mailbox>".to_owned(),
        }
    }
}

/// An account as a command names it: the commands of Exchange know no security identifiers.
fn named(principal: &Principal) -> String {
    match principal {
        Principal::Smtp(name) | Principal::Upn(name) if is_plain(name) => quoted(name),
        Principal::Sid(sid) if is_plain(sid) => {
            format!("(Get-ADUser -Identity {}).UserPrincipalName", quoted(sid))
        }
        _ => "<user>".to_owned(),
    }
}

/// The account as the commands of Active Directory want it: without its domain, or by its identifier. They know no
/// addresses.
fn directory_name(origin: &Origin) -> String {
    let of_address = |name| format!("(Get-User -Identity {}).SamAccountName", quoted(name));
    let account = origin.account.as_deref();
    match &origin.access {
        Access::ActAs(Principal::Sid(sid)) if is_plain(sid) => quoted(sid),
        Access::ActAs(Principal::Smtp(name) | Principal::Upn(name)) if is_plain(name) => {
            of_address(name)
        }
        Access::ActAs(_) => "<user>".to_owned(),
        Access::Own | Access::Shared(_) => match account.filter(|name| is_plain(name)) {
            Some(name) if name.contains('@') => of_address(name),
            Some(name) => quoted(name.rsplit('\\').next().unwrap_or(name)),
            None => "<account>".to_owned(),
        },
    }
}

/// A text in single quotes, in which that shell expands nothing. It takes four typographic
/// characters for single quotes too; doubled, each stands for itself.
///
/// Source: <https://learn.microsoft.com/powershell/module/microsoft.powershell.core/about/about_quoting_rules>
fn quoted(name: &str) -> String {
    let mut quoted = String::with_capacity(name.len() + 2);
    quoted.push('\'');
    for character in name.chars() {
        if matches!(character, '\'' | '\u{2018}'..='\u{201b}') {
            quoted.push(character);
        }
        quoted.push(character);
    }
    quoted.push('\'');
    quoted
}

/// Whether a name can stand in a command: what breaks lines, turns the direction of writing or has
/// no shape might be read otherwise than it acts.
fn is_plain(name: &str) -> bool {
    let hidden = |c: char| {
        c.is_control()
            || matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
    };
    !name.trim().is_empty() && name.chars().count() <= 320 && !name.contains(hidden)
}

#[cfg(test)]
mod tests;
