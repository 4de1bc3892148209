//! People's decisions about referrals: released, rejected, looked at again.

use super::super::store;
use super::settle::Work;
use crate::App;
use crate::audit;
use crate::auth::Actor;
use crate::db::Tx;
use crate::error::{AppError, Result};
use shared::ids::ReferralId;
use shared::problem::ErrorCode;
use shared::referrals::api::{DecideReferral, ReferralDecision};
use shared::referrals::rules::{self, Decision};

/// A decision about a referral.
#[derive(Debug, Clone)]
pub struct Decide {
    /// The referral.
    pub id: ReferralId,
    /// What is decided, and why.
    pub request: DecideReferral,
    /// Who decides.
    pub actor: Actor,
}

/// Decides about a referral; what its order does meanwhile is looked at first.
///
/// # Errors
/// `referrals.not_found`, `referrals.not_decidable`, `request.invalid`; `referrals.paused` when
/// the month's budget has no room for one that is reopened.
pub async fn decide(tx: &Tx, app: &App, command: &Decide) -> Result<()> {
    let note = command.request.note.trim();
    if !(3..=200).contains(&note.chars().count()) || note.chars().any(char::is_control) {
        let message = "say why, in 3 to 200 characters";
        return Err(AppError::invalid_field("/note", "out_of_range", message));
    }
    let work = Work::load(tx, app, command.id).await?;
    let mut work = work.ok_or(ErrorCode::ReferralNotFound)?;
    work.observe(tx).await?;
    let decision = match command.request.decision {
        ReferralDecision::Release => Decision::Release,
        ReferralDecision::Reject => Decision::Reject,
        ReferralDecision::Reopen => Decision::Reopen,
    };
    let next = rules::decide(&work.referral, decision, tx.now())?;
    if next.state.is_open() && !work.referral.state.is_open() {
        require_room(tx, app, &work).await?;
    }
    work.apply(tx, next).await?;
    // One that is reopened may have lost its order while nobody looked.
    work.observe(tx).await?;
    let actor = command.actor.to_string();
    let detail = serde_json::json!({ "decision": command.request.decision, "note": note });
    let target = command.id.to_string();
    audit::service::record(tx, &actor, "referral.decided", &target, &detail).await?;
    work.save(tx, &actor, Some(note)).await
}

/// One that was refused gave its money back to the month; now it needs it again.
async fn require_room(tx: &Tx, app: &App, work: &Work) -> Result<()> {
    let was_spent = work.referral.state == shared::referrals::ReferralState::Rewarded;
    if was_spent {
        return Ok(());
    }
    let limit = app.rulebook().referrals_at(tx.now()).terms.monthly_budget;
    let budget = store::lock_budget(tx, work.month()).await?;
    if budget.committed + budget.spent + work.cost() > limit {
        return Err(ErrorCode::ReferralsPaused.into());
    }
    Ok(())
}
