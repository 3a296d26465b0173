//! Services for online meetings, by the shape of their addresses.

use url::Url;

/// A service, and the shape of the addresses at which its meetings are joined.
struct Provider {
    name: &'static str,
    /// The host, or with a leading dot the end of it.
    hosts: &'static [&'static str],
    /// Whether the segments of the path are those of a meeting.
    joins: fn(&[&str]) -> bool,
    /// Which segment names the meeting, counted from the end.
    conference_id: Option<usize>,
}

/// The shapes are those that the services' own invitations have. The first that fits counts.
const PROVIDERS: &[Provider] = &[
    Provider {
        name: "Microsoft Teams",
        hosts: &[
            "teams.microsoft.com",
            "gov.teams.microsoft.us",
            "dod.teams.microsoft.us",
        ],
        joins: |path| matches!(path, ["l", "meetup-join", _, ..]),
        conference_id: None,
    },
    Provider {
        name: "Microsoft Teams",
        hosts: &[
            "teams.microsoft.com",
            "teams.live.com",
            "gov.teams.microsoft.us",
            "dod.teams.microsoft.us",
        ],
        joins: |path| matches!(path, ["meet", _]),
        conference_id: Some(0),
    },
    Provider {
        name: "Zoom",
        hosts: &["zoom.us", ".zoom.us", ".zoomgov.com", "zoomgov.com"],
        joins: |path| matches!(path, ["j" | "w", number] if is_number(number)),
        conference_id: Some(0),
    },
    Provider {
        name: "Zoom",
        hosts: &["zoom.us", ".zoom.us", ".zoomgov.com", "zoomgov.com"],
        joins: |path| matches!(path, ["my", _]),
        conference_id: None,
    },
    Provider {
        name: "Google Meet",
        hosts: &["meet.google.com"],
        joins: |path| matches!(path, [code] if is_meet_code(code)),
        conference_id: Some(0),
    },
    Provider {
        name: "Google Meet",
        hosts: &["meet.google.com"],
        joins: |path| matches!(path, ["lookup", _]),
        conference_id: None,
    },
    Provider {
        name: "Webex",
        hosts: &[".webex.com"],
        joins: |path| {
            matches!(
                path,
                ["meet" | "join", _]
                    | [_, "j.php"]
                    | ["wbxmjs", "joinservice", ..]
                    | [_, "meet" | "join", _]
            )
        },
        conference_id: None,
    },
    Provider {
        name: "Skype for Business",
        hosts: &["meet.lync.com", "join.microsoft.com"],
        joins: |path| matches!(path, [_, _, _, ..] | ["meet", _]),
        conference_id: None,
    },
    Provider {
        name: "Skype",
        hosts: &["join.skype.com"],
        joins: |path| matches!(path, [_, ..]),
        conference_id: None,
    },
    Provider {
        name: "GoTo Meeting",
        hosts: &["meet.goto.com", "www.gotomeet.me", "gotomeet.me"],
        joins: |path| matches!(path, [_, ..]),
        conference_id: None,
    },
    Provider {
        name: "GoTo Meeting",
        hosts: &[".gotomeeting.com"],
        joins: |path| matches!(path, ["join", _]),
        conference_id: Some(0),
    },
    Provider {
        name: "RingCentral",
        hosts: &["v.ringcentral.com", "meetings.ringcentral.com"],
        joins: |path| matches!(path, ["join" | "j", _]),
        conference_id: Some(0),
    },
    Provider {
        name: "BlueJeans",
        hosts: &["bluejeans.com", ".bluejeans.com"],
        joins: |path| matches!(path, [number, ..] if is_number(number)),
        conference_id: None,
    },
    Provider {
        name: "Amazon Chime",
        hosts: &["chime.aws", ".chime.aws"],
        joins: |path| matches!(path, [number] if is_number(number)),
        conference_id: Some(0),
    },
    Provider {
        name: "Jitsi Meet",
        hosts: &["meet.jit.si"],
        joins: |path| matches!(path, [_, ..]),
        conference_id: None,
    },
    // On the organisation's own server: https://meet.<domain>/<user>/<eight capitals and digits>.
    Provider {
        name: "Skype for Business",
        hosts: &["meet."],
        joins: |path| {
            matches!(path, [.., _, key]
                if key.len() == 8 && key.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit()))
        },
        conference_id: Some(0),
    },
];

impl Provider {
    fn serves(&self, host: &str) -> bool {
        self.hosts.iter().any(|pattern| {
            if pattern.starts_with('.') {
                host.ends_with(pattern)
            } else if pattern.ends_with('.') {
                host.starts_with(pattern)
            } else {
                host == *pattern
            }
        })
    }
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Three, four and three letters.
fn is_meet_code(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let lengths: Vec<usize> = parts.iter().map(|part| part.len()).collect();
    lengths == [3, 4, 3]
        && parts
            .iter()
            .all(|part| part.bytes().all(|byte| byte.is_ascii_alphabetic()))
}

/// A service recognised by an address.
pub(super) struct Recognised {
    pub(super) provider: &'static str,
    pub(super) conference_id: Option<String>,
}

/// Whose meeting an address joins.
pub(super) fn recognise(address: &str) -> Option<Recognised> {
    let url = Url::parse(address.trim()).ok()?;
    let host = url.host_str()?;
    let path: Vec<&str> = url
        .path_segments()?
        .filter(|segment| !segment.is_empty())
        .collect();
    let provider = PROVIDERS
        .iter()
        .find(|provider| provider.serves(host) && (provider.joins)(&path))?;
    let conference_id = provider
        .conference_id
        .and_then(|place| path.iter().rev().nth(place));
    Some(Recognised {
        provider: provider.name,
        conference_id: conference_id.map(|id| (*id).to_owned()),
    })
}

/// The first address in a text at which a meeting of a known service is joined.
pub(super) fn find_in(text: &str) -> Option<String> {
    addresses(text).find_map(|address| {
        let address = unwrapped(address).unwrap_or_else(|| address.to_owned());
        recognise(&address).map(|_| address)
    })
}

/// What looks like a web address in a text.
fn addresses(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        loop {
            let colon = rest.find("://")?;
            let scheme = ["https", "http"].into_iter().find_map(|scheme| {
                let start = colon.checked_sub(scheme.len())?;
                rest.get(start..colon)
                    .filter(|found| found.eq_ignore_ascii_case(scheme))
                    .map(|_| start)
            });
            let after = rest.get(colon + 3..)?;
            let Some(start) = scheme else {
                rest = after;
                continue;
            };
            let end = after.find(ends_address).unwrap_or(after.len());
            let address = rest.get(start..colon + 3 + end)?;
            rest = after.get(end..)?;
            // What ends a sentence or closes a bracket around the address does not belong to it.
            return Some(address.trim_end_matches(['.', ',', ';', ':', '!', '?', ')', ']', '}']));
        }
    })
}

fn ends_address(character: char) -> bool {
    character.is_whitespace()
        || character.is_control()
        || matches!(character, '"' | '\'' | '<' | '>' | '`')
}

/// The address that Microsoft Defender's Safe Links put a link of its own around.
fn unwrapped(address: &str) -> Option<String> {
    let url = Url::parse(address).ok()?;
    if !url
        .host_str()?
        .ends_with(".safelinks.protection.outlook.com")
    {
        return None;
    }
    url.query_pairs()
        .find(|(name, _)| name == "url")
        .map(|(_, value)| value.into_owned())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn known_shapes() {
        for (address, provider, conference_id) in [
            (
                "https://teams.microsoft.com/l/meetup-join/19%3ameeting_x%40thread.v2/0?context=%7b%7d",
                "Microsoft Teams",
                None,
            ),
            (
                "https://teams.microsoft.com/meet/1234567890?p=abc",
                "Microsoft Teams",
                Some("1234567890"),
            ),
            (
                "https://teams.live.com/meet/9876",
                "Microsoft Teams",
                Some("9876"),
            ),
            (
                "https://us02web.zoom.us/j/85012345678?pwd=a",
                "Zoom",
                Some("85012345678"),
            ),
            ("https://acme.zoom.us/my/ada", "Zoom", None),
            (
                "https://meet.google.com/abc-defg-hij",
                "Google Meet",
                Some("abc-defg-hij"),
            ),
            ("https://acme.webex.com/meet/ada", "Webex", None),
            ("https://acme.webex.com/acme/j.php?MTID=m1", "Webex", None),
            (
                "https://meet.lync.com/acme/ada/D3F4G5H6",
                "Skype for Business",
                None,
            ),
            (
                "https://meet.acme.example/ada/D3F4G5H6",
                "Skype for Business",
                Some("D3F4G5H6"),
            ),
            (
                "https://global.gotomeeting.com/join/123456789",
                "GoTo Meeting",
                Some("123456789"),
            ),
            ("https://bluejeans.com/123456/1111", "BlueJeans", None),
            (
                "https://chime.aws/1234567890",
                "Amazon Chime",
                Some("1234567890"),
            ),
            ("https://meet.jit.si/OurRoom", "Jitsi Meet", None),
        ] {
            let found = recognise(address).unwrap_or_else(|| panic!("{address}"));
            assert_eq!(
                (found.provider, found.conference_id.as_deref()),
                (provider, conference_id),
                "{address}"
            );
        }
    }

    #[test]
    fn other_pages_are_not_meetings() {
        for address in [
            "https://teams.microsoft.com/meetingOptions/?organizerId=1",
            "https://zoom.us/download",
            "https://evilzoom.us/j/1",
            "https://zoom.us.evil.example/j/1",
            "https://help.webex.com/article",
            "https://meet.google.com/",
            "https://meet.example.com/about/us",
            "https://zoom.us@evil.example/j/1",
            "mailto:ada@example.com",
        ] {
            assert!(recognise(address).is_none(), "{address}");
        }
    }

    #[test]
    fn found_in_texts() {
        for (text, address) in [
            (
                "Join (https://zoom.us/j/12345).",
                Some("https://zoom.us/j/12345"),
            ),
            (
                "<https://meet.google.com/abc-defg-hij>",
                Some("https://meet.google.com/abc-defg-hij"),
            ),
            (
                "ftp://x https://example.com, HTTPS://zoom.us/j/7!",
                Some("HTTPS://zoom.us/j/7"),
            ),
            ("Raum: äöü://nichts", None),
            ("https://", None),
        ] {
            assert_eq!(find_in(text).as_deref(), address, "{text}");
        }
    }

    #[test]
    fn safe_links_are_opened() {
        let text = "https://eur01.safelinks.protection.outlook.com/?url=https%3A%2F%2Fzoom.us%2Fj%2F1%3Fpwd%3Da&data=05";
        assert_eq!(find_in(text).as_deref(), Some("https://zoom.us/j/1?pwd=a"));
    }

    proptest! {
        #[test]
        fn any_text_is_taken(text in "(http|s|://|zoom\\.us|/j/1|é|[ -~]){0,12}") {
            find_in(&text);
        }
    }
}
