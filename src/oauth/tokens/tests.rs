//! When a token is asked for, over an authority that does as it is told, on a clock that jumps.

use http::HeaderMap;
use http::header::CONTENT_TYPE;
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};
use tokio::time::{advance, sleep};
use url::Url;

use super::super::grant::{Grant, Proof};
use super::*;
use crate::http::{Body, ConnectionFacts, Reply, Request, Transport};

/// How long an answer takes.
const ROUND: Duration = Duration::from_secs(1);
const HOUR: u64 = 3600;

/// Issues tokens that are numbered, or refuses.
#[derive(Debug, Default)]
struct Script {
    asked: Mutex<u32>,
    refuses: Mutex<Option<(u16, Value)>>,
}

#[async_trait]
impl Transport for Script {
    async fn send(&self, _: Request) -> Result<Reply, Error> {
        sleep(ROUND).await;
        let number = {
            let mut asked = self.asked.lock().unwrap();
            *asked += 1;
            *asked
        };
        let issued = json!({
            "token_type": "Bearer", "expires_in": HOUR, "access_token": number.to_string(),
        });
        let refused = self.refuses.lock().unwrap().clone();
        let (status, body) = refused.unwrap_or((200, issued));
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, "application/json".parse().unwrap());
        Ok(Reply {
            status,
            headers,
            body: Body::of_pieces(vec![body.to_string().into()], 1 << 20),
        })
    }

    fn facts(&self, _: &Url) -> ConnectionFacts {
        ConnectionFacts::default()
    }
}

impl Script {
    fn asked(&self) -> u32 {
        *self.asked.lock().unwrap()
    }

    fn refuse(&self, status: u16, error: &str, description: &str) {
        let body = json!({"error": error, "error_description": description});
        *self.refuses.lock().unwrap() = Some((status, body));
    }

    fn issue(&self) {
        *self.refuses.lock().unwrap() = None;
    }
}

fn tokens() -> (OAuthTokens, Arc<Script>) {
    let script = Arc::new(Script::default());
    let tokens = OAuthTokens::new(Grants {
        token_url: Url::parse("https://login.test/token").unwrap(),
        device_url: None,
        wants_offline_access: false,
        client: "client".to_owned(),
        scopes: vec!["scope".to_owned()],
        resource: None,
        proof: Proof::Secret("secret".into()),
        keep: None,
        transport: script.clone(),
        grant: Grant::Application,
    });
    (tokens, script)
}

async fn number(tokens: &OAuthTokens) -> String {
    let token = tokens.token().await.unwrap();
    token.secret.expose_secret().to_owned()
}

/// 32 calls at once.
async fn together(tokens: &OAuthTokens) -> Vec<Result<String, ErrorKind>> {
    let calls: Vec<_> = (0..32)
        .map(|_| {
            let tokens = tokens.clone();
            tokio::spawn(async move {
                let token = tokens.token().await;
                token
                    .map(|token| token.secret.expose_secret().to_owned())
                    .map_err(|error| error.kind())
            })
        })
        .collect();
    let mut answers = Vec::new();
    for call in calls {
        answers.push(call.await.unwrap());
    }
    answers
}

#[tokio::test(start_paused = true)]
async fn one_call_asks_and_all_take_what_comes() {
    let (tokens, script) = tokens();
    assert_eq!(together(&tokens).await, vec![Ok("1".to_owned()); 32]);
    let first = tokens.token().await.unwrap().generation;
    // 32 calls were refused with the same token
    for _ in 0..32 {
        tokens.invalidate(first).await;
    }
    assert_eq!(together(&tokens).await, vec![Ok("2".to_owned()); 32]);
    // who was refused late with the old one does not cost the new one
    tokens.invalidate(first).await;
    assert_eq!(number(&tokens).await, "2");
    assert_eq!(script.asked(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_token_is_renewed_before_it_expires() {
    let (tokens, script) = tokens();
    assert_eq!(number(&tokens).await, "1");
    advance(Duration::from_secs(HOUR - 7 * 60 - 1)).await;
    assert_eq!(number(&tokens).await, "1");
    advance(Duration::from_secs(2 * 60 + 1)).await;
    // one call asks, the others go on with what is good for five minutes
    let answers = together(&tokens).await;
    let new = answers.iter().filter(|one| **one == Ok("2".to_owned()));
    assert_eq!(new.count(), 1, "{answers:?}");
    assert_eq!(number(&tokens).await, "2");
    assert_eq!(script.asked(), 2);
}

#[tokio::test(start_paused = true)]
async fn an_early_renewal_that_fails_costs_nothing() {
    let (tokens, script) = tokens();
    number(&tokens).await;
    script.refuse(503, "temporarily_unavailable", "");
    advance(Duration::from_secs(HOUR - 5 * 60)).await;
    assert_eq!(number(&tokens).await, "1");
    // it is not tried again with each call
    assert_eq!(number(&tokens).await, "1");
    assert_eq!(script.asked(), 2);
    advance(Duration::from_secs(31)).await;
    assert_eq!(number(&tokens).await, "1");
    assert_eq!(script.asked(), 3);

    advance(Duration::from_secs(5 * 60)).await;
    let error = tokens.token().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable, "{error}");
    script.issue();
    advance(Duration::from_secs(60)).await;
    assert_eq!(number(&tokens).await, script.asked().to_string());
}

#[tokio::test(start_paused = true)]
async fn a_refusal_is_not_asked_for_by_each_call() {
    let (tokens, script) = tokens();
    script.refuse(401, "invalid_client", "AADSTS7000215: wrong");
    let refused = vec![Err(ErrorKind::Unauthenticated); 32];
    assert_eq!(together(&tokens).await, refused);
    assert_eq!(together(&tokens).await, refused);
    assert_eq!(script.asked(), 1);
    // somebody made a new secret meanwhile
    script.issue();
    advance(Duration::from_secs(6)).await;
    assert_eq!(together(&tokens).await, vec![Ok("2".to_owned()); 32]);
}
