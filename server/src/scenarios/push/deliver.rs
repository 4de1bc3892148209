//! Calls leave when they are due, and are tried again when they met trouble that may pass.

use super::{Shout, Step, Trouble, adapter};
use crate::App;
use crate::db::Tx;
use crate::db::text::DbText;
use crate::error::Result;
use crate::scenarios::store::{self, delivery};
use futures::future::join_all;
use sea_orm::ActiveValue::Set;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{LockBehavior, LockType};
use sea_orm::{QueryOrder, QuerySelect};
use shared::scenarios::{ChannelKind, DeliveryState};

/// Calls that leave side by side.
const SIDE_BY_SIDE: u64 = 20;
/// While a node works on a call, others leave it alone for this long, in milliseconds; longer than
/// an attempt can take.
const LEASE_MS: i64 = 60_000;
/// Seconds after each attempt that met trouble; after the last one it is given up.
const WAITS_S: [i64; 5] = [5, 30, 120, 600, 1800];

/// Lets every call leave that is due.
///
/// # Errors
/// When the database fails; a receiver that fails is not an error.
pub async fn deliver_due(app: &App) -> Result<()> {
    loop {
        let due = app.db.write((), |tx, ()| Box::pin(lease(tx))).await?;
        if due.is_empty() {
            return Ok(());
        }
        for result in join_all(due.into_iter().map(|it| carry(app, it))).await {
            result?;
        }
    }
}

async fn lease(tx: &Tx) -> Result<Vec<delivery::Model>> {
    use delivery::Column;
    let now = tx.now().as_millis();
    let rows = delivery::Entity::find()
        .filter(Column::State.eq(DeliveryState::Waiting.to_db()))
        .filter(Column::NextAt.lte(now))
        .order_by_asc(Column::NextAt)
        .order_by_asc(Column::Id)
        .limit(SIDE_BY_SIDE)
        .lock_with_behavior(LockType::Update, LockBehavior::SkipLocked)
        .all(tx)
        .await?;
    if !rows.is_empty() {
        delivery::Entity::update_many()
            .col_expr(Column::NextAt, Expr::value(now + LEASE_MS))
            .filter(Column::Id.is_in(rows.iter().map(|it| it.id)))
            .exec(tx)
            .await?;
    }
    Ok(rows)
}

async fn carry(app: &App, row: delivery::Model) -> Result<()> {
    let met = push(app, &row).await?;
    let now = app.db.now().as_millis();
    let wait = usize::try_from(row.attempts)
        .ok()
        .and_then(|it| WAITS_S.get(it));
    let attempts = row.attempts.saturating_add(1);
    let of = |state: DeliveryState| Set(state.to_db().to_owned());
    let mut changed = delivery::ActiveModel {
        id: Set(row.id),
        trouble: Set(None),
        ..Default::default()
    };
    match met {
        Ok(Step::Done) => {
            changed.state = of(DeliveryState::Done);
            changed.attempts = Set(attempts);
        }
        Ok(Step::More { after, reached }) => {
            changed.after = Set(Some(after));
            changed.reached = Set(Some(reached));
            changed.next_at = Set(now);
        }
        Err(Trouble { what, again }) => {
            let wait = wait.filter(|_| again);
            changed.state = of(match wait {
                Some(_) => DeliveryState::Waiting,
                None => DeliveryState::Failed,
            });
            changed.attempts = Set(attempts);
            changed.next_at = Set(now + wait.unwrap_or(&0) * 1000);
            changed.trouble = Set(Some(what));
        }
    }
    let write = app
        .db
        .write(changed, |tx, changed: &delivery::ActiveModel| {
            Box::pin(async move {
                delivery::Entity::update(changed.clone()).exec(tx).await?;
                Ok(())
            })
        });
    write.await
}

async fn push(app: &App, row: &delivery::Model) -> Result<Result<Step, Trouble>> {
    let Some(shout) = Shout::of(app, row).await? else {
        return Ok(Err(Trouble::lasting("the list is gone")));
    };
    let channel = match row.channel_id {
        Some(id) => store::find_channel(app.db.read(), id.into()).await?,
        None => None,
    };
    let adapter = adapter(ChannelKind::from_db(&row.kind)?);
    Ok(adapter.push(app, channel.as_ref(), &shout).await)
}
