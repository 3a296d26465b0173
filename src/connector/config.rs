//! Which server to connect to, as a value that a program reads from its settings.

use std::fmt;
use std::sync::Arc;

use chrono_tz::Tz;
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;

use super::Connector;
use crate::error::{Error, ErrorKind, Result};
use crate::http::{HttpOptions, without_user};

/// What errors name as the operation.
const OPERATION: &str = "configuration";

/// Which server to connect to, and as whom: on-premises or online, decided when the program runs.
///
/// It is read from settings (serde) and never written back, because it holds secrets; [`Debug`](fmt::Debug) shows none.
/// Names that are not known are refused, so that a misspelt one is not passed over.
///
/// ```
/// use exchange_connector::ConnectorConfig;
///
/// let config: ConnectorConfig = serde_json::from_str(
///     r#"{"server": "on_premises", "url": "mail.contoso.com", "user": "CONTOSO\\alice", "password": "hunter2"}"#,
/// )?;
/// assert!(!format!("{config:?}").contains("hunter2"));
/// # #[cfg(feature = "ews")]
/// let connector = config.connect()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// ```
/// # use exchange_connector::ConnectorConfig;
/// let config: ConnectorConfig = serde_json::from_str(
///     r#"{"server": "online", "tenant": "contoso.onmicrosoft.com", "client_id": "0f1d3a5c", "client_secret": "…"}"#,
/// )?;
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, Deserialize)]
#[serde(tag = "server", rename_all = "snake_case")]
#[non_exhaustive]
pub enum ConnectorConfig {
    /// Exchange Server. Needs the feature `ews`.
    OnPremises(OnPremisesConfig),
    /// Exchange Online. Needs the feature `graph`, and `oauth` for anything but a token as it is.
    Online(OnlineConfig),
}

/// Exchange Server, by Exchange Web Services. One of these logs on: `password`, `token`, or `oauth` ([`TokenConfig`]:
/// hybrid modern authentication, AD FS).
#[derive(Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct OnPremisesConfig {
    /// The server: its host name, its address of Outlook on the web, or the full `https://…/EWS/Exchange.asmx`.
    pub url: String,
    /// Its version, as `2016` or `15.1.2507`; found out with one more call if not set.
    pub version: Option<String>,
    /// `DOMAIN\user` or `user@domain`.
    pub user: Option<String>,
    /// The password of the user.
    pub password: Option<Secret>,
    /// An access token instead, which is not renewed.
    pub token: Option<Secret>,
    /// How to log on, as `ntlm` or `ntlm,basic`; the safest that is offered if not set.
    pub auth: Option<String>,
    /// Where access tokens come from instead.
    #[serde(rename = "oauth")]
    pub tokens: Option<TokenConfig>,
    /// The zone of whole days, as `Europe/Berlin`.
    pub time_zone: Option<Tz>,
}

/// Exchange Online, by Microsoft Graph. One of these is needed: `token`, `client_secret`, `certificate` with
/// `certificate_key`, or `refresh_token`.
#[derive(Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct OnlineConfig {
    /// The tenant, by its id or one of its domains.
    pub tenant: Option<String>,
    /// The application's (client) ID.
    pub client_id: Option<String>,
    /// The application's secret.
    pub client_secret: Option<Secret>,
    /// The application's certificate (PEM). No secret, but a file often has the key in it too.
    pub certificate: Option<Secret>,
    /// The key of the certificate (PEM, not encrypted).
    pub certificate_key: Option<Secret>,
    /// The refresh token of a user who signed in. Whoever must keep the new ones makes the provider by
    /// `oauth::Registration` instead.
    pub refresh_token: Option<Secret>,
    /// An access token as it is, which is not renewed.
    pub token: Option<Secret>,
    /// Scopes in place of that of all consented permissions.
    pub scopes: Vec<String>,
    /// Which cloud; the global one if not set.
    pub cloud: CloudConfig,
    /// Where Graph is, up to and with `/v1.0`, in place of the cloud's: for tests.
    pub base_url: Option<String>,
    /// Who issues tokens, in place of the cloud's: for tests.
    pub authority_url: Option<String>,
    /// The zone of whole days, as `Europe/Berlin`; each mailbox is asked if not set.
    pub time_zone: Option<Tz>,
}

/// Where access tokens for a server on-premises come from.
#[derive(Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct TokenConfig {
    /// The tenant of Microsoft Entra (hybrid modern authentication).
    pub tenant: Option<String>,
    /// AD FS instead, as `https://adfs.contoso.com`.
    pub adfs_url: Option<String>,
    /// Another address of Microsoft Entra.
    pub authority_url: Option<String>,
    /// The application's (client) ID.
    pub client_id: String,
    /// The application's secret.
    pub client_secret: Option<Secret>,
    /// The application's certificate (PEM). No secret, but a file often has the key in it too.
    pub certificate: Option<Secret>,
    /// The key of the certificate (PEM, not encrypted).
    pub certificate_key: Option<Secret>,
    /// The refresh token of a user who signed in.
    pub refresh_token: Option<Secret>,
    /// What the token is for, as `https://mail.contoso.com/.default`.
    pub scopes: Vec<String>,
    /// The same for AD FS that wants it apart.
    pub resource: Option<String>,
}

/// The clouds of Microsoft.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum CloudConfig {
    /// The global service.
    #[default]
    Global,
    /// US Government L4 (GCC High).
    UsGovernmentL4,
    /// US Government L5 (DoD).
    UsGovernmentL5,
    /// China, operated by 21Vianet.
    China,
}

/// A secret in settings: it is read, and never shown or written.
#[derive(Clone)]
pub struct Secret(SecretString);

impl Secret {
    /// Takes it over.
    pub fn new(secret: impl Into<SecretString>) -> Self {
        Self(secret.into())
    }

    fn is_empty(&self) -> bool {
        self.0.expose_secret().is_empty()
    }
}

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self::new)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

/// People write passwords into addresses, although they do no good there.
fn shown(url: &Option<String>) -> Option<String> {
    url.as_deref().map(without_user)
}

impl fmt::Debug for OnPremisesConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OnPremisesConfig")
            .field("url", &without_user(&self.url))
            .field("version", &self.version)
            .field("user", &self.user)
            .field("password", &self.password)
            .field("token", &self.token)
            .field("auth", &self.auth)
            .field("tokens", &self.tokens)
            .field("time_zone", &self.time_zone)
            .finish()
    }
}

impl fmt::Debug for OnlineConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OnlineConfig")
            .field("tenant", &self.tenant)
            .field("client_id", &self.client_id)
            .field("client_secret", &self.client_secret)
            .field("certificate", &self.certificate)
            .field("certificate_key", &self.certificate_key)
            .field("refresh_token", &self.refresh_token)
            .field("token", &self.token)
            .field("scopes", &self.scopes)
            .field("cloud", &self.cloud)
            .field("base_url", &shown(&self.base_url))
            .field("authority_url", &shown(&self.authority_url))
            .field("time_zone", &self.time_zone)
            .finish()
    }
}

impl fmt::Debug for TokenConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenConfig")
            .field("tenant", &self.tenant)
            .field("adfs_url", &shown(&self.adfs_url))
            .field("authority_url", &shown(&self.authority_url))
            .field("client_id", &self.client_id)
            .field("client_secret", &self.client_secret)
            .field("certificate", &self.certificate)
            .field("certificate_key", &self.certificate_key)
            .field("refresh_token", &self.refresh_token)
            .field("scopes", &self.scopes)
            .field("resource", &self.resource)
            .finish()
    }
}

impl ConnectorConfig {
    /// The connector, with the usual settings of connections. Nothing is sent.
    ///
    /// # Errors
    /// As [`connect_with`](Self::connect_with).
    pub fn connect(&self) -> Result<Arc<dyn Connector>> {
        self.connect_with(HttpOptions::default())
    }

    /// The connector, with these settings of connections, to the authority of tokens too. Nothing is sent.
    ///
    /// # Errors
    /// [`Configuration`](ErrorKind::Configuration) for what is missing, contradicts itself or cannot be used;
    /// [`Unsupported`](ErrorKind::Unsupported) for what this program was built without.
    pub fn connect_with(&self, http: HttpOptions) -> Result<Arc<dyn Connector>> {
        match self {
            Self::OnPremises(config) => config.connect(http),
            Self::Online(config) => config.connect(http),
        }
    }
}

fn wrong(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::Configuration, OPERATION, message)
}

#[cfg(not(all(feature = "ews", feature = "graph", feature = "oauth")))]
fn not_built_in(what: &str, feature: &str) -> Error {
    let message = format!("this program was built without {what}");
    Error::unsupported(OPERATION, message).with_hint(format!(
        "Build it with the feature {feature} of exchange-connector."
    ))
}

/// What was given of several things of which one is wanted.
fn only_one(given: &[(&str, bool)], wanted: &str) -> Result<()> {
    let names: Vec<&str> = given
        .iter()
        .filter(|(_, is_given)| *is_given)
        .map(|(name, _)| *name)
        .collect();
    match names.as_slice() {
        [_] => Ok(()),
        [] => Err(wrong(format!("nothing says how to log on: give {wanted}"))),
        several => Err(wrong(format!(
            "{} are given: give one of them",
            several.join(" and ")
        ))),
    }
}

/// A secret that is empty is as good as none.
fn given(secret: &Option<Secret>) -> Option<&SecretString> {
    secret
        .as_ref()
        .filter(|secret| !secret.is_empty())
        .map(|secret| &secret.0)
}

impl OnPremisesConfig {
    #[cfg(not(feature = "ews"))]
    fn connect(&self, _: HttpOptions) -> Result<Arc<dyn Connector>> {
        Err(not_built_in("Exchange Web Services", "ews"))
    }

    #[cfg(feature = "ews")]
    fn connect(&self, http: HttpOptions) -> Result<Arc<dyn Connector>> {
        if self.url.trim().is_empty() {
            return Err(wrong("the url of the server is missing"));
        }
        let mut builder = crate::ews::EwsConnector::builder(self.url.as_str())
            .credentials(self.credentials(&http)?);
        if let Some(version) = &self.version {
            builder = builder.version(version.parse()?);
        }
        if let Some(auth) = &self.auth {
            builder = builder.auth(auth.parse()?);
        }
        if let Some(zone) = self.time_zone {
            builder = builder.time_zone(zone);
        }
        Ok(Arc::new(builder.http(http).build()?))
    }

    #[cfg(feature = "ews")]
    fn credentials(&self, http: &HttpOptions) -> Result<crate::http::Credentials> {
        use crate::http::Credentials;

        let (password, token) = (given(&self.password), given(&self.token));
        only_one(
            &[
                ("password", password.is_some()),
                ("token", token.is_some()),
                ("oauth", self.tokens.is_some()),
            ],
            "user and password, token, or oauth",
        )?;
        if let Some(token) = token {
            return Ok(Credentials::bearer_token(token.clone()));
        }
        if let Some(tokens) = &self.tokens {
            return tokens.credentials(http);
        }
        match (&self.user, password) {
            (Some(user), Some(password)) => {
                Ok(Credentials::password(user.as_str(), password.clone()))
            }
            _ => Err(wrong("the password has no user")),
        }
    }
}

impl OnlineConfig {
    #[cfg(not(feature = "graph"))]
    fn connect(&self, _: HttpOptions) -> Result<Arc<dyn Connector>> {
        Err(not_built_in("Microsoft Graph", "graph"))
    }

    #[cfg(feature = "graph")]
    fn connect(&self, http: HttpOptions) -> Result<Arc<dyn Connector>> {
        use crate::graph::{GraphConnector, TokenKind};
        use crate::http::FixedToken;

        only_one(
            &[
                ("token", given(&self.token).is_some()),
                ("client_secret", given(&self.client_secret).is_some()),
                ("certificate", given(&self.certificate).is_some()),
                ("refresh_token", given(&self.refresh_token).is_some()),
            ],
            "token, client_secret, certificate, or refresh_token",
        )
        // a confidential application proves itself with a user's refresh token too
        .or_else(|error| match given(&self.refresh_token) {
            Some(_) if given(&self.token).is_none() => Ok(()),
            _ => Err(error),
        })?;
        let mut builder = match given(&self.token) {
            Some(token) => GraphConnector::builder(Arc::new(FixedToken::new(token.clone()))),
            None => GraphConnector::builder(self.tokens(&http)?),
        };
        if given(&self.token).is_none() {
            builder = builder.tokens_are(match given(&self.refresh_token) {
                Some(_) => TokenKind::Delegated,
                None => TokenKind::Application,
            });
        }
        if let Some(zone) = self.time_zone {
            builder = builder.time_zone(zone);
        }
        Ok(Arc::new(builder.cloud(self.cloud()).http(http).build()?))
    }

    #[cfg(feature = "graph")]
    fn cloud(&self) -> crate::graph::Cloud {
        use crate::graph::Cloud;

        match (&self.base_url, self.cloud) {
            (Some(url), _) => Cloud::At(url.clone()),
            (None, CloudConfig::Global) => Cloud::Global,
            (None, CloudConfig::UsGovernmentL4) => Cloud::UsGovernmentL4,
            (None, CloudConfig::UsGovernmentL5) => Cloud::UsGovernmentL5,
            (None, CloudConfig::China) => Cloud::China,
        }
    }

    #[cfg(all(feature = "graph", not(feature = "oauth")))]
    fn tokens(&self, _: &HttpOptions) -> Result<Arc<dyn crate::http::TokenProvider>> {
        Err(not_built_in("token providers", "oauth"))
    }

    #[cfg(all(feature = "graph", feature = "oauth"))]
    fn tokens(&self, http: &HttpOptions) -> Result<Arc<dyn crate::http::TokenProvider>> {
        let cloud = self.cloud();
        let scopes = match self.scopes.as_slice() {
            [] => vec![cloud.default_scope()],
            scopes => scopes.to_vec(),
        };
        let authority_url = match (&self.authority_url, cloud.authority()) {
            (Some(url), _) => Some(url.clone()),
            (None, Some(url)) => Some(url.to_owned()),
            (None, None) => {
                return Err(wrong(
                    "with a base_url of its own, the authority_url must be said too",
                ));
            }
        };
        let config = TokenConfig {
            tenant: self.tenant.clone(),
            authority_url,
            client_id: self.client_id.clone().unwrap_or_default(),
            client_secret: self.client_secret.clone(),
            certificate: self.certificate.clone(),
            certificate_key: self.certificate_key.clone(),
            refresh_token: self.refresh_token.clone(),
            scopes,
            ..TokenConfig::default()
        };
        Ok(Arc::new(config.tokens(http)?))
    }
}

#[cfg(any(feature = "ews", all(feature = "graph", feature = "oauth")))]
impl TokenConfig {
    #[cfg(all(feature = "ews", not(feature = "oauth")))]
    fn credentials(&self, _: &HttpOptions) -> Result<crate::http::Credentials> {
        Err(not_built_in("token providers", "oauth"))
    }

    #[cfg(all(feature = "ews", feature = "oauth"))]
    fn credentials(&self, http: &HttpOptions) -> Result<crate::http::Credentials> {
        let tokens = Arc::new(self.tokens(http)?);
        Ok(crate::http::Credentials::bearer(tokens))
    }

    #[cfg(feature = "oauth")]
    fn tokens(&self, http: &HttpOptions) -> Result<crate::oauth::OAuthTokens> {
        use crate::http::ClientCertificate;
        use crate::oauth::{Authority, Registration};

        let authority = match (&self.adfs_url, &self.tenant, &self.authority_url) {
            (Some(url), None, None) => Authority::adfs(url),
            (Some(_), ..) => {
                return Err(wrong(
                    "adfs_url and tenant or authority_url are given: give one of them",
                ));
            }
            (None, Some(tenant), None) => Authority::entra(tenant.as_str()),
            (None, Some(tenant), Some(url)) => Authority::entra_at(url, tenant.as_str()),
            (None, None, _) => return Err(wrong("the tenant is missing")),
        };
        let mut registration =
            Registration::new(authority, self.client_id.as_str()).http(http.clone());
        for scope in &self.scopes {
            registration = registration.scope(scope.as_str());
        }
        if let Some(resource) = &self.resource {
            registration = registration.resource(resource.as_str());
        }
        match (given(&self.client_secret), given(&self.certificate)) {
            (Some(_), Some(_)) => {
                return Err(wrong(
                    "client_secret and certificate are given: give one of them",
                ));
            }
            (Some(secret), None) => registration = registration.secret(secret.clone()),
            (None, Some(certificate)) => {
                let key = given(&self.certificate_key);
                let key = key.ok_or_else(|| wrong("the certificate_key is missing"))?;
                let pair = ClientCertificate::from_pem(certificate.expose_secret(), key.clone())?;
                registration = registration.certificate(pair);
            }
            (None, None) => {}
        }
        match given(&self.refresh_token) {
            Some(token) => registration.refresh_token(token.clone()),
            None => registration.client_credentials(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Result<ConnectorConfig, serde_json::Error> {
        serde_json::from_str(json)
    }

    fn refused(json: &str) -> Error {
        match read(json).unwrap().connect() {
            Ok(connector) => panic!("{connector:?}"),
            Err(error) => error,
        }
    }

    #[test]
    fn secrets_are_read_and_not_shown() {
        let json = r#"{"server": "online", "tenant": "t", "client_id": "c", "client_secret": "hunter2",
            "token": "hunter2", "refresh_token": "hunter2", "certificate_key": "hunter2"}"#;
        let shown = format!("{:?}", read(json).unwrap());
        assert!(
            shown.contains("redacted") && !shown.contains("hunter2"),
            "{shown}"
        );
    }

    #[test]
    fn a_misspelt_name_is_not_passed_over() {
        let json = r#"{"server": "on_premises", "url": "mail", "passwort": "x"}"#;
        let error = read(json).unwrap_err().to_string();
        assert!(error.contains("passwort"), "{error}");
        assert!(read(r#"{"server": "elsewhere"}"#).is_err());
    }

    #[cfg(feature = "ews")]
    #[test]
    fn on_premises() {
        let whole = r#"{"server": "on_premises", "url": "mail.contoso.com", "version": "2016", "auth": "ntlm,basic",
            "user": "CONTOSO\\alice", "password": "x", "time_zone": "Europe/Berlin"}"#;
        let connector = read(whole).unwrap().connect().unwrap();
        assert_eq!(connector.backend(), crate::Backend::Ews);
        for (json, word) in [
            (r#"{"server": "on_premises"}"#, "url"),
            (
                r#"{"server": "on_premises", "url": "mail"}"#,
                "how to log on",
            ),
            (
                r#"{"server": "on_premises", "url": "mail", "password": "x"}"#,
                "no user",
            ),
            (
                r#"{"server": "on_premises", "url": "mail", "user": "a", "password": "x", "token": "y"}"#,
                "password and token are given",
            ),
        ] {
            let error = refused(json);
            assert_eq!(error.kind(), ErrorKind::Configuration);
            assert!(error.to_string().contains(word), "{error}");
        }
    }

    #[cfg(all(feature = "graph", feature = "oauth"))]
    #[test]
    fn online() {
        for json in [
            r#"{"server": "online", "token": "x"}"#,
            r#"{"server": "online", "tenant": "t", "client_id": "c", "client_secret": "x", "cloud": "china"}"#,
            r#"{"server": "online", "tenant": "organizations", "client_id": "c", "refresh_token": "x"}"#,
        ] {
            let connector = read(json).unwrap().connect().unwrap();
            assert_eq!(connector.backend(), crate::Backend::Graph);
        }
        for (json, word) in [
            (r#"{"server": "online", "tenant": "t"}"#, "how to log on"),
            (
                r#"{"server": "online", "client_id": "c", "client_secret": "x"}"#,
                "tenant is missing",
            ),
            (
                r#"{"server": "online", "tenant": "t", "client_secret": "x"}"#,
                "client ID is empty",
            ),
            (
                r#"{"server": "online", "tenant": "t", "client_id": "c", "certificate": "x"}"#,
                "certificate_key is missing",
            ),
            (
                r#"{"server": "online", "tenant": "t", "client_id": "c", "client_secret": "x", "base_url": "https://graph/v1.0"}"#,
                "authority_url",
            ),
        ] {
            let error = refused(json);
            assert_eq!(error.kind(), ErrorKind::Configuration);
            assert!(error.to_string().contains(word), "{error}");
        }
    }
}
