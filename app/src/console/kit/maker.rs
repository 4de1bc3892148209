//! Making something: a form that asks before it is left, and the button that makes it.

use super::draft::Draft;
use super::editor::to_first_wrong;
use super::leave::Leave;
use crate::api::{self, Api};
use crate::i18n::locale;
use crate::tr;
use crate::ui::address::replace_by;
use crate::ui::form::{form_error, submit};
use crate::ui::toast::Toaster;
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde_json::Value;

/// The form around `inputs`. What is made is sent to `path`; `page` is the address of what has
/// the id that the server gave it.
pub fn maker(
    draft: Draft,
    path: impl Into<String>,
    said: &'static str,
    page: impl Fn(&str) -> String + Clone + 'static,
    inputs: AnyView,
) -> AnyView {
    let dirty = Memo::new(move |_| draft.changes() > 0);
    expect_context::<Leave>().hold(dirty);
    let api = expect_context::<Api>();
    let toaster = expect_context::<Toaster>();
    let (path, go): (String, _) = (path.into(), replace_by());
    let send = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        if draft.has_odd() {
            return to_first_wrong();
        }
        if !draft.form.begin() {
            return;
        }
        let (body, path, go, page) = (draft.value(), path.clone(), go.clone(), page.clone());
        spawn_local(async move {
            let answer = api.post_text(&path, &body, None).await;
            let Some(text) = draft.form.end(answer) else {
                return request_animation_frame(to_first_wrong);
            };
            let made = api::read::<Value>(&text).unwrap_or_default();
            if let Some(id) = made["id"].as_str() {
                draft.restart(body);
                toaster.say(said);
                go(&page(id));
            }
        });
    };
    let locale = locale();
    view! {
        <form class="stack" novalidate=true on:submit=send>
            {form_error(draft.form)}
            {inputs}
            {submit(draft.form, tr!(locale, me.save), tr!(locale, auth.working))}
        </form>
    }
    .into_any()
}
