//! Which zone a name and rules stand for, and how sure that is.

use std::sync::LazyLock;

use chrono::{Datelike, Utc};
use chrono_tz::Tz;
use windows_timezones::WindowsTimezone;

use super::{from_wire, links, localised, rules};
use crate::model::{Zone, ZoneRules};

/// How sure it is which zone of the IANA database is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ZoneCertainty {
    /// By its name: a Windows id, an IANA name, or the English name that Windows shows.
    Exact,
    /// Only one zone fits: by the rules, or by the offset and the places in a name of another language, or by both.
    ByRules,
    /// Several zones may be meant: their rules are the same in the present year, and perhaps in no other; or no more is
    /// known than an offset.
    Ambiguous,
    /// No zone is known that fits.
    Unknown,
}

/// What [`resolve`] found.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Resolution {
    /// The zone; `None` when it is ambiguous or unknown.
    pub tz: Option<Tz>,
    /// How sure that is.
    pub certainty: ZoneCertainty,
    /// All zones that fit, one for each Windows zone: the one zone if it is exact or by rules, those there may be if it
    /// is ambiguous, none if it is unknown. In the order of their names.
    pub candidates: Vec<Tz>,
}

impl Resolution {
    fn exact(tz: Tz) -> Self {
        Self {
            tz: Some(tz),
            certainty: ZoneCertainty::Exact,
            candidates: vec![tz],
        }
    }

    fn among(candidates: Vec<Tz>) -> Self {
        let (tz, certainty) = match candidates.as_slice() {
            [] => (None, ZoneCertainty::Unknown),
            [only] => (Some(*only), ZoneCertainty::ByRules),
            _ => (None, ZoneCertainty::Ambiguous),
        };
        Self {
            tz,
            certainty,
            candidates,
        }
    }
}

/// Which zone a server means by a name, by rules, or by both.
///
/// A name that [`from_wire`] knows decides alone. Else the rules are compared with those of each Windows zone in the
/// present year, or the offset of a name like `(UTC+01:00) …` with theirs; places in such a name, in whatever
/// language, decide between those that fit. Names of other sorts, as `Customized Time Zone`, `tzone://Microsoft/Custom`
/// or `Mitteleuropäische Zeit`, say nothing. Where a name and the rules contradict each other, no zone fits.
///
/// ```
/// use exchange_connector::timezone::{ZoneCertainty, resolve, rules_for_year};
///
/// let german = Some("(UTC+01:00) Amsterdam, Berlin, Bern, Rom, Stockholm, Wien");
/// let found = resolve(german, None);
/// assert_eq!((found.tz, found.certainty), (Some(chrono_tz::Europe::Berlin), ZoneCertainty::ByRules));
///
/// let rules = rules_for_year(chrono_tz::Europe::Berlin, 2026)?;
/// let found = resolve(Some("Customized Time Zone"), Some(&rules));
/// assert_eq!((found.tz, found.certainty), (None, ZoneCertainty::Ambiguous));
/// assert!(found.candidates.contains(&chrono_tz::Europe::Paris));
///
/// assert_eq!(resolve(Some("Zone of my own"), None).certainty, ZoneCertainty::Unknown);
/// # Ok::<(), exchange_connector::Error>(())
/// ```
pub fn resolve(name: Option<&str>, rules: Option<&ZoneRules>) -> Resolution {
    resolve_in_year(name, rules, Utc::now().year())
}

/// As [`resolve`], for rules of that year.
fn resolve_in_year(name: Option<&str>, rules: Option<&ZoneRules>, year: i32) -> Resolution {
    if let Some(tz) = name.and_then(from_wire) {
        return Resolution::exact(tz);
    }
    let shown = name.and_then(localised::Shown::parse);
    let fits = |zone: &&Known| {
        let by_offset = shown
            .as_ref()
            .is_none_or(|shown| zone.shows(shown.offset, year));
        by_offset && rules.is_none_or(|rules| rules::holds(rules, zone.tz, year))
    };
    let fitting: Vec<&Known> = match (&shown, rules) {
        (None, None) => Vec::new(),
        _ => ZONES.iter().filter(fits).collect(),
    };
    let named = shown.and_then(|shown| {
        let known = fitting.iter().map(|zone| (zone.tz, zone.id, zone.english));
        localised::best(&shown, known)
    });
    let candidates: Vec<Tz> = match named {
        Some(tz) => vec![tz],
        None => fitting.into_iter().map(|zone| zone.tz).collect(),
    };
    if named.is_none() && rules.is_none() && !candidates.is_empty() {
        // An offset is no zone, even if no other has it at present.
        return Resolution {
            tz: None,
            certainty: ZoneCertainty::Ambiguous,
            candidates,
        };
    }
    Resolution::among(candidates)
}

impl Zone {
    /// Which IANA zone it is and how sure that is, by its name and its own rules.
    ///
    /// For a zone of rules alone, [`tz`](Self::tz) stays `None` even if just one zone fits: its own rules give the
    /// right instants and are what is written back. What fits is here.
    ///
    /// ```
    /// use exchange_connector::model::Zone;
    /// use exchange_connector::timezone::ZoneCertainty;
    ///
    /// let certainty = |name: &str| Zone::from_wire(name).resolution().certainty;
    /// assert_eq!(certainty("Romance Standard Time"), ZoneCertainty::Exact);
    /// assert_eq!(certainty("(UTC+01:00) Brüssel, Kopenhagen, Madrid, Paris"), ZoneCertainty::ByRules);
    /// assert_eq!(certainty("Unser Werk"), ZoneCertainty::Unknown);
    /// ```
    pub fn resolution(&self) -> Resolution {
        let rules = self.custom.as_ref().map(|custom| &custom.rules);
        let shown = self
            .custom
            .as_ref()
            .and_then(|custom| custom.name.as_deref());
        let named = self.wire.as_deref().or(shown);
        match (named, self.tz) {
            (None, Some(tz)) => Resolution::exact(tz),
            (None, None) => resolve(None, rules),
            (Some(name), _) => {
                let found = resolve(Some(name), rules);
                // A zone of a user's own has the name of no zone, but may be shown by one.
                match shown.filter(|_| found.certainty != ZoneCertainty::Exact) {
                    Some(shown) => resolve(Some(shown), rules),
                    None => found,
                }
            }
        }
    }

    /// How sure it is which IANA zone is meant: see [`resolution`](Self::resolution).
    pub fn certainty(&self) -> ZoneCertainty {
        self.resolution().certainty
    }
}

/// A zone of Windows.
struct Known {
    tz: Tz,
    id: &'static str,
    english: &'static str,
    /// What its English name shows.
    offset: Option<i32>,
}

impl Known {
    /// Whether a name of it may show that offset: Windows is not always up to date, and neither are names.
    fn shows(&self, offset: i32, year: i32) -> bool {
        self.offset == Some(offset) || rules::standard_offset(self.tz, year) == Some(offset)
    }
}

/// All of them, in the order of their IANA names.
static ZONES: LazyLock<Vec<Known>> = LazyLock::new(|| {
    let zones = chrono_tz::TZ_VARIANTS
        .into_iter()
        .filter_map(|tz| WindowsTimezone::try_from(tz).ok());
    let mut zones: Vec<Known> = zones
        .map(|zone| Known {
            tz: links::present_name(zone.into()),
            id: zone.name(),
            english: zone.description(),
            offset: localised::Shown::parse(zone.description()).map(|shown| shown.offset),
        })
        .collect();
    zones.sort_by_key(|zone| (zone.tz.name(), zone.id));
    zones.dedup_by_key(|zone| zone.id);
    zones
});

#[cfg(test)]
mod tests {
    use chrono_tz::{America, Asia, Europe};
    use proptest::prelude::*;

    use super::*;
    use crate::timezone::rules_for_year;

    const YEAR: i32 = 2026;

    fn by(name: Option<&str>, like: Option<Tz>) -> Resolution {
        let rules = like.map(|tz| rules_for_year(tz, YEAR).unwrap());
        resolve_in_year(name, rules.as_ref(), YEAR)
    }

    #[test]
    fn every_windows_zone_is_known() {
        assert_eq!(ZONES.len(), 139);
        assert!(ZONES.iter().all(|zone| zone.offset.is_some()));
    }

    #[test]
    fn names_decide() {
        for (name, tz) in [
            ("W. Europe Standard Time", Europe::Berlin),
            ("Asia/Calcutta", Asia::Calcutta),
            (
                "(UTC+01:00) Brussels, Copenhagen, Madrid, Paris",
                Europe::Paris,
            ),
        ] {
            // Whatever rules a server that was not updated has.
            for like in [None, Some(Asia::Tokyo)] {
                let found = by(Some(name), like);
                assert_eq!(
                    (found.tz, found.certainty),
                    (Some(tz), ZoneCertainty::Exact),
                    "{name}"
                );
            }
        }
    }

    #[test]
    fn names_in_other_languages() {
        for (name, tz) in [
            (
                "(UTC+01:00) Amsterdam, Berlin, Bern, Rom, Stockholm, Wien",
                Europe::Berlin,
            ),
            (
                "(GMT+01:00) Amsterdam, Berlin, Bern, Rom, Stockholm, Wien",
                Europe::Berlin,
            ),
            (
                "(UTC+01:00) Amsterdam, Berlin, Berne, Rome, Stockholm, Vienne",
                Europe::Berlin,
            ),
            (
                "(UTC+01:00) Амстердам, Берлин, Берн, Вена, Рим, Стокгольм",
                Europe::Berlin,
            ),
            (
                "(UTC+01:00) アムステルダム、ベルリン、ベルン、ローマ、ストックホルム、ウィーン",
                Europe::Berlin,
            ),
            (
                "(UTC+01:00) 阿姆斯特丹，柏林，伯尔尼，罗马，斯德哥尔摩，维也纳",
                Europe::Berlin,
            ),
            (
                "(UTC+01:00) Brüssel, Kopenhagen, Madrid, Paris",
                Europe::Paris,
            ),
            (
                "(UTC+01:00) Bruselas, Copenhague, Madrid, París",
                Europe::Paris,
            ),
            (
                "(UTC+01:00) Belgrad, Bratislava, Budapest, Ljubljana, Prag",
                Europe::Budapest,
            ),
            (
                "(UTC+01:00) Sarajewo, Skopje, Warszawa, Zagrzeb",
                Europe::Warsaw,
            ),
            ("(UTC+02:00) Athen, Bukarest", Europe::Bucharest),
            (
                "(UTC+02:00) Helsinki, Kiew, Riga, Sofia, Tallinn, Wilna",
                Europe::Kyiv,
            ),
            (
                "(UTC+00:00) Dublin, Edimburgo, Lisboa, Londres",
                Europe::London,
            ),
            ("(UTC+03:00) Москва, Санкт-Петербург", Europe::Moscow),
            ("(UTC+09:00) 大阪、札幌、東京", Asia::Tokyo),
            ("(UTC+09:00) 서울", Asia::Seoul),
            (
                "(UTC+05:30) Chennai, Kolkata, Mumbai, Neu-Delhi",
                Asia::Kolkata,
            ),
            (
                "(UTC-08:00) Pacific Time (USA und Kanada)",
                America::Los_Angeles,
            ),
        ] {
            let found = by(Some(name), None);
            assert_eq!(
                (found.tz, found.certainty),
                (Some(tz), ZoneCertainty::ByRules),
                "{name}"
            );
            assert_eq!(by(Some(name), Some(tz)), found, "{name}");
            // Its rules are not those of the name.
            assert_eq!(
                by(Some(name), Some(Asia::Kathmandu)).certainty,
                ZoneCertainty::Unknown,
                "{name}"
            );
        }
    }

    #[test]
    fn rules_without_a_name() {
        let only = by(None, Some(Asia::Kathmandu));
        assert_eq!(
            (only.tz, only.certainty),
            (Some(Asia::Kathmandu), ZoneCertainty::ByRules)
        );
        for name in [
            None,
            Some("Customized Time Zone"),
            Some("tzone://Microsoft/Custom"),
            Some("Mitteleuropäische Zeit"),
        ] {
            let several = by(name, Some(Europe::Berlin));
            assert_eq!(
                (several.tz, several.certainty),
                (None, ZoneCertainty::Ambiguous),
                "{name:?}"
            );
            let expected = [
                Europe::Berlin,
                Europe::Budapest,
                Europe::Paris,
                Europe::Warsaw,
            ];
            assert_eq!(several.candidates, expected, "{name:?}");
        }
        let none = resolve_in_year(None, Some(&ZoneRules::fixed(17)), YEAR);
        assert_eq!((none.tz, none.certainty), (None, ZoneCertainty::Unknown));
        assert_eq!(none.candidates, []);
    }

    #[test]
    fn nothing_becomes_utc() {
        for name in [
            "",
            " ",
            "Customized Time Zone",
            "tzone://Microsoft/Custom",
            "Mitteleuropäische Zeit",
            "(UTC+01:17) Nirgendwo",
            "(",
            "(UTC",
        ] {
            let found = by(Some(name), None);
            assert_eq!(
                (found.tz, found.certainty),
                (None, ZoneCertainty::Unknown),
                "{name}"
            );
        }
        // An offset alone is no zone.
        assert_eq!(
            by(Some("(UTC+14:00) Nirgendwo"), None).certainty,
            ZoneCertainty::Ambiguous
        );
        let found = by(Some("(UTC+01:00) Nirgendwo"), None);
        assert_eq!(
            (found.tz, found.certainty),
            (None, ZoneCertainty::Ambiguous)
        );
        assert!(found.candidates.len() > 4);
    }

    #[test]
    fn every_zone_is_among_those_with_its_rules() {
        for zone in ZONES.iter() {
            let found = by(None, Some(zone.tz));
            assert!(found.candidates.contains(&zone.tz), "{}", zone.id);
        }
    }

    proptest! {
        #[test]
        fn any_name_is_taken(name in "(\\(UTC|\\+01:00|\\)|Berlin|, |é|ß|[ -~]){0,12}", bias in any::<i32>()) {
            resolve_in_year(Some(&name), Some(&ZoneRules::fixed(bias)), YEAR);
            resolve_in_year(Some(&name), None, YEAR);
        }
    }
}
