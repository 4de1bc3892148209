//! Who looked at sales and what was refused there, for reports. Nobody waits for it: it is kept in
//! memory and written once a second, many rows to a statement, so that the rush does not pay for
//! it. A crash may lose the last second.

use super::service::shares_of;
use super::store::{interest, refusal};
use crate::App;
use crate::db::Tx;
use crate::db::rows;
use crate::error::{AppError, Result};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveValue::Set, ExprTrait};
use shared::ids::{FlashSaleId, MemberId};
use shared::problem::ErrorCode;
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Time between two writes.
const EVERY: Duration = Duration::from_secs(1);
/// Members of one write.
const STEP: usize = 256;
/// Most members that are remembered between two writes; more are not counted.
const MOST: usize = 100_000;

/// What one node has not written yet.
#[derive(Default)]
pub struct Interests(Mutex<Kept>);

#[derive(Default)]
struct Kept {
    /// Whether each of those who came missed something.
    seen: HashMap<(FlashSaleId, MemberId), bool>,
    refused: HashMap<(FlashSaleId, ErrorCode), i64>,
    /// Whether somebody will write.
    running: bool,
}

impl Interests {
    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Kept {
    fn see(&mut self, sale: FlashSaleId, member: MemberId, missed: bool) {
        let room = self.seen.len() < MOST;
        if let Some(known) = self.seen.get_mut(&(sale, member)) {
            *known |= missed;
        } else if room {
            self.seen.insert((sale, member), missed);
        }
    }
}

/// A member looked at a sale.
pub fn saw(app: &App, sale: FlashSaleId, member: MemberId) {
    app.interests.kept().see(sale, member, false);
    write_soon(app);
}

/// A member's claim was refused.
pub fn was_refused(app: &App, sale: FlashSaleId, member: MemberId, why: &AppError) {
    let Some(code) = why.code() else {
        return;
    };
    let missed = matches!(code, ErrorCode::SaleSoldOut | ErrorCode::SaleQuotaUsed);
    if code != ErrorCode::SaleNotFound {
        let mut kept = app.interests.kept();
        kept.see(sale, member, missed);
        *kept.refused.entry((sale, code)).or_default() += 1;
        drop(kept);
        write_soon(app);
    }
}

fn write_soon(app: &App) {
    if std::mem::replace(&mut app.interests.kept().running, true) {
        return;
    }
    let app = app.clone();
    tokio::spawn(async move {
        tokio::time::sleep(EVERY).await;
        if let Err(error) = note(&app).await {
            tracing::warn!(%error, "visits of flash sales could not be written");
        }
    });
}

/// Writes what this node remembers.
///
/// # Errors
/// When the database fails; then it is lost.
pub async fn note(app: &App) -> Result<()> {
    let Kept {
        seen, mut refused, ..
    } = std::mem::take(&mut *app.interests.kept());
    let mut by_sale: HashMap<FlashSaleId, Vec<(MemberId, bool)>> = HashMap::new();
    for ((sale, member), missed) in seen {
        by_sale.entry(sale).or_default().push((member, missed));
    }
    let mut found = Vec::new();
    for (sale, members) in by_sale {
        match rows_of(app, sale, members).await {
            Ok(rows) => found.extend(rows),
            // Somebody made the id up.
            Err(AppError::Refused(_)) => refused.retain(|it, _| it.0 != sale),
            Err(error) => return Err(error),
        }
    }
    // Few at a time: claims wait for the same writer.
    for chunk in found.chunks(STEP) {
        let write = app
            .db
            .write(chunk.to_vec(), |tx, found| Box::pin(add(tx, found)));
        write.await?;
    }
    if refused.is_empty() {
        return Ok(());
    }
    let write = app
        .db
        .write(refused, |tx, refused| Box::pin(count(tx, refused)));
    write.await
}

async fn rows_of(
    app: &App,
    sale: FlashSaleId,
    members: Vec<(MemberId, bool)>,
) -> Result<Vec<interest::ActiveModel>> {
    let now = app.db.now().as_millis();
    let ids: Vec<MemberId> = members.iter().map(|it| it.0).collect();
    let mut shares = shares_of(app, sale, &ids).await?;
    let row = |(member, missed): (MemberId, bool)| {
        let (tier, community) = shares.remove(&member).unwrap_or_default();
        interest::ActiveModel {
            sale_id: Set(sale.uuid()),
            member_id: Set(member.uuid()),
            tier: Set(tier),
            community_id: Set(community.map(|it| it.uuid())),
            missed: Set(missed),
            seen_at: Set(now),
        }
    };
    Ok(members.into_iter().map(row).collect())
}

/// Adds those who came for the first time, and notes who missed something.
async fn add(tx: &Tx, found: &[interest::ActiveModel]) -> Result<()> {
    use interest::Column;
    let keys = [Column::SaleId, Column::MemberId];
    let has_missed = |it: &interest::ActiveModel| it.missed == Set(true);
    let (missed, seen): (Vec<_>, Vec<_>) = found.iter().cloned().partition(has_missed);
    for (part, missed) in rows::parts(missed)
        .map(|it| (it, true))
        .chain(rows::parts(seen).map(|it| (it, false)))
    {
        let mut known = OnConflict::columns(keys);
        if missed {
            known.update_column(Column::Missed);
        } else {
            known.do_nothing();
        }
        interest::Entity::insert_many(part)
            .on_conflict(known)
            .exec_without_returning(tx)
            .await?;
    }
    Ok(())
}

async fn count(tx: &Tx, refused: &HashMap<(FlashSaleId, ErrorCode), i64>) -> Result<()> {
    use refusal::Column;
    for ((sale, code), count) in refused {
        let row = refusal::ActiveModel {
            sale_id: Set(sale.uuid()),
            code: Set(code.as_str().to_owned()),
            count: Set(*count),
        };
        let counted = Expr::col((refusal::Entity, Column::Count)).add(*count);
        let mut known = OnConflict::columns([Column::SaleId, Column::Code]);
        known.value(Column::Count, counted);
        refusal::Entity::insert(row)
            .on_conflict(known)
            .exec_without_returning(tx)
            .await?;
    }
    Ok(())
}
