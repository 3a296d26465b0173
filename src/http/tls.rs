//! TLS: whom to trust, and a look at the server's certificate.

use std::sync::Arc;
#[cfg(feature = "ntlm")]
use std::sync::Mutex;

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};

#[cfg(feature = "ntlm")]
use super::channel_binding::{channel_binding, end_point};
use super::options::HttpOptions;
use crate::error::{Error, ErrorKind};

/// What all connections of one transport share. Uses ring as a value; no process-wide provider is
/// installed or asked for.
#[derive(Clone, Debug)]
pub(super) struct Tls {
    verifier: Arc<dyn ServerCertVerifier>,
    provider: Arc<CryptoProvider>,
}

impl Tls {
    pub(super) fn new(options: &HttpOptions) -> Result<Self, Error> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let verifier: Arc<dyn ServerCertVerifier> = if options.accept_invalid_certificates {
            Arc::new(AcceptAny(provider.clone()))
        } else {
            trusted(options, &provider)?
        };
        Ok(Self { verifier, provider })
    }

    /// For ordinary connections.
    pub(super) fn config(&self) -> Result<ClientConfig, Error> {
        self.config_with(self.verifier.clone())
    }

    /// For one lane: the certificate's channel binding is left in `seen`.
    #[cfg(feature = "ntlm")]
    pub(super) fn config_with_binding(
        &self,
        seen: &Arc<SeenBinding>,
    ) -> Result<ClientConfig, Error> {
        let verifier = Arc::new(Capture {
            inner: self.verifier.clone(),
            seen: seen.clone(),
        });
        let mut config = self.config_with(verifier)?;
        // a resumed session shows no certificate
        config.resumption = rustls::client::Resumption::disabled();
        Ok(config)
    }

    fn config_with(&self, verifier: Arc<dyn ServerCertVerifier>) -> Result<ClientConfig, Error> {
        let mut config = ClientConfig::builder_with_provider(self.provider.clone())
            .with_safe_default_protocol_versions()
            .map_err(|e| {
                configuration("the TLS library has no usable protocol version").with_source(e)
            })?
            .dangerous()
            .with_custom_certificate_verifier(verifier)
            .with_no_client_auth();
        // Windows authentication does not exist on HTTP/2
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(config)
    }
}

fn trusted(
    options: &HttpOptions,
    provider: &Arc<CryptoProvider>,
) -> Result<Arc<dyn ServerCertVerifier>, Error> {
    let mut extra = Vec::new();
    for pem in &options.roots {
        let before = extra.len();
        for certificate in CertificateDer::pem_slice_iter(&pem.0) {
            extra.push(certificate.map_err(|e| {
                configuration("a root certificate is not valid PEM").with_source(e)
            })?);
        }
        if extra.len() == before {
            return Err(configuration(
                "a root certificate file holds no certificate: PEM is expected (-----BEGIN CERTIFICATE-----); convert DER files first",
            ));
        }
    }
    if options.platform_roots {
        let refused =
            |e: rustls::Error| configuration("a root certificate cannot be used").with_source(e);
        return match rustls_platform_verifier::Verifier::new_with_extra_roots(
            extra.clone(),
            provider.clone(),
        ) {
            Ok(verifier) => Ok(Arc::new(verifier)),
            Err(problem) if extra.is_empty() => Ok(Arc::new(NoRoots(problem.to_string()))),
            Err(problem) => Err(refused(problem)),
        };
    }
    let mut roots = RootCertStore::empty();
    for certificate in extra {
        roots
            .add(certificate)
            .map_err(|e| configuration("a root certificate cannot be used").with_source(e))?;
    }
    if roots.is_empty() {
        return Err(configuration(
            "no certificate authority is trusted: give root certificates, or trust the platform's",
        ));
    }
    match WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider.clone()).build() {
        Ok(verifier) => Ok(verifier),
        Err(problem) => {
            Err(configuration("the root certificates cannot be used").with_source(problem))
        }
    }
}

fn configuration(message: &str) -> Error {
    Error::new(ErrorKind::Configuration, "TLS set-up", message)
}

/// The machine has no list of authorities (a bare container). That matters only when TLS is used.
#[derive(Debug)]
struct NoRoots(String);

impl ServerCertVerifier for NoRoots {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Err(rustls::Error::General(self.0.clone()))
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Err(rustls::Error::General(self.0.clone()))
    }

    fn verify_tls13_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Err(rustls::Error::General(self.0.clone()))
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        rustls::crypto::ring::default_provider()
            .signature_verification_algorithms
            .supported_schemes()
    }
}

/// Accepts any certificate, but still wants the peer to hold its key.
#[derive(Debug)]
struct AcceptAny(Arc<CryptoProvider>);

impl ServerCertVerifier for AcceptAny {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(
            message,
            certificate,
            signature,
            &self.0.signature_verification_algorithms,
        )
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(
            message,
            certificate,
            signature,
            &self.0.signature_verification_algorithms,
        )
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}

/// The channel binding of the certificate a lane's connection showed.
///
/// It is taken here and not from reqwest's `TlsInfo`, because that is empty behind a proxy.
#[cfg(feature = "ntlm")]
#[derive(Debug, Default)]
pub(super) struct SeenBinding(Mutex<Option<Vec<u8>>>);

#[cfg(feature = "ntlm")]
impl SeenBinding {
    /// As NTLM says it.
    pub(super) fn value(&self) -> Option<[u8; 16]> {
        channel_binding(&self.end_point()?)
    }

    /// As GSSAPI says it.
    pub(super) fn end_point(&self) -> Option<Vec<u8>> {
        self.lock().clone()
    }

    fn set(&self, end_point: Option<Vec<u8>>) {
        *self.lock() = end_point;
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<Vec<u8>>> {
        self.0
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

#[cfg(feature = "ntlm")]
#[derive(Debug)]
struct Capture {
    inner: Arc<dyn ServerCertVerifier>,
    seen: Arc<SeenBinding>,
}

#[cfg(feature = "ntlm")]
impl ServerCertVerifier for Capture {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        self.seen.set(None);
        let verified = self.inner.verify_server_cert(
            end_entity,
            intermediates,
            server_name,
            ocsp_response,
            now,
        )?;
        self.seen.set(end_point(end_entity));
        Ok(verified)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.inner
            .verify_tls12_signature(message, certificate, signature)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.inner
            .verify_tls13_signature(message, certificate, signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.inner.supported_verify_schemes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wrong_root_certificates_are_named_early() {
        for options in [
            HttpOptions::default().root_certificates("no PEM at all"),
            HttpOptions::default().platform_roots(false),
            HttpOptions::default().root_certificates(
                "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
            ),
            HttpOptions::default()
                .root_certificates("-----BEGIN CERTIFICATE-----\n!!\n-----END CERTIFICATE-----\n"),
        ] {
            let error = Tls::new(&options).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Configuration, "{error}");
        }
    }

    #[test]
    fn nothing_global_and_http1_only() {
        let tls = Tls::new(&HttpOptions::default()).unwrap();
        assert_eq!(tls.config().unwrap().alpn_protocols, [b"http/1.1"]);
        assert!(CryptoProvider::get_default().is_none());
    }
}
