//! Who speaks on a connection: Basic and access tokens per request, NTLM once per connection, as IIS does.

mod bearer;
mod ntlm;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::HeaderMap;
use http::header::AUTHORIZATION;

use super::store::Store;
use bearer::bearer;
pub(super) use bearer::{Bearer, WrongToken};
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
    /// Access tokens of the simulator's authority (RFC 6750), as a server with hybrid modern authentication or AD FS
    /// takes them: those of users with the permission `EWS.AccessAsUser.All` or `user_impersonation`, those of
    /// applications with `full_access_as_app`, in the place of the account they are
    /// [linked](super::SimulatedApplication::linked_account) with.
    Bearer,
}

impl AuthScheme {
    /// The name in `WWW-Authenticate`.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Basic => "Basic",
            Self::Ntlm => "NTLM",
            Self::Negotiate => "Negotiate",
            Self::Bearer => "Bearer",
        }
    }
}

impl std::str::FromStr for AuthScheme {
    type Err = super::SimulatorError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        [Self::Basic, Self::Ntlm, Self::Negotiate, Self::Bearer]
            .into_iter()
            .find(|scheme| scheme.name().eq_ignore_ascii_case(text.trim()))
            .ok_or_else(|| super::SimulatorError::AuthScheme(text.to_owned()))
    }
}

/// How much a server asks of NTLM over TLS: that the logon is bound to its certificate
/// (tls-server-end-point, RFC 5929). IIS calls it Extended Protection
/// (<https://learn.microsoft.com/en-us/iis/configuration/system.webserver/security/authentication/windowsauthentication/extendedprotection/>).
///
/// Without TLS there is nothing to bind to, and Basic never is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum ExtendedProtection {
    /// Bindings are not looked at.
    #[default]
    Off,
    /// A wrong one is refused, a missing one is not.
    Allow,
    /// A wrong one is refused, and so is a missing one.
    Require,
}

impl std::str::FromStr for ExtendedProtection {
    type Err = super::SimulatorError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.trim().to_ascii_lowercase().as_str() {
            "off" => Ok(Self::Off),
            "allow" => Ok(Self::Allow),
            "require" => Ok(Self::Require),
            _ => Err(super::SimulatorError::ExtendedProtection(text.to_owned())),
        }
    }
}

/// Whether an account may log on, and use EWS.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum AccountState {
    /// It may.
    #[default]
    Active,
    /// It is locked out after too many wrong passwords. Over the wire this is what a wrong password
    /// is: 401.
    Locked,
    /// Its password has expired: 401, as a wrong one.
    PasswordExpired,
    /// It is disabled: 401, as a wrong password.
    Disabled,
    /// It may log on, but EWS is off for its mailbox (`EwsEnabled`): 403.
    EwsDisabled,
    /// Its mailbox is on-premises: Graph does not serve it (`MailboxNotEnabledForRESTAPI`).
    OnPremises,
    /// It may log on, but its mailbox was moved to Exchange Online: there is none for EWS any more
    /// (`ErrorNonExistentMailbox`).
    MovedOnline,
}

impl AccountState {
    fn logs_on(self) -> bool {
        matches!(
            self,
            Self::Active | Self::EwsDisabled | Self::OnPremises | Self::MovedOnline
        )
    }
}

/// What a server wants of a logon.
#[derive(Debug)]
pub(super) struct Rules<'a> {
    pub(super) schemes: &'a [AuthScheme],
    pub(super) protection: ExtendedProtection,
    /// What logons over this connection are bound to; `None` without TLS.
    pub(super) binding: Option<[u8; 16]>,
    /// What the access token of the request means, if it has one.
    pub(super) bearer: Option<&'a Result<Bearer, WrongToken>>,
}

impl Rules<'_> {
    fn accept(&self, bound_to: Option<&[u8]>) -> bool {
        match (self.protection, self.binding, bound_to) {
            (ExtendedProtection::Off, ..) | (_, None, _) => true,
            (_, Some(right), Some(given)) => right == given,
            (protection, Some(_), None) => protection == ExtendedProtection::Allow,
        }
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
    /// 401 after a logon that is not bound to this connection.
    WrongBinding,
    /// 401 after an access token that is not good for this.
    WrongToken(WrongToken),
}

/// Judges a request by its headers and its connection.
pub(super) fn judge(
    connection: &mut Connection,
    headers: &HeaderMap,
    rules: &Rules<'_>,
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
    let scheme = rules
        .schemes
        .iter()
        .find(|scheme| scheme.name().eq_ignore_ascii_case(name));
    if scheme == Some(&AuthScheme::Bearer) {
        return bearer(rules.bearer, store);
    }
    let Ok(token) = STANDARD.decode(token.trim()) else {
        return Verdict::WrongCredentials;
    };
    match scheme {
        None | Some(AuthScheme::Bearer) => Verdict::Anonymous,
        Some(AuthScheme::Basic) => basic(&token, store),
        Some(scheme) => negotiate(connection, *scheme, &token, rules, store),
    }
}

fn basic(token: &[u8], store: &Store) -> Verdict {
    let text = String::from_utf8_lossy(token);
    let account = text.split_once(':').and_then(|(user, password)| {
        let account = store.account(user)?;
        let mailbox = store.mailboxes.get(account)?;
        (mailbox.password == password && mailbox.state.logs_on()).then_some(account)
    });
    account.map_or(Verdict::WrongCredentials, |account| {
        Verdict::Accepted(account, false)
    })
}

fn negotiate(
    connection: &mut Connection,
    scheme: AuthScheme,
    token: &[u8],
    rules: &Rules<'_>,
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
            let proved = handshake.verify(token, |user| {
                let account = store.account(user)?;
                let mailbox = store.mailboxes.get(account)?;
                let may = mailbox.state.logs_on();
                may.then(|| (account, mailbox.password.clone()))
            });
            match proved {
                None => Verdict::WrongCredentials,
                Some(proved) if !rules.accept(proved.binding.as_deref()) => Verdict::WrongBinding,
                Some(proved) => {
                    *connection = Connection::Authenticated(proved.account);
                    Verdict::Accepted(proved.account, true)
                }
            }
        }
        _ => Verdict::WrongCredentials,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simulator::item::Address;
    use crate::simulator::zone::Zone;

    /// What becomes of an NTLM logon that is bound to a channel.
    fn logs_on(
        protection: ExtendedProtection,
        binding: Option<[u8; 16]>,
        to: Option<[u8; 16]>,
    ) -> Verdict {
        let mut store = Store::default();
        let address = Address {
            name: "User".to_owned(),
            email: "User@example.test".to_owned(),
        };
        store.add_mailbox(address, "Password".to_owned(), Zone::utc());
        let rules = Rules {
            schemes: &[AuthScheme::Ntlm],
            protection,
            binding,
            bearer: None,
        };
        let mut connection = Connection::default();
        let mut say = |message: &[u8]| {
            let mut headers = HeaderMap::new();
            let text = format!("NTLM {}", STANDARD.encode(message));
            headers.insert(AUTHORIZATION, text.parse().unwrap());
            judge(&mut connection, &headers, &rules, &store)
        };
        let Verdict::Challenge(challenge) = say(b"NTLMSSP\0\x01\0\0\0\x07\x82\x08\xe2") else {
            panic!("no challenge");
        };
        let challenge = STANDARD
            .decode(challenge.strip_prefix("NTLM ").unwrap())
            .unwrap();
        say(&ntlm::tests::answer(&challenge, to))
    }

    #[test]
    fn logons_are_bound_as_the_server_wants_it() {
        use ExtendedProtection::{Allow, Off, Require};
        let (right, wrong) = (Some([1; 16]), Some([2; 16]));
        let accepted = Verdict::Accepted(0, true);
        for (protection, of, verdict) in [
            (Off, wrong, &accepted),
            (Allow, right, &accepted),
            (Allow, None, &accepted),
            (Allow, Some([0; 16]), &accepted),
            (Allow, wrong, &Verdict::WrongBinding),
            (Require, right, &accepted),
            (Require, None, &Verdict::WrongBinding),
            (Require, Some([0; 16]), &Verdict::WrongBinding),
            (Require, wrong, &Verdict::WrongBinding),
        ] {
            assert_eq!(
                &logs_on(protection, right, of),
                verdict,
                "{protection:?} {of:?}"
            );
            // Without TLS there is nothing to be bound to.
            assert_eq!(logs_on(protection, None, of), accepted);
        }
        assert_eq!("Require".parse::<ExtendedProtection>().unwrap(), Require);
        assert!("on".parse::<ExtendedProtection>().is_err());
    }
}
