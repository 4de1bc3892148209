//! Members who want to hear before a sale opens.

use super::super::store::{self, reminder};
use crate::App;
use crate::db::Tx;
use crate::error::Result;
use crate::messages::service::{self as messages, NewMessage};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveValue::Set, QueryOrder, QuerySelect};
use shared::ids::{FlashSaleId, MemberId};
use shared::messages::Content;
use shared::problem::ErrorCode;
use shared::sales::{Phase, SaleState};
use shared::time::Timestamp;

/// How long before the opening a member hears of it, in milliseconds.
const AHEAD_MS: i64 = 5 * 60_000;
/// Reminders of one step.
const STEP: u64 = 500;

/// Notes that a member wants to hear before a sale opens, or not any more.
///
/// # Errors
/// `flash_sales.not_found`.
pub async fn remind(tx: &Tx, id: FlashSaleId, member: MemberId, wanted: bool) -> Result<()> {
    let sale = store::find(tx, id).await?;
    if sale.state == SaleState::Draft {
        return Err(ErrorCode::SaleNotFound.into());
    }
    let key = (id.uuid(), member.uuid());
    if !wanted {
        reminder::Entity::delete_by_id(key).exec(tx).await?;
        return Ok(());
    }
    let row = reminder::ActiveModel {
        sale_id: Set(key.0),
        member_id: Set(key.1),
        due_at: Set(sale.row.opens_at - AHEAD_MS),
        told: Set(false),
    };
    let columns = [reminder::Column::SaleId, reminder::Column::MemberId];
    reminder::Entity::insert(row)
        .on_conflict(OnConflict::columns(columns).do_nothing().to_owned())
        .exec_without_returning(tx)
        .await?;
    Ok(())
}

/// Looks at all reminders of a sale again, because its times changed.
pub(super) async fn look_again(tx: &Tx, sale: FlashSaleId) -> Result<()> {
    reminder::Entity::update_many()
        .col_expr(reminder::Column::DueAt, Expr::value(tx.now().as_millis()))
        .filter(reminder::Column::SaleId.eq(sale.uuid()))
        .filter(reminder::Column::Told.eq(false))
        .exec(tx)
        .await?;
    Ok(())
}

/// Tells members whose sales open soon.
///
/// # Errors
/// When the database fails.
pub async fn remind_due(app: &App) -> Result<()> {
    loop {
        let due = reminder::Entity::find()
            .filter(reminder::Column::Told.eq(false))
            .filter(reminder::Column::DueAt.lte(app.db.now().as_millis()))
            .order_by_asc(reminder::Column::DueAt)
            .limit(STEP)
            .all(app.db.read())
            .await?;
        if due.is_empty() {
            return Ok(());
        }
        let told = app.db.write((app.clone(), due), |tx, (app, due)| {
            Box::pin(tell(tx, app, due))
        });
        told.await?;
    }
}

/// What a reminder comes to: later, at the member's own opening; or now, with a message or none.
async fn tell(tx: &Tx, app: &App, due: &[reminder::Model]) -> Result<()> {
    let mut members: Vec<MemberId> = due.iter().map(|it| it.member_id.into()).collect();
    members.sort_unstable();
    members.dedup();
    let people = app.people.find(app, &members).await?;
    let rulebook = app.rulebook();
    let ladder = &rulebook.ladder_at(tx.now()).ladder;
    let mut news = Vec::new();
    for row in due {
        let sale = store::find(tx, row.sale_id.into()).await?;
        let tier = people.get(&row.member_id.into()).map(|it| it.tier(ladder));
        let at = sale
            .definition
            .opening_for(tier.unwrap_or_default(), ladder);
        let later = at.plus_millis(-AHEAD_MS);
        if later > tx.now() {
            update(tx, row, false, later).await?;
            continue;
        }
        update(tx, row, true, tx.now()).await?;
        if !matches!(sale.now().phase(tx.now()), Phase::Cancelled | Phase::Ended) {
            news.push(NewMessage {
                member: row.member_id.into(),
                source: format!("{}/opens", sale.id()),
                content: Content::SaleOpens {
                    sale: sale.id(),
                    title: sale.definition.title.clone(),
                    at,
                },
            });
        }
    }
    messages::post(tx, news).await
}

async fn update(tx: &Tx, row: &reminder::Model, told: bool, due_at: Timestamp) -> Result<()> {
    let changed = reminder::ActiveModel {
        sale_id: Set(row.sale_id),
        member_id: Set(row.member_id),
        due_at: Set(due_at.as_millis()),
        told: Set(told),
    };
    reminder::Entity::update(changed).exec(tx).await?;
    Ok(())
}
