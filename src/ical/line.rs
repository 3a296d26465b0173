//! Lines of iCalendar text (RFC 5545 section 3.1) and the components they form. The lines themselves are read and
//! written by the crate `icalendar`.

use chrono::{DateTime, Utc};
use icalendar::parser;

use super::{problem, time::Stamp};
use crate::error::{Error, ErrorKind, Result};

/// Larger texts are refused: what is in them is held in memory several times.
const MOST_BYTES: usize = 64 << 20;
/// Components within components: a calendar, an event, its alarm.
const MOST_LEVELS: usize = 8;

/// A property: `NAME;PARAMETER=…:value`.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Line {
    /// In upper case.
    pub(super) name: String,
    /// Names in upper case; values as they are meant.
    parameters: Vec<(String, String)>,
    /// Texts as they are meant, all others as they were written.
    pub(super) value: String,
}

impl Line {
    fn read(text: &str) -> Option<Self> {
        let end = text.find([':', ';']).unwrap_or(text.len());
        let (name, rest) = text.split_at_checked(end)?;
        let name = name.trim().to_ascii_uppercase();
        if name.is_empty() {
            return None;
        }
        let text = format!("{name}{rest}");
        let read = parser::Property::try_from(text.as_str()).ok()?;
        let parameter = |parameter: &parser::Parameter<'_>| {
            let value = parameter
                .val
                .as_ref()
                .map_or("", parser::ParseString::as_str);
            let name = parameter.key.as_str().trim().to_ascii_uppercase();
            (name, parameter_value(value))
        };
        Some(Self {
            name,
            parameters: read.params.iter().map(parameter).collect(),
            value: read.val.as_str().to_owned(),
        })
    }

    /// The value of a parameter.
    pub(super) fn parameter(&self, name: &str) -> Option<&str> {
        let mut parameters = self.parameters.iter();
        parameters
            .find(|(found, _)| found == name)
            .map(|(_, value)| value.as_str())
    }

    /// Whether a parameter has this value, in any case of letters.
    pub(super) fn says(&self, parameter: &str, value: &str) -> bool {
        self.parameter(parameter)
            .is_some_and(|found| found.trim().eq_ignore_ascii_case(value))
    }
}

/// Undoes RFC 6868.
fn parameter_value(text: &str) -> String {
    let mut value = String::with_capacity(text.len());
    let mut characters = text.trim_matches('"').chars().peekable();
    while let Some(character) = characters.next() {
        let meant = match (character, characters.peek()) {
            ('^', Some('n')) => '\n',
            ('^', Some('\'')) => '"',
            ('^', Some('^')) => '^',
            (other, _) => {
                value.push(other);
                continue;
            }
        };
        value.push(meant);
        characters.next();
    }
    value
}

/// A component: what stands between `BEGIN` and `END`.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Component {
    /// In upper case.
    pub(super) name: String,
    pub(super) lines: Vec<Line>,
    pub(super) components: Vec<Self>,
    /// Lines that nobody can read, as they are.
    pub(super) unreadable: Vec<String>,
}

impl Component {
    /// The outermost components of a text.
    pub(super) fn read_all(text: &str) -> Result<Vec<Self>> {
        if text.len() > MOST_BYTES {
            let problem = format!("the text has more than {MOST_BYTES} bytes");
            return Err(Error::new(ErrorKind::TooLarge, super::READ, problem));
        }
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let text = text.replace("\r\n", "\n").replace('\r', "\n");
        let text = parser::unfold(&text);
        let mut open = vec![Self::default()];
        for line in text.split('\n').filter(|line| !line.trim().is_empty()) {
            match boundary(line) {
                Some((true, name)) if open.len() > MOST_LEVELS => {
                    return Err(problem(format!(
                        "{name} stands too deep within other components"
                    )));
                }
                Some((true, name)) => open.push(Self {
                    name,
                    ..Self::default()
                }),
                Some((false, name)) => close(&mut open, &name)?,
                None => {
                    let last = open
                        .last_mut()
                        .ok_or_else(|| problem("a line stands nowhere"))?;
                    match Line::read(line) {
                        Some(line) => last.lines.push(line),
                        None => last.unreadable.push(line.to_owned()),
                    }
                }
            }
        }
        match open.as_slice() {
            [all] => Ok(all.components.clone()),
            [.., last] => Err(problem(format!("the text ends before END:{}", last.name))),
            [] => Ok(Vec::new()),
        }
    }

    /// The first property of this name.
    pub(super) fn line(&self, name: &str) -> Option<&Line> {
        self.lines(name).next()
    }

    /// All properties of this name.
    pub(super) fn lines(&self, name: &str) -> impl Iterator<Item = &Line> {
        self.lines.iter().filter(move |line| line.name == name)
    }

    /// The first value of this name that is not empty.
    pub(super) fn value(&self, name: &str) -> Option<&str> {
        self.lines(name)
            .map(|line| line.value.as_str())
            .find(|value| !value.trim().is_empty())
    }
}

impl Component {
    /// A value that is one of a few words, in upper case.
    pub(super) fn word(&self, name: &str) -> Option<String> {
        Some(self.value(name)?.trim().to_ascii_uppercase())
    }

    pub(super) fn is_true(&self, name: &str) -> bool {
        self.word(name).as_deref() == Some("TRUE")
    }

    /// A value that must be in UTC.
    pub(super) fn instant(&self, name: &str) -> Option<DateTime<Utc>> {
        match Stamp::read(self.value(name)?)? {
            Stamp::Utc(instant) => Some(instant),
            Stamp::Date(_) | Stamp::Local(_) => None,
        }
    }
}

/// Whether a component begins or ends here, and its name.
fn boundary(line: &str) -> Option<(bool, String)> {
    let (word, name) = line.split_once(':')?;
    let begins = match word.trim() {
        word if word.eq_ignore_ascii_case("BEGIN") => true,
        word if word.eq_ignore_ascii_case("END") => false,
        _ => return None,
    };
    Some((begins, name.trim().to_ascii_uppercase()))
}

fn close(open: &mut Vec<Component>, name: &str) -> Result<()> {
    match (open.pop(), open.last_mut()) {
        (Some(done), Some(parent)) if done.name == name => {
            parent.components.push(done);
            Ok(())
        }
        (Some(done), Some(_)) => Err(problem(format!(
            "END:{name} stands where END:{} should",
            done.name
        ))),
        _ => Err(problem(format!("END:{name} has no beginning"))),
    }
}

/// Text in the making.
#[derive(Debug, Clone, Default)]
pub(super) struct Text(String);

impl Text {
    pub(super) fn into_string(self) -> String {
        self.0
    }

    pub(super) fn append(&mut self, other: &Self) {
        self.0.push_str(&other.0);
    }

    pub(super) fn begin(&mut self, component: &str) {
        self.line("BEGIN", &[], component);
    }

    pub(super) fn end(&mut self, component: &str) {
        self.line("END", &[], component);
    }

    /// Adds a text in people's words. Line breaks stay; other control characters, which RFC 5545 does not allow, do
    /// not.
    pub(super) fn text(&mut self, name: &str, parameters: &[(&str, &str)], text: &str) {
        let text = text.replace("\r\n", "\n").replace('\r', "\n");
        let text: String = text
            .chars()
            .filter(|c| matches!(c, '\n' | '\t') || !c.is_control())
            .collect();
        self.push(name, parameters, &text);
    }

    /// Adds a list of texts.
    pub(super) fn texts<'a>(&mut self, name: &str, texts: impl Iterator<Item = &'a str>) {
        let texts: Vec<_> = texts.map(escape).collect();
        self.line(name, &[], &texts.join(","));
    }

    /// Adds a value that is written as it is.
    pub(super) fn line(&mut self, name: &str, parameters: &[(&str, &str)], value: &str) {
        let value: String = value.chars().filter(|c| !c.is_control()).collect();
        self.push(name, parameters, &value);
    }

    fn push(&mut self, name: &str, parameters: &[(&str, &str)], value: &str) {
        let mut property = icalendar::Property::new(name, value);
        for (name, value) in parameters {
            // RFC 6868: these cannot stand in a parameter otherwise.
            let value = value
                .replace('^', "^^")
                .replace('"', "^'")
                .replace("\r\n", "\n");
            let value = value.replace(['\n', '\r'], "^n");
            let value: String = value.chars().filter(|c| !c.is_control()).collect();
            property.add_parameter(name, &value);
        }
        // Writing into a String does not fail.
        let line: Result<String, _> = property.done().try_into();
        self.0.push_str(&line.unwrap_or_default());
    }
}

fn escape(text: &str) -> String {
    let text: String = text.chars().filter(|c| !c.is_control()).collect();
    text.replace('\\', "\\\\")
        .replace(',', "\\,")
        .replace(';', "\\;")
}

/// The texts of a list: a comma separates them unless a backslash is before it.
pub(super) fn texts_of(list: &str) -> Vec<String> {
    let mut texts = vec![String::new()];
    let mut characters = list.chars();
    while let Some(character) = characters.next() {
        let meant = match character {
            ',' => {
                texts.push(String::new());
                continue;
            }
            '\\' => match characters.next() {
                Some('n' | 'N') => '\n',
                Some(escaped) => escaped,
                None => continue,
            },
            other => other,
        };
        if let Some(last) = texts.last_mut() {
            last.push(meant);
        }
    }
    texts
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(line: &str) -> Line {
        Line::read(line).unwrap()
    }

    #[test]
    fn lines() {
        let line = read("dtstart;tzid=\"W. Europe Standard Time\":20260101T090000");
        assert_eq!(
            (line.name.as_str(), line.value.as_str()),
            ("DTSTART", "20260101T090000")
        );
        assert_eq!(line.parameter("TZID"), Some("W. Europe Standard Time"));
        let line = read("ATTENDEE;CN=\"^'Doe^', J^^^n\":mailto:j@example.com");
        assert_eq!(line.parameter("CN"), Some("\"Doe\", J^\n"));
        assert_eq!(read("SUMMARY:a\\, b\\nc\\\\n").value, "a, b\nc\\n");
        assert_eq!(
            read("RRULE:FREQ=DAILY;INTERVAL=65537").value,
            "FREQ=DAILY;INTERVAL=65537"
        );
        assert_eq!(
            read("URL:https://a.example/b,c;d").value,
            "https://a.example/b,c;d"
        );
        assert_eq!(Line::read(":x"), None);
        assert_eq!(texts_of("a\\,b,c\\;\\\\,"), ["a,b", "c;\\", ""]);
    }

    #[test]
    fn components() {
        let text = "\u{feff}BEGIN:VCALENDAR\r\nbegin:vevent\nSUMMARY:a\n b\r\n\tc\nEND:VEVENT\rEND:VCALENDAR\r\n";
        let all = Component::read_all(text).unwrap();
        assert_eq!(all[0].components[0].value("SUMMARY"), Some("abc"));
        for (bad, why) in [
            ("BEGIN:VCALENDAR\n", "the text ends before END:VCALENDAR"),
            (
                "BEGIN:A\nBEGIN:B\nEND:A\nEND:B",
                "END:A stands where END:B should",
            ),
            ("END:A", "END:A has no beginning"),
            (&"BEGIN:A\n".repeat(100_000), "A stands too deep"),
        ] {
            let error = Component::read_all(bad).unwrap_err();
            assert!(error.message().contains(why), "{error}");
        }
    }

    /// The shortcomings of the other crate that decided against it; see the module.
    #[test]
    fn written_lines_are_short_and_hold_no_second_line() {
        let mut text = Text::default();
        text.text("SUMMARY", &[], "ä\r\nEND:VEVENT\u{0}\u{1b}");
        text.line("URL", &[], "https://a.example/\r\nEND:VEVENT");
        text.line(
            "ATTENDEE",
            &[("CN", "\"x\"\r\nEND:VEVENT")],
            "mailto:a@example.com",
        );
        text.text("DESCRIPTION", &[], &"é".repeat(500));
        let text = text.into_string();
        assert!(
            text.lines()
                .all(|line| line.len() <= 75 && !line.starts_with("END")),
            "{text}"
        );
        assert!(text.starts_with("SUMMARY:ä\\nEND:VEVENT\r\n"), "{text}");
    }

    proptest! {
        #[test]
        fn texts_come_back(text in "\\PC{0,200}|[\\\\,;:n\"^\n a-zé]{0,200}") {
            let mut lines = Text::default();
            lines.begin("X");
            lines.text("SUMMARY", &[("CN", &text)], &text);
            lines.texts("CATEGORIES", [text.as_str(), "b"].into_iter());
            lines.end("X");
            let lines = lines.into_string();
            let component = Component::read_all(&lines).unwrap().remove(0);
            let line = component.line("SUMMARY").unwrap();
            prop_assert_eq!(&line.value, &text);
            prop_assert_eq!(line.parameter("CN").unwrap_or(""), &text);
            let categories = component.line("CATEGORIES").unwrap();
            prop_assert_eq!(texts_of(&categories.value), [text.replace('\n', ""), "b".to_owned()]);
        }

        #[test]
        fn any_text_is_taken(text in "(BEGIN:|END:|[A-Z;=\":,\\\\^\r\n \t.é]){0,60}|.{0,100}") {
            let _ = Component::read_all(&text);
        }
    }
}
