//! Time of this thread alone where the system can tell it, else the clock on the wall.

use std::hint::black_box;
use std::time::Duration;

use super::contenders::Case;

/// What [`now`] counts.
pub(crate) const CLOCK: &str = if cfg!(target_os = "linux") {
    "thread CPU time"
} else {
    "wall clock"
};

#[cfg(target_os = "linux")]
fn now() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}

#[cfg(not(target_os = "linux"))]
fn now() -> Duration {
    use std::sync::OnceLock;
    use std::time::Instant;
    static START: OnceLock<Instant> = OnceLock::new();
    START.get_or_init(Instant::now).elapsed()
}

/// Seconds per run of each contender: the least of `rounds`, in each of which every contender has
/// its turn, so that a slow moment of the machine hits all of them.
pub(crate) fn least_seconds(case: &Case, rounds: usize) -> Vec<f64> {
    let batches: Vec<u32> = case
        .contenders
        .iter()
        .map(|contender| {
            let once = seconds(1, &contender.run);
            (0.002 / once).ceil().clamp(1.0, 10_000.0) as u32
        })
        .collect();
    let mut least = vec![f64::INFINITY; case.contenders.len()];
    for _ in 0..rounds {
        for ((least, contender), &batch) in least.iter_mut().zip(&case.contenders).zip(&batches) {
            *least = least.min(seconds(batch, &contender.run));
        }
    }
    least
}

fn seconds(batch: u32, run: &dyn Fn() -> usize) -> f64 {
    let start = now();
    for _ in 0..batch {
        black_box(run());
    }
    (now() - start).as_secs_f64() / f64::from(batch)
}
