//! From the bytes of an answer to its text.

use std::borrow::Cow;

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};

/// Why the bytes of an answer are not text.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[non_exhaustive]
pub(crate) enum EncodingProblem {
    #[error(
        "the answer is compressed, but its Content-Encoding header does not say so; a proxy may have removed the header"
    )]
    UndeclaredCompression,
    #[error("the answer is UTF-32, which XML readers need not know and Exchange does not send")]
    Utf32,
    #[error("the answer is not valid {encoding}: wrong bytes at byte {position}")]
    Invalid {
        encoding: &'static str,
        position: usize,
    },
}

/// Decodes an XML answer. The byte order mark decides, else the HTTP charset (RFC 7303), else the
/// XML declaration, else it is UTF-8.
///
/// Valid UTF-8 is validated once and not copied. A character cut off at the very end is dropped, so
/// that the XML reader reports a truncated document. What does not begin with `<` and is not text
/// comes out with replacement characters: it is no XML, which the reader says best.
pub(crate) fn decode(
    content_type: Option<&str>,
    mut bytes: Vec<u8>,
) -> Result<String, EncodingProblem> {
    if let Some(problem) = no_text(&bytes) {
        return Err(problem);
    }
    if let Some((encoding, length)) = Encoding::for_bom(&bytes) {
        bytes.drain(..length);
        return convert(encoding, bytes, length);
    }
    convert(named(content_type, &bytes), bytes, 0)
}

/// Whether an answer that begins so is UTF-8, as far as it says; 256 bytes are enough.
#[cfg(feature = "ews")]
pub(crate) fn is_utf8(content_type: Option<&str>, begin: &[u8]) -> bool {
    let encoding = match Encoding::for_bom(begin) {
        Some((encoding, _)) => encoding,
        None => named(content_type, begin),
    };
    encoding == UTF_8
}

/// The encoding of an answer without a byte order mark.
fn named(content_type: Option<&str>, bytes: &[u8]) -> &'static Encoding {
    wide(bytes)
        .or_else(|| narrow(&charset_parameter(content_type?)?))
        .or_else(|| narrow(&declared(bytes)?))
        .unwrap_or(UTF_8)
}

/// What is no text in any encoding that is read here shows itself by its first bytes.
fn no_text(bytes: &[u8]) -> Option<EncodingProblem> {
    match bytes {
        // gzip, zlib at its usual levels, and zstd (RFC 8878, 3.1.1)
        [0x1f, 0x8b, ..] | [0x78, 0x01 | 0x9c | 0xda, ..] | [0x28, 0xb5, 0x2f, 0xfd, ..] => {
            Some(EncodingProblem::UndeclaredCompression)
        }
        [0xff, 0xfe, 0, 0, ..]
        | [0, 0, 0xfe, 0xff, ..]
        | [b'<', 0, 0, 0, ..]
        | [0, 0, 0, b'<', ..] => Some(EncodingProblem::Utf32),
        _ => None,
    }
}

/// Whether there is anything that a person might read.
#[cfg(feature = "ews")]
pub(super) fn is_text(bytes: &[u8]) -> bool {
    !bytes.trim_ascii().is_empty() && no_text(bytes).is_none()
}

/// UTF-16 without a byte order mark shows itself: `<` with a zero byte beside it.
fn wide(bytes: &[u8]) -> Option<&'static Encoding> {
    match bytes {
        [b'<', 0, ..] => Some(UTF_16LE),
        [0, b'<', ..] => Some(UTF_16BE),
        _ => None,
    }
}

/// An encoding by its label. UTF-16 would have been seen by now, so a label that says so is wrong;
/// unknown ones, UTF-7 among them, are as good as none.
fn narrow(label: &str) -> Option<&'static Encoding> {
    Encoding::for_label_no_replacement(label.as_bytes())
        .filter(|e| *e != UTF_16LE && *e != UTF_16BE)
}

fn charset_parameter(content_type: &str) -> Option<String> {
    content_type.split(';').skip(1).find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        name.trim()
            .eq_ignore_ascii_case("charset")
            .then(|| value.trim().trim_matches(['"', '\'']).to_owned())
    })
}

/// The `encoding` of the XML declaration.
fn declared(bytes: &[u8]) -> Option<String> {
    let head = bytes.get(..bytes.len().min(256))?.trim_ascii_start();
    let rest = head.strip_prefix(b"<?xml")?;
    let end = rest.windows(2).position(|pair| pair == b"?>")?;
    let declaration = String::from_utf8_lossy(rest.get(..end)?);
    let (_, value) = declaration.split_once("encoding")?;
    let value = value.trim_start().strip_prefix('=')?.trim_start();
    let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    value.get(1..)?.split(quote).next().map(str::to_owned)
}

fn convert(
    encoding: &'static Encoding,
    mut bytes: Vec<u8>,
    skipped: usize,
) -> Result<String, EncodingProblem> {
    if encoding == UTF_8 {
        return utf8(bytes, skipped);
    }
    if encoding == UTF_16LE || encoding == UTF_16BE {
        drop_cut_unit(encoding, &mut bytes);
    }
    match encoding.decode_without_bom_handling_and_without_replacement(&bytes) {
        Some(text) => Ok(text.into_owned()),
        None => Err(EncodingProblem::Invalid {
            encoding: encoding.name(),
            position: skipped + first_error(encoding, &bytes),
        }),
    }
}

fn utf8(bytes: Vec<u8>, skipped: usize) -> Result<String, EncodingProblem> {
    let problem = match String::from_utf8(bytes) {
        Ok(text) => return Ok(text),
        Err(problem) => problem,
    };
    let error = problem.utf8_error();
    let mut bytes = problem.into_bytes();
    if error.error_len().is_none() {
        bytes.truncate(error.valid_up_to());
        return utf8(bytes, skipped);
    }
    if !bytes.trim_ascii_start().starts_with(b"<") {
        return Ok(String::from_utf8_lossy(&bytes).into_owned());
    }
    Err(EncodingProblem::Invalid {
        encoding: UTF_8.name(),
        position: skipped + error.valid_up_to(),
    })
}

/// Removes half a code unit, or half a surrogate pair, at the end.
fn drop_cut_unit(encoding: &'static Encoding, bytes: &mut Vec<u8>) {
    bytes.truncate(bytes.len() & !1);
    if let [.., first, second] = bytes.as_slice() {
        let high = if encoding == UTF_16LE {
            *second
        } else {
            *first
        };
        if (0xd8..0xdc).contains(&high) {
            bytes.truncate(bytes.len() - 2);
        }
    }
}

/// Where decoding fails. Only asked for after a failure, so it may cost a second run.
fn first_error(encoding: &'static Encoding, bytes: &[u8]) -> usize {
    let mut decoder = encoding.new_decoder_without_bom_handling();
    let mut text = String::with_capacity(decoder.max_utf8_buffer_length(bytes.len()).unwrap_or(0));
    let (_, read) = decoder.decode_to_string_without_replacement(bytes, &mut text, true);
    read
}

/// Text for a message: what a person can read of a piece of an answer.
pub(super) fn excerpt(bytes: &[u8], limit: usize) -> String {
    let text: Cow<'_, str> = String::from_utf8_lossy(bytes);
    let words: Vec<&str> = text
        .split(|c: char| c.is_whitespace() || c.is_control())
        .filter(|w| !w.is_empty())
        .collect();
    words.join(" ").chars().take(limit).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "<a>Grüße €😀</a>";

    fn utf16(text: &str, big_endian: bool) -> Vec<u8> {
        text.encode_utf16()
            .flat_map(|unit| {
                if big_endian {
                    unit.to_be_bytes()
                } else {
                    unit.to_le_bytes()
                }
            })
            .collect()
    }

    #[test]
    fn byte_order_mark_wins() {
        for (mark, bytes) in [
            (&b"\xef\xbb\xbf"[..], TEXT.as_bytes().to_vec()),
            (b"\xff\xfe", utf16(TEXT, false)),
            (b"\xfe\xff", utf16(TEXT, true)),
        ] {
            let bytes = [mark, &bytes].concat();
            assert_eq!(
                decode(Some("text/xml; charset=iso-8859-1"), bytes).unwrap(),
                TEXT
            );
        }
    }

    #[test]
    fn utf16_without_mark() {
        for (content_type, big_endian) in [
            ("text/xml; charset=utf-16", false),
            ("text/xml; charset=utf-8", true),
        ] {
            assert_eq!(
                decode(Some(content_type), utf16(TEXT, big_endian)).unwrap(),
                TEXT
            );
        }
        // cut in the middle of a character, and of a pair
        let mut bytes = utf16("<a>😀", false);
        bytes.pop();
        assert_eq!(decode(None, bytes).unwrap(), "<a>");
        let lone = [utf16("<a>", false), vec![0x00, 0xdc], utf16("</a>", false)].concat();
        assert!(decode(None, lone).is_err());
    }

    #[test]
    fn http_charset_before_declaration() {
        let utf8 = format!("<?xml version='1.0' encoding='iso-8859-1'?>{TEXT}");
        assert_eq!(
            decode(
                Some("text/xml; Charset=\"utf-8\""),
                utf8.clone().into_bytes()
            )
            .unwrap(),
            utf8
        );
        let latin1 =
            b"<?xml version=\"1.0\" encoding = \"ISO-8859-1\"?><a>Gr\xfc\xdfe</a>".to_vec();
        assert!(
            decode(Some("text/xml"), latin1.clone())
                .unwrap()
                .ends_with("<a>Grüße</a>")
        );
        assert!(
            decode(None, latin1.clone())
                .unwrap()
                .ends_with("<a>Grüße</a>")
        );
        assert!(
            decode(Some("text/xml;charset=x-unknown"), latin1)
                .unwrap()
                .ends_with("<a>Grüße</a>")
        );
        let windows = b"<a>\x80</a>".to_vec();
        assert_eq!(
            decode(Some("text/xml; charset=windows-1252"), windows).unwrap(),
            "<a>€</a>"
        );
        let lying = "<?xml version='1.0' encoding='utf-16'?><a>ü</a>";
        assert_eq!(decode(None, lying.as_bytes().to_vec()).unwrap(), lying);
    }

    #[test]
    fn utf8_is_not_copied() {
        let bytes = TEXT.as_bytes().to_vec();
        let place = bytes.as_ptr();
        let text = decode(None, bytes).unwrap();
        assert_eq!(text.as_ptr(), place);
    }

    #[test]
    fn wrong_bytes_are_an_error_with_their_place() {
        for content_type in [None, Some("text/xml; charset=utf-8")] {
            let problem = decode(content_type, b"<a>Gr\xfc\xdfe</a>".to_vec()).unwrap_err();
            assert_eq!(
                problem,
                EncodingProblem::Invalid {
                    encoding: "UTF-8",
                    position: 5
                }
            );
        }
        let marked = decode(None, b"\xef\xbb\xbf<a>\xff</a>".to_vec()).unwrap_err();
        assert_eq!(
            marked,
            EncodingProblem::Invalid {
                encoding: "UTF-8",
                position: 6
            }
        );
        assert!(
            decode(None, b"<a>\xc0\xaf</a>".to_vec()).is_err(),
            "overlong form"
        );
        assert!(
            decode(
                Some("text/xml; charset=shift_jis"),
                b"<a>\x81\xff</a>".to_vec()
            )
            .is_err()
        );
    }

    #[test]
    fn a_cut_character_is_a_cut_document() {
        let whole = "<a>€";
        for cut in 1..3 {
            let bytes = whole.as_bytes()[..whole.len() - cut].to_vec();
            assert_eq!(decode(None, bytes).unwrap(), "<a>");
        }
    }

    #[test]
    fn what_is_no_text_at_all() {
        for bytes in [
            vec![0x1f, 0x8b, 8, 0],
            vec![0x78, 0x9c, 1, 2],
            vec![0x28, 0xb5, 0x2f, 0xfd, 4],
        ] {
            assert_eq!(
                decode(None, bytes.clone()).unwrap_err(),
                EncodingProblem::UndeclaredCompression
            );
            assert!(!is_text(&bytes));
        }
        assert!(is_text(b"x") && !is_text(b" \r\n"));
        for bytes in [*b"\xff\xfe\0\0", *b"\0\0\xfe\xff", *b"<\0\0\0", *b"\0\0\0<"] {
            assert_eq!(
                decode(None, bytes.to_vec()).unwrap_err(),
                EncodingProblem::Utf32
            );
        }
        assert!(
            decode(None, b"PK\x03\x04\xff\xff".to_vec())
                .unwrap()
                .contains('\u{fffd}')
        );
        assert_eq!(decode(None, Vec::new()).unwrap(), "");
        let utf7 = b"<a>+ADw-b+AD4-</a>".to_vec();
        assert_eq!(
            decode(Some("text/xml; charset=utf-7"), utf7).unwrap(),
            "<a>+ADw-b+AD4-</a>"
        );
    }

    #[test]
    fn excerpts_are_readable() {
        assert_eq!(excerpt(b" a\r\n\x01b\xff  c", 4), "a b\u{fffd}");
    }
}
