//! Who issues tokens: the endpoints of Microsoft Entra that programs without a browser use, and those of AD FS.
//!
//! Source: <https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow>,
//! <https://learn.microsoft.com/entra/identity-platform/v2-oauth2-device-code>,
//! <https://learn.microsoft.com/windows-server/identity/ad-fs/overview/ad-fs-openid-connect-oauth-flows-scenarios>

mod application;
mod assertion;
mod refusal;

use std::collections::BTreeMap;

use bytes::Bytes;
use chrono::{DateTime, TimeDelta, Utc};
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use serde_json::{Value, json};
use uuid::Uuid;

pub use application::SimulatedApplication;

use super::super::server::{Answer, Visit, lock, respond};
use super::super::wire::Dropped;
use super::super::{Simulator, SimulatorError, position};
use super::token::{SimulatedToken, Tokens};
use refusal::Refused;

/// The tenant, by its id and by its domain.
const TENANT: [&str; 2] = ["6f1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d", "example.test"];

/// Names under which users of any tenant sign in.
const ANY_TENANT: [&str; 2] = ["common", "organizations"];

/// What stands for AD FS in the place of a tenant.
const ADFS: &str = "adfs";

/// What tokens may be for, beside this simulator.
const RESOURCES: [&str; 3] = [
    "https://graph.microsoft.com",
    "https://outlook.office365.com",
    "https://outlook.office.com",
];

/// Scopes that allow nothing in a mailbox.
const OPEN_ID: [&str; 4] = ["openid", "profile", "email", "offline_access"];

/// What the authority remembers.
#[derive(Debug, Default)]
pub(in crate::simulator) struct Registered {
    applications: Vec<SimulatedApplication>,
    devices: Vec<Device>,
    /// Refresh tokens.
    sessions: Vec<Session>,
}

/// A sign-in on another machine.
#[derive(Debug)]
struct Device {
    code: String,
    user_code: String,
    client: String,
    scopes: Vec<String>,
    user: Option<usize>,
    is_refused: bool,
    until: DateTime<Utc>,
}

/// A user who signed in.
#[derive(Clone, Debug)]
struct Session {
    refresh: String,
    client: String,
    user: usize,
    scopes: Vec<String>,
    is_revoked: bool,
}

impl Simulator {
    /// Where tokens are issued, in the place of `https://login.microsoftonline.com`. The tenant is `example.test`. It
    /// is AD FS too.
    #[must_use]
    pub fn authority_url(&self) -> String {
        self.url
            .split("/EWS/")
            .next()
            .unwrap_or_default()
            .to_owned()
    }

    /// Registers an application, or registers it anew.
    pub fn register_application(&self, application: SimulatedApplication) {
        let mut tokens = lock(&self.shared.tokens);
        let applications = &mut tokens.registered.applications;
        applications.retain(|known| known.client != application.client);
        applications.push(application);
    }

    /// The user of a mailbox signs in with a code that was shown, on another machine.
    ///
    /// # Errors
    /// [`SimulatorError::NotFound`] where there is no such mailbox or no such code.
    pub fn enter_device_code(&self, user_code: &str, mailbox: &str) -> Result<(), SimulatorError> {
        let user = position(&lock(&self.shared.store), mailbox)?;
        self.with_device(user_code, |device| device.user = Some(user))
    }

    /// The user refuses to sign in with a code that was shown.
    ///
    /// # Errors
    /// [`SimulatorError::NotFound`] where there is no such code.
    pub fn refuse_device_code(&self, user_code: &str) -> Result<(), SimulatorError> {
        self.with_device(user_code, |device| device.is_refused = true)
    }

    fn with_device(
        &self,
        user_code: &str,
        change: impl FnOnce(&mut Device),
    ) -> Result<(), SimulatorError> {
        let mut tokens = lock(&self.shared.tokens);
        let mut devices = tokens.registered.devices.iter_mut();
        let device = devices.find(|device| device.user_code == user_code);
        change(device.ok_or_else(|| SimulatorError::NotFound(user_code.to_owned()))?);
        Ok(())
    }

    /// A refresh token of a user who signed in elsewhere, for this application and these permissions.
    ///
    /// # Errors
    /// [`SimulatorError::NotFound`] where there is no such mailbox.
    pub fn refresh_token(
        &self,
        client: &str,
        mailbox: &str,
        permissions: &[&str],
    ) -> Result<SimulatedToken, SimulatorError> {
        let user = position(&lock(&self.shared.store), mailbox)?;
        let mut tokens = lock(&self.shared.tokens);
        let scopes = permissions.iter().map(|name| (*name).to_owned()).collect();
        let secret = tokens.registered.begin(client, user, scopes);
        Ok(SimulatedToken { secret })
    }

    /// All users must sign in again, as after their passwords were changed.
    pub fn revoke_sessions(&self) {
        for session in &mut lock(&self.shared.tokens).registered.sessions {
            session.is_revoked = true;
        }
    }
}

/// The tenant and the endpoint of a path of the authority.
pub(in crate::simulator) fn endpoint(path: &str) -> Option<(&str, &str)> {
    let path = path.strip_prefix('/')?;
    match path.strip_prefix("adfs/oauth2/") {
        Some(endpoint) => Some((ADFS, endpoint)),
        None => path.split_once("/oauth2/v2.0/"),
    }
}

impl Visit {
    /// Answers a request to the authority.
    pub(in crate::simulator) async fn authority(
        self,
        request: http::Request<Incoming>,
    ) -> Result<Answer, Dropped> {
        let (head, body) = request.into_parts();
        let body = body.collect().await.map_err(|_| Dropped)?.to_bytes();
        let (tenant, endpoint) = endpoint(head.uri.path()).unwrap_or_default();
        *lock(&self.shared.log)
            .operations
            .entry(format!("{} /oauth2/v2.0/{endpoint}", head.method))
            .or_default() += 1;
        let host = head.headers.get(http::header::HOST);
        let host = host.and_then(|host| host.to_str().ok()).unwrap_or_default();
        let scheme = match self.shared.settings.tls {
            Some(_) => "https",
            None => "http",
        };
        let asked = Asked {
            tenant,
            origin: format!("{scheme}://{host}"),
            form: url::form_urlencoded::parse(&body).into_owned().collect(),
            now: self.shared.now(),
        };
        let mut tokens = lock(&self.shared.tokens);
        let answer = match (head.method.as_str(), endpoint) {
            ("POST", "token") => tokens.token(&asked),
            ("POST", "devicecode") => tokens.device_code(&asked),
            _ => return Ok(respond(404, "text/html", Bytes::new())),
        };
        let (status, body) = match answer {
            Ok(body) => (200, body),
            Err(refused) if asked.is_adfs() => (refused.status, refused.body_of_adfs()),
            Err(refused) => (refused.status, refused.body()),
        };
        Ok(respond(
            status,
            "application/json; charset=utf-8",
            body.to_string(),
        ))
    }
}

/// A request to the authority.
struct Asked<'a> {
    tenant: &'a str,
    origin: String,
    form: BTreeMap<String, String>,
    now: DateTime<Utc>,
}

impl Asked<'_> {
    fn field(&self, name: &str) -> Result<&str, Refused> {
        let value = self.form.get(name).map(String::as_str);
        value.filter(|value| !value.is_empty()).ok_or_else(|| {
            let why = format!("The request body must contain the following parameter: '{name}'.");
            Refused::new("invalid_request", 900_144, why)
        })
    }

    fn is_adfs(&self) -> bool {
        self.tenant == ADFS
    }

    /// Whom an assertion is for.
    fn token_url(&self) -> String {
        match self.is_adfs() {
            true => format!("{}/adfs/oauth2/token", self.origin),
            false => format!("{}/{}/oauth2/v2.0/token", self.origin, self.tenant),
        }
    }

    /// The permissions that the scopes name, without what they are for. AD FS lets a resource be named in their place,
    /// for which all that was granted is meant.
    fn permissions(&self) -> Result<Vec<String>, Refused> {
        if self.is_adfs() {
            let resource = self.field("resource")?;
            self.permission(&format!("{}/.default", resource.trim_end_matches('/')))?;
            return Ok(vec![".default".to_owned()]);
        }
        let scopes = self.field("scope")?.split_whitespace();
        let named = scopes.filter(|scope| !OPEN_ID.contains(scope));
        named.map(|scope| self.permission(scope)).collect()
    }

    fn permission(&self, scope: &str) -> Result<String, Refused> {
        let Some((resource, name)) = scope.rsplit_once('/') else {
            return Ok(scope.to_owned());
        };
        let resource = resource.trim_end_matches('/');
        match resource == self.origin || RESOURCES.contains(&resource) {
            true => Ok(name.to_owned()),
            false => Err(Refused::new(
                "invalid_resource",
                500_011,
                format!(
                    "The resource principal named {resource} was not found in the tenant named Example."
                ),
            )),
        }
    }
}

impl Tokens {
    fn token(&mut self, asked: &Asked<'_>) -> Result<Value, Refused> {
        let kind = asked.field("grant_type")?.to_owned();
        let application = self.registered.application(asked)?;
        match kind.as_str() {
            "client_credentials" => self.for_application(asked, &application),
            "refresh_token" => self.for_session(asked, &application),
            "urn:ietf:params:oauth:grant-type:device_code" => self.for_device(asked, &application),
            _ => Err(Refused::new(
                "unsupported_grant_type",
                70_003,
                format!("The app requested an unsupported grant type '{kind}'."),
            )),
        }
    }

    fn for_application(
        &mut self,
        asked: &Asked<'_>,
        application: &SimulatedApplication,
    ) -> Result<Value, Refused> {
        if ANY_TENANT.contains(&asked.tenant) {
            let why = "Tenant-identifying information not found in either the request or implied by any provided credentials.";
            return Err(Refused::new("invalid_request", 900_023, why));
        }
        application.prove(asked, true)?;
        if asked.permissions()? != [".default"] {
            let why = "The provided value for scope is not valid. Client credential flows must have a scope value with /.default suffixed to the resource identifier (application ID URI).";
            return Err(Refused::new("invalid_scope", 1_002_012, why));
        }
        let permissions: Vec<&str> = application
            .of_application
            .iter()
            .map(String::as_str)
            .collect();
        let token = self.issue(None, &permissions, asked.now);
        self.link(application.account.as_ref());
        Ok(issued(&token, None))
    }

    fn for_session(
        &mut self,
        asked: &Asked<'_>,
        application: &SimulatedApplication,
    ) -> Result<Value, Refused> {
        application.prove(asked, false)?;
        let refresh = asked.field("refresh_token")?;
        let sessions = &self.registered.sessions;
        let session = sessions
            .iter()
            .find(|session| session.refresh == refresh && session.client == application.client);
        let Some(session) = session.cloned() else {
            let why = "The provided value for the 'refresh_token' is not valid.";
            return Err(Refused::new("invalid_grant", 9_002_313, why));
        };
        if session.is_revoked {
            let why = "The provided grant has expired due to it being revoked, a fresh auth token is needed. The user might have changed or reset their password.";
            return Err(Refused::new("invalid_grant", 50_173, why));
        }
        let asked_for = match asked.form.contains_key("scope") || asked.is_adfs() {
            true => asked.permissions()?,
            false => session.scopes.clone(),
        };
        self.for_user(asked, application, session.user, asked_for)
    }

    fn for_device(
        &mut self,
        asked: &Asked<'_>,
        application: &SimulatedApplication,
    ) -> Result<Value, Refused> {
        application.prove(asked, false)?;
        let code = asked.field("device_code")?;
        let devices = &mut self.registered.devices;
        let Some(at) = devices
            .iter()
            .position(|device| device.code == code && device.client == application.client)
        else {
            let why = "The provided value for the input parameter 'device_code' is not valid.";
            return Err(Refused::new("bad_verification_code", 70_018, why));
        };
        let Some(device) = devices.get(at) else {
            return Err(Refused::new("bad_verification_code", 70_018, ""));
        };
        if device.is_refused {
            let why = "The user declined to sign in.";
            return Err(Refused::new("authorization_declined", 65_004, why));
        }
        if device.until <= asked.now {
            let why = "The provided device code is expired.";
            return Err(Refused::new("expired_token", 70_020, why));
        }
        let Some(user) = device.user else {
            let why = "OAuth 2.0 device flow error. Authorization is pending. Continue polling.";
            return Err(Refused::new("authorization_pending", 70_016, why));
        };
        // a code is good once
        let device = devices.remove(at);
        self.for_user(asked, application, user, device.scopes)
    }

    fn for_user(
        &mut self,
        asked: &Asked<'_>,
        application: &SimulatedApplication,
        user: usize,
        scopes: Vec<String>,
    ) -> Result<Value, Refused> {
        let permissions = application.consented(&scopes)?;
        let permissions: Vec<&str> = permissions.iter().map(String::as_str).collect();
        let token = self.issue(Some(user), &permissions, asked.now);
        let refresh = self.registered.begin(&application.client, user, scopes);
        Ok(issued(&token, Some((&refresh, &permissions.join(" ")))))
    }

    fn device_code(&mut self, asked: &Asked<'_>) -> Result<Value, Refused> {
        let application = self.registered.application(asked)?;
        let scopes = asked.permissions()?;
        let code = Uuid::new_v4().simple().to_string();
        let user_code: String = code.to_uppercase().chars().take(9).collect();
        self.registered.devices.push(Device {
            code: code.clone(),
            user_code: user_code.clone(),
            client: application.client,
            scopes,
            user: None,
            is_refused: false,
            until: asked.now + TimeDelta::minutes(15),
        });
        let page = format!("{}/devicelogin", asked.origin);
        Ok(json!({
            "device_code": code,
            "user_code": user_code,
            "verification_uri": page,
            "expires_in": 900,
            "interval": 5,
            "message": format!("To sign in, use a web browser to open the page {page} and enter the code {user_code} to authenticate."),
        }))
    }
}

impl Registered {
    /// The application that asks, of a tenant that is known.
    fn application(&self, asked: &Asked<'_>) -> Result<SimulatedApplication, Refused> {
        let tenant = asked.tenant;
        let is_known = TENANT.contains(&tenant) || ANY_TENANT.contains(&tenant);
        if !is_known && !asked.is_adfs() {
            let why = format!(
                "Tenant '{tenant}' not found. Check to make sure you have the correct tenant ID and are signing into the correct cloud."
            );
            return Err(Refused::new("invalid_request", 90_002, why));
        }
        let client = asked.field("client_id")?;
        let known = self
            .applications
            .iter()
            .find(|known| known.client == client);
        known.cloned().ok_or_else(|| {
            let why = format!(
                "Application with identifier '{client}' was not found in the directory 'Example'."
            );
            Refused::new("unauthorized_client", 700_016, why)
        })
    }

    /// A new refresh token.
    fn begin(&mut self, client: &str, user: usize, scopes: Vec<String>) -> String {
        let refresh = format!("refresh.{}", Uuid::new_v4().simple());
        self.sessions.push(Session {
            refresh: refresh.clone(),
            client: client.to_owned(),
            user,
            scopes,
            is_revoked: false,
        });
        refresh
    }
}

fn issued(token: &SimulatedToken, user: Option<(&str, &str)>) -> Value {
    let mut body = json!({
        "token_type": "Bearer",
        "expires_in": 3599,
        "ext_expires_in": 3599,
        "access_token": token.secret,
    });
    if let (Some((refresh, scope)), Some(body)) = (user, body.as_object_mut()) {
        body.insert("refresh_token".to_owned(), refresh.into());
        body.insert("scope".to_owned(), scope.into());
    }
    body
}
