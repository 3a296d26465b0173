//! Base64 in pieces, in both directions.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use memchr::{memchr2, memchr3};

use super::Problem;

/// Decodes base64 that comes in pieces cut anywhere, with white space anywhere.
#[derive(Debug, Default)]
pub(super) struct Decoder {
    /// The begin of a group of four whose rest is still to come.
    begun: Vec<u8>,
    /// The padding has come: nothing may follow.
    padded: bool,
    without_space: Vec<u8>,
}

impl Decoder {
    /// Appends to `out` what the next piece of text stands for.
    pub(super) fn decode(&mut self, text: &[u8], out: &mut Vec<u8>) -> Result<(), Problem> {
        if memchr3(b'\n', b'\r', b' ', text).is_none() && memchr2(b'\t', b'\x0c', text).is_none() {
            return self.decode_dense(text, out);
        }
        let mut dense = std::mem::take(&mut self.without_space);
        dense.clear();
        dense.extend(text.iter().filter(|byte| !byte.is_ascii_whitespace()));
        let decoded = self.decode_dense(&dense, out);
        self.without_space = dense;
        decoded
    }

    /// Checks that nothing is missing.
    pub(super) fn finish(&self) -> Result<(), Problem> {
        if self.begun.is_empty() {
            Ok(())
        } else {
            Err(Problem::NotBase64)
        }
    }

    fn decode_dense(&mut self, text: &[u8], out: &mut Vec<u8>) -> Result<(), Problem> {
        let mut rest = text;
        if !self.begun.is_empty() {
            let (more, after) = rest.split_at((4 - self.begun.len()).min(rest.len()));
            self.begun.extend_from_slice(more);
            if self.begun.len() < 4 {
                return Ok(());
            }
            let group = std::mem::take(&mut self.begun);
            self.decode_groups(&group, out)?;
            rest = after;
        }
        let (groups, begun) = rest.split_at(rest.len() - rest.len() % 4);
        self.decode_groups(groups, out)?;
        if self.padded && !begun.is_empty() {
            return Err(Problem::NotBase64);
        }
        self.begun.extend_from_slice(begun);
        Ok(())
    }

    fn decode_groups(&mut self, groups: &[u8], out: &mut Vec<u8>) -> Result<(), Problem> {
        if groups.is_empty() {
            return Ok(());
        }
        if self.padded {
            return Err(Problem::NotBase64);
        }
        STANDARD
            .decode_vec(groups, out)
            .map_err(|_| Problem::NotBase64)?;
        self.padded = groups.ends_with(b"=");
        Ok(())
    }
}

/// Encodes bytes that come in pieces.
#[derive(Debug, Default)]
pub(super) struct Encoder {
    /// One or two bytes that wait for a third.
    begun: Vec<u8>,
}

impl Encoder {
    /// How long so many bytes become.
    pub(super) fn length(bytes: u64) -> u64 {
        bytes.div_ceil(3).saturating_mul(4)
    }

    /// The base64 of the next piece, as far as it is settled.
    pub(super) fn encode(&mut self, piece: &[u8]) -> String {
        let mut out = String::with_capacity(piece.len() / 3 * 4 + 8);
        let (more, rest) = piece.split_at(((3 - self.begun.len()) % 3).min(piece.len()));
        self.begun.extend_from_slice(more);
        if self.begun.len() == 3 {
            STANDARD.encode_string(&self.begun, &mut out);
            self.begun.clear();
        }
        let (groups, begun) = rest.split_at(rest.len() - rest.len() % 3);
        STANDARD.encode_string(groups, &mut out);
        self.begun.extend_from_slice(begun);
        out
    }

    /// What is still to be written.
    pub(super) fn finish(&mut self) -> String {
        STANDARD.encode(std::mem::take(&mut self.begun))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(pieces: &[&str]) -> Result<Vec<u8>, Problem> {
        let mut decoder = Decoder::default();
        let mut out = Vec::new();
        for piece in pieces {
            decoder.decode(piece.as_bytes(), &mut out)?;
        }
        decoder.finish().map(|()| out)
    }

    #[test]
    fn cut_anywhere() {
        let bytes: Vec<u8> = (0..=99).collect();
        for length in [0, 1, 2, 3, 50, 98, 99, 100] {
            let bytes = &bytes[..length];
            let text = STANDARD.encode(bytes);
            let mut broken = String::new();
            for (at, c) in text.chars().enumerate() {
                broken.push(c);
                broken.push_str(match at % 5 {
                    0 => "\r\n",
                    1 => " \t",
                    _ => "",
                });
            }
            for text in [&text, &broken] {
                for first in 0..=text.len() {
                    for second in [first, (first + 1).min(text.len()), text.len()] {
                        let pieces = [&text[..first], &text[first..second], &text[second..]];
                        assert_eq!(decoded(&pieces).unwrap(), bytes, "{pieces:?}");
                    }
                }
            }
            for cut in 0..=length {
                let mut encoder = Encoder::default();
                let mut written = encoder.encode(&bytes[..cut]);
                written += &encoder.encode(&bytes[cut..]);
                written += &encoder.finish();
                assert_eq!(written, text);
                assert_eq!(written.len() as u64, Encoder::length(length as u64));
            }
        }
    }

    #[test]
    fn what_is_no_base64() {
        for pieces in [
            &["QUJ"] as &[_],
            &["QUJD", "QQ"],
            &["QQ==", "QUJD"],
            &["QQ==QUJD"],
            &["QQ==", "="],
            &["QU", "=D"],
            &["QUJD!UJD"],
            &["QR=="],
            &["===="],
            &["QUJD\u{e4}\u{e4}"],
        ] {
            let wrong = decoded(pieces);
            assert!(matches!(wrong, Err(Problem::NotBase64)), "{pieces:?}");
        }
        assert_eq!(decoded(&["", " ", "\r\n"]).unwrap(), b"");
    }
}
