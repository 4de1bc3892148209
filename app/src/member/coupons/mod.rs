//! Coupons: the wallet, one of them with its code, the claim centre and the box for codes.

mod centre;
mod detail;

pub use centre::page as centre;
pub use detail::page as detail;

use super::{may_act, titled, with_summary};
use crate::api::{Api, Intent};
use crate::i18n::locale;
use crate::parts::Subject;
use crate::parts::coupons::ticket;
use crate::tr;
use crate::ui::address::{self, Address};
use crate::ui::form::{Form, Input, field, form_error, submit};
use crate::ui::load::{first_of, listed};
use crate::ui::query::Query;
use crate::ui::toast::Toaster;
use crate::ui::ways::{Look, ways};
use crate::ui::{live, query, state};
use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::coupons::api::{CouponView, EnterCode, WalletCounts};
use shared::members::api::Glance;
use shared::text::Locale;

const CODE: Input = Input {
    name: "code",
    kind: "text",
    autocomplete: "off",
    required: true,
};

/// The page.
#[must_use]
pub fn page() -> AnyView {
    with_summary(tr!(locale(), coupons.title), show)
}

/// Most coupons that the widget shows.
const FEW: usize = 3;

/// The coupons that end first, for a frame in a page of the shop.
#[must_use]
pub fn widget() -> AnyView {
    titled(tr!(locale(), coupons.title), "sr-only", |subject, _| {
        let locale = subject.amounts.locale;
        let one = Memo::new(|_| 1);
        let usable = || Some("/api/v1/me/coupons?tab=usable".to_owned());
        let rows = query::pages::<CouponView>(usable, one);
        let subject = subject.clone();
        let list = move |mut rows: Vec<CouponView>| {
            rows.truncate(FEW);
            tickets(&subject, &rows)
        };
        let blank =
            move || state::empty(tr!(locale, coupons.empty), tr!(locale, coupons.empty_hint));
        view! {
            {first_of(rows, list, blank)}
            <p class="end"><a class="link" href="/coupons">{tr!(locale, home.all)}</a></p>
        }
        .into_any()
    })
}

fn tickets(subject: &Subject, rows: &[CouponView]) -> AnyView {
    let one = |it: &CouponView| ticket(subject, it, format!("/coupons/{}", it.id));
    view! { <ul class="tickets" role="list">{rows.iter().map(one).collect_view()}</ul> }.into_any()
}

fn show(subject: &Subject, it: Glance) -> AnyView {
    let locale = subject.amounts.locale;
    let here = Address::here();
    let tab = here.part("tab");
    let path = move || {
        let tab = match tab.get().as_deref() {
            Some("used") => "used",
            Some("expired") => "expired",
            _ => "usable",
        };
        Some(format!("/api/v1/me/coupons?tab={tab}"))
    };
    let pages = here.pages();
    let rows = query::pages::<CouponView>(path, pages);
    let counts = query::query::<WalletCounts>(|| Some("/api/v1/me/coupon_counts".to_owned()));
    let more = address::more_pages(here.clone());
    let blank = move || match here.get("tab") {
        None => state::empty(tr!(locale, coupons.empty), tr!(locale, coupons.empty_hint)),
        Some(_) => state::empty(tr!(locale, coupons.empty_tab), ""),
    };
    let subject = subject.clone();
    let list = move |rows: Vec<CouponView>| tickets(&subject, &rows);
    let tabs = [
        (None, tr!(locale, coupons.tab_usable)),
        (Some("used"), tr!(locale, coupons.tab_used)),
        (Some("expired"), tr!(locale, coupons.tab_expired)),
    ];
    view! {
        <div class="stack">
            <section class="card stack" aria-labelledby="code-title">
                <div class="card__head">
                    <h2 class="title" id="code-title">{tr!(locale, coupons.have_code)}</h2>
                    <a class="button button--small" href="/coupons/centre">{tr!(locale, coupons.centre)}</a>
                </div>
                {may_act(&it).then(|| code_box(locale, rows, counts))}
            </section>
            {counted(locale, counts)}
            {ways(tr!(locale, coupons.tabs), Look::Switch, "tab", &["pages"], &tabs)}
            {listed(rows, list, blank, more)}
        </div>
    }
    .into_any()
}

/// How many there are of each, in a sentence.
fn counted(locale: Locale, counts: Query<WalletCounts>) -> AnyView {
    let text = move || {
        let texts = counts.source.texts()?;
        let it: WalletCounts = crate::api::read(texts.first()?).ok()?;
        let all = tr!(
            locale,
            coupons.counts,
            a = it.usable,
            b = it.used,
            c = it.expired
        );
        let soon = (it.ending_soon > 0).then(|| {
            let text = tr!(locale, coupons.ending_soon, n = it.ending_soon);
            view! { <span class="badge" data-tone="wait">{text}</span> }
        });
        Some(view! { <p class="muted tickets__counts">{all}{soon}</p> }.into_any())
    };
    live::maybe(text)
}

/// The box for codes.
fn code_box(locale: Locale, rows: Query<CouponView>, counts: Query<WalletCounts>) -> AnyView {
    let api = expect_context::<Api>();
    let toaster = expect_context::<Toaster>();
    let (form, intent) = (Form::new(), Intent::new());
    let code = RwSignal::new(String::new());
    let send = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        if !form.begin() {
            return;
        }
        let body = EnterCode {
            code: code.get_untracked(),
        };
        let key = intent.key(&body);
        spawn_local(async move {
            let answer = api
                .post_text("/api/v1/me/coupon_codes", &body, Some(&key))
                .await;
            if form.end(answer).is_some() {
                intent.done();
                code.try_set(String::new());
                toaster.say(tr!(locale, coupons.code_done));
                rows.reload();
                counts.reload();
            }
        });
    };
    let hint = Some(tr!(locale, coupons.code_hint).to_owned());
    view! {
        <form class="stack" on:submit=send>
            {form_error(form)}
            {field(form, CODE, tr!(locale, coupons.code), hint, code)}
            {submit(form, tr!(locale, coupons.redeem_code), tr!(locale, state.loading))}
        </form>
    }
    .into_any()
}
