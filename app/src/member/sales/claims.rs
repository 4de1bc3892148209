//! What the member claimed: what waits for its payment, what is paid, and what went back.

use super::clock::{self, Clock};
use super::held::{self, cost, is_held, number, time_left};
use super::with_member;
use crate::api;
use crate::i18n::locale;
use crate::parts::Subject;
use crate::tr;
use crate::ui::address::{self, Address};
use crate::ui::icon::{Icon, icon};
use crate::ui::load::listed;
use crate::ui::query::{self, Query};
use crate::ui::{live, state};
use gloo_timers::future::TimeoutFuture;
use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::page::Page;
use shared::sales::api::{FlashClaim, MemberSales};
use shared::sales::{ClaimReason, ClaimState};
use shared::text::Locale;
use shared::time::Timestamp;

/// How long the server is given to take back what was not paid in time.
const BACK_MS: u32 = 3_000;

/// The page.
#[must_use]
pub fn page() -> AnyView {
    with_member(tr!(locale(), claims.title), show)
}

fn show(subject: &Subject, _: bool) -> AnyView {
    let locale = subject.amounts.locale;
    let here = Address::here();
    let base = || Some("/api/v1/me/flash_claims".to_owned());
    let list = query::pages::<FlashClaim>(base, here.pages());
    let clock = Clock::start();
    tell_the_time();
    read_when_over(list, clock);
    let blank = move || {
        view! {
            {state::empty(tr!(locale, claims.empty), tr!(locale, claims.empty_hint))}
            <p class="centre"><a class="button" href="/sales">{tr!(locale, sales.all)}</a></p>
        }
        .into_any()
    };
    let whose = subject.clone();
    let rows = move |rows: Vec<FlashClaim>| {
        let rows = rows.iter().map(|it| row(&whose, clock, it)).collect_view();
        view! { <ul class="rows" role="list">{rows}</ul> }.into_any()
    };
    view! {
        <section class="card stack narrow" aria-label=tr!(locale, claims.title)>
            {listed(list, rows, blank, address::more_pages(here))}
        </section>
        <p class="sale__ways"><a class="link" href="/sales">{tr!(locale, sales.all)}</a></p>
    }
    .into_any()
}

/// Claims do not say what the server's clock shows; the sales do.
fn tell_the_time() {
    let sales = query::query::<MemberSales>(|| Some("/api/v1/me/flash_sales".to_owned()));
    live::effect(move || {
        let texts = sales.source.texts().unwrap_or_default();
        if let Some(Ok(it)) = texts.first().map(|it| api::read::<MemberSales>(it)) {
            clock::note(it.server_time);
        }
    });
}

/// Reads again when the time to pay for something is over.
fn read_when_over(list: Query<FlashClaim>, clock: Clock) {
    let due: Memo<Vec<Timestamp>> = Memo::new(move |_| {
        let texts = list.source.texts().unwrap_or_default();
        let pages = texts
            .iter()
            .filter_map(|it| api::read::<Page<FlashClaim>>(it).ok());
        let held = pages.flat_map(|it| it.data).filter(is_held);
        held.map(|it| it.pay_by).collect()
    });
    let over = Memo::new(move |_| {
        let is_over = |at: &&Timestamp| clock.until(**at) == Some(0);
        due.with(|it| it.iter().filter(is_over).count())
    });
    let mut before = 0;
    live::effect(move || {
        let now = over.get();
        if now > before {
            spawn_local(async move {
                TimeoutFuture::new(BACK_MS).await;
                if list.source.busy.try_get_untracked() == Some(false) {
                    list.reload();
                }
            });
        }
        before = now;
    });
}

/// How a claim looks: its mark, the colour of that, its name and the colour of its name.
type Look = (Icon, &'static str, fn(Locale) -> &'static str, &'static str);

const fn look(state: ClaimState) -> Look {
    use crate::i18n::text::claims as text;
    match state {
        ClaimState::Held => (Icon::Expiring, "gain", text::held, "wait"),
        ClaimState::Paid => (Icon::Check, "gain", text::paid, "good"),
        ClaimState::Released => (Icon::Back, "plain", text::released, "quiet"),
        ClaimState::RefundDue => (Icon::Warning, "loss", text::refund_due, "bad"),
    }
}

/// Why a claim stands where it does; nothing when its name says all.
fn why(locale: Locale, reason: ClaimReason) -> Option<&'static str> {
    match reason {
        ClaimReason::Claimed | ClaimReason::PaidInTime => None,
        ClaimReason::Reseated => Some(tr!(locale, claims.reseated)),
        ClaimReason::Deadline => Some(tr!(locale, claims.deadline)),
        ClaimReason::SaleCancelled => Some(tr!(locale, claims.sale_cancelled)),
        ClaimReason::OrderCancelled => Some(tr!(locale, claims.order_cancelled)),
        ClaimReason::MemberGone => Some(tr!(locale, claims.member_gone)),
        ClaimReason::TooLate => Some(tr!(locale, claims.too_late)),
    }
}

fn row(subject: &Subject, clock: Clock, it: &FlashClaim) -> AnyView {
    let locale = subject.amounts.locale;
    let (mark, kind, state, tone) = look(it.state);
    let pay = is_held(it).then(|| {
        view! {
            {time_left(subject, clock, it)}
            <span>{tr!(locale, claims.what_next)}</span>
            {held::pay(locale, it)}
            {number(locale, it)}
        }
    });
    let why = why(locale, it.reason).map(|it| view! { <span>{it}</span> });
    let order = it.order_id.clone().map(|id| {
        view! { <span class="row__note">{tr!(locale, claims.order, id = id)}</span> }
    });
    let name = tr!(
        locale,
        claims.pieces,
        name = it.name.get(locale),
        n = it.quantity
    );
    let sale = format!("/sales/{}", it.sale_id);
    let when = tr!(
        locale,
        claims.claimed_at,
        time = subject.time(it.claimed_at)
    );
    view! {
        <li class="row row--top">
            <span class="row__mark" data-kind=kind>{icon(mark)}</span>
            <div class="row__main">
                <span class="row__title">{name}" "<span class="badge" data-tone=tone>{state(locale)}</span></span>
                <span class="amount">{cost(subject, it)}</span>
                <a class="link" href=sale>{it.title.get(locale).to_owned()}</a>
                {why}
                {pay}
                {order}
                <span class="row__note">{when}</span>
            </div>
        </li>
    }
    .into_any()
}
