//! Pages of lists: opaque cursors over a stable order.

use crate::error::{AppError, Result};
use futures::Stream;
use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, ExprTrait, Order, QueryFilter,
    QueryOrder, QuerySelect, Select,
};
use shared::page::Page;
use shared::problem::ErrorCode;
use uuid::Uuid;

/// Where a page ended: the sort key of its last row and that row's id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cursor {
    /// The sort key, such as a time in milliseconds.
    pub key: i64,
    /// The row, to tell rows with the same key apart.
    pub id: Uuid,
}

impl Cursor {
    /// The cursor as callers see it.
    #[must_use]
    pub fn encode(self) -> String {
        let mut bytes = [0u8; 24];
        bytes[..8].copy_from_slice(&self.key.to_be_bytes());
        bytes[8..].copy_from_slice(self.id.as_bytes());
        crate::ids::hex(&bytes)
    }

    /// Reads a cursor that a caller sent back.
    ///
    /// # Errors
    /// `request.invalid_cursor` when we did not make it.
    pub fn decode(text: &str) -> Result<Self> {
        let refused = || AppError::from(ErrorCode::InvalidCursor);
        if text.len() != 48 || !text.is_ascii() {
            return Err(refused());
        }
        let mut bytes = [0u8; 24];
        for (i, byte) in bytes.iter_mut().enumerate() {
            *byte = u8::from_str_radix(&text[2 * i..2 * i + 2], 16).map_err(|_| refused())?;
        }
        let (key, id) = bytes.split_at(8);
        Ok(Self {
            key: i64::from_be_bytes(key.try_into().map_err(|_| refused())?),
            id: Uuid::from_slice(id).map_err(|_| refused())?,
        })
    }
}

/// Which way a list runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// Smallest first.
    Up,
    /// Largest first.
    Down,
}

/// One page of a list: its order, how many rows, and where the page before ended.
#[derive(Debug, Clone)]
pub struct Listing {
    key: Expr,
    id: Expr,
    direction: Direction,
    limit: u64,
    cursor: Option<Cursor>,
}

impl Listing {
    /// A list that is sorted by `key` and then by `id`.
    pub fn new(
        (key, id): (Expr, Expr),
        direction: Direction,
        limit: u64,
        cursor: Option<Cursor>,
    ) -> Self {
        Self {
            key,
            id,
            direction,
            limit,
            cursor,
        }
    }

    /// A list with the newest first: `key` is a time.
    pub fn newest_first<C: ColumnTrait>(key: C, id: C, limit: u64, cursor: Option<Cursor>) -> Self {
        let keys = (key.into_expr(), id.into_expr());
        Self::new(keys, Direction::Down, limit, cursor)
    }

    /// A query that reads this page, and one row more when there are more.
    pub fn apply<E: EntityTrait>(&self, query: Select<E>) -> Select<E> {
        let order = match self.direction {
            Direction::Up => Order::Asc,
            Direction::Down => Order::Desc,
        };
        let query = query
            .order_by(self.key.clone(), order.clone())
            .order_by(self.id.clone(), order)
            .limit(self.limit + 1);
        match self.cursor {
            Some(cursor) => query.filter(self.rest(cursor)),
            None => query,
        }
    }

    /// The rows after the cursor. That the key is bounded is said first and by itself, so that an
    /// index on it is entered at the cursor instead of walked from its end.
    fn rest(&self, cursor: Cursor) -> Condition {
        let (key, id) = (self.key.clone(), self.id.clone());
        let (bound, beyond, next) = match self.direction {
            Direction::Up => (
                key.clone().gte(cursor.key),
                key.gt(cursor.key),
                id.gt(cursor.id),
            ),
            Direction::Down => (
                key.clone().lte(cursor.key),
                key.lt(cursor.key),
                id.lt(cursor.id),
            ),
        };
        Condition::all()
            .add(bound)
            .add(Condition::any().add(beyond).add(next))
    }

    /// Reads the page; `place` says where a row stands in the list.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn read<E: EntityTrait>(
        &self,
        db: &impl ConnectionTrait,
        query: Select<E>,
        place: impl Fn(&E::Model) -> Cursor,
    ) -> Result<Page<E::Model>> {
        let rows = self.apply(query).all(db).await?;
        Ok(paged(rows, self.limit, place, |it| it))
    }
}

/// The rows after `cursor` in a list that is sorted by `key` and then `id`, both descending.
pub fn before<C: ColumnTrait>(key: C, id: C, cursor: Cursor) -> Condition {
    Listing::newest_first(key, id, 0, None).rest(cursor)
}

/// All pages of a list, one after the other, read as they are wanted.
pub fn pages<T, F, Fut>(read: F) -> impl Stream<Item = Result<Vec<T>>>
where
    F: Fn(Option<Cursor>) -> Fut,
    Fut: Future<Output = Result<Page<T>>>,
{
    futures::stream::try_unfold((read, Some(None)), |(read, next)| async move {
        let Some(cursor) = next else {
            return Ok(None);
        };
        let page = read(cursor).await?;
        let next = page
            .next_cursor
            .as_deref()
            .map(Cursor::decode)
            .transpose()?;
        Ok(Some((page.data, (read, next.map(Some)))))
    })
}

/// Turns each row of a page into what is shown.
///
/// # Errors
/// The first error of `view`.
pub fn try_map<M, T>(page: Page<M>, view: impl FnMut(M) -> Result<T>) -> Result<Page<T>> {
    Ok(Page {
        data: page.data.into_iter().map(view).collect::<Result<_>>()?,
        next_cursor: page.next_cursor,
    })
}

/// Makes a page of `limit` rows from `limit + 1` rows that were read.
pub fn paged<M, T>(
    mut rows: Vec<M>,
    limit: u64,
    cursor: impl Fn(&M) -> Cursor,
    view: impl FnMut(M) -> T,
) -> Page<T> {
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = rows.len() > limit;
    rows.truncate(limit);
    let next_cursor = rows.last().filter(|_| more).map(|it| cursor(it).encode());
    Page {
        data: rows.into_iter().map(view).collect(),
        next_cursor,
    }
}
