//! Whose certificates are trusted.

use std::fmt;
use std::sync::Arc;

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{DigitallySignedStruct, RootCertStore, SignatureScheme};

use super::certificate::hex;
use super::options::HttpOptions;
use super::tls::configuration;
use crate::error::Error;

/// The verifier for everybody the options trust by way of an authority.
pub(super) fn trusted(
    options: &HttpOptions,
    provider: &Arc<CryptoProvider>,
) -> Result<Arc<dyn ServerCertVerifier>, Error> {
    let all_or_nobody = |refusal| {
        Arc::new(AllOrNobody {
            refusal,
            provider: provider.clone(),
        })
    };
    if options.accept_invalid_certificates {
        return Ok(all_or_nobody(None));
    }
    let extra = roots(options)?;
    if options.platform_roots {
        let is_alone = extra.is_empty();
        return match rustls_platform_verifier::Verifier::new_with_extra_roots(
            extra,
            provider.clone(),
        ) {
            Ok(verifier) => Ok(Arc::new(verifier)),
            // a bare container; that matters only when TLS is used
            Err(problem) if is_alone => Ok(all_or_nobody(Some(problem.to_string()))),
            Err(problem) => {
                Err(configuration("a root certificate cannot be used").with_source(problem))
            }
        };
    }
    let mut store = RootCertStore::empty();
    for certificate in extra {
        store
            .add(certificate)
            .map_err(|e| configuration("a root certificate cannot be used").with_source(e))?;
    }
    if store.is_empty() {
        if options.trust_only_pinned {
            let nobody = "no authority is trusted".to_owned();
            return Ok(all_or_nobody(Some(nobody)));
        }
        return Err(configuration(
            "no certificate authority is trusted: give root certificates, or trust the platform's",
        ));
    }
    match WebPkiServerVerifier::builder_with_provider(Arc::new(store), provider.clone()).build() {
        Ok(verifier) => Ok(verifier),
        Err(problem) => {
            Err(configuration("the root certificates cannot be used").with_source(problem))
        }
    }
}

/// The certificates the options add.
pub(super) fn roots(options: &HttpOptions) -> Result<Vec<CertificateDer<'static>>, Error> {
    let mut all = Vec::new();
    for pem in &options.roots {
        let before = all.len();
        for certificate in CertificateDer::pem_slice_iter(&pem.0) {
            all.push(certificate.map_err(|e| {
                configuration("a root certificate is not valid PEM").with_source(e)
            })?);
        }
        if all.len() == before {
            return Err(configuration(
                "a root certificate file holds no certificate: PEM is expected (-----BEGIN CERTIFICATE-----); convert DER files first",
            ));
        }
    }
    Ok(all)
}

/// The certificates a server must show one of.
#[derive(Clone, Debug, Default)]
pub(super) struct Pins {
    allowed: Arc<[[u8; 32]]>,
    /// Whoever shows one is trusted, whatever else stands in it.
    pub(super) suffice: bool,
}

impl Pins {
    pub(super) fn new(options: &HttpOptions) -> Result<Self, Error> {
        let allowed: Option<Arc<[_]>> = options.pins.iter().map(|pin| parse(pin)).collect();
        let Some(allowed) = allowed else {
            let message = "a pinned certificate is given by its SHA-256: 64 hexadecimal digits, with or without colons";
            return Err(configuration(message));
        };
        if allowed.is_empty() && options.trust_only_pinned {
            let message = "only a pinned certificate is to be trusted, but none is pinned";
            return Err(configuration(message));
        }
        Ok(Self {
            allowed,
            suffice: options.trust_only_pinned,
        })
    }

    pub(super) fn check(&self, certificate: &[u8]) -> Result<(), PinMismatch> {
        let seen = super::certificate::fingerprint(certificate);
        if self.allowed.is_empty() || self.allowed.contains(&seen) {
            return Ok(());
        }
        Err(PinMismatch { seen })
    }
}

fn parse(pin: &str) -> Option<[u8; 32]> {
    let digits: String = pin.chars().filter(|c| !matches!(c, ':' | ' ')).collect();
    if digits.len() != 64 || !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    let mut bytes = [0; 32];
    for (number, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(digits.get(2 * number..2 * number + 2)?, 16).ok()?;
    }
    Some(bytes)
}

/// The server showed another certificate than those that are pinned.
#[derive(Debug)]
pub(super) struct PinMismatch {
    seen: [u8; 32],
}

impl fmt::Display for PinMismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "is not the pinned one; its SHA-256 is {}",
            hex(&self.seen)
        )
    }
}

impl std::error::Error for PinMismatch {}

/// Accepts any certificate, or none; but the peer must always hold its key.
#[derive(Debug)]
struct AllOrNobody {
    refusal: Option<String>,
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for AllOrNobody {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        match &self.refusal {
            None => Ok(ServerCertVerified::assertion()),
            Some(refusal) => Err(rustls::Error::General(refusal.clone())),
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signature, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signature, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider
            .signature_verification_algorithms
            .supported_schemes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_of_pins() {
        let plain = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        let colons = plain
            .as_bytes()
            .chunks(2)
            .map(|pair| std::str::from_utf8(pair).unwrap().to_uppercase())
            .collect::<Vec<_>>()
            .join(":");
        for pin in [plain, &colons] {
            let pins = Pins::new(&HttpOptions::default().pin_certificate(pin)).unwrap();
            pins.check(b"abc").unwrap();
            let mismatch = pins.check(b"abd").unwrap_err().to_string();
            assert!(mismatch.contains("SHA-256 is a52d159f"), "{mismatch}");
        }
        Pins::default().check(b"abd").unwrap();
    }
}
