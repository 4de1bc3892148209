//! A sale's claims, for staff: who holds what, and who has to get money back.

use super::super::store::{self, claim, claim_at};
use super::views::claim_view;
use crate::App;
use crate::db::text::DbText;
use crate::db::{Cursor, Listing, try_map};
use crate::error::Result;
use crate::members;
use sea_orm::entity::prelude::*;
use shared::ids::{FlashSaleId, MemberId};
use shared::page::Page;
use shared::sales::ClaimState;
use shared::sales::api::SaleClaim;
use shared::time::Timestamp;

/// Claims of a sale, the one made last first, perhaps only those in one state.
///
/// # Errors
/// `flash_sales.not_found`.
pub async fn claims_of_sale(
    app: &App,
    sale: FlashSaleId,
    state: Option<ClaimState>,
    limit: u64,
    cursor: Option<Cursor>,
) -> Result<Page<SaleClaim>> {
    use claim::Column;
    let db = app.db.read();
    let sale = store::find(db, sale).await?;
    // Claims are numbered in the order in which they were made.
    let last = claim_at(sale.row.number, sale.row.claims);
    let last = cursor.map_or(last, |it| last.min(it.key.saturating_sub(1)));
    let mut query = claim::Entity::find()
        .filter(Column::Id.gt(claim_at(sale.row.number, 0)))
        .filter(Column::Id.lte(last));
    if let Some(state) = state {
        query = query.filter(Column::State.eq(state.to_db()));
    }
    let list = Listing::newest_first(Column::Id, Column::Id, limit, None);
    let place = |it: &claim::Model| Cursor {
        key: it.id,
        id: store::claim_id(it.id).uuid(),
    };
    let page = list.read(db, query, place).await?;
    let members: Vec<MemberId> = page.data.iter().map(|it| it.member_id.into()).collect();
    let names = members::service::names_of(db, &members).await?;
    try_map(page, |row| {
        let name = names.iter().find(|it| it.0.uuid() == row.member_id);
        Ok(SaleClaim {
            claim: claim_view(&sale, &row)?,
            member_name: name.map(|it| it.1.clone()),
            tier: row.tier,
            settled_at: row.settled_at.map(Timestamp::from_millis),
        })
    })
}
