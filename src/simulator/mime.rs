//! Messages that come as MIME: their properties, bodies and attachments.

use chrono::{DateTime, Utc};
use mail_parser::decoders::base64::base64_decode;
use mail_parser::decoders::quoted_printable::quoted_printable_decode;
use mail_parser::parsers::MessageStream;
use mail_parser::{Encoding, HeaderName, Message, MessageParser, MessagePart, MimeHeaders as _};
use mail_parser::{HeaderValue, PartType};

use super::attachment::Attachment;
use super::fields;
use super::item::*;
use super::property::{INTERNET_HEADERS, Property, Value};
use super::refusal::Refusal;

/// Reads a message. It keeps the bytes, for those who want them back.
pub(super) fn read(bytes: &[u8], now: DateTime<Utc>) -> Result<Item, Refusal> {
    let parser = MessageParser::default();
    let message = parser
        .parse(bytes)
        .filter(|message| !message.parts.is_empty())
        .ok_or_else(|| {
            Refusal::new(
                "ErrorMimeContentInvalid",
                "The MIME content is invalid and cannot be read.",
            )
        })?;
    Ok(item(&message, bytes, now))
}

/// The item of a message, or of one within another.
fn item(message: &Message<'_>, bytes: &[u8], now: DateTime<Utc>) -> Item {
    let mut item = Item::new(ItemKind::Message);
    item.set(ITEM_CLASS, Value::Text(class(message).to_owned()));
    let text = |name: &str| header(message, name);
    for (property, value) in [
        (SUBJECT, message.subject().map(str::to_owned)),
        (MESSAGE_ID, text("Message-ID")),
        (IN_REPLY_TO, text("In-Reply-To")),
        (REFERENCES, text("References")),
        (TOPIC, text("Thread-Topic")),
    ] {
        if let Some(value) = value {
            item.set(property, Value::Text(value));
        }
    }
    if let Some(date) = message.date() {
        let date = DateTime::from_timestamp(date.to_timestamp(), 0);
        if let Some(date) = date {
            item.set(SENT, Value::Time(date));
        }
    }
    set_priorities(&mut item, message);
    if let Some(index) = text("Thread-Index").and_then(|text| base64_decode(text.as_bytes())) {
        item.set(CONVERSATION_INDEX, Value::Binary(index));
    }
    let keywords: Vec<Value> = text("Keywords")
        .iter()
        .flat_map(|text| text.split(','))
        .map(|word| Value::Text(word.trim().to_owned()))
        .collect();
    if !keywords.is_empty() {
        item.set(fields::keywords(), Value::Many(keywords));
    }
    set_people(&mut item, message);
    for (name, value) in headers(message) {
        if name.to_ascii_lowercase().starts_with("x-") {
            item.set(Property::Name(INTERNET_HEADERS, name), Value::Text(value));
        }
    }
    item.body = body(message);
    item.attachments = message
        .attachments()
        .enumerate()
        .map(|(at, part)| attachment(message, part, at, now))
        .collect();
    item.mime = Some(bytes.into());
    item
}

fn class(message: &Message<'_>) -> &'static str {
    let Some(content) = message.content_type() else {
        return "IPM.Note";
    };
    let subtype = content.subtype().unwrap_or_default().to_ascii_lowercase();
    match (
        content.ctype().to_ascii_lowercase().as_str(),
        subtype.as_str(),
    ) {
        ("application", "pkcs7-mime" | "x-pkcs7-mime") => "IPM.Note.SMIME",
        ("multipart", "signed") => "IPM.Note.SMIME.MultipartSigned",
        _ => "IPM.Note",
    }
}

fn set_priorities(item: &mut Item, message: &Message<'_>) {
    let text = |name: &str| header(message, name).unwrap_or_default().to_lowercase();
    let importance = match (text("Importance").as_str(), text("X-Priority").get(..1)) {
        ("high", _) | ("", Some("1" | "2")) => 2,
        ("low", _) | ("", Some("4" | "5")) => 0,
        _ => 1,
    };
    item.set(IMPORTANCE, Value::Integer(importance));
    let sensitivity = match text("Sensitivity").as_str() {
        "personal" => 1,
        "private" => 2,
        "company-confidential" => 3,
        _ => 0,
    };
    item.set(SENSITIVITY, Value::Integer(sensitivity));
    for (name, property) in [
        ("Disposition-Notification-To", READ_RECEIPT),
        ("Return-Receipt-To", DELIVERY_RECEIPT),
    ] {
        if !text(name).is_empty() {
            item.set(property, Value::Boolean(true));
        }
    }
}

fn set_people(item: &mut Item, message: &Message<'_>) {
    let address = |one: &mail_parser::Addr<'_>| {
        let email = one.address.as_deref().unwrap_or_default().to_owned();
        let name = one.name.as_deref().filter(|name| !name.is_empty());
        Address {
            name: name.unwrap_or(&email).to_owned(),
            email,
        }
    };
    let first = |list: Option<&mail_parser::Address<'_>>| list?.first().map(address);
    item.organizer = first(message.from());
    item.sender = first(message.sender());
    for (role, list) in [
        (Role::To, message.to()),
        (Role::Cc, message.cc()),
        (Role::Bcc, message.bcc()),
        (Role::ReplyTo, message.reply_to()),
    ] {
        let people = list.into_iter().flat_map(|list| list.iter());
        for one in people.map(address).filter(|one| !one.email.is_empty()) {
            item.recipients.push(Recipient::new(role, one));
        }
    }
}

fn body(message: &Message<'_>) -> Body {
    let part = |ids: &[u32]| ids.first().and_then(|id| message.part(*id)).cloned();
    if let Some(MessagePart {
        body: PartType::Html(html),
        ..
    }) = part(&message.html_body)
    {
        return Body {
            html: true,
            text: html.into_owned(),
        };
    }
    let texts: Vec<&str> = message
        .text_bodies()
        .filter_map(MessagePart::text_contents)
        .collect();
    Body {
        html: false,
        text: texts.join("\r\n"),
    }
}

fn attachment(
    message: &Message<'_>,
    part: &MessagePart<'_>,
    at: usize,
    now: DateTime<Utc>,
) -> Attachment {
    let name = part.attachment_name().map(str::to_owned);
    if let PartType::Message(inner) = &part.body {
        // The bytes of a part that is encoded are those of the inner message itself.
        let bytes = match part.encoding {
            Encoding::None => raw(message, part),
            _ => &inner.raw_message,
        };
        let nested = item(inner, bytes, now);
        let name = name.unwrap_or_else(|| nested.text(&SUBJECT).to_owned());
        return Attachment::of_item(&nested, &name, now);
    }
    let kind = part.content_type().map(|content| match content.subtype() {
        Some(subtype) => format!("{}/{subtype}", content.ctype()),
        None => content.ctype().to_owned(),
    });
    let bytes = match (&part.body, part.encoding) {
        // Texts are read in their character set; a file stays as it is.
        (PartType::Text(_) | PartType::Html(_), Encoding::None) => {
            Some(raw(message, part).to_vec())
        }
        (PartType::Text(_) | PartType::Html(_), Encoding::Base64) => {
            base64_decode(raw(message, part))
        }
        (PartType::Text(_) | PartType::Html(_), Encoding::QuotedPrintable) => {
            quoted_printable_decode(raw(message, part))
        }
        _ => None,
    };
    let bytes = bytes.unwrap_or_else(|| part.contents().to_vec());
    let extension = match kind.as_deref() {
        Some("text/plain") => "txt",
        Some("text/html") => "htm",
        Some("text/calendar") => "ics",
        Some("application/pkcs7-mime") => "p7m",
        _ => "dat",
    };
    let name = name.unwrap_or_else(|| format!("ATT{:05}.{extension}", at + 1));
    let id = part.content_id().map(str::to_owned);
    let inline = match part.content_disposition() {
        Some(disposition) => disposition.is_inline() && id.is_some(),
        None => id.is_some(),
    };
    Attachment::file(name, kind, bytes, now).shown(id, inline)
}

/// The bytes of a part below its headers.
fn raw<'a>(message: &'a Message<'_>, part: &MessagePart<'_>) -> &'a [u8] {
    let at = |offset: u32| usize::try_from(offset).unwrap_or_default();
    message
        .raw_message
        .get(at(part.offset_body)..at(part.offset_end))
        .unwrap_or_default()
}

/// The headers of a message as they stand there, unfolded, in order.
fn headers<'a>(message: &'a Message<'_>) -> impl Iterator<Item = (String, String)> + 'a {
    message.headers().iter().map(|header| {
        let at = |offset: u32| usize::try_from(offset).unwrap_or_default();
        let raw = message
            .raw_message
            .get(at(header.offset_start)..at(header.offset_end))
            .unwrap_or_default();
        let text = String::from_utf8_lossy(raw);
        let unfolded = text.replace("\r\n", "\n").replace("\n\t", " ");
        let value = unfolded.replace("\n ", " ").trim().to_owned();
        let name = match &header.name {
            HeaderName::Other(name) => name.to_string(),
            known => known.as_str().to_owned(),
        };
        // In texts encoded words are read.
        let text = matches!(header.name, HeaderName::Other(_) | HeaderName::Subject);
        let decoded = match MessageStream::new(raw).parse_unstructured() {
            HeaderValue::Text(decoded) if text => Some(decoded.trim().to_owned()),
            _ => None,
        };
        (name, decoded.unwrap_or(value))
    })
}

/// One header as it stands there.
fn header(message: &Message<'_>, name: &str) -> Option<String> {
    headers(message)
        .find(|(one, _)| one.eq_ignore_ascii_case(name))
        .map(|(_, value)| value)
        .filter(|value| !value.is_empty())
}

/// The headers of a message.
pub(super) fn headers_of(bytes: &[u8]) -> Vec<(String, String)> {
    let message = MessageParser::default().parse_headers(bytes);
    message.iter().flat_map(headers).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const MAIL: &str = "From: =?iso-8859-1?Q?J=F6rg?= <joerg@elsewhere.test>\r\n\
        To: Bob Berger <bob@example.test>, carol@example.test\r\n\
        Bcc: user4@example.test\r\n\
        Subject: =?utf-8?B?R3LDvMOfZQ==?=\r\n\
        Date: Wed, 4 Mar 2026 13:00:00 +0100\r\n\
        Message-ID: <1@elsewhere.test>\r\n\
        References: <a@x.test>\r\n\t<b@x.test>\r\n\
        Importance: high\r\n\
        X-Campaign: spring\r\n\
        MIME-Version: 1.0\r\n\
        Content-Type: multipart/mixed; boundary=\"b\"\r\n\
        \r\n\
        --b\r\n\
        Content-Type: text/html; charset=iso-8859-1\r\n\
        Content-Transfer-Encoding: quoted-printable\r\n\
        \r\n\
        <p>Gr=FC=DFe</p>\r\n\
        --b\r\n\
        Content-Type: text/plain; name=\"a.txt\"; charset=iso-8859-1\r\n\
        Content-Disposition: attachment; filename=\"a.txt\"\r\n\
        Content-Transfer-Encoding: base64\r\n\
        \r\n\
        /A==\r\n\
        --b\r\n\
        Content-Type: image/png\r\n\
        Content-ID: <logo>\r\n\
        Content-Disposition: inline; filename=\"l.png\"\r\n\
        Content-Transfer-Encoding: base64\r\n\
        \r\n\
        AAEC\r\n\
        --b\r\n\
        Content-Type: message/rfc822\r\n\
        \r\n\
        Subject: Inner\r\n\
        \r\n\
        inner text\r\n\
        --b--\r\n";

    #[test]
    fn a_message_is_read_into_properties() {
        let now = DateTime::UNIX_EPOCH;
        let item = read(MAIL.as_bytes(), now).unwrap();
        assert_eq!(item.text(&SUBJECT), "Grüße");
        assert_eq!(item.organizer.as_ref().unwrap().name, "Jörg");
        assert_eq!(item.recipients.len(), 3);
        assert_eq!(item.recipients[0].address.name, "Bob Berger");
        assert_eq!(item.recipients[2].role, Role::Bcc);
        assert_eq!(item.text(&MESSAGE_ID), "<1@elsewhere.test>");
        assert_eq!(item.text(&REFERENCES), "<a@x.test> <b@x.test>");
        assert_eq!(item.integer(&IMPORTANCE), 2);
        let sent: DateTime<Utc> = "2026-03-04T12:00:00Z".parse().unwrap();
        assert_eq!(item.time(&SENT), Some(sent));
        assert!(item.body.html && item.body.text.contains("Grüße"));
        let campaign = Property::Name(INTERNET_HEADERS, "X-Campaign".to_owned());
        assert_eq!(item.text(&campaign), "spring");
        let [text, picture, inner] = &item.attachments[..] else {
            panic!("{:?}", item.attachments);
        };
        assert_eq!(text.bytes(), Some(&[0xfc][..]));
        assert!(!text.inline && picture.inline);
        assert_eq!(picture.bytes(), Some(&[0, 1, 2][..]));
        let inner = inner.item().unwrap();
        assert_eq!(inner.text(&SUBJECT), "Inner");
        let mime = inner.mime.as_deref().map(String::from_utf8_lossy);
        assert_eq!(mime.unwrap().trim_end(), "Subject: Inner\r\n\r\ninner text");
        assert_eq!(item.mime.as_deref(), Some(MAIL.as_bytes()));
    }

    #[test]
    fn signed_and_encrypted_messages_have_classes_of_their_own() {
        let of = |kind: &str| {
            let text = format!("Subject: x\r\nContent-Type: {kind}\r\n\r\nAAAA\r\n");
            let item = read(text.as_bytes(), DateTime::UNIX_EPOCH).unwrap();
            (item.text(&ITEM_CLASS).to_owned(), item.attachments.len())
        };
        let encrypted = of("application/pkcs7-mime; name=smime.p7m");
        assert_eq!(encrypted, ("IPM.Note.SMIME".to_owned(), 1));
        assert_eq!(of("text/plain").0, "IPM.Note");
        assert!(read(b"", DateTime::UNIX_EPOCH).is_err());
    }
}
