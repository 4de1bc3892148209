//! Works tiers out again from the growth record.

use super::store;
use crate::App;
use crate::check::Report;
use crate::error::Result;
use crate::members::service::MemberFacts;
use shared::ids::MemberId;
use shared::tiers::rules::{self, Growth, TierFacts, TierState};
use shared::time::Timestamp;
use std::collections::HashMap;

/// Checks the stored tiers of `members`.
pub(crate) async fn check(app: &App, members: &[MemberFacts], report: &mut Report) -> Result<()> {
    let db = app.db.read();
    let ids: Vec<MemberId> = members.iter().map(|it| it.id).collect();
    let mut growth: HashMap<MemberId, Vec<Growth>> = HashMap::new();
    for row in store::growth_of(db, &ids).await? {
        let at = Timestamp::from_millis(row.counted_at);
        growth
            .entry(row.member_id.into())
            .or_default()
            .push(Growth {
                at,
                amount: row.amount,
            });
    }
    let states: HashMap<MemberId, _> = store::states_of(db, &ids)
        .await?
        .into_iter()
        .map(|it| (MemberId::from(it.member_id), it))
        .collect();
    let rulebook = app.rulebook();
    for member in members {
        let rows = growth.remove(&member.id).unwrap_or_default();
        let Some(stored) = states.get(&member.id) else {
            if !rows.is_empty() {
                report.note(
                    member.id,
                    "a member with growth has a tier",
                    "a tier",
                    "none",
                );
            }
            continue;
        };
        let facts = TierFacts {
            joined_at: member.joined_at,
            growth: &rows,
            ladders: &rulebook.ladders,
            zone: &member.zone,
        };
        let at = Timestamp::from_millis(stored.evaluated_at);
        let (tier, _) = rules::replay(facts, at);
        let warn_days = rulebook.ladder_at(at).ladder.warn_days;
        compare(member.id, &tier, warn_days, stored, report);
        check_history(app, member.id, &stored.code, report).await?;
    }
    Ok(())
}

/// The stored tier is the one that was worked out, and its next review or warning is not missed.
fn compare(
    member: MemberId,
    tier: &TierState,
    warn_days: u16,
    stored: &store::state::Model,
    report: &mut Report,
) {
    let millis = |it: Option<Timestamp>| it.map_or(-1, Timestamp::as_millis);
    report.compare(member, "tier", tier.code.as_str(), stored.code.as_str());
    for (what, expected, found) in [
        ("tier since", tier.since.as_millis(), stored.since),
        (
            "tier valid until",
            millis(tier.valid_until),
            stored.valid_until.unwrap_or(-1),
        ),
        (
            "grace until",
            millis(tier.grace_until),
            stored.grace_until.unwrap_or(-1),
        ),
    ] {
        report.compare(member, what, expected, found);
    }
    report.compare(member, "tier warned", tier.warned, stored.warned);
    // An edit of the ladder makes tiers due sooner; later is a review that would be missed.
    let due = rules::next_due(tier, warn_days).map(Timestamp::as_millis);
    if let Some(due) = due
        && stored.next_due_at.is_none_or(|it| it > due)
    {
        report.note(member, "tier due", due, stored.next_due_at.unwrap_or(-1));
    }
}

/// The history ends where the member stands.
async fn check_history(app: &App, member: MemberId, code: &str, report: &mut Report) -> Result<()> {
    let last = store::last_recorded(app.db.read(), member).await?;
    let last = last.map_or_else(String::new, |it| it.to_code);
    report.compare(member, "last change of tier", code.to_owned(), last);
    Ok(())
}
