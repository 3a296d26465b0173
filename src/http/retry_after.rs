//! How long a server asks to wait.

use std::time::Duration;

use chrono::{DateTime, Utc};
use http::HeaderMap;
use http::header::RETRY_AFTER;

/// `Retry-After` in seconds or as a date (RFC 9110, 10.2.3), at most a day; Graph also sends fractions of seconds.
/// `None` when there is none, or when it is neither.
pub(crate) fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    wait_from(headers, Utc::now())
}

fn wait_from(headers: &HeaderMap, now: DateTime<Utc>) -> Option<Duration> {
    const DAY: Duration = Duration::from_secs(86_400);
    let value = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) {
        // more seconds than fit are more than a day
        return Some(value.parse().map_or(DAY, Duration::from_secs).min(DAY));
    }
    if value.starts_with(|first: char| first.is_ascii_digit())
        && let Ok(seconds) = value.parse::<f64>()
    {
        return Some(Duration::try_from_secs_f64(seconds).map_or(DAY, |wait| wait.min(DAY)));
    }
    let when = DateTime::parse_from_rfc2822(value).ok()?;
    let wait = when.with_timezone(&Utc) - now;
    Some(wait.to_std().unwrap_or_default().min(DAY))
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn seconds_and_dates() {
        let now = DateTime::parse_from_rfc3339("2037-10-21T07:27:30Z").unwrap();
        let mut headers = HeaderMap::new();
        for (value, seconds) in [
            ("120", Some(120)),
            (" 7 ", Some(7)),
            ("2.5", Some(2)),
            ("Wed, 21 Oct 2037 07:28:00 GMT", Some(30)),
            ("Wed, 21 Oct 2015 07:28:00 GMT", Some(0)),
            ("Sun, 21 Oct 2040 07:28:00 GMT", Some(86_400)),
            ("99999999999", Some(86_400)),
            ("99999999999999999999999", Some(86_400)),
            ("soon", None),
            ("-1", None),
            ("+1", None),
            ("", None),
        ] {
            headers.insert(RETRY_AFTER, HeaderValue::from_static(value));
            let wait = wait_from(&headers, now.to_utc());
            assert_eq!(wait.map(|wait| wait.as_secs()), seconds, "{value}");
        }
        headers.insert(RETRY_AFTER, HeaderValue::from_static("99999999999"));
        assert_eq!(retry_after(&headers), Some(Duration::from_secs(86_400)));
        headers.clear();
        assert_eq!(retry_after(&headers), None);
    }
}
