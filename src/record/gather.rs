//! A document kept while it passes, large values by their length only.

/// The bytes of a document, without the middle of what looks like a large value in base64.
#[derive(Default)]
pub(crate) struct Gathered {
    bytes: Vec<u8>,
    /// How many bytes of base64 the document ends with by now.
    run: u64,
    length: u64,
    is_cut: bool,
}

/// So much of a value is kept.
const MOST_OF_VALUE: u64 = 4096;
/// So much of a document is kept.
const MOST: usize = 4 * 1024 * 1024;

impl Gathered {
    pub(crate) fn push(&mut self, piece: &[u8]) {
        self.length += piece.len() as u64;
        for byte in piece {
            if self.is_cut {
                return;
            }
            if is_base64(*byte) {
                self.run += 1;
                if self.run > MOST_OF_VALUE {
                    continue;
                }
            } else {
                self.end_run();
            }
            self.bytes.push(*byte);
            self.is_cut = self.bytes.len() >= MOST;
        }
    }

    fn end_run(&mut self) {
        if let Some(left_out @ 1..) = self.run.checked_sub(MOST_OF_VALUE) {
            self.bytes
                .extend_from_slice(format!("~{left_out}~").as_bytes());
        }
        self.run = 0;
    }

    /// What was kept, how long it was, and whether its end is missing.
    pub(super) fn into_parts(mut self) -> (Vec<u8>, u64, bool) {
        self.end_run();
        (self.bytes, self.length, self.is_cut)
    }
}

/// Base64, also with line breaks.
fn is_base64(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=' | b'\r' | b'\n')
}

/// How long a value was before [`Gathered`] shortened it.
pub(super) fn length(value: &str) -> u64 {
    let kept = value.len() as u64;
    let left_out = value
        .strip_suffix('~')
        .and_then(|rest| rest.rsplit_once('~'))
        .and_then(|(rest, number)| Some((rest.len() as u64, number.parse::<u64>().ok()?)));
    match left_out {
        Some((kept, left_out)) => kept.saturating_add(left_out),
        None => kept,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn large_values_are_kept_by_their_length() {
        for size in [1, 4096, 4097, 3_000_000] {
            for step in [7, 10_000_000] {
                let document = format!("<a><b>{}</b></a>", "QUJD".repeat(size));
                let mut gathered = Gathered::default();
                for piece in document.as_bytes().chunks(step) {
                    gathered.push(piece);
                }
                let (bytes, whole, is_cut) = gathered.into_parts();
                assert!(bytes.len() < 5000 && !is_cut);
                assert_eq!(whole, document.len() as u64);
                let text = String::from_utf8(bytes).unwrap();
                let value = text.strip_prefix("<a><b>").unwrap();
                let value = value.strip_suffix("</b></a>").unwrap();
                assert_eq!(length(value), 4 * size as u64);
            }
        }
    }

    #[test]
    fn there_is_an_end() {
        let mut gathered = Gathered::default();
        for _ in 0..100 {
            gathered.push("<no base64 & no end>".repeat(10_000).as_bytes());
        }
        let (bytes, whole, is_cut) = gathered.into_parts();
        assert!(is_cut && bytes.len() == MOST);
        assert_eq!(whole, 20_000_000);
    }
}
