//! Versions of the protocol, by whatever name a person gives them.

use std::fmt;
use std::str::FromStr;

use crate::error::{Error, ErrorKind};
use crate::xml::WriteScalar;

/// A version of the protocol, oldest first: what a request may contain and how it is answered.
///
/// A server answers requests of its own version and of all earlier ones. Exchange 2019 and
/// Subscription Edition speak the protocol of 2016. It is read from what a person types: a product
/// (`"2016"`, `"Exchange 2013 SP1"`, `"SE"`), a protocol version (`"Exchange2010_SP2"`) or a build
/// (`"15.1.2507"`).
///
/// Source: <https://learn.microsoft.com/exchange/client-developer/web-service-reference/requestserverversion>
/// and, for builds, <https://learn.microsoft.com/exchange/new-features/build-numbers-and-release-dates>.
///
/// ```
/// use exchange_connector::ews::ServerVersion;
///
/// let version: ServerVersion = "2019".parse()?;
/// assert_eq!(version, ServerVersion::Exchange2016);
/// assert_eq!("15.0.847".parse::<ServerVersion>()?, ServerVersion::Exchange2013Sp1);
/// assert!("2003".parse::<ServerVersion>().is_err());
/// # Ok::<(), exchange_connector::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[non_exhaustive]
pub enum ServerVersion {
    /// Exchange 2007 without a service pack, build 8.0.
    Exchange2007,
    /// Exchange 2007 SP1 to SP3, builds 8.1 to 8.3.
    Exchange2007Sp1,
    /// Exchange 2010, build 14.0.
    Exchange2010,
    /// Exchange 2010 SP1, build 14.1.
    Exchange2010Sp1,
    /// Exchange 2010 SP2 and SP3, builds 14.2 and 14.3.
    Exchange2010Sp2,
    /// Exchange 2013 before SP1, builds 15.0 up to 15.0.775.
    Exchange2013,
    /// Exchange 2013 SP1 and its cumulative updates, builds from 15.0.847 on.
    Exchange2013Sp1,
    /// A step on the way to 2016, which Exchange Online had.
    Exchange2015,
    /// Exchange 2016 (build 15.1), 2019 and Subscription Edition (15.2), and Online (15.20).
    Exchange2016,
}

impl ServerVersion {
    /// All versions, oldest first.
    pub const ALL: &'static [Self] = &[
        Self::Exchange2007,
        Self::Exchange2007Sp1,
        Self::Exchange2010,
        Self::Exchange2010Sp1,
        Self::Exchange2010Sp2,
        Self::Exchange2013,
        Self::Exchange2013Sp1,
        Self::Exchange2015,
        Self::Exchange2016,
    ];

    /// The name on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Exchange2007 => "Exchange2007",
            Self::Exchange2007Sp1 => "Exchange2007_SP1",
            Self::Exchange2010 => "Exchange2010",
            Self::Exchange2010Sp1 => "Exchange2010_SP1",
            Self::Exchange2010Sp2 => "Exchange2010_SP2",
            Self::Exchange2013 => "Exchange2013",
            Self::Exchange2013Sp1 => "Exchange2013_SP1",
            Self::Exchange2015 => "Exchange2015",
            Self::Exchange2016 => "Exchange2016",
        }
    }

    /// What a server of that build speaks; `None` for builds before EWS.
    ///
    /// A server's own text for its version is never sent back to it: newer ones write names there
    /// that they refuse in requests.
    pub fn of_build(major: u32, minor: u32, build: u32) -> Option<Self> {
        Some(match (major, minor) {
            (..=7, _) => return None,
            (8, 0) => Self::Exchange2007,
            (8, _) => Self::Exchange2007Sp1,
            (..=14, 0) => Self::Exchange2010,
            (..=14, 1) => Self::Exchange2010Sp1,
            (..=14, _) => Self::Exchange2010Sp2,
            (15, 0) if build < 847 => Self::Exchange2013,
            (15, 0) => Self::Exchange2013Sp1,
            _ => Self::Exchange2016,
        })
    }

    fn of_product(name: &str) -> Option<Self> {
        Some(match name {
            // Nobody runs 2007 without a service pack any more; the protocol knows just the first.
            "2007" | "2007sp1" | "2007sp2" | "2007sp3" => Self::Exchange2007Sp1,
            "2010" => Self::Exchange2010,
            "2010sp1" => Self::Exchange2010Sp1,
            "2010sp2" | "2010sp3" => Self::Exchange2010Sp2,
            "2013" => Self::Exchange2013,
            "2013sp1" => Self::Exchange2013Sp1,
            "2015" => Self::Exchange2015,
            "2016" | "2019" | "se" | "subscriptionedition" | "online" | "365" | "office365" => {
                Self::Exchange2016
            }
            _ => return None,
        })
    }
}

impl fmt::Display for ServerVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl WriteScalar for ServerVersion {
    fn write_scalar(&self, out: &mut String) {
        out.push_str(self.as_str());
    }
}

impl FromStr for ServerVersion {
    type Err = Error;

    /// # Errors
    ///
    /// [`ErrorKind::Configuration`] for what names no version, and for Exchange 2003 and earlier,
    /// which have no EWS.
    fn from_str(text: &str) -> Result<Self, Error> {
        let is_it = |version: &&Self| version.as_str().eq_ignore_ascii_case(text.trim());
        if let Some(version) = Self::ALL.iter().find(is_it) {
            return Ok(*version);
        }
        let words: String = text
            .chars()
            .filter(|c| !c.is_whitespace() && !matches!(c, '_' | '-'))
            .collect::<String>()
            .to_ascii_lowercase();
        let mut name = words.as_str();
        for prefix in ["microsoft", "exchange", "server"] {
            name = name.strip_prefix(prefix).unwrap_or(name);
        }
        let name = name.replace("servicepack", "sp");
        // A cumulative update does not change the protocol, except that 2013 CU4 is SP1.
        let product = match name.split_once("cu") {
            Some(("2013", update)) if update.parse().is_ok_and(|n: u32| n >= 4) => "2013sp1",
            Some((product, update)) if update.parse::<u32>().is_ok() => product,
            _ => &name,
        };

        let numbers: Option<Vec<u32>> = product
            .trim_start_matches('v')
            .split('.')
            .map(|part| part.parse().ok())
            .collect();
        let by_build = match numbers.as_deref() {
            Some([major, minor, rest @ ..]) if *major < 100 => Some(Self::of_build(
                *major,
                *minor,
                rest.first().copied().unwrap_or(u32::MAX),
            )),
            _ => None,
        };
        let is_too_old = by_build == Some(None)
            || matches!(product, "2003" | "2000" | "5.5" | "2003sp1" | "2003sp2");
        if is_too_old {
            let problem =
                format!("{text:?} has no Exchange Web Services: they begin with Exchange 2007");
            return Err(Error::new(ErrorKind::Configuration, "server version", problem)
                .with_hint("Exchange 2003 and earlier can be reached by IMAP, POP or WebDAV; for EWS the mailbox must be on Exchange 2007 or later."));
        }
        by_build
            .flatten()
            .or_else(|| Self::of_product(product))
            .ok_or_else(|| {
                let problem = format!("{text:?} is not a version of Exchange");
                Error::new(ErrorKind::Configuration, "server version", problem).with_hint(
                    "Give a product (2007, 2010 SP2, 2013, 2016, 2019, SE), a protocol version (Exchange2013_SP1) or a build (15.1.2507).",
                )
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_type() {
        for (text, version) in [
            ("2016", ServerVersion::Exchange2016),
            ("2007", ServerVersion::Exchange2007Sp1),
            ("Exchange 2007 SP3", ServerVersion::Exchange2007Sp1),
            ("Exchange2013_SP1", ServerVersion::Exchange2013Sp1),
            ("exchange 2013 sp1", ServerVersion::Exchange2013Sp1),
            ("2013 CU23", ServerVersion::Exchange2013Sp1),
            ("2013 CU3", ServerVersion::Exchange2013),
            ("2016 CU23", ServerVersion::Exchange2016),
            ("15.1.2507", ServerVersion::Exchange2016),
            ("15.1.2507.6", ServerVersion::Exchange2016),
            ("15.0.620.29", ServerVersion::Exchange2013),
            ("15.0.1497", ServerVersion::Exchange2013Sp1),
            ("15.2", ServerVersion::Exchange2016),
            ("14.3.123.4", ServerVersion::Exchange2010Sp2),
            ("14.01.0218", ServerVersion::Exchange2010Sp1),
            ("8.1.436.0", ServerVersion::Exchange2007Sp1),
            ("8.0", ServerVersion::Exchange2007),
            ("Exchange Server SE", ServerVersion::Exchange2016),
            ("Subscription Edition", ServerVersion::Exchange2016),
            ("2010 Service Pack 3", ServerVersion::Exchange2010Sp2),
            (
                "Microsoft Exchange Server 2019",
                ServerVersion::Exchange2016,
            ),
        ] {
            assert_eq!(text.parse::<ServerVersion>().unwrap(), version, "{text}");
        }
    }

    #[test]
    fn names_are_read_back() {
        for version in ServerVersion::ALL {
            assert_eq!(version.as_str().parse::<ServerVersion>().unwrap(), *version);
        }
        assert!(ServerVersion::ALL.is_sorted());
    }

    #[test]
    fn versions_without_ews() {
        for text in ["2003", "Exchange 2003 SP2", "6.5.7638", "5.5", "2000"] {
            let error = text.parse::<ServerVersion>().unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Configuration);
            assert!(
                error.message().contains("begin with Exchange 2007"),
                "{error}"
            );
        }
        for text in ["", "latest", "15", "V2017_07_11", "20160"] {
            let error = text.parse::<ServerVersion>().unwrap_err();
            assert!(error.message().contains("not a version"), "{text}: {error}");
        }
    }
}
