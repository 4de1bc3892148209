//! Loading and changing the programme's rules.

mod versions;

pub use versions::{
    cancel_ladder, cancel_policy, ladder_versions, policy_versions, schedule_ladder,
    schedule_policy,
};

use super::store::{self, Model};
use super::{PolicyAt, ReferralsAt, Rulebook, defaults};
use crate::App;
use crate::audit;
use crate::db::text::{from_json, to_json};
use crate::db::{Db, Tx};
use crate::error::{AppError, Result};
use crate::tiers;
use sea_orm::ConnectionTrait;
use serde::Serialize;
use shared::points::PointsPolicy;
use shared::points::api::PolicyVersion;
use shared::points::policy::check_policy;
use shared::problem::{ErrorCode, FieldError};
use shared::programme::Programme;
use shared::programme::brand::check_brand;
use shared::referrals::ReferralTerms;
use shared::referrals::api::TermsVersion;
use shared::referrals::terms::check_terms;
use shared::tasks::api::{CheckInPlanVersion, SharePolicyVersion};
use shared::tasks::check_in::{CheckInPlan, check_plan};
use shared::tasks::share::SharePolicy;
use shared::tiers::Ladder;
use shared::tiers::api::LadderVersion;
use shared::tiers::rules::{LadderAt, check_ladder};
use shared::time::Timestamp;

pub(super) const PROGRAMME: &str = "programme";
pub(super) const POINTS: &str = "points";
pub(super) const LADDER: &str = "ladder";
const CHECK_IN: &str = "check_in";
const SHARE: &str = "share";
const REFERRALS: &str = "referrals";

/// The rules of this database; on the first start the defaults are written.
///
/// # Errors
/// When the database fails.
pub async fn load_or_seed(db: &Db) -> Result<Rulebook> {
    if store::revision(db.read()).await? == 0 {
        let seeded = db.write((), |tx, ()| Box::pin(seed(tx))).await;
        // Another node may have seeded at the same moment; what counts is that it is there.
        if let Err(error) = seeded
            && store::revision(db.read()).await? == 0
        {
            return Err(error);
        }
    }
    load(db.read()).await
}

async fn seed(tx: &Tx) -> Result<()> {
    add(
        tx,
        PROGRAMME,
        1,
        Timestamp::MIN,
        &defaults::programme(),
        "system",
    )
    .await?;
    add(tx, POINTS, 1, Timestamp::MIN, &defaults::policy(), "system").await?;
    add(tx, LADDER, 1, Timestamp::MIN, &defaults::ladder(), "system").await
}

pub(super) async fn load(db: &impl ConnectionTrait) -> Result<Rulebook> {
    let mut rows = store::all(db).await?;
    let cancelled = rows.iter().filter(|it| it.cancelled_at.is_some()).count();
    let revision = rows.len() + cancelled;
    rows.retain(|it| it.cancelled_at.is_none());
    // A version that was scheduled long ago may begin after younger ones.
    rows.sort_by_key(|it| (it.effective_from, it.version));
    let mut found = Found::default();
    for row in &rows {
        found.take(row)?;
    }
    let programme = found.programme;
    let programme = programme.ok_or_else(|| AppError::internal("the database has no programme"))?;
    if found.policies.is_empty() || found.ladders.is_empty() {
        return Err(AppError::internal("the database has no rules"));
    }
    let zone = shared::time::zone(&programme.time_zone).map_err(AppError::internal)?;
    Ok(Rulebook {
        programme,
        zone,
        policies: found.policies,
        ladders: found.ladders,
        check_in: found.check_in,
        share: found.share,
        referrals: found.referrals,
        revision,
    })
}

/// The versions of all rules that were found so far.
struct Found {
    programme: Option<Programme>,
    policies: Vec<PolicyAt>,
    ladders: Vec<LadderAt>,
    check_in: CheckInPlanVersion,
    share: SharePolicyVersion,
    referrals: Vec<ReferralsAt>,
}

impl Default for Found {
    /// None. A database from before check-ins, sharing or referrals has no version of these: the
    /// defaults hold as version 0.
    fn default() -> Self {
        Self {
            programme: None,
            policies: Vec::new(),
            ladders: Vec::new(),
            check_in: CheckInPlanVersion {
                version: 0,
                plan: defaults::check_in(),
            },
            share: SharePolicyVersion {
                version: 0,
                policy: SharePolicy::default(),
            },
            referrals: vec![ReferralsAt {
                version: 0,
                from: Timestamp::MIN,
                terms: defaults::referrals(),
            }],
        }
    }
}

impl Found {
    fn take(&mut self, row: &store::Model) -> Result<()> {
        let (version, from) = (row.version, Timestamp::from_millis(row.effective_from));
        match row.kind.as_str() {
            PROGRAMME => self.programme = Some(from_json(&row.body)?),
            POINTS => self.policies.push(PolicyAt {
                version,
                from,
                policy: from_json(&row.body)?,
            }),
            LADDER => self.ladders.push(LadderAt {
                version,
                from,
                ladder: from_json(&row.body)?,
            }),
            CHECK_IN => {
                let plan = from_json(&row.body)?;
                self.check_in = CheckInPlanVersion { version, plan };
            }
            SHARE => {
                let policy = from_json(&row.body)?;
                self.share = SharePolicyVersion { version, policy };
            }
            REFERRALS => self.referrals.push(ReferralsAt {
                version,
                from,
                terms: from_json(&row.body)?,
            }),
            other => {
                let message = format!("unknown kind of rules: {other}");
                return Err(AppError::internal(message));
            }
        }
        Ok(())
    }
}

/// Takes rules into use that another node or process wrote.
///
/// # Errors
/// When the database fails.
pub async fn refresh(app: &App) -> Result<()> {
    let count = store::revision(app.db.read()).await?;
    if usize::try_from(count).is_ok_and(|it| it != app.rulebook().revision) {
        reload(app).await?;
    }
    Ok(())
}

pub(super) async fn reload(app: &App) -> Result<()> {
    app.set_rulebook(load(app.db.read()).await?);
    Ok(())
}

pub(super) async fn add(
    tx: &Tx,
    kind: &str,
    version: i32,
    from: Timestamp,
    body: &impl Serialize,
    actor: &str,
) -> Result<()> {
    let row = Model {
        kind: kind.to_owned(),
        version,
        effective_from: from.as_millis(),
        body: to_json(body)?,
        created_by: actor.to_owned(),
        created_at: tx.now().as_millis(),
        cancelled_at: None,
    };
    store::add(tx, row).await
}

/// The number of the next version of one kind of rules.
pub(super) async fn next_version(tx: &Tx, kind: &str) -> Result<i32> {
    let newest = store::newest(tx, kind, None, 1).await?;
    Ok(newest.first().map_or(0, |it| it.version) + 1)
}

/// The version after the current one, if that is what was seen.
fn version_after(current: i32, seen: i32) -> Result<i32> {
    if current == seen {
        Ok(current + 1)
    } else {
        Err(ErrorCode::PreconditionFailed.into())
    }
}

/// The points rules that hold now, with their version.
#[must_use]
pub fn current_policy(rulebook: &Rulebook, now: Timestamp) -> PolicyVersion {
    let found = rulebook.policy_at(now);
    PolicyVersion {
        version: found.version,
        effective_from: found.from,
        policy: found.policy.clone(),
    }
}

/// The ladder with its version.
#[must_use]
pub fn current_ladder(rulebook: &Rulebook, now: Timestamp) -> LadderVersion {
    let found = rulebook.ladder_at(now);
    LadderVersion {
        version: found.version,
        effective_from: found.from,
        ladder: found.ladder.clone(),
    }
}

/// Changes the points rules from now on. What was earned before stays as it was.
///
/// # Errors
/// `request.invalid` for rules that cannot be, `request.precondition_failed` when `seen` is not
/// the current version.
pub async fn set_policy(
    app: &App,
    policy: PointsPolicy,
    seen: i32,
    actor: String,
) -> Result<PolicyVersion> {
    let errors = check_policy(&policy);
    if !errors.is_empty() {
        return Err(AppError::invalid(errors));
    }
    let args = (policy, seen, actor);
    let changed = app.db.write(args, |tx, (policy, seen, actor)| {
        Box::pin(async move {
            let rulebook = load(tx).await?;
            let current = current_policy(&rulebook, tx.now());
            if current.version != *seen {
                return Err(AppError::stale(&current));
            }
            let version = next_version(tx, POINTS).await?;
            add(tx, POINTS, version, tx.now(), policy, actor).await?;
            let detail = serde_json::json!({ "version": version, "policy": policy });
            audit::service::record(tx, actor, "points.policy_changed", "programme", &detail)
                .await?;
            Ok(PolicyVersion {
                version,
                effective_from: tx.now(),
                policy: policy.clone(),
            })
        })
    });
    let changed = changed.await?;
    reload(app).await?;
    Ok(changed)
}

/// Changes the ladder from now on. Nobody goes down before the end of their tier.
///
/// # Errors
/// `request.invalid`, `request.precondition_failed`, `tiers.in_use` when a tier that members hold
/// is missing.
pub async fn set_ladder(
    app: &App,
    ladder: Ladder,
    seen: i32,
    actor: String,
) -> Result<LadderVersion> {
    let errors = check_ladder(&ladder);
    if !errors.is_empty() {
        return Err(AppError::invalid(errors));
    }
    let changed = app
        .db
        .write((ladder, seen, actor), |tx, (ladder, seen, actor)| {
            Box::pin(async move {
                let rulebook = load(tx).await?;
                let current = current_ladder(&rulebook, tx.now());
                if current.version != *seen {
                    return Err(AppError::stale(&current));
                }
                let version = next_version(tx, LADDER).await?;
                tiers::service::check_not_in_use(tx, ladder).await?;
                add(tx, LADDER, version, tx.now(), ladder, actor).await?;
                tiers::service::review_all_from(tx, tx.now()).await?;
                let detail = serde_json::json!({ "version": version, "ladder": ladder });
                audit::service::record(tx, actor, "tiers.ladder_changed", "programme", &detail)
                    .await?;
                Ok(LadderVersion {
                    version,
                    effective_from: tx.now(),
                    ladder: ladder.clone(),
                })
            })
        });
    let changed = changed.await?;
    reload(app).await?;
    Ok(changed)
}

/// Changes what checking in gives, from now on.
///
/// # Errors
/// `request.invalid`, `request.precondition_failed` when `seen` is not the current version.
pub async fn set_check_in_plan(
    app: &App,
    plan: CheckInPlan,
    seen: i32,
    actor: String,
) -> Result<CheckInPlanVersion> {
    let errors = check_plan(&plan);
    if !errors.is_empty() {
        return Err(AppError::invalid(errors));
    }
    let args = (plan, seen, actor);
    let changed = app.db.write(args, |tx, (plan, seen, actor)| {
        Box::pin(async move {
            let version = version_after(load(tx).await?.check_in.version, *seen)?;
            add(tx, CHECK_IN, version, tx.now(), plan, actor).await?;
            let detail = serde_json::json!({ "version": version, "plan": plan });
            audit::service::record(tx, actor, "check_in.plan_changed", "programme", &detail)
                .await?;
            Ok(CheckInPlanVersion {
                version,
                plan: plan.clone(),
            })
        })
    });
    let changed = changed.await?;
    reload(app).await?;
    Ok(changed)
}

/// Changes what may be paid for on which channel, from now on.
///
/// # Errors
/// `request.invalid`, `request.precondition_failed` when `seen` is not the current version.
pub async fn set_share_policy(
    app: &App,
    policy: SharePolicy,
    seen: i32,
    actor: String,
) -> Result<SharePolicyVersion> {
    let mut channels: Vec<_> = policy.channels.iter().map(|it| it.channel).collect();
    channels.sort_unstable();
    channels.dedup();
    if channels.len() != policy.channels.len() {
        return Err(AppError::invalid_field(
            "/channels",
            "duplicate",
            "each channel has one row",
        ));
    }
    let args = (policy.complete(), seen, actor);
    let changed = app.db.write(args, |tx, (policy, seen, actor)| {
        Box::pin(async move {
            let version = version_after(load(tx).await?.share.version, *seen)?;
            add(tx, SHARE, version, tx.now(), policy, actor).await?;
            let detail = serde_json::json!({ "version": version, "policy": policy });
            audit::service::record(tx, actor, "share.policy_changed", "programme", &detail).await?;
            Ok(SharePolicyVersion {
                version,
                policy: policy.clone(),
            })
        })
    });
    let changed = changed.await?;
    reload(app).await?;
    Ok(changed)
}

/// The terms of referrals that hold now.
#[must_use]
pub fn current_referral_terms(rulebook: &Rulebook, now: Timestamp) -> TermsVersion {
    let found = rulebook.referrals_at(now);
    TermsVersion {
        version: found.version,
        effective_from: found.from,
        terms: found.terms.clone(),
    }
}

/// Changes the terms of referrals from now on. Friends who are bound keep the terms they were
/// bound under.
///
/// # Errors
/// `request.invalid` for terms that cannot be or cost too much, `request.precondition_failed`
/// when `seen` is not the current version.
pub async fn set_referral_terms(
    app: &App,
    terms: ReferralTerms,
    seen: i32,
    actor: String,
) -> Result<TermsVersion> {
    let errors = check_terms(&terms);
    if !errors.is_empty() {
        return Err(AppError::invalid(errors));
    }
    let args = (terms, seen, actor);
    let changed = app.db.write(args, |tx, (terms, seen, actor)| {
        Box::pin(async move {
            let current = current_referral_terms(&load(tx).await?, tx.now());
            if current.version != *seen {
                return Err(AppError::stale(&current));
            }
            let version = current.version + 1;
            add(tx, REFERRALS, version, tx.now(), terms, actor).await?;
            let detail = serde_json::json!({ "version": version, "terms": terms });
            audit::service::record(tx, actor, "referrals.terms_changed", "programme", &detail)
                .await?;
            Ok(TermsVersion {
                version,
                effective_from: tx.now(),
                terms: terms.clone(),
            })
        })
    });
    let changed = changed.await?;
    reload(app).await?;
    Ok(changed)
}

/// Changes name, currency, zone, colours or whether sign-up is open, if the programme is still what
/// `seen` was. The currency can change only while no money has moved.
///
/// # Errors
/// `request.invalid` for a zone that does not exist, a currency that is in use or colours that
/// cannot be read; `request.precondition_failed`.
pub async fn set_programme(
    app: &App,
    programme: Programme,
    seen: Programme,
    actor: String,
) -> Result<Programme> {
    let errors = check_programme(&programme);
    if !errors.is_empty() {
        return Err(AppError::invalid(errors));
    }
    let args = (programme, seen, actor);
    let changed = app.db.write(args, |tx, (programme, seen, actor)| {
        Box::pin(async move {
            let current = load(tx).await?.programme;
            if current != *seen {
                return Err(AppError::stale(&current));
            }
            if current.currency != programme.currency && has_money_moved(tx).await? {
                return Err(AppError::invalid_field(
                    "/currency",
                    "in_use",
                    "orders or store credit exist in the old currency",
                ));
            }
            let version = next_version(tx, PROGRAMME).await?;
            add(tx, PROGRAMME, version, tx.now(), programme, actor).await?;
            let detail = serde_json::json!({ "version": version, "programme": programme });
            audit::service::record(tx, actor, "programme.changed", "programme", &detail).await?;
            Ok(programme.clone())
        })
    });
    let changed = changed.await?;
    reload(app).await?;
    Ok(changed)
}

/// Whether anything is kept in the programme's currency.
async fn has_money_moved(tx: &Tx) -> Result<bool> {
    Ok(crate::orders::service::any(tx).await? || crate::points::views::any_credit(tx).await?)
}

fn check_programme(programme: &Programme) -> Vec<FieldError> {
    let mut errors = Vec::new();
    if let Err(unknown) = shared::time::zone(&programme.time_zone) {
        errors.push(FieldError::new(
            "/time_zone",
            "invalid",
            unknown.to_string(),
        ));
    }
    for (language, name) in [("zh-CN", &programme.name.zh_cn), ("en", &programme.name.en)] {
        if !(1..=40).contains(&name.trim().chars().count()) {
            errors.push(FieldError::new(
                format!("/name/{language}"),
                "out_of_range",
                "expected 1 to 40 characters",
            ));
        }
    }
    errors.extend(check_brand(&programme.brand));
    errors
}
