//! The fields of a sale: the edited value is the definition itself.

use super::one::{self, Known};
use super::{API, SALES, audience, may_change, products};
use crate::api::Api;
use crate::console::kit::desk::{Desk, head};
use crate::console::kit::draft::Draft;
use crate::console::kit::editor::{Editor, Spec};
use crate::console::kit::field::{Field, Kind, Number, field, fields};
use crate::console::kit::maker::maker;
use crate::console::kit::optional::optional;
use crate::console::kit::section::section;
use crate::console::tasks::templates;
use crate::console::tiers;
use crate::tr;
use crate::ui::{live, zoned};
use leptos::prelude::*;
use serde_json::{Value, json};
use shared::coupons::api::Template;
use shared::page::Page;
use shared::sales::Phase;
use shared::sales::api::FlashSale;
use shared::sales::terms::{Edit, allows};

/// A new sale: tomorrow evening, for everybody.
fn blank(desk: &Desk) -> Value {
    let today = zoned::today(&desk.zone).unwrap_or_default();
    let day = crate::ui::month::days_after(&today, 1).unwrap_or(today);
    let at = |clock: &str| zoned::instant(&desk.zone, &format!("{day}T{clock}"));
    json!({
        "title": { "zh-CN": "", "en": "" },
        "products": [products::fresh(&Value::Null)],
        "starts_at": at("20:00"), "ends_at": at("22:00"),
        "audience": { "communities": [], "tags": [], "minimum_tier": null },
        "early": [], "payment_minutes": 15, "weekly": null, "apology": null,
    })
}

/// The page that makes one; it is a draft until it is published.
#[must_use]
pub fn create() -> AnyView {
    one::around(new)
}

fn new(desk: &Desk) -> AnyView {
    let locale = desk.locale;
    let draft = Draft::new(blank(desk));
    let form = maker(
        draft,
        API,
        tr!(locale, sale_desk.saved),
        |id| format!("{SALES}/{id}"),
        body(desk, draft),
    );
    view! {
        {head(tr!(locale, sale_desk.add), tr!(locale, sale_desk.add_hint), ().into_any())}
        {form}
    }
    .into_any()
}

/// The page that changes one, as long as it has opened for nobody.
#[must_use]
pub fn page() -> AnyView {
    one::page("", edit)
}

fn edit(desk: &Desk, path: &str) -> (Known, AnyView) {
    let spec = Spec {
        part: "/definition",
        saved: |it| tr!(it, sale_desk.saved),
        may: may_change(),
        closed: Some(|locale, it| {
            let phase: Phase = serde_json::from_value(it["phase"].clone()).ok()?;
            let open = allows(phase, Edit::Rewrite);
            (!open).then(|| tr!(locale, sale_desk.closed))
        }),
        review: None,
    };
    let it = Editor::open(spec, path);
    let sale = Memo::new(move |_| serde_json::from_value::<FlashSale>(it.whole.get()).ok());
    let known = Known {
        sale,
        reload: Callback::new(move |()| it.reload()),
    };
    let desk = desk.clone();
    (known, it.form(move |it| body(&desk, it.draft)))
}

fn body(desk: &Desk, draft: Draft) -> AnyView {
    let locale = desk.locale;
    let tiers = tiers::named(locale);
    let title = vec![
        field("/title/zh-CN", tr!(locale, sale_desk.title_zh), Kind::Text),
        field("/title/en", tr!(locale, sale_desk.title_en), Kind::Text),
    ];
    view! {
        {section(tr!(locale, sale_desk.what), tr!(locale, sale_desk.what_hint), fields(draft, title))}
        {section(tr!(locale, sale_desk.products), tr!(locale, sale_desk.products_hint), products::products(desk, draft))}
        {section(tr!(locale, sale_desk.when), tr!(locale, sale_desk.when_hint), when(desk, draft))}
        {section(tr!(locale, sale_desk.who), tr!(locale, sale_desk.who_hint), audience::audience(desk, draft, tiers))}
        {section(tr!(locale, sale_desk.early_steps), tr!(locale, sale_desk.early_hint), audience::early(desk, draft, tiers))}
        {section(tr!(locale, sale_desk.paying), tr!(locale, sale_desk.paying_hint), paying(desk, draft))}
    }
    .into_any()
}

fn when(desk: &Desk, draft: Draft) -> AnyView {
    let locale = desk.locale;
    let at = |at: &str, label: &str| field(at, label, Kind::Instant(desk.zone.clone()));
    let times = vec![
        at("/starts_at", tr!(locale, sale_desk.starts)),
        at("/ends_at", tr!(locale, sale_desk.ends)),
    ];
    let until = Field {
        hint: Some(tr!(locale, sale_desk.weekly_hint).to_owned()),
        ..at("/weekly/until", tr!(locale, sale_desk.weekly_until))
    };
    let weekly = optional(
        draft,
        "/weekly",
        tr!(locale, sale_desk.weekly),
        || json!({ "until": null }),
        move || until.clone().show(draft),
    );
    view! { {fields(draft, times)}{desk.zone_note()}{weekly} }.into_any()
}

/// How long one has to pay, and what whoever paid too late gets.
fn paying(desk: &Desk, draft: Draft) -> AnyView {
    let locale = desk.locale;
    let minutes = Number::whole(tr!(locale, sale_desk.unit_minutes));
    let minutes = field(
        "/payment_minutes",
        tr!(locale, sale_desk.payment),
        Kind::Number(minutes),
    );
    // Who leads communities cannot look at coupons; what was chosen stays.
    let who = untrack(|| expect_context::<Api>().identity());
    let coupon = who.is_some_and(|it| !it.leads_only()).then(|| {
        let templates = templates();
        live::part(move || {
            let none = (String::new(), tr!(locale, sale_desk.no_apology).to_owned());
            let texts = templates.source.texts().unwrap_or_default();
            let read = texts.first();
            let read = read.and_then(|it| crate::api::read::<Page<Template>>(it).ok());
            let all = read.into_iter().flat_map(|it| it.data);
            let all = all.map(|it| (it.id.to_string(), it.terms.name.get(locale).to_owned()));
            let ways = Kind::Choice(std::iter::once(none).chain(all).collect());
            field("/apology", tr!(locale, sale_desk.apology), ways.or_none())
                .hint(tr!(locale, sale_desk.apology_hint))
                .show(draft)
        })
    });
    view! { {fields(draft, vec![minutes])}{coupon} }.into_any()
}
