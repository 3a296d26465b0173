//! Calendar items as iCalendar text (RFC 5545), which Exchange gives for MIME of them.

use super::body::plain;
use super::item::{Item, LOCATION, SUBJECT};
use super::uid::uid;

/// One event; a series is told by its first occurrence.
pub(super) fn text(item: &Item) -> String {
    let time = |instant: chrono::DateTime<chrono::Utc>| instant.format("%Y%m%dT%H%M%SZ");
    let body = if item.body.html {
        plain(&item.body.text)
    } else {
        item.body.text.clone()
    };
    let mut lines = vec![
        "BEGIN:VCALENDAR".to_owned(),
        "PRODID:-//Exchange simulator//EN".to_owned(),
        "VERSION:2.0".to_owned(),
        "METHOD:PUBLISH".to_owned(),
        "BEGIN:VEVENT".to_owned(),
        format!("UID:{}", uid(item).unwrap_or_default()),
        format!("DTSTAMP:{}", time(item.start())),
        format!("DTSTART:{}", time(item.start())),
        format!("DTEND:{}", time(item.end())),
        format!("SUMMARY:{}", escape(item.text(&SUBJECT))),
    ];
    for (name, value) in [("LOCATION", item.text(&LOCATION)), ("DESCRIPTION", &body)] {
        if !value.is_empty() {
            lines.push(format!("{name}:{}", escape(value)));
        }
    }
    lines.push("END:VEVENT".to_owned());
    lines.push("END:VCALENDAR".to_owned());
    let mut text = String::new();
    for line in lines {
        fold(&mut text, &line);
    }
    text
}

fn escape(text: &str) -> String {
    let text = text.replace("\r\n", "\n").replace('\\', "\\\\");
    let text = text.replace(';', "\\;").replace(',', "\\,");
    text.replace('\n', "\\n")
}

/// Lines of at most 75 octets.
fn fold(out: &mut String, line: &str) {
    let mut used = 0;
    for character in line.chars() {
        if used + character.len_utf8() > 75 {
            out.push_str("\r\n ");
            used = 1;
        }
        out.push(character);
        used += character.len_utf8();
    }
    out.push_str("\r\n");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simulator::item::ItemKind;
    use crate::simulator::property::Value;

    #[test]
    fn long_lines_are_folded_and_texts_escaped() {
        let mut item = Item::new(ItemKind::CalendarItem);
        item.set(SUBJECT, Value::Text(format!("a, b; {}", "ü".repeat(60))));
        let text = text(&item);
        assert!(text.contains("SUMMARY:a\\, b\\; üü"));
        assert!(text.lines().all(|line| line.len() <= 75), "{text}");
    }
}
