//! What referrals hold of a person: what an export shows, what an erasure takes away, and what goes
//! over when two members are made one.

use super::super::store::{self, code, milestone, referral, resident, signal};
use super::views::friends;
use crate::App;
use crate::db::Tx;
use crate::error::Result;
use crate::members::service::{Erasure, ExportWriter, Move};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::Condition;
use sea_orm::{ConnectionTrait, QuerySelect};
use serde::Serialize;
use shared::ids::MemberId;
use shared::members::api::MovedKind;
use shared::time::Timestamp;

/// A member's own invitation, as an export shows it.
#[derive(Serialize)]
struct Invited {
    state: String,
    since: Timestamp,
    order: Option<String>,
}

/// A member's code, friends and own invitation, for an export.
///
/// # Errors
/// When the database fails, or nobody reads any more.
pub async fn export(app: &App, member: MemberId, to: &mut ExportWriter) -> Result<()> {
    let db = app.db.read();
    let code = code::Entity::find_by_id(member.uuid()).one(db).await?;
    to.value("referral_code", &code.map(|it| it.code)).await?;
    let invited = store::of_friend(db, member).await?.map(|it| Invited {
        state: it.state,
        since: Timestamp::from_millis(it.bound_at),
        order: it.order_ref,
    });
    to.value("invited_by", &invited).await?;
    to.pages("invited_friends", |limit, cursor| {
        Box::pin(friends(app, member, limit, cursor))
    })
    .await
}

/// Takes away what names the person: the code, what devices and addresses are known by, and who
/// lives with whom. Referrals stay, for the books.
///
/// # Errors
/// When the database fails.
pub async fn forget(tx: &Tx, it: &Erasure) -> Result<()> {
    let member = it.member.uuid();
    code::Entity::delete_by_id(member).exec(tx).await?;
    signal::Entity::delete_many()
        .filter(signal::Column::MemberId.eq(member))
        .exec(tx)
        .await?;
    resident::Entity::delete_many()
        .filter(resident::Column::MemberId.eq(member))
        .exec(tx)
        .await?;
    referral::Entity::update_many()
        .col_expr(referral::Column::Evidence, Expr::value("[]"))
        .col_expr(referral::Column::NetworkHash, Expr::value(None::<String>))
        .filter(
            Condition::any()
                .add(referral::Column::FriendId.eq(member))
                .add(referral::Column::ReferrerId.eq(member)),
        )
        .exec(tx)
        .await?;
    Ok(())
}

/// Hands friends, milestones and the own invitation over with a merge of members, or back. Who
/// would become their own friend stays with the one who ends, and so does what both have.
///
/// # Errors
/// When the database fails.
pub async fn hand_over(tx: &Tx, it: &mut Move) -> Result<()> {
    let (giver, taker) = (it.giver().uuid(), it.taker().uuid());
    let invited = match it.back_ids(MovedKind::Invitation) {
        Some(ids) => ids,
        None => invitation(tx, giver, taker).await?,
    };
    let own = (referral::Column::Id, referral::Column::FriendId);
    it.hand_over::<referral::Entity>(tx, MovedKind::Invitation, own, invited)
        .await?;
    let friends = match it.back_ids(MovedKind::Friends) {
        Some(ids) => ids,
        None => friends_of(tx, giver, taker).await?,
    };
    let theirs = (referral::Column::Id, referral::Column::ReferrerId);
    it.hand_over::<referral::Entity>(tx, MovedKind::Friends, theirs, friends)
        .await?;
    let reached = match it.back_ids(MovedKind::Milestones) {
        Some(ids) => ids,
        None => milestones_new_to(tx, giver, taker).await?,
    };
    let columns = (milestone::Column::Id, milestone::Column::ReferrerId);
    it.hand_over::<milestone::Entity>(tx, MovedKind::Milestones, columns, reached)
        .await
}

/// The invitation that one member was bound by, unless the other was bound as well or invited them.
async fn invitation(db: &impl ConnectionTrait, giver: Uuid, taker: Uuid) -> Result<Vec<Uuid>> {
    if store::of_friend(db, taker.into()).await?.is_some() {
        return Ok(Vec::new());
    }
    let own = store::of_friend(db, giver.into()).await?;
    let own = own.filter(|it| it.referrer_id != taker);
    Ok(own.map(|it| it.id).into_iter().collect())
}

async fn friends_of(db: &impl ConnectionTrait, giver: Uuid, taker: Uuid) -> Result<Vec<Uuid>> {
    let query = referral::Entity::find()
        .select_only()
        .column(referral::Column::Id)
        .filter(referral::Column::ReferrerId.eq(giver))
        .filter(referral::Column::FriendId.ne(taker));
    Ok(query.into_tuple().all(db).await?)
}

async fn milestones_new_to(
    db: &impl ConnectionTrait,
    giver: Uuid,
    taker: Uuid,
) -> Result<Vec<Uuid>> {
    let of =
        |member: Uuid| milestone::Entity::find().filter(milestone::Column::ReferrerId.eq(member));
    let known = of(taker).all(db).await?;
    let rows = of(giver).all(db).await?;
    let is_new = |it: &milestone::Model| known.iter().all(|other| other.friends != it.friends);
    Ok(rows.into_iter().filter(is_new).map(|it| it.id).collect())
}
