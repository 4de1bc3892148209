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
    ("task.created", |it| tr!(it, audit.task_created)),
    ("task.changed", |it| tr!(it, audit.task_changed)),
    ("task.paused", |it| tr!(it, audit.task_paused)),
    ("task.resumed", |it| tr!(it, audit.task_resumed)),
    ("task.ended", |it| tr!(it, audit.task_ended)),
    ("check_in.plan_changed", |it| {
        tr!(it, audit.check_in_changed)
    }),
    ("check_in.outage_declared", |it| {
        tr!(it, audit.check_in_outage)
    }),
    ("share.policy_changed", |it| tr!(it, audit.share_changed)),
    ("coupon_template.created", |it| {
        tr!(it, audit.coupon_created)
    }),
    ("coupon_template.changed", |it| {
        tr!(it, audit.coupon_changed)
    }),
    ("coupon_template.state_changed", |it| {
        tr!(it, audit.coupon_state)
    }),
    ("coupons.granted", |it| tr!(it, audit.coupons_granted)),
    ("coupon.revoked", |it| tr!(it, audit.coupon_revoked)),
    ("coupon_codes.begun", |it| tr!(it, audit.codes_begun)),
    ("coupon_codes.cancelled", |it| {
        tr!(it, audit.codes_cancelled)
    }),
    ("member.tags_changed", |it| tr!(it, audit.member_tags)),
    ("community.created", |it| tr!(it, audit.community_created)),
    ("community.changed", |it| tr!(it, audit.community_changed)),
    ("community.code_changed", |it| tr!(it, audit.community_code)),
    ("community.managers_changed", |it| {
        tr!(it, audit.community_managers)
    }),
    ("community.member_added", |it| {
        tr!(it, audit.community_added)
    }),
    ("community.member_removed", |it| {
        tr!(it, audit.community_removed)
    }),
    ("community.scenario_posted", |it| {
        tr!(it, audit.scenario_posted)
    }),
    ("push_channel.added", |it| tr!(it, audit.channel_added)),
    ("push_channel.removed", |it| tr!(it, audit.channel_removed)),
    ("community.trial", |it| tr!(it, audit.channel_trial)),
    ("scenario.created", |it| tr!(it, audit.scenario_created)),
    ("scenario.changed", |it| tr!(it, audit.scenario_changed)),
    ("scenario.stopped", |it| tr!(it, audit.scenario_stopped)),
    ("scenario.resumed", |it| tr!(it, audit.scenario_resumed)),
    ("flash_sale.created", |it| tr!(it, audit.sale_created)),
    ("flash_sale.changed", |it| tr!(it, audit.sale_changed)),
    ("flash_sale.published", |it| tr!(it, audit.sale_published)),
    ("flash_sale.paused", |it| tr!(it, audit.sale_paused)),
    ("flash_sale.resumed", |it| tr!(it, audit.sale_resumed)),
    ("flash_sale.cancelled", |it| tr!(it, audit.sale_cancelled)),
    ("flash_sale.repeated", |it| tr!(it, audit.sale_repeated)),
    ("flash_sale.stock_added", |it| tr!(it, audit.sale_stock)),
    ("referrals.scheduled", |it| {
        tr!(it, audit.referral_scheduled)
    }),
    ("referrals.cancelled", |it| {
        tr!(it, audit.referral_cancelled)
    }),
    ("staff.policy_set", |it| tr!(it, audit.staff_policy)),
    ("staff.second_factor_enabled", |it| tr!(it, audit.factor_on)),
    ("staff.second_factor_disabled", |it| {
        tr!(it, audit.factor_off)
    }),
    ("staff.second_factor_reset", |it| {
        tr!(it, audit.factor_reset)
    }),
    ("staff.code_refused", |it| tr!(it, audit.code_refused)),
    ("staff.recovery_code_used", |it| {
        tr!(it, audit.recovery_used)
    }),
    ("staff.recovery_codes_renewed", |it| {
        tr!(it, audit.recovery_renewed)
    }),
    ("session.token_reused", |it| tr!(it, audit.token_reused)),
    ("sandbox.advanced", |it| tr!(it, audit.clock_moved)),
];

/// What an action is called; its code where it has no name here.
pub(super) fn action_name(locale: Locale, action: &str) -> String {
    let known = ACTIONS.iter().find(|(code, _)| *code == action);
    known.map_or_else(|| action.to_owned(), |(_, name)| name(locale).to_owned())
}
