//! Each refusal with the sentence that says what is missing.

use super::*;
use crate::ews::origin::Folder;
use crate::ews::soap::ServerVersionInfo;

fn origin(operation: &'static str, access: Access) -> Origin {
    Origin {
        operation,
        account: Some(r"CONTOSO\svc".into()),
        access,
        ..Origin::default()
    }
}

fn shared() -> Access {
    Access::Shared("bob@contoso.example".to_owned())
}

fn build(mut origin: Origin, major: u32, minor: u32) -> Origin {
    origin.server = Some(ServerVersionInfo {
        major_version: major,
        minor_version: minor,
        ..ServerVersionInfo::default()
    });
    origin
}

fn folder(mut origin: Origin, name: &str) -> Origin {
    origin.folder = Some(Folder {
        name: name.to_owned(),
        of_named: true,
    });
    origin
}

fn own_folder(origin: Origin, name: &str) -> Origin {
    let mut origin = folder(origin, name);
    origin.folder = origin.folder.map(|folder| Folder {
        of_named: false,
        ..folder
    });
    origin
}

fn advised(code: &str, origin: &Origin) -> String {
    advice(&ResponseCode::named(code), origin).unwrap_or_else(|| panic!("{code}"))
}

/// The commands, each with what it must not lack.
#[test]
fn each_denial_names_the_command() {
    let bob = Access::ActAs(Principal::Upn("bob@corp.example".to_owned()));
    let denied = origin("FindItem", bob.clone());
    let role = "New-ManagementRoleAssignment -Role ApplicationImpersonation -User 'CONTOSO\\svc'";
    for (code, origin, command) in [
        ("ErrorImpersonateUserDenied", denied.clone(), role),
        (
            "ErrorImpersonationDenied",
            build(denied.clone(), 15, 2),
            role,
        ),
        ("ErrorImpersonationFailed", denied.clone(), role),
        (
            "ErrorImpersonateUserDenied",
            build(denied.clone(), 8, 3),
            "-User 'CONTOSO\\svc' -ExtendedRights ms-Exch-EPI-May-Impersonate",
        ),
        (
            "ErrorInvalidUserPrincipalName",
            denied,
            "Get-User -Identity 'bob@corp.example'",
        ),
        (
            "ErrorAccessDenied",
            folder(origin("FindItem", shared()), "calendar"),
            "Add-MailboxFolderPermission -Identity 'bob@contoso.example:\\Calendar' -User 'CONTOSO\\svc' -AccessRights Reviewer;",
        ),
        (
            "ErrorAccessDenied",
            origin("UpdateItem", shared()),
            "Add-MailboxFolderPermission -Identity 'bob@contoso.example':\\<folder> -User 'CONTOSO\\svc' -AccessRights Editor;",
        ),
        (
            "ErrorAccessDenied",
            origin("GetItem", shared()),
            "Add-MailboxPermission -Identity 'bob@contoso.example' -User 'CONTOSO\\svc' -AccessRights FullAccess",
        ),
        (
            "ErrorAccessDenied",
            build(origin("GetItem", shared()), 8, 1),
            "The owner must grant the right to the folder in Outlook",
        ),
        (
            "ErrorAccessDenied",
            origin("GetItem", Access::Own),
            "Add-MailboxPermission -Identity <mailbox> -User 'CONTOSO\\svc' -AccessRights FullAccess",
        ),
        // Who is acted for lacks the right, not the account.
        (
            "ErrorAccessDenied",
            origin("GetItem", bob),
            "-User 'bob@corp.example' -AccessRights FullAccess",
        ),
        (
            "ErrorAccessDenied",
            folder(origin("CreateItem", Access::Own), "publicfoldersroot"),
            "Add-PublicFolderClientPermission -Identity <folder> -User 'CONTOSO\\svc' -AccessRights Editor",
        ),
        (
            "ErrorAccessDenied",
            origin("UpdateInboxRules", shared()),
            "Only the owner may do this",
        ),
        (
            "ErrorFolderNotFound",
            folder(origin("GetFolder", shared()), "inbox"),
            "Add-MailboxFolderPermission -Identity 'bob@contoso.example:\\Inbox'",
        ),
        (
            "ErrorSendAsDenied",
            origin("SendItem", shared()),
            "Get-Mailbox -Identity 'bob@contoso.example' | Add-ADPermission -User 'CONTOSO\\svc' -ExtendedRights 'Send As';",
        ),
        (
            "ErrorSendAsDenied",
            origin("SendItem", shared()),
            "Set-Mailbox -Identity 'bob@contoso.example' -GrantSendOnBehalfTo @{Add='CONTOSO\\svc'}",
        ),
        (
            "ErrorSendAsDenied",
            build(origin("SendItem", shared()), 15, 20),
            "Add-RecipientPermission -Identity 'bob@contoso.example' -Trustee 'CONTOSO\\svc' -AccessRights SendAs;",
        ),
        (
            "ErrorNoFreeBusyAccess",
            origin("GetUserAvailability", Access::Own),
            "-AccessRights AvailabilityOnly",
        ),
        (
            "ErrorNonExistentMailbox",
            origin("GetFolder", shared()),
            "Get-Recipient -Identity 'bob@contoso.example'",
        ),
        (
            "ErrorMissingEmailAddress",
            origin("GetFolder", Access::Own),
            "Enable-Mailbox -Identity 'CONTOSO\\svc'",
        ),
        (
            "ErrorMailboxMoveInProgress",
            origin("GetFolder", shared()),
            "Get-MoveRequest -Identity 'bob@contoso.example'",
        ),
        (
            "ErrorMailboxStoreUnavailable",
            origin("GetFolder", Access::Own),
            "(Get-Mailbox -Identity 'CONTOSO\\svc').Database -Status",
        ),
        (
            "ErrorCrossSiteRequest",
            origin("GetFolder", Access::Own),
            "Get-WebServicesVirtualDirectory",
        ),
        (
            "ErrorProxyRequestProcessingFailed",
            origin("GetFolder", shared()),
            "Test-ServiceHealth",
        ),
        (
            "ErrorQuotaExceeded",
            origin("CreateItem", Access::Own),
            "Set-Mailbox -Identity 'CONTOSO\\svc' -UseDatabaseQuotaDefaults $false",
        ),
        (
            "ErrorMessageSizeExceeded",
            origin("CreateItem", Access::Own),
            "Get-TransportConfig",
        ),
        (
            "ErrorServerBusy",
            origin("CreateItem", shared()),
            "Set-ThrottlingPolicyAssociation -Identity 'CONTOSO\\svc'",
        ),
        (
            "ErrorUserNotAllowedByPolicy",
            origin("CreateItem", shared()),
            "Set-SharingPolicy",
        ),
        (
            "ErrorAccountDisabled",
            origin("GetItem", Access::Own),
            "Enable-ADAccount -Identity 'svc'",
        ),
        (
            "ErrorAccountDisabled",
            origin(
                "GetItem",
                Access::ActAs(Principal::Sid("S-1-5-21-7".to_owned())),
            ),
            "(module ActiveDirectory): Enable-ADAccount -Identity 'S-1-5-21-7'",
        ),
        (
            "ErrorAccountDisabled",
            origin(
                "GetItem",
                Access::ActAs(Principal::Smtp("bob@corp.example".to_owned())),
            ),
            "Enable-ADAccount -Identity (Get-User -Identity 'bob@corp.example').SamAccountName",
        ),
        (
            "ErrorAccessDenied",
            own_folder(origin("GetFolder", Access::Own), "calendar"),
            "Get-MailboxFolderPermission -Identity 'CONTOSO\\svc:\\Calendar'",
        ),
        (
            "ErrorAccessDenied",
            own_folder(origin("MoveItem", Access::Own), "inbox"),
            "Add-MailboxPermission -Identity <mailbox> -User 'CONTOSO\\svc' -AccessRights FullAccess",
        ),
        (
            "ErrorInvalidServerVersion",
            Origin {
                is_version_open: true,
                ..origin("GetFolder", Access::Own)
            },
            "none of the versions this program knows",
        ),
    ] {
        let text = advised(code, &origin);
        assert!(text.contains(command), "{code}: {text}");
        // A full stop after a command would be pasted with it.
        let is_sentence = text.ends_with('.');
        let last = text.rsplit([':', ';']).next().unwrap();
        assert!(!is_sentence || !last.contains(" -"), "{code}: {text}");
    }
    let sends = Origin {
        sends: true,
        ..origin("CreateItem", shared())
    };
    assert!(advised("ErrorAccessDenied", &sends).contains("'Send As'"));
    let off = switched_off(&origin("GetItem", shared()), "calendar's/1.0");
    assert!(
        off.contains("-EwsAllowList @{Add='calendar''s/1.0'}"),
        "{off}"
    );
    assert!(off.contains("Set-CASMailbox -Identity 'bob@contoso.example' -EwsEnabled $true"));
}

#[test]
fn what_says_enough_by_its_kind() {
    for code in [
        "ErrorItemNotFound",
        "ErrorFolderNotFound",
        "ErrorIrresolvableConflict",
    ] {
        let own = origin("GetItem", Access::Own);
        assert_eq!(advice(&ResponseCode::named(code), &own), None);
    }
}

/// Whatever a name holds, it ends where it should.
#[test]
fn names_cannot_leave_their_quotes() {
    assert_eq!(quoted("O'Brien"), "'O''Brien'");
    assert_eq!(
        quoted("a\u{2019}b\u{201b}"),
        "'a\u{2019}\u{2019}b\u{201b}\u{201b}'"
    );
    let evil = "x'; Remove-Mailbox *; '@contoso.example";
    let text = advised(
        "ErrorAccessDenied",
        &origin("GetItem", Access::Shared(evil.to_owned())),
    );
    assert!(
        text.contains("'x''; Remove-Mailbox *; ''@contoso.example'"),
        "{text}"
    );
    for hidden in [
        "a\nb@c",
        "a\u{202e}b@c",
        "a\u{200b}@c",
        "",
        " ",
        &"x".repeat(400),
    ] {
        let access = Access::Shared(hidden.to_owned());
        let text = advised("ErrorAccessDenied", &origin("GetItem", access));
        assert!(text.contains("-Identity <mailbox>"), "{text}");
        assert!(!text.contains(['\n', '\u{202e}', '\u{200b}']), "{text}");
    }
    let nobody = Origin::default();
    assert!(advised("ErrorImpersonateUserDenied", &nobody).ends_with("-User <account>"));
    let sid = Access::ActAs(Principal::Sid("S-1-5-21-7".to_owned()));
    let text = advised("ErrorAccessDenied", &origin("GetItem", sid));
    assert!(
        text.contains("-User (Get-ADUser -Identity 'S-1-5-21-7').UserPrincipalName"),
        "{text}"
    );
}
