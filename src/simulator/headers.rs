//! The headers that an Exchange server puts on its answers, by its version.

use http::header::{HeaderName, HeaderValue, SERVER, SET_COOKIE};
use http::{HeaderMap, Response};
use uuid::Uuid;

use super::version::SimulatedVersion;

/// The front end, as it calls itself.
const FRONT_END: &str = "MAIL";
/// The server that holds the mailboxes.
const BACK_END: &str = "MAILBOX1";

/// What is told about an answer.
pub(super) struct Dressing<'a> {
    pub(super) version: SimulatedVersion,
    /// The request's headers.
    pub(super) asked: &'a HeaderMap,
    /// The request is logged on, so the back end saw it.
    pub(super) known: bool,
    /// The connection stays logged on.
    pub(super) persistent: bool,
    pub(super) tls: bool,
}

/// The web server of a version.
pub(super) fn web_server(version: SimulatedVersion) -> &'static str {
    use SimulatedVersion as V;
    match version {
        V::Exchange2007 | V::Exchange2007Sp1 => "Microsoft-IIS/6.0",
        V::Exchange2010 | V::Exchange2010Sp1 | V::Exchange2010Sp2 => "Microsoft-IIS/7.5",
        V::Exchange2013 | V::Exchange2013Sp1 => "Microsoft-IIS/8.5",
        V::Exchange2016 => "Microsoft-IIS/10.0",
    }
}

impl Dressing<'_> {
    /// Front end and back end are two from Exchange 2013 on, and each answer has an id.
    pub(super) fn put_on<B>(&self, response: &mut Response<B>) {
        let mut headers = vec![(SERVER, web_server(self.version).to_owned())];
        let mut put = |name: &'static str, value: &str| {
            headers.push((HeaderName::from_static(name), value.to_owned()));
        };
        let parted = self.version >= SimulatedVersion::Exchange2013;
        if parted {
            put("request-id", &Uuid::new_v4().to_string());
            put("x-feserver", FRONT_END);
        }
        if self.known {
            let platform = if parted { "4.0.30319" } else { "2.0.50727" };
            put("x-aspnet-version", platform);
        }
        if self.known && parted {
            let target = format!("{}.example.test", BACK_END.to_lowercase());
            put("x-calculatedbetarget", &target);
            put("x-diaginfo", BACK_END);
            put("x-beserver", BACK_END);
        }
        if self.persistent {
            put("persistent-auth", "true");
        }
        for (name, value) in headers {
            if let Ok(value) = HeaderValue::from_str(&value) {
                response.headers_mut().insert(name, value);
            }
        }
        if self.known {
            self.cookies(response);
        }
    }

    /// One for balancers since Exchange 2010, one that names the back end since Exchange 2013.
    fn cookies<B>(&self, response: &mut Response<B>) {
        let mut cookies = Vec::new();
        if self.version >= SimulatedVersion::Exchange2010 && !self.has_cookie("exchangecookie") {
            let value = Uuid::new_v4().simple();
            cookies.push(format!("exchangecookie={value}; path=/; HttpOnly"));
        }
        if self.version >= SimulatedVersion::Exchange2013 && !self.has_cookie("X-BackEndCookie") {
            let secure = if self.tls { " secure;" } else { "" };
            cookies.push(format!(
                "X-BackEndCookie={}; path=/EWS;{secure} HttpOnly",
                Uuid::new_v4().simple()
            ));
        }
        for cookie in cookies {
            if let Ok(value) = HeaderValue::from_str(&cookie) {
                response.headers_mut().append(SET_COOKIE, value);
            }
        }
    }

    fn has_cookie(&self, name: &str) -> bool {
        let sent = self.asked.get_all(http::header::COOKIE).into_iter();
        let mut cookies = sent
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(';'));
        cookies.any(|cookie| cookie.trim().split('=').next() == Some(name))
    }
}
