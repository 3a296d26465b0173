#![allow(clippy::unwrap_used)]

use super::*;
use crate::http::{Credentials, HttpOptions, Proxy};
use crate::simulator::{Simulator, Trouble};

fn connector(simulator: &Simulator, password: &str) -> EwsConnector {
    EwsConnector::builder(simulator.ews_url())
        .credentials(Credentials::password("alice@example.test", password))
        .http(HttpOptions::default().proxy(Proxy::Off))
        .build()
        .unwrap()
}

async fn start() -> Simulator {
    Simulator::builder().start().await.unwrap()
}

fn word(diagnosis: &Diagnosis, subject: Subject) -> &'static str {
    diagnosis.verdict(subject).unwrap().word()
}

#[tokio::test]
async fn few_requests() {
    let simulator = start().await;
    let connector = connector(&simulator, "alice-Passw0rd");
    let diagnosis = connector.diagnose(&DiagnosisScope::new()).await;
    assert!(diagnosis.is_ok(), "{diagnosis}");
    let log = simulator.log();
    // The version, the folders, and a look into two of them.
    assert_eq!(
        (log.operations["GetFolder"], log.operations["FindItem"]),
        (2, 2)
    );

    let scope = DiagnosisScope::new()
        .act_as("bob@example.test")
        .shared("carol@example.test");
    let diagnosis = connector.diagnose(&scope).await;
    assert!(!diagnosis.is_ok(), "{diagnosis}");
    let log = simulator.log();
    assert_eq!(
        (log.operations["GetFolder"], log.operations["FindItem"]),
        (5, 4)
    );
    assert_eq!(simulator.violations(), []);
}

#[tokio::test]
async fn a_password_is_sent_once() {
    let simulator = start().await;
    let connector = connector(&simulator, "Wr0ng-guess");
    let scope = DiagnosisScope::new()
        .act_as("bob@example.test")
        .shared("carol@example.test");
    let diagnosis = connector.diagnose(&scope).await;
    assert_eq!(simulator.log().wrong_credentials, 1);
    assert_eq!(word(&diagnosis, Subject::Logon), "failed");
    assert_eq!(word(&diagnosis, Subject::Connection), "ok");
    let after = diagnosis
        .checks
        .iter()
        .skip_while(|one| one.subject != Subject::Service);
    assert!(after.clone().count() > 3);
    for check in after {
        assert_eq!(check.verdict, Verdict::not_tried("the logon failed"));
    }
    assert!(!diagnosis.to_string().contains("Wr0ng-guess"));
}

#[tokio::test]
async fn it_goes_on_past_what_is_denied() {
    let simulator = start().await;
    let connector = connector(&simulator, "alice-Passw0rd");
    // The version is known then, so that the trouble meets the folders.
    connector.probe().await.unwrap();
    simulator.fail_next(Trouble::Item {
        at: 1,
        code: "ErrorAccessDenied",
        back_off: None,
    });
    let diagnosis = connector.diagnose(&DiagnosisScope::new().send(true)).await;
    assert_eq!(word(&diagnosis, Subject::Mailbox), "ok");
    assert_eq!(word(&diagnosis, Subject::Calendar), "denied");
    assert_eq!(word(&diagnosis, Subject::Mail), "ok");
    assert_eq!(word(&diagnosis, Subject::Send), "ok");
    assert_eq!(simulator.outbox(), []);
}

#[tokio::test]
async fn a_draft_leaves_nothing_behind() {
    let simulator = start().await;
    let connector = connector(&simulator, "alice-Passw0rd");
    let scope = DiagnosisScope::new().send_by_draft();
    let diagnosis = connector.diagnose(&scope).await;
    assert!(diagnosis.is_ok(), "{diagnosis}");
    for folder in ["drafts", "deleteditems", "sentitems"] {
        let left = simulator.item_ids("alice@example.test", folder).unwrap();
        assert_eq!(left, Vec::<String>::new(), "{folder}");
    }
    assert_eq!(simulator.log().operations["CreateItem"], 1);
    assert_eq!(simulator.outbox(), []);
}

/// What was seen before the server went away is no verdict on now.
#[tokio::test]
async fn a_server_that_went_away() {
    let simulator = start().await;
    let connector = connector(&simulator, "alice-Passw0rd");
    let diagnosis = connector.diagnose(&DiagnosisScope::new()).await;
    assert!(diagnosis.is_ok(), "{diagnosis}");
    let again = connector.diagnose(&DiagnosisScope::new()).await;
    assert!(again.is_ok(), "{again}");
    assert_eq!(again.facts.accepted, diagnosis.facts.accepted);
    assert!(again.facts.accepted.is_some(), "{again}");
    drop(simulator);
    let diagnosis = connector.diagnose(&DiagnosisScope::new()).await;
    assert_eq!(
        word(&diagnosis, Subject::Connection),
        "failed",
        "{diagnosis}"
    );
    assert_eq!(word(&diagnosis, Subject::Logon), "not tried", "{diagnosis}");
    let facts = &diagnosis.facts;
    assert_eq!((facts.tried.as_slice(), &facts.accepted), (&[][..], &None));
}

/// The guard is asked about the draft, and the rest goes on.
#[tokio::test]
async fn a_guarded_connector_makes_no_draft() {
    let simulator = start().await;
    let connector = std::sync::Arc::new(connector(&simulator, "alice-Passw0rd"));
    let guarded = crate::Guarded::read_only(connector);
    let scope = DiagnosisScope::new().send_by_draft();
    let diagnosis = guarded.diagnose(&scope).await;
    assert_eq!(word(&diagnosis, Subject::Send), "denied");
    assert_eq!(word(&diagnosis, Subject::Mail), "ok");
    assert!(!simulator.log().operations.contains_key("CreateItem"));
}
