//! The clock: the only place that reads the system's time.
//!
//! The one rule: what the services do is told the time by [`Clock::now`], which a user of the emulator may have moved
//! ahead; what is agreed with the outside world (signatures) goes by [`Clock::system_now`].

use std::{
    sync::Arc,
    time::{SystemTime, UNIX_EPOCH},
};

use switchboard_domain::Time;
use switchboard_sfu::TimeOfDay;
use tokio::sync::watch;

/// The server's clock. Cheap to clone: every clone is the same clock.
#[derive(Debug, Clone)]
pub(crate) struct Clock {
    ahead_ms: Arc<watch::Sender<i64>>,
}

impl Clock {
    /// A clock that shows the system's time until it is moved.
    pub(crate) fn new() -> Self {
        Self { ahead_ms: Arc::new(watch::Sender::new(0)) }
    }

    /// The time that the services go by.
    pub(crate) fn now(&self) -> Time {
        Time(system_ms().saturating_add(*self.ahead_ms.borrow()))
    }

    /// The system's time, wherever the clock was moved to.
    pub(crate) fn system_now(&self) -> Time {
        Time(system_ms())
    }

    /// Moves the clock ahead, never back, and wakes everybody who waits for [`Moves::moved`].
    pub(crate) fn advance(&self, more_ms: i64) {
        self.ahead_ms.send_modify(|ahead| *ahead = ahead.saturating_add(more_ms.max(0)));
    }

    /// Moves of the clock from now on. Whoever sleeps until a time of this clock takes it before looking at the clock,
    /// so that no move falls between the look and the sleep.
    pub(crate) fn moves(&self) -> Moves {
        Moves(self.ahead_ms.subscribe())
    }
}

/// Moves of the clock, each told once.
#[derive(Debug)]
pub(crate) struct Moves(watch::Receiver<i64>);

impl Moves {
    /// Waits until the clock was moved since the last call.
    pub(crate) async fn moved(&mut self) {
        if self.0.changed().await.is_err() {
            // The clock is gone, so it never moves again.
            std::future::pending::<()>().await;
        }
    }
}

/// The moment, for measuring how long something takes.
#[allow(clippy::disallowed_methods, reason = "the shell's one stopwatch")]
pub(crate) fn instant() -> tokio::time::Instant {
    tokio::time::Instant::now()
}

/// What the system's time of day is at this moment, for those who go on by moments.
pub(crate) fn time_of_day() -> TimeOfDay {
    TimeOfDay { at: instant().into_std(), since_1970: system_time().duration_since(UNIX_EPOCH).unwrap_or_default() }
}

#[allow(clippy::disallowed_methods, reason = "the shell's one look at the system's time")]
fn system_time() -> SystemTime {
    SystemTime::now()
}

fn system_ms() -> i64 {
    match system_time().duration_since(UNIX_EPOCH) {
        Ok(since) => i64::try_from(since.as_millis()).unwrap_or(i64::MAX),
        Err(before) => i64::try_from(before.duration().as_millis()).map_or(i64::MIN, |ms| -ms),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_clock_moves_ahead_and_says_so() {
        let clock = Clock::new();
        let mut moves = clock.moves();
        let before = clock.now();
        clock.clone().advance(3_600_000);
        moves.moved().await;
        assert!(clock.now() >= before.plus_minutes(60));
        assert!(clock.system_now() < before.plus_minutes(60));
        let moved = clock.now();
        clock.advance(-3_600_000);
        assert!(clock.now() >= moved, "time never goes back");
    }

    #[tokio::test]
    async fn a_move_before_the_wait_is_not_lost() {
        let clock = Clock::new();
        let mut moves = clock.moves();
        clock.advance(1);
        clock.advance(1);
        moves.moved().await;
        let mut again = std::pin::pin!(moves.moved());
        assert!(futures_util::poll!(again.as_mut()).is_pending());
        clock.advance(1);
        again.await;
    }

    #[test]
    fn no_move_is_too_far() {
        let clock = Clock::new();
        clock.advance(i64::MAX);
        assert_eq!(clock.now(), Time(i64::MAX));
    }
}
