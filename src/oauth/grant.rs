//! Asking for a token, in one of the ways there are.

use std::sync::Arc;
use std::time::Duration;

use chrono::{TimeDelta, Utc};
use oauth2::basic::{
    BasicRevocationErrorResponse, BasicTokenIntrospectionResponse, BasicTokenResponse,
};
use oauth2::{
    AuthType, Client, ClientId, ClientSecret, DeviceAuthorizationUrl, EndpointNotSet, EndpointSet,
    HttpRequest, RefreshToken, Scope, StandardDeviceAuthorizationResponse, StandardRevocableToken,
    TokenResponse as _, TokenUrl,
};
use secrecy::{ExposeSecret as _, SecretString};
use url::Url;

use super::assertion::{LIFETIME, Signer};
use super::configuration;
use super::device::DevicePrompt;
use super::exchange;
use super::refusal::{Refused, error, of_device};
use super::registration::{Keep, Show};
use crate::error::Result;
use crate::http::Transport;

/// All that is needed to ask.
pub(super) struct Grants {
    pub(super) token_url: Url,
    pub(super) device_url: Option<Url>,
    pub(super) wants_offline_access: bool,
    pub(super) client: String,
    pub(super) scopes: Vec<String>,
    pub(super) resource: Option<String>,
    pub(super) proof: Proof,
    pub(super) keep: Option<Keep>,
    pub(super) transport: Arc<dyn Transport>,
    pub(super) grant: Grant,
}

/// Who is to have tokens.
pub(super) enum Grant {
    Application,
    /// The user of this refresh token, at first.
    Refresh(SecretString),
    Device(Show),
}

/// How the application shows who it is.
pub(super) enum Proof {
    Nothing,
    Secret(SecretString),
    Certificate(Arc<Signer>),
}

/// A token that came.
pub(super) struct Issued {
    pub(super) access: SecretString,
    pub(super) lifetime: Option<Duration>,
    pub(super) refresh: Option<SecretString>,
}

type OAuthClient = Client<
    Refused,
    BasicTokenResponse,
    BasicTokenIntrospectionResponse,
    StandardRevocableToken,
    BasicRevocationErrorResponse,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointSet,
>;

type Parameters = Vec<(&'static str, String)>;

impl Grants {
    /// The refresh token to begin with.
    pub(super) fn first_refresh_token(&self) -> Option<SecretString> {
        match &self.grant {
            Grant::Refresh(token) => Some(token.clone()),
            Grant::Application | Grant::Device(_) => None,
        }
    }

    /// Whether the user can be asked when there is no other way.
    pub(super) fn can_ask_user(&self) -> bool {
        matches!(self.grant, Grant::Device(_))
    }

    /// A new token, with this refresh token where there is one.
    pub(super) async fn ask(&self, refresh: Option<&SecretString>) -> Result<Issued> {
        let issued = match (&self.grant, refresh) {
            (Grant::Application, _) => self.as_application().await?,
            (_, Some(token)) => self.refreshed(token).await?,
            (Grant::Device(show), None) => self.as_device(show).await?,
            (Grant::Refresh(_), None) => return Err(configuration("there is no refresh token")),
        };
        if let (Some(keep), Some(token)) = (&self.keep, &issued.refresh) {
            keep(token);
        }
        Ok(issued)
    }

    async fn as_application(&self) -> Result<Issued> {
        let client = self.client();
        let mut request = client
            .exchange_client_credentials()
            .add_scopes(self.scopes(false));
        for (name, value) in self.parameters(LIFETIME)? {
            request = request.add_extra_param(name, value);
        }
        let answered = request.request_async(&self.sender()).await;
        answered
            .map(issued)
            .map_err(|problem| error(problem, self.secrets()))
    }

    async fn refreshed(&self, token: &SecretString) -> Result<Issued> {
        let client = self.client();
        let token = RefreshToken::new(token.expose_secret().to_owned());
        let mut request = client
            .exchange_refresh_token(&token)
            .add_scopes(self.scopes(true));
        for (name, value) in self.parameters(LIFETIME)? {
            request = request.add_extra_param(name, value);
        }
        let answered = request.request_async(&self.sender()).await;
        answered
            .map(issued)
            .map_err(|problem| error(problem, self.secrets()))
    }

    async fn as_device(&self, show: &Show) -> Result<Issued> {
        let Some(url) = &self.device_url else {
            return Err(configuration("the authority issues no device codes"));
        };
        let client = self
            .client()
            .set_device_authorization_url(DeviceAuthorizationUrl::from_url(url.clone()));
        let mut request = client.exchange_device_code().add_scopes(self.scopes(true));
        if let Some(resource) = &self.resource {
            request = request.add_extra_param("resource", resource.clone());
        }
        let sender = self.sender();
        let answered = request.request_async(&sender).await;
        let code: StandardDeviceAuthorizationResponse =
            answered.map_err(|problem| error(problem, self.secrets()))?;
        show(DevicePrompt {
            user_code: code.user_code().secret().clone(),
            verification_uri: code.verification_uri().to_string(),
            verification_uri_complete: code
                .verification_uri_complete()
                .map(|uri| uri.secret().clone()),
            expires_in: code.expires_in(),
        });
        let mut request = client.exchange_device_access_token(&code);
        // The same is sent again and again, until the code ends.
        let waiting = TimeDelta::from_std(code.expires_in()).unwrap_or(LIFETIME);
        for (name, value) in self.parameters(waiting.max(LIFETIME))? {
            request = request.add_extra_param(name, value);
        }
        let answered = request
            .request_async(&sender, tokio::time::sleep, None)
            .await;
        answered
            .map(issued)
            .map_err(|problem| of_device(problem, self.secrets()))
    }

    fn client(&self) -> OAuthClient {
        let client = Client::new(ClientId::new(self.client.clone()))
            .set_auth_type(AuthType::RequestBody)
            .set_token_uri(TokenUrl::from_url(self.token_url.clone()));
        match &self.proof {
            Proof::Secret(secret) => {
                client.set_client_secret(ClientSecret::new(secret.expose_secret().to_owned()))
            }
            Proof::Nothing | Proof::Certificate(_) => client,
        }
    }

    fn scopes(&self, is_of_user: bool) -> Vec<Scope> {
        const OFFLINE: &str = "offline_access";
        let mut scopes: Vec<_> = self.scopes.iter().cloned().map(Scope::new).collect();
        let is_there = self.scopes.iter().any(|scope| scope == OFFLINE);
        if is_of_user && self.wants_offline_access && !is_there {
            scopes.push(Scope::new(OFFLINE.to_owned()));
        }
        scopes
    }

    /// What a request for a token has besides.
    fn parameters(&self, lifetime: TimeDelta) -> Result<Parameters> {
        const KIND: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
        let mut parameters = Parameters::new();
        if let Some(resource) = &self.resource {
            parameters.push(("resource", resource.clone()));
        }
        if let Proof::Certificate(signer) = &self.proof {
            let assertion =
                signer.assertion(&self.client, &self.token_url, Utc::now(), lifetime)?;
            parameters.push(("client_assertion_type", KIND.to_owned()));
            parameters.push(("client_assertion", assertion));
        }
        Ok(parameters)
    }

    fn sender(
        &self,
    ) -> impl Fn(
        HttpRequest,
    ) -> futures_core::future::BoxFuture<'static, Result<oauth2::HttpResponse>>
    + Send
    + Sync
    + 'static {
        let transport = Arc::clone(&self.transport);
        move |request| Box::pin(exchange::send(Arc::clone(&transport), request))
    }

    /// What no error may quote, should an authority do so.
    fn secrets(&self) -> Vec<&str> {
        match &self.proof {
            Proof::Secret(secret) => vec![secret.expose_secret()],
            Proof::Nothing | Proof::Certificate(_) => Vec::new(),
        }
    }
}

fn issued(answer: BasicTokenResponse) -> Issued {
    let secret = |text: &str| SecretString::from(text.to_owned());
    Issued {
        access: secret(answer.access_token().secret()),
        lifetime: answer.expires_in(),
        refresh: answer.refresh_token().map(|token| secret(token.secret())),
    }
}
