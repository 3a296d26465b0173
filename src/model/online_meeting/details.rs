//! What an invitation says beside the address: the number of the meeting, its passcode, telephone numbers.

use super::DialIn;
use super::document::{Line, Part, is_contact};
use super::words::{self, Label, folded, has_word};

/// How many lines before and after the address are looked at.
const BEFORE: usize = 20;
const AFTER: usize = 200;

/// How much of a line is looked at.
const MOST_OF_LINE: usize = 500;

/// How many telephone numbers are kept: some invitations name one for each country.
const MOST_NUMBERS: usize = 200;

/// What an invitation says beside the address.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Details {
    pub(super) passcode: Option<String>,
    pub(super) meeting_id: Option<String>,
    pub(super) dial_in: Vec<DialIn>,
}

/// Reads the lines around the one with the address; `others` are those with the addresses of other meetings.
pub(super) fn around(lines: &[Line], at: usize, others: &[usize]) -> Details {
    let before = others.iter().filter(|other| **other < at).max();
    let after = others.iter().filter(|other| **other > at).min();
    let from = before
        .map_or(0, |other| other + 1)
        .max(at.saturating_sub(BEFORE));
    let to = after
        .copied()
        .unwrap_or(lines.len())
        .min(at.saturating_add(AFTER));
    read(lines.get(from..to).unwrap_or_default())
}

/// Reads the lines of an invitation.
pub(super) fn read(lines: &[Line]) -> Details {
    let mut details = Details::default();
    let mut phone_id = None;
    let mut is_by_phone = false;
    for (at, line) in lines.iter().enumerate() {
        if line.part == Part::Signature {
            continue;
        }
        let text = beginning(&line.text);
        let small = folded(text);
        let next = lines.get(at + 1).map(|next| beginning(&next.text));
        let mut own_id = None;
        for (label, value) in values(text, &small, next) {
            match label {
                Label::Passcode => set(&mut details.passcode, passcode(value)),
                Label::MeetingId => {
                    set(&mut details.meeting_id, digits(value));
                    // Webex: one number for both.
                    if small.contains("access code") || small.contains("zugriffscode") {
                        set(&mut phone_id, digits(value));
                    }
                }
                Label::PhoneId => own_id = own_id.or_else(|| digits(value)),
            }
        }
        is_by_phone |=
            small.contains(",,") || own_id.is_some() || has_word(&small, words::BY_PHONE);
        let number = is_by_phone.then(|| number(line, text, &small)).flatten();
        match number {
            Some(mut number) if line.part == Part::Text || number.conference_id.is_some() => {
                number.conference_id = number.conference_id.or(own_id);
                add(&mut details.dial_in, number);
            }
            _ => set(&mut phone_id, own_id),
        }
    }
    if details.dial_in.is_empty() {
        set(&mut details.meeting_id, phone_id);
        return details;
    }
    let shared = phone_id.or_else(|| details.meeting_id.clone());
    for number in &mut details.dial_in {
        if number.conference_id.is_none() {
            number.conference_id.clone_from(&shared);
        }
    }
    details
}

fn set(place: &mut Option<String>, value: Option<String>) {
    if place.is_none() {
        *place = value;
    }
}

fn beginning(text: &str) -> &str {
    let end = text
        .char_indices()
        .nth(MOST_OF_LINE)
        .map_or(text.len(), |(at, _)| at);
    text.get(..end).unwrap_or(text)
}

/// The labels of a line and what follows each, in order. `small` is the line in small letters.
fn values<'a>(text: &'a str, small: &str, next: Option<&'a str>) -> Vec<(Label, &'a str)> {
    let mut found = Vec::new();
    let colons = small
        .match_indices([':', '：', '#'])
        .filter(|(_, sign)| *sign != "#");
    for (at, colon) in colons {
        let Some(before) = small.get(..at) else {
            continue;
        };
        let before = before.trim_end();
        // The longest label that ends here.
        let labels = words::LABELS
            .iter()
            .flat_map(|(kind, labels)| labels.iter().map(move |label| (*kind, *label)));
        let fits = |label: &str| {
            before.strip_suffix(label).is_some_and(|rest| {
                !rest.ends_with(|letter: char| letter.is_alphabetic() && letter < '\u{2e80}')
            })
        };
        let Some((kind, _)) = labels
            .filter(|(_, label)| fits(label))
            .max_by_key(|(_, label)| label.len())
        else {
            continue;
        };
        let value = text.get(at + colon.len()..).unwrap_or_default().trim();
        let value = match value {
            "" => next.unwrap_or_default().trim(),
            value => value,
        };
        found.push((kind, value));
    }
    found
}

/// One word that looks like a code; what is a sentence has none.
fn passcode(value: &str) -> Option<String> {
    let (word, rest) = value.split_once(char::is_whitespace).unwrap_or((value, ""));
    let word = word.trim_end_matches([')', ',', ';', '.', ']']);
    let is_alone =
        rest.trim().is_empty() || rest.trim_start().starts_with(['(', '|', '/', '-', '–']);
    let is_code = word.chars().any(|letter| letter.is_ascii_digit());
    let is_fit = (3..=64).contains(&word.len())
        && !word.contains("://")
        && !word.starts_with(['(', '[', '<']);
    (is_fit && (is_alone || is_code)).then(|| word.to_owned())
}

/// A number that is written in groups; at least three digits.
fn digits(value: &str) -> Option<String> {
    let grouped = |letter: &char| letter.is_ascii_digit() || matches!(letter, ' ' | '-' | '\u{a0}');
    let digits: String = value
        .chars()
        .take_while(grouped)
        .filter(char::is_ascii_digit)
        .collect();
    (3..=20).contains(&digits.len()).then_some(digits)
}

/// The telephone number of a line, with what it says of it.
fn number(line: &Line, text: &str, small: &str) -> Option<DialIn> {
    let linked = line
        .links
        .iter()
        .find_map(|link| link.address.strip_prefix("tel:"));
    let linked = linked.and_then(|address| {
        let (_, number, rest) = split_number(address)?;
        Some((number, code(rest).0))
    });
    let (before, number, rest) = split_number(text)?;
    let (mut conference_id, rest) = code(rest);
    if let Some((other, id)) = linked
        && same_number(&other, &number)
    {
        conference_id = conference_id.or(id);
    }
    if conference_id.is_none() && is_contact(small.trim_start()) {
        return None;
    }
    // What follows a label is its value, which is kept elsewhere.
    let after = rest.split([':', '：']).next().unwrap_or_default();
    let after = match rest.contains([':', '：']) {
        true => after
            .rsplit_once(char::is_whitespace)
            .map_or("", |(label, _)| label),
        false => after,
    };
    let label = [after, before]
        .into_iter()
        .map(tidy)
        .find(|label| !label.is_empty() && label.len() <= 80);
    Some(DialIn {
        number,
        label,
        conference_id,
    })
}

/// A label without what sets it off from the number.
fn tidy(label: &str) -> String {
    let label = label.trim_matches(|letter: char| {
        letter.is_whitespace() || matches!(letter, ':' | '-' | '–' | ',' | ';' | '|' | '•' | '*' | '<' | '>' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    });
    let inner = label
        .strip_prefix('(')
        .and_then(|label| label.strip_suffix(')'));
    let label = inner
        .filter(|inner| !inner.contains(['(', ')']))
        .unwrap_or(label);
    // Signs alone say nothing.
    match label.chars().any(char::is_alphabetic) {
        true => label.to_owned(),
        false => String::new(),
    }
}

/// The first international number of a text, or one that begins with 1 or 0, and what is before and after it.
fn split_number(text: &str) -> Option<(&str, String, &str)> {
    let mut from = 0;
    while let Some(rest) = text.get(from..) {
        let start = from + rest.find(|letter: char| letter == '+' || letter.is_ascii_digit())?;
        let rest = text.get(start..)?;
        let mut end = 0;
        let mut open = 0_i32;
        for (at, letter) in rest.char_indices() {
            match letter {
                '+' if at == 0 => {}
                '(' => open += 1,
                ')' if open > 0 => open -= 1,
                ' ' | '-' | '.' | '\u{a0}' | '/' | '\u{2011}' => continue,
                digit if digit.is_ascii_digit() => {}
                _ => break,
            }
            if letter.is_ascii_digit() {
                end = at + 1;
            }
        }
        let number = rest.get(..end)?;
        let count = number.chars().filter(char::is_ascii_digit).count();
        let is_international = number.starts_with('+') && (7..=15).contains(&count);
        let is_national = number.starts_with(['1', '0'])
            && (10..=13).contains(&count)
            && number.contains(['-', ' ', ')']);
        let is_apart =
            text.get(..start)?.chars().next_back().is_none_or(|letter| {
                !letter.is_alphanumeric() && !matches!(letter, '/' | '=' | '#')
            });
        if (is_international || is_national) && is_apart {
            let words: Vec<&str> = number
                .split([' ', '\u{a0}'])
                .filter(|part| !part.is_empty())
                .collect();
            return Some((text.get(..start)?, words.join(" "), rest.get(end..)?));
        }
        from = start + end.max(1);
    }
    None
}

/// The code to type after a number: `,,123456789#`, and what follows.
fn code(rest: &str) -> (Option<String>, &str) {
    let Some(typed) = rest
        .trim_start()
        .strip_prefix(',')
        .map(|rest| rest.trim_start_matches([',', ' ']))
    else {
        return (None, rest);
    };
    let end = typed
        .find(|letter: char| !letter.is_ascii_digit())
        .unwrap_or(typed.len());
    let Some(code) = typed.get(..end).filter(|code| code.len() >= 3) else {
        return (None, rest);
    };
    let after = typed.get(end..).unwrap_or_default();
    // A passcode may follow: ,,,,*123456#
    let after = after.trim_start_matches(|letter: char| {
        matches!(letter, '#' | ',' | '*') || letter.is_ascii_digit()
    });
    (Some(code.to_owned()), after)
}

fn same_number(one: &str, other: &str) -> bool {
    let digits = |text: &str| {
        text.chars()
            .filter(char::is_ascii_digit)
            .collect::<String>()
    };
    digits(one) == digits(other)
}

/// A number that is there already only tells more about itself.
fn add(numbers: &mut Vec<DialIn>, number: DialIn) {
    if let Some(known) = numbers
        .iter_mut()
        .find(|known| same_number(&known.number, &number.number))
    {
        known.label = known.label.take().or(number.label);
        known.conference_id = known.conference_id.take().or(number.conference_id);
    } else if numbers.len() < MOST_NUMBERS {
        numbers.push(number);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::document::line;
    use super::*;

    fn of(text: &str) -> Details {
        let lines: Vec<Line> = text.lines().map(|text| line(text.to_owned())).collect();
        read(&lines)
    }

    #[test]
    fn labels_and_values() {
        for (text, id, passcode) in [
            (
                "Meeting ID: 312 345 678 901\nPasscode: aB3dE6",
                Some("312345678901"),
                Some("aB3dE6"),
            ),
            (
                "Besprechungs-ID: 312 345 678 901  Kenncode: aB3dE6",
                Some("312345678901"),
                Some("aB3dE6"),
            ),
            (
                "Meeting ID: 850 1234 5678 | Passcode: 1234",
                Some("85012345678"),
                Some("1234"),
            ),
            (
                "ID de la réunion :\n312 345 678\nCode secret :\nxY9zz1",
                Some("312345678"),
                Some("xY9zz1"),
            ),
            (
                "Meeting number (access code): 2555 123 4567\nMeeting password: pw123 (79123 from phones)",
                Some("25551234567"),
                Some("pw123"),
            ),
            (
                "会议号：123-456-789\n会议密码：4321",
                Some("123456789"),
                Some("4321"),
            ),
            ("Пароль: Qw12", None, Some("Qw12")),
            ("Password: will be sent to you", None, None),
            ("The passcode is on the board: ask Ada", None, None),
            ("My room's id: 5", None, None),
        ] {
            let found = of(text);
            assert_eq!(found.meeting_id.as_deref(), id, "{text}");
            assert_eq!(found.passcode.as_deref(), passcode, "{text}");
        }
    }

    #[test]
    fn telephone_numbers() {
        for (text, number, label, id) in [
            (
                "Dial in by phone\n+49 69 1234567,,123456789# Germany, Frankfurt",
                "+49 69 1234567",
                Some("Germany, Frankfurt"),
                Some("123456789"),
            ),
            (
                "Join by phone\n(US) +1 661-552-0000 PIN: 213 546 789#",
                "+1 661-552-0000",
                Some("US"),
                Some("213546789"),
            ),
            (
                "One tap mobile\n+16465550000,,81234567890#,,,,*123456# US (New York)",
                "+16465550000",
                Some("US (New York)"),
                Some("81234567890"),
            ),
            (
                "Meeting ID: 850 1234 5678\nDial by your location\n        • +1 646 555 0000 US (New York)",
                "+1 646 555 0000",
                Some("US (New York)"),
                Some("85012345678"),
            ),
            (
                "You can also dial in using your phone.\nUnited States: +1 (571) 555-0112\nAccess Code: 123-456-789",
                "+1 (571) 555-0112",
                Some("United States"),
                Some("123456789"),
            ),
            (
                "Join by phone\n1-650-555-0108 Call-in number (US/Canada)\nAccess code: 2555 123 4567",
                "1-650-555-0108",
                Some("Call-in number (US/Canada)"),
                Some("25551234567"),
            ),
        ] {
            let found = of(text);
            assert_eq!(found.dial_in.len(), 1, "{text}: {found:?}");
            let dial_in = &found.dial_in[0];
            assert_eq!(dial_in.number, number, "{text}");
            assert_eq!(dial_in.label.as_deref(), label, "{text}");
            assert_eq!(dial_in.conference_id.as_deref(), id, "{text}");
        }
    }

    #[test]
    fn numbers_of_people_are_not_dialled() {
        for text in [
            "+49 30 123456",
            "Tel: +49 30 123456",
            "Call me if you are late.\nMobile: +49 170 1234567",
            "Phone +49 30 123456",
            "Order 1234567890123 was shipped. Call us.",
            "Dial in: 2026-03-02 10:00",
        ] {
            assert_eq!(of(text).dial_in, [], "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_taken(text in "(passcode|meeting id|:|\\+|[0-9]|,,|#|dial|\n|é|[ -~]){0,60}") {
            of(&text);
        }
    }
}
