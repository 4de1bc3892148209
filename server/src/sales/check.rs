//! Counts the stock of flash sales again.

use super::store::{self, Sale, claim, claim_at, product, sale, share, shares};
use crate::App;
use crate::check::Report;
use crate::db::text::DbText;
use crate::error::Result;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::SimpleExpr;
use sea_orm::{ExprTrait, PaginatorTrait, QueryOrder, QuerySelect};
use shared::ids::FlashSaleId;
use shared::sales::ClaimState;
use std::collections::BTreeMap;

/// Pieces by product, community and state.
type Counted = Vec<(i32, Option<Uuid>, String, i64, i64)>;

/// Checks that what sales hold and have sold is what their claims say, and fits into the stock.
pub(crate) async fn check(app: &App, report: &mut Report) -> Result<()> {
    let rows = sale::Entity::find()
        .order_by_asc(sale::Column::Number)
        .all(app.db.read())
        .await?;
    for row in rows {
        let counted = count(app, &row).await?;
        check_products(app, &row, &counted, report).await?;
        check_shares(&row, &counted, shares(app.db.read(), row.id).await?, report);
        let claims: i64 = counted.iter().map(|it| it.4).sum();
        let id = FlashSaleId::from(row.id);
        report.compare(id, "claims of the flash sale", claims, row.claims);
        let overdue = store::overdue(app.db.read(), &row).await?;
        report.compare(id, "claims held after their deadline", 0, overdue);
    }
    check_claims(app, report).await
}

/// Checks that claims belong to a sale, and those that were paid to an order.
async fn check_claims(app: &App, report: &mut Report) -> Result<()> {
    let count = async |wrong: SimpleExpr| {
        let query = claim::Entity::find().filter(wrong);
        query.count(app.db.read()).await
    };
    // The number of a claim begins with the number of its sale.
    let astray = Expr::cust(
        "(id >> 32) <> sale_number OR NOT EXISTS (SELECT 1 FROM flash_sales \
         WHERE flash_sales.number = flash_claims.sale_number)",
    );
    report.compare(
        "flash_claims",
        "claims of no flash sale",
        0,
        count(astray).await?,
    );
    let paid = claim::Column::State.eq(ClaimState::Paid.to_db());
    let unknown = paid.and(claim::Column::OrderRef.is_null());
    report.compare(
        "flash_claims",
        "claims paid by no order",
        0,
        count(unknown).await?,
    );
    Ok(())
}

async fn count(app: &App, row: &sale::Model) -> Result<Counted> {
    use claim::Column;
    let query = claim::Entity::find()
        .select_only()
        .columns([Column::Place, Column::CommunityId, Column::State])
        .expr_as(Expr::cust("CAST(SUM(quantity) AS BIGINT)"), "pieces")
        .expr_as(Expr::cust("COUNT(*)"), "claims")
        .filter(Column::Id.gt(claim_at(row.number, 0)))
        .filter(Column::Id.lt(claim_at(row.number + 1, 0)))
        .group_by(Column::Place)
        .group_by(Column::CommunityId)
        .group_by(Column::State);
    Ok(query.into_tuple().all(app.db.read()).await?)
}

async fn check_products(
    app: &App,
    row: &sale::Model,
    counted: &Counted,
    report: &mut Report,
) -> Result<()> {
    let products = product::Entity::find()
        .filter(product::Column::SaleId.eq(row.id))
        .all(app.db.read())
        .await?;
    let sale = Sale::of(row.clone())?;
    let id = sale.id();
    let named = sale.definition.products.len();
    report.compare(id, "products of the flash sale", named, products.len());
    for it in products {
        let id = format!("{}/{}", FlashSaleId::from(row.id), it.place);
        let sum = |state: ClaimState| -> i64 {
            let of = counted
                .iter()
                .filter(|row| row.0 == it.place && row.2 == state.to_db());
            of.map(|row| row.3).sum()
        };
        let (held, sold) = (sum(ClaimState::Held), sum(ClaimState::Paid));
        report.compare(&id, "pieces held in the flash sale", held, it.held);
        report.compare(&id, "pieces sold in the flash sale", sold, it.sold);
        if held + sold > it.stock {
            report.note(&id, "flash sale oversold", it.stock, held + sold);
        }
    }
    Ok(())
}

fn check_shares(
    row: &sale::Model,
    counted: &Counted,
    kept: Vec<share::Model>,
    report: &mut Report,
) {
    let mut taken: BTreeMap<(i32, Uuid), i64> = BTreeMap::new();
    let seated = [ClaimState::Held, ClaimState::Paid].map(DbText::to_db);
    for (place, community, state, pieces, _) in counted {
        if let Some(community) = community
            && seated.contains(&state.as_str())
        {
            *taken.entry((*place, *community)).or_default() += pieces;
        }
    }
    let id = FlashSaleId::from(row.id);
    let what = "pieces of a community in the flash sale";
    for it in kept {
        let expected = taken.remove(&(it.place, it.community_id)).unwrap_or(0);
        report.compare(id, what, expected, it.taken);
    }
    for pieces in taken.into_values() {
        report.compare(id, what, pieces, 0);
    }
}
