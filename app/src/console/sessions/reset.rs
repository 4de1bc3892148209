//! A new password, with a code that an administrator handed over.

use crate::api::Api;
use crate::i18n::locale;
use crate::tr;
use crate::ui::address::replace_by;
use crate::ui::door::door;
use crate::ui::form::{Form, Input, field, form_error, submit};
use crate::ui::page;
use crate::ui::toast::Toaster;
use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::staff::api::ResetPassword;

const PASSWORD: Input = Input {
    name: "password",
    kind: "password",
    autocomplete: "new-password",
    required: true,
};

/// The page. The code stands behind the `#`, which browsers do not send to servers.
#[must_use]
pub fn reset() -> AnyView {
    let locale = locale();
    let api = expect_context::<Api>();
    let toaster = expect_context::<Toaster>();
    page::arrive(tr!(locale, staff.reset));
    let code = window().location().hash().unwrap_or_default();
    let code = code.trim_start_matches('#').to_owned();
    let go = replace_by();
    let form = Form::new();
    let secret = RwSignal::new(String::new());
    let send = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        if !form.begin() {
            return;
        }
        let body = ResetPassword {
            code: code.clone(),
            password: secret.get_untracked(),
        };
        let go = go.clone();
        spawn_local(async move {
            let answer = api.post_text("/api/v1/password_resets", &body, None).await;
            if form.end(answer).is_some() {
                toaster.say(tr!(locale, staff.reset_done));
                go("/console/sign-in");
            }
        });
    };
    let hint = Some(tr!(locale, staff.reset_hint).to_owned());
    let body = view! {
        <form class="stack" on:submit=send>
            {form_error(form)}
            {field(form, PASSWORD, tr!(locale, staff.new_password), hint, secret)}
            {submit(form, tr!(locale, staff.set_password), tr!(locale, auth.working))}
        </form>
    };
    door(
        tr!(locale, staff.reset),
        tr!(locale, staff.reset_for),
        body.into_any(),
    )
}
