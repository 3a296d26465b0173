//! The server's side of NTLMv2 ([MS-NLMP]): challenge, and proof of the answer.

use hmac::{Hmac, Mac as _};
use md4::Md4;
use md5::{Digest as _, Md5};

const SIGNATURE: &[u8; 8] = b"NTLMSSP\0";
const UNICODE: u32 = 0x0000_0001;
const REQUEST_TARGET: u32 = 0x0000_0004;
const SIGN: u32 = 0x0000_0010;
const NTLM: u32 = 0x0000_0200;
const ALWAYS_SIGN: u32 = 0x0000_8000;
const TARGET_DOMAIN: u32 = 0x0001_0000;
const EXTENDED_SECURITY: u32 = 0x0008_0000;
const TARGET_INFO: u32 = 0x0080_0000;
const VERSION: u32 = 0x0200_0000;
const KEY_128: u32 = 0x2000_0000;
const KEY_EXCHANGE: u32 = 0x4000_0000;
const KEY_56: u32 = 0x8000_0000;

/// Attribute ids of the target information.
const AV_END: u16 = 0;
const AV_COMPUTER: u16 = 1;
const AV_DOMAIN: u16 = 2;
const AV_DNS_COMPUTER: u16 = 3;
const AV_DNS_DOMAIN: u16 = 4;
const AV_FLAGS: u16 = 6;
const AV_TIMESTAMP: u16 = 7;
const AV_CHANNEL_BINDINGS: u16 = 10;
/// In [`AV_FLAGS`]: the message carries a MIC.
const FLAG_MIC: u32 = 2;

/// The type of an NTLM message; `None` where it is none.
pub(super) fn message_type(message: &[u8]) -> Option<u32> {
    message.strip_prefix(SIGNATURE)?;
    number(message, 8)
}

fn number(message: &[u8], at: usize) -> Option<u32> {
    let bytes = message.get(at..at + 4)?;
    Some(u32::from_le_bytes(bytes.try_into().ok()?))
}

/// The field that a descriptor (length, space, offset) points at.
fn field(message: &[u8], at: usize) -> Option<&[u8]> {
    let length = u16::from_le_bytes(message.get(at..at + 2)?.try_into().ok()?);
    let offset = usize::try_from(number(message, at + 4)?).ok()?;
    message.get(offset..offset + usize::from(length))
}

fn utf16(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

fn from_utf16(bytes: &[u8]) -> String {
    let units: Vec<u16> = bytes
        .chunks_exact(2)
        .filter_map(|pair| Some(u16::from_le_bytes(pair.try_into().ok()?)))
        .collect();
    String::from_utf16_lossy(&units)
}

fn hmac_md5(key: &[u8], parts: &[&[u8]]) -> [u8; 16] {
    // HMAC takes keys of any length, so there is nothing to fail.
    let Ok(mut mac) = Hmac::<Md5>::new_from_slice(key) else {
        return [0; 16];
    };
    for part in parts {
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

/// NTOWFv2: the key of an account. Only the user name is in upper case, letter by letter.
fn account_key(user: &str, domain: &str, password: &str) -> [u8; 16] {
    let hash = Md4::digest(utf16(password));
    let upper: String = user
        .chars()
        .map(|letter| {
            let mut upper = letter.to_uppercase();
            match (upper.next(), upper.next()) {
                (Some(one), None) => one,
                _ => letter,
            }
        })
        .collect();
    hmac_md5(&hash, &[&utf16(&upper), &utf16(domain)])
}

/// RC4, which wraps the exported session key.
fn rc4(key: &[u8], data: &[u8]) -> Vec<u8> {
    let mut state: [u8; 256] = std::array::from_fn(|index| u8::try_from(index).unwrap_or_default());
    let at = |state: &[u8; 256], index: u8| state.get(usize::from(index)).copied().unwrap_or(0);
    let mut other = 0u8;
    for index in 0..=255u8 {
        let letter = key
            .get(usize::from(index) % key.len().max(1))
            .copied()
            .unwrap_or_default();
        other = other.wrapping_add(at(&state, index)).wrapping_add(letter);
        state.swap(usize::from(index), usize::from(other));
    }
    let (mut one, mut two) = (0u8, 0u8);
    data.iter()
        .map(|byte| {
            one = one.wrapping_add(1);
            two = two.wrapping_add(at(&state, one));
            state.swap(usize::from(one), usize::from(two));
            byte ^ at(&state, at(&state, one).wrapping_add(at(&state, two)))
        })
        .collect()
}

/// A handshake that waits for the answer to its challenge.
#[derive(Debug)]
pub(in crate::simulator) struct Handshake {
    negotiate: Vec<u8>,
    challenge: Vec<u8>,
    nonce: [u8; 8],
}

impl Handshake {
    /// Makes the challenge to a first message.
    pub(super) fn begin(negotiate: &[u8]) -> Self {
        let mut nonce = [0; 8];
        for (slot, byte) in nonce.iter_mut().zip(uuid::Uuid::new_v4().as_bytes()) {
            *slot = *byte;
        }
        // FILETIME: 100 ns since 1601.
        let now = chrono::Utc::now();
        let ticks = (now.timestamp() + 11_644_473_600) * 10_000_000;
        let challenge = challenge(number(negotiate, 12).unwrap_or_default(), nonce, ticks);
        Self {
            negotiate: negotiate.to_vec(),
            challenge,
            nonce,
        }
    }

    /// The challenge message.
    pub(super) fn challenge(&self) -> &[u8] {
        &self.challenge
    }

    /// Checks the answer; `look_up` gives an account and its password by user name.
    pub(super) fn verify<T>(
        &self,
        message: &[u8],
        look_up: impl FnOnce(&str) -> Option<(T, String)>,
    ) -> Option<Proved<T>> {
        let domain = from_utf16(field(message, 28)?);
        let user = from_utf16(field(message, 36)?);
        let (account, password) = look_up(&user)?;
        let response = field(message, 20)?;
        let (proof, temporary) = response.split_at_checked(16)?;
        let key = account_key(&user, &domain, &password);
        if hmac_md5(&key, &[&self.nonce, temporary]) != *proof {
            return None;
        }
        let base = hmac_md5(&key, &[proof]);
        if wants_mic(temporary) {
            let flags = number(message, 60)?;
            let exported = if flags & KEY_EXCHANGE != 0 {
                rc4(&base, field(message, 52)?)
            } else {
                base.to_vec()
            };
            let mut blank = message.to_vec();
            blank.get_mut(72..88)?.fill(0);
            let expected = hmac_md5(&exported, &[&self.negotiate, &self.challenge, &blank]);
            if expected != *message.get(72..88)? {
                return None;
            }
        }
        Some(Proved {
            account,
            binding: attribute(temporary, AV_CHANNEL_BINDINGS)
                .filter(|value| value.iter().any(|byte| *byte != 0))
                .map(<[u8]>::to_vec),
        })
    }
}

/// What an answer with the right password shows.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Proved<T> {
    pub(super) account: T,
    /// The channel it is bound to. Zeros say that there is none.
    pub(super) binding: Option<Vec<u8>>,
}

/// Whether the client's copy of the target information says that a MIC is there.
fn wants_mic(temporary: &[u8]) -> bool {
    attribute(temporary, AV_FLAGS)
        .and_then(|value| number(value, 0))
        .is_some_and(|flags| flags & FLAG_MIC != 0)
}

/// A value in the client's copy of the target information.
fn attribute(temporary: &[u8], wanted: u16) -> Option<&[u8]> {
    let mut rest = temporary.get(28..)?;
    loop {
        let id = u16::from_le_bytes(rest.get(..2)?.try_into().ok()?);
        let length = u16::from_le_bytes(rest.get(2..4)?.try_into().ok()?);
        let value = rest.get(4..4 + usize::from(length))?;
        match id {
            AV_END => return None,
            _ if id == wanted => return Some(value),
            _ => rest = rest.get(4 + usize::from(length)..)?,
        }
    }
}

/// The CHALLENGE message.
fn challenge(asked: u32, nonce: [u8; 8], ticks: i64) -> Vec<u8> {
    let optional = SIGN | ALWAYS_SIGN | KEY_128 | KEY_EXCHANGE | KEY_56;
    let flags = UNICODE
        | NTLM
        | REQUEST_TARGET
        | TARGET_DOMAIN
        | EXTENDED_SECURITY
        | TARGET_INFO
        | VERSION
        | (asked & optional);
    let target = utf16("EXAMPLE");
    let mut information = Vec::new();
    let mut pair = |id: u16, value: &[u8]| {
        information.extend_from_slice(&id.to_le_bytes());
        let length = u16::try_from(value.len()).unwrap_or_default();
        information.extend_from_slice(&length.to_le_bytes());
        information.extend_from_slice(value);
    };
    pair(AV_DOMAIN, &target);
    pair(AV_COMPUTER, &utf16("MAIL"));
    pair(AV_DNS_DOMAIN, &utf16("example.test"));
    pair(AV_DNS_COMPUTER, &utf16("mail.example.test"));
    pair(AV_TIMESTAMP, &ticks.to_le_bytes());
    pair(AV_END, &[]);
    let mut message = SIGNATURE.to_vec();
    message.extend_from_slice(&2u32.to_le_bytes());
    let descriptor = |message: &mut Vec<u8>, length: usize, offset: usize| {
        let length = u16::try_from(length).unwrap_or_default().to_le_bytes();
        message.extend_from_slice(&length);
        message.extend_from_slice(&length);
        message.extend_from_slice(&u32::try_from(offset).unwrap_or_default().to_le_bytes());
    };
    descriptor(&mut message, target.len(), 56);
    message.extend_from_slice(&flags.to_le_bytes());
    message.extend_from_slice(&nonce);
    message.extend_from_slice(&[0; 8]);
    descriptor(&mut message, information.len(), 56 + target.len());
    // Windows Server 2016, NTLMSSP revision 15.
    message.extend_from_slice(&[10, 0, 0x39, 0x38, 0, 0, 0, 15]);
    message.extend_from_slice(&target);
    message.extend_from_slice(&information);
    message
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    fn bytes(text: &str) -> Vec<u8> {
        text.split_whitespace()
            .map(|byte| u8::from_str_radix(byte, 16).unwrap())
            .collect()
    }

    // The values of [MS-NLMP] 4.2.4: user "User", domain "Domain", password "Password".
    const PROOF: &str = "68 cd 0a b8 51 e5 1c 96 aa bc 92 7b eb ef 6a 1c";

    fn temporary() -> Vec<u8> {
        let mut bytes_of = bytes(
            "01 01 00 00 00 00 00 00 00 00 00 00 00 00 00 00 aa aa aa aa aa aa aa aa 00 00 00 00",
        );
        bytes_of.extend(bytes("02 00 0c 00 44 00 6f 00 6d 00 61 00 69 00 6e 00 01 00 0c 00 53 00 65 00 72 00 76 00 65 00 72 00 00 00 00 00 00 00 00 00"));
        bytes_of
    }

    #[test]
    fn account_key_is_that_of_the_specification() {
        assert_eq!(
            account_key("User", "Domain", "Password").to_vec(),
            bytes("0c 86 8a 40 3b fd 7a 93 a3 00 1e f2 2e f0 2e 3f")
        );
        assert_ne!(
            account_key("User", "DOMAIN", "Password"),
            account_key("User", "Domain", "Password")
        );
    }

    #[test]
    fn proof_session_key_and_wrapped_key_are_those_of_the_specification() {
        let key = account_key("User", "Domain", "Password");
        let nonce = bytes("01 23 45 67 89 ab cd ef");
        let proof = hmac_md5(&key, &[&nonce, &temporary()]);
        assert_eq!(proof.to_vec(), bytes(PROOF));
        let base = hmac_md5(&key, &[&proof]);
        assert_eq!(
            base.to_vec(),
            bytes("8d e4 0c ca db c1 4a 82 f1 5c b0 ad 0d e9 5c a3")
        );
        assert_eq!(
            rc4(&base, &[0x55; 16]),
            bytes("c5 da d2 54 4f c9 79 90 94 ce 1c e9 0b c9 d0 3e")
        );
    }

    fn authenticate(response: &[u8], mic: bool) -> Vec<u8> {
        let (domain, user) = (utf16("Domain"), utf16("User"));
        let header = if mic { 88 } else { 72 };
        let mut message = SIGNATURE.to_vec();
        message.extend_from_slice(&3u32.to_le_bytes());
        let mut body = Vec::new();
        for part in [&[][..], response, &domain, &user, &[], &[]] {
            let length = u16::try_from(part.len()).unwrap().to_le_bytes();
            message.extend_from_slice(&length);
            message.extend_from_slice(&length);
            message.extend_from_slice(&u32::try_from(header + body.len()).unwrap().to_le_bytes());
            body.extend_from_slice(part);
        }
        message.extend_from_slice(&UNICODE.to_le_bytes());
        message.resize(header, 0);
        message.extend(body);
        message
    }

    /// The answer of `Domain\\User` with the password `Password` to a challenge, bound to a channel.
    pub(in super::super) fn answer(challenge: &[u8], binding: Option<[u8; 16]>) -> Vec<u8> {
        let mut temporary = temporary();
        if let Some(binding) = binding {
            let end = temporary.len() - 8;
            let pair = [&bytes("0a 00 10 00")[..], &binding].concat();
            temporary.splice(end..end, pair);
        }
        let key = account_key("User", "Domain", "Password");
        let mut response = hmac_md5(&key, &[&challenge[24..32], &temporary]).to_vec();
        response.extend(temporary);
        authenticate(&response, false)
    }

    fn handshake() -> Handshake {
        Handshake {
            negotiate: b"NTLMSSP\0\x01\0\0\0".to_vec(),
            challenge: b"challenge".to_vec(),
            nonce: bytes("01 23 45 67 89 ab cd ef").try_into().unwrap(),
        }
    }

    #[test]
    fn right_password_passes_and_wrong_one_does_not() {
        let mut response = bytes(PROOF);
        response.extend(temporary());
        let message = authenticate(&response, false);
        let with = |password: &str| {
            handshake().verify(&message, |user| {
                assert_eq!(user, "User");
                Some(((), password.to_owned()))
            })
        };
        let proved = |binding| Proved {
            account: (),
            binding,
        };
        assert_eq!(with("Password"), Some(proved(None)));
        assert_eq!(with("password"), None);
        for end in 0..message.len() {
            let cut = handshake().verify(&message[..end], |_| Some(((), "Password".to_owned())));
            assert!(cut.is_none(), "{end}");
        }
    }

    #[test]
    fn a_mic_is_checked_where_the_client_promises_one() {
        let mut temporary = temporary();
        let end = temporary.len() - 8;
        temporary.splice(end..end, bytes("06 00 04 00 02 00 00 00"));
        let key = account_key("User", "Domain", "Password");
        let handshake = handshake();
        let mut response = hmac_md5(&key, &[&handshake.nonce, &temporary]).to_vec();
        let base = hmac_md5(&key, &[&response]);
        response.extend(temporary);
        let mut message = authenticate(&response, true);
        let check =
            |message: &[u8]| handshake.verify(message, |_| Some(((), "Password".to_owned())));
        assert_eq!(check(&message), None);
        let mic = hmac_md5(
            &base,
            &[&handshake.negotiate, &handshake.challenge, &message],
        );
        message[72..88].copy_from_slice(&mic);
        assert!(check(&message).is_some());
        message[80] ^= 1;
        assert_eq!(check(&message), None);
    }

    #[test]
    fn the_binding_is_read_and_zeros_are_none() {
        let handshake = Handshake::begin(b"NTLMSSP\0\x01\0\0\0\x07\x82\x08\xe2");
        let with = |binding| {
            let message = answer(handshake.challenge(), binding);
            let look_up = |_: &str| Some(((), "Password".to_owned()));
            handshake.verify(&message, look_up).unwrap().binding
        };
        assert_eq!(with(Some([7; 16])), Some(vec![7; 16]));
        assert_eq!(with(Some([0; 16])), None);
        assert_eq!(with(None), None);
    }

    #[test]
    fn the_challenge_carries_nonce_and_target_information() {
        let handshake = Handshake::begin(b"NTLMSSP\0\x01\0\0\0\x07\x82\x08\xe2");
        let message = handshake.challenge();
        assert_eq!(message_type(message), Some(2));
        assert_eq!(&message[24..32], &handshake.nonce);
        let information = field(message, 40).unwrap();
        assert!(information.ends_with(&[0, 0, 0, 0]));
        assert_eq!(from_utf16(field(message, 12).unwrap()), "EXAMPLE");
    }
}
