//! The transport: chooses how a request is authenticated.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use http::StatusCode;
use reqwest::Response;
use url::Url;

use super::body::{Body, Finish, Record};
#[cfg(feature = "kerberos")]
use super::choose::without_ticket;
use super::choose::{Learned, learn, speaks_for_all, way};
use super::credentials::Credentials;
use super::identity::Identity;
#[cfg(feature = "kerberos")]
use super::negotiate::{self, Kerberos, Sent, Who, no_ticket};
use super::options::HttpOptions;
use super::policy::AuthPolicy;
#[cfg(all(feature = "ews", feature = "ntlm"))]
use super::policy::AuthScheme;
use super::proof::{Proof, Ticket};
use super::refused::certificate_not_enough;
use super::site::{Site, Way, drain};
use super::tls::Tls;
use super::{ConnectionFacts, Reply, Request, Transport, basic, bearer};
use crate::error::{Effect, Error, ErrorKind};

/// One identity and all connections it has.
pub(super) struct Connection {
    options: HttpOptions,
    tls: Tls,
    identity: Identity,
    #[cfg(feature = "kerberos")]
    kerberos: Kerberos,
    sites: Mutex<Vec<Arc<Site>>>,
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
        let certificate = match &credentials {
            Credentials::ClientCertificate(certificate) => Some(certificate),
            _ => options.client_certificate.as_ref(),
        };
        Ok(Self {
            tls: Tls::new(options, certificate)?,
            identity: Identity::new(credentials, policy, options.trust)?,
            options: options.clone(),
            #[cfg(feature = "kerberos")]
            kerberos: Kerberos::default(),
            sites: Mutex::new(Vec::new()),
        })
    }

    /// Shows no credentials to anybody.
    #[cfg(any(feature = "graph", feature = "oauth"))]
    pub(super) fn open(options: &HttpOptions) -> Result<Self, Error> {
        Ok(Self {
            tls: Tls::new(options, None)?,
            identity: Identity::Nobody,
            options: options.clone(),
            #[cfg(feature = "kerberos")]
            kerberos: Kerberos::default(),
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
            Identity::Bearer(provider) => bearer::send(site, request, provider.as_ref())
                .await
                .map(Answered::from),
            #[cfg(any(feature = "graph", feature = "oauth"))]
            Identity::Nobody => Ok(site.send(request, request.body.clone(), None).await?.into()),
            Identity::Certificate => {
                let response = site.send(request, request.body.clone(), None).await?;
                if response.status() == StatusCode::UNAUTHORIZED {
                    return Err(certificate_not_enough(request.operation, &response));
                }
                Ok(response.into())
            }
            #[cfg(feature = "kerberos")]
            Identity::Ticket(principal) => {
                let who = Who::Process(principal.as_deref());
                match negotiate::send(site, request, &self.kerberos, who).await? {
                    Sent::Answered(answered) => Ok(answered),
                    Sent::NoTicket(problem) => Err(no_ticket(request.operation, site, &problem)),
                }
            }
            Identity::Password(proof, policy) => {
                let mut ticket = proof.ticket(request.operation)?;
                self.with_password(site, request, proof, *policy, &mut ticket)
                    .await
            }
        }
    }

    async fn with_password(
        &self,
        site: &Arc<Site>,
        request: &Request,
        proof: &Proof,
        policy: AuthPolicy,
        ticket: &mut Ticket,
    ) -> Result<Answered, Error> {
        #[cfg(feature = "kerberos")]
        if site.way().is_none() && !matches!(policy, AuthPolicy::Only(_)) {
            let password = proof.password(ticket).await?;
            if password.principal().is_none() {
                site.no_ticket.get_or_init(negotiate::no_principal);
            }
        }
        let mut way = match way(site, request, policy).await? {
            Learned::Answer(response) => return Ok(response.into()),
            Learned::Way(way) => way,
        };
        if way == Way::Open {
            let response = site.send(request, request.body.clone(), None).await?;
            if response.status() != StatusCode::UNAUTHORIZED {
                return Ok(response.into());
            }
            way = learn(site, request, response, policy).await?;
        }
        #[cfg(feature = "kerberos")]
        if way == Way::Negotiate {
            let who = Who::Password(proof, ticket);
            let problem = match negotiate::send(site, request, &self.kerberos, who).await? {
                Sent::Answered(answered) => return Ok(answered),
                Sent::NoTicket(problem) => problem,
            };
            way = match without_ticket(site, request, policy, problem).await? {
                Learned::Answer(response) => return Ok(response.into()),
                Learned::Way(way) => way,
            };
        }
        #[cfg(feature = "ntlm")]
        if way == Way::Ntlm {
            return super::lane::send(site, request, proof, ticket).await;
        }
        debug_assert_eq!(way, Way::Basic);
        basic::send(site, request, proof, ticket).await
    }
}

#[async_trait]
impl Transport for Connection {
    async fn send(&self, request: Request) -> Result<Reply, Error> {
        let site = self.site(&request)?;
        let mut record = Record::start(&request, site.host.clone());
        let Answered { response, finish } = match self.answer(&site, &request).await {
            Ok(answered) => answered,
            Err(error) => {
                let error = request.body.judge(error);
                record.failed(&error);
                return Err(error);
            }
        };
        let status = response.status().as_u16();
        record.answered(status, response.headers());
        Ok(Reply {
            status,
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

    #[cfg(all(feature = "ews", feature = "ntlm"))]
    fn most_at_once(&self, url: &Url) -> Option<usize> {
        let way = || {
            let sites = self.sites.lock().unwrap_or_else(PoisonError::into_inner);
            let site = sites.iter().find(|site| site.serves(url));
            site.and_then(|site| site.way())
        };
        let is_of_lanes = match &self.identity {
            #[cfg(feature = "kerberos")]
            Identity::Ticket(_) => true,
            Identity::Password(_, AuthPolicy::Only(scheme)) => {
                !matches!(scheme, AuthScheme::Basic | AuthScheme::Bearer)
            }
            Identity::Password(..) => !matches!(way(), None | Some(Way::Open | Way::Basic)),
            Identity::Bearer(_) | Identity::Certificate => false,
            #[cfg(any(feature = "graph", feature = "oauth"))]
            Identity::Nobody => false,
        };
        is_of_lanes.then_some(self.options.lanes)
    }
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection")
            .field("identity", &self.identity)
            .field("options", &self.options)
            .finish_non_exhaustive()
    }
}
