//! What a search found.

use std::fmt;

use url::Url;

use super::address::OPERATION;
use super::trace::{Asked, DiscoveryTrace};
use crate::connector::Backend;
use crate::error::{Error, Result};
use crate::ews::{EwsConnector, EwsConnectorBuilder, ServerVersion};

/// Where a mailbox is, and how to reach it.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Discovered {
    /// The URL of EWS. For a mailbox in Exchange Online the one it has there, which serves fewer and
    /// fewer programs.
    pub ews_url: Url,
    /// The URL from everywhere, if the server said so.
    pub external_ews_url: Option<String>,
    /// The URL inside of the network, if the server said so.
    pub internal_ews_url: Option<String>,
    /// The version to make requests for, if the server gave a hint. The connector corrects a wrong
    /// one.
    pub version: Option<ServerVersion>,
    /// The build of the server, as `15.1.2507.39`.
    pub build: Option<String>,
    /// Whether the mailbox is on-premises or in Exchange Online.
    pub location: Location,
    /// The address of the mailbox: what the server calls it, else the one to which the address was
    /// redirected, else the one that was asked for.
    pub email_address: String,
    /// The name of the mailbox for people.
    pub display_name: Option<String>,
    /// How the search came to the server that answered.
    pub found_by: FoundBy,
    /// Which service answered.
    pub answered_by: Asked,
    /// The URL that answered, without its query.
    pub answered_at: String,
    /// Every step.
    pub trace: DiscoveryTrace,
}

impl Discovered {
    /// A connector to the server, for which credentials are still to be set.
    ///
    /// # Errors
    /// [`Unsupported`](crate::ErrorKind::Unsupported) for a mailbox in Exchange Online, where EWS has
    /// been switched off step by step since October 2026.
    pub fn connector(&self) -> Result<EwsConnectorBuilder> {
        if self.location == Location::Online {
            let message = format!("the mailbox {} is in Exchange Online", self.email_address);
            return Err(Error::unsupported(OPERATION, message)
                .with_backend(Backend::Ews)
                .with_hint(
                    "Use the connector for Microsoft Graph: EWS is being switched off in Exchange Online.",
                ));
        }
        let builder = EwsConnector::builder(self.ews_url.as_str());
        Ok(match self.version {
            Some(version) => builder.version(version),
            None => builder,
        })
    }
}

/// Where a mailbox is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Location {
    /// On an Exchange server outside of Microsoft's cloud: use EWS.
    OnPremises,
    /// In Exchange Online: use Microsoft Graph.
    Online,
    /// On a server that did not say that it is Exchange, but names a URL of EWS. Some other products
    /// do.
    Unknown,
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::OnPremises => "on-premises",
            Self::Online => "online",
            Self::Unknown => "unknown",
        })
    }
}

/// How a search came to a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FoundBy {
    /// The caller named it.
    Seed,
    /// It is `autodiscover.<domain>`.
    AutodiscoverHost,
    /// It is the domain itself.
    Domain,
    /// The web server `http://autodiscover.<domain>` redirected there.
    HttpRedirect,
    /// An SRV record of the domain names it.
    Srv,
    /// Another Autodiscover service redirected there.
    Redirect,
    /// Microsoft was asked.
    Microsoft,
}

impl fmt::Display for FoundBy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Seed => "named by the caller",
            Self::AutodiscoverHost => "the host autodiscover of the domain",
            Self::Domain => "the domain itself",
            Self::HttpRedirect => "a redirect of the web server",
            Self::Srv => "an SRV record",
            Self::Redirect => "a redirect of another service",
            Self::Microsoft => "Microsoft",
        })
    }
}
