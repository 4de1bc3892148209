//! Binding a friend to the inviter.

use super::super::store::{self, referral, visit};
use super::codes::{find_visit, inviter};
use super::offer_of;
use super::settle::note_move;
use super::signals::{self, keyed_hash, read_device};
use crate::App;
use crate::db::Tx;
use crate::db::text::DbText;
use crate::error::{AppError, Result};
use crate::{members, orders};
use sea_orm::entity::prelude::*;
use sea_orm::{ActiveModelTrait, ActiveValue::Set, PaginatorTrait};
use shared::ids::{MemberId, ReferralId};
use shared::members::MemberStatus;
use shared::problem::ErrorCode;
use shared::referrals::api::{BindReferral, Binding};
use shared::referrals::rules::{self, BindFacts};
use shared::referrals::{ReferralReason, ReferralState};
use shared::time::{Timestamp, start_of_day};

/// Most steps upwards that a loop is looked for.
const DEPTH: usize = 32;

/// A friend who accepts an invitation.
#[derive(Debug, Clone)]
pub struct Bind {
    /// The friend.
    pub friend: MemberId,
    /// By what.
    pub request: BindReferral,
    /// What the friend's network is known by.
    pub network: Option<String>,
    /// Who asks: the friend or the shop.
    pub actor: String,
}

/// Binds a friend to an inviter. A friend who is bound to the same inviter gets the same answer.
///
/// # Errors
/// `referrals.code_not_found`, `request.invalid`, and why it is refused.
pub async fn bind(tx: &Tx, app: &App, command: &Bind) -> Result<Binding> {
    let device = read_device(command.request.device.as_deref())?;
    let (referrer, visit) = who_invited(tx, &command.request).await?;
    let both = members::service::lock(tx, &[referrer, command.friend]).await?;
    let rulebook = app.rulebook();
    let found = rulebook.referrals_at(tx.now());
    let before = store::of_friend(tx, command.friend).await?;
    if let Some(row) = before
        .as_ref()
        .filter(|it| it.referrer_id == referrer.uuid())
    {
        return Ok(Binding {
            id: row.id.into(),
            order_until: Timestamp::from_millis(row.order_until),
            offer: offer_of(&rulebook, &found.terms),
        });
    }
    let friend = both.iter().find(|it| it.id == command.friend);
    let friend_joined_at = friend.ok_or(ErrorCode::MemberNotFound)?.joined_at;
    let month = month_of(tx.now(), &rulebook.zone);
    let budget = store::lock_budget(tx, &month.name).await?;
    let cost = found.terms.worst_per_friend();
    let facts = BindFacts {
        referrer,
        friend: command.friend,
        both_active: both.len() == 2 && both.iter().all(|it| it.status == MemberStatus::Active),
        visited_at: visit
            .as_ref()
            .map_or(friend_joined_at, |it| Timestamp::from_millis(it.visited_at)),
        friend_joined_at,
        friend_has_paid: orders::service::has_paid(tx, command.friend).await?,
        friend_is_bound: before.is_some(),
        leads_back: leads_to(tx, referrer, command.friend).await?,
        bound_this_month: bound_since(tx, referrer, month.start).await?,
        budget_left: found
            .terms
            .monthly_budget
            .saturating_sub(budget.committed)
            .saturating_sub(budget.spent),
        cost,
    };
    let order_until = rules::bind(&facts, &found.terms, tx.now()).map_err(|it| it.code())?;
    let row = new_referral(tx, app, command, &facts, visit.as_ref());
    let row = referral::ActiveModel {
        order_until: Set(order_until.as_millis()),
        due_at: Set(Some(order_until.next().as_millis())),
        terms_version: Set(found.version),
        month: Set(month.name.clone()),
        ..row
    };
    let row = row.insert(tx).await?;
    store::shift_budget(tx, &month.name, cost, 0).await?;
    note_move(tx, &row, &command.actor, None);
    let device = device
        .map(|it| keyed_hash(app, "device", &it))
        .or_else(|| visit.and_then(|it| it.device_hash));
    let device: Vec<_> = device.into_iter().map(|it| ("device", it)).collect();
    signals::add(tx, command.friend, &device).await?;
    Ok(Binding {
        id: row.id.into(),
        order_until,
        offer: offer_of(&rulebook, &found.terms),
    })
}

/// A referral that begins now. Until when it lasts and under which terms is for the caller to say.
fn new_referral(
    tx: &Tx,
    app: &App,
    command: &Bind,
    facts: &BindFacts,
    visit: Option<&visit::Model>,
) -> referral::ActiveModel {
    let network = command.network.as_ref();
    let network = network.map(|it| keyed_hash(app, "network", it));
    referral::ActiveModel {
        id: Set(ReferralId::generate(&mut tx.ids()).uuid()),
        friend_id: Set(facts.friend.uuid()),
        referrer_id: Set(facts.referrer.uuid()),
        state: Set(ReferralState::Joined.to_db().to_owned()),
        reason: Set(ReferralReason::Bound.to_db().to_owned()),
        visited_at: Set(facts.visited_at.as_millis()),
        bound_at: Set(tx.now().as_millis()),
        order_ref: Set(None),
        order_paid_at: Set(None),
        order_due_at: Set(None),
        cost: Set(facts.cost),
        payments: Set(0),
        evidence: Set("[]".to_owned()),
        network_hash: Set(network.or_else(|| visit?.network_hash.clone())),
        updated_at: Set(tx.now().as_millis()),
        ..Default::default()
    }
}

/// The inviter, by the visit while it counts, else by the code.
async fn who_invited(tx: &Tx, request: &BindReferral) -> Result<(MemberId, Option<visit::Model>)> {
    if let Some(token) = &request.visit
        && let Some(visit) = find_visit(tx, token, tx.now()).await?
    {
        return Ok((visit.referrer_id.into(), Some(visit)));
    }
    match (&request.code, &request.visit) {
        (Some(code), _) => Ok((inviter(tx, code).await?, None)),
        (None, Some(_)) => Err(ErrorCode::ReferralOutsideWindow.into()),
        (None, None) => {
            let message = "send the visit or the code";
            Err(AppError::invalid_field("/code", "required", message))
        }
    }
}

/// Whether following the inviters upwards from `from` leads to `to`.
async fn leads_to(tx: &Tx, from: MemberId, to: MemberId) -> Result<bool> {
    let mut at = from;
    for _ in 0..DEPTH {
        match store::of_friend(tx, at).await? {
            None => return Ok(false),
            Some(row) if row.referrer_id == to.uuid() => return Ok(true),
            Some(row) => at = row.referrer_id.into(),
        }
    }
    Ok(false)
}

/// Friends of an inviter bound since `since`.
async fn bound_since(tx: &Tx, referrer: MemberId, since: Timestamp) -> Result<u32> {
    let count = referral::Entity::find()
        .filter(referral::Column::ReferrerId.eq(referrer.uuid()))
        .filter(referral::Column::BoundAt.gte(since.as_millis()))
        .count(tx)
        .await?;
    Ok(u32::try_from(count).unwrap_or(u32::MAX))
}

/// A month of the programme.
pub(super) struct Month {
    /// As `2026-11`.
    pub name: String,
    /// Its first instant.
    pub start: Timestamp,
}

/// The month of an instant in the programme's zone.
pub(super) fn month_of(at: Timestamp, zone: &jiff::tz::TimeZone) -> Month {
    let first = at.date_in(zone).first_of_month();
    Month {
        name: format!("{:04}-{:02}", first.year(), first.month()),
        start: start_of_day(first, zone),
    }
}
