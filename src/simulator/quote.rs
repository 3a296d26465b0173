//! Answers above what they answer: the header block, the original, and the part that is new.

use super::body::{hypertext, plain};
use super::conversation::normalized;
use super::item::{Body, Item, Role, SENT, SUBJECT};

/// What Outlook puts before the original in plain text.
const RULE: &str = "-----Original Message-----";
/// What Outlook marks the header block with in HTML.
const MARK: &str = "<div id=\"divRplyFwdMsg\"";

/// `RE: ` or `FW: ` and the subject without any such prefix.
pub(super) fn subject(prefix: &str, original: &Item) -> String {
    let subject = normalized(original.text(&SUBJECT));
    format!("{prefix}{subject}")
}

/// Names and values of the header block.
fn block(original: &Item) -> Vec<(&'static str, String)> {
    let people = |role| {
        let names: Vec<String> = original
            .recipients_in(role)
            .map(|one| one.address.name.clone())
            .collect();
        names.join("; ")
    };
    let from = original.organizer.as_ref().map(|from| {
        if from.name == from.email {
            from.email.clone()
        } else {
            format!("{} <{}>", from.name, from.email)
        }
    });
    let sent = original
        .time(&SENT)
        .map(|sent| sent.format("%A, %B %-d, %Y %-I:%M %p").to_string());
    let lines = [
        ("From", from.unwrap_or_default()),
        ("Sent", sent.unwrap_or_default()),
        ("To", people(Role::To)),
        ("Cc", people(Role::Cc)),
        ("Subject", original.text(&SUBJECT).to_owned()),
    ];
    let filled = lines.into_iter().filter(|(_, value)| !value.is_empty());
    filled.collect()
}

/// A comment above the original, in HTML where either of the two is.
pub(super) fn above(comment: Body, original: &Item) -> Body {
    let block = block(original);
    if !comment.html && !original.body.html {
        let lines: Vec<String> = block
            .iter()
            .map(|(name, value)| format!("{name}: {value}\r\n"))
            .collect();
        let text = format!(
            "{}\r\n\r\n{RULE}\r\n{}\r\n{}",
            comment.text,
            lines.concat(),
            original.body.text
        );
        return Body { html: false, text };
    }
    let inner = |body: &Body| {
        if body.html {
            within(&body.text).to_owned()
        } else {
            within(&hypertext(&body.text)).to_owned()
        }
    };
    let lines: Vec<String> = block
        .iter()
        .map(|(name, value)| format!("<b>{name}:</b> {}", escape(value)))
        .collect();
    let text = format!(
        "<html><body>{}<hr tabindex=\"-1\">{MARK} dir=\"ltr\">{}</div><div>{}</div></body></html>",
        inner(&comment),
        lines.join("<br>"),
        inner(&original.body)
    );
    Body { html: true, text }
}

/// The part of a body that is not quoted.
pub(super) fn unique(body: &Body) -> Body {
    let end = if body.html {
        body.text.find("<hr tabindex=\"-1\">").filter(|at| {
            let after = body.text.get(*at..).unwrap_or_default();
            after.contains(MARK)
        })
    } else {
        body.text.find(RULE)
    };
    let Some(new) = end.and_then(|end| body.text.get(..end)) else {
        return body.clone();
    };
    if body.html {
        Body {
            html: true,
            text: format!("<html><body>{}</body></html>", within(new)),
        }
    } else {
        Body {
            html: false,
            text: plain(&escape(new.trim_end())),
        }
    }
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

/// What is within `<body>`, or all of it.
fn within(html: &str) -> &str {
    let lower = html.to_ascii_lowercase();
    let start = lower
        .find("<body")
        .and_then(|at| Some(at + lower.get(at..)?.find('>')? + 1))
        .unwrap_or_default();
    let end = lower.rfind("</body").unwrap_or(html.len());
    html.get(start..end).unwrap_or(html)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simulator::item::{Address, ItemKind};
    use crate::simulator::property::Value;

    fn original(html: bool) -> Item {
        let mut item = Item::new(ItemKind::Message);
        item.set(SUBJECT, Value::Text("RE: Lunch & more".to_owned()));
        item.set(SENT, Value::Time("2026-03-04T12:00:00Z".parse().unwrap()));
        item.organizer = Some(Address {
            name: "Bob".to_owned(),
            email: "bob@example.test".to_owned(),
        });
        item.body = Body {
            html,
            text: if html {
                "<html><BODY class=\"x\"><p>old</p></BODY></html>".to_owned()
            } else {
                "old".to_owned()
            },
        };
        item
    }

    fn comment(html: bool) -> Body {
        let text = if html { "<p>new</p>" } else { "new" };
        Body {
            html,
            text: text.to_owned(),
        }
    }

    #[test]
    fn the_comment_stands_above_the_header_block() {
        let text = above(comment(false), &original(false));
        assert_eq!(
            text.text,
            "new\r\n\r\n-----Original Message-----\r\nFrom: Bob <bob@example.test>\r\nSent: Wednesday, March 4, 2026 12:00 PM\r\nSubject: RE: Lunch & more\r\n\r\nold"
        );
        assert_eq!(unique(&text).text, "new");
        for (one, other) in [(true, true), (true, false), (false, true)] {
            let html = above(comment(one), &original(other));
            assert!(html.html);
            let at = |part: &str| html.text.find(part).unwrap();
            assert!(at("new") < at("<b>From:</b> Bob &lt;bob@example.test&gt;"));
            assert!(at("Lunch &amp; more") < at("old"));
            assert_eq!(html.text.to_lowercase().matches("<body").count(), 1);
            let new = unique(&html).text;
            assert!(new.contains("new") && !new.contains("old"), "{new}");
        }
        assert_eq!(subject("RE: ", &original(true)), "RE: Lunch & more");
    }
}
