//! Certificates as they should not be.

use std::sync::Arc;

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa,
    KeyPair, KeyUsagePurpose, date_time_ymd,
};
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio_rustls::rustls::server::WebPkiClientVerifier;
use tokio_rustls::rustls::version::TLS12;
use tokio_rustls::rustls::{RootCertStore, ServerConfig, crypto::ring::default_provider};

/// An authority of a company, and what it signs.
pub(super) struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
}

/// When a certificate is good, in years.
type Years = (i32, i32);

pub(super) const GOOD: Years = (2020, 2200);

impl Authority {
    pub(super) fn new() -> Self {
        let mut params = CertificateParams::default();
        let name = &mut params.distinguished_name;
        name.push(DnType::CommonName, "Contoso Root");
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        (params.not_before, params.not_after) =
            (date_time_ymd(2010, 1, 1), date_time_ymd(2200, 1, 1));
        let key = KeyPair::generate().unwrap();
        let issuer = CertifiedIssuer::self_signed(params, key).unwrap();
        Self { issuer }
    }

    pub(super) fn pem(&self) -> String {
        self.issuer.pem()
    }

    /// A server whose certificate this authority signed.
    pub(super) fn server(&self, name: &str, years: Years) -> ServerConfig {
        let key = KeyPair::generate().unwrap();
        let signed = params(name, years).signed_by(&key, &self.issuer).unwrap();
        configuration(signed.der().clone(), &key)
    }

    /// A server that wants a certificate of whoever connects.
    pub(super) fn mutual(&self) -> ServerConfig {
        let key = KeyPair::generate().unwrap();
        let signed = params("127.0.0.1", GOOD)
            .signed_by(&key, &self.issuer)
            .unwrap();
        let mut roots = RootCertStore::empty();
        roots.add(self.issuer.der().clone()).unwrap();
        let provider = Arc::new(default_provider());
        let verifier = WebPkiClientVerifier::builder_with_provider(roots.into(), provider.clone());
        ServerConfig::builder_with_provider(provider)
            // With 1.3 the server says so after the client took the connection for good, and it may break first.
            .with_protocol_versions(&[&TLS12])
            .unwrap()
            .with_client_cert_verifier(verifier.build().unwrap())
            .with_single_cert(vec![signed.der().clone()], private(&key))
            .unwrap()
    }
}

/// A server whose certificate nobody else signed.
pub(super) fn self_signed() -> ServerConfig {
    let key = KeyPair::generate().unwrap();
    let signed = params("127.0.0.1", GOOD).self_signed(&key).unwrap();
    configuration(signed.der().clone(), &key)
}

fn params(name: &str, (from, to): Years) -> CertificateParams {
    let mut params = CertificateParams::new([name.to_owned()]).unwrap();
    params.distinguished_name.push(DnType::CommonName, name);
    params.use_authority_key_identifier_extension = true;
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    (params.not_before, params.not_after) = (date_time_ymd(from, 1, 1), date_time_ymd(to, 1, 1));
    params
}

fn private(key: &KeyPair) -> PrivateKeyDer<'static> {
    PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()))
}

fn configuration(certificate: CertificateDer<'static>, key: &KeyPair) -> ServerConfig {
    ServerConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate], private(key))
        .unwrap()
}
