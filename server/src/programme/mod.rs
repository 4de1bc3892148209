//! The programme's rules: name and currency, points rules, ladder; every version is kept.

pub mod defaults;
pub mod routes;
pub mod service;
mod store;

pub(crate) use store::tables;

use jiff::tz::TimeZone;
use shared::points::PointsPolicy;
use shared::programme::Programme;
use shared::referrals::ReferralTerms;
use shared::tasks::api::{CheckInPlanVersion, SharePolicyVersion};
use shared::tiers::rules::{LadderAt, ladder_at};
use shared::time::Timestamp;

/// All rules that decide, as they are now and as they were.
#[derive(Debug, Clone)]
pub struct Rulebook {
    /// The shop's name, currency and zone.
    pub programme: Programme,
    /// The programme's zone, looked up.
    pub zone: TimeZone,
    /// Versions of the points rules, oldest first.
    pub policies: Vec<PolicyAt>,
    /// Versions of the ladder, oldest first.
    pub ladders: Vec<LadderAt>,
    /// What checking in gives.
    pub check_in: CheckInPlanVersion,
    /// What may be paid for on which channel.
    pub share: SharePolicyVersion,
    /// Versions of the terms of referrals, oldest first; the first one is version 0, which is off.
    pub referrals: Vec<ReferralsAt>,
    /// How many versions there are of everything: changes when anything does.
    pub revision: usize,
}

/// Points rules and from when they hold.
#[derive(Debug, Clone)]
pub struct PolicyAt {
    /// The version.
    pub version: i32,
    /// From when they hold.
    pub from: Timestamp,
    /// The rules.
    pub policy: PointsPolicy,
}

/// Terms of referrals and from when they hold.
#[derive(Debug, Clone)]
pub struct ReferralsAt {
    /// The version.
    pub version: i32,
    /// From when they hold.
    pub from: Timestamp,
    /// The terms.
    pub terms: ReferralTerms,
}

impl Rulebook {
    /// The points rules that hold at `at`; the first ones before their time.
    #[must_use]
    pub fn policy_at(&self, at: Timestamp) -> &PolicyAt {
        let later = self.policies.partition_point(|it| it.from <= at);
        &self.policies[later.saturating_sub(1)]
    }

    /// The ladder that holds at `at`.
    #[must_use]
    pub fn ladder_at(&self, at: Timestamp) -> &LadderAt {
        ladder_at(&self.ladders, at)
    }

    /// The terms of referrals that hold at `at`.
    #[must_use]
    pub fn referrals_at(&self, at: Timestamp) -> &ReferralsAt {
        let later = self.referrals.partition_point(|it| it.from <= at);
        &self.referrals[later.saturating_sub(1)]
    }

    /// The terms of referrals of a version; those that hold last when there is no such version.
    #[must_use]
    pub fn referrals_version(&self, version: i32) -> &ReferralTerms {
        let found = self.referrals.iter().rfind(|it| it.version == version);
        let found = found.or_else(|| self.referrals.last());
        &found
            .unwrap_or_else(|| unreachable!("version 0 is always there"))
            .terms
    }

    /// Whether there were ever terms of referrals.
    #[must_use]
    pub fn has_referrals(&self) -> bool {
        self.referrals.len() > 1
    }

    /// When the next version of the ladder that is scheduled after `now` begins.
    #[must_use]
    pub fn next_ladder_from(&self, now: Timestamp) -> Option<Timestamp> {
        self.ladders.iter().map(|it| it.from).find(|it| *it > now)
    }

    /// The zone of the shop's days.
    #[must_use]
    pub const fn programme_zone(&self) -> &TimeZone {
        &self.zone
    }

    /// A member's zone by name; the programme's when the name is not known any more.
    #[must_use]
    pub fn zone_of(&self, name: &str) -> TimeZone {
        if name == self.programme.time_zone {
            return self.zone.clone();
        }
        shared::time::zone(name).unwrap_or_else(|_| self.zone.clone())
    }
}
