//! NTLMv2 (MS-NLMP): the messages of one logon.
//!
//! The message types are those of `ntlmclient`; everything around them is guarded here. Our own
//! are: the response (the user name is upper-cased one to one, as Windows does; `ß` stays `ß`), the
//! message integrity code, the channel binding, the limit on what a server may send, and challenges
//! without a version. NTLMv1 does not exist here.

use hmac::{Hmac, Mac};
use md4::{Digest, Md4};
use md5::Md5;
use ntlmclient::{
    AuthenticateMessage, ChallengeMessage, Flags, Message, NegotiateMessage, OsVersion,
    TargetInfoEntry, TargetInfoType,
};
use secrecy::ExposeSecret;
use zeroize::Zeroizing;

use super::credentials::Password;

/// Why a logon could not be answered. All are the server's doing.
#[derive(Debug, thiserror::Error)]
pub(super) enum NtlmProblem {
    #[error("the server's NTLM challenge cannot be read: {0}")]
    Unreadable(String),
    #[error("the server's NTLM challenge is {0} bytes long, more than the {MAX_CHALLENGE} allowed")]
    TooLong(usize),
    #[error("the server's NTLM challenge does not support Unicode")]
    NoUnicode,
    #[error("the system's random number generator failed")]
    NoRandomness,
}

/// The first message of a logon. It says nothing about the user or this machine.
pub(super) fn negotiate() -> Result<Vec<u8>, NtlmProblem> {
    Message::Negotiate(NegotiateMessage {
        flags: flags(),
        supplied_domain: String::new(),
        supplied_workstation: String::new(),
        os_version: VERSION,
    })
    .to_bytes()
    .map_err(|e| NtlmProblem::Unreadable(e.to_string()))
}

/// The last message of a logon: answers the server's challenge to our `negotiate` message.
///
/// `binding` is the channel binding of the TLS connection; without one the pair is left out.
pub(super) fn authenticate(
    negotiate: &[u8],
    challenge: &[u8],
    password: &Password,
    host: &str,
    binding: Option<[u8; 16]>,
) -> Result<Vec<u8>, NtlmProblem> {
    let mut random = [0; 8];
    rustls::crypto::ring::default_provider()
        .secure_random
        .fill(&mut random)
        .map_err(|_| NtlmProblem::NoRandomness)?;
    let now = ntlmclient::get_ntlm_time();
    Logon {
        negotiate,
        challenge,
        password,
        host,
        binding,
    }
    .authenticate(random, now)
}

struct Logon<'a> {
    negotiate: &'a [u8],
    challenge: &'a [u8],
    password: &'a Password,
    host: &'a str,
    binding: Option<[u8; 16]>,
}

impl Logon<'_> {
    fn authenticate(&self, client_challenge: [u8; 8], now: i64) -> Result<Vec<u8>, NtlmProblem> {
        let challenge = parse(self.challenge)?;
        let timestamp = challenge
            .target_information
            .iter()
            .find(|entry| entry.entry_type == TargetInfoType::Timestamp)
            .and_then(|entry| entry.data.as_slice().try_into().ok())
            .map(i64::from_le_bytes);
        let target_info = self.target_info(&challenge);

        let (domain, user) = self.password.domain_and_user();
        let key = response_key(domain, user, self.password.secret.expose_secret());
        let response = respond(
            &key,
            challenge.challenge,
            client_challenge,
            timestamp.unwrap_or(now),
            &target_info,
        );
        let message = Message::Authenticate(AuthenticateMessage {
            // with a timestamp the LMv2 response must not be sent (MS-NLMP 3.1.5.1.2)
            lm_response: timestamp.map_or(response.lm, |_| vec![0; 24]),
            ntlm_response: response.nt,
            domain_name: domain.to_owned(),
            user_name: user.to_owned(),
            workstation_name: String::new(),
            session_key: Vec::new(),
            flags: flags() & (challenge.flags | ALWAYS),
            os_version: VERSION,
        })
        .to_bytes()
        .map_err(|e| NtlmProblem::Unreadable(e.to_string()))?;
        with_integrity_code(
            message,
            &response.session_key,
            self.negotiate,
            self.challenge,
        )
    }

    /// The server's target information with our own pairs in place of any it sent of that kind.
    fn target_info(&self, challenge: &ChallengeMessage) -> Vec<u8> {
        use TargetInfoType::{ChannelBindings, Flags, TargetName, Terminator};
        let mut server_flags = 0;
        let mut bytes = Vec::new();
        for entry in &challenge.target_information {
            match entry.entry_type {
                Terminator => break,
                Flags => {
                    server_flags = entry
                        .data
                        .as_slice()
                        .try_into()
                        .map_or(0, u32::from_le_bytes)
                }
                ChannelBindings | TargetName => {}
                _ => bytes.extend(entry.to_bytes()),
            }
        }
        let mut push =
            |entry_type, data| bytes.extend(TargetInfoEntry { entry_type, data }.to_bytes());
        push(
            Flags,
            (server_flags | INTEGRITY_CODE_PRESENT)
                .to_le_bytes()
                .to_vec(),
        );
        if let Some(binding) = self.binding {
            push(ChannelBindings, binding.to_vec());
        }
        // a host name has at most 253 characters (RFC 1035); the pair cannot hold more than 64 KiB
        let service: String = "HTTP/".chars().chain(self.host.chars().take(253)).collect();
        push(TargetName, utf16(&service).to_vec());
        push(Terminator, Vec::new());
        bytes
    }
}

/// Reads a challenge, bounded, and also one without target information or version, which very old
/// servers send.
fn parse(bytes: &[u8]) -> Result<ChallengeMessage, NtlmProblem> {
    const SHORTEST: usize = 32;
    const WITH_VERSION: usize = 56;
    if bytes.len() > MAX_CHALLENGE {
        return Err(NtlmProblem::TooLong(bytes.len()));
    }
    let padded;
    let mut message = bytes;
    if (SHORTEST..WITH_VERSION).contains(&bytes.len()) {
        padded = [bytes, &[0; WITH_VERSION - SHORTEST]].concat();
        message = &padded;
    }
    match Message::try_from(message) {
        Ok(Message::Challenge(challenge)) if challenge.flags.contains(Flags::NEGOTIATE_UNICODE) => {
            Ok(challenge)
        }
        Ok(Message::Challenge(_)) => Err(NtlmProblem::NoUnicode),
        Ok(other) => Err(NtlmProblem::Unreadable(format!(
            "it is message {}",
            other.message_number()
        ))),
        Err(problem) => Err(NtlmProblem::Unreadable(problem.to_string())),
    }
}

/// NTOWFv2 (MS-NLMP 3.3.2).
fn response_key(domain: &str, user: &str, password: &str) -> Zeroizing<[u8; 16]> {
    let nt_hash: Zeroizing<[u8; 16]> = Zeroizing::new(Md4::digest(&*utf16(password)).into());
    hmac_md5(&*nt_hash, &[&utf16(&upper_case(user)), &utf16(domain)])
}

struct Response {
    nt: Vec<u8>,
    lm: Vec<u8>,
    session_key: Zeroizing<[u8; 16]>,
}

/// ComputeResponse of NTLMv2 (MS-NLMP 3.3.2).
fn respond(
    key: &[u8; 16],
    server_challenge: [u8; 8],
    client_challenge: [u8; 8],
    time: i64,
    target_info: &[u8],
) -> Response {
    let mut temp = vec![1, 1, 0, 0, 0, 0, 0, 0];
    temp.extend(time.to_le_bytes());
    temp.extend(client_challenge);
    temp.extend([0; 4]);
    temp.extend(target_info);
    temp.extend([0; 4]);
    let proof = hmac_md5(key, &[&server_challenge, &temp]);
    let lm = hmac_md5(key, &[&server_challenge, &client_challenge]);
    Response {
        nt: [&proof[..], &temp].concat(),
        lm: [&lm[..], &client_challenge].concat(),
        session_key: hmac_md5(key, &[&proof[..]]),
    }
}

/// Makes room for the message integrity code after the version and fills it in (MS-NLMP 2.2.1.3,
/// 3.1.5.1.2). `ntlmclient` has no field for it.
fn with_integrity_code(
    mut message: Vec<u8>,
    session_key: &[u8; 16],
    negotiate: &[u8],
    challenge: &[u8],
) -> Result<Vec<u8>, NtlmProblem> {
    const PLACE: usize = 72;
    const LENGTH: u32 = 16;
    let short =
        || NtlmProblem::Unreadable("our answer has no room for the integrity code".to_owned());
    if message.len() < PLACE {
        return Err(short());
    }
    message.splice(PLACE..PLACE, [0; LENGTH as usize]);
    for field in (12..60).step_by(8) {
        let offset: &mut [u8; 4] = message
            .get_mut(field + 4..field + 8)
            .and_then(|bytes| bytes.try_into().ok())
            .ok_or_else(short)?;
        *offset = (u32::from_le_bytes(*offset) + LENGTH).to_le_bytes();
    }
    let code = hmac_md5(session_key, &[negotiate, challenge, &message]);
    message
        .get_mut(PLACE..PLACE + LENGTH as usize)
        .ok_or_else(short)?
        .copy_from_slice(&code[..]);
    Ok(message)
}

fn hmac_md5(key: &[u8], parts: &[&[u8]]) -> Zeroizing<[u8; 16]> {
    // HMAC takes keys of any length, so this cannot fail
    let Ok(mut hmac) = <Hmac<Md5> as Mac>::new_from_slice(key) else {
        return Zeroizing::default();
    };
    for part in parts {
        hmac.update(part);
    }
    Zeroizing::new(hmac.finalize().into_bytes().into())
}

fn utf16(text: &str) -> Zeroizing<Vec<u8>> {
    let mut bytes = Zeroizing::new(Vec::with_capacity(text.len() * 2));
    bytes.extend(text.encode_utf16().flat_map(u16::to_le_bytes));
    bytes
}

/// Upper case as Windows does it: one UTF-16 unit becomes one.
fn upper_case(text: &str) -> String {
    text.chars()
        .map(|c| {
            let mut upper = c.to_uppercase();
            match (upper.next(), upper.next()) {
                (Some(single), None) if single.len_utf16() == c.len_utf16() => single,
                _ => c,
            }
        })
        .collect()
}

fn flags() -> Flags {
    ALWAYS
        | Flags::REQUEST_TARGET
        | Flags::NEGOTIATE_ALWAYS_SIGN
        | Flags::NEGOTIATE_NTLM2_KEY
        | Flags::NEGOTIATE_TARGET_INFO
        | Flags::NEGOTIATE_128BIT
        | Flags::NEGOTIATE_56BIT
}

const ALWAYS: Flags = Flags::NEGOTIATE_UNICODE
    .union(Flags::NEGOTIATE_NTLM)
    .union(Flags::NEGOTIATE_VERSION);

/// Windows 10, NTLM revision 15: servers look at the revision only.
const VERSION: OsVersion = OsVersion {
    major_version: 10,
    minor_version: 0,
    build_number: 17763,
    reserved: [0; 3],
    ntlm_revision: 15,
};

/// Real challenges have a few hundred bytes.
const MAX_CHALLENGE: usize = 8 * 1024;

/// MsvAvFlags bit of MS-NLMP 2.2.2.1.
const INTEGRITY_CODE_PRESENT: u32 = 2;

#[cfg(test)]
mod tests {
    use super::*;

    fn hex(text: &str) -> Vec<u8> {
        let digits: Vec<u8> = text
            .chars()
            .filter_map(|c| c.to_digit(16))
            .map(|d| d as u8)
            .collect();
        digits
            .chunks(2)
            .map(|pair| pair[0] << 4 | pair[1])
            .collect()
    }

    fn password(user: &str) -> Password {
        Password::new(user, "Password".into()).unwrap()
    }

    /// By hand: `ntlmclient` writes the context of a challenge at the wrong place.
    fn challenge_with(entries: Vec<TargetInfoEntry>) -> Vec<u8> {
        let info: Vec<u8> = entries.iter().flat_map(TargetInfoEntry::to_bytes).collect();
        let length = (info.len() as u16).to_le_bytes();
        let head = b"NTLMSSP\0\x02\0\0\0\0\0\0\0\x38\0\0\0";
        let fields = [
            &length[..],
            &length,
            &[56, 0, 0, 0],
            &[10, 0, 0x63, 0x45, 0, 0, 0, 15],
        ]
        .concat();
        let challenge = b"\x01\x23\x45\x67\x89\xab\xcd\xef";
        [
            head,
            &flags().bits().to_le_bytes()[..],
            challenge,
            &[0; 8],
            &fields,
            &info,
        ]
        .concat()
    }

    fn entry(entry_type: TargetInfoType, data: &[u8]) -> TargetInfoEntry {
        TargetInfoEntry {
            entry_type,
            data: data.to_vec(),
        }
    }

    fn usual() -> Vec<TargetInfoEntry> {
        vec![
            TargetInfoEntry::from_string(TargetInfoType::NtDomain, "Domain"),
            TargetInfoEntry::from_string(TargetInfoType::NtServer, "Server"),
        ]
    }

    /// MS-NLMP 4.2.4 "NTLMv2 Authentication".
    #[test]
    fn vectors_of_the_specification() {
        let key = response_key("Domain", "User", "Password");
        assert_eq!(key[..], hex("0c868a403bfd7a93a3001ef22ef02e3f"));
        let info: Vec<u8> = usual()
            .iter()
            .flat_map(TargetInfoEntry::to_bytes)
            .chain([0; 4])
            .collect();
        let response = respond(
            &key,
            *b"\x01\x23\x45\x67\x89\xab\xcd\xef",
            [0xaa; 8],
            0,
            &info,
        );
        assert_eq!(response.nt[..16], hex("68cd0ab851e51c96aabc927bebef6a1c"));
        assert_eq!(
            response.lm,
            hex("86c35097ac9cec102554764a57cccc19aaaaaaaaaaaaaaaa")
        );
        assert_eq!(
            response.session_key[..],
            hex("8de40ccadbc14a82f15cb0ad0de95ca3")
        );
    }

    /// `ntlmclient`'s own response, with its random client challenge put into ours.
    #[test]
    fn same_response_as_ntlmclient() {
        for (domain, user) in [
            ("CONTOSO", "jdoe"),
            ("", "jdoe@contoso.com"),
            ("Kärnten", "jörg"),
        ] {
            let credentials = ntlmclient::Credentials {
                username: user.into(),
                password: "Pässword€".into(),
                domain: domain.into(),
            };
            let info = [0; 4];
            let theirs = ntlmclient::respond_challenge_ntlm_v2([7; 8], &info, 12345, &credentials);
            let random: [u8; 8] = theirs.ntlm_response[32..40].try_into().unwrap();
            let ours = respond(
                &response_key(domain, user, "Pässword€"),
                [7; 8],
                random,
                12345,
                &info,
            );
            assert_eq!(ours.nt, theirs.ntlm_response);
            assert_eq!(ours.lm, theirs.lm_response);
            assert_eq!(ours.session_key[..], theirs.session_key);
        }
    }

    #[test]
    fn user_names_are_upper_cased_one_to_one() {
        assert_eq!(upper_case("straße ﬁ jörg ǆ 𐐨"), "STRAßE ﬁ JÖRG Ǆ 𐐀");
    }

    #[test]
    fn the_answer_holds_what_it_must() {
        let mut entries = usual();
        entries.push(entry(TargetInfoType::Timestamp, &42i64.to_le_bytes()));
        entries.push(entry(TargetInfoType::ChannelBindings, &[9; 16])); // not the server's to say
        entries.push(entry(TargetInfoType::Flags, &1u32.to_le_bytes()));
        entries.push(entry(TargetInfoType::Terminator, &[]));
        let challenge = challenge_with(entries);
        let negotiate = negotiate().unwrap();
        let password = password(r"Domain\User");
        let bytes = authenticate(
            &negotiate,
            &challenge,
            &password,
            "mail.contoso.com",
            Some([5; 16]),
        )
        .unwrap();

        let Message::Authenticate(message) = Message::try_from(&bytes[..]).unwrap() else {
            panic!()
        };
        assert_eq!(
            (message.domain_name.as_str(), message.user_name.as_str()),
            ("Domain", "User")
        );
        assert_eq!(message.workstation_name, "");
        assert_eq!(message.session_key, [0; 0]);
        assert_eq!(message.lm_response, [0; 24]);
        assert_eq!(message.ntlm_response[24..32], 42i64.to_le_bytes());

        let mut pairs = Vec::new();
        let mut rest = &message.ntlm_response[44..];
        loop {
            let (pair, after) = TargetInfoEntry::try_from_bytes(rest).unwrap();
            rest = after;
            if pair.entry_type == TargetInfoType::Terminator {
                break;
            }
            pairs.push(pair);
        }
        let find = |wanted| {
            pairs
                .iter()
                .filter(|p| p.entry_type == wanted)
                .map(|p| p.data.clone())
                .collect::<Vec<_>>()
        };
        assert_eq!(find(TargetInfoType::ChannelBindings), [vec![5; 16]]);
        assert_eq!(find(TargetInfoType::Flags), [vec![3, 0, 0, 0]]);
        assert_eq!(
            find(TargetInfoType::TargetName),
            [utf16("HTTP/mail.contoso.com").to_vec()]
        );
        assert_eq!(find(TargetInfoType::NtServer), [utf16("Server").to_vec()]);

        let mut unsigned = bytes.clone();
        unsigned[72..88].fill(0);
        let key = response_key("Domain", "User", "Password");
        let session_key = hmac_md5(&key[..], &[&message.ntlm_response[..16]]);
        let code = hmac_md5(&session_key[..], &[&negotiate, &challenge, &unsigned]);
        assert_eq!(bytes[72..88], code[..]);
    }

    #[test]
    fn without_timestamp_and_binding() {
        let challenge = challenge_with(usual());
        let password = password("User");
        let logon = Logon {
            negotiate: b"",
            challenge: &challenge,
            password: &password,
            host: "h",
            binding: None,
        };
        let bytes = logon.authenticate([1; 8], 99).unwrap();
        let Message::Authenticate(message) = Message::try_from(&bytes[..]).unwrap() else {
            panic!()
        };
        assert_eq!(message.ntlm_response[24..32], 99i64.to_le_bytes());
        assert_eq!(message.lm_response[16..], [1; 8]);
        let binding_pair = [10, 0, 16, 0];
        assert!(!message.ntlm_response.windows(4).any(|w| w == binding_pair));
    }

    #[test]
    fn challenges_without_version() {
        // 48 bytes: header, no target name, flags, challenge, context, no target information
        let mut old = b"NTLMSSP\0\x02\0\0\0".to_vec();
        old.extend([0, 0, 0, 0, 48, 0, 0, 0]);
        old.extend(
            (Flags::NEGOTIATE_UNICODE | Flags::NEGOTIATE_NTLM)
                .bits()
                .to_le_bytes(),
        );
        old.extend([7; 8]);
        for length in [32, 40, 48] {
            old.resize(length, 0);
            let parsed = parse(&old).unwrap_or_else(|e| panic!("{length}: {e}"));
            assert_eq!(parsed.challenge, [7; 8]);
        }
        // target information right behind, where the version would be
        let info = [2, 0, 2, 0, b'D', 0, 0, 0, 0, 0];
        old[40..48].copy_from_slice(&[info.len() as u8, 0, info.len() as u8, 0, 48, 0, 0, 0]);
        old.extend(info);
        let parsed = parse(&old).unwrap();
        assert_eq!(parsed.target_information[0].data, [b'D', 0]);
    }

    #[test]
    fn hostile_challenges() {
        let password = password("User");
        let good = challenge_with(usual());
        assert!(matches!(
            parse(&vec![0; 9000]),
            Err(NtlmProblem::TooLong(9000))
        ));
        assert!(matches!(
            parse(b"NTLMSSP\0"),
            Err(NtlmProblem::Unreadable(_))
        ));
        assert!(matches!(
            parse(&negotiate().unwrap()),
            Err(NtlmProblem::Unreadable(_))
        ));
        let mut oem = good.clone();
        oem[20] &= !1;
        assert!(parse(&oem).is_err());
        let mut state = 7u32;
        let mut answered = 0;
        for round in 0..50_000u32 {
            let mut bad = good.clone();
            for _ in 0..1 + round % 4 {
                state ^= state << 13;
                state ^= state >> 17;
                state ^= state << 5;
                let place = state as usize % bad.len();
                bad[place] = (state >> 9) as u8;
            }
            if round % 5 == 0 {
                bad.truncate(state as usize % (bad.len() + 1));
            }
            let logon = Logon {
                negotiate: b"",
                challenge: &bad,
                password: &password,
                host: "h",
                binding: None,
            };
            answered += u32::from(logon.authenticate([1; 8], 0).is_ok());
        }
        assert!(answered > 0 && answered < 50_000);
    }
}
