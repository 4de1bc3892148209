//! The table of settings that the server makes for itself.

use crate::db::{Db, Tx};
use crate::error::{AppError, Result};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveValue::Set, ConnectionTrait};

/// A setting.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "settings")]
pub struct Model {
    /// What it is called.
    #[sea_orm(primary_key, auto_increment = false)]
    pub name: String,
    /// What it is.
    #[sea_orm(column_type = "Text")]
    pub value: String,
}

/// Nothing refers to settings.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

const TOKEN_SECRET: &str = "token_secret";

/// The secret that signs this database's tokens; made on the first call, by whichever node is
/// first.
pub(super) async fn token_secret(db: &Db) -> Result<String> {
    if let Some(known) = find(db.read(), TOKEN_SECRET).await? {
        return Ok(known);
    }
    db.write(crate::ids::secret(), |tx, secret| {
        Box::pin(keep(tx, secret))
    })
    .await
}

/// Keeps a setting in place of the one before.
pub(crate) async fn set(tx: &Tx, name: &str, value: String) -> Result<()> {
    let row = ActiveModel {
        name: Set(name.to_owned()),
        value: Set(value),
    };
    let replace = OnConflict::column(Column::Name)
        .update_column(Column::Value)
        .to_owned();
    Entity::insert(row)
        .on_conflict(replace)
        .exec_without_returning(tx)
        .await?;
    Ok(())
}

async fn keep(tx: &Tx, secret: &str) -> Result<String> {
    let row = ActiveModel {
        name: Set(TOKEN_SECRET.to_owned()),
        value: Set(secret.to_owned()),
    };
    let unless_known = OnConflict::column(Column::Name).do_nothing().to_owned();
    Entity::insert(row)
        .on_conflict(unless_known)
        .exec_without_returning(tx)
        .await?;
    find(tx, TOKEN_SECRET)
        .await?
        .ok_or_else(|| AppError::internal("the signing secret was not kept"))
}

/// A setting, if it was ever made.
pub(crate) async fn find(db: &impl ConnectionTrait, name: &str) -> Result<Option<String>> {
    Ok(Entity::find_by_id(name).one(db).await?.map(|it| it.value))
}

/// The tables as the entities see them, for comparing them with the schema.
pub(crate) fn tables(schema: &sea_orm::Schema) -> Vec<sea_orm::sea_query::TableCreateStatement> {
    vec![schema.create_table_from_entity(Entity)]
}
