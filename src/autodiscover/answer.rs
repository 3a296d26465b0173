//! What a service can say.

use crate::ews::{ServerVersion, ServerVersionInfo};

/// An answer of an Autodiscover service, whichever it is.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Answer {
    /// The settings of the mailbox.
    Settings(Box<UserSettings>),
    /// Ask for this address.
    RedirectAddress(String),
    /// Ask the service at this URL.
    RedirectUrl(String),
    /// There are none.
    Refused {
        /// The service's own code, as `InvalidUser` (SOAP), `500` (POX) or `UserNotFound` (JSON).
        code: String,
        /// Its own words, which may be empty.
        message: String,
    },
}

impl Answer {
    /// Whether the service says where the mailbox is, or that there is none.
    pub(super) fn is_definite(&self) -> bool {
        match self {
            Self::Settings(settings) => {
                settings.internal_ews_url.is_some() || settings.external_ews_url.is_some()
            }
            Self::RedirectAddress(_) | Self::RedirectUrl(_) => true,
            Self::Refused { code, .. } => Self::is_unknown_address(code),
        }
    }

    /// Whether the service does not know the address.
    pub(super) fn is_unknown_address(code: &str) -> bool {
        // MS-OXDSCLI, section 2.2.4.1.1.3.2: 500 not found, 501 and 602 bad address
        [
            "InvalidUser",
            "InvalidDomain",
            "UserNotFound",
            "500",
            "501",
            "602",
        ]
        .iter()
        .any(|known| known.eq_ignore_ascii_case(code))
    }

    /// Whether the service may have an answer later.
    pub(super) fn is_passing(code: &str) -> bool {
        ["ServerBusy", "InternalServerError", "603"]
            .iter()
            .any(|known| known.eq_ignore_ascii_case(code))
    }
}

/// What is known of a mailbox. What the service did not say is `None`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct UserSettings {
    /// The URL of EWS inside of the network.
    pub internal_ews_url: Option<String>,
    /// The URL of EWS from everywhere.
    pub external_ews_url: Option<String>,
    /// The versions EWS speaks there, as `Exchange2007, Exchange2010`.
    pub ews_supported_schemas: Option<String>,
    /// The build of the server at that URL, as `15.01.2507.039`.
    pub cas_version: Option<String>,
    /// The build of the server that has the mailbox.
    pub mailbox_version: Option<String>,
    /// The build of the server that answered.
    pub server: Option<ServerVersionInfo>,
    /// The name of the mailbox for people.
    pub display_name: Option<String>,
    /// Its SMTP address.
    pub smtp_address: Option<String>,
    /// Whether the mailbox is in Exchange Online, where the service says so.
    pub microsoft_online: Option<bool>,
}

impl UserSettings {
    /// The version to make requests for: that of the older of the servers on the way, since a
    /// request goes through all of them.
    pub(super) fn version(&self) -> Option<ServerVersion> {
        let speaks = |build: &Option<String>| of_build(build.as_deref()?);
        let front = speaks(&self.cas_version).or_else(|| self.newest_schema());
        let front = front.or_else(|| self.server.as_ref()?.speaks());
        match (front, speaks(&self.mailbox_version)) {
            (Some(front), Some(mailbox)) => Some(front.min(mailbox)),
            (front, mailbox) => front.or(mailbox),
        }
    }

    /// The build of the server, in the form people know.
    pub(super) fn build(&self) -> Option<String> {
        if let Some(numbers) = self.cas_version.as_deref().and_then(numbers) {
            let numbers: Vec<String> = numbers.iter().map(u32::to_string).collect();
            return Some(numbers.join("."));
        }
        let server = self.server.as_ref()?;
        Some(format!(
            "{}.{}.{}.{}",
            server.major_version,
            server.minor_version,
            server.major_build_number,
            server.minor_build_number
        ))
    }

    /// The newest of the versions listed that can be asked for; names of later ones are passed over.
    fn newest_schema(&self) -> Option<ServerVersion> {
        let names = self.ews_supported_schemas.as_deref()?.split(',');
        let known = names.filter_map(|name| {
            let is_it = |version: &&ServerVersion| version.as_str() == name.trim();
            ServerVersion::ALL.iter().find(is_it).copied()
        });
        known.max()
    }
}

fn numbers(build: &str) -> Option<Vec<u32>> {
    let numbers: Option<Vec<u32>> = build
        .trim()
        .split('.')
        .map(|part| part.parse().ok())
        .collect();
    numbers.filter(|numbers| (2..=4).contains(&numbers.len()))
}

fn of_build(build: &str) -> Option<ServerVersion> {
    match numbers(build)?.as_slice() {
        [major, minor, rest @ ..] => {
            let build = rest.first().copied().unwrap_or(u32::MAX);
            ServerVersion::of_build(*major, *minor, build)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions() {
        let settings = |cas: &str, mailbox: &str, schemas: &str| UserSettings {
            cas_version: Some(cas.to_owned()).filter(|text| !text.is_empty()),
            mailbox_version: Some(mailbox.to_owned()).filter(|text| !text.is_empty()),
            ews_supported_schemas: Some(schemas.to_owned()).filter(|text| !text.is_empty()),
            ..UserSettings::default()
        };
        for (cas, mailbox, schemas, expected) in [
            ("14.00.0478.000", "", "", Some(ServerVersion::Exchange2010)),
            (
                "15.01.2507.039",
                "",
                "Exchange2010",
                Some(ServerVersion::Exchange2016),
            ),
            (
                "15.02.1118.007",
                "15.00.1497.048",
                "",
                Some(ServerVersion::Exchange2013Sp1),
            ),
            (
                "",
                "",
                "Exchange2007, Exchange2010,Exchange2013_SP1,V2099",
                Some(ServerVersion::Exchange2013Sp1),
            ),
            ("", "", "V2099", None),
            ("nonsense", "1", "", None),
            ("", "", "", None),
        ] {
            let settings = settings(cas, mailbox, schemas);
            assert_eq!(settings.version(), expected, "{settings:?}");
        }
        assert_eq!(
            settings("15.01.2507.039", "", "").build().unwrap(),
            "15.1.2507.39"
        );
    }
}
