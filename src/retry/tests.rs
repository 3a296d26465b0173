//! Attempts and pacing together, on a clock that jumps.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::task::{JoinSet, LocalSet};
use tokio::time::{Instant, sleep, timeout};

use super::{Attempts, Pacing, RetryPolicy};
use crate::error::{Effect, Error, ErrorKind, Result, RetryAdvice};

const PATIENCE: Duration = Duration::from_secs(120);

fn seconds(n: u64) -> Duration {
    Duration::from_secs(n)
}

fn pacing(policy: RetryPolicy, most: usize) -> Arc<Pacing> {
    let pacing = Pacing::new(policy.seed(1), PATIENCE);
    pacing.limit(most, None);
    pacing
}

fn busy(wait: u64) -> Error {
    Error::new(ErrorKind::Throttled, "call", "busy")
        .with_code("Busy")
        .with_advice(RetryAdvice::After(seconds(wait)))
}

fn refused() -> Error {
    Error::new(ErrorKind::Connection, "call", "refused")
}

fn cut() -> Error {
    Error::new(ErrorKind::Connection, "call", "cut").with_effect(Effect::Unknown)
}

/// Makes a call whose attempts end as told, and says how often it was sent.
async fn call(
    pacing: &Arc<Pacing>,
    mailbox: &str,
    repeatable: bool,
    mut outcome: impl AsyncFnMut(u32) -> Result<()>,
) -> (u32, Result<()>) {
    let mut attempts = Attempts::new(pacing, "call", mailbox, repeatable);
    loop {
        let place = match attempts.begin().await {
            Ok(place) => place,
            Err(error) => return (attempts.count(), Err(error)),
        };
        let count = attempts.count();
        let error = match attempts.within(outcome(count)).await {
            Ok(()) => {
                attempts.answered(&place);
                return (count, Ok(()));
            }
            Err(error) => error,
        };
        if let Err(error) = attempts.failed(place, error).await {
            return (count, Err(error));
        }
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_repeated_and_how_often() {
    let pacing = pacing(RetryPolicy::default(), 4);
    let fails = async |error: fn() -> Error, repeatable| {
        call(&pacing, "a", repeatable, async |_| Err(error())).await
    };
    let (count, outcome) = fails(cut, true).await;
    let error = outcome.unwrap_err();
    assert_eq!((count, error.effect()), (5, Effect::None));
    let (count, outcome) = fails(cut, false).await;
    assert_eq!((count, outcome.unwrap_err().effect()), (1, Effect::Unknown));
    let (count, outcome) = fails(refused, false).await;
    assert_eq!((count, outcome.unwrap_err().effect()), (5, Effect::None));
    let wrong = || Error::new(ErrorKind::Unauthenticated, "call", "no");
    assert_eq!(fails(wrong, true).await.0, 1);
    assert_eq!(pacing.in_use(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_wait_that_was_asked_for_is_kept() {
    let pacing = pacing(RetryPolicy::default(), 4);
    let start = Instant::now();
    let twice = async |count| if count < 3 { Err(busy(60)) } else { Ok(()) };
    let (count, outcome) = call(&pacing, "a", false, twice).await;
    outcome.unwrap();
    assert_eq!(count, 3);
    let took = start.elapsed();
    assert!(took >= seconds(120) && took <= seconds(124), "{took:?}");

    // More than is left, or than may be: at once.
    for (policy, wait) in [
        (RetryPolicy::default(), 301),
        (RetryPolicy::patient(), 601),
        (RetryPolicy::default().total_time(seconds(5)), 6),
        (RetryPolicy::none(), 1),
    ] {
        let pacing = self::pacing(policy, 4);
        let start = Instant::now();
        let (count, outcome) = call(&pacing, "a", true, async |_| Err(busy(wait))).await;
        assert_eq!(outcome.unwrap_err().retry_after(), Some(seconds(wait)));
        assert_eq!((count, start.elapsed()), (1, Duration::ZERO));
    }
}

#[tokio::test(start_paused = true)]
async fn one_busy_answer_holds_back_its_mailbox_only() {
    LocalSet::new()
        .run_until(async {
            let pacing = pacing(RetryPolicy::default(), 8);
            let start = Instant::now();
            let first = async |count| if count == 1 { Err(busy(60)) } else { Ok(()) };
            let mut calls = JoinSet::new();
            let one = pacing.clone();
            calls.spawn_local(async move { call(&one, "a", true, first).await });
            sleep(seconds(1)).await;
            for mailbox in ["a", "b"] {
                for _ in 0..20 {
                    let pacing = pacing.clone();
                    calls.spawn_local(async move {
                        let outcome = call(&pacing, mailbox, true, async |_| Ok(())).await;
                        let least = if mailbox == "a" {
                            seconds(60)
                        } else {
                            seconds(0)
                        };
                        let took = start.elapsed();
                        assert!(
                            took >= least && took < least + seconds(3),
                            "{mailbox} {took:?}"
                        );
                        outcome
                    });
                }
            }
            while let Some(done) = calls.join_next().await {
                done.unwrap().1.unwrap();
            }
            // A call that cannot wait so long is told.
            let hurry = Pacing::new(RetryPolicy::default().total_time(seconds(20)), PATIENCE);
            let _ = call(&hurry, "a", true, async |_| Err(busy(60))).await;
            let (count, outcome) = call(&hurry, "a", false, async |_| Ok(())).await;
            let error = outcome.unwrap_err();
            assert_eq!(
                (count, error.kind(), error.code()),
                (1, ErrorKind::Throttled, Some("Busy"))
            );
            assert_eq!(error.retry_after().map(|wait| wait.as_secs()), Some(60));
            call(&hurry, "b", false, async |_| Ok(())).await.1.unwrap();
        })
        .await;
}

#[tokio::test(start_paused = true)]
async fn a_server_that_is_not_there_holds_back_all() {
    LocalSet::new()
        .run_until(async {
            let pacing = pacing(RetryPolicy::default().first_wait(seconds(10)), 8);
            let gone = async |count| if count == 1 { Err(refused()) } else { Ok(()) };
            let start = Instant::now();
            let other = {
                let pacing = pacing.clone();
                tokio::task::spawn_local(async move {
                    sleep(Duration::from_millis(1)).await;
                    call(&pacing, "b", false, async |_| Ok(())).await.1.unwrap();
                    start.elapsed()
                })
            };
            call(&pacing, "a", false, gone).await.1.unwrap();
            let took = start.elapsed();
            assert!(took > Duration::from_millis(1), "{took:?}");
            // the hold of the other ends when the wait of the first does
            assert!(other.await.unwrap().abs_diff(took) <= Duration::from_millis(2));
        })
        .await;
}

/// One mailbox floods, one is refused all the time; the other 198 keep pace.
#[tokio::test(start_paused = true)]
async fn two_hundred_mailboxes() {
    LocalSet::new()
        .run_until(async {
            let pacing = pacing(RetryPolicy::patient(), 27);
            let most = Arc::new(AtomicUsize::new(0));
            let running = Arc::new(AtomicUsize::new(0));
            let mut calls = JoinSet::new();
            let start = Instant::now();
            for number in 0..200 {
                let count = if number == 0 { 5000 } else { 20 };
                for _ in 0..count {
                    let pacing = pacing.clone();
                    let (most, running) = (most.clone(), running.clone());
                    calls.spawn_local(async move {
                        let mailbox = format!("user{number}");
                        let outcome = call(&pacing, &mailbox, true, async |_| {
                            let now = running.fetch_add(1, Ordering::Relaxed) + 1;
                            most.fetch_max(now, Ordering::Relaxed);
                            sleep(Duration::from_millis(100)).await;
                            running.fetch_sub(1, Ordering::Relaxed);
                            // the second has no budget at all for two minutes
                            match number == 1 && start.elapsed() < seconds(120) {
                                true => Err(busy(30)),
                                false => Ok(()),
                            }
                        });
                        outcome.await.1.map(|()| (number, start.elapsed()))
                    });
                }
            }
            let mut last: BTreeMap<usize, Duration> = BTreeMap::new();
            while let Some(done) = calls.join_next().await {
                let (number, when) = done.unwrap().unwrap();
                last.insert(number, when);
            }
            assert_eq!(most.load(Ordering::Relaxed), 27);
            // 198 mailboxes with 20 calls each, and their share with the flood: 20 rounds of 200 calls
            let others = last.range(2..).map(|(_, when)| *when).max().unwrap();
            assert!(others <= seconds(17), "{others:?}");
            assert!(last[&1] >= seconds(120), "{:?}", last[&1]);
            assert!(last[&0] >= others, "{:?}", last[&0]);
            assert_eq!(pacing.in_use(), 0);
        })
        .await;
}

#[tokio::test(start_paused = true)]
async fn a_server_that_is_broken_is_not_hammered() {
    LocalSet::new()
        .run_until(async {
            let pacing = pacing(RetryPolicy::default().budget(0.1, 5), 1000);
            let sent = Arc::new(AtomicUsize::new(0));
            let mut calls = JoinSet::new();
            for _ in 0..100 {
                let (pacing, sent) = (pacing.clone(), sent.clone());
                calls.spawn_local(async move {
                    call(&pacing, "a", true, async |_| {
                        sent.fetch_add(1, Ordering::Relaxed);
                        Err(cut())
                    })
                    .await
                });
            }
            while let Some(done) = calls.join_next().await {
                assert_eq!(done.unwrap().1.unwrap_err().message(), "cut");
            }
            // five, and one each second of the few it took
            let repeated = sent.load(Ordering::Relaxed) - 100;
            assert!((5..=30).contains(&repeated), "{repeated}");
        })
        .await;
}

#[tokio::test(start_paused = true)]
async fn a_place_that_is_held_too_long_is_an_error() {
    LocalSet::new()
        .run_until(async {
            let pacing = pacing(RetryPolicy::default(), 2);
            let hold = async || {
                let mut attempts = Attempts::new(&pacing, "open", "a", true);
                attempts.begin().await.unwrap()
            };
            let (first, second) = (hold().await, hold().await);
            let start = Instant::now();
            let (_, outcome) = call(&pacing, "b", true, async |_| Ok(())).await;
            let error = outcome.unwrap_err();
            assert_eq!(
                (error.kind(), error.effect()),
                (ErrorKind::Timeout, Effect::None)
            );
            assert!(error.to_string().contains("all connections"), "{error}");
            assert!(start.elapsed() >= PATIENCE && start.elapsed() < PATIENCE + seconds(1));

            // Whoever reads on is waited for.
            let other = {
                let pacing = pacing.clone();
                tokio::task::spawn_local(
                    async move { call(&pacing, "b", true, async |_| Ok(())).await },
                )
            };
            for _ in 0..5 {
                sleep(seconds(100)).await;
                first.moved();
            }
            drop(first);
            other.await.unwrap().1.unwrap();
            drop(second);
            assert_eq!(pacing.in_use(), 0);
        })
        .await;
}

#[tokio::test(start_paused = true)]
async fn nothing_hangs_beyond_the_deadline() {
    let pacing = pacing(RetryPolicy::default().deadline(seconds(30)), 1);
    let start = Instant::now();
    let forever = async |_| std::future::pending().await;
    let (_, outcome) = call(&pacing, "a", false, forever).await;
    let error = outcome.unwrap_err();
    assert_eq!(
        (error.kind(), error.effect()),
        (ErrorKind::Timeout, Effect::Unknown)
    );
    assert_eq!(start.elapsed().as_secs(), 30);
    let (_, outcome) = call(&pacing, "a", true, forever).await;
    assert_eq!(outcome.unwrap_err().effect(), Effect::None);

    let mut attempts = Attempts::new(&pacing, "open", "a", true);
    let _place = attempts.begin().await.unwrap();
    let start = Instant::now();
    let (_, outcome) = call(&pacing, "a", false, async |_| Ok(())).await;
    let error = outcome.unwrap_err();
    assert_eq!(
        (error.kind(), error.effect()),
        (ErrorKind::Timeout, Effect::None)
    );
    assert!(error.message().contains("for its turn"), "{error}");
    assert_eq!(start.elapsed().as_secs(), 30);
}

/// Calls that are dropped anywhere give back what they have, and those behind them go on.
#[tokio::test(start_paused = true)]
async fn dropped_calls_leave_nothing_behind() {
    LocalSet::new()
        .run_until(async {
            let pacing = pacing(RetryPolicy::default(), 3);
            let mut random = fastrand::Rng::with_seed(7);
            let mut calls = JoinSet::new();
            for number in 0..600 {
                let pacing = pacing.clone();
                let patience = Duration::from_millis(random.u64(0..4000));
                let fate = random.u8(0..4);
                calls.spawn_local(async move {
                    let mailbox = format!("user{}", number % 5);
                    let attempts = call(&pacing, &mailbox, true, async |count| {
                        sleep(Duration::from_millis(20)).await;
                        match (fate, count) {
                            (0, 1) => Err(busy(1)),
                            (1, 1) => Err(cut()),
                            _ => Ok(()),
                        }
                    });
                    let _ = timeout(patience, attempts).await;
                });
            }
            while let Some(done) = calls.join_next().await {
                done.unwrap();
            }
            assert_eq!(pacing.in_use(), 0);
            sleep(seconds(60)).await;
            let start = Instant::now();
            for number in 0..5 {
                let mailbox = format!("user{number}");
                call(&pacing, &mailbox, true, async |_| Ok(()))
                    .await
                    .1
                    .unwrap();
            }
            assert_eq!(start.elapsed(), Duration::ZERO);
        })
        .await;
}

#[tokio::test(start_paused = true)]
async fn no_more_than_there_are_connections() {
    let pacing = pacing(RetryPolicy::none(), 27);
    pacing.limit(27, Some(2));
    let place = async || {
        Attempts::new(&pacing, "x", "a", true)
            .begin()
            .await
            .unwrap()
    };
    let _two = (place().await, place().await);
    assert!(timeout(seconds(1), place()).await.is_err());
    pacing.limit(27, Some(3));
    let _third = place().await;
    assert_eq!(pacing.in_use(), 3);
}
