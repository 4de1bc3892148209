//! The friends who joined by one's invitation, and where each stands.

use crate::parts::Subject;
use crate::tr;
use crate::ui::address::{self, Address};
use crate::ui::icon::{Icon, icon};
use crate::ui::load::listed;
use crate::ui::{query, state};
use leptos::prelude::*;
use shared::referrals::ReferralState;
use shared::referrals::api::InvitedFriend;
use shared::text::Locale;

/// The list, newest first.
pub(super) fn friends(subject: &Subject) -> AnyView {
    let locale = subject.amounts.locale;
    let here = Address::here();
    let list =
        query::pages::<InvitedFriend>(|| Some("/api/v1/me/referrals".to_owned()), here.pages());
    let blank = move || {
        state::empty(
            tr!(locale, referral.friends_empty),
            tr!(locale, referral.friends_hint),
        )
    };
    let subject = subject.clone();
    let rows = move |rows: Vec<InvitedFriend>| {
        let rows = rows.iter().map(|it| row(&subject, it)).collect_view();
        view! { <ul class="rows" role="list">{rows}</ul> }.into_any()
    };
    view! {
        <section class="card" aria-labelledby="friends">
            <h2 class="title" id="friends">{tr!(locale, referral.friends)}</h2>
            {listed(list, rows, blank, address::more_pages(here))}
        </section>
    }
    .into_any()
}

/// How a state looks: its mark, the colour of that, its name and the colour of its name.
type Look = (Icon, &'static str, fn(Locale) -> &'static str, &'static str);

const fn look(state: ReferralState) -> Look {
    use crate::i18n::text::referral as text;
    match state {
        ReferralState::Joined => (Icon::Me, "plain", text::at_joined, "quiet"),
        ReferralState::Ordered => (Icon::Pending, "plain", text::at_ordered, "wait"),
        ReferralState::Held => (Icon::Search, "plain", text::at_held, "wait"),
        ReferralState::Rewarded => (Icon::Check, "gain", text::at_rewarded, "good"),
        ReferralState::ClawedBack => (Icon::Back, "loss", text::at_clawed_back, "bad"),
        ReferralState::Refused => (Icon::Expire, "loss", text::at_refused, "bad"),
        ReferralState::Expired => (Icon::Expiring, "plain", text::at_expired, "quiet"),
    }
}

/// A friend: where it stands, why, since when, and what is awaited until when.
fn row(subject: &Subject, it: &InvitedFriend) -> AnyView {
    let locale = subject.amounts.locale;
    let (mark, kind, state, tone) = look(it.state);
    let name = it.name.clone();
    let name = name.unwrap_or_else(|| tr!(locale, referral.friend).to_owned());
    let awaited = match (it.order_until, it.pending_until) {
        (Some(at), _) => Some(tr!(locale, referral.order_until, date = subject.date(at))),
        (None, Some(at)) => Some(tr!(locale, referral.pending_until, date = subject.date(at))),
        (None, None) => None,
    };
    let awaited = awaited.map(|it| view! { <span class="row__note row__note--strong">{it}</span> });
    let mut when = tr!(locale, referral.bound, date = subject.date(it.bound_at));
    if it.since != it.bound_at {
        when.push_str(" · ");
        when.push_str(&tr!(locale, referral.since, date = subject.time(it.since)));
    }
    view! {
        <li class="row row--top">
            <span class="row__mark" data-kind=kind>{icon(mark)}</span>
            <div class="row__main">
                <span class="row__title">{name}" "<span class="badge" data-tone=tone>{state(locale)}</span></span>
                <span>{it.why.get(locale).to_owned()}</span>
                {awaited}
                <span class="row__note">{when}</span>
            </div>
        </li>
    }
    .into_any()
}
