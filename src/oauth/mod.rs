//! Where access tokens come from: ready-made [`TokenProvider`](crate::http::TokenProvider)s (feature `oauth`).
//!
//! Microsoft Graph takes nothing but access tokens (OAuth 2.0), and Exchange Online and servers with hybrid modern
//! authentication take them for EWS too. [`Registration`] says who asks and whom; what comes of it is [`OAuthTokens`],
//! which any connector takes:
//!
//! | who signs in | how | made by |
//! |---|---|---|
//! | the application itself | a secret or a certificate | [`Registration::client_credentials`] |
//! | a user, once, at any machine | a code that the program shows | [`Registration::device_code`] |
//! | a user who signed in elsewhere | the refresh token kept from there | [`Registration::refresh_token`] |
//! | whoever got a token | the token as it is | [`FixedToken`](crate::http::FixedToken) |
//!
//! ```no_run
//! use std::sync::Arc;
//! use exchange_connector::oauth::{Authority, Registration};
//!
//! # fn run() -> exchange_connector::Result<()> {
//! let tokens = Registration::new(Authority::entra("contoso.onmicrosoft.com"), "0f1d3a5c-1c1e-4b2a-9d55-8c2f5f2f7c11")
//!     .scope("https://graph.microsoft.com/.default")
//!     .secret(std::env::var("GRAPH_SECRET").unwrap_or_default())
//!     .client_credentials()?;
//! # #[cfg(feature = "graph")]
//! let connector = exchange_connector::graph::GraphConnector::builder(Arc::new(tokens)).build()?;
//! # Ok(())
//! # }
//! ```
//!
//! A token is kept until some minutes before it expires, and renewed by one call while the others go on. Nothing here
//! shows a secret or a token, and they go over `https` only (and to the own machine).
//!
//! - `authority.rs` is whom to ask, `registration.rs` who asks;
//! - `grant.rs` asks, by the crate `oauth2`, over the connections of `http/` (`exchange.rs`);
//! - `assertion.rs` signs with a certificate; `refusal.rs` says what a refusal means;
//! - `tokens.rs` keeps and renews.

mod assertion;
mod authority;
mod device;
mod exchange;
mod grant;
mod refusal;
mod registration;
mod tokens;

pub use authority::Authority;
pub use device::DevicePrompt;
pub use registration::Registration;
pub use tokens::OAuthTokens;

use crate::error::{Error, ErrorKind};

/// What errors name as the operation.
const OPERATION: &str = "token";

fn configuration(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::Configuration, OPERATION, message)
}
