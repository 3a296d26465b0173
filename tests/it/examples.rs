//! The examples as a person runs them. `cargo test` builds them first.

use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use exchange_connector::simulator::Simulator;

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

    let output = run("agenda", &variables("wrong".to_owned())).unwrap();
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
        !text.contains("Error {") && !text.contains("wrong"),
        "{text}"
    );
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

/// What an example prints with these variables set and no others of ours; `None` if it was not
/// built, as with `cargo test --test it`.
fn run(example: &str, variables: &[(&str, String)]) -> Option<Output> {
    let mut command = Command::new(path_of(example)?);
    for name in [
        "URL", "USERNAME", "PASSWORD", "VERSION", "AUTH", "CA_FILE", "MAILBOX",
    ] {
        command.env_remove(format!("EWS_{name}"));
    }
    for name in ["REQUIRED", "OPTIONAL", "ROOMS"] {
        command.env_remove(format!("FIND_{name}"));
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
        println!("skipped: {example} was not built");
        return None;
    }
    Some(path)
}
