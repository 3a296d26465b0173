//! Values that an attribute or a text can hold.

use std::fmt::{self, Write};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, NaiveDate, NaiveDateTime, TimeDelta, Utc};
use serde::{Serialize, Serializer};

use super::time;

/// A value that can be read from an attribute or a text.
pub(crate) trait ReadScalar: Sized {
    /// Whether white space around the value is part of it.
    const KEEPS_SPACE: bool = false;

    /// The value that `text` spells, if it spells one.
    fn read_scalar(text: &str) -> Option<Self>;
}

/// A value that can be written as an attribute or a text.
pub(crate) trait WriteScalar {
    /// Appends the value to `out`, before escaping.
    fn write_scalar(&self, out: &mut String);

    /// The value itself, where it is text and needs no writing first.
    fn as_text(&self) -> Option<&str> {
        None
    }
}

impl<T: WriteScalar + ?Sized> WriteScalar for &T {
    fn write_scalar(&self, out: &mut String) {
        (**self).write_scalar(out);
    }

    fn as_text(&self) -> Option<&str> {
        (**self).as_text()
    }
}

impl ReadScalar for String {
    const KEEPS_SPACE: bool = true;

    fn read_scalar(text: &str) -> Option<Self> {
        Some(text.to_owned())
    }
}

impl WriteScalar for str {
    fn write_scalar(&self, out: &mut String) {
        out.push_str(self);
    }

    fn as_text(&self) -> Option<&str> {
        Some(self)
    }
}

impl WriteScalar for String {
    fn write_scalar(&self, out: &mut String) {
        out.push_str(self);
    }

    fn as_text(&self) -> Option<&str> {
        Some(self)
    }
}

impl ReadScalar for bool {
    fn read_scalar(text: &str) -> Option<Self> {
        match text {
            "true" | "1" => Some(true),
            "false" | "0" => Some(false),
            _ => None,
        }
    }
}

impl WriteScalar for bool {
    fn write_scalar(&self, out: &mut String) {
        out.push_str(if *self { "true" } else { "false" });
    }
}

macro_rules! number {
    ($($type:ty),*) => {$(
        impl ReadScalar for $type {
                    fn read_scalar(text: &str) -> Option<Self> {
                text.parse().ok()
            }
        }

        impl WriteScalar for $type {
            fn write_scalar(&self, out: &mut String) {
                // Writing to a `String` cannot fail.
                let _ = write!(out, "{self}");
            }
        }
    )*};
}

number!(u8, u16, u32, u64, i32, i64, f64);

impl ReadScalar for DateTime<Utc> {
    fn read_scalar(text: &str) -> Option<Self> {
        time::read_date_time(text)
    }
}

impl WriteScalar for DateTime<Utc> {
    /// Always with `Z`: a time without a zone means whatever four headers say.
    fn write_scalar(&self, out: &mut String) {
        let format = match self.timestamp_subsec_millis() {
            0 => "%Y-%m-%dT%H:%M:%SZ",
            _ => "%Y-%m-%dT%H:%M:%S%.3fZ",
        };
        let _ = write!(out, "{}", self.format(format));
    }
}

impl ReadScalar for NaiveDateTime {
    fn read_scalar(text: &str) -> Option<Self> {
        time::read_local_date_time(text)
    }
}

impl WriteScalar for NaiveDateTime {
    fn write_scalar(&self, out: &mut String) {
        let _ = write!(out, "{}", self.format("%Y-%m-%dT%H:%M:%S"));
    }
}

impl ReadScalar for NaiveDate {
    /// Exchange adds a zone to dates (`2016-03-15Z`); the day is what counts.
    fn read_scalar(text: &str) -> Option<Self> {
        time::read_date(text)
    }
}

impl WriteScalar for NaiveDate {
    fn write_scalar(&self, out: &mut String) {
        let _ = write!(out, "{}", self.format("%Y-%m-%d"));
    }
}

impl ReadScalar for TimeDelta {
    fn read_scalar(text: &str) -> Option<Self> {
        time::read_duration(text)
    }
}

impl WriteScalar for TimeDelta {
    fn write_scalar(&self, out: &mut String) {
        time::write_duration(*self, out);
    }
}

/// Bytes that travel as base64 (`xs:base64Binary`).
#[derive(Clone, Default, Eq, Hash, PartialEq)]
pub struct Base64(pub Vec<u8>);

impl fmt::Debug for Base64 {
    /// How many bytes they are: attachments are large and private.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Base64({} bytes)", self.0.len())
    }
}

impl ReadScalar for Base64 {
    /// White space in between is allowed; anything else that is not base64 makes it unreadable,
    /// because wrong bytes are worse than none.
    fn read_scalar(text: &str) -> Option<Self> {
        if text.contains(|c: char| c.is_ascii_whitespace()) {
            let text: String = text.split_ascii_whitespace().collect();
            return STANDARD.decode(text).ok().map(Self);
        }
        STANDARD.decode(text).ok().map(Self)
    }
}

impl WriteScalar for Base64 {
    fn write_scalar(&self, out: &mut String) {
        STANDARD.encode_string(&self.0, out);
    }
}

impl Serialize for Base64 {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&STANDARD.encode(&self.0))
    }
}
