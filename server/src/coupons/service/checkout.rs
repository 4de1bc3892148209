//! Checkouts: what they come to, and holding what they name.

use super::facts::{self, Facts};
use super::quote::{self, Judged, choose, judge, payment, wanted_payments};
use super::settle;
use crate::App;
use crate::coupons::store::{coupon, reservation, template, usage};
use crate::coupons::use_store;
use crate::db::text::{DbText, from_json, to_json};
use crate::db::{Cursor, Listing, Tx, try_map};
use crate::error::{AppError, Result};
use crate::members::{self, service::MemberFacts};
use crate::orders;
use crate::points::service::{self as points, Books, Wanted};
use sea_orm::entity::prelude::*;
use sea_orm::{ActiveModelTrait, ExprTrait};
use serde::{Deserialize, Serialize};
use shared::coupons::api::{
    AskCheckout, Checkout, CheckoutQuote, CouponPolicy, Quote, QuotePayment, ReasonView,
    Reservation, ReservationState, ReserveCoupons, SimulateCoupons, Spendable, UseState,
};
use shared::coupons::rules::{Candidate, Shopper};
use shared::coupons::{Coupon, MAX_COUPONS, TemplateState};
use shared::ids::{CouponId, CouponTemplateId, MemberId, ReservationId};
use shared::members::MemberStatus;
use shared::members::audience::{Audience, Groups};
use shared::orders::SpentReceipt;
use shared::orders::api::Contents;
use shared::orders::rules::is_reference;
use shared::page::Page;
use shared::points::Asset;
use shared::points::rules::Refusal;
use shared::problem::{ErrorCode, FieldError};
use shared::time::Timestamp;
use std::collections::{BTreeMap, HashMap};

/// Seconds for which a reservation holds when the shop does not say.
const TTL_DEFAULT_S: i64 = 900;
/// Least and most seconds for which a reservation holds.
const TTL_RANGE_S: std::ops::RangeInclusive<i64> = 30..=86_400;

/// What a reservation keeps besides its columns.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Body {
    /// What the checkout came to.
    pub quote: Quote,
    /// What points and credit it took.
    #[serde(default)]
    pub spends: Vec<SpentReceipt>,
}

/// How many spends a reservation's body names.
pub(crate) fn spends_of(body: &str) -> Result<u64> {
    Ok(from_json::<Body>(body)?.spends.len() as u64)
}

/// A reservation as the API shows it.
pub(super) fn view(row: &reservation::Model) -> Result<Reservation> {
    let body: Body = from_json(&row.body)?;
    Ok(Reservation {
        id: row.id.into(),
        session_key: row.session_key.clone(),
        member_id: row.member_id.into(),
        state: ReservationState::from_db(&row.state)?,
        order_id: row.order_ref.clone(),
        expires_at: Timestamp::from_millis(row.expires_at),
        quote: body.quote,
        created_at: Timestamp::from_millis(row.created_at),
    })
}

/// A reservation and what became of it.
///
/// # Errors
/// `coupons.reservation_not_found`.
pub async fn reservation(db: &impl ConnectionTrait, id: ReservationId) -> Result<Reservation> {
    let row = reservation::Entity::find_by_id(id.uuid()).one(db).await?;
    view(&row.ok_or(ErrorCode::ReservationNotFound)?)
}

/// What a checkout would come to now, with every reason against each coupon. Nothing is taken.
///
/// # Errors
/// `request.invalid`, `members.not_found`.
pub async fn validate(app: &App, checkout: &Checkout) -> Result<Quote> {
    quote::check(checkout, app.rulebook().programme.currency, "")?;
    let db = app.db.read();
    let id = members::service::resolve(db, &checkout.member).await?;
    let member = members::service::facts_of(db, id).await?;
    if member.status.is_gone() {
        return Err(ErrorCode::MemberNotFound.into());
    }
    let now = app.db.now();
    let facts = facts::look(app, &member, &checkout.coupons).await?;
    let Facts { named, groups, .. } = facts;
    let shopper = Shopper {
        member: id,
        groups: &groups,
        now,
    };
    let judged = judge(&checkout.cart, named, shopper);
    let mut payments = Vec::new();
    if checkout.points + checkout.credit > 0 {
        let left = judged.priced.left.clone();
        payments = try_payments(app, &member, checkout, left).await?.0;
    }
    Ok(judged.quote(&checkout.cart, &checkout.coupons, payments))
}

/// What points and credit would pay of what lines still cost, and how much of each could at most.
async fn try_payments(
    app: &App,
    member: &MemberFacts,
    checkout: &Checkout,
    mut left: Vec<i64>,
) -> Result<(Vec<QuotePayment>, Vec<Spendable>)> {
    let db = app.db.read();
    let mut books = Books::read(db, app.db.ids(), &[member.id]).await?;
    books.advance(member.id, app.db.now());
    let (mut payments, mut most) = (Vec::new(), Vec::new());
    for (asset, amount) in [
        (Asset::Points, checkout.points),
        (Asset::Credit, checkout.credit),
    ] {
        let wanted = Wanted {
            asset,
            amount,
            order_amount: left.iter().sum(),
        };
        most.push(spendable(app, &books, member, wanted).await?);
        if amount == 0 {
            continue;
        }
        let tried = points::try_hold(db, app, &mut books, member, wanted).await?;
        payments.push(match tried {
            Ok(pays) => payment(asset, amount, pays, &mut left),
            Err(refusal) => QuotePayment {
                asset,
                amount,
                pays: 0,
                shares: Vec::new(),
                reason: Some(limit_view(refusal)),
            },
        });
    }
    Ok((payments, most))
}

fn limit_view(refusal: Refusal) -> ReasonView {
    ReasonView {
        figure: Some(refusal.figure()),
        ..quote::code_view(refusal.code())
    }
}

/// How much of an asset could pay.
async fn spendable(
    app: &App,
    books: &Books,
    member: &MemberFacts,
    wanted: Wanted,
) -> Result<Spendable> {
    let most = points::most(app.db.read(), app, books, member, wanted).await?;
    Ok(Spendable {
        asset: wanted.asset,
        available: books.wallet(member.id, wanted.asset).spendable(),
        most: most.map_or(0, |it| it.0),
        pays: most.map_or(0, |it| it.1),
        reason: most.err().map(limit_view),
    })
}

/// The best of a cart for a member: which coupons to use, what points and credit could pay, and
/// what the order would bring. Nothing is kept.
///
/// # Errors
/// `request.invalid`, `members.not_found`, `members.frozen`.
pub async fn best_checkout(app: &App, asked: AskCheckout) -> Result<CheckoutQuote> {
    if asked.codes.len() > MAX_COUPONS {
        let expected = "expected at most 30 codes";
        return Err(AppError::invalid_field("/codes", "out_of_range", expected));
    }
    let mut checkout = Checkout {
        member: asked.member,
        cart: asked.cart,
        coupons: asked.codes,
        policy: CouponPolicy::All,
        points: asked.points,
        credit: asked.credit,
    };
    quote::check(&checkout, app.rulebook().programme.currency, "")?;
    let db = app.db.read();
    let id = members::service::resolve(db, &checkout.member).await?;
    let member = members::service::facts_of(db, id).await?;
    if member.status.is_gone() {
        return Err(ErrorCode::MemberNotFound.into());
    }
    if member.status == MemberStatus::Frozen {
        return Err(ErrorCode::MemberFrozen.into());
    }
    let (names, facts) = facts::look_at_wallet(app, &member, &checkout.coupons).await?;
    let shopper = Shopper {
        member: id,
        groups: &facts.groups,
        now: app.db.now(),
    };
    let (judged, exhaustive) = choose(&checkout.cart, facts.named, shopper);
    let left = judged.priced.left.clone();
    let (payments, spendable) = try_payments(app, &member, &checkout, left).await?;
    let (wallet, used) = judged.wallet(&checkout.cart, &names);
    checkout.coupons = used;
    let mut quote = judged.quote(&checkout.cart, &names, payments);
    quote.coupons.retain(|it| it.reasons.is_empty());
    quote.valid = quote.payments.iter().all(|it| it.reason.is_none());
    let contents = Contents {
        member: Some(checkout.member.clone()),
        currency: checkout.cart.currency,
        lines: checkout.cart.lines.clone(),
    };
    let earn = orders::service::simulate_earn(app, net_of(contents, &quote)).await?;
    Ok(CheckoutQuote {
        checkout,
        quote,
        wallet,
        exhaustive,
        spendable,
        earn,
    })
}

/// An order's contents at what the lines cost after coupons.
fn net_of(mut contents: Contents, quote: &Quote) -> Contents {
    for (line, quoted) in contents.lines.iter_mut().zip(&quote.lines) {
        line.amount = quoted.net;
    }
    contents
}

/// A member's reservations, newest first.
pub(super) async fn of_member(
    app: &App,
    member: MemberId,
    limit: u64,
    cursor: Option<Cursor>,
) -> Result<Page<Reservation>> {
    use reservation::{Column, Entity};
    let query = Entity::find().filter(Column::MemberId.eq(member.uuid()));
    let place = |it: &reservation::Model| Cursor {
        key: it.created_at,
        id: it.id,
    };
    let list = Listing::newest_first(Column::CreatedAt, Column::Id, limit, cursor);
    let page = list.read(app.db.read(), query, place).await?;
    try_map(page, |it| view(&it))
}

/// What terms would do to a cart, whether they are those of a template or not.
///
/// # Errors
/// `request.invalid`.
pub fn simulate(app: &App, request: &SimulateCoupons) -> Result<Quote> {
    let mut errors = quote::check_cart(&request.cart, app.rulebook().programme.currency, "/cart");
    if request.terms.len() > MAX_COUPONS {
        errors.push(FieldError::new(
            "/terms",
            "out_of_range",
            "expected at most 30",
        ));
    }
    for (i, terms) in request.terms.iter().enumerate().take(MAX_COUPONS) {
        let wrong = shared::coupons::terms::check_terms(terms);
        errors.extend(wrong.into_iter().map(|it| FieldError {
            pointer: format!("/terms/{i}{}", it.pointer),
            ..it
        }));
    }
    if !errors.is_empty() {
        return Err(AppError::invalid(errors));
    }
    let now = app.db.now();
    let mut ids = app.db.ids();
    let member = MemberId::generate(&mut ids);
    let candidates = request.terms.iter().map(|terms| {
        let mut terms = terms.clone();
        terms.audience = Audience::default();
        facts::Named::Coupon(Box::new(Candidate {
            coupon: Coupon {
                id: CouponId::generate(&mut ids),
                template: CouponTemplateId::generate(&mut ids),
                version: 1,
                member,
                code: String::new(),
                valid_from: now,
                expires_at: now,
                uses_max: 1,
                used: 0,
                reserved: 0,
                revoked_at: None,
            },
            state: TemplateState::Active,
            uses_left: terms.limits.budget_uses,
            amount_left: terms.limits.budget_amount,
            member_uses: 0,
            terms,
        }))
    });
    let named = candidates.collect();
    let shopper = Shopper {
        member,
        groups: &Groups::default(),
        now,
    };
    let references: Vec<String> = (1..=request.terms.len()).map(|it| it.to_string()).collect();
    Ok(judge(&request.cart, named, shopper).quote(&request.cart, &references, Vec::new()))
}

/// Holds what a checkout names, until it is used, let go or runs out.
///
/// # Errors
/// `request.invalid`, `members.frozen`, every reason against a coupon, every limit of spending.
pub async fn reserve(
    tx: &Tx,
    app: &App,
    request: &ReserveCoupons,
    actor: &str,
) -> Result<Reservation> {
    let mut errors = Vec::new();
    if !is_reference(&request.session_key) {
        let expected = "expected 1 to 100 visible characters";
        errors.push(FieldError::new("/session_key", "invalid", expected));
    }
    let ttl_s = request.ttl_s.unwrap_or(TTL_DEFAULT_S);
    check_ttl(ttl_s, &mut errors);
    if !errors.is_empty() {
        return Err(AppError::invalid(errors));
    }
    let currency = app.rulebook().programme.currency;
    quote::check(&request.checkout, currency, "/checkout")?;
    let id = members::service::resolve(tx, &request.checkout.member).await?;
    let member = members::service::lock_active(tx, id).await?;
    let until = tx.now().plus_millis(ttl_s * 1000);
    let row = hold(
        tx,
        app,
        &member,
        &request.checkout,
        (&request.session_key, until, actor),
    )
    .await?;
    view(&row)
}

fn check_ttl(ttl_s: i64, errors: &mut Vec<FieldError>) {
    if !TTL_RANGE_S.contains(&ttl_s) {
        let expected = "expected 30 to 86400 seconds";
        errors.push(FieldError::new("/ttl_s", "out_of_range", expected));
    }
}

/// Holds a reservation for longer, from now.
///
/// # Errors
/// `request.invalid`, `coupons.reservation_not_found`, `coupons.reservation_ended`.
pub async fn extend(tx: &Tx, id: ReservationId, ttl_s: i64) -> Result<Reservation> {
    let mut errors = Vec::new();
    check_ttl(ttl_s, &mut errors);
    if !errors.is_empty() {
        return Err(AppError::invalid(errors));
    }
    let mut row = settle::lock_held(tx, id).await?;
    row.expires_at = tx.now().plus_millis(ttl_s * 1000).as_millis();
    reservation::Entity::update_many()
        .col_expr(reservation::Column::ExpiresAt, Expr::value(row.expires_at))
        .filter(reservation::Column::Id.eq(row.id))
        .exec(tx)
        .await?;
    view(&row)
}

/// Takes everything that a checkout names: slots of coupons, budgets, points and credit. The member
/// is locked.
pub(super) async fn hold(
    tx: &Tx,
    app: &App,
    member: &MemberFacts,
    checkout: &Checkout,
    (session_key, until, actor): (&str, Timestamp, &str),
) -> Result<reservation::Model> {
    let open = format!("{}/{session_key}", member.id);
    settle::release_session(tx, &open).await?;
    let facts = facts::take(tx, app, member, &checkout.coupons).await?;
    let Facts {
        named,
        groups,
        templates,
    } = facts;
    let shopper = Shopper {
        member: member.id,
        groups: &groups,
        now: tx.now(),
    };
    let judged = judge(&checkout.cart, named, shopper);
    judged.require(checkout.policy, "/checkout")?;
    // From here only balances and budgets can refuse.
    let id = ReservationId::generate(&mut tx.ids());
    take_slots(tx, id, member.id, &judged, &templates).await?;
    let (payments, spends) = pay(tx, app, member, checkout, &judged, id).await?;
    let body = Body {
        quote: judged.quote(&checkout.cart, &checkout.coupons, payments),
        spends,
    };
    let row = reservation::Model {
        id: id.uuid(),
        session_key: session_key.to_owned(),
        open_session: Some(open),
        member_id: member.id.uuid(),
        state: ReservationState::Held.to_db().to_owned(),
        order_ref: None,
        expires_at: until.as_millis(),
        body: to_json(&body)?,
        actor: actor.to_owned(),
        created_at: tx.now().as_millis(),
        ended_at: None,
    };
    let active = reservation::ActiveModel::from(row.clone()).reset_all();
    reservation::Entity::insert(active)
        .exec_without_returning(tx)
        .await?;
    tx.touch(member.id);
    Ok(row)
}

/// Takes points and credit for a reservation.
async fn pay(
    tx: &Tx,
    app: &App,
    member: &MemberFacts,
    checkout: &Checkout,
    judged: &Judged,
    id: ReservationId,
) -> Result<(Vec<QuotePayment>, Vec<SpentReceipt>)> {
    let wanted = wanted_payments(checkout);
    let (mut payments, mut spends) = (Vec::new(), Vec::new());
    if wanted.is_empty() {
        return Ok((payments, spends));
    }
    let mut books = Books::load(tx, &[member.id], &[]).await?;
    books.advance(member.id, tx.now());
    let mut left = judged.priced.left.clone();
    for (asset, amount) in wanted {
        let wanted = Wanted {
            asset,
            amount,
            order_amount: left.iter().sum(),
        };
        let (receipt, pays) = points::hold(tx, app, &mut books, member, wanted, id).await?;
        payments.push(payment(asset, amount, pays, &mut left));
        spends.push(receipt);
    }
    books.save(tx, "system").await?;
    Ok((payments, spends))
}

/// What a reservation adds to a template's counters.
#[derive(Default)]
struct Share {
    uses: i64,
    amount: i64,
}

/// Gives each use its numbered slots. The counters refuse what a budget does not leave; the slots'
/// unique keys refuse it once more, whatever the counters say.
async fn take_slots(
    tx: &Tx,
    id: ReservationId,
    member: MemberId,
    judged: &Judged,
    templates: &HashMap<Uuid, template::Model>,
) -> Result<()> {
    let mut shares: BTreeMap<Uuid, (Share, &Candidate)> = BTreeMap::new();
    let mut rows = Vec::new();
    for (candidate, priced) in judged.used() {
        let amount = priced.discount() + priced.shipping_discount;
        let template = candidate.coupon.template.uuid();
        let share = &mut shares
            .entry(template)
            .or_insert_with(|| (Share::default(), candidate))
            .0;
        share.uses += 1;
        share.amount += amount;
        let row = templates
            .get(&template)
            .ok_or_else(|| AppError::internal("a coupon has no template"))?;
        rows.push(usage::Model {
            reservation_id: id.uuid(),
            coupon_id: candidate.coupon.id.uuid(),
            template_id: template,
            member_id: member.uuid(),
            coupon_slot: Some(coupon_slot(tx, &candidate.coupon).await?),
            template_slot: template_slot(tx, candidate, row).await?,
            member_slot: member_slot(tx, candidate, member).await?,
            state: UseState::Held.to_db().to_owned(),
            amount,
            order_ref: None,
            at: tx.now().as_millis(),
        });
    }
    for (template, (share, candidate)) in &shares {
        commit_budget(tx, *template, share, candidate).await?;
    }
    for row in rows {
        take_coupon(tx, row.coupon_id).await?;
        let active = usage::ActiveModel::from(row).reset_all();
        usage::Entity::insert(active)
            .exec_without_returning(tx)
            .await?;
    }
    Ok(())
}

/// The lowest number that is not taken.
pub(super) fn lowest_free(taken: &[i64]) -> i64 {
    (1..).find(|it| !taken.contains(it)).unwrap_or(i64::MAX)
}

async fn coupon_slot(tx: &Tx, coupon: &Coupon) -> Result<i64> {
    if coupon.used + coupon.reserved == 0 {
        return Ok(1);
    }
    Ok(lowest_free(
        &use_store::coupon_slots(tx, coupon.id.uuid()).await?,
    ))
}

async fn member_slot(tx: &Tx, it: &Candidate, member: MemberId) -> Result<Option<i64>> {
    if it.terms.limits.use_max_per_member.is_none() {
        return Ok(None);
    }
    let template = it.coupon.template.uuid();
    let taken = use_store::member_uses(tx, member, &[template].into()).await?;
    let taken = taken.get(&template).map_or(&[][..], Vec::as_slice);
    Ok(Some(lowest_free(taken)))
}

/// A slot of the template's budget: one that a use gave free, or the next new one.
async fn template_slot(tx: &Tx, it: &Candidate, row: &template::Model) -> Result<Option<i64>> {
    if it.terms.limits.budget_uses.is_none() {
        return Ok(None);
    }
    let Some(freed) = use_store::freed_slot(tx, row.id).await? else {
        return Ok(Some(use_store::last_slot(tx, row.id).await? + 1));
    };
    usage::Entity::update_many()
        .col_expr(
            usage::Column::TemplateSlot,
            Expr::value(Option::<i64>::None),
        )
        .filter(usage::Column::ReservationId.eq(freed.reservation_id))
        .filter(usage::Column::CouponId.eq(freed.coupon_id))
        .exec(tx)
        .await?;
    Ok(freed.template_slot)
}

async fn commit_budget(tx: &Tx, id: Uuid, share: &Share, it: &Candidate) -> Result<()> {
    use template::Column;
    let limits = &it.terms.limits;
    let mut update = template::Entity::update_many()
        .col_expr(
            Column::CommittedUses,
            Expr::col(Column::CommittedUses).add(share.uses),
        )
        .col_expr(
            Column::CommittedAmount,
            Expr::col(Column::CommittedAmount).add(share.amount),
        )
        .filter(Column::Id.eq(id));
    if let Some(most) = limits.budget_uses {
        update = update.filter(Column::CommittedUses.lte(most - share.uses));
    }
    if let Some(most) = limits.budget_amount {
        update = update.filter(Column::CommittedAmount.lte(most - share.amount));
    }
    match update.exec(tx).await?.rows_affected {
        1 => Ok(()),
        _ => Err(ErrorCode::CouponBudgetUsedUp.into()),
    }
}

async fn take_coupon(tx: &Tx, id: Uuid) -> Result<()> {
    use coupon::Column;
    let free = Expr::col(Column::Used).add(Expr::col(Column::Reserved));
    let taken = coupon::Entity::update_many()
        .col_expr(Column::Reserved, Expr::col(Column::Reserved).add(1))
        .filter(Column::Id.eq(id))
        .filter(free.lt(Expr::col(Column::UsesMax)))
        .filter(Column::RevokedAt.is_null())
        .exec(tx)
        .await?;
    match taken.rows_affected {
        1 => Ok(()),
        _ => Err(ErrorCode::CouponReserved.into()),
    }
}
