//! Tables of referrals and the queries on them.

use crate::db::text::DbText;
use crate::error::Result;
use sea_orm::ExprTrait;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveValue::Set, QueryOrder, QuerySelect};
use shared::ids::{MemberId, ReferralId};
use shared::referrals::{CountedOrder, Referral, ReferralState};
use shared::time::Timestamp;

/// Members' codes.
pub mod code {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "referral_codes")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub member_id: Uuid,
        #[sea_orm(unique)]
        pub code: String,
        pub created_at: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Visits through members' links.
pub mod visit {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "referral_visits")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        #[sea_orm(unique)]
        pub token_hash: String,
        pub referrer_id: Uuid,
        pub device_hash: Option<String>,
        pub network_hash: Option<String>,
        pub visited_at: i64,
        pub expires_at: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Friends and who invited them.
pub mod referral {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "referrals")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        #[sea_orm(unique)]
        pub friend_id: Uuid,
        pub referrer_id: Uuid,
        pub state: String,
        pub reason: String,
        pub visited_at: i64,
        pub bound_at: i64,
        pub order_until: i64,
        pub order_ref: Option<String>,
        pub order_paid_at: Option<i64>,
        pub order_due_at: Option<i64>,
        pub due_at: Option<i64>,
        pub terms_version: i32,
        pub month: String,
        pub cost: i64,
        pub payments: i32,
        #[sea_orm(column_type = "Text")]
        pub evidence: String,
        pub network_hash: Option<String>,
        pub updated_at: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Moves of referrals; rows are only added.
pub mod movement {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "referral_moves")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub referral_id: Uuid,
        pub state: String,
        pub reason: String,
        pub order_ref: Option<String>,
        pub actor: String,
        pub note: Option<String>,
        pub at: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Milestones that inviters have reached.
pub mod milestone {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "referral_milestones")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub referrer_id: Uuid,
        pub friends: i32,
        /// How often it was given; the reward's source names it.
        pub given: i32,
        /// Whether the last one stands.
        pub stands: bool,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

impl milestone::Model {
    /// What its latest reward is called in the ledger.
    pub fn reference(&self) -> String {
        let id = shared::ids::ReferralMilestoneId::from(self.id);
        format!("{id}/{}", self.given)
    }
}

/// What months may cost and have cost.
pub mod budget {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "referral_budgets")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub month: String,
        pub committed: i64,
        pub spent: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Hashes by which members are known to share something.
pub mod signal {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "member_signals")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub member_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub kind: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub hash: String,
        pub seen_at: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Members who live together.
pub mod household {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "households")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        #[sea_orm(column_type = "Text")]
        pub note: String,
        pub created_by: String,
        pub created_at: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Who lives in which household.
pub mod resident {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "household_members")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub household_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub member_id: Uuid,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// A referral as the rules see it.
pub fn to_referral(row: &referral::Model) -> Result<Referral> {
    let order = match (&row.order_ref, row.order_paid_at, row.order_due_at) {
        (Some(external_id), Some(paid_at), Some(due_at)) => Some(CountedOrder {
            external_id: external_id.clone(),
            paid_at: Timestamp::from_millis(paid_at),
            due_at: Timestamp::from_millis(due_at),
        }),
        _ => None,
    };
    Ok(Referral {
        id: row.id.into(),
        referrer: row.referrer_id.into(),
        friend: row.friend_id.into(),
        state: ReferralState::from_db(&row.state)?,
        bound_at: Timestamp::from_millis(row.bound_at),
        order_until: Timestamp::from_millis(row.order_until),
        order,
        terms_version: row.terms_version,
    })
}

/// The owner of a code.
pub async fn owner(db: &impl ConnectionTrait, code: &str) -> Result<Option<MemberId>> {
    let row = code::Entity::find()
        .filter(code::Column::Code.eq(code))
        .one(db)
        .await?;
    Ok(row.map(|it| it.member_id.into()))
}

/// The referral of a friend.
pub async fn of_friend(
    db: &impl ConnectionTrait,
    friend: MemberId,
) -> Result<Option<referral::Model>> {
    let query = referral::Entity::find().filter(referral::Column::FriendId.eq(friend.uuid()));
    Ok(query.one(db).await?)
}

/// A referral, taken for the rest of the write.
pub async fn lock(db: &impl ConnectionTrait, id: ReferralId) -> Result<Option<referral::Model>> {
    let query = referral::Entity::find_by_id(id.uuid()).lock_exclusive();
    Ok(query.one(db).await?)
}

/// Referrals for which something is due, earliest first.
pub async fn due(
    db: &impl ConnectionTrait,
    now: Timestamp,
    limit: u64,
) -> Result<Vec<referral::Model>> {
    let query = referral::Entity::find()
        .filter(referral::Column::DueAt.lte(now.as_millis()))
        .order_by_asc(referral::Column::DueAt)
        .order_by_asc(referral::Column::Id)
        .limit(limit);
    Ok(query.all(db).await?)
}

/// Says that the referrals of friends must be looked at, because their orders changed.
pub async fn make_due(
    db: &impl ConnectionTrait,
    friends: &[MemberId],
    now: Timestamp,
) -> Result<()> {
    let states = [
        ReferralState::Joined,
        ReferralState::Ordered,
        ReferralState::Held,
        ReferralState::Rewarded,
    ];
    referral::Entity::update_many()
        .col_expr(referral::Column::DueAt, Expr::value(now.as_millis()))
        .filter(referral::Column::FriendId.is_in(friends.iter().map(|it| it.uuid())))
        .filter(referral::Column::State.is_in(states.map(DbText::to_db)))
        .exec(db)
        .await?;
    Ok(())
}

/// A month's budget, taken for the rest of the write; made when it is not there.
pub async fn lock_budget(db: &impl ConnectionTrait, month: &str) -> Result<budget::Model> {
    let fresh = budget::ActiveModel {
        month: Set(month.to_owned()),
        committed: Set(0),
        spent: Set(0),
    };
    budget::Entity::insert(fresh)
        .on_conflict(
            OnConflict::column(budget::Column::Month)
                .do_nothing()
                .to_owned(),
        )
        .exec_without_returning(db)
        .await?;
    let row = budget::Entity::find_by_id(month.to_owned())
        .lock_exclusive()
        .one(db)
        .await?;
    Ok(row.unwrap_or(budget::Model {
        month: month.to_owned(),
        committed: 0,
        spent: 0,
    }))
}

/// What a month has set aside and spent.
pub async fn budget_used(db: &impl ConnectionTrait, month: &str) -> Result<i64> {
    let row = budget::Entity::find_by_id(month.to_owned()).one(db).await?;
    Ok(row.map_or(0, |it| it.committed.saturating_add(it.spent)))
}

/// Moves money between what a month has set aside and what it has spent.
pub async fn shift_budget(
    db: &impl ConnectionTrait,
    month: &str,
    committed: i64,
    spent: i64,
) -> Result<()> {
    use budget::Column;
    budget::Entity::update_many()
        .col_expr(
            Column::Committed,
            Expr::col(Column::Committed).add(committed),
        )
        .col_expr(Column::Spent, Expr::col(Column::Spent).add(spent))
        .filter(Column::Month.eq(month))
        .exec(db)
        .await?;
    Ok(())
}

/// Notes what a member is known by; what is known already stays.
pub async fn add_signals(
    db: &impl ConnectionTrait,
    member: MemberId,
    signals: &[(&'static str, String)],
    now: Timestamp,
) -> Result<()> {
    if signals.is_empty() {
        return Ok(());
    }
    let rows = signals.iter().map(|(kind, hash)| signal::ActiveModel {
        member_id: Set(member.uuid()),
        kind: Set((*kind).to_owned()),
        hash: Set(hash.clone()),
        seen_at: Set(now.as_millis()),
    });
    let columns = [
        signal::Column::MemberId,
        signal::Column::Kind,
        signal::Column::Hash,
    ];
    signal::Entity::insert_many(rows)
        .on_conflict(OnConflict::columns(columns).do_nothing().to_owned())
        .exec_without_returning(db)
        .await?;
    Ok(())
}

/// The tables as the entities see them, for comparing them with the schema.
pub(crate) fn tables(schema: &sea_orm::Schema) -> Vec<sea_orm::sea_query::TableCreateStatement> {
    vec![
        schema.create_table_from_entity(code::Entity),
        schema.create_table_from_entity(visit::Entity),
        schema.create_table_from_entity(referral::Entity),
        schema.create_table_from_entity(movement::Entity),
        schema.create_table_from_entity(milestone::Entity),
        schema.create_table_from_entity(budget::Entity),
        schema.create_table_from_entity(signal::Entity),
        schema.create_table_from_entity(household::Entity),
        schema.create_table_from_entity(resident::Entity),
    ]
}
