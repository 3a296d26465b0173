//! What requests and answers may not be: against the schema of EWS, or the OpenAPI document of Graph.

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::{Backend, address};
use crate::openapi::Judge;

impl Backend {
    /// What was against a schema, in requests and answers.
    pub(in crate::conformance) fn violations(&self) -> Vec<String> {
        let side = |is_answer: bool| if is_answer { "answer" } else { "request" };
        let on_ews = self.simulator.violations().into_iter().map(|violation| {
            let (operation, problem) = (violation.operation, violation.problem);
            let side = side(violation.answer);
            format!("{operation} {side}: {problem}\n{}", violation.envelope)
        });
        let exchanges = self.simulator.exchanges();
        let on_graph = Judge::find().into_iter().flat_map(|judge| {
            let findings = exchanges.iter().flat_map(|one| judge.judge(one));
            findings.map(|finding| {
                let side = side(finding.is_answer);
                let (operation, problem) = (finding.operation, finding.problem);
                format!("{operation} {side}: {problem}\n{}", finding.text)
            })
        });
        on_ews.chain(on_graph).collect()
    }

    /// Makes a draft of alice over Graph, of this JSON; returns the status line.
    pub(in crate::conformance) async fn post_message(&self, json: &str) -> String {
        let token = self
            .simulator
            .delegated_token(&address("alice"), &["Mail.ReadWrite"])
            .unwrap();
        let url = self.simulator.graph_url();
        let host = url.split('/').nth(2).unwrap();
        let request = format!(
            "POST /v1.0/me/messages HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {}\r\nConnection: close\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{json}",
            token.secret,
            json.len()
        );
        let mut stream = TcpStream::connect(host).await.unwrap();
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        answer.lines().next().unwrap().to_owned()
    }
}
