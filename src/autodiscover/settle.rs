//! What to make of what was told.

use url::Url;

use super::address::{Address, OPERATION, shown};
use super::answer::{Answer, UserSettings};
use super::approval::{is_microsoft, is_microsoft_domain, is_private};
use super::ask::{Failure, Told, Why};
use super::discovered::{Discovered, FoundBy, Location};
use super::place::{Place, plain};
use super::search::{Next, Question, Route, Search};
use super::trace::{Asked, DiscoveryTrace, StepOutcome};
use crate::error::{Error, ErrorKind};

/// Redirects of a whole search (<https://learn.microsoft.com/exchange/client-developer/web-service-reference/redirecturl-pox>).
const MOST_REDIRECTS: u32 = 10;

/// What the steps showed, for the error if nothing is found.
#[derive(Default)]
pub(super) struct Findings {
    /// Hosts that refused the credentials.
    pub(super) refused_by: Vec<String>,
    /// Hosts that were named, but are not approved.
    pub(super) not_approved: Vec<String>,
    /// The host of EWS, if it was found but is not approved.
    ews_not_approved: Option<String>,
    /// What a server said that does not know the address.
    unknown_address: Option<String>,
    /// A service that does not know the address had the credentials.
    pub(super) is_unknown_for_sure: bool,
    /// What the first said that takes no such logon.
    no_common_scheme: Option<String>,
    is_passing: bool,
    /// Somebody could be reached.
    pub(super) is_reached: bool,
    has_too_many_redirects: bool,
    /// What V2 said, if nobody says more.
    pub(super) fallback: Option<Discovered>,
    /// A service with a logon said otherwise.
    is_overruled: bool,
}

impl Findings {
    /// What V2 said, where no service with a logon said otherwise.
    pub(super) fn last_resort(&mut self) -> Option<Discovered> {
        let is_valid = self.has_last_resort();
        self.fallback.take().filter(|_| is_valid)
    }

    /// Whether there is such an answer.
    pub(super) fn has_last_resort(&self) -> bool {
        self.fallback.is_some() && !self.is_overruled && self.refused_by.is_empty()
    }
}

impl Search<'_> {
    /// What an answer leads to.
    pub(super) fn settle(&mut self, question: Question, told: Told) -> Next {
        match told {
            Told::Failed(failure) => self.fail(&question, failure),
            Told::Redirect(url) => self.redirect(&question, url),
            Told::Answer(answer) => {
                self.findings.is_reached = true;
                self.findings.is_overruled |= question.with_credentials && answer.is_definite();
                match answer {
                    Answer::Settings(settings) => self.conclude(&question, *settings),
                    Answer::RedirectAddress(address) => self.redirect_address(&question, &address),
                    Answer::RedirectUrl(url) => match question.url.join(url.trim()) {
                        Ok(url) => self.redirect(&question, url),
                        Err(_) => {
                            let text = format!("redirected to what is no URL ({})", shown(&url));
                            self.note(&question, StepOutcome::Failed, text);
                            Next::NoService
                        }
                    },
                    Answer::Refused { code, message } => self.refuse(&question, &code, &message),
                }
            }
        }
    }

    /// What the V2 service of Exchange Online says.
    pub(super) fn settle_microsoft(&mut self, question: &Question, told: Told) -> Next {
        match told {
            Told::Answer(Answer::RedirectUrl(url)) => match Url::parse(&url) {
                Ok(url) if !is_microsoft(url.host_str().unwrap_or_default()) => {
                    self.redirect(question, url)
                }
                _ => self.online(question, "the mailbox is there", UserSettings::default()),
            },
            // the DNS may be believed; who redirects may do so for addresses it does not know
            Told::Failed(failure) if question.route.found_by == FoundBy::Srv => {
                let text = format!(
                    "taken to be Exchange Online, as the domain says, though it did not answer ({})",
                    failure.text
                );
                self.online(question, &text, UserSettings::default())
            }
            Told::Answer(Answer::Refused { code, message }) => {
                self.refuse(question, &code, &message)
            }
            Told::Answer(Answer::Settings(settings)) => self.conclude(question, *settings),
            Told::Answer(Answer::RedirectAddress(address)) => {
                self.redirect_address(question, &address)
            }
            Told::Failed(failure) => self.fail(question, failure),
            Told::Redirect(url) => self.redirect(question, url),
        }
    }

    pub(super) fn fail(&mut self, question: &Question, failure: Failure) -> Next {
        let (outcome, next) = match failure.why {
            Why::NoConnection => (StepOutcome::Failed, Next::Done),
            Why::NoService => (StepOutcome::Failed, Next::NoService),
            Why::Passing => {
                self.findings.is_passing = true;
                (StepOutcome::Failed, Next::Done)
            }
            Why::Unauthenticated => {
                let host = question.url.host_str().unwrap_or_default().to_owned();
                self.findings.refused_by.push(host);
                (StepOutcome::Refused, Next::Done)
            }
            Why::NoCommonScheme => {
                let host = question.url.host_str().unwrap_or_default();
                let said = &mut self.findings.no_common_scheme;
                said.get_or_insert_with(|| host.to_owned());
                (StepOutcome::Failed, Next::NoService)
            }
        };
        self.findings.is_reached |= failure.why != Why::NoConnection;
        self.note(question, outcome, failure.text);
        next
    }

    fn refuse(&mut self, question: &Question, code: &str, message: &str) -> Next {
        let text = match shown(message) {
            message if message.is_empty() => shown(code),
            message => format!("{} ({message})", shown(code)),
        };
        self.note(question, StepOutcome::Refused, text.clone());
        self.findings.is_passing |= Answer::is_passing(code);
        if Answer::is_unknown_address(code) {
            let host = question.url.host_str().unwrap_or_default();
            self.findings.unknown_address = Some(format!("{host} says {text}"));
            self.findings.is_unknown_for_sure |= question.has_logged_on;
            // the V2 service knows fewer than the others
            return match question.asked {
                Asked::Json => Next::NoService,
                _ => Next::Done,
            };
        }
        Next::NoService
    }

    /// Somebody says to go on at a URL.
    pub(super) fn redirect(&mut self, question: &Question, mut url: Url) -> Next {
        self.findings.is_reached = true;
        let to = plain(&url);
        if !is_private(&url) {
            let text = format!("redirected to {to}, without encryption: this is not followed");
            self.note(question, StepOutcome::Failed, text);
            return Next::NoService;
        }
        if !self.may_redirect(question) {
            return Next::Done;
        }
        let host = url.host_str().unwrap_or_default().to_owned();
        let found_by = match question.asked {
            _ if is_microsoft(&host)
                && is_microsoft(question.url.host_str().unwrap_or_default()) =>
            {
                question.route.found_by
            }
            Asked::HttpRedirect => FoundBy::HttpRedirect,
            _ => FoundBy::Redirect,
        };
        if is_microsoft(&host) {
            let text = format!("to {to}, Exchange Online");
            self.note(question, StepOutcome::Redirected, text);
            self.add_microsoft(&host, found_by, true);
            return match question.asked {
                // V2 says so of addresses it does not know too: the others at its place come first
                Asked::Json => Next::NoService,
                _ => Next::Redirected,
            };
        }
        if !self.approval.allows(&question.from(), &url, false) {
            self.not_approved(question, &host);
            return Next::Done;
        }
        self.note(question, StepOutcome::Redirected, format!("to {to}"));
        if question.asked == Asked::Json {
            // what was asked, not where
            url.set_query(None);
        }
        let mut via = question.route.via.clone();
        via.push(question.url.clone());
        self.add_place(Place::at(url), Route { found_by, via }, true);
        Next::Redirected
    }

    /// Somebody says to ask for another address.
    fn redirect_address(&mut self, question: &Question, text: &str) -> Next {
        let Ok(address) = Address::parse(text) else {
            let text = format!("redirected to what is no e-mail address ({})", shown(text));
            self.note(question, StepOutcome::Failed, text);
            return Next::NoService;
        };
        if address.is(&self.address) {
            let text = "redirected to the same address";
            self.note(question, StepOutcome::Failed, text);
            return Next::NoService;
        }
        if is_microsoft_domain(address.domain()) {
            let text = format!("the mailbox is in Exchange Online as {address}");
            self.address = address;
            return self.online(question, &text, UserSettings::default());
        }
        if !self.may_redirect(question) {
            return Next::Done;
        }
        let host = format!("autodiscover.{}", address.domain());
        let is_allowed = Place::on_host(&host)
            .is_some_and(|place| self.approval.allows(&question.from(), &place.pox, false));
        if !is_allowed {
            self.not_approved(question, &host);
            return Next::Done;
        }
        self.note(
            question,
            StepOutcome::Redirected,
            format!("to the address {address}"),
        );
        Next::Address(address)
    }

    fn may_redirect(&mut self, question: &Question) -> bool {
        self.redirects += 1;
        if self.redirects <= MOST_REDIRECTS {
            return true;
        }
        let text = format!("more than {MOST_REDIRECTS} redirects");
        self.note(question, StepOutcome::Failed, text);
        self.findings.has_too_many_redirects = true;
        self.queue.clear();
        false
    }

    pub(super) fn not_approved(&mut self, question: &Question, host: &str) {
        let text = format!("names {host}, which is not approved");
        self.note(question, StepOutcome::NotApproved, text);
        if !self.findings.not_approved.iter().any(|known| known == host) {
            self.findings.not_approved.push(host.to_owned());
        }
    }

    /// Somebody has the settings.
    fn conclude(&mut self, question: &Question, settings: UserSettings) -> Next {
        let usable = |named: &Option<String>| {
            let url = named.as_deref().and_then(|text| Url::parse(text).ok());
            url.filter(|url| url.host_str().is_some())
        };
        let external = usable(&settings.external_ews_url);
        let internal = usable(&settings.internal_ews_url);
        let urls: Vec<Url> = match (internal, external) {
            (internal, external) if self.options.prefers_internal => {
                internal.into_iter().chain(external).collect()
            }
            // the name of the one inside may be anybody's outside
            (internal, external) => external.or(internal).into_iter().collect(),
        };
        let is_online = |text: &Option<String>| {
            usable(text).is_some_and(|url| is_microsoft(url.host_str().unwrap_or_default()))
        };
        let is_online =
            is_online(&settings.external_ews_url) || is_online(&settings.internal_ews_url);
        if settings.microsoft_online == Some(true) || is_online {
            return self.online(question, "the mailbox is in Exchange Online", settings);
        }
        if urls.is_empty() {
            let text = "the answer names no URL of EWS";
            self.note(question, StepOutcome::Failed, text);
            return Next::NoService;
        }
        let from = question.from();
        let mut approved = None;
        let mut not_approved = None;
        for url in &urls {
            if self.approval.allows(&from, url, true) {
                approved = Some(url);
                break;
            }
            let host = url.host_str().unwrap_or_default().to_owned();
            if is_private(url) {
                self.not_approved(question, &host);
                not_approved.get_or_insert(host);
            } else {
                let text = format!("names EWS at {}, without encryption", plain(url));
                self.note(question, StepOutcome::NotApproved, text);
            }
        }
        let Some(url) = approved else {
            if not_approved.is_some() {
                self.findings.ews_not_approved = not_approved;
            }
            if question.with_credentials {
                // the answer is there: others need not see the credentials
                self.queue.clear();
            }
            return Next::Done;
        };
        let location = match settings.build() {
            Some(_) => Location::OnPremises,
            None if question.asked == Asked::Json => Location::OnPremises,
            None => Location::Unknown,
        };
        self.note(
            question,
            StepOutcome::Found,
            format!("EWS is at {}", plain(url)),
        );
        Next::Found(Box::new(self.discovered(
            question,
            url.clone(),
            location,
            settings,
        )))
    }

    fn online(&mut self, question: &Question, text: &str, settings: UserSettings) -> Next {
        self.note(question, StepOutcome::Found, text);
        let named = [&settings.external_ews_url, &settings.internal_ews_url];
        let named = named
            .into_iter()
            .flatten()
            .filter_map(|url| Url::parse(url).ok());
        let url = named
            .filter(|url| is_microsoft(url.host_str().unwrap_or_default()))
            .find(is_private)
            .or_else(|| Url::parse(self.cloud(question)).ok());
        match url {
            Some(url) => {
                let found = self.discovered(question, url, Location::Online, settings);
                Next::Found(Box::new(found))
            }
            None => Next::Done,
        }
    }

    /// The URL of EWS in the cloud that the address or the server belong to
    /// (<https://learn.microsoft.com/microsoft-365/enterprise/urls-and-ip-address-ranges>).
    fn cloud(&self, question: &Question) -> &'static str {
        let host = question.url.host_str().unwrap_or_default();
        let is_of =
            |domain: &str| host.ends_with(domain) || self.address.domain().ends_with(domain);
        if is_of("outlook.cn") || is_of(".onmschina.cn") {
            "https://partner.outlook.cn/EWS/Exchange.asmx"
        } else if is_of("office365.us") || is_of(".onmicrosoft.us") {
            "https://outlook.office365.us/EWS/Exchange.asmx"
        } else {
            "https://outlook.office365.com/EWS/Exchange.asmx"
        }
    }

    fn discovered(
        &self,
        question: &Question,
        ews_url: Url,
        location: Location,
        settings: UserSettings,
    ) -> Discovered {
        let told = settings.smtp_address.as_deref();
        let told = told.and_then(|text| Address::parse(text).ok());
        Discovered {
            ews_url,
            version: settings.version(),
            build: settings.build(),
            location,
            email_address: told.as_ref().unwrap_or(&self.address).to_string(),
            external_ews_url: settings.external_ews_url,
            internal_ews_url: settings.internal_ews_url,
            display_name: settings.display_name,
            found_by: question.route.found_by,
            answered_by: question.asked,
            answered_at: plain(&question.url),
            trace: DiscoveryTrace::default(),
        }
    }

    pub(super) fn finish(self, mut found: Discovered) -> Discovered {
        found.trace = self.trace;
        found.trace.steps.sort_by_key(|step| step.began);
        found
    }

    /// Why nothing was found, and what to do.
    pub(super) fn failure(mut self) -> Error {
        self.trace.steps.sort_by_key(|step| step.began);
        let Findings {
            refused_by,
            not_approved,
            ews_not_approved,
            unknown_address,
            no_common_scheme,
            ..
        } = &self.findings;
        let address = &self.address;
        let approve = |host: &str| {
            format!(
                "If {host} belongs to the organisation, approve it: approve_host(\"{host}\"), or a rule with approve_redirects."
            )
        };
        let (kind, what, hint) = if let Some(host) = ews_not_approved {
            let what = format!("EWS of {address} is at {host}, which is not approved");
            (ErrorKind::Configuration, what, approve(host))
        } else if !refused_by.is_empty() {
            let what = format!(
                "the credentials for {address} were refused by {}",
                refused_by.join(" and ")
            );
            let hint = "Check user name and password; they were sent to no other host, so that the account is not locked. A domain's web \
                        server that asks for a password of its own can be left out with ask_domain(false).";
            (ErrorKind::Unauthenticated, what, hint.to_owned())
        } else if let Some(host) = not_approved.first() {
            let what = format!(
                "the search for the server of {address} led to hosts that are not approved"
            );
            (ErrorKind::Configuration, what, approve(host))
        } else if let Some(said) = unknown_address {
            let what = format!("there is no mailbox {address}: {said}");
            let hint = "Check the address; a mailbox in another organisation has another server.";
            (ErrorKind::MailboxNotFound, what, hint.to_owned())
        } else if let Some(host) = no_common_scheme {
            let what = format!(
                "no server for {address} answered, and {host} does not take this kind of logon"
            );
            let hint = "Allow with auth(…) what the server offers, or give credentials that it takes; or name another server with seed.";
            (ErrorKind::Unauthenticated, what, hint.to_owned())
        } else if self.findings.has_too_many_redirects {
            let what = format!("the search for the server of {address} met too many redirects");
            let hint = "The administrator should look at the Autodiscover URLs; until then give the URL of EWS.";
            (ErrorKind::Configuration, what, hint.to_owned())
        } else if self.findings.is_passing {
            let what = format!("no server for {address} can answer now");
            (
                ErrorKind::Unavailable,
                what,
                "Try again later, or give the URL of EWS.".to_owned(),
            )
        } else if !self.findings.is_reached {
            let what = format!("no server for {address} can be reached");
            let hint = "Check the address, the network and the proxy; or name the server with seed, or give the URL of EWS.";
            (ErrorKind::Connection, what, hint.to_owned())
        } else {
            let what = format!("no server for {address} was found");
            let hint = match self.options.credentials {
                Some(_) => {
                    "Check the address; or name the server with seed, or give the URL of EWS."
                }
                None => {
                    "Give credentials: without them only the newer servers answer. Or give the URL of EWS."
                }
            };
            (ErrorKind::Configuration, what, hint.to_owned())
        };
        let message = match self.trace.summary() {
            steps if steps.is_empty() => what,
            steps => format!("{what} ({steps})"),
        };
        Error::new(kind, OPERATION, message)
            .with_hint(hint)
            .with_source(self.trace)
    }
}
