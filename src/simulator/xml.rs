//! Writes answers: one growing string, elements balanced by closures.

/// A growing document.
#[derive(Debug, Default)]
pub(super) struct Writer {
    out: String,
}

impl Writer {
    /// The document so far.
    pub(super) fn into_string(self) -> String {
        self.out
    }

    /// Adds text that is markup already.
    pub(super) fn raw(&mut self, markup: &str) {
        self.out.push_str(markup);
    }

    /// An element with whatever `content` writes; without content the short form, as Exchange does.
    pub(super) fn element(
        &mut self,
        name: &str,
        attributes: &[(&str, &str)],
        content: impl FnOnce(&mut Self),
    ) {
        self.out.push('<');
        self.out.push_str(name);
        for (attribute, value) in attributes {
            self.out.push(' ');
            self.out.push_str(attribute);
            self.out.push_str("=\"");
            self.escape(value, true);
            self.out.push('"');
        }
        let before = self.out.len();
        self.out.push('>');
        content(self);
        if self.out.len() == before + 1 {
            self.out.truncate(before);
            self.out.push_str("/>");
        } else {
            self.out.push_str("</");
            self.out.push_str(name);
            self.out.push('>');
        }
    }

    /// An element that holds text only.
    pub(super) fn leaf(&mut self, name: &str, text: &str) {
        self.leaf_with(name, &[], text);
    }

    /// An element with attributes that holds text only.
    pub(super) fn leaf_with(&mut self, name: &str, attributes: &[(&str, &str)], text: &str) {
        self.element(name, attributes, |writer| writer.escape(text, false));
    }

    /// An element without content.
    pub(super) fn empty(&mut self, name: &str, attributes: &[(&str, &str)]) {
        self.element(name, attributes, |_| ());
    }

    /// Escapes like .NET's writer. Control characters become references although XML 1.0 forbids
    /// them: real servers send them so, and clients must live with it.
    fn escape(&mut self, text: &str, attribute: bool) {
        for character in text.chars() {
            match character {
                '<' => self.out.push_str("&lt;"),
                '>' => self.out.push_str("&gt;"),
                '&' => self.out.push_str("&amp;"),
                '"' if attribute => self.out.push_str("&quot;"),
                '\r' => self.out.push_str("&#xD;"),
                '\n' if attribute => self.out.push_str("&#xA;"),
                '\t' | '\n' => self.out.push(character),
                '\u{0}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => {
                    self.out
                        .push_str(&format!("&#x{:X};", u32::from(character)));
                }
                other => self.out.push(other),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_balance_and_text_is_escaped() {
        let mut writer = Writer::default();
        writer.element("t:Items", &[("Id", "a\"<")], |writer| {
            writer.leaf("t:Subject", "a & b\r\n\u{2}");
            writer.empty("t:Location", &[]);
        });
        assert_eq!(
            writer.into_string(),
            "<t:Items Id=\"a&quot;&lt;\"><t:Subject>a &amp; b&#xD;\n&#x2;</t:Subject><t:Location/></t:Items>"
        );
    }
}
