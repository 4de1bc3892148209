//! The member centre: what a shopper sees, in the browser and in webviews. Its pages are listed in
//! `src/bin/member.rs`.

pub mod communities;
pub mod coupons;
pub mod home;
pub mod me;
pub mod messages;
pub mod points;
pub mod referrals;
pub mod sales;
pub mod sessions;
pub mod tasks;
pub mod tiers;

use crate::api::Api;
use crate::bridge::{self, wechat};
use crate::i18n::{locale, text};
use crate::parts::Subject;
use crate::parts::shop::{self, Shop};
use crate::session::Session;
use crate::tr;
use crate::ui::address::Address;
use crate::ui::guard::{self, Doors};
use crate::ui::icon::{Icon, icon};
use crate::ui::live;
use crate::ui::load::loaded;
use crate::ui::query::{self, Query};
use crate::ui::routes::{Body, Page, piece, routes};
use crate::ui::{browser, page};
use leptos::prelude::*;
use shared::members::MemberStatus;
use shared::members::api::Glance;
use shared::text::Locale;

const DOORS: Doors = Doors {
    home: "/",
    sign_in: "/sign-in",
    outside: &["/sign-in", "/sign-up"],
    open: &["/c/", "/e/", "/r/"],
};

/// Where a tab leads, its mark and its name.
type Tab = (&'static str, Icon, fn(Locale) -> &'static str);

/// The tabs, a line each, in their order. A phone has room for five: the style sheet leaves points
/// out there, which Home leads to.
const TABS: [Tab; 6] = [
    ("/", Icon::Home, text::app::home),
    ("/points", Icon::Points, text::app::points),
    ("/tasks", Icon::Tasks, text::app::tasks),
    ("/sales", Icon::Flash, text::app::sales),
    ("/coupons", Icon::Coupon, text::app::coupons),
    ("/me", Icon::Me, text::app::me),
];

/// The member's own summary, read once and shown by every page.
#[derive(Clone, Copy)]
struct Me(Query<Glance>);

/// Where a visit through a friend's link is kept until its visitor is signed in.
const VISIT: &str = "coterie.visit";

/// The member centre with these pages; `invited` is what becomes of a kept visit, `talk` what
/// speaks with a host, `wechat` what does with WeChat.
#[must_use]
pub fn app(pages: &'static [Page], invited: Body, talk: Body, wechat: Body) -> AnyView {
    let api = expect_context::<Api>();
    provide_context(Shop::start(api));
    let signed_in = Memo::new(move |_| api.session().with(|it| matches!(it, Session::SignedIn(_))));
    let summary = query::query(move || signed_in.get().then(|| "/api/v1/me/summary".to_owned()));
    provide_context(Me(summary));
    let invited = live::maybe(move || {
        let waits = signed_in.get() && browser::saved(VISIT).is_some();
        waits.then(|| piece(invited))
    });
    let talk = bridge::is_held().then(|| piece(talk));
    let wechat = wechat::is_inside().then(|| {
        wechat::listen();
        piece(wechat)
    });
    let tabs = (!bridge::is_bare()).then(|| live::maybe(move || signed_in.get().then(tabs)));
    // The page around a frame has a main part too.
    let name = bridge::is_framed().then(|| tr!(locale(), app.member_centre));
    view! {
        <a class="skip" href="#main" rel="external">{tr!(locale(), app.skip)}</a>
        {tabs}
        <main id="main" tabindex="-1" class="main" aria-label=name>{talk}{wechat}{invited}{guard::guarded(DOORS, move || routes(pages, DOORS.home))}</main>
    }
    .into_any()
}

/// The tabs: at the bottom of a phone, at the top of a desk.
fn tabs() -> AnyView {
    let locale = locale();
    let here = Address::here();
    let tab = |href: &'static str, mark: Icon, label: &'static str| {
        let here = here.clone();
        let current = Signal::derive(move || is_below(&here.path(), href).then_some("page"));
        let badge = (href == "/tasks").then(claimable);
        view! {
            <li><a class="tabs__one" href=href aria-current=current>{icon(mark)}<span>{label}</span>{badge}</a></li>
        }
    };
    let shop = expect_context::<Shop>().programme;
    let name = Signal::derive(move || {
        shop.with(|it| it.as_ref().map(|it| it.name.get(locale).to_owned()))
    });
    view! {
        <nav class="tabs" aria-label=tr!(locale, app.navigation)>
            <span class="tabs__brand">{name}</span>
            <ul role="list">
                {TABS.map(|(href, mark, name)| tab(href, mark, name(locale)))}
            </ul>
        </nav>
    }
    .into_any()
}

/// Whether the page at `path` belongs to the tab at `href`.
fn is_below(path: &str, href: &str) -> bool {
    let rest = path.strip_prefix(href);
    rest.is_some_and(|it| it.is_empty() || (href != "/" && it.starts_with('/')))
}

/// How many rewards wait to be asked for, on the tab of tasks.
fn claimable() -> AnyView {
    let locale = locale();
    let Me(summary) = expect_context();
    let count = Memo::new(move |_| {
        let texts = summary.source.texts()?;
        let read = texts
            .first()
            .and_then(|it| crate::api::read::<Glance>(it).ok());
        read.map(|it| it.tasks.claimable).filter(|it| *it > 0)
    });
    live::maybe(move || {
        let count = i64::from(count.get()?);
        let n = crate::ui::format::number(locale, count);
        let words = tr!(locale, tasks.badge, count = count, n = n);
        Some(view! { <span class="tabs__badge"><span aria-hidden="true">{n}</span><span class="sr-only">{words}</span></span> }.into_any())
    })
}

/// Shows what `page` makes of the member's summary, with a skeleton until it is there.
fn with_summary(title: &'static str, page: fn(&Subject, Glance) -> AnyView) -> AnyView {
    titled(title, "greeting", page)
}

/// Like [`with_summary`], with a look of its own for the heading.
fn titled(
    title: &'static str,
    class: &'static str,
    page: fn(&Subject, Glance) -> AnyView,
) -> AnyView {
    page::arrive(title);
    let Me(summary) = expect_context();
    let Some(amounts) = shop::amounts() else {
        return ().into_any();
    };
    let show = move |it: Glance| {
        let subject = Subject {
            base: "/api/v1/me".to_owned(),
            zone: it.member.time_zone.clone(),
            amounts,
            staff: false,
        };
        let frozen = (it.member.status == MemberStatus::Frozen).then(frozen);
        view! { {frozen}{page(&subject, it)} }.into_any()
    };
    view! {
    {page::heading(title, class)}
    {loaded(summary, 6, show)}
    }
    .into_any()
}

/// Whether the member may do something, and not only look.
fn may_act(it: &Glance) -> bool {
    it.member.status == MemberStatus::Active
}

fn frozen() -> AnyView {
    view! { <p class="banner banner--bad">{icon(Icon::Frozen)}<span class="grow">{tr!(locale(), state.frozen)}</span></p> }
        .into_any()
}
