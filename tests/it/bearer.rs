//! The token providers where tokens are used: on EWS with hybrid modern authentication or AD FS, and on Graph.

use std::sync::Arc;

use exchange_connector::ews::EwsConnector;
use exchange_connector::graph::{Cloud, GraphConnector, TokenKind};
use exchange_connector::http::{ClientCertificate, Credentials};
use exchange_connector::model::{EventQuery, TimeRange};
use exchange_connector::oauth::{Authority, OAuthTokens, Registration};
use exchange_connector::simulator::{AccountState, AuthScheme, SimulatedApplication, Simulator};
use exchange_connector::{
    Connector, ConnectorConfig, DiagnosisScope, Error, ErrorKind, MailboxTarget, Result, Subject,
};
use serde_json::json;

const CLIENT: &str = "0f1d3a5c-1c1e-4b2a-9d55-8c2f5f2f7c11";
const SECRET: &str = "correct~horse~battery";
const ALICE: &str = "alice@example.test";
const BOB: &str = "bob@example.test";

/// A server with hybrid modern authentication, where Bob's account stands for the application.
async fn simulator() -> Simulator {
    let simulator = Simulator::builder()
        .auth(&[AuthScheme::Bearer, AuthScheme::Ntlm])
        .start()
        .await
        .unwrap();
    simulator.register_application(application().secret(SECRET));
    simulator
}

fn application() -> SimulatedApplication {
    SimulatedApplication::new(CLIENT)
        .delegated_permissions(&["EWS.AccessAsUser.All"])
        .application_permissions(&["full_access_as_app", "Calendars.Read"])
        .linked_account(BOB)
}

fn entra(simulator: &Simulator) -> Registration {
    let authority = Authority::entra_at(&simulator.authority_url(), "example.test");
    let scope = format!("{}/.default", simulator.authority_url());
    Registration::new(authority, CLIENT)
        .scope(scope)
        .secret(SECRET)
}

fn adfs(simulator: &Simulator) -> Registration {
    let resource = format!("{}/", simulator.authority_url());
    Registration::new(Authority::adfs(&simulator.authority_url()), CLIENT).resource(resource)
}

/// A user who signed in elsewhere.
fn of_alice(simulator: &Simulator, registration: Registration) -> OAuthTokens {
    let kept = simulator
        .refresh_token(CLIENT, ALICE, &["EWS.AccessAsUser.All"])
        .unwrap();
    registration.refresh_token(kept.secret).unwrap()
}

fn ews(simulator: &Simulator, tokens: OAuthTokens) -> EwsConnector {
    EwsConnector::builder(simulator.ews_url())
        .credentials(Credentials::bearer(Arc::new(tokens)))
        .build()
        .unwrap()
}

fn graph(simulator: &Simulator, tokens: OAuthTokens) -> GraphConnector {
    GraphConnector::builder(Arc::new(tokens))
        .cloud(Cloud::At(simulator.graph_url()))
        .tokens_are(TokenKind::Application)
        .build()
        .unwrap()
}

async fn read(connector: &dyn Connector, whose: &MailboxTarget) -> Result<usize> {
    let week = TimeRange::lasting(chrono::Utc::now(), chrono::TimeDelta::weeks(1));
    let mailbox = connector.mailbox(whose)?;
    let events = mailbox.list_events(EventQuery::between(week)).collect();
    events.await.map(|events| events.len())
}

fn asked(simulator: &Simulator, endpoint: &str) -> u32 {
    let log = simulator.log();
    log.operations.get(endpoint).copied().unwrap_or(0)
}

const TOKEN: &str = "POST /oauth2/v2.0/token";

/// In the middle of 32 calls all tokens are refused: one call asks for a new one, and every call is answered.
#[tokio::test]
async fn one_renewal_serves_all_calls_that_were_refused() {
    let simulator = simulator().await;
    let bob = MailboxTarget::act_as(BOB);
    let on_premises = ews(&simulator, of_alice(&simulator, entra(&simulator)));
    let online = graph(&simulator, entra(&simulator).client_credentials().unwrap());
    let both: [(Arc<dyn Connector>, &MailboxTarget); 2] = [
        (Arc::new(on_premises), &MailboxTarget::Own),
        (Arc::new(online), &bob),
    ];
    for (connector, whose) in both {
        read(&*connector, whose).await.unwrap();
        let before = asked(&simulator, TOKEN);
        simulator.expire_tokens();
        let together: Vec<_> = (0..32)
            .map(|_| {
                let (connector, whose) = (Arc::clone(&connector), whose.clone());
                tokio::spawn(async move { read(&*connector, &whose).await })
            })
            .collect();
        for call in together {
            call.await.unwrap().unwrap();
        }
        let backend = connector.backend();
        assert_eq!(asked(&simulator, TOKEN) - before, 1, "{backend}");
    }
}

#[tokio::test]
async fn an_application_acts_for_others_on_ews() {
    let simulator = simulator().await;
    let connector = ews(&simulator, entra(&simulator).client_credentials().unwrap());
    let alice = MailboxTarget::act_as(ALICE);
    // the account that stands for it may not act for others yet
    let refused = read(&connector, &alice).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::PermissionDenied, "{refused}");
    simulator.allow_impersonation(BOB).unwrap();
    assert_eq!(read(&connector, &alice).await.unwrap(), 0);
}

#[tokio::test]
async fn ad_fs_signs_users_and_applications_in() {
    let simulator = simulator().await;
    let user = of_alice(&simulator, adfs(&simulator).secret(SECRET));
    let connector = ews(&simulator, user);
    assert_eq!(read(&connector, &MailboxTarget::Own).await.unwrap(), 0);

    let (certificate, key) = (
        include_str!("../../fixtures/oauth/certificate.pem"),
        include_str!("../../fixtures/oauth/key.pem"),
    );
    simulator.register_application(application().certificate(certificate));
    let pair = || ClientCertificate::from_pem(certificate, key.to_owned()).unwrap();
    let signed = adfs(&simulator).certificate(pair()).client_credentials();
    let connector = ews(&simulator, signed.unwrap());
    assert_eq!(read(&connector, &MailboxTarget::Own).await.unwrap(), 0);

    let wrong = adfs(&simulator).secret("wrong").client_credentials();
    let error = wrong.unwrap().sign_in().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unauthenticated);
    assert!(error.to_string().contains("MSIS9622"), "{error}");
    let other = Registration::new(Authority::adfs(&simulator.authority_url()), CLIENT)
        .resource("https://elsewhere.test/")
        .certificate(pair())
        .client_credentials();
    let error = other.unwrap().sign_in().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Configuration, "{error}");
}

/// The same configuration value as on Graph, for a server on-premises.
#[tokio::test]
async fn a_configuration_names_where_tokens_come_from() {
    let simulator = simulator().await;
    let url = simulator.authority_url();
    let by_entra = json!({"tenant": "example.test", "authority_url": url, "client_id": CLIENT,
        "client_secret": SECRET, "scopes": [format!("{url}/.default")]});
    let by_adfs =
        json!({"adfs_url": url, "client_id": CLIENT, "client_secret": SECRET, "resource": url});
    for oauth in [by_entra, by_adfs] {
        let config = json!({"server": "on_premises", "url": simulator.ews_url(), "oauth": oauth});
        let config: ConnectorConfig = serde_json::from_value(config).unwrap();
        let connector = config.connect().unwrap();
        assert_eq!(read(&*connector, &MailboxTarget::Own).await.unwrap(), 0);
    }
}

#[tokio::test]
async fn a_token_that_is_not_for_ews_says_so() {
    let simulator = simulator().await;
    let shown = |error: &Error| format!("{error}");
    let with = |permissions: &[&str]| {
        let token = simulator.delegated_token(ALICE, permissions).unwrap();
        EwsConnector::builder(simulator.ews_url())
            .credentials(Credentials::bearer_token(token.secret))
            .build()
            .unwrap()
    };
    let own = MailboxTarget::Own;
    assert_eq!(read(&with(&["user_impersonation"]), &own).await.unwrap(), 0);
    let refused = read(&with(&["Mail.Read"]), &own).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Unauthenticated);
    assert!(
        shown(&refused).contains("contains no permissions"),
        "{refused}"
    );
    assert!(shown(&refused).contains("its permissions"), "{refused}");

    let expired = with(&["EWS.AccessAsUser.All"]);
    simulator.expire_tokens();
    let refused = read(&expired, &own).await.unwrap_err();
    assert!(
        shown(&refused).contains("this one has expired"),
        "{refused}"
    );
    let diagnosis = expired.diagnose(&DiagnosisScope::new()).await;
    assert_eq!(diagnosis.first_error().unwrap().subject, Subject::Logon);

    // Graph says it in another place
    let token = simulator.application_token(&["Calendars.Read"]);
    simulator.expire_tokens();
    let expired = GraphConnector::with_token(token.secret)
        .cloud(Cloud::At(simulator.graph_url()))
        .build()
        .unwrap();
    let refused = read(&expired, &MailboxTarget::act_as(ALICE)).await;
    let refused = refused.unwrap_err();
    assert_eq!(refused.code(), Some("InvalidAuthenticationToken"));
    assert!(
        shown(&refused).contains("Lifetime validation failed"),
        "{refused}"
    );
    assert!(
        shown(&refused).contains("this one has expired"),
        "{refused}"
    );
}

/// Who asks on the wrong side learns where the mailbox is.
#[tokio::test]
async fn a_mailbox_on_the_other_side() {
    let simulator = simulator().await;
    let here = ews(&simulator, of_alice(&simulator, entra(&simulator)));
    let there = graph(&simulator, entra(&simulator).client_credentials().unwrap());
    let alice = MailboxTarget::act_as(ALICE);

    simulator
        .set_account_state(ALICE, AccountState::OnPremises)
        .unwrap();
    read(&here, &MailboxTarget::Own).await.unwrap();
    let refused = read(&there, &alice).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::MailboxUnavailable);
    assert_eq!(refused.code(), Some("MailboxNotEnabledForRESTAPI"));
    let said = refused.to_string();
    assert!(
        said.contains("on-premises") && said.contains("EwsConnector"),
        "{said}"
    );
    assert!(refused.retry_after().is_none());

    simulator
        .set_account_state(ALICE, AccountState::MovedOnline)
        .unwrap();
    read(&there, &alice).await.unwrap();
    let refused = read(&here, &MailboxTarget::Own).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::MailboxNotFound);
    assert!(refused.to_string().contains("Microsoft Graph"), "{refused}");

    // Exchange Online closes EWS to all programs that are not on its list, then to all
    simulator
        .set_account_state(ALICE, AccountState::EwsDisabled)
        .unwrap();
    let refused = read(&here, &MailboxTarget::Own).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::PermissionDenied);
    assert!(refused.to_string().contains("Microsoft Graph"), "{refused}");
}
