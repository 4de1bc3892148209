//! One referral: who, what was found, what became of it, and what a person decides.

use super::decide::{KEY, acts, decide};
use super::list::{cost, pair};
use super::words::{reason_name, state_badge};
use super::{QUEUE, member_link};
use crate::console::kit::desk::{Desk, head, page as desk_page};
use crate::console::staff::actor;
use crate::i18n::locale;
use crate::parts::coupons::money;
use crate::tr;
use crate::ui::icon::{Icon, icon};
use crate::ui::load::loaded;
use crate::ui::query;
use crate::ui::routes::param;
use crate::ui::sheet::sheet_at;
use crate::ui::{browser, live, page as ui_page};
use leptos::prelude::*;
use shared::referrals::ReferralState;
use shared::referrals::api::{ReferralDetail, ReferralMove, ReferralRow};

/// The page.
#[must_use]
pub fn page() -> AnyView {
    let locale = locale();
    desk_page(tr!(locale, referral_desk.which), |desk| {
        let id = param("id");
        let path = move || format!("/api/v1/referrals/{}", browser::encode(&id.get()));
        let found = query::query::<ReferralDetail>(move || Some(path()));
        let (shown, sheet_desk) = (desk.clone(), desk.clone());
        let waiting = live::maybe(move || {
            (!found.source.is_there())
                .then(|| ui_page::heading(tr!(locale, referral_desk.which), "sr-only"))
        });
        view! {
            <p><a class="link" href=QUEUE>{icon(Icon::Previous)}{tr!(locale, referral_desk.back)}</a></p>
            {waiting}
            {loaded(found, 8, move |it| detail(&shown, &it))}
            {desk.zone_note()}
            {sheet_at(KEY, move |name, close| decide(&sheet_desk, &name, found, close))}
        }
        .into_any()
    })
}

fn detail(desk: &Desk, it: &ReferralDetail) -> AnyView {
    let locale = desk.locale;
    let row = &it.referral;
    let title = pair(desk, row);
    document().set_title(&title);
    view! {
        {head(&title, "", acts(locale, row))}
        <p class="tags">{state_badge(locale, row.state)}<span class="muted">{reason_name(locale, row.reason)}</span></p>
        <div class="columns columns--main">
            <div class="stack">
                {evidence(desk, row)}
                {history(desk, &it.history)}
            </div>
            {about(desk, row)}
        </div>
    }
    .into_any()
}

/// What speaks against paying.
fn evidence(desk: &Desk, it: &ReferralRow) -> AnyView {
    let locale = desk.locale;
    let body = if it.evidence.is_empty() {
        let early = matches!(it.state, ReferralState::Joined | ReferralState::Ordered);
        let text = if early {
            tr!(locale, referral_desk.no_evidence_hint)
        } else {
            tr!(locale, referral_desk.no_evidence)
        };
        view! { <p class="muted">{text}</p> }.into_any()
    } else {
        let rows = it.evidence.iter().map(|it| {
            view! { <li class="banner banner--warn">{icon(Icon::Warning)}<span class="grow">{it.text.get(locale).to_owned()}</span></li> }
        });
        view! { <ul class="stack stack--tight" role="list">{rows.collect_view()}</ul> }.into_any()
    };
    view! {
        <section class="card stack" aria-labelledby="evidence">
            <h2 class="title" id="evidence">{tr!(locale, referral_desk.evidence)}</h2>
            {body}
        </section>
    }
    .into_any()
}

/// What became of it, newest first.
fn history(desk: &Desk, moves: &[ReferralMove]) -> AnyView {
    let locale = desk.locale;
    let rows = moves.iter().rev().map(|it| {
        let note = it.note.clone().map(|it| view! { <span>{it}</span> });
        let order = it
            .order
            .as_ref()
            .map(|it| tr!(locale, points.order, id = it));
        let order = order.map(|it| view! { <span class="row__note">{it}</span> });
        let by = tr!(
            locale,
            points.by,
            name = actor(&it.actor, it.actor_name.as_deref())
        );
        view! {
            <li class="row row--still">
                <span class="row__main">
                    <span class="row__title">{reason_name(locale, it.reason)}</span>
                    {note}
                    {order}
                    <span class="row__note">{by}" · "{desk.time(it.at)}</span>
                </span>
                {state_badge(locale, it.state)}
            </li>
        }
    });
    view! {
        <section class="card stack" aria-labelledby="history">
            <h2 class="title" id="history">{tr!(locale, referral_desk.history)}</h2>
            <ol class="rows" role="list">{rows.collect_view()}</ol>
        </section>
    }
    .into_any()
}

/// Who and when, and what it costs.
fn about(desk: &Desk, it: &ReferralRow) -> AnyView {
    let locale = desk.locale;
    let none = tr!(locale, referral_desk.no_order);
    let order = it.order.clone().unwrap_or_else(|| none.to_owned());
    let inviter = member_link(desk, it.referrer, it.referrer_name.as_deref());
    let friend = member_link(desk, it.friend, it.friend_name.as_deref());
    let due = it.due_at.map(|at| desk.time(at).into_any());
    let cost = cost(it).map(|it| money(desk.amounts, it).into_any());
    let rows = [
        (tr!(locale, referral_desk.inviter), Some(inviter)),
        (tr!(locale, referral_desk.friend), Some(friend)),
        (
            tr!(locale, referral_desk.bound_at),
            Some(desk.date(it.bound_at).into_any()),
        ),
        (tr!(locale, referral_desk.order), Some(order.into_any())),
        (tr!(locale, referral_desk.due_at), due),
        (tr!(locale, referral_desk.cost_one), cost),
    ];
    let rows = rows.into_iter().filter_map(|(name, value)| {
        let value = value?;
        Some(view! { <div class="record__row"><dt>{name}</dt><dd>{value}</dd></div> })
    });
    view! {
        <section class="card stack" aria-labelledby="about">
            <h2 class="title" id="about">{tr!(locale, referral_desk.about)}</h2>
            <dl class="record">{rows.collect_view()}</dl>
        </section>
    }
    .into_any()
}
