//! A certificate authority of its own and server certificates.

use std::sync::{Arc, Mutex};

use md5::{Digest as _, Md5};
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa,
    KeyPair, KeyUsagePurpose, date_time_ymd,
};
use sha2::Sha256;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring::default_provider;
use tokio_rustls::rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};

use super::SimulatorError;
use super::server::lock;

/// A certificate that a simulator can show.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum SimulatedCertificate {
    /// The one it started with.
    #[default]
    Regular,
    /// For the same names and from the same authority, with another key, as after a renewal.
    Renewed,
    /// One that was valid until the end of 2020.
    Expired,
    /// For `elsewhere.example.test` only.
    WrongName,
    /// For the right names, from an authority that nobody knows.
    Untrusted,
}

/// What connections show, and who vouches for it.
pub(super) struct Tls {
    authority: CertifiedIssuer<'static, KeyPair>,
    /// More names than the usual ones.
    names: Vec<String>,
    made: Mutex<Vec<(SimulatedCertificate, Arc<Shown>)>>,
    current: Mutex<Arc<Shown>>,
}

/// A certificate, ready to be shown.
pub(super) struct Shown {
    pub(super) acceptor: TlsAcceptor,
    /// What clients bind an NTLM logon to: MD5 over the channel bindings of GSS-API (RFC 4121,
    /// 4.1.1.2) whose application data is the end point's certificate (RFC 5929).
    pub(super) binding: [u8; 16],
}

impl std::fmt::Debug for Tls {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Tls").finish_non_exhaustive()
    }
}

impl Tls {
    /// For loopback, the hosts of the simulated organisation and these.
    pub(super) fn new(more: &[String]) -> Result<Self, SimulatorError> {
        let authority = authority()?;
        let regular = Arc::new(make(&authority, SimulatedCertificate::Regular, more)?);
        Ok(Self {
            authority,
            names: more.to_vec(),
            made: Mutex::new(vec![(SimulatedCertificate::Regular, Arc::clone(&regular))]),
            current: Mutex::new(regular),
        })
    }

    /// The authority's certificate in PEM.
    pub(super) fn pem(&self) -> String {
        self.authority.pem()
    }

    /// What new connections show.
    pub(super) fn current(&self) -> Arc<Shown> {
        Arc::clone(&lock(&self.current))
    }

    pub(super) fn change(&self, which: SimulatedCertificate) -> Result<(), SimulatorError> {
        *lock(&self.current) = self.certificate(which)?;
        Ok(())
    }

    pub(super) fn certificate(
        &self,
        which: SimulatedCertificate,
    ) -> Result<Arc<Shown>, SimulatorError> {
        let mut made = lock(&self.made);
        if let Some((_, shown)) = made.iter().find(|(kind, _)| *kind == which) {
            return Ok(Arc::clone(shown));
        }
        let shown = Arc::new(match which {
            SimulatedCertificate::Untrusted => make(&authority()?, which, &self.names)?,
            _ => make(&self.authority, which, &self.names)?,
        });
        made.push((which, Arc::clone(&shown)));
        Ok(shown)
    }
}

/// The names that every certificate is good for.
const USUAL: [&str; 5] = [
    "localhost",
    "127.0.0.1",
    "::1",
    "example.test",
    "*.example.test",
];

fn failed(error: impl std::fmt::Display) -> SimulatorError {
    SimulatorError::Certificate(error.to_string())
}

fn authority() -> Result<CertifiedIssuer<'static, KeyPair>, SimulatorError> {
    let mut authority = CertificateParams::default();
    authority
        .distinguished_name
        .push(DnType::CommonName, "exchange-connector simulator");
    authority.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    authority.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    let key = KeyPair::generate().map_err(failed)?;
    CertifiedIssuer::self_signed(authority, key).map_err(failed)
}

fn make(
    authority: &CertifiedIssuer<'static, KeyPair>,
    which: SimulatedCertificate,
    more: &[String],
) -> Result<Shown, SimulatorError> {
    let names = match which {
        SimulatedCertificate::WrongName => vec!["elsewhere.example.test".to_owned()],
        _ => {
            let names = USUAL.into_iter().map(str::to_owned);
            names.chain(more.iter().cloned()).collect()
        }
    };
    let mut server = CertificateParams::new(names).map_err(failed)?;
    server
        .distinguished_name
        .push(DnType::CommonName, "localhost");
    server.use_authority_key_identifier_extension = true;
    server.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    server.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    if which == SimulatedCertificate::Expired {
        server.not_before = date_time_ymd(2019, 1, 1);
        server.not_after = date_time_ymd(2020, 12, 31);
    }
    let key = KeyPair::generate().map_err(failed)?;
    let certificate = server.signed_by(&key, authority).map_err(failed)?;

    let private = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let mut config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(failed)?
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], private)
        .map_err(failed)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Shown {
        acceptor: TlsAcceptor::from(Arc::new(config)),
        binding: binding(certificate.der()),
    })
}

/// The certificates here are signed with SHA-256, so that is the hash of the end point too.
fn binding(certificate: &[u8]) -> [u8; 16] {
    let mut data = b"tls-server-end-point:".to_vec();
    data.extend_from_slice(&Sha256::digest(certificate));
    let mut structure = vec![0; 16];
    let length = u32::try_from(data.len()).unwrap_or_default();
    structure.extend_from_slice(&length.to_le_bytes());
    structure.extend(data);
    Md5::digest(&structure).into()
}
