//! The list of imports and exports.

use super::words::{bar, counts, import_badge, kind};
use super::{IMPORTS, KEY, TRANSFERS, exports, may_change};
use crate::console::kit::act::opener;
use crate::console::kit::desk::{Desk, head, page as desk_page};
use crate::console::kit::follow::follow;
use crate::i18n::locale;
use crate::tr;
use crate::ui::address::{self, Address};
use crate::ui::icon::{Icon, icon};
use crate::ui::load::listed;
use crate::ui::query::{self, Query};
use crate::ui::state;
use leptos::prelude::*;
use shared::page::Page;
use shared::transfers::api::Import;

/// The page.
#[must_use]
pub fn page() -> AnyView {
    let locale = locale();
    desk_page(tr!(locale, transfers.title), |desk| {
        let imports = query::pages::<Import>(
            || Some(format!("{IMPORTS}?limit=20")),
            Address::here().pages(),
        );
        let add = may_change().then(|| {
            let href = format!("{TRANSFERS}/new");
            view! { <a class="button button--main" href=href>{icon(Icon::Plus)}{tr!(locale, transfers.new)}</a> }
        });
        let export = opener(KEY, "export", "button", tr!(locale, transfers.new_export));
        let actions = view! { {export}{add} }.into_any();
        let note = desk.zone_note();
        view! {
            {head(tr!(locale, transfers.title), tr!(locale, transfers.hint), actions)}
            <section class="card stack" aria-labelledby="imports">
                <h2 class="title" id="imports">{tr!(locale, transfers.imports)}</h2>
                {list(&desk, imports)}
            </section>
            {exports::card(&desk)}
            {note}
        }
        .into_any()
    })
}

fn list(desk: &Desk, imports: Query<Import>) -> AnyView {
    let (locale, desk) = (desk.locale, desk.clone());
    follow(imports.source, |it: &Page<Import>| {
        it.data.iter().any(|it| it.state.is_open())
    });
    let show = move |all: Vec<Import>| {
        let rows = all.iter().map(|it| row(&desk, it)).collect_view();
        view! { <ul class="rows" role="list">{rows}</ul> }.into_any()
    };
    let blank = move || {
        state::empty(
            tr!(locale, transfers.none),
            tr!(locale, transfers.none_hint),
        )
    };
    listed(imports, show, blank, address::more_pages(Address::here()))
}

fn row(desk: &Desk, it: &Import) -> AnyView {
    let locale = desk.locale;
    let href = format!("{TRANSFERS}/{}", it.id);
    let name = it.file_name.clone();
    let title = name.unwrap_or_else(|| kind(locale, it.kind).to_owned());
    let what = kind(locale, it.kind);
    let open = it.state.is_open();
    let bar = open.then(|| bar(desk, it.lines_done, it.lines));
    view! {
        <li>
            <a class="row row--top" href=href>
                <span class="row__main">
                    <span class="row__title">{title}</span>
                    <span class="row__note">{what}" · "{desk.time(it.created_at)}" · "{counts(desk, it)}</span>
                    {bar}
                </span>
                {import_badge(locale, it)}
            </a>
        </li>
    }
    .into_any()
}
