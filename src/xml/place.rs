//! Where in a document something is wrong.

use quick_xml::events::Event;

use super::problem::Problem;
use super::reference;

/// The names of the elements open at a position.
///
/// Found by reading the document once more: failures pay for their own description, and success
/// pays nothing.
pub(super) fn path_to(xml: &str, position: usize, problem: &Problem) -> String {
    // A bad value is found at the end of its element, which belongs to the path all the same.
    let keeps_closed = !matches!(problem, Problem::Truncated);
    let mut reader = quick_xml::Reader::from_str(xml);
    let mut path: Vec<String> = Vec::new();
    while let Ok(event) = reader.read_event() {
        let here = usize::try_from(reader.buffer_position()).unwrap_or(usize::MAX);
        let last = here >= position;
        match event {
            Event::Start(start) => path.push(start.local_name().into_inner().to_owned()),
            Event::Empty(start) if last => path.push(start.local_name().into_inner().to_owned()),
            Event::End(_) if !(last && keeps_closed) => drop(path.pop()),
            Event::Eof => break,
            _ => {}
        }
        if last {
            break;
        }
    }
    match path.get(..MAX_PATH) {
        Some(start) if path.len() > MAX_PATH => format!("{}/…", start.join("/")),
        _ if path.is_empty() => "the document".to_owned(),
        _ => path.join("/"),
    }
}

/// Where in the document as it came a position in the document as it was read is.
pub(super) fn position_before_replacing(original: &str, position: usize, replaced: u64) -> usize {
    if replaced == 0 {
        return position;
    }
    let mut read = 0;
    let found = original.char_indices().find(|(_, c)| {
        let here = read;
        read += match reference::is_legal(*c) {
            true => c.len_utf8(),
            false => char::REPLACEMENT_CHARACTER.len_utf8(),
        };
        here >= position
    });
    found.map_or(original.len(), |(at, _)| at)
}

/// How many names of a path are shown.
const MAX_PATH: usize = 16;
