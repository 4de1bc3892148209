//! Collecting what speaks against paying for a referral.

use super::super::risk::{Findings, similar_email, similar_phone};
use super::super::store::{movement, referral, resident, signal};
use crate::db::Tx;
use crate::db::text::DbText;
use crate::error::Result;
use crate::members;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::Query;
use sea_orm::{PaginatorTrait, QuerySelect};
use shared::ids::MemberId;
use shared::referrals::{ReferralReason, ReferralState};
use std::collections::{BTreeMap, HashSet};

/// A day either way, in milliseconds.
const DAY_MS: i64 = 86_400_000;

/// Collects what is known about a referral, its inviter and the inviter's other friends.
///
/// # Errors
/// When the database fails.
pub(super) async fn collect(tx: &Tx, row: &referral::Model) -> Result<Findings> {
    let family = household(tx, row.friend_id.into()).await?;
    let same_household = family.contains(&row.referrer_id);
    let own = signals_of(tx, row.friend_id).await?;
    let inviters: HashSet<(String, String)> =
        signals_of(tx, row.referrer_id).await?.into_iter().collect();
    let shared_with_inviter =
        |kind: &str| !same_household && own.iter().any(|it| it.0 == kind && inviters.contains(it));
    let clusters = clusters(tx, row, &own, &family).await?;
    let cluster = |kind: &str| clusters.get(kind).copied().unwrap_or(0);
    let (settled, refunded) = refunds(tx, row).await?;
    Ok(Findings {
        same_device: shared_with_inviter("device"),
        same_address: shared_with_inviter("address"),
        same_payment: shared_with_inviter("payment"),
        similar_contact: !same_household && similar_contact(tx, row).await?,
        cluster_device: cluster("device"),
        cluster_address: cluster("address"),
        cluster_payment: cluster("payment"),
        friends_within_day: near(tx, row, false).await?,
        network_within_day: near(tx, row, true).await?,
        settled,
        refunded,
    })
}

/// Everybody who lives with a member.
async fn household(tx: &Tx, member: MemberId) -> Result<HashSet<Uuid>> {
    let mine = Query::select()
        .column(resident::Column::HouseholdId)
        .from(resident::Entity)
        .and_where(resident::Column::MemberId.eq(member.uuid()))
        .to_owned();
    let rows: Vec<Uuid> = resident::Entity::find()
        .select_only()
        .column(resident::Column::MemberId)
        .filter(resident::Column::HouseholdId.in_subquery(mine))
        .into_tuple()
        .all(tx)
        .await?;
    Ok(rows.into_iter().collect())
}

/// Most signals of one member that are looked at.
const SIGNALS: u64 = 50;

async fn signals_of(tx: &Tx, member: Uuid) -> Result<Vec<(String, String)>> {
    Ok(signal::Entity::find()
        .select_only()
        .columns([signal::Column::Kind, signal::Column::Hash])
        .filter(signal::Column::MemberId.eq(member))
        .limit(SIGNALS)
        .into_tuple()
        .all(tx)
        .await?)
}

/// How many other friends of the inviter share something with the friend, by kind. Who lives with
/// the friend does not count.
async fn clusters(
    tx: &Tx,
    row: &referral::Model,
    own: &[(String, String)],
    family: &HashSet<Uuid>,
) -> Result<BTreeMap<String, u32>> {
    if own.is_empty() {
        return Ok(BTreeMap::new());
    }
    let friends = Query::select()
        .column(referral::Column::FriendId)
        .from(referral::Entity)
        .and_where(referral::Column::ReferrerId.eq(row.referrer_id))
        .and_where(referral::Column::Id.ne(row.id))
        .to_owned();
    let found: Vec<(Uuid, String, String)> = signal::Entity::find()
        .select_only()
        .columns([
            signal::Column::MemberId,
            signal::Column::Kind,
            signal::Column::Hash,
        ])
        .filter(signal::Column::Hash.is_in(own.iter().map(|it| it.1.as_str())))
        .filter(signal::Column::MemberId.in_subquery(friends))
        .into_tuple()
        .all(tx)
        .await?;
    let mut sharers: BTreeMap<String, HashSet<Uuid>> = BTreeMap::new();
    for (member, kind, hash) in found {
        if !family.contains(&member) && own.contains(&(kind.clone(), hash)) {
            sharers.entry(kind).or_default().insert(member);
        }
    }
    let count = |it: usize| u32::try_from(it).unwrap_or(u32::MAX);
    Ok(sharers
        .into_iter()
        .map(|(kind, members)| (kind, count(members.len())))
        .collect())
}

async fn similar_contact(tx: &Tx, row: &referral::Model) -> Result<bool> {
    let inviter = members::service::get(tx, row.referrer_id.into()).await?;
    let friend = members::service::get(tx, row.friend_id.into()).await?;
    let alike = |a: Option<String>, b: Option<String>, f: fn(&str, &str) -> bool| match (a, b) {
        (Some(a), Some(b)) => f(&a, &b),
        _ => false,
    };
    Ok(alike(inviter.email, friend.email, similar_email)
        || alike(inviter.phone, friend.phone, similar_phone))
}

/// Other friends of the inviter who were bound within a day of this one, or those of them who came
/// from the same network.
async fn near(tx: &Tx, row: &referral::Model, same_network: bool) -> Result<u32> {
    use referral::Column;
    let mut query = referral::Entity::find()
        .filter(Column::ReferrerId.eq(row.referrer_id))
        .filter(Column::Id.ne(row.id))
        .filter(Column::BoundAt.between(row.bound_at - DAY_MS, row.bound_at + DAY_MS));
    if same_network {
        let Some(network) = &row.network_hash else {
            return Ok(0);
        };
        query = query.filter(Column::NetworkHash.eq(network.as_str()));
    }
    Ok(u32::try_from(query.count(tx).await?).unwrap_or(u32::MAX))
}

/// Other friends of the inviter who were rewarded or refunded, and those who were refunded.
async fn refunds(tx: &Tx, row: &referral::Model) -> Result<(u32, u32)> {
    let others = || {
        Query::select()
            .column(referral::Column::Id)
            .from(referral::Entity)
            .and_where(referral::Column::ReferrerId.eq(row.referrer_id))
            .and_where(referral::Column::Id.ne(row.id))
            .to_owned()
    };
    let refunded: Vec<Uuid> = movement::Entity::find()
        .select_only()
        .column(movement::Column::ReferralId)
        .distinct()
        .filter(movement::Column::ReferralId.in_subquery(others()))
        .filter(movement::Column::Reason.eq(ReferralReason::OrderRefunded.to_db()))
        .into_tuple()
        .all(tx)
        .await?;
    let standing = referral::Entity::find()
        .filter(referral::Column::ReferrerId.eq(row.referrer_id))
        .filter(referral::Column::Id.ne(row.id))
        .filter(referral::Column::State.eq(ReferralState::Rewarded.to_db()))
        .filter(referral::Column::Id.is_not_in(refunded.iter().copied()))
        .count(tx)
        .await?;
    let refunded = u32::try_from(refunded.len()).unwrap_or(u32::MAX);
    let standing = u32::try_from(standing).unwrap_or(u32::MAX);
    Ok((standing.saturating_add(refunded), refunded))
}
