//! Where an Autodiscover service answers.

use url::Url;

use super::address::Address;

/// The three entrances of one Autodiscover service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Place {
    /// GetUserSettings (SOAP), since Exchange 2010; `None` where the URL has an unusual form.
    pub(super) soap: Option<Url>,
    /// POX, since Exchange 2007.
    pub(super) pox: Url,
    /// The directory of the V2 service (JSON), in later updates of Exchange 2016 and later.
    directory: Option<Url>,
}

impl Place {
    /// The usual place on a host (MS-OXDISCO, section 3.1.5).
    pub(super) fn on_host(host: &str) -> Option<Self> {
        let url = Url::parse(&format!("https://{host}/autodiscover/autodiscover.xml")).ok()?;
        Some(Self::at(url))
    }

    /// The service one of whose entrances is this URL, or whose directory.
    pub(super) fn at(mut url: Url) -> Self {
        url.set_fragment(None);
        let path = url.path();
        let lower = path.to_ascii_lowercase();
        let directory = if lower.ends_with("/autodiscover") {
            Some(format!("{path}/"))
        } else if lower.ends_with("/autodiscover/") {
            Some(path.to_owned())
        } else {
            ENTRANCES
                .iter()
                .find_map(|name| lower.find(&format!("/{name}")))
                .and_then(|at| path.get(..=at).map(str::to_owned))
        };
        let Some(directory) = directory.filter(|_| url.query().is_none()) else {
            return Self {
                soap: None,
                pox: url,
                directory: None,
            };
        };
        let entrance = |name: &str| {
            let mut url = url.clone();
            url.set_path(&format!("{directory}{name}"));
            url
        };
        Self {
            soap: Some(entrance("autodiscover.svc")),
            pox: entrance("autodiscover.xml"),
            directory: Some(entrance("")),
        }
    }

    /// The URL that asks the V2 service for an address.
    pub(super) fn json(&self, address: &Address, protocol: &str) -> Option<Url> {
        let directory = self.directory.as_ref()?;
        let mut url = directory.clone();
        url.set_path(&format!(
            "{}autodiscover.json/v1.0/{}",
            directory.path(),
            address.encoded()
        ));
        url.set_query(Some(&format!("Protocol={protocol}")));
        Some(url)
    }
}

const ENTRANCES: [&str; 3] = ["autodiscover.svc", "autodiscover.xml", "autodiscover.json"];

/// A URL for people: without a query, which may hold what is nobody's business.
pub(super) fn plain(url: &Url) -> String {
    let mut url = url.clone();
    url.set_query(None);
    url.set_fragment(None);
    // both fail for addresses that cannot have one
    let _ = url.set_password(None);
    let _ = url.set_username("");
    url.as_str().chars().take(300).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(url: &str) -> Place {
        Place::at(Url::parse(url).unwrap())
    }

    #[test]
    fn entrances() {
        let usual = Place::on_host("autodiscover.contoso.com").unwrap();
        let base = "https://autodiscover.contoso.com/autodiscover";
        assert_eq!(
            usual.soap.as_ref().unwrap().as_str(),
            format!("{base}/autodiscover.svc")
        );
        assert_eq!(usual.pox.as_str(), format!("{base}/autodiscover.xml"));
        let address = Address::parse("alice@contoso.com").unwrap();
        assert_eq!(
            usual.json(&address, "EWS").unwrap().as_str(),
            format!("{base}/autodiscover.json/v1.0/alice@contoso.com?Protocol=EWS")
        );
        for same in ["", "/", "/autodiscover.svc", "/autodiscover.svc/wssecurity"] {
            assert_eq!(at(&format!("{base}{same}")), usual, "{same}");
        }
        let prefix = at("https://gate.contoso.com/x/Autodiscover/Autodiscover.xml");
        assert_eq!(
            prefix.soap.unwrap().path(),
            "/x/Autodiscover/autodiscover.svc"
        );
    }

    #[test]
    fn unusual_urls_are_taken_as_they_are() {
        for url in [
            "https://contoso.com/find",
            "https://contoso.com/autodiscover/autodiscover.xml?tenant=7",
        ] {
            let place = at(url);
            assert_eq!(
                (place.soap, place.pox.as_str()),
                (None, url),
                "and nothing is made of it"
            );
        }
    }

    #[test]
    fn what_people_are_shown() {
        let url = Url::parse("https://u:p@contoso.com/a?token=secret#x").unwrap();
        assert_eq!(plain(&url), "https://contoso.com/a");
    }
}
