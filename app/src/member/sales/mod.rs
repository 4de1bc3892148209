//! Flash sales: what is open and what opens next, one of them with its products, and what the
//! member claimed.

mod card;
mod claim;
mod claims;
pub(crate) mod clock;
mod countdown;
mod early;
mod gate;
mod held;
mod list;
mod news;
mod product;
mod remind;
mod sale;
mod stock;

pub use claims::page as claims;
pub use sale::page as one;

pub(crate) use list::sale_list;

use super::{Me, frozen};
use crate::api;
use crate::i18n::locale;
use crate::parts::Subject;
use crate::parts::shop;
use crate::tr;
use crate::ui::load::loaded;
use crate::ui::query::{Query, query};
use crate::ui::{live, page as on_page, state};
use clock::Clock;
use gloo_timers::future::TimeoutFuture;
use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::members::MemberStatus;
use shared::members::api::Glance;
use shared::sales::Phase;
use shared::sales::api::{MemberSale, MemberSales};
use shared::tiers::api::TierOverview;

/// How long the numbers of the list are good.
const GOOD_MS: u32 = 15_000;

/// What sales are shown on: whose page it is, and what time it is.
#[derive(Clone)]
pub(crate) struct Stage {
    /// The member.
    subject: Subject,
    /// Whether the member may do something, and not only look.
    active: bool,
    clock: Clock,
    tiers: Query<TierOverview>,
}

impl Stage {
    /// Sets it up for a page.
    #[must_use]
    pub(crate) fn new(subject: &Subject, active: bool) -> Self {
        Self {
            subject: subject.clone(),
            active,
            clock: Clock::start(),
            tiers: query(|| Some("/api/v1/me/tier".to_owned())),
        }
    }
}

/// Shows what `page` makes of the member, and whether the member may do something. The page is not
/// built anew when anything else of the summary changes: a claim may be on its way.
pub(crate) fn with_member(title: &'static str, page: fn(&Subject, bool) -> AnyView) -> AnyView {
    on_page::arrive(title);
    let Me(summary) = expect_context();
    let Some(amounts) = shop::amounts() else {
        return ().into_any();
    };
    let known = Memo::new(move |_| {
        let texts = summary.source.texts()?;
        let it: Glance = api::read(texts.first()?).ok()?;
        Some((it.member.time_zone, it.member.status))
    });
    let body = live::maybe(move || {
        let (zone, status) = known.get()?;
        let subject = Subject {
            base: "/api/v1/me".to_owned(),
            zone,
            amounts,
            staff: false,
        };
        let frozen = (status == MemberStatus::Frozen).then(frozen);
        let page = page(&subject, status == MemberStatus::Active);
        Some(view! { {frozen}{page} }.into_any())
    });
    view! {
        {on_page::heading(title, "greeting")}
        {loaded(summary, 6, |_| ().into_any())}
        {body}
    }
    .into_any()
}

/// The page.
#[must_use]
pub fn page() -> AnyView {
    with_member(tr!(locale(), sales.title), show)
}

fn show(subject: &Subject, active: bool) -> AnyView {
    let locale = subject.amounts.locale;
    let list = all(subject, active, |sales| sales);
    view! {
        <p class="end"><a class="link" href="/sales/claims">{tr!(locale, claims.title)}</a></p>
        {list}
    }
    .into_any()
}

/// The sale that is open or opens next, for a frame in a page of the shop.
#[must_use]
pub fn widget() -> AnyView {
    with_member(tr!(locale(), sales.title), |subject, active| {
        let link = tr!(subject.amounts.locale, sales.all);
        view! {
            {all(subject, active, next)}
            <p class="end"><a class="link" href="/sales">{link}</a></p>
        }
        .into_any()
    })
}

/// Of all sales the one that is open or opens next; one that is open stays first.
fn next(mut sales: Vec<MemberSale>) -> Vec<MemberSale> {
    sales.retain(|it| matches!(it.phase, Phase::Live | Phase::Scheduled));
    sales.sort_by_key(|it| (it.phase != Phase::Live, it.opens_at, it.ends_at));
    sales.truncate(1);
    sales
}

/// The list of sales, of which `choose` says which are shown.
fn all(subject: &Subject, active: bool, choose: fn(Vec<MemberSale>) -> Vec<MemberSale>) -> AnyView {
    let locale = subject.amounts.locale;
    let read = query::<MemberSales>(|| Some("/api/v1/me/flash_sales".to_owned()));
    keep_fresh(read);
    let known = Memo::new(move |_| {
        let texts = read.source.texts()?;
        let it: MemberSales = api::read(texts.first()?).ok()?;
        clock::note(it.server_time);
        Some(choose(it.sales))
    });
    let sales = Memo::new(move |_| known.get().unwrap_or_default());
    let none = Memo::new(move |_| known.with(|it| it.as_ref().map(Vec::is_empty)));
    let stage = Stage::new(subject, active);
    let body = live::maybe(move || {
        Some(match none.get()? {
            true => state::empty(tr!(locale, sales.empty), tr!(locale, sales.empty_hint)),
            false => sale_list(&stage, sales),
        })
    });
    view! { {loaded(read, 6, |_| ().into_any())}{body} }.into_any()
}

/// Reads the list again every now and then while it is in sight.
fn keep_fresh(list: Query<MemberSales>) {
    let seen = news::in_sight();
    spawn_local(async move {
        loop {
            TimeoutFuture::new(GOOD_MS).await;
            // Nobody sees it any more, or not now.
            match seen.try_get_untracked() {
                None => return,
                Some(false) => {}
                Some(true) => list.reload(),
            }
        }
    });
}

/// A sale that is there, as it is now.
fn always(sale: Memo<Option<MemberSale>>, shape: MemberSale) -> Signal<MemberSale> {
    let now = Memo::new(move |_| sale.get().unwrap_or_else(|| shape.clone()));
    now.into()
}
