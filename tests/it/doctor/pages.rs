//! Answers that are none: pages, statuses, proxies.

use exchange_connector::simulator::{Disturbance, Trouble};
use exchange_connector::{Diagnosis, DiagnosisScope};

use super::server::{Server, http};
use super::{Situation, alice, diagnose, direct, examine, simulator};

/// A page as IIS writes them.
fn iis(title: &str) -> String {
    format!(
        "<!DOCTYPE html><html><head><title>{title}</title></head><body><h2>{title}</h2></body></html>"
    )
}

const LOGON: &str = "<!DOCTYPE html><html><head><title>Outlook</title></head><body>\
     <form action=\"/owa/auth.owa\" method=\"POST\"><input type=\"password\" name=\"password\"></form></body></html>";

pub(super) async fn all(table: &mut Vec<Situation>) {
    before_the_logon(table).await;
    after_the_logon(table).await;
    unreadable(table).await;
}

/// Of what stands in front of the server, or of a server that looks at nothing else first.
async fn before_the_logon(table: &mut Vec<Situation>) {
    let html: &[(&str, &str)] = &[("Content-Type", "text/html")];
    for (name, status, headers, body) in [
        ("Outlook's logon page", "200 OK", html, LOGON.to_owned()),
        (
            "a redirect to a logon page",
            "302 Found",
            &[(
                "Location",
                "https://mail.example.test/owa/auth/logon.aspx?url=https%3a%2f%2fmail.example.test%2fEWS",
            )],
            String::new(),
        ),
        (
            "a redirect to another server",
            "302 Found",
            &[(
                "Location",
                "https://exchange.example.test/EWS/Exchange.asmx",
            )],
            String::new(),
        ),
        (
            "a redirect to the same server, another path",
            "301 Moved Permanently",
            &[("Location", "/gateway/EWS/Exchange.asmx")],
            String::new(),
        ),
        (
            "a logon form's session has ended",
            "440 Login Timeout",
            html,
            iis("440 Login Timeout"),
        ),
        (
            "a gateway locks the account out",
            "456 Unauthorized",
            html,
            String::new(),
        ),
        (
            "nothing at this path",
            "404 Not Found",
            html,
            iis("404 - File or directory not found."),
        ),
        (
            "a path that is no service",
            "405 Method Not Allowed",
            html,
            iis("405 - HTTP verb used to access this page is not allowed."),
        ),
        (
            "a web page of something else",
            "200 OK",
            html,
            iis("Welcome to nginx!"),
        ),
        (
            "a client certificate is wanted by IIS",
            "403 Forbidden",
            html,
            iis("403 - Forbidden: SSL client certificate is required."),
        ),
        (
            "a firewall wants its own logon",
            "407 Proxy Authentication Required",
            html,
            String::new(),
        ),
        (
            "a gateway without a server behind it",
            "502 Bad Gateway",
            html,
            iis("502 - Web server received an invalid response."),
        ),
        (
            "a gateway that waits in vain",
            "504 Gateway Timeout",
            html,
            iis("504 Gateway Time-out"),
        ),
        (
            "a server that is too busy for anybody",
            "503 Service Unavailable",
            &[("Retry-After", "120")],
            iis("Service Unavailable"),
        ),
        (
            "too many requests",
            "429 Too Many Requests",
            &[("Retry-After", "60")],
            String::new(),
        ),
    ] {
        let server = Server::start(http(status, headers, &body)).await;
        let diagnosis = examine(alice(server.url("http"))).await;
        table.push(Situation::new(name, diagnosis));
    }
    let to_http = http(
        "302 Found",
        &[("Location", "http://mail.example.test/EWS/Exchange.asmx")],
        "",
    );
    let authority = super::certificates::Authority::new();
    let config = authority.server("127.0.0.1", super::certificates::GOOD);
    let server = Server::tls(config, to_http).await;
    let options = direct()
        .platform_roots(false)
        .root_certificates(authority.pem());
    let diagnosis = examine(alice(server.url("https")).http(options)).await;
    table.push(Situation::new("a redirect away from encryption", diagnosis));
}

/// Of the server, to somebody it knows.
async fn after_the_logon(table: &mut Vec<Situation>) {
    for (name, status, headers, body) in [
        (
            "the server fails before it answers",
            500,
            &[][..],
            iis("Runtime Error"),
        ),
        (
            "the front end cannot reach the back end",
            500,
            &[
                ("X-CasErrorCode", "EndpointNotFound"),
                ("X-FEServer", "EX1"),
            ],
            String::new(),
        ),
        (
            "the request is larger than allowed",
            413,
            &[],
            iis("413 - Request entity too large."),
        ),
        (
            "headers that are too long",
            400,
            &[],
            iis("Bad Request - Request Too Long"),
        ),
    ] {
        let trouble = Trouble::Status {
            status,
            headers: headers
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect(),
            body,
        };
        table.push(Situation::new(name, disturbed(trouble).await));
    }
}

/// What cannot be read.
async fn unreadable(table: &mut Vec<Situation>) {
    let status = |body: &str| Trouble::Status {
        status: 200,
        headers: Vec::new(),
        body: body.to_owned(),
    };
    let envelope = |body: &str| {
        format!(
            "<s:Envelope xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\"><s:Body>{body}</s:Body></s:Envelope>"
        )
    };
    let dtd = format!("<!DOCTYPE x [<!ENTITY e \"boom\">]>{}", envelope("&e;"));
    for (name, trouble) in [
        ("an empty answer", status("")),
        ("half an answer", Trouble::Truncate),
        (
            "the connection breaks before the answer",
            Trouble::DropAfter,
        ),
        ("the answer to another request", Trouble::OtherOperation),
        (
            "a page of a web filter with status 200",
            status(&iis("Blocked by Web Filter")),
        ),
        (
            "XML that is not well-formed",
            status(
                "<s:Envelope xmlns:s='http://schemas.xmlsoap.org/soap/envelope/'><s:Body></s:Envelope>",
            ),
        ),
    ] {
        table.push(Situation::new(name, disturbed(trouble).await));
    }
    let script = http(
        "200 OK",
        &[("Content-Type", "text/xml; charset=utf-8")],
        &dtd,
    );
    let server = Server::start(script).await;
    let diagnosis = examine(alice(server.url("http"))).await;
    table.push(Situation::new("hostile XML: a document type", diagnosis));
    let simulator = simulator().await;
    let options = direct().max_response_bytes(500);
    let diagnosis = examine(alice(simulator.ews_url()).http(options)).await;
    table.push(Situation::new("an answer over the limit", diagnosis));
}

/// A server that does this to every request that is logged on.
async fn disturbed(trouble: Trouble) -> Diagnosis {
    let simulator = simulator().await;
    simulator.disturb(Disturbance::new(trouble));
    diagnose(alice(simulator.ews_url()), &DiagnosisScope::new()).await
}
