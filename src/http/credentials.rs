//! Who logs on.

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use secrecy::{ExposeSecret, SecretString};

use super::client_certificate::ClientCertificate;
use super::token::{FixedToken, TokenProvider};
use crate::error::{Error, ErrorKind};

/// What a program proves its identity with. `Debug` never shows a secret.
#[derive(Clone)]
#[non_exhaustive]
pub enum Credentials {
    /// A user name and a password, for Kerberos, NTLM and Basic.
    Password {
        /// `DOMAIN\user`, `user@contoso.com` (the user principal name) or only `user`.
        user: String,
        /// The password.
        password: SecretString,
    },
    /// A user name and a password that may change while the program runs.
    Source(Arc<dyn CredentialSource>),
    /// The Kerberos tickets this process finds. Needs the feature `kerberos`.
    Ticket {
        /// Whose, as `user@REALM`; of the default identity, if not said.
        principal: Option<String>,
    },
    /// OAuth 2.0 access tokens, sent as `Authorization: Bearer` (RFC 6750).
    Bearer(Arc<dyn TokenProvider>),
    /// Nothing but a TLS client certificate, which the server maps to an account. No `Authorization` header is sent.
    ClientCertificate(ClientCertificate),
}

impl Credentials {
    /// A user name (`DOMAIN\user`, `user@contoso.com`, `user`) and a password.
    ///
    /// ```
    /// use exchange_connector::http::Credentials;
    ///
    /// let credentials = Credentials::password(r"CONTOSO\jdoe", "secret");
    /// assert!(!format!("{credentials:?}").contains("secret"));
    /// ```
    pub fn password(user: impl Into<String>, password: impl Into<SecretString>) -> Self {
        Self::Password {
            user: user.into(),
            password: password.into(),
        }
    }

    /// A user name and a password from a source that is asked again when the server refuses them.
    ///
    /// ```
    /// use std::sync::Arc;
    /// use exchange_connector::Error;
    /// use exchange_connector::http::{CredentialSource, Credentials, UserPassword};
    ///
    /// struct Vault;
    ///
    /// #[async_trait::async_trait]
    /// impl CredentialSource for Vault {
    ///     async fn credentials(&self) -> Result<UserPassword, Error> {
    ///         let password = "secret"; // of today, from where passwords are kept
    ///         Ok(UserPassword::new(r"CONTOSO\jdoe", password))
    ///     }
    /// }
    ///
    /// let credentials = Credentials::from_source(Arc::new(Vault));
    /// ```
    pub fn from_source(source: Arc<dyn CredentialSource>) -> Self {
        Self::Source(source)
    }

    /// The Kerberos tickets of the user who is signed in: those in the credential cache of this process (`KRB5CCNAME`,
    /// filled by `kinit` or at the logon to the machine), else made with its client keytab (`KRB5_CLIENT_KTNAME`). No
    /// secret is needed, and none is held.
    ///
    /// They are looked for with each logon, so tickets that something renews in time last for ever. Needs the feature
    /// `kerberos` and the system's Kerberos library; not for Windows.
    ///
    /// ```
    /// use exchange_connector::http::Credentials;
    ///
    /// let credentials = Credentials::ticket();
    /// assert_eq!(format!("{credentials:?}"), "Ticket { principal: None }");
    /// ```
    pub fn ticket() -> Self {
        Self::Ticket { principal: None }
    }

    /// As [`ticket`](Self::ticket), where there are tickets of several identities: those of `user@REALM`.
    pub fn ticket_of(principal: impl Into<String>) -> Self {
        Self::Ticket {
            principal: Some(principal.into()),
        }
    }

    /// Tokens from a provider, which is asked before each request.
    pub fn bearer(provider: Arc<dyn TokenProvider>) -> Self {
        Self::Bearer(provider)
    }

    /// One token that is never renewed, for scripts and tests.
    pub fn bearer_token(token: impl Into<SecretString>) -> Self {
        Self::Bearer(Arc::new(FixedToken::new(token)))
    }

    /// A client certificate and nothing else. To show one beside a password or a token, give it to
    /// [`HttpOptions::client_certificate`](super::HttpOptions::client_certificate).
    pub fn client_certificate(certificate: ClientCertificate) -> Self {
        Self::ClientCertificate(certificate)
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Password { user, .. } => f
                .debug_struct("Password")
                .field("user", user)
                .field("password", &"[redacted]")
                .finish(),
            Self::Source(_) => f.write_str("Source([redacted])"),
            Self::Ticket { principal } => f
                .debug_struct("Ticket")
                .field("principal", principal)
                .finish(),
            Self::Bearer(_) => f.write_str("Bearer([redacted])"),
            Self::ClientCertificate(certificate) => certificate.fmt(f),
        }
    }
}

/// Where the user name and the password are kept: a vault, a file, a person.
#[async_trait]
pub trait CredentialSource: Send + Sync {
    /// The user name and the password of now.
    ///
    /// Asked before the first logon, and again when the server refuses what it gave: by one call, while the others
    /// wait. What was refused is never sent again, so that no account is locked; as long as the source gives nothing
    /// else each later call asks it once and fails without asking the server. The user must stay the same when one of
    /// his passwords was accepted: who needs another identity makes another connector.
    ///
    /// # Errors
    /// Whatever prevented it; the call that needed the password fails with it.
    async fn credentials(&self) -> Result<UserPassword, Error>;
}

/// A user name and a password. `Debug` does not show the password.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct UserPassword {
    /// `DOMAIN\user`, `user@contoso.com` (the user principal name) or only `user`.
    pub user: String,
    /// The password.
    pub password: SecretString,
}

impl UserPassword {
    /// This user with this password.
    pub fn new(user: impl Into<String>, password: impl Into<SecretString>) -> Self {
        Self {
            user: user.into(),
            password: password.into(),
        }
    }
}

/// A checked user name and password.
pub(super) struct Password {
    user: String,
    pub(super) secret: SecretString,
}

impl Password {
    pub(super) fn new(user: &str, secret: SecretString) -> Result<Self, Error> {
        let problem = if user.trim().is_empty() {
            "the user name is empty"
        } else if user.chars().count() > 512 {
            "the user name is longer than 512 characters"
        } else if user.chars().any(char::is_control) {
            "the user name contains control characters"
        } else if user.ends_with('\\') {
            "the user name after the domain is empty"
        } else {
            return Ok(Self {
                user: user.to_owned(),
                secret,
            });
        };
        Err(Error::new(ErrorKind::Configuration, "Credentials", problem))
    }

    /// The name as the caller gave it.
    pub(super) fn user(&self) -> &str {
        &self.user
    }

    /// Domain and user for NTLM. A user principal name goes whole, with an empty domain.
    #[cfg_attr(not(feature = "ntlm"), allow(dead_code))]
    pub(super) fn domain_and_user(&self) -> (&str, &str) {
        self.user.split_once('\\').unwrap_or(("", &self.user))
    }

    /// The name for Kerberos, if it has the form `user@REALM`. Realms of Active Directory are in capital letters.
    #[cfg(feature = "kerberos")]
    pub(super) fn principal(&self) -> Option<String> {
        let (user, realm) = self.user.split_once('@')?;
        let is_plain = |part: &str| !part.is_empty() && !part.contains(['\\', '/', '@']);
        (is_plain(user) && is_plain(realm)).then(|| format!("{user}@{}", realm.to_uppercase()))
    }

    /// Whether a server would be told the same.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        self.is_same_user(other) && self.secret.expose_secret() == other.secret.expose_secret()
    }

    pub(super) fn is_same_user(&self, other: &Self) -> bool {
        self.user.to_lowercase() == other.user.to_lowercase()
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Password").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_of_user_names() {
        for (given, domain, user) in [
            (r"CONTOSO\jdoe", "CONTOSO", "jdoe"),
            ("jdoe@contoso.com", "", "jdoe@contoso.com"),
            ("jdoe", "", "jdoe"),
            (r".\local", ".", "local"),
        ] {
            let password = Password::new(given, "x".into()).unwrap();
            assert_eq!(password.domain_and_user(), (domain, user));
        }
        #[cfg(feature = "kerberos")]
        for (given, principal) in [
            ("jdoe@contoso.com", Some("jdoe@CONTOSO.COM")),
            (r"CONTOSO\jdoe", None),
            ("jdoe", None),
            (r"CONTOSO\jdoe@contoso.com", None),
            ("a@b@c", None),
            ("@contoso.com", None),
            ("jdoe@", None),
        ] {
            let password = Password::new(given, "x".into()).unwrap();
            assert_eq!(password.principal().as_deref(), principal, "{given}");
        }
        for wrong in ["", "  ", "a\nb", r"CONTOSO\"] {
            let error = Password::new(wrong, "x".into()).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Configuration, "{wrong:?}");
        }
    }

    #[tokio::test]
    async fn secrets_stay_out_of_debug() {
        let secret = "Tr0ub4dor&3";
        let token = Credentials::bearer_token(secret);
        let Credentials::Bearer(provider) = &token else {
            panic!()
        };
        let shown = format!(
            "{:?} {token:?} {:?} {:?} {:?}",
            Credentials::password("jdoe", secret),
            provider.token().await.unwrap(),
            Password::new("jdoe", secret.into()).unwrap(),
            UserPassword::new("jdoe", secret),
        );
        assert!(!shown.contains(secret), "{shown}");
    }
}
