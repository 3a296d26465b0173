//! What a response code means to a caller when this crate does not know the code.

use crate::error::ErrorKind;

/// The most likely kind of an unknown response code.
///
/// Exchange names its codes by a pattern: what failed, then how. A cumulative update may bring new
/// ones, so the ending decides; a code that says nothing is the server's own failure.
pub(super) fn of_unknown(code: &str) -> ErrorKind {
    const ENDINGS: [(&str, ErrorKind); 17] = [
        ("AccessDenied", ErrorKind::PermissionDenied),
        ("NotAuthorized", ErrorKind::PermissionDenied),
        ("NotAllowed", ErrorKind::PermissionDenied),
        ("QuotaExceeded", ErrorKind::QuotaExceeded),
        ("SizeExceeded", ErrorKind::TooLarge),
        ("SizeLimitExceeded", ErrorKind::TooLarge),
        ("Exceeded", ErrorKind::LimitExceeded),
        ("NonExistentMailbox", ErrorKind::MailboxNotFound),
        ("MailboxNotFound", ErrorKind::MailboxNotFound),
        ("NotFound", ErrorKind::NotFound),
        ("AlreadyExists", ErrorKind::AlreadyExists),
        ("Exists", ErrorKind::AlreadyExists),
        ("NotSupported", ErrorKind::Unsupported),
        ("TimeoutExpired", ErrorKind::Timeout),
        ("Timeout", ErrorKind::Timeout),
        ("TransientError", ErrorKind::Unavailable),
        ("Unavailable", ErrorKind::Unavailable),
    ];
    if let Some((_, kind)) = ENDINGS.iter().find(|(ending, _)| code.ends_with(ending)) {
        return *kind;
    }
    match code {
        // as `ErrorQuotaExceededOnDelete`
        _ if code.contains("QuotaExceeded") => ErrorKind::QuotaExceeded,
        _ if code.starts_with("ErrorUnsupported") => ErrorKind::Unsupported,
        _ if code.starts_with("ErrorInvalid") && code.ends_with("Id") => ErrorKind::InvalidId,
        _ if code.starts_with("ErrorInvalid") => ErrorKind::InvalidArgument,
        _ => ErrorKind::Internal,
    }
}

#[cfg(test)]
mod tests {
    use super::super::ResponseCode;
    use super::*;

    #[test]
    fn a_code_of_tomorrow_is_judged_by_its_ending() {
        for (code, kind) in [
            ("ErrorHologramNotFound", ErrorKind::NotFound),
            ("ErrorHologramMailboxNotFound", ErrorKind::MailboxNotFound),
            ("ErrorHologramAccessDenied", ErrorKind::PermissionDenied),
            ("ErrorHologramCountExceeded", ErrorKind::LimitExceeded),
            ("ErrorQuotaExceededOnHologram", ErrorKind::QuotaExceeded),
            ("ErrorInvalidHologramId", ErrorKind::InvalidId),
            ("ErrorInvalidHologram", ErrorKind::InvalidArgument),
            ("ErrorHologramTransientError", ErrorKind::Unavailable),
            ("ErrorHologram", ErrorKind::Internal),
        ] {
            assert_eq!(ResponseCode::named(code).kind(), kind, "{code}");
        }
    }

    #[test]
    fn known_codes_have_the_kind_of_the_table() {
        for (code, kind) in [
            ("ErrorIrresolvableConflict", ErrorKind::Conflict),
            ("ErrorInvalidSyncStateData", ErrorKind::SyncStateInvalid),
            ("ErrorServerBusy", ErrorKind::Throttled),
            ("ErrorItemNotFound", ErrorKind::NotFound),
            ("ErrorQuotaExceeded", ErrorKind::QuotaExceeded),
        ] {
            assert_eq!(ResponseCode::named(code).kind(), kind, "{code}");
        }
    }
}
