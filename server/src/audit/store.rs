//! The table of the audit trail. Rows are only ever added; an erasure takes out what names the
//! person.

use crate::db::Tx;
use crate::error::Result;
use sea_orm::entity::prelude::*;
use sea_orm::{Condition, QuerySelect};
use shared::ids::MemberId;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "audit_entries")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub actor: String,
    pub action: String,
    pub target: String,
    #[sea_orm(column_type = "Text")]
    pub detail: String,
    pub at: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// Rows that a query lets through, newest first.
pub(super) async fn newest(
    db: &impl ConnectionTrait,
    query: sea_orm::Select<Entity>,
) -> crate::error::Result<Vec<Model>> {
    use sea_orm::QueryOrder;
    let query = query.order_by_desc(Column::At).order_by_desc(Column::Id);
    Ok(query.all(db).await?)
}

/// Rows about a member, by a member, or that may name the person: ids and details.
pub(super) async fn naming(
    db: &impl ConnectionTrait,
    member: MemberId,
    traces: &[String],
) -> Result<Vec<(Uuid, String)>> {
    let id = member.to_string();
    let mut naming = Condition::any()
        .add(Column::Target.eq(id.as_str()))
        .add(Column::Actor.eq(id.as_str()));
    for trace in traces {
        naming = naming.add(Column::Detail.contains(trace.as_str()));
    }
    let rows = Entity::find()
        .select_only()
        .columns([Column::Id, Column::Detail])
        .filter(naming);
    Ok(rows.into_tuple().all(db).await?)
}

/// Keeps a row without what named a person who was erased: the only change there ever is.
pub(super) async fn redact(tx: &Tx, id: Uuid, detail: String) -> Result<()> {
    Entity::update_many()
        .col_expr(Column::Detail, Expr::value(detail))
        .filter(Column::Id.eq(id))
        .exec(tx)
        .await?;
    Ok(())
}

/// The tables as the entities see them, for comparing them with the schema.
pub(crate) fn tables(schema: &sea_orm::Schema) -> Vec<sea_orm::sea_query::TableCreateStatement> {
    vec![schema.create_table_from_entity(Entity)]
}
