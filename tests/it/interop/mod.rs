//! What another library wrote is read by this one, and the reverse: half of what `tests/interop/run.sh` does.

mod calendar;
mod mail;

use std::env;

use exchange_connector::ews::EwsConnector;
use exchange_connector::http::{AuthPolicy, AuthScheme, Credentials, HttpOptions, Proxy};

/// What stands before the subjects of each side.
const OURS: &str = "ours: ";
const THEIRS: &str = "theirs: ";

/// `ADDRESS:PASSWORD` of the server that `run.sh` started.
fn connect(account: &str) -> (EwsConnector, String) {
    let needed = |name: &str| env::var(name).unwrap_or_else(|_| panic!("{name} is not set"));
    let account = needed(account);
    let (address, password) = account.split_once(':').expect("ADDRESS:PASSWORD");
    let connector = EwsConnector::builder(needed("INTEROP_URL"))
        .credentials(Credentials::password(address, password))
        .auth(AuthPolicy::Only(AuthScheme::Basic))
        .http(HttpOptions::default().proxy(Proxy::Off))
        .build();
    (connector.unwrap(), address.to_owned())
}
