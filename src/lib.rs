//! Microsoft Exchange on-premises and online behind the same traits.

mod calendar;
mod connector;
mod error;
#[cfg(feature = "ews")]
pub mod ews;
pub mod http;
mod listing;
pub mod model;
#[cfg(feature = "simulator")]
pub mod simulator;
pub mod timezone;
#[cfg(feature = "ews")]
mod xml;
