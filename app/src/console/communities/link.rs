//! The link by which people join, as a picture and as text.

use super::one::{self, Subject};
use super::{KEY, may_change};
use crate::api::{Api, ApiError};
use crate::console::kit::act::{Act, Verb, act, finish, opener};
use crate::console::kit::desk::Desk;
use crate::console::kit::draft::Draft;
use crate::tr;
use crate::ui::icon::{Icon, icon};
use crate::ui::load::loaded;
use crate::ui::query::Query;
use crate::ui::share::copy_field;
use crate::ui::sheet::sheet_at;
use crate::ui::toast::Toaster;
use crate::ui::{live, state};
use leptos::html::Input;
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde_json::json;
use shared::communities::api::Community;
use shared::text::Locale;

/// The name of the sheet that asks before the code is renewed.
const RENEW: &str = "renew";

/// What a kept picture is called.
const FILE: &str = "community.svg";

/// The page.
#[must_use]
pub fn page() -> AnyView {
    one::page("/link", part)
}

fn part(desk: &Desk, it: &Subject) -> AnyView {
    let Subject { path, whole, .. } = it;
    let whole = *whole;
    let locale = desk.locale;
    let (picture, codes) = (format!("{path}/qr.svg"), format!("{path}/codes"));
    let shown = loaded(whole, 4, move |it| card(locale, &picture, &it));
    let sheet = sheet_at(KEY, move |name, close| match name.as_str() {
        RENEW if may_change() => renew(locale, &codes, whole, close),
        _ => ().into_any(),
    });
    view! { {shown}{sheet} }.into_any()
}

fn card(locale: Locale, picture: &str, it: &Community) -> AnyView {
    let closed = (!it.definition.open).then(|| {
        view! { <p class="banner banner--warn">{icon(Icon::Warning)}<span>{tr!(locale, community_desk.link_closed)}</span></p> }
    });
    let renew =
        may_change().then(|| opener(KEY, RENEW, "button", tr!(locale, community_desk.renew)));
    view! {
        <section class="card stack" aria-labelledby="join">
            <h2 class="title" id="join">{tr!(locale, community_desk.link)}</h2>
            <p class="muted">{tr!(locale, community_desk.link_hint)}</p>
            {closed}
            {qr(locale, picture.to_owned())}
            {copy(locale, it.link.clone())}
            <p class="end">{renew}</p>
        </section>
    }
    .into_any()
}

/// The link as a picture, which only the signed-in may read.
fn qr(locale: Locale, path: String) -> AnyView {
    let api = expect_context::<Api>();
    let found = RwSignal::new(None::<Result<String, ApiError>>);
    let load = move || {
        let path = path.clone();
        found.set(None);
        spawn_local(async move {
            let answer = api.picture(&path).await;
            // The page may have been left meanwhile.
            found.try_set(Some(answer));
        });
    };
    load();
    live::part(move || {
        match found.get() {
        None => state::skeleton(6),
        Some(Ok(picture)) => view! {
            <img class="qr qr--large" src=picture.clone() alt=tr!(locale, community_desk.qr_alt)/>
            <p class="centre"><a class="button" href=picture download=FILE>{icon(Icon::Download)}{tr!(locale, community_desk.qr_save)}</a></p>
        }
        .into_any(),
        Some(Err(error)) => state::failure(&error, load.clone()),
    }
    })
}

/// The link as text, with a button that copies it.
fn copy(locale: Locale, link: String) -> AnyView {
    let toaster = expect_context::<Toaster>();
    let input = NodeRef::<Input>::new();
    let click = move |_| {
        let Some(input) = input.get_untracked() else {
            return;
        };
        spawn_local(async move {
            toaster.say(match copy_field(&input).await {
                true => tr!(locale, keys.copied),
                false => tr!(locale, keys.not_copied),
            });
        });
    };
    view! {
        <div class="field">
            <label class="field__label" for="join-link">{tr!(locale, community_desk.link_text)}</label>
            <span class="affix">
                <input class="input" id="join-link" readonly=true node_ref=input value=link/>
                <button class="button" type="button" on:click=click>{tr!(locale, keys.copy)}</button>
            </span>
        </div>
    }
    .into_any()
}

/// Another code, so that the link that is out leads nowhere.
fn renew(locale: Locale, path: &str, whole: Query<Community>, close: Callback<()>) -> AnyView {
    let it = Act {
        title: tr!(locale, community_desk.renew).to_owned(),
        about: view! { <p class="banner banner--warn">{icon(Icon::Warning)}<span>{tr!(locale, community_desk.renew_about)}</span></p> }
            .into_any(),
        body: ().into_any(),
        button: tr!(locale, community_desk.renew),
        grave: true,
        path: path.to_owned(),
        verb: Verb::Post,
    };
    let done = finish(tr!(locale, community_desk.renewed), close, move || {
        whole.reload();
    });
    act(Draft::new(json!({})), it, done, close)
}
