//! The Exchange versions a simulator can play.

use std::fmt;
use std::str::FromStr;

use super::SimulatorError;

/// A server version as `RequestServerVersion` spells it
/// (<https://learn.microsoft.com/en-us/exchange/client-developer/web-service-reference/requestserverversion>).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum SimulatedVersion {
    /// Exchange 2007 without service pack.
    Exchange2007,
    /// Exchange 2007 SP1 to SP3.
    Exchange2007Sp1,
    /// Exchange 2010 without service pack.
    Exchange2010,
    /// Exchange 2010 SP1.
    Exchange2010Sp1,
    /// Exchange 2010 SP2 and SP3.
    Exchange2010Sp2,
    /// Exchange 2013 before SP1.
    Exchange2013,
    /// Exchange 2013 SP1 and later.
    Exchange2013Sp1,
    /// Exchange 2016, 2019 and Subscription Edition.
    Exchange2016,
}

impl SimulatedVersion {
    const ALL: [(Self, &'static str, [u16; 4]); 8] = [
        (Self::Exchange2007, "Exchange2007", [8, 0, 685, 24]),
        (Self::Exchange2007Sp1, "Exchange2007_SP1", [8, 3, 83, 4]),
        (Self::Exchange2010, "Exchange2010", [14, 0, 722, 0]),
        (Self::Exchange2010Sp1, "Exchange2010_SP1", [14, 1, 438, 0]),
        (Self::Exchange2010Sp2, "Exchange2010_SP2", [14, 3, 513, 0]),
        (Self::Exchange2013, "Exchange2013", [15, 0, 775, 35]),
        (Self::Exchange2013Sp1, "Exchange2013_SP1", [15, 0, 1497, 48]),
        (Self::Exchange2016, "Exchange2016", [15, 1, 2507, 39]),
    ];

    /// The names of this version and of all before it, which a server of this one speaks too.
    pub(super) fn spoken(self) -> String {
        let older = Self::ALL.iter().filter(|(version, ..)| *version <= self);
        let names: Vec<&str> = older.map(|(_, name, _)| *name).collect();
        names.join(",")
    }

    fn row(self) -> (&'static str, [u16; 4]) {
        Self::ALL
            .iter()
            .find(|(version, ..)| *version == self)
            .map_or(("Exchange2016", [15, 1, 2507, 39]), |(_, name, build)| {
                (*name, *build)
            })
    }

    /// The name on the wire, such as `Exchange2010_SP2`.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.row().0
    }

    /// Major, minor, build and revision number of a server of this version.
    pub(super) fn build(self) -> [u16; 4] {
        self.row().1
    }

    /// What the `Version` attribute of the answer's header says: from Exchange 2013 on a schema
    /// version of its own that no request may name.
    pub(super) fn answered(self) -> &'static str {
        match self {
            Self::Exchange2013 => "V2_6",
            Self::Exchange2013Sp1 => "V2_23",
            Self::Exchange2016 => "V2017_07_11",
            other => other.name(),
        }
    }
}

impl fmt::Display for SimulatedVersion {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

impl FromStr for SimulatedVersion {
    type Err = SimulatorError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .iter()
            .find(|(_, name, _)| *name == text)
            .map(|(version, ..)| *version)
            .ok_or_else(|| SimulatorError::Version(text.to_owned()))
    }
}
