//! An access token in every request (RFC 6750).

use http::{HeaderValue, StatusCode};
use reqwest::Response;
use secrecy::ExposeSecret;
use zeroize::Zeroizing;

use super::Request;
use super::policy::AuthScheme;
use super::refused::token_refused;
use super::site::{Site, drain, proves};
use super::token::{AccessToken, TokenProvider};
use crate::error::{Error, ErrorKind};

/// Sends a request, and once more with a newer token when there is one.
pub(super) async fn send(
    site: &Site,
    request: &Request,
    provider: &dyn TokenProvider,
) -> Result<Response, Error> {
    let token = provider.token().await?;
    let response = send_with(site, request, &token).await?;
    if response.status() != StatusCode::UNAUTHORIZED {
        return Ok(response);
    }
    provider.invalidate(token.generation).await;
    let renewed = provider.token().await?;
    if renewed.generation == token.generation {
        return Err(token_refused(request.operation, response, site.silence(request)).await);
    }
    drain(response, site.silence(request)).await;
    let response = send_with(site, request, &renewed).await?;
    if response.status() == StatusCode::UNAUTHORIZED {
        return Err(token_refused(request.operation, response, site.silence(request)).await);
    }
    Ok(response)
}

async fn send_with(site: &Site, request: &Request, token: &AccessToken) -> Result<Response, Error> {
    let header = header(request.operation, token)?;
    let response = site
        .send(request, request.body.clone(), Some(header))
        .await?;
    site.seen.tried(AuthScheme::Bearer);
    if proves(&response) {
        site.seen.accepted(AuthScheme::Bearer);
    }
    Ok(response)
}

fn header(operation: &'static str, token: &AccessToken) -> Result<HeaderValue, Error> {
    let text = Zeroizing::new(format!("Bearer {}", token.secret.expose_secret()));
    HeaderValue::from_str(&text).map_err(|_| {
        let message = "the access token contains characters a header cannot hold";
        Error::new(ErrorKind::Configuration, operation, message)
    })
}
