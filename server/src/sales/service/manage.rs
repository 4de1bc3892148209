//! Sales as staff make, change and stop them.

use super::super::store::{self, Sale, audience, claim, product, sale};
use super::reminders::look_again;
use super::seating::release;
use crate::App;
use crate::db::Tx;
use crate::db::rows;
use crate::db::text::{DbText, to_json};
use crate::error::{AppError, Result};
use crate::messages::service::{self as messages, NewMessage};
use crate::outbox::service::tell;
use crate::{audit, communities, coupons};
use sea_orm::entity::prelude::*;
use sea_orm::{ActiveValue::Set, ExprTrait};
use shared::ids::{FlashSaleId, SaleSeriesId};
use shared::messages::Content;
use shared::problem::ErrorCode;
use shared::sales::api::AddStock;
use shared::sales::terms::{Edit, allows, check_definition};
use shared::sales::{ClaimReason, ClaimState, MAX_STOCK, Phase, SaleDefinition, SaleState};
use shared::webhooks::events::{Event, SaleNamed};
use std::collections::BTreeSet;

/// Claims of one step of a cancellation.
const STEP: u64 = 500;

/// What staff do with a sale that needs nothing else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// Publish it.
    Publish,
    /// Stop it for the moment.
    Pause,
    /// Let it go on.
    Resume,
}

impl Change {
    const fn edit(self) -> Edit {
        match self {
            Self::Publish => Edit::Publish,
            Self::Pause => Edit::Pause,
            Self::Resume => Edit::Resume,
        }
    }

    const fn event(self) -> fn(SaleNamed) -> Event {
        match self {
            Self::Publish => Event::SalePublished,
            Self::Pause => Event::SalePaused,
            Self::Resume => Event::SaleResumed,
        }
    }

    const fn action(self) -> &'static str {
        match self {
            Self::Publish => "flash_sale.published",
            Self::Pause => "flash_sale.paused",
            Self::Resume => "flash_sale.resumed",
        }
    }
}

async fn check(tx: &Tx, app: &App, definition: &SaleDefinition) -> Result<()> {
    let rulebook = app.rulebook();
    let ladder = &rulebook.ladder_at(tx.now()).ladder;
    let tiers: Vec<&str> = ladder.tiers.iter().map(|it| it.code.as_str()).collect();
    let errors = check_definition(definition, &tiers);
    if !errors.is_empty() {
        return Err(AppError::invalid(errors));
    }
    let named = &definition.audience.communities;
    let known = communities::service::names_of(tx, named).await?;
    if let Some(place) = named.iter().position(|it| !known.contains_key(it)) {
        let pointer = format!("/audience/communities/{place}");
        let message = "there is no such community";
        return Err(AppError::invalid_field(&pointer, "invalid", message));
    }
    if let Some(template) = definition.apology
        && coupons::service::get(tx, template).await.is_err()
    {
        let message = "there is no such template";
        return Err(AppError::invalid_field("/apology", "invalid", message));
    }
    Ok(())
}

/// Makes a sale, as a draft.
///
/// # Errors
/// `request.invalid`.
pub async fn create(
    tx: &Tx,
    app: &App,
    definition: &SaleDefinition,
    actor: &str,
) -> Result<FlashSaleId> {
    check(tx, app, definition).await?;
    let series = SaleSeriesId::generate(&mut tx.ids());
    let id = insert(tx, definition, (series, SaleState::Draft), actor).await?;
    let detail = serde_json::json!({ "title": definition.title });
    audit::service::record(tx, actor, "flash_sale.created", &id.to_string(), &detail).await?;
    Ok(id)
}

/// Writes a new sale with its stock.
pub(super) async fn insert(
    tx: &Tx,
    definition: &SaleDefinition,
    (series, state): (SaleSeriesId, SaleState),
    actor: &str,
) -> Result<FlashSaleId> {
    let id = FlashSaleId::generate(&mut tx.ids());
    let now = tx.now().as_millis();
    let row = sale::ActiveModel {
        id: Set(id.uuid()),
        number: Set(store::next_number(tx).await?),
        series_id: Set(series.uuid()),
        version: Set(1),
        state: Set(state.to_db().to_owned()),
        paused: Set(false),
        body: Set(to_json(definition)?),
        opens_at: Set(definition.first_opening().as_millis()),
        starts_at: Set(definition.starts_at.as_millis()),
        ends_at: Set(definition.ends_at.as_millis()),
        claims: Set(0),
        swept: Set(0),
        revision: Set(0),
        followed: Set(definition.weekly.is_none()),
        created_by: Set(actor.to_owned()),
        created_at: Set(now),
        updated_at: Set(now),
    };
    sale::Entity::insert(row).exec_without_returning(tx).await?;
    insert_parts(tx, id, definition).await?;
    Ok(id)
}

async fn insert_parts(tx: &Tx, id: FlashSaleId, definition: &SaleDefinition) -> Result<()> {
    let stock = definition.products.iter().zip(0..);
    let stock = stock.map(|(it, place)| product::ActiveModel {
        sale_id: Set(id.uuid()),
        place: Set(place),
        stock: Set(it.stock),
        held: Set(0),
        sold: Set(0),
    });
    rows::insert(tx, stock.collect()).await?;
    let named: BTreeSet<_> = definition.audience.communities.iter().collect();
    let named = named.into_iter().map(|it| audience::ActiveModel {
        sale_id: Set(id.uuid()),
        community_id: Set(it.uuid()),
    });
    rows::insert(tx, named.collect()).await?;
    Ok(())
}

fn require(tx: &Tx, sale: &Sale, edit: Edit) -> Result<()> {
    if allows(sale.now().phase(tx.now()), edit) {
        Ok(())
    } else {
        Err(ErrorCode::SaleStateNotAllowed.into())
    }
}

/// Writes all of a sale anew, while nobody has seen it open.
///
/// # Errors
/// `flash_sales.not_found`, `flash_sales.state_not_allowed`, `request.invalid`,
/// `request.precondition_failed` when `seen` is not the current version.
pub async fn rewrite(
    tx: &Tx,
    app: &App,
    id: FlashSaleId,
    definition: &SaleDefinition,
    seen: i32,
    actor: &str,
) -> Result<()> {
    check(tx, app, definition).await?;
    let sale = store::lock(tx, id).await?;
    if sale.row.version != seen {
        return Err(ErrorCode::PreconditionFailed.into());
    }
    require(tx, &sale, Edit::Rewrite)?;
    // By the clock of this write it may not have begun yet, and somebody has been quicker.
    if sale.row.claims > 0 {
        return Err(ErrorCode::SaleStateNotAllowed.into());
    }
    product::Entity::delete_many()
        .filter(product::Column::SaleId.eq(id.uuid()))
        .exec(tx)
        .await?;
    audience::Entity::delete_many()
        .filter(audience::Column::SaleId.eq(id.uuid()))
        .exec(tx)
        .await?;
    insert_parts(tx, id, definition).await?;
    let row = sale::ActiveModel {
        id: Set(id.uuid()),
        version: Set(sale.row.version + 1),
        body: Set(to_json(definition)?),
        opens_at: Set(definition.first_opening().as_millis()),
        starts_at: Set(definition.starts_at.as_millis()),
        ends_at: Set(definition.ends_at.as_millis()),
        followed: Set(definition.weekly.is_none()),
        revision: Set(sale.row.revision + 1),
        updated_at: Set(tx.now().as_millis()),
        ..Default::default()
    };
    tx.touch_sale(id);
    sale::Entity::update(row).exec(tx).await?;
    look_again(tx, id).await?;
    let detail = serde_json::json!({ "version": sale.row.version + 1 });
    audit::service::record(tx, actor, "flash_sale.changed", &id.to_string(), &detail).await
}

/// Publishes, pauses or resumes a sale. Pausing and resuming again changes nothing.
///
/// # Errors
/// `flash_sales.not_found`, `flash_sales.state_not_allowed`.
pub async fn change(tx: &Tx, id: FlashSaleId, change: Change, actor: &str) -> Result<()> {
    let sale = store::lock(tx, id).await?;
    require(tx, &sale, change.edit())?;
    let mut row = sale::ActiveModel {
        id: Set(id.uuid()),
        revision: Set(sale.row.revision + 1),
        updated_at: Set(tx.now().as_millis()),
        ..Default::default()
    };
    match change {
        Change::Publish => row.state = Set(SaleState::Scheduled.to_db().to_owned()),
        Change::Pause if sale.row.paused => return Ok(()),
        Change::Resume if !sale.row.paused => return Ok(()),
        Change::Pause => row.paused = Set(true),
        Change::Resume => row.paused = Set(false),
    }
    tx.touch_sale(id);
    sale::Entity::update(row).exec(tx).await?;
    tell(tx, None, change.event()(SaleNamed { sale_id: id })).await?;
    let detail = serde_json::json!({});
    audit::service::record(tx, actor, change.action(), &id.to_string(), &detail).await
}

/// Adds pieces of a product.
///
/// # Errors
/// `flash_sales.not_found`, `flash_sales.product_not_found`, `flash_sales.state_not_allowed`,
/// `request.invalid`.
pub async fn add_stock(tx: &Tx, id: FlashSaleId, request: &AddStock, actor: &str) -> Result<()> {
    let sale = store::lock(tx, id).await?;
    require(tx, &sale, Edit::AddStock)?;
    let place = sale.place(&request.sku);
    let place = place.ok_or(ErrorCode::SaleProductNotFound)?;
    let place = i32::try_from(place).unwrap_or(i32::MAX);
    let stock = store::products(tx, id.uuid()).await?;
    let before = stock.iter().find(|it| it.place == place);
    let room = MAX_STOCK - before.map_or(0, |it| it.stock);
    if !(1..=room).contains(&request.quantity) {
        let message = "expected at least 1 piece, and not more than 10000000 in all";
        return Err(AppError::invalid_field(
            "/quantity",
            "out_of_range",
            message,
        ));
    }
    product::Entity::update_many()
        .col_expr(
            product::Column::Stock,
            Expr::col(product::Column::Stock).add(request.quantity),
        )
        .filter(product::Column::SaleId.eq(id.uuid()))
        .filter(product::Column::Place.eq(place))
        .exec(tx)
        .await?;
    store::advance(tx, id.uuid(), 0).await?;
    let detail = serde_json::json!({ "sku": request.sku, "quantity": request.quantity });
    let target = id.to_string();
    audit::service::record(tx, actor, "flash_sale.stock_added", &target, &detail).await
}

/// Calls a sale off: what is held goes back, and whoever held it is told. What is paid stays. With
/// `stop_series` no sale follows it, and those that were made to follow are called off too.
///
/// # Errors
/// `flash_sales.not_found`, `flash_sales.state_not_allowed`.
pub async fn cancel(tx: &Tx, id: FlashSaleId, stop_series: bool, actor: &str) -> Result<()> {
    let sale = store::lock(tx, id).await?;
    require(tx, &sale, Edit::Cancel)?;
    call_off(tx, &sale, stop_series, actor).await?;
    if stop_series {
        for later in store::lock_later(tx, &sale.row).await? {
            if later.now().phase(tx.now()) == Phase::Scheduled {
                call_off(tx, &later, true, actor).await?;
            }
        }
    }
    Ok(())
}

async fn call_off(tx: &Tx, sale: &Sale, stop_series: bool, actor: &str) -> Result<()> {
    let id = sale.id();
    let row = sale::ActiveModel {
        id: Set(id.uuid()),
        state: Set(SaleState::Cancelled.to_db().to_owned()),
        followed: Set(sale.row.followed || stop_series || sale.state == SaleState::Draft),
        revision: Set(sale.row.revision + 1),
        updated_at: Set(tx.now().as_millis()),
        ..Default::default()
    };
    tx.touch_sale(id);
    sale::Entity::update(row).exec(tx).await?;
    let mut released = 0;
    let mut after = sale.row.swept;
    loop {
        let mut rows = store::claims_after(tx, &sale.row, after, STEP).await?;
        let Ok(count) = i64::try_from(rows.len()) else {
            break;
        };
        if count == 0 {
            break;
        }
        after += count;
        rows.retain(|it| it.state == ClaimState::Held.to_db());
        released += rows.len();
        release(tx, sale, &rows, ClaimReason::SaleCancelled, None).await?;
        messages::post(tx, news(sale, &rows)).await?;
    }
    let named = SaleNamed { sale_id: id };
    tell(tx, None, Event::SaleCancelled(named)).await?;
    let detail = serde_json::json!({ "released": released, "stop_series": stop_series });
    let target = id.to_string();
    audit::service::record(tx, actor, "flash_sale.cancelled", &target, &detail).await
}

fn news(sale: &Sale, rows: &[claim::Model]) -> Vec<NewMessage> {
    let members: BTreeSet<Uuid> = rows.iter().map(|it| it.member_id).collect();
    let one = |member: Uuid| NewMessage {
        member: member.into(),
        source: format!("{}/cancelled", sale.id()),
        content: Content::SaleCancelled {
            sale: sale.id(),
            title: sale.definition.title.clone(),
        },
    };
    members.into_iter().map(one).collect()
}

/// Makes a draft that says the same; a sale that is over begins a week later.
///
/// # Errors
/// `flash_sales.not_found`, `request.invalid`.
pub async fn clone_sale(tx: &Tx, app: &App, id: FlashSaleId, actor: &str) -> Result<FlashSaleId> {
    let mut definition = store::find(tx, id).await?.definition;
    let zone = app.rulebook().programme_zone().clone();
    let weekly = definition.weekly.take();
    if definition.ends_at <= tx.now() {
        let repeated = SaleDefinition {
            weekly: Some(shared::sales::Weekly { until: None }),
            ..definition.clone()
        };
        if let Some(next) = repeated.next_week(&zone, tx.now()) {
            definition = next;
        }
    }
    definition.weekly = weekly;
    create(tx, app, &definition, actor).await
}
