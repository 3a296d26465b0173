//! Access tokens.

use async_trait::async_trait;
use secrecy::SecretString;

use crate::error::Error;

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

/// One token that is not renewed: for trying out, and where somebody else renews it in time.
pub struct FixedToken(AccessToken);

impl FixedToken {
    /// A provider that always answers this token.
    pub fn new(token: impl Into<SecretString>) -> Self {
        Self(AccessToken::new(token, 0))
    }
}

impl std::fmt::Debug for FixedToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FixedToken").finish_non_exhaustive()
    }
}

#[async_trait]
impl TokenProvider for FixedToken {
    async fn token(&self) -> Result<AccessToken, Error> {
        Ok(self.0.clone())
    }

    async fn invalidate(&self, _generation: u64) {}
}
