//! Tables of imports and exports.

use crate::db::Tx;
use crate::error::Result;
use sea_orm::entity::prelude::*;
use sea_orm::{ActiveModelTrait, QueryOrder, QuerySelect, QueryTrait};

/// States in which there is still something to do.
const OPEN: [&str; 3] = ["checking", "running", "undoing"];

/// Files that came in.
pub mod import {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "imports")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub kind: String,
        pub format: String,
        pub file_name: Option<String>,
        pub dry_run: bool,
        pub all_or_nothing: bool,
        pub state: String,
        /// How many pieces there are.
        pub pieces: i32,
        /// The piece that comes next; an undo goes down from the last one that was taken.
        pub next_piece: i32,
        /// How often in a row the next piece could not be written.
        pub failures: i32,
        pub lines: i64,
        pub lines_done: i64,
        /// Errors that are listed.
        pub listed: i64,
        pub added: i64,
        pub changed: i64,
        pub unchanged: i64,
        pub refused: i64,
        pub undone: i64,
        pub kept: i64,
        pub created_by: String,
        pub undone_by: Option<String>,
        pub created_at: i64,
        pub finished_at: Option<i64>,
        pub undone_at: Option<i64>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}

    impl Model {
        /// Whether it added or changed anything that was kept.
        pub const fn has_effects(&self) -> bool {
            !self.dry_run && self.added + self.changed > 0
        }
    }
}

/// Files that go out.
pub mod export {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "exports")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub kind: String,
        pub format: String,
        #[sea_orm(column_type = "Text")]
        pub filter: String,
        pub state: String,
        pub pieces: i32,
        pub failures: i32,
        /// Where the list of members goes on.
        pub place: Option<String>,
        pub members: i64,
        pub members_done: i64,
        pub lines: i64,
        pub bytes: i64,
        pub created_by: String,
        pub created_at: i64,
        pub finished_at: Option<i64>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Parts of files: lines to be taken with what they did, or a part of the text that goes out.
pub mod piece {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "transfer_pieces")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub owner_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub place: i32,
        pub created_at: i64,
        /// Lines of the file from the end of the piece before to the end of this one.
        pub lines: i64,
        #[sea_orm(column_type = "Text")]
        pub body: Option<String>,
        #[sea_orm(column_type = "Text")]
        pub effects: Option<String>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// What is to be said of lines.
pub mod error {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "import_errors")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub import_id: Uuid,
        pub stage: String,
        pub line: i64,
        pub column_name: Option<String>,
        pub code: String,
        #[sea_orm(column_type = "Text")]
        pub message: String,
        pub created_at: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// What points and coupons were given for, so that the same line gives them once.
pub mod mark {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "import_marks")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub mark: String,
        pub import_id: Uuid,
        pub line: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Takes an import for the rest of the write.
pub async fn lock_import(tx: &Tx, id: Uuid) -> Result<Option<import::Model>> {
    let query = import::Entity::find_by_id(id).lock_exclusive();
    Ok(query.one(tx).await?)
}

/// Takes an export for the rest of the write.
pub async fn lock_export(tx: &Tx, id: Uuid) -> Result<Option<export::Model>> {
    let query = export::Entity::find_by_id(id).lock_exclusive();
    Ok(query.one(tx).await?)
}

/// Keeps an import.
pub async fn save_import(tx: &Tx, row: &import::Model) -> Result<()> {
    let active = import::ActiveModel::from(row.clone()).reset_all();
    active.update(tx).await?;
    Ok(())
}

/// Keeps an export.
pub async fn save_export(tx: &Tx, row: &export::Model) -> Result<()> {
    let active = export::ActiveModel::from(row.clone()).reset_all();
    active.update(tx).await?;
    Ok(())
}

/// A piece of a file.
pub async fn piece(
    db: &impl ConnectionTrait,
    owner: Uuid,
    place: i32,
) -> Result<Option<piece::Model>> {
    Ok(piece::Entity::find_by_id((owner, place)).one(db).await?)
}

/// Keeps a piece that was there.
pub async fn save_piece(tx: &Tx, row: &piece::Model) -> Result<()> {
    let active = piece::ActiveModel::from(row.clone()).reset_all();
    active.update(tx).await?;
    Ok(())
}

/// Which of these marks are there, and of which import.
pub async fn marks(tx: &Tx, marks: &[String]) -> Result<Vec<mark::Model>> {
    let query = mark::Entity::find().filter(mark::Column::Mark.is_in(marks));
    Ok(query.all(tx).await?)
}

/// Takes marks away, so that the same lines can come again.
pub async fn drop_marks(tx: &Tx, import: Uuid, lines: &[i64]) -> Result<()> {
    if lines.is_empty() {
        return Ok(());
    }
    mark::Entity::delete_many()
        .filter(mark::Column::ImportId.eq(import))
        .filter(mark::Column::Line.is_in(lines.iter().copied()))
        .exec(tx)
        .await?;
    Ok(())
}

/// Removes the pieces of files, some at a time; answers how many.
pub async fn drop_pieces(tx: &Tx, owners: &[Uuid]) -> Result<u64> {
    if owners.is_empty() {
        return Ok(0);
    }
    let gone = piece::Entity::delete_many().filter(piece::Column::OwnerId.is_in(owners.to_vec()));
    Ok(gone.exec(tx).await?.rows_affected)
}

/// Removes the pieces of a file from a place on.
pub async fn drop_pieces_from(tx: &Tx, owner: Uuid, place: i32) -> Result<()> {
    piece::Entity::delete_many()
        .filter(piece::Column::OwnerId.eq(owner))
        .filter(piece::Column::Place.gte(place))
        .exec(tx)
        .await?;
    Ok(())
}

/// Imports with pieces that ended before an instant.
pub async fn imports_over(db: &impl ConnectionTrait, before: i64) -> Result<Vec<Uuid>> {
    let with_pieces = piece::Entity::find()
        .select_only()
        .column(piece::Column::OwnerId)
        .into_query();
    Ok(import::Entity::find()
        .select_only()
        .column(import::Column::Id)
        .filter(import::Column::State.is_not_in(OPEN))
        .filter(import::Column::FinishedAt.lt(before))
        .filter(import::Column::Id.in_subquery(with_pieces))
        .into_tuple()
        .all(db)
        .await?)
}

/// Exports whose files were written before an instant.
pub async fn exports_over(db: &impl ConnectionTrait, before: i64) -> Result<Vec<export::Model>> {
    let query = export::Entity::find()
        .filter(export::Column::State.is_in(["done", "failed"]))
        .filter(export::Column::FinishedAt.lt(before));
    Ok(query.all(db).await?)
}

/// Owners of pieces that were made before an instant and belong to nothing: whoever sent the file
/// went away.
pub async fn strays(db: &impl ConnectionTrait, before: i64) -> Result<Vec<Uuid>> {
    let owners: Vec<Uuid> = piece::Entity::find()
        .select_only()
        .column(piece::Column::OwnerId)
        .distinct()
        .filter(piece::Column::CreatedAt.lt(before))
        .into_tuple()
        .all(db)
        .await?;
    let mut known: Vec<Uuid> = import::Entity::find()
        .select_only()
        .column(import::Column::Id)
        .filter(import::Column::Id.is_in(owners.clone()))
        .into_tuple()
        .all(db)
        .await?;
    let exports: Vec<Uuid> = export::Entity::find()
        .select_only()
        .column(export::Column::Id)
        .filter(export::Column::Id.is_in(owners.clone()))
        .into_tuple()
        .all(db)
        .await?;
    known.extend(exports);
    Ok(owners
        .into_iter()
        .filter(|it| !known.contains(it))
        .collect())
}

/// Removes what is to be said of the lines of files.
pub async fn drop_errors(tx: &Tx, imports: &[Uuid]) -> Result<()> {
    if !imports.is_empty() {
        error::Entity::delete_many()
            .filter(error::Column::ImportId.is_in(imports.to_vec()))
            .exec(tx)
            .await?;
    }
    Ok(())
}

/// Imports that have pieces.
pub async fn with_pieces(db: &impl ConnectionTrait) -> Result<Vec<Uuid>> {
    let owners = piece::Entity::find()
        .select_only()
        .column(piece::Column::OwnerId)
        .into_query();
    Ok(import::Entity::find()
        .select_only()
        .column(import::Column::Id)
        .filter(import::Column::Id.in_subquery(owners))
        .into_tuple()
        .all(db)
        .await?)
}

/// Pieces that hold lines or what undoing them needs, in the order of their owners.
pub async fn filled_pieces(
    tx: &Tx,
    imports: &[Uuid],
    after: Option<(Uuid, i32)>,
    limit: u64,
) -> Result<Vec<piece::Model>> {
    use piece::Column;
    let mut query = piece::Entity::find().filter(Column::OwnerId.is_in(imports.to_vec()));
    if let Some((owner, place)) = after {
        query = query.filter(
            sea_orm::Condition::any()
                .add(Column::OwnerId.gt(owner))
                .add(
                    sea_orm::Condition::all()
                        .add(Column::OwnerId.eq(owner))
                        .add(Column::Place.gt(place)),
                ),
        );
    }
    let query = query
        .order_by_asc(Column::OwnerId)
        .order_by_asc(Column::Place)
        .limit(limit);
    Ok(query.all(tx).await?)
}

/// The tables as the entities see them, for comparing them with the schema.
pub(crate) fn tables(schema: &sea_orm::Schema) -> Vec<sea_orm::sea_query::TableCreateStatement> {
    vec![
        schema.create_table_from_entity(import::Entity),
        schema.create_table_from_entity(export::Entity),
        schema.create_table_from_entity(piece::Entity),
        schema.create_table_from_entity(error::Entity),
        schema.create_table_from_entity(mark::Entity),
    ]
}
