//! How a sale runs, step by step.

use super::super::store::{self, claim, claim_at, refusal};
use crate::App;
use crate::error::{AppError, Result};
use sea_orm::entity::prelude::*;
use sea_orm::{QueryOrder, QuerySelect};
use shared::sales::api::{FlashSale, PulseBeat, Refusals, SalePulse};
use shared::time::Timestamp;

/// About as many steps make up a pulse.
const STEPS: i64 = 120;
/// Longest window, in seconds.
const MAX_WINDOW_S: i64 = 86_400;
/// Lengths of a step, in seconds.
const LENGTHS_S: [i64; 11] = [1, 2, 5, 10, 30, 60, 300, 900, 3600, 21_600, 86_400];

/// What was claimed in a sale, all of it or the last seconds of it, and what was refused.
///
/// # Errors
/// `request.invalid` for a window that is too short or too long.
pub async fn pulse(app: &App, sale: FlashSale, window_s: Option<i64>) -> Result<SalePulse> {
    if window_s.is_some_and(|it| !(1..=MAX_WINDOW_S).contains(&it)) {
        let message = "expected 1 to 86400 seconds";
        return Err(AppError::invalid_field(
            "/window_s",
            "out_of_range",
            message,
        ));
    }
    let now = app.db.now();
    let until = now.min(sale.definition.ends_at);
    let opened = sale.definition.first_opening();
    let from = window_s.map_or(opened, |it| until.plus_millis(-it * 1000).max(opened));
    let span_s = (until.as_millis() - from.as_millis()).max(0) / 1000;
    let step_s = LENGTHS_S.into_iter().find(|it| span_s <= it * STEPS);
    let step_s = step_s.unwrap_or(MAX_WINDOW_S);
    let row = store::find(app.db.read(), sale.id).await?.row;
    let refused = refusal::Entity::find()
        .filter(refusal::Column::SaleId.eq(row.id))
        .order_by_desc(refusal::Column::Count)
        .order_by_asc(refusal::Column::Code)
        .all(app.db.read())
        .await?;
    Ok(SalePulse {
        beats: beats(app, row.number, from, step_s).await?,
        refusals: refused.into_iter().map(told).collect(),
        sale,
        step_s,
        server_time: now,
    })
}

fn told(row: refusal::Model) -> Refusals {
    Refusals {
        code: row.code,
        count: row.count,
    }
}

async fn beats(app: &App, number: i64, from: Timestamp, step_s: i64) -> Result<Vec<PulseBeat>> {
    use claim::Column;
    let step_ms = step_s * 1000;
    let step = || Expr::cust(format!("claimed_at / {step_ms}"));
    let rows: Vec<(i64, i64, i64)> = claim::Entity::find()
        .select_only()
        .expr_as(step(), "step")
        .expr_as(Expr::cust("COUNT(*)"), "claims")
        .expr_as(Expr::cust("CAST(SUM(quantity) AS BIGINT)"), "pieces")
        .filter(Column::Id.gt(claim_at(number, 0)))
        .filter(Column::Id.lt(claim_at(number + 1, 0)))
        .filter(Column::ClaimedAt.gte(from.as_millis()))
        .group_by(step())
        .order_by_asc(step())
        .into_tuple()
        .all(app.db.read())
        .await?;
    let beat = |(step, claims, pieces): (i64, i64, i64)| PulseBeat {
        at: Timestamp::from_millis(step * step_ms),
        claims,
        pieces,
    };
    Ok(rows.into_iter().map(beat).collect())
}
