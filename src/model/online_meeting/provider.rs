//! Services for online meetings, by the shape of their addresses.
//!
//! The services are rows of `providers.tsv`, which says what its columns mean.

use std::sync::LazyLock;

use percent_encoding::percent_decode_str;
use url::Url;

/// What sort of address it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// It was made for one meeting.
    Meeting,
    /// It is somebody's own, and stands in signatures too.
    Room,
    /// It is a page of the service at which nobody meets.
    Page,
}

/// An address at which a meeting is joined.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Recognised {
    pub(super) provider: &'static str,
    pub(super) kind: Kind,
    pub(super) conference_id: Option<String>,
    pub(super) passcode: Option<String>,
}

/// Whose meeting an address joins; `None` if it is none that is known.
pub(super) fn recognise(address: &str) -> Option<Recognised> {
    let url = Url::parse(address.trim()).ok()?;
    // What looks like a host before an @ is a name to sign in with.
    if !matches!(url.scheme(), "https" | "http") || !url.username().is_empty() {
        return None;
    }
    let parts = Parts::of(&url)?;
    let found = rows_for(parts.host).find_map(|row| Some((row, row.shape.matches(&parts)?)));
    let (row, (conference_id, passcode)) = found?;
    let in_query = || {
        let wanted = row.passcode?;
        parts.parameter(wanted).map(decoded)
    };
    (row.kind != Kind::Page).then(|| Recognised {
        provider: row.provider,
        kind: row.kind,
        conference_id: conference_id.map(decoded),
        passcode: passcode.map(decoded).or_else(in_query),
    })
}

/// The service whose own host this is.
pub(super) fn of_host(host: &str) -> Option<&'static str> {
    let own = TABLE.iter().find(|row| row.has_own_host(host));
    own.map(|row| row.provider)
}

/// The rows that name the host; those for any server only if there are none.
fn rows_for(host: &str) -> impl Iterator<Item = &'static Row> {
    let is_known = of_host(host).is_some();
    TABLE.iter().filter(move |row| match is_known {
        true => row.has_own_host(host),
        false => row
            .hosts
            .iter()
            .any(|pattern| pattern.is_open() && pattern.fits(host)),
    })
}

fn decoded(part: &str) -> String {
    percent_decode_str(part).decode_utf8_lossy().into_owned()
}

/// An address, taken apart.
struct Parts<'a> {
    host: &'a str,
    /// The parts of the path, and of a fragment that continues it.
    path: Vec<&'a str>,
    /// The parameters of the query, and those in such a fragment.
    query: Vec<(&'a str, &'a str)>,
}

impl<'a> Parts<'a> {
    fn of(url: &'a Url) -> Option<Self> {
        let continued = url.fragment().filter(|fragment| fragment.starts_with('/'));
        let (more, parameters) = match continued {
            Some(fragment) => fragment.split_once('?').unwrap_or((fragment, "")),
            None => ("", ""),
        };
        let queries = [url.query().unwrap_or(""), parameters];
        let path = url.path().split('/').chain(more.split('/'));
        Some(Self {
            host: url.host_str()?,
            path: path.filter(|part| !part.is_empty()).collect(),
            query: queries
                .into_iter()
                .flat_map(|query| query.split('&'))
                .filter_map(|pair| pair.split_once('='))
                .collect(),
        })
    }

    fn parameter(&self, name: &str) -> Option<&'a str> {
        let found = self
            .query
            .iter()
            .find(|(found, _)| found.eq_ignore_ascii_case(name));
        found
            .map(|(_, value)| *value)
            .filter(|value| !value.is_empty())
    }
}

struct Row {
    provider: &'static str,
    kind: Kind,
    hosts: Vec<Host>,
    shape: Shape,
    passcode: Option<&'static str>,
    #[cfg(test)]
    example: &'static str,
}

impl Row {
    fn has_own_host(&self, host: &str) -> bool {
        self.hosts
            .iter()
            .any(|pattern| !pattern.is_open() && pattern.fits(host))
    }

    fn read(line: &'static str) -> Option<Self> {
        let mut columns = line.split('\t');
        let provider = columns.next()?;
        let kind = match columns.next()? {
            "meeting" => Kind::Meeting,
            "room" => Kind::Room,
            "page" => Kind::Page,
            _ => return None,
        };
        let hosts = columns.next()?.split(' ').map(Host::read).collect();
        let shape = Shape::read(columns.next()?)?;
        let passcode = columns.next()?;
        let _example = columns.next()?;
        Some(Self {
            provider,
            kind,
            hosts,
            shape,
            passcode: Some(passcode).filter(|name| *name != "-"),
            #[cfg(test)]
            example: _example,
        })
    }
}

fn lines() -> impl Iterator<Item = &'static str> {
    let lines = include_str!("providers.tsv").lines();
    lines.filter(|line| !line.is_empty() && !line.starts_with('#'))
}

/// A test reads each line, so that none is lost here.
static TABLE: LazyLock<Vec<Row>> = LazyLock::new(|| lines().filter_map(Row::read).collect());

enum Host {
    Is(&'static str),
    EndsWith(&'static str),
    BeginsWith(&'static str),
    Any,
}

impl Host {
    fn read(text: &'static str) -> Self {
        match (text.strip_prefix('*'), text.strip_suffix('*')) {
            (Some(""), _) => Self::Any,
            (Some(end), _) => Self::EndsWith(end),
            (None, Some(begin)) => Self::BeginsWith(begin),
            (None, None) => Self::Is(text),
        }
    }

    fn fits(&self, host: &str) -> bool {
        match self {
            Self::Is(name) => host == *name,
            Self::EndsWith(end) => host.len() > end.len() && host.ends_with(end),
            Self::BeginsWith(begin) => host.starts_with(begin),
            Self::Any => true,
        }
    }

    /// Whether it is for servers that anybody may have.
    fn is_open(&self) -> bool {
        matches!(self, Self::BeginsWith(_) | Self::Any)
    }
}

struct Shape {
    path: Vec<Segment>,
    query: Vec<(&'static str, Segment)>,
}

enum Segment {
    OneOf(Vec<&'static str>),
    Any,
    AnyNumber,
    Id { prefix: &'static str, form: Form },
    Passcode,
}

/// What a number or code looks like.
enum Form {
    /// Any text.
    Id,
    /// Digits, which may be grouped by hyphens.
    Number,
    /// Three, four and three letters with hyphens, as Google writes.
    Letters,
    /// Eight letters and digits, as Skype for Business writes.
    Key,
    /// Three or four groups of three letters and digits, as BigBlueButton writes.
    Groups,
    /// 32 hexadecimal digits.
    Uuid,
    /// Eight and more small letters and digits, as Nextcloud writes.
    Token,
}

/// The number or code of the meeting, and the passcode.
type Found<'a> = (Option<&'a str>, Option<&'a str>);

impl Shape {
    fn read(text: &'static str) -> Option<Self> {
        let (path, query) = text.split_once('?').unwrap_or((text, ""));
        let path = path.split('/').filter(|part| !part.is_empty());
        let query = query.split('&').filter(|part| !part.is_empty());
        Some(Self {
            path: path.map(Segment::read).collect::<Option<_>>()?,
            query: query
                .map(|part| {
                    let (name, value) = part.split_once('=')?;
                    Some((name, Segment::read(value)?))
                })
                .collect::<Option<_>>()?,
        })
    }

    fn matches<'a>(&self, parts: &Parts<'a>) -> Option<Found<'a>> {
        let open = self
            .path
            .iter()
            .position(|part| matches!(part, Segment::AnyNumber));
        let mut found = (None, None);
        let mut one = |(segment, part): (&Segment, &&'a str)| segment.matches(part, &mut found);
        let fits = match open {
            None => {
                self.path.len() == parts.path.len() && self.path.iter().zip(&parts.path).all(one)
            }
            Some(at) => {
                let (before, after) = (self.path.get(..at)?, self.path.get(at + 1..)?);
                let rest = parts.path.len().checked_sub(before.len() + after.len())?;
                let tail = parts.path.get(before.len() + rest..)?;
                before.iter().zip(&parts.path).all(&mut one) && after.iter().zip(tail).all(&mut one)
            }
        };
        let fits = fits
            && self.query.iter().all(|(name, value)| {
                let part = parts.parameter(name);
                part.is_some_and(|part| value.matches(part, &mut found))
            });
        fits.then_some(found)
    }
}

impl Segment {
    fn read(text: &'static str) -> Option<Self> {
        let Some((prefix, form)) = text.split_once('<') else {
            return Some(match text {
                "*" => Self::Any,
                "**" => Self::AnyNumber,
                words => Self::OneOf(words.split('|').collect()),
            });
        };
        let form = match form.strip_suffix('>')? {
            "id" => Form::Id,
            "number" => Form::Number,
            "letters" => Form::Letters,
            "key" => Form::Key,
            "groups" => Form::Groups,
            "uuid" => Form::Uuid,
            "token" => Form::Token,
            "passcode" => return Some(Self::Passcode),
            _ => return None,
        };
        Some(Self::Id { prefix, form })
    }

    fn matches<'a>(&self, part: &'a str, found: &mut Found<'a>) -> bool {
        match self {
            Self::OneOf(words) => words.iter().any(|word| word.eq_ignore_ascii_case(part)),
            Self::Any | Self::AnyNumber => true,
            Self::Passcode => {
                found.1 = Some(part);
                true
            }
            Self::Id { prefix, form } => match part.strip_prefix(prefix) {
                Some(id) if form.fits(id) => {
                    found.0 = Some(id);
                    true
                }
                _ => false,
            },
        }
    }
}

impl Form {
    fn fits(&self, text: &str) -> bool {
        let all = |allowed: fn(&u8) -> bool| text.as_bytes().iter().all(allowed);
        match self {
            Self::Id => !text.is_empty(),
            Self::Number => {
                text.bytes().any(|byte| byte.is_ascii_digit())
                    && all(|byte| byte.is_ascii_digit() || *byte == b'-')
            }
            Self::Letters => {
                groups(text).eq([3, 4, 3])
                    && all(|byte| byte.is_ascii_alphabetic() || *byte == b'-')
            }
            Self::Key => {
                text.len() == 8 && all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
            }
            Self::Groups => {
                (groups(text).eq([3; 3]) || groups(text).eq([3; 4]))
                    && all(|byte| {
                        byte.is_ascii_lowercase() || byte.is_ascii_digit() || *byte == b'-'
                    })
            }
            Self::Uuid => {
                let digits = text.bytes().filter(|byte| *byte != b'-');
                digits.count() == 32 && all(|byte| byte.is_ascii_hexdigit() || *byte == b'-')
            }
            Self::Token => {
                (8..=32).contains(&text.len())
                    && all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
            }
        }
    }
}

/// The lengths of the groups between hyphens.
fn groups(text: &str) -> impl Iterator<Item = usize> {
    text.split('-').map(str::len)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn every_line_is_a_row_with_an_example() {
        assert_eq!(lines().count(), TABLE.len());
        for row in TABLE.iter() {
            let url = Url::parse(row.example).unwrap_or_else(|_| panic!("{}", row.example));
            let parts = Parts::of(&url).unwrap();
            assert!(row.shape.matches(&parts).is_some(), "{}", row.example);
            let first = rows_for(parts.host)
                .find(|other| other.shape.matches(&parts).is_some())
                .unwrap_or_else(|| panic!("no row has the host of {}", row.example));
            assert!(std::ptr::eq(first, row), "another row has {}", row.example);
            assert_eq!(recognise(row.example).is_some(), row.kind != Kind::Page);
        }
        let providers: BTreeSet<_> = TABLE.iter().map(|row| row.provider).collect();
        assert!(providers.len() > 40, "{providers:?}");
    }

    #[test]
    fn numbers_and_passcodes() {
        for (address, id, passcode) in [
            (
                "https://us02web.zoom.us/j/85012345678?pwd=a",
                Some("85012345678"),
                None,
            ),
            ("https://acme.zoom.us/my/ada", Some("ada"), None),
            (
                "https://meet.google.com/abc-defg-hij?hs=1",
                Some("abc-defg-hij"),
                None,
            ),
            ("https://teams.live.com/meet/9876?p=x", Some("9876"), None),
            (
                "https://teams.microsoft.com/l/meetup-join/19%3ameeting_x%40thread.v2/0",
                None,
                None,
            ),
            ("https://acme.webex.com/acme/j.php?MTID=m1", None, None),
            (
                "https://bluejeans.com/123456/1111",
                Some("123456"),
                Some("1111"),
            ),
            ("https://go.teamviewer.com/m123", Some("123"), None),
            (
                "https://vc.acme.example/webapp/?conference=a%40acme.example&pin=12",
                Some("a@acme.example"),
                Some("12"),
            ),
            (
                "https://call.element.io/room/#/stand-up?roomId=!x:y",
                Some("stand-up"),
                None,
            ),
        ] {
            let found = recognise(address).unwrap_or_else(|| panic!("{address}"));
            assert_eq!(found.conference_id.as_deref(), id, "{address}");
            assert_eq!(found.passcode.as_deref(), passcode, "{address}");
        }
    }

    #[test]
    fn other_pages_are_not_meetings() {
        for address in [
            "https://teams.microsoft.com/meetingOptions/?organizerId=1",
            "https://teams.microsoft.com/l/channel/19%3ax/General",
            "https://teams.microsoft.com/l/chat/0/0?users=ada@acme.example",
            "https://teams.microsoft.com/l/meeting/new",
            "https://aka.ms/JoinTeamsMeeting?omkt=en-US",
            "https://dialin.teams.microsoft.com/usp/pstnconferencing",
            "https://events.teams.microsoft.com/event/1@2",
            "https://zoom.us/download",
            "https://zoom.us/test",
            "https://zoom.us/u/abc",
            "https://zoom.us/meeting/register/tJ0",
            "https://acme.zoom.us/rec/share/x",
            "https://evilzoom.us/j/1",
            "https://zoom.us.evil.example/j/1",
            "https://zoom.us@evil.example/j/1",
            "https://help.webex.com/article",
            "https://acme.webex.com/acme/globalcallin.php?MTID=m1",
            "https://acme.webex.com/weblink/register/r1",
            "https://meet.google.com/",
            "https://meet.google.com/tel/abc-defg-hij",
            "https://tel.meet/abc-defg-hij?pin=1",
            "https://meet.jit.si/static/dialInInfo.html?room=x",
            "https://meet.example.com/about/us",
            "https://www.example.com/j/123",
            "https://discord.gg/abc",
            "https://bluejeans.com/111",
            "https://whereby.com/pricing",
            "mailto:ada@example.com",
            "ftp://zoom.us/j/1",
        ] {
            assert_eq!(recognise(address), None, "{address}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_taken(text in "(https://|zoom\\.us|meet\\.|/|j|webapp|#/|\\?|a=|%zz|é|[ -~]){0,16}") {
            recognise(&text);
        }
    }
}
