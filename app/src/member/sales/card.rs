//! A sale at a glance, in a list.

use super::Stage;
use super::countdown::countdown;
use super::early::early_line;
use super::gate::{Closed, closed};
use super::remind::remind;
use super::stock::{prices, stock_bar};
use crate::tr;
use crate::ui::icon::{Icon, icon};
use crate::ui::live;
use leptos::prelude::*;
use shared::sales::Phase;
use shared::sales::api::{MemberProduct, MemberSale};
use shared::text::Locale;

/// Most products that a card shows; the page of the sale shows all.
const SHOWN: usize = 3;

/// What a sale is doing, as a label.
pub(super) fn badge(stage: &Stage, sale: Signal<MemberSale>) -> AnyView {
    let locale = stage.subject.amounts.locale;
    let (clock, active) = (stage.clock, stage.active);
    let shown = Memo::new(move |_| {
        let now = clock.now();
        sale.with(|it| {
            let sold_out = it.products.iter().all(|it| it.free < 1);
            let early = super::gate::phase(it, now) == Phase::Early;
            words(locale, closed(it, now, active).as_ref(), early, sold_out)
        })
    });
    live::part(move || {
        let (tone, text) = shown.get();
        view! { <span class="badge" data-tone=tone>{text}</span> }.into_any()
    })
}

fn words(
    locale: Locale,
    closed: Option<&Closed>,
    early: bool,
    sold_out: bool,
) -> (&'static str, &'static str) {
    match closed {
        Some(Closed::Cancelled) => ("quiet", tr!(locale, sales.cancelled)),
        Some(Closed::Ended) => ("quiet", tr!(locale, sales.ended)),
        Some(Closed::OtherCommunity | Closed::OtherTag) => ("quiet", tr!(locale, sales.not_yours)),
        Some(Closed::TierTooLow { .. }) => ("wait", tr!(locale, sales.tier_locked)),
        Some(Closed::Paused) => ("wait", tr!(locale, sales.paused)),
        Some(Closed::NotOpen) if early => ("wait", tr!(locale, sales.early_now)),
        Some(Closed::NotOpen) => ("wait", tr!(locale, sales.soon)),
        Some(Closed::Frozen) | None if sold_out => ("quiet", tr!(locale, sales.sold_out)),
        Some(Closed::Frozen) | None => ("good", tr!(locale, sales.live)),
    }
}

/// The card; `shape` is the sale without the numbers that change.
pub(super) fn card(stage: &Stage, shape: &MemberSale, sale: Signal<MemberSale>) -> AnyView {
    let locale = stage.subject.amounts.locale;
    let href = format!("/sales/{}", shape.id);
    let products = shape.products.iter().take(SHOWN);
    let products = products.map(|it| product(stage, it, sale)).collect_view();
    let more = i64::try_from(shape.products.len().saturating_sub(SHOWN)).unwrap_or(0);
    let more = (more > 0).then(|| {
        let text = tr!(locale, sales.more_products, count = more, n = more);
        view! { <p class="row__note">{text}</p> }
    });
    view! {
        <li class="card stack sale">
            <div class="card__head">
                <h3 class="title"><a class="sale__link" href=href>{shape.title.get(locale).to_owned()}{icon(Icon::Next)}</a></h3>
                {badge(stage, sale)}
            </div>
            {countdown(&stage.subject, stage.clock, sale)}
            {locked(stage, sale)}
            {early_line(stage, shape)}
            <ul class="sale__products" role="list">{products}</ul>
            {more}
            {remind(stage, sale)}
        </li>
    }
    .into_any()
}

/// Which tier it takes, when the member's is too low.
fn locked(stage: &Stage, sale: Signal<MemberSale>) -> AnyView {
    let (stage, clock, active) = (stage.clone(), stage.clock, stage.active);
    let closed = Memo::new(move |_| sale.with(|it| closed(it, clock.now(), active)));
    live::maybe(move || match closed.get() {
        Some(Closed::TierTooLow { tier }) => {
            let text = stage.only_for(&tier);
            Some(
                view! { <p class="row__note row__note--strong">{icon(Icon::Lock)}{text}</p> }
                    .into_any(),
            )
        }
        _ => None,
    })
}

fn product(stage: &Stage, it: &MemberProduct, sale: Signal<MemberSale>) -> AnyView {
    let amounts = stage.subject.amounts;
    view! {
        <li class="sale__product">
            <span class="row__title">{it.name.get(amounts.locale).to_owned()}</span>
            {prices(amounts, it)}
            {stock_bar(amounts, &it.sku, sale)}
        </li>
    }
    .into_any()
}
