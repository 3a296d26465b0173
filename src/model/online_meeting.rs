//! Where to join a meeting online, wherever the organiser put it.

pub(super) mod html;
mod provider;

use serde::{Deserialize, Serialize};

use super::{Body, BodyFormat, ExtendedProperty, PropertyKind, PropertyName, PropertySet};

/// Where to join a meeting online.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub struct OnlineMeeting {
    /// The address to open.
    pub join_url: String,
    /// Whose service it is, such as `Microsoft Teams`; `None` when it is not a known one.
    pub provider: Option<String>,
    /// The number or code of the meeting, where the address shows it.
    pub conference_id: Option<String>,
    /// Where the address was found.
    pub source: JoinUrlSource,
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
        let (provider, conference_id) = match provider::recognise(&join_url) {
            Some(known) => (Some(known.provider.to_owned()), known.conference_id),
            None => (None, None),
        };
        Self {
            join_url,
            provider,
            conference_id,
            source,
        }
    }

    /// The MAPI properties that may hold the address, for backends to ask for.
    pub fn properties() -> [PropertyName; 2] {
        PROPERTIES
            .map(|name| PropertyName::named(PropertySet::PublicStrings, name, PropertyKind::String))
    }

    /// Looks for the address of an online meeting: in the property made for it, in those of add-ins, in the text of
    /// the location, in the body.
    ///
    /// The properties may hold any web address; in texts only those of known services count. The order is the same
    /// for all backends.
    ///
    /// ```
    /// use exchange_connector::model::{Body, JoinUrlSource, OnlineMeeting};
    ///
    /// let body = Body::html(r#"<a href="https://zoom.us/j/123456789?pwd=a&amp;from=x">Join</a>"#);
    /// let found = OnlineMeeting::find(None, &[], Some("Room 5"), Some(&body)).unwrap();
    /// assert_eq!(found.join_url, "https://zoom.us/j/123456789?pwd=a&from=x");
    /// assert_eq!(found.provider.as_deref(), Some("Zoom"));
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
                Some(Self::new(
                    web_address(found.value.first()?)?,
                    JoinUrlSource::ExtendedProperty,
                ))
            })
        };
        let in_location = || {
            Some(Self::new(
                provider::find_in(location?)?,
                JoinUrlSource::Location,
            ))
        };
        let in_body = || {
            let body = body?;
            let url = match body.format {
                BodyFormat::Html => provider::find_in(&html::decode_entities(&body.content)),
                BodyFormat::Text => provider::find_in(&body.content),
            };
            Some(Self::new(url?, JoinUrlSource::Body))
        };
        property
            .and_then(web_address)
            .map(|url| Self::new(url, JoinUrlSource::Property))
            .or_else(named)
            .or_else(in_location)
            .or_else(in_body)
    }
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
