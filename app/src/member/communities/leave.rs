//! Leaving a community, after a question.

use crate::api::Api;
use crate::parts::Subject;
use crate::tr;
use crate::ui::address::{Address, replace_by};
use crate::ui::form::{Form, form_error};
use crate::ui::sheet::{Sheet, sheet_at};
use crate::ui::toast::Toaster;
use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::communities::api::MyCommunity;

/// What in the address opens the question.
const KEY: &str = "leave";

/// The way to the question, and the question.
pub(super) fn leave(subject: &Subject, it: &MyCommunity) -> AnyView {
    let locale = subject.amounts.locale;
    let ask = Address::here().with_now(&[(KEY, Some("1"))]);
    let it = it.clone();
    let question = sheet_at(KEY, move |_, close| {
        let title = tr!(locale, communities.leave_title, name = it.name);
        let it = it.clone();
        view! { <Sheet title=title close=close>{sure(&it, close)}</Sheet> }.into_any()
    });
    view! {
        <p class="centre"><a class="button button--bad" data-noscroll="" href=ask>{tr!(locale, communities.leave)}</a></p>
        {question}
    }
    .into_any()
}

fn sure(it: &MyCommunity, close: Callback<()>) -> AnyView {
    let locale = crate::i18n::locale();
    let api = expect_context::<Api>();
    let toaster = expect_context::<Toaster>();
    let go = replace_by();
    let form = Form::new();
    let path = format!("/api/v1/me/communities/{}", it.id);
    let done = tr!(locale, communities.left, name = it.name);
    let click = move |_| {
        if !form.begin() {
            return;
        }
        let (path, done, go) = (path.clone(), done.clone(), go.clone());
        spawn_local(async move {
            if form.end(api.delete(&path).await).is_some() {
                toaster.say(done);
                go("/communities");
            }
        });
    };
    let hint = match it.open {
        true => tr!(locale, communities.leave_hint),
        false => tr!(locale, communities.leave_closed),
    };
    view! {
        <p>{hint}</p>
        {form_error(form)}
        <div class="invite-ways">
            <button class="button" type="button" on:click=move |_| close.run(())>{tr!(locale, communities.stay)}</button>
            <button class="button button--danger" type="button" aria-disabled=form.waiting() on:click=click>
                {tr!(locale, communities.leave)}
            </button>
        </div>
    }
    .into_any()
}
