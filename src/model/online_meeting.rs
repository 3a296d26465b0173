//! Where to join a meeting online, wherever the organiser put it.

mod details;
mod document;
mod html;
mod provider;
mod words;
mod wrapper;

use serde::{Deserialize, Serialize};

use self::details::Details;
use self::document::{Line, Link, Part};
use self::provider::Kind;
use super::{Body, ExtendedProperty, PropertyKind, PropertyName, PropertySet};

/// Where to join a meeting online.
///
/// Its `Debug` shows all of it, passcode included, as that of an event shows the body it is from.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub struct OnlineMeeting {
    /// The address to open, without what a security service put around it, where that can be taken away.
    pub join_url: String,
    /// Whose service it is, such as `Microsoft Teams`; `None` when it is not a known one.
    pub provider: Option<String>,
    /// The number or code of the meeting, where the address shows it or the text says it. Numbers are without spaces.
    pub conference_id: Option<String>,
    /// What to type to be let in, where the text says it or the address shows it.
    #[serde(default)]
    pub passcode: Option<String>,
    /// Telephone numbers to take part by, in the order of the invitation.
    #[serde(default)]
    pub dial_in: Vec<DialIn>,
    /// The security service whose address [`join_url`](Self::join_url) still is, such as `Mimecast`, because only that
    /// service knows where it leads; `None` otherwise.
    #[serde(default)]
    pub wrapped_by: Option<String>,
    /// Where the address was found.
    pub source: JoinUrlSource,
}

/// A telephone number to take part by.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub struct DialIn {
    /// The number as it was written, such as `+1 323-555-0166`.
    pub number: String,
    /// What was written beside it: the country or the city, in the language of the invitation.
    pub label: Option<String>,
    /// The digits to type when the call is taken.
    pub conference_id: Option<String>,
}

/// Where the address was found; looked at in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum JoinUrlSource {
    /// The property made for it. EWS `JoinOnlineMeetingUrl` (Exchange 2013), Graph `onlineMeeting` and
    /// `onlineMeetingUrl`.
    Property,
    /// A MAPI property of an add-in: see [`OnlineMeeting::properties`].
    ExtendedProperty,
    /// The text of the location.
    Location,
    /// The body.
    Body,
}

/// Names of the MAPI properties, in PS_PUBLIC_STRINGS, in which Outlook add-ins keep the address.
const PROPERTIES: [&str; 2] = ["SkypeTeamsMeetingUrl", "OnlineMeetingExternalLink"];

impl OnlineMeeting {
    /// A meeting at this address, whose service is told by the shape of the address.
    pub fn new(join_url: impl Into<String>, source: JoinUrlSource) -> Self {
        let join_url = join_url.into();
        let unwrapped = wrapper::unwrap(&join_url);
        let known = provider::recognise(&unwrapped.address);
        let wrapped_by = unwrapped.sealed.as_ref().map(|sealed| sealed.by.to_owned());
        let host = unwrapped.sealed.and_then(|sealed| sealed.host);
        let address = unwrapped.address.into_owned();
        let (provider, conference_id, passcode) = match known {
            Some(known) => (Some(known.provider), known.conference_id, known.passcode),
            None => (host.and_then(|host| provider::of_host(&host)), None, None),
        };
        Self {
            join_url: address,
            provider: provider.map(str::to_owned),
            conference_id,
            passcode,
            dial_in: Vec::new(),
            wrapped_by,
            source,
        }
    }

    /// A meeting at this address, if it is one at which a known service holds meetings: not a page about them, nor
    /// anything else.
    ///
    /// ```
    /// use exchange_connector::model::{JoinUrlSource, OnlineMeeting};
    ///
    /// let known = |address| OnlineMeeting::known(address, JoinUrlSource::Location);
    /// assert_eq!(known("https://meet.jit.si/OurRoom").unwrap().provider.as_deref(), Some("Jitsi Meet"));
    /// assert_eq!(known("https://zoom.us/download"), None);
    /// ```
    pub fn known(join_url: &str, source: JoinUrlSource) -> Option<Self> {
        provider::recognise(&wrapper::unwrap(join_url).address)?;
        Some(Self::new(join_url.trim(), source))
    }

    /// The MAPI properties that may hold the address, for backends to ask for.
    pub fn properties() -> [PropertyName; 2] {
        PROPERTIES
            .map(|name| PropertyName::named(PropertySet::PublicStrings, name, PropertyKind::String))
    }

    /// Looks for the address of an online meeting: in the property made for it, in those of add-ins, in the text of
    /// the location, in the body.
    ///
    /// The properties may hold any web address; in texts only those of known services count, and neither those in
    /// quoted messages nor rooms that people name in their signatures. Number, passcode and telephone numbers are
    /// read from the location and the body also where the address was elsewhere, unless the body invites to a meeting
    /// of another service. The order is the same for all backends. It takes time linear in the length of the texts;
    /// of a body the first 4 MiB are read.
    ///
    /// ```
    /// use exchange_connector::model::{Body, JoinUrlSource, OnlineMeeting};
    ///
    /// let body = Body::html(r#"<a href="https://zoom.us/j/123456789?pwd=a&amp;from=x">Join</a><p>Passcode: 4321"#);
    /// let found = OnlineMeeting::find(None, &[], Some("Room 5"), Some(&body)).unwrap();
    /// assert_eq!(found.join_url, "https://zoom.us/j/123456789?pwd=a&from=x");
    /// assert_eq!(found.provider.as_deref(), Some("Zoom"));
    /// assert_eq!(found.passcode.as_deref(), Some("4321"));
    /// assert_eq!(found.source, JoinUrlSource::Body);
    /// ```
    pub fn find(
        property: Option<&str>,
        extended: &[ExtendedProperty],
        location: Option<&str>,
        body: Option<&Body>,
    ) -> Option<Self> {
        let named = || {
            Self::properties().into_iter().find_map(|wanted| {
                let found = extended
                    .iter()
                    .find(|property| same_name(&property.name, &wanted))?;
                let address = web_address(found.value.first()?)?;
                Some(Self::new(address, JoinUrlSource::ExtendedProperty))
            })
        };
        let located = || location.and_then(in_location);
        let found = property
            .and_then(web_address)
            .map(|url| Self::new(url, JoinUrlSource::Property))
            .or_else(named)
            .or_else(located);
        let body = || body.map(Invitation::of);
        match found {
            Some(mut found) if found.wants_details() => {
                if let Some(body) = body()
                    && let Some(details) = body.details_for(&found)
                {
                    found.complete(details);
                }
                Some(found)
            }
            Some(found) => Some(found),
            None => body()?.meeting(),
        }
    }

    fn wants_details(&self) -> bool {
        self.passcode.is_none() || self.dial_in.is_empty() || self.conference_id.is_none()
    }

    /// Adds what the text says, where the address said nothing.
    fn complete(&mut self, details: Details) {
        self.passcode = self.passcode.take().or(details.passcode);
        self.conference_id = self.conference_id.take().or(details.meeting_id);
        if self.dial_in.is_empty() {
            self.dial_in = details.dial_in;
        }
        // A number that only the address shows is typed on a telephone too.
        let is_number = |id: &&String| id.bytes().all(|byte| byte.is_ascii_digit());
        if let Some(id) = self.conference_id.as_ref().filter(is_number) {
            let without = self
                .dial_in
                .iter_mut()
                .filter(|number| number.conference_id.is_none());
            without.for_each(|number| number.conference_id = Some(id.clone()));
        }
    }
}

fn in_location(location: &str) -> Option<OnlineMeeting> {
    let lines: Vec<Line> = location
        .lines()
        .map(|text| document::line(text.to_owned()))
        .collect();
    let links = lines.iter().flat_map(|line| &line.links);
    let mut found = links
        .filter_map(|link| OnlineMeeting::known(&link.address, JoinUrlSource::Location))
        .next()?;
    found.complete(details::read(&lines));
    Some(found)
}

/// A body, and the meetings it invites to.
struct Invitation {
    lines: Vec<Line>,
    /// The line and the address of each, in order.
    candidates: Vec<(usize, OnlineMeeting, Kind)>,
}

impl Invitation {
    fn of(body: &Body) -> Self {
        let lines = document::lines(body);
        let mut candidates = Vec::new();
        for (at, line) in lines.iter().enumerate() {
            for link in &line.links {
                candidates
                    .extend(candidate(&lines, at, link).map(|(meeting, kind)| (at, meeting, kind)));
            }
        }
        Self { lines, candidates }
    }

    /// The first that was made for one meeting, its address known rather than not; else the first room.
    fn best(&self) -> Option<&(usize, OnlineMeeting, Kind)> {
        let mut made = self
            .candidates
            .iter()
            .filter(|(_, _, kind)| *kind == Kind::Meeting);
        let first = made.clone().next();
        let known = made.find(|(_, meeting, _)| meeting.wrapped_by.is_none());
        known.or(first).or_else(|| self.candidates.first())
    }

    fn meeting(self) -> Option<OnlineMeeting> {
        let (_, meeting, _) = self.best()?;
        let mut meeting = meeting.clone();
        if let Some(details) = self.details_for(&meeting) {
            meeting.complete(details);
        }
        Some(meeting)
    }

    /// What the body says of a meeting, if it is about that one.
    fn details_for(&self, meeting: &OnlineMeeting) -> Option<Details> {
        let is_it = |other: &OnlineMeeting| {
            let same_id =
                other.conference_id.is_some() && other.conference_id == meeting.conference_id;
            other.join_url == meeting.join_url || (other.provider == meeting.provider && same_id)
        };
        let same = self
            .candidates
            .iter()
            .find(|(_, other, _)| is_it(other))
            .or_else(|| {
                let best = self.best();
                best.filter(|(_, other, _)| other.provider == meeting.provider)
            });
        let Some((at, described, _)) = same else {
            return self
                .candidates
                .is_empty()
                .then(|| details::read(&self.lines));
        };
        let is_described = |other: &OnlineMeeting| other.join_url == described.join_url;
        let others: Vec<usize> = self
            .candidates
            .iter()
            .filter(|(_, other, _)| {
                !is_described(other) && other.conference_id != described.conference_id
            })
            .map(|(at, _, _)| *at)
            .collect();
        Some(details::around(&self.lines, *at, &others))
    }
}

/// The meeting that a link of a line invites to.
fn candidate(lines: &[Line], at: usize, link: &Link) -> Option<(OnlineMeeting, Kind)> {
    let line = lines.get(at)?;
    if line.part == Part::Signature {
        return None;
    }
    let label = words::folded(&link.label);
    // A long text before an address is about other things.
    if label.len() <= 60 && words::has_word(&label, words::ELSEWHERE) {
        return None;
    }
    let unwrapped = wrapper::unwrap(&link.address);
    let opens =
        |line: &Line| document::opens_invitation(&words::folded(document::short(&line.text)));
    if let Some(sealed) = unwrapped.sealed {
        // Where it leads is known by its host at most, so that the text must say that it joins.
        provider::of_host(sealed.host.as_deref()?)?;
        let from = at.saturating_sub(1);
        let is_invitation = lines.get(from..=at)?.iter().any(opens);
        let meeting = || OnlineMeeting::new(link.address.clone(), JoinUrlSource::Body);
        return is_invitation.then(|| (meeting(), Kind::Meeting));
    }
    let known = provider::recognise(&unwrapped.address)?;
    if known.kind == Kind::Room && is_in_signature(lines, at, &label) {
        return None;
    }
    Some((
        OnlineMeeting::new(unwrapped.address.into_owned(), JoinUrlSource::Body),
        known.kind,
    ))
}

/// Whether a room is named to say how to reach a person, and not to meet there this time.
fn is_in_signature(lines: &[Line], at: usize, label: &str) -> bool {
    let text = lines
        .get(at)
        .map(|line| words::folded(document::short(&line.text)))
        .unwrap_or_default();
    if document::opens_invitation(&text) || document::opens_invitation(label) {
        return false;
    }
    let after = lines.iter().skip(at + 1).take(3);
    let mut after = after.map(|line| words::folded(document::short(line.text.trim())));
    lines.get(at).is_some_and(|line| line.part != Part::Text)
        || after.any(|line| document::is_contact(&line))
}

/// Servers spell property names in their own case.
fn same_name(found: &PropertyName, wanted: &PropertyName) -> bool {
    match (found, wanted) {
        (
            PropertyName::Named {
                set: a, name: x, ..
            },
            PropertyName::Named {
                set: b, name: y, ..
            },
        ) => a.guid().eq_ignore_ascii_case(b.guid()) && x.eq_ignore_ascii_case(y),
        _ => false,
    }
}

fn web_address(text: &str) -> Option<String> {
    let url = url::Url::parse(text.trim()).ok()?;
    matches!(url.scheme(), "https" | "http").then(|| text.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEAMS: &str = "https://teams.microsoft.com/l/meetup-join/19%3ameeting_abc%40thread.v2/0?context=%7b%22Tid%22%7d";

    #[test]
    fn order_of_places() {
        let body = Body::text("https://meet.google.com/abc-defg-hij");
        let named = OnlineMeeting::properties()[0].clone();
        let extended = [ExtendedProperty::new(named, TEAMS)];
        let location = Some("Berlin; https://acme.zoom.us/j/99912345678");
        let source = |property, extended, location| {
            OnlineMeeting::find(property, extended, location, Some(&body)).map(|found| found.source)
        };
        assert_eq!(
            source(Some("https://x.example/1"), &extended, location),
            Some(JoinUrlSource::Property)
        );
        assert_eq!(
            source(Some(" "), &extended, location),
            Some(JoinUrlSource::ExtendedProperty)
        );
        assert_eq!(source(None, &[], location), Some(JoinUrlSource::Location));
        assert_eq!(source(None, &[], Some("Room 5")), Some(JoinUrlSource::Body));
        assert_eq!(OnlineMeeting::find(None, &[], None, None), None);
    }

    #[test]
    fn unknown_service_in_the_property_counts() {
        let found =
            OnlineMeeting::find(Some("https://video.example.org/room/7"), &[], None, None).unwrap();
        assert_eq!((found.provider, found.conference_id), (None, None));
        assert_eq!(
            OnlineMeeting::find(Some("conf:sip:ada@example.com"), &[], None, None),
            None
        );
    }

    #[test]
    fn invitation_in_html() {
        let html = format!(
            "<p>Agenda: https://example.com/x?a=1&amp;b=2</p><a href='{}' title=\"&quot;\">Click</a>\
             <a href=\"https://teams.microsoft.com/meetingOptions/?x\">Options</a>",
            TEAMS.replace('&', "&amp;")
        );
        let found = OnlineMeeting::find(None, &[], None, Some(&Body::html(html))).unwrap();
        assert_eq!(found.join_url, TEAMS);
        assert_eq!(found.provider.as_deref(), Some("Microsoft Teams"));
    }
}
