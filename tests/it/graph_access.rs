//! Settings, the directory, ids of other programs, the diagnosis and moving house on Graph.

use std::sync::Arc;

use chrono::{TimeDelta, Utc};
use exchange_connector::ews::EwsConnector;
use exchange_connector::graph::{Cloud, GraphConnector, TokenKind};
use exchange_connector::http::{AccessToken, Credentials, TokenProvider};
use exchange_connector::model::{
    CalendarRef, ClientRules, ExternalAudience, ForeignId, InboxRule, MessageQuery, NewEvent,
    Notify, OutOfOffice, OutOfOfficeStatus, PersonKind, Projection, Recipient, RuleActions,
    RulePredicates, WellKnownFolder, When, ZonedTime,
};
use exchange_connector::simulator::{SimulatedMailTips, Simulator};
use exchange_connector::{
    Connector, DiagnosisScope, Error, ErrorKind, Mailbox, MailboxTarget, Subject,
};

const EVERYTHING: [&str; 9] = [
    "User.Read",
    "User.ReadBasic.All",
    "GroupMember.Read.All",
    "Place.Read.All",
    "MailboxSettings.ReadWrite",
    "Mail.ReadWrite",
    "Mail.Send",
    "Calendars.ReadWrite",
    "People.Read",
];

async fn simulator() -> Simulator {
    Simulator::builder().start().await.unwrap()
}

fn graph(simulator: &Simulator, permissions: &[&str]) -> GraphConnector {
    let token = simulator
        .delegated_token("alice@example.test", permissions)
        .unwrap();
    GraphConnector::with_token(token.secret)
        .cloud(Cloud::At(simulator.graph_url()))
        .tokens_are(TokenKind::Delegated)
        .build()
        .unwrap()
}

fn ews(simulator: &Simulator) -> EwsConnector {
    let alice = simulator.accounts().remove(0);
    EwsConnector::builder(simulator.ews_url())
        .credentials(Credentials::password(alice.address, alice.password))
        .build()
        .unwrap()
}

fn own(connector: &dyn Connector) -> Arc<dyn Mailbox> {
    connector.mailbox(&MailboxTarget::Own).unwrap()
}

#[tokio::test]
async fn settings_are_those_of_the_other_way() {
    let simulator = simulator().await;
    let here = own(&graph(&simulator, &EVERYTHING));
    let there = own(&ews(&simulator));
    let settings = here.mailbox_settings().await.unwrap();
    let zone = settings.time_zone.unwrap();
    assert_eq!(zone.tz, Some(chrono_tz::Europe::Berlin));
    assert_eq!(settings.working_hours.unwrap().periods[0].start_minute, 480);
    assert_eq!(settings.language, None);

    let now = chrono::DateTime::from_timestamp(Utc::now().timestamp(), 0).unwrap();
    let away = OutOfOffice::scheduled(now, now + TimeDelta::weeks(2))
        .internal_reply("<p>Ask <b>Bob</b></p>")
        .external_reply(ExternalAudience::ContactsOnly, "<p>Away</p>");
    here.set_out_of_office(away.clone()).await.unwrap();
    assert_eq!(here.out_of_office().await.unwrap(), away);
    assert_eq!(there.out_of_office().await.unwrap(), away);
    let over = OutOfOffice::scheduled(now - TimeDelta::days(2), now - TimeDelta::days(1));
    let refused = here.set_out_of_office(over).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::InvalidArgument);
    there
        .set_out_of_office(OutOfOffice::disabled())
        .await
        .unwrap();
    let off = here.out_of_office().await.unwrap();
    assert_eq!(off.status, OutOfOfficeStatus::Disabled);
}

#[tokio::test]
async fn rules_are_those_of_the_other_way() {
    let simulator = simulator().await;
    let here = own(&graph(&simulator, &EVERYTHING));
    let there = own(&ews(&simulator));
    let mut when = RulePredicates::new()
        .from(Recipient::smtp("bob@example.test").named("Bob"))
        .subject_contains("prize");
    when.size = Some((1024, 1 << 20));
    when.has_attachments = Some(true);
    let aside = RuleActions::new()
        .move_to(WellKnownFolder::JunkEmail)
        .mark_as_read();
    let rule = InboxRule::new("Prizes", aside).when(when.clone());
    let made = here.create_rule(rule, ClientRules::Keep).await.unwrap();
    assert_eq!(made.conditions, when);
    let seen = there.list_rules().await.unwrap().rules;
    assert_eq!((seen.len(), &seen[0].conditions), (1, &when));
    assert!(seen[0].actions.mark_as_read && seen[0].actions.move_to.is_some());

    let copy = RuleActions::new().copy_to(WellKnownFolder::Drafts);
    there
        .create_rule(InboxRule::new("Copies", copy), ClientRules::Keep)
        .await
        .unwrap();
    let rules = here.list_rules().await.unwrap().rules;
    let names: Vec<_> = rules.iter().map(|rule| rule.name.as_str()).collect();
    assert_eq!(names, ["Copies", "Prizes"]);
    // what is not said any more goes
    let mut changed = made.clone();
    changed.conditions = RulePredicates::new();
    changed.sequence = 1;
    let changed = here.update_rule(changed, ClientRules::Keep).await.unwrap();
    assert_eq!(
        (changed.sequence, &changed.conditions),
        (1, &RulePredicates::new())
    );
    assert_eq!(
        there.list_rules().await.unwrap().rules[0].conditions,
        RulePredicates::new()
    );

    simulator
        .spoil_rule("alice@example.test", "Prizes")
        .unwrap();
    let refused = here
        .update_rule(changed, ClientRules::Keep)
        .await
        .unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::InvalidState);
    let id = made.id.unwrap();
    here.delete_rule(&id, ClientRules::Keep).await.unwrap();
    let gone = here.delete_rule(&id, ClientRules::Keep).await.unwrap_err();
    assert_eq!(gone.kind(), ErrorKind::NotFound);
}

#[tokio::test]
async fn tips() {
    let simulator = simulator().await;
    let here = own(&graph(&simulator, &EVERYTHING));
    let full = SimulatedMailTips::new()
        .custom_tip("Think twice.")
        .mailbox_full(true);
    simulator.set_mail_tips("bob@example.test", full);
    let asked = [
        "bob@example.test",
        "team@example.test",
        "nobody@example.test",
    ];
    let tips = here.mail_tips(&asked.map(str::to_owned)).await.unwrap();
    let tips: Vec<_> = tips.into_iter().collect::<Result<_, Error>>().unwrap();
    assert_eq!(tips[0].custom_tip.as_deref(), Some("Think twice."));
    assert_eq!(
        (tips[0].mailbox_full, tips[0].invalid_recipient),
        (Some(true), Some(false))
    );
    assert_eq!(
        (tips[1].total_members, tips[1].external_members),
        (Some(5), Some(1))
    );
    assert_eq!(tips[2].invalid_recipient, Some(true));
}

#[tokio::test]
async fn the_directory_is_that_of_the_other_way() {
    let simulator = simulator().await;
    let here = graph(&simulator, &EVERYTHING).directory();
    let there = ews(&simulator).directory();
    for text in ["bob", "bob@example.test", "be", "Team", "nobody"] {
        let mut found = here.resolve(text).await.unwrap();
        let mut expected = there.resolve(text).await.unwrap();
        for people in [&mut found, &mut expected] {
            people.sort_by_key(|person| person.who.smtp_address().map(str::to_owned));
        }
        assert_eq!(found, expected, "{text}");
    }
    let team = Recipient::smtp("team@example.test");
    let kinds = |people: Vec<exchange_connector::model::Person>| -> Vec<_> {
        people.into_iter().map(|one| (one.who, one.kind)).collect()
    };
    assert_eq!(
        kinds(here.expand_group(&team).await.unwrap()),
        kinds(there.expand_group(&team).await.unwrap())
    );
    assert_eq!(
        here.room_lists().await.unwrap(),
        there.room_lists().await.unwrap()
    );
    assert_eq!(
        here.rooms(None).await.unwrap(),
        there.rooms(None).await.unwrap()
    );
    for unknown in ["nobody@example.test", "team@example.test"] {
        let refused = here
            .rooms(Some(&Recipient::smtp(unknown)))
            .await
            .unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::NotFound, "{refused}");
    }
    let unknown = Recipient::smtp("nobody@example.test");
    let refused = here.expand_group(&unknown).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::NotFound);
}

#[tokio::test]
async fn without_a_permission_its_name_is_said() {
    let simulator = simulator().await;
    let poor = graph(&simulator, &["User.Read", "User.ReadBasic.All"]);
    let refused = poor.directory().room_lists().await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::PermissionDenied);
    assert!(refused.to_string().contains("Place.Read.All"), "{refused}");
    let refused = own(&poor).mailbox_settings().await.unwrap_err();
    assert!(
        refused.to_string().contains("MailboxSettings.Read"),
        "{refused}"
    );
    // people are found all the same
    let found = poor.directory().resolve("bob").await.unwrap();
    assert_eq!((found.len(), found[0].kind), (1, PersonKind::Mailbox));
}

#[tokio::test]
async fn ids_of_other_programs() {
    let simulator = simulator().await;
    let (here, there) = (graph(&simulator, &EVERYTHING), ews(&simulator));
    let start = ZonedTime::from_utc(Utc::now(), chrono_tz::Europe::Berlin);
    let end = ZonedTime::from_utc(Utc::now() + TimeDelta::hours(1), chrono_tz::Europe::Berlin);
    let event = own(&there)
        .create_event(
            &CalendarRef::Default,
            NewEvent::new("Lunch", When::between(start, end)),
            Notify::Auto,
        )
        .await
        .unwrap();
    let kept = ForeignId::Ews(event.id.as_raw().to_owned());
    let ids = [
        kept.clone(),
        ForeignId::Ews("nonsense".to_owned()),
        ForeignId::Owa("x".to_owned()),
    ];
    let translated = here
        .translate_event_ids(&MailboxTarget::Own, &ids)
        .await
        .unwrap();
    let kinds: Vec<_> = translated
        .iter()
        .map(|one| one.as_ref().map_err(Error::kind).map(drop))
        .collect();
    let expected = [
        Ok(()),
        Err(ErrorKind::InvalidId),
        Err(ErrorKind::Unsupported),
    ];
    assert_eq!(kinds, expected);
    let id = translated.into_iter().next().unwrap().unwrap();
    let read = own(&here)
        .get_event(&id, Projection::Summary)
        .await
        .unwrap();
    assert_eq!((read.subject.as_str(), read.id), ("Lunch", id));

    // by way of the entry id of MAPI, which a MAPI program would have kept
    use exchange_connector::ews::operation::{AlternateId, ConvertId, IdFormat};
    let id = AlternateId::new(IdFormat::EwsId, event.id.as_raw(), "alice@example.test");
    let convert = ConvertId::new(IdFormat::HexEntryId, [id]);
    let answer = there.client().send(&convert).await.unwrap().remove(0);
    let entry = answer.ok().unwrap().id.unwrap();
    let ids = [
        ForeignId::EntryIdHex(entry),
        ForeignId::Rest("x".to_owned()),
    ];
    let mut translated = there
        .translate_event_ids(&MailboxTarget::Own, &ids)
        .await
        .unwrap();
    let refused = translated.pop().unwrap().unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Unsupported);
    assert_eq!(translated.pop().unwrap().unwrap(), event.id);
    let translated = here
        .translate_event_ids(&MailboxTarget::Own, &ids[..1])
        .await
        .unwrap();
    assert!(translated.into_iter().all(|one| one.is_ok()));
}

#[tokio::test]
async fn the_diagnosis_names_what_is_missing() {
    let simulator = simulator().await;
    let scope = DiagnosisScope::new().send(true).shared("bob@example.test");
    let good = graph(&simulator, &EVERYTHING).diagnose(&scope).await;
    for subject in [
        Subject::Logon,
        Subject::Mailbox,
        Subject::Calendar,
        Subject::Mail,
        Subject::Send,
    ] {
        assert_eq!(good.verdict(subject).unwrap().word(), "ok", "{good}");
    }
    assert_eq!(simulator.outbox(), []);
    // whatever is asked, nothing is sent, and nothing is left
    let by_draft = DiagnosisScope::new().send_by_draft();
    let drafted = graph(&simulator, &EVERYTHING).diagnose(&by_draft).await;
    assert_eq!(drafted.verdict(Subject::Send).unwrap().word(), "ok");
    let own = own(&graph(&simulator, &EVERYTHING));
    for folder in [
        WellKnownFolder::Drafts,
        WellKnownFolder::SentItems,
        WellKnownFolder::Outbox,
        WellKnownFolder::DeletedItems,
    ] {
        let messages = own.list_messages(MessageQuery::new(folder)).collect();
        assert_eq!(messages.await.unwrap().len(), 0, "{folder:?}");
    }
    assert_eq!(simulator.outbox(), []);
    let said = good.to_string();
    assert!(
        said.contains("none needed: the server is on this machine"),
        "{said}"
    );
    let bob = MailboxTarget::shared("bob@example.test");
    let of_bob = good.verdict_in(Subject::Calendar, &bob).unwrap();
    assert_eq!(of_bob.word(), "denied", "{good}");
    assert!(good.to_string().contains("Calendars.Read.Shared"), "{good}");

    let poor = graph(&simulator, &["User.Read"]).diagnose(&scope).await;
    for (subject, permission) in [
        (Subject::Calendar, "Calendars.ReadBasic"),
        (Subject::Mail, "Mail.ReadBasic"),
        (Subject::Send, "Mail.Send"),
    ] {
        assert_eq!(poor.verdict(subject).unwrap().word(), "denied", "{poor}");
        assert!(poor.to_string().contains(permission), "{poor}");
    }
    // who may only send is a good logon all the same
    let sender = graph(&simulator, &["Mail.Send"]);
    sender.probe().await.unwrap();
    let sends = sender.diagnose(&scope).await;
    for (subject, word) in [
        (Subject::Logon, "ok"),
        (Subject::Service, "ok"),
        (Subject::Calendar, "denied"),
        (Subject::Send, "ok"),
    ] {
        assert_eq!(sends.verdict(subject).unwrap().word(), word, "{sends}");
    }
    // and so is an application of which it is not said that it is one
    let token = simulator.application_token(&["Mail.Send"]);
    let application = GraphConnector::with_token(token.secret)
        .cloud(Cloud::At(simulator.graph_url()))
        .build()
        .unwrap();
    application.probe().await.unwrap();

    let expired = graph(&simulator, &EVERYTHING);
    simulator.expire_tokens();
    let refused = expired.diagnose(&scope).await;
    assert_eq!(
        refused.verdict(Subject::Logon).unwrap().word(),
        "failed",
        "{refused}"
    );
    assert_eq!(refused.verdict(Subject::Mail).unwrap().word(), "not tried");
}

/// Nothing of a token, even if a provider fails.
#[tokio::test]
async fn a_provider_that_fails_is_the_logon() {
    struct Sealed;

    #[async_trait::async_trait]
    impl TokenProvider for Sealed {
        async fn token(&self) -> Result<AccessToken, Error> {
            Err(Error::new(
                ErrorKind::Unauthenticated,
                "token",
                "the vault is sealed",
            ))
        }

        async fn invalidate(&self, _: u64) {}
    }

    let simulator = simulator().await;
    let connector = GraphConnector::builder(Arc::new(Sealed))
        .cloud(Cloud::At(simulator.graph_url()))
        .build()
        .unwrap();
    let diagnosis = connector.diagnose(&DiagnosisScope::new()).await;
    assert_eq!(diagnosis.first_error().unwrap().subject, Subject::Logon);
}
