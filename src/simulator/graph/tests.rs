//! A client of Graph for tests, over plain HTTP.

use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::super::{SimulatedToken, Simulator};

/// Somebody with a token.
pub(in crate::simulator) struct Client<'a> {
    simulator: &'a Simulator,
    token: SimulatedToken,
    /// Headers of each request.
    pub(in crate::simulator) headers: Vec<(String, String)>,
}

/// What came back.
#[derive(Debug)]
pub(in crate::simulator) struct Answer {
    pub(in crate::simulator) status: u16,
    pub(in crate::simulator) head: String,
    pub(in crate::simulator) json: Value,
}

impl Answer {
    /// The value that must have that status.
    #[track_caller]
    pub(in crate::simulator) fn of(self, status: u16) -> Value {
        assert_eq!(self.status, status, "{:#}", self.json);
        self.json
    }

    /// The code of a refusal with that status.
    #[track_caller]
    pub(in crate::simulator) fn refused(self, status: u16) -> String {
        let json = self.of(status);
        let code = json["error"]["code"].as_str();
        code.unwrap_or_else(|| panic!("no code in {json}"))
            .to_owned()
    }
}

impl<'a> Client<'a> {
    /// A user's client with these permissions.
    pub(in crate::simulator) fn of(
        simulator: &'a Simulator,
        mailbox: &str,
        permissions: &[&str],
    ) -> Self {
        Self {
            simulator,
            token: simulator.delegated_token(mailbox, permissions).unwrap(),
            headers: Vec::new(),
        }
    }

    pub(in crate::simulator) fn with(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Sends a request: a path behind the version, or a whole link of an answer.
    pub(in crate::simulator) async fn send(
        &self,
        method: &str,
        path: &str,
        body: Option<Value>,
    ) -> Answer {
        let root = self.simulator.graph_url();
        let path = path.strip_prefix(&root).unwrap_or(path).to_owned();
        let path = path.replace(' ', "%20").replace('"', "%22");
        let path = format!("/v1.0{path}");
        let body = body.map(|body| body.to_string()).unwrap_or_default();
        let kind = ("Content-Type", "application/json");
        let (head, body) = self.raw(method, &path, &[kind], body.as_bytes()).await;
        Answer {
            status: head.split(' ').nth(1).unwrap().parse().unwrap(),
            head,
            json: serde_json::from_slice(&body).unwrap_or_default(),
        }
    }

    /// Sends any body to any path with the token, and gives head and body of the answer.
    pub(in crate::simulator) async fn raw(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> (String, Vec<u8>) {
        let token = format!("Bearer {}", self.token.secret);
        let own = self.headers.iter();
        let own = own.map(|(name, value)| (name.as_str(), value.as_str()));
        let mut headers: Vec<(&str, &str)> = headers.iter().copied().chain(own).collect();
        headers.push(("Authorization", &token));
        raw(self.simulator, method, path, &headers, body).await
    }

    pub(in crate::simulator) async fn get(&self, path: &str) -> Answer {
        self.send("GET", path, None).await
    }

    pub(in crate::simulator) async fn post(&self, path: &str, body: Value) -> Answer {
        self.send("POST", path, Some(body)).await
    }

    pub(in crate::simulator) async fn patch(&self, path: &str, body: Value) -> Answer {
        self.send("PATCH", path, Some(body)).await
    }

    pub(in crate::simulator) async fn delete(&self, path: &str) -> Answer {
        self.send("DELETE", path, None).await
    }
}

/// A request without a token.
pub(super) async fn raw(
    simulator: &Simulator,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &[u8],
) -> (String, Vec<u8>) {
    let mut head = format!(
        "{method} {path} HTTP/1.1\r\nHost: {}\r\nContent-Length: {}\r\nConnection: close\r\n",
        simulator.address(),
        body.len(),
    );
    for (name, value) in headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    head.push_str("\r\n");
    let mut stream = TcpStream::connect(simulator.address()).await.unwrap();
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.write_all(body).await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    let end = answer.windows(4).position(|four| four == b"\r\n\r\n");
    let body = answer.split_off(end.unwrap() + 4);
    (String::from_utf8(answer).unwrap(), body)
}
