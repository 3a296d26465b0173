//! Passwords from a source that is asked again.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::time::Duration;

use async_trait::async_trait;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;

use super::server::{Said, Seen, start};
use super::*;
use crate::error::{Effect, ErrorKind};
use crate::http::{CredentialSource, UserPassword};

struct Vault {
    user: Mutex<&'static str>,
    password: Mutex<&'static str>,
    asked: AtomicUsize,
}

impl Vault {
    fn new(password: &'static str) -> Arc<Self> {
        Arc::new(Self {
            user: Mutex::new(r"CONTOSO\jdoe"),
            password: Mutex::new(password),
            asked: AtomicUsize::new(0),
        })
    }

    fn put(&self, password: &'static str) {
        *self.password.lock().unwrap() = password;
    }

    fn asked(&self) -> usize {
        self.asked.load(SeqCst)
    }
}

#[async_trait]
impl CredentialSource for Vault {
    async fn credentials(&self) -> Result<UserPassword, Error> {
        self.asked.fetch_add(1, SeqCst);
        tokio::time::sleep(Duration::from_millis(5)).await;
        if *self.password.lock().unwrap() == "sealed" {
            return Err(Error::new(ErrorKind::Unavailable, "vault", "it is sealed"));
        }
        let (user, password) = (*self.user.lock().unwrap(), *self.password.lock().unwrap());
        Ok(UserPassword::new(user, password))
    }
}

fn transport(vault: &Arc<Vault>, policy: &str, options: HttpOptions) -> Arc<dyn Transport> {
    let credentials = Credentials::from_source(vault.clone());
    connect(&options, credentials, policy.parse().unwrap()).unwrap()
}

/// So many calls at once.
async fn flock(transport: &Arc<dyn Transport>, url: &Url, count: usize) -> Vec<Result<(), Error>> {
    let calls: Vec<_> = (0..count)
        .map(|number| {
            let (transport, url) = (transport.clone(), url.clone());
            tokio::spawn(async move {
                let reply = transport
                    .send(request(&url, &number.to_string(), "body"))
                    .await?;
                assert_eq!(reply.status, 200);
                reply.body.collect().await.map(drop)
            })
        })
        .collect();
    let mut results = Vec::new();
    for call in calls {
        results.push(call.await.unwrap());
    }
    results
}

/// Takes one password with Basic and counts the others, by password.
#[derive(Default)]
struct Door {
    right: Mutex<&'static str>,
    wrong: Mutex<Vec<String>>,
}

impl Door {
    fn new(right: &'static str) -> Arc<Self> {
        let door = Self::default();
        door.change(right);
        Arc::new(door)
    }

    fn change(&self, right: &'static str) {
        *self.right.lock().unwrap() = right;
    }

    fn wrong(&self) -> Vec<String> {
        self.wrong.lock().unwrap().clone()
    }

    fn handler(self: &Arc<Self>) -> impl Fn(&mut (), Seen) -> Said + Send + Sync + 'static {
        let this = self.clone();
        move |(), seen| {
            let no = || Said::new(401, &["WWW-Authenticate: Basic realm=\"mail\""], b"no");
            let Some(header) = seen.header("authorization") else {
                return no();
            };
            let pair = BASE64_STANDARD
                .decode(header.strip_prefix("Basic ").unwrap())
                .unwrap();
            let pair = String::from_utf8(pair).unwrap();
            let password = pair.split_once(':').unwrap().1;
            if password == *this.right.lock().unwrap() {
                return Said::new(200, &[], b"ok");
            }
            this.wrong.lock().unwrap().push(password.to_owned());
            no()
        }
    }
}

fn doubting() -> HttpOptions {
    HttpOptions {
        trust: Duration::ZERO,
        ..HttpOptions::default()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_wrong_password_is_sent_once_whatever_is_in_flight() {
    let door = Door::new("right");
    let server = start(door.handler()).await;
    let vault = Vault::new("wrong");
    let transport = transport(&vault, "auto", HttpOptions::default());
    for result in flock(&transport, &server.url, 64).await {
        let error = result.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unauthenticated);
        assert_eq!(
            (error.http_status(), error.effect()),
            (Some(401), Effect::None)
        );
    }
    assert_eq!(door.wrong(), ["wrong"]);
    assert_eq!(
        vault.asked(),
        2,
        "before it was sent, and when it was refused"
    );

    for later in 1..=3 {
        flock(&transport, &server.url, 1)
            .await
            .remove(0)
            .unwrap_err();
        assert_eq!(vault.asked(), 2 + later);
    }
    assert_eq!(door.wrong(), ["wrong"]);

    vault.put("right");
    for result in flock(&transport, &server.url, 64).await {
        result.unwrap();
    }
    assert_eq!((door.wrong().len(), vault.asked()), (1, 6));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_password_that_is_changed_with_basic() {
    for (options, strict) in [(doubting(), true), (HttpOptions::default(), false)] {
        let door = Door::new("old");
        let server = start(door.handler()).await;
        let vault = Vault::new("old");
        let transport = transport(&vault, "basic", options);
        for result in flock(&transport, &server.url, 64).await {
            result.unwrap();
        }
        door.change("new");
        vault.put("new");
        for result in flock(&transport, &server.url, 64).await {
            result.unwrap();
        }
        let wrong = door.wrong();
        assert!(wrong.iter().all(|password| password == "old"));
        // a password that was right a moment ago is on its way with several requests
        let most = if strict { 1 } else { 64 };
        assert!((1..=most).contains(&wrong.len()), "{wrong:?}");
        assert_eq!(vault.asked(), 2);
        for result in flock(&transport, &server.url, 64).await {
            result.unwrap();
        }
        assert_eq!(door.wrong(), wrong, "the old one is never sent again");
    }
}

#[tokio::test]
async fn two_wrong_passwords_are_each_sent_once() {
    let door = Door::new("right");
    let server = start(door.handler()).await;
    let vault = Vault::new("first");
    let transport = transport(&vault, "basic", HttpOptions::default());
    for password in ["first", "second", "first", "second", "third"] {
        vault.put(password);
        flock(&transport, &server.url, 1)
            .await
            .remove(0)
            .unwrap_err();
    }
    assert_eq!(door.wrong(), ["first", "second", "third"]);
}

#[tokio::test]
async fn a_source_that_fails_and_comes_back() {
    let door = Door::new("right");
    let server = start(door.handler()).await;
    let vault = Vault::new("sealed");
    let transport = transport(&vault, "auto", HttpOptions::default());
    let error = flock(&transport, &server.url, 1)
        .await
        .remove(0)
        .unwrap_err();
    assert_eq!(error.message(), "it is sealed");
    vault.put("right");
    flock(&transport, &server.url, 1).await.remove(0).unwrap();
    assert_eq!(door.wrong().len(), 0);
}

#[tokio::test]
async fn one_transport_is_one_user() {
    let door = Door::new("right");
    let server = start(door.handler()).await;
    let vault = Vault::new("wrong");
    *vault.user.lock().unwrap() = "jdeo";
    let transport = transport(&vault, "basic", HttpOptions::default());
    flock(&transport, &server.url, 1)
        .await
        .remove(0)
        .unwrap_err();
    // a person who corrects the name
    *vault.user.lock().unwrap() = "jdoe";
    vault.put("right");
    flock(&transport, &server.url, 1).await.remove(0).unwrap();
    // but not after a logon: what is remembered of jdoe is not for others
    door.change("of anna");
    vault.put("of anna");
    *vault.user.lock().unwrap() = "anna";
    let error = flock(&transport, &server.url, 1)
        .await
        .remove(0)
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Configuration, "{error}");
    assert_eq!(door.wrong(), ["wrong", "right"]);
}

/// With NTLM each connection is logged on, one after the other.
#[cfg(feature = "ntlm")]
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_password_that_is_changed_with_ntlm() {
    use super::acceptor::Acceptor;

    let acceptor = Arc::new(Acceptor::new());
    let server = start(acceptor.handler()).await;
    let vault = Vault::new(PASSWORD);
    let transport = transport(&vault, "auto", HttpOptions::default().lanes(8));
    for result in flock(&transport, &server.url, 64).await {
        result.unwrap();
    }
    assert_eq!(acceptor.refused.load(SeqCst), 0);
    acceptor.change_password("N3w-secret");
    vault.put("N3w-secret");
    for result in flock(&transport, &server.url, 64).await {
        result.unwrap();
    }
    assert_eq!(
        *acceptor.problems.lock().unwrap(),
        ["wrong password"],
        "the old one once"
    );
    assert_eq!(vault.asked(), 2);
    assert_eq!(acceptor.answers.load(SeqCst), 128);
}
