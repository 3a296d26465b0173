//! User name and password in every request (RFC 7617).

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use http::{HeaderValue, StatusCode};
use secrecy::ExposeSecret;
use zeroize::Zeroizing;

use super::Request;
use super::challenge::challenges;
use super::connection::Answered;
use super::credentials::Password;
use super::policy::AuthScheme;
use super::proof::{Proof, Sending, Ticket};
use super::refused::{annotate, is_expired, not_accepted, refusal};
use super::site::{Site, drain, proves};
use crate::error::{Error, ErrorKind};

/// Sends a request, and once more with another password when the source has one.
pub(super) async fn send(
    site: &Site,
    request: &Request,
    proof: &Proof,
    ticket: &mut Ticket,
) -> Result<Answered, Error> {
    loop {
        let leave = proof.leave(ticket, Sending::Request).await?;
        let header = header(request.operation, &leave.password)?;
        let response = site
            .send(request, request.body.clone(), Some(header))
            .await?;
        site.seen.tried(AuthScheme::Basic);
        if response.status() != StatusCode::UNAUTHORIZED {
            if proves(&response) {
                leave.accepted();
                site.seen.accepted(AuthScheme::Basic);
            }
            return Ok(response.into());
        }
        let offered = challenges(response.headers());
        let offers_basic = offered.iter().any(|challenge| challenge.is("Basic"));
        // a server that offers nothing at all may have looked at the password
        if !offered.is_empty() && !offers_basic && !is_expired(&response) {
            site.forget_way();
            let error = not_accepted(request.operation, "Basic", &offered);
            return Err(annotate(error, response.headers()));
        }
        leave.refused(ticket, refusal(&response, AuthScheme::Basic));
        drain(response, site.silence(request)).await;
    }
}

pub(super) fn header(operation: &'static str, password: &Password) -> Result<HeaderValue, Error> {
    if password.user().contains(':') {
        let message = "a user name with a colon cannot be used with Basic (RFC 7617): use NTLM";
        return Err(Error::new(ErrorKind::Configuration, operation, message));
    }
    let pair = Zeroizing::new(format!(
        "{}:{}",
        password.user(),
        password.secret.expose_secret()
    ));
    let text = Zeroizing::new(format!("Basic {}", BASE64_STANDARD.encode(pair.as_bytes())));
    HeaderValue::from_str(&text).map_err(|_| {
        let message = "the Basic header cannot be made";
        Error::new(ErrorKind::Internal, operation, message)
    })
}
