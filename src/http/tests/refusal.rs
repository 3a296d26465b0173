//! What is said about answers that are no EWS answer.

use std::time::Duration;

use http::header::CONTENT_TYPE;

use super::*;
use crate::error::{Effect, ErrorKind, RetryAdvice, Unreadable};
use crate::http::refusal;

fn judged(status: u16, headers: &[(&'static str, &str)], body: &str) -> Option<Error> {
    let mut map = HeaderMap::new();
    for (name, value) in headers {
        map.append(
            HeaderName::from_static(name),
            HeaderValue::from_str(value).unwrap(),
        );
    }
    let url = Url::parse("https://mail.contoso.com/EWS/Exchange.asmx").unwrap();
    refusal("GetItem", Some(&url), status, &map, body.as_bytes())
}

fn expect(
    status: u16,
    headers: &[(&'static str, &str)],
    body: &str,
    kind: ErrorKind,
    words: &str,
) -> Error {
    let error = judged(status, headers, body)
        .unwrap_or_else(|| panic!("{status} {headers:?} {body} is an error"));
    assert_eq!(error.kind(), kind, "{error}");
    assert_eq!(error.http_status(), Some(status));
    assert_eq!(error.unreadable(), Some(Unreadable::Http));
    assert!(error.to_string().contains(words), "\"{words}\" in {error}");
    assert_sentence(error.advice_text());
    error
}

#[test]
fn xml_is_read_whatever_the_status() {
    for body in [
        "<?xml version=\"1.0\"?><s:Envelope/>",
        "\u{feff} \r\n<s:Envelope/>",
        "<!-- proxy --><?pi?><Envelope/>",
        "<s:Envelope xmlns:s=\"http://schemas",
        "<s:Envel",
        "<",
        "<?xml",
    ] {
        let wide: Vec<u8> = body.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let html = HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static("text/html"))]);
        for status in [200, 400, 500, 503] {
            assert!(
                judged(status, &[("content-type", "text/html")], body).is_none(),
                "{status} {body}"
            );
            if body.starts_with('<') {
                assert!(refusal("GetItem", None, status, &html, &wide).is_none());
            }
        }
    }
    for body in ["", "just words", "PK\u{3}\u{4}", "<headers/>", "<html:x/>"] {
        assert!(judged(200, &[], body).is_none());
    }
    // what is missing or compressed is not called a page
    let html = HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static("text/html"))]);
    for body in [&b""[..], b" \r\n", b"\x1f\x8b\x08", b"\x28\xb5\x2f\xfd"] {
        assert!(refusal("GetItem", None, 200, &html, body).is_none());
    }
}

/// What is no envelope does not hide the status.
#[test]
fn other_xml_leaves_the_status_to_speak() {
    let xml = [("content-type", "application/xml")];
    let slow = "<?xml version=\"1.0\"?><Error><Code>SlowDown</Code><Message>Less</Message></Error>";
    expect(
        503,
        &xml,
        slow,
        ErrorKind::Unavailable,
        "(\"SlowDown Less\")",
    );
    let denied = "<b>Access denied</b><br>";
    expect(
        403,
        &[],
        denied,
        ErrorKind::PermissionDenied,
        "(\"Access denied\")",
    );
    expect(404, &xml, "<headers/>", ErrorKind::Configuration, "no EWS");
    expect(
        500,
        &xml,
        "<html:x/>",
        ErrorKind::Internal,
        "event log of that",
    );
    let declared = "<!DOCTYPE html><s:Envelope>";
    expect(502, &xml, declared, ErrorKind::Unavailable, "gateway");
    let mut wide = vec![0xff, 0xfe];
    wide.extend(
        "<e>Geschlossen für heute</e>"
            .encode_utf16()
            .flat_map(u16::to_le_bytes),
    );
    let error = refusal("GetItem", None, 503, &HeaderMap::new(), &wide).unwrap();
    assert!(
        error.to_string().contains("(\"Geschlossen für heute\")"),
        "{error}"
    );
}

#[test]
fn pages_in_pieces() {
    let html = [("content-type", "Text/HTML; charset=utf-8")];
    for tag in [
        "table",
        "form action='/x'",
        "style",
        "b",
        "font",
        "br",
        "pre",
        "h3",
        "frameset",
        "iframe",
        "noscript",
        "svg",
        "x:y",
    ] {
        let body = format!("<{tag}>Blocked");
        expect(200, &html, &body, ErrorKind::Protocol, "a web page came");
        assert!(judged(200, &[("content-type", "text/xml")], &body).is_none());
    }
    expect(200, &html, "Blocked", ErrorKind::Protocol, "(\"Blocked\")");
    let logon = "<form><input type=password>";
    expect(200, &html, logon, ErrorKind::Unauthenticated, "logon page");
    let page = "<html><title>Blocked</title><input type='password'>";
    for mark in [&[0xff, 0xfe][..], &[]] {
        let wide = page.encode_utf16().flat_map(u16::to_le_bytes);
        let wide: Vec<u8> = mark.iter().copied().chain(wide).collect();
        let error = refusal("GetItem", None, 200, &HeaderMap::new(), &wide).unwrap();
        assert_eq!(error.kind(), ErrorKind::Unauthenticated);
        assert!(error.to_string().contains("(\"Blocked\")"), "{error}");
    }
}

#[test]
fn pages() {
    let logon = "<!DOCTYPE HTML PUBLIC \"-//W3C//DTD HTML 4.0\"><html><head><title>Outlook</title></head><form action=\"/owa/auth.owa\">";
    let error = expect(
        200,
        &[("content-type", "text/xml")],
        logon,
        ErrorKind::Unauthenticated,
        "(\"Outlook\")",
    );
    assert_eq!(error.advice(), RetryAdvice::Never);
    let xhtml = "<?xml version=\"1.0\"?>\n<!DOCTYPE html PUBLIC \"x\">\n<html><title>Blocked\n by policy</title>";
    expect(
        200,
        &[],
        xhtml,
        ErrorKind::Protocol,
        "(\"Blocked by policy\")",
    );
    let yellow = "<!DOCTYPE html>\n<html>\n<head><title>Runtime Error</title></head>";
    let error = expect(
        500,
        &[("request-id", "abc")],
        yellow,
        ErrorKind::Internal,
        "Runtime Error",
    );
    assert_eq!(
        (error.effect(), error.request_id()),
        (Effect::Unknown, Some("abc"))
    );
}

#[test]
fn redirects() {
    let to = |location: &str, kind, words| expect(302, &[("location", location)], "", kind, words);
    let error = to(
        "/ews/genericerrorpage.htm?aspxerrorpath=/ews/exchange.asmx",
        ErrorKind::Unavailable,
        "error page",
    );
    assert_eq!(error.advice(), RetryAdvice::After(Duration::from_secs(10)));
    let error = to(
        "/owa/auth/logon.aspx?url=https://mail.contoso.com/EWS&reason=0",
        ErrorKind::Unauthenticated,
        "forms-based",
    );
    assert!(!error.to_string().contains("reason=0"), "{error}");
    to(
        "https://mail.contoso.com/owa/",
        ErrorKind::Unauthenticated,
        "forms-based",
    );
    to(
        "http://mail.contoso.com/EWS/Exchange.asmx",
        ErrorKind::Configuration,
        "without encryption",
    );
    to(
        "https://evil.example.net/EWS/Exchange.asmx",
        ErrorKind::Configuration,
        "https://evil.example.net/EWS",
    );
    to(
        "/ews2/Exchange.asmx",
        ErrorKind::Configuration,
        "https://mail.contoso.com/ews2/Exchange.asmx",
    );
    expect(
        307,
        &[],
        "",
        ErrorKind::Configuration,
        "without saying where",
    );
}

/// What is declared before an envelope, or says that it is XML, is for the reader of XML.
#[test]
fn pages_and_xml() {
    let xml = [("content-type", "text/xml; charset=utf-8")];
    let html = [("content-type", "text/html")];
    let xhtml =
        "<?xml version=\"1.0\"?><html xmlns=\"http://www.w3.org/1999/xhtml\"><body/></html>";
    let logon = "<?xml version=\"1.0\"?><html><input type=\"password\"/></html>";
    for (headers, body, is_page) in [
        (&xml, "<!DOCTYPE html><s:Envelope xmlns:s='x'/>", false),
        (&html, "<!DOCTYPE html><Envelope/>", false),
        (&xml, xhtml, false),
        (&html, xhtml, true),
        (&xml, logon, true),
        (&xml, "<!DOCTYPE html>", true),
        (&xml, "<!DOCTYPE html", true),
        (&xml, "<!doctype HTML PUBLIC 'x'><!-- c --><table>", true),
        (&xml, "<!DOCTYPE html5x><a/>", false),
        (&xml, "<HTML>", true),
        (&xml, "<?xml version='1.0'?><!DOCTYPE html><html/>", true),
    ] {
        assert_eq!(judged(200, headers, body).is_some(), is_page, "{body}");
    }
    let error = judged(500, &xml, xhtml).unwrap();
    assert_eq!(error.http_status(), Some(500));
}

#[test]
fn waiting() {
    let after = |error: Error| match error.advice() {
        RetryAdvice::After(wait) => wait.as_secs(),
        other => panic!("{other:?}"),
    };
    assert_eq!(
        after(expect(
            429,
            &[("retry-after", "120")],
            "",
            ErrorKind::Throttled,
            "120 s"
        )),
        120
    );
    assert_eq!(
        after(expect(503, &[], "", ErrorKind::Unavailable, "busy")),
        30
    );
    let page = "<HTML><HEAD><TITLE>Service Unavailable</TITLE>";
    expect(
        503,
        &[],
        page,
        ErrorKind::Unavailable,
        "Service Unavailable",
    );
}

#[test]
fn each_status_has_its_sentence() {
    expect(
        400,
        &[],
        "<html><title>Bad Request</title>",
        ErrorKind::InvalidArgument,
        "Bad Request",
    );
    expect(
        401,
        &[(
            "x-ms-diagnostics",
            "2000003;reason=\"The token has expired.\"",
        )],
        "",
        ErrorKind::Unauthenticated,
        "The token has expired.",
    );
    expect(
        401,
        &[("x-ms-credential-service-url", "https://x")],
        "",
        ErrorKind::Unauthenticated,
        "expired",
    );
    expect(
        403,
        &[],
        "",
        ErrorKind::PermissionDenied,
        "before any logon",
    );
    let page = "<html><title>403</title>SSL Client Certificate is required";
    let error = expect(403, &[], page, ErrorKind::PermissionDenied, "Give a client");
    assert!(!error.to_string().contains("firewall"), "{error}");
    expect(
        404,
        &[],
        "",
        ErrorKind::Configuration,
        "https://mail.contoso.com/EWS/Exchange.asmx",
    );
    expect(405, &[], "", ErrorKind::Configuration, "POST");
    assert_eq!(
        expect(407, &[], "", ErrorKind::Connection, "proxy").advice(),
        RetryAdvice::Never
    );
    expect(413, &[], "<html>", ErrorKind::TooLarge, "fewer items");
    expect(440, &[], "", ErrorKind::Unauthenticated, "forms-based");
    let locked = [(
        "x-ms-location-password-expired",
        "https://login.example.com/?user=x",
    )];
    expect(
        456,
        &locked,
        "",
        ErrorKind::Unauthenticated,
        "(https://login.example.com/)",
    );
    assert_eq!(
        expect(500, &[], "", ErrorKind::Internal, "event log").effect(),
        Effect::Unknown
    );
    let error = expect(
        500,
        &[("x-caserrorcode", "EmptyAnchorMailbox")],
        "",
        ErrorKind::Unavailable,
        "EmptyAnchorMailbox",
    );
    assert_eq!(
        (error.code(), error.effect()),
        (Some("EmptyAnchorMailbox"), Effect::None)
    );
    expect(501, &[], "", ErrorKind::Unsupported, "kind of request");
    assert_eq!(
        expect(502, &[], "", ErrorKind::Unavailable, "gateway").effect(),
        Effect::Unknown
    );
    expect(504, &[], "", ErrorKind::Timeout, "gateway");
    expect(
        418,
        &[],
        "short and\nstout",
        ErrorKind::Protocol,
        "(\"short and stout\")",
    );
    expect(599, &[], "", ErrorKind::Internal, "failed");
}
