//! Sending again: whether, when, and how fast all calls together may go.
//!
//! Nothing here knows a protocol. A backend says of each failure what it knows, in the terms of
//! [`Error`](crate::Error): its kind, its advice and its effect.
//!
//! - `decision.rs`: a failure in, what it means for a repetition out; pure.
//! - `policy.rs`: what a program can set.
//! - `attempts.rs`: the attempts of one call, with their waits and the time they have.
//! - `pacing.rs`: what the calls to one server share: places, turns, rests a server asked for, and
//!   the budget for repetitions; `flow.rs` is how much of it one mailbox, or the server, may have.

#[cfg(feature = "ews")]
mod attempts;
#[cfg(feature = "ews")]
mod budget;
#[cfg(feature = "ews")]
mod decision;
#[cfg(feature = "ews")]
mod flow;
#[cfg(feature = "ews")]
mod pacing;
mod policy;
#[cfg(all(test, feature = "ews"))]
mod tests;

#[cfg(feature = "ews")]
pub(crate) use attempts::Attempts;
#[cfg(feature = "ews")]
pub(crate) use pacing::{Pacing, Place};
pub use policy::RetryPolicy;
