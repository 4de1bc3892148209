//! What members hold, what they can take, and what was used, as the API shows it.

use super::service::{facts_of_coupon, groups_of, reason_view, taken_by};
use super::store::{self, coupon, template, usage};
use super::use_store;
use crate::App;
use crate::db::text::DbText;
use crate::db::{Cursor, Direction, Listing, before, paged};
use crate::error::{AppError, Result};
use crate::members;
use sea_orm::entity::prelude::*;
use sea_orm::{Condition, ExprTrait, PaginatorTrait, QueryOrder, QuerySelect};
use shared::coupons::api::{
    Burn, BurnDay, CouponDetail, CouponView, Offer, OfferState, ReasonView, Redemption, UseState,
    WalletCounts, WalletTab,
};
use shared::coupons::explain::explain;
use shared::coupons::rules::{IssueFacts, IssueRefusal, Shopper, can_take, reasons_now, state};
use shared::coupons::terms::window;
use shared::coupons::{CouponTerms, TemplateState, codes};
use shared::ids::{CouponId, CouponTemplateId, MemberId};
use shared::page::Page;
use shared::points::api::Explanation;
use shared::problem::ErrorCode;
use shared::text::Text;
use shared::time::{Timestamp, start_of_day};
use std::collections::{BTreeMap, BTreeSet};

/// Days before its end from which a coupon ends soon.
const SOON_DAYS: i64 = 3;
/// Most offers of the claim centre.
const OFFERS_MAX: u64 = 100;
/// Days of the picture of a budget.
const BURN_DAYS: i64 = 30;
/// Most uses that the picture of a budget is made from.
const BURN_MAX: u64 = 200_000;

/// The rows of a tab of the wallet at `now`.
pub(super) fn in_tab(tab: WalletTab, now: Timestamp) -> Condition {
    use coupon::Column;
    let used = Expr::col(Column::Used).gte(Expr::col(Column::UsesMax));
    let left = Expr::col(Column::Used).lt(Expr::col(Column::UsesMax));
    let running = Condition::any()
        .add(Column::ExpiresAt.gte(now.as_millis()))
        .add(Column::Reserved.gt(0));
    match tab {
        WalletTab::Usable => Condition::all()
            .add(Column::RevokedAt.is_null())
            .add(left)
            .add(running),
        WalletTab::Used => Condition::all().add(Column::RevokedAt.is_null()).add(used),
        WalletTab::Expired => Condition::any().add(Column::RevokedAt.is_not_null()).add(
            Condition::all()
                .add(left)
                .add(Column::Reserved.eq(0))
                .add(Column::ExpiresAt.lt(now.as_millis())),
        ),
    }
}

/// A tab of a member's wallet: what can be used by its end, the others newest first.
///
/// # Errors
/// When the database fails.
pub async fn wallet(
    app: &App,
    member: MemberId,
    tab: WalletTab,
    limit: u64,
    cursor: Option<Cursor>,
) -> Result<Page<CouponView>> {
    use coupon::Column;
    let now = app.db.now();
    let query = coupon::Entity::find()
        .filter(Column::MemberId.eq(member.uuid()))
        .filter(in_tab(tab, now));
    let usable = tab == WalletTab::Usable;
    let listing = if usable {
        let keys = (Column::ExpiresAt.into_expr(), Column::Id.into_expr());
        Listing::new(keys, Direction::Up, limit, cursor)
    } else {
        Listing::newest_first(Column::IssuedAt, Column::Id, limit, cursor)
    };
    let at = |it: &coupon::Model| Cursor {
        key: if usable { it.expires_at } else { it.issued_at },
        id: it.id,
    };
    let page = listing.read(app.db.read(), query, at).await?;
    Ok(Page {
        data: views(app.db.read(), &page.data, now).await?,
        next_cursor: page.next_cursor,
    })
}

/// How many coupons a member has, by tab.
///
/// # Errors
/// When the database fails.
pub async fn counts(app: &App, member: MemberId) -> Result<WalletCounts> {
    let now = app.db.now();
    let of = |filter: Condition| {
        let query = coupon::Entity::find().filter(coupon::Column::MemberId.eq(member.uuid()));
        let query = query.filter(filter);
        async move {
            let count = query.count(app.db.read()).await?;
            Ok::<_, AppError>(i64::try_from(count).unwrap_or(i64::MAX))
        }
    };
    let soon = in_tab(WalletTab::Usable, now)
        .add(coupon::Column::ExpiresAt.lte(now.plus_days(SOON_DAYS).as_millis()));
    Ok(WalletCounts {
        usable: of(in_tab(WalletTab::Usable, now)).await?,
        used: of(in_tab(WalletTab::Used, now)).await?,
        expired: of(in_tab(WalletTab::Expired, now)).await?,
        ending_soon: of(soon).await?,
    })
}

async fn views(
    db: &impl ConnectionTrait,
    rows: &[coupon::Model],
    now: Timestamp,
) -> Result<Vec<CouponView>> {
    let keys: BTreeSet<_> = rows.iter().map(|it| (it.template_id, it.version)).collect();
    let terms = store::terms_of(db, &keys).await?;
    let ids: Vec<Uuid> = rows.iter().map(|it| it.id).collect();
    let orders = use_store::orders_of(db, &ids).await?;
    let view = |row: &coupon::Model| {
        let terms = terms.get(&(row.template_id, row.version));
        let terms = terms.ok_or_else(|| AppError::internal("a coupon has no terms"))?;
        view(row, terms, orders.get(&row.id).cloned(), now)
    };
    rows.iter().map(view).collect()
}

fn view(
    row: &coupon::Model,
    terms: &CouponTerms,
    order_id: Option<String>,
    now: Timestamp,
) -> Result<CouponView> {
    let coupon = use_store::to_coupon(row);
    Ok(CouponView {
        id: coupon.id,
        template_id: coupon.template,
        code: codes::grouped(&coupon.code),
        state: state(&coupon, now),
        name: terms.name.clone(),
        description: terms.description.clone(),
        discount: terms.discount.clone(),
        threshold_amount: terms.threshold_amount,
        scope: terms.scope.clone(),
        stacking: terms.stacking.clone(),
        valid_from: coupon.valid_from,
        expires_at: coupon.expires_at,
        uses_left: std::cmp::max(coupon.uses_max - coupon.used - coupon.reserved, 0),
        source: use_store::source_of(row)?,
        issued_at: Timestamp::from_millis(row.issued_at),
        order_id,
    })
}

/// A coupon in full, with what keeps it from being used now. `owner` sees only their own.
///
/// # Errors
/// `coupons.not_found`.
pub async fn detail(app: &App, id: CouponId, owner: Option<MemberId>) -> Result<CouponDetail> {
    let db = app.db.read();
    let row = find(db, id, owner).await?;
    let member = MemberId::from(row.member_id);
    let candidate = facts_of_coupon(db, &row).await?;
    let groups = groups_of(db, app, member).await?;
    let shopper = Shopper {
        member,
        groups: &groups,
        now: app.db.now(),
    };
    let reasons: Vec<ReasonView> = reasons_now(&candidate, shopper)
        .into_iter()
        .map(reason_view)
        .collect();
    let mut seen = views(db, std::slice::from_ref(&row), app.db.now()).await?;
    let coupon = seen.pop().ok_or(ErrorCode::CouponNotFound)?;
    Ok(CouponDetail {
        qr: crate::qr::picture(&row.code)?,
        coupon,
        member_id: member,
        reasons,
    })
}

async fn find(
    db: &impl ConnectionTrait,
    id: CouponId,
    owner: Option<MemberId>,
) -> Result<coupon::Model> {
    let row = coupon::Entity::find_by_id(id.uuid()).one(db).await?;
    let own = |it: &coupon::Model| owner.is_none_or(|owner| it.member_id == owner.uuid());
    row.filter(own)
        .ok_or_else(|| ErrorCode::CouponNotFound.into())
}

/// Why a coupon is what it is: how it came, when it can be used, what became of each use.
///
/// # Errors
/// `coupons.not_found`.
pub async fn explanation(app: &App, id: CouponId, owner: Option<MemberId>) -> Result<Explanation> {
    let detail = detail(app, id, owner).await?;
    let row = find(app.db.read(), id, owner).await?;
    let uses = usage::Entity::find()
        .filter(usage::Column::CouponId.eq(id.uuid()))
        .order_by_asc(usage::Column::At)
        .all(app.db.read())
        .await?;
    let uses = uses.iter().map(redemption).collect::<Result<Vec<_>>>()?;
    let revoked_at = row.revoked_at.map(Timestamp::from_millis);
    Ok(explain(
        &detail,
        row.version,
        &uses,
        revoked_at,
        app.rulebook().programme.currency,
    ))
}

/// What a member finds in the claim centre.
///
/// # Errors
/// When the database fails.
pub async fn offers(app: &App, member: MemberId) -> Result<Vec<Offer>> {
    use template::Column;
    let db = app.db.read();
    let rows = template::Entity::find()
        .filter(Column::State.eq(TemplateState::Active.to_db()))
        .filter(Column::Claimable.eq(true))
        .order_by_desc(Column::CreatedAt)
        .order_by_desc(Column::Id)
        .limit(OFFERS_MAX)
        .all(db)
        .await?;
    let keys: BTreeSet<_> = rows.iter().map(|it| (it.id, it.version)).collect();
    let terms = store::terms_of(db, &keys).await?;
    let groups = groups_of(db, app, member).await?;
    let zone = members::service::facts_of(db, member).await?.zone;
    let now = app.db.now();
    let mut offers = Vec::with_capacity(rows.len());
    for row in &rows {
        let Some(terms) = terms.get(&(row.id, row.version)) else {
            continue;
        };
        let claimed = taken_by(db, row.id.into(), member).await?;
        let facts = IssueFacts {
            terms,
            state: TemplateState::Active,
            issued: row.issued,
            issued_to_member: claimed,
            expires_at: window(terms.validity, now, &zone).1,
            now,
        };
        let state = match can_take(facts, &groups) {
            Ok(()) => OfferState::Claimable,
            Err(IssueRefusal::WrongTier) => OfferState::TierLocked,
            Err(IssueRefusal::MemberLimit) => OfferState::Claimed,
            Err(IssueRefusal::AllIssued) => OfferState::AllIssued,
            Err(_) => continue,
        };
        let mut made = offer(row, terms, claimed, state);
        made.tiers = tier_names(app, &terms.audience.tiers, now);
        offers.push(made);
    }
    Ok(offers)
}

/// What tiers of the present ladder are called; one that is gone is nobody's.
fn tier_names(app: &App, codes: &[String], now: Timestamp) -> Vec<Text> {
    let rulebook = app.rulebook();
    let ladder = &rulebook.ladder_at(now).ladder;
    let named = ladder.tiers.iter().filter(|it| codes.contains(&it.code));
    named.map(|it| it.name.clone()).collect()
}

fn offer(row: &template::Model, terms: &CouponTerms, claimed: i64, state: OfferState) -> Offer {
    Offer {
        template_id: row.id.into(),
        name: terms.name.clone(),
        description: terms.description.clone(),
        discount: terms.discount.clone(),
        threshold_amount: terms.threshold_amount,
        validity: terms.validity,
        tiers: Vec::new(),
        left: terms
            .limits
            .issue_max
            .map(|it| std::cmp::max(it - row.issued, 0)),
        claimed,
        state,
    }
}

fn redemption(row: &usage::Model) -> Result<Redemption> {
    Ok(Redemption {
        coupon_id: row.coupon_id.into(),
        template_id: row.template_id.into(),
        member_id: row.member_id.into(),
        reservation_id: row.reservation_id.into(),
        state: UseState::from_db(&row.state)?,
        amount: row.amount,
        order_id: row.order_ref.clone(),
        at: Timestamp::from_millis(row.at),
    })
}

/// What to look for in the log.
#[derive(Debug, Clone, Copy, Default)]
pub struct LogFilter {
    /// Only uses of this template.
    pub template: Option<CouponTemplateId>,
    /// Only uses in this state.
    pub state: Option<UseState>,
}

/// Uses of coupons, the last changed first.
///
/// # Errors
/// When the database fails.
pub async fn log(
    app: &App,
    filter: LogFilter,
    limit: u64,
    cursor: Option<Cursor>,
) -> Result<Page<Redemption>> {
    use usage::Column;
    let mut query = usage::Entity::find();
    if let Some(template) = filter.template {
        query = query.filter(Column::TemplateId.eq(template.uuid()));
    }
    if let Some(state) = filter.state {
        query = query.filter(Column::State.eq(state.to_db()));
    }
    if let Some(cursor) = cursor {
        query = query.filter(before(Column::At, Column::CouponId, cursor));
    }
    let query = query
        .order_by_desc(Column::At)
        .order_by_desc(Column::CouponId);
    let rows = query.limit(limit + 1).all(app.db.read()).await?;
    let at = |it: &usage::Model| Cursor {
        key: it.at,
        id: it.coupon_id,
    };
    let page = paged(rows, limit, at, |it| it);
    Ok(Page {
        data: page.data.iter().map(redemption).collect::<Result<_>>()?,
        next_cursor: page.next_cursor,
    })
}

/// How the budget of a template was used up in the last thirty days.
///
/// # Errors
/// `coupons.template_not_found`.
pub async fn burn(app: &App, id: CouponTemplateId) -> Result<Burn> {
    use usage::Column;
    let db = app.db.read();
    super::service::get(db, id).await?;
    let rulebook = app.rulebook();
    let zone = &rulebook.zone;
    let today = app.db.now().date_in(zone);
    let first = app.db.now().plus_days(1 - BURN_DAYS).date_in(zone);
    let rows: Vec<(i64, i64)> = usage::Entity::find()
        .select_only()
        .columns([Column::At, Column::Amount])
        .filter(Column::TemplateId.eq(id.uuid()))
        .filter(Column::State.eq(UseState::Redeemed.to_db()))
        .filter(Column::At.gte(start_of_day(first, zone).as_millis()))
        .limit(BURN_MAX)
        .into_tuple()
        .all(db)
        .await?;
    let mut days = BTreeMap::new();
    let mut day = first;
    while day <= today {
        days.insert(day, (0, 0));
        day = match day.tomorrow() {
            Ok(next) => next,
            Err(_) => break,
        };
    }
    for (at, amount) in rows {
        let day = days
            .entry(Timestamp::from_millis(at).date_in(zone))
            .or_default();
        *day = (day.0 + 1, day.1 + amount);
    }
    let days = days.into_iter().map(|(day, (uses, amount))| BurnDay {
        day: day.into(),
        uses,
        amount,
    });
    Ok(Burn {
        days: days.collect(),
    })
}
