//! Assertions that an application signed with its certificate.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::Utc;
use ring::signature::{RSA_PSS_2048_8192_SHA256, UnparsedPublicKey};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use sha2::{Digest as _, Sha256};
use x509_cert::Certificate;
use x509_cert::der::Decode as _;

use super::refusal::Refused;

#[derive(Deserialize)]
struct Header {
    alg: String,
    #[serde(rename = "x5t#S256")]
    thumbprint: Option<String>,
}

#[derive(Deserialize)]
struct Claims {
    aud: String,
    iss: String,
    sub: String,
    jti: String,
    nbf: i64,
    exp: i64,
}

/// Whether it is from this application, for this URL, and of now.
pub(super) fn judge(
    assertion: &str,
    certificate: Option<&str>,
    client: &str,
    url: &str,
) -> Result<(), Refused> {
    let invalid = |why: &str| {
        let why = format!("Client assertion failed signature validation. {why}");
        Refused::new("invalid_client", 700_027, why)
    };
    let malformed = || {
        let why = "Invalid JWT token: it is not well formed.";
        Refused::new("invalid_request", 50_027, why)
    };
    let unregistered = || invalid("The certificate is not registered with the application.");
    let der = certificate.and_then(|pem| CertificateDer::from_pem_slice(pem.as_bytes()).ok());
    let der = der.ok_or_else(unregistered)?;
    let certificate = Certificate::from_der(&der).map_err(|_| unregistered())?;
    let (said, signature) = assertion.rsplit_once('.').ok_or_else(malformed)?;
    let (header, claims) = said.split_once('.').ok_or_else(malformed)?;
    let header: Header = part(header).ok_or_else(malformed)?;
    let claims: Claims = part(claims).ok_or_else(malformed)?;
    let signature = URL_SAFE_NO_PAD.decode(signature).map_err(|_| malformed())?;
    let thumbprint = URL_SAFE_NO_PAD.encode(Sha256::digest(&der));
    if header.thumbprint != Some(thumbprint) {
        return Err(invalid("The key was not found."));
    }
    if header.alg != "PS256" {
        return Err(invalid("The algorithm is not PS256."));
    }
    let key = &certificate
        .tbs_certificate()
        .subject_public_key_info()
        .subject_public_key;
    UnparsedPublicKey::new(&RSA_PSS_2048_8192_SHA256, key.raw_bytes())
        .verify(said.as_bytes(), &signature)
        .map_err(|_| invalid("The signature is wrong."))?;
    if claims.iss != client || claims.sub != client || claims.jti.is_empty() {
        let why = "Client assertion contains an invalid subject or issuer.";
        return Err(Refused::new("invalid_client", 700_021, why));
    }
    if claims.aud != url {
        let why = "Assertion audience claim does not match the Realm issuer.";
        return Err(Refused::new("invalid_client", 700_023, why));
    }
    // who signs looks at the real clock
    let now = Utc::now().timestamp();
    if !(claims.nbf..claims.exp).contains(&now) {
        let why = "Client assertion is not within its valid time range.";
        return Err(Refused::new("invalid_client", 700_024, why));
    }
    Ok(())
}

fn part<T: DeserializeOwned>(text: &str) -> Option<T> {
    let json = URL_SAFE_NO_PAD.decode(text).ok()?;
    serde_json::from_slice(&json).ok()
}
