//! Refusals: what Graph says, and what it means.

use http::HeaderMap;
use serde::Deserialize;

use super::call::Call;
use super::permission::Permission;
use super::stray;
use crate::connector::{Backend, MailboxTarget};
use crate::error::{Effect, Error, ErrorKind, RetryAdvice, classify_http_status};
use crate::http::{request_id, retry_after};

#[derive(Debug, Default, Deserialize)]
struct Envelope {
    error: Option<Refusal>,
}

/// The body of a refusal.
///
/// Source: <https://learn.microsoft.com/graph/errors>
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Refusal {
    pub(super) code: String,
    pub(super) message: String,
    #[serde(rename = "innerError", alias = "innererror")]
    inner: Option<Box<Inner>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Inner {
    code: Option<String>,
    #[serde(rename = "request-id")]
    request_id: Option<String>,
    #[serde(rename = "innerError", alias = "innererror")]
    inner: Option<Box<Self>>,
}

impl Refusal {
    pub(super) fn read(body: &[u8]) -> Option<Self> {
        serde_json::from_slice::<Envelope>(body).ok()?.error
    }

    /// All codes, the deepest first: that is the one that says most.
    fn codes(&self) -> Vec<&str> {
        let mut codes = vec![self.code.as_str()];
        let mut inner = self.inner.as_deref();
        while let Some(here) = inner {
            codes.extend(here.code.as_deref());
            inner = here.inner.as_deref();
        }
        codes.reverse();
        codes.retain(|code| !code.is_empty());
        codes
    }

    fn request_id(&self) -> Option<&str> {
        self.inner.as_ref()?.request_id.as_deref()
    }
}

/// What is known of the call that was refused.
pub(super) struct Scene<'a> {
    pub(super) call: &'a Call,
    pub(super) target: &'a MailboxTarget,
}

/// The error that an answer stands for which is no success.
pub(super) fn error(scene: &Scene<'_>, status: u16, headers: &HeaderMap, body: &[u8]) -> Error {
    let call = scene.call;
    let refusal = Refusal::read(body);
    let known = refusal.as_ref().and_then(|refusal| {
        let known = |code: &str| Some((code.to_owned(), of_code(code)?));
        refusal.codes().into_iter().find_map(known)
    });
    let mut kind = match (&known, &refusal) {
        (Some((_, kind)), _) => *kind,
        (None, Some(_)) => classify_http_status(status),
        (None, None) => stray::kind(status, body),
    };
    // without a version it is the server's own race
    if kind == ErrorKind::Conflict && status == 412 && call.if_match.is_none() {
        kind = ErrorKind::Unavailable;
    }
    // Everybody has the folders that have names: one that is not there was not shared.
    let is_hidden = kind == ErrorKind::NotFound && call.names_no_id();
    if is_hidden && matches!(scene.target, MailboxTarget::Shared(_)) {
        kind = ErrorKind::PermissionDenied;
    }
    let message = match &refusal {
        Some(refusal) if !refusal.message.trim().is_empty() => refusal.message.trim().to_owned(),
        Some(_) => "the server gave no reason".to_owned(),
        None => stray::message(status, headers, body),
    };
    let mut error = Error::new(kind, call.name, message)
        .with_backend(Backend::Graph)
        .with_status(status);
    let code = known.map(|(code, _)| code);
    let code = code.or_else(|| refusal.as_ref().map(|refusal| refusal.code.clone()));
    if let Some(code) = &code {
        error = error.with_code(code.clone());
    }
    let id = refusal.as_ref().and_then(Refusal::request_id);
    if let Some(id) = id.or_else(|| request_id(headers)) {
        error = error.with_request_id(id);
    }
    if let Some(wait) = retry_after(headers) {
        if matches!(
            kind,
            ErrorKind::Throttled | ErrorKind::Unavailable | ErrorKind::MailboxUnavailable
        ) {
            error = error.with_advice(RetryAdvice::After(wait));
        }
    } else if code.as_deref() == Some("MailboxNotEnabledForRESTAPI") {
        error = error.with_advice(RetryAdvice::Never);
    }
    let hint = match &refusal {
        Some(_) => hint(scene, kind, code.as_deref()),
        None => stray::hint(status, headers, body).map(str::to_owned),
    };
    if let Some(hint) = hint {
        error = error.with_hint(hint);
    }
    let said = refusal.as_ref().and(code.as_deref());
    if !call.repeatable && is_in_doubt(kind, status, said) {
        error = error.with_effect(Effect::Unknown);
    }
    error
}

/// What is said before anything is done: by a front end, or of a mailbox that is elsewhere.
const SAID_BEFORE: [&str; 7] = [
    "ErrorBatchProcessingStopped",
    "ErrorMailboxMoveInProgress",
    "MailboxInfoStale",
    "MailboxNotEnabledForRESTAPI",
    "MailboxNotSupportedForRESTAPI",
    "ServiceUnavailable",
    "serviceNotAvailable",
];

/// Whether the server may have written before it failed. Microsoft's own service was seen to write and then answer
/// with 503.
fn is_in_doubt(kind: ErrorKind, status: u16, said: Option<&str>) -> bool {
    match kind {
        ErrorKind::Internal | ErrorKind::Timeout => true,
        ErrorKind::Unavailable | ErrorKind::MailboxUnavailable => {
            // a gateway says nothing of what became of the request
            let is_before = said.is_some_and(|code| SAID_BEFORE.contains(&code));
            matches!(status, 502 | 504) || (status >= 500 && !is_before)
        }
        _ => false,
    }
}

fn hint(scene: &Scene<'_>, kind: ErrorKind, code: Option<&str>) -> Option<String> {
    let permission = scene.call.permission;
    match (code, kind) {
        (Some("MailboxNotEnabledForRESTAPI"), _) => Some(
            "The mailbox is not in Exchange Online: it is on-premises, without a licence, or gone. If it is on-premises, connect with EwsConnector."
                .to_owned(),
        ),
        (Some("ErrorSendAsDenied"), _) => Some(
            "The account may not send in this name. An administrator lets it by: Add-RecipientPermission -AccessRights SendAs, or Set-Mailbox -GrantSendOnBehalfTo."
                .to_owned(),
        ),
        (_, ErrorKind::PermissionDenied) => Some(missing(permission, scene.target)),
        _ => None,
    }
}

/// Which permission is missing, and who can give it.
fn missing(permission: Permission, target: &MailboxTarget) -> String {
    let what = match (target, permission.shared()) {
        (MailboxTarget::Shared(_), Some(shared)) => {
            format!("the delegated permission {shared} (and a share of the mailbox's owner)")
        }
        (MailboxTarget::ActAs(_), _) => format!(
            "the application permission {} for this mailbox (an application access policy or RBAC for Applications may leave it out)",
            permission.of_applications()
        ),
        _ => format!("the permission {permission}"),
    };
    format!(
        "The token lacks {what}. An administrator grants it to the application in Microsoft Entra and consents; after that it can take up to two hours until Exchange Online knows it."
    )
}

/// What a code means, whatever the HTTP status. Outlook's services answer with the codes of EWS.
pub(super) fn of_code(code: &str) -> Option<ErrorKind> {
    use ErrorKind as Kind;
    Some(match code {
        "itemNotFound"
        | "ErrorItemNotFound"
        | "ErrorFolderNotFound"
        | "ErrorParentFolderNotFound"
        | "ErrorAttachmentIdNotFound"
        | "ErrorInvalidAttachmentId"
        | "ErrorCalendarOccurrenceIsDeletedFromRecurrence"
        | "Request_ResourceNotFound" => Kind::NotFound,
        "nameAlreadyExists" | "ErrorFolderExists" => Kind::AlreadyExists,
        "ErrorInvalidIdMalformed"
        | "ErrorInvalidIdEmpty"
        | "ErrorInvalidId"
        | "ErrorInvalidIdNotAnItemAttachmentId"
        | "ErrorCannotUseFolderIdForItemId"
        | "ErrorCannotUseItemIdForFolderId"
        | "ErrorInvalidChangeKey" => Kind::InvalidId,
        "ErrorCalendarIsOrganizerForAccept"
        | "ErrorCalendarIsOrganizerForDecline"
        | "ErrorCalendarIsOrganizerForTentative"
        | "ErrorCalendarIsNotOrganizer"
        | "ErrorCalendarIsCancelledForAccept"
        | "ErrorCalendarIsCancelledForDecline"
        | "ErrorCalendarIsCancelledForTentative"
        | "ErrorInvalidPropertyUpdateSentMessage"
        | "ErrorOccurrenceCrossingBoundary"
        | "ErrorDeleteDistinguishedFolder"
        | "ErrorMoveDistinguishedFolder"
        | "ErrorCannotDeleteObject" => Kind::InvalidState,
        "resourceModified" | "ErrorIrresolvableConflict" | "ErrorStaleObject" => Kind::Conflict,
        "InvalidAuthenticationToken" | "unauthenticated" | "CompactToken parsing failed" => {
            Kind::Unauthenticated
        }
        "accessDenied"
        | "AccessDenied"
        | "ErrorAccessDenied"
        | "Authorization_RequestDenied"
        | "Forbidden"
        | "ErrorSendAsDenied"
        | "ErrorInsufficientPermissions" => Kind::PermissionDenied,
        "notSupported" | "NotImplemented" | "ErrorUnsupportedMimeConversion" => Kind::Unsupported,
        "TooManyRequests"
        | "ApplicationThrottled"
        | "activityLimitReached"
        | "ErrorServerBusy"
        | "ErrorExceededConnectionCount" => Kind::Throttled,
        "quotaLimitReached" | "ErrorQuotaExceeded" => Kind::QuotaExceeded,
        "ErrorMessageSizeExceeded"
        | "RequestEntityTooLarge"
        | "ErrorAttachmentSizeLimitExceeded" => Kind::TooLarge,
        "InefficientFilter" | "ErrorTimeIntervalTooBig" | "ErrorExceededFindCountLimit" => {
            Kind::LimitExceeded
        }
        "SyncStateNotFound"
        | "syncStateNotFound"
        | "resyncRequired"
        | "ResyncRequired"
        | "SyncStateInvalid"
        | "syncStateInvalid"
        | "ErrorInvalidSyncStateData" => Kind::SyncStateInvalid,
        "ErrorInvalidUser" | "ErrorNonExistentMailbox" | "ResourceNotFound" | "MailboxNotFound" => {
            Kind::MailboxNotFound
        }
        "MailboxNotEnabledForRESTAPI"
        | "MailboxNotSupportedForRESTAPI"
        | "ErrorMailboxMoveInProgress"
        | "MailboxInfoStale"
        | "ErrorMailboxStoreUnavailable" => Kind::MailboxUnavailable,
        "ErrorInvalidRecipients" => Kind::RecipientRejected,
        "malwareDetected"
        | "ErrorVirusDetected"
        | "ErrorMimeContentInvalid"
        | "ErrorMimeContentInvalidBase64String" => Kind::ContentRejected,
        "ErrorItemCorrupt" => Kind::DataCorrupt,
        "serviceNotAvailable" | "ServiceUnavailable" | "ErrorInternalServerTransientError" => {
            Kind::Unavailable
        }
        "ErrorTimeoutExpired" | "GatewayTimeout" => Kind::Timeout,
        "BadRequest"
        | "invalidRequest"
        | "RequestBodyRead"
        | "UnableToDeserializePostBody"
        | "TimeZoneNotSupportedException"
        | "UnsupportedEntityExpression"
        | "ErrorInvalidArgument"
        | "ErrorPropertyValidationFailure"
        | "ErrorInvalidRequest"
        | "ErrorInvalidPropertySet" => Kind::InvalidArgument,
        "generalException" | "UnknownError" | "ErrorInternalServerError" | "ErrorItemSave" => {
            Kind::Internal
        }
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A write is sent again only after what was said before anything was done.
    #[test]
    fn what_leaves_a_write_in_doubt() {
        use ErrorKind as Kind;
        for (kind, status, said, expected) in [
            (
                Kind::Unavailable,
                503,
                Some("ErrorInternalServerTransientError"),
                true,
            ),
            (
                Kind::Unavailable,
                503,
                Some("ErrorInsufficientResources"),
                true,
            ),
            (
                Kind::MailboxUnavailable,
                503,
                Some("ErrorMailboxStoreUnavailable"),
                true,
            ),
            (Kind::Unavailable, 503, None, true),
            (Kind::Unavailable, 502, Some("ServiceUnavailable"), true),
            (Kind::Unavailable, 503, Some("ServiceUnavailable"), false),
            (
                Kind::MailboxUnavailable,
                503,
                Some("ErrorMailboxMoveInProgress"),
                false,
            ),
            (
                Kind::MailboxUnavailable,
                404,
                Some("MailboxNotEnabledForRESTAPI"),
                false,
            ),
            (
                Kind::Unavailable,
                412,
                Some("ErrorIrresolvableConflict"),
                false,
            ),
            (Kind::Throttled, 429, Some("ApplicationThrottled"), false),
            (Kind::Internal, 500, None, true),
        ] {
            let seen = is_in_doubt(kind, status, said);
            assert_eq!(seen, expected, "{kind:?} {status} {said:?}");
        }
    }
}
