//! What can be done with a sale: a button each, and a sheet that says what it will do to whom.

use super::one::Known;
use super::{KEY, SALES, may_change};
use crate::api::{self, Api};
use crate::console::kit::act::{Act, Verb, act, finish, opener};
use crate::console::kit::desk::Desk;
use crate::console::kit::draft::Draft;
use crate::console::kit::field::{Kind, Number, field};
use crate::i18n::locale;
use crate::tr;
use crate::ui::address::replace_by;
use crate::ui::icon::{Icon, icon};
use crate::ui::state;
use crate::ui::toast::Toaster;
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde_json::json;
use shared::sales::Phase;
use shared::sales::api::FlashSale;
use shared::sales::terms::{Edit, allows};

/// The buttons that this phase allows.
pub(super) fn buttons(
    desk: &Desk,
    known: Known,
    phase: Phase,
    paused: Memo<bool>,
    path: &str,
) -> AnyView {
    if !may_change() {
        return ().into_any();
    }
    let locale = desk.locale;
    let open =
        |edit, name, class, label| allows(phase, edit).then(|| opener(KEY, name, class, label));
    let halt = allows(phase, Edit::Pause).then(|| halt(known, paused, path));
    view! {
        {open(Edit::Cancel, "cancel", "button button--bad", tr!(locale, sale_desk.cancel))}
        {opener(KEY, "clone", "button", tr!(locale, missions.clone))}
        {open(Edit::AddStock, "stock", "button", tr!(locale, sale_desk.add_stock))}
        {halt}
        {open(Edit::Publish, "publish", "button button--main", tr!(locale, sale_desk.publish))}
    }
    .into_any()
}

/// The button that stops the sale for the moment and lets it go on. It acts at once, because there
/// may be no time for a question, and can be undone.
fn halt(known: Known, paused: Memo<bool>, path: &str) -> AnyView {
    let locale = locale();
    let api = expect_context::<Api>();
    let toaster = expect_context::<Toaster>();
    let busy = RwSignal::new(false);
    let path = path.to_owned();
    let click = move |_| {
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        let (what, done) = match paused.get_untracked() {
            true => ("resume", tr!(locale, sale_desk.resume_done)),
            false => ("pause", tr!(locale, sale_desk.pause_done)),
        };
        let path = format!("{path}/{what}");
        spawn_local(async move {
            match api.post_text(&path, &json!({}), None).await {
                Ok(_) => toaster.say(done),
                Err(error) => toaster.say(state::words_in(locale, &error).0),
            }
            // The page may have been left meanwhile.
            if busy.try_set(false).is_none() {
                known.reload.run(());
            }
        });
    };
    let waiting = Signal::derive(move || busy.get().then_some("true"));
    let text = Signal::derive(move || match paused.get() {
        true => tr!(locale, sale_desk.resume),
        false => tr!(locale, sale_desk.pause),
    });
    view! {
        <button class="button" class:button--main=paused type="button" aria-disabled=waiting on:click=click>{text}</button>
    }
    .into_any()
}

/// The sheet with this name.
pub(super) fn sheet(
    desk: &Desk,
    name: &str,
    sale: &FlashSale,
    known: Known,
    path: &str,
    close: Callback<()>,
) -> AnyView {
    let locale = desk.locale;
    if !may_change() {
        return ().into_any();
    }
    let done = move |said| finish(said, close, move || known.reload.run(()));
    match name {
        "publish" => {
            let done = done(tr!(locale, sale_desk.publish_done));
            act(
                Draft::new(json!({})),
                publish(desk, sale, path),
                done,
                close,
            )
        }
        "cancel" => {
            let draft = Draft::new(json!({ "stop_series": false }));
            let done = done(tr!(locale, sale_desk.cancel_done));
            act(draft, cancel(desk, sale, path, draft), done, close)
        }
        "stock" => {
            let first = sale.stock.first().map(|it| it.sku.clone());
            let draft = Draft::new(json!({ "sku": first, "quantity": 10 }));
            let done = done(tr!(locale, sale_desk.stock_done));
            act(draft, stock(desk, sale, path, draft), done, close)
        }
        "clone" => {
            let go = replace_by();
            let done = move |text: String| {
                if let Ok(it) = api::read::<FlashSale>(&text) {
                    go(&format!("{SALES}/{}", it.id));
                }
            };
            act(Draft::new(json!({})), copy(desk, path), done, close)
        }
        _ => ().into_any(),
    }
}

fn publish(desk: &Desk, sale: &FlashSale, path: &str) -> Act {
    let locale = desk.locale;
    let opens = sale.definition.first_opening();
    let about = tr!(
        locale,
        sale_desk.publish_about,
        opens = desk.time(opens),
        ends = desk.time(sale.definition.ends_at)
    );
    let weekly = sale.definition.weekly.map(|_| {
        view! { <p class="muted">{tr!(locale, sale_desk.publish_weekly)}</p> }
    });
    Act {
        title: tr!(locale, sale_desk.publish).to_owned(),
        about: view! { <p>{about}</p>{weekly} }.into_any(),
        body: ().into_any(),
        button: tr!(locale, sale_desk.publish),
        grave: false,
        path: format!("{path}/publish"),
        verb: Verb::Post,
    }
}

fn cancel(desk: &Desk, sale: &FlashSale, path: &str, draft: Draft) -> Act {
    let locale = desk.locale;
    let held: i64 = sale.stock.iter().map(|it| it.held).sum();
    let sold: i64 = sale.stock.iter().map(|it| it.sold).sum();
    let about = tr!(
        locale,
        sale_desk.cancel_about,
        held = desk.number(held),
        sold = desk.number(sold)
    );
    let series = sale.definition.weekly.map(|_| {
        let label = tr!(locale, sale_desk.stop_series);
        field("/stop_series", label, Kind::Toggle)
            .hint(tr!(locale, sale_desk.stop_series_hint))
            .show(draft)
    });
    Act {
        title: tr!(locale, sale_desk.cancel_title).to_owned(),
        about:
            view! { <p class="banner banner--warn">{icon(Icon::Warning)}<span>{about}</span></p> }
                .into_any(),
        body: series.into_any(),
        button: tr!(locale, sale_desk.cancel),
        grave: true,
        path: format!("{path}/cancel"),
        verb: Verb::Post,
    }
}

fn stock(desk: &Desk, sale: &FlashSale, path: &str, draft: Draft) -> Act {
    let locale = desk.locale;
    let products = sale.definition.products.iter();
    let ways = products.map(|it| (it.sku.as_str(), it.name.get(locale)));
    let product = field(
        "/sku",
        tr!(locale, scenario_desk.product),
        Kind::one_of(ways),
    );
    let pieces = Kind::Number(Number::whole(tr!(locale, sale_desk.unit_pieces)));
    let quantity = field("/quantity", tr!(locale, sale_desk.quantity), pieces);
    Act {
        title: tr!(locale, sale_desk.add_stock).to_owned(),
        about: view! { <p class="muted">{tr!(locale, sale_desk.stock_about)}</p> }.into_any(),
        body: view! { {product.show(draft)}{quantity.show(draft)} }.into_any(),
        button: tr!(locale, sale_desk.add_stock),
        grave: false,
        path: format!("{path}/stock"),
        verb: Verb::Post,
    }
}

fn copy(desk: &Desk, path: &str) -> Act {
    let locale = desk.locale;
    Act {
        title: tr!(locale, sale_desk.clone_title).to_owned(),
        about: view! { <p>{tr!(locale, sale_desk.clone_about)}</p> }.into_any(),
        body: ().into_any(),
        button: tr!(locale, missions.clone),
        grave: false,
        path: format!("{path}/clone"),
        verb: Verb::Post,
    }
}
