//! Bulk codes of a template: made in the background, watched, stopped, downloaded.

use super::may_change;
use crate::api::{self, Api, ApiError, Intent};
use crate::console::kit::desk::Desk;
use crate::console::kit::download::keep;
use crate::console::kit::draft::Draft;
use crate::console::kit::field::{Kind, Number, field};
use crate::console::kit::follow::follow;
use crate::console::kit::section::section as kit_section;
use crate::i18n::locale;
use crate::tr;
use crate::ui::address::Address;
use crate::ui::form::{Form, form_error, submit};
use crate::ui::load::loaded;
use crate::ui::meter::progress;
use crate::ui::query::{self, Query};
use crate::ui::sheet::{Sheet, sheet_at};
use crate::ui::state;
use crate::ui::toast::Toaster;
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde_json::json;
use shared::coupons::api::{BatchState, CodeBatch};
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;

/// The part of the address that names the open sheet.
const KEY: &str = "codes";

/// The batches of the template at a path.
pub(super) fn section(desk: &Desk, template: &str) -> AnyView {
    let locale = desk.locale;
    let path = format!("{template}/code_batches");
    let make_path = path.clone();
    let batches = query::query::<Vec<CodeBatch>>(move || Some(path.clone()));
    follow(batches.source, |it: &Vec<CodeBatch>| {
        it.iter().any(|it| it.state == BatchState::Running)
    });
    let desk = desk.clone();
    let list = move |all: Vec<CodeBatch>| {
        if all.is_empty() {
            return state::empty(
                tr!(locale, coupon_desk.no_codes),
                tr!(locale, coupon_desk.no_codes_hint),
            );
        }
        let one = |it: &CodeBatch| batch(&desk, it, batches);
        view! { <ul class="rows" role="list">{all.iter().map(one).collect_view()}</ul> }.into_any()
    };
    let make = may_change().then(|| make(make_path, batches));
    let imports = format!("{template}/code_imports");
    let body = view! {
        {make}
        {loaded(batches, 2, list)}
        {sheet_at(KEY, move |_, close| import(imports.clone(), batches, close))}
    };
    kit_section(
        tr!(locale, coupon_desk.codes),
        tr!(locale, coupon_desk.codes_hint),
        body.into_any(),
    )
}

fn make(path: String, batches: Query<Vec<CodeBatch>>) -> AnyView {
    let locale = locale();
    let api = expect_context::<Api>();
    let intent = Intent::new();
    let draft = Draft::new(json!({ "count": 1_000 }));
    let send = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        if draft.has_odd() || !draft.form.begin() {
            return;
        }
        let (path, body) = (path.clone(), draft.value());
        let key = intent.key(&body);
        spawn_local(async move {
            let answer = api.post_text(&path, &body, Some(&key)).await;
            if draft.form.end(answer).is_some() {
                intent.done();
                batches.reload();
            }
        });
    };
    let count = field(
        "/count",
        tr!(locale, coupon_desk.count),
        Kind::Number(Number::whole("")),
    );
    let href = Address::here().with_now(&[(KEY, Some("import"))]);
    view! {
        <form class="stack" novalidate=true on:submit=send>
            {form_error(draft.form)}
            {count.show(draft)}
            {submit(draft.form, tr!(locale, coupon_desk.make), tr!(locale, auth.working))}
            <a class="button button--wide" data-noscroll="" href=href aria-haspopup="dialog">{tr!(locale, coupon_desk.import)}</a>
        </form>
    }
    .into_any()
}

fn batch(desk: &Desk, it: &CodeBatch, batches: Query<Vec<CodeBatch>>) -> AnyView {
    let locale = desk.locale;
    let words = tr!(
        locale,
        coupon_desk.of,
        a = desk.number(it.made),
        b = desk.number(it.wanted)
    );
    let bps = it
        .made
        .saturating_mul(10_000)
        .checked_div(it.wanted)
        .unwrap_or(0);
    let state = match it.state {
        BatchState::Running => tr!(locale, coupon_desk.running),
        BatchState::Done => tr!(locale, coupon_desk.done),
        BatchState::Cancelled => tr!(locale, coupon_desk.cancelled),
    };
    let bad = (it.bad_count > 0).then(|| {
        let lines: Vec<String> = it
            .bad_lines
            .iter()
            .take(20)
            .map(|it| format!("{}: {}", it.line, it.code))
            .collect();
        let text = tr!(
            locale,
            coupon_desk.bad,
            n = it.bad_count,
            lines = lines.join(", ")
        );
        view! { <span class="row__note">{text}</span> }
    });
    let path = format!("/api/v1/code_batches/{}", it.id);
    let stop = (it.state == BatchState::Running && may_change()).then(|| stop(&path, batches));
    let file = (it.made > 0 && may_change()).then(|| download(&path, format!("{}.csv", it.id)));
    let when = desk.time(it.created_at);
    view! {
        <li class="row row--still row--wrap">
            <span class="row__main">
                <span class="row__title">{words.clone()}" · "{state}</span>
                <span class="row__note">{when}</span>
                {progress(bps, tr!(locale, coupon_desk.codes).to_owned(), words)}
                {bad}
            </span>
            <span class="row__acts">{stop}{file}</span>
        </li>
    }
    .into_any()
}

fn stop(path: &str, batches: Query<Vec<CodeBatch>>) -> AnyView {
    let locale = locale();
    let api = expect_context::<Api>();
    let toaster = expect_context::<Toaster>();
    let intent = Intent::new();
    let path = format!("{path}/cancellations");
    let click = move |_| {
        let (path, body) = (path.clone(), json!({}));
        let key = intent.key(&body);
        spawn_local(async move {
            if let Err(error) = api.post_text(&path, &body, Some(&key)).await {
                toaster.say(state::words_in(locale, &error).0);
            }
            batches.reload();
        });
    };
    view! { <button class="button button--small" type="button" on:click=click>{tr!(locale, coupon_desk.stop)}</button> }
        .into_any()
}

/// Asks for codes that the shop brings, typed or from a file, and says which lines were not taken.
fn import(path: String, batches: Query<Vec<CodeBatch>>, close: Callback<()>) -> AnyView {
    let locale = locale();
    let api = expect_context::<Api>();
    let toaster = expect_context::<Toaster>();
    let (form, lines) = (Form::new(), RwSignal::new(String::new()));
    let send = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        if !form.begin() {
            return;
        }
        let (path, lines) = (path.clone(), lines.get_untracked());
        spawn_local(async move {
            let answer = api.upload(&path, lines).await;
            let taken = form.end(answer).map(|it| api::read::<CodeBatch>(&it));
            if let Some(Ok(it)) = taken {
                let (n, bad) = (it.made, it.bad_count);
                toaster.say(tr!(locale, coupon_desk.imported, n = n, bad = bad));
                close.run(());
                batches.reload();
            }
        });
    };
    let pick = move |event: web_sys::Event| {
        let input = event.target().and_then(|it| it.dyn_into().ok());
        let file = input.and_then(|it: web_sys::HtmlInputElement| it.files()?.get(0));
        let Some(file) = file else { return };
        spawn_local(async move {
            let text = JsFuture::from(file.text()).await.ok();
            if let Some(text) = text.and_then(|it| it.as_string()) {
                lines.try_set(text);
            }
        });
    };
    view! {
        <Sheet title=tr!(locale, coupon_desk.import) close=close>
            <p class="muted">{tr!(locale, coupon_desk.import_hint)}</p>
            <form class="stack" novalidate=true on:submit=send>
                {form_error(form)}
                <div class="field">
                    <label class="field__label" for="import-file">{tr!(locale, coupon_desk.import_file)}</label>
                    <input class="input" id="import-file" type="file" accept=".csv,.txt,text/csv,text/plain" on:change=pick/>
                </div>
                <div class="field">
                    <label class="field__label" for="import-lines">{tr!(locale, coupon_desk.import_lines)}</label>
                    <textarea class="input input--area" id="import-lines" rows="6" spellcheck="false"
                        prop:value=lines on:input=move |event| lines.set(event_target_value(&event))></textarea>
                </div>
                {submit(form, tr!(locale, coupon_desk.import), tr!(locale, auth.working))}
            </form>
        </Sheet>
    }
    .into_any()
}

/// A button that reads the file with the session of this page and hands it to the browser.
fn download(path: &str, name: String) -> AnyView {
    let locale = locale();
    let api = expect_context::<Api>();
    let toaster = expect_context::<Toaster>();
    let path = format!("{path}/codes");
    let click = move |_| {
        let (path, name) = (path.clone(), name.clone());
        spawn_local(async move {
            let got = api.fetch(&path).await;
            let kept = got.and_then(|it| keep(&name, &it).ok_or(ApiError::Unreadable));
            if let Err(error) = kept {
                toaster.say(state::words_in(locale, &error).0);
            }
        });
    };
    view! { <button class="button button--small" type="button" on:click=click>{tr!(locale, coupon_desk.download)}</button> }
        .into_any()
}
