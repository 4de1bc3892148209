//! Rewarding: by asking for it, or by itself when the goal is reached; and taking it back.

use super::catalogue::{Catalogue, Listed, catalogue};
use super::days::days_of;
use crate::App;
use crate::db::Tx;
use crate::error::{AppError, Result};
use crate::members;
use crate::members::service::MemberFacts;
use crate::outbox::service::tell;
use crate::points::service::Books;
use crate::rewards::service::{self as rewards, Purse, Source};
use crate::tasks::store::{self, PartKey, claim, join};
use crate::tiers::service::Standings;
use jiff::tz::TimeZone;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveValue::Set, EntityTrait, entity::prelude::*};
use shared::ids::{MemberId, TaskClaimId, TaskId};
use shared::members::audience::Outside;
use shared::points::SourceKind;
use shared::problem::ErrorCode;
use shared::tasks::api::ClaimReceipt;
use shared::tasks::days::LocalDays;
use shared::tasks::rules::{self, MemberPart, Refusal};
use shared::tasks::{ClaimMode, JoinMode, Target};
use shared::time::Timestamp;
use shared::webhooks::events::{Event, TaskDone};
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

/// Balances and tiers of one member, loaded for a write that only gives.
pub(super) struct Hands {
    books: Books,
    standings: Standings,
}

impl Hands {
    /// Loads them.
    pub(super) async fn load(tx: &Tx, app: &App, member: &MemberFacts) -> Result<Self> {
        let members = std::slice::from_ref(member);
        Ok(Self {
            books: Books::load_for_credit(tx, member.id).await?,
            standings: Standings::load(tx, app.rulebook(), members).await?,
        })
    }

    /// Where rewards go.
    pub(super) fn purse<'a>(&'a mut self, rulebook: &'a crate::programme::Rulebook) -> Purse<'a> {
        Purse {
            rulebook,
            books: &mut self.books,
            standings: &mut self.standings,
        }
    }

    /// Writes what changed.
    pub(super) async fn save(mut self, tx: &Tx, actor: &str) -> Result<()> {
        self.standings.review_grown(tx.now(), &mut tx.ids());
        self.books.save(tx, actor).await?;
        self.standings.save(tx).await
    }
}

/// What is known of members and tasks while rewards are worked out.
pub(super) struct Facts {
    /// The tasks.
    pub(super) catalogue: Arc<Catalogue>,
    days: HashMap<MemberId, LocalDays>,
    progress: HashMap<PartKey, i64>,
    claims: HashMap<PartKey, Vec<claim::Model>>,
    joins: HashMap<(TaskId, MemberId), i64>,
    granted: HashMap<TaskId, u32>,
    tags: HashMap<MemberId, Vec<String>>,
}

impl Facts {
    /// Loads what concerns `parts`.
    pub(super) async fn load(
        tx: &Tx,
        catalogue: Arc<Catalogue>,
        members: &[(MemberId, TimeZone)],
        parts: &BTreeSet<PartKey>,
    ) -> Result<Self> {
        let ids: BTreeSet<MemberId> = parts.iter().map(|it| it.1).collect();
        let ids: Vec<MemberId> = ids.into_iter().collect();
        let tasks: BTreeSet<TaskId> = parts.iter().map(|it| it.0).collect();
        let tasks: Vec<TaskId> = tasks.into_iter().collect();
        let periods: BTreeSet<String> = parts.iter().map(|it| it.2.clone()).collect();
        let periods: Vec<String> = periods.into_iter().collect();
        let listed = || tasks.iter().filter_map(|it| catalogue.get(*it));
        let opt_in: Vec<TaskId> = listed()
            .filter(|it| it.definition.join == JoinMode::OptIn)
            .map(|it| it.id)
            .collect();
        let by_tag = listed().any(|it| !it.definition.audience.tags.is_empty());
        let mut claims: HashMap<PartKey, Vec<claim::Model>> = HashMap::new();
        for row in store::claims(tx, &ids, &tasks, &periods).await? {
            let key = (row.task_id.into(), row.member_id.into(), row.period.clone());
            claims.entry(key).or_default().push(row);
        }
        Ok(Self {
            days: days_of(tx, members).await?,
            progress: store::progress(tx, &ids, &tasks, &periods).await?,
            claims,
            joins: store::joins(tx, &ids, &opt_in).await?,
            granted: store::granted(tx, &tasks).await?,
            tags: if by_tag {
                store::tags(tx, &ids).await?
            } else {
                HashMap::new()
            },
            catalogue,
        })
    }

    fn standing(&self, key: &PartKey) -> Vec<&claim::Model> {
        let rows = self.claims.get(key).into_iter().flatten();
        rows.filter(|it| it.taken_back_at.is_none()).collect()
    }

    /// Whether the next reward is due, and which one it is.
    fn due(
        &self,
        listed: &Listed,
        key: &PartKey,
        tier: &str,
        now: Timestamp,
    ) -> Result<u16, Refusal> {
        let Some(days) = self.days.get(&key.1) else {
            return Err(Refusal::NotForYou);
        };
        let tags = self.tags.get(&key.1).map_or(&[][..], Vec::as_slice);
        let part = MemberPart {
            progress: self.progress.get(key).copied().unwrap_or(0),
            claimed: u16::try_from(self.standing(key).len()).unwrap_or(u16::MAX),
            joined: self.joins.contains_key(&(key.0, key.1)),
            outside: listed.definition.audience.excludes(tier, tags),
            period_ends_at: rules::period_end(&key.2, days),
            days,
        };
        let granted = self.granted.get(&key.0).copied().unwrap_or(0);
        rules::claim(listed.now(granted), part, now)
    }
}

/// Works out the rewards of tasks after what counts has changed: takes back what is no longer
/// earned, and gives what comes by itself.
pub(super) async fn settle(
    tx: &Tx,
    facts: &mut Facts,
    purse: &mut Purse<'_>,
    parts: &BTreeSet<PartKey>,
) -> Result<()> {
    let catalogue = facts.catalogue.clone();
    for key in parts {
        let Some(listed) = catalogue.get(key.0) else {
            continue;
        };
        take_back_lost(tx, facts, purse, key).await?;
        if listed.definition.claim != ClaimMode::Automatic {
            continue;
        }
        let Some(tier) = purse
            .standings
            .tier_at(key.1, tx.now())
            .map(|it| it.code.clone())
        else {
            continue;
        };
        while let Ok(nth) = facts.due(listed, key, &tier, tx.now()) {
            if give(tx, facts, purse, listed, key, nth).await?.is_none() {
                break;
            }
        }
    }
    Ok(())
}

async fn take_back_lost(
    tx: &Tx,
    facts: &mut Facts,
    purse: &mut Purse<'_>,
    key: &PartKey,
) -> Result<()> {
    let progress = facts.progress.get(key).copied().unwrap_or(0);
    let standing: Vec<(u16, i64)> = facts
        .standing(key)
        .iter()
        .map(|it| (u16::try_from(it.nth).unwrap_or(u16::MAX), it.goal))
        .collect();
    for nth in rules::no_longer_earned(progress, &standing) {
        let rows = facts.claims.get_mut(key).into_iter().flatten();
        let lost = rows
            .into_iter()
            .find(|it| it.nth == i32::from(nth) && it.taken_back_at.is_none());
        let Some(row) = lost else { continue };
        row.taken_back_at = Some(tx.now().as_millis());
        let id = TaskClaimId::from(row.id).to_string();
        claim::Entity::update_many()
            .col_expr(
                claim::Column::TakenBackAt,
                Expr::value(tx.now().as_millis()),
            )
            .filter(claim::Column::Id.eq(row.id))
            .exec(tx)
            .await?;
        store::free_slot(tx, key.0).await?;
        if let Some(granted) = facts.granted.get_mut(&key.0) {
            *granted = granted.saturating_sub(1);
        }
        let source = Source {
            kind: SourceKind::Task,
            reference: &id,
            all_or_nothing: false,
        };
        rewards::take_back(tx, purse, key.1, source).await?;
    }
    Ok(())
}

/// Rewards a member for the `nth` time. `None` when the last reward of the task has just gone, or
/// the task was paused.
async fn give(
    tx: &Tx,
    facts: &mut Facts,
    purse: &mut Purse<'_>,
    listed: &Listed,
    key: &PartKey,
    nth: u16,
) -> Result<Option<TaskClaimId>> {
    if !store::take_slot(tx, key.0, listed.definition.quota.total).await? {
        return Ok(None);
    }
    let id = TaskClaimId::generate(&mut tx.ids());
    let nth = i32::from(nth);
    let rows = facts.claims.entry(key.clone()).or_default();
    let rounds = rows.iter().filter(|it| it.nth == nth).map(|it| it.round);
    let row = claim::Model {
        id: id.uuid(),
        member_id: key.1.uuid(),
        task_id: key.0.uuid(),
        period: key.2.clone(),
        nth,
        round: rounds.max().unwrap_or(0) + 1,
        goal: listed.definition.target.goal(),
        version: listed.version,
        claimed_at: tx.now().as_millis(),
        taken_back_at: None,
    };
    let active = claim::ActiveModel::from(row.clone()).reset_all();
    claim::Entity::insert(active)
        .exec_without_returning(tx)
        .await?;
    rows.push(row);
    *facts.granted.entry(key.0).or_default() += 1;
    let reference = id.to_string();
    let by_member = listed.definition.claim == ClaimMode::ByMember;
    let source = Source {
        kind: SourceKind::Task,
        reference: &reference,
        all_or_nothing: by_member,
    };
    rewards::give(tx, purse, key.1, &listed.definition.rewards, source).await?;
    let done = TaskDone {
        member_id: key.1,
        task_id: key.0,
        claim_id: id,
    };
    tell(tx, Some(key.1), Event::TaskRewarded(done)).await?;
    Ok(Some(id))
}

/// The period that a member asks a reward for: the one that is named, or the oldest in which one
/// is due.
fn candidates(
    listed: &Listed,
    period: Option<&str>,
    days: &LocalDays,
    now: Timestamp,
) -> Vec<String> {
    let today = days.day_at(now);
    let present = rules::period_of(listed.definition.period, today);
    let last_month = today.first_of_month().yesterday().unwrap_or(today);
    let before = rules::period_of(listed.definition.period, last_month);
    match period {
        Some(named) => vec![named.to_owned()],
        None if before == present => vec![present],
        None => vec![before, present],
    }
}

/// Gives the reward that a member asks for.
///
/// # Errors
/// `tasks.not_found`, and why nothing is due.
pub async fn claim(
    tx: &Tx,
    app: &App,
    member: MemberId,
    task: TaskId,
    period: Option<&str>,
) -> Result<TaskClaimId> {
    let member = members::service::lock_active(tx, member).await?;
    let tasks = catalogue(tx, app).await?;
    let listed = tasks.get(task).ok_or(ErrorCode::TaskNotFound)?;
    let zones = [(member.id, member.zone.clone())];
    let days = days_of(tx, &zones).await?.remove(&member.id);
    let days = days.unwrap_or_else(|| LocalDays::of(member.zone.clone()));
    let periods = candidates(listed, period, &days, tx.now());
    let parts: BTreeSet<PartKey> = periods
        .into_iter()
        .map(|it| (task, member.id, it))
        .collect();
    let mut facts = Facts::load(tx, tasks.clone(), &zones, &parts).await?;
    if listed.definition.target == Target::ProfileCompleted
        && members::service::is_complete(&members::service::get(tx, member.id).await?)
    {
        facts
            .progress
            .extend(parts.iter().map(|it| (it.clone(), 1)));
    }
    let rulebook = app.rulebook();
    let mut hands = Hands::load(tx, app, &member).await?;
    let tier = hands
        .standings
        .tier_at(member.id, tx.now())
        .map(|it| it.code.clone());
    let tier = tier.unwrap_or_default();
    let mut refused = AppError::from(ErrorCode::TaskNotCompleted);
    for key in &parts {
        match facts.due(listed, key, &tier, tx.now()) {
            Ok(nth) => {
                let mut purse = hands.purse(&rulebook);
                let given = give(tx, &mut facts, &mut purse, listed, key, nth).await?;
                let given = given.ok_or(ErrorCode::TaskQuotaUsedUp)?;
                hands.save(tx, &member.id.to_string()).await?;
                return Ok(given);
            }
            Err(refusal) => refused = refusal_of(refusal),
        }
    }
    Err(refused)
}

/// Gives the reward that a member asks for, and answers with what it was and the task after it.
///
/// # Errors
/// As [`claim`].
pub async fn claim_with_receipt(
    tx: &Tx,
    app: &App,
    member: MemberId,
    task: TaskId,
    period: Option<&str>,
) -> Result<ClaimReceipt> {
    let id = claim(tx, app, member, task, period).await?;
    let claim = super::board::claim_view(tx, app, id).await?;
    let period = Some(claim.period.as_str());
    let task = super::board::member_task(tx, app, member, task, period, tx.now()).await?;
    let facts = members::service::facts_of(tx, member).await?;
    let today = super::days::days_of_one(tx, &facts).await?.day_at(tx.now());
    Ok(ClaimReceipt {
        claim,
        task,
        today: today.into(),
    })
}

fn refusal_of(refusal: Refusal) -> AppError {
    match refusal {
        Refusal::NotCompleted { missing } => AppError::refused(refusal.code(), missing.to_string()),
        _ => refusal.code().into(),
    }
}

/// Lets a member take part in a task from now on. Joining again changes nothing.
///
/// # Errors
/// `tasks.not_found`, and why the member cannot.
pub async fn join(tx: &Tx, app: &App, member: MemberId, task: TaskId) -> Result<()> {
    let member = members::service::lock_active(tx, member).await?;
    let tasks = catalogue(tx, app).await?;
    let listed = tasks.get(task).ok_or(ErrorCode::TaskNotFound)?;
    let parts = BTreeSet::from([(task, member.id, String::new())]);
    let zones = [(member.id, member.zone.clone())];
    let facts = Facts::load(tx, tasks.clone(), &zones, &parts).await?;
    let standings = Standings::load(tx, app.rulebook(), std::slice::from_ref(&member)).await?;
    let tier = standings
        .tier_at(member.id, tx.now())
        .map_or("", |it| it.code.as_str());
    let key = (task, member.id, String::new());
    if let Err(refused) = facts.due(listed, &key, tier, tx.now())
        && !matches!(refused, Refusal::NotJoined | Refusal::NotCompleted { .. })
    {
        return Err(refused.code().into());
    }
    let row = join::ActiveModel {
        task_id: Set(task.uuid()),
        member_id: Set(member.id.uuid()),
        joined_at: Set(tx.now().as_millis()),
    };
    let again = OnConflict::columns([join::Column::TaskId, join::Column::MemberId])
        .do_nothing()
        .to_owned();
    join::Entity::insert(row)
        .on_conflict(again)
        .exec_without_returning(tx)
        .await?;
    tx.touch(member.id);
    Ok(())
}

/// Whether the member has been left out of a task, and why.
#[must_use]
pub(super) fn outside(listed: &Listed, tier: &str, tags: &[String]) -> Option<Outside> {
    listed.definition.audience.excludes(tier, tags)
}
