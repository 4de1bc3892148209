//! What webhooks hold of a person.

use super::super::store::{attempt, delivery};
use crate::db::Tx;
use crate::error::Result;
use crate::members::service::Erasure;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::Query;

/// Takes away what endpoints answered about an erased member. That something was sent stays.
///
/// # Errors
/// When the database fails.
pub async fn forget_member(tx: &Tx, it: &Erasure) -> Result<()> {
    let own = Query::select()
        .column(delivery::Column::EventId)
        .from(delivery::Entity)
        .and_where(delivery::Column::MemberId.eq(it.member.uuid()))
        .to_owned();
    attempt::Entity::update_many()
        .col_expr(attempt::Column::Answer, Expr::value(Option::<String>::None))
        .filter(attempt::Column::EventId.in_subquery(own))
        .exec(tx)
        .await?;
    Ok(())
}
