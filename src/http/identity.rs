//! Credentials and policy, checked against each other.

use std::fmt;
use std::sync::Arc;

use super::basic;
use super::credentials::{Credentials, Password};
use super::policy::{AuthPolicy, AuthScheme};
use super::proof::Proof;
use super::token::TokenProvider;
use crate::error::{Error, ErrorKind};

/// As whom a transport comes, and how it may say so.
pub(super) enum Identity {
    Password(Proof, AuthPolicy),
    Bearer(Arc<dyn TokenProvider>),
    /// The TLS client certificate says it.
    Certificate,
}

impl Identity {
    pub(super) fn new(credentials: Credentials, policy: AuthPolicy) -> Result<Self, Error> {
        match credentials {
            Credentials::Password { user, password } => {
                let password = Password::new(&user, password)?;
                if policy == AuthPolicy::Only(AuthScheme::Basic) {
                    basic::header("Credentials", &password)?;
                }
                Self::with_password(Proof::of(password), policy)
            }
            Credentials::Source(source) => Self::with_password(Proof::from_source(source), policy),
            Credentials::Bearer(_) if !policy.allows(AuthScheme::Bearer) => {
                refuse("Basic and NTLM want a user name and a password, not a token")
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
            Self::Bearer(_) => f.write_str("bearer"),
            Self::Certificate => f.write_str("client certificate"),
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
];
