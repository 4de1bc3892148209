//! Use cases of referrals.

mod bind;
mod codes;
mod findings;
mod households;
mod pictures;
mod privacy;
mod review;
mod settle;
mod signals;
mod views;

pub use bind::{Bind, bind};
pub use codes::{invitation, my_code, purge, record_visit};
pub use households::{add_household, households, remove_household};
pub use pictures::poster;
pub use privacy::{export, forget, hand_over};
pub use review::{Decide, decide};
pub use settle::{orders_changed, settle_due};
pub use signals::record_signals;
pub use views::{detail, friends, mine, referrals, report};

use super::store;
use crate::App;
use crate::error::Result;
use crate::programme::Rulebook;
use shared::referrals::ReferralTerms;
use shared::referrals::api::Offer;

/// What an invitation offers now. It is closed while this month's budget has no room for one more
/// friend.
///
/// # Errors
/// When the database fails.
pub async fn offer(app: &App) -> Result<Offer> {
    let rulebook = app.rulebook();
    let terms = &rulebook.referrals_at(app.db.now()).terms;
    let month = bind::month_of(app.db.now(), &rulebook.zone).name;
    let used = store::budget_used(app.db.read(), &month).await?;
    let left = terms.monthly_budget.saturating_sub(used);
    Ok(Offer {
        open: terms.enabled && left >= terms.worst_per_friend(),
        ..offer_of(&rulebook, terms)
    })
}

fn offer_of(rulebook: &Rulebook, terms: &ReferralTerms) -> Offer {
    Offer {
        open: terms.enabled,
        friend_rewards: terms.friend_rewards.clone(),
        inviter_rewards: terms.inviter_rewards.clone(),
        minimum_order: terms.minimum_order,
        currency: rulebook.programme.currency,
        attribution_days: terms.attribution_days,
        order_days: terms.order_days,
        hold_days: terms.hold_days,
    }
}
