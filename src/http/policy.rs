//! Which authentication schemes may be used.

use std::fmt;
use std::str::FromStr;

use crate::error::{Error, ErrorKind};

/// How the credentials are used.
///
/// ```
/// use exchange_connector::http::{AuthPolicy, AuthScheme};
///
/// let policy: AuthPolicy = "ntlm, basic".parse()?;
/// assert_eq!(policy, AuthPolicy::any_of([AuthScheme::Ntlm, AuthScheme::Basic]));
/// assert!(!policy.allows(AuthScheme::Bearer));
/// # Ok::<(), exchange_connector::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum AuthPolicy {
    /// Ask the server first, without credentials, what it offers, then take the safest scheme that fits: Kerberos, else
    /// NTLM, else NTLM inside Negotiate, else Basic (over TLS or to loopback only).
    ///
    /// Kerberos needs the feature `kerberos`, and for a password a user name in the form `user@REALM`. If no ticket can
    /// be had (no KDC, an unknown name of the user or of the server), the next scheme is used from then on. A ticket or
    /// a password that is refused is not followed by another scheme.
    #[default]
    Automatic,
    /// This scheme and no other, without asking first.
    Only(AuthScheme),
    /// As [`Automatic`](Self::Automatic), but these schemes only. What the server refused with one scheme is never
    /// tried with a weaker one.
    Any(AuthSchemes),
}

impl AuthPolicy {
    /// The safest of these schemes that the server offers.
    pub fn any_of(schemes: impl IntoIterator<Item = AuthScheme>) -> Self {
        Self::Any(schemes.into_iter().collect())
    }

    /// Whether this scheme may be used.
    pub fn allows(self, scheme: AuthScheme) -> bool {
        match self {
            Self::Automatic => true,
            Self::Only(only) => only == scheme,
            Self::Any(schemes) => schemes.contains(scheme),
        }
    }
}

/// `auto` (or `automatic`), one scheme as `ntlm`, or several as `ntlm,basic`, in any case of letters.
impl FromStr for AuthPolicy {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let text = text.trim();
        if ["auto", "automatic"]
            .iter()
            .any(|auto| text.eq_ignore_ascii_case(auto))
        {
            return Ok(Self::Automatic);
        }
        if !text.contains(',') {
            return text.parse().map(Self::Only);
        }
        let schemes: Result<AuthSchemes, Error> = text.split(',').map(str::parse).collect();
        schemes.map(Self::Any)
    }
}

/// An HTTP authentication scheme.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum AuthScheme {
    /// User name and password in every request (RFC 7617). Only over TLS, or to loopback.
    Basic,
    /// Challenge and response, NTLMv2 (MS-NLMP over HTTP as in RFC 4559). Needs the feature `ntlm`.
    Ntlm,
    /// Kerberos tickets inside Negotiate (RFC 4559), never NTLM inside it. Needs the feature `kerberos`; not for
    /// Windows.
    Negotiate,
    /// An access token in every request (RFC 6750).
    Bearer,
}

impl AuthScheme {
    const ALL: [Self; 4] = [Self::Basic, Self::Ntlm, Self::Negotiate, Self::Bearer];

    fn bit(self) -> u8 {
        1 << self as u8
    }
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

/// The name of the scheme, in any case of letters. `kerberos` is Negotiate.
impl FromStr for AuthScheme {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let text = text.trim();
        if text.eq_ignore_ascii_case("kerberos") {
            return Ok(Self::Negotiate);
        }
        let known = Self::ALL
            .into_iter()
            .find(|scheme| scheme.to_string().eq_ignore_ascii_case(text));
        known.ok_or_else(|| {
            let names = Self::ALL
                .map(|scheme| scheme.to_string().to_lowercase())
                .join(", ");
            let message = format!(
                "\"{text}\" is no way to log on: use auto, {names}, or several with commas between"
            );
            Error::new(ErrorKind::Configuration, "AuthPolicy", message)
        })
    }
}

/// A set of schemes.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub struct AuthSchemes(u8);

impl AuthSchemes {
    /// Whether this scheme is one of them.
    pub fn contains(self, scheme: AuthScheme) -> bool {
        self.0 & scheme.bit() != 0
    }

    /// Whether there is none.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The schemes.
    pub fn iter(self) -> impl Iterator<Item = AuthScheme> {
        AuthScheme::ALL
            .into_iter()
            .filter(move |scheme| self.contains(*scheme))
    }
}

impl FromIterator<AuthScheme> for AuthSchemes {
    fn from_iter<I: IntoIterator<Item = AuthScheme>>(schemes: I) -> Self {
        Self(
            schemes
                .into_iter()
                .fold(0, |set, scheme| set | scheme.bit()),
        )
    }
}

impl fmt::Debug for AuthSchemes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn policies_from_text() {
        for (text, policy) in [
            ("auto", AuthPolicy::Automatic),
            (" Automatic ", AuthPolicy::Automatic),
            ("NTLM", AuthPolicy::Only(AuthScheme::Ntlm)),
            ("basic", AuthPolicy::Only(AuthScheme::Basic)),
            ("negotiate", AuthPolicy::Only(AuthScheme::Negotiate)),
            (
                "Kerberos,NTLM",
                AuthPolicy::any_of([AuthScheme::Negotiate, AuthScheme::Ntlm]),
            ),
            (
                "Basic , ntlm",
                AuthPolicy::any_of([AuthScheme::Ntlm, AuthScheme::Basic]),
            ),
            ("basic,basic", AuthPolicy::any_of([AuthScheme::Basic])),
        ] {
            assert_eq!(text.parse::<AuthPolicy>().unwrap(), policy, "{text}");
        }
        for wrong in ["digest", "", "ntlm,", "auto,basic", "ntlm basic"] {
            let error = wrong.parse::<AuthPolicy>().unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Configuration, "{wrong}");
            assert!(
                error
                    .message()
                    .contains("use auto, basic, ntlm, negotiate, bearer"),
                "{error}"
            );
        }
    }

    #[test]
    fn what_a_policy_allows() {
        let both = AuthPolicy::any_of([AuthScheme::Ntlm, AuthScheme::Basic]);
        let allowed = |policy: AuthPolicy| AuthScheme::ALL.map(|scheme| policy.allows(scheme));
        assert_eq!(allowed(AuthPolicy::Automatic), [true; 4]);
        assert_eq!(
            allowed(AuthPolicy::Only(AuthScheme::Bearer)),
            [false, false, false, true]
        );
        assert_eq!(allowed(both), [true, true, false, false]);
        assert_eq!(format!("{both:?}"), "Any({Basic, Ntlm})");
        assert!(AuthSchemes::default().is_empty());
    }
}
