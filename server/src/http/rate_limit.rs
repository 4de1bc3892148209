//! How much each caller may ask for, in buckets that refill steadily.
//!
//! Callers are counted in a fixed number of slots, chosen by a hash with a secret seed, so memory
//! is bounded whatever addresses are invented; that two callers share a slot is rare and harmless.

use crate::config;
use crate::error::{AppError, Result};
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use governor::clock::{Clock, DefaultClock};
use governor::middleware::StateInformationMiddleware;
use governor::state::keyed::DashMapStateStore;
use governor::{Quota, RateLimiter};
use shared::problem::ErrorCode;
use std::hash::{BuildHasher, Hash, RandomState};
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU64, Ordering};

/// Slots of one kind of bucket.
const SLOTS: u64 = 1 << 18;
/// How many requests pass between two sweeps of full buckets.
const SWEEP_EVERY: u64 = 16_384;

type Limiter = RateLimiter<u32, DashMapStateStore<u32>, DefaultClock, StateInformationMiddleware>;

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bucket {
    /// Requests of a network address that did not say who asks.
    Address,
    /// Requests of a member or of staff.
    Caller,
    /// Requests of an API key.
    Key,
    /// Sign-ins and their like of a network address.
    SignInAddress,
    /// Sign-ins to an account.
    SignInAccount,
    /// Codes and passwords of one of the staff, after the first step.
    SecondStep,
    /// Codes that a member types in.
    CouponCode,
    /// Claims of a member in flash sales.
    SaleClaim,
    /// Claims from a network address in flash sales.
    SaleClaimAddress,
}

impl Bucket {
    const ALL: [Self; 9] = [
        Self::Address,
        Self::Caller,
        Self::Key,
        Self::SignInAddress,
        Self::SignInAccount,
        Self::SecondStep,
        Self::CouponCode,
        Self::SaleClaim,
        Self::SaleClaimAddress,
    ];

    /// The name in `RateLimit-Policy`.
    const fn name(self) -> &'static str {
        match self {
            Self::Address => "address",
            Self::Caller => "caller",
            Self::Key => "key",
            Self::SignInAddress => "sign-in-address",
            Self::SignInAccount => "sign-in-account",
            Self::SecondStep => "second-step",
            Self::CouponCode => "coupon-code",
            Self::SaleClaim => "sale-claim",
            Self::SaleClaimAddress => "sale-claim-address",
        }
    }

    const fn per_minute(self, limits: &config::Limits) -> u32 {
        match self {
            Self::Address => limits.address_per_minute,
            Self::Caller => limits.caller_per_minute,
            Self::Key => limits.key_per_minute,
            Self::SignInAddress => limits.sign_in_address_per_minute,
            Self::SignInAccount | Self::SecondStep => limits.sign_in_account_per_minute,
            Self::CouponCode => limits.coupon_codes_per_minute,
            Self::SaleClaim => limits.sale_claims_per_minute,
            Self::SaleClaimAddress => limits.sale_claims_address_per_minute,
        }
    }
}

/// What is left in a bucket, for the answer's headers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Left {
    bucket: Bucket,
    per_minute: u32,
    remaining: u32,
    /// Seconds until there is more.
    refill_s: u64,
}

impl Left {
    /// Writes `RateLimit` and `RateLimit-Policy`.
    pub fn write(self, headers: &mut HeaderMap) {
        let Self {
            bucket,
            per_minute,
            remaining,
            refill_s,
        } = self;
        let name = bucket.name();
        let policy = format!("\"{name}\";q={per_minute};w=60");
        let limit = format!("\"{name}\";r={remaining};t={refill_s}");
        for (header, value) in [("ratelimit-policy", policy), ("ratelimit", limit)] {
            if let Ok(value) = HeaderValue::from_str(&value) {
                headers.insert(HeaderName::from_static(header), value);
            }
        }
    }
}

/// The buckets of this node.
pub struct RateLimits {
    limiters: [Option<(u32, Limiter)>; Bucket::ALL.len()],
    seed: RandomState,
    checks: AtomicU64,
}

impl RateLimits {
    /// Buckets of the configured sizes.
    #[must_use]
    pub fn new(limits: &config::Limits) -> Self {
        let limiter = |bucket: Bucket| {
            let per_minute = NonZeroU32::new(bucket.per_minute(limits))?;
            let limiter = RateLimiter::dashmap(Quota::per_minute(per_minute));
            Some((
                per_minute.get(),
                limiter.with_middleware::<StateInformationMiddleware>(),
            ))
        };
        Self {
            limiters: Bucket::ALL.map(limiter),
            seed: RandomState::new(),
            checks: AtomicU64::new(0),
        }
    }

    /// Takes one request of `who` from its bucket; `None` when there is no limit.
    ///
    /// # Errors
    /// `request.rate_limited` when the bucket is empty; [`RateLimits::used_up`] tells its headers.
    pub fn take(&self, bucket: Bucket, who: impl Hash) -> Result<Option<Left>, (AppError, Left)> {
        let Some((per_minute, limiter)) = &self.limiters[bucket as usize] else {
            return Ok(None);
        };
        self.sweep();
        let slot =
            u32::try_from(self.seed.hash_one((bucket as u8, who)) % SLOTS).unwrap_or_default();
        match limiter.check_key(&slot) {
            Ok(state) => {
                let remaining = state.remaining_burst_capacity();
                let refill_s = if remaining == 0 {
                    60_u64.div_ceil(u64::from(*per_minute))
                } else {
                    1
                };
                Ok(Some(Left {
                    bucket,
                    per_minute: *per_minute,
                    remaining,
                    refill_s,
                }))
            }
            Err(until) => {
                let wait = until.wait_time_from(DefaultClock::default().now());
                let refill_s = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
                let left = Left {
                    bucket,
                    per_minute: *per_minute,
                    remaining: 0,
                    refill_s: refill_s.max(1),
                };
                Err((
                    AppError::retry_later(ErrorCode::RateLimited, left.refill_s),
                    left,
                ))
            }
        }
    }

    /// Takes one request of `who`, for callers that do not write headers.
    ///
    /// # Errors
    /// `request.rate_limited` when the bucket is empty.
    pub fn check(&self, bucket: Bucket, who: impl Hash) -> Result<()> {
        self.take(bucket, who).map(drop).map_err(|(error, _)| error)
    }

    /// Forgets buckets that are full again.
    fn sweep(&self) {
        if self.checks.fetch_add(1, Ordering::Relaxed) % SWEEP_EVERY != SWEEP_EVERY - 1 {
            return;
        }
        for (_, limiter) in self.limiters.iter().flatten() {
            limiter.retain_recent();
            limiter.shrink_to_fit();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limits(sign_in_account: u32) -> RateLimits {
        RateLimits::new(&config::Limits {
            sign_in_account_per_minute: sign_in_account,
            ..config::Limits::OFF
        })
    }

    #[test]
    fn a_bucket_runs_empty_for_one_and_not_for_another() {
        let limits = limits(3);
        for remaining in [2, 1, 0] {
            let left = limits
                .take(Bucket::SignInAccount, "a")
                .expect("not yet empty")
                .expect("a limit");
            assert_eq!((left.per_minute, left.remaining), (3, remaining));
        }
        let (error, left) = limits
            .take(Bucket::SignInAccount, "a")
            .expect_err("now it is empty");
        assert_eq!(error.code(), Some(ErrorCode::RateLimited));
        assert!((1..=20).contains(&left.refill_s), "{left:?}");
        assert!(limits.check(Bucket::SignInAccount, "b").is_ok());
        let mut headers = HeaderMap::new();
        left.write(&mut headers);
        assert_eq!(headers["ratelimit-policy"], "\"sign-in-account\";q=3;w=60");
        assert!(
            headers["ratelimit"]
                .to_str()
                .is_ok_and(|it| it.starts_with("\"sign-in-account\";r=0;t="))
        );
    }

    #[test]
    fn zero_is_no_limit_and_many_strangers_take_bounded_memory() {
        let off = limits(0);
        assert_eq!(
            off.take(Bucket::SignInAccount, "a").expect("no limit"),
            None
        );
        let limits = limits(1000);
        for who in 0..300_000_u32 {
            assert!(limits.check(Bucket::SignInAccount, who).is_ok());
        }
        let (_, limiter) = limits.limiters[Bucket::SignInAccount as usize]
            .as_ref()
            .expect("a limiter");
        assert!(limiter.len() as u64 <= SLOTS);
    }
}
