use tokio::time::Instant;

use super::RetryPolicy;

/// What the calls to one server may still repeat, all together.
#[derive(Debug)]
pub(super) struct Budget {
    left: f64,
    share: f64,
    reserve: f64,
    filled: Instant,
}

impl Budget {
    pub(super) fn new(policy: &RetryPolicy) -> Self {
        let reserve = f64::from(policy.budget_reserve);
        Self {
            left: reserve,
            share: policy.budget_share,
            reserve,
            filled: Instant::now(),
        }
    }

    /// A call begins: it earns a part of a repetition.
    pub(super) fn earn(&mut self) {
        self.left = (self.left + self.share).min(self.reserve.max(1.0));
    }

    /// Takes one repetition; `false` if there is none left.
    pub(super) fn spend(&mut self) -> bool {
        let now = Instant::now();
        let passed = now.duration_since(self.filled).as_secs_f64();
        self.filled = now;
        if self.reserve > 0.0 {
            self.left = (self.left + passed).min(self.reserve);
        }
        let is_enough = self.left >= 1.0;
        if is_enough {
            self.left -= 1.0;
        }
        is_enough
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_share_and_a_reserve() {
        let mut budget = Budget::new(&RetryPolicy::default().budget(0.25, 3));
        let mut spent = || (0..10).filter(|_| budget.spend()).count();
        assert_eq!(spent(), 3);
        assert_eq!(spent(), 0);
        tokio::time::advance(Duration::from_secs(2)).await;
        assert_eq!(spent(), 2);
        tokio::time::advance(Duration::from_secs(100)).await;
        assert_eq!(spent(), 3);
        for _ in 0..8 {
            budget.earn();
        }
        assert!(budget.spend() && budget.spend() && !budget.spend());
    }

    #[tokio::test(start_paused = true)]
    async fn a_share_alone() {
        let mut budget = Budget::new(&RetryPolicy::default().budget(0.5, 0));
        assert!(!budget.spend());
        tokio::time::advance(Duration::from_secs(100)).await;
        assert!(!budget.spend());
        budget.earn();
        budget.earn();
        budget.earn();
        assert!(budget.spend());
        assert!(!budget.spend());
    }
}
