//! Names under which attachments and messages can be kept as files, whoever chose them.

use std::collections::HashSet;

use super::{Attachment, AttachmentKind, ItemKind};

/// The longest name, in bytes of UTF-8. File systems take 255; the rest is for what programs add.
const LONGEST: usize = 200;

/// The longest extension that is kept when a name is cut, with its dot.
const LONGEST_EXTENSION: usize = 24;

impl Attachment {
    /// A name under which it can be kept as a file on every system: its own, made [safe](safe_file_name), with the
    /// extension of what [`open_attachment`](crate::AttachmentRead::open_attachment) gives for an item: `.eml` for a
    /// message, `.ics` for an event, `.vcf` for a contact.
    ///
    /// Several attachments of a message may have the same name: see [`FileNames`].
    ///
    /// ```
    /// use exchange_connector::Backend;
    /// use exchange_connector::model::{Attachment, AttachmentId, AttachmentKind, ItemKind};
    ///
    /// let id = AttachmentId::from_raw(Backend::Ews, "AAMk");
    /// let kind = AttachmentKind::Item { item: ItemKind::Message };
    /// let attached = Attachment::new(id, "Re: Plan 3/4", kind);
    /// assert_eq!(attached.file_name(), "Re_ Plan 3_4.eml");
    /// ```
    pub fn file_name(&self) -> String {
        let (default, extension) = match &self.kind {
            AttachmentKind::File { .. } => ("attachment", ""),
            AttachmentKind::Reference { .. } => ("link", ""),
            AttachmentKind::Item { item } => match item {
                ItemKind::Event => ("event", ".ics"),
                ItemKind::Contact => ("contact", ".vcf"),
                ItemKind::Task => ("task", ".eml"),
                ItemKind::Message
                | ItemKind::MeetingRequest
                | ItemKind::MeetingResponse
                | ItemKind::MeetingCancellation => ("message", ".eml"),
                // Not known, or not said by where it was read.
                ItemKind::Other => ("item", ""),
            },
        };
        let Some(name) = safe_file_name(&self.name) else {
            return format!("{default}{extension}");
        };
        if name.to_ascii_lowercase().ends_with(extension) {
            return name;
        }
        // An extension is what the name ends with, so what is cut is before it.
        let stem = cut(&name, LONGEST - extension.len());
        format!("{stem}{extension}")
    }
}

/// A name that every file system takes and that leads nowhere else; `None` if nothing is left of it.
///
/// - Path separators and what Windows forbids (`< > : " / \ | ? *`), control characters and line ends become `_`.
/// - Characters nobody sees, which change the order in which a name is shown, are left out: `invoice\u{202e}fdp.exe`
///   looks like a PDF.
/// - It neither begins with a dot, which hides a file, nor ends with a dot or a space, which Windows drops.
/// - The names of Windows' devices (`CON`, `NUL.txt`, `COM1` …) get an underscore.
/// - It has at most 200 bytes of UTF-8; the extension stays.
///
/// ```
/// use exchange_connector::model::safe_file_name;
///
/// assert_eq!(safe_file_name("../../etc/passwd").as_deref(), Some("_._.._etc_passwd"));
/// assert_eq!(safe_file_name("nul.txt").as_deref(), Some("_nul.txt"));
/// assert_eq!(safe_file_name(" . "), None);
/// ```
pub fn safe_file_name(name: &str) -> Option<String> {
    let visible: String = name.chars().filter(|c| !is_invisible(*c)).collect();
    let shown = visible.trim_start().trim_end_matches(is_lost_at_end);
    let name: String = shown
        .chars()
        .map(|c| if is_forbidden(c) { '_' } else { c })
        .collect();
    if name.is_empty() {
        return None;
    }
    let safe = match name.strip_prefix('.') {
        Some(rest) => limit(&format!("_{rest}"), LONGEST),
        None => limit(&name, LONGEST),
    };
    if is_device(&safe) {
        return Some(format!("_{}", limit(&safe, LONGEST - 1)));
    }
    Some(safe)
}

/// So many bytes of a name at most, with its extension.
fn limit(name: &str, most: usize) -> String {
    if name.len() <= most {
        return name.to_owned();
    }
    let extension = name
        .rfind('.')
        .and_then(|at| name.get(at..))
        .filter(|extension| extension.len() <= LONGEST_EXTENSION)
        .unwrap_or_default();
    let stem = name.strip_suffix(extension).unwrap_or(name);
    format!("{}{extension}", cut(stem, most - extension.len()))
}

/// So many bytes of a text at most, and no dot or space at its end.
fn cut(text: &str, most: usize) -> &str {
    if text.len() <= most {
        return text;
    }
    let ends = text.char_indices().map(|(at, _)| at);
    let end = ends.take_while(|at| *at <= most).last().unwrap_or_default();
    let cut = text.get(..end).unwrap_or_default();
    cut.trim_end_matches(is_lost_at_end)
}

fn is_lost_at_end(c: char) -> bool {
    c == '.' || c.is_whitespace()
}

fn is_forbidden(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '<' | '>' | ':' | '"' | '/' | '\\' | '|' | '?' | '*' | '\u{2028}' | '\u{2029}'
        )
}

/// Marks of direction (Unicode Standard Annex 9), and characters without width.
fn is_invisible(c: char) -> bool {
    matches!(
        c,
        '\u{61c}'
            | '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{feff}'
            | '\u{ad}'
    )
}

/// Whether Windows takes a name for a device, whatever its extension.
///
/// Reference: <https://learn.microsoft.com/windows/win32/fileio/naming-a-file>
fn is_device(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or_default().trim_end();
    let stem = stem.to_ascii_uppercase();
    if matches!(
        stem.as_str(),
        "CON" | "PRN" | "AUX" | "NUL" | "CONIN$" | "CONOUT$"
    ) {
        return true;
    }
    let port = stem.strip_prefix("COM").or(stem.strip_prefix("LPT"));
    port.is_some_and(|port| {
        let mut digits = port.chars();
        let is_digit = |c: char| c.is_ascii_digit() || matches!(c, '¹' | '²' | '³');
        digits.next().is_some_and(is_digit) && digits.next().is_none()
    })
}

/// Tells files of one directory apart that would have the same name.
///
/// ```
/// use exchange_connector::model::FileNames;
///
/// let mut names = FileNames::new();
/// let kept: Vec<String> = ["a.txt", "A.TXT", "a.txt"].map(|name| names.unique(name)).into();
/// assert_eq!(kept, ["a.txt", "A (2).TXT", "a (3).txt"]);
/// ```
#[derive(Clone, Debug, Default)]
pub struct FileNames {
    taken: HashSet<String>,
}

impl FileNames {
    /// Of an empty directory.
    pub fn new() -> Self {
        Self::default()
    }

    /// This name, or if it was given out already, in upper or lower case, it with a number.
    pub fn unique(&mut self, name: impl Into<String>) -> String {
        let name = name.into();
        if self.taken.insert(name.to_lowercase()) {
            return name;
        }
        let (stem, extension) = match name.rfind('.') {
            Some(at) if at > 0 => name.split_at(at),
            _ => (name.as_str(), ""),
        };
        let mut number = 2_u64;
        loop {
            let numbered = format!("{stem} ({number}){extension}");
            if self.taken.insert(numbered.to_lowercase()) {
                return numbered;
            }
            number += 1;
        }
    }
}

impl<S: Into<String>> Extend<S> for FileNames {
    /// Takes names that are there already.
    fn extend<I: IntoIterator<Item = S>>(&mut self, names: I) {
        let names = names.into_iter().map(Into::into);
        self.taken
            .extend(names.map(|name: String| name.to_lowercase()));
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::connector::Backend;
    use crate::model::AttachmentId;

    #[test]
    fn names_people_and_attackers_choose() {
        for (name, safe) in [
            ("report.pdf", Some("report.pdf")),
            ("Grüße an 日本.txt", Some("Grüße an 日本.txt")),
            ("a/b\\c:d*e?f\"g<h>i|j", Some("a_b_c_d_e_f_g_h_i_j")),
            ("..", None),
            ("", None),
            (" \t\u{200b}", None),
            ("...hidden", Some("_..hidden")),
            (".htaccess", Some("_htaccess")),
            ("trailing. . ", Some("trailing")),
            ("a\0b\r\nc\u{7f}\u{85}", Some("a_b__c_")),
            ("invoice\u{202e}fdp.exe", Some("invoicefdp.exe")),
            ("CON", Some("_CON")),
            ("con .txt", Some("_con .txt")),
            ("lpt9.tar.gz", Some("_lpt9.tar.gz")),
            ("COM¹", Some("_COM¹")),
            ("COM10", Some("COM10")),
            ("conin$", Some("_conin$")),
            ("console.txt", Some("console.txt")),
        ] {
            assert_eq!(safe_file_name(name).as_deref(), safe, "{name:?}");
        }
    }

    #[test]
    fn long_names_keep_their_extension() {
        let long = "ä".repeat(300) + ".tar.gz";
        let safe = safe_file_name(&long).unwrap();
        assert!(safe.len() <= LONGEST && safe.ends_with("ä.gz"), "{safe}");
        let wide = "x.".repeat(300);
        assert!(safe_file_name(&wide).unwrap().len() <= LONGEST);
        let no_extension = format!("a.{}", "b".repeat(300));
        assert_eq!(safe_file_name(&no_extension).unwrap().len(), LONGEST);
    }

    fn named(name: &str, kind: AttachmentKind) -> String {
        let id = AttachmentId::from_raw(Backend::Ews, "a");
        Attachment::new(id, name, kind).file_name()
    }

    #[test]
    fn extensions_of_items() {
        let item = |item| AttachmentKind::Item { item };
        let file = AttachmentKind::File {
            content_id: None,
            content_location: None,
        };
        let link = AttachmentKind::Reference { url: None };
        assert_eq!(named("Re: hi", item(ItemKind::Message)), "Re_ hi.eml");
        assert_eq!(named("hi.EML", item(ItemKind::Message)), "hi.EML");
        assert_eq!(named("", item(ItemKind::Event)), "event.ics");
        assert_eq!(named("Ada", item(ItemKind::Contact)), "Ada.vcf");
        assert_eq!(named("..", file.clone()), "attachment");
        assert_eq!(named("a.pdf", file), "a.pdf");
        assert_eq!(named("", link), "link");
        let long = named(&"é".repeat(200), item(ItemKind::MeetingRequest));
        assert!(long.len() <= LONGEST && long.ends_with("é.eml"), "{long}");
    }

    #[test]
    fn the_same_name_again() {
        let mut names = FileNames::new();
        names.extend(["There.txt"]);
        assert_eq!(names.unique("there.txt"), "there (2).txt");
        assert_eq!(names.unique("There (2).txt"), "There (2) (2).txt");
        assert_eq!(names.unique("none"), "none");
        assert_eq!(names.unique("NONE"), "NONE (2)");
        assert_eq!(names.unique(".x"), ".x");
        assert_eq!(names.unique(".X"), ".X (2)");
    }

    proptest! {
        #[test]
        fn whatever_comes_is_a_file_name(name in any::<String>()) {
            if let Some(safe) = safe_file_name(&name) {
                prop_assert!(!safe.is_empty() && safe.len() <= LONGEST);
                prop_assert!(!safe.contains(|c| is_forbidden(c) || is_invisible(c)));
                prop_assert!(!safe.starts_with('.') && !safe.ends_with(is_lost_at_end));
                prop_assert!(!is_device(&safe));
                let again = safe_file_name(&safe);
                prop_assert_eq!(again, Some(safe));
            }
        }
    }
}
