//! Tables of webhooks and the queries on them.

use crate::db::text::{DbText, from_json};
use crate::error::Result;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Alias, Expr, LockBehavior, LockType, Query};
use sea_orm::{Condition, ExprTrait, QueryOrder, QuerySelect};
use shared::ids::{EventId, WebhookEndpointId};
use shared::problem::ErrorCode;
use shared::webhooks::{EndpointDefinition, EndpointState, WebhookDeliveryState};

/// Endpoints.
pub mod endpoint {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "webhook_endpoints")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub version: i32,
        #[sea_orm(column_type = "Text")]
        pub body: String,
        pub state: String,
        pub disabled: Option<String>,
        pub secret: String,
        pub old_secret: Option<String>,
        pub old_secret_until: Option<i64>,
        pub failures: i32,
        pub failing_since: Option<i64>,
        pub resting_until: Option<i64>,
        pub created_by: String,
        pub created_at: i64,
    }

    /// Everything but the address and the secrets.
    impl std::fmt::Debug for Model {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.debug_struct("endpoint::Model")
                .field("id", &self.id)
                .field("state", &self.state)
                .finish_non_exhaustive()
        }
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Events on their way to endpoints.
pub mod delivery {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "webhook_deliveries")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub endpoint_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub event_id: Uuid,
        pub topic: String,
        pub member_id: Option<Uuid>,
        pub happened_at: i64,
        pub state: String,
        pub attempts: i32,
        pub next_at: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Requests, and what they met.
pub mod attempt {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "webhook_attempts")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub endpoint_id: Uuid,
        pub event_id: Uuid,
        pub at: i64,
        pub took_ms: i64,
        pub status: Option<i32>,
        pub trouble: Option<String>,
        #[sea_orm(column_type = "Text")]
        pub answer: Option<String>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// What staff wrote of an endpoint.
///
/// # Errors
/// When it is not what we wrote.
pub fn definition(row: &endpoint::Model) -> Result<EndpointDefinition> {
    from_json(&row.body)
}

/// Every endpoint, the one made first first.
///
/// # Errors
/// When the database fails.
pub async fn endpoints(db: &impl ConnectionTrait) -> Result<Vec<endpoint::Model>> {
    let query = endpoint::Entity::find()
        .order_by_asc(endpoint::Column::CreatedAt)
        .order_by_asc(endpoint::Column::Id);
    Ok(query.all(db).await?)
}

/// An endpoint.
///
/// # Errors
/// `webhooks.not_found`.
pub async fn find(db: &impl ConnectionTrait, id: WebhookEndpointId) -> Result<endpoint::Model> {
    let row = endpoint::Entity::find_by_id(id.uuid()).one(db).await?;
    Ok(row.ok_or(ErrorCode::WebhookEndpointNotFound)?)
}

/// An endpoint that no other write changes meanwhile.
///
/// # Errors
/// `webhooks.not_found`.
pub async fn lock(db: &impl ConnectionTrait, id: WebhookEndpointId) -> Result<endpoint::Model> {
    let query = endpoint::Entity::find_by_id(id.uuid()).lock_exclusive();
    Ok(query
        .one(db)
        .await?
        .ok_or(ErrorCode::WebhookEndpointNotFound)?)
}

/// A delivery.
///
/// # Errors
/// `webhooks.delivery_not_found`.
pub async fn find_delivery(
    db: &impl ConnectionTrait,
    id: WebhookEndpointId,
    event: EventId,
) -> Result<delivery::Model> {
    let query = delivery::Entity::find_by_id((id.uuid(), event.uuid()));
    Ok(query
        .one(db)
        .await?
        .ok_or(ErrorCode::WebhookDeliveryNotFound)?)
}

/// Deliveries that wait for an endpoint, counted up to `most`.
///
/// # Errors
/// When the database fails.
pub async fn waiting(db: &impl ConnectionTrait, endpoint: Uuid, most: u64) -> Result<u64> {
    let rows = delivery::Entity::find()
        .select_only()
        .column(delivery::Column::EventId)
        .filter(delivery::Column::EndpointId.eq(endpoint))
        .filter(delivery::Column::State.eq(WebhookDeliveryState::Waiting.to_db()))
        .limit(most);
    Ok(rows.into_tuple::<Uuid>().all(db).await?.len() as u64)
}

/// Endpoints that are sent to and for which something is due.
///
/// # Errors
/// When the database fails.
pub async fn ready(db: &impl ConnectionTrait, now: i64) -> Result<Vec<WebhookEndpointId>> {
    use endpoint::Column;
    let due = Query::select()
        .expr(Expr::value(1))
        .from(delivery::Entity)
        .and_where(
            Expr::col((delivery::Entity, delivery::Column::EndpointId))
                .equals((endpoint::Entity, Column::Id)),
        )
        .cond_where(is_due(now))
        .to_owned();
    let rested = Condition::any()
        .add(Column::RestingUntil.is_null())
        .add(Column::RestingUntil.lte(now));
    let ids = endpoint::Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(Column::State.eq(EndpointState::Active.to_db()))
        .filter(rested)
        .filter(Expr::exists(due));
    let ids = ids.into_tuple::<Uuid>().all(db).await?;
    Ok(ids.into_iter().map(WebhookEndpointId::from).collect())
}

fn is_due(now: i64) -> Condition {
    Condition::all()
        .add(delivery::Column::State.eq(WebhookDeliveryState::Waiting.to_db()))
        .add(delivery::Column::NextAt.lte(now))
}

/// Deliveries of an endpoint that are due, the one that waits longest first. With `ordered` only
/// the first that waits of each member is.
///
/// # Errors
/// When the database fails.
pub async fn due(
    db: &impl ConnectionTrait,
    endpoint: Uuid,
    (ordered, now, most): (bool, i64, u64),
) -> Result<Vec<delivery::Model>> {
    use delivery::Column;
    let mut query = delivery::Entity::find()
        .filter(Column::EndpointId.eq(endpoint))
        .filter(is_due(now))
        .order_by_asc(Column::NextAt)
        .order_by_asc(Column::EventId)
        .limit(most);
    if ordered {
        query = query.filter(Expr::exists(earlier()).not());
    }
    let query = query.lock_with_behavior(LockType::Update, LockBehavior::SkipLocked);
    Ok(query.all(db).await?)
}

/// What waits for the same endpoint about the same member and happened before.
fn earlier() -> sea_orm::sea_query::SelectStatement {
    use delivery::{Column, Entity};
    let other = Alias::new("earlier");
    let same = |column: Column| Expr::col((other.clone(), column)).equals((Entity, column));
    Query::select()
        .expr(Expr::value(1))
        .from_as(Entity, other.clone())
        .and_where(same(Column::EndpointId))
        .and_where(same(Column::MemberId))
        .and_where(
            Expr::col((other.clone(), Column::State)).eq(WebhookDeliveryState::Waiting.to_db()),
        )
        .and_where(
            Expr::col((other.clone(), Column::EventId)).lt(Expr::col((Entity, Column::EventId))),
        )
        .to_owned()
}

/// What the attempts of a delivery met, the last one first.
///
/// # Errors
/// When the database fails.
pub async fn attempts(
    db: &impl ConnectionTrait,
    row: &delivery::Model,
    most: u64,
) -> Result<Vec<attempt::Model>> {
    let query = attempt::Entity::find()
        .filter(attempt::Column::EndpointId.eq(row.endpoint_id))
        .filter(attempt::Column::EventId.eq(row.event_id))
        .order_by_desc(attempt::Column::At)
        .order_by_desc(attempt::Column::Id)
        .limit(most);
    Ok(query.all(db).await?)
}

/// The tables as the entities see them, for comparing them with the schema.
pub(crate) fn tables(schema: &sea_orm::Schema) -> Vec<sea_orm::sea_query::TableCreateStatement> {
    vec![
        schema.create_table_from_entity(endpoint::Entity),
        schema.create_table_from_entity(delivery::Entity),
        schema.create_table_from_entity(attempt::Entity),
    ]
}
