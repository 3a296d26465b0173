//! What another library wrote is read by this one, and the reverse: half of what `tests/interop/run.sh` does.

mod calendar;
mod mail;

use std::env;

use std::sync::Arc;

use exchange_connector::ews::EwsConnector;
use exchange_connector::graph::{Cloud, GraphConnector};
use exchange_connector::http::{AuthPolicy, AuthScheme, Credentials, HttpOptions, Proxy};
use exchange_connector::model::BodyWanted;
use exchange_connector::{Connector, Feature, Mailbox};

/// What stands before the subjects of each side.
const OURS: &str = "ours: ";
const THEIRS: &str = "theirs: ";

/// How to read the body of an item that was written as text, or not: as it is stored, where the server can.
fn body_wanted(mailbox: &dyn Mailbox, is_text: bool) -> BodyWanted {
    match is_text && !mailbox.capabilities().supports(Feature::NativeBodies) {
        true => BodyWanted::Text,
        false => BodyWanted::Native,
    }
}

/// `ADDRESS:PASSWORD` of the server that `run.sh` started, or `ADDRESS:TOKEN` where `INTEROP_GRAPH` says where Graph is.
/// `INTEROP_CA_FILE` has the certificate to trust, if there is one.
fn connect(account: &str) -> (Arc<dyn Connector>, String) {
    let needed = |name: &str| env::var(name).unwrap_or_else(|_| panic!("{name} is not set"));
    let account = needed(account);
    let (address, password) = account.split_once(':').expect("ADDRESS:PASSWORD");
    let mut options = HttpOptions::default().proxy(Proxy::Off);
    if let Some(file) = env::var_os("INTEROP_CA_FILE").filter(|file| !file.is_empty()) {
        options = options.root_certificates(std::fs::read(file).unwrap());
    }
    let graph = env::var("INTEROP_GRAPH").unwrap_or_default();
    if !graph.is_empty() {
        let connector = GraphConnector::with_token(password)
            .cloud(Cloud::At(graph))
            .http(options)
            .build();
        return (Arc::new(connector.unwrap()), address.to_owned());
    }
    let connector = EwsConnector::builder(needed("INTEROP_URL"))
        .credentials(Credentials::password(address, password))
        .auth(AuthPolicy::Only(AuthScheme::Basic))
        .http(options)
        .build();
    (Arc::new(connector.unwrap()), address.to_owned())
}
