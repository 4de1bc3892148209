//! The table of what members said about being written to.

use crate::db::Tx;
use crate::db::text::DbText;
use crate::error::Result;
use sea_orm::ActiveValue::Set;
use sea_orm::QueryOrder;
use sea_orm::entity::prelude::*;
use shared::ids::{IdSource, MemberId};
use shared::members::Channel;

/// A consent that was given or taken back.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "consent_changes")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub member_id: Uuid,
    pub channel: String,
    pub granted: bool,
    pub actor: String,
    pub at: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// Adds what was said now.
pub(super) fn add(tx: &Tx, member: MemberId, channel: Channel, granted: bool, actor: &str) {
    tx.add(vec![ActiveModel {
        id: Set(tx.ids().next_uuid()),
        member_id: Set(member.uuid()),
        channel: Set(channel.to_db().to_owned()),
        granted: Set(granted),
        actor: Set(actor.to_owned()),
        at: Set(tx.now().as_millis()),
    }]);
}

/// Everything that a member said, oldest first.
pub(super) async fn of_member(db: &impl ConnectionTrait, member: MemberId) -> Result<Vec<Model>> {
    let rows = Entity::find().filter(Column::MemberId.eq(member.uuid()));
    Ok(rows.order_by_asc(Column::Id).all(db).await?)
}

/// Drops everything that a member said.
pub(super) async fn forget(tx: &Tx, member: MemberId) -> Result<()> {
    let gone = Entity::delete_many().filter(Column::MemberId.eq(member.uuid()));
    gone.exec(tx).await?;
    Ok(())
}
