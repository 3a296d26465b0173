//! The examples as a person runs them. `cargo test` builds them first.

mod files;

use std::path::PathBuf;
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use exchange_connector::ical::Import;
use exchange_connector::simulator::{SimulatedApplication, Simulator, Trouble};
use serde_json::json;

#[test]
fn agenda_in_the_simulator() {
    let Some(output) = run("agenda", &[]) else {
        return;
    };
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{text}");
    for expected in [
        "Team meeting (moved), Room 3.07 [of a series, changed]",
        "Company outing, Wannsee",
        "join (Microsoft Teams): https://teams.microsoft.com/",
        "(09:00 there) Call with New York",
        "booked: Fri",
        "with bob@example.test: no answer yet",
        "free and busy on Friday",
    ] {
        assert!(text.contains(expected), "{expected} is not in\n{text}");
    }
}

#[test]
fn switch_in_the_simulator() {
    let Some(output) = run("switch", &[]) else {
        return;
    };
    let text = String::from_utf8(output.stdout).unwrap();
    let errors = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{text}{errors}");
    let (on_premises, online) = text.split_once("by Microsoft Graph:").unwrap();
    assert!(
        on_premises.starts_with("by Exchange Web Services:"),
        "{text}"
    );
    // what was written by one way is read by the other
    for (part, count) in [(on_premises, 1), (online, 2)] {
        assert_eq!(part.matches("  Booked on").count(), count, "{text}");
    }
}

/// Each side described in a file, as a person would.
#[tokio::test(flavor = "multi_thread")]
async fn switch_by_configuration() {
    const CLIENT: &str = "0f1d3a5c-1c1e-4b2a-9d55-8c2f5f2f7c11";
    let simulator = Simulator::builder().start().await.unwrap();
    for (subject, days) in [("Company outing", 2), ("Interview", 1), ("Too late", 9)] {
        let time = |hours: i64| {
            let time = chrono::Utc::now() + chrono::TimeDelta::hours(24 * days + hours);
            time.format("%FT%TZ").to_string()
        };
        let item = format!(
            "<t:CalendarItem><t:Subject>{subject}</t:Subject><t:Start>{}</t:Start><t:End>{}</t:End></t:CalendarItem>",
            time(0),
            time(1)
        );
        let planted = simulator.plant("alice@example.test", "calendar", &item);
        planted.unwrap();
    }
    let permissions = ["Calendars.Read", "MailboxSettings.Read"];
    simulator.register_application(
        SimulatedApplication::new(CLIENT)
            .secret("not-a-secret")
            .application_permissions(&permissions),
    );
    let alice = simulator.accounts().remove(0);
    let token = simulator
        .delegated_token(&alice.address, &permissions)
        .unwrap();
    let on_premises = json!({"server": "on_premises", "url": simulator.ews_url(),
        "user": alice.address, "password": alice.password});
    let by_token =
        json!({"server": "online", "token": token.secret, "base_url": simulator.graph_url()});
    let by_application = json!({"server": "online", "tenant": "example.test", "client_id": CLIENT,
        "client_secret": "not-a-secret", "base_url": simulator.graph_url(),
        "authority_url": simulator.authority_url()});
    let folder = tempdir();
    let mut agendas = Vec::new();
    for (number, (config, act_as)) in [
        (on_premises, ""),
        (by_token, ""),
        (by_application, alice.address.as_str()),
    ]
    .into_iter()
    .enumerate()
    {
        let file = folder.join(format!("{number}.json"));
        std::fs::write(&file, config.to_string()).unwrap();
        let whose = [("EXCHANGE_ACT_AS", act_as.to_owned())];
        let Some(output) = run_with("switch", &[file.to_str().unwrap()], &whose) else {
            return;
        };
        let text = String::from_utf8(output.stdout).unwrap();
        let errors = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.success(), "{text}{errors}");
        let (by, agenda) = text.split_once('\n').unwrap();
        let backend = ["by Exchange Web Services:", "by Microsoft Graph:"][number.min(1)];
        assert_eq!(by, backend);
        agendas.push(agenda.to_owned());
    }
    let subjects: Vec<_> = agendas[0]
        .lines()
        .map(|line| line.get(14..).unwrap_or(line))
        .collect();
    assert_eq!(subjects, ["Interview", "Company outing"], "{}", agendas[0]);
    assert!(agendas.iter().all(|one| *one == agendas[0]), "{agendas:#?}");

    let both = json!({"server": "online", "token": "x", "client_secret": "Xyzzy-17"});
    let output = run("switch", &[("EXCHANGE_CONFIG", both.to_string())]).unwrap();
    let text = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(
        text.contains("give one of them") && !text.contains("Xyzzy"),
        "{text}"
    );
    std::fs::remove_dir_all(folder).unwrap();
}

/// A folder of this test alone.
fn tempdir() -> PathBuf {
    let folder = std::env::temp_dir().join(format!("switch-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

/// The other examples on Exchange Online.
#[tokio::test(flavor = "multi_thread")]
async fn agenda_and_doctor_online() {
    let simulator = Simulator::builder()
        .seed_agenda(true)
        .start()
        .await
        .unwrap();
    let token = |permissions: &[&str]| {
        let token = simulator.delegated_token("alice@example.test", permissions);
        token.unwrap().secret
    };
    let variables = |token| {
        [
            ("GRAPH_URL", simulator.graph_url()),
            ("GRAPH_TOKEN", token),
            ("EWS_TIME_ZONE", "Europe/Paris".to_owned()),
        ]
    };
    let permissions = [
        "User.Read",
        "User.ReadBasic.All",
        "Calendars.ReadWrite",
        "Mail.Read",
    ];
    let all = token(&permissions);
    let Some(output) = run("agenda", &variables(all.clone())) else {
        return;
    };
    let text = String::from_utf8(output.stdout).unwrap();
    let errors = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{text}{errors}");
    assert!(text.contains("(09:00 there) Call with New York"), "{text}");

    let output = run_with("doctor", &["--send"], &variables(all)).unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(1), "{text}");
    assert!(
        text.contains("Mail.Send") && text.contains("two hours"),
        "{text}"
    );
    let output = run("doctor", &variables("Xyzzy-17".to_owned())).unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(1), "{text}");
    assert!(
        text.contains("failed     logon") && !text.contains("Xyzzy"),
        "{text}"
    );

    let mut both = variables("x".to_owned()).to_vec();
    both.push(("EWS_URL", "mail.example.test".to_owned()));
    let output = run("agenda", &both).unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(
        String::from_utf8(output.stderr)
            .unwrap()
            .contains("name one server")
    );
}

#[test]
fn join_next_in_the_simulator() {
    let Some(output) = run("join_next", &[]) else {
        return;
    };
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{text}");
    for expected in [
        "passed over: Sales pitch (declined)",
        "passed over: Cancelled: Supplier call (cancelled)",
        "\nCustomer call\n",
        "  Zoom: https://example-test.zoom.us/j/8500",
        "  passcode: 471108",
        "  or call +49 69 5550 1234 Germany, code 8500",
    ] {
        assert!(text.contains(expected), "{expected} is not in\n{text}");
    }
    assert!(!text.contains("Call that is over"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn agenda_on_a_server() {
    let simulator = Simulator::builder()
        .seed_agenda(true)
        .start()
        .await
        .unwrap();
    let alice = simulator.accounts().remove(0);
    let variables = |password| {
        [
            ("EWS_URL", simulator.ews_url().to_owned()),
            ("EWS_USERNAME", alice.address.clone()),
            ("EWS_PASSWORD", password),
            // The clocks of the seeded week, so that it is this week at any hour.
            ("EWS_TIME_ZONE", "Europe/Paris".to_owned()),
        ]
    };

    let Some(output) = run("agenda", &variables(alice.password.clone())) else {
        return;
    };
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("times of Europe/Paris"), "{text}");
    assert!(text.contains("(09:00 there) Call with New York"), "{text}");
    // On a real server it only reads.
    assert!(!text.contains("booked"), "{text}");

    let output = run("agenda", &variables("Xyzzy-17".to_owned())).unwrap();
    let text = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(
        text.contains("refused the user name or the password"),
        "{text}"
    );
    assert!(
        text.contains("offered: ") && text.contains("tried: "),
        "{text}"
    );
    assert!(
        !text.contains("Error {") && !text.contains("Xyzzy"),
        "{text}"
    );
}

#[test]
fn doctor_in_the_simulator() {
    let Some(output) = run("doctor", &[]) else {
        return;
    };
    let text = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(0), "{text}");
    for expected in [
        "ok         logon                alice@example.test",
        "ok         calendar             0 items; may read, create, change, delete",
        "This text holds names of accounts",
    ] {
        assert!(text.contains(expected), "{expected} is not in\n{text}");
    }

    let output = run_with("doctor", &["--json", "--act-as", "bob@example.test"], &[]).unwrap();
    assert_eq!(output.status.code(), Some(1));
    let json: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let denied = json["checks"].as_array().unwrap().iter();
    let denied = denied.filter(|check| check["verdict"] == "denied");
    let denied: Vec<_> = denied.map(|check| &check["mailbox"]["act_as"]).collect();
    assert_eq!(denied, ["bob@example.test"]);

    let address = |address: &str| {
        [
            ("EWS_URL", address.to_owned()),
            ("EWS_USERNAME", "x".to_owned()),
            ("EWS_PASSWORD", "Wr0ng".to_owned()),
        ]
    };
    let output = run("doctor", &address("http://mail.example.test")).unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(1), "{text}");
    assert!(text.contains("failed"), "{text}");
    let output = run("doctor", &[("EWS_URL", "mail.example.test".to_owned())]).unwrap();
    assert_eq!(output.status.code(), Some(2));
    let text = String::from_utf8(output.stderr).unwrap();
    assert!(
        text.contains("EWS_USERNAME is not set") && text.contains("doctor [--json]"),
        "{text}"
    );
}

#[test]
fn autodiscover_in_the_simulator() {
    let Some(output) = run_with("autodiscover", &["--trace"], &[]) else {
        return;
    };
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{text}");
    for expected in [
        "SOAP https://autodiscover.example.test/autodiscover/autodiscover.svc for alice@example.test, with credentials: found",
        "mailbox   alice@example.test",
        "name      Alice Adler",
        "location  on-premises",
        "EWS       https://mail.example.test/EWS/Exchange.asmx",
        "version   Exchange2016",
        "found by  the host autodiscover of the domain (SOAP)",
    ] {
        assert!(text.contains(expected), "{expected} is not in\n{text}");
    }
    assert!(!text.contains("Passw0rd"), "{text}");

    let output = run(
        "autodiscover",
        &[("AUTODISCOVER_ADDRESS", "alice".to_owned())],
    )
    .unwrap();
    let text = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(text.contains("is no e-mail address"), "{text}");
}

#[test]
fn out_of_office_in_the_simulator() {
    let Some(output) = run("out_of_office", &[]) else {
        return;
    };
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{text}");
    for expected in [
        "before, times of Europe/Berlin\n  answers nobody",
        "set\n  answers from ",
        "  inside: Bob stands in for me.",
        "  everybody outside: I am back in two weeks.",
        "is told before: Bob stands in for me.",
        "answered bob@example.test: Automatic reply: Lunch?: Bob stands in for me.",
        "back\n  answers nobody",
    ] {
        assert!(text.contains(expected), "{expected} is not in\n{text}");
    }

    let variables = |last: &str| {
        [
            ("OOF_FROM", "2030-12-23".to_owned()),
            ("OOF_TO", last.to_owned()),
            ("OOF_INTERNAL", "Ask R&D".to_owned()),
        ]
    };
    let output = run("out_of_office", &variables("2031-01-06")).unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    for expected in [
        "answers from Mon 23 Dec 00:00 to Tue 07 Jan 00:00",
        "inside: Ask R&D",
        "nobody outside: \n",
    ] {
        assert!(text.contains(expected), "{expected} is not in\n{text}");
    }
    let output = run("out_of_office", &variables("soon")).unwrap();
    assert_eq!(output.status.code(), Some(1));
    let text = String::from_utf8(output.stderr).unwrap();
    assert!(text.contains("OOF_TO=soon is no day"), "{text}");
}

#[test]
fn find_slots_in_the_simulator() {
    let Some(output) = run("find_slots", &[]) else {
        return;
    };
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{text}");
    let proposals: Vec<&str> = text.lines().filter(|line| line.starts_with("  ")).collect();
    assert_eq!(proposals.len(), 6, "{text}");
    for proposal in proposals {
        assert!(proposal.contains("with carol@example.test"), "{text}");
        assert!(proposal.contains("in room1@example.test"), "{text}");
    }
    // Nothing of what is in the calendars.
    for subject in ["meeting", "visit", "Dentist", "Interview", "Lunch"] {
        assert!(!text.contains(subject), "{text}");
    }

    let nobody = [("FIND_REQUIRED", "nobody@example.test".to_owned())];
    let output = run("find_slots", &nobody).unwrap();
    let text = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(text.contains("nobody@example.test"), "{text}");
    assert!(!text.contains("Error {"), "{text}");
}

#[test]
fn export_ics_in_the_simulator() {
    let Some(output) = run("export_ics", &[]) else {
        return;
    };
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{text}");
    assert!(text.starts_with("BEGIN:VCALENDAR\r\n"), "{text}");
    assert!(text.ends_with("END:VCALENDAR\r\n"), "{text}");
    let calendar = Import::new().read(&text).unwrap();
    let entries: Vec<_> = calendar.entries.iter().flatten().collect();
    let of = |subject: &str| {
        let mut found = entries
            .iter()
            .filter(|entry| entry.main.event.subject == subject);
        let one = found
            .next()
            .unwrap_or_else(|| panic!("{subject} is not in\n{text}"));
        assert!(found.next().is_none(), "{subject} is there twice");
        one
    };
    let meeting = of("Team meeting");
    let recurrence = meeting.main.event.recurrence.as_ref().unwrap();
    assert_eq!(recurrence.days().count(), 12);
    assert_eq!(meeting.exceptions.len(), 1);
    assert_eq!(meeting.exceptions[0].event.subject, "Team meeting (moved)");
    assert_eq!(meeting.deleted.len(), 1);
    assert!(of("Company outing").main.event.when.is_all_day());
    assert_eq!(of("Design review").main.event.attendees.len(), 1);
    assert!(of("Design review").main.online_meeting.is_some());

    let wrong = [("EXPORT_FROM", "today".to_owned())];
    let output = run("export_ics", &wrong).unwrap();
    assert_eq!(output.status.code(), Some(1));
    let text = String::from_utf8(output.stderr).unwrap();
    assert!(text.contains("EXPORT_FROM=today is no day"), "{text}");
}

#[test]
fn book_meeting_in_the_simulator() {
    let Some(output) = run("book_meeting", &[]) else {
        return;
    };
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{text}");
    for expected in [
        "booked: The new office, ",
        " 15:00",
        "  invited: bob@example.test, should come",
        "  invited: carol@example.test, may come",
        "  invited: room1@example.test, is booked",
        "  attached: agenda.txt",
        "booked again with the same key: the same meeting",
    ] {
        assert!(text.contains(expected), "{expected} is not in\n{text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn book_meeting_on_a_server_wants_to_know_whom_to_invite() {
    let simulator = Simulator::builder().start().await.unwrap();
    let alice = simulator.accounts().remove(0);
    let mut variables = vec![
        ("EWS_URL", simulator.ews_url().to_owned()),
        ("EWS_USERNAME", alice.address.clone()),
        ("EWS_PASSWORD", alice.password),
        ("EWS_TIME_ZONE", "Europe/Berlin".to_owned()),
        ("BOOK_START", "2026-03-02T15:00".to_owned()),
    ];
    let Some(output) = run("book_meeting", &variables) else {
        return;
    };
    let text = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(text.contains("BOOK_ATTENDEES is not set"), "{text}");
    assert!(simulator.outbox().is_empty());

    variables.push((
        "BOOK_ATTENDEES",
        "bob@example.test, (eve@elsewhere.test)".to_owned(),
    ));
    let output = run("book_meeting", &variables).unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("eve@elsewhere.test, may come"), "{text}");
    let mut told: Vec<_> = simulator
        .outbox()
        .iter()
        .flat_map(|one| one.to.clone())
        .collect();
    told.sort();
    assert_eq!(told, ["bob@example.test", "eve@elsewhere.test"]);
}

#[test]
fn respond_in_the_simulator() {
    let Some(output) = run("respond", &[]) else {
        return;
    };
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{text}");
    assert!(text.contains("12:00 Lunch (from Bob"), "{text}");
    assert!(text.contains("16:00 Budget (from Bob"), "{text}");
    assert!(text.contains("in the calendar: "), "{text}");
    assert!(text.contains(", accepted"), "{text}");

    let wrong = [("RESPOND_WITH", "maybe".to_owned())];
    let output = run("respond", &wrong).unwrap();
    let text = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(
        text.contains("none of accept, tentative, decline"),
        "{text}"
    );
}

#[test]
fn sync_calendar_in_the_simulator() {
    let Some(output) = run("sync_calendar", &[]) else {
        return;
    };
    let text = String::from_utf8(output.stdout).unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{text}{said}");
    let (first, second) = text.split_once("the second round").unwrap();
    for expected in ["new      Team meeting", "new      Company outing"] {
        assert!(first.contains(expected), "{expected} is not in\n{text}");
    }
    assert!(
        !first.contains("changed") && !first.contains("gone"),
        "{text}"
    );
    let second: Vec<&str> = second.lines().map(str::trim).collect();
    let of = |word: &str| second.iter().filter(|line| line.starts_with(word)).count();
    assert_eq!((of("new"), of("changed"), of("gone")), (1, 1, 1), "{text}");
    assert!(
        text.contains("new      Dentist") && text.contains("changed  Renamed"),
        "{text}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn sync_calendar_goes_on_from_its_file() {
    let simulator = Simulator::builder()
        .seed_agenda(true)
        .start()
        .await
        .unwrap();
    let alice = simulator.accounts().remove(0);
    let directory = std::env::temp_dir().join(format!("sync_calendar_test_{}", std::process::id()));
    std::fs::create_dir_all(&directory).unwrap();
    let file = directory.join("calendar.json");
    let variables = [
        ("EWS_URL", simulator.ews_url().to_owned()),
        ("EWS_USERNAME", alice.address.clone()),
        ("EWS_PASSWORD", alice.password.clone()),
        ("EWS_TIME_ZONE", "Europe/Berlin".to_owned()),
    ];
    let sync = || {
        let output = run_with("sync_calendar", &[file.to_str().unwrap()], &variables)?;
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.success(), "{said}");
        Some(String::from_utf8(output.stdout).unwrap())
    };
    let Some(first) = sync() else {
        return;
    };
    assert!(first.contains("new      Team meeting"), "{first}");
    assert_eq!(sync().unwrap().trim(), "nothing changed");
    // After every page the file is whole, and nothing is left beside it.
    let files: Vec<_> = std::fs::read_dir(&directory).unwrap().collect();
    assert_eq!(files.len(), 1);

    let ids = simulator.item_ids(&alice.address, "calendar").unwrap();
    simulator.remove(&ids[0]).unwrap();
    simulator.expire_sync_states();
    let again = sync().unwrap();
    assert!(again.contains("everything is read again"), "{again}");
    assert_eq!(again.matches("gone").count(), 1, "{again}");
    assert!(!again.contains("new  "), "{again}");

    let output = run("sync_calendar", &variables).unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("in which file"), "{said}");
    std::fs::write(&file, "nonsense").unwrap();
    let output = run_with("sync_calendar", &[file.to_str().unwrap()], &variables).unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(
        said.contains("calendar.json") && !said.contains("Error {"),
        "{said}"
    );
    std::fs::remove_dir_all(&directory).unwrap();
}

#[test]
fn send_mail_in_the_simulator() {
    let Some(output) = run("send_mail", &[]) else {
        return;
    };
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{text}");
    let (first, again) = text.split_once("once more").unwrap();
    assert!(first.starts_with("sent\nMessage-ID: <"), "{text}");
    assert!(
        again.contains("was sent before: the copy is ews:"),
        "{text}"
    );
    let id = |text: &str| text.split_once("Message-ID: ").unwrap().1.trim().to_owned();
    assert_eq!(id(first), id(again));
}

#[tokio::test(flavor = "multi_thread")]
async fn send_mail_says_when_nobody_knows() {
    let simulator = Simulator::builder().start().await.unwrap();
    let alice = simulator.accounts().remove(0);
    let variables = |more: &[(&'static str, &str)]| {
        let mut all = vec![
            ("EWS_URL", simulator.ews_url().to_owned()),
            ("EWS_USERNAME", alice.address.clone()),
            ("EWS_PASSWORD", alice.password.clone()),
            ("EWS_VERSION", "2016".to_owned()),
            ("EWS_AUTH", "basic".to_owned()),
            ("EWS_ATTEMPTS", "1".to_owned()),
            ("SEND_SUBJECT", "Invoice".to_owned()),
            ("SEND_TEXT", "Attached.".to_owned()),
        ];
        all.extend(
            more.iter()
                .map(|(name, value)| (*name, (*value).to_owned())),
        );
        all
    };
    let lose = |requests: usize| {
        for _ in 0..requests {
            simulator.fail_next(Trouble::Delay(Duration::ZERO));
        }
        simulator.fail_next(Trouble::DropAfter);
    };
    let Some(output) = run("send_mail", &variables(&[])) else {
        return;
    };
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(said.contains("SEND_TO is not set"), "{said}");

    // Sent, but nobody said so.
    let to = ("SEND_TO", "bob@example.test");
    lose(1);
    let output = run("send_mail", &variables(&[to])).unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(!said.contains("Error {"), "{said}");
    assert_eq!(simulator.outbox().len(), 1);

    // With a key it finds out by itself.
    lose(3);
    let keyed = variables(&[to, ("SEND_KEY", "invoice-7")]);
    let output = run("send_mail", &keyed).unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(
        output.status.success() && text.contains("was sent before"),
        "{text}"
    );
    assert_eq!(simulator.outbox().len(), 2);

    let nobody = variables(&[("SEND_TO", "bob")]);
    let output = run("send_mail", &nobody).unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(simulator.outbox().len(), 2);
}

#[test]
fn inbox_in_the_simulator() {
    let shown = |arguments: &[&str]| {
        let output = run_with("inbox", arguments, &[])?;
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.success(), "{said}");
        Some(String::from_utf8(output.stdout).unwrap())
    };
    let Some(all) = shown(&[]) else {
        return;
    };
    let order: Vec<usize> = ["Invoice 17", "Re: Lunch", "Lunch\n"]
        .iter()
        .map(|subject| all.find(subject).unwrap())
        .collect();
    assert!(order.is_sorted(), "{all}");
    assert!(all.contains("3 of 3 messages"), "{all}");
    for (arguments, found) in [
        (vec!["--unread"], vec!["Invoice 17", "Re: Lunch"]),
        (
            vec!["--from", "bob@example.test", "--subject", "lunch"],
            vec!["Re: Lunch"],
        ),
        (vec!["--to", "bob@example.test"], vec![]),
        (
            vec!["--since", "2000-01-01", "--count", "1"],
            vec!["Invoice 17"],
        ),
        (vec!["--search", "invoice"], vec!["Invoice 17", "Re: Lunch"]),
    ] {
        let text = shown(&arguments).unwrap();
        let lines: Vec<&str> = text.lines().filter(|line| line.contains(':')).collect();
        assert_eq!(lines.len(), found.len(), "{arguments:?}: {text}");
        assert!(
            found.iter().all(|subject| text.contains(subject)),
            "{arguments:?}: {text}"
        );
    }
    let wrong = run_with("inbox", &["--form", "x"], &[]).unwrap();
    assert_eq!(wrong.status.code(), Some(1));
    assert!(
        String::from_utf8(wrong.stderr)
            .unwrap()
            .contains("usage: inbox")
    );
}

#[test]
fn sync_mail_in_the_simulator() {
    let Some(output) = run("sync_mail", &[]) else {
        return;
    };
    let text = String::from_utf8(output.stdout).unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{text}{said}");
    let (first, second) = text.split_once("the second round").unwrap();
    assert_eq!(first.matches("  there    ").count(), 3, "{text}");
    assert!(!first.contains("gone"), "{text}");
    assert!(
        second.contains("there    Re: Lunch, from bob@example.test"),
        "{text}"
    );
    for (word, times) in [("read     ", 2), ("gone     ", 1), ("there    ", 1)] {
        assert_eq!(second.matches(word).count(), times, "{word}: {text}");
    }
}

/// What an example prints with these variables set and no others of ours; `None` if it was not
/// built, as with `cargo test --test it`.
fn run(example: &str, variables: &[(&str, String)]) -> Option<Output> {
    run_with(example, &[], variables)
}

fn run_with(example: &str, arguments: &[&str], variables: &[(&str, String)]) -> Option<Output> {
    let mut command = Command::new(path_of(example)?);
    command.args(arguments);
    let ours = [
        "AUTODISCOVER",
        "EWS",
        "EXCHANGE",
        "FIND",
        "BOOK",
        "SEND",
        "IMPORT",
        "EXPORT",
        "GRAPH",
        "RESPOND",
        "OOF",
    ];
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        let prefix = text.split('_').next().unwrap_or_default();
        if ours.contains(&prefix) {
            command.env_remove(&name);
        }
    }
    let variables = variables.iter().map(|(name, value)| (name, value));
    Some(
        command
            .envs(variables)
            .stdin(Stdio::null())
            .output()
            .unwrap(),
    )
}

fn path_of(example: &str) -> Option<PathBuf> {
    let this = std::env::current_exe().unwrap();
    let profile = this.parent()?.parent()?;
    let path = profile
        .join("examples")
        .join(format!("{example}{}", std::env::consts::EXE_SUFFIX));
    if !path.exists() {
        assert!(
            std::env::var_os("CI").is_none(),
            "{example} was not built, which cargo test does"
        );
        println!("skipped: {example} was not built");
        return None;
    }
    Some(path)
}
