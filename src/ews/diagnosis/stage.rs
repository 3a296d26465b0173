use url::Url;

use crate::diagnosis::Subject;
use crate::error::{Error, ErrorKind};
use crate::http::{self, ConnectionFacts};

/// At which step of the way to that address a request failed, with what was seen meanwhile. What comes before it
/// worked.
pub(super) fn of(error: &Error, url: &Url, seen: &ConnectionFacts) -> Subject {
    match of_error(error) {
        // Credentials do not go there.
        Subject::Settings if url.scheme() == "http" => Subject::Url,
        // It was there, and broke.
        Subject::Connection if seen.is_answered() && error.http_status().is_none() => {
            Subject::Service
        }
        subject => subject,
    }
}

fn of_error(error: &Error) -> Subject {
    if error.http_status() == Some(407) {
        return Subject::Connection;
    }
    match (error.kind(), error.code()) {
        (ErrorKind::Unauthenticated, _) => Subject::Logon,
        (_, Some(code)) => of_code(code, error.kind()),
        (ErrorKind::Connection, None) if http::is_tls(error) => Subject::Tls,
        (ErrorKind::Connection, None) => Subject::Connection,
        (ErrorKind::Configuration, None) if error.http_status().is_none() => Subject::Settings,
        // Its mailbox is named by what is no address.
        (ErrorKind::InvalidArgument, None) if error.http_status().is_none() => Subject::Mailbox,
        _ => Subject::Service,
    }
}

fn of_code(code: &str, kind: ErrorKind) -> Subject {
    match code {
        "ErrorInvalidServerVersion"
        | "ErrorIncorrectSchemaVersion"
        | "ErrorInvalidSchemaVersionForMailboxVersion" => Subject::Version,
        // IIS has let the account in; the service has not.
        "ErrorSchemaValidation" | "ErrorInvalidRequest" => Subject::Service,
        _ if !code.starts_with("Error") => Subject::Service,
        _ if kind == ErrorKind::Throttled => Subject::Service,
        _ => Subject::Mailbox,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stages() {
        use ErrorKind as Kind;
        for (kind, status, code, stage) in [
            (Kind::Configuration, None, None, Subject::Settings),
            (Kind::Configuration, Some(404), None, Subject::Service),
            (Kind::Connection, None, None, Subject::Connection),
            (Kind::Connection, Some(407), None, Subject::Connection),
            (Kind::Unauthenticated, Some(401), None, Subject::Logon),
            (Kind::Timeout, None, None, Subject::Service),
            (Kind::Unavailable, Some(503), None, Subject::Service),
            (
                Kind::Unsupported,
                Some(500),
                Some("ErrorInvalidServerVersion"),
                Subject::Version,
            ),
            (
                Kind::Throttled,
                Some(500),
                Some("ErrorServerBusy"),
                Subject::Service,
            ),
            (
                Kind::MailboxNotFound,
                Some(200),
                Some("ErrorNonExistentMailbox"),
                Subject::Mailbox,
            ),
            (
                Kind::Internal,
                Some(500),
                Some("s:Server"),
                Subject::Service,
            ),
        ] {
            let mut error = Error::new(kind, "GetFolder", "words");
            if let Some(status) = status {
                error = error.with_status(status);
            }
            if let Some(code) = code {
                error = error.with_code(code);
            }
            assert_eq!(of_error(&error), stage, "{error:?}");
        }
    }

    #[test]
    fn where_it_failed_depends_on_what_was_seen() {
        let (plain, secure) = ("http://mail.example.test", "https://mail.example.test");
        let at = |kind, url: &str, seen: &ConnectionFacts| {
            let error = Error::new(kind, "GetFolder", "words");
            of(&error, &url.parse().unwrap(), seen)
        };
        let nothing = ConnectionFacts::default();
        let configuration = ErrorKind::Configuration;
        assert_eq!(at(configuration, plain, &nothing), Subject::Url);
        assert_eq!(at(configuration, secure, &nothing), Subject::Settings);

        let connection = ErrorKind::Connection;
        assert_eq!(at(connection, secure, &nothing), Subject::Connection);
        let mut answered = ConnectionFacts::default();
        answered.marks.answers = 1;
        assert_eq!(at(connection, secure, &answered), Subject::Service);
    }
}
