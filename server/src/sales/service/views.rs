//! Sales as staff see them, and what everybody watches.

use super::super::live::Moment;
use super::super::store::{self, Sale, audience, claim, claim_at, product, sale};
use crate::App;
use crate::communities;
use crate::db::text::DbText;
use crate::db::{Cursor, Listing, Tx};
use crate::error::{AppError, Result};
use sea_orm::entity::prelude::*;
use sea_orm::{Condition, QueryOrder, QuerySelect};
use shared::communities::Reach;
use shared::ids::{CommunityId, FlashSaleId};
use shared::page::Page;
use shared::problem::ErrorCode;
use shared::sales::api::{
    CommunityFigures, FlashClaim, FlashSale, LiveProduct, ProductStock, SaleFigures, SaleLive,
    SaleReport, TierFigures,
};
use shared::sales::{ClaimReason, ClaimState, Phase, SaleState};
use shared::time::Timestamp;
use std::collections::BTreeMap;

fn stock_view(sale: &Sale, stock: &[product::Model]) -> Vec<ProductStock> {
    let products = sale.definition.products.iter().zip(stock);
    let view = |(product, stock): (&shared::sales::SaleProduct, &product::Model)| ProductStock {
        sku: product.sku.clone(),
        stock: stock.stock,
        held: stock.held,
        sold: stock.sold,
        free: stock.free(),
    };
    products.map(view).collect()
}

pub(super) fn view(sale: Sale, stock: &[product::Model], now: Timestamp) -> FlashSale {
    FlashSale {
        id: sale.id(),
        series: sale.row.series_id.into(),
        version: sale.row.version,
        state: sale.state,
        phase: sale.now().phase(now),
        paused: sale.row.paused,
        stock: stock_view(&sale, stock),
        definition: sale.definition,
        created_at: Timestamp::from_millis(sale.row.created_at),
        updated_at: Timestamp::from_millis(sale.row.updated_at),
    }
}

/// A claim as callers see it.
pub(super) fn claim_view(sale: &Sale, row: &claim::Model) -> Result<FlashClaim> {
    let place = usize::try_from(row.place).unwrap_or(usize::MAX);
    let product = sale.definition.products.get(place);
    let product = product.ok_or_else(|| AppError::internal("a claim of no product"))?;
    Ok(FlashClaim {
        id: store::claim_id(row.id),
        sale_id: sale.id(),
        title: sale.definition.title.clone(),
        member_id: row.member_id.into(),
        sku: product.sku.clone(),
        name: product.name.clone(),
        quantity: row.quantity,
        price: product.price,
        state: ClaimState::from_db(&row.state)?,
        reason: ClaimReason::from_db(&row.reason)?,
        claimed_at: Timestamp::from_millis(row.claimed_at),
        pay_by: Timestamp::from_millis(row.pay_by),
        order_id: row.order_ref.clone(),
    })
}

/// A claim as its first answer shows it, whatever became of it since.
///
/// # Errors
/// When the sale does not have the product.
pub fn first_view(sale: &Sale, row: &claim::Model) -> Result<FlashClaim> {
    let reason = ClaimReason::Claimed;
    Ok(FlashClaim {
        state: reason.state(),
        reason,
        order_id: None,
        ..claim_view(sale, row)?
    })
}

/// A sale, for staff.
///
/// # Errors
/// `flash_sales.not_found`.
pub async fn get(app: &App, id: FlashSaleId) -> Result<FlashSale> {
    read(app.db.read(), id, app.db.now()).await
}

/// A sale as a write leaves it, for staff.
///
/// # Errors
/// `flash_sales.not_found`.
pub async fn get_in(tx: &Tx, id: FlashSaleId) -> Result<FlashSale> {
    read(tx, id, tx.now()).await
}

async fn read(db: &impl ConnectionTrait, id: FlashSaleId, now: Timestamp) -> Result<FlashSale> {
    let sale = store::find(db, id).await?;
    let stock = store::products(db, id.uuid()).await?;
    Ok(view(sale, &stock, now))
}

/// Refuses a sale that somebody may not see, as if it were not there: whoever leads only some
/// communities sees the sales that name one of them.
///
/// # Errors
/// `flash_sales.not_found`.
pub fn visible(reach: &Reach, sale: &FlashSale) -> Result<()> {
    let named = &sale.definition.audience.communities;
    let seen = match reach {
        Reach::All => true,
        Reach::Own(..) => named.iter().any(|it| reach.has(*it)),
    };
    if seen {
        Ok(())
    } else {
        Err(ErrorCode::SaleNotFound.into())
    }
}

/// Refuses to make or change a sale for communities out of somebody's reach.
///
/// # Errors
/// `request.invalid` that names the audience.
pub fn require(reach: &Reach, communities: &[CommunityId]) -> Result<()> {
    if reach.covers(communities) {
        return Ok(());
    }
    let message = "expected your own communities, at least one";
    Err(AppError::invalid_field(
        "/audience/communities",
        "invalid",
        message,
    ))
}

/// The sales that name one of these communities.
pub(super) async fn naming(app: &App, communities: &[CommunityId]) -> Result<Vec<Uuid>> {
    use audience::Column;
    let query = audience::Entity::find()
        .select_only()
        .column(Column::SaleId)
        .filter(Column::CommunityId.is_in(communities.iter().map(|it| it.uuid())));
    Ok(query.into_tuple().all(app.db.read()).await?)
}

/// The sales that name a community and start in a span of time, its end left out, the earliest
/// first.
///
/// # Errors
/// When the database fails.
pub async fn of_community(
    app: &App,
    community: CommunityId,
    (from, until): (Timestamp, Timestamp),
) -> Result<Vec<FlashSale>> {
    use sale::Column;
    let rows = sale::Entity::find()
        .filter(Column::Id.is_in(naming(app, &[community]).await?))
        .filter(Column::StartsAt.gte(from.as_millis()))
        .filter(Column::StartsAt.lt(until.as_millis()))
        .order_by_asc(Column::StartsAt)
        .order_by_asc(Column::Id)
        .all(app.db.read())
        .await?;
    views(app, rows).await
}

async fn views(app: &App, rows: Vec<sale::Model>) -> Result<Vec<FlashSale>> {
    let mut found = Vec::with_capacity(rows.len());
    for row in rows {
        let stock = store::products(app.db.read(), row.id).await?;
        found.push(view(Sale::of(row)?, &stock, app.db.now()));
    }
    Ok(found)
}

/// Sales that are doing something at an instant; those that are open for anybody are live.
fn doing(phase: Phase, now: Timestamp) -> Condition {
    use sale::Column;
    let now = now.as_millis();
    let (state, times) = match phase {
        Phase::Draft => (SaleState::Draft, Condition::all()),
        Phase::Cancelled => (SaleState::Cancelled, Condition::all()),
        Phase::Scheduled => {
            let times = Condition::all().add(Column::OpensAt.gt(now));
            (SaleState::Scheduled, times)
        }
        Phase::Early | Phase::Live => {
            let times = Condition::all().add(Column::OpensAt.lte(now));
            let times = match phase {
                Phase::Early => times.add(Column::StartsAt.gt(now)),
                _ => times.add(Column::EndsAt.gt(now)),
            };
            (SaleState::Scheduled, times)
        }
        Phase::Ended => {
            let times = Condition::all().add(Column::EndsAt.lte(now));
            (SaleState::Scheduled, times)
        }
    };
    times.add(Column::State.eq(state.to_db()))
}

/// Sales within reach, the one that starts last first.
///
/// # Errors
/// When the database fails.
pub async fn list(
    app: &App,
    reach: &Reach,
    (state, phase): (Option<SaleState>, Option<Phase>),
    limit: u64,
    cursor: Option<Cursor>,
) -> Result<Page<FlashSale>> {
    use sale::Column;
    let mut query = sale::Entity::find();
    if let Some(state) = state {
        query = query.filter(Column::State.eq(state.to_db()));
    }
    if let Some(phase) = phase {
        query = query.filter(doing(phase, app.db.now()));
    }
    if let Reach::Own(_, own) = reach {
        let named = naming(app, own).await?;
        query = query.filter(Column::Id.is_in(named));
    }
    let list = Listing::newest_first(Column::StartsAt, Column::Id, limit, cursor);
    let place = |it: &sale::Model| Cursor {
        key: it.starts_at,
        id: it.id,
    };
    let page = list.read(app.db.read(), query, place).await?;
    Ok(Page {
        data: views(app, page.data).await?,
        next_cursor: page.next_cursor,
    })
}

/// What changes while a sale runs, as it is now.
///
/// # Errors
/// `flash_sales.not_found`, also for a draft.
pub async fn moment(app: &App, id: FlashSaleId) -> Result<Moment> {
    let sale = store::find(app.db.read(), id).await?;
    if sale.state == SaleState::Draft {
        return Err(ErrorCode::SaleNotFound.into());
    }
    let stock = store::products(app.db.read(), id.uuid()).await?;
    let products: Vec<LiveProduct> = stock_view(&sale, &stock)
        .into_iter()
        .map(|it| LiveProduct {
            sku: it.sku,
            stock: it.stock,
            free: it.free,
        })
        .collect();
    let now = app.db.now();
    let phase = sale.now().phase(now);
    let step = serde_json::to_string(&phase)?;
    Ok(Moment {
        id: format!("{}-{}", sale.row.revision, step.trim_matches('"')),
        live: SaleLive {
            id,
            phase,
            paused: sale.row.paused,
            sold_out: products.iter().all(|it| it.free < 1),
            products,
            server_time: now,
        },
    })
}

/// Claims of one product, community, tier and state in figures.
type Counted = (i32, Option<Uuid>, String, String, i64, i64);

/// What a sale brought.
///
/// # Errors
/// `flash_sales.not_found`.
pub async fn report(app: &App, id: FlashSaleId) -> Result<SaleReport> {
    use claim::Column;
    let sale = store::find(app.db.read(), id).await?;
    let stock = store::products(app.db.read(), id.uuid()).await?;
    let counted: Vec<Counted> = claim::Entity::find()
        .select_only()
        .columns([
            Column::Place,
            Column::CommunityId,
            Column::Tier,
            Column::State,
        ])
        .expr_as(Expr::cust("COUNT(*)"), "claims")
        .expr_as(Expr::cust("CAST(SUM(quantity) AS BIGINT)"), "pieces")
        .filter(Column::Id.gt(claim_at(sale.row.number, 0)))
        .filter(Column::Id.lt(claim_at(sale.row.number + 1, 0)))
        .group_by(Column::Place)
        .group_by(Column::CommunityId)
        .group_by(Column::Tier)
        .group_by(Column::State)
        .order_by_asc(Column::Place)
        .into_tuple()
        .all(app.db.read())
        .await?;
    let mut total = SaleFigures::default();
    let mut by_community: BTreeMap<Option<CommunityId>, SaleFigures> = BTreeMap::new();
    let mut by_tier: BTreeMap<String, SaleFigures> = BTreeMap::new();
    for (place, community, tier, state, claims, pieces) in counted {
        let product = usize::try_from(place).ok();
        let product = product.and_then(|it| sale.definition.products.get(it));
        let price = product.map_or(0, |it| it.price);
        let community = by_community.entry(community.map(CommunityId::from));
        let tier = by_tier.entry(tier);
        for figures in [&mut total, community.or_default(), tier.or_default()] {
            add(
                figures,
                ClaimState::from_db(&state)?,
                (claims, pieces, price),
            );
        }
    }
    for (tier, community, visitors, missed) in store::interests(app.db.read(), &sale.row).await? {
        let community = by_community.entry(community.map(CommunityId::from));
        let tier = by_tier.entry(tier);
        for figures in [&mut total, community.or_default(), tier.or_default()] {
            figures.visitors += visitors;
            figures.missed += missed;
        }
    }
    let named: Vec<CommunityId> = by_community.keys().flatten().copied().collect();
    let names = communities::service::names_of(app.db.read(), &named).await?;
    let community = |(id, figures): (Option<CommunityId>, SaleFigures)| CommunityFigures {
        community_id: id,
        name: id.and_then(|it| names.get(&it).cloned()),
        figures,
    };
    Ok(SaleReport {
        total,
        products: stock_view(&sale, &stock),
        communities: by_community.into_iter().map(community).collect(),
        tiers: by_tier
            .into_iter()
            .map(|(tier, figures)| TierFigures { tier, figures })
            .collect(),
    })
}

fn add(to: &mut SaleFigures, state: ClaimState, (claims, pieces, price): (i64, i64, i64)) {
    to.claims += claims;
    to.claimed += pieces;
    match state {
        ClaimState::Held => to.held += pieces,
        ClaimState::Paid => {
            to.paid += pieces;
            to.amount += pieces * price;
        }
        ClaimState::Released => to.released += pieces,
        ClaimState::RefundDue => to.refund_due += pieces,
    }
}
