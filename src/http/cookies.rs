//! Cookies of one server and one identity.
//!
//! Balancers keep a client on one server with them (`exchangecookie`, `X-BackEndCookie`). They carry
//! no authentication here. A jar belongs to one origin, so domains and paths play no part. A group
//! of requests that must all reach one server has a jar of its own: `X-BackEndOverrideCookie`, which
//! a server sets when it was asked for affinity (`X-PreferServerAffinity`), would else bring all others
//! there too.

use std::fmt;
use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, Utc};
use http::header::{COOKIE, SET_COOKIE};
use http::{HeaderMap, HeaderValue};

/// A group of requests that all go to the same server, to one origin under one identity.
#[derive(Debug, Default)]
pub(crate) struct Affinity {
    pub(super) cookies: Cookies,
}

/// Shows nothing.
impl fmt::Debug for Cookies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Cookies")
    }
}

#[derive(Default)]
pub(super) struct Cookies(Mutex<Vec<(String, String)>>);

impl Cookies {
    /// Adds the `Cookie` header.
    pub(super) fn write(&self, headers: &mut HeaderMap) {
        let jar = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let pairs: Vec<String> = jar
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        if pairs.is_empty() || headers.contains_key(COOKIE) {
            return;
        }
        if let Ok(mut value) = HeaderValue::from_str(&pairs.join("; ")) {
            value.set_sensitive(true);
            headers.insert(COOKIE, value);
        }
    }

    /// Takes the `Set-Cookie` headers of an answer (RFC 6265). At most 50 cookies of 4 KiB each.
    pub(super) fn read(&self, headers: &HeaderMap) {
        for header in headers.get_all(SET_COOKIE) {
            let Some((name, value, expired)) = header.to_str().ok().and_then(parse) else {
                continue;
            };
            let mut jar = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            jar.retain(|(known, _)| known != name);
            if !expired && jar.len() < 50 && header.len() <= 4096 {
                jar.push((name.to_owned(), value.to_owned()));
            }
        }
    }
}

fn parse(header: &str) -> Option<(&str, &str, bool)> {
    let mut parts = header.split(';');
    let (name, value) = parts.next()?.split_once('=')?;
    let expired = parts.any(|attribute| {
        let (key, value) = attribute.split_once('=').unwrap_or((attribute, ""));
        match key.trim().to_ascii_lowercase().as_str() {
            "max-age" => value
                .trim()
                .parse::<i64>()
                .is_ok_and(|seconds| seconds <= 0),
            "expires" => {
                DateTime::parse_from_rfc2822(value.trim()).is_ok_and(|when| when < Utc::now())
            }
            _ => false,
        }
    });
    (!name.trim().is_empty()).then(|| (name.trim(), value.trim(), expired))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn set_replaced_and_deleted() {
        let cookies = Cookies::default();
        let sent = || {
            let mut headers = HeaderMap::new();
            cookies.write(&mut headers);
            headers.get(COOKIE).map(|value| {
                assert!(value.is_sensitive());
                value.to_str().unwrap().to_owned()
            })
        };
        let take = |value: &'static str| {
            let mut headers = HeaderMap::new();
            headers.append(SET_COOKIE, HeaderValue::from_static(value));
            cookies.read(&headers);
        };
        assert_eq!(sent(), None);
        take("exchangecookie=abc; expires=17 Jun 2099 08:00:00 GMT; path=/; HttpOnly");
        take("X-BackEndCookie=S-1-5=u56; path=/EWS; secure");
        assert_eq!(
            sent().unwrap(),
            "exchangecookie=abc; X-BackEndCookie=S-1-5=u56"
        );
        take("exchangecookie=def");
        assert_eq!(
            sent().unwrap(),
            "X-BackEndCookie=S-1-5=u56; exchangecookie=def"
        );
        take("X-BackEndCookie=; expires=Thu, 01 Jan 1998 08:00:00 GMT");
        take("exchangecookie=x; Max-Age=0");
        take("nonsense");
        assert_eq!(sent(), None);
    }
}
