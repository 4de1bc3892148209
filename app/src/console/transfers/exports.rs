//! Files that go out: the list, and asking for one.

use super::words::{bar, export_badge, kind};
use super::{EXPORTS, KEY};
use crate::api::{Api, ApiError};
use crate::console::kit::act::{Act, Verb, act, finish};
use crate::console::kit::desk::Desk;
use crate::console::kit::download::keep;
use crate::console::kit::draft::Draft;
use crate::console::kit::field::{Kind, field};
use crate::console::kit::follow::follow;
use crate::tr;
use crate::ui::load::first_of;
use crate::ui::query::{self, Query};
use crate::ui::sheet::sheet_at;
use crate::ui::state;
use crate::ui::toast::Toaster;
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde_json::json;
use shared::page::Page;
use shared::transfers::api::Export;
use shared::transfers::{ExportState, TransferKind};

/// The card with the latest exports, and the sheet that asks for one.
pub(super) fn card(desk: &Desk) -> AnyView {
    let locale = desk.locale;
    let exports = query::query::<Export>(|| Some(format!("{EXPORTS}?limit=20")));
    follow(exports.source, |it: &Page<Export>| {
        it.data.iter().any(|it| it.state == ExportState::Running)
    });
    let own = desk.clone();
    let show = move |all: Vec<Export>| {
        let rows = all.iter().map(|it| row(&own, it)).collect_view();
        view! { <ul class="rows" role="list">{rows}</ul> }.into_any()
    };
    let blank = move || {
        state::empty(
            tr!(locale, transfers.no_exports),
            tr!(locale, transfers.no_exports_hint),
        )
    };
    let own = desk.clone();
    let sheets = sheet_at(KEY, move |name, close| match name.as_str() {
        "export" => ask(&own, exports, close),
        _ => ().into_any(),
    });
    view! {
        <section class="card stack" aria-labelledby="exports">
            <h2 class="title" id="exports">{tr!(locale, transfers.exports)}</h2>
            {first_of(exports, show, blank)}
        </section>
        {sheets}
    }
    .into_any()
}

fn row(desk: &Desk, it: &Export) -> AnyView {
    let locale = desk.locale;
    let format = it.format.as_str();
    let title = format!("{} · {}", kind(locale, it.kind), format.to_uppercase());
    let lines = tr!(locale, transfers.lines, n = desk.number(it.lines));
    let until = it.expires_at.map(|at| {
        let text = tr!(locale, transfers.kept_until, time = desk.time(at));
        format!(" · {text}")
    });
    let running = it.state == ExportState::Running;
    let bar = running.then(|| bar(desk, it.members_done, it.members));
    let fetch = (it.state == ExportState::Done).then(|| fetch(desk, it));
    view! {
        <li class="row row--still row--wrap">
            <span class="row__main">
                <span class="row__title">{title}</span>
                <span class="row__note">{desk.time(it.created_at)}" · "{lines}{until}</span>
                {bar}
            </span>
            {export_badge(locale, it)}
            <span class="row__acts">{fetch}</span>
        </li>
    }
    .into_any()
}

/// A button that reads the file with the session of this page and hands it to the browser.
fn fetch(desk: &Desk, it: &Export) -> AnyView {
    let locale = desk.locale;
    let api = expect_context::<Api>();
    let toaster = expect_context::<Toaster>();
    let path = format!("{EXPORTS}/{}/file", it.id);
    let name = format!("{}.{}", it.kind.as_str(), it.format.as_str());
    let label = format!("{} {name}", tr!(locale, transfers.download));
    let click = move |_| {
        let (path, name) = (path.clone(), name.clone());
        spawn_local(async move {
            let got = api.fetch(&path).await;
            let kept = got.and_then(|it| keep(&name, &it).ok_or(ApiError::Unreadable));
            match kept {
                Ok(()) => toaster.say(tr!(locale, kit.downloaded, file = name)),
                Err(error) => toaster.say(state::words_in(locale, &error).0),
            }
        });
    };
    view! {
        <button class="button button--small" type="button" aria-label=label on:click=click>{tr!(locale, transfers.download)}</button>
    }
    .into_any()
}

fn ask(desk: &Desk, exports: Query<Export>, close: Callback<()>) -> AnyView {
    let locale = desk.locale;
    let filter = json!({ "joined_from": null, "joined_to": null });
    let draft = Draft::new(json!({ "kind": "members", "format": "csv", "filter": filter }));
    let kinds = TransferKind::ALL.map(|it| (it.as_str(), kind(locale, it)));
    let zone = desk.zone.clone();
    let what = field("/kind", tr!(locale, transfers.kind), Kind::one_of(kinds));
    let formats = [("csv", "CSV"), ("ndjson", "NDJSON")];
    let format = field(
        "/format",
        tr!(locale, transfers.format),
        Kind::one_of(formats),
    );
    let from = field(
        "/filter/joined_from",
        tr!(locale, transfers.joined_from),
        Kind::Instant(zone.clone()),
    );
    let to = field(
        "/filter/joined_to",
        tr!(locale, transfers.joined_to),
        Kind::Instant(zone),
    );
    let it = Act {
        title: tr!(locale, transfers.new_export).to_owned(),
        about: view! { <p class="muted">{tr!(locale, transfers.export_about)}</p> }.into_any(),
        body: view! { {what.show(draft)}{format.show(draft)}{from.show(draft)}{to.show(draft)} }
            .into_any(),
        button: tr!(locale, transfers.export),
        grave: false,
        path: EXPORTS.to_owned(),
        verb: Verb::Post,
    };
    let done = finish(tr!(locale, transfers.export_begun), close, move || {
        exports.reload();
    });
    act(draft, it, done, close)
}
