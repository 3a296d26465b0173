//! Messages as MIME: made from their properties, or as they came.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use mail_builder::headers::address::Address as MimeAddress;
use mail_builder::headers::content_type::ContentType;
use mail_builder::headers::date::Date;
use mail_builder::headers::raw::Raw;
use mail_builder::headers::text::Text;
use mail_builder::headers::{Header as _, HeaderType};
use mail_builder::mime::MimePart;

use super::attachment::Attachment;
use super::body::plain;
use super::conversation::{self, normalized};
use super::item::*;
use super::mime::headers_of;
use super::property::{INTERNET_HEADERS, Property, Value};

/// A message as MIME; blind copies only where they are wanted. What is no message has none.
pub(super) fn mime(item: &Item, blind: bool) -> Option<Vec<u8>> {
    if let Some(mime) = &item.mime {
        return Some(mime.to_vec());
    }
    if item.kind == ItemKind::CalendarItem {
        return Some(super::ical::text(item).into_bytes());
    }
    let mut out = Vec::new();
    for (name, value) in header_list(item, blind) {
        write(&mut out, &name, &value);
    }
    content(item).write_part(&mut out);
    Some(out)
}

fn write(out: &mut Vec<u8>, name: &str, value: &HeaderType<'_>) {
    out.extend_from_slice(name.as_bytes());
    out.extend_from_slice(b": ");
    value.write_header(out, name.len() + 2);
}

/// The headers of a message as its receivers see them, in order.
pub(super) fn headers(item: &Item) -> Vec<(String, String)> {
    if let Some(mime) = &item.mime {
        return headers_of(mime);
    }
    let mut out = Vec::new();
    if let Some(received) = item.time(&RECEIVED).filter(|_| !item.from_me) {
        let date = Date::new(received.timestamp()).to_rfc822();
        let trace = format!(
            "from exchange.example.test (192.0.2.1) by exchange.example.test (192.0.2.1) with Microsoft SMTP Server; {date}"
        );
        write(&mut out, "Received", &Raw::new(trace).into());
    }
    for (name, value) in header_list(item, false) {
        write(&mut out, &name, &value);
    }
    out.extend_from_slice(b"\r\n");
    headers_of(&out)
}

type MimeHeader<'a> = (Cow<'a, str>, HeaderType<'a>);

fn header_list(item: &Item, blind: bool) -> Vec<MimeHeader<'_>> {
    let mut list: Vec<MimeHeader<'_>> = Vec::new();
    let mut add = |name: &'static str, value: HeaderType<'static>| list.push((name.into(), value));
    let one = |address: &Address| {
        let name = (address.name != address.email).then(|| address.name.clone());
        MimeAddress::new_address(name, address.email.clone())
    };
    if let Some(from) = &item.organizer {
        add("From", one(from).into());
    }
    if let Some(sender) = &item.sender {
        add("Sender", one(sender).into());
    }
    for (name, role) in [
        ("To", Role::To),
        ("CC", Role::Cc),
        ("BCC", Role::Bcc),
        ("Reply-To", Role::ReplyTo),
    ] {
        let people: Vec<MimeAddress<'_>> = item
            .recipients_in(role)
            .map(|person| one(&person.address))
            .collect();
        if !people.is_empty() && (blind || role != Role::Bcc) {
            add(name, MimeAddress::new_list(people).into());
        }
    }
    let subject = item.text(&SUBJECT);
    add("Subject", Text::new(subject.to_owned()).into());
    add(
        "Thread-Topic",
        Text::new(normalized(subject).to_owned()).into(),
    );
    if let Some(Value::Binary(index)) = item.bag.get(&CONVERSATION_INDEX) {
        add("Thread-Index", Raw::new(STANDARD.encode(index)).into());
    }
    if let Some(date) = item.time(&SENT).or_else(|| item.time(&CREATED)) {
        add("Date", Date::new(date.timestamp()).into());
    }
    for (name, property) in [
        ("Message-ID", MESSAGE_ID),
        ("References", REFERENCES),
        ("In-Reply-To", IN_REPLY_TO),
    ] {
        let ids: Vec<&str> = conversation::ids(item.text(&property)).collect();
        if !ids.is_empty() {
            add(name, Raw::new(ids.join(" ")).into());
        }
    }
    let importance = match item.integer(&IMPORTANCE) {
        0 => Some("low"),
        2 => Some("high"),
        _ => None,
    };
    let sensitivity = match item.integer(&SENSITIVITY) {
        1 => Some("personal"),
        2 => Some("private"),
        3 => Some("company-confidential"),
        _ => None,
    };
    for (name, text) in [("Importance", importance), ("Sensitivity", sensitivity)] {
        if let Some(text) = text {
            add(name, Raw::new(text).into());
        }
    }
    for (name, property) in [
        ("Disposition-Notification-To", READ_RECEIPT),
        ("Return-Receipt-To", DELIVERY_RECEIPT),
    ] {
        if let Some(from) = item.organizer.as_ref().filter(|_| item.flag(&property)) {
            add(name, one(from).into());
        }
    }
    for (property, value) in &item.bag {
        if let (Property::Name(INTERNET_HEADERS, name), Value::Text(text)) = (property, value) {
            list.push((name.as_str().into(), Text::new(text.as_str()).into()));
        }
    }
    list.push(("MIME-Version".into(), Raw::new("1.0").into()));
    list
}

/// A part of many, with a boundary that stays the same for the same message.
fn multipart<'a>(item: &Item, kind: &str, level: u32, parts: Vec<MimePart<'a>>) -> MimePart<'a> {
    let index = item.bag.get(&CONVERSATION_INDEX);
    let seed = match index {
        Some(Value::Binary(index)) => index
            .iter()
            .rev()
            .take(12)
            .fold(0u128, |sum, byte| sum << 8 | u128::from(*byte)),
        _ => u128::from(item.number),
    };
    let boundary = format!("_{level:03}_{seed:024x}_");
    let kind = ContentType::new(format!("multipart/{kind}")).attribute("boundary", boundary);
    MimePart::new(kind, parts)
}

/// Body and attachments.
fn content(item: &Item) -> MimePart<'_> {
    let text = |text: Cow<'static, str>| MimePart::new("text/plain", text);
    let mut content = if item.body.html {
        let html = MimePart::new("text/html", item.body.text.as_str());
        let text = text(plain(&item.body.text).into());
        multipart(item, "alternative", 0, vec![text, html])
    } else {
        MimePart::new("text/plain", item.body.text.as_str())
    };
    let here = item.attachments.iter().filter(|one| one.link().is_none());
    let (inline, attached): (Vec<&Attachment>, Vec<&Attachment>) = here.partition(|one| one.inline);
    for (kind, level, list) in [("related", 1, inline), ("mixed", 2, attached)] {
        if !list.is_empty() {
            let mut parts = vec![content];
            parts.extend(list.into_iter().map(part));
            content = multipart(item, kind, level, parts);
        }
    }
    content
}

fn part(attachment: &Attachment) -> MimePart<'_> {
    let name = attachment.name();
    let Some(bytes) = attachment.bytes() else {
        let inner = attachment.item();
        let calendar = inner.is_some_and(|item| item.kind == ItemKind::CalendarItem);
        let kind = if calendar {
            "text/calendar"
        } else {
            "message/rfc822"
        };
        let bytes = inner.and_then(|item| mime(item, true)).unwrap_or_default();
        return MimePart::new(kind, bytes)
            .attachment(name)
            .transfer_encoding("8bit");
    };
    let kind = attachment
        .content_type()
        .unwrap_or("application/octet-stream");
    let kind = ContentType::new(kind).attribute("name", name);
    let disposition = if attachment.inline {
        "inline"
    } else {
        "attachment"
    };
    let disposition = ContentType::new(disposition).attribute("filename", name);
    // In base64 even what is text, so that each byte stays.
    let part = MimePart::new(kind, base64_lines(bytes))
        .header("Content-Disposition", disposition)
        .transfer_encoding("base64");
    match attachment.content_id() {
        Some(id) => part.cid(id),
        None => part,
    }
}

/// Base64 in lines of 76 characters.
fn base64_lines(bytes: &[u8]) -> Vec<u8> {
    let packed = STANDARD.encode(bytes).into_bytes();
    let mut lines = Vec::with_capacity(packed.len() + packed.len() / 38);
    for line in packed.chunks(76) {
        lines.extend_from_slice(line);
        lines.extend_from_slice(b"\r\n");
    }
    lines
}

/// What receivers get of a message that came as MIME: without blind copies, with the headers that
/// every sent message has.
pub(super) fn for_delivery(mime: &[u8], mail: &Item) -> Vec<u8> {
    let mut out = Vec::with_capacity(mime.len() + 200);
    let mut known = Vec::new();
    let mut rest = mime;
    let mut head = Vec::new();
    let mut skipping = false;
    while let Some(end) = rest.iter().position(|byte| *byte == b'\n') {
        let (line, after) = rest.split_at(end + 1);
        if matches!(line, b"\r\n" | b"\n") {
            break;
        }
        if !matches!(line.first(), Some(b' ' | b'\t')) {
            let name = line.split(|byte| *byte == b':').next().unwrap_or_default();
            let name = String::from_utf8_lossy(name).trim().to_ascii_lowercase();
            skipping = name == "bcc";
            known.push(name);
        }
        if !skipping {
            head.extend_from_slice(line);
        }
        rest = after;
    }
    for (name, value) in header_list(mail, false) {
        let needed = matches!(name.as_ref(), "From" | "Sender" | "Date" | "Message-ID");
        if needed && !known.iter().any(|one| name.eq_ignore_ascii_case(one)) {
            write(&mut out, &name, &value);
        }
    }
    out.extend_from_slice(&head);
    out.extend_from_slice(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::super::mime::read;
    use super::*;
    use chrono::DateTime;

    fn item() -> Item {
        let mut item = Item::new(ItemKind::Message);
        item.set(SUBJECT, Value::Text("RE: Grüße".to_owned()));
        item.set(MESSAGE_ID, Value::Text("<1@a.test>".to_owned()));
        item.set(IMPORTANCE, Value::Integer(2));
        let campaign = Property::Name(INTERNET_HEADERS, "X-Campaign".to_owned());
        item.set(campaign, Value::Text("spring".to_owned()));
        item.organizer = Some(Address {
            name: "Alice Adler".to_owned(),
            email: "alice@example.test".to_owned(),
        });
        for (role, email) in [(Role::To, "bob@example.test"), (Role::Bcc, "c@d.test")] {
            let address = Address {
                name: email.to_owned(),
                email: email.to_owned(),
            };
            item.recipients.push(Recipient::new(role, address));
        }
        item.body = Body {
            html: true,
            text: "<p>Grüße</p>".to_owned(),
        };
        item
    }

    #[test]
    fn what_is_composed_can_be_read() {
        let now = DateTime::UNIX_EPOCH;
        let mut whole = item();
        let inner = item();
        let text = Attachment::file("ä.txt".to_owned(), None, vec![0xfc, 13, 10], now);
        whole.attachments.push(text);
        whole
            .attachments
            .push(Attachment::of_item(&inner, "Inner", now));
        let picture = Attachment::file("l.png".to_owned(), None, vec![0, 1], now);
        whole
            .attachments
            .push(picture.shown(Some("logo".to_owned()), true));
        let mime = mime(&whole, true).unwrap();
        let again = read(&mime, now).unwrap();
        assert_eq!(again.text(&SUBJECT), "RE: Grüße");
        assert_eq!(again.text(&TOPIC), "Grüße");
        assert_eq!(again.organizer, whole.organizer);
        assert_eq!(again.recipients, whole.recipients);
        assert_eq!(again.body.text.trim_end(), "<p>Grüße</p>");
        assert_eq!(again.integer(&IMPORTANCE), 2);
        let contents: Vec<_> = again.attachments.iter().map(Attachment::bytes).collect();
        assert!(contents.contains(&Some(&[0xfc, 13, 10][..])), "{again:?}");
        assert!(contents.contains(&Some(&[0, 1][..])));
        let nested = again.attachments.iter().find_map(Attachment::item).unwrap();
        assert_eq!(nested.text(&SUBJECT), "RE: Grüße");
        assert_eq!(super::mime(&whole, true).unwrap(), mime);
        let seen = headers(&whole);
        assert!(seen.contains(&("X-Campaign".to_owned(), "spring".to_owned())));
        assert!(
            !seen
                .iter()
                .any(|(name, _)| name.eq_ignore_ascii_case("bcc"))
        );
    }

    #[test]
    fn receivers_see_no_blind_copies() {
        let raw =
            "To: a@b.test\r\nBcc: x@y.test,\r\n z@y.test\r\nSubject: Hi\r\n\r\nBcc: stays\r\n";
        let seen = String::from_utf8(for_delivery(raw.as_bytes(), &item())).unwrap();
        assert!(seen.contains("Message-ID: <1@a.test>\r\n"), "{seen}");
        assert!(seen.contains("From: \"Alice Adler\" <alice@example.test>\r\n"));
        let end = "To: a@b.test\r\nSubject: Hi\r\n\r\nBcc: stays\r\n";
        assert!(seen.ends_with(end), "{seen}");
    }
}
