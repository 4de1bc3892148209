//! The table of staff.

use crate::db::text::DbText;
use crate::db::{Cursor, Tx, before};
use crate::error::Result;
use sea_orm::entity::prelude::*;
use sea_orm::{ExprTrait, QueryOrder, QuerySelect};
use shared::ids::StaffId;
use shared::staff::Role;
use shared::staff::api::Staff;
use shared::time::Timestamp;

/// One of the staff.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "staff")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    #[sea_orm(unique)]
    pub email: String,
    pub name: String,
    pub role: String,
    pub password_hash: String,
    pub active: bool,
    pub auth_epoch: i32,
    pub created_at: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// The account as the API shows it.
pub(super) fn to_staff(row: &Model, second_factor: bool) -> Result<Staff> {
    Ok(Staff {
        id: StaffId::from(row.id),
        email: row.email.clone(),
        name: row.name.clone(),
        role: Role::from_db(&row.role)?,
        active: row.active,
        second_factor,
        created_at: Timestamp::from_millis(row.created_at),
    })
}

/// Keeps a new account.
pub(super) async fn insert(tx: &Tx, row: Model) -> Result<()> {
    let row: ActiveModel = row.into();
    Entity::insert(row.reset_all())
        .exec_without_returning(tx)
        .await?;
    Ok(())
}

/// The account with this id.
pub(super) async fn find(db: &impl ConnectionTrait, id: StaffId) -> Result<Option<Model>> {
    Ok(Entity::find_by_id(id.uuid()).one(db).await?)
}

/// The account with this e-mail address, which is in lower case.
pub(super) async fn find_by_email(db: &impl ConnectionTrait, email: &str) -> Result<Option<Model>> {
    Ok(Entity::find()
        .filter(Column::Email.eq(email))
        .one(db)
        .await?)
}

/// What people are called.
pub(super) async fn names(
    db: &impl ConnectionTrait,
    staff: &[StaffId],
) -> Result<Vec<(StaffId, String)>> {
    let rows: Vec<(Uuid, String)> = Entity::find()
        .select_only()
        .columns([Column::Id, Column::Name])
        .filter(Column::Id.is_in(staff.iter().map(|it| it.uuid())))
        .into_tuple()
        .all(db)
        .await?;
    Ok(rows.into_iter().map(|it| (it.0.into(), it.1)).collect())
}

/// Open accounts with a role, and what the people are called; in the order of their names.
pub(super) async fn with_role(
    db: &impl ConnectionTrait,
    role: Role,
) -> Result<Vec<(StaffId, String)>> {
    let rows: Vec<(Uuid, String)> = Entity::find()
        .select_only()
        .columns([Column::Id, Column::Name])
        .filter(Column::Role.eq(role.to_db()))
        .filter(Column::Active.eq(true))
        .order_by_asc(Column::Name)
        .order_by_asc(Column::Id)
        .into_tuple()
        .all(db)
        .await?;
    Ok(rows.into_iter().map(|it| (it.0.into(), it.1)).collect())
}

/// Accounts, newest first; one more than `limit` when there are more.
pub(super) async fn list(
    db: &impl ConnectionTrait,
    limit: u64,
    cursor: Option<Cursor>,
) -> Result<Vec<Model>> {
    let mut query = Entity::find();
    if let Some(cursor) = cursor {
        query = query.filter(before(Column::CreatedAt, Column::Id, cursor));
    }
    let query = query
        .order_by_desc(Column::CreatedAt)
        .order_by_desc(Column::Id)
        .limit(limit + 1);
    Ok(query.all(db).await?)
}

/// Keeps a changed account.
pub(super) async fn update(tx: &Tx, row: Model) -> Result<()> {
    let row: ActiveModel = row.into();
    row.reset_all().update(tx).await?;
    Ok(())
}

/// Sets the password of an account and ends its tokens.
pub(super) async fn set_password(tx: &Tx, id: StaffId, hash: &str) -> Result<()> {
    Entity::update_many()
        .col_expr(Column::PasswordHash, Expr::value(hash))
        .filter(Column::Id.eq(id.uuid()))
        .exec(tx)
        .await?;
    Ok(())
}

/// Stops an account from signing in; tells whether there is one.
pub(super) async fn deactivate(tx: &Tx, id: StaffId) -> Result<bool> {
    let done = Entity::update_many()
        .col_expr(Column::Active, Expr::value(false))
        .col_expr(Column::AuthEpoch, Expr::col(Column::AuthEpoch).add(1))
        .filter(Column::Id.eq(id.uuid()))
        .exec(tx)
        .await?;
    Ok(done.rows_affected > 0)
}

/// The tables as the entities see them, for comparing them with the schema.
pub(crate) fn tables(schema: &sea_orm::Schema) -> Vec<sea_orm::sea_query::TableCreateStatement> {
    vec![
        schema.create_table_from_entity(Entity),
        schema.create_table_from_entity(super::key_store::Entity),
        schema.create_table_from_entity(super::reset_store::Entity),
        schema.create_table_from_entity(super::view_store::Entity),
        schema.create_table_from_entity(super::second_factor_store::Entity),
    ]
}
