//! A server that authenticates connections with NTLM, as IIS does. It checks the messages itself,
//! byte by byte, with none of the client's code.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use hmac::{Hmac, Mac};
use md4::{Digest, Md4};
use md5::Md5;

use super::server::{Said, Seen};

/// How the server behaves, and what it counted.
#[derive(Default)]
pub(super) struct Acceptor {
    pub(super) accounts: Vec<(&'static str, &'static str, &'static str)>,
    pub(super) offers: &'static [&'static str],
    pub(super) scheme: &'static str,
    /// Wanted in every logon.
    pub(super) channel_binding: Option<[u8; 16]>,
    /// Bytes in the body of a 401.
    pub(super) refusal_size: usize,
    pub(super) answer_size: usize,
    /// Forgets the logon after so many answers on a connection.
    pub(super) forgets_after: Option<usize>,
    pub(super) closes_after_challenge: bool,
    /// The first message of the first logon gets a 401 without challenge.
    pub(super) cold: bool,

    pub(super) challenges: AtomicUsize,
    pub(super) accepted: AtomicUsize,
    pub(super) refused: AtomicUsize,
    /// Requests with a body, without a logon, on a connection that had none.
    pub(super) unauthenticated_bodies: AtomicUsize,
    pub(super) answers: AtomicUsize,
    /// Requests on a connection that belongs to somebody else.
    pub(super) mixed: AtomicUsize,
    /// The most logons any connection made.
    pub(super) most_logons: AtomicUsize,
    pub(super) problems: std::sync::Mutex<Vec<String>>,
    /// The password of everybody, since it was changed; and how often that was.
    pub(super) changed: std::sync::Mutex<Option<&'static str>>,
    pub(super) changes: AtomicUsize,
    /// The service the logon must be for, if not that on localhost.
    pub(super) target: Option<&'static str>,
    /// A second answer in one go with the first.
    pub(super) stray: bool,
}

#[derive(Default)]
pub(super) struct PerConnection {
    negotiate: Vec<u8>,
    challenge: Vec<u8>,
    user: Option<&'static str>,
    logons: usize,
    answered: usize,
    changes: usize,
}

impl Acceptor {
    pub(super) fn new() -> Self {
        Self {
            accounts: vec![
                ("CONTOSO", "jdoe", super::PASSWORD),
                ("", "anna@contoso.com", "Zweites-Paßwort"),
            ],
            offers: &["Negotiate", "NTLM"],
            scheme: "NTLM",
            refusal_size: 58,
            ..Self::default()
        }
    }

    pub(super) fn handler(
        self: &Arc<Self>,
    ) -> impl Fn(&mut PerConnection, Seen) -> Said + Send + Sync + 'static {
        let this = self.clone();
        move |connection, seen| this.handle(connection, &seen)
    }

    fn handle(&self, connection: &mut PerConnection, seen: &Seen) -> Said {
        if self
            .forgets_after
            .is_some_and(|most| connection.answered >= most)
        {
            connection.user = None;
            connection.answered = 0;
        }
        if connection.changes < self.changes.load(SeqCst) {
            connection.changes = self.changes.load(SeqCst);
            connection.user = None;
        }
        if let Some(header) = seen.header("authorization") {
            let (scheme, token) = header.split_once(' ').unwrap();
            assert_eq!(scheme, self.scheme);
            let token = BASE64_STANDARD.decode(token).unwrap();
            assert_eq!(&token[..8], b"NTLMSSP\0");
            connection.user = None;
            if token[8] == 1 {
                return self.challenge(connection, seen, token);
            }
            match self.verify(connection, &token) {
                Ok(user) => {
                    connection.user = Some(user);
                    connection.logons += 1;
                    self.accepted.fetch_add(1, SeqCst);
                    self.most_logons.fetch_max(connection.logons, SeqCst);
                }
                Err(problem) => {
                    self.problems.lock().unwrap().push(problem);
                    self.refused.fetch_add(1, SeqCst);
                }
            }
        }
        let Some(user) = connection.user else {
            if !seen.body.is_empty() && seen.header("authorization").is_none() {
                self.unauthenticated_bodies.fetch_add(1, SeqCst);
            }
            return self.unauthorized(self.offers.iter().map(|offer| (*offer).to_owned()));
        };
        if seen.header("x-user").is_some_and(|wanted| wanted != user) {
            self.mixed.fetch_add(1, SeqCst);
        }
        connection.answered += 1;
        let number = self.answers.fetch_add(1, SeqCst);
        let mut body =
            format!("{}|{}|", seen.header("x-tag").unwrap(), seen.body.len()).into_bytes();
        body.resize(body.len() + self.answer_size, b'.');
        // Exchange sends chunks; keep-alive with a length must work as well
        let mut said = if number.is_multiple_of(2) {
            Said::chunked(&body)
        } else {
            Said::new(200, &[], &body)
        };
        if self.stray {
            said.bytes.extend(Said::new(200, &[], b"stray").bytes);
        }
        said
    }

    /// The password is another from now on, and no connection is logged on any more.
    pub(super) fn change_password(&self, password: &'static str) {
        *self.changed.lock().unwrap() = Some(password);
        self.changes.fetch_add(1, SeqCst);
    }

    fn challenge(&self, connection: &mut PerConnection, seen: &Seen, negotiate: Vec<u8>) -> Said {
        assert!(
            seen.body.is_empty(),
            "the first message must not carry the body"
        );
        let number = self.challenges.fetch_add(1, SeqCst);
        if self.cold && number == 0 {
            return self.unauthorized(self.offers.iter().map(|offer| (*offer).to_owned()));
        }
        connection.negotiate = negotiate;
        connection.challenge = challenge_message(number as u64);
        let header = format!(
            "{} {}",
            self.scheme,
            BASE64_STANDARD.encode(&connection.challenge)
        );
        let said = self.unauthorized([header].into_iter());
        if self.closes_after_challenge {
            said.closing()
        } else {
            said
        }
    }

    fn unauthorized(&self, offers: impl Iterator<Item = String>) -> Said {
        let headers: Vec<String> = offers
            .map(|offer| format!("WWW-Authenticate: {offer}"))
            .collect();
        let headers: Vec<&str> = headers.iter().map(String::as_str).collect();
        Said::new(401, &headers, &vec![b'x'; self.refusal_size])
    }

    /// MS-NLMP 3.2.5.2.2, for NTLMv2 only.
    fn verify(&self, connection: &PerConnection, message: &[u8]) -> Result<&'static str, String> {
        let field = |at: usize| {
            let length = usize::from(u16::from_le_bytes(message[at..at + 2].try_into().unwrap()));
            let offset = u32::from_le_bytes(message[at + 4..at + 8].try_into().unwrap()) as usize;
            &message[offset..offset + length]
        };
        if connection.challenge.is_empty() {
            return Err("no challenge on this connection".into());
        }
        let (lm, nt, domain, user, session_key) =
            (field(12), field(20), field(28), field(36), field(52));
        let account = self
            .accounts
            .iter()
            .find(|(d, u, _)| utf16(d) == domain && utf16(u) == user)
            .ok_or("unknown user")?;
        let password = self.changed.lock().unwrap().unwrap_or(account.2);
        let hash: [u8; 16] = Md4::digest(utf16(password)).into();
        let key = hmac(&hash, &[&utf16(&account.1.to_uppercase()), domain]);
        if hmac(&key, &[&connection.challenge[24..32], &nt[16..]]) != nt[..16] {
            return Err("wrong password".into());
        }
        if lm != [0; 24] {
            return Err("LMv2 beside a timestamp".into());
        }
        if !session_key.is_empty() {
            return Err("session key in the message".into());
        }
        let mut blank = message.to_vec();
        blank[72..88].fill(0);
        let code = hmac(
            &hmac(&key, &[&nt[..16]]),
            &[&connection.negotiate, &connection.challenge, &blank],
        );
        if code != message[72..88] {
            return Err("wrong integrity code".into());
        }
        let mut pairs = &nt[44..];
        let mut binding = None;
        while pairs[..2] != [0, 0] {
            let length = usize::from(u16::from_le_bytes([pairs[2], pairs[3]]));
            match pairs[0] {
                6 if pairs[4] & 2 == 0 => return Err("no integrity code announced".into()),
                7 if pairs[4..12] != TIMESTAMP => return Err("not the server's time".into()),
                10 => binding = Some(pairs[4..20].to_vec()),
                9 if pairs[4..4 + length] != utf16(self.target.unwrap_or("HTTP/localhost")) => {
                    return Err("wrong target".into());
                }
                _ => {}
            }
            pairs = &pairs[4 + length..];
        }
        if binding != self.channel_binding.map(|wanted| wanted.to_vec()) {
            return Err(format!("channel binding {binding:?}"));
        }
        Ok(account.1)
    }
}

/// Type 2 with target information: domain, server, time.
fn challenge_message(number: u64) -> Vec<u8> {
    let mut info = Vec::new();
    for (kind, data) in [
        (2u16, utf16("CONTOSO")),
        (1, utf16("EX01")),
        (7, TIMESTAMP.to_vec()),
        (0, Vec::new()),
    ] {
        info.extend(kind.to_le_bytes());
        info.extend((data.len() as u16).to_le_bytes());
        info.extend(data);
    }
    let name = utf16("CONTOSO");
    let mut message = b"NTLMSSP\0\x02\0\0\0".to_vec();
    let buffer = |length: usize, offset: usize| {
        let length = (length as u16).to_le_bytes();
        [&length[..], &length[..], &(offset as u32).to_le_bytes()].concat()
    };
    message.extend(buffer(name.len(), 56));
    message.extend(0xe289_8215u32.to_le_bytes());
    message.extend(number.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_be_bytes());
    message.extend([0; 8]);
    message.extend(buffer(info.len(), 56 + name.len()));
    message.extend([10, 0, 0x63, 0x45, 0, 0, 0, 15]);
    message.extend(name);
    message.extend(info);
    message
}

fn hmac(key: &[u8], parts: &[&[u8]]) -> Vec<u8> {
    let mut hmac = Hmac::<Md5>::new_from_slice(key).unwrap();
    for part in parts {
        hmac.update(part);
    }
    hmac.finalize().into_bytes().to_vec()
}

fn utf16(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

const TIMESTAMP: [u8; 8] = [1, 2, 3, 4, 5, 6, 0xd9, 1];
