//! Claims that were not paid in time go back. Claims of a sale fall due in their order, so that
//! looking at the next one is enough to know whether there is anything to do.

use super::super::store::{self, Sale, claim, sale};
use super::seating::release;
use crate::App;
use crate::db::Tx;
use crate::db::text::DbText;
use crate::error::Result;
use crate::messages::service::{self as messages, NewMessage};
use sea_orm::entity::prelude::*;
use sea_orm::{ActiveValue::Set, ExprTrait, QueryOrder};
use shared::ids::FlashSaleId;
use shared::messages::Content;
use shared::sales::{ClaimReason, ClaimState};

/// Claims of one write.
const STEP: u64 = 500;

/// Gives back what was not paid in time.
///
/// # Errors
/// When the database fails.
pub async fn release_due(app: &App) -> Result<()> {
    use sale::Column;
    let rows = sale::Entity::find()
        .filter(Expr::col(Column::Swept).lt(Expr::col(Column::Claims)))
        .order_by_asc(Column::Number)
        .all(app.db.read())
        .await?;
    // A sale that cannot be swept holds up no other.
    let mut done = Ok(());
    for row in rows {
        done = done.and(sweep_all(app, &row).await);
    }
    done
}

async fn sweep_all(app: &App, row: &sale::Model) -> Result<()> {
    let first = store::claims_after(app.db.read(), row, row.swept, 1).await?;
    let now = app.db.now().as_millis();
    if first.first().is_none_or(|it| it.pay_by > now) {
        return Ok(());
    }
    let sale = FlashSaleId::from(row.id);
    let step = || app.db.write(sale, |tx, sale| Box::pin(sweep(tx, *sale)));
    while step().await? > 0 {}
    Ok(())
}

/// Looks at the next claims of a sale that have fallen due; answers how many.
async fn sweep(tx: &Tx, sale: FlashSaleId) -> Result<usize> {
    let sale = store::lock(tx, sale).await?;
    let now = tx.now().as_millis();
    let mut rows = store::claims_after(tx, &sale.row, sale.row.swept, STEP).await?;
    let due = rows.iter().take_while(|it| it.pay_by <= now).count();
    rows.truncate(due);
    if rows.is_empty() {
        return Ok(0);
    }
    rows.retain(|it| it.state == ClaimState::Held.to_db());
    release(tx, &sale, &rows, ClaimReason::Deadline, None).await?;
    let swept = sale.row.swept + i64::try_from(due).unwrap_or(0);
    let looked = sale::ActiveModel {
        id: Set(sale.row.id),
        swept: Set(swept),
        ..Default::default()
    };
    sale::Entity::update(looked).exec(tx).await?;
    messages::post(tx, news(&sale, &rows)).await?;
    Ok(due)
}

fn news(sale: &Sale, rows: &[claim::Model]) -> Vec<NewMessage> {
    let one = |it: &claim::Model| {
        let claim = store::claim_id(it.id);
        NewMessage {
            member: it.member_id.into(),
            source: format!("{claim}/deadline"),
            content: Content::ClaimReleased {
                sale: sale.id(),
                title: sale.definition.title.clone(),
                claim,
            },
        }
    };
    rows.iter().map(one).collect()
}
