//! Writing the audit trail, in the transaction of what it records.

use super::store::ActiveModel;
use crate::db::Tx;
use crate::error::Result;
use sea_orm::ActiveValue::Set;
use shared::ids::AuditId;

/// Records that `actor` did `action` to `target`. `detail` must hold no secret.
///
/// # Errors
/// None yet: the row is written, or refused, at the end of the write.
#[expect(
    clippy::unused_async,
    reason = "whoever records does not need to know when the row is written"
)]
pub async fn record(
    tx: &Tx,
    actor: &str,
    action: &str,
    target: &str,
    detail: &serde_json::Value,
) -> Result<()> {
    let row = ActiveModel {
        id: Set(AuditId::generate(&mut tx.ids()).uuid()),
        actor: Set(actor.to_owned()),
        action: Set(action.to_owned()),
        target: Set(target.to_owned()),
        detail: Set(detail.to_string()),
        at: Set(tx.now().as_millis()),
    };
    tx.add(vec![row]);
    Ok(())
}
