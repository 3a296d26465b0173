//! To whom credentials may go.

use std::fmt;
use std::net::Ipv6Addr;
use std::sync::Arc;

use url::{Host, Url};

use super::address::{configuration, shown};
use super::place::plain;
use crate::error::Result;

/// Somebody says that the search, or what comes after it, should go on with another host.
///
/// Given to the rule of [`Autodiscover::approve_redirects`](super::Autodiscover::approve_redirects).
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Redirect {
    /// Who says so: a URL, or the DNS name of an SRV record.
    pub from: String,
    /// Where to go on, without its query.
    pub to: String,
    /// The host credentials would be sent to.
    pub host: String,
    /// Whether this is the URL of EWS itself rather than one more Autodiscover service.
    pub is_ews: bool,
}

/// Decides about a redirect that the default rule does not allow.
pub(super) type Rule = Arc<dyn Fn(&Redirect) -> bool + Send + Sync>;

/// The hosts that are approved.
#[derive(Clone, Default)]
pub(super) struct Approval {
    /// Those of the address, and of addresses it was redirected to.
    domains: Vec<String>,
    hosts: Vec<String>,
    /// Of what was given as a host and is none, words to show.
    no_hosts: Vec<String>,
    rule: Option<Rule>,
}

impl Approval {
    pub(super) fn add_domain(&mut self, domain: &str) {
        if !self.domains.iter().any(|known| known == domain) {
            self.domains.push(domain.to_owned());
        }
    }

    pub(super) fn add_host(&mut self, host: &str) {
        match host_of(host) {
            Some(host) => self.hosts.push(host),
            // it may be a password that stands before an @
            None if host.contains('@') => self.no_hosts.push("what contains an @".to_owned()),
            None => self.no_hosts.push(format!("\"{}\"", shown(host))),
        }
    }

    /// # Errors
    /// `Configuration`, if what was given as a host is none.
    pub(super) fn check(&self) -> Result<()> {
        let Some(wrong) = self.no_hosts.first() else {
            return Ok(());
        };
        let text = format!("{wrong} is no host that can be approved");
        Err(configuration(text)
            .with_hint("Give the whole name of one host, such as mail.contoso.com, to approve_host; for several use approve_redirects."))
    }

    pub(super) fn set_rule(&mut self, rule: Rule) {
        self.rule = Some(rule);
    }

    /// Whether credentials may go there.
    pub(super) fn allows(&self, from: &str, to: &Url, is_ews: bool) -> bool {
        let Some(host) = to.host() else {
            return false;
        };
        if !is_private(to) {
            return false;
        }
        let name = normal(&host.to_string());
        if self.hosts.contains(&name) {
            return true;
        }
        if let Host::Domain(_) = host
            && self.domains.iter().any(|domain| is_of(&name, domain))
        {
            return true;
        }
        self.rule.as_ref().is_some_and(|rule| {
            rule(&Redirect {
                from: shown(from),
                to: plain(to),
                host: name,
                is_ews,
            })
        })
    }
}

impl fmt::Debug for Approval {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Approval")
            .field("domains", &self.domains)
            .field("hosts", &self.hosts)
            .field("rule", &self.rule.is_some())
            .finish()
    }
}

/// Nobody else can read what is sent there: TLS, or this machine.
pub(super) fn is_private(url: &Url) -> bool {
    let has_user = !url.username().is_empty() || url.password().is_some();
    let scheme = match url.scheme() {
        "https" => true,
        "http" => match url.host() {
            Some(Host::Ipv4(address)) => address.is_loopback(),
            Some(Host::Ipv6(address)) => address.is_loopback(),
            Some(Host::Domain(name)) => name.eq_ignore_ascii_case("localhost"),
            None => false,
        },
        _ => false,
    };
    scheme && !has_user
}

/// Whether a host belongs to the owner of a domain: it is that domain, its `autodiscover`, or under
/// the same registrable domain (that which a registry of the public suffix list gives out).
fn is_of(host: &str, domain: &str) -> bool {
    host == domain
        || host.strip_prefix("autodiscover.") == Some(domain)
        || match (psl::domain_str(host), psl::domain_str(domain)) {
            (Some(of_host), Some(of_domain)) => of_host == of_domain,
            _ => false,
        }
}

/// The host that a person names, in the form in which URLs have it: by a name, an address, with a port or in a URL.
fn host_of(text: &str) -> Option<String> {
    let text = text.trim();
    let url = if text.contains("://") {
        Url::parse(text).ok()
    } else if let Ok(address) = text.parse::<Ipv6Addr>() {
        Url::parse(&format!("https://[{address}]")).ok()
    } else {
        Url::parse(&format!("https://{text}"))
            .ok()
            .filter(|url| url.path() == "/" && url.query().is_none() && url.fragment().is_none())
    };
    let url = url.filter(|url| matches!(url.scheme(), "https" | "http"))?;
    if !url.username().is_empty() || url.password().is_some() {
        return None;
    }
    let host = url.host()?;
    let name = normal(&host.to_string());
    let is_name = |name: &str| {
        let is_of_names = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        !name.is_empty() && name.chars().all(is_of_names)
    };
    Some(name).filter(|name| !matches!(host, Host::Domain(_)) || is_name(name))
}

fn normal(host: &str) -> String {
    host.trim().trim_end_matches('.').to_ascii_lowercase()
}

/// Whether a host is one of Exchange Online, in any of Microsoft's clouds.
pub(super) fn is_microsoft(host: &str) -> bool {
    let host = normal(host);
    [
        "outlook.com",
        "office365.com",
        "office365.us",
        "outlook.cn",
        "outlook.de",
        "office.com",
        "cloud.microsoft",
    ]
    .iter()
    .any(|domain| {
        host == *domain
            || host
                .strip_suffix(domain)
                .is_some_and(|rest| rest.ends_with('.'))
    }) || host == "outlook.office.de"
}

/// Whether a mail domain is one that Microsoft gives to organisations in Exchange Online.
pub(super) fn is_microsoft_domain(domain: &str) -> bool {
    [
        ".onmicrosoft.com",
        ".onmicrosoft.us",
        ".onmicrosoft.de",
        ".onmschina.cn",
    ]
    .iter()
    .any(|suffix| domain.ends_with(suffix))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn approval() -> Approval {
        let mut approval = Approval::default();
        approval.add_domain("eu.contoso.co.uk");
        approval.add_host("Mail.Hoster.test.");
        approval
    }

    fn allows(approval: &Approval, url: &str) -> bool {
        approval.allows("test", &Url::parse(url).unwrap(), false)
    }

    #[test]
    fn by_default() {
        for (url, allowed) in [
            ("https://autodiscover.eu.contoso.co.uk/x", true),
            ("https://mail.contoso.co.uk/EWS/Exchange.asmx", true),
            ("https://contoso.co.uk:8443/", true),
            ("https://mail.hoster.test/", true),
            ("https://www.hoster.test/", false),
            ("https://mail.other.co.uk/", false),
            ("https://eu.contoso.co.uk.evil.test/", false),
            ("https://evilcontoso.co.uk/", false),
            ("http://mail.contoso.co.uk/", false),
            ("ftp://mail.contoso.co.uk/", false),
            ("https://user:secret@mail.contoso.co.uk/", false),
            ("https://10.0.0.7/", false),
            ("https://co.uk/", false),
        ] {
            assert_eq!(allows(&approval(), url), allowed, "{url}");
        }
    }

    #[test]
    fn shared_suffixes_have_many_owners() {
        let mut approval = Approval::default();
        approval.add_domain("alice.github.io");
        assert!(allows(&approval, "https://autodiscover.alice.github.io/"));
        assert!(!allows(&approval, "https://mallory.github.io/"));
        let mut approval = Approval::default();
        approval.add_domain("github.io");
        assert!(allows(&approval, "https://autodiscover.github.io/"));
        assert!(!allows(&approval, "https://mallory.github.io/"));
    }

    #[test]
    fn by_a_rule_which_never_sees_plain_http() {
        let mut approval = approval();
        approval.set_rule(Arc::new(|redirect: &Redirect| {
            assert!(redirect.to.starts_with("https://"), "{redirect:?}");
            redirect.host == "ex.partner.test" && redirect.is_ews
        }));
        let to = Url::parse("https://EX.partner.test/EWS/Exchange.asmx?x=1").unwrap();
        assert!(approval.allows("test", &to, true));
        assert!(!approval.allows("test", &to, false));
        assert!(!allows(&approval, "http://ex.partner.test/"));
    }

    #[test]
    fn this_machine_may_be_named() {
        let mut approval = Approval::default();
        approval.add_host("127.0.0.1");
        assert!(allows(&approval, "http://127.0.0.1:8080/autodiscover"));
        assert!(!allows(&approval, "http://127.0.0.2:8080/autodiscover"));
        approval.add_host("10.0.0.7");
        assert!(!allows(&approval, "http://10.0.0.7/autodiscover"));
        assert!(allows(&approval, "https://10.0.0.7/autodiscover"));
    }

    #[test]
    fn hosts_in_the_forms_people_write() {
        for (text, url) in [
            ("https://mail.hoster.net", "https://mail.hoster.net/x"),
            (
                "https://mail.hoster.net:8443/EWS/Exchange.asmx",
                "https://mail.hoster.net/x",
            ),
            ("mail.hoster.net:443", "https://mail.hoster.net/x"),
            (" Mail.hoster.net./ ", "https://mail.hoster.net/x"),
            ("mail.hoster.net", "https://mail.hoster.net./x"),
            ("müller.example", "https://xn--mller-kva.example/x"),
            ("xn--mller-kva.example", "https://MÜLLER.example/x"),
            ("::1", "http://[::1]:8080/x"),
            ("[::1]:8080", "http://[0:0::1]/x"),
            ("10.0.0.7", "https://10.0.0.7/x"),
        ] {
            let mut approval = Approval::default();
            approval.add_host(text);
            assert!(approval.check().is_ok(), "{text}");
            assert!(allows(&approval, url), "{text}");
            assert!(!allows(&approval, "https://www.hoster.net/"), "{text}");
        }
        for text in [
            "",
            "*.hoster.net",
            "mail hoster",
            "mail.hoster.net/EWS",
            "ftp://mail.hoster.net",
            "https://",
            "alice:hunter2@mail.hoster.net",
            "https://alice:hunter2@mail.hoster.net/",
            "https:/alice:hunter2@mail.hoster.net/",
        ] {
            let mut approval = Approval::default();
            approval.add_host(text);
            let error = approval.check().unwrap_err();
            assert_eq!(error.kind(), crate::ErrorKind::Configuration, "{text}");
            let shown = format!("{error} {error:?} {approval:?}");
            assert!(!shown.contains("hunter2"), "{shown}");
        }
    }

    #[test]
    fn hosts_of_microsoft() {
        for (host, expected) in [
            ("outlook.office365.com", true),
            ("autodiscover-s.outlook.com", true),
            ("Outlook.Office365.us", true),
            ("partner.outlook.cn", true),
            ("outlook.office.de", true),
            ("mail.contoso.com", false),
            ("outlook.com.evil.test", false),
            ("evil-outlook.com", false),
        ] {
            assert_eq!(is_microsoft(host), expected, "{host}");
        }
        assert!(is_microsoft_domain("contoso.mail.onmicrosoft.com"));
        assert!(!is_microsoft_domain("onmicrosoft.com.evil.test"));
    }
}
