//! The sale of the next week is made once this week's has begun.

use super::super::store::{self, sale};
use super::manage::insert;
use crate::App;
use crate::audit;
use crate::db::Tx;
use crate::db::text::DbText;
use crate::error::Result;
use sea_orm::entity::prelude::*;
use sea_orm::{ActiveValue::Set, QueryOrder};
use shared::ids::FlashSaleId;
use shared::sales::SaleState;

/// Who makes the sales that follow.
const ACTOR: &str = "system";

/// Makes the sales that follow those that have begun.
///
/// # Errors
/// When the database fails.
pub async fn follow_due(app: &App) -> Result<()> {
    use sale::Column;
    loop {
        let now = app.db.now();
        let rows = sale::Entity::find()
            .filter(Column::Followed.eq(false))
            .filter(Column::State.ne(SaleState::Draft.to_db()))
            .filter(Column::StartsAt.lte(now.as_millis()))
            .order_by_asc(Column::Number)
            .all(app.db.read())
            .await?;
        if rows.is_empty() {
            return Ok(());
        }
        for row in rows {
            let args = (app.clone(), FlashSaleId::from(row.id));
            let run = app
                .db
                .write(args, |tx, (app, sale)| Box::pin(follow(tx, app, *sale)));
            run.await?;
        }
    }
}

async fn follow(tx: &Tx, app: &App, id: FlashSaleId) -> Result<()> {
    let sale = store::lock(tx, id).await?;
    if sale.row.followed {
        return Ok(());
    }
    let row = sale::ActiveModel {
        id: Set(id.uuid()),
        followed: Set(true),
        ..Default::default()
    };
    sale::Entity::update(row).exec(tx).await?;
    let zone = app.rulebook().programme_zone().clone();
    let Some(next) = sale.definition.next_week(&zone, tx.now()) else {
        return Ok(());
    };
    let series = sale.row.series_id.into();
    let made = insert(tx, &next, (series, SaleState::Scheduled), ACTOR).await?;
    let detail = serde_json::json!({ "after": id });
    let target = made.to_string();
    audit::service::record(tx, ACTOR, "flash_sale.repeated", &target, &detail).await
}
