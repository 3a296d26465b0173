//! The zone of whole days, where neither the event nor the program names one.

use chrono::{DateTime, NaiveDate, Utc};
use exchange_connector::ews::{EwsConnector, ServerVersion};
use exchange_connector::http::{AuthPolicy, AuthScheme, Credentials, HttpOptions, Proxy};
use exchange_connector::model::{
    CalendarRef, EventPatch, EventQuery, NewEvent, Notify, Projection, TimeRange, When,
};
use exchange_connector::simulator::{CalendarRights, Simulator, Trouble};
use exchange_connector::{Connector, Error, ErrorKind, Mailbox, MailboxTarget, RetryPolicy};

const VERSIONS: [ServerVersion; 3] = [
    ServerVersion::Exchange2007Sp1,
    ServerVersion::Exchange2010Sp2,
    ServerVersion::Exchange2016,
];

const ALICE: &str = "alice@example.test";

struct Server {
    simulator: Simulator,
    version: ServerVersion,
}

impl Server {
    async fn start(version: ServerVersion) -> Self {
        let simulator = Simulator::builder()
            .version(version.as_str().parse().unwrap())
            .start()
            .await
            .unwrap();
        Self { simulator, version }
    }

    /// A program that says nothing about zones.
    fn mailbox(&self, user: &str, target: &MailboxTarget) -> std::sync::Arc<dyn Mailbox> {
        let accounts = self.simulator.accounts();
        let account = accounts
            .iter()
            .find(|one| one.address.starts_with(user))
            .unwrap();
        EwsConnector::builder(self.simulator.ews_url())
            .credentials(Credentials::password(user, account.password.clone()))
            .auth(AuthPolicy::Only(AuthScheme::Basic))
            .version(self.version)
            .http(HttpOptions::default().proxy(Proxy::Off))
            .retry(RetryPolicy::none())
            .build()
            .unwrap()
            .mailbox(target)
            .unwrap()
    }

    fn asked(&self) -> [u32; 2] {
        let operations = self.simulator.operations();
        let of = |name: &str| operations.get(name).copied().unwrap_or_default();
        [
            of("GetUserConfiguration"),
            of("GetUserAvailabilityRequest").max(of("GetUserAvailability")),
        ]
    }
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn holiday() -> NewEvent {
    NewEvent::new("Holiday", When::days(day("2026-07-14"), day("2026-07-16")))
}

async fn book(mailbox: &dyn Mailbox) -> Result<String, Error> {
    let made = mailbox
        .create_event(&CalendarRef::Default, holiday(), Notify::Auto)
        .await?;
    let When::AllDay { start, end, .. } = made.when else {
        panic!("{:?}", made.when);
    };
    assert_eq!((start, end), (day("2026-07-14"), day("2026-07-16")));
    Ok(made.id.as_raw().to_owned())
}

fn text_of<'a>(xml: &'a str, element: &str) -> &'a str {
    let (_, rest) = xml.split_once(&format!("<t:{element}>")).unwrap();
    rest.split_once('<').unwrap().0
}

#[tokio::test]
async fn a_whole_day_begins_where_the_mailbox_is() {
    for version in VERSIONS {
        for (zone, begins) in [
            ("Nepal Standard Time", "2026-07-13T18:15:00Z"),
            ("Tokyo Standard Time", "2026-07-13T15:00:00Z"),
            ("Eastern Standard Time", "2026-07-14T04:00:00Z"),
        ] {
            let server = Server::start(version).await;
            server.simulator.set_time_zone(ALICE, zone).unwrap();
            let mailbox = server.mailbox(ALICE, &MailboxTarget::Own);
            let id = book(&*mailbox)
                .await
                .unwrap_or_else(|e| panic!("{version} {zone}: {e}"));
            let xml = server.simulator.item_xml(&id).unwrap();
            assert_eq!(text_of(&xml, "Start"), begins, "{version} {zone}");
            // It is asked once, and not for what names a zone.
            book(&*mailbox).await.unwrap();
            let patch = EventPatch::new().when(When::days(day("2026-07-15"), day("2026-07-16")));
            let event =
                exchange_connector::model::EventId::from_raw(exchange_connector::Backend::Ews, id);
            mailbox
                .update_event(&event, patch, None, Notify::Auto)
                .await
                .unwrap();
            let expected = if version < ServerVersion::Exchange2010 {
                [0, 1]
            } else {
                [1, 0]
            };
            assert_eq!(server.asked(), expected, "{version} {zone}");
            assert_eq!(server.simulator.violations(), [], "{version} {zone}");
        }
    }
}

#[tokio::test]
async fn without_options_the_working_hours_tell() {
    for version in VERSIONS {
        let server = Server::start(version).await;
        server
            .simulator
            .set_time_zone(ALICE, "Nepal Standard Time")
            .unwrap();
        server.simulator.forget_web_options(ALICE).unwrap();
        // Rules that several zones have do too.
        for zone in ["Nepal Standard Time", "W. Europe Standard Time"] {
            server.simulator.set_time_zone(ALICE, zone).unwrap();
            let mailbox = server.mailbox(ALICE, &MailboxTarget::Own);
            book(&*mailbox)
                .await
                .unwrap_or_else(|e| panic!("{version} {zone}: {e}"));
        }
        assert_eq!(server.asked()[1], 2, "{version}");
        assert_eq!(server.simulator.violations(), [], "{version}");
    }
}

#[tokio::test]
async fn another_persons_zone_is_told_by_their_working_hours() {
    for version in VERSIONS {
        let server = Server::start(version).await;
        server
            .simulator
            .set_time_zone("bob@example.test", "Nepal Standard Time")
            .unwrap();
        server
            .simulator
            .grant("bob@example.test", ALICE, CalendarRights::Editor)
            .unwrap();
        let mailbox = server.mailbox(ALICE, &MailboxTarget::shared("bob@example.test"));
        let id = book(&*mailbox)
            .await
            .unwrap_or_else(|e| panic!("{version}: {e}"));
        let xml = server.simulator.item_xml(&id).unwrap();
        assert_eq!(text_of(&xml, "Start"), "2026-07-13T18:15:00Z", "{version}");
        assert_eq!(server.simulator.violations(), [], "{version}");
    }
}

#[tokio::test]
async fn what_nobody_knows_is_refused_and_what_is_wrong_is_not_asked_for() {
    // Without options, and without an address to ask for working hours.
    let server = Server::start(ServerVersion::Exchange2016).await;
    server.simulator.forget_web_options(ALICE).unwrap();
    let mailbox = server.mailbox("alice", &MailboxTarget::Own);
    let refused = book(&*mailbox).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::InvalidArgument);
    assert!(refused.to_string().contains("time_zone"), "{refused:?}");
    assert_eq!(server.asked(), [1, 0]);
    assert_eq!(
        server.simulator.item_ids(ALICE, "calendar").unwrap().len(),
        0
    );

    let before = server.simulator.log().http_requests;
    let mut wrong = holiday();
    wrong.when = When::days(day("2026-07-16"), day("2026-07-14"));
    let refused = mailbox
        .create_event(&CalendarRef::Default, wrong, Notify::Auto)
        .await;
    assert_eq!(refused.unwrap_err().kind(), ErrorKind::InvalidArgument);
    assert_eq!(server.simulator.log().http_requests, before);
}

#[tokio::test]
async fn a_lost_answer_is_not_taken_for_a_no() {
    let server = Server::start(ServerVersion::Exchange2016).await;
    let mailbox = server.mailbox(ALICE, &MailboxTarget::Own);
    server.simulator.fail_next(Trouble::DropBefore);
    let lost = book(&*mailbox).await.unwrap_err();
    assert_eq!(lost.kind(), ErrorKind::Connection, "{lost:?}");
    book(&*mailbox).await.unwrap();
    assert_eq!(
        server.simulator.item_ids(ALICE, "calendar").unwrap().len(),
        1
    );
}

/// A program that wrote UTC for its zone, but midnights of the mailbox's.
#[tokio::test]
async fn days_at_no_midnight_of_their_own_are_those_of_the_mailbox() {
    for version in VERSIONS {
        let server = Server::start(version).await;
        server
            .simulator
            .set_time_zone(ALICE, "Samoa Standard Time")
            .unwrap();
        // Thirteen hours before UTC: the nearest midnight in UTC is that of the wrong day.
        let item = "<t:CalendarItem><t:Subject>Holiday</t:Subject>\
                    <t:Start>2026-07-13T11:00:00Z</t:Start><t:End>2026-07-14T11:00:00Z</t:End></t:CalendarItem>";
        let id = server.simulator.plant(ALICE, "calendar", item).unwrap();
        server
            .simulator
            .alter(&id, "calendar:IsAllDayEvent", "true")
            .unwrap();
        let id = exchange_connector::model::EventId::from_raw(exchange_connector::Backend::Ews, id);
        let mailbox = server.mailbox(ALICE, &MailboxTarget::Own);
        let mut seen = vec![mailbox.get_event(&id, Projection::Full).await.unwrap()];
        let window = TimeRange::new(
            "2026-07-01T00:00:00Z".parse::<DateTime<Utc>>().unwrap(),
            "2026-08-01T00:00:00Z".parse::<DateTime<Utc>>().unwrap(),
        );
        seen.extend(
            mailbox
                .list_events(EventQuery::between(window))
                .collect()
                .await
                .unwrap(),
        );
        seen.extend(
            mailbox
                .list_events(EventQuery::between(window).full())
                .collect()
                .await
                .unwrap(),
        );
        assert_eq!(seen.len(), 3);
        for event in seen {
            let When::AllDay { start, end, .. } = &event.when else {
                panic!("{:?}", event.when);
            };
            assert_eq!(
                (*start, *end),
                (day("2026-07-14"), day("2026-07-15")),
                "{version}"
            );
        }
        assert_eq!(server.asked().iter().sum::<u32>(), 1, "{version}");
    }
}
