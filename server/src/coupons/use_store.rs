//! Queries about coupons and their uses.

use super::store::{coupon, usage};
use crate::db::text::DbText;
use crate::error::Result;
use sea_orm::entity::prelude::*;
use sea_orm::{ConnectionTrait, QueryOrder, QuerySelect};
use shared::coupons::{Coupon, CouponSource, CouponSourceKind};
use shared::ids::{CouponId, CouponTemplateId, MemberId, ReservationId};
use shared::time::Timestamp;
use std::collections::{BTreeSet, HashMap};

/// A coupon as the rules see it.
pub fn to_coupon(row: &coupon::Model) -> Coupon {
    Coupon {
        id: CouponId::from(row.id),
        template: CouponTemplateId::from(row.template_id),
        version: row.version,
        member: MemberId::from(row.member_id),
        code: row.code.clone(),
        valid_from: Timestamp::from_millis(row.valid_from),
        expires_at: Timestamp::from_millis(row.expires_at),
        uses_max: row.uses_max,
        used: row.used,
        reserved: row.reserved,
        revoked_at: row.revoked_at.map(Timestamp::from_millis),
    }
}

/// What a coupon came from.
pub fn source_of(row: &coupon::Model) -> Result<CouponSource> {
    Ok(CouponSource {
        kind: CouponSourceKind::from_db(&row.source_kind)?,
        reference: row.source_ref.clone(),
    })
}

/// How many uses of templates count for a member: held or used.
pub async fn member_uses(
    db: &impl ConnectionTrait,
    member: MemberId,
    templates: &BTreeSet<Uuid>,
) -> Result<HashMap<Uuid, Vec<i64>>> {
    let mut found: HashMap<Uuid, Vec<i64>> = HashMap::new();
    if templates.is_empty() {
        return Ok(found);
    }
    let rows: Vec<(Uuid, Option<i64>)> = usage::Entity::find()
        .select_only()
        .columns([usage::Column::TemplateId, usage::Column::MemberSlot])
        .filter(usage::Column::TemplateId.is_in(templates.iter().copied()))
        .filter(usage::Column::MemberId.eq(member.uuid()))
        .filter(usage::Column::MemberSlot.is_not_null())
        .into_tuple()
        .all(db)
        .await?;
    for (template, slot) in rows {
        found.entry(template).or_default().extend(slot);
    }
    Ok(found)
}

/// Slots of a coupon that are taken.
pub async fn coupon_slots(db: &impl ConnectionTrait, coupon: Uuid) -> Result<Vec<i64>> {
    let rows: Vec<Option<i64>> = usage::Entity::find()
        .select_only()
        .column(usage::Column::CouponSlot)
        .filter(usage::Column::CouponId.eq(coupon))
        .filter(usage::Column::CouponSlot.is_not_null())
        .into_tuple()
        .all(db)
        .await?;
    Ok(rows.into_iter().flatten().collect())
}

/// A slot of a template's budget that a use which no longer counts still has.
pub async fn freed_slot(db: &impl ConnectionTrait, template: Uuid) -> Result<Option<usage::Model>> {
    Ok(usage::Entity::find()
        .filter(usage::Column::TemplateId.eq(template))
        .filter(usage::Column::State.is_in(["released", "returned"]))
        .filter(usage::Column::TemplateSlot.is_not_null())
        .limit(1)
        .one(db)
        .await?)
}

/// Uses of reservations.
pub async fn uses_of(
    db: &impl ConnectionTrait,
    reservations: &[ReservationId],
) -> Result<Vec<usage::Model>> {
    if reservations.is_empty() {
        return Ok(Vec::new());
    }
    let ids = reservations.iter().map(|it| it.uuid());
    Ok(usage::Entity::find()
        .filter(usage::Column::ReservationId.is_in(ids))
        .order_by_asc(usage::Column::CouponId)
        .all(db)
        .await?)
}

/// The highest slot of a template's budget that was ever given.
pub async fn last_slot(db: &impl ConnectionTrait, template: Uuid) -> Result<i64> {
    let last = usage::Entity::find()
        .filter(usage::Column::TemplateId.eq(template))
        .filter(usage::Column::TemplateSlot.is_not_null())
        .order_by_desc(usage::Column::TemplateSlot)
        .limit(1)
        .one(db)
        .await?;
    Ok(last.and_then(|it| it.template_slot).unwrap_or(0))
}

/// The highest number among the coupons of a template that a member took; 0 without one.
pub async fn last_taken(
    db: &impl ConnectionTrait,
    template: CouponTemplateId,
    member: MemberId,
) -> Result<i64> {
    let last = coupon::Entity::find()
        .filter(coupon::Column::TemplateId.eq(template.uuid()))
        .filter(coupon::Column::MemberId.eq(member.uuid()))
        .filter(coupon::Column::MemberSlot.is_not_null())
        .order_by_desc(coupon::Column::MemberSlot)
        .limit(1)
        .one(db)
        .await?;
    Ok(last.and_then(|it| it.member_slot).unwrap_or(0))
}

/// Whether one of some coupons was held, used, or came back after `at`.
pub async fn used_since(
    db: &impl ConnectionTrait,
    coupons: &[Uuid],
    at: Timestamp,
) -> Result<bool> {
    for chunk in coupons.chunks(1000) {
        let since = usage::Entity::find()
            .filter(usage::Column::CouponId.is_in(chunk.iter().copied()))
            .filter(usage::Column::At.gt(at.as_millis()));
        if since.one(db).await?.is_some() {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The shop's id of the last order that used each of these coupons.
pub async fn orders_of(
    db: &impl ConnectionTrait,
    coupons: &[Uuid],
) -> Result<HashMap<Uuid, String>> {
    if coupons.is_empty() {
        return Ok(HashMap::new());
    }
    let rows = usage::Entity::find()
        .filter(usage::Column::CouponId.is_in(coupons.iter().copied()))
        .filter(usage::Column::State.eq("redeemed"))
        .order_by_asc(usage::Column::At)
        .all(db)
        .await?;
    let pairs = rows
        .into_iter()
        .filter_map(|it| Some((it.coupon_id, it.order_ref?)));
    Ok(pairs.collect())
}
