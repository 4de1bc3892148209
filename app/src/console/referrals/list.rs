//! The referrals that wait for a person, and all others by where they stand.

use super::words::{reason_name, state_badge};
use super::{REFERRALS, called, parts};
use crate::console::kit::desk::{Desk, head, page as desk_page};
use crate::console::kit::filters::{Filter, Filters};
use crate::console::kit::table::{Column, main_link, table, text};
use crate::i18n::locale;
use crate::parts::coupons::money;
use crate::tr;
use crate::ui::address::{self, Address};
use crate::ui::load::listed;
use crate::ui::{browser, query};
use leptos::prelude::*;
use shared::referrals::ReferralState;
use shared::referrals::api::ReferralRow;
use shared::text::Locale;

const COLUMNS: &[Column<ReferralRow>] = &[
    Column {
        title: |it| tr!(it, referral_desk.which),
        class: "",
        sort: None,
        cell: |desk, it| {
            let href = format!("{REFERRALS}/{}", it.id);
            main_link(href, pair(desk, it), why(desk, it))
        },
    },
    Column {
        title: |it| tr!(it, referral_desk.state),
        class: "",
        sort: None,
        cell: |desk, it| state_badge(desk.locale, it.state),
    },
    Column {
        title: |it| tr!(it, referral_desk.why),
        class: "wide",
        sort: None,
        cell: |desk, it| text(why(desk, it)),
    },
    Column {
        title: |it| tr!(it, referral_desk.bound_at),
        class: "wide short",
        sort: None,
        cell: |desk, it| text(desk.date(it.bound_at)),
    },
    Column {
        title: |it| tr!(it, referral_desk.due_at),
        class: "wide short",
        sort: None,
        cell: |desk, it| text(it.due_at.map(|at| desk.date(at)).unwrap_or_default()),
    },
    Column {
        title: |it| tr!(it, referral_desk.cost_one),
        class: "number wide",
        sort: None,
        cell: |desk, it| {
            text(
                cost(it)
                    .map(|it| money(desk.amounts, it))
                    .unwrap_or_default(),
            )
        },
    },
];

/// Who invited whom.
pub(super) fn pair(desk: &Desk, it: &ReferralRow) -> String {
    tr!(
        desk.locale,
        referral_desk.pair,
        inviter = called(desk, it.referrer_name.as_deref()),
        friend = called(desk, it.friend_name.as_deref())
    )
}

/// What it costs or would cost; nothing once it is clear that nothing is paid.
pub(super) fn cost(it: &ReferralRow) -> Option<i64> {
    let counts = it.state.is_open() || it.state == ReferralState::Rewarded;
    counts.then_some(it.cost)
}

/// Why it stands where it does: for one that waits, what was found.
fn why(desk: &Desk, it: &ReferralRow) -> String {
    if it.state == ReferralState::Held && !it.evidence.is_empty() {
        let found = it.evidence.iter().map(|it| it.text.get(desk.locale));
        return found.collect::<Vec<_>>().join(" · ");
    }
    reason_name(desk.locale, it.reason).to_owned()
}

/// The page.
#[must_use]
pub fn page() -> AnyView {
    let locale = locale();
    desk_page(tr!(locale, referral_desk.queue), |desk| {
        let here = Address::here();
        let filters = Filters::here(&desk.zone, filters(locale), Vec::new());
        let (state, referrer) = (here.part("state"), here.part("referrer"));
        let path = move || {
            let state = match state.get().as_deref() {
                None => "&state=held".to_owned(),
                Some("all") => String::new(),
                Some(other) => format!("&state={}", browser::encode(other)),
            };
            let referrer = referrer
                .get()
                .map(|it| format!("&referrer={}", browser::encode(&it)));
            let referrer = referrer.unwrap_or_default();
            Some(format!("/api/v1/referrals?limit=50{state}{referrer}"))
        };
        let rows = query::pages::<ReferralRow>(path, here.pages());
        let note = desk.zone_note();
        let show = move |all: Vec<ReferralRow>| {
            table(&desk, tr!(locale, referral_desk.queue), COLUMNS, &all)
        };
        let narrowed = filters.clone();
        let blank = move || {
            let none = tr!(locale, referral_desk.none_held);
            narrowed.blank(none, tr!(locale, referral_desk.none_held_hint))
        };
        view! {
            {head(tr!(locale, referral_desk.queue), tr!(locale, referral_desk.queue_hint), ().into_any())}
            {parts()}
            <div class="card stack">
                {filters.bar()}
                {listed(rows, show, blank, address::more_pages(here))}
                {note}
            </div>
        }
        .into_any()
    })
}

/// By where they stand; those that wait need no words in the address.
fn filters(locale: Locale) -> Vec<Filter> {
    let states = vec![
        (None, tr!(locale, referral_desk.held)),
        (Some("joined"), tr!(locale, referral_desk.joined)),
        (Some("ordered"), tr!(locale, referral_desk.ordered)),
        (Some("rewarded"), tr!(locale, referral_desk.rewarded)),
        (Some("refused"), tr!(locale, referral_desk.refused)),
        (Some("clawed_back"), tr!(locale, referral_desk.clawed_back)),
        (Some("expired"), tr!(locale, referral_desk.expired)),
        (Some("all"), tr!(locale, points.all)),
    ];
    vec![
        Filter::Chips("state", tr!(locale, referral_desk.state), states),
        Filter::Exact("referrer", tr!(locale, referral_desk.inviter_filter)),
    ]
}
