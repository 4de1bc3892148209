//! The one table: columns as data, headings that sort, rows that arrow keys walk through.

use super::Words;
use super::desk::Desk;
use crate::tr;
use crate::ui::address::Address;
use leptos::prelude::*;
use shared::text::Locale;
use wasm_bindgen::JsCast;

/// A column.
pub struct Column<T: 'static> {
    /// Its heading.
    pub title: Words,
    /// How it stands: `number`, `wide` for what a phone leaves out.
    pub class: &'static str,
    /// What the server calls the rising and the falling order, where it can sort.
    pub sort: Option<(&'static str, &'static str)>,
    /// A cell.
    pub cell: fn(&Desk, &T) -> AnyView,
}

/// Rows of a list. Where a screen is too narrow for columns, each cell stands on a line with its
/// heading.
pub fn table<T>(
    desk: &Desk,
    label: &'static str,
    columns: &'static [Column<T>],
    rows: &[T],
) -> AnyView {
    let here = Address::here();
    let heads = columns
        .iter()
        .map(|it| heading(desk.locale, &here, it.title, it.class, it.sort))
        .collect_view();
    let body = rows
        .iter()
        .map(|row| {
            let cells = columns
                .iter()
                .map(|it| {
                    let title = (it.title)(desk.locale);
                    view! { <td class=it.class data-title=title>{(it.cell)(desk, row)}</td> }
                })
                .collect_view();
            view! { <tr>{cells}</tr> }
        })
        .collect_view();
    view! {
        <table class="table table--rows" aria-label=label on:keydown=walk>
            <thead><tr>{heads}</tr></thead>
            <tbody>{body}</tbody>
        </table>
    }
    .into_any()
}

/// A heading; where the server can sort it is a link that turns the order round.
fn heading(
    locale: Locale,
    here: &Address,
    title: Words,
    class: &'static str,
    sort: Option<(&'static str, &'static str)>,
) -> AnyView {
    let text = title(locale);
    let Some((rising, falling)) = sort else {
        return view! { <th scope="col" class=class>{text}</th> }.into_any();
    };
    let asked = here.part("sort");
    let place = move || match asked.get() {
        Some(it) if it == rising => Some("ascending"),
        Some(it) if it == falling => Some("descending"),
        _ => None,
    };
    let here = here.clone();
    let href = Signal::derive(move || {
        let next = match place() {
            None => Some(falling),
            Some("descending") => Some(rising),
            Some(_) => None,
        };
        here.with(&[("sort", next), ("pages", None)])
    });
    let mark = move || match place() {
        Some("ascending") => "↑",
        Some(_) => "↓",
        None => "↕",
    };
    let label = tr!(locale, kit.sort_by, name = text);
    view! {
        <th scope="col" class=class aria-sort=Signal::derive(place)>
            <a class="table__sort" data-noscroll="" href=href aria-label=label>
                {text}<span aria-hidden="true">{mark}</span>
            </a>
        </th>
    }
    .into_any()
}

/// The arrow keys go from the link of a row to that of the next or the one before.
fn walk(event: web_sys::KeyboardEvent) {
    let down = match event.key().as_str() {
        "ArrowDown" => true,
        "ArrowUp" => false,
        _ => return,
    };
    let row = event
        .target()
        .and_then(|it| it.dyn_into::<web_sys::Element>().ok())
        .and_then(|it| it.closest("tbody tr").ok().flatten());
    let next = row.and_then(|it| match down {
        true => it.next_element_sibling(),
        false => it.previous_element_sibling(),
    });
    let link = next.and_then(|it| it.query_selector(".table__link").ok().flatten());
    if let Some(link) = link.and_then(|it| it.dyn_into::<web_sys::HtmlElement>().ok()) {
        event.prevent_default();
        // Only an element that is not there cannot take the focus.
        let _ = link.focus();
    }
}

/// The link of a row, with what a phone shows below it in place of the columns it leaves out.
#[must_use]
pub fn main_link(href: String, text: String, note: String) -> AnyView {
    view! {
        <a class="table__link" href=href>{text}</a>
        <span class="row__note narrow">{note}</span>
    }
    .into_any()
}

/// The link of a row that opens a sheet over the list.
#[must_use]
pub fn sheet_link(href: String, text: String, note: String) -> AnyView {
    view! {
        <a class="table__link" data-noscroll="" href=href aria-haspopup="dialog">{text}</a>
        <span class="row__note narrow">{note}</span>
    }
    .into_any()
}

/// Text of a cell.
#[must_use]
pub fn text(text: impl Into<String>) -> AnyView {
    let text: String = text.into();
    text.into_any()
}

/// A word in a colour that says how it stands.
#[must_use]
pub fn badge(text: impl Into<String>, tone: &'static str) -> AnyView {
    let text: String = text.into();
    view! { <span class="badge" data-tone=tone>{text}</span> }.into_any()
}
