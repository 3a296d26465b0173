//! Where Graph is.

use std::fmt;

use serde::{Deserialize, Serialize};
use url::Url;

use crate::error::{Error, ErrorKind, Result};
use crate::http::without_user;

/// A cloud of Microsoft: each has its own Graph and its own authority for tokens.
///
/// Source: <https://learn.microsoft.com/graph/deployments>
#[derive(Clone, Default, Eq, Hash, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Cloud {
    /// The global service.
    #[default]
    Global,
    /// US Government L4 (GCC High).
    UsGovernmentL4,
    /// US Government L5 (DoD).
    UsGovernmentL5,
    /// China, operated by 21Vianet.
    China,
    /// Another service that speaks Graph v1.0, as the simulator: the URL up to and with `/v1.0`.
    At(String),
}

impl fmt::Debug for Cloud {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = match self {
            Self::Global => "Global",
            Self::UsGovernmentL4 => "UsGovernmentL4",
            Self::UsGovernmentL5 => "UsGovernmentL5",
            Self::China => "China",
            Self::At(url) => return f.debug_tuple("At").field(&without_user(url)).finish(),
        };
        f.write_str(name)
    }
}

impl Cloud {
    /// The URL that paths are put behind, without a `/` at its end.
    pub fn base_url(&self) -> &str {
        match self {
            Self::Global => "https://graph.microsoft.com/v1.0",
            Self::UsGovernmentL4 => "https://graph.microsoft.us/v1.0",
            Self::UsGovernmentL5 => "https://dod-graph.microsoft.us/v1.0",
            Self::China => "https://microsoftgraph.chinacloudapi.cn/v1.0",
            Self::At(url) => url.trim_end_matches('/'),
        }
    }

    /// The authority that issues tokens for it, without a tenant: `https://login.microsoftonline.com`. `None` where
    /// that is not known.
    pub fn authority(&self) -> Option<&'static str> {
        match self {
            Self::Global => Some("https://login.microsoftonline.com"),
            Self::UsGovernmentL4 | Self::UsGovernmentL5 => Some("https://login.microsoftonline.us"),
            Self::China => Some("https://login.chinacloudapi.cn"),
            Self::At(_) => None,
        }
    }

    /// The scope that asks for all that was consented to: `https://graph.microsoft.com/.default`.
    pub fn default_scope(&self) -> String {
        let base = self.base_url();
        let origin = base.strip_suffix("/v1.0").unwrap_or(base);
        format!("{origin}/.default")
    }

    /// Whether messages can be deleted for good, which is in the global service only; events are not either elsewhere,
    /// though China's could be.
    ///
    /// Source: <https://learn.microsoft.com/graph/api/message-permanentdelete>
    pub(super) fn deletes_permanently(&self) -> bool {
        matches!(self, Self::Global | Self::At(_))
    }

    pub(super) fn parse(&self) -> Result<Url> {
        let shown = without_user(self.base_url());
        let wrong = |why: String| {
            Error::new(ErrorKind::Configuration, "connect", why).with_hint(
                "Give the URL up to and with /v1.0, as https://graph.microsoft.com/v1.0.",
            )
        };
        let url = Url::parse(self.base_url())
            .map_err(|error| wrong(format!("{shown:?} is no URL: {error}")))?;
        if url.cannot_be_a_base() || url.host().is_none() {
            return Err(wrong(format!("{shown:?} names no server")));
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(wrong(format!("{shown:?} has more than a path")));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(wrong(format!("{shown:?} has a user in it")));
        }
        Ok(url)
    }
}

impl fmt::Display for Cloud {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&without_user(self.base_url()))
    }
}
