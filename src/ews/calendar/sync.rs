//! Following the changes of a calendar.

mod digest;
mod events;
mod view;
