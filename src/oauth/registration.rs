//! Who asks for tokens.

use std::fmt;
use std::sync::Arc;

use secrecy::{ExposeSecret as _, SecretString};

use super::assertion::{Signer, Way};
use super::authority::{Authority, Kind};
use super::configuration;
use super::device::DevicePrompt;
use super::grant::{Grant, Grants, Proof};
use super::tokens::OAuthTokens;
use crate::error::Result;
use crate::http::{self, ClientCertificate, HttpOptions};

/// An application as it is registered with an [`Authority`], and what it asks for.
///
/// `Debug` shows no secret.
#[derive(Clone)]
#[must_use]
pub struct Registration {
    authority: Authority,
    client: String,
    scopes: Vec<String>,
    resource: Option<String>,
    proof: ProofGiven,
    keep: Option<Keep>,
    http: HttpOptions,
}

/// Who is told of a new refresh token.
pub(super) type Keep = Arc<dyn Fn(&SecretString) + Send + Sync>;

/// Who shows the user a code.
pub(super) type Show = Arc<dyn Fn(DevicePrompt) + Send + Sync>;

#[derive(Clone)]
enum ProofGiven {
    Nothing,
    Secret(SecretString),
    Certificate(ClientCertificate),
}

impl Registration {
    /// The application with this client ID (Microsoft Entra: "Application (client) ID").
    pub fn new(authority: Authority, client_id: impl Into<String>) -> Self {
        Self {
            authority,
            client: client_id.into(),
            scopes: Vec::new(),
            resource: None,
            proof: ProofGiven::Nothing,
            keep: None,
            http: HttpOptions::default(),
        }
    }

    /// One more scope to ask for.
    ///
    /// | for | the application itself | a user |
    /// |---|---|---|
    /// | Graph | `https://graph.microsoft.com/.default` | `https://graph.microsoft.com/Calendars.ReadWrite` … |
    /// | EWS of Exchange Online | `https://outlook.office365.com/.default` | `https://outlook.office365.com/EWS.AccessAsUser.All` |
    /// | EWS with hybrid modern authentication | `https://mail.contoso.com/.default` | the same |
    ///
    /// With Microsoft Entra, `offline_access` is added for users, without which they had to sign in each hour.
    pub fn scope(mut self, scope: impl Into<String>) -> Self {
        self.scopes.push(scope.into());
        self
    }

    /// What the token is for, by its identifier, where the authority does not take it from the scope: AD FS 2016 and
    /// 2019, as `https://mail.contoso.com/`.
    pub fn resource(mut self, resource: impl Into<String>) -> Self {
        self.resource = Some(resource.into());
        self
    }

    /// Proves who the application is by a secret (in Microsoft Entra its "Value", not its "Secret ID").
    pub fn secret(mut self, secret: impl Into<SecretString>) -> Self {
        self.proof = ProofGiven::Secret(secret.into());
        self
    }

    /// Proves who the application is by a certificate with an RSA key, which signs each request. It is registered with
    /// the application beforehand.
    pub fn certificate(mut self, certificate: ClientCertificate) -> Self {
        self.proof = ProofGiven::Certificate(certificate);
        self
    }

    /// Who is told of each new refresh token, to keep it for the next start. Authorities give a new one with nearly
    /// each token, and some take each of them only once.
    pub fn keep_refresh_tokens(
        mut self,
        keep: impl Fn(&SecretString) + Send + Sync + 'static,
    ) -> Self {
        self.keep = Some(Arc::new(keep));
        self
    }

    /// Time limits, certificates, proxy and the like of the connections to the authority.
    pub fn http(mut self, options: HttpOptions) -> Self {
        self.http = options;
        self
    }

    /// Tokens for the application itself (RFC 6749, 4.4): for services that work in many mailboxes with nobody signed
    /// in.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration), if something is missing or cannot be used.
    /// Nothing is sent.
    pub fn client_credentials(self) -> Result<OAuthTokens> {
        if matches!(self.proof, ProofGiven::Nothing) {
            return Err(
                configuration("an application must prove who it is").with_hint(
                    "Give its secret (Registration::secret) or its certificate (Registration::certificate).",
                ),
            );
        }
        if self.authority.is_of_any_tenant() {
            return Err(
                configuration("an application signs in to one tenant").with_hint(
                    "Give the tenant's ID or domain in place of common, organizations or consumers.",
                ),
            );
        }
        self.tokens(Grant::Application)
    }

    /// Tokens for the user whom this refresh token is for (RFC 6749, 6), who signed in elsewhere: in a browser, or
    /// before this program was started anew.
    ///
    /// # Errors
    /// As [`client_credentials`](Self::client_credentials).
    pub fn refresh_token(self, token: impl Into<SecretString>) -> Result<OAuthTokens> {
        let token = token.into();
        if token.expose_secret().trim().is_empty() {
            return Err(configuration("the refresh token is empty"));
        }
        self.tokens(Grant::Refresh(token))
    }

    /// Tokens for a user who signs in at any machine, with a code that `show` is given (RFC 8628). Whenever a call
    /// needs a token and there is none, the user is asked and the call waits; see [`OAuthTokens::sign_in`].
    ///
    /// # Errors
    /// As [`client_credentials`](Self::client_credentials).
    pub fn device_code(
        self,
        show: impl Fn(DevicePrompt) + Send + Sync + 'static,
    ) -> Result<OAuthTokens> {
        self.authority.device_url()?;
        self.tokens(Grant::Device(Arc::new(show)))
    }

    fn tokens(self, grant: Grant) -> Result<OAuthTokens> {
        if self.client.trim().is_empty() {
            return Err(configuration("the client ID is empty"));
        }
        let scopes: Vec<String> = self
            .scopes
            .iter()
            .flat_map(|scope| scope.split_whitespace())
            .map(str::to_owned)
            .collect();
        if scopes.is_empty() && self.resource.is_none() {
            return Err(configuration("it is not said what the token is to be for")
                .with_hint("Name a scope, as https://graph.microsoft.com/.default."));
        }
        let way = match self.authority.kind {
            Kind::AdFs => Way::Rs256,
            _ => Way::Ps256,
        };
        let proof = match self.proof {
            ProofGiven::Nothing => Proof::Nothing,
            ProofGiven::Secret(secret) if secret.expose_secret().is_empty() => {
                return Err(configuration("the application's secret is empty"));
            }
            ProofGiven::Secret(secret) => Proof::Secret(secret),
            ProofGiven::Certificate(certificate) => {
                Proof::Certificate(Arc::new(Signer::new(&certificate, way)?))
            }
        };
        let device_url = match &grant {
            Grant::Device(_) => Some(self.authority.device_url()?),
            _ => None,
        };
        Ok(OAuthTokens::new(Grants {
            token_url: self.authority.token_url()?,
            device_url,
            wants_offline_access: matches!(self.authority.kind, Kind::Entra { .. }),
            client: self.client,
            scopes,
            resource: self.resource,
            proof,
            keep: self.keep,
            transport: http::connect_openly(&self.http)?,
            grant,
        }))
    }
}

impl fmt::Debug for Registration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let proof = match self.proof {
            ProofGiven::Nothing => "none",
            ProofGiven::Secret(_) => "secret",
            ProofGiven::Certificate(_) => "certificate",
        };
        f.debug_struct("Registration")
            .field("authority", &self.authority)
            .field("client", &self.client)
            .field("scopes", &self.scopes)
            .field("resource", &self.resource)
            .field("proof", &proof)
            .field("http", &self.http)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn registration() -> Registration {
        Registration::new(Authority::entra("contoso.com"), "client").scope("scope")
    }

    #[test]
    fn what_is_missing_is_said_before_any_request() {
        let nothing = || Registration::new(Authority::entra("contoso.com"), "client").secret("s");
        let common = Registration::new(Authority::entra("common"), "client").scope("scope");
        for (made, word) in [
            (registration().client_credentials(), "prove"),
            (
                registration().secret("").client_credentials(),
                "secret is empty",
            ),
            (
                nothing().client_credentials(),
                "what the token is to be for",
            ),
            (common.secret("s").client_credentials(), "one tenant"),
            (registration().refresh_token(" "), "refresh token is empty"),
        ] {
            let error = made.unwrap_err();
            assert_eq!(error.kind(), crate::ErrorKind::Configuration);
            assert!(error.to_string().contains(word), "{error}");
        }
    }

    #[test]
    fn no_secret_is_shown() {
        let registration = registration().secret("hunter2");
        let tokens = registration.clone().client_credentials().unwrap();
        let shown = format!("{registration:?} {tokens:?}");
        assert!(!shown.contains("hunter2"), "{shown}");
        assert!(shown.contains("proof: \"secret\""), "{shown}");
    }
}
