//! Sign-in of staff.

mod reset;

pub use reset::reset;

use crate::api::Api;
use crate::i18n::locale;
use crate::tr;
use crate::ui::door::{door, ended};
use crate::ui::form::{Form, Input, field, form_error, submit};
use crate::ui::{browser, live, page};
use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::sessions::api::StaffSignIn;

const EMAIL: Input = Input {
    name: "email",
    kind: "email",
    autocomplete: "username",
    required: true,
};
const PASSWORD: Input = Input {
    name: "password",
    kind: "password",
    autocomplete: "current-password",
    required: true,
};

const CODE: Input = Input {
    name: "code",
    kind: "text",
    autocomplete: "one-time-code",
    required: true,
};

/// The sign-in page.
#[must_use]
pub fn sign_in() -> AnyView {
    let locale = locale();
    let api = expect_context::<Api>();
    page::arrive(tr!(locale, auth.sign_in));
    let form = Form::new();
    let (email, secret) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    // The second step is asked for by the server, after the password was right.
    let (second, code) = (RwSignal::new(false), RwSignal::new(String::new()));
    let send = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        if !form.begin() {
            return;
        }
        let typed = code.get_untracked().trim().to_owned();
        let body = StaffSignIn {
            email: email.get_untracked().trim().to_owned(),
            password: secret.get_untracked(),
            code: (!typed.is_empty()).then_some(typed),
        };
        spawn_local(async move {
            let answer = api.post_text("/api/v1/staff_sessions", &body, None).await;
            if answer
                .as_ref()
                .is_err_and(|it| it.code() == Some("auth.code_required"))
            {
                form.busy.set(false);
                second.set(true);
                request_animation_frame(|| browser::focus("code"));
                return;
            }
            form.end(answer.and_then(|it| api.open(&it)));
        });
    };
    let step = move || {
        let hint = Some(tr!(locale, factor.or_recovery).to_owned());
        second
            .get()
            .then(|| field(form, CODE, tr!(locale, factor.code), hint, code))
    };
    let body = view! {
        {ended(locale)}
        <form class="stack" on:submit=send>
            {form_error(form)}
            {field(form, EMAIL, tr!(locale, console.email), None, email)}
            {field(form, PASSWORD, tr!(locale, auth.password), None, secret)}
            {live::maybe(step)}
            {submit(form, tr!(locale, auth.sign_in), tr!(locale, auth.working))}
        </form>
    };
    door(
        tr!(locale, console.title),
        tr!(locale, console.sign_in_hint),
        body.into_any(),
    )
}
