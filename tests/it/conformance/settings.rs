use chrono::{TimeDelta, Utc};
use exchange_connector::model::{
    Body, ClientRules, ExternalAudience, FolderRef, InboxRule, NewMessage, OutOfOffice,
    OutOfOfficeStatus, Recipient, RuleActions, RuleId, RulePredicates, SendOptions,
    WellKnownFolder, When, Zone,
};
use exchange_connector::simulator::{SimulatedMailTips, Trouble};
use exchange_connector::{Connector as _, Effect, ErrorKind, Feature, MailboxTarget, Result};

use super::backend::{Backend, Doing, address, at, day};

/// A short message from one person to another.
async fn write(b: &Backend, from: &str, to: &str, subject: &str) -> Result<()> {
    let message = NewMessage::new(subject, Body::text("Words")).to(Recipient::smtp(address(to)));
    b.mailbox(from).send(message, SendOptions::new()).await?;
    Ok(())
}

pub(super) async fn a_mailbox_is_set_to_something(b: &Backend) -> Result<()> {
    let settings = b.mailbox("alice").mailbox_settings().await?;
    // By name or by rules, these are the clocks of the organisation.
    let midnight = |zone: Zone| {
        let day = When::all_day(day("2026-07-01")).in_zone(zone);
        day.span(chrono_tz::UTC).start
    };
    let hours = settings.working_hours.unwrap();
    for zone in [settings.time_zone.unwrap(), hours.zone] {
        assert_eq!(midnight(zone), at("2026-06-30T22:00:00Z"));
    }
    assert_eq!(hours.periods[0].start_minute, 480);
    // What a server does not tell is not made up.
    assert_eq!(settings.language, None);
    let formats = settings.date_format.zip(settings.time_format);
    let formats = formats.map(|(date, time)| format!("{date} {time}"));
    assert!(formats.is_none_or(|formats| formats == "dd.MM.yyyy HH:mm"));
    Ok(())
}

pub(super) async fn an_account_without_an_address_finds_its_own(b: &Backend) -> Result<()> {
    let mailbox = b.by_login("alice");
    let away = OutOfOffice::enabled().internal_reply("<p>Gone</p>");
    mailbox.set_out_of_office(away).await?;
    let kept = b.mailbox("alice").out_of_office().await?;
    assert_eq!(kept.status, OutOfOfficeStatus::AlwaysEnabled);
    assert!(mailbox.mailbox_settings().await?.working_hours.is_some());
    Ok(())
}

pub(super) async fn out_of_office_returns(b: &Backend) -> Result<()> {
    let mailbox = b.mailbox("alice");
    let before = mailbox.out_of_office().await?;
    assert_eq!(before.status, OutOfOfficeStatus::Disabled);
    // Whole seconds, as servers keep them.
    let now = Utc::now().timestamp();
    let now = chrono::DateTime::from_timestamp(now, 0).unwrap();
    let scheduled = OutOfOffice::scheduled(now, now + TimeDelta::weeks(2))
        .internal_reply("<p>Ask <b>Bob</b> &amp; Carol: 2 &lt; 3.</p>")
        .external_reply(ExternalAudience::ContactsOnly, "<p>Zurück am Montag ☀</p>");
    mailbox.set_out_of_office(scheduled.clone()).await?;
    assert_eq!(mailbox.out_of_office().await?, scheduled);

    let always = OutOfOffice::enabled()
        .internal_reply("<p>Gone</p>")
        .external_reply(ExternalAudience::All, "<p>Away</p>");
    mailbox.set_out_of_office(always.clone()).await?;
    let mut kept = mailbox.out_of_office().await?;
    // The time stays, of no use for now.
    assert_eq!(kept.schedule, scheduled.schedule);
    kept.schedule = None;
    assert_eq!(kept, always);

    let mut off = kept;
    off.status = OutOfOfficeStatus::Disabled;
    mailbox.set_out_of_office(off).await?;
    let off = mailbox.out_of_office().await?;
    assert_eq!(off.status, OutOfOfficeStatus::Disabled);
    assert_eq!(off.internal_reply, "<p>Gone</p>");
    Ok(())
}

pub(super) async fn an_absence_that_cannot_be(b: &Backend) -> Result<()> {
    let mailbox = b.mailbox("alice");
    let now = Utc::now();
    let before = b.requests();
    let mut unscheduled = OutOfOffice::scheduled(now, now + TimeDelta::days(1));
    unscheduled.schedule = None;
    for wrong in [OutOfOffice::scheduled(now, now), unscheduled] {
        let refused = mailbox.set_out_of_office(wrong).await.unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::InvalidArgument);
    }
    assert_eq!(b.requests(), before);
    // What is over only the server knows to be.
    let over = OutOfOffice::scheduled(now - TimeDelta::days(2), now - TimeDelta::days(1));
    let refused = mailbox.set_out_of_office(over).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::InvalidArgument);
    assert_eq!(refused.effect(), Effect::None);
    b.fail(Trouble::DropAfter);
    let lost = mailbox.set_out_of_office(OutOfOffice::enabled()).await;
    assert_eq!(lost.unwrap_err().effect(), Effect::Unknown);
    Ok(())
}

pub(super) async fn out_of_office_of_others(b: &Backend) -> Result<()> {
    let away = || OutOfOffice::enabled().internal_reply("Gone");
    let connector = b.connector("alice");
    let shared = connector.mailbox(&MailboxTarget::shared(address("bob")))?;
    let refused = shared.set_out_of_office(away()).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::PermissionDenied);
    b.allow_impersonation("alice");
    let acting = b
        .service("alice")
        .mailbox(&MailboxTarget::act_as(address("bob")))?;
    acting.set_out_of_office(away()).await?;
    let kept = b.mailbox("bob").out_of_office().await?;
    assert_eq!(kept.status, OutOfOfficeStatus::AlwaysEnabled);
    Ok(())
}

pub(super) async fn who_is_away_answers_once(b: &Backend) -> Result<()> {
    let away = OutOfOffice::enabled().internal_reply("<p>Ask Carol.</p>");
    b.mailbox("alice").set_out_of_office(away).await?;
    for _ in 0..2 {
        write(b, "bob", "alice", "Hello").await?;
    }
    assert_eq!(b.count("alice", "inbox"), 2);
    let answers: Vec<_> = b
        .sent()
        .into_iter()
        .filter(|one| one.from == address("alice"))
        .collect();
    let [answer] = answers.as_slice() else {
        panic!("{answers:?}");
    };
    assert_eq!(answer.to, [address("bob")]);
    assert_eq!(answer.subject, "Automatic reply: Hello");
    assert!(answer.body.contains("Ask Carol."), "{}", answer.body);
    Ok(())
}

pub(super) async fn tips_of_each_kind(b: &Backend) -> Result<()> {
    let full = SimulatedMailTips::new()
        .custom_tip("Think twice.")
        .mailbox_full(true)
        .max_message_size(1_000_000)
        .moderated(true)
        .restricted(true);
    b.mailbox("alice").mail_tips(&[]).await?;
    b.simulator().set_mail_tips(&address("bob"), full);
    let pending = SimulatedMailTips::new().pending(true);
    b.simulator().set_mail_tips(&address("carol"), pending);
    let away = OutOfOffice::enabled().internal_reply("<p>Ask Bob &amp; co.</p>");
    b.mailbox("carol").set_out_of_office(away).await?;

    let asked = ["bob", "carol", "team", "nobody"].map(address);
    let tips = b.mailbox("alice").mail_tips(&asked).await?;
    let tips: Vec<_> = tips.into_iter().collect::<Result<_>>()?;
    let [bob, carol, team, nobody] = tips.as_slice() else {
        panic!("{tips:?}");
    };
    for (tips, address) in tips.iter().zip(&asked) {
        assert_eq!(tips.recipient.smtp_address(), Some(address.as_str()));
    }
    assert_eq!(bob.custom_tip.as_deref(), Some("Think twice."));
    assert_eq!(
        (bob.mailbox_full, bob.is_moderated),
        (Some(true), Some(true))
    );
    assert_eq!(
        (bob.delivery_restricted, bob.automatic_reply.as_ref()),
        (Some(true), None)
    );
    assert_eq!(
        (bob.max_message_bytes, bob.total_members),
        (Some(1_000_000), Some(1))
    );
    assert_eq!(
        carol.automatic_reply.as_ref().unwrap().content,
        "Ask Bob & co."
    );
    // What was not found out is not known.
    assert_eq!(carol.mailbox_full, None);
    assert_eq!(
        (team.total_members, team.external_members),
        (Some(5), Some(1))
    );
    assert_eq!(team.invalid_recipient, Some(false));
    assert_eq!(nobody.invalid_recipient, Some(true));
    Ok(())
}

pub(super) async fn tips_about_many(b: &Backend) -> Result<()> {
    let mailbox = b.mailbox("alice");
    assert_eq!(mailbox.mail_tips(&[]).await?.len(), 0);
    let before = b.requests();
    let wrong = ["bob@example.test".to_owned(), "bob".to_owned()];
    let refused = mailbox.mail_tips(&wrong).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::InvalidArgument);
    assert_eq!(b.requests(), before);
    b.simulator().limit_mail_tips(40);
    let many: Vec<String> = (4..=123)
        .map(|number| address(&format!("user{number}")))
        .collect();
    let tips = mailbox.mail_tips(&many).await?;
    assert_eq!(tips.len(), 120);
    for (tips, address) in tips.into_iter().zip(&many) {
        assert_eq!(tips?.recipient.smtp_address(), Some(address.as_str()));
    }
    assert_eq!(b.requests_to(Doing::MailTips), 3);
    Ok(())
}

/// Puts what has such a word in its subject aside.
fn sorting(name: &str, word: &str) -> InboxRule {
    let aside = RuleActions::new().move_to(WellKnownFolder::JunkEmail);
    InboxRule::new(name, aside).when(RulePredicates::new().subject_contains(word))
}

async fn names(b: &Backend) -> Result<Vec<String>> {
    let rules = b.mailbox("alice").list_rules().await?.rules;
    Ok(rules.into_iter().map(|rule| rule.name).collect())
}

pub(super) async fn rules_come_change_and_go(b: &Backend) -> Result<()> {
    let mailbox = b.mailbox("alice");
    assert_eq!(mailbox.list_rules().await?.rules, []);
    let mut first = sorting("Prizes", "prize");
    first.exceptions.from = vec![Recipient::smtp(address("bob"))];
    let first = mailbox.create_rule(first, ClientRules::Keep).await?;
    assert!(first.id.is_some() && first.is_enabled && !first.is_read_only);
    assert!(matches!(first.actions.move_to, Some(FolderRef::Id(_))));
    assert_eq!(first.conditions.subject_contains, ["prize"]);
    let carol = Recipient::smtp(address("carol"));
    let actions = RuleActions::new().mark_as_read().forward_to(carol);
    let tell = InboxRule::new("Tell", actions).sequence(1);
    let tell = mailbox.create_rule(tell, ClientRules::Keep).await?;
    assert_eq!(tell.sequence, 1);
    assert_eq!(names(b).await?, ["Tell", "Prizes"]);

    write(b, "user4", "alice", "A Prize for you").await?;
    write(b, "bob", "alice", "My prize").await?;
    assert_eq!(
        (b.count("alice", "inbox"), b.count("alice", "junkemail")),
        (1, 1)
    );
    assert_eq!(b.count("carol", "inbox"), 2);

    let mut changed = tell.clone();
    changed.name = "Told".to_owned();
    changed.sequence = 2;
    changed.is_enabled = false;
    let changed = mailbox.update_rule(changed, ClientRules::Keep).await?;
    assert_eq!((changed.id, changed.sequence), (tell.id.clone(), 2));
    assert_eq!(names(b).await?, ["Prizes", "Told"]);
    write(b, "bob", "alice", "Hello").await?;
    assert_eq!(b.count("carol", "inbox"), 2);

    let id = tell.id.unwrap();
    mailbox.delete_rule(&id, ClientRules::Keep).await?;
    assert_eq!(names(b).await?, ["Prizes"]);
    let gone = mailbox
        .delete_rule(&id, ClientRules::Keep)
        .await
        .unwrap_err();
    assert_eq!(gone.kind(), ErrorKind::NotFound);
    Ok(())
}

pub(super) async fn rules_of_outlook_are_not_lost_unasked(b: &Backend) -> Result<()> {
    let mailbox = b.mailbox("alice");
    let kept = mailbox
        .create_rule(sorting("Kept", "a"), ClientRules::Keep)
        .await?;
    b.simulator().keep_outlook_rules(&address("alice")).unwrap();
    let rule = || sorting("New", "b");
    if !b.can(Feature::ClientRules) {
        assert!(!mailbox.list_rules().await?.has_client_rules);
        mailbox.create_rule(rule(), ClientRules::Keep).await?;
        mailbox.update_rule(kept, ClientRules::Keep).await?;
        let over_ews = b.ews_program("alice").mailbox(&MailboxTarget::Own)?;
        assert!(over_ews.list_rules().await?.has_client_rules);
        return Ok(());
    }
    assert!(mailbox.list_rules().await?.has_client_rules);
    let id = kept.id.clone().unwrap();
    for refused in [
        mailbox
            .create_rule(rule(), ClientRules::Keep)
            .await
            .map(drop),
        mailbox.update_rule(kept, ClientRules::Keep).await.map(drop),
        mailbox.delete_rule(&id, ClientRules::Keep).await,
    ] {
        let refused = refused.unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::InvalidState);
        assert_eq!(refused.effect(), Effect::None);
        assert!(
            refused
                .advice_text()
                .unwrap_or_default()
                .contains("Discard"),
            "{refused}"
        );
    }
    assert_eq!(names(b).await?, ["Kept"]);
    mailbox.create_rule(rule(), ClientRules::Discard).await?;
    let after = mailbox.list_rules().await?;
    assert_eq!((after.rules.len(), after.has_client_rules), (2, false));
    Ok(())
}

pub(super) async fn rules_that_cannot_be(b: &Backend) -> Result<()> {
    let mailbox = b.mailbox("alice");
    let made = mailbox
        .create_rule(sorting("Odd", "a"), ClientRules::Keep)
        .await?;
    let before = b.requests();
    let mut nameless = sorting(" ", "a");
    let mut negative = sorting("Not", "a");
    negative.conditions.has_attachments = Some(false);
    let idle = InboxRule::new("Idle", RuleActions::default());
    let mut foreign = made.clone();
    foreign.id = Some(RuleId::from_raw(b.other_protocol(), "1"));
    for (wrong, kind) in [
        (&nameless, ErrorKind::InvalidArgument),
        (&negative, ErrorKind::Unsupported),
        (&idle, ErrorKind::InvalidArgument),
    ] {
        let refused = mailbox.create_rule(wrong.clone(), ClientRules::Keep).await;
        assert_eq!(refused.unwrap_err().kind(), kind);
    }
    nameless.name = "Never made".to_owned();
    for (wrong, kind) in [
        (nameless, ErrorKind::InvalidArgument),
        (foreign, ErrorKind::InvalidId),
    ] {
        let refused = mailbox.update_rule(wrong, ClientRules::Keep).await;
        assert_eq!(refused.unwrap_err().kind(), kind);
    }
    assert_eq!(b.requests(), before);

    // Only the server knows that there is no such folder, and which rules it can say whole.
    let of_the_folder = [
        ErrorKind::InvalidArgument,
        ErrorKind::InvalidId,
        ErrorKind::NotFound,
    ];
    let mut lost = sorting("Lost", "a");
    let gone = exchange_connector::model::FolderId::from_raw(b.protocol(), "AAMkAGdvbmU=");
    lost.actions.move_to = Some(gone.into());
    let refused = mailbox
        .create_rule(lost, ClientRules::Keep)
        .await
        .unwrap_err();
    assert!(of_the_folder.contains(&refused.kind()), "{refused}");
    assert_eq!(names(b).await?, ["Odd"]);
    b.simulator().spoil_rule(&address("alice"), "Odd").unwrap();
    let odd = mailbox.list_rules().await?.rules.remove(0);
    assert!(odd.is_read_only);
    let id = odd.id.clone().unwrap();
    let refused = mailbox
        .update_rule(odd, ClientRules::Keep)
        .await
        .unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::InvalidState);
    mailbox.delete_rule(&id, ClientRules::Keep).await?;
    assert_eq!(names(b).await?, [""; 0]);
    Ok(())
}
