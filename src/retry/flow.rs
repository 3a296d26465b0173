use tokio::time::Instant;

use crate::error::Error;

/// How many calls go at a time, and whether any may: of one mailbox, or to the server.
///
/// Half as many go after the server was busy, and with each round that succeeds one more (additive
/// increase, multiplicative decrease).
#[derive(Debug)]
pub(super) struct Flow {
    pub(super) in_use: usize,
    /// Infinite while nothing was refused.
    allowed: f64,
    /// Calls that began earlier say nothing new by being refused.
    slowed: Option<Instant>,
    hold: Option<Hold>,
}

/// A rest that is kept.
#[derive(Debug)]
pub(super) struct Hold {
    pub(super) until: Instant,
    /// What the server said.
    pub(super) why: Error,
}

impl Default for Flow {
    fn default() -> Self {
        Self {
            in_use: 0,
            allowed: f64::INFINITY,
            slowed: None,
            hold: None,
        }
    }
}

impl Flow {
    /// Whether one more call may go now, where `most` may at any time.
    pub(super) fn is_free(&self, most: usize, now: Instant) -> bool {
        // cast: `in_use` is a number of calls in this process
        let has_room = self.in_use < most && (self.in_use as f64) < self.allowed.floor();
        has_room && self.hold(now).is_none()
    }

    /// The rest that is to be kept now.
    pub(super) fn hold(&self, now: Instant) -> Option<&Hold> {
        self.hold.as_ref().filter(|hold| hold.until > now)
    }

    /// When the last rest ends or ended.
    pub(super) fn held_until(&self) -> Option<Instant> {
        self.hold.as_ref().map(|hold| hold.until)
    }

    /// A call that began then was refused: all rest.
    pub(super) fn rest(&mut self, until: Instant, why: &Error) {
        if self.held_until().is_none_or(|known| known < until) {
            let why = why.again();
            self.hold = Some(Hold { until, why });
        }
    }

    /// Fewer go at a time, because a call that began then was refused.
    pub(super) fn slow_down(&mut self, most: usize, began: Instant) {
        if self.slowed.is_some_and(|slowed| began <= slowed) {
            return;
        }
        self.slowed = Some(Instant::now());
        let now = self.allowed.min(most as f64);
        self.allowed = (now / 2.0).max(1.0);
    }

    /// A call succeeded.
    pub(super) fn speed_up(&mut self, most: usize) {
        self.allowed += 1.0 / self.allowed;
        if self.allowed >= most as f64 {
            self.allowed = f64::INFINITY;
        }
    }

    /// Whether there is nothing to remember.
    pub(super) fn is_idle(&self, now: Instant) -> bool {
        self.in_use == 0 && self.allowed.is_infinite() && self.hold(now).is_none()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::error::ErrorKind;

    #[tokio::test(start_paused = true)]
    async fn half_as_many_and_slowly_more() {
        let most = 16;
        let mut flow = Flow::default();
        let room = |flow: &mut Flow| {
            flow.in_use = 0;
            while flow.is_free(most, Instant::now()) {
                flow.in_use += 1;
            }
            flow.in_use
        };
        assert_eq!(room(&mut flow), 16);
        let began = Instant::now();
        tokio::time::advance(Duration::from_millis(1)).await;
        for _ in 0..16 {
            // all of one round
            flow.slow_down(most, began);
        }
        assert_eq!(room(&mut flow), 8);
        for _ in 0..9 {
            flow.speed_up(most);
        }
        assert_eq!(room(&mut flow), 9);
        for _ in 0..10 {
            let began = Instant::now() + Duration::from_millis(1);
            tokio::time::advance(Duration::from_millis(2)).await;
            flow.slow_down(most, began);
        }
        assert_eq!(room(&mut flow), 1);
        for _ in 0..200 {
            flow.speed_up(most);
        }
        assert_eq!(room(&mut flow), 16);
        assert!(!flow.is_idle(Instant::now()));
        flow.in_use = 0;
        assert!(flow.is_idle(Instant::now()));
    }

    #[tokio::test(start_paused = true)]
    async fn the_longer_rest_counts() {
        let busy = Error::new(ErrorKind::Throttled, "x", "y");
        let mut flow = Flow::default();
        let now = Instant::now();
        let seconds = |n| now + Duration::from_secs(n);
        flow.rest(seconds(10), &busy);
        flow.rest(seconds(5), &busy);
        assert!(!flow.is_free(1, seconds(9)));
        assert!(flow.is_free(1, seconds(10)));
        assert_eq!(flow.held_until(), Some(seconds(10)));
    }
}
