//! Accounts that may not, programs that may not, and too much at once.

use std::time::Duration;

use super::*;

fn folder() -> String {
    let folder = "<m:GetFolder><m:FolderShape><t:BaseShape>IdOnly</t:BaseShape></m:FolderShape><m:FolderIds><t:DistinguishedFolderId Id=\"inbox\"/></m:FolderIds></m:GetFolder>";
    envelope("Exchange2013_SP1", "", folder)
}

async fn status(simulator: &Simulator, user: &str) -> u16 {
    post(simulator, user, &folder()).await.unwrap().status
}

#[tokio::test]
async fn accounts_have_states() {
    let simulator = start().await;
    for (state, expected) in [
        (AccountState::Locked, 401),
        (AccountState::PasswordExpired, 401),
        (AccountState::Disabled, 401),
        (AccountState::EwsDisabled, 403),
        (AccountState::Active, 200),
    ] {
        simulator.set_account_state(ALICE, state).unwrap();
        assert_eq!(status(&simulator, ALICE).await, expected, "{state:?}");
        assert_eq!(status(&simulator, BOB).await, 200);
    }
    assert_eq!(simulator.log().wrong_credentials, 3);
    simulator.set_password(ALICE, "other").unwrap();
    assert_eq!(status(&simulator, ALICE).await, 200);
    assert_eq!(simulator.accounts()[0].password, "other");
    let nobody = simulator.set_account_state("nobody@example.test", AccountState::Locked);
    assert!(matches!(nobody, Err(SimulatorError::NotFound(_))));
}

#[tokio::test]
async fn programs_are_allowed_by_name() {
    let simulator = start().await;
    simulator.allow_programs(Some(&["Outlook/*", "Backup"]));
    // The tests have no user agent.
    assert_eq!(status(&simulator, ALICE).await, 403);
    simulator.allow_programs(Some(&["*"]));
    assert_eq!(status(&simulator, ALICE).await, 200);
    simulator.allow_programs(None);
    assert_eq!(status(&simulator, ALICE).await, 200);
}

#[tokio::test]
async fn an_account_has_so_many_requests_at_a_time() {
    let simulator = start().await;
    simulator.limit_concurrency(Some(2));
    simulator.disturb(Disturbance::new(Trouble::Delay(Duration::from_millis(500))));
    let body = folder();
    let first = post(&simulator, ALICE, &body);
    let second = post(&simulator, ALICE, &body);
    let third = async {
        while simulator.log().operations.get("GetFolder") != Some(&2) {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        // Others have a budget of their own.
        tokio::join!(post(&simulator, ALICE, &body), post(&simulator, BOB, &body))
    };
    let (first, second, (third, other)) = tokio::join!(first, second, third);
    for fine in [first, second, other] {
        assert_eq!(fine.unwrap().status, 200);
    }
    let refused = third.unwrap();
    assert_eq!(
        (refused.status, refused.code().as_str()),
        (500, "ErrorExceededConnectionCount")
    );
    assert_eq!(refused.texts("Value")[1], "2");
    let log = simulator.log();
    assert_eq!((log.most_at_once, log.refused_concurrency), (2, 1));
    // The places are free again.
    simulator.calm();
    assert_eq!(status(&simulator, ALICE).await, 200);
}

#[tokio::test]
async fn one_account_is_disturbed_and_another_is_not() {
    let simulator = start().await;
    let disturbance = Disturbance::new(Trouble::status(500)).by(ALICE);
    simulator.disturb(disturbance);
    assert_eq!(status(&simulator, ALICE).await, 500);
    assert_eq!(status(&simulator, BOB).await, 200);
    assert_eq!(simulator.log().troubles()["status"], 1);
}
