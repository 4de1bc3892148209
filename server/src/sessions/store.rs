//! The table of sessions.

use crate::auth::{Audience, Subject};
use crate::db::rows::among;
use crate::db::{Cursor, Tx, before};
use crate::error::Result;
use sea_orm::entity::prelude::*;
use sea_orm::{ActiveValue::Set, ExprTrait, QueryOrder, QuerySelect};
use shared::ids::{MemberId, SessionId};
use shared::time::Timestamp;

/// A session: one browser that is signed in.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "sessions")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub audience: String,
    pub subject_id: Uuid,
    pub token_hash: String,
    pub previous_hash: Option<String>,
    pub rotated_at: i64,
    pub user_agent: Option<String>,
    pub created_at: i64,
    pub expires_at: i64,
    pub ended_at: Option<i64>,
    /// `password` or `hand_off`; unknown of sessions from before this was kept.
    pub opened_by: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Model {
    /// Whose session it is.
    pub(super) fn subject(&self) -> Subject {
        if self.audience == Audience::Staff.as_str() {
            Subject::Staff(self.subject_id.into())
        } else {
            Subject::Member(self.subject_id.into())
        }
    }

    /// Whether it has neither ended nor expired.
    pub(super) fn is_open(&self, now: Timestamp) -> bool {
        self.ended_at.is_none() && now.as_millis() < self.expires_at
    }
}

/// How a session was opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum OpenedBy {
    /// By a password.
    Password,
    /// By an address that the shop handed out.
    HandOff,
}

impl OpenedBy {
    /// The stored word.
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Password => "password",
            Self::HandOff => "hand_off",
        }
    }
}

const fn subject_uuid(subject: Subject) -> Uuid {
    match subject {
        Subject::Member(id) => id.uuid(),
        Subject::Staff(id) => id.uuid(),
    }
}

/// Keeps a new session.
pub(super) async fn insert(
    tx: &Tx,
    id: SessionId,
    subject: Subject,
    token_hash: String,
    user_agent: Option<String>,
    expires_at: Timestamp,
    by: OpenedBy,
) -> Result<()> {
    let now = tx.now().as_millis();
    let row = ActiveModel {
        id: Set(id.uuid()),
        audience: Set(subject.audience().as_str().to_owned()),
        subject_id: Set(subject_uuid(subject)),
        token_hash: Set(token_hash),
        previous_hash: Set(None),
        rotated_at: Set(now),
        user_agent: Set(user_agent),
        created_at: Set(now),
        expires_at: Set(expires_at.as_millis()),
        ended_at: Set(None),
        opened_by: Set(Some(by.as_str().to_owned())),
    };
    Entity::insert(row).exec_without_returning(tx).await?;
    Ok(())
}

/// The session with this id.
pub(super) async fn find(db: &impl ConnectionTrait, id: SessionId) -> Result<Option<Model>> {
    Ok(Entity::find_by_id(id.uuid()).one(db).await?)
}

/// The sessions with these ids.
pub(super) async fn find_all(db: &impl ConnectionTrait, ids: &[SessionId]) -> Result<Vec<Model>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let ids = among(db, Column::Id, ids.iter().map(|it| it.uuid()));
    Ok(Entity::find().filter(ids).all(db).await?)
}

/// The session with this id, kept from others until the end of the write.
pub(super) async fn lock(tx: &Tx, id: SessionId) -> Result<Option<Model>> {
    Ok(Entity::find_by_id(id.uuid())
        .lock_exclusive()
        .one(tx)
        .await?)
}

/// Replaces the session's token.
pub(super) async fn rotate(tx: &Tx, session: &Model, token_hash: String) -> Result<()> {
    Entity::update_many()
        .col_expr(
            Column::PreviousHash,
            Expr::value(session.token_hash.clone()),
        )
        .col_expr(Column::TokenHash, Expr::value(token_hash))
        .col_expr(Column::RotatedAt, Expr::value(tx.now().as_millis()))
        .filter(Column::Id.eq(session.id))
        .exec(tx)
        .await?;
    Ok(())
}

/// Gives the session another token in place of one that never reached its browser. The token
/// before stays the one before.
pub(super) async fn rotate_again(tx: &Tx, session: &Model, token_hash: String) -> Result<()> {
    Entity::update_many()
        .col_expr(Column::TokenHash, Expr::value(token_hash))
        .col_expr(Column::RotatedAt, Expr::value(tx.now().as_millis()))
        .filter(Column::Id.eq(session.id))
        .exec(tx)
        .await?;
    Ok(())
}

/// Ends one session; tells whether it was open.
pub(super) async fn end(tx: &Tx, id: SessionId) -> Result<bool> {
    let ended = Entity::update_many()
        .col_expr(Column::EndedAt, Expr::value(tx.now().as_millis()))
        .filter(Column::Id.eq(id.uuid()))
        .filter(Column::EndedAt.is_null())
        .exec(tx)
        .await?;
    Ok(ended.rows_affected > 0)
}

/// Ends all sessions of one person, perhaps except one.
pub(super) async fn end_all(tx: &Tx, subject: Subject, except: Option<SessionId>) -> Result<()> {
    let mut ending = Entity::update_many()
        .col_expr(Column::EndedAt, Expr::value(tx.now().as_millis()))
        .filter(Column::Audience.eq(subject.audience().as_str()))
        .filter(Column::SubjectId.eq(subject_uuid(subject)))
        .filter(Column::EndedAt.is_null());
    if let Some(kept) = except {
        ending = ending.filter(Column::Id.ne(kept.uuid()));
    }
    ending.exec(tx).await?;
    Ok(())
}

/// Open sessions of a member, newest first; one more than `limit` when there are more.
pub(super) async fn open_of(
    db: &impl ConnectionTrait,
    member: MemberId,
    now: Timestamp,
    limit: u64,
    cursor: Option<Cursor>,
) -> Result<Vec<Model>> {
    let mut query = Entity::find()
        .filter(Column::SubjectId.eq(member.uuid()))
        .filter(Column::Audience.eq(Audience::Member.as_str()))
        .filter(Column::EndedAt.is_null())
        .filter(Column::ExpiresAt.gt(now.as_millis()));
    if let Some(cursor) = cursor {
        query = query.filter(before(Column::CreatedAt, Column::Id, cursor));
    }
    let query = query
        .order_by_desc(Column::CreatedAt)
        .order_by_desc(Column::Id)
        .limit(limit + 1);
    Ok(query.all(db).await?)
}

/// How many open sessions a member has.
pub(super) async fn count_open(
    db: &impl ConnectionTrait,
    member: MemberId,
    now: Timestamp,
) -> Result<u64> {
    use sea_orm::PaginatorTrait;
    let open = Entity::find()
        .filter(Column::SubjectId.eq(member.uuid()))
        .filter(Column::Audience.eq(Audience::Member.as_str()))
        .filter(Column::EndedAt.is_null())
        .filter(Column::ExpiresAt.gt(now.as_millis()));
    Ok(open.count(db).await?)
}

/// Ids of all of a member's sessions.
pub(super) async fn ids_of(db: &impl ConnectionTrait, member: MemberId) -> Result<Vec<Uuid>> {
    let rows = Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(Column::Audience.eq(Audience::Member.as_str()))
        .filter(Column::SubjectId.eq(member.uuid()));
    Ok(rows.into_tuple().all(db).await?)
}

/// Drops all sessions of one person.
pub(super) async fn forget(tx: &Tx, subject: Subject) -> Result<()> {
    Entity::delete_many()
        .filter(Column::Audience.eq(subject.audience().as_str()))
        .filter(Column::SubjectId.eq(subject_uuid(subject)))
        .exec(tx)
        .await?;
    Ok(())
}

/// Drops sessions that ended before `before`.
pub(super) async fn purge(tx: &Tx, before: Timestamp) -> Result<()> {
    let before = before.as_millis();
    let over = Column::ExpiresAt.lt(before).or(Column::EndedAt.lt(before));
    Entity::delete_many().filter(over).exec(tx).await?;
    Ok(())
}

/// Sessions that a member has opened up to and with an instant, newest first.
pub(super) async fn opened_until(
    db: &impl ConnectionTrait,
    member: MemberId,
    to: Option<Timestamp>,
    limit: u64,
) -> Result<Vec<Model>> {
    let mut query = Entity::find()
        .filter(Column::SubjectId.eq(member.uuid()))
        .filter(Column::Audience.eq(Audience::Member.as_str()));
    if let Some(to) = to {
        query = query.filter(Column::CreatedAt.lte(to.as_millis()));
    }
    let query = query
        .order_by_desc(Column::CreatedAt)
        .order_by_desc(Column::Id)
        .limit(limit);
    Ok(query.all(db).await?)
}

/// The tables as the entities see them, for comparing them with the schema.
pub(crate) fn tables(schema: &sea_orm::Schema) -> Vec<sea_orm::sea_query::TableCreateStatement> {
    vec![
        schema.create_table_from_entity(Entity),
        schema.create_table_from_entity(super::handoff_store::Entity),
    ]
}
