//! Giving coupons to members, by every way there is.

use super::templates::{load_terms, lock_template};
use crate::App;
use crate::audit;
use crate::coupons::store::{coupon, template};
use crate::coupons::use_store;
use crate::db::Tx;
use crate::db::text::DbText;
use crate::error::{AppError, Result};
use crate::members::{self, service::MemberFacts};
use crate::{outbox, tasks, tiers};
use sea_orm::entity::prelude::*;
use sea_orm::{ExprTrait, PaginatorTrait, QuerySelect};
use shared::coupons::api::{GrantCoupons, Granted, PublishCoupon};
use shared::coupons::codes::{self, CODE_SPACE};
use shared::coupons::rules::{IssueFacts, can_give, can_take};
use shared::coupons::terms::window;
use shared::coupons::{CouponSource, CouponSourceKind, CouponTerms, TemplateState};
use shared::ids::{CouponId, CouponTemplateId, MemberId};
use shared::members::audience::Groups;
use shared::orders::rules::is_reference;
use shared::problem::ErrorCode;
use shared::time::Timestamp;
use shared::webhooks::events::{CouponMoved, Event};
use std::collections::HashSet;

/// Most members of one grant.
pub const MAX_GRANT: usize = 500;
/// Most rows of one INSERT.
const CHUNK: usize = 500;

/// Gives a member a coupon because of `source`. The same source again gives the same coupon, so a
/// caller may retry; a reward is judged by the template's total, not by the limits of claiming.
///
/// # Errors
/// `members.not_found`, `coupons.template_not_found`, `coupons.template_not_active`,
/// `coupons.over`, `coupons.all_issued`, `coupons.source_taken` when another member got it.
pub async fn publish(
    tx: &Tx,
    template: CouponTemplateId,
    member: MemberId,
    source: &CouponSource,
    now: Timestamp,
) -> Result<CouponId> {
    publish_until(tx, template, member, source, (now, None)).await
}

/// As [`publish`], with a last instant of its own instead of the template's when there is one.
///
/// # Errors
/// As [`publish`].
pub async fn publish_until(
    tx: &Tx,
    template: CouponTemplateId,
    member: MemberId,
    source: &CouponSource,
    (now, until): (Timestamp, Option<Timestamp>),
) -> Result<CouponId> {
    let facts = members::service::lock_existing(tx, member).await?;
    if let Some(known) = by_source(tx, template, source).await? {
        return if known.member_id == member.uuid() {
            Ok(known.id.into())
        } else {
            Err(ErrorCode::CouponSourceTaken.into())
        };
    }
    let issuing = Issuing::begin(tx, template, now).await?;
    let (_, by_template) = window(issuing.terms.validity, now, &facts.zone);
    let expires_at = until.unwrap_or(by_template);
    can_give(issuing.facts(0, expires_at)).map_err(|it| AppError::from(it.code()))?;
    let new = New {
        member: facts,
        source: source.clone(),
        member_slot: None,
        code: None,
        until,
    };
    first(issuing.issue(tx, vec![new]).await?)
}

fn first(ids: Vec<CouponId>) -> Result<CouponId> {
    ids.into_iter()
        .next()
        .ok_or_else(|| AppError::internal("nothing was issued"))
}

/// Takes the coupons of `source` back, except those that were used. Answers how many.
///
/// # Errors
/// When the database fails.
pub async fn take_back(tx: &Tx, source: &CouponSource, now: Timestamp) -> Result<u64> {
    use coupon::Column;
    let of_source = || {
        coupon::Entity::find()
            .filter(Column::SourceKind.eq(source.kind.to_db()))
            .filter(Column::SourceRef.eq(source.reference.as_str()))
            .filter(Column::Used.eq(0))
            .filter(Column::RevokedAt.is_null())
    };
    let rows = of_source().lock_exclusive().all(tx).await?;
    if rows.is_empty() {
        return Ok(0);
    }
    let changed = coupon::Entity::update_many()
        .col_expr(Column::RevokedAt, Expr::value(now.as_millis()))
        .col_expr(Column::RevokedBy, Expr::value("system"))
        .filter(Column::Id.is_in(rows.iter().map(|it| it.id)))
        .filter(Column::Used.eq(0))
        .exec(tx)
        .await?;
    tell(
        tx,
        Event::CouponRevoked,
        rows.iter().map(|it| (it.id, it.template_id, it.member_id)),
    )
    .await?;
    Ok(changed.rows_affected)
}

async fn by_source(
    db: &impl ConnectionTrait,
    template: CouponTemplateId,
    source: &CouponSource,
) -> Result<Option<coupon::Model>> {
    Ok(coupon::Entity::find()
        .filter(coupon::Column::TemplateId.eq(template.uuid()))
        .filter(coupon::Column::SourceKind.eq(source.kind.to_db()))
        .filter(coupon::Column::SourceRef.eq(source.reference.as_str()))
        .one(db)
        .await?)
}

/// A coupon to be made.
pub(super) struct New {
    pub member: MemberFacts,
    pub source: CouponSource,
    /// The place among those that the member took, while there is a limit.
    pub member_slot: Option<i64>,
    /// The code that it was had by, normalised.
    pub code: Option<String>,
    /// Its last instant, when that is not the template's.
    pub until: Option<Timestamp>,
}

/// A template while coupons are issued from it.
pub(super) struct Issuing {
    row: template::Model,
    pub terms: CouponTerms,
    now: Timestamp,
}

impl Issuing {
    /// Takes a template for the rest of the write.
    pub(super) async fn begin(tx: &Tx, id: CouponTemplateId, now: Timestamp) -> Result<Self> {
        let row = lock_template(tx, id).await?;
        let terms = load_terms(tx, &row).await?;
        Ok(Self { row, terms, now })
    }

    pub(super) fn facts(&self, issued_to_member: i64, expires_at: Timestamp) -> IssueFacts<'_> {
        IssueFacts {
            terms: &self.terms,
            state: TemplateState::from_db(&self.row.state).unwrap_or(TemplateState::Draft),
            issued: self.row.issued,
            issued_to_member,
            expires_at,
            now: self.now,
        }
    }

    /// Makes coupons, each in a numbered slot of the template with a unique key.
    pub(super) async fn issue(self, tx: &Tx, new: Vec<New>) -> Result<Vec<CouponId>> {
        let count = i64::try_from(new.len()).unwrap_or(i64::MAX);
        let most = self.terms.limits.issue_max.unwrap_or(i64::MAX);
        let taken = template::Entity::update_many()
            .col_expr(
                template::Column::Issued,
                Expr::col(template::Column::Issued).add(count),
            )
            .filter(template::Column::Id.eq(self.row.id))
            .filter(template::Column::Issued.eq(self.row.issued))
            .filter(template::Column::Issued.lte(most.saturating_sub(count)))
            .exec(tx)
            .await?;
        if taken.rows_affected != 1 {
            return Err(ErrorCode::CouponAllIssued.into());
        }
        let mut ids = Vec::with_capacity(new.len());
        let mut rows = Vec::with_capacity(new.len());
        for (slot, it) in (self.row.issued + 1..).zip(new) {
            let id = CouponId::generate(&mut tx.ids());
            ids.push(id);
            tx.touch(it.member.id);
            rows.push(self.row_of(id, slot, it));
        }
        let told: Vec<_> = rows
            .iter()
            .map(|it| (it.id, it.template_id, it.member_id))
            .collect();
        for chunk in rows.chunks(CHUNK) {
            let rows = chunk.iter().map(|it| {
                use sea_orm::ActiveModelTrait;
                coupon::ActiveModel::from(it.clone()).reset_all()
            });
            coupon::Entity::insert_many(rows)
                .exec_without_returning(tx)
                .await?;
        }
        tell(tx, Event::CouponIssued, told.into_iter()).await?;
        Ok(ids)
    }

    fn row_of(&self, id: CouponId, issue_slot: i64, new: New) -> coupon::Model {
        let (valid_from, by_template) = window(self.terms.validity, self.now, &new.member.zone);
        let expires_at = new.until.unwrap_or(by_template);
        coupon::Model {
            id: id.uuid(),
            template_id: self.row.id,
            version: self.row.version,
            member_id: new.member.id.uuid(),
            code: new.code.unwrap_or_else(random_code),
            source_kind: new.source.kind.to_db().to_owned(),
            source_ref: new.source.reference,
            issue_slot,
            member_slot: new.member_slot,
            valid_from: valid_from.as_millis(),
            expires_at: expires_at.as_millis(),
            uses_max: self.terms.limits.uses_per_coupon,
            used: 0,
            reserved: 0,
            revoked_at: None,
            revoked_by: None,
            issued_at: self.now.as_millis(),
        }
    }
}

/// A code that nobody can guess.
pub(super) fn random_code() -> String {
    codes::code(u64::from_le_bytes(crate::ids::random_bytes()) % CODE_SPACE)
}

/// Tells the outside about coupons: id, template and member of each.
pub(super) async fn tell(
    tx: &Tx,
    event: fn(CouponMoved) -> Event,
    coupons: impl Iterator<Item = (Uuid, Uuid, Uuid)>,
) -> Result<()> {
    let messages = coupons.map(|(id, template, member)| {
        let member = MemberId::from(member);
        tx.touch(member);
        outbox::service::Message {
            event: event(CouponMoved {
                coupon_id: CouponId::from(id),
                template_id: CouponTemplateId::from(template),
                member_id: member,
            }),
            member: Some(member),
        }
    });
    outbox::service::publish(tx, messages.collect()).await
}

/// How many coupons of a template a member took, by claiming or by code.
pub(crate) async fn taken_by(
    db: &impl ConnectionTrait,
    template: CouponTemplateId,
    member: MemberId,
) -> Result<i64> {
    let count = coupon::Entity::find()
        .filter(coupon::Column::TemplateId.eq(template.uuid()))
        .filter(coupon::Column::MemberId.eq(member.uuid()))
        .filter(coupon::Column::MemberSlot.is_not_null())
        .count(db)
        .await?;
    Ok(i64::try_from(count).unwrap_or(i64::MAX))
}

/// By which way a member takes a coupon.
pub(super) enum By {
    /// In the claim centre.
    Claim,
    /// By a code that everybody may use.
    PublicCode,
    /// By a code of its own, normalised.
    Code(String),
}

/// A member takes a coupon, in the claim centre or by a code.
pub(super) async fn take(
    tx: &Tx,
    app: &App,
    facts: MemberFacts,
    template: CouponTemplateId,
    by: By,
) -> Result<CouponId> {
    let issuing = Issuing::begin(tx, template, tx.now()).await?;
    let taken = taken_by(tx, template, facts.id).await?;
    let groups = groups_of(tx, app, facts.id).await?;
    let (_, expires_at) = window(issuing.terms.validity, tx.now(), &facts.zone);
    can_take(issuing.facts(taken, expires_at), &groups).map_err(|it| AppError::from(it.code()))?;
    let last = use_store::last_taken(tx, template, facts.id).await?;
    let new = taken_coupon(facts, last, by);
    first(issuing.issue(tx, vec![new]).await?)
}

/// The coupon that a member takes after the one with the number `last`.
fn taken_coupon(member: MemberFacts, last: i64, by: By) -> New {
    let nth = || format!("{}/{}", member.id, last + 1);
    let (kind, reference, code) = match by {
        By::Claim => (CouponSourceKind::Claim, nth(), None),
        By::PublicCode => (CouponSourceKind::Code, nth(), None),
        By::Code(code) => (CouponSourceKind::Code, code.clone(), Some(code)),
    };
    New {
        source: CouponSource { kind, reference },
        member,
        member_slot: Some(last + 1),
        code,
        until: None,
    }
}

/// What a member would get by a code, without anything being kept; or why nothing.
pub(super) async fn would_be(
    db: &impl ConnectionTrait,
    row: template::Model,
    facts: &MemberFacts,
    groups: &Groups,
    now: Timestamp,
    ids: &mut crate::ids::Ids,
) -> Result<Result<coupon::Model, ErrorCode>> {
    let taken = taken_by(db, row.id.into(), facts.id).await?;
    let terms = load_terms(db, &row).await?;
    let slot = row.issued + 1;
    let issuing = Issuing { row, terms, now };
    let (_, expires_at) = window(issuing.terms.validity, now, &facts.zone);
    if let Err(refusal) = can_take(issuing.facts(taken, expires_at), groups) {
        return Ok(Err(refusal.code()));
    }
    let new = taken_coupon(facts.clone(), taken, By::PublicCode);
    Ok(Ok(issuing.row_of(CouponId::generate(ids), slot, new)))
}

/// What a member belongs to; the lowest tier without another.
pub(crate) async fn groups_of(
    db: &impl ConnectionTrait,
    app: &App,
    member: MemberId,
) -> Result<Groups> {
    let stored = tiers::service::stored_code(db, member).await?;
    let lowest = || {
        let rulebook = app.rulebook();
        let ladder = &rulebook.ladder_at(app.db.now()).ladder;
        ladder.tiers.first().map(|it| it.code.clone())
    };
    Ok(Groups {
        tier: stored.or_else(lowest).unwrap_or_default(),
        tags: tasks::service::tags_of(db, member).await?,
    })
}

/// A member takes a coupon in the claim centre.
///
/// # Errors
/// What [`can_take`] refuses; `coupons.not_claimable`, `members.frozen`.
pub async fn claim(
    tx: &Tx,
    app: &App,
    member: MemberId,
    template: CouponTemplateId,
) -> Result<CouponId> {
    let facts = members::service::lock_active(tx, member).await?;
    let row = lock_template(tx, template).await?;
    if !row.claimable {
        return Err(ErrorCode::CouponNotClaimable.into());
    }
    take(tx, app, facts, template, By::Claim).await
}

/// Gives coupons to up to 500 members by hand, all or none.
///
/// # Errors
/// `request.invalid`, and as [`publish`].
pub async fn grant(
    tx: &Tx,
    template: CouponTemplateId,
    request: &GrantCoupons,
    by: (&str, &str),
) -> Result<Granted> {
    let (actor, intent) = by;
    check_grant(request)?;
    let found = members::service::resolve_all(tx, &request.members).await?;
    let known: HashSet<&str> = found.iter().map(|it| it.0.as_str()).collect();
    let mut unknown: Vec<String> = request
        .members
        .iter()
        .filter(|it| !known.contains(it.as_str()))
        .cloned()
        .collect();
    let mut ids: Vec<MemberId> = found.iter().map(|it| it.1).collect();
    ids.sort_unstable();
    ids.dedup();
    let facts = members::service::lock(tx, &ids).await?;
    let facts: Vec<MemberFacts> = facts
        .into_iter()
        .filter(|it| !it.status.is_gone())
        .collect();
    let there: HashSet<MemberId> = facts.iter().map(|it| it.id).collect();
    unknown.extend(
        found
            .into_iter()
            .filter(|it| !there.contains(&it.1))
            .map(|it| it.0),
    );
    let issued = i64::try_from(facts.len()).unwrap_or(i64::MAX);
    if !facts.is_empty() {
        let issuing = Issuing::begin(tx, template, tx.now()).await?;
        for it in &facts {
            let (_, expires_at) = window(issuing.terms.validity, tx.now(), &it.zone);
            can_give(issuing.facts(0, expires_at)).map_err(|it| AppError::from(it.code()))?;
        }
        let source = |member: MemberId| CouponSource {
            kind: CouponSourceKind::Grant,
            reference: format!("{intent}/{member}"),
        };
        let new = facts.into_iter().map(|member| New {
            source: source(member.id),
            member,
            member_slot: None,
            code: None,
            until: None,
        });
        issuing.issue(tx, new.collect()).await?;
    }
    let detail = serde_json::json!({ "issued": issued, "reason": request.reason.trim() });
    audit::service::record(tx, actor, "coupons.granted", &template.to_string(), &detail).await?;
    Ok(Granted { issued, unknown })
}

fn check_grant(request: &GrantCoupons) -> Result<()> {
    let mut errors = Vec::new();
    let mut wrong = |pointer: &str, message: &str| {
        errors.push(shared::problem::FieldError::new(
            pointer,
            "out_of_range",
            message,
        ));
    };
    if request.members.is_empty() || request.members.len() > MAX_GRANT {
        wrong("/members", "expected 1 to 500 members");
    }
    let reason = request.reason.trim().chars().count();
    if !(3..=200).contains(&reason) {
        wrong("/reason", "expected 3 to 200 characters");
    }
    if errors.is_empty() {
        Ok(())
    } else {
        Err(AppError::invalid(errors))
    }
}

/// The shop gives a coupon by a reference of its own.
///
/// # Errors
/// `request.invalid`, and as [`publish`].
pub async fn publish_for_shop(
    tx: &Tx,
    template: CouponTemplateId,
    request: &PublishCoupon,
) -> Result<CouponId> {
    if !is_reference(&request.source_id) {
        let message = "expected 1 to 100 visible characters";
        return Err(AppError::invalid_field("/source_id", "invalid", message));
    }
    let member = members::service::resolve(tx, &request.member).await?;
    let source = CouponSource {
        kind: CouponSourceKind::Publication,
        reference: request.source_id.clone(),
    };
    publish(tx, template, member, &source, tx.now()).await
}

/// Takes a coupon back of which nothing was used.
///
/// # Errors
/// `coupons.not_found`, `coupons.used`, `coupons.revoked`.
pub async fn revoke_unused(tx: &Tx, id: CouponId, actor: &str) -> Result<()> {
    let row = coupon::Entity::find_by_id(id.uuid())
        .lock_exclusive()
        .one(tx)
        .await?
        .ok_or(ErrorCode::CouponNotFound)?;
    if row.used > 0 || row.reserved > 0 {
        return Err(ErrorCode::CouponUsed.into());
    }
    revoke(tx, id, actor).await
}

/// Takes a coupon back by hand, unless it was used.
///
/// # Errors
/// `coupons.not_found`, `coupons.used`, `coupons.revoked`.
pub async fn revoke(tx: &Tx, id: CouponId, actor: &str) -> Result<()> {
    use coupon::Column;
    let row = coupon::Entity::find_by_id(id.uuid())
        .lock_exclusive()
        .one(tx)
        .await?
        .ok_or(ErrorCode::CouponNotFound)?;
    if row.revoked_at.is_some() {
        return Err(ErrorCode::CouponRevoked.into());
    }
    if row.used >= row.uses_max {
        return Err(ErrorCode::CouponUsed.into());
    }
    coupon::Entity::update_many()
        .col_expr(Column::RevokedAt, Expr::value(tx.now().as_millis()))
        .col_expr(Column::RevokedBy, Expr::value(actor))
        .filter(Column::Id.eq(row.id))
        .exec(tx)
        .await?;
    audit::service::record(
        tx,
        actor,
        "coupon.revoked",
        &id.to_string(),
        &serde_json::json!({}),
    )
    .await?;
    let told = [(row.id, row.template_id, row.member_id)];
    tell(tx, Event::CouponRevoked, told.into_iter()).await
}
