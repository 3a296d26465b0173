//! Time zones as servers name them, and as the IANA database does.
//!
//! Exchange names zones as Windows does (`W. Europe Standard Time`). Which IANA zone that is, the Unicode CLDR says in
//! its table `windowsZones`; for each Windows zone the one of territory 001 is meant, the zone of the place it is
//! named after. The table is that of the crate `windows-timezones` (CLDR 46.1); names of the IANA database that the
//! table does not have are found through the database's own links.
//!
//! [`from_wire`] knows names; [`resolve`] also understands names in other languages and rules without a name, and says
//! how sure it is.
//!
//! Nothing is guessed, and nothing becomes UTC that does not say so. Windows has two zones without an equivalent,
//! which CLDR leaves out and so do we: `Kamchatka Standard Time` and `Mid-Atlantic Standard Time`, whose rules no
//! place has followed for years.

mod links;
mod localised;
mod resolve;
mod rules;

use std::{collections::HashMap, sync::LazyLock};

use chrono_tz::Tz;
use windows_timezones::WindowsTimezone;

pub use crate::model::{ChangeDay, ZoneRule, ZoneRules};
pub use resolve::{Resolution, ZoneCertainty, resolve};
#[cfg(feature = "icalendar")]
pub(crate) use rules::changes_in_year;
pub use rules::rules_for_year;

/// The IANA zone that a server means by this name, in any case of letters:
///
/// - a Windows id: `W. Europe Standard Time`;
/// - an IANA name, which Graph and others write too: `Europe/Berlin`, `Asia/Calcutta`;
/// - a name after Graph's `tzone://Microsoft/`, such as `tzone://Microsoft/Utc`;
/// - the English display name of Windows, of which Exchange 2007 sends no more than that:
///   `(UTC+01:00) Amsterdam, Berlin, Bern, Rome, Stockholm, Vienna`, also with `GMT` in it.
///
/// For a Windows name it is the present-day name of the zone, such as `Asia/Kolkata`; an IANA name stays as it is.
/// `None` for any other name, as that of a zone a user made (`tzone://Microsoft/Custom`).
///
/// ```
/// use exchange_connector::timezone::from_wire;
///
/// assert_eq!(from_wire("Romance Standard Time"), Some(chrono_tz::Europe::Paris));
/// assert_eq!(from_wire("tzone://Microsoft/Utc"), Some(chrono_tz::UTC));
/// assert_eq!(from_wire("Customized Time Zone"), None);
/// ```
pub fn from_wire(name: &str) -> Option<Tz> {
    const GRAPH: &str = "tzone://microsoft/";
    let name = name.trim().to_ascii_lowercase();
    let name = name.strip_prefix(GRAPH).unwrap_or(&name);
    NAMES
        .get(name)
        .copied()
        .or_else(|| NAMES.get(&display_key(name)?).copied())
}

/// The Windows id of an IANA zone, under whatever name the database has for it; `None` when Windows has no such zone.
///
/// ```
/// use exchange_connector::timezone::to_windows;
///
/// assert_eq!(to_windows(chrono_tz::Asia::Kolkata), Some("India Standard Time"));
/// assert_eq!(to_windows(chrono_tz::Antarctica::Troll), None);
/// ```
pub fn to_windows(tz: Tz) -> Option<&'static str> {
    Some(windows_zone(tz)?.name())
}

fn windows_zone(tz: Tz) -> Option<WindowsTimezone> {
    WindowsTimezone::try_from(tz)
        .or_else(|_| WindowsTimezone::try_from(links::in_cldr(tz).ok_or(())?).map_err(|_| ()))
        .ok()
}

/// Every name in lower case. Windows compares its ids without regard to case, and so do servers.
static NAMES: LazyLock<HashMap<String, Tz>> = LazyLock::new(|| {
    let iana = chrono_tz::TZ_VARIANTS
        .into_iter()
        .map(|tz| (tz.name().to_ascii_lowercase(), tz));
    let mut names: HashMap<String, Tz> = iana.collect();
    // Every Windows zone is that of some IANA zone, so that all are met here.
    for zone in chrono_tz::TZ_VARIANTS
        .into_iter()
        .filter_map(|tz| WindowsTimezone::try_from(tz).ok())
    {
        let tz = links::present_name(zone.into());
        names.insert(zone.name().to_ascii_lowercase(), tz);
        names.extend(display_key(&zone.description().to_ascii_lowercase()).map(|key| (key, tz)));
    }
    names
});

/// What a display name is compared by: the offset, spelled one way, and the places. In lower case.
fn display_key(name: &str) -> Option<String> {
    let (offset, places) = name.strip_prefix('(')?.split_once(')')?;
    let offset = offset
        .strip_prefix("utc")
        .or_else(|| offset.strip_prefix("gmt"))?;
    let offset = if matches!(offset, "+00:00" | "-00:00") {
        ""
    } else {
        offset
    };
    let places: Vec<&str> = places.split_whitespace().collect();
    Some(format!("({offset}) {}", places.join(" ")))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use chrono::{DateTime, Offset, TimeZone};
    use chrono_tz::{America, Asia, Europe, Pacific};

    use super::*;

    #[test]
    fn windows_ids() {
        for (name, tz) in [
            ("W. Europe Standard Time", Europe::Berlin),
            ("w. europe standard time", Europe::Berlin),
            ("Romance Standard Time", Europe::Paris),
            ("Central Europe Standard Time", Europe::Budapest),
            ("Central European Standard Time", Europe::Warsaw),
            ("GMT Standard Time", Europe::London),
            ("Greenwich Standard Time", chrono_tz::Atlantic::Reykjavik),
            ("Eastern Standard Time", America::New_York),
            ("US Mountain Standard Time", America::Phoenix),
            ("India Standard Time", Asia::Kolkata),
            ("FLE Standard Time", Europe::Kyiv),
            ("Russia Time Zone 11", Asia::Kamchatka),
            ("Pacific Standard Time (Mexico)", America::Tijuana),
            ("UTC+13", chrono_tz::Etc::GMTMinus13),
            ("UTC-11", chrono_tz::Etc::GMTPlus11),
            ("Dateline Standard Time", chrono_tz::Etc::GMTPlus12),
            ("Samoa Standard Time", Pacific::Apia),
            ("UTC", chrono_tz::UTC),
        ] {
            assert_eq!(from_wire(name), Some(tz), "{name}");
        }
    }

    #[test]
    fn other_names() {
        for (name, tz) in [
            ("tzone://Microsoft/Utc", chrono_tz::UTC),
            ("tzone://Microsoft/W. Europe Standard Time", Europe::Berlin),
            ("Europe/Berlin", Europe::Berlin),
            ("Asia/Calcutta", Asia::Calcutta),
            ("etc/utc", chrono_tz::Etc::UTC),
            (
                "(UTC+01:00) Amsterdam, Berlin, Bern, Rome, Stockholm, Vienna",
                Europe::Berlin,
            ),
            (
                "(GMT+01:00) Amsterdam, Berlin, Bern, Rome,  Stockholm, Vienna",
                Europe::Berlin,
            ),
            ("(GMT-05:00) Eastern Time (US & Canada)", America::New_York),
            ("(UTC) Dublin, Edinburgh, Lisbon, London", Europe::London),
            ("(UTC) Coordinated Universal Time", chrono_tz::UTC),
        ] {
            assert_eq!(from_wire(name), Some(tz), "{name}");
        }
    }

    #[test]
    fn nothing_is_guessed() {
        for name in [
            "",
            " ",
            "tzone://Microsoft/Custom",
            "tzone://Microsoft/",
            "Customized Time Zone",
            "Kamchatka Standard Time",
            "Mid-Atlantic Standard Time",
            "(UTC+01:00) Amsterdam, Berlin, Bern, Rom, Stockholm, Wien",
            "(UTC+02:00) Amsterdam, Berlin, Bern, Rome, Stockholm, Vienna",
            "(UTC",
            "()",
            "Europe",
            "+01:00",
            "ｕｔｃ",
        ] {
            assert_eq!(from_wire(name), None, "{name}");
        }
    }

    #[test]
    fn every_windows_zone_comes_back() {
        let ids: BTreeSet<_> = chrono_tz::TZ_VARIANTS
            .into_iter()
            .filter_map(to_windows)
            .collect();
        assert_eq!(ids.len(), 139);
        for id in ids {
            assert_eq!(from_wire(id).and_then(to_windows), Some(id));
        }
        let displayed: BTreeSet<_> = NAMES.keys().filter(|name| name.starts_with('(')).collect();
        assert_eq!(displayed.len(), 139, "two zones have one display name");
    }

    #[test]
    fn every_iana_zone_has_a_windows_id() {
        let without: Vec<_> = chrono_tz::TZ_VARIANTS
            .into_iter()
            .filter(|tz| to_windows(*tz).is_none())
            .map(Tz::name)
            .collect();
        // Of the first CLDR 46.1 does not know yet; the second has no equivalent.
        assert_eq!(without, ["America/Coyhaique", "Antarctica/Troll"]);
    }

    #[test]
    fn aliases_have_the_id_of_their_zone() {
        for (alias, id) in [
            ("Asia/Kolkata", "India Standard Time"),
            ("Asia/Calcutta", "India Standard Time"),
            ("Europe/Kyiv", "FLE Standard Time"),
            ("Europe/Kiev", "FLE Standard Time"),
            ("US/Pacific", "Pacific Standard Time"),
            ("UTC", "UTC"),
            ("Etc/UTC", "UTC"),
            ("Zulu", "UTC"),
            ("GB", "GMT Standard Time"),
            ("Asia/Ho_Chi_Minh", "SE Asia Standard Time"),
        ] {
            assert_eq!(to_windows(alias.parse().unwrap()), Some(id), "{alias}");
        }
    }

    /// A link has the whole history of its zone: what merely agrees today would show here.
    #[test]
    fn links_are_links() {
        let mut links = 0;
        for tz in chrono_tz::TZ_VARIANTS {
            let same = [links::in_cldr(tz), Some(links::present_name(tz))];
            for other in same.into_iter().flatten().filter(|other| *other != tz) {
                links += 1;
                for sample in -3_000..5_000_i64 {
                    let instant = DateTime::from_timestamp(sample * 864_007, 0)
                        .unwrap()
                        .naive_utc();
                    let offset = |tz: Tz| tz.offset_from_utc_datetime(&instant).fix();
                    assert_eq!(offset(tz), offset(other), "{tz} {other} {instant}");
                }
            }
        }
        assert!(links > 150, "{links}");
    }
}
