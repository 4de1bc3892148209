//! What one member's invitations brought, on the member's page.

use super::words::{reason_name, state_badge};
use super::{REFERRALS, called, count};
use crate::console::kit::desk::Desk;
use crate::parts::Subject;
use crate::parts::tasks::reward_list;
use crate::tr;
use crate::ui::address::{self, Address};
use crate::ui::icon::{Icon, icon};
use crate::ui::load::{listed, loaded};
use crate::ui::{browser, query, state};
use leptos::prelude::*;
use shared::referrals::api::{MyReferral, ReferralRow};

/// The member's code, how far friends got, what it earned, and the friends.
pub(in crate::console) fn of_member(subject: &Subject) -> AnyView {
    let Some(desk) = Desk::here() else {
        return ().into_any();
    };
    let locale = desk.locale;
    let path = format!("{}/referral", subject.base);
    let own = query::query::<MyReferral>(move || Some(path.clone()));
    let member = subject.base.rsplit('/').next().unwrap_or_default();
    let list = format!(
        "/api/v1/referrals?limit=30&referrer={}",
        browser::encode(member)
    );
    let here = Address::here();
    let friends = query::pages::<ReferralRow>(move || Some(list.clone()), here.pages());
    let (facts_desk, rows_desk) = (desk.clone(), desk.clone());
    let blank = move || {
        let hint = tr!(locale, referral_desk.no_friends_hint);
        state::empty(tr!(locale, referral_desk.no_friends), hint)
    };
    let show = move |all: Vec<ReferralRow>| {
        let all = all.iter().map(|it| row(&rows_desk, it)).collect_view();
        view! { <ul class="rows" role="list">{all}</ul> }.into_any()
    };
    view! {
        {loaded(own, 3, move |it| facts(&facts_desk, &it))}
        <h3 class="label">{tr!(locale, referral_desk.own_friends)}</h3>
        {listed(friends, show, blank, address::more_pages(here))}
    }
    .into_any()
}

fn facts(desk: &Desk, it: &MyReferral) -> AnyView {
    let locale = desk.locale;
    let funnel = tr!(
        locale,
        referral_desk.own_funnel,
        visited = count(desk, it.funnel.visited),
        joined = count(desk, it.funnel.joined),
        ordered = count(desk, it.funnel.ordered),
        rewarded = count(desk, it.funnel.rewarded)
    );
    let earned = (!it.earned.is_empty()).then(|| {
        view! { <div class="record__row"><dt>{tr!(locale, referral_desk.own_earned)}</dt><dd>{reward_list(desk.amounts, &it.earned)}</dd></div> }
    });
    view! {
        <p>{funnel}</p>
        <dl class="record">
            <div class="record__row"><dt>{tr!(locale, referral_desk.own_code)}</dt><dd><code>{it.code.clone()}</code></dd></div>
            <div class="record__row"><dt>{tr!(locale, referral_desk.own_link)}</dt><dd><code>{it.link.clone()}</code></dd></div>
            {earned}
        </dl>
    }
    .into_any()
}

fn row(desk: &Desk, it: &ReferralRow) -> AnyView {
    let note = format!(
        "{} · {}",
        reason_name(desk.locale, it.reason),
        desk.date(it.bound_at)
    );
    view! {
        <li><a class="row" href=format!("{REFERRALS}/{}", it.id)>
            <span class="row__mark">{icon(Icon::Me)}</span>
            <span class="row__main">
                <span class="row__title">{called(desk, it.friend_name.as_deref())}</span>
                <span class="row__note">{note}</span>
            </span>
            {state_badge(desk.locale, it.state)}
        </a></li>
    }
    .into_any()
}
