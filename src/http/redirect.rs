//! Redirects, which are never followed.

use http::header::LOCATION;
use url::Url;

use super::charset::excerpt;
use super::headers::{text, without_query};
use super::page::is_logon;
use super::refusal::{Answer, TEN_SECONDS};
use crate::error::{Effect, Error, ErrorKind, RetryAdvice};

impl Answer<'_> {
    /// Redirects are never followed: a POST would become a GET, or the request and the credentials
    /// would go to somebody else.
    pub(super) fn redirect(&self) -> Error {
        let location = text(self.headers, LOCATION.as_str()).unwrap_or_default();
        let lower = location.to_ascii_lowercase();
        if lower.contains("genericerrorpage") {
            let what = "the server redirected to its general error page";
            return self
                .make(
                    ErrorKind::Unavailable,
                    what,
                    "Usually this passes: try again later.",
                )
                // the page stands for an error inside, perhaps in the middle of a change
                .with_effect(Effect::Unknown)
                .with_advice(RetryAdvice::After(TEN_SECONDS));
        }
        let target = match self.url {
            Some(url) => url.join(location).ok(),
            None => Url::parse(location).ok(),
        };
        let shown = target
            .as_ref()
            .map_or_else(|| excerpt(location.as_bytes(), 100), without_query);
        if is_logon(location.as_bytes()) || lower.trim_end_matches('/').ends_with("/owa") {
            return self.logon(format!("the server redirected to a logon form ({shown})"));
        }
        let (what, hint) = match (self.url, &target) {
            _ if location.is_empty() => (
                "the server redirected without saying where to".to_owned(),
                "Check the URL.",
            ),
            (Some(from), Some(to)) if from.scheme() == "https" && to.scheme() == "http" => (
                format!(
                    "the server redirected to {shown}, without encryption; this is not followed"
                ),
                "Correct the server or the URL.",
            ),
            (Some(from), Some(to)) if from.host_str() != to.host_str() => (
                format!(
                    "the server redirected to another server, {shown}, where credentials are not sent by themselves"
                ),
                "If it is the right one, use that URL.",
            ),
            (_, Some(_)) => (
                format!("the server redirected to {shown}"),
                "If that is the right place, use that URL.",
            ),
            (_, None) => (
                format!("the server redirected to an address that is not valid ({shown})"),
                "Correct the server or the URL.",
            ),
        };
        self.make(ErrorKind::Configuration, what, hint)
    }
}
