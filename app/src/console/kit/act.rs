//! An action in a sheet: what it will do to whom, what it needs to know, and one button.

use super::draft::Draft;
use super::field::{Field, Kind, field};
use crate::api::{Api, Intent};
use crate::i18n::locale;
use crate::tr;
use crate::ui::address::Address;
use crate::ui::form::{form_error, submit};
use crate::ui::sheet::Sheet;
use crate::ui::toast::Toaster;
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::JsCast;

/// An action.
pub struct Act {
    /// What it is called; the heading.
    pub title: String,
    /// What will happen to whom.
    pub about: AnyView,
    /// What it needs to know.
    pub body: AnyView,
    /// The button.
    pub button: &'static str,
    /// Whether it takes something away.
    pub grave: bool,
    /// Where it is sent.
    pub path: String,
    /// How it is sent.
    pub verb: Verb,
}

/// How an action is sent.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Verb {
    /// Something new happens.
    Post,
    /// Something that is there changes.
    Patch,
    /// Something takes the place of what is there.
    Put,
    /// Something that is there goes.
    Delete,
}

/// The sheet of an action. `done` gets the server's answer.
pub fn act(
    draft: Draft,
    it: Act,
    done: impl Fn(String) + Clone + Send + 'static,
    close: Callback<()>,
) -> AnyView {
    request_animation_frame(to_first_field);
    let title = it.title.clone();
    view! { <Sheet title=title close=close>{act_form(draft, it, done)}</Sheet> }.into_any()
}

/// What stands in the sheet of an action, for sheets that are made of more.
pub fn act_form(draft: Draft, it: Act, done: impl Fn(String) + Clone + Send + 'static) -> AnyView {
    let api = expect_context::<Api>();
    let intent = Intent::new();
    let Act {
        title: _,
        about,
        body: inputs,
        button,
        grave,
        path,
        verb,
    } = it;
    let send = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        if draft.has_odd() || !draft.form.begin() {
            return;
        }
        let body = draft.value();
        let (path, key, done) = (path.clone(), intent.key(&body), done.clone());
        spawn_local(async move {
            let answer = match verb {
                Verb::Post => api.post_text(&path, &body, Some(&key)).await,
                Verb::Patch => api.patch_text(&path, &body).await,
                Verb::Put => api.put(&path, &body, None).await,
                Verb::Delete => api.delete(&path).await.map(|()| String::new()),
            };
            if let Some(text) = draft.form.end(answer) {
                intent.done();
                done(text);
            }
        });
    };
    let locale = locale();
    let button = if grave {
        view! {
            <button class="button button--bad button--wide" type="submit" aria-disabled=draft.form.waiting()>{button}</button>
        }
        .into_any()
    } else {
        submit(draft.form, button, tr!(locale, auth.working))
    };
    view! {
        {about}
        <form class="stack" novalidate=true on:submit=send>
            {form_error(draft.form)}
            {inputs}
            {button}
        </form>
    }
    .into_any()
}

/// At a desk one begins to type at once; on a phone the keyboard would hide what it is about.
fn to_first_field() {
    let wide = window().inner_width().ok().and_then(|it| it.as_f64());
    let field = document().query_selector(".sheet form :is(input, select, textarea)");
    let field = field.ok().flatten().filter(|_| wide >= Some(768.0));
    if let Some(field) = field.and_then(|it| it.dyn_into::<web_sys::HtmlElement>().ok()) {
        // Only an element that is not there cannot take the focus.
        let _ = field.focus();
    }
}

/// Says that it is done, closes the sheet and lets the page read again.
pub fn finish(
    said: &'static str,
    close: Callback<()>,
    then: impl Fn() + Clone + Send + 'static,
) -> impl Fn(String) + Clone + Send + 'static {
    let toaster = expect_context::<Toaster>();
    move |_answer| {
        toaster.say(said);
        close.run(());
        then();
    }
}

/// The link that opens the sheet with this name; `key` is the part of the address that names it.
#[must_use]
pub fn opener(
    key: &'static str,
    name: &str,
    class: &'static str,
    label: impl IntoView + 'static,
) -> AnyView {
    let href = Address::here().with_now(&[(key, Some(name))]);
    view! { <a class=class data-noscroll="" href=href aria-haspopup="dialog">{label.into_any()}</a> }
        .into_any()
}

/// The reason that every grave action asks for.
#[must_use]
pub fn reason() -> Field {
    let locale = locale();
    field("/reason", tr!(locale, console.reason), Kind::Text).hint(tr!(locale, console.reason_hint))
}
