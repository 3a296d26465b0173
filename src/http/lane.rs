//! Connections that NTLM or Kerberos has authenticated, and the logon with NTLM.
//!
//! A lane is one client with one connection (`gate.rs`). It exists in the store only while it is idle: a call takes it out, and only an answer read to its end puts it back. So
//! a call that is cancelled, an answer dropped half way or an error can at worst cost a connection.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use http::header::CONNECTION;
use http::{HeaderMap, HeaderValue, StatusCode};
use hyper_util::client::legacy::connect::HttpInfo;
use reqwest::{Client, Response};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::body::Finish;
use super::challenge::{Challenge, challenges};
use super::channel_binding::{channel_binding, end_point};
use super::choose::speaks_for_all;
use super::connection::Answered;
use super::credentials::Password;
use super::facts::ChannelBindingFacts;
use super::gate::{Gate, GateLayer};
use super::ntlm;
use super::options::ChannelBinding;
use super::policy::AuthScheme;
use super::proof::{Proof, Sending, Ticket};
use super::refused::{annotate, not_accepted, refusal};
use super::site::{Failure, Site, drain, proves};
use super::watch::Watch;
use super::{Request, RequestBody};
use crate::error::{Effect, Error, ErrorKind};

/// The lanes to one server under one identity.
pub(super) struct Lanes {
    idle: Mutex<Vec<Lane>>,
    places: Arc<Semaphore>,
    /// The server takes NTLM under the name Negotiate only.
    inside_negotiate: AtomicBool,
}

impl Lanes {
    pub(super) fn new(most: usize) -> Self {
        Self {
            idle: Mutex::new(Vec::new()),
            places: Arc::new(Semaphore::new(most.max(1))),
            inside_negotiate: AtomicBool::new(false),
        }
    }

    /// Takes note of what the server offers; `false` if neither NTLM nor Negotiate.
    pub(super) fn suits(&self, offered: &[Challenge]) -> bool {
        let offers = |scheme| offered.iter().any(|challenge| challenge.is(scheme));
        let ntlm = offers("NTLM");
        self.inside_negotiate.store(!ntlm, Ordering::Relaxed);
        ntlm || offers("Negotiate")
    }

    fn scheme(&self) -> &'static str {
        if self.inside_negotiate.load(Ordering::Relaxed) {
            "Negotiate"
        } else {
            "NTLM"
        }
    }

    /// The lane used last: it is the least likely to have been closed by the server.
    pub(super) fn take(&self) -> Option<Lane> {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        idle.retain(|lane| lane.used.elapsed() < LONGEST_IDLE);
        idle.pop()
    }

    /// Waits for leave to use a connection.
    pub(super) async fn place(
        &self,
        site: &Site,
        request: &Request,
    ) -> Result<OwnedSemaphorePermit, Error> {
        let free = self.places.clone().acquire_owned();
        match tokio::time::timeout(site.silence(request), free).await {
            Ok(Ok(permit)) => Ok(permit),
            Ok(Err(_)) => Err(Error::new(
                ErrorKind::Internal,
                request.operation,
                "the connections were shut down",
            )),
            // Answers that nobody reads on would be waited for without an end.
            Err(_) => {
                let text = format!("all connections to {} are in use", site.host);
                Err(Error::new(ErrorKind::Timeout, request.operation, text)
                    .with_effect(Effect::None)
                    .with_hint("Contents that are being read hold a connection each until their end: read or drop them first, or allow more lanes."))
            }
        }
    }

    fn put_back(&self, mut lane: Lane) {
        lane.used = Instant::now();
        self.idle
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(lane);
    }
}

/// Sends a request over an authenticated connection, after making one if need be.
pub(super) async fn send(
    site: &Arc<Site>,
    request: &Request,
    proof: &Proof,
    ticket: &mut Ticket,
) -> Result<Answered, Error> {
    let permit = site.lanes.place(site, request).await?;
    let call = Call { site, request };
    let mut current = None;
    if let Some(lane) = site.lanes.take() {
        match repeat(site, request, &lane).await? {
            Repeated::Answer(response) => {
                if proves(&response) {
                    site.seen.accepted(AuthScheme::Ntlm);
                }
                return Ok(hand_over(site, lane, permit, response));
            }
            Repeated::Forgotten => current = Some(lane),
            Repeated::Gone => {}
        }
    }
    let mut bare = false;
    for _ in 0..ATTEMPTS {
        let mut lane = match current.take() {
            Some(lane) => lane,
            None => Lane::open(site, request.operation)?,
        };
        let leave = proof.leave(ticket, Sending::Logon).await?;
        match call.log_on(&lane, &leave.password).await? {
            LoggedOn::Answer(response) => {
                leave.logged_on();
                if proves(&response) {
                    leave.accepted();
                    site.seen.accepted(AuthScheme::Ntlm);
                }
                lane.logged_on = true;
                return Ok(hand_over(site, lane, permit, response));
            }
            LoggedOn::NotAsked(response) => {
                return Ok(Answered {
                    response,
                    finish: None,
                });
            }
            LoggedOn::Refused(response) => {
                leave.refused(ticket, refusal(&response, AuthScheme::Ntlm));
            }
            LoggedOn::Again => {}
            LoggedOn::NoChallenge(offered, headers) => {
                // an IIS whose application is cold answers the first request that carries a logon
                // without a challenge (KB 2749007); or it wants the other name
                let before = site.lanes.scheme();
                let suits = site.lanes.suits(&offered);
                if !suits || (bare && before == site.lanes.scheme()) {
                    site.forget_way();
                    let error = not_accepted(request.operation, "NTLM", &offered);
                    return Err(annotate(error, &headers));
                }
                bare = true;
                current = Some(lane);
            }
        }
    }
    let message = format!(
        "{} closed the connection {ATTEMPTS} times in the middle of the NTLM logon",
        site.host
    );
    let error = Error::new(ErrorKind::Connection, request.operation, message);
    Err(error.with_hint(
        "A proxy or balancer between may not keep connections open, which NTLM needs: use Basic over TLS, or go past it.",
    ))
}

/// One connection.
pub(super) struct Lane {
    pub(super) client: Client,
    pub(super) gate: Arc<Gate>,
    pub(super) watch: Watch,
    /// The server knows the connection; else each request carries its logon (Kerberos).
    pub(super) logged_on: bool,
    used: Instant,
}

impl Lane {
    pub(super) fn open(site: &Site, operation: &'static str) -> Result<Self, Error> {
        let gate = Arc::new(Gate::default());
        let layer = GateLayer {
            gate: gate.clone(),
            patience: site.options.patience,
        };
        let (client, watch) = site.client_of_one_connection(operation, layer)?;
        Ok(Self {
            client,
            gate,
            watch,
            logged_on: false,
            used: Instant::now(),
        })
    }
}

/// The answer keeps the lane until it is read.
pub(super) fn hand_over(
    site: &Arc<Site>,
    lane: Lane,
    permit: OwnedSemaphorePermit,
    response: Response,
) -> Answered {
    let closing = response
        .headers()
        .get(CONNECTION)
        .is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"close"));
    let site = site.clone();
    let finish: Finish = Box::new(move || {
        if !closing {
            site.lanes.put_back(lane);
        }
        drop(permit);
    });
    Answered {
        response,
        finish: Some(finish),
    }
}

struct Call<'a> {
    site: &'a Site,
    request: &'a Request,
}

pub(super) enum Repeated {
    Answer(Response),
    /// The server no longer knows this connection; it did not act on the request.
    Forgotten,
    /// The connection was closed before anything was sent.
    Gone,
}

enum LoggedOn {
    Answer(Response),
    /// The server answered without wanting a logon.
    NotAsked(Response),
    /// 401 to the right message on the right connection. Final.
    Refused(Response),
    /// The connection went away in between; nothing was lost.
    Again,
    NoChallenge(Vec<Challenge>, HeaderMap),
}

/// A request on an authenticated connection carries no logon.
pub(super) async fn repeat(site: &Site, request: &Request, lane: &Lane) -> Result<Repeated, Error> {
    lane.gate.close();
    let sent = site.post(
        &lane.client,
        &lane.watch,
        request,
        request.body.clone(),
        None,
    );
    match sent.await {
        Ok(response) if response.status() == StatusCode::UNAUTHORIZED => {
            let drained = drain(response, site.silence(request)).await;
            Ok(if drained {
                Repeated::Forgotten
            } else {
                Repeated::Gone
            })
        }
        Ok(response) => Ok(Repeated::Answer(response)),
        Err(Failure::Closed) => Ok(Repeated::Gone),
        Err(failure) => Err(site.error(request.operation, failure, &lane.watch)),
    }
}

/// What a logon says of the TLS connection. When the certificate is not known it says nothing: a value of zeros would
/// be a wrong one.
pub(super) fn end_point_of(site: &Site, lane: &Lane) -> Option<Vec<u8>> {
    if !site.encrypted {
        return None;
    }
    let (end_point, fact) = match site.options.channel_binding {
        ChannelBinding::Off => (None, ChannelBindingFacts::SwitchedOff),
        ChannelBinding::Auto => match lane.watch.certificate().and_then(|der| end_point(&der)) {
            Some(end_point) => (Some(end_point), ChannelBindingFacts::Sent),
            None => (None, ChannelBindingFacts::CertificateUnknown),
        },
    };
    site.seen.binding(fact);
    end_point
}

impl Call<'_> {
    /// The three messages. The first goes without a body, the last with it.
    async fn log_on(&self, lane: &Lane, password: &Password) -> Result<LoggedOn, Error> {
        let started = Instant::now();
        let scheme = self.site.lanes.scheme();
        let negotiate = ntlm::negotiate().map_err(|problem| self.problem(problem))?;
        lane.gate.open_once();
        let first = match self
            .post(
                lane,
                RequestBody::default(),
                Some(header(scheme, &negotiate)),
            )
            .await
        {
            Ok(response) => response,
            Err(failure @ Failure::Silence(_)) => {
                return Err(self.error(lane, failure).with_effect(Effect::None));
            }
            Err(failure) if failure.would_recur() => return Err(self.error(lane, failure)),
            Err(_) => return Ok(LoggedOn::Again),
        };
        if first.status() != StatusCode::UNAUTHORIZED {
            return self.without_logon(lane, first).await;
        }
        self.site.seen.tried(AuthScheme::Ntlm);
        let connection = local_address(&first);
        let offered = challenges(first.headers());
        let headers = first.headers().clone();
        if !drain(first, self.site.silence(self.request)).await {
            return Ok(LoggedOn::Again);
        }
        // from here on only the connection that carries the challenge may be used
        lane.gate.close();
        let Some(challenge) = offered
            .iter()
            .filter(|c| c.is(scheme))
            .find_map(Challenge::token)
        else {
            return Ok(LoggedOn::NoChallenge(offered, headers));
        };
        let host = &self.site.name;
        let binding =
            end_point_of(self.site, lane).and_then(|end_point| channel_binding(&end_point));
        let answer = ntlm::authenticate(&negotiate, &challenge, password, host, binding)
            .map_err(|problem| self.problem(problem))?;
        match self
            .post(
                lane,
                self.request.body.clone(),
                Some(header(scheme, &answer)),
            )
            .await
        {
            Ok(last) if last.status() != StatusCode::UNAUTHORIZED => {
                self.site.seen.logged_on_in(started.elapsed());
                Ok(LoggedOn::Answer(last))
            }
            Ok(last) if local_address(&last) == connection => Ok(LoggedOn::Refused(last)),
            // the gate prevents this; should it fail, a half logon proves nothing
            Ok(_) | Err(Failure::Closed) => Ok(LoggedOn::Again),
            Err(failure) => Err(self.error(lane, failure)),
        }
    }

    /// The server did not ask for a logon when it got the first message. If it refuses everything,
    /// that is the answer; else it gets the request.
    async fn without_logon(&self, lane: &Lane, first: Response) -> Result<LoggedOn, Error> {
        if speaks_for_all(first.status()) {
            return Ok(LoggedOn::NotAsked(first));
        }
        drop(first);
        lane.gate.open_once();
        match self.post(lane, self.request.body.clone(), None).await {
            Ok(response) if response.status() == StatusCode::UNAUTHORIZED => {
                let offered = challenges(response.headers());
                Ok(LoggedOn::NoChallenge(offered, response.headers().clone()))
            }
            Ok(response) => Ok(LoggedOn::NotAsked(response)),
            Err(failure) => Err(self.error(lane, failure)),
        }
    }

    async fn post(
        &self,
        lane: &Lane,
        body: RequestBody,
        authorization: Option<HeaderValue>,
    ) -> Result<Response, Failure> {
        self.site
            .post(&lane.client, &lane.watch, self.request, body, authorization)
            .await
    }

    fn error(&self, lane: &Lane, failure: Failure) -> Error {
        self.site
            .error(self.request.operation, failure, &lane.watch)
    }

    fn problem(&self, problem: ntlm::NtlmProblem) -> Error {
        let message = format!("NTLM logon to {} failed: {problem}", self.site.host);
        Error::new(ErrorKind::Protocol, self.request.operation, message)
    }
}

pub(super) fn header(scheme: &str, message: &[u8]) -> HeaderValue {
    let text = format!("{scheme} {}", BASE64_STANDARD.encode(message));
    // base64 is always a valid header
    HeaderValue::try_from(text).unwrap_or_else(|_| HeaderValue::from_static(""))
}

/// Tells connections apart.
fn local_address(response: &Response) -> Option<std::net::SocketAddr> {
    response
        .extensions()
        .get::<HttpInfo>()
        .map(HttpInfo::local_addr)
}

/// IIS closes idle connections after 120 s by default; balancers often earlier.
const LONGEST_IDLE: Duration = Duration::from_secs(60);
pub(super) const ATTEMPTS: usize = 4;
