//! Use cases of tiers.

mod standings;

pub use standings::Standings;

use super::store::{self, change, state};
use crate::App;
use crate::db::Tx;
use crate::db::text::DbText;
use crate::error::{AppError, Result};
use crate::members;
use crate::members::service::{ExportWriter, Move};
use crate::programme::Rulebook;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::Query;
use sea_orm::{Condition, ConnectionTrait, ExprTrait};
use shared::ids::{MemberId, TierChangeId};
use shared::members::api::Member;
use shared::points::SourceKind;
use shared::points::api::Explanation;
use shared::problem::ErrorCode;
use shared::text::Text;
use shared::tiers::api::{
    LadderImpact, MemberSample, Standing, TierChange, TierCount, TierMove, TierOverview,
};
use shared::tiers::explain::{explain_standing, explain_transition};
use shared::tiers::rules::{self, Growth, LadderAt, TierFacts, benefit_matrix};
use shared::tiers::{ChangeCause, Ladder};
use shared::time::Timestamp;
use std::collections::{BTreeMap, HashMap};

/// Most rows of a member's tier history that are shown.
const HISTORY: u64 = 100;
/// Members of a group that an impact preview names.
const SAMPLES: usize = 5;
/// Members of one step of an impact preview.
const PREVIEW_STEP: u64 = 500;

/// Where a member stands, and when time next changes it.
pub struct StandingNow {
    /// Where the member stands.
    pub standing: Standing,
    /// When time next changes it.
    pub next_due: Option<Timestamp>,
}

/// Where a member stands now, with what time has done since the last write.
///
/// # Errors
/// When the database fails.
pub async fn standing_of(app: &App, member: &Member) -> Result<StandingNow> {
    let rulebook = app.rulebook();
    let zone = rulebook.zone_of(&member.time_zone);
    let growth = to_growth(&store::growth_of(app.db.read(), &[member.id]).await?);
    let facts = TierFacts {
        joined_at: member.joined_at,
        growth: &growth,
        ladders: &rulebook.ladders,
        zone: &zone,
    };
    let now = app.db.now();
    let (tier, _) = rules::replay(facts, now);
    let next_due = rules::next_due(&tier, rulebook.ladder_at(now).ladder.warn_days);
    Ok(StandingNow {
        standing: rules::standing(facts, &tier, now),
        next_due,
    })
}

fn to_growth(rows: &[store::growth::Model]) -> Vec<Growth> {
    rows.iter()
        .map(|it| Growth {
            at: Timestamp::from_millis(it.counted_at),
            amount: it.amount,
        })
        .collect()
}

/// A member's tier page.
///
/// # Errors
/// `members.not_found`.
pub async fn overview(app: &App, member: MemberId) -> Result<TierOverview> {
    let record = members::service::get(app.db.read(), member).await?;
    let standing = standing_of(app, &record).await?.standing;
    let rulebook = app.rulebook();
    let ladder = &rulebook.ladder_at(app.db.now()).ladder;
    let rows = store::changes_until(app.db.read(), member, None, HISTORY).await?;
    let history = rows
        .iter()
        .map(|it| to_change(it, &rulebook))
        .collect::<Result<_>>()?;
    Ok(TierOverview {
        standing,
        tiers: ladder.tiers.clone(),
        matrix: benefit_matrix(ladder),
        history,
    })
}

/// Changes of a member's tier up to and with an instant, newest first.
///
/// # Errors
/// When the database fails.
pub async fn changes_until(
    app: &App,
    member: MemberId,
    to: Option<Timestamp>,
    limit: u64,
) -> Result<Vec<TierChange>> {
    let rows = store::changes_until(app.db.read(), member, to, limit).await?;
    let rulebook = app.rulebook();
    rows.iter().map(|it| to_change(it, &rulebook)).collect()
}

fn to_change(row: &change::Model, rulebook: &Rulebook) -> Result<TierChange> {
    let cause = ChangeCause::from_db(&row.cause)?;
    let name = |code: &str| tier_name(&rulebook.ladders, row.ladder_version, code);
    let from = row.from_code.as_deref().map(name);
    let to = name(&row.to_code);
    Ok(TierChange {
        id: TierChangeId::from(row.id),
        from_code: row.from_code.clone(),
        to_code: row.to_code.clone(),
        cause,
        growth_value: row.growth_value,
        threshold: row.threshold,
        ladder_version: row.ladder_version,
        explanation: explain_transition(cause, from.as_ref(), &to, row.growth_value, row.threshold),
        at: Timestamp::from_millis(row.at),
    })
}

/// What a tier was called in a version of the ladder.
fn tier_name(ladders: &[LadderAt], version: i32, code: &str) -> Text {
    let own = ladders.iter().find(|it| it.version == version);
    let found = own
        .into_iter()
        .chain(ladders.iter().rev())
        .flat_map(|it| &it.ladder.tiers);
    let found = found.into_iter().find(|it| it.code == code);
    found.map_or_else(|| Text::new(code, code), |it| it.name.clone())
}

/// Why a member's tier is what it is.
///
/// # Errors
/// `members.not_found`.
pub async fn explain(app: &App, member: MemberId) -> Result<Explanation> {
    let record = members::service::get(app.db.read(), member).await?;
    let standing = standing_of(app, &record).await?.standing;
    Ok(explain_standing(
        &standing,
        app.rulebook().ladder_at(app.db.now()).version,
    ))
}

/// A tier's code and name.
#[derive(Debug, Clone)]
pub struct TierLabel {
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: Text,
}

impl Default for TierLabel {
    fn default() -> Self {
        Self {
            code: String::new(),
            name: Text::new("", ""),
        }
    }
}

/// Codes of the tiers of those members who were ever reviewed, as of the last review. Others are
/// in the lowest.
///
/// # Errors
/// When the database fails.
pub async fn codes_of(
    db: &impl ConnectionTrait,
    members: &[MemberId],
) -> Result<HashMap<MemberId, String>> {
    let rows = store::states_of(db, members).await?.into_iter();
    Ok(rows.map(|it| (it.member_id.into(), it.code)).collect())
}

/// Tiers of many members, as of the last review.
///
/// # Errors
/// When the database fails.
pub async fn tiers_of(app: &App, members: &[MemberId]) -> Result<HashMap<MemberId, TierLabel>> {
    let rulebook = app.rulebook();
    let ladder = rulebook.ladder_at(app.db.now());
    let label = |code: &str| TierLabel {
        code: code.to_owned(),
        name: tier_name(&rulebook.ladders, ladder.version, code),
    };
    let lowest = ladder
        .ladder
        .tiers
        .first()
        .map(|it| label(&it.code))
        .unwrap_or_default();
    let mut labels: HashMap<MemberId, TierLabel> =
        members.iter().map(|it| (*it, lowest.clone())).collect();
    for row in store::states_of(app.db.read(), members).await? {
        labels.insert(row.member_id.into(), label(&row.code));
    }
    Ok(labels)
}

/// A condition on members that holds for those in a tier.
#[must_use]
pub fn in_tier(rulebook: &Rulebook, now: Timestamp, code: &str) -> Condition {
    let ids = |query: &mut sea_orm::sea_query::SelectStatement| {
        query.column(state::Column::MemberId).from(state::Entity);
        query.to_owned()
    };
    let member = members::id_column();
    let lowest = rulebook.ladder_at(now).ladder.rank(code) == 0;
    if lowest {
        let higher = ids(Query::select().and_where(state::Column::Code.ne(code)));
        Condition::all().add(member.not_in_subquery(higher))
    } else {
        let same = ids(Query::select().and_where(state::Column::Code.eq(code)));
        Condition::all().add(member.in_subquery(same))
    }
}

/// Reviews tiers of up to `limit` members, each dated when it was due. Answers how many were due.
///
/// # Errors
/// When the database fails.
pub async fn review_due(tx: &Tx, app: &App, limit: u64) -> Result<usize> {
    let mut due = store::members_due(tx, tx.now(), limit).await?;
    let rows = due.len();
    due.sort_unstable();
    if due.is_empty() {
        return Ok(0);
    }
    let members = members::service::lock(tx, &due).await?;
    let mut standings = Standings::load(tx, app.rulebook(), &members).await?;
    standings.review_all(tx.now(), &mut tx.ids());
    standings.save(tx).await?;
    Ok(rows)
}

/// Makes every member's tier due at `at` at the latest, because the ladder changes then.
///
/// # Errors
/// When the database fails.
pub async fn review_all_from(tx: &Tx, at: Timestamp) -> Result<()> {
    store::all_due_at(tx, at).await
}

/// Refuses a ladder that lacks a tier which members hold.
///
/// # Errors
/// `tiers.in_use` with the tier's code.
pub async fn check_not_in_use(tx: &Tx, ladder: &Ladder) -> Result<()> {
    let held = store::codes_held(tx).await?;
    match held
        .into_iter()
        .find(|code| ladder.tiers.iter().all(|it| it.code != *code))
    {
        Some(code) => Err(AppError::refused(ErrorCode::TierInUse, code)),
        None => Ok(()),
    }
}

/// How many members a ladder would move, without anything being kept.
///
/// # Errors
/// `request.invalid` for a ladder that cannot be.
pub async fn impact(app: &App, ladder: Ladder) -> Result<LadderImpact> {
    let errors = rules::check_ladder(&ladder);
    if !errors.is_empty() {
        return Err(AppError::invalid(errors));
    }
    let rulebook = app.rulebook();
    let now = app.db.now();
    let mut edited = rulebook.ladders.clone();
    let version = edited.iter().map(|it| it.version).max().unwrap_or(0) + 1;
    // Versions that begin later stay after it.
    let place = edited.partition_point(|it| it.from <= now);
    edited.insert(
        place,
        LadderAt {
            version,
            from: now,
            ladder: ladder.clone(),
        },
    );
    let mut tally = Tally::default();
    let mut after = None;
    loop {
        let members = members::service::facts_after(app.db.read(), after, PREVIEW_STEP).await?;
        let Some(last) = members.last() else { break };
        after = Some(last.id);
        let ids: Vec<MemberId> = members.iter().map(|it| it.id).collect();
        let mut growth: HashMap<Uuid, Vec<Growth>> = HashMap::new();
        for row in store::growth_of(app.db.read(), &ids).await? {
            let at = Timestamp::from_millis(row.counted_at);
            growth.entry(row.member_id).or_default().push(Growth {
                at,
                amount: row.amount,
            });
        }
        for member in members {
            let rows = growth.remove(&member.id.uuid()).unwrap_or_default();
            let facts = |ladders| TierFacts {
                joined_at: member.joined_at,
                growth: &rows,
                ladders,
                zone: &member.zone,
            };
            tally.add(member.id, facts(&rulebook.ladders), facts(&edited), now);
        }
    }
    let mut impact = tally.impact(&ladder, &rulebook.ladder_at(now).ladder);
    let samples = impact.moves.iter().flat_map(|it| &it.samples);
    let samples: Vec<MemberId> = samples.map(|it| it.member_id).collect();
    let names = members::service::names_of(app.db.read(), &samples).await?;
    for sample in impact.moves.iter_mut().flat_map(|it| &mut it.samples) {
        sample.name = names.get(&sample.member_id).cloned();
    }
    Ok(impact)
}

/// Counts of an impact preview.
#[derive(Default)]
struct Tally {
    members: u64,
    up: u64,
    at_risk: u64,
    down: u64,
    now: HashMap<String, u64>,
    after: HashMap<String, u64>,
    moves: BTreeMap<(String, String), (u64, Vec<MemberSample>)>,
}

impl Tally {
    fn add(&mut self, member: MemberId, now: TierFacts<'_>, after: TierFacts<'_>, at: Timestamp) {
        let (old, _) = rules::replay(now, at);
        let (new, _) = rules::replay(after, at);
        let standing = rules::standing(after, &new, at);
        let ladder = &rules::ladder_at(after.ladders, at).ladder;
        self.members += 1;
        let was = rules::ladder_at(now.ladders, at).ladder.rank(&old.code);
        let before = if ladder.tiers.iter().any(|it| it.code == old.code) {
            ladder.rank(&old.code)
        } else {
            was
        };
        let is = ladder.rank(&new.code);
        self.up += u64::from(is > before);
        self.down += u64::from(is < before);
        self.at_risk += u64::from(standing.keep.as_ref().is_some_and(|it| it.gap > 0));
        if new.code != old.code {
            let key = (old.code.clone(), new.code.clone());
            let (count, samples) = self.moves.entry(key).or_default();
            *count += 1;
            if samples.len() < SAMPLES {
                samples.push(MemberSample {
                    member_id: member,
                    name: None,
                    growth_value: standing.growth_value,
                });
            }
        }
        *self.now.entry(old.code).or_default() += 1;
        *self.after.entry(new.code).or_default() += 1;
    }

    fn impact(self, new: &Ladder, old: &Ladder) -> LadderImpact {
        let mut codes: Vec<String> = new.tiers.iter().map(|it| it.code.clone()).collect();
        codes.extend(
            old.tiers
                .iter()
                .map(|it| it.code.clone())
                .filter(|it| new.tiers.iter().all(|tier| tier.code != *it)),
        );
        let count =
            |counts: &HashMap<String, u64>, code: &str| counts.get(code).copied().unwrap_or(0);
        let row = |code: String| TierCount {
            now: count(&self.now, &code),
            after: count(&self.after, &code),
            code,
        };
        let tiers = codes.into_iter().map(row).collect();
        let named = |((from, to), (members, samples))| TierMove {
            from,
            to,
            members,
            samples,
        };
        let mut moves: Vec<TierMove> = self.moves.into_iter().map(named).collect();
        moves.sort_by_key(|it| std::cmp::Reverse(it.members));
        LadderImpact {
            members: self.members,
            up: self.up,
            down: self.down,
            at_risk: self.at_risk,
            tiers,
            moves,
        }
    }
}

/// Hands growth value over with a merge of members, or back: for each moment one row takes it from
/// the one and another gives it to the other. The tiers of both are worked out again.
///
/// # Errors
/// When the database fails.
pub async fn hand_over(tx: &Tx, app: &App, it: &mut Move) -> Result<()> {
    let (giver, taker) = (it.giver(), it.taker());
    let mut by_time: BTreeMap<i64, i64> = BTreeMap::new();
    let undone = it.undone_reference().map(|it| format!("{it}:"));
    for row in store::growth_of(tx, &[giver]).await? {
        let goes = undone.as_ref().is_none_or(|it| {
            row.source_kind == SourceKind::Merge.to_db() && row.source_ref.starts_with(it)
        });
        if goes {
            *by_time.entry(row.counted_at).or_default() += row.amount;
        }
    }
    let members = members::service::lock(tx, &[giver, taker]).await?;
    let mut standings = Standings::load(tx, app.rulebook(), &members).await?;
    let (mut total, mut ids) = (0, tx.ids());
    for (n, (at, amount)) in by_time.into_iter().filter(|it| it.1 != 0).enumerate() {
        let reference = format!("{}:{n}", it.reference());
        let source = (SourceKind::Merge, reference.as_str());
        let at = Timestamp::from_millis(at);
        standings.grow(giver, -amount, source, at, tx.now(), &mut ids);
        standings.grow(taker, amount, source, at, tx.now(), &mut ids);
        total += amount;
    }
    it.moved_growth(total);
    standings.correct_because(ChangeCause::Merged);
    standings.review_all(tx.now(), &mut ids);
    standings.save(tx).await
}

/// Name of a member's stored tier; of the lowest when none is stored.
///
/// # Errors
/// When the database fails.
pub async fn stored_name(tx: &Tx, app: &App, member: MemberId) -> Result<Text> {
    let stored = stored_code(tx, member).await?;
    let rulebook = app.rulebook();
    let now = rulebook.ladder_at(tx.now());
    let lowest = now.ladder.tiers.first().map(|it| it.code.clone());
    let code = stored.or(lowest).unwrap_or_default();
    Ok(tier_name(&rulebook.ladders, now.version, &code))
}

/// The tier with its history, for an export.
///
/// # Errors
/// When the database fails, or nobody reads any more.
pub async fn export(app: &App, member: MemberId, to: &mut ExportWriter) -> Result<()> {
    let overview = overview(app, member).await?;
    to.value("tier", &overview.standing).await?;
    to.value("tier_changes", &overview.history).await
}

/// Code of a member's stored tier.
///
/// # Errors
/// When the database fails.
pub async fn stored_code(db: &impl ConnectionTrait, member: MemberId) -> Result<Option<String>> {
    Ok(store::states_of(db, &[member])
        .await?
        .pop()
        .map(|it| it.code))
}

/// What the growth record says about orders and refunds, by the record's reference.
#[derive(Debug, Default)]
pub struct GrowthRecord {
    /// Growth value that an order brought, by the shop's order id.
    pub earned: HashMap<String, i64>,
    /// Growth value that a refund took back (below zero), by the event's id.
    pub returned: HashMap<String, i64>,
}

/// The growth record of members and of everyone merged with them, for comparing it with their
/// orders.
///
/// # Errors
/// When the database fails.
pub async fn growth_record(
    db: &impl ConnectionTrait,
    members: &[MemberId],
) -> Result<GrowthRecord> {
    let mut record = GrowthRecord::default();
    let families = members::service::families(db, members).await?;
    let members: Vec<MemberId> = families.into_keys().collect();
    for row in store::growth_of(db, &members).await? {
        let part = match row.source_kind.as_str() {
            "order" => &mut record.earned,
            "merge" => continue,
            _ => &mut record.returned,
        };
        *part.entry(row.source_ref).or_default() += row.amount;
    }
    Ok(record)
}
