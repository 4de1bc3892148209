//! Saved views: filters that one of the staff comes back to, as tabs above a list.

use super::act::{Act, Verb, act, finish};
use super::draft::Draft;
use super::field::{Kind, field};
use super::filters::Filters;
use crate::api::Api;
use crate::i18n::locale;
use crate::tr;
use crate::ui::address::Address;
use crate::ui::icon::{Icon, icon};
use crate::ui::query::{self, Query};
use crate::ui::sheet::sheet_at;
use crate::ui::toast::Toaster;
use crate::ui::{live, state};
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde_json::json;
use shared::page::Page;
use shared::staff::api::SavedView;

/// The part of the address that names the open sheet.
const KEY: &str = "view";

/// The tabs of a list, and the sheet that saves what is shown as one more.
pub fn views(list: &'static str, filters: &Filters) -> AnyView {
    let locale = locale();
    let path = move || Some(format!("/api/v1/saved_views?list={list}"));
    let saved = query::query::<Page<SavedView>>(path);
    let (filters, here) = (filters.clone(), Address::here());
    let now = Memo::new(move |_| filters.view());
    let base = here.clone();
    let tabs = live::part(move || {
        let all = read(saved);
        let known = now.with(|now| now.is_empty() || all.iter().any(|it| it.query == *now));
        let own = all
            .into_iter()
            .map(|it| tab(&base.path(), it.query, it.name, now));
        let own = own.collect_view();
        let save = (!known).then(|| {
            let href = here.with(&[(KEY, Some("new"))]);
            view! { <a class="views__one views__act" data-noscroll="" href=href aria-haspopup="dialog">{icon(Icon::Plus)}{tr!(locale, kit.save_view)}</a> }
        });
        let first = tab(
            &base.path(),
            String::new(),
            tr!(locale, points.all).to_owned(),
            now,
        );
        view! { {first}{own}{save}{forget(saved, now)} }.into_any()
    });
    let sheet = sheet_at(KEY, move |_, close| save(list, saved, now, close));
    view! { <nav class="views" aria-label=tr!(locale, kit.views)>{tabs}</nav>{sheet} }.into_any()
}

fn read(saved: Query<Page<SavedView>>) -> Vec<SavedView> {
    let texts = saved.source.texts().unwrap_or_default();
    let page = texts
        .first()
        .and_then(|it| crate::api::read::<Page<SavedView>>(it).ok());
    page.map(|it| it.data).unwrap_or_default()
}

fn tab(base: &str, query: String, name: String, now: Memo<String>) -> AnyView {
    let href = match query.as_str() {
        "" => base.to_owned(),
        query => format!("{base}?{query}"),
    };
    let current = Signal::derive(move || now.with(|it| *it == query).then_some("page"));
    view! { <a class="views__one" data-noscroll="" href=href aria-current=current>{name}</a> }
        .into_any()
}

/// The button that takes the view away that is shown.
fn forget(saved: Query<Page<SavedView>>, now: Memo<String>) -> AnyView {
    let locale = locale();
    let api = expect_context::<Api>();
    let toaster = expect_context::<Toaster>();
    live::maybe(move || {
        let shown = read(saved)
            .into_iter()
            .find(|it| now.with(|now| *now == it.query))?;
        let label = tr!(locale, kit.forget_view, name = shown.name);
        let click = move |_| {
            spawn_local(async move {
                match api
                    .delete(&format!("/api/v1/saved_views/{}", shown.id))
                    .await
                {
                    Ok(()) => {
                        toaster.say(tr!(locale, kit.view_forgotten));
                        saved.reload();
                    }
                    Err(error) => toaster.say(state::words_in(locale, &error).0),
                }
            });
        };
        let button = view! {
            <button class="button button--icon views__forget" type="button" aria-label=label on:click=click>{icon(Icon::Close)}</button>
        };
        Some(button.into_any())
    })
}

fn save(
    list: &'static str,
    saved: Query<Page<SavedView>>,
    now: Memo<String>,
    close: Callback<()>,
) -> AnyView {
    let locale = locale();
    let draft = Draft::new(json!({"list": list, "name": "", "query": now.get_untracked()}));
    let name = field("/name", tr!(locale, kit.view_name), Kind::Text);
    let it = Act {
        title: tr!(locale, kit.save_view).to_owned(),
        about: view! { <p class="muted">{tr!(locale, kit.save_view_hint)}</p> }.into_any(),
        body: name.show(draft),
        button: tr!(locale, me.save),
        grave: false,
        path: "/api/v1/saved_views".to_owned(),
        verb: Verb::Post,
    };
    let done = finish(tr!(locale, kit.view_saved), close, move || saved.reload());
    act(draft, it, done, close)
}
