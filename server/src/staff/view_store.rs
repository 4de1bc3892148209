//! The table of saved views.

use crate::db::Tx;
use crate::db::text::DbText;
use crate::error::Result;
use sea_orm::entity::prelude::*;
use sea_orm::{QueryOrder, QuerySelect};
use shared::ids::{SavedViewId, StaffId};
use shared::staff::api::{SavedList, SavedView};
use shared::time::Timestamp;

/// A view of a list that one of the staff has saved.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "saved_views")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub staff_id: Uuid,
    pub list: String,
    pub name: String,
    #[sea_orm(column_type = "Text")]
    pub query: String,
    pub created_at: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// The view as the API shows it.
pub(super) fn to_view(row: &Model) -> Result<SavedView> {
    Ok(SavedView {
        id: row.id.into(),
        list: SavedList::from_db(&row.list)?,
        name: row.name.clone(),
        query: row.query.clone(),
        created_at: Timestamp::from_millis(row.created_at),
    })
}

/// The views of one of the staff in the order in which they were made, at most `limit`.
pub(super) async fn of_staff(
    db: &impl ConnectionTrait,
    staff: StaffId,
    list: Option<SavedList>,
    limit: u64,
) -> Result<Vec<Model>> {
    let mut query = Entity::find().filter(Column::StaffId.eq(staff.uuid()));
    if let Some(list) = list {
        query = query.filter(Column::List.eq(list.to_db()));
    }
    let query = query
        .order_by_asc(Column::CreatedAt)
        .order_by_asc(Column::Id)
        .limit(limit);
    Ok(query.all(db).await?)
}

/// One view of one of the staff.
pub(super) async fn find(
    db: &impl ConnectionTrait,
    staff: StaffId,
    id: SavedViewId,
) -> Result<Option<Model>> {
    let own = Entity::find_by_id(id.uuid()).filter(Column::StaffId.eq(staff.uuid()));
    Ok(own.one(db).await?)
}

/// Keeps a new view.
pub(super) async fn insert(tx: &Tx, row: Model) -> Result<()> {
    let row: ActiveModel = row.into();
    Entity::insert(row.reset_all())
        .exec_without_returning(tx)
        .await?;
    Ok(())
}

/// Keeps a changed view.
pub(super) async fn update(tx: &Tx, row: Model) -> Result<()> {
    let row: ActiveModel = row.into();
    row.reset_all().update(tx).await?;
    Ok(())
}

/// Drops a view; tells whether there was one.
pub(super) async fn delete(tx: &Tx, staff: StaffId, id: SavedViewId) -> Result<bool> {
    let done = Entity::delete_by_id(id.uuid())
        .filter(Column::StaffId.eq(staff.uuid()))
        .exec(tx)
        .await?;
    Ok(done.rows_affected > 0)
}
