//! The `WWW-Authenticate` header (RFC 9110, 11.6.1): what a server offers.

use base64::Engine;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use http::HeaderMap;
use http::header::WWW_AUTHENTICATE;

/// One offered scheme.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Challenge {
    /// The scheme as the server wrote it.
    pub(super) scheme: String,
    /// All that follows the scheme, up to the next one.
    rest: String,
}

impl Challenge {
    pub(super) fn is(&self, scheme: &str) -> bool {
        self.scheme.eq_ignore_ascii_case(scheme)
    }

    /// The bytes after the scheme, for NTLM and Negotiate.
    pub(super) fn token(&self) -> Option<Vec<u8>> {
        if self.rest.is_empty() {
            return None;
        }
        BASE64_STANDARD.decode(&self.rest).ok()
    }

    /// A parameter, as `claims="…"`.
    pub(super) fn parameter(&self, name: &str) -> Option<String> {
        split_at_commas(&self.rest).into_iter().find_map(|piece| {
            let (one, value) = piece.split_once('=')?;
            let value = value.trim();
            let unquoted = value
                .strip_prefix('"')
                .and_then(|value| value.strip_suffix('"'));
            one.trim()
                .eq_ignore_ascii_case(name)
                .then(|| unquoted.unwrap_or(value).replace('\\', ""))
        })
    }
}

/// The claims that a new token must have, as JSON: they are sent in base64.
///
/// Source: <https://learn.microsoft.com/entra/identity-platform/claims-challenge>
pub(super) fn claims(challenges: &[Challenge]) -> Option<String> {
    let mut bearers = challenges.iter().filter(|challenge| challenge.is("Bearer"));
    let sent = bearers.find_map(|challenge| challenge.parameter("claims"))?;
    let decoded = BASE64_STANDARD
        .decode(&sent)
        .or_else(|_| BASE64_URL_SAFE_NO_PAD.decode(&sent));
    String::from_utf8(decoded.ok()?).ok()
}

/// Everything offered, from all headers and all challenges combined in one header.
pub(super) fn challenges(headers: &HeaderMap) -> Vec<Challenge> {
    let mut found: Vec<Challenge> = Vec::new();
    for value in headers.get_all(WWW_AUTHENTICATE) {
        let text = String::from_utf8_lossy(value.as_bytes());
        for piece in split_at_commas(&text) {
            let end = piece.find([' ', '\t', '=']).unwrap_or(piece.len());
            let (word, after) = piece.split_at(end);
            let after = after.trim();
            if word.is_empty() {
                continue;
            }
            if after.starts_with('=') {
                // a further parameter of the scheme before it
                if let Some(last) = found.last_mut() {
                    last.rest.push_str(", ");
                    last.rest.push_str(piece);
                }
            } else {
                found.push(Challenge {
                    scheme: word.to_owned(),
                    rest: after.to_owned(),
                });
            }
        }
    }
    found
}

/// The schemes' names for a message, each once: `Negotiate, NTLM`; `nothing` when there is none.
pub(super) fn names(challenges: &[Challenge]) -> String {
    let mut names: Vec<&str> = Vec::new();
    for challenge in challenges {
        if !names.iter().any(|name| challenge.is(name)) {
            names.push(&challenge.scheme);
        }
    }
    if names.is_empty() {
        return "nothing".to_owned();
    }
    names
        .join(", ")
        .chars()
        .filter(|c| !c.is_control())
        .take(200)
        .collect()
}

fn split_at_commas(text: &str) -> Vec<&str> {
    let mut quoted = false;
    let mut escaped = false;
    text.split(|c: char| {
        if escaped {
            escaped = false;
        } else if c == '\\' && quoted {
            escaped = true;
        } else if c == '"' {
            quoted = !quoted;
        }
        c == ',' && !quoted
    })
    .map(str::trim)
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(values: &[&'static str]) -> Vec<Challenge> {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(WWW_AUTHENTICATE, http::HeaderValue::from_static(value));
        }
        challenges(&headers)
    }

    #[test]
    fn several_headers_and_several_in_one() {
        let expected = "Negotiate, NTLM, Basic";
        assert_eq!(
            names(&parsed(&["Negotiate", "NTLM", "Basic realm=\"mail\""])),
            expected
        );
        assert_eq!(
            names(&parsed(&[
                "Negotiate, NTLM,Basic realm=\"a, b\", charset=\"UTF-8\""
            ])),
            expected
        );
        assert_eq!(names(&parsed(&["Negotiate", "negotiate"])), "Negotiate");
        assert_eq!(names(&parsed(&[" , ,"])), "nothing");
        assert_eq!(names(&parsed(&["realm=\"orphan\""])), "nothing");
    }

    #[test]
    fn tokens() {
        let found = parsed(&[
            "nTLM TlRMTVNTUAA=  ",
            "Negotiate",
            "Basic realm=\"say \\\"a, b\\\"\"",
        ]);
        assert!(found[0].is("NTLM"));
        assert_eq!(found[0].token().unwrap(), b"NTLMSSP\0");
        assert_eq!(found[1].token(), None);
        assert_eq!(found.len(), 3);
        assert_eq!(parsed(&["NTLM ???"])[0].token(), None);
    }

    #[test]
    fn claims_are_read() {
        let found = parsed(&[
            "Basic realm=\"mail\"",
            "Bearer realm=\"\", error=\"insufficient_claims\", claims=\"eyJhIjp7ImIiOm51bGx9fQ==\"",
        ]);
        assert_eq!(
            found[1].parameter("error").as_deref(),
            Some("insufficient_claims")
        );
        assert_eq!(claims(&found).as_deref(), Some(r#"{"a":{"b":null}}"#));
        assert_eq!(claims(&parsed(&["Bearer claims=\"???\""])), None);
    }
}
