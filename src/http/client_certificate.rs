//! The certificate a program shows to the server.

use std::fmt;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use secrecy::{ExposeSecret, SecretString};

use crate::error::{Error, ErrorKind};

/// A certificate with its private key, for servers that want to see one in the TLS handshake (RFC 8446, 4.4.2).
///
/// IIS asks for it in the handshake only if the binding is set up so (`netsh http … clientcertnegotiation=enable`);
/// without that it renegotiates, which neither TLS 1.3 nor rustls can do.
#[derive(Clone)]
pub struct ClientCertificate {
    pub(super) certificates: String,
    pub(super) key: SecretString,
}

impl ClientCertificate {
    /// From PEM texts: the certificate, then those of its issuers if the server does not have them; and the key, not
    /// encrypted, as PKCS#8 (`BEGIN PRIVATE KEY`; the only form that `TlsBackend::Native` takes), PKCS#1 or SEC 1.
    ///
    /// # Errors
    /// `Configuration`, when there is no certificate or no key in them, or they cannot be read.
    pub fn from_pem(
        certificates: impl Into<String>,
        key: impl Into<SecretString>,
    ) -> Result<Self, Error> {
        let made = Self {
            certificates: certificates.into(),
            key: key.into(),
        };
        made.chain()?;
        made.private_key()?;
        Ok(made)
    }

    pub(crate) fn chain(&self) -> Result<Vec<CertificateDer<'static>>, Error> {
        let found = CertificateDer::pem_slice_iter(self.certificates.as_bytes());
        let chain: Vec<_> = found.collect::<Result<_, _>>().map_err(|problem| {
            configuration("the client certificate is not valid PEM").with_source(problem)
        })?;
        if chain.is_empty() {
            let message =
                "the client certificate's text holds no certificate (-----BEGIN CERTIFICATE-----)";
            return Err(configuration(message));
        }
        Ok(chain)
    }

    pub(crate) fn private_key(&self) -> Result<PrivateKeyDer<'static>, Error> {
        let text = self.key.expose_secret();
        PrivateKeyDer::from_pem_slice(text.as_bytes()).map_err(|_| {
            // the cause might quote what it read
            let message = if text.contains("ENCRYPTED") {
                "the client certificate's key is encrypted: decrypt it first, for example with openssl pkey"
            } else {
                "the client certificate's key cannot be read: PEM is expected (-----BEGIN PRIVATE KEY-----)"
            };
            configuration(message)
        })
    }
}

fn configuration(message: &'static str) -> Error {
    Error::new(ErrorKind::Configuration, "client certificate", message)
}

impl fmt::Debug for ClientCertificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ClientCertificate([redacted])")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_used_is_said_at_once() {
        let certificate = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
        let secret = "-----BEGIN ENCRYPTED PRIVATE KEY-----\nc2VjcmV0\n-----END ENCRYPTED PRIVATE KEY-----\n";
        for (certificates, key, words) in [
            ("nothing", secret, "no certificate"),
            (certificate, "nothing", "PEM is expected"),
            (certificate, secret, "is encrypted"),
            (
                "-----BEGIN CERTIFICATE-----\n!!\n-----END CERTIFICATE-----\n",
                secret,
                "not valid PEM",
            ),
        ] {
            let error = ClientCertificate::from_pem(certificates, key).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Configuration);
            assert!(error.to_string().contains(words), "{error}");
            assert!(!format!("{error:?}").contains("c2VjcmV0"));
        }
    }
}
