//! Who speaks on a connection: Basic per request, NTLM once per connection, as IIS does.

mod ntlm;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::HeaderMap;
use http::header::AUTHORIZATION;

use super::store::Store;
use ntlm::Handshake;

/// An authentication scheme that a simulator can offer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum AuthScheme {
    /// HTTP Basic (RFC 7617).
    Basic,
    /// NTLM under its own name ([MS-NTHT]).
    Ntlm,
    /// NTLM messages under the name Negotiate; Kerberos is not offered.
    Negotiate,
}

impl AuthScheme {
    /// The name in `WWW-Authenticate`.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Basic => "Basic",
            Self::Ntlm => "NTLM",
            Self::Negotiate => "Negotiate",
        }
    }
}

impl std::str::FromStr for AuthScheme {
    type Err = super::SimulatorError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        [Self::Basic, Self::Ntlm, Self::Negotiate]
            .into_iter()
            .find(|scheme| scheme.name().eq_ignore_ascii_case(text.trim()))
            .ok_or_else(|| super::SimulatorError::AuthScheme(text.to_owned()))
    }
}

/// What a connection has shown so far.
#[derive(Debug, Default)]
pub(super) enum Connection {
    /// Nothing.
    #[default]
    Unknown,
    /// A challenge was sent; the answer must come on this connection.
    Challenged(Box<Handshake>),
    /// The account that NTLM proved.
    Authenticated(usize),
}

/// What becomes of a request.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It comes from that account; `true` where a handshake ended with it.
    Accepted(usize, bool),
    /// 401 with the list of schemes.
    Anonymous,
    /// 401 with one more header, the challenge.
    Challenge(String),
    /// 401 after credentials that are wrong.
    WrongCredentials,
}

/// Judges a request by its headers and its connection.
pub(super) fn judge(
    connection: &mut Connection,
    headers: &HeaderMap,
    schemes: &[AuthScheme],
    store: &Store,
) -> Verdict {
    let Some(header) = headers.get(AUTHORIZATION) else {
        return match connection {
            Connection::Authenticated(account) => Verdict::Accepted(*account, false),
            _ => Verdict::Anonymous,
        };
    };
    let text = header.to_str().unwrap_or_default();
    let (name, token) = text.split_once(' ').unwrap_or((text, ""));
    let scheme = schemes
        .iter()
        .find(|scheme| scheme.name().eq_ignore_ascii_case(name));
    let Ok(token) = STANDARD.decode(token.trim()) else {
        return Verdict::WrongCredentials;
    };
    match scheme {
        None => Verdict::Anonymous,
        Some(AuthScheme::Basic) => basic(&token, store),
        Some(scheme) => negotiate(connection, *scheme, &token, store),
    }
}

fn basic(token: &[u8], store: &Store) -> Verdict {
    let text = String::from_utf8_lossy(token);
    let account = text.split_once(':').and_then(|(user, password)| {
        let account = store.account(user)?;
        let mailbox = store.mailboxes.get(account)?;
        (mailbox.password == password).then_some(account)
    });
    account.map_or(Verdict::WrongCredentials, |account| {
        Verdict::Accepted(account, false)
    })
}

fn negotiate(
    connection: &mut Connection,
    scheme: AuthScheme,
    token: &[u8],
    store: &Store,
) -> Verdict {
    match ntlm::message_type(token) {
        Some(1) => {
            let handshake = Handshake::begin(token);
            let challenge = STANDARD.encode(handshake.challenge());
            *connection = Connection::Challenged(Box::new(handshake));
            Verdict::Challenge(format!("{} {challenge}", scheme.name()))
        }
        Some(3) => {
            let Connection::Challenged(handshake) = std::mem::take(connection) else {
                return Verdict::WrongCredentials;
            };
            let account = handshake.verify(token, |user| {
                let account = store.account(user)?;
                let mailbox = store.mailboxes.get(account)?;
                Some((account, mailbox.password.clone()))
            });
            match account {
                Some(account) => {
                    *connection = Connection::Authenticated(account);
                    Verdict::Accepted(account, true)
                }
                None => Verdict::WrongCredentials,
            }
        }
        _ => Verdict::WrongCredentials,
    }
}
