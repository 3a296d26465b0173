//! TLS: which library, whom to trust, what to show.

use std::fmt;
use std::sync::Arc;

use reqwest::ClientBuilder;
use rustls::ClientConfig;
use rustls::client::danger::ServerCertVerifier;
use rustls::crypto::CryptoProvider;
use rustls::sign::CertifiedKey;

use super::client_certificate::ClientCertificate;
#[cfg(feature = "native-tls")]
use super::native::Native;
use super::options::{HttpOptions, TlsBackend};
use super::trust::{Pins, trusted};
use super::watch::{Shown, Watch, Watching};
use crate::error::{Error, ErrorKind};

/// What all connections of one transport share.
#[derive(Clone, Debug)]
pub(super) enum Tls {
    Rustls(Rustls),
    #[cfg(feature = "native-tls")]
    Native(Native),
}

impl Tls {
    pub(super) fn new(
        options: &HttpOptions,
        certificate: Option<&ClientCertificate>,
    ) -> Result<Self, Error> {
        match options.tls_backend {
            TlsBackend::Rustls if options.old_tls => Err(configuration(
                "TLS 1.0 and 1.1 need TlsBackend::Native: rustls does not have them",
            )),
            TlsBackend::Rustls => Rustls::new(options, certificate).map(Self::Rustls),
            #[cfg(feature = "native-tls")]
            TlsBackend::Native => Native::new(options, certificate).map(Self::Native),
            #[cfg(not(feature = "native-tls"))]
            TlsBackend::Native => Err(configuration(
                "this program was built without the operating system's TLS: build it with the feature native-tls",
            )),
        }
    }

    /// Sets up a client. What servers show in its handshakes is left with `watch`.
    pub(super) fn set_up(
        &self,
        builder: ClientBuilder,
        watch: &Watch,
    ) -> Result<ClientBuilder, Error> {
        match self {
            Self::Rustls(rustls) => Ok(builder.tls_backend_preconfigured(rustls.config(watch)?)),
            #[cfg(feature = "native-tls")]
            Self::Native(native) => Ok(native.set_up(builder)),
        }
    }
}

/// Uses ring as a value; no process-wide provider is installed or asked for.
#[derive(Clone)]
pub(super) struct Rustls {
    verifier: Arc<dyn ServerCertVerifier>,
    pins: Pins,
    provider: Arc<CryptoProvider>,
    certificate: Option<Arc<CertifiedKey>>,
}

impl Rustls {
    fn new(options: &HttpOptions, certificate: Option<&ClientCertificate>) -> Result<Self, Error> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        Ok(Self {
            certificate: certificate
                .map(|certificate| certified(certificate, &provider))
                .transpose()?,
            pins: Pins::new(options)?,
            verifier: trusted(options, &provider)?,
            provider,
        })
    }

    fn config(&self, watch: &Watch) -> Result<ClientConfig, Error> {
        let mut config = ClientConfig::builder_with_provider(self.provider.clone())
            .with_safe_default_protocol_versions()
            .map_err(|e| {
                configuration("the TLS library has no usable protocol version").with_source(e)
            })?
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(Watching::new(
                self.verifier.clone(),
                self.pins.clone(),
                watch.clone(),
            )))
            .with_client_cert_resolver(Arc::new(Shown::new(
                self.certificate.clone(),
                watch.clone(),
            )));
        // Windows authentication does not exist on HTTP/2
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        if watch.is_of_one_connection {
            // a resumed session shows no certificate
            config.resumption = rustls::client::Resumption::disabled();
        }
        Ok(config)
    }
}

impl fmt::Debug for Rustls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rustls").finish_non_exhaustive()
    }
}

/// The certificate with its key, which must belong together.
pub(super) fn certified(
    certificate: &ClientCertificate,
    provider: &CryptoProvider,
) -> Result<Arc<CertifiedKey>, Error> {
    let key = provider
        .key_provider
        .load_private_key(certificate.private_key()?)
        .map_err(|_| {
            configuration("the client certificate's key is of a kind that cannot be used")
        })?;
    let certified = CertifiedKey::new(certificate.chain()?, key);
    match certified.keys_match() {
        Err(rustls::Error::InconsistentKeys(rustls::InconsistentKeys::KeyMismatch)) => Err(
            configuration("the client certificate and its key do not belong together"),
        ),
        _ => Ok(Arc::new(certified)),
    }
}

pub(super) fn configuration(message: &'static str) -> Error {
    Error::new(ErrorKind::Configuration, "TLS set-up", message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wrong_settings_are_named_early() {
        for options in [
            HttpOptions::default().root_certificates("no PEM at all"),
            HttpOptions::default().platform_roots(false),
            HttpOptions::default().root_certificates(
                "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
            ),
            HttpOptions::default()
                .root_certificates("-----BEGIN CERTIFICATE-----\n!!\n-----END CERTIFICATE-----\n"),
            HttpOptions::default().pin_certificate("12:34"),
            HttpOptions::default().pin_certificate("g".repeat(64)),
            HttpOptions::default().trust_only_pinned(true),
            HttpOptions::default().danger_allow_old_tls(true),
            #[cfg(not(feature = "native-tls"))]
            HttpOptions::default().tls_backend(TlsBackend::Native),
        ] {
            let error = Tls::new(&options, None).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Configuration, "{error}");
        }
    }

    #[test]
    #[cfg_attr(
        not(feature = "native-tls"),
        allow(irrefutable_let_patterns, reason = "there is one library then")
    )]
    fn nothing_global_and_http1_only() {
        let Tls::Rustls(tls) = Tls::new(&HttpOptions::default(), None).unwrap() else {
            panic!("rustls is the default");
        };
        let watch = Watch::new("localhost", Arc::default());
        assert_eq!(tls.config(&watch).unwrap().alpn_protocols, [b"http/1.1"]);
        assert!(CryptoProvider::get_default().is_none());
    }
}
