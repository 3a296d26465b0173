//! Many identities in one process: no connection is ever shared.

use std::sync::Arc;

use exchange_connector::ews::EwsConnector;
use exchange_connector::http::{AuthPolicy, AuthScheme, Credentials, HttpOptions, Proxy};
use exchange_connector::model::CalendarRef;
use exchange_connector::simulator::{AuthScheme as Offer, Simulator};
use exchange_connector::{Connector, MailboxTarget};

const IDENTITIES: usize = 16;
const CALLS: usize = 8;
const ROUNDS: usize = 4;

/// How the identity with this number logs on.
type Policy = fn(usize) -> AuthPolicy;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn sixteen_identities_with_eight_calls_each_in_flight() {
    let ntlm: Policy = |_| AuthPolicy::Only(AuthScheme::Ntlm);
    let mixed: Policy = |number| match number % 3 {
        0 => AuthPolicy::Only(AuthScheme::Ntlm),
        1 => AuthPolicy::Only(AuthScheme::Basic),
        _ => AuthPolicy::Automatic,
    };
    for tls in [false, true] {
        for policy in [ntlm, mixed] {
            in_flight(tls, policy).await;
        }
    }
}

async fn in_flight(tls: bool, policy: Policy) {
    let offers = [Offer::Ntlm, Offer::Basic];
    let builder = Simulator::builder()
        .auth(&offers)
        .tls(tls)
        .mailboxes(IDENTITIES);
    let simulator = builder.start().await.unwrap();
    let mut options = HttpOptions::default().proxy(Proxy::Off);
    if let Some(pem) = simulator.certificate_pem() {
        options = options.platform_roots(false).root_certificates(pem);
    }
    let accounts = simulator.accounts();
    assert!(accounts.len() >= IDENTITIES);
    let mailboxes: Vec<_> = accounts[..IDENTITIES]
        .iter()
        .enumerate()
        .map(|(number, account)| {
            let connector = EwsConnector::builder(simulator.ews_url())
                .credentials(Credentials::password(
                    &account.address,
                    account.password.clone(),
                ))
                .auth(policy(number))
                .version("2016".parse().unwrap())
                .http(options.clone())
                .build()
                .unwrap();
            connector.mailbox(&MailboxTarget::Own).unwrap()
        })
        .collect();

    let mut calendars = vec![None; IDENTITIES];
    for _ in 0..ROUNDS {
        let calls: Vec<_> = (0..IDENTITIES * CALLS)
            .map(|call| {
                let mailbox = Arc::clone(&mailboxes[call % IDENTITIES]);
                tokio::spawn(async move { mailbox.get_calendar(&CalendarRef::Default).await })
            })
            .collect();
        for (call, running) in calls.into_iter().enumerate() {
            let id = running.await.unwrap().unwrap().id;
            let own = calendars[call % IDENTITIES].get_or_insert_with(|| id.clone());
            assert_eq!(*own, id, "always the own calendar");
        }
    }
    for (number, one) in calendars.iter().enumerate() {
        assert!(
            !calendars[..number].contains(one),
            "and that of nobody else"
        );
    }

    let log = simulator.log();
    assert_eq!(log.wrong_credentials, 0);
    assert_eq!(log.requests as usize, IDENTITIES * CALLS * ROUNDS);
    for connection in &log.connections {
        assert!(connection.identities.len() <= 1, "{connection:?}");
        assert!(connection.handshakes <= 1, "{connection:?}");
    }
    for account in &accounts[..IDENTITIES] {
        let of_account = |identities: &[String]| identities.contains(&account.address);
        let own = log
            .connections
            .iter()
            .filter(|one| of_account(&one.identities));
        assert!(own.count() >= 1, "{}", account.address);
    }
}
