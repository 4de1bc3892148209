//! A month's budget as a picture, and what to do when it is used up.

use super::{QUEUE, TERMS};
use crate::console::kit::desk::Desk;
use crate::parts::coupons::money;
use crate::tr;
use crate::ui::format::{self, Moment};
use crate::ui::icon::{Icon, icon};
use crate::ui::meter::split;
use leptos::prelude::*;
use shared::referrals::ReferralTerms;
use shared::referrals::api::BudgetView;
use shared::time::Timestamp;

/// What is left of a budget; a limit that was lowered may leave less than nothing.
fn left(it: &BudgetView) -> i64 {
    let used = it.spent.saturating_add(it.committed);
    it.limit.saturating_sub(used).max(0)
}

/// Whether invitations count at the moment, if they do not: why, and what to do about it.
pub(super) fn standing(
    desk: &Desk,
    it: &BudgetView,
    terms: Option<&ReferralTerms>,
) -> Option<AnyView> {
    let locale = desk.locale;
    let terms = terms?;
    let link = |href: &'static str, text: &'static str| {
        view! { <a class="button button--small" href=href>{text}</a> }
    };
    if !terms.enabled {
        let banner = view! {
            <div class="banner" role="status">
                {icon(Icon::Lock)}
                <span class="grow">{tr!(locale, referral_desk.off)}</span>
                {link(TERMS, tr!(locale, referral_desk.to_terms))}
            </div>
        };
        return Some(banner.into_any());
    }
    let each = terms.worst_per_friend();
    if left(it) >= each {
        return None;
    }
    let text = tr!(locale, referral_desk.paused, n = money(desk.amounts, each));
    let banner = view! {
        <div class="banner banner--warn banner--wrap" role="status">
            {icon(Icon::Warning)}
            <span class="grow">{text}</span>
            {link(TERMS, tr!(locale, referral_desk.to_terms))}
            {link(QUEUE, tr!(locale, referral_desk.to_queue))}
        </div>
    };
    Some(banner.into_any())
}

/// The budget of the month: spent, set aside, free.
pub(super) fn budget(desk: &Desk, it: &BudgetView, terms: Option<&ReferralTerms>) -> AnyView {
    let locale = desk.locale;
    let free = left(it);
    let parts = [
        ("spent", tr!(locale, referral_desk.spent), it.spent),
        (
            "committed",
            tr!(locale, referral_desk.committed),
            it.committed,
        ),
        ("free", tr!(locale, referral_desk.free), free),
    ];
    let whole = it.limit.max(it.spent.saturating_add(it.committed)).max(1);
    let widths = parts.map(|(kind, _, amount)| (kind, amount));
    let legend = parts.map(|(kind, name, amount)| {
        view! {
            <div class="fact">
                <dt class="fact__label"><span class="split__key" data-kind=kind aria-hidden="true"></span>{name}</dt>
                <dd class="fact__number">{money(desk.amounts, amount)}</dd>
            </div>
        }
    });
    let label = tr!(
        locale,
        referral_desk.budget_text,
        spent = money(desk.amounts, it.spent),
        committed = money(desk.amounts, it.committed),
        free = money(desk.amounts, free),
        limit = money(desk.amounts, it.limit)
    );
    let room = terms
        .filter(|it| it.enabled)
        .and_then(|it| free.checked_div(it.worst_per_friend()));
    let room = room.filter(|it| *it > 0).map(|it| {
        let text = tr!(locale, referral_desk.room, n = desk.number(it));
        view! { <p>{text}</p> }
    });
    view! {
        <section class="card stack" aria-labelledby="budget">
            <h2 class="title" id="budget">{tr!(locale, referral_desk.budget, month = month(desk, &it.month))}</h2>
            {split(label, &widths, whole)}
            <dl class="facts facts--three">{legend.into_iter().collect_view()}</dl>
            {room}
            <p class="row__note">{tr!(locale, referral_desk.committed_hint)}</p>
        </section>
    }
    .into_any()
}

/// A month such as `2026-11` in words.
fn month(desk: &Desk, month: &str) -> String {
    let at: Result<Timestamp, _> = format!("{month}-15T12:00:00Z").parse();
    at.map_or_else(
        |_| month.to_owned(),
        |at| format::moment(desk.locale, "UTC", at, Moment::Month),
    )
}
