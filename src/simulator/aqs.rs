//! Content searches as users write them: the part of the Advanced Query Syntax that mail needs.
//!
//! <https://learn.microsoft.com/en-us/exchange/client-developer/web-service-reference/querystring-querystringtype>

use chrono::{DateTime, Datelike as _, Days, Months, NaiveDate, NaiveTime, Utc};

use super::body::plain;
use super::item::{Item, RECEIVED, Role, SENT, SUBJECT};
use super::refusal::Refusal;
use super::restriction::has_phrase;
use super::zone::Zone;

/// Where a span begins or ends, if it does.
type Edge = Option<DateTime<Utc>>;

/// A search, read.
#[derive(Debug, PartialEq)]
pub(super) enum Query {
    And(Vec<Self>),
    Or(Vec<Self>),
    Not(Box<Self>),
    /// A word, or several in a row, in a property or anywhere.
    Words(Place, Words),
    HasAttachment(bool),
    IsRead(bool),
    /// From the first instant on, before the second.
    Received(Edge, Edge),
    Sent(Edge, Edge),
}

/// Words in a row, in small letters; the last may be the beginning of one.
#[derive(Debug, PartialEq)]
pub(super) struct Words {
    text: String,
    prefix: bool,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Place {
    Anywhere,
    Subject,
    From,
    To,
    Cc,
    Participants,
    Body,
    Attachment,
}

#[derive(Clone, Debug, PartialEq)]
enum Token {
    Open,
    Close,
    And,
    Or,
    Not,
    /// `name:`
    Key(String),
    /// A word or a phrase, and whether it was in quotation marks.
    Text(String, bool),
}

fn invalid(why: &str) -> Refusal {
    Refusal::new(
        "ErrorInvalidArgument",
        format!("The query string cannot be read: {why}."),
    )
}

fn tokens(text: &str) -> Result<Vec<Token>, Refusal> {
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let after = rest.get(first.len_utf8()..).unwrap_or_default();
        rest = match first {
            '(' => {
                tokens.push(Token::Open);
                after
            }
            ')' => {
                tokens.push(Token::Close);
                after
            }
            '-' => {
                tokens.push(Token::Not);
                after
            }
            '"' => {
                let (phrase, after) = after
                    .split_once('"')
                    .ok_or_else(|| invalid("a quotation mark is missing"))?;
                tokens.push(Token::Text(phrase.to_owned(), true));
                after
            }
            _ => {
                let end = rest
                    .find(|one: char| one.is_whitespace() || matches!(one, '(' | ')' | '"'))
                    .unwrap_or(rest.len());
                let (word, after) = rest.split_at(end);
                match (word, word.split_once(':')) {
                    ("AND", _) => tokens.push(Token::And),
                    ("OR", _) => tokens.push(Token::Or),
                    ("NOT", _) => tokens.push(Token::Not),
                    (_, Some((key, value))) if is_key(key) => {
                        tokens.push(Token::Key(key.to_ascii_lowercase()));
                        if !value.is_empty() {
                            tokens.push(Token::Text(value.to_owned(), false));
                        }
                    }
                    _ => tokens.push(Token::Text(word.to_owned(), false)),
                }
                after
            }
        }
        .trim_start();
    }
    Ok(tokens)
}

fn is_key(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|one| one.is_ascii_alphabetic())
}

/// Reads tokens from the front.
struct Reader<'a> {
    tokens: &'a [Token],
    zone: &'a Zone,
    now: DateTime<Utc>,
}

impl<'a> Reader<'a> {
    fn peek(&self) -> Option<&'a Token> {
        self.tokens.first()
    }

    fn next(&mut self) -> Option<&'a Token> {
        let (first, rest) = self.tokens.split_first()?;
        self.tokens = rest;
        Some(first)
    }

    fn either(&mut self, key: Option<&str>) -> Result<Query, Refusal> {
        let mut parts = vec![self.both(key)?];
        while self.peek() == Some(&Token::Or) {
            self.next();
            parts.push(self.both(key)?);
        }
        Ok(only(parts, Query::Or))
    }

    fn both(&mut self, key: Option<&str>) -> Result<Query, Refusal> {
        let mut parts = vec![self.one(key)?];
        loop {
            match self.peek() {
                None | Some(Token::Or | Token::Close) => break,
                Some(Token::And) => {
                    self.next();
                }
                Some(_) => {}
            }
            parts.push(self.one(key)?);
        }
        Ok(only(parts, Query::And))
    }

    fn one(&mut self, key: Option<&str>) -> Result<Query, Refusal> {
        match self.next() {
            Some(Token::Not) => Ok(Query::Not(Box::new(self.one(key)?))),
            Some(Token::Open) => {
                let inner = self.either(key)?;
                match self.next() {
                    Some(Token::Close) => Ok(inner),
                    _ => Err(invalid("a parenthesis is missing")),
                }
            }
            Some(Token::Key(name)) => match self.peek() {
                Some(Token::Open) => self.one(Some(name)),
                Some(Token::Text(text, quoted)) => {
                    self.next();
                    self.leaf(Some(name), text, *quoted)
                }
                _ => Err(invalid("a value is missing")),
            },
            Some(Token::Text(text, quoted)) => self.leaf(key, text, *quoted),
            _ => Err(invalid("a word is missing")),
        }
    }

    fn leaf(&self, key: Option<&str>, text: &str, quoted: bool) -> Result<Query, Refusal> {
        let words = |place| {
            let prefix = text.ends_with('*');
            let text = text.trim_end_matches('*').to_lowercase();
            Query::Words(place, Words { text, prefix })
        };
        Ok(match key {
            None => words(Place::Anywhere),
            Some("subject") => words(Place::Subject),
            Some("from") => words(Place::From),
            Some("to") => words(Place::To),
            Some("cc") => words(Place::Cc),
            Some("participants") => words(Place::Participants),
            Some("body" | "content") => words(Place::Body),
            Some("attachment" | "attachments") => words(Place::Attachment),
            Some("hasattachment" | "hasattachments") => Query::HasAttachment(truth(text)?),
            Some("isread") => Query::IsRead(truth(text)?),
            Some("received") => {
                let (from, to) = self.range(text)?;
                Query::Received(from, to)
            }
            Some("sent") => {
                let (from, to) = self.range(text)?;
                Query::Sent(from, to)
            }
            // A colon in a word is not a property.
            Some(other) if !quoted => {
                let text = format!("{other}:{text}").to_lowercase();
                let prefix = false;
                Query::Words(Place::Anywhere, Words { text, prefix })
            }
            Some(other) => return Err(invalid(&format!("there is no property {other}"))),
        })
    }

    /// Dates and spans: `2026-03-04`, `3/4/2026`, `>=2026-03-04`, `2026-03-01..2026-03-04`,
    /// `today`, `yesterday`.
    fn range(&self, text: &str) -> Result<(Edge, Edge), Refusal> {
        if let Some((from, to)) = text.split_once("..") {
            let from = (!from.is_empty()).then(|| self.day(from)).transpose()?;
            let to = (!to.is_empty()).then(|| self.day(to)).transpose()?;
            return Ok((from.map(|(start, _)| start), to.map(|(_, end)| end)));
        }
        let operators: [&str; 4] = [">=", "<=", ">", "<"];
        let operator = operators.iter().find(|one| text.starts_with(**one));
        let Some(operator) = operator else {
            let (start, end) = self.day(text)?;
            return Ok((Some(start), Some(end)));
        };
        let (start, end) = self.day(text.trim_start_matches(operator))?;
        Ok(match *operator {
            ">=" => (Some(start), None),
            "<=" => (None, Some(end)),
            ">" => (Some(end), None),
            _ => (None, Some(start)),
        })
    }

    /// The beginning and the end of a day, a month or a year in words or numbers.
    fn day(&self, text: &str) -> Result<(DateTime<Utc>, DateTime<Utc>), Refusal> {
        let today = self.zone.local(self.now).date();
        if let Ok(instant) = DateTime::parse_from_rfc3339(text) {
            let instant = instant.with_timezone(&Utc);
            return Ok((instant, instant));
        }
        let first_of = |date: NaiveDate| date.with_day(1);
        let span = match text.to_ascii_lowercase().as_str() {
            "today" => Some((today, today + Days::new(1))),
            "yesterday" => Some((today - Days::new(1), today)),
            "thismonth" => first_of(today).map(|first| (first, first + Months::new(1))),
            text => NaiveDate::parse_from_str(text, "%Y-%m-%d")
                .or_else(|_| NaiveDate::parse_from_str(text, "%m/%d/%Y"))
                .ok()
                .map(|date| (date, date + Days::new(1))),
        };
        let (start, end) = span.ok_or_else(|| invalid(&format!("'{text}' is no date")))?;
        let midnight = |date: NaiveDate| self.zone.instant(date.and_time(NaiveTime::MIN));
        Ok((midnight(start), midnight(end)))
    }
}

fn truth(text: &str) -> Result<bool, Refusal> {
    match text.to_ascii_lowercase().as_str() {
        "true" | "yes" | "1" => Ok(true),
        "false" | "no" | "0" => Ok(false),
        other => Err(invalid(&format!("'{other}' is neither true nor false"))),
    }
}

fn only(mut parts: Vec<Query>, many: fn(Vec<Query>) -> Query) -> Query {
    match (parts.len(), parts.pop()) {
        (1, Some(part)) => part,
        (_, last) => {
            parts.extend(last);
            many(parts)
        }
    }
}

impl Query {
    /// Reads a query string. Days are those of `zone`.
    pub(super) fn read(text: &str, zone: &Zone, now: DateTime<Utc>) -> Result<Self, Refusal> {
        let tokens = tokens(text)?;
        let mut reader = Reader {
            tokens: &tokens,
            zone,
            now,
        };
        let query = reader.either(None)?;
        match reader.peek() {
            None => Ok(query),
            Some(_) => Err(invalid("a parenthesis too many")),
        }
    }

    /// Whether an item is what is looked for.
    pub(super) fn holds(&self, item: &Item) -> bool {
        let within = |time: Option<DateTime<Utc>>, from: &Option<_>, to: &Option<_>| {
            time.is_some_and(|time| {
                from.is_none_or(|from| time >= from) && to.is_none_or(|to| time < to)
            })
        };
        match self {
            Self::And(parts) => parts.iter().all(|part| part.holds(item)),
            Self::Or(parts) => parts.iter().any(|part| part.holds(item)),
            Self::Not(part) => !part.holds(item),
            Self::Words(place, words) => texts(item, *place).iter().any(|text| words.are_in(text)),
            Self::HasAttachment(wanted) => {
                item.attachments.iter().any(|one| !one.inline) == *wanted
            }
            Self::IsRead(wanted) => item.flag(&super::item::READ) == *wanted,
            Self::Received(from, to) => within(item.time(&RECEIVED), from, to),
            Self::Sent(from, to) => within(item.time(&SENT), from, to),
        }
    }
}

impl Words {
    fn are_in(&self, text: &str) -> bool {
        let text = text.to_lowercase();
        if !self.prefix {
            return has_phrase(&text, &self.text);
        }
        text.match_indices(&self.text).any(|(at, _)| {
            let before = text.get(..at).and_then(|text| text.chars().next_back());
            before.is_none_or(|one| !one.is_alphanumeric())
        })
    }
}

/// The texts that are searched.
fn texts(item: &Item, place: Place) -> Vec<String> {
    let people = |roles: &[Role]| {
        let among = item.recipients.iter();
        among
            .filter(|one| roles.contains(&one.role))
            .map(|one| format!("{} {}", one.address.name, one.address.email))
            .collect::<Vec<_>>()
    };
    let from = || {
        let from = item.organizer.iter().chain(&item.sender);
        from.map(|one| format!("{} {}", one.name, one.email))
            .collect::<Vec<_>>()
    };
    let subject = || vec![item.text(&SUBJECT).to_owned()];
    let body = || {
        vec![if item.body.html {
            plain(&item.body.text)
        } else {
            item.body.text.clone()
        }]
    };
    let attachments = || {
        let texts = item.attachments.iter().flat_map(|one| {
            let text = one
                .content_type()
                .is_some_and(|kind| kind.starts_with("text/"));
            let content = one.bytes().filter(|_| text).map(String::from_utf8_lossy);
            [
                Some(one.name().to_owned()),
                content.map(|text| text.into_owned()),
            ]
        });
        texts.flatten().collect::<Vec<_>>()
    };
    let receivers = [
        Role::To,
        Role::Cc,
        Role::Bcc,
        Role::Required,
        Role::Optional,
    ];
    match place {
        Place::Subject => subject(),
        Place::From => from(),
        Place::To => people(&[Role::To, Role::Required]),
        Place::Cc => people(&[Role::Cc, Role::Optional]),
        Place::Participants => [from(), people(&receivers)].concat(),
        Place::Body => body(),
        Place::Attachment => attachments(),
        Place::Anywhere => [subject(), from(), people(&receivers), body(), attachments()].concat(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simulator::item::{Address, ItemKind, Recipient};
    use crate::simulator::property::Value;

    fn item() -> Item {
        let mut item = Item::new(ItemKind::Message);
        item.set(SUBJECT, Value::Text("Budget review, part two".to_owned()));
        item.set(
            RECEIVED,
            Value::Time("2026-03-04T12:00:00.007Z".parse().unwrap()),
        );
        item.body.html = true;
        item.body.text = "<p>The <b>quarter</b> ends: soon</p>".to_owned();
        let address = |name: &str, email: &str| Address {
            name: name.to_owned(),
            email: email.to_owned(),
        };
        item.organizer = Some(address("Bob Berger", "bob@example.test"));
        let alice = address("Alice Adler", "alice@example.test");
        item.recipients.push(Recipient::new(Role::To, alice));
        item
    }

    #[test]
    fn words_places_dates_and_logic() {
        let now = "2026-03-04T15:00:00Z".parse().unwrap();
        for (text, expected) in [
            ("budget", true),
            ("BUDGET soon", true),
            ("budg", false),
            ("budg*", true),
            ("\"part two\"", true),
            ("\"two part\"", false),
            ("subject:review", true),
            ("subject:quarter", false),
            ("body:quarter", true),
            ("body:b", false),
            ("from:berger", true),
            ("from:\"bob@example.test\"", true),
            ("to:bob", false),
            ("to:alice@example.test", true),
            ("cc:alice", false),
            ("subject:(budget OR lunch)", true),
            ("lunch OR review", true),
            ("lunch AND review", false),
            ("review NOT lunch", true),
            ("review -soon", false),
            ("hasattachment:true", false),
            ("hasattachment:no", true),
            ("received:today", true),
            ("received:yesterday", false),
            ("received:2026-03-04", true),
            ("received:3/4/2026", true),
            ("received:2026-03-01..2026-03-04", true),
            ("received:>=2026-03-05", false),
            ("received:<2026-03-05", true),
        ] {
            let query = Query::read(text, &Zone::utc(), now).unwrap();
            assert_eq!(query.holds(&item()), expected, "{text}: {query:?}");
        }
        for bad in [
            "",
            "\"open",
            "(a",
            "a)",
            "subject:",
            "received:soon",
            "hasattachment:maybe",
        ] {
            assert!(Query::read(bad, &Zone::utc(), now).is_err(), "{bad}");
        }
    }
}
