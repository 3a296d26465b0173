//! A message with a plain text of its own beside its HTML, as MIME.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use mail_builder::headers::HeaderType;
use mail_builder::headers::address::Address;
use mail_builder::headers::content_type::ContentType;
use mail_builder::headers::raw::Raw;
use mail_builder::headers::text::Text;
use mail_builder::mime::MimePart;

use crate::model::{Importance, NewAttachment, NewMessage, Recipient, Sensitivity};

/// Everything that MIME carries of a message: all but what only the server knows, which is written
/// as properties beside it. `author` is in whose name it is, if its writer does not say.
pub(crate) fn mime(new: &NewMessage, text: &str, author: Option<&str>) -> Vec<u8> {
    let content = content(new, text);
    let mut headers: Vec<(Cow<'_, str>, HeaderType<'_>)> = Vec::new();
    let mut add = |name, value| headers.push((Cow::Borrowed(name), value));
    add("Subject", Text::new(new.subject.as_str()).into());
    if let Some(author) = signed(new, author) {
        add("From", author.clone().into());
        for (name, is_wanted) in [
            ("Disposition-Notification-To", new.read_receipt),
            ("Return-Receipt-To", new.delivery_receipt),
        ] {
            if is_wanted {
                add(name, author.clone().into());
            }
        }
    }
    for (name, people) in [
        ("To", &new.to),
        ("Cc", &new.cc),
        ("Reply-To", &new.reply_to),
    ] {
        if !people.is_empty() {
            let people = people.iter().map(address).collect();
            add(name, Address::new_list(people).into());
        }
    }
    for (name, ids) in [
        ("In-Reply-To", &new.in_reply_to),
        ("References", &new.references),
    ] {
        if let Some(ids) = ids {
            add(name, Raw::new(ids.as_str()).into());
        }
    }
    let importance = match new.importance {
        Importance::Low => Some("low"),
        Importance::Normal => None,
        Importance::High => Some("high"),
    };
    // RFC 4021 section 2.1.55.
    let sensitivity = match new.sensitivity {
        Sensitivity::Normal => None,
        Sensitivity::Personal => Some("Personal"),
        Sensitivity::Private => Some("Private"),
        Sensitivity::Confidential => Some("Company-Confidential"),
    };
    for (name, value) in [("Importance", importance), ("Sensitivity", sensitivity)] {
        if let Some(value) = value {
            add(name, Raw::new(value).into());
        }
    }
    for (name, value) in &new.headers {
        add(name, Text::new(value.as_str()).into());
    }
    add("MIME-Version", Raw::new("1.0").into());
    headers.extend(content.headers);
    let whole = MimePart {
        headers,
        contents: content.contents,
    };
    let mut written = Vec::new();
    whole.write_part(&mut written);
    written
}

/// In whose name it is, if that is known here.
pub(crate) fn signed<'m>(new: &'m NewMessage, author: Option<&'m str>) -> Option<Address<'m>> {
    let named = new.from.as_ref().map(address);
    named.or_else(|| author.map(|author| Address::new_address(None::<&str>, author)))
}

fn address(person: &Recipient) -> Address<'_> {
    let email = person.smtp_address().unwrap_or_default();
    Address::new_address(person.name.as_deref(), email)
}

/// The text and the HTML, pictures with the HTML, files beside both.
fn content<'m>(new: &'m NewMessage, text: &'m str) -> MimePart<'m> {
    let html = new.body.as_ref().map(|body| body.content.as_str());
    let mut html = MimePart::new("text/html", html.unwrap_or_default());
    let (inline, beside): (Vec<_>, Vec<_>) = new.attachments.iter().partition(|one| one.is_inline);
    if !inline.is_empty() {
        html = with_files("multipart/related", html, inline);
    }
    let text = MimePart::new("text/plain", text);
    let both = MimePart::new("multipart/alternative", vec![text, html]);
    if beside.is_empty() {
        return both;
    }
    with_files("multipart/mixed", both, beside)
}

fn with_files<'m>(
    kind: &'static str,
    first: MimePart<'m>,
    files: Vec<&'m NewAttachment>,
) -> MimePart<'m> {
    let mut parts = vec![first];
    parts.extend(files.into_iter().map(file));
    MimePart::new(kind, parts)
}

fn file(file: &NewAttachment) -> MimePart<'_> {
    let name = file.name.as_str();
    let kind = file.content_type.as_deref();
    // These may not be in base64 (RFC 2045 section 6.4, RFC 2046 section 5.2.1).
    let is_composite = |kind: &&str| {
        let kind = kind.to_ascii_lowercase();
        kind.starts_with("message/") || kind.starts_with("multipart/")
    };
    let kind = kind.filter(|kind| !is_composite(kind));
    let kind = ContentType::new(kind.unwrap_or("application/octet-stream")).attribute("name", name);
    let place = if file.is_inline {
        "inline"
    } else {
        "attachment"
    };
    // In base64 whatever it is: an encoding for texts would change the ends of their lines.
    let part = MimePart::new(kind, in_lines(&file.content))
        .header(
            "Content-Disposition",
            ContentType::new(place).attribute("filename", name),
        )
        .transfer_encoding("base64");
    match &file.content_id {
        Some(id) => part.cid(id.as_str()),
        None => part,
    }
}

/// Base64 in the lines RFC 2045 section 6.8 wants.
fn in_lines(content: &[u8]) -> Vec<u8> {
    let base64 = STANDARD.encode(content);
    let mut lines = Vec::with_capacity(base64.len() + base64.len() / 38 + 2);
    for line in base64.as_bytes().chunks(76) {
        lines.extend_from_slice(line);
        lines.extend_from_slice(b"\r\n");
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Body;

    fn text_of(new: &NewMessage) -> String {
        String::from_utf8(mime(new, "In short & plain.", Some("al@contoso.example"))).unwrap()
    }

    #[test]
    fn two_forms_of_one_text() {
        let new = NewMessage::new("Grüße", Body::html("<p>Hi</p>"))
            .to(Recipient::smtp("bo@contoso.example").named("Lind, Bo"))
            .importance(Importance::High)
            .read_receipt()
            .answering(
                "<1@contoso.example>",
                "<0@contoso.example> <1@contoso.example>",
            )
            .header("X-Ticket", "4711");
        let text = text_of(&new);
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        for header in [
            "To: \"Lind, Bo\" <bo@contoso.example>",
            "In-Reply-To: <1@contoso.example>",
            "X-Ticket: 4711",
            "From: <al@contoso.example>",
            "Disposition-Notification-To: <al@contoso.example>",
            "Importance: high",
            "Content-Type: multipart/alternative;",
        ] {
            assert!(head.contains(header), "{header} in {head}");
        }
        assert!(head.is_ascii(), "{text}");
        let plain = body.find("In short & plain.").unwrap();
        assert!(plain < body.find("<p>Hi</p>").unwrap());
    }

    #[test]
    fn pictures_are_with_the_html_and_files_beside_it() {
        let new = NewMessage::new("a", Body::html("<img src='cid:logo'>"))
            .attachment(NewAttachment::new("ä.txt", "a\nb\r"))
            .attachment(NewAttachment::new("logo.png", vec![0; 100]).inline("logo"));
        let text = text_of(&new);
        let order = [
            "multipart/mixed",
            "multipart/alternative",
            "text/plain",
            "multipart/related",
            "text/html",
            "Content-ID: <logo>",
            "YQpiDQ==",
        ];
        let mut rest = text.as_str();
        for part in order {
            let (_, after) = rest.split_once(part).expect(part);
            rest = after;
        }
        assert!(text.lines().all(|line| line.len() <= 78), "{text}");
    }
}
