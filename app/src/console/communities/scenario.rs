//! Making a list, and changing one: a form beside a phone that shows it.

use super::scenarios::state_badge;
use super::{API, COMMUNITIES, KEY, may_change};
use crate::console::kit::act::{Act, Verb, act, finish, opener};
use crate::console::kit::desk::{Desk, head, page as desk_page};
use crate::console::kit::draft::Draft;
use crate::console::kit::editor::{Editor, Spec};
use crate::console::kit::field::{Field, Kind, Number, field, fields};
use crate::console::kit::maker::maker;
use crate::console::kit::number::clock;
use crate::console::kit::rows::{Rows, rows};
use crate::console::kit::section::section;
use crate::console::kit::several::several_of;
use crate::console::points::money as money_field;
use crate::i18n::locale;
use crate::parts::coupons::money;
use crate::tr;
use crate::ui::format::Moment;
use crate::ui::icon::{Icon, icon};
use crate::ui::month::weekday_name;
use crate::ui::routes::param;
use crate::ui::sheet::sheet_at;
use crate::ui::{browser, live, zoned};
use leptos::prelude::*;
use serde_json::{Value, json};
use shared::scenarios::api::Scenario;
use shared::scenarios::{MAX_PRODUCTS, ScenarioDefinition, ScenarioProduct, ScenarioState};

/// The products of a list.
const PRODUCTS: Rows = Rows {
    at: "/products",
    most: MAX_PRODUCTS,
    add: |it| tr!(it, scenario_desk.product_add),
    remove: |it, n| tr!(it, scenario_desk.product_remove, n = n),
    fresh: |_| json!({ "sku": "", "name": "", "price": null, "link": null }),
};

/// The page of one list, or of a new one.
#[must_use]
pub fn page() -> AnyView {
    let locale = locale();
    desk_page(tr!(locale, scenario_desk.one), |desk| {
        let (id, list) = (param("id"), param("list"));
        let back = Signal::derive(move || format!("{COMMUNITIES}/{}/lists", id.get()));
        let shown = live::part(move || match list.get().as_str() {
            "new" => create(&desk, &browser::encode(&id.get())),
            list => one(&desk, list),
        });
        view! {
            <p><a class="link" href=back>{icon(Icon::Previous)}{tr!(locale, scenario_desk.title)}</a></p>
            {shown}
        }
        .into_any()
    })
}

/// A new list: every day at half past seven, from today on.
fn blank(desk: &Desk) -> Value {
    let today = zoned::today(&desk.zone).unwrap_or_default();
    json!({
        "title": "", "text": "", "products": [],
        "schedule": { "first": today, "minute": 450, "weekdays": [1, 2, 3, 4, 5, 6, 7], "last": null },
    })
}

fn create(desk: &Desk, community: &str) -> AnyView {
    let locale = desk.locale;
    let draft = Draft::new(blank(desk));
    let lists = format!("{COMMUNITIES}/{community}/lists");
    let form = maker(
        draft,
        format!("{API}/{community}/scenarios"),
        tr!(locale, scenario_desk.saved),
        move |id| format!("{lists}/{id}"),
        body(desk, draft),
    );
    view! {
        {head(tr!(locale, scenario_desk.add), tr!(locale, scenario_desk.hint), ().into_any())}
        {beside(desk, draft, form)}
    }
    .into_any()
}

fn one(desk: &Desk, id: &str) -> AnyView {
    let spec = Spec {
        part: "/definition",
        saved: |it| tr!(it, scenario_desk.saved),
        may: may_change(),
        closed: None,
        review: None,
    };
    let path = format!("/api/v1/scenarios/{}", browser::encode(id));
    let it = Editor::open(spec, path.clone());
    let (form_desk, top_desk) = (desk.clone(), desk.clone());
    view! {
        {live::maybe(move || top(&top_desk, it))}
        {it.form(move |it| beside(&form_desk, it.draft, body(&form_desk, it.draft)))}
        {sheet_at(KEY, move |name, close| sheet(&name, &path, it, close))}
    }
    .into_any()
}

/// The list's scene, where it stands, and what can be done with it.
fn top(desk: &Desk, editor: Editor) -> Option<AnyView> {
    let locale = desk.locale;
    let it: Scenario = serde_json::from_value(editor.whole.get()).ok()?;
    let way = may_change().then(|| match it.state {
        ScenarioState::Active => opener(KEY, "stop", "button", tr!(locale, scenario_desk.stop)),
        ScenarioState::Stopped => {
            opener(KEY, "resume", "button", tr!(locale, scenario_desk.resume))
        }
    });
    let next = it.next_at.map(|at| {
        let text = tr!(locale, scenario_desk.next_at, time = desk.time(at));
        view! { <span class="muted">{text}</span> }
    });
    let shown = view! {
        {head(&it.definition.title, "", way.into_any())}
        <p class="tags">{state_badge(locale, it.state, it.next_at.is_some())}{next}</p>
    };
    Some(shown.into_any())
}

/// Stopping it, or letting it appear again.
fn sheet(name: &str, path: &str, editor: Editor, close: Callback<()>) -> AnyView {
    let locale = locale();
    let (title, about, grave) = match name {
        "stop" => (
            tr!(locale, scenario_desk.stop),
            tr!(locale, scenario_desk.stop_about),
            true,
        ),
        "resume" => (
            tr!(locale, scenario_desk.resume),
            tr!(locale, scenario_desk.resume_about),
            false,
        ),
        _ => return ().into_any(),
    };
    let it = Act {
        title: title.to_owned(),
        about: view! { <p>{about}</p> }.into_any(),
        body: ().into_any(),
        button: title,
        grave,
        path: format!("{path}/{name}"),
        verb: Verb::Post,
    };
    let done = finish(tr!(locale, scenario_desk.done), close, move || {
        editor.reload();
    });
    act(Draft::new(json!({})), it, done, close)
}

fn body(desk: &Desk, draft: Draft) -> AnyView {
    let locale = desk.locale;
    let words = vec![
        field("/title", tr!(locale, scenario_desk.scene), Kind::Text)
            .hint(tr!(locale, scenario_desk.scene_hint)),
        field("/text", tr!(locale, scenario_desk.text), Kind::Prose),
    ];
    let row_desk = desk.clone();
    let products = rows(PRODUCTS, draft, move |at| {
        (product(&row_desk, at), ().into_any())
    });
    let when = view! { {fields(draft, time(desk))}{desk.zone_note()} };
    view! {
        {section(tr!(locale, scenario_desk.words), tr!(locale, scenario_desk.words_hint), fields(draft, words))}
        {section(tr!(locale, scenario_desk.when), tr!(locale, scenario_desk.when_hint), when.into_any())}
        {section(tr!(locale, scenario_desk.products), tr!(locale, scenario_desk.products_hint), products)}
    }
    .into_any()
}

fn time(desk: &Desk) -> Vec<Field> {
    let locale = desk.locale;
    let days = (1..=7_i64).map(|it| (it, weekday_name(locale, it - 1, Moment::Weekday)));
    vec![
        field(
            "/schedule/weekdays",
            tr!(locale, scenario_desk.weekdays),
            several_of(days),
        )
        .hint(tr!(locale, scenario_desk.weekdays_hint)),
        field(
            "/schedule/minute",
            tr!(locale, scenario_desk.time),
            Kind::TimeOfDay,
        ),
        field(
            "/schedule/first",
            tr!(locale, scenario_desk.first),
            Kind::Day,
        ),
        field(
            "/schedule/last",
            tr!(locale, scenario_desk.last),
            Kind::Day.or_none(),
        )
        .hint(tr!(locale, scenario_desk.last_hint)),
    ]
}

fn product(desk: &Desk, at: &str) -> Vec<Field> {
    let locale = desk.locale;
    let part = |part: &str, label: &str, kind| field(format!("{at}/{part}"), label, kind);
    let price = Number {
        optional: true,
        ..money_field(desk)
    };
    vec![
        part("sku", tr!(locale, scenario_desk.sku), Kind::Text),
        part("name", tr!(locale, scenario_desk.product), Kind::Text),
        part(
            "price",
            tr!(locale, scenario_desk.price),
            Kind::Number(price),
        ),
        part(
            "link",
            tr!(locale, scenario_desk.page),
            Kind::Text.or_none(),
        ),
    ]
}

/// The form beside the phone.
fn beside(desk: &Desk, draft: Draft, form: AnyView) -> AnyView {
    let desk = desk.clone();
    view! {
        <div class="columns columns--main">
            <div class="stack">{form}</div>
            {live::part(move || phone(&desk, draft.watch()))}
        </div>
    }
    .into_any()
}

/// The list as the community's page shows it on a phone.
fn phone(desk: &Desk, definition: Value) -> AnyView {
    let locale = desk.locale;
    let title = tr!(locale, missions.preview);
    let Ok(it) = serde_json::from_value::<ScenarioDefinition>(definition) else {
        return view! { <section class="card"><p class="muted">{tr!(locale, missions.preview_wait)}</p></section> }.into_any();
    };
    let scene = match it.title.as_str() {
        "" => tr!(locale, scenario_desk.scene).to_owned(),
        title => title.to_owned(),
    };
    let products = it.products.iter().map(|it| goods(desk, it)).collect_view();
    view! {
        <section class="phone" aria-label=title>
            <p class="label">{title}</p>
            <div class="card stack stack--tight">
                <p class="row__note">{clock(i64::from(it.schedule.minute))}</p>
                <p class="title">{scene}</p>
                <p class="prose">{it.text.clone()}</p>
                <ul class="rows" role="list">{products}</ul>
            </div>
        </section>
    }
    .into_any()
}

fn goods(desk: &Desk, it: &ScenarioProduct) -> AnyView {
    let price = it.price.map(|it| {
        let text = money(desk.amounts, it);
        view! { <span class="amount">{text}</span> }
    });
    view! {
        <li class="row row--still">
            <span class="row__main"><span class="row__title">{it.name.clone()}</span></span>
            {price}
        </li>
    }
    .into_any()
}
