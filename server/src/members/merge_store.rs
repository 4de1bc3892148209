//! The tables of merges and of what moved with each.

use crate::db::text::DbText;
use crate::db::{Cursor, Listing, Tx};
use crate::error::Result;
use sea_orm::entity::prelude::*;
use sea_orm::{ActiveValue::Set, Condition, QueryOrder, QuerySelect};
use shared::ids::{MemberId, MergeId};
use shared::members::api::MovedKind;
use shared::page::Page;
use std::collections::HashMap;

const CHUNK: usize = 1000;

/// Two members made one.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "member_merges")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub from_id: Uuid,
    pub into_id: Uuid,
    #[sea_orm(column_type = "Text")]
    pub moves: String,
    /// Both records before, for undoing it.
    #[sea_orm(column_type = "Text")]
    pub identities: String,
    pub reason: String,
    pub actor: String,
    pub at: i64,
    pub undone_at: Option<i64>,
    pub undone_by: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// Rows that went over, by kind.
pub(super) mod moved {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "member_merge_rows")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub merge_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub kind: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub row_key: String,
        pub before: Option<String>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// A row that went over: its key, and what the merge changed in it besides its owner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// What identifies the row among those of its kind.
    pub key: String,
    /// What it said before, where the merge had to number it anew.
    pub before: Option<String>,
}

/// Keeps a merge and what moved with it.
pub(super) async fn insert(tx: &Tx, row: Model, rows: Vec<(MovedKind, Vec<Kept>)>) -> Result<()> {
    let merge = row.id;
    let row: ActiveModel = row.into();
    Entity::insert(row.reset_all())
        .exec_without_returning(tx)
        .await?;
    for (kind, rows) in rows {
        let rows = rows.into_iter().map(|it| moved::ActiveModel {
            merge_id: Set(merge),
            kind: Set(kind.to_db().to_owned()),
            row_key: Set(it.key),
            before: Set(it.before),
        });
        tx.add(rows.collect());
    }
    Ok(())
}

/// The merge with this id.
pub(super) async fn find(db: &impl ConnectionTrait, id: MergeId) -> Result<Option<Model>> {
    Ok(Entity::find_by_id(id.uuid()).one(db).await?)
}

/// The merge with this id, kept from others until the end of the write.
pub(super) async fn lock(tx: &Tx, id: MergeId) -> Result<Option<Model>> {
    Ok(Entity::find_by_id(id.uuid())
        .lock_exclusive()
        .one(tx)
        .await?)
}

/// What moved with a merge, by kind.
pub(super) async fn rows_of(tx: &Tx, id: MergeId) -> Result<HashMap<MovedKind, Vec<Kept>>> {
    let rows = moved::Entity::find()
        .filter(moved::Column::MergeId.eq(id.uuid()))
        .order_by_asc(moved::Column::RowKey);
    let mut found: HashMap<MovedKind, Vec<Kept>> = HashMap::new();
    for row in rows.all(tx).await? {
        let kept = Kept {
            key: row.row_key,
            before: row.before,
        };
        let kind = MovedKind::from_db(&row.kind)?;
        found.entry(kind).or_default().push(kept);
    }
    Ok(found)
}

/// A merge is undone now.
pub(super) async fn set_undone(tx: &Tx, id: MergeId, actor: &str) -> Result<()> {
    Entity::update_many()
        .col_expr(Column::UndoneAt, Expr::value(tx.now().as_millis()))
        .col_expr(Column::UndoneBy, Expr::value(actor))
        .filter(Column::Id.eq(id.uuid()))
        .exec(tx)
        .await?;
    Ok(())
}

/// Members who ended in this one, by merges that stand, directly or by way of others.
pub(super) async fn ended_in(db: &impl ConnectionTrait, member: MemberId) -> Result<Vec<Uuid>> {
    let (mut all, mut next) = (Vec::new(), vec![member.uuid()]);
    while !next.is_empty() {
        let rows = Entity::find()
            .select_only()
            .column(Column::FromId)
            .filter(Column::IntoId.is_in(next))
            .filter(Column::UndoneAt.is_null());
        next = rows.into_tuple().all(db).await?;
        all.extend(&next);
    }
    Ok(all)
}

/// Every pair of members that were ever merged and that one of these is in: who ended, and in whom.
pub(super) async fn pairs(
    db: &impl ConnectionTrait,
    members: &[MemberId],
) -> Result<Vec<(MemberId, MemberId)>> {
    let mut found = Vec::new();
    for chunk in members.chunks(CHUNK) {
        let ids = || chunk.iter().map(|it| it.uuid());
        let either = Condition::any()
            .add(Column::FromId.is_in(ids()))
            .add(Column::IntoId.is_in(ids()));
        let rows = Entity::find()
            .select_only()
            .columns([Column::FromId, Column::IntoId])
            .filter(either);
        let rows: Vec<(Uuid, Uuid)> = rows.into_tuple().all(db).await?;
        found.extend(rows.into_iter().map(|it| (it.0.into(), it.1.into())));
    }
    Ok(found)
}

/// Merges, newest first; of one member, whichever side, when one is given.
pub(super) async fn list(
    db: &impl ConnectionTrait,
    member: Option<MemberId>,
    limit: u64,
    cursor: Option<Cursor>,
) -> Result<Page<Model>> {
    let mut query = Entity::find();
    if let Some(member) = member {
        query = query.filter(concerns(member));
    }
    let place = |it: &Model| Cursor {
        key: it.at,
        id: it.id,
    };
    let list = Listing::newest_first(Column::At, Column::Id, limit, cursor);
    list.read(db, query, place).await
}

fn concerns(member: MemberId) -> Condition {
    Condition::any()
        .add(Column::FromId.eq(member.uuid()))
        .add(Column::IntoId.eq(member.uuid()))
}

/// Drops both people's names from merges of a member.
pub(super) async fn forget(tx: &Tx, member: MemberId) -> Result<()> {
    Entity::update_many()
        .col_expr(Column::Identities, Expr::value("{}"))
        .col_expr(Column::Reason, Expr::value("…"))
        .filter(concerns(member))
        .exec(tx)
        .await?;
    Ok(())
}
