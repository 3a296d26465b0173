//! The operating system's TLS: for servers that are too old for rustls.

use std::fmt;

use native_tls::{Certificate, Identity, Protocol, TlsConnector};
use reqwest::ClientBuilder;
use secrecy::ExposeSecret;

use super::client_certificate::ClientCertificate;
use super::options::HttpOptions;
use super::tls::{certified, configuration};
use super::trust::roots;
use crate::error::Error;

#[derive(Clone)]
pub(super) struct Native(TlsConnector);

impl Native {
    pub(super) fn new(
        options: &HttpOptions,
        certificate: Option<&ClientCertificate>,
    ) -> Result<Self, Error> {
        if !options.pins.is_empty() || options.trust_only_pinned {
            // it is seen only when the first request has been sent
            let message = "a pinned certificate needs TlsBackend::Rustls: the operating system's TLS shows a certificate too late; \
                           give the certificate as a root instead";
            return Err(configuration(message));
        }
        let mut builder = TlsConnector::builder();
        let oldest = match options.old_tls {
            true => Protocol::Tlsv10,
            false => Protocol::Tlsv12,
        };
        builder
            .request_alpns(&["http/1.1"])
            .min_protocol_version(Some(oldest))
            .disable_built_in_roots(!options.platform_roots)
            .danger_accept_invalid_certs(options.accept_invalid_certificates)
            .danger_accept_invalid_hostnames(options.accept_invalid_certificates);
        let roots = roots(options)?;
        if roots.is_empty() && !options.platform_roots && !options.accept_invalid_certificates {
            return Err(configuration(
                "no certificate authority is trusted: give root certificates, or trust the platform's",
            ));
        }
        for root in roots {
            let root = Certificate::from_der(&root).map_err(|problem| {
                configuration("a root certificate cannot be used").with_source(problem)
            })?;
            builder.add_root_certificate(root);
        }
        if let Some(certificate) = certificate {
            certified(certificate, &rustls::crypto::ring::default_provider())?;
            let key = certificate.key.expose_secret().as_bytes();
            let identity = Identity::from_pkcs8(certificate.certificates.as_bytes(), key)
                .map_err(|_| {
                    configuration(
                        "the client certificate or its key cannot be used: the key must be PKCS#8 (-----BEGIN PRIVATE KEY-----) and belong to the certificate",
                    )
                })?;
            builder.identity(identity);
        }
        let connector = builder.build().map_err(|problem| {
            configuration("the operating system's TLS cannot be set up").with_source(problem)
        })?;
        Ok(Self(connector))
    }

    pub(super) fn set_up(&self, builder: ClientBuilder) -> ClientBuilder {
        builder
            .tls_backend_preconfigured(self.0.clone())
            .tls_info(true)
    }
}

impl fmt::Debug for Native {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Native")
    }
}
