//! Sign-in, sign-up, and arrival from the shop.

use crate::api::{Api, ApiError};
use crate::bridge;
use crate::i18n::locale;
use crate::parts::shop;
use crate::tr;
use crate::ui::address::{Address, replace_by};
use crate::ui::door::{door, ended};
use crate::ui::form::{Form, Input, field, form_error, submit};
use crate::ui::icon::{Icon, icon};
use crate::ui::routes::param;
use crate::ui::{browser, live, page, state};
use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::sessions::api::{ExchangeCode, PASSWORD_MIN, SignIn, SignUp};
use shared::text::Locale;

const IDENTIFIER: Input = Input {
    name: "identifier",
    kind: "text",
    autocomplete: "username",
    required: true,
};
const NAME: Input = Input {
    name: "name",
    kind: "text",
    autocomplete: "name",
    required: false,
};

const fn password(autocomplete: &'static str) -> Input {
    Input {
        name: "password",
        kind: "password",
        autocomplete,
        required: true,
    }
}

/// The sign-in page.
#[must_use]
pub fn sign_in() -> AnyView {
    let locale = locale();
    let api = expect_context::<Api>();
    page::arrive(tr!(locale, auth.sign_in));
    let form = Form::new();
    let (identifier, secret) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    let send = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        if !form.begin() {
            return;
        }
        let body = SignIn {
            identifier: identifier.get_untracked().trim().to_owned(),
            password: secret.get_untracked(),
        };
        spawn_local(async move {
            let answer = api.post_text("/api/v1/sessions", &body, None).await;
            form.end(answer.and_then(|it| api.open(&it)));
        });
    };
    let here = Address::here();
    let open = shop::programme().is_some_and(|it| it.sign_up_open);
    let other = open.then(|| {
        let to = here.with(&[]).replacen("/sign-in", "/sign-up", 1);
        view! { <p class="centre muted">{tr!(locale, auth.no_account)}" "<a class="link" href=to>{tr!(locale, auth.sign_up)}</a></p> }
    });
    let body = view! {
        {ended(locale)}
        <form class="stack" on:submit=send>
            {form_error(form)}
            {field(form, IDENTIFIER, tr!(locale, auth.identifier), None, identifier)}
            {field(form, password("current-password"), tr!(locale, auth.password), None, secret)}
            {submit(form, tr!(locale, auth.sign_in), tr!(locale, auth.working))}
        </form>
        {other}
        {pitch(locale)}
    };
    door(
        tr!(locale, auth.sign_in_title),
        tr!(locale, auth.sign_in_hint),
        body.into_any(),
    )
}

/// What members get, for whoever is not one yet.
fn pitch(locale: Locale) -> AnyView {
    let lines = [
        (Icon::Points, tr!(locale, auth.pitch_points)),
        (Icon::Medal, tr!(locale, auth.pitch_tier)),
        (Icon::Why, tr!(locale, auth.pitch_why)),
    ];
    let lines = lines.map(|(mark, text)| {
        view! { <li class="pitch__one"><span class="row__mark" data-kind="gain">{icon(mark)}</span>{text}</li> }
    });
    view! { <ul class="pitch" role="list" aria-label=tr!(locale, auth.pitch)>{lines}</ul> }
        .into_any()
}

/// The sign-up page.
#[must_use]
pub fn sign_up() -> AnyView {
    let locale = locale();
    page::arrive(tr!(locale, auth.sign_up));
    let api = expect_context::<Api>();
    let form = Form::new();
    let [name, identifier, secret] = [(); 3].map(|()| RwSignal::new(String::new()));
    let send = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        if !form.begin() {
            return;
        }
        let body = sign_up_body(
            locale,
            &name.get_untracked(),
            &identifier.get_untracked(),
            secret.get_untracked(),
        );
        spawn_local(async move {
            let answer = api.post_text("/api/v1/sign_ups", &body, None).await;
            form.end(answer.map_err(at_identifier).and_then(|it| api.open(&it)));
        });
    };
    let to = Address::here()
        .with(&[])
        .replacen("/sign-up", "/sign-in", 1);
    let hint = tr!(locale, auth.password_hint, n = PASSWORD_MIN);
    let body = view! {
        <form class="stack" on:submit=send>
            {form_error(form)}
            {field(form, NAME, tr!(locale, auth.name), Some(tr!(locale, auth.name_hint).to_owned()), name)}
            {field(form, IDENTIFIER, tr!(locale, auth.identifier), None, identifier)}
            {field(form, password("new-password"), tr!(locale, auth.password), Some(hint), secret)}
            {submit(form, tr!(locale, auth.sign_up), tr!(locale, auth.working))}
        </form>
        <p class="centre muted">{tr!(locale, auth.has_account)}" "<a class="link" href=to>{tr!(locale, auth.sign_in)}</a></p>
    };
    door(
        tr!(locale, auth.sign_up_title),
        tr!(locale, auth.sign_up_hint),
        body.into_any(),
    )
}

fn sign_up_body(locale: Locale, name: &str, identifier: &str, password: String) -> SignUp {
    let identifier = identifier.trim().to_owned();
    let is_email = identifier.contains('@');
    let name = name.trim();
    SignUp {
        name: (!name.is_empty()).then(|| name.to_owned()),
        email: is_email.then(|| identifier.clone()),
        phone: (!is_email).then_some(identifier),
        password,
        locale: Some(locale),
        time_zone: browser::time_zone(),
    }
}

/// The page asks for e-mail or phone in one field; what is wrong with either is shown there.
fn at_identifier(mut error: ApiError) -> ApiError {
    if let ApiError::Refused(problem) = &mut error {
        for field in &mut problem.errors {
            if matches!(field.pointer.trim_start_matches('/'), "email" | "phone") {
                IDENTIFIER.name.clone_into(&mut field.pointer);
            }
        }
    }
    error
}

/// Arrival from the shop with a single-use code.
#[must_use]
pub fn hand_off() -> AnyView {
    let locale = locale();
    page::arrive(tr!(locale, auth.sign_in));
    let api = expect_context::<Api>();
    let go = replace_by();
    let error = RwSignal::new(None::<ApiError>);
    let code = param("code").get_untracked();
    let attempt = move || {
        error.set(None);
        let go = go.clone();
        let body = ExchangeCode {
            code: code.clone(),
            host: bridge::around(),
        };
        spawn_local(async move {
            let answer = api
                .post_text("/api/v1/sessions/exchange", &body, None)
                .await;
            match answer.and_then(|it| api.open(&it)) {
                Ok(page) => {
                    let own = page.filter(|it| it.starts_with('/') && !it.starts_with("//"));
                    go(own.as_deref().unwrap_or("/"));
                }
                Err(it) => {
                    if it.code() == Some("auth.handoff_invalid") {
                        ask_for_another();
                    }
                    error.try_set(Some(it));
                }
            }
        });
    };
    attempt();
    let name = shop::programme().map(|it| it.name.get(locale).to_owned());
    let body = move || match error.get() {
        None => signing_in(locale),
        Some(error) if error.code() == Some("auth.handoff_invalid") => used_up(locale),
        Some(error) => state::failure(&error, attempt.clone()),
    };
    view! {
        <div class="door">
            {page::heading(name.unwrap_or_default(), "door__brand")}
            <div class="card door__card">{live::part(body)}</div>
        </div>
    }
    .into_any()
}

fn signing_in(locale: Locale) -> AnyView {
    view! {
        {state::skeleton(3)}
        <p class="muted centre">{tr!(locale, auth.handoff)}</p>
    }
    .into_any()
}

/// The code was used, is too old, or is for another host: this one knows how to get a new one.
fn ask_for_another() {
    bridge::say("auth.expired", &[("reason", "code".into())]);
}

/// The code is of no use.
fn used_up(locale: Locale) -> AnyView {
    let ask = bridge::is_held().then(|| {
        view! {
            <button class="button button--main button--wide" type="button" on:click=|_| ask_for_another()>
                {tr!(locale, auth.handoff_again)}
            </button>
        }
    });
    let other = (!bridge::is_framed()).then(|| {
        view! { <p class="centre"><a class="link" href="/" rel="external">{tr!(locale, auth.or_sign_in)}</a></p> }
    });
    view! {
        {state::empty(tr!(locale, auth.handoff_failed), tr!(locale, auth.handoff_hint))}
        {ask}
        {other}
    }
    .into_any()
}
