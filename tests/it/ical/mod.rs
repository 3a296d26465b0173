//! iCalendar: what is written comes back, what others write is read, and nothing breaks on noise.

mod fixtures;
mod hostile;
mod interop;
mod round_trip;
