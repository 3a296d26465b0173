//! Proving who an application is with its certificate (RFC 7523).

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD as BASE64;
use chrono::{DateTime, TimeDelta, Utc};
use ring::digest::{self, SHA1_FOR_LEGACY_USE_ONLY, SHA256};
use ring::rand::SystemRandom;
use ring::signature::{RSA_PKCS1_SHA256, RSA_PSS_SHA256, RsaEncoding, RsaKeyPair};
use rustls::pki_types::PrivateKeyDer;
use serde_json::json;
use url::Url;
use uuid::Uuid;

use super::configuration;
use crate::error::Result;
use crate::http::ClientCertificate;

/// A certificate that signs.
pub(super) struct Signer {
    key: RsaKeyPair,
    way: Way,
    thumbprint: String,
}

/// How it is signed, and how the certificate is named.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Way {
    /// PS256 and `x5t#S256`: what Microsoft Entra asks for.
    ///
    /// Source: <https://learn.microsoft.com/entra/identity-platform/certificate-credentials>
    Ps256,
    /// RS256 and `x5t`: what AD FS knows (`token_endpoint_auth_signing_alg_values_supported`).
    Rs256,
}

/// How long an assertion is good that is used at once.
pub(super) const LIFETIME: TimeDelta = TimeDelta::minutes(10);

impl Signer {
    /// # Errors
    /// `Configuration`, unless the key is RSA of 2048 to 8192 bits.
    pub(super) fn new(certificate: &ClientCertificate, way: Way) -> Result<Self> {
        let chain = certificate.chain()?;
        let Some(own) = chain.first() else {
            return Err(configuration("there is no certificate"));
        };
        let key = match certificate.private_key()? {
            PrivateKeyDer::Pkcs8(key) => RsaKeyPair::from_pkcs8(key.secret_pkcs8_der()),
            PrivateKeyDer::Pkcs1(key) => RsaKeyPair::from_der(key.secret_pkcs1_der()),
            _ => return Err(not_rsa()),
        };
        let thumbprint = match way {
            Way::Ps256 => digest::digest(&SHA256, own),
            Way::Rs256 => digest::digest(&SHA1_FOR_LEGACY_USE_ONLY, own),
        };
        Ok(Self {
            // the cause says nothing that helps
            key: key.map_err(|_| not_rsa())?,
            way,
            thumbprint: BASE64.encode(thumbprint),
        })
    }

    /// A signed statement that this is the application, for the server that issues tokens.
    pub(super) fn assertion(
        &self,
        client: &str,
        url: &Url,
        now: DateTime<Utc>,
        lifetime: TimeDelta,
    ) -> Result<String> {
        let (algorithm, named): (_, &dyn RsaEncoding) = match self.way {
            Way::Ps256 => (
                json!({"typ": "JWT", "alg": "PS256", "x5t#S256": self.thumbprint}),
                &RSA_PSS_SHA256,
            ),
            Way::Rs256 => (
                json!({"typ": "JWT", "alg": "RS256", "x5t": self.thumbprint}),
                &RSA_PKCS1_SHA256,
            ),
        };
        let claims = json!({
            "aud": url.as_str(),
            "iss": client,
            "sub": client,
            "jti": Uuid::new_v4().to_string(),
            "nbf": (now - TimeDelta::minutes(1)).timestamp(),
            "iat": now.timestamp(),
            "exp": (now + lifetime).timestamp(),
        });
        let said = format!(
            "{}.{}",
            BASE64.encode(algorithm.to_string()),
            BASE64.encode(claims.to_string())
        );
        let mut signature = vec![0; self.key.public().modulus_len()];
        self.key
            .sign(named, &SystemRandom::new(), said.as_bytes(), &mut signature)
            .map_err(|_| configuration("the certificate's key cannot sign"))?;
        Ok(format!("{said}.{}", BASE64.encode(signature)))
    }
}

fn not_rsa() -> crate::Error {
    configuration("the certificate's key is no RSA key of 2048 bits or more")
        .with_hint("Make a certificate with an RSA key and register it with the application.")
}
