//! SPNEGO (RFC 4178) around Kerberos: what stands after `Negotiate` (RFC 4559).
//!
//! One mechanism is offered, krb5, with its first token. So there is nothing to negotiate, and the
//! system's library, which might negotiate something else, is not asked to.

use super::channel_binding::value;
use super::gssapi::KRB5;

/// The first message: krb5, and its token (NegTokenInit).
pub(super) fn offer(token: &[u8]) -> Vec<u8> {
    let mechanisms = element(0xa0, &element(SEQUENCE, &element(OBJECT_IDENTIFIER, &KRB5)));
    let token = element(0xa2, &element(OCTET_STRING, token));
    let init = element(SEQUENCE, &[mechanisms, token].concat());
    let oid = element(OBJECT_IDENTIFIER, &SPNEGO);
    element(0x60, &[oid, element(0xa0, &init)].concat())
}

/// A later message (NegTokenResp).
pub(super) fn further(token: &[u8]) -> Vec<u8> {
    let token = element(0xa2, &element(OCTET_STRING, token));
    element(0xa1, &element(SEQUENCE, &token))
}

/// What the server says.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Answer {
    pub(super) state: Option<State>,
    /// The token of the mechanism.
    pub(super) token: Option<Vec<u8>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    Completed,
    Incomplete,
    Rejected,
    /// The server wants the list of mechanisms signed, which one mechanism gives no reason for.
    Sign,
}

/// Reads a NegTokenResp. A bare token of krb5, which some servers send, counts as one. `None`: it is
/// neither.
pub(super) fn read(bytes: &[u8]) -> Option<Answer> {
    if bytes.first() == Some(&0x60) {
        return Some(Answer {
            state: None,
            token: Some(bytes.to_vec()),
        });
    }
    let (response, _) = value(bytes, 0xa1)?;
    let (mut fields, _) = value(response, SEQUENCE)?;
    let mut answer = Answer {
        state: None,
        token: None,
    };
    while let Some(&tag) = fields.first() {
        let (field, rest) = value(fields, tag)?;
        match tag {
            0xa0 => {
                answer.state = Some(match value(field, ENUMERATED)?.0 {
                    [0] => State::Completed,
                    [1] => State::Incomplete,
                    [2] => State::Rejected,
                    [3] => State::Sign,
                    _ => return None,
                });
            }
            0xa2 => answer.token = Some(value(field, OCTET_STRING)?.0.to_vec()),
            _ => {}
        }
        fields = rest;
    }
    Some(answer)
}

fn element(tag: u8, content: &[u8]) -> Vec<u8> {
    let mut bytes = vec![tag];
    let length = content.len();
    match u8::try_from(length) {
        Ok(short) if short < 0x80 => bytes.push(short),
        _ => {
            let length = length.to_be_bytes();
            let significant: Vec<u8> = length.into_iter().skip_while(|byte| *byte == 0).collect();
            // at most eight
            bytes.push(0x80 | significant.len() as u8);
            bytes.extend(significant);
        }
    }
    bytes.extend_from_slice(content);
    bytes
}

const SEQUENCE: u8 = 0x30;
const OBJECT_IDENTIFIER: u8 = 0x06;
const OCTET_STRING: u8 = 0x04;
const ENUMERATED: u8 = 0x0a;
/// 1.3.6.1.5.5.2
const SPNEGO: [u8; 6] = [0x2b, 6, 1, 5, 5, 2];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_message() {
        let message = offer(b"token");
        let expected = [
            &[
                0x60, 0x24, 6, 6, 0x2b, 6, 1, 5, 5, 2, 0xa0, 0x1a, 0x30, 0x18,
            ][..],
            &[0xa0, 0x0d, 0x30, 0x0b, 6, 9],
            &KRB5,
            &[0xa2, 7, 4, 5],
            b"token",
        ];
        assert_eq!(message, expected.concat());
        let long = offer(&[7; 3000]);
        assert_eq!(long[..2], [0x60, 0x82]);
        assert_eq!(
            usize::from(u16::from_be_bytes([long[2], long[3]])),
            long.len() - 4
        );
    }

    #[test]
    fn answers_of_servers() {
        let complete = [
            0xa1, 0x14, 0x30, 0x12, 0xa0, 3, 0x0a, 1, 0, 0xa1, 4, 6, 2, 0x2a, 3, 0xa2, 5, 4, 3, 1,
            2, 3,
        ];
        assert_eq!(
            read(&complete),
            Some(Answer {
                state: Some(State::Completed),
                token: Some(vec![1, 2, 3])
            })
        );
        let rejected = [0xa1, 7, 0x30, 5, 0xa0, 3, 0x0a, 1, 2];
        assert_eq!(read(&rejected).unwrap().state, Some(State::Rejected));
        assert_eq!(read(&further(b"x")).unwrap().token.unwrap(), b"x");
        let bare = [0x60, 3, 1, 2, 3];
        assert_eq!(read(&bare).unwrap().token.unwrap(), bare);
        for end in 0..complete.len() {
            assert_eq!(read(&complete[..end]), None, "cut at {end}");
        }
        for place in 0..complete.len() {
            for byte in 0..=255 {
                let mut bad = complete;
                bad[place] = byte;
                let _ = read(&bad); // any answer, but an answer
            }
        }
    }
}
