//! What is said when a server does not take a logon.

use std::time::Duration;

use http::{HeaderMap, StatusCode};
use reqwest::Response;
use serde::Deserialize;

use super::challenge::{Challenge, challenges, claims, names};
use super::charset::excerpt;
use super::headers::{diagnostics, request_id};
use super::policy::AuthScheme;
use super::servers::servers;
use crate::error::{Error, ErrorKind};

/// The password was refused: makes the error of this call, and of every later one that has no other password.
pub(super) fn refusal(
    response: &Response,
    tried: AuthScheme,
) -> impl Fn(&'static str) -> Error + Send + Sync + 'static {
    let offered = names(&challenges(response.headers()));
    let (what, hint) = if is_expired(response) {
        (
            "the password has expired",
            "The user must change it; then connect anew with the new one.",
        )
    } else {
        let hint = match tried {
            AuthScheme::Basic => WRONG,
            _ => WRONG_OR_BINDING,
        };
        ("the server refused the user name or the password", hint)
    };
    let reason = diagnostics(response.headers());
    let message = format!(
        "{what}{reason} (offered: {offered}; tried: {tried}); it is not tried again, so that the account is not locked"
    );
    let request_id = request_id(response.headers()).map(str::to_owned);
    let servers = servers(response.headers());
    move |operation| {
        let error = Error::new(ErrorKind::Unauthenticated, operation, message.clone())
            .with_status(401)
            .with_servers(servers.clone())
            .with_hint(hint);
        match &request_id {
            Some(id) => error.with_request_id(id),
            None => error,
        }
    }
}

/// Over the wire every reason is the same 401; the event tells them apart.
///
/// Source: <https://learn.microsoft.com/previous-versions/windows/it-pro/windows-10/security/threat-protection/auditing/event-4625>
const WRONG: &str = "Connect anew with the right ones; names are given as DOMAIN\\user or user@domain. If they are right, the account may be locked, \
     disabled, or not allowed to log on from here: event 4625 in the security log of the Exchange server or the domain controller says which (0xC000006A wrong \
     password, 0xC0000064 no such user, 0xC0000234 locked, 0xC0000072 disabled, 0xC0000071 expired).";

const WRONG_OR_BINDING: &str = "Connect anew with the right ones; names are given as DOMAIN\\user or user@domain. If they are right, the account may be locked, \
     disabled, or not allowed to log on from here, or a proxy that opens TLS breaks the server's Extended Protection: event 4625 in the security log of the \
     Exchange server or the domain controller says which (0xC000006A wrong password, 0xC0000064 no such user, 0xC0000234 locked, 0xC0000072 disabled, \
     0xC0000071 expired, 0xC000035B Extended Protection).";

pub(super) fn is_expired(response: &Response) -> bool {
    response
        .headers()
        .contains_key("x-ms-credential-service-url")
}

/// The server did not look at the password, since it does not take it in this way.
pub(super) fn not_accepted(operation: &'static str, scheme: &str, offered: &[Challenge]) -> Error {
    if offered.iter().any(|challenge| challenge.is(scheme)) {
        let message = format!(
            "the server began with {scheme} anew in the middle of the logon (it offers {})",
            names(offered)
        );
        return Error::new(ErrorKind::Unauthenticated, operation, message)
            .with_status(401)
            .with_hint(
                "A proxy or balancer between may spread one connection over several, or close it, which this logon does not survive: go past it, or use \
                 Basic over TLS.",
            );
    }
    let message = format!(
        "the server does not accept {scheme}: it offers {}",
        names(offered)
    );
    Error::new(ErrorKind::Unauthenticated, operation, message)
        .with_status(401)
        .with_hint("Use the policy auto, or one of the schemes offered.")
}

pub(super) async fn token_refused(
    operation: &'static str,
    response: Response,
    silence: Duration,
) -> Error {
    let headers = response.headers().clone();
    let offered = challenges(&headers);
    let refusal = said(response, silence).await;
    let why = match (diagnostics(&headers), refusal.message.as_str()) {
        (diagnostics, "") => diagnostics,
        (_, message) => format!(" (the server says: {})", excerpt(message.as_bytes(), 200)),
    };
    let message = format!(
        "the server refused the access token{why} (offered: {})",
        names(&offered)
    );
    let claims = claims(&offered);
    let hint = if claims.is_some() {
        "A rule of the organisation (Conditional Access) wants a token with more in it: sign in again and send the claims of this error (Error::claims) along."
    } else if message.contains("expired") {
        "Get a new token: this one has expired. If it is new, check this machine's clock and its audience (the server's host name)."
    } else {
        "Check the token's audience (the server's host name), its permissions and this machine's clock."
    };
    let mut error = Error::new(ErrorKind::Unauthenticated, operation, message).with_hint(hint);
    if let Some(claims) = claims {
        error = error.with_claims(claims);
    }
    if !refusal.code.is_empty() {
        error = error.with_code(refusal.code);
    }
    annotate(error, &headers)
}

/// Why Graph refuses a token: it says so in the body.
///
/// Source: <https://learn.microsoft.com/graph/errors>
#[derive(Default, Deserialize)]
#[serde(default)]
struct Refusal {
    code: String,
    message: String,
}

async fn said(mut response: Response, silence: Duration) -> Refusal {
    const MOST: usize = 16 * 1024;
    #[derive(Deserialize)]
    struct Body {
        error: Refusal,
    }
    let mut body = Vec::new();
    while body.len() < MOST
        && let Ok(Ok(Some(piece))) = tokio::time::timeout(silence, response.chunk()).await
    {
        body.extend_from_slice(&piece);
    }
    let read: Result<Body, _> = serde_json::from_slice(&body);
    read.map(|body| body.error).unwrap_or_default()
}

/// The server wants a logon, and there is only a client certificate.
pub(super) fn certificate_not_enough(operation: &'static str, response: &Response) -> Error {
    let message = format!(
        "the server did not take the client certificate for a logon{} (offered: {})",
        diagnostics(response.headers()),
        names(&challenges(response.headers()))
    );
    let error = Error::new(ErrorKind::Unauthenticated, operation, message).with_hint(
        "The administrator must have /EWS accept client certificates and map this one to an account; or give a password beside it.",
    );
    annotate(error, response.headers())
}

/// Adds what the refusing answer says of itself.
pub(super) fn annotate(error: Error, headers: &HeaderMap) -> Error {
    let error = error
        .with_status(StatusCode::UNAUTHORIZED.as_u16())
        .with_servers(servers(headers));
    match request_id(headers) {
        Some(id) => error.with_request_id(id),
        None => error,
    }
}
