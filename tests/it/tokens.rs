//! Token providers against the simulator's authority.

use std::sync::{Arc, Mutex};

use exchange_connector::graph::{Cloud, GraphConnector, TokenKind};
use exchange_connector::http::{ClientCertificate, TokenProvider as _};
use exchange_connector::oauth::{Authority, OAuthTokens, Registration};
use exchange_connector::simulator::{SimulatedApplication, Simulator};
use exchange_connector::{Connector as _, Error, ErrorKind};
use secrecy::ExposeSecret as _;

const CLIENT: &str = "0f1d3a5c-1c1e-4b2a-9d55-8c2f5f2f7c11";
const SECRET: &str = "correct~horse~battery";
const PERMISSIONS: [&str; 2] = ["User.Read", "User.ReadBasic.All"];

async fn simulator() -> Simulator {
    let simulator = Simulator::builder().start().await.unwrap();
    simulator.register_application(application().secret(SECRET));
    simulator
}

fn application() -> SimulatedApplication {
    SimulatedApplication::new(CLIENT)
        .application_permissions(&PERMISSIONS)
        .delegated_permissions(&PERMISSIONS)
}

fn registration(simulator: &Simulator) -> Registration {
    registration_in(simulator, "example.test")
}

fn registration_in(simulator: &Simulator, tenant: &str) -> Registration {
    let authority = Authority::entra_at(&simulator.authority_url(), tenant);
    Registration::new(authority, CLIENT).scope(Cloud::At(simulator.graph_url()).default_scope())
}

fn asked(simulator: &Simulator) -> u32 {
    let log = simulator.log();
    log.operations
        .get("POST /oauth2/v2.0/token")
        .copied()
        .unwrap_or(0)
}

async fn text(tokens: &OAuthTokens) -> String {
    let token = tokens.token().await.unwrap();
    token.secret.expose_secret().to_owned()
}

#[tokio::test]
async fn one_token_serves_many_calls_and_is_renewed_when_it_is_refused() {
    let simulator = simulator().await;
    let tokens = registration(&simulator)
        .secret(SECRET)
        .client_credentials()
        .unwrap();
    let together: Vec<_> = (0..20)
        .map(|_| {
            let tokens = tokens.clone();
            tokio::spawn(async move { text(&tokens).await })
        })
        .collect();
    let mut seen = Vec::new();
    for call in together {
        seen.push(call.await.unwrap());
    }
    seen.dedup();
    assert_eq!(seen.len(), 1);
    assert_eq!(asked(&simulator), 1);

    let connector = GraphConnector::builder(Arc::new(tokens.clone()))
        .cloud(Cloud::At(simulator.graph_url()))
        .tokens_are(TokenKind::Application)
        .build()
        .unwrap();
    simulator.expire_tokens();
    // an old generation says nothing of the new token
    tokens.invalidate(0).await;
    assert_eq!(text(&tokens).await, seen[0]);
    let _ = connector.probe().await;
    assert_ne!(text(&tokens).await, seen[0]);
    assert_eq!(asked(&simulator), 2);
}

#[tokio::test]
async fn what_is_wrong_is_said_with_what_to_do() {
    let simulator = simulator().await;
    let refused = async |tokens: OAuthTokens| tokens.sign_in().await.unwrap_err();
    let secret = |text: &str| {
        registration(&simulator)
            .secret(text)
            .client_credentials()
            .unwrap()
    };

    let error = refused(secret("wrong")).await;
    expect(
        &error,
        ErrorKind::Unauthenticated,
        "AADSTS7000215",
        "not its Secret ID",
    );
    let in_other = registration_in(&simulator, "nowhere.test").secret(SECRET);
    let error = refused(in_other.client_credentials().unwrap()).await;
    expect(
        &error,
        ErrorKind::Configuration,
        "AADSTS90002",
        "tenant's ID",
    );

    simulator.register_application(application().secret(SECRET).secret_expired());
    let error = refused(secret(SECRET)).await;
    expect(
        &error,
        ErrorKind::Unauthenticated,
        "AADSTS7000222",
        "has expired",
    );

    simulator.register_application(SimulatedApplication::new(CLIENT));
    let kept = simulator
        .refresh_token(CLIENT, "alice@example.test", &["Mail.Read"])
        .unwrap();
    let of_user = Registration::new(
        Authority::entra_at(&simulator.authority_url(), "organizations"),
        CLIENT,
    );
    let of_user = of_user
        .scope("Mail.Read")
        .refresh_token(kept.secret)
        .unwrap();
    let error = refused(of_user).await;
    expect(
        &error,
        ErrorKind::PermissionDenied,
        "AADSTS65001",
        "two hours",
    );
    assert!(error.request_id().is_some());
}

fn expect(error: &Error, kind: ErrorKind, code: &str, words: &str) {
    let shown = format!("{error} {error:?}");
    assert_eq!((error.kind(), error.code()), (kind, Some(code)), "{shown}");
    assert!(shown.contains(words), "{shown}");
    assert!(!shown.contains(SECRET), "{shown}");
}

#[tokio::test]
async fn a_refusal_holds_for_all_who_wait() {
    let simulator = simulator().await;
    let tokens = registration(&simulator)
        .secret("wrong")
        .client_credentials()
        .unwrap();
    let together: Vec<_> = (0..10)
        .map(|_| {
            let tokens = tokens.clone();
            tokio::spawn(async move { tokens.sign_in().await.unwrap_err().kind() })
        })
        .collect();
    for call in together {
        assert_eq!(call.await.unwrap(), ErrorKind::Unauthenticated);
    }
    assert_eq!(asked(&simulator), 1);
}

#[tokio::test]
async fn a_certificate_signs() {
    let simulator = simulator().await;
    let (certificate, key) = (
        include_str!("../../fixtures/oauth/certificate.pem"),
        include_str!("../../fixtures/oauth/key.pem"),
    );
    simulator.register_application(application().certificate(certificate));
    let with = |certificate: &str, key: &str| {
        let pair = ClientCertificate::from_pem(certificate, key.to_owned()).unwrap();
        registration(&simulator)
            .certificate(pair)
            .client_credentials()
    };
    with(certificate, key).unwrap().sign_in().await.unwrap();

    simulator.register_application(application().secret(SECRET));
    let error = with(certificate, key).unwrap().sign_in().await.unwrap_err();
    expect(
        &error,
        ErrorKind::Unauthenticated,
        "AADSTS700027",
        "Register this certificate",
    );

    let elliptic = rcgen::KeyPair::generate().unwrap();
    let of_elliptic = rcgen::CertificateParams::default()
        .self_signed(&elliptic)
        .unwrap();
    let error = with(&of_elliptic.pem(), &elliptic.serialize_pem()).unwrap_err();
    assert!(error.to_string().contains("no RSA key"), "{error}");
}

#[tokio::test]
async fn refresh_tokens_are_handed_on_as_they_change() {
    let simulator = simulator().await;
    simulator.register_application(application());
    let first = simulator
        .refresh_token(CLIENT, "alice@example.test", &["User.Read"])
        .unwrap();
    let kept: Arc<Mutex<Vec<String>>> = Arc::default();
    let keeper = Arc::clone(&kept);
    let tokens = registration(&simulator)
        .keep_refresh_tokens(move |token| {
            keeper
                .lock()
                .unwrap()
                .push(token.expose_secret().to_owned());
        })
        .refresh_token(first.secret.clone())
        .unwrap();
    tokens.sign_in().await.unwrap();
    let generation = tokens.token().await.unwrap().generation;
    tokens.invalidate(generation).await;
    tokens.sign_in().await.unwrap();
    let kept = kept.lock().unwrap().clone();
    assert_eq!(kept.len(), 2);
    assert!(kept[0] != first.secret && kept[0] != kept[1]);

    simulator.revoke_sessions();
    tokens.invalidate(generation + 1).await;
    let error = tokens.sign_in().await.unwrap_err();
    expect(
        &error,
        ErrorKind::Unauthenticated,
        "AADSTS50173",
        "sign in again",
    );
}

#[tokio::test]
async fn a_user_signs_in_elsewhere() {
    let simulator = Arc::new(simulator().await);
    simulator.register_application(application());
    let other = Arc::clone(&simulator);
    let tokens = registration(&simulator)
        .device_code(move |prompt| {
            assert!(prompt.to_string().contains(&prompt.user_code));
            assert!(!format!("{prompt:?}").contains(&prompt.user_code));
            other
                .enter_device_code(&prompt.user_code, "bob@example.test")
                .unwrap();
        })
        .unwrap();
    tokens.sign_in().await.unwrap();
    let connector = GraphConnector::builder(Arc::new(tokens))
        .cloud(Cloud::At(simulator.graph_url()))
        .build()
        .unwrap();
    connector.probe().await.unwrap();

    let other = Arc::clone(&simulator);
    let tokens = registration(&simulator)
        .device_code(move |prompt| other.refuse_device_code(&prompt.user_code).unwrap())
        .unwrap();
    let error = tokens.sign_in().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::PermissionDenied, "{error}");
}
