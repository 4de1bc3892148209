//! How a sale runs, in pictures.

use crate::console::kit::desk::Desk;
use crate::tr;
use crate::ui::meter::{share, split};
use leptos::prelude::*;
use shared::sales::api::{FlashSale, ProductStock, Refusals, SalePulse};
use shared::text::Locale;
use std::fmt::Write as _;

/// Steps that the bars show.
const STEPS: i64 = 60;
/// How wide and how high a picture is, in units of its own.
const WIDTH: i64 = 300;
const HEIGHT: i64 = 60;

/// What was claimed in each of the last steps, as bars that run in from the right.
pub(super) fn claims(desk: &Desk, it: &SalePulse) -> AnyView {
    let locale = desk.locale;
    let step = it.step_s.max(1);
    let now = it.server_time.as_millis();
    let slot = |at: i64| STEPS - 1 - (now - at).div_euclid(step * 1_000);
    let beats = it
        .beats
        .iter()
        .map(|it| (slot(it.at.as_millis()), it.claims));
    let beats: Vec<(i64, i64)> = beats.filter(|it| (0..STEPS).contains(&it.0)).collect();
    let most = beats.iter().map(|it| it.1).max().unwrap_or(0).max(1);
    let bars = beats.iter().map(|(slot, claims)| {
        let height = (claims * HEIGHT / most).max(1);
        let wide = WIDTH / STEPS;
        let (x, y) = (slot * wide, HEIGHT - height);
        view! { <rect x=x.to_string() y=y.to_string() width=(wide - 1).to_string() height=height.to_string()></rect> }
    });
    let bars = bars.collect_view();
    let all: i64 = beats.iter().map(|it| it.1).sum();
    let seconds = desk.number(STEPS * step);
    let words = match all {
        0 => tr!(locale, live_desk.no_claims, s = seconds),
        all => tr!(
            locale,
            live_desk.claims_text,
            n = desk.number(all),
            s = seconds,
            most = desk.number(most),
            step = desk.number(step)
        ),
    };
    let view_box = format!("0 0 {WIDTH} {HEIGHT}");
    view! {
        <svg class="burn" viewBox=view_box role="img" aria-label=words.clone() preserveAspectRatio="none">{bars}</svg>
        <p class="muted">{words}</p>
    }
    .into_any()
}

/// What was left of the stock, from the first claim until now. What came back meanwhile is not in
/// the claims, so the curve says how fast pieces went.
pub(super) fn left(desk: &Desk, it: &SalePulse) -> AnyView {
    let locale = desk.locale;
    let sum = |part: fn(&ProductStock) -> i64| -> i64 { it.sale.stock.iter().map(part).sum() };
    let (stock, free) = (sum(|it| it.stock).max(1), sum(|it| it.free));
    let now = it.server_time.as_millis();
    let first = it.beats.first().map_or(now, |it| it.at.as_millis());
    let long = (now - first).max(1);
    let x = |at: i64| (at - first) * WIDTH / long;
    let y = |left: i64| HEIGHT - left.clamp(0, stock) * HEIGHT / stock;
    let taken: i64 = it.beats.iter().map(|it| it.pieces).sum();
    let mut left = free + taken;
    let mut line = format!("M0 {}", y(left));
    for beat in &it.beats {
        left -= beat.pieces;
        // A text takes whatever is written to it.
        let _ = write!(line, "H{}V{}", x(beat.at.as_millis()), y(left));
    }
    let _ = write!(line, "H{WIDTH}");
    let area = format!("{line}V{HEIGHT}H0Z");
    let words = tr!(
        locale,
        live_desk.left_text,
        free = desk.number(free),
        stock = desk.number(stock)
    );
    let view_box = format!("0 0 {WIDTH} {HEIGHT}");
    view! {
        <svg class="curve" viewBox=view_box role="img" aria-label=words.clone() preserveAspectRatio="none">
            <path class="curve__area" d=area></path>
            <path class="curve__line" d=line></path>
        </svg>
        <p class="muted">{words}</p>
    }
    .into_any()
}

/// What became of the pieces of each product: sold, held and free, as one bar each.
pub(super) fn stocks(
    desk: &Desk,
    stock: &[ProductStock],
    name: impl Fn(&str) -> String,
) -> AnyView {
    let locale = desk.locale;
    let rows = stock.iter().map(|it| {
        let words = tr!(
            locale,
            live_desk.stock_text,
            sold = desk.number(it.sold),
            held = desk.number(it.held),
            free = desk.number(it.free)
        );
        let parts = [("spent", it.sold), ("committed", it.held), ("free", it.free)];
        let label = format!("{}: {words}", name(&it.sku));
        view! {
            <li class="stack stack--tight">
                <p class="stock__name"><strong>{name(&it.sku)}</strong><span class="row__note">{words}</span></p>
                {split(label, &parts, it.stock)}
            </li>
        }
    });
    let key = |kind: &'static str, text: &'static str| {
        view! { <span class="legend__one"><span class="split__key" data-kind=kind></span>{text}</span> }
    };
    view! {
        <ul class="stack" role="list">{rows.collect_view()}</ul>
        <p class="legend" aria-hidden="true">
            {key("spent", tr!(locale, live_desk.sold))}
            {key("committed", tr!(locale, live_desk.held))}
            {key("free", tr!(locale, live_desk.free))}
        </p>
    }
    .into_any()
}

/// What a product of a sale is called.
pub(super) fn product_name(locale: Locale, sale: &FlashSale, sku: &str) -> String {
    let mut products = sale.definition.products.iter();
    let found = products.find(|it| it.sku == sku);
    found.map_or_else(|| sku.to_owned(), |it| it.name.get(locale).to_owned())
}

/// Why claims were refused, the most frequent first.
pub(super) fn refusals(desk: &Desk, all: &[Refusals]) -> AnyView {
    let locale = desk.locale;
    let most = all.iter().map(|it| it.count).max().unwrap_or(0);
    if most == 0 {
        return view! { <p class="muted">{tr!(locale, live_desk.no_refusals)}</p> }.into_any();
    }
    let rows = all.iter().map(|it| {
        let name = refusal(locale, &it.code).map_or_else(|| it.code.clone(), str::to_owned);
        view! { <li class="bars__row"><span>{name}</span>{share(it.count, most)}<span class="amount">{desk.number(it.count)}</span></li> }
    });
    view! { <ol class="bars bars--even" role="list">{rows.collect_view()}</ol> }.into_any()
}

/// Why a claim was refused, in few words.
fn refusal(locale: Locale, code: &str) -> Option<&'static str> {
    Some(match code {
        "flash_sales.sold_out" => tr!(locale, live_desk.sold_out),
        "flash_sales.member_limit" => tr!(locale, live_desk.member_limit),
        "flash_sales.quota_used" => tr!(locale, live_desk.quota_used),
        "flash_sales.not_open" => tr!(locale, live_desk.not_open),
        "flash_sales.paused" => tr!(locale, sale_desk.paused),
        "flash_sales.ended" => tr!(locale, sale_desk.ended),
        "flash_sales.cancelled" => tr!(locale, sale_desk.cancelled),
        "flash_sales.other_community" => tr!(locale, live_desk.other_community),
        "flash_sales.other_tag" => tr!(locale, live_desk.other_tag),
        "flash_sales.tier_too_low" => tr!(locale, live_desk.tier_too_low),
        "flash_sales.crowded" => tr!(locale, live_desk.crowded),
        _ => return None,
    })
}
