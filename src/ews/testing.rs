//! Requests and answers checked against `fixtures/`.

use std::fs;

use super::client::Context;
use super::operation::Operation;
use super::{ServerVersion, soap};
use crate::xml::Problem;

/// Asserts that `operation` is written as `fixtures/ews/<name>.xml`.
#[track_caller]
pub(crate) fn assert_request<O: Operation>(name: &str, version: ServerVersion, operation: &O) {
    let context = Context {
        version,
        impersonated: None,
    };
    assert_eq!(soap::request(&context, operation), fixture(name));
}

/// The answer in `fixtures/ews/<name>.xml`.
///
/// Checks too that the answer cut short anywhere is refused, not taken for a shorter answer, and
/// that noise anywhere does no harm.
#[track_caller]
pub(crate) fn response<O: Operation>(name: &str) -> soap::Answer<O::Response> {
    let envelope = fixture(name);
    let end = envelope.rfind("</").unwrap();
    for (cut, _) in envelope.char_indices().take_while(|(cut, _)| *cut <= end) {
        let error = soap::response::<O>(&envelope[..cut], None).expect_err("taken for whole");
        assert!(
            cut == 0 || matches!(error.problem, Problem::Truncated | Problem::Malformed(_)),
            "{error}: {}",
            &envelope[..cut]
        );
    }
    for (at, _) in envelope.char_indices().step_by(5) {
        for noise in ["<", "&", "\"", "/", "<x/>", "&#0;"] {
            // Any answer will do, but there must be one.
            let _ = soap::response::<O>(
                &format!("{}{noise}{}", &envelope[..at], &envelope[at..]),
                None,
            );
        }
    }
    soap::response::<O>(&envelope, None).unwrap()
}

/// A fixture without the white space that is there for people.
fn fixture(name: &str) -> String {
    let path = format!("{}/fixtures/ews/{name}.xml", env!("CARGO_MANIFEST_DIR"));
    let text = fs::read_to_string(&path).unwrap_or_else(|e| panic!("{path}: {e}"));
    text.lines().map(str::trim).collect()
}
