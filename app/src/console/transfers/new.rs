//! Bringing a file in: what it is about, a first look, a trial that says what would happen, and then
//! the import itself.

use super::words::{bar, counts, import_badge, kind as kind_words};
use super::{IMPORTS, TRANSFERS, glance, may_change};
use crate::api::{self, Api, ApiError, Intent};
use crate::console::kit::desk::{Desk, head, page as desk_page};
use crate::console::kit::download::download;
use crate::console::kit::follow::follow;
use crate::i18n::locale;
use crate::tr;
use crate::ui::address::replace_by;
use crate::ui::choice::choice;
use crate::ui::form::{Form, form_error, submit};
use crate::ui::icon::{Icon, icon};
use crate::ui::load::{first_of, loaded};
use crate::ui::query;
use crate::ui::{browser, live};
use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::ids::ImportId;
use shared::transfers::api::{Import, ImportError};
use shared::transfers::{FileFormat, TransferKind};
use wasm_bindgen::JsCast;
use web_sys::File;

/// What is to be sent.
#[derive(Clone, Copy)]
struct Picked {
    kind: RwSignal<TransferKind>,
    file: StoredValue<Option<File>, LocalStorage>,
    /// The file's name and its beginning.
    seen: RwSignal<Option<(String, String)>>,
    all_or_nothing: RwSignal<bool>,
    /// The trial of what is picked now.
    trial: RwSignal<Option<ImportId>>,
    form: Form,
}

/// The page.
#[must_use]
pub fn page() -> AnyView {
    let locale = locale();
    desk_page(tr!(locale, transfers.new), |desk| {
        let picked = Picked {
            kind: RwSignal::new(TransferKind::Members),
            file: StoredValue::new_local(None),
            seen: RwSignal::new(None),
            all_or_nothing: RwSignal::new(false),
            trial: RwSignal::new(None),
            form: Form::new(),
        };
        let back = view! { <p><a class="link" href=TRANSFERS>{icon(Icon::Previous)}{tr!(locale, transfers.title)}</a></p> };
        if !may_change() {
            let text = tr!(locale, transfers.not_yours);
            return view! { {back}{head(tr!(locale, transfers.new), text, ().into_any())} }
                .into_any();
        }
        let trial = {
            let desk = desk.clone();
            live::maybe(move || {
                let id = picked.trial.get()?;
                Some(tried(&desk, id))
            })
        };
        view! {
            {back}
            {head(tr!(locale, transfers.new), tr!(locale, transfers.new_hint), ().into_any())}
            {what(picked)}
            {trial}
            {start(picked)}
        }
        .into_any()
    })
}

/// The kind, the file and a look at it.
fn what(picked: Picked) -> AnyView {
    let locale = locale();
    let kinds = TransferKind::ALL.map(|it| (it, it.as_str(), kind_words(locale, it)));
    let choose = move |it| {
        picked.kind.set(it);
        picked.trial.set(None);
    };
    let pick = move |event: web_sys::Event| {
        let input = event.target().and_then(|it| it.dyn_into().ok());
        let file = input.and_then(|it: web_sys::HtmlInputElement| it.files()?.get(0));
        picked.trial.set(None);
        picked.seen.set(None);
        picked.form.error.set(None);
        picked.file.set_value(file.clone());
        let Some(file) = file else { return };
        spawn_local(async move {
            if let Some(text) = glance::head(&file).await {
                // The page may have been left meanwhile.
                picked.seen.try_set(Some((file.name(), text)));
            }
        });
    };
    let template = live::part(move || {
        let kind = picked.kind.get();
        let path = move || format!("/api/v1/import_templates/{}", kind.as_str());
        download(tr!(locale, transfers.template), template_name(kind), path)
    });
    let looked = live::maybe(move || {
        let (name, text) = picked.seen.get()?;
        Some(glance::show(
            picked.kind.get(),
            glance::format(&name),
            &text,
        ))
    });
    view! {
        <section class="card stack">
            {choice("kind", tr!(locale, transfers.kind), kinds.to_vec(), move || picked.kind.get(), choose)}
            <p>{template}</p>
            <div class="field">
                <label class="field__label" for="file">{tr!(locale, transfers.file)}</label>
                <input class="input" id="file" type="file" aria-describedby="file-hint" accept=".csv,.ndjson,.jsonl,text/csv" on:change=pick/>
                <p class="field__hint" id="file-hint">{tr!(locale, transfers.file_hint)}</p>
            </div>
            {looked}
        </section>
    }
    .into_any()
}

const fn template_name(kind: TransferKind) -> &'static str {
    match kind {
        TransferKind::Members => "members.csv",
        TransferKind::Orders => "orders.csv",
        TransferKind::Points => "points.csv",
        TransferKind::Coupons => "coupons.csv",
    }
}

/// The buttons: first a trial, then the import.
fn start(picked: Picked) -> AnyView {
    let locale = locale();
    let (trial, real) = (Intent::new(), Intent::new());
    let api = expect_context::<Api>();
    let go = replace_by();
    let ready = Signal::derive(move || picked.seen.with(Option::is_none).then_some("true"));
    let send = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        let tried = picked.trial.with_untracked(Option::is_some);
        let Some(file) = picked.file.get_value() else {
            return;
        };
        if picked.seen.with_untracked(Option::is_none) || !picked.form.begin() {
            return;
        }
        let path = address(picked, &file.name(), !tried);
        let intent = if tried { real } else { trial };
        let key = intent.key(&format!("{path} {} {}", file.size(), file.last_modified()));
        let go = go.clone();
        spawn_local(async move {
            let answer = api.send_file(&path, file, &key).await;
            let begun = picked.form.end(answer).map(|it| api::read::<Import>(&it));
            match begun {
                Some(Ok(it)) if tried => {
                    real.done();
                    go(&format!("{TRANSFERS}/{}", it.id));
                }
                Some(Ok(it)) => {
                    trial.done();
                    picked.trial.try_set(Some(it.id));
                }
                Some(Err(error)) => {
                    picked.form.error.try_set(Some(error));
                }
                None => {}
            }
        });
    };
    let all = move |event| {
        picked.all_or_nothing.set(event_target_checked(&event));
    };
    let wrong = live::maybe(move || columns_error(picked.form.error.get()?));
    let button = live::part(move || {
        let label = match picked.trial.get() {
            Some(_) => tr!(locale, transfers.start),
            None => tr!(locale, transfers.try_it),
        };
        submit(picked.form, label, tr!(locale, transfers.sending))
    });
    view! {
        <form class="card stack" novalidate=true on:submit=send data-waits=ready>
            {form_error(picked.form)}
            {wrong}
            <label class="check">
                <input type="checkbox" prop:checked=picked.all_or_nothing on:change=all/>
                <span>{tr!(locale, transfers.all_or_nothing)}</span>
            </label>
            <p class="muted">{tr!(locale, transfers.start_hint)}</p>
            {button}
        </form>
    }
    .into_any()
}

/// What the server says of the columns of a file.
fn columns_error(error: ApiError) -> Option<AnyView> {
    let ApiError::Refused(problem) = error else {
        return None;
    };
    let rows = problem.errors.into_iter().map(|it| {
        view! { <li>{it.pointer}" · "{it.message}</li> }
    });
    Some(view! { <ul class="field__error">{rows.collect_view()}</ul> }.into_any())
}

fn address(picked: Picked, name: &str, dry_run: bool) -> String {
    let format = match glance::format(name) {
        FileFormat::Csv => "csv",
        FileFormat::Ndjson => "ndjson",
    };
    let kind = picked.kind.get_untracked().as_str();
    let all = picked.all_or_nothing.get_untracked() && !dry_run;
    let name: String = name.chars().take(100).collect();
    let name = browser::encode(&name);
    format!(
        "{IMPORTS}?kind={kind}&format={format}&dry_run={dry_run}&all_or_nothing={all}&file_name={name}"
    )
}

/// What a trial found.
fn tried(desk: &Desk, id: ImportId) -> AnyView {
    let locale = desk.locale;
    let path = format!("{IMPORTS}/{id}");
    let errors_path = format!("{path}/errors?limit=20");
    let trial = query::query::<Import>(move || Some(path.clone()));
    follow(trial.source, |it: &Import| it.state.is_open());
    let own = desk.clone();
    let show = move |it: Import| {
        if it.state.is_open() {
            return bar(&own, it.lines_done, it.lines);
        }
        let errors_path = errors_path.clone();
        let errors = query::query::<ImportError>(move || Some(errors_path.clone()));
        let wrong =
            (it.refused > 0).then(|| first_of(errors, super::one::error_rows, || ().into_any()));
        view! {
            <p>{import_badge(own.locale, &it)}" "{counts(&own, &it)}</p>
            {wrong}
        }
        .into_any()
    };
    view! {
        <section class="card stack" aria-labelledby="trial" aria-live="polite">
            <h2 class="title" id="trial">{tr!(locale, transfers.would)}</h2>
            {loaded(trial, 2, show)}
        </section>
    }
    .into_any()
}
