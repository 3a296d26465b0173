//! A look at the handshakes: what the server shows, and what it wants to see.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use rustls::client::ResolvesClientCert;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::sign::CertifiedKey;
use rustls::{CertificateError, DigitallySignedStruct, OtherError, SignatureScheme};

use super::seen::Chain;
use super::trust::Pins;

/// What the handshakes of one client leave behind.
///
/// Certificates are taken here and not from reqwest's `TlsInfo`, because that is empty behind a proxy, and when the
/// handshake fails.
#[derive(Clone, Debug)]
pub(super) struct Watch {
    /// Other servers, such as a proxy that speaks TLS, are not watched.
    host: Arc<str>,
    chain: Arc<Chain>,
    own: Arc<Mutex<Option<Vec<u8>>>>,
    wants_certificate: Arc<AtomicBool>,
    /// The client has one connection, so the last certificate is that of this connection.
    pub(super) is_of_one_connection: bool,
}

impl Watch {
    /// `host` as it stands in the URL; `chain` is where the certificates are shown.
    pub(super) fn new(host: &str, chain: Arc<Chain>) -> Self {
        Self {
            host: host.trim_start_matches('[').trim_end_matches(']').into(),
            chain,
            own: Arc::default(),
            wants_certificate: Arc::default(),
            is_of_one_connection: false,
        }
    }

    /// For one more client to the same server, which has one connection.
    #[cfg(feature = "ntlm")]
    pub(super) fn of_one_connection(&self) -> Self {
        Self {
            own: Arc::default(),
            is_of_one_connection: true,
            ..self.clone()
        }
    }

    /// The server's certificate of the last handshake, if that was good.
    #[cfg(any(feature = "ntlm", feature = "autodiscover"))]
    pub(super) fn certificate(&self) -> Option<Vec<u8>> {
        self.own
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// The server asked for a client certificate.
    pub(super) fn wants_certificate(&self) -> bool {
        self.wants_certificate.load(Ordering::Relaxed)
    }

    /// Takes the certificate that the operating system's TLS tells with an answer; behind a proxy it does not.
    #[cfg(feature = "native-tls")]
    pub(super) fn answer(&self, response: &reqwest::Response) {
        let info = response.extensions().get::<reqwest::tls::TlsInfo>();
        let Some(der) = info.and_then(reqwest::tls::TlsInfo::peer_certificate) else {
            return;
        };
        self.chain.show(std::iter::once(der));
        let mut own = self.own.lock().unwrap_or_else(PoisonError::into_inner);
        if own.as_deref() != Some(der) {
            *own = Some(der.to_vec());
        }
    }

    fn set(&self, certificate: Option<&[u8]>) {
        *self.own.lock().unwrap_or_else(PoisonError::into_inner) = certificate.map(<[u8]>::to_vec);
    }
}

/// A verifier that shows what it sees before it judges, and wants the pinned certificate.
#[derive(Debug)]
pub(super) struct Watching {
    trust: Arc<dyn ServerCertVerifier>,
    pins: Pins,
    watch: Watch,
}

impl Watching {
    pub(super) fn new(trust: Arc<dyn ServerCertVerifier>, pins: Pins, watch: Watch) -> Self {
        Self { trust, pins, watch }
    }
}

/// Addresses are written in several ways.
fn is_same_host(one: &str, other: &str) -> bool {
    let address = |host: &str| {
        let host = host.trim_start_matches('[').trim_end_matches(']');
        host.parse::<std::net::IpAddr>().ok()
    };
    match (address(one), address(other)) {
        (Some(one), Some(other)) => one.to_canonical() == other.to_canonical(),
        _ => one.eq_ignore_ascii_case(other),
    }
}

impl ServerCertVerifier for Watching {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let judge = || {
            self.trust.verify_server_cert(
                end_entity,
                intermediates,
                server_name,
                ocsp_response,
                now,
            )
        };
        if !is_same_host(&server_name.to_str(), &self.watch.host) {
            return judge();
        }
        self.watch.set(None);
        let others = intermediates.iter().map(AsRef::as_ref);
        self.watch
            .chain
            .show(std::iter::once(end_entity.as_ref()).chain(others));
        let verified = match self.pins.suffice {
            true => ServerCertVerified::assertion(),
            false => judge()?,
        };
        self.pins.check(end_entity).map_err(|mismatch| {
            let mismatch = OtherError(Arc::new(mismatch));
            rustls::Error::InvalidCertificate(CertificateError::Other(mismatch))
        })?;
        self.watch.set(Some(end_entity));
        Ok(verified)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.trust
            .verify_tls12_signature(message, certificate, signature)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.trust
            .verify_tls13_signature(message, certificate, signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.trust.supported_verify_schemes()
    }
}

/// The client certificate, if there is one; notes that the server asked for it.
pub(super) struct Shown {
    certificate: Option<Arc<CertifiedKey>>,
    watch: Watch,
}

impl Shown {
    pub(super) fn new(certificate: Option<Arc<CertifiedKey>>, watch: Watch) -> Self {
        Self { certificate, watch }
    }
}

impl ResolvesClientCert for Shown {
    fn resolve(&self, _: &[&[u8]], _: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        self.watch.wants_certificate.store(true, Ordering::Relaxed);
        self.certificate.clone()
    }

    fn has_certs(&self) -> bool {
        self.certificate.is_some()
    }
}

impl fmt::Debug for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shown").finish_non_exhaustive()
    }
}
