//! Who may do what, as whom, and what an error says of it.

use exchange_connector::ews::ServerVersion;
use exchange_connector::model::{Body, EventQuery, NewMessage, Recipient, SendOptions};
use exchange_connector::simulator::{CalendarRights, Trouble};
use exchange_connector::{Connector as _, ErrorKind, Mailbox, MailboxTarget, Principal, Result};

use super::backend::{Backend, Planted, address, all_times, password};

async fn subjects(mailbox: &dyn Mailbox) -> Result<Vec<String>> {
    let events = mailbox.list_events(EventQuery::between(all_times()));
    let events = events.collect().await?;
    Ok(events.into_iter().map(|event| event.subject).collect())
}

/// The same mailbox by address and principal name.
pub(super) async fn acting_by_each_name(b: &Backend) -> Result<()> {
    let event = Planted::new("Of bob", "2026-03-02T09:00:00Z", "2026-03-02T10:00:00Z", "");
    b.plant("bob", &event);
    let name = b.principal_name("bob");
    assert_ne!(name, address("bob"), "or nothing would be shown");
    let targets = [
        MailboxTarget::act_as(address("bob")),
        MailboxTarget::act_as_upn(name.as_str()),
    ];
    let alice = b.service("alice");
    for target in &targets {
        let denied = subjects(&*alice.mailbox(target)?).await.unwrap_err();
        assert_eq!(denied.kind(), ErrorKind::PermissionDenied, "{target:?}");
    }
    b.allow_impersonation("alice");
    for target in &targets {
        let mailbox = alice.mailbox(target)?;
        assert_eq!(subjects(&*mailbox).await?, ["Of bob"], "{target:?}");
        assert_eq!(mailbox.target(), target);
    }
    for unknown in [
        Principal::Upn("nobody@accounts.example.test".to_owned()),
        Principal::Smtp(address("nobody")),
    ] {
        let target = MailboxTarget::ActAs(unknown);
        let error = subjects(&*alice.mailbox(&target)?).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::MailboxNotFound, "{target:?}");
    }
    // What needs the address finds it.
    let by_name = alice.mailbox(&targets[1])?;
    assert!(by_name.mailbox_settings().await.is_ok());
    Ok(())
}

pub(super) async fn acting_by_security_identifier(b: &Backend) -> Result<()> {
    let event = Planted::new("Of bob", "2026-03-02T09:00:00Z", "2026-03-02T10:00:00Z", "");
    b.plant("bob", &event);
    let sid = b.sid("bob");
    let alice = b.connector("alice");
    let bob = MailboxTarget::act_as_sid(sid.as_str());
    let denied = subjects(&*alice.mailbox(&bob)?).await.unwrap_err();
    assert_eq!(denied.kind(), ErrorKind::PermissionDenied);
    b.allow_impersonation("alice");
    assert_eq!(subjects(&*alice.mailbox(&bob)?).await?, ["Of bob"]);
    let headers = headers(b).pop().unwrap();
    assert!(
        headers.contains(&format!("<t:SID>{sid}</t:SID>")),
        "{headers}"
    );
    // A principal name is not an address.
    for unknown in [
        Principal::Upn(address("bob")),
        Principal::Sid("S-1-5-21-1-2-3-4".to_owned()),
    ] {
        let target = MailboxTarget::ActAs(unknown);
        let error = subjects(&*alice.mailbox(&target)?).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::MailboxNotFound, "{target:?}");
    }
    // What needs the address says that it is not known.
    let by_sid = alice.mailbox(&bob)?.out_of_office().await.unwrap_err();
    assert_eq!(by_sid.kind(), ErrorKind::Configuration);
    let wrong = alice
        .mailbox(&MailboxTarget::act_as_sid("bob"))
        .unwrap_err();
    assert_eq!(wrong.kind(), ErrorKind::InvalidArgument);
    Ok(())
}

/// The header blocks of the requests so far, as they were sent.
fn headers(b: &Backend) -> Vec<String> {
    let exchanges = b.simulator().exchanges().into_iter();
    let header = |envelope: &str| {
        let (_, rest) = envelope.split_once("<s:Header>")?;
        Some(rest.split_once("</s:Header>")?.0.to_owned())
    };
    exchanges.filter_map(|one| header(&one.request)).collect()
}

pub(super) async fn a_denial_names_the_command(b: &Backend) -> Result<()> {
    let alice = b.connector("alice");
    let is_2007 = b.front.version() < ServerVersion::Exchange2010;
    let account = format!("-User '{}'", address("alice"));

    let acting = alice.mailbox(&MailboxTarget::act_as(address("bob")))?;
    let denied = subjects(&*acting).await.unwrap_err();
    let right = match is_2007 {
        true => "ms-Exch-EPI-May-Impersonate",
        false => "New-ManagementRoleAssignment -Role ApplicationImpersonation",
    };
    for part in [right, &account] {
        assert!(denied.to_string().contains(part), "{denied}");
    }

    let shared = alice.mailbox(&MailboxTarget::shared(address("bob")))?;
    let denied = subjects(&*shared).await.unwrap_err();
    assert_eq!(denied.kind(), ErrorKind::PermissionDenied);
    let folder = format!(
        "Add-MailboxFolderPermission -Identity '{}:\\Calendar' {account} -AccessRights Reviewer",
        address("bob")
    );
    let whole = format!(
        "Add-MailboxPermission -Identity '{}' {account} -AccessRights FullAccess",
        address("bob")
    );
    assert_eq!(denied.to_string().contains(&folder), !is_2007, "{denied}");
    assert!(denied.to_string().contains(&whole), "{denied}");

    b.grant("bob", "alice", CalendarRights::Reviewer);
    assert!(subjects(&*shared).await?.is_empty());

    // Everything a server may refuse for a right, whichever way it says so.
    for (code, command) in [
        ("ErrorSendAsDenied", "-ExtendedRights 'Send As'"),
        ("ErrorAccessDenied", "-AccessRights FullAccess"),
        ("ErrorQuotaExceeded", "-ProhibitSendReceiveQuota"),
    ] {
        b.fail(Trouble::Message {
            code,
            back_off: None,
        });
        let message = NewMessage::new("x", Body::text("x")).to(Recipient::smtp(address("carol")));
        let sent = shared.send(message, SendOptions::new()).await;
        let text = sent.unwrap_err().to_string();
        assert!(text.contains(command), "{code}: {text}");
    }
    Ok(())
}

/// The version is put right, once for all mailboxes, and nothing is done twice.
pub(super) async fn a_version_that_is_too_new(b: &Backend) -> Result<()> {
    if b.front.version() == ServerVersion::Exchange2016 {
        return Ok(());
    }
    let program = b
        .ews(b.simulator().ews_url(), "alice", &password("alice"))
        .version(ServerVersion::Exchange2016)
        .build()?;
    let probed = program.probe().await?;
    assert!(probed.server.starts_with("Exchange "), "{probed:?}");
    let mailbox = program.mailbox(&MailboxTarget::Own)?;
    let message = NewMessage::new("Once", Body::text("x")).to(Recipient::smtp(address("bob")));
    mailbox.send(message, SendOptions::new()).await?;
    assert_eq!(b.count("bob", "inbox"), 1);
    let after = b.requests();
    subjects(&*program.mailbox(&MailboxTarget::Own)?).await?;
    let asked = format!("Version=\"{}\"", b.front.version());
    let last = headers(b);
    let fresh = usize::try_from(b.requests() - after).unwrap();
    for header in &last[last.len() - fresh..] {
        assert!(header.contains(&asked), "{header}");
    }
    Ok(())
}

/// The id of the request and the servers' names, in the refusal of a part of it too.
pub(super) async fn errors_say_who_answered(b: &Backend) -> Result<()> {
    let alice = b.connector("alice");
    let shared = alice.mailbox(&MailboxTarget::shared(address("bob")))?;
    let denied = subjects(&*shared).await.unwrap_err();
    assert!(denied.request_id().is_some(), "{denied:?}");
    let is_parted = b.front.version() >= ServerVersion::Exchange2013;
    assert_eq!(
        denied.servers().len(),
        if is_parted { 2 } else { 0 },
        "{denied:?}"
    );
    b.fail(Trouble::Fault {
        code: "ErrorInvalidOperation".to_owned(),
        back_off: None,
    });
    let fault = subjects(&*shared).await.unwrap_err();
    assert!(fault.request_id().is_some(), "{fault:?}");
    assert_ne!(fault.request_id(), denied.request_id());
    b.fail(Trouble::Status {
        status: 403,
        headers: vec![("X-FEServer".to_owned(), "GATE1".to_owned())],
        body: String::new(),
    });
    let closed = subjects(&*shared).await.unwrap_err();
    assert!(
        closed
            .to_string()
            .contains("Set-CASMailbox -Identity 'bob@example.test' -EwsEnabled $true"),
        "{closed}"
    );
    assert!(
        closed
            .servers()
            .iter()
            .any(|server| server == "GATE1" || server == "MAIL"),
        "{closed:?}"
    );
    Ok(())
}
