//! Why Kerberos cannot be used.

use std::fmt;

/// Why Kerberos cannot be used, in the library's own words.
#[derive(Clone, Debug)]
pub(in crate::http) struct Problem {
    pub(in crate::http) cause: Cause,
    pub(in crate::http) words: String,
}

/// What a program can do about a [`Problem`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::http) enum Cause {
    /// There is no library, or not one for this.
    NoLibrary,
    NoTicket,
    TicketExpired,
    WrongPassword,
    PasswordExpired,
    /// The account is locked or disabled.
    Locked,
    UnknownUser,
    UnknownServer,
    KdcUnreachable,
    ClockSkew,
    Other,
}

impl Problem {
    pub(in crate::http) fn without_status(cause: Cause, words: impl Into<String>) -> Self {
        Self {
            cause,
            words: words.into(),
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.words)
    }
}

impl Cause {
    /// The codes of the mechanism krb5 are the same in MIT krb5 and Heimdal: 0 to 127 are those of
    /// RFC 4120 7.5.9, those above are the libraries'.
    pub(super) fn of(major: u32, minor: u32) -> Self {
        const NO_CRED: u32 = 7;
        const CREDENTIALS_EXPIRED: u32 = 11;
        match minor.wrapping_sub(KRB5_ERRORS) {
            6 => return Self::UnknownUser,
            7 => return Self::UnknownServer,
            18 => return Self::Locked,
            23 => return Self::PasswordExpired,
            // a failed pre-authentication, or an answer the password does not decrypt
            24 | 31 => return Self::WrongPassword,
            32 => return Self::TicketExpired,
            37 => return Self::ClockSkew,
            // realm unknown, KDC unreachable, KDC's name without address, no default realm
            154 | 156 | 220 | 224 => return Self::KdcUnreachable,
            _ => {}
        }
        match major >> 16 & 0xff {
            NO_CRED => Self::NoTicket,
            CREDENTIALS_EXPIRED => Self::TicketExpired,
            _ => Self::Other,
        }
    }
}

/// Where the error table of krb5 begins.
const KRB5_ERRORS: u32 = 0x96c7_3a00;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn causes_by_number() {
        let code = |number: u32| KRB5_ERRORS.wrapping_add(number);
        assert_eq!(code(7), (-1_765_328_377_i32) as u32);
        for (major, minor, cause) in [
            (13 << 16, code(24), Cause::WrongPassword),
            (13 << 16, code(7), Cause::UnknownServer),
            (13 << 16, code(156), Cause::KdcUnreachable),
            (13 << 16, code(37), Cause::ClockSkew),
            (7 << 16, 0, Cause::NoTicket),
            (7 << 16, code(195), Cause::NoTicket),
            (13 << 16, code(210), Cause::Other),
            (11 << 16, 0, Cause::TicketExpired),
            (13 << 16, 22, Cause::Other),
        ] {
            assert_eq!(Cause::of(major, minor), cause, "{major:x} {minor:x}");
        }
    }
}
