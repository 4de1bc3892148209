//! Keys of the shop's systems: made, shown once, revoked.

use crate::api::{self, Api};
use crate::console::kit::act::{Act, Verb, act, finish};
use crate::console::kit::desk::{head, page};
use crate::console::kit::draft::Draft;
use crate::console::kit::field::{Kind, field};
use crate::console::kit::may;
use crate::console::kit::secret::secret_sheet;
use crate::console::kit::table::{Column, badge, sheet_link, table, text};
use crate::i18n::locale;
use crate::session::Identity;
use crate::tr;
use crate::ui::address::{self, Address};
use crate::ui::form::{Form, form_error};
use crate::ui::icon::{Icon, icon};
use crate::ui::load::listed;
use crate::ui::query::{self, Query};
use crate::ui::sheet::{Sheet, sheet_at};
use crate::ui::{live, state};
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde_json::{Value, json};
use shared::staff::Scope;
use shared::staff::api::{ApiKey, CreatedApiKey};
use shared::text::Locale;

/// The part of the address that names the open sheet.
const KEY: &str = "do";

const COLUMNS: &[Column<ApiKey>] = &[
    Column {
        title: |it| tr!(it, keys.name),
        class: "",
        sort: None,
        cell: |desk, it| {
            let href = Address::here().with_now(&[(KEY, Some(&it.id.to_string()))]);
            let used = it.last_used_at.map(|at| desk.time(at));
            let never = || tr!(desk.locale, keys.never).to_owned();
            sheet_link(href, it.name.clone(), used.unwrap_or_else(never))
        },
    },
    Column {
        title: |it| tr!(it, keys.scopes),
        class: "wide",
        sort: None,
        cell: |_, it| {
            let scopes = it
                .scopes
                .iter()
                .map(|it| view! { <code class="tag">{it.as_str()}</code> });
            view! { <span class="tags">{scopes.collect_view()}</span> }.into_any()
        },
    },
    Column {
        title: |it| tr!(it, keys.used),
        class: "wide",
        sort: None,
        cell: |desk, it| match it.last_used_at {
            Some(at) => text(desk.time(at)),
            None => text(tr!(desk.locale, keys.never)),
        },
    },
    Column {
        title: |it| tr!(it, console.status),
        class: "",
        sort: None,
        cell: |desk, it| {
            match it.revoked_at {
            None => badge(tr!(desk.locale, keys.works), "good"),
            Some(at) => {
                view! { {badge(tr!(desk.locale, keys.revoked), "plain")}<span class="row__note">{desk.date(at)}</span> }
                    .into_any()
            }
        }
        },
    },
];

/// The page.
#[must_use]
pub fn keys() -> AnyView {
    let locale = locale();
    page(tr!(locale, nav.keys), |desk| {
        let here = Address::here();
        let path = || Some("/api/v1/api_keys?limit=50".to_owned());
        let rows = query::pages::<ApiKey>(path, here.pages());
        let show = {
            let desk = desk.clone();
            move |all: Vec<ApiKey>| table(&desk, tr!(locale, nav.keys), COLUMNS, &all)
        };
        let blank = move || state::empty(tr!(locale, keys.none), tr!(locale, keys.none_hint));
        let add = may_change().then(|| {
            let href = here.with_now(&[(KEY, Some("add"))]);
            view! { <a class="button button--main" data-noscroll="" href=href aria-haspopup="dialog">{icon(Icon::Plus)}{tr!(locale, keys.add)}</a> }
        });
        // The secret lives here and nowhere else, until the sheet is closed.
        let made = RwSignal::new(None::<CreatedApiKey>);
        view! {
            {head(tr!(locale, nav.keys), tr!(locale, keys.hint), add.into_any())}
            <div class="card stack">
                {listed(rows, show, blank, address::more_pages(here))}
                {desk.zone_note()}
            </div>
            {sheets(rows, made)}
        }
        .into_any()
    })
}

fn may_change() -> bool {
    may(Identity::may_administer)
}

fn sheets(rows: Query<ApiKey>, made: RwSignal<Option<CreatedApiKey>>) -> AnyView {
    sheet_at(KEY, move |name, close| match name.as_str() {
        "add" if may_change() => live::part(move || match made.get() {
            Some(it) => {
                let title = tr!(locale(), keys.made);
                secret_sheet(title, None, (it.key.name, it.secret), (made, close))
            }
            None => add(rows, made, close),
        }),
        id => one(id, rows, close),
    })
}

/// What a scope allows, in words.
fn scope_words(locale: Locale, scope: Scope) -> String {
    let words = match scope {
        Scope::MembersRead => tr!(locale, keys.members_read),
        Scope::MembersWrite => tr!(locale, keys.members_write),
        Scope::OrdersWrite => tr!(locale, keys.orders_write),
        Scope::PointsWrite => tr!(locale, keys.points_write),
        Scope::TasksWrite => tr!(locale, keys.tasks_write),
        Scope::EmbedCreate => tr!(locale, keys.embed_create),
        Scope::CouponsWrite => tr!(locale, keys.coupons_write),
        Scope::WebhooksWrite => tr!(locale, keys.webhooks_write),
        Scope::ImportsWrite => tr!(locale, keys.imports_write),
        Scope::ExportsRead => tr!(locale, keys.exports_read),
    };
    format!("{} · {words}", scope.as_str())
}

/// A box to tick for each scope.
fn scopes(draft: Draft) -> AnyView {
    let locale = locale();
    let each = Scope::ALL.map(|scope| {
        let name = scope.as_str();
        let has = move |list: &Value| {
            list.as_array()
                .is_some_and(|it| it.iter().any(|it| it == name))
        };
        let on = Signal::derive(move || has(&draft.at("/scopes")));
        let change = move |event| {
            let on = event_target_checked(&event);
            draft.change_list("/scopes", |it| {
                it.retain(|it| it != name);
                if on {
                    it.push(name.into());
                }
            });
        };
        view! {
            <label class="tick"><input type="checkbox" name=name prop:checked=on on:change=change/>
                <span>{scope_words(locale, scope)}</span></label>
        }
    });
    let wrong = move || {
        let text = draft.wrong("/scopes")?;
        Some(view! { <p class="field__error">{text}</p> }.into_any())
    };
    view! {
        <fieldset class="field"><legend class="field__label">{tr!(locale, keys.scopes)}</legend>
            {each.into_iter().collect_view()}{live::maybe(wrong)}</fieldset>
    }
    .into_any()
}

fn add(rows: Query<ApiKey>, made: RwSignal<Option<CreatedApiKey>>, close: Callback<()>) -> AnyView {
    let locale = locale();
    let draft = Draft::new(json!({"name": "", "scopes": []}));
    let name = field("/name", tr!(locale, keys.name), Kind::Text).hint(tr!(locale, keys.name_hint));
    let it = Act {
        title: tr!(locale, keys.add).to_owned(),
        about: view! { <p class="muted">{tr!(locale, keys.add_about)}</p> }.into_any(),
        body: view! { {name.show(draft)}{scopes(draft)} }.into_any(),
        button: tr!(locale, keys.add),
        grave: false,
        path: "/api/v1/api_keys".to_owned(),
        verb: Verb::Post,
    };
    let done = move |text: String| {
        if let Ok(it) = api::read::<CreatedApiKey>(&text) {
            made.set(Some(it));
        }
        rows.reload();
    };
    act(draft, it, done, close)
}

/// One key: what it may do, and its end.
fn one(id: &str, rows: Query<ApiKey>, close: Callback<()>) -> AnyView {
    let locale = locale();
    let Some(key) = rows.find(|it: &ApiKey| it.id.to_string() == id) else {
        return ().into_any();
    };
    let scopes = key
        .scopes
        .iter()
        .map(|it| view! { <li>{scope_words(locale, *it)}</li> });
    let scopes = scopes.collect_view();
    let may = key.revoked_at.is_none() && may_change();
    let end = may.then(|| revoke(locale, &key, rows, close));
    view! {
        <Sheet title=key.name close=close>
            <p class="muted"><code>{key.id.to_string()}</code></p>
            <ul class="plain" role="list">{scopes}</ul>
            {end}
        </Sheet>
    }
    .into_any()
}

fn revoke(locale: Locale, key: &ApiKey, rows: Query<ApiKey>, close: Callback<()>) -> AnyView {
    let api = expect_context::<Api>();
    let done = finish(tr!(locale, keys.revoked_done), close, move || rows.reload());
    let form = Form::new();
    let path = format!("/api/v1/api_keys/{}", key.id);
    let click = move |_| {
        if !form.begin() {
            return;
        }
        let (path, done) = (path.clone(), done.clone());
        spawn_local(async move {
            if form.end(api.delete(&path).await).is_some() {
                done(String::new());
            }
        });
    };
    view! {
        <p class="banner banner--warn"><span>{tr!(locale, keys.revoke_about)}</span></p>
        {form_error(form)}
        <button class="button button--bad button--wide" type="button" aria-disabled=form.waiting() on:click=click>
            {tr!(locale, keys.revoke)}
        </button>
    }
    .into_any()
}
