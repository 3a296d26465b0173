//! Autodiscover in front of the mailboxes: SOAP since Exchange 2010, POX always, V2 (JSON) since
//! Exchange 2016.

use std::collections::HashMap;

use http::header::{CONTENT_TYPE, LOCATION};
use http::{HeaderValue, Method, Request};
use http_body_util::BodyExt as _;
use hyper::body::Incoming;

use super::server::{Answer, HTML, Visit, XML, lock, respond};
use super::version::SimulatedVersion;
use super::wire::Dropped;
use super::xml::Writer;
use super::{Simulator, SimulatorError, position};

/// What Autodiscover says of a mailbox.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum SimulatedAutodiscover {
    /// Its settings.
    #[default]
    Settings,
    /// Ask for another address.
    RedirectAddress(String),
    /// Ask another Autodiscover service.
    RedirectUrl(String),
    /// HTTP 302 to another URL, before any logon and in all services.
    HttpRedirect(String),
    /// The mailbox was moved to Exchange Online: an address of `example.mail.onmicrosoft.com`, and in
    /// V2 a redirect there.
    Online,
    /// An error with this code, as `InvalidUser` or `ServerBusy`; in POX the number that means it.
    Error(String),
    /// Anything else, with this status and type, before any logon.
    Page {
        /// The HTTP status.
        status: u16,
        /// The content type.
        content_type: &'static str,
        /// The body.
        body: String,
    },
    /// Its settings, but from V2 only: the services with a logon are not there (HTTP 404).
    OnlyJson,
    /// There is no Autodiscover (HTTP 404).
    Off,
}

/// What all services of one simulator say.
#[derive(Debug, Default)]
pub(super) struct Front {
    everybody: SimulatedAutodiscover,
    /// By address, in small letters.
    single: HashMap<String, SimulatedAutodiscover>,
    internal: Option<String>,
    external: Option<String>,
}

impl Front {
    fn of(&self, address: &str) -> SimulatedAutodiscover {
        let single = self.single.get(&address.to_ascii_lowercase());
        single.unwrap_or(&self.everybody).clone()
    }
}

impl Simulator {
    /// What Autodiscover says of all mailboxes but those that have an answer of their own.
    pub fn set_autodiscover(&self, answer: SimulatedAutodiscover) {
        lock(&self.shared.autodiscover).everybody = answer;
    }

    /// What Autodiscover says of one mailbox.
    ///
    /// # Errors
    /// [`SimulatorError::NotFound`] where there is no such mailbox.
    pub fn set_autodiscover_of(
        &self,
        mailbox: &str,
        answer: SimulatedAutodiscover,
    ) -> Result<(), SimulatorError> {
        position(&lock(&self.shared.store), mailbox)?;
        let mut front = lock(&self.shared.autodiscover);
        front.single.insert(mailbox.to_ascii_lowercase(), answer);
        Ok(())
    }

    /// The URLs of EWS that Autodiscover names: inside of the network, and from everywhere. Without
    /// this both are [`ews_url`](Self::ews_url); an empty one is not named at all.
    pub fn announce_ews(&self, internal: impl Into<String>, external: impl Into<String>) {
        let mut front = lock(&self.shared.autodiscover);
        front.internal = Some(internal.into());
        front.external = Some(external.into());
    }
}

/// A service of Autodiscover.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Service {
    Soap,
    Pox,
    /// For this address.
    Json(String),
}

impl Service {
    pub(super) fn at(path: &str) -> Option<Self> {
        let lower = path.to_ascii_lowercase();
        let entrance = lower.strip_prefix("/autodiscover/")?;
        if entrance == "autodiscover.svc" {
            return Some(Self::Soap);
        }
        if entrance == "autodiscover.xml" {
            return Some(Self::Pox);
        }
        let address = entrance.strip_prefix("autodiscover.json/v1.0/")?;
        let address = percent_encoding::percent_decode_str(address).decode_utf8();
        Some(Self::Json(address.ok()?.into_owned()))
    }

    fn name(&self) -> &'static str {
        match self {
            Self::Soap => "GetUserSettings",
            Self::Pox => "AutodiscoverPox",
            Self::Json(_) => "AutodiscoverJson",
        }
    }

    fn since(&self) -> SimulatedVersion {
        match self {
            Self::Soap => SimulatedVersion::Exchange2010,
            Self::Pox => SimulatedVersion::Exchange2007,
            Self::Json(_) => SimulatedVersion::Exchange2016,
        }
    }
}

impl Visit {
    pub(super) async fn autodiscover(
        &self,
        service: Service,
        request: Request<Incoming>,
    ) -> Result<Answer, Dropped> {
        let (head, body) = request.into_parts();
        let everybody = lock(&self.shared.autodiscover).everybody.clone();
        let is_off = self.shared.settings.version < service.since();
        match everybody {
            SimulatedAutodiscover::HttpRedirect(location) => {
                let _ = body.collect().await;
                return Ok(moved(&location));
            }
            SimulatedAutodiscover::Page {
                status,
                content_type,
                body: page,
            } => {
                let _ = body.collect().await;
                return Ok(respond(status, content_type, page));
            }
            SimulatedAutodiscover::Off => return Ok(not_found()),
            SimulatedAutodiscover::OnlyJson if !matches!(service, Service::Json(_)) => {
                return Ok(not_found());
            }
            _ if is_off => return Ok(not_found()),
            _ => {}
        }
        if let Service::Json(address) = &service {
            self.count(&service);
            return Ok(self.json(address, head.uri.query().unwrap_or_default()));
        }
        if let Err(refusal) = self.log_on(&head.headers) {
            let _ = body.collect().await;
            return Ok(*refusal);
        }
        if service == Service::Pox && head.method == Method::GET {
            return Ok(respond(200, XML, pox_error("600", "Invalid Request")));
        }
        if head.method != Method::POST {
            return Ok(respond(405, HTML, ""));
        }
        let body = body.collect().await.map_err(|_| Dropped)?.to_bytes();
        if body.is_empty() {
            return Ok(respond(400, HTML, ""));
        }
        self.count(&service);
        let text = String::from_utf8_lossy(&body);
        Ok(match service {
            Service::Soap => self.soap(&text),
            _ => self.pox(&text),
        })
    }

    fn count(&self, service: &Service) {
        let mut log = lock(&self.shared.log);
        *log.operations.entry(service.name().to_owned()).or_default() += 1;
    }

    fn soap(&self, request: &str) -> Answer {
        let Some(asked) = SoapRequest::read(request) else {
            let fault = "<s:Envelope xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\"><s:Body><s:Fault><faultcode>s:Client</faultcode>\
                         <faultstring>The message cannot be processed.</faultstring></s:Fault></s:Body></s:Envelope>";
            return respond(500, XML, fault);
        };
        let found = self.mailbox(&asked.mailbox);
        let answer = lock(&self.shared.autodiscover).of(&asked.mailbox);
        let (code, target) = match (&found, answer) {
            (_, SimulatedAutodiscover::Error(code)) => (code, None),
            (_, SimulatedAutodiscover::RedirectUrl(url)) => ("RedirectUrl".to_owned(), Some(url)),
            (_, SimulatedAutodiscover::RedirectAddress(address)) => {
                ("RedirectAddress".to_owned(), Some(address))
            }
            (Some(_), SimulatedAutodiscover::Online) => {
                ("RedirectAddress".to_owned(), Some(online(&asked.mailbox)))
            }
            (None, _) => ("InvalidUser".to_owned(), None),
            _ => ("NoError".to_owned(), None),
        };
        let settings = found.filter(|_| code == "NoError");
        respond(200, XML, self.soap_answer(&asked, &code, target, settings))
    }

    fn soap_answer(
        &self,
        asked: &SoapRequest,
        code: &str,
        target: Option<String>,
        settings: Option<Found>,
    ) -> String {
        let build = self.shared.settings.version.build();
        let mut out = Writer::default();
        out.element(
            "s:Envelope",
            &[
                ("xmlns:s", "http://schemas.xmlsoap.org/soap/envelope/"),
                ("xmlns:a", "http://www.w3.org/2005/08/addressing"),
            ],
            |out| {
                out.element("s:Header", &[], |out| {
                    let action = format!("{AUTODISCOVER}/Autodiscover/GetUserSettingsResponse");
                    out.leaf_with("a:Action", &[("s:mustUnderstand", "1")], &action);
                    let names = [("xmlns:h", AUTODISCOVER), ("xmlns:i", INSTANCE)];
                    out.element("h:ServerVersionInfo", &names, |out| {
                        let numbers = ["Major", "Minor", "MajorBuild", "MinorBuild"];
                        for (name, number) in numbers.iter().zip(build) {
                            let is_build = name.ends_with("Build");
                            let name =
                                format!("h:{name}{}", if is_build { "Number" } else { "Version" });
                            out.leaf(&name, &number.to_string());
                        }
                        out.leaf("h:Version", self.shared.settings.version.name());
                    });
                });
                out.element("s:Body", &[], |out| {
                    let names = [("xmlns", AUTODISCOVER)];
                    out.element("GetUserSettingsResponseMessage", &names, |out| {
                        out.element("Response", &[("xmlns:i", INSTANCE)], |out| {
                            out.leaf("ErrorCode", "NoError");
                            out.empty("ErrorMessage", &[]);
                            out.element("UserResponses", &[], |out| {
                                out.element("UserResponse", &[], |out| {
                                    user_response(out, asked, code, target, settings);
                                });
                            });
                        });
                    });
                });
            },
        );
        out.into_string()
    }

    fn pox(&self, request: &str) -> Answer {
        let Some(address) = pox_address(request) else {
            return respond(200, XML, pox_error("600", "Invalid Request"));
        };
        let found = self.mailbox(&address);
        let answer = lock(&self.shared.autodiscover).of(&address);
        let body = match (found, answer) {
            (_, SimulatedAutodiscover::Error(code)) => match code.as_str() {
                "InvalidUser" => pox_error("500", "The email address can't be found."),
                "InvalidRequest" => pox_error("600", "Invalid Request"),
                _ => pox_error("603", &code),
            },
            (_, SimulatedAutodiscover::RedirectUrl(url)) => {
                pox_redirect("redirectUrl", "RedirectUrl", &url)
            }
            (_, SimulatedAutodiscover::RedirectAddress(to)) => {
                pox_redirect("redirectAddr", "RedirectAddr", &to)
            }
            (Some(_), SimulatedAutodiscover::Online) => {
                pox_redirect("redirectAddr", "RedirectAddr", &online(&address))
            }
            (None, _) => pox_error("500", "The email address can't be found."),
            (Some(found), _) => pox_settings(&found),
        };
        respond(200, XML, body)
    }

    fn json(&self, address: &str, query: &str) -> Answer {
        let protocol = query
            .split('&')
            .find_map(|pair| pair.strip_prefix("Protocol="))
            .unwrap_or_default();
        let found = self.mailbox(address);
        let answer = lock(&self.shared.autodiscover).of(address);
        let error = |status, code: &str, message: &str| {
            let body = serde_json::json!({ "ErrorCode": code, "ErrorMessage": message });
            respond(status, JSON, body.to_string())
        };
        match (found, answer) {
            (_, SimulatedAutodiscover::Online) => moved(&format!(
                "https://outlook.office365.com/autodiscover/autodiscover.json/v1.0/{address}?Protocol={protocol}&RedirectCount=1"
            )),
            (_, SimulatedAutodiscover::RedirectUrl(url)) => moved(&url),
            (_, SimulatedAutodiscover::Error(code)) => error(400, &code, ""),
            (None, _) => error(404, "UserNotFound", "The given user is not found."),
            (Some(found), _) if protocol.eq_ignore_ascii_case("ews") => {
                let body = serde_json::json!({ "Protocol": "EWS", "Url": found.external });
                respond(200, JSON, body.to_string())
            }
            _ => error(
                400,
                "ProtocolNotSupported",
                "The given protocol value is invalid.",
            ),
        }
    }

    fn mailbox(&self, address: &str) -> Option<Found> {
        let store = lock(&self.shared.store);
        let position = store.position(address)?;
        let mailbox = store.mailboxes.get(position)?;
        let front = lock(&self.shared.autodiscover);
        let url = |named: &Option<String>| {
            named
                .clone()
                .unwrap_or_else(|| self.shared.settings.ews_url.clone())
        };
        Some(Found {
            address: mailbox.address.email.clone(),
            name: mailbox.address.name.clone(),
            internal: url(&front.internal),
            external: url(&front.external),
            version: self.shared.settings.version,
        })
    }
}

/// A mailbox and where EWS is.
struct Found {
    address: String,
    name: String,
    internal: String,
    external: String,
    version: SimulatedVersion,
}

impl Found {
    fn setting(&self, name: &str) -> Option<String> {
        let [major, minor, build, revision] = self.version.build();
        let value = match name {
            "InternalEwsUrl" => self.internal.clone(),
            "ExternalEwsUrl" => self.external.clone(),
            "UserDisplayName" => self.name.clone(),
            "AutoDiscoverSMTPAddress" => self.address.clone(),
            "CasVersion" => format!("{major:02}.{minor:02}.{build:04}.{revision:03}"),
            "EwsSupportedSchemas" => self.version.spoken(),
            _ => return None,
        };
        Some(value).filter(|value| !value.is_empty())
    }
}

struct SoapRequest {
    mailbox: String,
    settings: Vec<String>,
}

impl SoapRequest {
    fn read(text: &str) -> Option<Self> {
        let document = roxmltree::Document::parse(text).ok()?;
        let find = |namespace: &str, name: &str| {
            document
                .descendants()
                .find(|node| node.has_tag_name((namespace, name)))
        };
        let action = find("http://www.w3.org/2005/08/addressing", "Action")?.text()?;
        find("http://www.w3.org/2005/08/addressing", "To")?;
        find(AUTODISCOVER, "RequestedServerVersion")?;
        if action != format!("{AUTODISCOVER}/Autodiscover/GetUserSettings") {
            return None;
        }
        let settings = find(AUTODISCOVER, "RequestedSettings")?;
        Some(Self {
            mailbox: find(AUTODISCOVER, "Mailbox")?.text()?.to_owned(),
            settings: settings
                .children()
                .filter(|node| node.has_tag_name((AUTODISCOVER, "Setting")))
                .filter_map(|node| Some(node.text()?.to_owned()))
                .collect(),
        })
    }
}

fn user_response(
    out: &mut Writer,
    asked: &SoapRequest,
    code: &str,
    target: Option<String>,
    settings: Option<Found>,
) {
    out.leaf("ErrorCode", code);
    let message = match code {
        "NoError" => "No error.",
        "RedirectAddress" => "Redirection address.",
        "RedirectUrl" => "Redirection URL.",
        "InvalidUser" => "Invalid user.",
        _ => "The request failed.",
    };
    out.leaf("ErrorMessage", message);
    match target {
        Some(target) => out.leaf("RedirectTarget", &target),
        None => out.empty("RedirectTarget", &[("i:nil", "true")]),
    }
    let known = |name: &String| settings.as_ref().and_then(|found| found.setting(name));
    out.element("UserSettingErrors", &[], |out| {
        if settings.is_none() {
            return;
        }
        for name in asked.settings.iter().filter(|name| known(name).is_none()) {
            out.element("UserSettingError", &[], |out| {
                out.leaf("ErrorCode", "SettingIsNotAvailable");
                out.leaf(
                    "ErrorMessage",
                    &format!("Setting '{name}' is not available."),
                );
                out.leaf("SettingName", name);
            });
        }
    });
    out.element("UserSettings", &[], |out| {
        for name in &asked.settings {
            let Some(value) = known(name) else {
                continue;
            };
            out.element("UserSetting", &[("i:type", "StringSetting")], |out| {
                out.leaf("Name", name);
                out.leaf("Value", &value);
            });
        }
    });
}

fn pox_address(request: &str) -> Option<String> {
    let document = roxmltree::Document::parse(request).ok()?;
    let text = |name: &str| {
        let found = document
            .descendants()
            .find(|node| node.has_tag_name((POX_REQUEST, name)))?;
        Some(found.text()?.trim().to_owned())
    };
    text("AcceptableResponseSchema").filter(|schema| schema == POX_RESPONSE)?;
    text("EMailAddress")
}

fn pox_document(write: impl FnOnce(&mut Writer)) -> String {
    let mut out = Writer::default();
    out.raw("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n");
    out.element("Autodiscover", &[("xmlns", POX_ANSWER)], write);
    out.into_string()
}

fn pox_error(code: &str, message: &str) -> String {
    pox_document(|out| {
        out.element("Response", &[], |out| {
            out.element("Error", &[("Time", "13:11:19.1"), ("Id", "1")], |out| {
                out.leaf("ErrorCode", code);
                out.leaf("Message", message);
                out.empty("DebugData", &[]);
            });
        });
    })
}

fn pox_redirect(action: &str, name: &str, target: &str) -> String {
    pox_document(|out| {
        out.element("Response", &[("xmlns", POX_RESPONSE)], |out| {
            out.element("Account", &[], |out| {
                out.leaf("AccountType", "email");
                out.leaf("Action", action);
                out.leaf(name, target);
            });
        });
    })
}

fn pox_settings(found: &Found) -> String {
    let [major, minor, build, _] = found.version.build();
    // four bits of structure, six and six of the version, a flag, fifteen of the build
    let bits = (7 << 28)
        | (u32::from(major) << 22)
        | (u32::from(minor) << 16)
        | (1 << 15)
        | u32::from(build);
    pox_document(|out| {
        out.element("Response", &[("xmlns", POX_RESPONSE)], |out| {
            out.element("User", &[], |out| {
                out.leaf("DisplayName", &found.name);
                out.leaf("AutoDiscoverSMTPAddress", &found.address);
            });
            out.element("Account", &[], |out| {
                out.leaf("AccountType", "email");
                out.leaf("Action", "settings");
                let sides = [("EXCH", &found.internal), ("EXPR", &found.external)];
                for (kind, url) in sides.iter().filter(|(_, url)| !url.is_empty()) {
                    out.element("Protocol", &[], |out| {
                        out.leaf("Type", kind);
                        if *kind == "EXCH" {
                            out.leaf("ServerVersion", &format!("{bits:08X}"));
                        }
                        out.leaf("ASUrl", url);
                        if major > 8 {
                            out.leaf("EwsUrl", url);
                        }
                    });
                }
            });
        });
    })
}

fn moved(location: &str) -> Answer {
    let mut answer = respond(302, HTML, "");
    if let Ok(location) = HeaderValue::from_str(location) {
        answer.headers_mut().insert(LOCATION, location);
    }
    answer.headers_mut().remove(CONTENT_TYPE);
    answer
}

fn not_found() -> Answer {
    respond(404, HTML, "<html><body>Not found</body></html>")
}

fn online(address: &str) -> String {
    let local = address.split('@').next().unwrap_or_default();
    format!("{local}@example.mail.onmicrosoft.com")
}

const AUTODISCOVER: &str = "http://schemas.microsoft.com/exchange/2010/Autodiscover";
const INSTANCE: &str = "http://www.w3.org/2001/XMLSchema-instance";
const JSON: &str = "application/json; charset=utf-8";
const POX_ANSWER: &str = "http://schemas.microsoft.com/exchange/autodiscover/responseschema/2006";
const POX_REQUEST: &str =
    "http://schemas.microsoft.com/exchange/autodiscover/outlook/requestschema/2006";
const POX_RESPONSE: &str =
    "http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a";
