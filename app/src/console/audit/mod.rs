//! The audit trail: who changed what, when and why.

mod trail;

pub use trail::trail;

use crate::console::kit::Words;
use crate::tr;
use shared::text::Locale;

/// Actions that have a name here; with a dot at its end, all that begin so.
const ACTIONS: &[(&str, Words)] = &[
    ("points.adjusted", |it| tr!(it, audit.adjusted)),
    ("points.adjustment_requested", |it| tr!(it, audit.requested)),
    ("points.adjustment_approved", |it| tr!(it, audit.approved)),
    ("points.adjustment_rejected", |it| tr!(it, audit.rejected)),
    ("points.policy_changed", |it| tr!(it, audit.policy)),
    ("points.scheduled", |it| tr!(it, audit.policy_scheduled)),
    ("points.cancelled", |it| tr!(it, audit.policy_cancelled)),
    ("tiers.ladder_changed", |it| tr!(it, audit.ladder)),
    ("tiers.scheduled", |it| tr!(it, audit.ladder_scheduled)),
    ("tiers.cancelled", |it| tr!(it, audit.ladder_cancelled)),
    ("programme.changed", |it| tr!(it, audit.programme)),
    ("webhook.disabled", |it| tr!(it, audit.webhook_disabled)),
    ("webhook.replayed", |it| tr!(it, audit.webhook_replayed)),
    ("webhook.removed", |it| tr!(it, audit.webhook_removed)),
    ("webhook.secret_rotated", |it| {
        tr!(it, audit.webhook_secret_rotated)
    }),
    ("webhook.resumed", |it| tr!(it, audit.webhook_resumed)),
    ("webhook.paused", |it| tr!(it, audit.webhook_paused)),
    ("webhook.changed", |it| tr!(it, audit.webhook_changed)),
    ("webhook.created", |it| tr!(it, audit.webhook_created)),
    ("member.created", |it| tr!(it, audit.member_created)),
    ("member.changed", |it| tr!(it, audit.member_changed)),
    ("member.status_changed", |it| tr!(it, audit.member_status)),
    ("member.erased", |it| tr!(it, audit.member_erased)),
    ("member.exported", |it| tr!(it, audit.member_exported)),
    ("member.merged", |it| tr!(it, audit.member_merged)),
    ("member.merge_undone", |it| {
        tr!(it, audit.member_merge_undone)
    }),
    ("member.password_changed", |it| {
        tr!(it, audit.password_changed)
    }),
    ("members.exported", |it| tr!(it, audit.members_exported)),
    ("audit.exported", |it| tr!(it, audit.audit_exported)),
    ("import.begun", |it| tr!(it, audit.import_begun)),
    ("import.finished", |it| tr!(it, audit.import_finished)),
    ("import.cancelled", |it| tr!(it, audit.import_cancelled)),
    ("import.failed", |it| tr!(it, audit.import_failed)),
    ("import.undo_begun", |it| tr!(it, audit.import_undo_begun)),
    ("import.undone", |it| tr!(it, audit.import_undone)),
    ("export.begun", |it| tr!(it, audit.export_begun)),
    ("export.finished", |it| tr!(it, audit.export_finished)),
    ("export.fetched", |it| tr!(it, audit.export_fetched)),
    ("member.unmade", |it| tr!(it, audit.member_unmade)),
    ("order.claimed", |it| tr!(it, audit.order_claimed)),
    ("staff.created", |it| tr!(it, audit.staff_created)),
    ("staff.changed", |it| tr!(it, audit.staff_changed)),
    ("staff.deactivated", |it| tr!(it, audit.staff_deactivated)),
    ("staff.reset_created", |it| tr!(it, audit.reset_created)),
    ("staff.password_reset", |it| tr!(it, audit.password_reset)),
    ("staff.password_changed", |it| {
        tr!(it, audit.password_changed)
    }),
    ("staff.signed_in", |it| tr!(it, audit.signed_in)),
    ("api_key.created", |it| tr!(it, audit.key_created)),
    ("referral.decided", |it| tr!(it, audit.referral_decided)),
    ("referrals.terms_changed", |it| {
        tr!(it, audit.referral_terms)
    }),
    ("household.added", |it| tr!(it, audit.household_added)),
    ("household.removed", |it| tr!(it, audit.household_removed)),
    ("api_key.revoked", |it| tr!(it, audit.key_revoked)),
];

/// What an action is called; its code where it has no name here.
pub(super) fn action_name(locale: Locale, action: &str) -> String {
    let known = ACTIONS.iter().find(|(code, _)| *code == action);
    known.map_or_else(|| action.to_owned(), |(_, name)| name(locale).to_owned())
}
