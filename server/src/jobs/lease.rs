//! Who does a job now: a row a job, taken by a conditional update.

use super::Job;
use crate::App;
use crate::db::Tx;
use crate::error::Result;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveValue::Set, Condition};

/// How long a node may be silent before another takes its job over, in milliseconds. A job that
/// takes longer may be done by two nodes at once, which no job minds.
const LEASE_MS: i64 = 60_000;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "job_leases")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub name: String,
    pub owner: Option<String>,
    pub lease_until: i64,
    pub next_run_at: i64,
    pub last_started_at: Option<i64>,
    pub last_finished_at: Option<i64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// A job that this node does now.
pub(super) struct Lease {
    name: &'static str,
    owner: String,
}

/// Takes a job if it is due and nobody is at it.
pub(super) async fn take(app: &App, job: &'static Job) -> Result<Option<Lease>> {
    let now = app.db.now().as_millis();
    let due = Entity::find_by_id(job.name).one(app.db.read()).await?;
    if due.is_some_and(|it| it.next_run_at > now || (it.owner.is_some() && it.lease_until > now)) {
        return Ok(None);
    }
    let owner = crate::ids::secret();
    let taken = app.db.write(
        (job.name, job.every_s, owner.clone()),
        |tx, (name, every_s, owner)| Box::pin(claim(tx, name, *every_s, owner)),
    );
    Ok(taken.await?.then_some(Lease {
        name: job.name,
        owner,
    }))
}

async fn claim(tx: &Tx, name: &str, every_s: i64, owner: &str) -> Result<bool> {
    let now = tx.now().as_millis();
    let first = ActiveModel {
        name: Set(name.to_owned()),
        owner: Set(None),
        lease_until: Set(0),
        next_run_at: Set(0),
        last_started_at: Set(None),
        last_finished_at: Set(None),
    };
    let exists = OnConflict::column(Column::Name).do_nothing().to_owned();
    Entity::insert(first)
        .on_conflict(exists)
        .exec_without_returning(tx)
        .await?;
    let free = Condition::any()
        .add(Column::Owner.is_null())
        .add(Column::LeaseUntil.lte(now));
    let taken = Entity::update_many()
        .col_expr(Column::Owner, Expr::value(owner))
        .col_expr(Column::LeaseUntil, Expr::value(now + LEASE_MS))
        .col_expr(Column::NextRunAt, Expr::value(now + every_s * 1000))
        .col_expr(Column::LastStartedAt, Expr::value(now))
        .filter(Column::Name.eq(name))
        .filter(Column::NextRunAt.lte(now))
        .filter(free)
        .exec(tx)
        .await?;
    Ok(taken.rows_affected == 1)
}

impl Lease {
    /// Gives the job back, if it is still this node's.
    pub(super) async fn finish(self, app: &App) -> Result<()> {
        app.db
            .write(self, |tx, lease| Box::pin(release(tx, lease)))
            .await
    }
}

async fn release(tx: &Tx, lease: &Lease) -> Result<()> {
    Entity::update_many()
        .col_expr(Column::Owner, Expr::value(Option::<String>::None))
        .col_expr(Column::LastFinishedAt, Expr::value(tx.now().as_millis()))
        .filter(Column::Name.eq(lease.name))
        .filter(Column::Owner.eq(lease.owner.as_str()))
        .exec(tx)
        .await?;
    Ok(())
}

/// The tables as the entities see them, for comparing them with the schema.
pub(crate) fn tables(schema: &sea_orm::Schema) -> Vec<sea_orm::sea_query::TableCreateStatement> {
    vec![schema.create_table_from_entity(Entity)]
}
