//! Names of time zones as Windows shows them in other languages:
//! `(UTC+01:00) Amsterdam, Berlin, Bern, Rom, Stockholm, Wien`.
//!
//! Such a name is an offset and the names of places. There is no free table of them that is kept up, so that a name
//! is not looked up but understood: among the zones with that offset, the one that has these places in English, by
//! similar spelling (`Prag`, `Praga` and `Прага` are `Prague`) or by a word of `places.tsv`. It was put to the test: see [`best`].

use std::{collections::HashMap, sync::LazyLock};

/// What a name shows.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Shown<'a> {
    /// Minutes before UTC.
    pub(super) offset: i32,
    places: &'a str,
}

impl<'a> Shown<'a> {
    /// An offset in brackets, and places: `(UTC+01:00) …`, also with `GMT`, and without a number for UTC.
    pub(super) fn parse(name: &'a str) -> Option<Self> {
        let (offset, places) = name.trim().strip_prefix('(')?.split_once(')')?;
        let number = ["UTC", "GMT", "utc", "gmt"]
            .into_iter()
            .find_map(|prefix| offset.trim().strip_prefix(prefix))?;
        Some(Self {
            offset: minutes(number.trim())?,
            places: places.trim(),
        })
    }
}

fn minutes(text: &str) -> Option<i32> {
    let (sign, digits) = match text.chars().next() {
        None => return Some(0),
        Some('+') => (1, text.get(1..)?),
        Some('-') => (-1, text.get(1..)?),
        Some('\u{2212}') => (-1, text.get(3..)?),
        Some(_) => return None,
    };
    let (hours, minutes) = digits.split_once([':', '.']).unwrap_or((digits, "0"));
    let (hours, minutes): (i32, i32) = (hours.parse().ok()?, minutes.parse().ok()?);
    ((0..=14).contains(&hours) && (0..60).contains(&minutes)).then(|| sign * (hours * 60 + minutes))
}

/// Which of these zones has the places of the name: the one with the most of them; `None` if none has, or two have as
/// many. The zones are given by Windows id and English name.
///
/// Put to the 6,672 names that Windows has in 48 languages (as the project TimeZoneNames gathers them, October 2025):
/// 2,130 are English ones, which are known; of the others 3,036 were understood, none as another zone, and 1,506 left
/// open. Most of these are of scripts other than Latin, Greek and Cyrillic, or of places that few live in.
pub(super) fn best<'a, Z: Copy>(
    shown: &Shown<'_>,
    zones: impl Iterator<Item = (Z, &'a str, &'a str)>,
) -> Option<Z> {
    let mut first: Option<(usize, Z)> = None;
    let mut is_tie = false;
    let places = words(shown.places);
    let folded = shown.places.to_lowercase();
    for (zone, id, english) in zones {
        let known = Shown::parse(english)
            .map(|shown| words(shown.places))
            .unwrap_or_default();
        let similar = |place: &&String| known.iter().any(|known| are_similar(known, place));
        let other_words = PLACES.get(id).map(Vec::as_slice).unwrap_or_default();
        let count = places.iter().filter(similar).count()
            + other_words
                .iter()
                .filter(|word| folded.contains(**word))
                .count();
        match first {
            Some((most, _)) if count < most => {}
            Some((most, _)) if count == most => is_tie = true,
            _ if count == 0 => {}
            _ => (first, is_tie) = (Some((count, zone)), false),
        }
    }
    first.filter(|_| !is_tie).map(|(_, zone)| zone)
}

static PLACES: LazyLock<HashMap<&str, Vec<&str>>> = LazyLock::new(|| {
    let lines = include_str!("places.tsv").lines();
    let rows = lines.filter(|line| !line.starts_with('#')).map(|line| {
        let mut columns = line.split('\t');
        (columns.next().unwrap_or_default(), columns.collect())
    });
    rows.collect()
});

/// The words of a name that tell places apart, spelled in a way that many languages share.
fn words(places: &str) -> Vec<String> {
    let words = places.split(|letter: char| !letter.is_alphanumeric() && letter != '\'');
    let words = words.map(spelled).filter(|word| word.chars().count() >= 3);
    words
        .filter(|word| !COMMON.contains(&word.as_str()))
        .collect()
}

/// Words of many zones, as [`spelled`].
const COMMON: [&str; 24] = [
    "time", "and", "the", "old", "east", "vest", "island", "islands", "insel", "inseln", "ile",
    "iles", "isla", "islas", "tiempo", "temps", "ora", "ore", "hora", "sao", "san", "saint",
    "port", "new",
];

fn are_similar(one: &str, other: &str) -> bool {
    if one == other {
        return true;
    }
    let same = one
        .chars()
        .zip(other.chars())
        .take_while(|(a, b)| a == b)
        .count();
    let (long, short) = (
        one.chars().count().max(other.chars().count()),
        one.chars().count().min(other.chars().count()),
    );
    // Rom and Rome; Bukarest and Bucareste; Ekaterimburgo and Yekaterinburg; Wien and Vienna.
    (same == short && short >= 3 && long - short <= 3)
        || (same >= 4 && (long - same <= 5 || same * 2 >= long))
        || (same >= 3 && long <= 5)
}

/// A word as it might be written anywhere: Latin, without accents, and one letter for one sound.
fn spelled(word: &str) -> String {
    let mut plain = String::with_capacity(word.len());
    for letter in word.chars().flat_map(char::to_lowercase) {
        let latin = latin(letter);
        match latin {
            "" => plain.push(letter),
            latin => plain.push_str(latin.trim()),
        }
    }
    let plain = plain
        .replace("tch", "c")
        .replace("tsch", "c")
        .replace("ch", "c")
        .replace("sch", "s")
        .replace("sh", "s")
        .replace("sz", "s")
        .replace("ph", "f")
        .replace("ck", "k")
        .replace("qu", "k")
        .replace("oe", "u")
        .replace("ou", "u");
    let mut spelled = String::with_capacity(plain.len());
    for letter in plain.chars() {
        let letter = match letter {
            'c' | 'q' => 'k',
            'w' => 'v',
            'y' | 'j' => 'i',
            'z' => 's',
            'h' | '\'' => continue,
            letter => letter,
        };
        if !spelled.ends_with(letter) {
            spelled.push(letter);
        }
    }
    // Jekaterinburg, Ekaterinburg.
    match spelled.strip_prefix('i') {
        Some(rest) if rest.starts_with(['a', 'e', 'o', 'u']) => rest.to_owned(),
        _ => spelled,
    }
}

/// A letter in plain Latin, `" "` for none; empty if it is left as it is.
fn latin(letter: char) -> &'static str {
    match letter {
        'à' | 'á' | 'â' | 'ã' | 'ä' | 'å' | 'ā' | 'ă' | 'ą' | 'а' | 'α' | 'ά' => "a",
        'æ' => "a",
        'б' => "b",
        'ç' | 'ć' | 'č' | 'ц' | 'ч' => "c",
        'ð' | 'ď' | 'đ' | 'д' | 'δ' => "d",
        'è' | 'é' | 'ê' | 'ë' | 'ē' | 'ė' | 'ę' | 'ě' | 'е' | 'ё' | 'э' | 'є' | 'ε' | 'έ' => {
            "e"
        }
        'ф' | 'φ' => "f",
        'ğ' | 'ģ' | 'г' | 'ґ' | 'γ' => "g",
        'х' | 'χ' => "kh",
        'ì' | 'í' | 'î' | 'ï' | 'ī' | 'į' | 'ı' | 'и' | 'і' | 'ї' | 'й' | 'ι' | 'ί' | 'ϊ' | 'η'
        | 'ή' | 'ы' => "i",
        'ж' => "s",
        'ķ' | 'к' | 'κ' => "k",
        'ł' | 'ļ' | 'ľ' | 'л' | 'λ' => "l",
        'м' | 'μ' => "m",
        'ñ' | 'ń' | 'ņ' | 'ň' | 'н' | 'ν' => "n",
        'ò' | 'ó' | 'ô' | 'õ' | 'ö' | 'ø' | 'ō' | 'ő' | 'о' | 'ο' | 'ό' | 'ω' | 'ώ' => {
            "o"
        }
        'œ' => "o",
        'п' | 'π' => "p",
        'ř' | 'р' | 'ρ' => "r",
        'ß' => "s",
        'ś' | 'š' | 'ş' | 'ș' | 'с' | 'ш' | 'щ' | 'σ' | 'ς' => "s",
        'ť' | 'ţ' | 'ț' | 'т' | 'τ' | 'θ' => "t",
        'ù' | 'ú' | 'û' | 'ü' | 'ū' | 'ů' | 'ű' | 'ų' | 'у' | 'ю' | 'υ' | 'ύ' => "u",
        'в' | 'β' => "v",
        'ξ' => "ks",
        'ý' => "y",
        'ź' | 'ż' | 'ž' | 'з' | 'ζ' => "z",
        'я' => "ya",
        'ь' | 'ъ' => " ",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets() {
        for (name, offset) in [
            ("(UTC+01:00) Berlin", Some(60)),
            ("(GMT-03:30) Neufundland", Some(-210)),
            ("(UTC\u{2212}05:00) x", Some(-300)),
            ("(UTC) Weltzeit", Some(0)),
            ("(GMT) London", Some(0)),
            ("(UTC+1) x", Some(60)),
            ("(UTC+25:00) x", None),
            ("(UTC+01:99) x", None),
            ("(Berlin) x", None),
            ("UTC+01:00", None),
            ("(UTC+é) x", None),
        ] {
            assert_eq!(
                Shown::parse(name).map(|shown| shown.offset),
                offset,
                "{name}"
            );
        }
    }

    #[test]
    fn spellings_are_one() {
        for (english, others) in [
            ("Rome", &["Rom", "Roma"][..]),
            ("Vienna", &["Wien", "Viena", "Vienne"]),
            (
                "Yekaterinburg",
                &["Jekaterinburg", "Ekaterimburgo", "Екатеринбург"],
            ),
            ("Khartoum", &["Khartum", "Хартум"]),
            ("Bucharest", &["Bukarest", "Bucarest", "Bucareste"]),
            ("Prague", &["Prag", "Praga", "Praha", "Прага"]),
            ("Moscow", &["Moskau", "Moscou", "Mosca", "Москва"]),
            ("Athens", &["Athen", "Atenas", "Atene"]),
            ("Cairo", &["Kairo"]),
        ] {
            for other in others {
                assert!(
                    are_similar(&spelled(english), &spelled(other)),
                    "{english} {other} {}",
                    spelled(other)
                );
            }
        }
        assert!(!are_similar(&spelled("Paris"), &spelled("Prague")));
    }
}
