//! The products of a sale, edited.

use crate::console::kit::desk::Desk;
use crate::console::kit::draft::Draft;
use crate::console::kit::field::{Field, Kind, Number, field};
use crate::console::kit::rows::{Rows, rows};
use crate::console::points::money;
use crate::tr;
use leptos::prelude::*;
use serde_json::{Value, json};
use shared::sales::MAX_PRODUCTS;

const PRODUCTS: Rows = Rows {
    at: "/products",
    most: MAX_PRODUCTS,
    add: |it| tr!(it, scenario_desk.product_add),
    remove: |it, n| tr!(it, scenario_desk.product_remove, n = n),
    fresh,
};

/// A new product.
pub(super) fn fresh(_sale: &Value) -> Value {
    json!({
        "sku": "", "name": { "zh-CN": "", "en": "" }, "price": 0, "list_price": 0,
        "stock": 100, "per_member": 1, "per_community": null,
    })
}

/// The table of products.
pub(super) fn products(desk: &Desk, draft: Draft) -> AnyView {
    let desk = desk.clone();
    rows(PRODUCTS, draft, move |at| {
        let amounts = amounts(&desk, at).into_iter().map(|it| it.show(draft));
        let amounts = amounts.collect_view();
        let below = view! { <div class="line">{amounts}</div> };
        (names(&desk, at), below.into_any())
    })
}

fn names(desk: &Desk, at: &str) -> Vec<Field> {
    let locale = desk.locale;
    let part = |part: &str, label: &str| field(format!("{at}/{part}"), label, Kind::Text);
    vec![
        part("sku", tr!(locale, scenario_desk.sku)),
        part("name/zh-CN", tr!(locale, missions.name_zh)),
        part("name/en", tr!(locale, missions.name_en)),
    ]
}

fn amounts(desk: &Desk, at: &str) -> Vec<Field> {
    let locale = desk.locale;
    let part = |part: &str, label: &str, number| {
        field(format!("{at}/{part}"), label, Kind::Number(number))
    };
    let pieces = || Number::whole(tr!(locale, sale_desk.unit_pieces));
    vec![
        part("price", tr!(locale, sale_desk.price), money(desk)),
        part("list_price", tr!(locale, sale_desk.list_price), money(desk)),
        part("stock", tr!(locale, sale_desk.stock), pieces()),
        part("per_member", tr!(locale, sale_desk.per_member), pieces()),
        part(
            "per_community",
            tr!(locale, sale_desk.per_community),
            pieces().or_none(),
        ),
    ]
}
