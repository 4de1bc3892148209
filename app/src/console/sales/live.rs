//! How a sale runs, read again each second while one looks.

use super::charts;
use super::one::{self, Known};
use crate::console::kit::desk::Desk;
use crate::tr;
use crate::ui::load::loaded;
use crate::ui::query::{self, Source};
use gloo_timers::future::TimeoutFuture;
use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::sales::Phase;
use shared::sales::api::{FlashSale, ProductStock, SalePulse};
use shared::time::Timestamp;

/// How often the sale is read, in milliseconds.
const BEAT_MS: u32 = 1_000;
/// How long it is left alone when that failed, or when there is nothing more to come.
const REST_MS: u32 = 10_000;

/// The page.
#[must_use]
pub fn page() -> AnyView {
    one::page("/live", part)
}

fn part(desk: &Desk, path: &str) -> (Known, AnyView) {
    let path = format!("{path}/pulse");
    let pulse = query::query::<SalePulse>(move || Some(path.clone()));
    let known = Known::within::<SalePulse>(pulse.source, |it| it.sale);
    keep_reading(pulse.source, known.sale);
    let shown_desk = desk.clone();
    let shown = loaded(pulse, 10, move |it| show(&shown_desk, &it));
    (known, view! { {shown}{desk.zone_note()} }.into_any())
}

/// Reads again and again, as long as the page is open and in sight.
fn keep_reading(source: Source, sale: Memo<Option<FlashSale>>) {
    spawn_local(async move {
        let mut pause = BEAT_MS;
        loop {
            TimeoutFuture::new(pause).await;
            // The page may have been left meanwhile.
            let Some(busy) = source.busy.try_get_untracked() else {
                return;
            };
            let over = sale.try_with_untracked(|it| it.as_ref().is_some_and(is_over));
            let failed = source.error.try_with_untracked(Option::is_some);
            pause = match over == Some(true) || failed == Some(true) {
                true => REST_MS,
                false => BEAT_MS,
            };
            if !busy && !document().hidden() {
                source.reload();
            }
        }
    });
}

fn is_over(it: &FlashSale) -> bool {
    matches!(it.phase, Phase::Ended | Phase::Cancelled)
}

fn show(desk: &Desk, it: &SalePulse) -> AnyView {
    let locale = desk.locale;
    let card = |id: &'static str, title: &'static str, body: AnyView| {
        view! {
            <section class="card stack stack--tight" aria-labelledby=id>
                <h2 class="title" id=id>{title}</h2>
                {body}
            </section>
        }
    };
    let name = |sku: &str| charts::product_name(locale, &it.sale, sku);
    let stocks = charts::stocks(desk, &it.sale.stock, name);
    view! {
        {clock(desk, it)}
        <div class="columns columns--half">
            {card("claims", tr!(locale, live_desk.claims), charts::claims(desk, it))}
            {card("left", tr!(locale, live_desk.left), charts::left(desk, it))}
            {card("stock", tr!(locale, live_desk.stock), stocks)}
            {card("refusals", tr!(locale, live_desk.refusals), charts::refusals(desk, &it.refusals))}
        </div>
    }
    .into_any()
}

/// Until when the phase lasts, and what became of all pieces.
fn clock(desk: &Desk, it: &SalePulse) -> AnyView {
    let locale = desk.locale;
    let (label, at) = next(desk, it);
    let left = at.map(|at| span(desk, at.as_millis() - it.server_time.as_millis()));
    let sum = |part: fn(&ProductStock) -> i64| {
        let all: i64 = it.sale.stock.iter().map(part).sum();
        desk.number(all)
    };
    let fact = |label: &'static str, value: String| {
        view! { <div class="fact"><p class="fact__label">{label}</p><p class="fact__number">{value}</p></div> }
    };
    view! {
        <section class="card stack" aria-label=tr!(locale, sale_desk.running)>
            <div>
                <p class="muted">{label}</p>
                <p class="countdown">{left}</p>
                <p class="row__note">{at.map(|at| desk.time(at))}</p>
            </div>
            <div class="facts facts--four">
                {fact(tr!(locale, live_desk.stock_all), sum(|it| it.stock))}
                {fact(tr!(locale, live_desk.sold), sum(|it| it.sold))}
                {fact(tr!(locale, live_desk.held), sum(|it| it.held))}
                {fact(tr!(locale, live_desk.free), sum(|it| it.free))}
            </div>
        </section>
    }
    .into_any()
}

/// What comes next, and when.
fn next(desk: &Desk, it: &SalePulse) -> (&'static str, Option<Timestamp>) {
    let locale = desk.locale;
    let definition = &it.sale.definition;
    match it.sale.phase {
        Phase::Draft => (tr!(locale, live_desk.is_draft), None),
        Phase::Scheduled => (
            tr!(locale, live_desk.opens_in),
            Some(definition.first_opening()),
        ),
        Phase::Early => (
            tr!(locale, live_desk.for_all_in),
            Some(definition.starts_at),
        ),
        Phase::Live => (tr!(locale, live_desk.ends_in), Some(definition.ends_at)),
        Phase::Ended => (tr!(locale, live_desk.is_over), None),
        Phase::Cancelled => (tr!(locale, live_desk.is_cancelled), None),
    }
}

/// A span of time as a countdown shows it: `1 d 02:03:04`.
fn span(desk: &Desk, millis: i64) -> String {
    let seconds = (millis / 1_000).max(0);
    let (days, rest) = (seconds / 86_400, seconds % 86_400);
    let clock = format!("{:02}:{:02}:{:02}", rest / 3_600, rest / 60 % 60, rest % 60);
    match days {
        0 => clock,
        days => {
            let days = desk.number(days);
            tr!(desk.locale, live_desk.days, n = days, clock = clock)
        }
    }
}
