//! Who logs on, and how.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use async_trait::async_trait;
use secrecy::SecretString;

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
    /// The Kerberos tickets this process finds. Needs the feature `kerberos`.
    Ticket {
        /// Whose, as `user@REALM`; of the default identity, if not said.
        principal: Option<String>,
    },
    /// OAuth 2.0 access tokens, sent as `Authorization: Bearer` (RFC 6750).
    Bearer(Arc<dyn TokenProvider>),
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

    /// The Kerberos tickets of the user who is signed in: those in the credential cache of this
    /// process (`KRB5CCNAME`, filled by `kinit` or at the logon to the machine), else made with its
    /// client keytab (`KRB5_CLIENT_KTNAME`). No secret is needed, and none is held.
    ///
    /// They are looked for with each logon, so tickets that something renews in time last for ever.
    /// Needs the feature `kerberos` and the system's Kerberos library; not for Windows.
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

    /// As [`ticket`](Self::ticket), where there are tickets of several identities: those of
    /// `user@REALM`.
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
        Self::Bearer(Arc::new(FixedToken(AccessToken::new(token, 0))))
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
            Self::Ticket { principal } => f
                .debug_struct("Ticket")
                .field("principal", principal)
                .finish(),
            Self::Bearer(_) => f.write_str("Bearer([redacted])"),
        }
    }
}

/// How the credentials are used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum AuthPolicy {
    /// Ask the server first, without credentials, what it offers, then take the safest scheme that
    /// fits: Kerberos, else NTLM, else NTLM inside Negotiate, else Basic (over TLS or to loopback
    /// only).
    ///
    /// Kerberos is taken with [`Credentials::ticket`], and with the feature `kerberos` for a password
    /// whose user name is `user@REALM`, when the server offers Negotiate. If no ticket can be had
    /// (no KDC, an unknown name of the user or the server), NTLM is used from then on. A ticket or a
    /// password that is refused is not followed by another scheme.
    #[default]
    Automatic,
    /// This scheme and no other.
    Only(AuthScheme),
}

/// `auto` (or `automatic`), `basic`, `ntlm`, `negotiate` (or `kerberos`), `bearer`, in any case of letters.
impl FromStr for AuthPolicy {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        match text.trim().to_ascii_lowercase().as_str() {
            "auto" | "automatic" => Ok(Self::Automatic),
            "basic" => Ok(Self::Only(AuthScheme::Basic)),
            "ntlm" => Ok(Self::Only(AuthScheme::Ntlm)),
            "negotiate" | "kerberos" => Ok(Self::Only(AuthScheme::Negotiate)),
            "bearer" => Ok(Self::Only(AuthScheme::Bearer)),
            _ => Err(Error::new(
                ErrorKind::Configuration,
                "AuthPolicy",
                format!(
                    "\"{text}\" is no way to log on: use auto, basic, ntlm, negotiate or bearer"
                ),
            )),
        }
    }
}

/// An HTTP authentication scheme.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum AuthScheme {
    /// User name and password in every request (RFC 7617). Only over TLS, or to loopback.
    Basic,
    /// Challenge and response, NTLMv2 (MS-NLMP over HTTP as in RFC 4559). Needs the feature `ntlm`.
    Ntlm,
    /// Kerberos tickets inside Negotiate (RFC 4559), never NTLM inside it. Needs the feature
    /// `kerberos`; not for Windows.
    Negotiate,
    /// An access token in every request (RFC 6750).
    Bearer,
}

impl fmt::Display for AuthScheme {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Basic => "Basic",
            Self::Ntlm => "NTLM",
            Self::Negotiate => "Negotiate",
            Self::Bearer => "Bearer",
        })
    }
}

/// A source of access tokens. It should keep a token until shortly before it expires.
#[async_trait]
pub trait TokenProvider: Send + Sync {
    /// The token to send now.
    ///
    /// # Errors
    /// Whatever prevented it; the call that needed the token fails with it.
    async fn token(&self) -> Result<AccessToken, Error>;

    /// The server refused the token of this generation: the next [`token`](Self::token) must be a
    /// newer one. A generation older than the current one is to be ignored, because several calls
    /// can be refused at the same time.
    async fn invalidate(&self, generation: u64);
}

/// An access token and the number of its renewal.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct AccessToken {
    /// The token as it goes into the header.
    pub secret: SecretString,
    /// Grows by one with each renewal.
    pub generation: u64,
}

impl AccessToken {
    /// A token of the given generation.
    pub fn new(secret: impl Into<SecretString>, generation: u64) -> Self {
        Self {
            secret: secret.into(),
            generation,
        }
    }
}

struct FixedToken(AccessToken);

#[async_trait]
impl TokenProvider for FixedToken {
    async fn token(&self) -> Result<AccessToken, Error> {
        Ok(self.0.clone())
    }

    async fn invalidate(&self, _generation: u64) {}
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

    /// The name for Kerberos, if it has the form `user@REALM`. Realms of Active Directory are in
    /// capital letters.
    #[cfg(feature = "kerberos")]
    pub(super) fn principal(&self) -> Option<String> {
        let (user, realm) = self.user.rsplit_once('@')?;
        let is_plain = |c: char| !matches!(c, '\\' | '/' | '@');
        (!user.is_empty() && !realm.is_empty() && self.user.matches('@').count() == 1)
            .then_some(())?;
        (user.chars().all(is_plain) && realm.chars().all(is_plain))
            .then(|| format!("{user}@{}", realm.to_uppercase()))
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

    #[test]
    fn policies_from_text() {
        assert_eq!("auto".parse::<AuthPolicy>().unwrap(), AuthPolicy::Automatic);
        assert_eq!(
            "NTLM".parse::<AuthPolicy>().unwrap(),
            AuthPolicy::Only(AuthScheme::Ntlm)
        );
        assert_eq!(
            "basic".parse::<AuthPolicy>().unwrap(),
            AuthPolicy::Only(AuthScheme::Basic)
        );
        let error = "digest".parse::<AuthPolicy>().unwrap_err();
        assert!(error.to_string().contains("digest"), "{error}");
    }

    #[tokio::test]
    async fn secrets_stay_out_of_debug() {
        let secret = "Tr0ub4dor&3";
        let token = Credentials::bearer_token(secret);
        let Credentials::Bearer(provider) = &token else {
            panic!()
        };
        let shown = format!(
            "{:?} {token:?} {:?} {:?}",
            Credentials::password("jdoe", secret),
            provider.token().await.unwrap(),
            Password::new("jdoe", secret.into()).unwrap(),
        );
        assert!(!shown.contains(secret), "{shown}");
    }
}
