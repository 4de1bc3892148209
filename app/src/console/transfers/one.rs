//! One import: how far it got, what it did, what was wrong with which line, and taking it back.

use super::words::{bar, counts, import_badge, kind};
use super::{IMPORTS, KEY, TRANSFERS, may_change};
use crate::console::kit::act::{Act, Verb, act, finish, opener};
use crate::console::kit::desk::{Desk, head, page as desk_page};
use crate::console::kit::download::download;
use crate::console::kit::draft::Draft;
use crate::console::kit::follow::follow;
use crate::i18n::locale;
use crate::tr;
use crate::ui::address::{self, Address};
use crate::ui::icon::{Icon, icon};
use crate::ui::load::{first_of, listed, loaded};
use crate::ui::query::{self, Query};
use crate::ui::routes::param;
use crate::ui::sheet::sheet_at;
use crate::ui::{browser, live, state};
use leptos::prelude::*;
use serde_json::json;
use shared::transfers::ImportState;
use shared::transfers::api::{Import, ImportError};

/// Errors of one page.
const PAGE: usize = 50;

/// The page.
#[must_use]
pub fn page() -> AnyView {
    let locale = locale();
    desk_page(tr!(locale, transfers.one), |desk| {
        let id = param("id");
        let shown = live::part(move || one(&desk, &browser::encode(&id.get())));
        view! {
            <p><a class="link" href=TRANSFERS>{icon(Icon::Previous)}{tr!(locale, transfers.title)}</a></p>
            {shown}
        }
        .into_any()
    })
}

fn one(desk: &Desk, id: &str) -> AnyView {
    let path = format!("{IMPORTS}/{id}");
    let own = path.clone();
    let whole = query::query::<Import>(move || Some(own.clone()));
    follow(whole.source, |it: &Import| it.state.is_open());
    let top_desk = desk.clone();
    let top = loaded(whole, 4, move |it: Import| top(&top_desk, &it));
    // The lists read again when what they are of has ended.
    let said = Memo::new(move |_| {
        let texts = whole.source.texts()?;
        let it: Import = crate::api::read(texts.first()?).ok()?;
        Some((it.refused, it.undone + it.kept, it.state.is_open()))
    });
    let (first, second) = (path.clone(), path.clone());
    let lists = live::maybe(move || {
        let (refused, undone, _) = said.get()?;
        let wrong = (refused > 0).then(|| errors(&first, "import", undone == 0));
        let kept = (undone > 0).then(|| errors(&second, "undo", true));
        Some(view! { {wrong}{kept} }.into_any())
    });
    let own = desk.clone();
    let sheets = sheet_at(KEY, move |name, close| match name.as_str() {
        "undo" if may_change() => undo(&own, &path, whole, close),
        "stop" if may_change() => stop(&own, &path, whole, close),
        _ => ().into_any(),
    });
    view! { {top}{lists}{sheets} }.into_any()
}

fn top(desk: &Desk, it: &Import) -> AnyView {
    let locale = desk.locale;
    let name = it.file_name.clone();
    let title = name.unwrap_or_else(|| kind(locale, it.kind).to_owned());
    let stop = matches!(it.state, ImportState::Checking | ImportState::Running);
    let stop =
        (stop && may_change()).then(|| opener(KEY, "stop", "button", tr!(locale, transfers.stop)));
    let undo = (it.undo_until.is_some() && may_change()).then(|| {
        opener(
            KEY,
            "undo",
            "button button--bad",
            tr!(locale, transfers.undo),
        )
    });
    let actions = view! { {stop}{undo} }.into_any();
    let open = it.state.is_open();
    let bar = open.then(|| bar(desk, it.lines_done, it.lines));
    let figure = |name: &'static str, value: i64| {
        view! { <div class="fact"><dt class="fact__label">{name}</dt><dd class="fact__number">{desk.number(value)}</dd></div> }
    };
    let back = (it.undone + it.kept > 0).then(|| {
        view! { {figure(tr!(locale, transfers.undone), it.undone)}{figure(tr!(locale, transfers.kept), it.kept)} }
    });
    let until = it.undo_until.map(|at| {
        let text = tr!(locale, transfers.undo_until, time = desk.time(at));
        view! { <p class="row__note">{text}</p> }
    });
    let by = it
        .created_by_name
        .clone()
        .unwrap_or_else(|| it.created_by.clone());
    let note = format!(
        "{} · {} · {by}",
        kind(locale, it.kind),
        desk.time(it.created_at)
    );
    view! {
        {head(&title, "", actions)}
        <section class="card stack">
            <p class="tags" aria-live="polite">{import_badge(locale, it)}<span class="muted">{note}</span></p>
            {bar}
            <dl class="facts facts--figures">
                {figure(tr!(locale, transfers.all_lines), it.lines)}
                {figure(tr!(locale, transfers.added), it.added)}
                {figure(tr!(locale, transfers.changed), it.changed)}
                {figure(tr!(locale, transfers.unchanged), it.unchanged)}
                {figure(tr!(locale, transfers.refused), it.refused)}
                {back}
            </dl>
            <p class="sr-only">{counts(desk, it)}</p>
            {until}
        </section>
    }
    .into_any()
}

/// What is to be said of lines, with a button that takes all of it along. The address has one number
/// of pages: only one list of a page `grows`.
fn errors(path: &str, stage: &'static str, grows: bool) -> AnyView {
    let locale = locale();
    let list = format!("{path}/errors?stage={stage}&limit={PAGE}");
    let (title, id, file) = match stage {
        "undo" => (tr!(locale, transfers.kept_lines), "kept", "kept.csv"),
        _ => (tr!(locale, transfers.wrong_lines), "wrong", "errors.csv"),
    };
    let file_path = format!("{path}/error_file?stage={stage}");
    let blank = move || state::empty(tr!(locale, transfers.no_lines), "");
    let rows = if grows {
        let rows = query::pages::<ImportError>(move || Some(list.clone()), Address::here().pages());
        listed(
            rows,
            error_rows,
            blank,
            address::more_pages(Address::here()),
        )
    } else {
        first_of(query::query(move || Some(list.clone())), error_rows, blank)
    };
    view! {
        <section class="card stack" aria-labelledby=id>
            <div class="card__head">
                <h2 class="title" id=id>{title}</h2>
                {download(tr!(locale, transfers.download_errors), file, move || file_path.clone())}
            </div>
            {rows}
        </section>
    }
    .into_any()
}

/// Lines with what is to be said of them.
pub(super) fn error_rows(all: Vec<ImportError>) -> AnyView {
    let locale = locale();
    let row = |it: ImportError| {
        let line = tr!(locale, transfers.line, n = it.line);
        let column = it.column.map(|it| format!(" · {it}"));
        view! {
            <li class="row row--still row--top">
                <span class="row__main">
                    <span class="row__title">{line}{column}</span>
                    <span class="row__note">{it.message}</span>
                </span>
                <span class="row__note">{it.code}</span>
            </li>
        }
    };
    let rows = all.into_iter().map(row).collect_view();
    view! { <ul class="rows" role="list">{rows}</ul> }.into_any()
}

fn undo(desk: &Desk, path: &str, whole: Query<Import>, close: Callback<()>) -> AnyView {
    let locale = desk.locale;
    let it = Act {
        title: tr!(locale, transfers.undo).to_owned(),
        about: view! { <p>{tr!(locale, transfers.undo_about)}</p> }.into_any(),
        body: ().into_any(),
        button: tr!(locale, transfers.undo),
        grave: true,
        path: format!("{path}/undo"),
        verb: Verb::Post,
    };
    let done = finish(tr!(locale, transfers.undo_begun), close, move || {
        whole.reload()
    });
    act(Draft::new(json!({})), it, done, close)
}

fn stop(desk: &Desk, path: &str, whole: Query<Import>, close: Callback<()>) -> AnyView {
    let locale = desk.locale;
    let it = Act {
        title: tr!(locale, transfers.stop).to_owned(),
        about: view! { <p>{tr!(locale, transfers.stop_about)}</p> }.into_any(),
        body: ().into_any(),
        button: tr!(locale, transfers.stop),
        grave: true,
        path: format!("{path}/cancel"),
        verb: Verb::Post,
    };
    let done = finish(tr!(locale, transfers.stop_done), close, move || {
        whole.reload()
    });
    act(Draft::new(json!({})), it, done, close)
}
