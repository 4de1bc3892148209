//! Adding rows, many to a statement.
//!
//! Statements come in few sizes, so that each is prepared once and found again: 100 rows are 64,
//! 32 and 4. A statement of its own for every number of rows would be prepared anew each time and
//! would push useful ones out of the cache.

use super::Tx;
use futures::future::BoxFuture;
use sea_orm::entity::prelude::{Expr, Uuid};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DatabaseBackend, DbErr, EntityName,
    EntityTrait, QueryFilter, QueryOrder, QuerySelect,
};
use std::any::Any;
use std::sync::{Mutex, PoisonError};

/// Most rows of one statement.
const MOST: usize = 64;
/// Most rows of one statement that only names them.
const GIVEN: usize = 1000;

/// Cuts rows into parts whose sizes are powers of two.
pub fn parts<A>(rows: Vec<A>) -> impl Iterator<Item = Vec<A>> {
    let mut rows = rows.into_iter();
    std::iter::from_fn(move || {
        let left = rows.len();
        let size = MOST.min(left.checked_ilog2().map_or(0, |it| 1 << it));
        (size > 0).then(|| rows.by_ref().take(size).collect())
    })
}

/// Rows with one of these ids. PostgreSQL takes them as one parameter: a statement that names each
/// would be planned anew for every number of them, which costs more than finding the rows.
#[must_use]
pub fn among<C: ColumnTrait>(
    db: &impl ConnectionTrait,
    column: C,
    ids: impl Iterator<Item = Uuid>,
) -> Expr {
    match db.get_database_backend() {
        DatabaseBackend::Postgres => column.eq_any(ids),
        _ => column.is_in(padded(ids)),
    }
}

/// The same ids, the last one repeated until there are a power of two of them, so that statements
/// that name them come in few sizes too.
fn padded(ids: impl Iterator<Item = Uuid>) -> Vec<Uuid> {
    let mut ids: Vec<Uuid> = ids.collect();
    if let Some(last) = ids.last().copied() {
        ids.resize(ids.len().next_power_of_two(), last);
    }
    ids
}

/// Inserts rows now. The columns that are not set must be the same in all rows.
///
/// # Errors
/// When the database refuses them.
pub async fn insert<A: ActiveModelTrait + Send>(
    db: &impl ConnectionTrait,
    rows: Vec<A>,
) -> Result<(), DbErr> {
    for part in parts(rows) {
        A::Entity::insert_many(part)
            .exec_without_returning(db)
            .await?;
    }
    Ok(())
}

/// Ids of the rows that belong to an owner.
///
/// # Errors
/// When the database fails.
pub async fn ids_of<E: EntityTrait>(
    db: &impl ConnectionTrait,
    id: E::Column,
    (column, owner): (E::Column, Uuid),
) -> Result<Vec<Uuid>, DbErr> {
    let query = E::find()
        .select_only()
        .column(id)
        .filter(column.eq(owner))
        .order_by_asc(id);
    query.into_tuple().all(db).await
}

/// Gives rows to an owner.
///
/// # Errors
/// When the database refuses it.
pub async fn give<E: EntityTrait>(
    db: &impl ConnectionTrait,
    (id, rows): (E::Column, &[Uuid]),
    (column, owner): (E::Column, Uuid),
) -> Result<(), DbErr> {
    for chunk in rows.chunks(GIVEN) {
        E::update_many()
            .col_expr(column, Expr::value(owner))
            .filter(id.is_in(chunk.iter().copied()))
            .exec(db)
            .await?;
    }
    Ok(())
}

/// Rows that writes have added and that are not in the database yet, by table in the order in
/// which the tables were first added to.
#[derive(Default)]
pub(super) struct Unwritten(Mutex<Vec<Box<dyn Table>>>);

impl Unwritten {
    /// Keeps rows for later.
    pub(super) fn add<A: ActiveModelTrait + Send + 'static>(&self, rows: Vec<A>) {
        let mut tables = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for table in tables.iter_mut() {
            let table: &mut dyn Any = table.as_mut();
            if let Some(known) = table.downcast_mut::<Rows<A>>() {
                known.0.extend(rows);
                return;
            }
        }
        tables.push(Box::new(Rows(rows)));
    }

    /// Whether a statement names a table that rows wait for.
    pub(super) fn concerns(&self, sql: &str) -> bool {
        let tables = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        tables.iter().any(|it| sql.contains(it.name()))
    }

    /// Writes all of them.
    pub(super) async fn write(&self, tx: &Tx) -> Result<(), DbErr> {
        let tables = {
            let mut tables = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            std::mem::take(&mut *tables)
        };
        for table in tables {
            table.insert(tx).await?;
        }
        Ok(())
    }
}

/// Rows of one table, whose type is forgotten.
trait Table: Any + Send {
    fn name(&self) -> &'static str;
    fn insert(self: Box<Self>, tx: &Tx) -> BoxFuture<'_, Result<(), DbErr>>;
}

struct Rows<A>(Vec<A>);

impl<A: ActiveModelTrait + Send + 'static> Table for Rows<A> {
    fn name(&self) -> &'static str {
        A::Entity::default().table_name()
    }

    fn insert(self: Box<Self>, tx: &Tx) -> BoxFuture<'_, Result<(), DbErr>> {
        Box::pin(insert(tx, self.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn padding_only_repeats() {
        let ids = |count: u128| (1..=count).map(Uuid::from_u128);
        assert!(padded(ids(0)).is_empty());
        assert_eq!(padded(ids(2)), ids(2).collect::<Vec<_>>());
        let five = padded(ids(5));
        assert_eq!(five.len(), 8);
        assert_eq!(five[..5], ids(5).collect::<Vec<_>>());
        assert!(five[5..].iter().all(|it| *it == five[4]));
    }

    #[test]
    fn parts_have_few_sizes_and_lose_nothing() {
        for count in [0, 1, 2, 3, 63, 64, 65, 100, 1000] {
            let rows: Vec<usize> = (0..count).collect();
            let parts: Vec<Vec<usize>> = parts(rows.clone()).collect();
            assert!(
                parts
                    .iter()
                    .all(|it| it.len().is_power_of_two() && it.len() <= MOST)
            );
            assert_eq!(parts.concat(), rows);
        }
        let sizes: Vec<usize> = parts(vec![(); 100]).map(|it| it.len()).collect();
        assert_eq!(sizes, [64, 32, 4]);
    }
}
