//! When a request to an endpoint is tried again, and when an endpoint is given up.
//!
//! The schedule is that of the Standard Webhooks specification: at once, then after 5 seconds,
//! 5 minutes, 30 minutes, 2, 5, 10, 14, 20 and 24 hours.

use super::DisabledReason;

/// Milliseconds after each attempt that was not taken; after the last one it is given up.
const WAITS_MS: [i64; 9] = [
    5_000,
    5 * MINUTE_MS,
    30 * MINUTE_MS,
    2 * HOUR_MS,
    5 * HOUR_MS,
    10 * HOUR_MS,
    14 * HOUR_MS,
    20 * HOUR_MS,
    24 * HOUR_MS,
];
const MINUTE_MS: i64 = 60_000;
const HOUR_MS: i64 = 60 * MINUTE_MS;
/// By how much a wait may be longer than the schedule, in basis points of it, so that what failed
/// together does not come back together.
const JITTER_BP: i64 = 2_000;
/// Longest wait that an endpoint can ask for.
const MAX_ASKED_MS: i64 = 24 * HOUR_MS;
/// Attempts in a row that an endpoint may refuse before it is left alone for a while.
const PATIENCE: u32 = 5;
/// The first rest of an endpoint; each further failure doubles it.
const FIRST_REST_MS: i64 = 5_000;
/// Longest rest.
const MAX_REST_MS: i64 = 5 * MINUTE_MS;
/// After so long without a success an endpoint is given up.
const GIVE_UP_MS: i64 = 5 * 24 * HOUR_MS;

/// What a request to an endpoint met.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Met {
    /// An answer.
    Answer {
        /// Its HTTP status.
        status: u16,
        /// Milliseconds that it asked to be left alone for.
        retry_after_ms: Option<i64>,
    },
    /// No answer: no connection, or not in time.
    Silence,
}

/// What becomes of a delivery after an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// It was taken.
    Delivered,
    /// It is sent again after so many milliseconds.
    Again {
        /// From the end of the attempt.
        in_ms: i64,
    },
    /// It is given up.
    GiveUp,
    /// It is given up, and so is the endpoint.
    Disable,
}

/// What becomes of a delivery. `attempts` counts the one that met this; `luck` is a random number
/// that spreads the waits.
///
/// Any 2xx takes it, 410 ends the endpoint, and everything else, redirects included, is tried again
/// (Standard Webhooks, "Deliverability and reliability"). An endpoint that asks for a longer wait
/// than the schedule's gets it, up to a day.
#[must_use]
pub fn after(attempts: u32, met: Met, luck: u16) -> Next {
    let asked = match met {
        Met::Answer {
            status: 200..=299, ..
        } => return Next::Delivered,
        Met::Answer { status: 410, .. } => return Next::Disable,
        Met::Answer { retry_after_ms, .. } => retry_after_ms,
        Met::Silence => None,
    };
    let place = usize::try_from(attempts.saturating_sub(1)).unwrap_or(usize::MAX);
    let Some(wait) = WAITS_MS.get(place) else {
        return Next::GiveUp;
    };
    let most = wait * JITTER_BP / 10_000;
    let jitter = most * i64::from(luck) / i64::from(u16::MAX);
    let asked = asked.unwrap_or(0).clamp(0, MAX_ASKED_MS);
    Next::Again {
        in_ms: (wait + jitter).max(asked),
    }
}

/// How an endpoint has been doing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Health {
    /// Attempts in a row that it did not take.
    pub failures: u32,
    /// When the first of them was, in milliseconds since 1970; `None` when the last one was taken.
    pub failing_since: Option<i64>,
    /// It is left alone until then; not at all when absent.
    pub resting_until: Option<i64>,
}

impl Health {
    /// How many requests it may be sent at once: one to find out, while it is failing.
    #[must_use]
    pub const fn at_once(&self, most: u64) -> u64 {
        if self.failures >= PATIENCE { 1 } else { most }
    }

    /// Its health after an attempt that ended at `now`.
    #[must_use]
    pub fn after(self, next: Next, now: i64) -> Self {
        if next == Next::Delivered {
            return Self::default();
        }
        let failures = self.failures.saturating_add(1);
        let over = failures.checked_sub(PATIENCE);
        let rest = over.map(|it| (FIRST_REST_MS << it.min(16)).min(MAX_REST_MS));
        Self {
            failures,
            failing_since: self.failing_since.or(Some(now)),
            resting_until: rest.map(|it| now.saturating_add(it)),
        }
    }

    /// Why it is given up after an attempt that ended at `now`, if it is.
    #[must_use]
    pub fn verdict(&self, next: Next, now: i64) -> Option<DisabledReason> {
        let failing = self
            .failing_since
            .is_some_and(|it| now.saturating_sub(it) >= GIVE_UP_MS);
        match next {
            Next::Disable => Some(DisabledReason::Gone),
            Next::Delivered => None,
            Next::Again { .. } | Next::GiveUp => failing.then_some(DisabledReason::Failing),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn answer(status: u16) -> Met {
        Met::Answer {
            status,
            retry_after_ms: None,
        }
    }

    fn asked(status: u16, ms: i64) -> Met {
        Met::Answer {
            status,
            retry_after_ms: Some(ms),
        }
    }

    #[test]
    fn what_becomes_of_a_delivery_is_a_table() {
        let again = |in_ms| Next::Again { in_ms };
        for (attempts, met, expected) in [
            (1, answer(200), Next::Delivered),
            (1, answer(204), Next::Delivered),
            (10, answer(299), Next::Delivered),
            (1, answer(410), Next::Disable),
            (1, answer(301), again(5_000)),
            (1, answer(400), again(5_000)),
            (1, answer(500), again(5_000)),
            (1, Met::Silence, again(5_000)),
            (2, answer(500), again(300_000)),
            (3, answer(500), again(1_800_000)),
            (9, answer(500), again(86_400_000)),
            (10, answer(500), Next::GiveUp),
            (99, Met::Silence, Next::GiveUp),
            (1, asked(429, 60_000), again(60_000)),
            (3, asked(503, 60_000), again(1_800_000)),
            (1, asked(503, i64::MAX), again(86_400_000)),
            (1, asked(503, -5), again(5_000)),
            (1, asked(200, 60_000), Next::Delivered),
            (10, asked(429, 60_000), Next::GiveUp),
        ] {
            assert_eq!(after(attempts, met, 0), expected, "{attempts} {met:?}");
        }
        assert_eq!(after(1, answer(500), u16::MAX), again(6_000));
    }

    #[test]
    fn an_endpoint_that_fails_is_left_alone_and_then_given_up() {
        let again = Next::Again { in_ms: 5_000 };
        let mut health = Health::default();
        for at in 0..4 {
            health = health.after(again, at);
            assert_eq!((health.resting_until, health.at_once(32)), (None, 32));
        }
        health = health.after(again, 4);
        assert_eq!(health.resting_until, Some(5_004));
        assert_eq!(health.at_once(32), 1);
        health = health.after(again, 6_000);
        assert_eq!(health.resting_until, Some(16_000));
        assert_eq!(health.failing_since, Some(0));
        assert_eq!(health.verdict(again, GIVE_UP_MS - 1), None);
        let late = health.verdict(again, GIVE_UP_MS);
        assert_eq!(late, Some(DisabledReason::Failing));
        assert_eq!(health.verdict(Next::Delivered, GIVE_UP_MS), None);
        let gone = Health::default().verdict(Next::Disable, 0);
        assert_eq!(gone, Some(DisabledReason::Gone));
        assert_eq!(health.after(Next::Delivered, 9), Health::default());
    }

    proptest! {
        #[test]
        fn waits_follow_the_schedule_and_end(luck: u16, status in 100u16..600, ms in any::<Option<i64>>()) {
            let met = Met::Answer { status, retry_after_ms: ms };
            for attempts in 1..=20 {
                match after(attempts, met, luck) {
                    Next::Again { in_ms } => {
                        let wait = WAITS_MS[attempts as usize - 1];
                        let most = (wait + wait * JITTER_BP / 10_000).max(MAX_ASKED_MS);
                        prop_assert!((wait..=most).contains(&in_ms));
                    }
                    Next::Delivered => prop_assert!((200..300).contains(&status)),
                    Next::Disable => prop_assert_eq!(status, 410),
                    Next::GiveUp => prop_assert!(attempts > 9),
                }
            }
        }

        #[test]
        fn a_rest_is_bounded_and_one_success_ends_it(failures in 0u32..100_000, now in 0i64..4_000_000_000_000) {
            let health = Health { failures, failing_since: Some(0), resting_until: None };
            let worse = health.after(Next::GiveUp, now);
            prop_assert!(worse.resting_until.is_none_or(|it| it > now && it <= now + MAX_REST_MS));
            prop_assert!(worse.at_once(32) >= 1);
            prop_assert_eq!(worse.after(Next::Delivered, now), Health::default());
        }
    }
}
