//! Ten thousand calls, 64 at a time, on servers where much goes wrong, and what is left of them.
//!
//! Each call that writes is held against what the servers have in the end: what succeeded is there
//! once, what is said to have done nothing is not there, and what is said to be in doubt is there
//! once at most.

mod office;
mod summary;
mod worker;

use std::time::{Duration, Instant};

use exchange_connector::model::{CalendarRef, DraftOptions};
use exchange_connector::simulator::{Log, SimulatedCertificate, Trouble};
use exchange_connector::{Effect, ErrorKind};

use office::{Desk, Office};
use summary::Summary;
use worker::{Worker, mail};

const CALLS: usize = 10_000;
const AT_A_TIME: usize = 64;
const MAILBOXES: usize = 4;
const LANES: usize = 4;
const SEED: u64 = 20_260_304;

/// No call lasts longer, whatever happens.
const DEADLINE: Duration = Duration::from_secs(60);

#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_calls_under_troubles() {
    let begun = Instant::now();
    let offices = [Office::start(true).await, Office::start(false).await];
    let desks: Vec<Desk> = offices.iter().flat_map(Office::desks).collect();
    for (number, office) in (1..).zip(&offices) {
        office.disturb(SEED + number);
    }
    let mut running = Vec::new();
    for number in 0..AT_A_TIME {
        let desk = desks[number % desks.len()].clone();
        running.push(tokio::spawn(Worker::new(number, desk).work()));
    }
    let mut workers = Vec::new();
    for worker in running {
        workers.push(worker.await.expect("no panic"));
    }

    let before: Vec<Log> = offices
        .iter()
        .map(|office| office.simulator.log())
        .collect();
    for office in &offices {
        office.simulator.calm();
    }
    all_is_well(&desks).await;
    for (office, before) in offices.iter().zip(&before) {
        office.check(before);
    }
    let mut summary = Summary::default();
    for worker in &workers {
        let truth = &offices[worker.desk.office].truth();
        worker.check(truth);
        summary.add(worker);
    }
    summary.show(&before, begun.elapsed());
    summary.check(&before);
}

/// The client binds its logon to whatever certificate it trusts, and comes back when the server does.
#[tokio::test]
async fn certificates_and_servers_come_and_go() {
    use SimulatedCertificate::{Expired, Regular, Renewed, Untrusted, WrongName};
    let office = Office::start(true).await;
    let desk = office.desks().next().unwrap();
    let call = || desk.mailbox.get_calendar(&CalendarRef::Default);
    let simulator = &office.simulator;
    for (certificate, is_fine) in [
        (Renewed, true),
        (Expired, false),
        (WrongName, false),
        (Untrusted, false),
        (Regular, true),
    ] {
        simulator.show_certificate(certificate).unwrap();
        simulator.restart();
        match call().await {
            Ok(_) => assert!(is_fine, "{certificate:?}"),
            Err(error) => {
                assert!(!is_fine, "{certificate:?}: {error:?}");
                assert_eq!(error.kind(), ErrorKind::Connection, "{error}");
                assert_eq!(error.effect(), Effect::None, "{error}");
                assert!(error.to_string().contains("certificate"), "{error}");
            }
        }
    }
    simulator.stop_listening().await;
    let error = call().await.unwrap_err();
    assert_eq!(
        (error.kind(), error.effect()),
        (ErrorKind::Connection, Effect::None),
        "{error}"
    );
    simulator.listen_again().await.unwrap();
    call().await.unwrap();
    let log = simulator.log();
    assert_eq!((log.wrong_credentials, log.wrong_bindings), (0, 0));
}

/// Answers that are not to the request are not taken, and nothing more is read where they came from.
#[tokio::test]
async fn answers_belong_to_their_requests() {
    let office = Office::start(false).await;
    let desk = office.desks().next().unwrap();
    let call = || desk.mailbox.get_calendar(&CalendarRef::Default);
    let simulator = &office.simulator;
    call().await.unwrap();
    for (trouble, is_fine) in [
        (Trouble::OtherOperation, false),
        // What changes nothing is asked for again.
        (Trouble::OtherRequest, true),
        (Trouble::StrayAnswer, true),
        (Trouble::garbage(), true),
        (Trouble::CloseAfter, true),
    ] {
        simulator.fail_next(trouble.clone());
        let answer = call().await;
        assert_eq!(answer.is_ok(), is_fine, "{trouble:?}: {answer:?}");
        if let Err(error) = answer {
            assert_eq!(error.kind(), ErrorKind::Protocol, "{error}");
        }
        call().await.unwrap();
    }
    let create = || desk.mailbox.create_draft(mail("once"), DraftOptions::new());
    simulator.fail_next(Trouble::OtherRequest);
    let lost = create().await.unwrap_err();
    assert_eq!(
        (lost.kind(), lost.effect()),
        (ErrorKind::Protocol, Effect::Unknown),
        "{lost}"
    );
    let drafts = simulator.item_ids("alice@example.test", "drafts");
    assert_eq!(drafts.unwrap().len(), 1);
}

/// Each of 64 calls succeeds.
async fn all_is_well(desks: &[Desk]) {
    let mut running = Vec::new();
    for number in 0..AT_A_TIME {
        let mailbox = desks[number % desks.len()].mailbox.clone();
        running.push(tokio::spawn(async move {
            let call = mailbox.get_calendar(&CalendarRef::Default);
            tokio::time::timeout(DEADLINE, call).await
        }));
    }
    for call in running {
        call.await.unwrap().expect("an end").expect("success");
    }
}
