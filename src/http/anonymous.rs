//! Requests that carry nothing of who asks: no logon, no cookies.

use std::fmt;
use std::sync::Arc;

use http::header::ACCEPT;
use http::{HeaderMap, HeaderValue};
use url::Url;

use super::body::{Body, Record};
use super::failure::Scene;
use super::options::HttpOptions;
use super::proxy::Route;
use super::site::{build, builder, is_loopback};
use super::tls::Tls;
use super::watch::Watch;
use super::{Reply, Request, RequestBody, failure};
use crate::error::{Error, ErrorKind};

/// Asks anybody by GET. Each request has its own connection, and no redirect is followed.
pub(crate) struct Anonymous {
    options: HttpOptions,
    tls: Tls,
}

impl Anonymous {
    /// # Errors
    /// `Configuration`, when the options contradict each other.
    pub(crate) fn new(options: &HttpOptions) -> Result<Self, Error> {
        Ok(Self {
            tls: Tls::new(options, None)?,
            options: options.clone(),
        })
    }

    /// The answer, whatever its status.
    pub(crate) async fn get(
        &self,
        operation: &'static str,
        url: &Url,
        accept: &'static str,
    ) -> Result<Reply, Error> {
        let Some(host) = url.host() else {
            let message = "the URL names no server";
            return Err(Error::new(ErrorKind::Configuration, operation, message));
        };
        let direct = is_loopback(&host) || self.options.is_resolved(&host.to_string());
        let route = Route::to(url, direct, &self.options.proxy)
            .map_err(|error| error.with_operation(operation))?;
        let watch = Watch::new(&host.to_string(), Arc::default());
        let shown = url
            .port()
            .map_or_else(|| host.to_string(), |port| format!("{host}:{port}"));
        let settings = self.tls.set_up(builder(&self.options, &route), &watch)?;
        let client = build(operation, settings)?;
        let request = Request {
            method: http::Method::GET,
            operation,
            url: url.clone(),
            headers: HeaderMap::new(),
            body: RequestBody::default(),
            timeout: None,
            watch: crate::observe::Watch::default(),
            affinity: None,
        };
        let mut record = Record::start(&request, shown.clone());
        let silence = self.options.response_timeout;
        let sending = client
            .get(url.clone())
            .header(ACCEPT, HeaderValue::from_static(accept))
            .send();
        let sent = match tokio::time::timeout(silence, sending).await {
            Err(_) => Err(failure::silence(operation, &shown, silence)),
            Ok(Err(error)) => {
                let scene = Scene {
                    host: &shown,
                    proxy: route.proxy(),
                    certificate: watch.certificate(),
                    wants_certificate: watch.wants_certificate(),
                };
                Err(failure::request(operation, &scene, error))
            }
            Ok(Ok(response)) => Ok(response),
        };
        let response = sent.inspect_err(|error| record.failed(error))?;
        let status = response.status().as_u16();
        record.answered(status, response.headers());
        let limit = self.options.max_response_bytes;
        Ok(Reply {
            status,
            headers: response.headers().clone(),
            body: Body::stream(response, limit, silence, record, None),
        })
    }
}

impl fmt::Debug for Anonymous {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Anonymous").finish_non_exhaustive()
    }
}
