//! A product of a sale: what it costs, what it costs otherwise, and how much is left.

use crate::parts::coupons::money;
use crate::tr;
use crate::ui::amount::Amounts;
use crate::ui::format;
use crate::ui::live;
use leptos::prelude::*;
use shared::sales::api::{MemberProduct, MemberSale};

/// The price of the sale beside the one that is struck.
pub(super) fn prices(amounts: Amounts, it: &MemberProduct) -> AnyView {
    let locale = amounts.locale;
    let before = (it.list_price > it.price).then(|| {
        view! {
            <s class="muted"><span class="sr-only">{tr!(locale, sales.list_price)}" "</span>{money(amounts, it.list_price)}</s>
        }
    });
    view! {
        <p class="price">
            <span class="sr-only">{tr!(locale, sales.price)}" "</span>
            <strong class="price__now">{money(amounts, it.price)}</strong>
            {before}
        </p>
    }
    .into_any()
}

/// What is left, in hundredths; a little is still seen.
fn hundredths((free, stock): (i64, i64)) -> i64 {
    let part = free.clamp(0, stock.max(0)).saturating_mul(100) / stock.max(1);
    if free > 0 { part.max(3) } else { part }
}

/// A bar that shrinks as pieces go, with the number in words.
pub(super) fn stock_bar(amounts: Amounts, sku: &str, sale: Signal<MemberSale>) -> AnyView {
    let locale = amounts.locale;
    let sku = sku.to_owned();
    let left = Memo::new(move |_| {
        sale.with(|it| {
            let product = it.products.iter().find(|it| it.sku == sku);
            product.map_or((0, 0), |it| (it.free, it.stock))
        })
    });
    let width = Signal::derive(move || format!("{}%", hundredths(left.get())));
    let words = move || match left.get() {
        (free, _) if free < 1 => tr!(locale, sales.none_left).to_owned(),
        (free, stock) => {
            let [n, all] = [free, stock].map(|it| format::number(locale, it));
            tr!(locale, sales.left, n = n, all = all)
        }
    };
    let few = Signal::derive(move || (hundredths(left.get()) <= 20).then_some(""));
    view! {
        <div class="stock">
            <span class="share" data-few=few aria-hidden="true"><span class="share__fill" style:width=width></span></span>
            <span class="row__note">{live::part(move || words().into_any())}</span>
        </div>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bar_shows_what_is_left_and_never_more_than_all() {
        for (left, expected) in [
            ((0, 0), 0),
            ((0, 50), 0),
            ((1, 1000), 3),
            ((25, 50), 50),
            ((50, 50), 100),
            ((60, 50), 100),
        ] {
            assert_eq!(hundredths(left), expected, "{left:?}");
        }
    }
}
