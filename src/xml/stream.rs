//! Documents one after the other.

use quick_xml::events::Event;

/// The documents of which a stream is made, one after the other without anything in between.
///
/// Comments and processing instructions belong to the document that follows, and at the end of the
/// stream to the one before. What cannot be taken apart is in the last of them.
pub(crate) fn split_documents(stream: &str) -> Vec<&str> {
    let mut documents = Vec::new();
    let mut rest = stream;
    while let Some((document, after)) = first_document(rest) {
        let next = after.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
        if next.is_empty() {
            documents.push(document);
            return documents;
        }
        if is_epilogue(next) {
            documents.push(rest.trim_end());
            return documents;
        }
        documents.push(document);
        rest = next;
    }
    documents.push(rest);
    documents
}

/// Whether only comments and processing instructions come.
fn is_epilogue(rest: &str) -> bool {
    let mut reader = quick_xml::Reader::from_str(rest);
    loop {
        match reader.read_event() {
            Ok(Event::Comment(_) | Event::PI(_)) => {}
            Ok(Event::Text(text)) if text.trim_ascii().is_empty() => {}
            Ok(Event::Eof) => return true,
            _ => return false,
        }
    }
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
    fn what_comes_after_the_last_document_belongs_to_it() {
        for (stream, documents) in [
            ("<a/><!-- end -->", &["<a/><!-- end -->"] as &[_]),
            (
                "<a/>\n<!-- 1 -->\n<?end?>\n",
                &["<a/>\n<!-- 1 -->\n<?end?>"],
            ),
            (
                "<a/><!-- b --><b/><?end?>",
                &["<a/>", "<!-- b --><b/><?end?>"],
            ),
            ("<a/><!-- end", &["<a/>", "<!-- end"]),
            (
                "<a/><?xml version='1.0'?>",
                &["<a/>", "<?xml version='1.0'?>"],
            ),
        ] {
            assert_eq!(split_documents(stream), documents, "{stream}");
        }
    }

    #[test]
    fn what_cannot_be_taken_apart_is_the_last_document() {
        assert_eq!(split_documents(""), [""]);
        assert_eq!(split_documents("<a/><b>"), ["<a/>", "<b>"]);
        assert_eq!(split_documents("<a/>text<b/>"), ["<a/>", "text<b/>"]);
        assert_eq!(split_documents("<a></b><c/>"), ["<a></b><c/>"]);
    }
}
