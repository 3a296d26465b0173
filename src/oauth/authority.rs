//! Who issues tokens.

use std::fmt;

use url::Url;

use super::configuration;
use crate::error::Result;
use crate::http::{is_loopback, without_user};

/// Who issues tokens: Microsoft Entra, AD FS, or another server that speaks OAuth 2.0 (RFC 6749).
///
/// It is checked when a provider is made: its URLs must be `https`, or lead to the own machine.
#[derive(Clone, Eq, PartialEq)]
#[non_exhaustive]
pub struct Authority {
    token: String,
    device: Option<String>,
    pub(super) kind: Kind,
}

impl fmt::Debug for Authority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Authority")
            .field("token", &without_user(&self.token))
            .field("device", &self.device.as_deref().map(without_user))
            .field("kind", &self.kind)
            .finish()
    }
}

/// What its server wants in a way of its own.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Kind {
    Entra { tenant: String },
    AdFs,
    Other,
}

/// Where Microsoft's global cloud issues tokens.
const GLOBAL: &str = "https://login.microsoftonline.com";

impl Authority {
    /// Microsoft Entra of the global cloud; the tenant by its id or one of its domains
    /// (`contoso.onmicrosoft.com`). Users of any tenant sign in at `organizations`.
    ///
    /// Source: <https://learn.microsoft.com/entra/identity-platform/v2-protocols#endpoints>
    pub fn entra(tenant: impl Into<String>) -> Self {
        Self::entra_at(GLOBAL, tenant)
    }

    /// Microsoft Entra of another cloud, as `https://login.microsoftonline.us`.
    ///
    /// Source: <https://learn.microsoft.com/entra/identity-platform/authentication-national-cloud>
    pub fn entra_at(cloud: &str, tenant: impl Into<String>) -> Self {
        let tenant = tenant.into();
        let base = format!("{}/{tenant}/oauth2/v2.0", cloud.trim_end_matches('/'));
        Self {
            token: format!("{base}/token"),
            device: Some(format!("{base}/devicecode")),
            kind: Kind::Entra { tenant },
        }
    }

    /// Active Directory Federation Services (2016 and later) at this URL, as `https://adfs.contoso.com`.
    ///
    /// Source: <https://learn.microsoft.com/windows-server/identity/ad-fs/overview/ad-fs-openid-connect-oauth-concepts>
    pub fn adfs(server: &str) -> Self {
        let server = server.trim_end_matches('/');
        let base = server.strip_suffix("/adfs").unwrap_or(server);
        Self {
            token: format!("{base}/adfs/oauth2/token"),
            device: Some(format!("{base}/adfs/oauth2/devicecode")),
            kind: Kind::AdFs,
        }
    }

    /// Another server, by the URL that issues tokens.
    pub fn at(token_url: impl Into<String>) -> Self {
        Self {
            token: token_url.into(),
            device: None,
            kind: Kind::Other,
        }
    }

    /// Where such a server issues device codes.
    #[must_use]
    pub fn device_codes_at(mut self, url: impl Into<String>) -> Self {
        self.device = Some(url.into());
        self
    }

    pub(super) fn token_url(&self) -> Result<Url> {
        if let Kind::Entra { tenant } = &self.kind {
            let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-');
            if tenant.is_empty() || !tenant.chars().all(is_name) {
                return Err(configuration(format!("{tenant:?} is no tenant"))
                    .with_hint("Give the directory (tenant) ID of Microsoft Entra, or one of the tenant's domains."));
            }
        }
        checked(&self.token)
    }

    pub(super) fn device_url(&self) -> Result<Url> {
        match &self.device {
            Some(url) => checked(url),
            None => Err(
                configuration("it is not known where the authority issues device codes")
                    .with_hint("Say it by Authority::device_codes_at."),
            ),
        }
    }

    /// Whether the tenant is left to the user who signs in.
    pub(super) fn is_of_any_tenant(&self) -> bool {
        let Kind::Entra { tenant } = &self.kind else {
            return false;
        };
        ["common", "organizations", "consumers"]
            .iter()
            .any(|any| any.eq_ignore_ascii_case(tenant))
    }
}

fn checked(text: &str) -> Result<Url> {
    const HINT: &str = "Give it as https://login.microsoftonline.com or https://adfs.contoso.com.";
    let wrong = |why: &str| Err(configuration(format!("the authority {why}")).with_hint(HINT));
    let Ok(url) = Url::parse(text) else {
        return wrong("is not a URL");
    };
    let Some(host) = url.host() else {
        return wrong("names no server");
    };
    if !url.username().is_empty() || url.password().is_some() {
        return wrong("has user information in its URL");
    }
    match url.scheme() {
        "https" => Ok(url),
        "http" if is_loopback(&host) => Ok(url),
        _ => wrong(
            "is not reached by https; secrets are not sent where anybody on the way can read them",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_are_those_of_the_service() {
        let entra = Authority::entra("contoso.com");
        assert_eq!(
            entra.token_url().unwrap().as_str(),
            "https://login.microsoftonline.com/contoso.com/oauth2/v2.0/token"
        );
        assert_eq!(
            entra.device_url().unwrap().path(),
            "/contoso.com/oauth2/v2.0/devicecode"
        );
        for given in ["https://fs.contoso.com", "https://fs.contoso.com/adfs/"] {
            let url = Authority::adfs(given).token_url().unwrap();
            assert_eq!(url.as_str(), "https://fs.contoso.com/adfs/oauth2/token");
        }
    }

    #[test]
    fn what_is_not_private_or_no_tenant_is_refused() {
        for (authority, word) in [
            (Authority::adfs("http://fs.contoso.com"), "https"),
            (
                Authority::at("https://u:p@fs.contoso.com/token"),
                "user information",
            ),
            (Authority::at("token"), "not a URL"),
            (Authority::entra("a/b"), "no tenant"),
            (Authority::entra(""), "no tenant"),
        ] {
            let error = authority.token_url().unwrap_err().to_string();
            assert!(error.contains(word), "{error}");
        }
        assert!(
            Authority::at("http://127.0.0.1:1/token")
                .token_url()
                .is_ok()
        );
        assert!(Authority::at("https://a/token").device_url().is_err());
    }
}
