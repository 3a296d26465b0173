//! Addresses that security services put their own around, to look at what is opened.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use percent_encoding::percent_decode_str;
use url::Url;

/// How a service keeps the address it wraps.
enum Keeps {
    /// In a parameter.
    Parameter(&'static str),
    /// In a parameter, in base64.
    Base64(&'static str),
    /// In base64, as the part of the path after this one.
    Base64After(&'static str),
    /// As the last part of the path.
    LastPart,
    /// Between three underscores.
    Underscores,
    /// As Proofpoint does, each version in its own way.
    Proofpoint,
    /// Behind a number that only the service can tell. This parameter may name the host.
    Nowhere(&'static str),
}

/// The service, its hosts (with a leading dot: what ends so), and how it keeps the address.
///
/// Sources: the services' own documentation and links as they were seen in mail.
const WRAPPERS: &[(&str, &[&str], Keeps)] = &[
    (
        "Safe Links",
        &[
            ".safelinks.protection.outlook.com",
            ".safelinks.protection.office365.us",
            ".safelinks.protection.partner.outlook.cn",
            "statics.teams.cdn.office.net",
        ],
        Keeps::Parameter("url"),
    ),
    (
        "Proofpoint URL Defense",
        &[
            "urldefense.com",
            "urldefense.us",
            "urldefense.proofpoint.com",
        ],
        Keeps::Proofpoint,
    ),
    (
        "Mimecast",
        &[
            ".mimecast.com",
            ".mimecastprotect.com",
            ".mimecast-offshore.com",
        ],
        Keeps::Nowhere("domain"),
    ),
    (
        "Barracuda",
        &["linkprotect.cudasvc.com"],
        Keeps::Parameter("a"),
    ),
    (
        "Cisco Secure Email",
        &["secure-web.cisco.com"],
        Keeps::LastPart,
    ),
    ("Sophos", &[".protection.sophos.com"], Keeps::Base64("u")),
    ("Trend Micro", &[".trendmicro.com"], Keeps::Parameter("url")),
    (
        "Trellix",
        &[
            "protect2.fireeye.com",
            "protect.fireeye.com",
            ".fireeyecloud.com",
        ],
        Keeps::Parameter("u"),
    ),
    (
        "Check Point",
        &["protect.checkpoint.com", "url.avanan.click"],
        Keeps::Underscores,
    ),
    (
        "Symantec",
        &["clicktime.symantec.com", "clicktime.cloud.postoffice.net"],
        Keeps::Parameter("u"),
    ),
    ("Bitdefender", &["linkscan.io"], Keeps::Base64After("ux")),
    ("EdgePilot", &["link.edgepilot.com"], Keeps::Parameter("u")),
    (
        "Hornetsecurity",
        &[
            "atpscan.global.hornetsecurity.com",
            "seclinks.cloud-security.net",
        ],
        Keeps::Nowhere("d"),
    ),
    (
        "GMX",
        &[
            "deref-gmx.net",
            "deref-gmx.com",
            "deref-mail.com",
            "deref-web.de",
            "deref-1und1.de",
        ],
        Keeps::Parameter("redirectUrl"),
    ),
    (
        "Facebook",
        &["l.facebook.com", "lm.facebook.com", "l.messenger.com"],
        Keeps::Parameter("u"),
    ),
    ("LinkedIn", &["www.linkedin.com"], Keeps::Parameter("url")),
    ("Slack", &["slack-redir.net"], Keeps::Parameter("url")),
];

/// What cloud proxies add to the host of an address.
const HOST_SUFFIXES: [&str; 3] = [".mcas.ms", ".mcas-gov.us", ".mcas-gov.ms"];

/// How many services may have wrapped what the next had wrapped already.
const LAYERS: usize = 5;

/// An address without what was put around it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Unwrapped<'a> {
    pub(super) address: Cow<'a, str>,
    /// The service whose address it still is.
    pub(super) sealed: Option<Sealed>,
}

/// A service that keeps the address to itself.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Sealed {
    pub(super) by: &'static str,
    /// The host it leads to, if that is said.
    pub(super) host: Option<String>,
}

/// Takes away what was put around an address, as far as it is in the address itself.
pub(super) fn unwrap(address: &str) -> Unwrapped<'_> {
    let mut address = Cow::Borrowed(address);
    for _ in 0..LAYERS {
        match inner(&address) {
            Inner::Found(found) => address = Cow::Owned(found),
            Inner::Sealed(sealed) => {
                return Unwrapped {
                    address,
                    sealed: Some(sealed),
                };
            }
            Inner::None => break,
        }
    }
    Unwrapped {
        address,
        sealed: None,
    }
}

enum Inner {
    Found(String),
    Sealed(Sealed),
    None,
}

fn inner(address: &str) -> Inner {
    let Ok(url) = Url::parse(address) else {
        return Inner::None;
    };
    let Some(host) = url.host_str() else {
        return Inner::None;
    };
    if let Some(real) = HOST_SUFFIXES.iter().find_map(|end| host.strip_suffix(end)) {
        let mut url = url.clone();
        return match url.set_host(Some(real)) {
            Ok(()) => Inner::Found(url.into()),
            Err(_) => Inner::None,
        };
    }
    if is_google(host) && url.path() == "/url" {
        let found = parameter(&url, "q").or_else(|| parameter(&url, "url"));
        return web(found).map_or(Inner::None, Inner::Found);
    }
    let wrapper = WRAPPERS.iter().find(|(_, hosts, _)| {
        let fits = |name: &&str| host == *name || (name.starts_with('.') && host.ends_with(*name));
        hosts.iter().any(fits)
    });
    let Some((name, _, keeps)) = wrapper else {
        return Inner::None;
    };
    let found = match keeps {
        Keeps::Parameter(name) => parameter(&url, name),
        Keeps::Base64(name) => parameter(&url, name).and_then(|text| base64(&text)),
        Keeps::Base64After(part) => {
            let mut parts = url.path().split('/').skip_while(|found| found != part);
            parts.nth(1).and_then(base64)
        }
        Keeps::LastPart => url.path().rsplit('/').next().and_then(percent_decoded),
        Keeps::Underscores => between_underscores(address),
        Keeps::Proofpoint => proofpoint(&url, address),
        Keeps::Nowhere(parameter_name) => {
            return Inner::Sealed(Sealed {
                by: name,
                host: parameter(&url, parameter_name),
            });
        }
    };
    web(found).map_or(Inner::None, Inner::Found)
}

fn is_google(host: &str) -> bool {
    host.strip_prefix("www.google.").is_some_and(|rest| {
        rest.len() <= 6
            && rest
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte == b'.')
    })
}

fn parameter(url: &Url, name: &str) -> Option<String> {
    let found = url.query_pairs().find(|(found, _)| found == name)?;
    Some(found.1.into_owned())
}

/// An address, if it is one of the web. A slash is sometimes lost on the way.
fn web(found: Option<String>) -> Option<String> {
    let found = found?;
    let url = Url::parse(found.trim()).ok()?;
    (matches!(url.scheme(), "https" | "http") && url.has_host()).then(|| {
        match found.trim().split_once(":/") {
            Some((scheme, rest)) if !rest.starts_with('/') => format!("{scheme}://{rest}"),
            _ => found.trim().to_owned(),
        }
    })
}

fn percent_decoded(text: &str) -> Option<String> {
    Some(percent_decode_str(text).decode_utf8().ok()?.into_owned())
}

fn base64(text: &str) -> Option<String> {
    let text = text.trim_end_matches('=');
    let bytes = URL_SAFE_NO_PAD
        .decode(text)
        .or_else(|_| STANDARD_NO_PAD.decode(text));
    String::from_utf8(bytes.ok()?).ok()
}

fn between_underscores(address: &str) -> Option<String> {
    let (_, rest) = address.split_once("/___")?;
    let (inner, _) = rest.rsplit_once("___")?;
    Some(inner.to_owned())
}

fn proofpoint(url: &Url, address: &str) -> Option<String> {
    let path = url.path();
    if path.starts_with("/v1/") {
        return parameter(url, "u").map(|text| text.replace("&amp;", "&"));
    }
    if path.starts_with("/v2/") {
        // As it stands there: a plus sign means itself.
        let raw = url
            .query()?
            .split('&')
            .find_map(|pair| pair.strip_prefix("u="))?;
        let text = percent_decoded(&raw.replace('-', "%").replace('_', "/"))?;
        return Some(text.replace("&amp;", "&"));
    }
    proofpoint_v3(address)
}

/// `…/v3/__ADDRESS__;BYTES!…`: each `*` in the address stands for the next of the bytes, `**` and a
/// letter for as many as the letter counts, from two.
fn proofpoint_v3(address: &str) -> Option<String> {
    let (_, rest) = address.split_once("/v3/__")?;
    let (inner, rest) = rest.split_once("__;")?;
    let (bytes, _) = rest.split_once('!')?;
    let bytes = match bytes {
        "" => Vec::new(),
        _ => URL_SAFE_NO_PAD.decode(bytes.trim_end_matches('=')).ok()?,
    };
    let mut bytes = bytes.into_iter();
    let mut found = Vec::with_capacity(inner.len());
    let mut inner = inner.bytes().peekable();
    while let Some(byte) = inner.next() {
        if byte != b'*' {
            found.push(byte);
            continue;
        }
        let mut count = 1;
        if inner.next_if_eq(&b'*').is_some() {
            count = 2 + usize::from(run_length(inner.next()?)?);
        }
        found.extend(bytes.by_ref().take(count));
    }
    String::from_utf8(found).ok()
}

/// The value of a digit of base64 as it is written in addresses.
fn run_length(digit: u8) -> Option<u8> {
    Some(match digit {
        b'A'..=b'Z' => digit - b'A',
        b'a'..=b'z' => digit - b'a' + 26,
        b'0'..=b'9' => digit - b'0' + 52,
        b'-' => 62,
        b'_' => 63,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const ZOOM: &str = "https://zoom.us/j/85012345678?pwd=a_b-c";

    #[test]
    fn addresses_are_taken_out() {
        for wrapped in [
            "https://eur01.safelinks.protection.outlook.com/?url=https%3A%2F%2Fzoom.us%2Fj%2F85012345678%3Fpwd%3Da_b-c&data=05%7C01&reserved=0",
            "https://nam12.safelinks.protection.outlook.com/ap/w-59584e83/?url=https%3A%2F%2Fzoom.us%2Fj%2F85012345678%3Fpwd%3Da_b-c&data=05",
            "https://gcc02.safelinks.protection.outlook.com/GetUrlReputation?url=https%3A%2F%2Fzoom.us%2Fj%2F85012345678%3Fpwd%3Da_b-c",
            "https://usg01.safelinks.protection.office365.us/?url=https%3A%2F%2Fzoom.us%2Fj%2F85012345678%3Fpwd%3Da_b-c&data=05",
            "https://statics.teams.cdn.office.net/evergreen-assets/safelinks/1/atp-safelinks.html?url=https%3A%2F%2Fzoom.us%2Fj%2F85012345678%3Fpwd%3Da_b-c&locale=en-us",
            "https://urldefense.proofpoint.com/v1/url?u=https://zoom.us/j/85012345678%3Fpwd%3Da_b-c&k=x&r=y",
            "https://urldefense.proofpoint.com/v2/url?u=https-3A__zoom.us_j_85012345678-3Fpwd-3Da-5Fb-2Dc&d=DwMF&c=x",
            "https://urldefense.com/v3/__https://zoom.us/j/85012345678?pwd=a_b-c__;!!ABC!xyz$",
            "https://urldefense.com/v3/__https:/zoom.us/j/85012345678?pwd=a_b-c__;!!ABC!xyz$",
            "https://urldefense.us/v3/__https://zoom.us/j/85012345678*pwd**Aa_b-c__;Pz0!!ABC!xyz$"
                .replace("**A", "*")
                .as_str(),
            "https://linkprotect.cudasvc.com/url?a=https%3a%2f%2fzoom.us%2fj%2f85012345678%3fpwd%3da_b-c&c=E,1,x&typo=1",
            "https://secure-web.cisco.com/1AbC-d_E/https%3A%2F%2Fzoom.us%2Fj%2F85012345678%3Fpwd%3Da_b-c",
            "https://www.google.com/url?q=https%3A%2F%2Fzoom.us%2Fj%2F85012345678%3Fpwd%3Da_b-c&sa=D&source=calendar",
            "https://www.google.co.uk/url?sa=t&url=https%3A%2F%2Fzoom.us%2Fj%2F85012345678%3Fpwd%3Da_b-c",
            "https://eu-central-1.protection.sophos.com/?d=zoom.us&u=aHR0cHM6Ly96b29tLnVzL2ovODUwMTIzNDU2Nzg_cHdkPWFfYi1j&i=x",
            "https://linkscan.io/scan/ux/aHR0cHM6Ly96b29tLnVzL2ovODUwMTIzNDU2Nzg_cHdkPWFfYi1j?c=1",
            "https://protect2.fireeye.com/v1/url?k=1&q=1&e=2&u=https%3A%2F%2Fzoom.us%2Fj%2F85012345678%3Fpwd%3Da_b-c",
            "https://url.avanan.click/v2/___https://zoom.us/j/85012345678?pwd=a_b-c___.YXAz",
            "https://zoom.us.mcas.ms/j/85012345678?pwd=a_b-c",
            // Twice.
            "https://eur01.safelinks.protection.outlook.com/?url=https%3A%2F%2Furldefense.com%2Fv3%2F__https%3A%2F%2Fzoom.us%2Fj%2F85012345678%3Fpwd%3Da_b-c__%3B!!A!x%24&data=05",
            // Not wrapped.
            ZOOM,
        ] {
            let found = unwrap(wrapped);
            assert_eq!(found.address, ZOOM, "{wrapped}");
            assert_eq!(found.sealed, None, "{wrapped}");
        }
    }

    #[test]
    fn runs_of_bytes() {
        // Two bytes for **A, one for *.
        let wrapped = "https://urldefense.com/v3/__https://a.example/**A/*__;w7xi!!x$";
        assert_eq!(unwrap(wrapped).address, "https://a.example/ü/b");
    }

    #[test]
    fn what_is_kept_elsewhere_is_said() {
        let found = unwrap("https://protect-eu.mimecast.com/s/AbCdEf?domain=zoom.us");
        let sealed = found.sealed.unwrap();
        assert_eq!(
            (sealed.by, sealed.host.as_deref()),
            ("Mimecast", Some("zoom.us"))
        );
        let found = unwrap("https://url.uk.m.mimecastprotect.com/s/AbCdEf");
        assert_eq!(found.sealed.unwrap().host, None);
    }

    #[test]
    fn nothing_but_the_web_comes_out() {
        for address in [
            "https://eur01.safelinks.protection.outlook.com/?url=javascript%3Aalert(1)",
            "https://eur01.safelinks.protection.outlook.com/?data=05",
            "https://urldefense.com/v3/__https://x.example/**__;!!",
            "https://urldefense.com/v3/__file:///etc/passwd__;!!x$",
            "https://www.google.com/search?q=https%3A%2F%2Fzoom.us%2Fj%2F1",
            "https://www.google.evil.example.com/url?q=https%3A%2F%2Fzoom.us%2Fj%2F1",
        ] {
            assert_eq!(unwrap(address).address, address);
        }
    }

    proptest! {
        #[test]
        fn any_text_is_taken(text in "(https://|urldefense\\.com|/v[123]/|__|;|\\*|!|u=|\\?|%2|é|[ -~]){0,20}") {
            unwrap(&text);
        }
    }
}
