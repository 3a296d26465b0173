//! iCalendar (RFC 5545): events and series to text and back. Feature `icalendar`.
//!
//! [`Export`] writes events as they were read, a series with its exceptions and deleted occurrences, each zone with
//! its rules. [`Import`] reads texts of any maker into what [`create_event`](crate::CalendarWrite::create_event)
//! takes, and asks the caller where a text leaves open which instant is meant; nothing becomes UTC that does not say
//! so, and a rule that Exchange cannot keep is an error, never left out.
//!
//! ```
//! use chrono::NaiveDate;
//! use exchange_connector::{Backend, ical, model::{Event, EventId, Version, When}};
//!
//! let day = NaiveDate::from_ymd_opt(2026, 5, 1).unwrap();
//! let mut event = Event::new(EventId::from_raw(Backend::Ews, "AAMk"), Version::from_raw("DwAA"), When::all_day(day));
//! event.subject = "Outing".to_owned();
//!
//! let mut export = ical::Export::new();
//! export.event(&event)?;
//! let text = export.to_text()?;
//! assert!(text.contains("DTSTART;VALUE=DATE:20260501\r\n"));
//!
//! let calendar = ical::Import::new().read(&text)?;
//! let entry = calendar.entries[0].as_ref().unwrap();
//! assert_eq!(entry.main.event.subject, "Outing");
//! assert_eq!(entry.main.event.when, When::all_day(day));
//! # Ok::<(), exchange_connector::Error>(())
//! ```
//!
//! Lines are read and written by the crate `icalendar`, which is small, maintained, and hands on every value as it
//! was written. (`calcard` reads whole files more leniently, but keeps rules in 8 and 16 bits, so that
//! `INTERVAL=65537` silently becomes 1, leaves out parts of rules it does not know, and escapes commas in addresses.)
//! What the lines mean is decided here.
//!
//! X- properties are those of [MS-OXCICAL](https://learn.microsoft.com/en-us/openspecs/exchange_server_protocols/ms-oxcical/a685a040-5b69-4c84-b084-795113fb4012).

mod export;
mod html;
mod import;
mod line;
mod rule;
mod time;
mod zone;

pub use export::Export;
pub use import::{ICalEntry, ICalEvent, ICalendar, Import, RecurrenceId};

use crate::error::Error;

const READ: &str = "read iCalendar";
const WRITE: &str = "write iCalendar";

fn problem(why: impl Into<String>) -> Error {
    Error::invalid_argument(READ, why)
}
