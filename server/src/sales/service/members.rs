//! Sales and claims as members see them.

use super::super::people::Person;
use super::super::store::{self, Sale, audience, claim, reminder, sale};
use super::views::{claim_view, naming};
use crate::App;
use crate::db::text::DbText;
use crate::db::{Cursor, Listing, try_map};
use crate::error::{AppError, Result};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::Query;
use sea_orm::{Condition, ExprTrait, QueryOrder, QuerySelect};
use shared::ids::{CommunityId, FlashClaimId, FlashSaleId, MemberId};
use shared::page::Page;
use shared::problem::ErrorCode;
use shared::sales::SaleState;
use shared::sales::api::{FlashClaim, MemberProduct, MemberSale, MemberSales};
use shared::sales::rules::NotNow;
use std::collections::BTreeSet;

/// Most sales that a member is shown.
const SHOWN: u64 = 100;

/// A sale for a member.
async fn view(app: &App, sale: &Sale, member: MemberId, person: &Person) -> Result<MemberSale> {
    let db = app.db.read();
    let now = app.db.now();
    let stock = store::products(db, sale.row.id).await?;
    let own = store::claims_of(db, sale.row.number, &[member]).await?;
    let key = (sale.row.id, member.uuid());
    let wanted = reminder::Entity::find_by_id(key).one(db).await?;
    let rulebook = app.rulebook();
    let ladder = &rulebook.ladder_at(now).ladder;
    let definition = &sale.definition;
    let products = definition.products.iter().zip(&stock).map(|(it, stock)| {
        let mine = own
            .iter()
            .filter(|row| row.place == stock.place && row.is_seated());
        MemberProduct {
            sku: it.sku.clone(),
            name: it.name.clone(),
            price: it.price,
            list_price: it.list_price,
            stock: stock.stock,
            free: stock.free(),
            per_member: it.per_member,
            mine: mine.map(|row| row.quantity).sum(),
        }
    });
    Ok(MemberSale {
        id: sale.id(),
        title: definition.title.clone(),
        phase: sale.now().phase(now),
        paused: sale.row.paused,
        starts_at: definition.starts_at,
        opens_at: definition.opening_for(person.tier(ladder), ladder),
        ends_at: definition.ends_at,
        early: definition.early.clone(),
        payment_minutes: definition.payment_minutes,
        products: products.collect(),
        blocked: sale.now().against(person.visitor(ladder), ladder, now),
        remind: wanted.is_some(),
        server_time: now,
    })
}

/// A published sale, for a member.
///
/// # Errors
/// `flash_sales.not_found`, also for a draft.
pub async fn for_member(app: &App, id: FlashSaleId, member: MemberId) -> Result<MemberSale> {
    let sale = store::find(app.db.read(), id).await?;
    if sale.state == SaleState::Draft {
        return Err(ErrorCode::SaleNotFound.into());
    }
    view(app, &sale, member, &*app.people.one(app, member).await?).await
}

/// The sales that a member can take part in or took part in today; the one that opens first first.
/// Those for other communities are left out, those for higher tiers are not.
///
/// # Errors
/// When the database fails.
pub async fn member_sales(app: &App, member: MemberId) -> Result<MemberSales> {
    Ok(MemberSales {
        sales: shown(app, member, None).await?,
        server_time: app.db.now(),
    })
}

/// Those of them that are for one of the member's communities by name.
///
/// # Errors
/// When the database fails.
pub async fn community_sales(
    app: &App,
    community: CommunityId,
    member: MemberId,
) -> Result<Vec<MemberSale>> {
    shown(app, member, Some(community)).await
}

/// The sales for a member, or those of them that name one community.
async fn shown(app: &App, member: MemberId, only: Option<CommunityId>) -> Result<Vec<MemberSale>> {
    use sale::Column;
    let person = app.people.one(app, member).await?;
    let own: Vec<CommunityId> = person.communities.iter().map(|it| it.community).collect();
    let own = only.map_or(own, |it| vec![it]);
    let mut wanted = Condition::any().add(Column::Id.is_in(naming(app, &own).await?));
    if only.is_none() {
        let naming_some = Query::select()
            .column(audience::Column::SaleId)
            .from(audience::Entity)
            .to_owned();
        wanted = wanted.add(Column::Id.not_in_subquery(naming_some));
    }
    let rows = sale::Entity::find()
        .filter(wanted)
        .filter(Column::State.ne(SaleState::Draft.to_db()))
        .filter(Column::EndsAt.gt(app.db.now().plus_days(-1).as_millis()))
        .order_by_asc(Column::StartsAt)
        .order_by_asc(Column::Id)
        .limit(SHOWN)
        .all(app.db.read())
        .await?;
    let mut sales = Vec::with_capacity(rows.len());
    for row in rows {
        let sale = Sale::of(row)?;
        let sale = view(app, &sale, member, &person).await?;
        let foreign = |it: &NotNow| matches!(it, NotNow::OtherCommunity | NotNow::OtherTag);
        if !sale.blocked.iter().any(foreign) {
            sales.push(sale);
        }
    }
    Ok(sales)
}

/// A member's claims, newest first.
///
/// # Errors
/// When the database fails.
pub async fn claims(
    app: &App,
    member: MemberId,
    limit: u64,
    cursor: Option<Cursor>,
) -> Result<Page<FlashClaim>> {
    use claim::Column;
    let mut query = claim::Entity::find().filter(Column::MemberId.eq(member.uuid()));
    // Claims have no other id than their number, which decides among those of one instant.
    if let Some(cursor) = cursor {
        let id = store::claim_number(FlashClaimId::from(cursor.id)).unwrap_or(0);
        let earlier = Column::ClaimedAt.lt(cursor.key);
        let same = Column::ClaimedAt.eq(cursor.key).and(Column::Id.lt(id));
        query = query.filter(earlier.or(same));
    }
    let list = Listing::newest_first(Column::ClaimedAt, Column::Id, limit, None);
    let place = |it: &claim::Model| Cursor {
        key: it.claimed_at,
        id: store::claim_id(it.id).uuid(),
    };
    let page = list.read(app.db.read(), query, place).await?;
    let numbers: BTreeSet<i64> = page.data.iter().map(|it| it.sale_number).collect();
    let numbers: Vec<i64> = numbers.into_iter().collect();
    let sales = store::by_numbers(app.db.read(), &numbers).await?;
    try_map(page, |row| {
        let sale = sales.iter().find(|it| it.row.number == row.sale_number);
        let sale = sale.ok_or_else(|| AppError::internal("a claim of no sale"))?;
        claim_view(sale, &row)
    })
}

/// A claim; for a member only the own.
///
/// # Errors
/// `flash_sales.claim_not_found`.
pub async fn claim_of(app: &App, id: FlashClaimId, member: Option<MemberId>) -> Result<FlashClaim> {
    let missing = || AppError::from(ErrorCode::FlashClaimNotFound);
    let number = store::claim_number(id).ok_or_else(missing)?;
    let row = store::claims_by_id(app.db.read(), &[number]).await?.pop();
    let row = row.filter(|row| member.is_none_or(|it| it.uuid() == row.member_id));
    let row = row.ok_or_else(missing)?;
    let sales = store::by_numbers(app.db.read(), &[row.sale_number]).await?;
    let sale = sales.first().ok_or_else(missing)?;
    claim_view(sale, &row)
}
