//! A client in a process of its own.

use std::process::ExitCode;

use exchange_connector::ews::{EwsConnector, ServerVersion};
use exchange_connector::http::{ChannelBinding, Credentials, HttpOptions, Proxy, TlsBackend};
use exchange_connector::{Connector, Error};
use serde::{Deserialize, Serialize};

/// The first argument of such a process; the second is an [`Attempt`].
pub(crate) const WORD: &str = "--attempt";

/// What is to be done.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Attempt {
    pub(crate) url: String,
    /// A file with certificates that are trusted.
    pub(crate) authorities: String,
    /// Without one the tickets of the process are used.
    pub(crate) user: Option<String>,
    pub(crate) password: String,
    pub(crate) policy: String,
    /// So many probes.
    pub(crate) calls: usize,
    /// All at the same time, else one after the other.
    pub(crate) at_once: bool,
    /// The port of a proxy for CONNECT.
    pub(crate) proxy: Option<u16>,
    pub(crate) sends_binding: bool,
    pub(crate) native_tls: bool,
}

/// What came of each call: `None` when it went well.
#[derive(Serialize, Deserialize)]
pub(crate) struct Outcome {
    pub(crate) errors: Vec<Option<String>>,
}

impl Outcome {
    pub(crate) fn is_good(&self) -> bool {
        self.errors.iter().all(Option::is_none)
    }

    /// All errors in one text.
    pub(crate) fn text(&self) -> String {
        let errors: Vec<&str> = self.errors.iter().flatten().map(String::as_str).collect();
        errors.join(" | ")
    }
}

pub(crate) fn run(attempt: &str) -> ExitCode {
    let attempt: Attempt = serde_json::from_str(attempt).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let errors = match connector(&attempt) {
        Ok(connector) => runtime.block_on(async {
            let mut results = Vec::new();
            let mut running = Vec::new();
            for _ in 0..attempt.calls {
                let connector = connector.clone();
                let call = tokio::spawn(async move { connector.probe().await });
                match attempt.at_once {
                    true => running.push(call),
                    false => results.push(call.await.unwrap()),
                }
            }
            for call in running {
                results.push(call.await.unwrap());
            }
            let errors = results.into_iter().map(|result| result.err());
            errors
                .map(|error| error.map(|error| said(&error)))
                .collect()
        }),
        Err(error) => vec![Some(said(&error))],
    };
    println!("{}", serde_json::to_string(&Outcome { errors }).unwrap());
    ExitCode::SUCCESS
}

fn said(error: &Error) -> String {
    let advice = error.advice_text().unwrap_or_default();
    format!("{:?}: {error} {advice}", error.kind())
}

fn connector(attempt: &Attempt) -> Result<EwsConnector, Error> {
    let credentials = match &attempt.user {
        Some(user) => Credentials::password(user, attempt.password.as_str()),
        None => Credentials::ticket(),
    };
    let mut options = HttpOptions::default()
        .platform_roots(false)
        .root_certificates(std::fs::read(&attempt.authorities).unwrap());
    if let Some(port) = attempt.proxy {
        options = options.proxy(Proxy::url(&format!("http://127.0.0.1:{port}"))?);
    }
    if !attempt.sends_binding {
        options = options.channel_binding(ChannelBinding::Off);
    }
    if attempt.native_tls {
        options = options.tls_backend(TlsBackend::Native);
    }
    EwsConnector::builder(&attempt.url)
        .credentials(credentials)
        .auth(attempt.policy.parse()?)
        .version(ServerVersion::Exchange2016)
        .http(options)
        .build()
}
