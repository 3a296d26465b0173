//! From what a person types to the URL of EWS.

use url::Url;

use crate::error::{Error, ErrorKind};

/// The URL of `Exchange.asmx`, from a host name, the address of Outlook on the web, or any address
/// below `/EWS`.
///
/// `https` is added when no scheme is given; `http` is kept only when it was written. A port is
/// kept. The hosts of Exchange Online are allowed, but Microsoft is retiring EWS there
/// (from October 2026): use Microsoft Graph for these mailboxes.
///
/// # Errors
/// `Configuration`, with what to write instead.
pub(crate) fn normalize(input: &str) -> Result<Url, Error> {
    let text = input.trim();
    if text.is_empty() {
        return Err(wrong(
            "the server's address is empty: give its name, such as mail.contoso.com",
        ));
    }
    if text.chars().any(|c| c.is_whitespace() || c.is_control()) {
        return Err(wrong("the server's address contains white space"));
    }
    let (scheme, rest) = match text.split_once("://") {
        Some((scheme, rest)) => (scheme.to_ascii_lowercase(), rest),
        None => ("https".to_owned(), text),
    };
    if scheme != "https" && scheme != "http" {
        return Err(wrong(format!(
            "\"{scheme}://\" is no address of a web server: use https://"
        )));
    }
    let authority = rest.split(['/', '?', '#', '\\']).next().unwrap_or_default();
    if authority.is_empty() {
        return Err(wrong(
            "the server's address is not valid, it names no server: such as mail.contoso.com",
        ));
    }
    if authority.contains('@') {
        return Err(wrong(
            "the server's address contains user information (…@…): give user and password apart from it, and the server's name here",
        ));
    }
    let mut url = Url::parse(&format!("{scheme}://{rest}")).map_err(|problem| {
        wrong(format!(
            "the server's address is not valid ({problem}): such as mail.contoso.com"
        ))
        .with_source(problem)
    })?;
    let path = endpoint_path(url.path());
    url.set_path(&path);
    url.set_query(None);
    url.set_fragment(None);
    Ok(url)
}

/// Keeps what stands before `/EWS` (some gateways add a prefix); everything else is replaced.
fn endpoint_path(path: &str) -> String {
    let lower = path.to_ascii_lowercase();
    if lower.ends_with("/exchange.asmx") {
        return path.to_owned();
    }
    let prefix = lower
        .match_indices("/ews")
        .find(|(at, found)| matches!(lower.as_bytes().get(at + found.len()), None | Some(b'/')))
        .and_then(|(at, found)| path.get(..at + found.len()));
    match prefix {
        Some(ews) => format!("{ews}/Exchange.asmx"),
        None => "/EWS/Exchange.asmx".to_owned(),
    }
}

fn wrong(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::Configuration, "URL", message).with_hint(
        "Give the server's name or its address, as https://mail.contoso.com/EWS/Exchange.asmx.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_type() {
        for (typed, expected) in [
            (
                "mail.contoso.com",
                "https://mail.contoso.com/EWS/Exchange.asmx",
            ),
            (
                " Mail.Contoso.com/ ",
                "https://mail.contoso.com/EWS/Exchange.asmx",
            ),
            (
                "mail.contoso.com:8443",
                "https://mail.contoso.com:8443/EWS/Exchange.asmx",
            ),
            ("[::1]:8443", "https://[::1]:8443/EWS/Exchange.asmx"),
            ("10.0.0.7", "https://10.0.0.7/EWS/Exchange.asmx"),
            (
                "HTTPS://mail.contoso.com",
                "https://mail.contoso.com/EWS/Exchange.asmx",
            ),
            (
                "http://localhost:8080",
                "http://localhost:8080/EWS/Exchange.asmx",
            ),
            (
                "https://mail.contoso.com/owa/",
                "https://mail.contoso.com/EWS/Exchange.asmx",
            ),
            (
                "https://mail.contoso.com/owa/?realm=x#path=/mail",
                "https://mail.contoso.com/EWS/Exchange.asmx",
            ),
            (
                "https://mail.contoso.com/owa/auth/logon.aspx?url=https://mail.contoso.com/ews",
                "https://mail.contoso.com/EWS/Exchange.asmx",
            ),
            (
                "https://mail.contoso.com/EWS/Exchange.asmx",
                "https://mail.contoso.com/EWS/Exchange.asmx",
            ),
            (
                "https://mail.contoso.com/ews/exchange.asmx?wsdl",
                "https://mail.contoso.com/ews/exchange.asmx",
            ),
            (
                "mail.contoso.com/ews",
                "https://mail.contoso.com/ews/Exchange.asmx",
            ),
            (
                "https://mail.contoso.com/EWS/",
                "https://mail.contoso.com/EWS/Exchange.asmx",
            ),
            (
                "https://mail.contoso.com/EWS/Services.wsdl",
                "https://mail.contoso.com/EWS/Exchange.asmx",
            ),
            (
                "https://gate.contoso.com/proxy/EWS/Services.wsdl",
                "https://gate.contoso.com/proxy/EWS/Exchange.asmx",
            ),
            (
                "https://mail.contoso.com/ewsold/x",
                "https://mail.contoso.com/EWS/Exchange.asmx",
            ),
            (
                "https://mail.contoso.com/ecp",
                "https://mail.contoso.com/EWS/Exchange.asmx",
            ),
            (
                "outlook.office365.com",
                "https://outlook.office365.com/EWS/Exchange.asmx",
            ),
            (
                "https://post.münchen.example/",
                "https://post.xn--mnchen-3ya.example/EWS/Exchange.asmx",
            ),
        ] {
            assert_eq!(normalize(typed).unwrap().as_str(), expected, "{typed}");
        }
    }

    #[test]
    fn what_cannot_be_meant() {
        for (typed, word) in [
            ("", "empty"),
            (" \t ", "empty"),
            ("mail contoso com", "white space"),
            ("https://mail.contoso.com/a b", "white space"),
            ("ftp://mail.contoso.com", "ftp"),
            ("ldap://dc1", "ldap"),
            (
                "https://jdoe:secret@mail.contoso.com/EWS/Exchange.asmx",
                "user information",
            ),
            ("jdoe@contoso.com", "user information"),
            ("https://", "not valid"),
            ("https:///EWS", "not valid"),
            ("mail.contoso.com:port", "not valid"),
            ("https://[::1", "not valid"),
        ] {
            let error = normalize(typed).expect_err(typed);
            assert_eq!(error.kind(), ErrorKind::Configuration);
            assert!(error.to_string().contains(word), "{typed}: {error}");
            assert!(!error.to_string().contains("secret"), "{error}");
        }
    }
}
