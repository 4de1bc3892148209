//! What WeChat has lent, a row an account. All nodes share it, and one renews it at a time.

use super::asking::Lent;
use crate::db::Tx;
use crate::error::Result;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveValue::Set, ConnectionTrait};

/// A token and a ticket with the instants, in milliseconds, until which they are of use.
#[derive(Clone, PartialEq, Eq, Default, DeriveEntityModel)]
#[sea_orm(table_name = "wechat_tickets")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub app_id: String,
    #[sea_orm(column_type = "Text", nullable)]
    pub token: Option<String>,
    pub token_until: i64,
    #[sea_orm(column_type = "Text", nullable)]
    pub ticket: Option<String>,
    pub ticket_until: i64,
    /// From then on a new ticket is asked for.
    pub renew_at: i64,
    /// Until then somebody is at it, and the others leave it to them.
    pub lease_until: i64,
    /// Until then WeChat is left alone.
    pub quiet_until: i64,
}

/// Everything but what is lent, which opens the account.
impl std::fmt::Debug for Model {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Model")
            .field("app_id", &self.app_id)
            .field("ticket_until", &self.ticket_until)
            .finish_non_exhaustive()
    }
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// What an account was lent; nothing at first.
pub(super) async fn find(db: &impl ConnectionTrait, app_id: &str) -> Result<Model> {
    let found = Entity::find_by_id(app_id).one(db).await?;
    Ok(found.unwrap_or_default())
}

/// Takes it upon the caller to renew the ticket; not when somebody else has done so, is at it, or
/// has just failed. Whoever dies over it is followed after `lease_ms`.
pub(super) async fn take(tx: &Tx, app_id: &str, lease_ms: i64) -> Result<bool> {
    let now = tx.now().as_millis();
    let first = ActiveModel {
        app_id: Set(app_id.to_owned()),
        token: Set(None),
        token_until: Set(0),
        ticket: Set(None),
        ticket_until: Set(0),
        renew_at: Set(0),
        lease_until: Set(0),
        quiet_until: Set(0),
    };
    let unless_known = OnConflict::column(Column::AppId).do_nothing().to_owned();
    Entity::insert(first)
        .on_conflict(unless_known)
        .exec_without_returning(tx)
        .await?;
    let taken = Entity::update_many()
        .col_expr(Column::LeaseUntil, Expr::value(now + lease_ms))
        .filter(Column::AppId.eq(app_id))
        .filter(Column::RenewAt.lte(now))
        .filter(Column::LeaseUntil.lte(now))
        .filter(Column::QuietUntil.lte(now))
        .exec(tx)
        .await?;
    Ok(taken.rows_affected == 1)
}

/// Keeps a new token.
pub(super) async fn keep_token(tx: &Tx, app_id: &str, token: &Lent) -> Result<()> {
    let until = tx.now().as_millis() + token.seconds * 1000;
    Entity::update_many()
        .col_expr(Column::Token, Expr::value(token.value.as_str()))
        .col_expr(Column::TokenUntil, Expr::value(until))
        .filter(Column::AppId.eq(app_id))
        .exec(tx)
        .await?;
    Ok(())
}

/// Keeps a new ticket, which is renewed `renew_in_s` seconds from now; the work is done.
pub(super) async fn keep_ticket(
    tx: &Tx,
    app_id: &str,
    ticket: &Lent,
    renew_in_s: i64,
) -> Result<()> {
    let now = tx.now().as_millis();
    Entity::update_many()
        .col_expr(Column::Ticket, Expr::value(ticket.value.as_str()))
        .col_expr(
            Column::TicketUntil,
            Expr::value(now + ticket.seconds * 1000),
        )
        .col_expr(Column::RenewAt, Expr::value(now + renew_in_s * 1000))
        .col_expr(Column::LeaseUntil, Expr::value(0_i64))
        .filter(Column::AppId.eq(app_id))
        .exec(tx)
        .await?;
    Ok(())
}

/// Remembers that it did not work, so that WeChat is left alone for so many seconds; `forget` the
/// token when it is to blame.
pub(super) async fn rest(tx: &Tx, app_id: &str, seconds: i64, forget: bool) -> Result<()> {
    let now = tx.now().as_millis();
    let mut update = Entity::update_many()
        .col_expr(Column::QuietUntil, Expr::value(now + seconds * 1000))
        .col_expr(Column::LeaseUntil, Expr::value(0_i64));
    if forget {
        update = update.col_expr(Column::TokenUntil, Expr::value(0_i64));
    }
    update.filter(Column::AppId.eq(app_id)).exec(tx).await?;
    Ok(())
}

/// The tables as the entities see them, for comparing them with the schema.
pub(crate) fn tables(schema: &sea_orm::Schema) -> Vec<sea_orm::sea_query::TableCreateStatement> {
    vec![schema.create_table_from_entity(Entity)]
}
