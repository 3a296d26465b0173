//! Requests and answers checked against `fixtures/`.

use std::collections::BTreeSet;
use std::fs;
use std::sync::Mutex;

use super::client::Context;
use super::operation::{Needs, Operation};
use super::{ServerVersion, soap};
use disturbance::disturb;

mod disturbance;

/// Asserts that `operation` is written as `fixtures/ews/<name>.xml`, and that the version is one
/// that has all that is in it.
#[track_caller]
pub(crate) fn assert_request<O: Operation>(name: &str, version: ServerVersion, operation: &O) {
    Needs::check(operation, version).unwrap();
    let context = Context {
        version,
        impersonated: None,
    };
    let written = soap::request(&context, operation);
    assert_eq!(written, fixture(&format!("ews/{name}")));
    #[cfg(feature = "simulator")]
    assert_sendable_where_schema_allows(operation);
}

/// Asserts for each version that `operation` can be sent if, and only if, that version's schema
/// has all that is in it.
#[cfg(feature = "simulator")]
#[track_caller]
fn assert_sendable_where_schema_allows<O: Operation>(operation: &O) {
    // The schema knows no difference between the first two.
    for version in ServerVersion::ALL.iter().skip(1) {
        let context = Context {
            version: *version,
            impersonated: None,
        };
        let needs = Needs::check(operation, *version);
        let allowed = crate::simulator::check_envelope(&soap::request(&context, operation));
        assert_eq!(
            needs.is_ok(),
            allowed.is_ok(),
            "{version}: {needs:?}, {allowed:?}"
        );
    }
}

/// The sentence with which `operation` is refused before it is sent.
#[track_caller]
pub(crate) fn refusal<O: Operation>(version: ServerVersion, operation: &O) -> String {
    let error = Needs::check(operation, version).expect_err("it can be sent");
    error.message().to_owned()
}

/// Asserts that something is newer than the version before the one it came with.
#[track_caller]
pub(crate) fn assert_since<O: Operation>(since: ServerVersion, what: &str, operation: &O) {
    Needs::check(operation, since).unwrap();
    let before = ServerVersion::ALL.iter().rfind(|version| **version < since);
    let said = refusal(*before.unwrap(), operation);
    let expected = format!("{what} came with {since}");
    assert!(said.starts_with(&expected), "{said}");
}

/// The answer in `fixtures/ews/<name>.xml`.
///
/// Checks too that the answer cut short anywhere is refused, not taken for a shorter answer, and
/// that noise anywhere is refused or does no harm.
#[track_caller]
pub(crate) fn response<O: Operation>(name: &str) -> soap::Answer<O::Response>
where
    O::Response: PartialEq + Sync,
{
    /// Those that were disturbed already: several tests read the same answer.
    static DISTURBED: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());

    let envelope = fixture(&format!("ews/{name}"));
    let answer = soap::response::<O>(&envelope, None).unwrap();
    let is_new = DISTURBED.lock().unwrap().insert(name.to_owned());
    if is_new {
        disturb::<O>(&envelope, &answer);
    }
    answer
}

/// What is asserted of most answers: the messages.
#[track_caller]
pub(crate) fn messages<O: Operation>(name: &str) -> O::Response
where
    O::Response: PartialEq + Sync,
{
    response::<O>(name).content.unwrap()
}

/// `fixtures/<name>.xml` without the white space that is there for people.
pub(crate) fn fixture(name: &str) -> String {
    let path = format!("{}/fixtures/{name}.xml", env!("CARGO_MANIFEST_DIR"));
    let text = fs::read_to_string(&path).unwrap_or_else(|e| panic!("{path}: {e}"));
    text.lines().map(str::trim).collect()
}
