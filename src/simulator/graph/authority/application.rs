//! Applications that are registered.

use std::fmt;

use super::Asked;
use super::assertion;
use super::refusal::Refused;

/// An application that is registered with the authority.
#[derive(Clone)]
#[must_use]
pub struct SimulatedApplication {
    pub(super) client: String,
    secret: Option<String>,
    is_expired: bool,
    certificate: Option<String>,
    pub(super) of_application: Vec<String>,
    of_users: Vec<String>,
    pub(super) account: Option<String>,
}

impl SimulatedApplication {
    /// With this client ID, and no permission yet.
    pub fn new(client_id: impl Into<String>) -> Self {
        Self {
            client: client_id.into(),
            secret: None,
            is_expired: false,
            certificate: None,
            of_application: Vec::new(),
            of_users: Vec::new(),
            account: None,
        }
    }

    /// The secret that proves who it is.
    pub fn secret(mut self, secret: impl Into<String>) -> Self {
        self.secret = Some(secret.into());
        self
    }

    /// Its secret was good until yesterday.
    pub fn secret_expired(mut self) -> Self {
        self.is_expired = true;
        self
    }

    /// The certificate (PEM) whose key signs assertions.
    pub fn certificate(mut self, pem: impl Into<String>) -> Self {
        self.certificate = Some(pem.into());
        self
    }

    /// The application permissions that an administrator consented to, as `Calendars.ReadWrite`.
    pub fn application_permissions(mut self, permissions: &[&str]) -> Self {
        self.of_application = permissions.iter().map(|name| (*name).to_owned()).collect();
        self
    }

    /// The delegated permissions that users consented to.
    pub fn delegated_permissions(mut self, permissions: &[&str]) -> Self {
        self.of_users = permissions.iter().map(|name| (*name).to_owned()).collect();
        self
    }

    /// The account in whose place it uses EWS, by its address, as `New-PartnerApplication -LinkedAccount` sets it; what
    /// that account may do (acting for others) it may do too.
    pub fn linked_account(mut self, address: impl Into<String>) -> Self {
        self.account = Some(address.into());
        self
    }

    /// Judges what the request shows of who it is; users may sign in to a public client, which shows nothing.
    pub(super) fn prove(&self, asked: &Asked<'_>, is_compulsory: bool) -> Result<(), Refused> {
        let client = &self.client;
        if let Some(assertion) = asked.form.get("client_assertion") {
            let certificate = self.certificate.as_deref();
            return assertion::judge(assertion, certificate, client, asked);
        }
        let shown = asked.form.get("client_secret");
        match (shown, &self.secret) {
            (None, Some(_)) | (None, None) if is_compulsory => Err(must_prove()),
            (None, Some(_)) => Err(must_prove()),
            (None, None) => Ok(()),
            (Some(shown), Some(secret)) if shown == secret => match self.is_expired {
                false => Ok(()),
                true => Err(Refused::new(
                    "invalid_client",
                    7_000_222,
                    format!("The provided client secret keys for app '{client}' are expired."),
                )),
            },
            _ => Err(Refused::new(
                "invalid_client",
                7_000_215,
                format!(
                    "Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID, for a secret added to app '{client}'."
                ),
            )),
        }
    }

    /// What a user's token allows, of what was asked for.
    pub(super) fn consented(&self, scopes: &[String]) -> Result<Vec<String>, Refused> {
        if scopes.iter().any(|scope| scope == ".default") {
            return Ok(self.of_users.clone());
        }
        let missing = scopes.iter().find(|scope| !self.of_users.contains(scope));
        match missing {
            None => Ok(scopes.to_vec()),
            Some(_) => Err(Refused::new(
                "invalid_grant",
                65_001,
                format!(
                    "The user or administrator has not consented to use the application with ID '{}'. Send an interactive authorization request for this user and resource.",
                    self.client
                ),
            )),
        }
    }
}

fn must_prove() -> Refused {
    let why = "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.";
    Refused::new("invalid_client", 7_000_218, why)
}

impl fmt::Debug for SimulatedApplication {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SimulatedApplication")
            .field("client", &self.client)
            .field("of_application", &self.of_application)
            .field("of_users", &self.of_users)
            .finish_non_exhaustive()
    }
}
