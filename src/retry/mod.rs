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

#[cfg(any(feature = "ews", feature = "graph"))]
mod attempts;
#[cfg(any(feature = "ews", feature = "graph"))]
mod budget;
#[cfg(any(feature = "ews", feature = "graph"))]
mod decision;
#[cfg(any(feature = "ews", feature = "graph"))]
mod flow;
#[cfg(any(feature = "ews", feature = "graph"))]
mod pacing;
mod policy;
#[cfg(all(test, any(feature = "ews", feature = "graph")))]
mod tests;

#[cfg(any(feature = "ews", feature = "graph"))]
pub(crate) use attempts::Attempts;
#[cfg(any(feature = "ews", feature = "graph"))]
pub(crate) use pacing::Pacing;
#[cfg(feature = "ews")]
pub(crate) use pacing::Place;
pub use policy::RetryPolicy;
