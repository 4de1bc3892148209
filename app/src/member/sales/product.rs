//! A product on the page of its sale: prices, what is left, the button, and what the member holds.

use super::Stage;
use super::claim::Claiming;
use super::gate::{Closed, Gate, closed, gate, phase};
use super::held::{is_held, won};
use super::stock::{prices, stock_bar};
use crate::tr;
use crate::ui::app::Online;
use crate::ui::live;
use leptos::prelude::*;
use shared::sales::Phase;
use shared::sales::api::{ClaimProduct, FlashClaim, MemberProduct, MemberSale};
use shared::text::Locale;

/// What the products of a page share.
#[derive(Clone)]
pub(super) struct Counter {
    pub(super) stage: Stage,
    pub(super) sale: Signal<MemberSale>,
    /// Claims of this sale, the latest first.
    pub(super) claims: Signal<Vec<FlashClaim>>,
    /// Takes over a claim that was won just now.
    pub(super) won: Callback<FlashClaim>,
    /// Reads again after the server has decided.
    pub(super) settled: Callback<()>,
}

/// The product; `shape` is without the numbers that change.
pub(super) fn product(counter: &Counter, shape: &MemberProduct) -> AnyView {
    let amounts = counter.stage.subject.amounts;
    let locale = amounts.locale;
    let (stage, sale, sku) = (counter.stage.clone(), counter.sale, shape.sku.clone());
    let (clock, active) = (stage.clock, stage.active);
    let before = shape.clone();
    let gate = Memo::new(move |_| {
        sale.with(|it| {
            let product = it.products.iter().find(|it| it.sku == sku);
            let closed = closed(it, clock.now(), active);
            gate(closed, product.unwrap_or(&before))
        })
    });
    let claiming = Claiming::new(locale);
    let quantity = RwSignal::new(1_i64);
    live::effect(move || {
        if matches!(gate.get(), Gate::Limit | Gate::Closed(_)) {
            claiming.leave_it();
        }
    });
    view! {
        <li class="card stack product">
            <div class="product__head">
                <h3 class="title grow">{shape.name.get(locale).to_owned()}</h3>
                {prices(amounts, shape)}
            </div>
            {stock_bar(amounts, &shape.sku, sale)}
            {limit(counter, shape)}
            <div class="product__act">
                {amount(shape, gate, quantity, locale)}
                {button(counter, shape, gate, claiming, quantity)}
            </div>
            {note(counter, gate)}
            {claiming.words(shape.name.get(locale).to_owned())}
            {held(counter, &shape.sku)}
        </li>
    }
    .into_any()
}

/// How many one member can have, and how many the member has.
fn limit(counter: &Counter, shape: &MemberProduct) -> AnyView {
    let locale = counter.stage.subject.amounts.locale;
    let (sale, sku, most) = (counter.sale, shape.sku.clone(), shape.per_member);
    let mine = Memo::new(move |_| {
        sale.with(|it| {
            it.products
                .iter()
                .find(|it| it.sku == sku)
                .map_or(0, |it| it.mine)
        })
    });
    live::part(move || {
        let limit = tr!(locale, sales.limit, n = most);
        let text = match mine.get() {
            0 => limit,
            n => format!("{limit} · {}", tr!(locale, sales.mine, n = n)),
        };
        view! { <p class="row__note">{text}</p> }.into_any()
    })
}

/// How many to claim, where it can be more than one.
fn amount(
    shape: &MemberProduct,
    gate: Memo<Gate>,
    quantity: RwSignal<i64>,
    locale: Locale,
) -> AnyView {
    let label = tr!(locale, sales.quantity, name = shape.name.get(locale));
    let most = Memo::new(move |_| gate.with(Gate::most));
    let choose = move |event| quantity.set(event_target_value(&event).parse().unwrap_or(1));
    live::maybe(move || {
        let most = Some(most.get()).filter(|it| *it > 1)?;
        let chosen = quantity.get_untracked().min(most);
        let options = (1..=most)
            .map(|n| view! { <option value=n.to_string() selected=n == chosen>{n}</option> })
            .collect_view();
        let select = view! { <select class="input product__count" aria-label=label.clone() on:change=choose>{options}</select> };
        Some(select.into_any())
    })
}

/// What the button says.
fn button_text(stage: &Stage, sale: Signal<MemberSale>, gate: &Gate, again: bool) -> String {
    let locale = stage.subject.amounts.locale;
    let text = match gate {
        Gate::Open(_) if again => tr!(locale, sales.try_again),
        Gate::Open(_) => tr!(locale, sales.claim),
        Gate::Limit => tr!(locale, sales.limit_reached),
        Gate::SoldOut => tr!(locale, sales.sold_out),
        Gate::Closed(Closed::NotOpen) => {
            let at = sale.with(|it| stage.subject.time(it.opens_at));
            return tr!(locale, sales.opens_then, time = at);
        }
        Gate::Closed(Closed::Cancelled) => tr!(locale, sales.cancelled),
        Gate::Closed(Closed::Ended) => tr!(locale, sales.ended),
        Gate::Closed(Closed::OtherCommunity | Closed::OtherTag) => tr!(locale, sales.not_yours),
        Gate::Closed(Closed::TierTooLow { .. }) => tr!(locale, sales.tier_locked),
        Gate::Closed(Closed::Frozen) => tr!(locale, sales.frozen),
        Gate::Closed(Closed::Paused) => tr!(locale, sales.paused),
    };
    text.to_owned()
}

/// The button. It stays where it is whatever becomes of the sale, so that whoever waits on it with
/// the keyboard is still there when it opens.
fn button(
    counter: &Counter,
    shape: &MemberProduct,
    gate: Memo<Gate>,
    claiming: Claiming,
    quantity: RwSignal<i64>,
) -> AnyView {
    let (stage, sale) = (counter.stage.clone(), counter.sale);
    let locale = stage.subject.amounts.locale;
    let Online(online) = expect_context();
    let ready =
        Memo::new(move |_| online.get() && !claiming.busy() && matches!(gate.get(), Gate::Open(_)));
    let text = Memo::new(move |_| match claiming.busy() {
        true => tr!(locale, sales.claiming).to_owned(),
        false => gate.with(|it| button_text(&stage, sale, it, claiming.open_ended())),
    });
    let (won, settled) = (counter.won, counter.settled);
    let (name, sku) = (shape.name.get(locale).to_owned(), shape.sku.clone());
    let click = move |_| {
        if !ready.get_untracked() {
            return;
        }
        let path = sale.with_untracked(|it| format!("/api/v1/flash_sales/{}/claims", it.id));
        let body = ClaimProduct {
            sku: sku.clone(),
            quantity: gate.with_untracked(|it| quantity.get_untracked().clamp(1, it.most())),
        };
        let won = move |claim| won.run(claim);
        claiming.claim(path, body, won, move || settled.run(()));
    };
    let off = Signal::derive(move || (!ready.get()).then_some("true"));
    let busy = Signal::derive(move || claiming.busy().then_some("true"));
    view! {
        <button class="button button--main product__button" type="button" aria-disabled=off aria-busy=busy on:click=click>
            {move || text.get()}<span class="sr-only">" "{name}</span>
        </button>
    }
    .into_any()
}

/// What there is to know about a button that does nothing now.
fn note(counter: &Counter, gate: Memo<Gate>) -> AnyView {
    let (stage, sale) = (counter.stage.clone(), counter.sale);
    let locale = stage.subject.amounts.locale;
    let Online(online) = expect_context();
    let clock = stage.clock;
    let early = Memo::new(move |_| sale.with(|it| phase(it, clock.now()) == Phase::Early));
    let text = Memo::new(move |_| match gate.get() {
        Gate::Open(_) if !online.get() => Some(tr!(locale, sales.offline)),
        Gate::SoldOut => Some(tr!(locale, sales.may_return)),
        Gate::Closed(Closed::NotOpen) if early.get() => Some(tr!(locale, sales.early_hint)),
        _ => None,
    });
    live::maybe(move || Some(view! { <p class="row__note">{text.get()?}</p> }.into_any()))
}

/// What the member holds of the product.
fn held(counter: &Counter, sku: &str) -> AnyView {
    let (subject, clock) = (counter.stage.subject.clone(), counter.stage.clock);
    let (claims, sku) = (counter.claims, sku.to_owned());
    let held = Memo::new(move |_| {
        let mut held = claims.get();
        held.retain(|it| it.sku == sku && is_held(it));
        held
    });
    live::maybe(move || {
        let held = held.get();
        (!held.is_empty()).then(|| {
            let rows = held
                .iter()
                .map(|it| won(&subject, clock, it))
                .collect_view();
            view! { <ul class="stack" role="list">{rows}</ul> }.into_any()
        })
    })
}
