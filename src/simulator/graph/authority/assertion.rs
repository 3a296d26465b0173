//! Assertions that an application signed with its certificate.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::Utc;
use ring::digest::{self, SHA1_FOR_LEGACY_USE_ONLY, SHA256};
use ring::signature::{
    RSA_PKCS1_2048_8192_SHA256, RSA_PSS_2048_8192_SHA256, UnparsedPublicKey, VerificationAlgorithm,
};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use x509_cert::Certificate;
use x509_cert::der::Decode as _;

use super::Asked;
use super::refusal::Refused;

#[derive(Deserialize)]
struct Header {
    alg: String,
    #[serde(rename = "x5t#S256")]
    thumbprint: Option<String>,
    #[serde(rename = "x5t")]
    short_thumbprint: Option<String>,
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

/// Whether it is from this application, for who is asked, and of now.
///
/// Source: <https://learn.microsoft.com/entra/identity-platform/certificate-credentials>; AD FS wants RS256 and `x5t`.
pub(super) fn judge(
    assertion: &str,
    certificate: Option<&str>,
    client: &str,
    asked: &Asked<'_>,
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
    let (given, digest, algorithm, name): (_, _, &dyn VerificationAlgorithm, _) =
        match asked.is_adfs() {
            true => (
                header.short_thumbprint,
                &SHA1_FOR_LEGACY_USE_ONLY,
                &RSA_PKCS1_2048_8192_SHA256,
                "RS256",
            ),
            false => (
                header.thumbprint,
                &SHA256,
                &RSA_PSS_2048_8192_SHA256,
                "PS256",
            ),
        };
    if given != Some(URL_SAFE_NO_PAD.encode(digest::digest(digest, &der))) {
        return Err(invalid("The key was not found."));
    }
    if header.alg != name {
        return Err(invalid("The algorithm is another one."));
    }
    let key = &certificate
        .tbs_certificate()
        .subject_public_key_info()
        .subject_public_key;
    UnparsedPublicKey::new(algorithm, key.raw_bytes())
        .verify(said.as_bytes(), &signature)
        .map_err(|_| invalid("The signature is wrong."))?;
    if claims.iss != client || claims.sub != client || claims.jti.is_empty() {
        let why = "Client assertion contains an invalid subject or issuer.";
        return Err(Refused::new("invalid_client", 700_021, why));
    }
    if claims.aud != asked.token_url() {
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
