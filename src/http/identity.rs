//! Credentials and policy, checked against each other.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::basic;
use super::credentials::{Credentials, Password};
use super::policy::{AuthPolicy, AuthScheme};
use super::proof::Proof;
use super::token::TokenProvider;
use crate::error::{Error, ErrorKind};

/// As whom a transport comes, and how it may say so.
pub(super) enum Identity {
    Password(Proof, AuthPolicy),
    /// Kerberos tickets of this principal, or of the default one.
    #[cfg(feature = "kerberos")]
    Ticket(Option<String>),
    Bearer(Arc<dyn TokenProvider>),
    /// The TLS client certificate says it.
    Certificate,
    /// Nobody: the URL itself allows it.
    #[cfg(any(feature = "graph", feature = "oauth"))]
    Nobody,
}

impl Identity {
    pub(super) fn new(
        credentials: Credentials,
        policy: AuthPolicy,
        trust: Duration,
    ) -> Result<Self, Error> {
        match credentials {
            Credentials::Password { user, password } => {
                let password = Password::new(&user, password)?;
                if policy == AuthPolicy::Only(AuthScheme::Basic) {
                    basic::header("Credentials", &password)?;
                }
                #[cfg(feature = "kerberos")]
                if policy == AuthPolicy::Only(AuthScheme::Negotiate)
                    && password.principal().is_none()
                {
                    return refuse("Kerberos wants the user name in the form user@REALM");
                }
                Self::with_password(Proof::of(password, trust), policy)
            }
            Credentials::Source(source) => {
                Self::with_password(Proof::from_source(source, trust), policy)
            }
            #[cfg(not(feature = "kerberos"))]
            Credentials::Ticket { .. } => refuse(NO_KERBEROS),
            #[cfg(feature = "kerberos")]
            Credentials::Ticket { .. } if !policy.allows(AuthScheme::Negotiate) => refuse(
                "a Kerberos ticket can be used with Negotiate only: use the policy auto or negotiate",
            ),
            #[cfg(feature = "kerberos")]
            Credentials::Ticket { principal } => Ok(Self::Ticket(principal)),
            Credentials::Bearer(_) if !policy.allows(AuthScheme::Bearer) => {
                refuse("Basic, NTLM and Negotiate want a user name and a password, not a token")
            }
            Credentials::Bearer(provider) => Ok(Self::Bearer(provider)),
            Credentials::ClientCertificate(_) if policy != AuthPolicy::Automatic => refuse(
                "a client certificate alone is no HTTP scheme: leave the policy at auto, or add a password or a token",
            ),
            Credentials::ClientCertificate(_) => Ok(Self::Certificate),
        }
    }

    fn with_password(proof: Proof, policy: AuthPolicy) -> Result<Self, Error> {
        if WITH_PASSWORD.iter().any(|scheme| policy.allows(*scheme)) {
            return Ok(Self::Password(proof, policy));
        }
        #[cfg(not(feature = "kerberos"))]
        if policy.allows(AuthScheme::Negotiate) {
            return refuse(NO_KERBEROS);
        }
        if policy.allows(AuthScheme::Ntlm) {
            return refuse(
                "this program was built without NTLM: build it with the feature ntlm, or use Basic",
            );
        }
        refuse(
            "a password cannot be sent as a bearer token: give a token provider, or use NTLM or Basic",
        )
    }
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Password(_, policy) => write!(f, "password, {policy:?}"),
            #[cfg(feature = "kerberos")]
            Self::Ticket(principal) => write!(f, "ticket, {principal:?}"),
            Self::Bearer(_) => f.write_str("bearer"),
            Self::Certificate => f.write_str("client certificate"),
            #[cfg(any(feature = "graph", feature = "oauth"))]
            Self::Nobody => f.write_str("nobody"),
        }
    }
}

fn refuse<T>(message: &'static str) -> Result<T, Error> {
    Err(Error::new(ErrorKind::Configuration, "Credentials", message))
}

/// The schemes of this build that a password is good for.
const WITH_PASSWORD: &[AuthScheme] = &[
    AuthScheme::Basic,
    #[cfg(feature = "ntlm")]
    AuthScheme::Ntlm,
    #[cfg(feature = "kerberos")]
    AuthScheme::Negotiate,
];

#[cfg(not(feature = "kerberos"))]
const NO_KERBEROS: &str =
    "this program was built without Kerberos: build it with the feature kerberos, or use NTLM";
