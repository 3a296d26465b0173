//! What came of all calls.

use std::collections::BTreeMap;
use std::time::Duration;

use exchange_connector::simulator::Log;

use super::worker::Worker;
use super::{AT_A_TIME, CALLS, SEED};

/// What came of all calls.
#[derive(Default)]
pub(super) struct Summary {
    outcomes: BTreeMap<String, BTreeMap<&'static str, usize>>,
    longest: (Duration, &'static str),
}

impl Summary {
    pub(super) fn add(&mut self, worker: &Worker) {
        for ((what, outcome), count) in &worker.outcomes {
            let all = self.outcomes.entry(outcome.clone()).or_default();
            *all.entry(what).or_default() += count;
        }
        self.longest = self.longest.max(worker.longest);
    }

    pub(super) fn show(&self, logs: &[Log], took: Duration) {
        println!("{CALLS} calls, {AT_A_TIME} at a time, seed {SEED}, in {took:.1?}");
        for (name, log) in ["TLS, bound NTLM", "HTTP, NTLM"].iter().zip(logs) {
            let handshakes: u32 = log.connections.iter().map(|one| one.handshakes).sum();
            let met = log.met.len();
            println!(
                "{name}: {} requests, {} connections, {handshakes} logons, {met} troubles, {} at once at most, {} refused for that",
                log.requests,
                log.connections.len(),
                log.most_at_once,
                log.refused_concurrency,
            );
            let troubles: Vec<String> = log
                .troubles()
                .iter()
                .map(|(name, count)| format!("{name} {count}"))
                .collect();
            println!("  {}", troubles.join(", "));
        }
        for (outcome, calls) in &self.outcomes {
            let sum: usize = calls.values().sum();
            let calls: Vec<String> = calls
                .iter()
                .map(|(what, count)| format!("{what} {count}"))
                .collect();
            println!("{outcome}: {sum} ({})", calls.join(", "));
        }
        println!("longest call: {} in {:.1?}", self.longest.1, self.longest.0);
    }

    /// Much went wrong, and most went well.
    pub(super) fn check(&self, logs: &[Log]) {
        let sum = |outcome: &BTreeMap<_, usize>| outcome.values().sum::<usize>();
        assert_eq!(self.outcomes.values().map(sum).sum::<usize>(), CALLS);
        assert!(sum(&self.outcomes["ok"]) > CALLS / 2);
        for log in logs {
            for name in KINDS {
                assert!(
                    log.troubles().contains_key(name),
                    "nothing met {name}: {:?}",
                    log.troubles()
                );
            }
        }
        assert!(logs[0].troubles()["certificate"] > 0);
    }
}

/// Each of these is met on both servers.
const KINDS: &[&str] = &[
    "bad-gateway",
    "busy",
    "busy-message",
    "close-after",
    "delay",
    "delay-before",
    "drop-after",
    "drop-before",
    "drop-while-reading",
    "fault",
    "forget-logon",
    "gateway-timeout",
    "item",
    "logon-page",
    "message",
    "other-operation",
    "other-request",
    "page",
    "proxy-logon",
    "redirect",
    "refuse",
    "restart",
    "silence",
    "status",
    "stray-answer",
    "stray-bytes",
    "too-many-requests",
    "trickle",
    "truncate",
    "truncate-at",
    "unavailable",
];
