//! The search: whom to ask next.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::task::JoinSet;
use url::Url;

use super::Autodiscover;
use super::address::{Address, configuration, shown};
use super::approval::{Approval, is_microsoft, is_private};
use super::ask::{self, Told, Why};
use super::discovered::{Discovered, FoundBy, Location};
use super::place::{Place, plain};
use super::settle::Findings;
use super::trace::{Asked, DiscoveryStep, DiscoveryTrace, StepOutcome};
use super::{pox, soap, srv};
use crate::error::Result;
use crate::http::{self, Anonymous, HttpOptions, Transport};

/// Hosts that may refuse the credentials, before they are sent to no other.
const MOST_REFUSALS: usize = 2;
/// The largest answer.
const MOST_BYTES: u64 = 1024 * 1024;
/// Hosts of SRV records that are asked.
const MOST_SRV: usize = 5;

pub(super) struct Search<'a> {
    pub(super) options: &'a Autodiscover,
    http: HttpOptions,
    anonymous: Arc<Anonymous>,
    pub(super) approval: Approval,
    /// The address that is asked for now.
    pub(super) address: Address,
    began: Instant,
    pub(super) trace: DiscoveryTrace,
    pub(super) queue: VecDeque<Candidate>,
    running: JoinSet<(TaskId, Heard)>,
    heard: HashMap<TaskId, Heard>,
    tasks: TaskId,
    /// What was asked already: the service, its URL, the address.
    asked: HashSet<(Asked, String, String)>,
    pub(super) redirects: u32,
    transports: HashMap<String, Arc<dyn Transport>>,
    pub(super) findings: Findings,
}

/// Whom to ask.
#[derive(Debug)]
pub(super) enum Candidate {
    Place {
        place: Box<Place>,
        route: Route,
        /// The question to its V2 service.
        json: Option<TaskId>,
    },
    HttpRedirect(TaskId),
    Srv(TaskId),
    /// The V2 service of Exchange Online. Somebody named it, or the caller allows to ask it.
    Microsoft {
        json: TaskId,
        found_by: FoundBy,
    },
}

/// How the search came to a place.
#[derive(Clone, Debug)]
pub(super) struct Route {
    pub(super) found_by: FoundBy,
    /// Who redirected to it, and who redirected to them.
    pub(super) via: Vec<Url>,
}

impl From<FoundBy> for Route {
    fn from(found_by: FoundBy) -> Self {
        Self {
            found_by,
            via: Vec::new(),
        }
    }
}

/// A question on its way.
type TaskId = u32;

/// A question that was asked.
#[derive(Debug)]
pub(super) struct Question {
    pub(super) asked: Asked,
    /// Of an SRV look-up a URL `dns:`.
    pub(super) url: Url,
    pub(super) route: Route,
    pub(super) with_credentials: bool,
    /// They were sent, not only offered.
    pub(super) has_logged_on: bool,
    began: Duration,
    took: Duration,
}

/// A question without a logon, and what came of it.
#[derive(Debug)]
struct Heard {
    asked: Asked,
    url: Url,
    began: Duration,
    took: Duration,
    told: Anybody,
}

#[derive(Debug)]
enum Anybody {
    Web(Told),
    Dns(Result<Vec<String>, String>),
}

/// What a step leads to.
#[derive(Debug)]
pub(super) enum Next {
    Found(Box<Discovered>),
    /// Ask another service of the same place.
    NoService,
    /// The place is done with.
    Done,
    /// The queue begins with where it pointed to.
    Redirected,
    /// Ask for another address, from the beginning.
    Address(Address),
}

impl<'a> Search<'a> {
    pub(super) fn new(options: &'a Autodiscover, address: Address) -> Result<Self> {
        let http = options
            .http
            .clone()
            .max_response_bytes(MOST_BYTES)
            .response_timeout(options.timeout);
        let mut approval = options.approval.clone();
        approval.add_domain(address.domain());
        Ok(Self {
            options,
            anonymous: Arc::new(Anonymous::new(&http)?),
            http,
            approval,
            address,
            began: Instant::now(),
            trace: DiscoveryTrace::default(),
            queue: VecDeque::new(),
            running: JoinSet::new(),
            heard: HashMap::new(),
            tasks: 0,
            asked: HashSet::new(),
            redirects: 0,
            transports: HashMap::new(),
            findings: Findings::default(),
        })
    }

    pub(super) async fn run(mut self) -> Result<Discovered> {
        self.add_seeds()?;
        self.add_domain();
        while let Some(candidate) = self.queue.pop_front() {
            let next = match candidate {
                Candidate::Place { place, route, json } => {
                    self.try_place(*place, route, json).await?
                }
                Candidate::HttpRedirect(task) => self.try_redirect(task).await,
                Candidate::Srv(task) => self.try_srv(task).await,
                Candidate::Microsoft { json, found_by } => self.try_microsoft(json, found_by).await,
            };
            match next {
                Next::Found(found) => return Ok(self.finish(*found)),
                Next::NoService | Next::Done | Next::Redirected => {}
                Next::Address(address) => {
                    self.address = address;
                    self.queue.clear();
                    self.running.abort_all();
                    self.add_domain();
                }
            }
        }
        match self.findings.last_resort() {
            Some(found) => Ok(self.finish(found)),
            None => Err(self.failure()),
        }
    }

    fn add_seeds(&mut self) -> Result<()> {
        for seed in &self.options.seeds {
            let url = seed_url(seed).filter(is_private).ok_or_else(|| {
                let text = match seed.contains('@') {
                    true => "a server to ask contains user information (…@…)".to_owned(),
                    false => format!("\"{}\" is no server to ask", shown_seed(seed)),
                };
                configuration(text).with_hint("Give a host name or an https URL.")
            })?;
            self.approval.add_host(url.host_str().unwrap_or_default());
            self.add_place(Place::at(url), FoundBy::Seed.into(), false);
        }
        Ok(())
    }

    /// Queues what follows from the domain of the address.
    fn add_domain(&mut self) {
        let domain = self.address.domain().to_owned();
        let host = format!("autodiscover.{domain}");
        self.add_host(&host, FoundBy::AutodiscoverHost);
        if let Ok(url) = Url::parse(&format!("http://{host}/autodiscover/autodiscover.xml")) {
            let task = self.ask_anonymously(Asked::HttpRedirect, url);
            self.queue.extend(task.map(Candidate::HttpRedirect));
        }
        let task = self.ask_dns(&format!("_autodiscover._tcp.{domain}"));
        self.queue.extend(task.map(Candidate::Srv));
        if self.options.asks_domain {
            self.add_host(&domain, FoundBy::Domain);
        }
        if self.options.asks_microsoft {
            self.add_microsoft("outlook.office365.com", FoundBy::Microsoft, false);
        }
    }

    fn add_host(&mut self, host: &str, found_by: FoundBy) {
        let Some(place) = Place::on_host(host) else {
            return;
        };
        // after a redirect of the address its domain may be anybody's
        if self
            .approval
            .allows(self.address.as_str(), &place.pox, false)
        {
            self.add_place(place, found_by.into(), false);
        }
    }

    /// Queues an approved place, and asks its V2 service already.
    pub(super) fn add_place(&mut self, place: Place, route: Route, is_next: bool) {
        let host = place.pox.host_str().unwrap_or_default();
        if is_microsoft(host) {
            // where no credentials go, whoever named it
            return self.add_microsoft(host, route.found_by, is_next);
        }
        let json = place.json(&self.address, "EWS");
        let json = json.and_then(|url| self.ask_anonymously(Asked::Json, url));
        let candidate = Candidate::Place {
            place: Box::new(place),
            route,
            json,
        };
        self.enqueue(candidate, is_next);
    }

    /// Queues Exchange Online. Asked for `AutodiscoverV1`, its V2 service answers for mailboxes that
    /// are there and redirects for others; asked for `EWS` it does not tell them apart.
    pub(super) fn add_microsoft(&mut self, host: &str, found_by: FoundBy, is_next: bool) {
        let url = Place::on_host(host).and_then(|it| it.json(&self.address, "AutodiscoverV1"));
        if let Some(json) = url.and_then(|url| self.ask_anonymously(Asked::Json, url)) {
            self.enqueue(Candidate::Microsoft { json, found_by }, is_next);
        }
    }

    fn enqueue(&mut self, candidate: Candidate, is_next: bool) {
        if is_next {
            self.queue.push_front(candidate);
        } else {
            self.queue.push_back(candidate);
        }
    }

    async fn try_place(
        &mut self,
        place: Place,
        route: Route,
        json: Option<TaskId>,
    ) -> Result<Next> {
        if route.found_by == FoundBy::Domain && self.findings.has_last_resort() {
            let question = Question::unasked(Asked::Pox, place.pox, route, self.began.elapsed());
            let text = "V2 of another host has an answer, and this may be somebody else's server";
            self.note(&question, StepOutcome::Skipped, text);
            return Ok(Next::Done);
        }
        if let Some(heard) = self.wait(json).await
            && let Some(next) = self.try_json(&place, &route, heard)
        {
            return Ok(next);
        }
        if self.options.credentials.is_none() {
            return Ok(Next::Done);
        }
        let soap = place.soap.map(|url| (Asked::Soap, url));
        for (asked, url) in soap.into_iter().chain([(Asked::Pox, place.pox)]) {
            let Some((question, told)) = self.ask(asked, url, route.clone()).await? else {
                return Ok(Next::Done);
            };
            match self.settle(question, told) {
                Next::NoService => {}
                next => return Ok(next),
            }
        }
        Ok(Next::Done)
    }

    /// What the V2 service said; `None` if the place is to be asked with credentials too.
    fn try_json(&mut self, place: &Place, route: &Route, heard: Heard) -> Option<Next> {
        let (question, told) = heard.into_web(route.clone())?;
        let is_unreachable =
            matches!(&told, Told::Failed(failure) if failure.why == Why::NoConnection);
        match self.settle(question, told) {
            Next::Found(found)
                if self.options.credentials.is_some() && found.location != Location::Online =>
            {
                // the services with a logon tell more
                self.findings.fallback.get_or_insert(*found);
                None
            }
            Next::Redirected => {
                let place = Candidate::Place {
                    place: Box::new(place.clone()),
                    route: route.clone(),
                    json: None,
                };
                self.queue.insert(1.min(self.queue.len()), place);
                Some(Next::Redirected)
            }
            Next::NoService | Next::Done if is_unreachable => Some(Next::Done),
            Next::NoService | Next::Done => None,
            next => Some(next),
        }
    }

    /// Only a redirect counts: what else comes over plain HTTP may be anybody's.
    async fn try_redirect(&mut self, task: TaskId) -> Next {
        let heard = self.wait(Some(task)).await;
        let Some((question, told)) = heard.and_then(|it| it.into_web(FoundBy::HttpRedirect.into()))
        else {
            return Next::Done;
        };
        match told {
            Told::Redirect(url) => self.redirect(&question, url),
            Told::Failed(failure) => self.fail(&question, failure),
            Told::Answer(_) => {
                self.findings.is_reached = true;
                let text = "there is no redirect, and nothing else is believed without encryption";
                self.note(&question, StepOutcome::Failed, text);
                Next::Done
            }
        }
    }

    async fn try_srv(&mut self, task: TaskId) -> Next {
        let Some(heard) = self.wait(Some(task)).await else {
            return Next::Done;
        };
        let Anybody::Dns(found) = heard.told else {
            return Next::Done;
        };
        let question = Question {
            took: heard.took,
            ..Question::unasked(heard.asked, heard.url, FoundBy::Srv.into(), heard.began)
        };
        let hosts = match found {
            Ok(hosts) if hosts.is_empty() => {
                self.note(&question, StepOutcome::Failed, "there is no such record");
                return Next::Done;
            }
            Ok(hosts) => hosts,
            Err(problem) => {
                self.note(&question, StepOutcome::Failed, problem);
                return Next::Done;
            }
        };
        self.findings.is_reached = true;
        // each goes to the front, so the best comes last
        for host in hosts.iter().take(MOST_SRV).rev() {
            let Some(place) = Place::on_host(host) else {
                let text = format!("{} is no name of a host", shown(host));
                self.note(&question, StepOutcome::Failed, text);
                continue;
            };
            if is_microsoft(host) {
                self.note(
                    &question,
                    StepOutcome::Redirected,
                    format!("to {host}, Exchange Online"),
                );
                self.add_microsoft(host, FoundBy::Srv, true);
            } else if self.approval.allows(&question.from(), &place.pox, false) {
                self.note(&question, StepOutcome::Redirected, format!("to {host}"));
                self.add_place(place, FoundBy::Srv.into(), true);
            } else {
                self.not_approved(&question, host);
            }
        }
        Next::Redirected
    }

    async fn try_microsoft(&mut self, task: TaskId, found_by: FoundBy) -> Next {
        let heard = self.wait(Some(task)).await;
        let Some((question, told)) = heard.and_then(|it| it.into_web(found_by.into())) else {
            return Next::Done;
        };
        self.settle_microsoft(&question, told)
    }

    /// Sends a question without a logon on its way; `None` if it was asked before.
    fn ask_anonymously(&mut self, asked: Asked, url: Url) -> Option<TaskId> {
        if !self.is_new(asked, url.as_str()) {
            return None;
        }
        let anonymous = Arc::clone(&self.anonymous);
        let limit = self.options.timeout;
        let accept = match asked {
            Asked::Json => "application/json",
            _ => "text/xml",
        };
        let target = url.clone();
        Some(self.spawn(asked, url, async move {
            Anybody::Web(ask::get(&anonymous, &target, accept, limit).await)
        }))
    }

    fn ask_dns(&mut self, name: &str) -> Option<TaskId> {
        let resolver = Arc::clone(self.options.resolver.as_ref()?);
        let url = Url::parse(&format!("dns:{name}")).ok()?;
        if !self.is_new(Asked::Srv, name) {
            return None;
        }
        let (name, limit) = (name.to_owned(), self.options.timeout);
        Some(self.spawn(Asked::Srv, url, async move {
            let found = tokio::time::timeout(limit, resolver.srv(&name)).await;
            Anybody::Dns(match found {
                Ok(Ok(records)) => Ok(srv::hosts(records)),
                Ok(Err(problem)) => Err(shown(&problem.to_string())),
                Err(_) => Err(format!("no answer within {} s", limit.as_secs_f32())),
            })
        }))
    }

    fn spawn(
        &mut self,
        asked: Asked,
        url: Url,
        told: impl Future<Output = Anybody> + Send + 'static,
    ) -> TaskId {
        self.tasks += 1;
        let (task, beginning) = (self.tasks, self.began);
        let began = beginning.elapsed();
        self.running.spawn(async move {
            let told = told.await;
            let took = beginning.elapsed().saturating_sub(began);
            let heard = Heard {
                asked,
                url,
                began,
                took,
                told,
            };
            (task, heard)
        });
        task
    }

    async fn wait(&mut self, task: Option<TaskId>) -> Option<Heard> {
        let task = task?;
        loop {
            if let Some(heard) = self.heard.remove(&task) {
                return Some(heard);
            }
            if let Ok((done, heard)) = self.running.join_next().await? {
                self.heard.insert(done, heard);
            }
        }
    }

    /// Asks with credentials; `None` if that must not be, which the trace says.
    async fn ask(
        &mut self,
        asked: Asked,
        url: Url,
        route: Route,
    ) -> Result<Option<(Question, Told)>> {
        let Some(credentials) = &self.options.credentials else {
            return Ok(None);
        };
        let host = url.host_str().unwrap_or_default();
        let why_not = if self.findings.refused_by.iter().any(|known| known == host) {
            Some("it refused the credentials before")
        } else if self.findings.refused_by.len() >= MOST_REFUSALS {
            Some("two hosts refused the credentials, and a third refusal could lock the account")
        } else if self.findings.is_unknown_for_sure {
            Some("a server that took the credentials does not know the address")
        } else if self.is_new(asked, url.as_str()) {
            None
        } else if route.via.contains(&url) {
            Some("it was asked before: the redirects go round in a circle")
        } else {
            Some("it was asked before")
        };
        let mut question = Question::unasked(asked, url, route, self.began.elapsed());
        if let Some(why_not) = why_not {
            self.note(&question, StepOutcome::Skipped, why_not);
            return Ok(None);
        }
        question.with_credentials = true;
        // one identity for each host, so that nothing of a logon is known to another
        let origin = question.url.origin().ascii_serialization();
        let transport = match self.transports.get(&origin) {
            Some(transport) => Arc::clone(transport),
            None => {
                let made = http::connect(&self.http, credentials.clone(), self.options.auth)?;
                self.transports.insert(origin, Arc::clone(&made));
                made
            }
        };
        let body = match asked {
            Asked::Soap => soap::request(&self.address, &question.url),
            _ => pox::request(&self.address),
        };
        let limit = self.options.timeout;
        let told = ask::post(&*transport, &question.url, &self.address, body, limit).await;
        question.took = self.began.elapsed().saturating_sub(question.began);
        question.has_logged_on = !transport.facts(&question.url).tried.is_empty();
        Ok(Some((question, told)))
    }

    fn is_new(&mut self, asked: Asked, url: &str) -> bool {
        let address = self.address.as_str().to_ascii_lowercase();
        self.asked.insert((asked, url.to_owned(), address))
    }

    pub(super) fn note(
        &mut self,
        question: &Question,
        outcome: StepOutcome,
        detail: impl Into<String>,
    ) {
        let step = DiscoveryStep {
            asked: question.asked,
            url: question.from(),
            address: self.address.to_string(),
            with_credentials: question.with_credentials,
            outcome,
            detail: detail.into(),
            began: question.began,
            took: question.took,
        };
        tracing::debug!(asked = %step.asked, url = %question.url.host_str().unwrap_or_default(), outcome = %step.outcome, "autodiscover");
        self.trace.steps.push(step);
    }
}

impl Question {
    /// Without credentials, and without an answer by now.
    fn unasked(asked: Asked, url: Url, route: Route, began: Duration) -> Self {
        Self {
            asked,
            url,
            route,
            with_credentials: false,
            has_logged_on: false,
            began,
            took: Duration::ZERO,
        }
    }

    /// Who was asked, for people.
    pub(super) fn from(&self) -> String {
        match self.asked {
            Asked::Srv => self.url.path().to_owned(),
            _ => plain(&self.url),
        }
    }
}

impl Heard {
    fn into_web(self, route: Route) -> Option<(Question, Told)> {
        let Anybody::Web(told) = self.told else {
            return None;
        };
        let question = Question {
            took: self.took,
            ..Question::unasked(self.asked, self.url, route, self.began)
        };
        Some((question, told))
    }
}

/// The URL that a seed means.
fn seed_url(seed: &str) -> Option<Url> {
    if seed.contains('@') {
        return None;
    }
    let seed = seed.trim();
    match seed.contains("://") {
        true => Url::parse(seed).ok(),
        false => Url::parse(&format!("https://{seed}/autodiscover/")).ok(),
    }
}

/// A seed for people: what stands before an `@` may be a password, and a query anything.
pub(super) fn shown_seed(seed: &str) -> String {
    match seed_url(seed) {
        Some(url) => plain(&url),
        None if seed.contains('@') => "…@…".to_owned(),
        None => shown(seed.split(['?', '#']).next().unwrap_or_default()),
    }
}
