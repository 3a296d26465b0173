//! A body as lines with links, without what is quoted in it.

use linkify::{LinkFinder, LinkKind};

use super::words::{self, folded, has_word};
use super::{html, provider};
use crate::model::{Body, BodyFormat};

/// How much of a body is read. Invitations are far shorter; what is longer has something pasted in.
const MOST: usize = 4 << 20;

/// A line as people see it.
#[derive(Debug, Default)]
pub(super) struct Line {
    pub(super) text: String,
    pub(super) links: Vec<Link>,
    pub(super) part: Part,
    /// The program says that the header of a quoted message begins here.
    pub(super) is_reply_header: bool,
}

/// What a line belongs to.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    /// What was written for this event.
    #[default]
    Text,
    /// After the greeting, or beside telephone numbers: where people put their own rooms.
    Closing,
    /// A signature, marked as such.
    Signature,
}

/// A link, and what stands on it or before it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Link {
    pub(super) address: String,
    pub(super) label: String,
}

/// The lines that were written for this event, quoted messages left out.
pub(super) fn lines(body: &Body) -> Vec<Line> {
    let content = beginning(&body.content);
    let lines = match body.format {
        BodyFormat::Html => html::lines(content),
        BodyFormat::Text => content.lines().map(|text| line(text.to_owned())).collect(),
    };
    without_quotes(lines)
}

fn beginning(text: &str) -> &str {
    let mut end = text.len().min(MOST);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(..end).unwrap_or_default()
}

/// A line of plain text.
pub(super) fn line(text: String) -> Line {
    let mut line = Line {
        text,
        ..Line::default()
    };
    line.links = links_in(&line.text);
    line
}

/// The addresses in a text, also those without `https://` if the host is that of a known service.
pub(super) fn links_in(text: &str) -> Vec<Link> {
    if !text.contains('/') {
        return Vec::new();
    }
    let mut finder = LinkFinder::new();
    finder.kinds(&[LinkKind::Url]);
    let mut links = Vec::new();
    let mut label_from = 0;
    for span in finder.spans(text) {
        let found = span.as_str();
        if span.kind().is_some() {
            // What is cut for people to read leads nowhere.
            let is_cut = found.ends_with('…')
                || text
                    .get(span.end()..)
                    .is_some_and(|rest| rest.starts_with(['…']));
            let label = text.get(label_from..span.start()).unwrap_or_default();
            if !is_cut {
                links.push(Link {
                    address: found.to_owned(),
                    label: label.trim().to_owned(),
                });
            }
            label_from = span.end();
            continue;
        }
        for word in found.split_whitespace() {
            let word =
                word.trim_matches(['<', '>', '(', ')', '[', ']', ',', ';', '.', '"', '\'', '!']);
            let host = word
                .split_once('/')
                .map(|(host, _)| host.to_ascii_lowercase());
            if host.is_some_and(|host| provider::of_host(&host).is_some()) {
                links.push(Link {
                    address: format!("https://{word}"),
                    label: String::new(),
                });
            }
        }
    }
    links
}

/// Leaves out quoted messages, and marks signatures.
fn without_quotes(mut lines: Vec<Line>) -> Vec<Line> {
    let small: Vec<String> = lines
        .iter()
        .map(|line| folded(short(line.text.trim())))
        .collect();
    let mut kept = Vec::with_capacity(lines.len());
    let mut part = Part::Text;
    for (at, mut line) in lines.drain(..).enumerate() {
        let (Some(text), Some(after)) = (small.get(at), small.get(at + 1..)) else {
            break;
        };
        if text.starts_with('>') {
            continue;
        }
        let is_header = line.is_reply_header || labelled(text, words::FROM);
        if is_rest_quoted(text, after)
            || (is_header && is_message_header(line.is_reply_header, after))
        {
            break;
        }
        part = match part {
            _ if line.part == Part::Signature => part,
            Part::Text | Part::Closing if text == "--" => Part::Signature,
            Part::Signature | Part::Closing if ends_signature(text) => Part::Text,
            Part::Text if is_closing(text) || is_contact(text) => Part::Closing,
            same => same,
        };
        if line.part == Part::Text {
            line.part = part;
        }
        kept.push(line);
    }
    kept
}

/// As much of a line as is needed to see what it is.
pub(super) fn short(text: &str) -> &str {
    let end = text
        .char_indices()
        .nth(200)
        .map_or(text.len(), |(at, _)| at);
    text.get(..end).unwrap_or(text)
}

/// Whether all that follows is a quoted message.
fn is_rest_quoted(text: &str, after: &[String]) -> bool {
    let inner = text.trim_matches('-');
    let (before, behind) = (
        text.len() - text.trim_start_matches('-').len(),
        text.len() - text.trim_end_matches('-').len(),
    );
    if before >= 3 && behind >= 3 && has_word(inner, words::MESSAGE) {
        return true;
    }
    let wrote = text.strip_suffix(':').map(str::trim_end);
    let is_wrote = wrote.is_some_and(|line| words::WROTE.iter().any(|word| line.ends_with(word)));
    // Where each line of it is marked, what follows is the writer's own again.
    let next = after.iter().find(|line| !line.is_empty());
    is_wrote && next.is_some_and(|next| !next.starts_with('>'))
}

/// Whether what begins is the header of a message, and not of the meeting that was forwarded.
fn is_message_header(is_said: bool, after: &[String]) -> bool {
    let next = |count: usize| after.iter().filter(|line| !line.is_empty()).take(count);
    let is_sent = is_said || next(3).any(|line| labelled(line, words::SENT));
    is_sent && !next(9).any(|line| labelled(line, words::WHEN))
}

/// Whether a line begins with one of these and a colon.
fn labelled(line: &str, labels: &[&str]) -> bool {
    let Some((label, _)) = line.split_once([':', '：']) else {
        return false;
    };
    let label = label.trim_matches(|letter: char| letter.is_whitespace() || letter == '*');
    labels.contains(&label)
}

fn ends_signature(line: &str) -> bool {
    is_separator(line) || opens_invitation(line)
}

/// A line drawn with characters.
fn is_separator(line: &str) -> bool {
    let drawn =
        |letter: char| matches!(letter, '_' | '-' | '=' | '*' | '~' | '.' | '─' | '━' | '—');
    line.chars().count() >= 10 && line.chars().all(drawn)
}

/// Whether a line is the first of an invitation that a program wrote.
pub(super) fn opens_invitation(line: &str) -> bool {
    let begins = words::INVITATION.iter().any(|words| line.contains(words));
    begins || (has_word(line, words::JOIN) && !is_own(line) && !has_word(line, words::ELSEWHERE))
}

/// Whether somebody speaks of a room of their own.
pub(super) fn is_own(line: &str) -> bool {
    has_word(
        line,
        &[
            "my", "me", "mein", "meinem", "meinen", "mich", "mon", "ma", "mi", "mio", "mia", "meu",
            "mijn",
        ],
    )
}

fn is_closing(line: &str) -> bool {
    let line = line.trim_end_matches([',', '.', '!', ' ']);
    words::CLOSING.contains(&line)
}

/// A line that says how to reach a person.
pub(super) fn is_contact(line: &str) -> bool {
    let Some(label) = words::CONTACT
        .iter()
        .filter(|label| line.starts_with(**label))
        .max_by_key(|label| label.len())
    else {
        return false;
    };
    let rest = line.get(label.len()..).unwrap_or_default();
    let value = rest.trim_start_matches([' ', ':', '.', '|']);
    let is_set_off =
        rest.starts_with([':', '.', '|']) || (label.len() > 1 && rest.starts_with([' ', '\t']));
    is_set_off
        && value.starts_with(|letter: char| letter.is_ascii_digit() || matches!(letter, '+' | '('))
        && !line.contains(",,")
        || (rest.starts_with([':', '.']) && value.contains('@'))
}
