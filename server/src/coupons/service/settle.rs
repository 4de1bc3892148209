//! What becomes of reservations: used, let go, run out, undone; and coupons that come back because
//! their order does.

use super::checkout::{self, Body, view};
use super::issue::tell;
use crate::App;
use crate::coupons::store::{self, coupon, reservation, template, usage};
use crate::coupons::use_store;
use crate::db::Tx;
use crate::db::text::{DbText, from_json, to_json};
use crate::error::{AppError, Result};
use crate::points::service::{self as points, Books};
use crate::{members, orders};
use sea_orm::entity::prelude::*;
use sea_orm::{ExprTrait, QueryOrder, QuerySelect};
use shared::coupons::api::{Checkout, RedeemCoupons, Reservation, ReservationState, UseState};
use shared::coupons::terms::end_after_return;
use shared::coupons::{CouponReceipt, pricing};
use shared::ids::{CouponId, CouponTemplateId, LotId, MemberId, ReservationId};
use shared::orders::Order;
use shared::orders::rules::is_reference;
use shared::problem::ErrorCode;
use shared::time::Timestamp;
use shared::webhooks::events::Event;
use std::collections::{BTreeMap, BTreeSet};

/// Takes a reservation for the rest of the write, after its member.
async fn lock(tx: &Tx, id: ReservationId) -> Result<reservation::Model> {
    let find = || reservation::Entity::find_by_id(id.uuid());
    let row = find()
        .one(tx)
        .await?
        .ok_or(ErrorCode::ReservationNotFound)?;
    members::service::lock(tx, &[row.member_id.into()]).await?;
    let row = find().lock_exclusive().one(tx).await?;
    row.ok_or_else(|| ErrorCode::ReservationNotFound.into())
}

fn state(row: &reservation::Model) -> Result<ReservationState> {
    ReservationState::from_db(&row.state)
}

/// Takes a reservation that holds.
///
/// # Errors
/// `coupons.reservation_not_found`, `coupons.reservation_ended`.
pub(super) async fn lock_held(tx: &Tx, id: ReservationId) -> Result<reservation::Model> {
    let row = lock(tx, id).await?;
    if state(&row)? == ReservationState::Held && row.expires_at >= tx.now().as_millis() {
        Ok(row)
    } else {
        Err(ErrorCode::ReservationEnded.into())
    }
}

/// Notes what became of a reservation.
async fn end(tx: &Tx, row: &reservation::Model, body: Option<&Body>) -> Result<()> {
    use reservation::Column;
    let mut update = reservation::Entity::update_many()
        .col_expr(Column::State, Expr::value(row.state.as_str()))
        .col_expr(Column::OpenSession, Expr::value(Option::<String>::None))
        .col_expr(Column::OrderRef, Expr::value(row.order_ref.clone()))
        .col_expr(Column::EndedAt, Expr::value(tx.now().as_millis()))
        .filter(Column::Id.eq(row.id));
    if let Some(body) = body {
        update = update.col_expr(Column::Body, Expr::value(to_json(body)?));
    }
    update.exec(tx).await?;
    tx.touch(row.member_id.into());
    Ok(())
}

/// Lets a reservation go.
///
/// # Errors
/// `coupons.reservation_not_found`, `coupons.reservation_ended`.
pub async fn release(tx: &Tx, id: ReservationId) -> Result<Reservation> {
    let row = lock(tx, id).await?;
    if state(&row)? != ReservationState::Held {
        return Err(ErrorCode::ReservationEnded.into());
    }
    view(&let_go(tx, row, ReservationState::Released).await?)
}

/// Lets the reservation of a session go, if it has one. The member is locked.
pub(super) async fn release_session(tx: &Tx, open: &str) -> Result<()> {
    let row = reservation::Entity::find()
        .filter(reservation::Column::OpenSession.eq(open))
        .one(tx)
        .await?;
    if let Some(row) = row {
        let_go(tx, row, ReservationState::Released).await?;
    }
    Ok(())
}

/// Lets reservations go that hold some of these coupons although their time has run out. The
/// coupons' member is locked.
pub(super) async fn release_expired_of(tx: &Tx, coupons: &[Uuid]) -> Result<()> {
    let held = usage::Entity::find()
        .filter(usage::Column::CouponId.is_in(coupons.iter().copied()))
        .filter(usage::Column::State.eq(UseState::Held.to_db()))
        .all(tx)
        .await?;
    let ids: BTreeSet<Uuid> = held.iter().map(|it| it.reservation_id).collect();
    let over = reservation::Entity::find()
        .filter(reservation::Column::Id.is_in(ids))
        .filter(reservation::Column::State.eq(ReservationState::Held.to_db()))
        .filter(reservation::Column::ExpiresAt.lt(tx.now().as_millis()))
        .all(tx)
        .await?;
    for row in over {
        let_go(tx, row, ReservationState::Expired).await?;
    }
    Ok(())
}

/// Lets everything go that a member holds, who is locked.
pub(super) async fn release_held_of(tx: &Tx, member: MemberId) -> Result<()> {
    let held = reservation::Entity::find()
        .filter(reservation::Column::MemberId.eq(member.uuid()))
        .filter(reservation::Column::State.eq(ReservationState::Held.to_db()));
    for row in held.all(tx).await? {
        let_go(tx, row, ReservationState::Released).await?;
    }
    Ok(())
}

/// Lets up to `limit` reservations go whose time has run out. Answers how many were due.
///
/// # Errors
/// When the database fails.
pub async fn expire_due(tx: &Tx, limit: u64) -> Result<usize> {
    use reservation::Column;
    let due = reservation::Entity::find()
        .filter(Column::State.eq(ReservationState::Held.to_db()))
        .filter(Column::ExpiresAt.lt(tx.now().as_millis()))
        .order_by_asc(Column::ExpiresAt)
        .limit(limit)
        .all(tx)
        .await?;
    let members: Vec<MemberId> = due.iter().map(|it| it.member_id.into()).collect();
    if members.is_empty() {
        return Ok(0);
    }
    members::service::lock(tx, &members).await?;
    for row in &due {
        // Whoever held the member may have used or extended it meanwhile.
        let now = reservation::Entity::find_by_id(row.id).one(tx).await?;
        let still =
            |it: &reservation::Model| it.state == row.state && it.expires_at == row.expires_at;
        if let Some(row) = now.filter(still) {
            let_go(tx, row, ReservationState::Expired).await?;
        }
    }
    Ok(due.len())
}

/// Gives everything back that a reservation holds. The member is locked.
async fn let_go(
    tx: &Tx,
    mut row: reservation::Model,
    to: ReservationState,
) -> Result<reservation::Model> {
    let id = ReservationId::from(row.id);
    let uses = use_store::uses_of(tx, &[id]).await?;
    count(tx, &uses, -1, 0).await?;
    for it in &uses {
        coupon::Entity::update_many()
            .col_expr(
                coupon::Column::Reserved,
                Expr::col(coupon::Column::Reserved).sub(1),
            )
            .filter(coupon::Column::Id.eq(it.coupon_id))
            .exec(tx)
            .await?;
    }
    free(tx, &uses, UseState::Released).await?;
    let mut body: Body = from_json(&row.body)?;
    let member = MemberId::from(row.member_id);
    if !body.spends.is_empty() {
        let lots: Vec<LotId> = body
            .spends
            .iter()
            .flat_map(|it| it.taken.iter().map(|it| it.lot))
            .collect();
        let mut books = Books::load(tx, &[member], &lots).await?;
        books.advance(member, tx.now());
        for spend in &mut body.spends {
            points::give_back(&mut books, member, spend, id, tx.now());
        }
        books.save(tx, "system").await?;
    }
    to.to_db().clone_into(&mut row.state);
    end(tx, &row, Some(&body)).await?;
    row.body = to_json(&body)?;
    Ok(row)
}

/// Counts uses into (`committed` and `redeemed` of 1) or out of their templates, in one order.
async fn count(tx: &Tx, uses: &[usage::Model], committed: i64, redeemed: i64) -> Result<()> {
    use template::Column;
    let mut sums: BTreeMap<Uuid, (i64, i64)> = BTreeMap::new();
    for it in uses {
        let sum = sums.entry(it.template_id).or_default();
        sum.0 += 1;
        sum.1 += it.amount;
    }
    for (id, (uses, amount)) in sums {
        let add = |column: Column, value: i64| Expr::col(column).add(value);
        template::Entity::update_many()
            .col_expr(
                Column::CommittedUses,
                add(Column::CommittedUses, committed * uses),
            )
            .col_expr(
                Column::CommittedAmount,
                add(Column::CommittedAmount, committed * amount),
            )
            .col_expr(
                Column::RedeemedUses,
                add(Column::RedeemedUses, redeemed * uses),
            )
            .col_expr(
                Column::RedeemedAmount,
                add(Column::RedeemedAmount, redeemed * amount),
            )
            .filter(Column::Id.eq(id))
            .exec(tx)
            .await?;
    }
    Ok(())
}

/// Gives the slots of uses free. The slot of the template stays with the use until another takes it.
async fn free(tx: &Tx, uses: &[usage::Model], state: UseState) -> Result<()> {
    use usage::Column;
    for it in uses {
        usage::Entity::update_many()
            .col_expr(Column::State, Expr::value(state.to_db()))
            .col_expr(Column::CouponSlot, Expr::value(Option::<i64>::None))
            .col_expr(Column::MemberSlot, Expr::value(Option::<i64>::None))
            .col_expr(Column::At, Expr::value(tx.now().as_millis()))
            .filter(Column::ReservationId.eq(it.reservation_id))
            .filter(Column::CouponId.eq(it.coupon_id))
            .exec(tx)
            .await?;
    }
    Ok(())
}

/// Uses what a reservation holds for an order. Sent again for the same order, it changes nothing.
///
/// # Errors
/// `coupons.reservation_not_found`, `coupons.reservation_ended`, `coupons.revoked`,
/// `points.already_spent_on_order`, `orders.already_claimed`, `orders.event_not_applicable`.
pub async fn redeem(tx: &Tx, app: &App, id: ReservationId, order_id: &str) -> Result<Reservation> {
    check_order(order_id)?;
    let find = reservation::Entity::find_by_id(id.uuid());
    let row = find.one(tx).await?.ok_or(ErrorCode::ReservationNotFound)?;
    let member = MemberId::from(row.member_id);
    members::service::lock_active(tx, member).await?;
    let order = orders::service::load_or_announce(tx, app, order_id, member).await?;
    let row = lock(tx, id).await?;
    if state(&row)? == ReservationState::Redeemed && row.order_ref.as_deref() == Some(order_id) {
        return view(&row);
    }
    if state(&row)? != ReservationState::Held || row.expires_at < tx.now().as_millis() {
        return Err(ErrorCode::ReservationEnded.into());
    }
    use_for(tx, row, order).await
}

fn check_order(order_id: &str) -> Result<()> {
    if is_reference(order_id) {
        return Ok(());
    }
    let message = "expected 1 to 100 visible characters";
    Err(AppError::invalid_field("/order_id", "invalid", message))
}

/// Uses coupons, points and credit for an order at once.
///
/// # Errors
/// As [`checkout::reserve`] and [`redeem`].
pub async fn redeem_now(
    tx: &Tx,
    app: &App,
    request: &RedeemCoupons,
    actor: &str,
) -> Result<Reservation> {
    let Checkout { member, .. } = &request.checkout;
    check_order(&request.order_id)?;
    let currency = app.rulebook().programme.currency;
    super::quote::check(&request.checkout, currency, "/checkout")?;
    let id = members::service::resolve(tx, member).await?;
    let facts = members::service::lock_active(tx, id).await?;
    let order = orders::service::load_or_announce(tx, app, &request.order_id, id).await?;
    let until = tx.now().plus_millis(1);
    let session = format!("order/{}", request.order_id);
    let row = checkout::hold(tx, app, &facts, &request.checkout, (&session, until, actor)).await?;
    use_for(tx, row, order).await
}

/// Turns what a reservation holds into what an order used. Member and order are locked.
async fn use_for(tx: &Tx, mut row: reservation::Model, mut order: Order) -> Result<Reservation> {
    if order.is_fully_returned() {
        return Err(ErrorCode::EventNotApplicable.into());
    }
    let body: Body = from_json(&row.body)?;
    let paid = |asset| order.receipt.spends.iter().any(|it| it.asset == asset);
    if body.spends.iter().any(|it| paid(it.asset)) {
        return Err(ErrorCode::PointsAlreadySpent.into());
    }
    let id = ReservationId::from(row.id);
    let uses = use_store::uses_of(tx, &[id]).await?;
    for it in &uses {
        use_coupon(tx, it.coupon_id).await?;
    }
    count(tx, &uses, 0, 1).await?;
    usage::Entity::update_many()
        .col_expr(
            usage::Column::State,
            Expr::value(UseState::Redeemed.to_db()),
        )
        .col_expr(
            usage::Column::OrderRef,
            Expr::value(order.external_id.as_str()),
        )
        .col_expr(usage::Column::At, Expr::value(tx.now().as_millis()))
        .filter(usage::Column::ReservationId.eq(row.id))
        .exec(tx)
        .await?;
    order.receipt.coupons.extend(receipts(&body, id));
    for receipt in &mut order.receipt.coupons {
        pricing::settle_shares(receipt, &order.lines);
    }
    order.receipt.spends.extend(body.spends);
    orders::service::save(tx, &order).await?;
    ReservationState::Redeemed
        .to_db()
        .clone_into(&mut row.state);
    row.order_ref = Some(order.external_id);
    end(tx, &row, None).await?;
    let told = uses
        .iter()
        .map(|it| (it.coupon_id, it.template_id, it.member_id));
    tell(tx, Event::CouponRedeemed, told).await?;
    view(&row)
}

async fn use_coupon(tx: &Tx, id: Uuid) -> Result<()> {
    use coupon::Column;
    let used = coupon::Entity::update_many()
        .col_expr(Column::Used, Expr::col(Column::Used).add(1))
        .col_expr(Column::Reserved, Expr::col(Column::Reserved).sub(1))
        .filter(Column::Id.eq(id))
        .filter(Column::RevokedAt.is_null())
        .exec(tx)
        .await?;
    match used.rows_affected {
        1 => Ok(()),
        _ => Err(ErrorCode::CouponRevoked.into()),
    }
}

/// What the coupons of a reservation did, for the order's receipt.
fn receipts(body: &Body, id: ReservationId) -> impl Iterator<Item = CouponReceipt> + '_ {
    body.quote.coupons.iter().filter_map(move |it| {
        if !it.reasons.is_empty() {
            return None;
        }
        Some(CouponReceipt {
            coupon: it.coupon_id?,
            template: it.template_id?,
            version: it.version?,
            reservation: id,
            discount: it.discount,
            shipping_discount: it.shipping_discount,
            lines: it.shares.clone(),
            returned_at: None,
        })
    })
}

/// Undoes a use: its coupons come back, and its points and credit as far as they have not.
///
/// # Errors
/// `coupons.reservation_not_found`, `coupons.reservation_ended`.
pub async fn roll_back(tx: &Tx, app: &App, id: ReservationId) -> Result<Reservation> {
    let find = reservation::Entity::find_by_id(id.uuid());
    let row = find.one(tx).await?.ok_or(ErrorCode::ReservationNotFound)?;
    let member = MemberId::from(row.member_id);
    members::service::lock(tx, &[member]).await?;
    let (ReservationState::Redeemed, Some(order_id)) = (state(&row)?, row.order_ref.as_deref())
    else {
        return Err(ErrorCode::ReservationEnded.into());
    };
    let mut order = orders::service::load_or_announce(tx, app, order_id, member).await?;
    let mut row = lock(tx, id).await?;
    if state(&row)? != ReservationState::Redeemed {
        return Err(ErrorCode::ReservationEnded.into());
    }
    let body: Body = from_json(&row.body)?;
    let taken: Vec<_> = body.spends.iter().map(|it| it.entry).collect();
    let own = |it: &&mut shared::orders::SpentReceipt| taken.contains(&it.entry);
    let lots: Vec<LotId> = body
        .spends
        .iter()
        .flat_map(|it| it.taken.iter().map(|it| it.lot))
        .collect();
    let mut books = Books::load(tx, &[member], &lots).await?;
    books.advance(member, tx.now());
    for spend in order.receipt.spends.iter_mut().filter(own) {
        points::give_back(&mut books, member, spend, id, tx.now());
    }
    books.save(tx, "system").await?;
    let mut back = Vec::new();
    for it in &mut order.receipt.coupons {
        if it.reservation == id && it.returned_at.is_none() {
            it.returned_at = Some(tx.now());
            back.push(Returned::of(it, tx.now()));
        }
    }
    give_back(tx, &back).await?;
    orders::service::save(tx, &order).await?;
    ReservationState::RolledBack
        .to_db()
        .clone_into(&mut row.state);
    end(tx, &row, None).await?;
    view(&row)
}

/// A use whose coupon comes back to its member.
#[derive(Debug, Clone, Copy)]
pub struct Returned {
    /// The reservation by which it was used.
    pub reservation: ReservationId,
    /// The coupon.
    pub coupon: CouponId,
    /// Its template.
    pub template: CouponTemplateId,
    /// The version of its terms.
    pub version: i32,
    /// When it comes back.
    pub at: Timestamp,
}

impl Returned {
    const fn of(it: &CouponReceipt, at: Timestamp) -> Self {
        Self {
            reservation: it.reservation,
            coupon: it.coupon,
            template: it.template,
            version: it.version,
            at,
        }
    }
}

/// Notes in an order's receipt what its refunds so far mean for its coupons: which part of each
/// discount belongs to what came back; and, once nothing of the order stands, that the coupons come
/// back, each exactly once.
pub fn settle_order(order: &mut Order, at: Timestamp) -> Vec<Returned> {
    let all_back = order.is_fully_returned();
    let mut back = Vec::new();
    for it in &mut order.receipt.coupons {
        pricing::settle_shares(it, &order.lines);
        if all_back && it.returned_at.is_none() {
            it.returned_at = Some(at);
            back.push(Returned::of(it, at));
        }
    }
    back
}

/// Gives coupons back to their members, with days of grace for those that have ended meanwhile.
/// The members are locked.
///
/// # Errors
/// When the database fails.
pub async fn give_back(tx: &Tx, returned: &[Returned]) -> Result<()> {
    if returned.is_empty() {
        return Ok(());
    }
    let reservations: Vec<ReservationId> = returned.iter().map(|it| it.reservation).collect();
    let mut uses = use_store::uses_of(tx, &reservations).await?;
    let of = |it: &usage::Model| {
        let same = |row: &&Returned| {
            row.coupon.uuid() == it.coupon_id && row.reservation.uuid() == it.reservation_id
        };
        returned.iter().find(same)
    };
    uses.retain(|it| it.state == UseState::Redeemed.to_db() && of(it).is_some());
    count(tx, &uses, -1, -1).await?;
    free(tx, &uses, UseState::Returned).await?;
    let keys = returned
        .iter()
        .map(|it| (it.template.uuid(), it.version))
        .collect();
    let terms = store::terms_of(tx, &keys).await?;
    for it in &uses {
        let Some(row) = of(it) else { continue };
        let grace = terms
            .get(&(row.template.uuid(), row.version))
            .map_or(0, |it| it.grace_days);
        bring_back(tx, row, grace).await?;
    }
    let told = uses
        .iter()
        .map(|it| (it.coupon_id, it.template_id, it.member_id));
    tell(tx, Event::CouponReturned, told).await
}

async fn bring_back(tx: &Tx, it: &Returned, grace_days: u16) -> Result<()> {
    use coupon::Column;
    let find = coupon::Entity::find_by_id(it.coupon.uuid());
    let Some(row) = find.one(tx).await? else {
        return Err(AppError::internal("a coupon that was used is gone"));
    };
    let member = members::service::facts_of(tx, row.member_id.into()).await;
    let expires_at = Timestamp::from_millis(row.expires_at);
    let until = match member {
        Ok(member) => end_after_return(expires_at, it.at, grace_days, &member.zone),
        // Nobody is left to use it.
        Err(AppError::Refused(_)) => expires_at,
        Err(error) => return Err(error),
    };
    coupon::Entity::update_many()
        .col_expr(Column::Used, Expr::col(Column::Used).sub(1))
        .col_expr(Column::ExpiresAt, Expr::value(until.as_millis()))
        .filter(Column::Id.eq(row.id))
        .exec(tx)
        .await?;
    Ok(())
}
