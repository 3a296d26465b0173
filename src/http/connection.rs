//! The transport: chooses how a request is authenticated.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use http::{HeaderValue, StatusCode};
use reqwest::Response;
use secrecy::ExposeSecret;
use url::Url;
use zeroize::Zeroizing;

use super::body::{Body, Finish, Record};
use super::challenge::{Challenge, challenges, names};
use super::credentials::{
    AccessToken, AuthPolicy, AuthScheme, Credentials, Password, TokenProvider,
};
#[cfg(feature = "kerberos")]
use super::negotiate::{self, Sent, Tickets, Who, no_ticket};
use super::options::HttpOptions;
use super::proof::Proof;
use super::refusal::{diagnostics, request_id};
use super::site::{Failure, Site, Way, drain, proves};
use super::tls::Tls;
use super::{ConnectionFacts, Reply, Request, RequestBody, Transport};
use crate::error::{Effect, Error, ErrorKind};

/// One identity and all connections it has.
pub(super) struct Connection {
    options: HttpOptions,
    tls: Tls,
    identity: Identity,
    proof: Proof,
    #[cfg(feature = "kerberos")]
    tickets: Tickets,
    sites: Mutex<Vec<Arc<Site>>>,
}

enum Identity {
    Password(Password, AuthPolicy),
    #[cfg(feature = "kerberos")]
    Ticket(Option<String>),
    Bearer(Arc<dyn TokenProvider>),
}

/// An answer's head, and what to do when its body has been read.
pub(super) struct Answered {
    pub(super) response: Response,
    pub(super) finish: Option<Finish>,
}

impl From<Response> for Answered {
    fn from(response: Response) -> Self {
        Self {
            response,
            finish: None,
        }
    }
}

impl Connection {
    pub(super) fn new(
        options: &HttpOptions,
        credentials: Credentials,
        policy: AuthPolicy,
    ) -> Result<Self, Error> {
        Ok(Self {
            identity: Identity::new(credentials, policy)?,
            tls: Tls::new(options)?,
            options: options.clone(),
            proof: Proof::default(),
            #[cfg(feature = "kerberos")]
            tickets: Tickets::default(),
            sites: Mutex::new(Vec::new()),
        })
    }

    fn site(&self, request: &Request) -> Result<Arc<Site>, Error> {
        if !request.url.username().is_empty() || request.url.password().is_some() {
            // the HTTP library would send them as Basic, past all rules here
            let message = "the URL contains user information (user:password@…): give credentials apart from it";
            return Err(Error::new(
                ErrorKind::Configuration,
                request.operation,
                message,
            ));
        }
        let mut sites = self.sites.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(site) = sites.iter().find(|site| site.serves(&request.url)) {
            return Ok(site.clone());
        }
        let site = Arc::new(Site::new(
            request.operation,
            &request.url,
            &self.options,
            &self.tls,
        )?);
        sites.push(site.clone());
        Ok(site)
    }

    /// Content that can be sent once is sent when the logon is done: an empty request goes ahead.
    async fn answer(&self, site: &Arc<Site>, request: &Request) -> Result<Answered, Error> {
        if !request.body.is_stream() {
            return self.answer_whole(site, request).await;
        }
        let Answered { response, finish } = self
            .answer_whole(site, &request.without_body())
            .await
            .map_err(|error| error.with_effect(Effect::None))?;
        if speaks_for_all(response.status()) {
            return Ok(Answered { response, finish });
        }
        if drain(response, site.silence(request)).await
            && let Some(finish) = finish
        {
            finish();
        }
        self.answer_whole(site, request).await
    }

    async fn answer_whole(&self, site: &Arc<Site>, request: &Request) -> Result<Answered, Error> {
        match &self.identity {
            Identity::Bearer(provider) => bearer(site, request, provider.as_ref())
                .await
                .map(Answered::from),
            #[cfg(feature = "kerberos")]
            Identity::Ticket(principal) => {
                let who = Who::Process(principal.as_deref());
                match self.with_ticket(site, request, who).await? {
                    Sent::Answered(answered) => Ok(answered),
                    Sent::NoTicket(problem) => Err(no_ticket(request.operation, site, &problem)),
                }
            }
            Identity::Password(password, policy) => {
                self.proof.check(request.operation)?;
                match self.way(site, request, *policy).await? {
                    Learned::Way(way) => {
                        self.with_password(site, request, password, *policy, way)
                            .await
                    }
                    Learned::Answer(response) => Ok(response.into()),
                }
            }
        }
    }

    /// How to log on there: as told, as before, or as the server says when it is asked.
    async fn way(
        &self,
        site: &Site,
        request: &Request,
        policy: AuthPolicy,
    ) -> Result<Learned, Error> {
        match policy {
            AuthPolicy::Only(AuthScheme::Basic) => return Ok(Learned::Way(Way::Basic)),
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
        let response = post(site, request, RequestBody::default(), None)
            .await
            .map_err(|error| {
                // an empty request without a logon changes nothing
                error.with_effect(Effect::None)
            })?;
        if response.status() != StatusCode::UNAUTHORIZED && speaks_for_all(response.status()) {
            return Ok(Learned::Answer(response));
        }
        self.learn(site, request, response).await.map(Learned::Way)
    }

    async fn learn(
        &self,
        site: &Site,
        request: &Request,
        response: Response,
    ) -> Result<Way, Error> {
        let way = if response.status() == StatusCode::UNAUTHORIZED {
            self.choose(site, request.operation, &response)?
        } else {
            Way::Open
        };
        drain(response, site.silence(request)).await;
        site.remember(way);
        Ok(way)
    }

    /// The safest of what the server offers and the credentials are good for.
    fn choose(
        &self,
        site: &Site,
        operation: &'static str,
        response: &Response,
    ) -> Result<Way, Error> {
        let way = choose(site, operation, response)?;
        #[cfg(feature = "kerberos")]
        if let Identity::Password(password, _) = &self.identity
            && password.principal().is_some()
            && challenges(response.headers())
                .iter()
                .any(|challenge| challenge.is("Negotiate"))
        {
            return Ok(Way::Negotiate);
        }
        Ok(way)
    }

    #[cfg(feature = "kerberos")]
    async fn with_ticket(
        &self,
        site: &Arc<Site>,
        request: &Request,
        who: Who<'_>,
    ) -> Result<Sent, Error> {
        negotiate::send(site, request, who, &self.tickets, &self.proof).await
    }

    async fn with_password(
        &self,
        site: &Arc<Site>,
        request: &Request,
        password: &Password,
        #[cfg_attr(not(feature = "kerberos"), allow(unused))] policy: AuthPolicy,
        way: Way,
    ) -> Result<Answered, Error> {
        let way = if way == Way::Open {
            let response = post(site, request, request.body.clone(), None).await?;
            if response.status() != StatusCode::UNAUTHORIZED {
                return Ok(response.into());
            }
            self.learn(site, request, response).await?
        } else {
            way
        };
        #[cfg(feature = "kerberos")]
        let way = if way == Way::Negotiate {
            let who = Who::Password(password);
            match self.with_ticket(site, request, who).await? {
                Sent::Answered(answered) => return Ok(answered),
                Sent::NoTicket(problem) if policy == AuthPolicy::Automatic => {
                    tracing::info!(host = site.host, %problem, "no Kerberos ticket: NTLM is used");
                    site.remember(Way::Ntlm);
                    Way::Ntlm
                }
                Sent::NoTicket(problem) => {
                    return Err(no_ticket(request.operation, site, &problem));
                }
            }
        } else {
            way
        };
        #[cfg(feature = "ntlm")]
        if way == Way::Ntlm {
            return super::lane::send(site, request, password, &self.proof).await;
        }
        debug_assert_eq!(way, Way::Basic);
        let header = basic(request.operation, password)?;
        let _leave = self.proof.leave(request.operation).await?;
        let response = post(site, request, request.body.clone(), Some(header)).await?;
        if response.status() == StatusCode::UNAUTHORIZED {
            let offered = challenges(response.headers());
            let offers_basic = offered.iter().any(|challenge| challenge.is("Basic"));
            // a server that offers nothing at all may have looked at the password
            if offered.is_empty() || offers_basic || is_expired(&response) {
                return Err(refused(&self.proof, request.operation, &response, "Basic"));
            }
            site.forget_way();
            let error = not_accepted(request.operation, "Basic", &offered);
            return Err(annotate(error, &response));
        }
        proves(&self.proof, &response);
        Ok(response.into())
    }
}

#[async_trait]
impl Transport for Connection {
    async fn send(&self, request: Request) -> Result<Reply, Error> {
        let site = self.site(&request)?;
        let mut record = Record::start(request.operation, site.host.clone());
        let Answered { response, finish } = match self.answer(&site, &request).await {
            Ok(answered) => answered,
            Err(error) => {
                record.status = error.http_status().unwrap_or(0);
                let error = request.body.judge(error);
                record.failed(error.kind());
                return Err(error);
            }
        };
        record.status = response.status().as_u16();
        Ok(Reply {
            status: record.status,
            headers: response.headers().clone(),
            body: Body::stream(
                response,
                self.options.max_response_bytes,
                site.silence(&request),
                record,
                finish,
            ),
        })
    }

    fn facts(&self, url: &Url) -> ConnectionFacts {
        let sites = self.sites.lock().unwrap_or_else(PoisonError::into_inner);
        let site = sites.iter().find(|site| site.serves(url));
        site.map_or_else(ConnectionFacts::default, |site| site.facts())
    }
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let identity = match &self.identity {
            Identity::Password(_, policy) => format!("password, {policy:?}"),
            #[cfg(feature = "kerberos")]
            Identity::Ticket(principal) => format!("ticket, {principal:?}"),
            Identity::Bearer(_) => "bearer".to_owned(),
        };
        f.debug_struct("Connection")
            .field("identity", &identity)
            .field("options", &self.options)
            .finish_non_exhaustive()
    }
}

enum Learned {
    Way(Way),
    /// The server refuses everything, whoever asks.
    Answer(Response),
}

impl Identity {
    fn new(credentials: Credentials, policy: AuthPolicy) -> Result<Self, Error> {
        let refuse =
            |message: &str| Err(Error::new(ErrorKind::Configuration, "Credentials", message));
        match (credentials, policy) {
            (Credentials::Password { .. }, AuthPolicy::Only(AuthScheme::Bearer)) => refuse(
                "a password cannot be sent as a bearer token: give a token provider, or use NTLM or Basic",
            ),
            (Credentials::Bearer(_), AuthPolicy::Only(AuthScheme::Basic | AuthScheme::Ntlm)) => {
                refuse("Basic and NTLM want a user name and a password, not a token")
            }
            #[cfg(not(feature = "ntlm"))]
            (_, AuthPolicy::Only(AuthScheme::Ntlm)) => refuse(NO_NTLM),
            #[cfg(not(feature = "kerberos"))]
            (_, AuthPolicy::Only(AuthScheme::Negotiate)) | (Credentials::Ticket { .. }, _) => {
                refuse(NO_KERBEROS)
            }
            #[cfg(feature = "kerberos")]
            (
                Credentials::Ticket { .. },
                AuthPolicy::Only(AuthScheme::Basic | AuthScheme::Ntlm | AuthScheme::Bearer),
            ) => refuse(
                "a Kerberos ticket can be used with Negotiate only: use the policy auto or negotiate",
            ),
            #[cfg(feature = "kerberos")]
            (Credentials::Ticket { principal }, _) => Ok(Self::Ticket(principal)),
            (Credentials::Bearer(_), AuthPolicy::Only(AuthScheme::Negotiate)) => {
                refuse("Negotiate wants a Kerberos ticket or a password, not a token")
            }
            (Credentials::Password { user, password }, policy) => {
                let password = Password::new(&user, password)?;
                #[cfg(feature = "kerberos")]
                if policy == AuthPolicy::Only(AuthScheme::Negotiate)
                    && password.principal().is_none()
                {
                    return refuse("Kerberos wants the user name in the form user@REALM");
                }
                if policy == AuthPolicy::Only(AuthScheme::Basic) {
                    basic("Credentials", &password)?;
                }
                Ok(Self::Password(password, policy))
            }
            (Credentials::Bearer(provider), _) => Ok(Self::Bearer(provider)),
        }
    }
}

/// The safest of what the server offers for any password.
fn choose(site: &Site, operation: &'static str, response: &Response) -> Result<Way, Error> {
    let offered = challenges(response.headers());
    #[cfg(feature = "ntlm")]
    if site.lanes.suits(&offered) {
        return Ok(Way::Ntlm);
    }
    let offers = |scheme| {
        offered
            .iter()
            .any(|challenge: &Challenge| challenge.is(scheme))
    };
    if offers("Basic") && site.private {
        return Ok(Way::Basic);
    }
    let hint = if offers("Basic") {
        "Basic is not used without TLS: use https://."
    } else if cfg!(not(feature = "ntlm")) && (offers("NTLM") || offers("Negotiate")) {
        NO_NTLM
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
    Err(annotate(error, response))
}

async fn bearer(
    site: &Site,
    request: &Request,
    provider: &dyn TokenProvider,
) -> Result<Response, Error> {
    let token = provider.token().await?;
    let response = post(
        site,
        request,
        request.body.clone(),
        Some(bearer_header(request.operation, &token)?),
    )
    .await?;
    if response.status() != StatusCode::UNAUTHORIZED {
        return Ok(response);
    }
    provider.invalidate(token.generation).await;
    let renewed = provider.token().await?;
    if renewed.generation == token.generation {
        return Err(token_refused(request.operation, &response));
    }
    drain(response, site.silence(request)).await;
    let response = post(
        site,
        request,
        request.body.clone(),
        Some(bearer_header(request.operation, &renewed)?),
    )
    .await?;
    if response.status() == StatusCode::UNAUTHORIZED {
        return Err(token_refused(request.operation, &response));
    }
    Ok(response)
}

fn token_refused(operation: &'static str, response: &Response) -> Error {
    let message = format!(
        "the server refused the access token{} (offered: {})",
        diagnostics(response.headers()),
        names(&challenges(response.headers()))
    );
    let error = Error::new(ErrorKind::Unauthenticated, operation, message).with_hint(
        "Check the token's audience (the server's host name), its permissions and this machine's clock.",
    );
    annotate(error, response)
}

fn bearer_header(operation: &'static str, token: &AccessToken) -> Result<HeaderValue, Error> {
    let text = Zeroizing::new(format!("Bearer {}", token.secret.expose_secret()));
    HeaderValue::from_str(&text).map_err(|_| {
        Error::new(
            ErrorKind::Configuration,
            operation,
            "the access token contains characters a header cannot hold",
        )
    })
}

fn basic(operation: &'static str, password: &Password) -> Result<HeaderValue, Error> {
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
        Error::new(
            ErrorKind::Internal,
            operation,
            "the Basic header cannot be made",
        )
    })
}

/// The server did not look at the password, since it does not take it in this way.
pub(super) fn not_accepted(operation: &'static str, scheme: &str, offered: &[Challenge]) -> Error {
    let message = format!(
        "the server does not accept {scheme}: it offers {}",
        names(offered)
    );
    Error::new(ErrorKind::Unauthenticated, operation, message)
        .with_status(401)
        .with_hint("Use the policy auto, or one of the schemes offered.")
}

fn is_expired(response: &Response) -> bool {
    response
        .headers()
        .contains_key("x-ms-credential-service-url")
}

/// The password was refused: this call fails, and so does every later one, without sending it.
pub(super) fn refused(
    proof: &Proof,
    operation: &'static str,
    response: &Response,
    tried: &'static str,
) -> Error {
    let offered = names(&challenges(response.headers()));
    let expired = is_expired(response);
    let request_id = request_id(response.headers()).map(str::to_owned);
    let reason = diagnostics(response.headers());
    proof.refused(operation, move |operation| {
        let what = if expired { "the password has expired" } else { "the server refused the user name or the password" };
        let message = format!(
            "{what}{reason} (offered: {offered}; tried: {tried}); it is not tried again, so that the account is not locked"
        );
        let error = Error::new(ErrorKind::Unauthenticated, operation, message)
            .with_status(401)
            .with_hint(
                "Connect anew with the right ones; names are given as DOMAIN\\user or user@domain. If they are right, the account may be \
                 locked, or a proxy that opens TLS breaks the server's Extended Protection.",
            );
        match &request_id {
            Some(id) => error.with_request_id(id),
            None => error,
        }
    })
}

fn annotate(error: Error, response: &Response) -> Error {
    let error = error.with_status(response.status().as_u16());
    match request_id(response.headers()) {
        Some(id) => error.with_request_id(id),
        None => error,
    }
}

async fn post(
    site: &Site,
    request: &Request,
    body: RequestBody,
    authorization: Option<HeaderValue>,
) -> Result<Response, Error> {
    site.post(&site.client, request, body, authorization)
        .await
        .map_err(|failure: Failure| failure.into_error(request.operation, &site.host))
}

/// Whether a status answers any request, not only an empty one.
pub(super) fn speaks_for_all(status: StatusCode) -> bool {
    status.is_redirection()
        || matches!(
            status.as_u16(),
            403 | 404 | 405 | 407 | 429 | 440 | 456 | 502..=504
        )
}

#[cfg(not(feature = "ntlm"))]
const NO_NTLM: &str =
    "This program was built without NTLM: build it with the feature ntlm, or use Basic.";
#[cfg(feature = "ntlm")]
const NO_NTLM: &str = "";

#[cfg(not(feature = "kerberos"))]
const NO_KERBEROS: &str =
    "This program was built without Kerberos: build it with the feature kerberos, or use NTLM.";
