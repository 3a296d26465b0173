//! Access tokens in the place of passwords.

use super::super::store::Store;
use super::Verdict;

/// For whom a token is.
#[derive(Clone, Debug)]
pub(in crate::simulator) enum Bearer {
    /// The user of this mailbox.
    User(usize),
    /// An application, in the place of this account.
    Application(String),
}

/// Why a token is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::simulator) enum WrongToken {
    /// Nobody here issued it.
    Unknown,
    Expired,
    /// It does not allow to use EWS.
    WithoutPermission,
    /// No account stands for the application.
    WithoutAccount,
}

impl WrongToken {
    /// As `x-ms-diagnostics` says it.
    pub(in crate::simulator) fn diagnostics(self) -> &'static str {
        match self {
            Self::Unknown => {
                "2000003;reason=\"The token has an invalid signature.\";error_category=\"invalid_signature\""
            }
            Self::Expired => {
                "2000001;reason=\"The token has expired.\";error_category=\"expired_token\""
            }
            Self::WithoutPermission => {
                "2000008;reason=\"The token contains no permissions, or permissions can not be understood.\";error_category=\"invalid_grant\""
            }
            Self::WithoutAccount => {
                "2000007;reason=\"There is no account linked with the application.\";error_category=\"invalid_user\""
            }
        }
    }
}

/// Whose request it is.
pub(super) fn bearer(token: Option<&Result<Bearer, WrongToken>>, store: &Store) -> Verdict {
    let account = match token {
        None => return Verdict::Anonymous,
        Some(Err(wrong)) => return Verdict::WrongToken(*wrong),
        Some(Ok(Bearer::User(user))) => Some(*user),
        Some(Ok(Bearer::Application(account))) => store.account(account),
    };
    let logs_on = |account: &usize| {
        let mailbox = store.mailboxes.get(*account);
        mailbox.is_some_and(|mailbox| mailbox.state.logs_on())
    };
    match account.filter(logs_on) {
        Some(account) => Verdict::Accepted(account, false),
        None => Verdict::WrongToken(WrongToken::WithoutAccount),
    }
}
