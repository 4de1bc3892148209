//! Tables of imports and exports.

use crate::db::Tx;
use crate::error::Result;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Func, LikeExpr, OnConflict, SelectStatement};
use sea_orm::{ActiveModelTrait, Condition, ExprTrait, QueryOrder, QuerySelect, QueryTrait};

/// States in which there is still something to do.
const OPEN: [&str; 3] = ["checking", "running", "undoing"];

/// Most files that are cleared away in one write.
const AT_ONCE: u64 = 20;

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

/// Pieces that nobody needs any more: those of an owner from a place on. They are removed some at a
/// time.
pub mod sweep {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "transfer_sweeps")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub owner_id: Uuid,
        pub from_place: i32,
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

/// Removes all pieces of a file at once.
pub async fn drop_pieces(tx: &Tx, owner: Uuid) -> Result<()> {
    piece::Entity::delete_many()
        .filter(piece::Column::OwnerId.eq(owner))
        .exec(tx)
        .await?;
    Ok(())
}

/// Lets the pieces of files be removed from a place on, by and by.
pub async fn sweep(tx: &Tx, owners: &[Uuid], from: i32) -> Result<()> {
    if owners.is_empty() {
        return Ok(());
    }
    let rows = owners.iter().map(|owner| {
        let (owner_id, from_place) = (*owner, from);
        sweep::ActiveModel::from(sweep::Model {
            owner_id,
            from_place,
        })
        .reset_all()
    });
    let known = OnConflict::column(sweep::Column::OwnerId)
        .update_column(sweep::Column::FromPlace)
        .to_owned();
    sweep::Entity::insert_many(rows)
        .on_conflict(known)
        .exec_without_returning(tx)
        .await?;
    Ok(())
}

/// Whether there are pieces to remove.
pub async fn is_littered(db: &impl ConnectionTrait) -> Result<bool> {
    Ok(sweep::Entity::find().one(db).await?.is_some())
}

/// Removes some of the pieces that nobody needs.
pub async fn sweep_some(tx: &Tx, limit: u64) -> Result<()> {
    let Some(next) = sweep::Entity::find().one(tx).await? else {
        return Ok(());
    };
    let own = piece::Column::OwnerId.eq(next.owner_id);
    let places: Vec<i32> = piece::Entity::find()
        .select_only()
        .column(piece::Column::Place)
        .filter(own.clone())
        .filter(piece::Column::Place.gte(next.from_place))
        .order_by_desc(piece::Column::Place)
        .limit(limit)
        .into_tuple()
        .all(tx)
        .await?;
    if !places.is_empty() {
        piece::Entity::delete_many()
            .filter(own)
            .filter(piece::Column::Place.is_in(places.iter().copied()))
            .exec(tx)
            .await?;
    }
    if (places.len() as u64) < limit {
        // Unless more of them have become needless meanwhile.
        sweep::Entity::delete_many()
            .filter(sweep::Column::OwnerId.eq(next.owner_id))
            .filter(sweep::Column::FromPlace.eq(next.from_place))
            .exec(tx)
            .await?;
    }
    Ok(())
}

/// Some imports that ended before an instant, or were undone before it, and of which there are rows
/// that `owners` names.
async fn over(
    db: &impl ConnectionTrait,
    before: i64,
    owners: SelectStatement,
) -> Result<Vec<Uuid>> {
    let (undone, finished) = (import::Column::UndoneAt, import::Column::FinishedAt);
    let ended = Func::coalesce([undone.into_expr(), finished.into_expr()]);
    Ok(import::Entity::find()
        .select_only()
        .column(import::Column::Id)
        .filter(import::Column::State.is_not_in(OPEN))
        .filter(Expr::from(ended).lt(before))
        .filter(import::Column::Id.in_subquery(owners))
        .limit(AT_ONCE)
        .into_tuple()
        .all(db)
        .await?)
}

/// Some imports that ended before an instant and still have pieces.
pub async fn imports_over(db: &impl ConnectionTrait, before: i64) -> Result<Vec<Uuid>> {
    let mut owners = piece::Entity::find().select_only();
    owners = owners.column(piece::Column::OwnerId);
    over(db, before, owners.into_query()).await
}

/// Some imports that ended before an instant and of whose lines something is still said.
pub async fn errors_over(db: &impl ConnectionTrait, before: i64) -> Result<Vec<Uuid>> {
    let mut owners = error::Entity::find().select_only();
    owners = owners.column(error::Column::ImportId);
    over(db, before, owners.into_query()).await
}

/// Exports whose files were written before an instant.
pub async fn exports_over(db: &impl ConnectionTrait, before: i64) -> Result<Vec<export::Model>> {
    let query = export::Entity::find()
        .filter(export::Column::State.is_in(["done", "failed"]))
        .filter(export::Column::FinishedAt.lt(before));
    Ok(query.all(db).await?)
}

/// Owners of pieces and of what is said of lines that were made before an instant and belong to
/// nothing: whoever sent the file went away.
pub async fn strays(db: &impl ConnectionTrait, before: i64) -> Result<Vec<Uuid>> {
    let imports = import::Entity::find().select_only();
    let imports = imports.column(import::Column::Id).into_query();
    let exports = export::Entity::find().select_only();
    let exports = exports.column(export::Column::Id).into_query();
    let mut found: Vec<Uuid> = piece::Entity::find()
        .select_only()
        .column(piece::Column::OwnerId)
        .distinct()
        .filter(piece::Column::CreatedAt.lt(before))
        .filter(piece::Column::OwnerId.not_in_subquery(imports.clone()))
        .filter(piece::Column::OwnerId.not_in_subquery(exports))
        .limit(AT_ONCE)
        .into_tuple()
        .all(db)
        .await?;
    let of_errors: Vec<Uuid> = error::Entity::find()
        .select_only()
        .column(error::Column::ImportId)
        .distinct()
        .filter(error::Column::CreatedAt.lt(before))
        .filter(error::Column::ImportId.not_in_subquery(imports))
        .limit(AT_ONCE)
        .into_tuple()
        .all(db)
        .await?;
    found.extend(of_errors);
    found.sort_unstable();
    found.dedup();
    Ok(found)
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

/// A text that stands somewhere in a column, whatever it is made of.
fn holding(column: impl ColumnTrait, text: &str) -> Expr {
    let mut pattern = String::from("%");
    for it in text.chars() {
        if matches!(it, '!' | '%' | '_') {
            pattern.push('!');
        }
        pattern.push(it);
    }
    pattern.push('%');
    column.into_expr().like(LikeExpr::new(pattern).escape('!'))
}

/// Pieces in which one of some texts may stand, by owner and place. Capital and small letters may be
/// taken for the same.
pub async fn naming(tx: &Tx, texts: &[String]) -> Result<Vec<(Uuid, i32)>> {
    use piece::Column;
    let mut named = Condition::any();
    for text in texts {
        named = named
            .add(holding(Column::Body, text))
            .add(holding(Column::Effects, text));
    }
    let query = piece::Entity::find()
        .select_only()
        .columns([Column::OwnerId, Column::Place])
        .filter(named)
        .order_by_asc(Column::OwnerId)
        .order_by_asc(Column::Place);
    Ok(query.into_tuple().all(tx).await?)
}

/// Imports in whose files' names one of some texts may stand.
pub async fn labelled(tx: &Tx, texts: &[String]) -> Result<Vec<import::Model>> {
    let mut named = Condition::any();
    for text in texts {
        named = named.add(holding(import::Column::FileName, text));
    }
    let query = import::Entity::find().filter(named);
    Ok(query.lock_exclusive().all(tx).await?)
}

/// Exports of members who were searched for.
pub async fn searched(tx: &Tx) -> Result<Vec<export::Model>> {
    let asked = holding(export::Column::Filter, "\"q\":\"");
    let query = export::Entity::find().filter(asked);
    Ok(query.lock_exclusive().all(tx).await?)
}

/// The tables as the entities see them, for comparing them with the schema.
pub(crate) fn tables(schema: &sea_orm::Schema) -> Vec<sea_orm::sea_query::TableCreateStatement> {
    vec![
        schema.create_table_from_entity(import::Entity),
        schema.create_table_from_entity(export::Entity),
        schema.create_table_from_entity(piece::Entity),
        schema.create_table_from_entity(error::Entity),
        schema.create_table_from_entity(mark::Entity),
        schema.create_table_from_entity(sweep::Entity),
    ]
}
