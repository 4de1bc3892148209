//! Changing one's own password, for members and staff alike.

use crate::api::Api;
use crate::i18n::locale;
use crate::tr;
use crate::ui::form::{Form, Input, field, form_error, submit};
use crate::ui::toast::Toaster;
use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::sessions::api::{ChangePassword, PASSWORD_MIN};

const CURRENT: Input = Input {
    name: "current",
    kind: "password",
    autocomplete: "current-password",
    required: true,
};

const NEW: Input = Input {
    name: "password",
    kind: "password",
    autocomplete: "new-password",
    required: true,
};

/// The form. It is sent to `path`.
#[must_use]
pub fn change_password(path: &'static str) -> AnyView {
    let locale = locale();
    let api = expect_context::<Api>();
    let toaster = expect_context::<Toaster>();
    let form = Form::new();
    let (current, password) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    let send = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        if !form.begin() {
            return;
        }
        let body = ChangePassword {
            current: current.get_untracked(),
            password: password.get_untracked(),
        };
        spawn_local(async move {
            let answer = api.post_text(path, &body, None).await;
            if form.end(answer).is_some() {
                toaster.say(tr!(locale, auth.password_saved));
                current.set(String::new());
                password.set(String::new());
            }
        });
    };
    let hint = tr!(locale, auth.password_hint, n = PASSWORD_MIN);
    view! {
        <form class="stack" on:submit=send>
            {form_error(form)}
            {field(form, CURRENT, tr!(locale, auth.password_current), None, current)}
            {field(form, NEW, tr!(locale, auth.password_new), Some(hint), password)}
            {submit(form, tr!(locale, auth.password_save), tr!(locale, auth.working))}
        </form>
    }
    .into_any()
}
