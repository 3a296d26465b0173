//! What an authority's refusal means, and what to do.

use std::fmt;

use oauth2::{DeviceCodeErrorResponse, ErrorResponse, RequestTokenError};
use serde::{Deserialize, Serialize};

use super::OPERATION;
use crate::error::{Error, ErrorKind, RetryAdvice, Unreadable};

/// The body of a refusal (RFC 6749, 5.2), with what Microsoft Entra says besides.
#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub(super) struct Refused {
    error: String,
    error_description: Option<String>,
    error_codes: Vec<u64>,
    trace_id: Option<String>,
    claims: Option<String>,
}

impl ErrorResponse for Refused {}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.error)
    }
}

/// The first line of what the body of a refusal says.
pub(super) fn description(body: &[u8]) -> Option<String> {
    let refused: Refused = serde_json::from_slice(body).ok()?;
    let said = refused.error_description.unwrap_or(refused.error);
    (!said.is_empty()).then(|| first_line(&said))
}

/// Microsoft appends trace and correlation ids in lines of their own, or behind the sentence.
fn first_line(text: &str) -> String {
    let line = text.lines().next().unwrap_or_default();
    let line = line.split(" Trace ID:").next().unwrap_or(line);
    line.trim()
        .trim_end_matches('.')
        .chars()
        .take(500)
        .collect()
}

/// The error for a request that brought no token. `secrets` are not repeated.
pub(super) fn error(problem: RequestTokenError<Error, Refused>, secrets: Vec<&str>) -> Error {
    match problem {
        RequestTokenError::ServerResponse(refused) => refusal(refused, &secrets),
        RequestTokenError::Request(error) => error,
        RequestTokenError::Parse(problem, _) => unreadable(&format!("at {}", problem.path())),
        RequestTokenError::Other(_) => unreadable("it is empty or of another type"),
    }
}

/// The same while a user signs in elsewhere.
pub(super) fn of_device(
    problem: RequestTokenError<Error, DeviceCodeErrorResponse>,
    secrets: Vec<&str>,
) -> Error {
    let problem = match problem {
        RequestTokenError::ServerResponse(refused) => RequestTokenError::ServerResponse(Refused {
            error: refused.error().to_string(),
            error_description: refused.error_description().cloned(),
            ..Refused::default()
        }),
        RequestTokenError::Request(error) => RequestTokenError::Request(error),
        RequestTokenError::Parse(problem, body) => RequestTokenError::Parse(problem, body),
        RequestTokenError::Other(why) => RequestTokenError::Other(why),
    };
    error(problem, secrets)
}

/// The answer holds a token perhaps, so nothing of it is shown.
fn unreadable(where_: &str) -> Error {
    let message = format!("the authority's answer cannot be read ({where_})");
    Error::new(ErrorKind::Protocol, OPERATION, message)
        .with_unreadable(Unreadable::Protocol)
        .with_hint("Check the authority's URL, and that no proxy changes its answers.")
}

fn refusal(refused: Refused, secrets: &[&str]) -> Error {
    let text = refused.error_description.as_deref().unwrap_or_default();
    let number = refused
        .error_codes
        .first()
        .copied()
        .or_else(|| aadsts(text));
    let said = match first_line(text) {
        line if line.is_empty() => refused.error.clone(),
        line => line,
    };
    let said = secrets
        .iter()
        .filter(|secret| !secret.is_empty())
        .fold(said, |said, secret| said.replace(secret, "[redacted]"));
    let (kind, hint) = number
        .and_then(of_number)
        .or_else(|| of_code(&refused.error))
        .unwrap_or_else(|| {
            let hint = match text.contains("MSIS") {
                true => UNKNOWN_TO_ADFS,
                false => UNKNOWN,
            };
            (ErrorKind::Unauthenticated, hint)
        });
    let code = match number {
        Some(number) => format!("AADSTS{number}"),
        None => refused.error.clone(),
    };
    let mut error = Error::new(
        kind,
        OPERATION,
        format!("the authority issued no token: {said}"),
    )
    .with_code(code)
    .with_hint(hint);
    if kind != ErrorKind::Unavailable && kind != ErrorKind::Throttled {
        error = error.with_advice(RetryAdvice::Never);
    }
    if let Some(id) = &refused.trace_id {
        error = error.with_request_id(id.clone());
    }
    match refused.claims {
        Some(claims) => error.with_claims(claims),
        None => error,
    }
}

/// The number behind `AADSTS` in a text.
fn aadsts(text: &str) -> Option<u64> {
    let (_, behind) = text.split_once("AADSTS")?;
    let digits = behind.split(|c: char| !c.is_ascii_digit()).next()?;
    digits.parse().ok()
}

const UNKNOWN: &str = "Microsoft explains the code at https://login.microsoftonline.com/error; the sign-in log of the tenant has the details.";
const UNKNOWN_TO_ADFS: &str =
    "The event log of AD FS (Applications and Services Logs, AD FS, Admin) says more.";
const SECRET: &str = "The application's secret is wrong: give the secret's Value, not its Secret ID, of this application in this tenant.";
const CERTIFICATE: &str = "Register this certificate with the application (Certificates & secrets), and sign with its own key.";
const CLOCK: &str = "Check the clock of this machine.";
const CONSENT: &str = "An administrator grants the permissions to the application in Microsoft Entra (API permissions, Grant admin consent); after that it can take up to two hours until Exchange Online knows them.";
const SIGN_IN: &str = "The user must sign in again, where a second factor can be asked for: by device code, or in the browser of the program that got the refresh token.";
const GONE: &str = "The refresh token is good no more: the user must sign in again, and the new refresh token must be kept.";
const ACCESS: &str = "The tenant's administrator sees in the sign-in log which rule of Conditional Access refused it, and can change that.";
const TENANT: &str =
    "Give the tenant's ID (a GUID) or one of its verified domains, and the right cloud.";
const APPLICATION: &str = "Check the client ID and the tenant: the application must be registered there, or consented to there.";
const SCOPE: &str = "For an application, ask for one scope that ends in /.default, as https://graph.microsoft.com/.default; for a user, for permissions by name.";
const RESOURCE: &str = "The scope names a service that the tenant does not know: check its spelling; for hybrid modern authentication the URL must be a service principal name in the tenant.";
const PUBLIC: &str = "Give the application's secret or certificate, or allow public client flows for it (Authentication, Allow public client flows).";
const ACCOUNT: &str = "Check the account with the tenant's administrator.";
const LATER: &str = "Try again later.";
const CODE: &str = "The user did not sign in in time, or refused: begin again and show a new code.";

/// What a number of Microsoft Entra means.
///
/// Source: <https://learn.microsoft.com/entra/identity-platform/reference-error-codes>
fn of_number(number: u64) -> Option<(ErrorKind, &'static str)> {
    use ErrorKind::{
        Configuration, InvalidArgument, PermissionDenied, Throttled, Unauthenticated, Unavailable,
    };
    Some(match number {
        7_000_215 | 7_000_216 | 50_012 => (Unauthenticated, SECRET),
        7_000_222 => (
            Unauthenticated,
            "The application's secret has expired: make a new one in Microsoft Entra (Certificates & secrets) and give its Value.",
        ),
        700_027 | 700_030 | 7_000_274 | 50_027 => (Unauthenticated, CERTIFICATE),
        700_024 | 500_133 | 50_013 => (Unauthenticated, CLOCK),
        7_000_218 | 7_000_219 => (Configuration, PUBLIC),
        700_025 => (
            Configuration,
            "The application is a public client: give no secret and no certificate.",
        ),
        65_001 | 65_004 | 90_094 | 90_093 | 650_051..=650_057 => (PermissionDenied, CONSENT),
        50_076 | 50_079 | 50_072 | 50_074 | 50_158 | 50_078 => (Unauthenticated, SIGN_IN),
        53_000..=53_004 | 50_097 | 50_131 | 53_009 | 53_011 | 530_001..=530_036 | 50_105 => {
            (PermissionDenied, ACCESS)
        }
        70_008 | 700_081 | 700_082 | 700_084 | 700_003 | 50_173 | 50_133 | 70_043 | 9_002_313 => {
            (Unauthenticated, GONE)
        }
        90_002 | 90_013 | 900_021 | 900_023 | 50_059 | 900_382 | 900_432 => (Configuration, TENANT),
        700_016 | 700_038 | 7_000_112 | 50_020 | 500_201 => (Configuration, APPLICATION),
        70_011 | 1_002_012 | 28_002 | 28_003 => (Configuration, SCOPE),
        500_011 | 500_014 | 50_001 | 50_002 => (Configuration, RESOURCE),
        50_034 | 50_053 | 50_055 | 50_057 | 50_126 | 50_128 | 51_004 => (Unauthenticated, ACCOUNT),
        70_016 | 70_018 | 70_019 | 70_020 => (Unauthenticated, CODE),
        90_033 | 90_024 | 90_006 | 90_012 | 20_012 | 81_010 => (Unavailable, LATER),
        50_196 | 90_036 => (
            Throttled,
            "The program asks for tokens too often: keep one connector, and find out why its tokens are refused.",
        ),
        900_144 | 90_014 | 90_100 => (InvalidArgument, UNKNOWN),
        _ => return None,
    })
}

/// What the standard codes mean where the authority says no more (RFC 6749, 5.2; RFC 8628, 3.5).
fn of_code(code: &str) -> Option<(ErrorKind, &'static str)> {
    use ErrorKind::{Configuration, PermissionDenied, Unauthenticated, Unavailable};
    Some(match code {
        "invalid_client" => (
            Unauthenticated,
            "Check the client ID and the application's secret or certificate.",
        ),
        "invalid_grant" => (Unauthenticated, GONE),
        "interaction_required" | "login_required" => (Unauthenticated, SIGN_IN),
        "consent_required" | "unauthorized_client" => (PermissionDenied, CONSENT),
        "access_denied" | "authorization_declined" | "expired_token" | "code_expired" => {
            (Unauthenticated, CODE)
        }
        "invalid_scope" => (Configuration, SCOPE),
        "invalid_resource" => (Configuration, RESOURCE),
        "unsupported_grant_type" | "invalid_request" => (
            Configuration,
            "Check what is asked of the authority, and that the application is registered for this way to sign in.",
        ),
        "temporarily_unavailable" => (Unavailable, LATER),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(error: &str, description: &str) -> Error {
        let refused = Refused {
            error: error.to_owned(),
            error_description: Some(description.to_owned()),
            ..Refused::default()
        };
        refusal(refused, &["hunter2"])
    }

    #[test]
    fn codes_say_what_to_do() {
        for (error, description, kind, word) in [
            (
                "invalid_client",
                "AADSTS7000215: Invalid client secret provided.\r\nTrace ID: 1",
                ErrorKind::Unauthenticated,
                "Value",
            ),
            (
                "invalid_client",
                "AADSTS7000222: Keys are expired.",
                ErrorKind::Unauthenticated,
                "expired",
            ),
            (
                "invalid_grant",
                "AADSTS65001: No consent.",
                ErrorKind::PermissionDenied,
                "consent",
            ),
            (
                "invalid_request",
                "AADSTS90002: Tenant not found.",
                ErrorKind::Configuration,
                "tenant",
            ),
            (
                "invalid_grant",
                "AADSTS50076: second factor",
                ErrorKind::Unauthenticated,
                "second factor",
            ),
            (
                "unauthorized_client",
                "AADSTS700016: Application not found.",
                ErrorKind::Configuration,
                "client ID",
            ),
            (
                "invalid_grant",
                "AADSTS50034: The user account does not exist.",
                ErrorKind::Unauthenticated,
                "account",
            ),
            (
                "invalid_grant",
                "",
                ErrorKind::Unauthenticated,
                "sign in again",
            ),
            (
                "interaction_required",
                "",
                ErrorKind::Unauthenticated,
                "second factor",
            ),
            (
                "invalid_client",
                "MSIS9622: Client authentication failed.",
                ErrorKind::Unauthenticated,
                "client ID",
            ),
            (
                "something_new",
                "AADSTS9999999: unheard of",
                ErrorKind::Unauthenticated,
                "explains",
            ),
            (
                "something_new",
                "MSIS9999: unheard of",
                ErrorKind::Unauthenticated,
                "event log of AD FS",
            ),
        ] {
            let made = refused(error, description);
            assert_eq!(made.kind(), kind, "{made}");
            assert!(made.to_string().contains(word), "{made}");
            assert!(!made.to_string().contains("Trace ID"), "{made}");
        }
        let made = refused("invalid_client", "AADSTS7000222: old");
        assert_eq!(made.code(), Some("AADSTS7000222"));
    }

    #[test]
    fn a_secret_that_the_authority_repeats_is_not_shown() {
        let made = refused("invalid_client", "the secret hunter2 is wrong");
        assert!(!format!("{made} {made:?}").contains("hunter2"));
    }
}
