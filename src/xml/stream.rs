//! Documents one after the other.

use quick_xml::events::Event;

/// The documents of which a stream is made, one after the other without anything in between.
///
/// What cannot be taken apart is in the last of them.
pub(crate) fn split_documents(stream: &str) -> Vec<&str> {
    let mut documents = Vec::new();
    let mut rest = stream;
    while let Some((document, after)) = first_document(rest) {
        documents.push(document);
        rest = after.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
        if rest.is_empty() {
            return documents;
        }
    }
    documents.push(rest);
    documents
}

fn first_document(stream: &str) -> Option<(&str, &str)> {
    let mut reader = quick_xml::Reader::from_str(stream);
    let mut depth = 0_usize;
    loop {
        match reader.read_event().ok()? {
            Event::Start(_) => depth += 1,
            Event::End(_) => depth = depth.saturating_sub(1),
            Event::Empty(_) => {}
            Event::Eof => return None,
            _ => continue,
        }
        if depth == 0 {
            let end = usize::try_from(reader.buffer_position()).ok()?;
            return stream.split_at_checked(end);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_of_a_stream() {
        let stream =
            "<a>1</a>\r\n<?xml version='1.0'?><b x='</a>'/>\u{feff}<c><![CDATA[</c>]]></c> ";
        let documents = split_documents(stream);
        assert_eq!(
            documents,
            [
                "<a>1</a>",
                "<?xml version='1.0'?><b x='</a>'/>",
                "<c><![CDATA[</c>]]></c>"
            ]
        );
    }

    #[test]
    fn what_cannot_be_taken_apart_is_the_last_document() {
        assert_eq!(split_documents(""), [""]);
        assert_eq!(split_documents("<a/><b>"), ["<a/>", "<b>"]);
        assert_eq!(split_documents("<a/>text<b/>"), ["<a/>", "text<b/>"]);
        assert_eq!(split_documents("<a></b><c/>"), ["<a></b><c/>"]);
    }
}
