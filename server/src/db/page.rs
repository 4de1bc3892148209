//! Pages of lists: opaque cursors over a stable order.

use crate::error::{AppError, Result};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, Condition, ExprTrait};
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

/// The rows after `cursor` in a list that is sorted by `key` and then `id`, both descending.
pub fn before<C: ColumnTrait>(key: C, id: C, cursor: Cursor) -> Condition {
    let same_key = Condition::all()
        .add(key.eq(cursor.key))
        .add(id.lt(cursor.id));
    Condition::any().add(key.lt(cursor.key)).add(same_key)
}

/// The rows after `cursor` in a list that is sorted by `key` and then `id`, both ascending.
pub fn after(key: Expr, id: impl ColumnTrait, cursor: Cursor) -> Condition {
    let same_key = Condition::all()
        .add(key.clone().eq(cursor.key))
        .add(id.gt(cursor.id));
    Condition::any().add(key.gt(cursor.key)).add(same_key)
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
