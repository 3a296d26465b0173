//! How a password gets to a server: the safest way that is offered and allowed.

use http::StatusCode;
use reqwest::Response;

use super::challenge::{Challenge, challenges, names};
#[cfg(feature = "kerberos")]
use super::gssapi::Problem;
#[cfg(feature = "kerberos")]
use super::negotiate::no_ticket;
use super::policy::{AuthPolicy, AuthScheme};
use super::refused::annotate;
use super::site::{Site, Way, drain};
use super::{Request, RequestBody};
use crate::error::{Effect, Error, ErrorKind};

pub(super) enum Learned {
    Way(Way),
    /// The server refuses everything, whoever asks.
    Answer(Response),
}

/// How to log on there: as told, as before, or as the server says when it is asked.
pub(super) async fn way(
    site: &Site,
    request: &Request,
    policy: AuthPolicy,
) -> Result<Learned, Error> {
    match policy {
        AuthPolicy::Only(AuthScheme::Basic) if site.private => {
            return Ok(Learned::Way(Way::Basic));
        }
        AuthPolicy::Only(AuthScheme::Basic) => {
            let message = format!(
                "Basic is not used with {} without TLS, where anybody on the way can read the password",
                site.host
            );
            let error = Error::new(ErrorKind::Configuration, request.operation, message);
            return Err(error.with_hint("Use https:// in the URL."));
        }
        #[cfg(feature = "ntlm")]
        AuthPolicy::Only(AuthScheme::Ntlm) => return Ok(Learned::Way(Way::Ntlm)),
        #[cfg(feature = "kerberos")]
        AuthPolicy::Only(AuthScheme::Negotiate) => return Ok(Learned::Way(Way::Negotiate)),
        _ => {}
    }
    if let Some(way) = site.way() {
        return Ok(Learned::Way(way));
    }
    let _turn = site.learning.lock().await;
    if let Some(way) = site.way() {
        return Ok(Learned::Way(way));
    }
    let response = site
        .send(request, RequestBody::default(), None)
        .await
        // an empty request without a logon changes nothing
        .map_err(|error| error.with_effect(Effect::None))?;
    if response.status() != StatusCode::UNAUTHORIZED && speaks_for_all(response.status()) {
        return Ok(Learned::Answer(response));
    }
    learn(site, request, response, policy)
        .await
        .map(Learned::Way)
}

/// The way without Kerberos, from now on: no ticket can be had.
#[cfg(feature = "kerberos")]
pub(super) async fn without_ticket(
    site: &Site,
    request: &Request,
    policy: AuthPolicy,
    problem: Problem,
) -> Result<Learned, Error> {
    if !policy.allows(AuthScheme::Ntlm) && !policy.allows(AuthScheme::Basic) {
        return Err(no_ticket(request.operation, site, &problem));
    }
    site.no_ticket.get_or_init(|| {
        tracing::info!(host = site.host, %problem, "no Kerberos ticket: the next scheme is used");
        problem
    });
    if site.way() == Some(Way::Negotiate) {
        site.forget_way();
    }
    way(site, request, policy).await
}

/// Takes from an answer to a request without a logon how to log on.
pub(super) async fn learn(
    site: &Site,
    request: &Request,
    response: Response,
    policy: AuthPolicy,
) -> Result<Way, Error> {
    let way = if response.status() == StatusCode::UNAUTHORIZED {
        choose(site, request.operation, &response, policy)?
    } else {
        Way::Open
    };
    drain(response, site.silence(request)).await;
    site.remember(way);
    Ok(way)
}

/// The safest of what the server offers and the policy allows.
fn choose(
    site: &Site,
    operation: &'static str,
    response: &Response,
    policy: AuthPolicy,
) -> Result<Way, Error> {
    let offered = challenges(response.headers());
    #[cfg(feature = "kerberos")]
    if policy.allows(AuthScheme::Negotiate)
        && offered.iter().any(|challenge| challenge.is("Negotiate"))
        && site.no_ticket.get().is_none()
    {
        return Ok(Way::Negotiate);
    }
    #[cfg(feature = "ntlm")]
    if policy.allows(AuthScheme::Ntlm) && site.lanes.suits(&offered) {
        return Ok(Way::Ntlm);
    }
    let offers = |scheme| {
        offered
            .iter()
            .any(|challenge: &Challenge| challenge.is(scheme))
    };
    let allows_basic = policy.allows(AuthScheme::Basic);
    if offers("Basic") && allows_basic && site.private {
        return Ok(Way::Basic);
    }
    let offers_ntlm = offers("NTLM") || offers("Negotiate");
    let hint = if offers("Basic") && allows_basic {
        "Basic is not used without TLS: use https://."
    } else if (offers_ntlm && !policy.allows(AuthScheme::Ntlm)) || offers("Basic") {
        "The policy forbids what the server offers: allow it, or have the administrator enable another for /EWS."
    } else if cfg!(not(feature = "ntlm")) && offers_ntlm {
        "This program was built without NTLM: build it with the feature ntlm, or use Basic."
    } else if offers("Bearer") {
        "It wants OAuth tokens: use Credentials::bearer."
    } else {
        "A password can be used with NTLM, Negotiate and Basic: have the administrator enable one of them for /EWS."
    };
    let message = format!(
        "there is no common way to log on to {}: the server offers {}",
        site.host,
        names(&offered)
    );
    let error = Error::new(ErrorKind::Unauthenticated, operation, message).with_hint(hint);
    Err(annotate(error, response.headers()))
}

/// Whether a status answers any request, not only an empty one.
pub(super) fn speaks_for_all(status: StatusCode) -> bool {
    status.is_redirection()
        || matches!(
            status.as_u16(),
            403 | 404 | 405 | 407 | 429 | 440 | 456 | 502..=504
        )
}
