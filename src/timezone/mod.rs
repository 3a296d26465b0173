//! Windows time zones and IANA time zones.

use chrono_tz::Tz;

/// The IANA zone that a server means by this name.
pub fn from_wire(name: &str) -> Option<Tz> {
    let id: windows_timezones::WindowsTimezone = name.parse().ok()?;
    Some(id.into())
}

/// The Windows id of an IANA zone.
pub fn to_windows(tz: Tz) -> Option<&'static str> {
    windows_timezones::WindowsTimezone::try_from(tz)
        .ok()
        .map(windows_timezones::WindowsTimezone::name)
}
