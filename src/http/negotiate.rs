//! Kerberos over a connection: `Negotiate` (RFC 4559).
//!
//! A logon begins with a request that carries nothing: it shows what the server offers and, over
//! TLS, its certificate, because the channel binding is part of the first token. The token goes with
//! the real request, over the same connection. IIS wants a new one with each request unless it says
//! `Persistent-Auth: true`; then the connection is logged on as with NTLM.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use http::StatusCode;
use reqwest::Response;

use super::challenge::{Challenge, challenges, names};
use super::choose::speaks_for_all;
use super::connection::Answered;
use super::gssapi::{self, Cause, Credential, Initiator, Problem, Service, leaves_realm_open};
use super::headers::diagnostics;
use super::lane::{ATTEMPTS, Lane, Repeated, end_point_of, hand_over, header, repeat};
use super::policy::AuthScheme;
use super::proof::{Proof, Sending, Ticket};
use super::refused::{annotate, not_accepted};
use super::site::{Failure, Site, drain, proves};
use super::spnego::{self, State};
use super::{Request, RequestBody};
use crate::error::{Effect, Error, ErrorKind};

/// Whose tickets are used.
pub(super) enum Who<'a> {
    /// Those this process finds; of this principal, or of the default one.
    Process(Option<&'a str>),
    /// One for the password.
    Password(&'a Proof, &'a mut Ticket),
}

/// The ticket a password was changed for.
#[derive(Default)]
pub(super) struct Kerberos(Mutex<Option<(Arc<Credential>, Instant)>>);

impl Kerberos {
    /// The ticket, if there is one and it is still good for a while.
    fn ticket(&self) -> Option<Arc<Credential>> {
        let held = self.held();
        let (credential, until) = held.as_ref()?;
        (*until > Instant::now()).then(|| credential.clone())
    }

    fn keep(&self, credential: &Arc<Credential>) {
        let until = Instant::now() + credential.lifetime().saturating_sub(MARGIN);
        *self.held() = Some((credential.clone(), until));
    }

    fn forget(&self) {
        *self.held() = None;
    }

    fn held(&self) -> MutexGuard<'_, Option<(Arc<Credential>, Instant)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What became of a request.
pub(super) enum Sent {
    Answered(Answered),
    /// No ticket can be had, so the server got nothing. The password, if there is one, was not
    /// refused: another scheme may be tried.
    NoTicket(Problem),
}

/// Sends a request with a Kerberos ticket, or over a connection one has logged on.
pub(super) async fn send(
    site: &Arc<Site>,
    request: &Request,
    kerberos: &Kerberos,
    mut who: Who<'_>,
) -> Result<Sent, Error> {
    let permit = site.lanes.place(site, request).await?;
    let call = Call {
        site,
        request,
        kerberos,
    };
    let mut current = None;
    if let Some(mut lane) = site.lanes.take() {
        if !lane.logged_on {
            current = Some(lane);
        } else {
            match repeat(site, request, &lane).await? {
                Repeated::Answer(response) => {
                    if proves(&response) {
                        site.seen.accepted(AuthScheme::Negotiate);
                    }
                    let answered = hand_over(site, lane, permit, response);
                    return Ok(Sent::Answered(answered));
                }
                Repeated::Forgotten => {
                    lane.logged_on = false;
                    current = Some(lane);
                }
                Repeated::Gone => {}
            }
        }
    }
    for _ in 0..ATTEMPTS {
        let mut lane = match current.take() {
            Some(lane) => lane,
            None => {
                let lane = Lane::open(site, request.operation)?;
                match call.ask(&lane).await? {
                    Asked::Ready => lane,
                    Asked::Gone => continue,
                    Asked::Open(response) => {
                        return Ok(Sent::Answered(Answered::from(response)));
                    }
                }
            }
        };
        let started = Instant::now();
        let (initiator, token) = match call.first_token(&lane, &mut who).await? {
            Ok(first) => first,
            Err(problem) => return Ok(Sent::NoTicket(problem)),
        };
        if let Some((response, persistent)) = call.log_on(&lane, initiator, token).await? {
            if proves(&response) {
                site.seen.accepted(AuthScheme::Negotiate);
                site.seen.logged_on_in(started.elapsed());
            }
            lane.logged_on = persistent;
            let answered = hand_over(site, lane, permit, response);
            return Ok(Sent::Answered(answered));
        }
    }
    let message = format!(
        "{} closed the connection {ATTEMPTS} times in the middle of the Kerberos logon",
        site.host
    );
    Err(Error::new(
        ErrorKind::Connection,
        request.operation,
        message,
    ))
}

struct Call<'a> {
    site: &'a Arc<Site>,
    request: &'a Request,
    kerberos: &'a Kerberos,
}

enum Asked {
    /// The server wants Negotiate.
    Ready,
    /// The connection went away; nothing was lost.
    Gone,
    /// The server answered without wanting a logon.
    Open(Response),
}

impl Call<'_> {
    /// A request with nothing in it.
    async fn ask(&self, lane: &Lane) -> Result<Asked, Error> {
        lane.gate.open_once();
        let response = match self.post(lane, RequestBody::default(), None).await {
            Ok(response) => response,
            Err(failure @ Failure::Silence(_)) => {
                return Err(self.error(lane, failure).with_effect(Effect::None));
            }
            Err(failure) if failure.would_recur() => return Err(self.error(lane, failure)),
            Err(_) => return Ok(Asked::Gone),
        };
        let response = if response.status() == StatusCode::UNAUTHORIZED {
            response
        } else if speaks_for_all(response.status()) {
            return Ok(Asked::Open(response));
        } else {
            // it may want no logon at all, or none for a request without content
            drop(response);
            lane.gate.open_once();
            let body = self.request.body.clone();
            match self.post(lane, body, None).await {
                Ok(response) if response.status() == StatusCode::UNAUTHORIZED => response,
                Ok(response) => return Ok(Asked::Open(response)),
                Err(failure) => return Err(self.error(lane, failure)),
            }
        };
        let offered = challenges(response.headers());
        if !offered.iter().any(|challenge| challenge.is("Negotiate")) {
            self.site.forget_way();
            let error = not_accepted(self.request.operation, "Negotiate (Kerberos)", &offered);
            return Err(annotate(error, response.headers()));
        }
        if !drain(response, self.site.silence(self.request)).await {
            return Ok(Asked::Gone);
        }
        Ok(Asked::Ready)
    }

    async fn first_token(
        &self,
        lane: &Lane,
        who: &mut Who<'_>,
    ) -> Result<Result<(Initiator, Vec<u8>), Problem>, Error> {
        let mut renewed = false;
        loop {
            let credential = match self.credential(who).await? {
                Ok(credential) => credential,
                Err(problem) => return Ok(Err(problem)),
            };
            let (host, binding) = (self.site.name.clone(), end_point_of(self.site, lane));
            match self
                .blocking(move || first_token(credential, &host, binding))
                .await
            {
                Err(problem) if problem.cause == Cause::TicketExpired && !renewed => {
                    renewed = true;
                    self.kerberos.forget();
                }
                result => return Ok(result),
            }
        }
    }

    /// The ticket of the process is looked for each time, so that a renewed one is found; the one for a password is
    /// kept. A password is sent to the KDC by one call at a time, and no more when it was refused.
    async fn credential(
        &self,
        who: &mut Who<'_>,
    ) -> Result<Result<Arc<Credential>, Problem>, Error> {
        let (proof, ticket) = match who {
            Who::Process(principal) => {
                let principal = principal.map(str::to_owned);
                let find = move || Credential::of_process(principal.as_deref()).map(Arc::new);
                return Ok(self.blocking(find).await);
            }
            Who::Password(proof, ticket) => (*proof, &mut **ticket),
        };
        loop {
            if let Some(credential) = self.kerberos.ticket() {
                return Ok(Ok(credential));
            }
            let leave = proof.leave(ticket, Sending::Logon).await?;
            if let Some(credential) = self.kerberos.ticket() {
                return Ok(Ok(credential));
            }
            let Some(principal) = leave.password.principal() else {
                return Ok(Err(no_principal()));
            };
            let password = leave.password.clone();
            let ask = move || Credential::with_password(&principal, &password.secret).map(Arc::new);
            match self.blocking(ask).await {
                Ok(credential) => {
                    leave.accepted();
                    self.kerberos.keep(&credential);
                    return Ok(Ok(credential));
                }
                Err(problem) if is_about_password(problem.cause) => {
                    leave.refused(ticket, password_refusal(problem));
                }
                Err(problem) => return Ok(Err(problem)),
            }
        }
    }

    /// The tokens, with the request. `None`: the connection was gone before anything was sent.
    async fn log_on(
        &self,
        lane: &Lane,
        mut initiator: Initiator,
        first: Vec<u8>,
    ) -> Result<Option<(Response, bool)>, Error> {
        let mut message = spnego::offer(&first);
        for _ in 0..LEGS {
            lane.gate.close();
            let body = self.request.body.clone();
            let response = match self.post(lane, body, Some(&message)).await {
                Ok(response) => response,
                Err(Failure::Closed) => return Ok(None),
                Err(failure) => return Err(self.error(lane, failure)),
            };
            self.site.seen.tried(AuthScheme::Negotiate);
            let answer = answer(&response);
            if response.status() != StatusCode::UNAUTHORIZED {
                self.verify(initiator, answer, &response).await?;
                let persistent = response
                    .headers()
                    .get("persistent-auth")
                    .is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"true"));
                return Ok(Some((response, persistent)));
            }
            let Some(spnego::Answer {
                state: None | Some(State::Incomplete),
                token: Some(token),
            }) = answer
            else {
                return Err(self.refused(&response, None));
            };
            let (then, next) = match self.step(initiator, token).await {
                Ok((then, step)) if !step.token.is_empty() => (then, step.token),
                Ok(_) => return Err(self.refused(&response, None)),
                Err(problem) => return Err(self.refused(&response, Some(problem))),
            };
            if !drain(response, self.site.silence(self.request)).await {
                return Ok(None);
            }
            initiator = then;
            message = spnego::further(&next);
        }
        let message = format!("the Kerberos logon to {} does not end", self.site.host);
        Err(Error::new(
            ErrorKind::Protocol,
            self.request.operation,
            message,
        ))
    }

    /// Whether the server has proven who it is. It does so with its answer; where it refuses the
    /// request it may leave it out.
    async fn verify(
        &self,
        initiator: Initiator,
        answer: Option<spnego::Answer>,
        response: &Response,
    ) -> Result<(), Error> {
        let why = match answer.and_then(|answer| answer.token) {
            Some(token) => match self.step(initiator, token).await {
                Ok((_, step)) if step.mutual => return Ok(()),
                Ok(_) => "its Kerberos answer is not complete".to_owned(),
                Err(problem) => problem.to_string(),
            },
            None if !response.status().is_success() => return Ok(()),
            None => "its answer carries no Kerberos token".to_owned(),
        };
        let message = format!(
            "{} did not prove that it is {}: {why}",
            self.site.host,
            service_name(&self.site.name)
        );
        let error = Error::new(ErrorKind::Unauthenticated, self.request.operation, message)
            .with_effect(Effect::Unknown)
            .with_hint("Kerberos wants this proof (mutual authentication). A proxy that logs on for its users may take it away: go past it, or use NTLM.");
        let error = annotate(error, response.headers());
        Err(error.with_status(response.status().as_u16()))
    }

    /// The server does not take the ticket. The next call gets a new one, in case this one was too old.
    fn refused(&self, response: &Response, problem: Option<Problem>) -> Error {
        self.kerberos.forget();
        let offered = names(&challenges(response.headers()));
        let says = problem.map_or_else(String::new, |problem| format!(": {problem}"));
        let message = format!(
            "the server refused the Kerberos ticket for {}{says}{} (offered: {offered}; tried: Negotiate)",
            service_name(&self.site.name),
            diagnostics(response.headers()),
        );
        let error = Error::new(ErrorKind::Unauthenticated, self.request.operation, message)
            .with_hint(
                "The service name may belong to another account than the server runs as (setspn -Q lists it), the ticket may be older \
                 than the server's password (get a new one), clocks may differ, or a proxy that opens TLS breaks Extended Protection.",
            );
        annotate(error, response.headers())
    }

    async fn post(
        &self,
        lane: &Lane,
        body: RequestBody,
        message: Option<&[u8]>,
    ) -> Result<Response, Failure> {
        let authorization = message.map(|message| header("Negotiate", message));
        self.site
            .post(&lane.client, &lane.watch, self.request, body, authorization)
            .await
    }

    async fn step(
        &self,
        mut initiator: Initiator,
        token: Vec<u8>,
    ) -> Result<(Initiator, gssapi::Step), Problem> {
        self.blocking(move || {
            let step = initiator.step(Some(&token))?;
            Ok((initiator, step))
        })
        .await
    }

    /// The library blocks, some of its calls on the network.
    async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, Problem> + Send + 'static,
    ) -> Result<T, Problem> {
        let limit = self.site.options.connect_timeout;
        match tokio::time::timeout(limit, tokio::task::spawn_blocking(work)).await {
            Ok(Ok(result)) => result,
            Ok(Err(_)) => Err(Problem::without_status(
                Cause::Other,
                "the Kerberos library failed",
            )),
            Err(_) => Err(Problem::without_status(
                Cause::KdcUnreachable,
                format!("no KDC answered in {} s", limit.as_secs_f32()),
            )),
        }
    }

    fn error(&self, lane: &Lane, failure: Failure) -> Error {
        self.site
            .error(self.request.operation, failure, &lane.watch)
    }
}

pub(super) fn no_principal() -> Problem {
    let words = "the user name has not the form user@REALM";
    Problem::without_status(Cause::UnknownUser, words)
}

/// The error for a user whose program knows no other way than Kerberos.
pub(super) fn no_ticket(operation: &'static str, site: &Site, problem: &Problem) -> Error {
    let service = service_name(&site.name);
    let (kind, hint) = match problem.cause {
        Cause::NoLibrary => (
            ErrorKind::Configuration,
            "Install MIT krb5 (the package libgssapi-krb5-2 or krb5-libs), or use NTLM.".to_owned(),
        ),
        Cause::NoTicket => (
            ErrorKind::Unauthenticated,
            "Get a ticket with kinit, point KRB5CCNAME to one or KRB5_CLIENT_KTNAME to a keytab, or give a password.".to_owned(),
        ),
        Cause::TicketExpired => (
            ErrorKind::Unauthenticated,
            "Get a new ticket with kinit.".to_owned(),
        ),
        Cause::UnknownUser => (
            ErrorKind::Unauthenticated,
            "Give the name as user@REALM, where REALM is the name of the Active Directory domain, not an e-mail domain.".to_owned(),
        ),
        Cause::UnknownServer => (
            ErrorKind::Configuration,
            format!("Use the server's name in the URL that the service name is made for, or have it registered: setspn -S {service} <account>."),
        ),
        Cause::KdcUnreachable => (
            ErrorKind::Connection,
            "Check the realm in /etc/krb5.conf or its SRV records (_kerberos._tcp.<realm>), and that port 88 of a domain controller can be reached.".to_owned(),
        ),
        Cause::ClockSkew => (
            ErrorKind::Unauthenticated,
            "Set this machine's clock: Kerberos allows five minutes.".to_owned(),
        ),
        _ => (
            ErrorKind::Unauthenticated,
            "KRB5_TRACE=/dev/stderr shows what the Kerberos library (MIT krb5) does.".to_owned(),
        ),
    };
    let message = format!("there is no Kerberos ticket for {service}: {problem}");
    Error::new(kind, operation, message).with_hint(hint)
}

fn is_about_password(cause: Cause) -> bool {
    matches!(
        cause,
        Cause::WrongPassword | Cause::PasswordExpired | Cause::Locked
    )
}

/// The KDC refused the password: no other way is tried with it, and no later call sends it.
fn password_refusal(problem: Problem) -> impl Fn(&'static str) -> Error + Send + Sync + 'static {
    move |operation| {
        let what = match problem.cause {
            Cause::PasswordExpired => "the password has expired",
            Cause::Locked => "the account is locked or disabled",
            _ => "the domain controller (KDC) refused the password",
        };
        let message = format!(
            "{what}: {problem} (tried: Negotiate); it is not tried again, so that the account is not locked"
        );
        Error::new(ErrorKind::Unauthenticated, operation, message)
            .with_hint("Connect anew with the right one; names are given as user@REALM.")
    }
}

fn answer(response: &Response) -> Option<spnego::Answer> {
    challenges(response.headers())
        .iter()
        .filter(|challenge| challenge.is("Negotiate"))
        .find_map(Challenge::token)
        .and_then(|token| spnego::read(&token))
}

fn service_name(host: &str) -> String {
    format!("HTTP/{host}")
}

/// The host is taken as the URL writes it. Where the library can leave the realm to the KDC it gets
/// the exact name first, because it may ask DNS for a service on a host; a mapping of hosts to realms
/// in `krb5.conf` works with the latter only.
fn services(host: &str) -> Vec<Service> {
    let host = host.trim_matches(['[', ']']);
    let mut services = vec![Service::OnHost(format!("HTTP@{host}"))];
    if leaves_realm_open() {
        services.insert(0, Service::Exact(format!("{}@", service_name(host))));
    }
    services
}

fn first_token(
    credential: Arc<Credential>,
    host: &str,
    binding: Option<Vec<u8>>,
) -> Result<(Initiator, Vec<u8>), Problem> {
    let mut unknown = None;
    for service in services(host) {
        let mut initiator = Initiator::new(credential.clone(), &service, binding.clone())?;
        match initiator.step(None) {
            Ok(step) => return Ok((initiator, step.token)),
            Err(problem) if problem.cause == Cause::UnknownServer => {
                unknown.get_or_insert(problem);
            }
            Err(problem) => return Err(problem),
        }
    }
    Err(unknown.unwrap_or_else(|| {
        Problem::without_status(Cause::UnknownServer, "the server has no name for Kerberos")
    }))
}

/// A ticket is renewed this long before it ends.
const MARGIN: Duration = Duration::from_secs(300);
/// Kerberos needs one.
const LEGS: usize = 3;
