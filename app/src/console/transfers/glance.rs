//! A first look at a file before it is sent: its columns and first rows.

use crate::i18n::locale;
use crate::tr;
use leptos::prelude::*;
use shared::transfers::columns::{glance, place_columns};
use shared::transfers::{FileFormat, TransferKind};
use wasm_bindgen_futures::JsFuture;
use web_sys::File;

/// How much of a file is looked at, in bytes.
const HEAD: f64 = 65_536.0;
/// Rows that are shown.
const ROWS: usize = 5;

/// The beginning of a file as text; `None` when the browser cannot read it.
pub(super) async fn head(file: &File) -> Option<String> {
    let part = file.slice_with_f64_and_f64(0.0, HEAD).ok()?;
    let text = JsFuture::from(part.text()).await.ok()?.as_string()?;
    Some(text.trim_start_matches('\u{feff}').to_owned())
}

/// How a file is written, by its name.
pub(super) fn format(name: &str) -> FileFormat {
    let name = name.to_ascii_lowercase();
    let json = [".ndjson", ".jsonl", ".json"];
    if json.iter().any(|end| name.ends_with(end)) {
        FileFormat::Ndjson
    } else {
        FileFormat::Csv
    }
}

/// Whether the columns of a file are those of its kind, and its first rows.
pub(super) fn show(kind: TransferKind, format: FileFormat, head: &str) -> AnyView {
    match format {
        FileFormat::Csv => columns(kind, head),
        FileFormat::Ndjson => lines(head),
    }
}

fn columns(kind: TransferKind, head: &str) -> AnyView {
    let locale = locale();
    let mut rows = head.lines().map(glance);
    let names = rows.next().unwrap_or_default();
    let names: Vec<String> = names.iter().map(|it| it.trim().to_owned()).collect();
    let header: Vec<&str> = names.iter().map(String::as_str).collect();
    let verdict = match place_columns(kind, &header) {
        Ok(_) => view! { <p class="banner banner--good"><span>{tr!(locale, transfers.columns_right)}</span></p> }.into_any(),
        Err(errors) => {
            let wrong = |code: &str| {
                let found = errors.iter().filter(|it| it.code == code);
                found.map(|it| it.pointer.clone()).collect::<Vec<_>>().join(", ")
            };
            let line = |names: String, text: fn(String) -> String| (!names.is_empty()).then(|| view! { <li>{text(names)}</li> });
            let missing = line(wrong("required"), |names| tr!(crate::i18n::locale(), transfers.missing, names = names));
            let unknown = line(wrong("unknown"), |names| tr!(crate::i18n::locale(), transfers.unknown, names = names));
            let twice = line(wrong("duplicate"), |names| tr!(crate::i18n::locale(), transfers.named_twice, names = names));
            view! {
                <div class="banner banner--warn" role="alert">
                    <div><p>{tr!(locale, transfers.columns_wrong)}</p><ul>{missing}{unknown}{twice}</ul></div>
                </div>
            }
            .into_any()
        }
    };
    let cells = |it: Vec<String>| {
        let cells = it
            .into_iter()
            .map(|it| view! { <td>{it}</td> })
            .collect_view();
        view! { <tr>{cells}</tr> }
    };
    let rows: Vec<_> = rows
        .filter(|it| it.iter().any(|it| !it.is_empty()))
        .take(ROWS)
        .map(cells)
        .collect();
    let heads = names
        .into_iter()
        .map(|it| view! { <th scope="col">{it}</th> })
        .collect_view();
    view! {
        {verdict}
        <div class="glance" tabindex="0" role="region" aria-label=tr!(locale, transfers.first_rows)>
            <table class="table">
                <thead><tr>{heads}</tr></thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
    .into_any()
}

fn lines(head: &str) -> AnyView {
    let locale = locale();
    let text: Vec<&str> = head
        .lines()
        .filter(|it| !it.trim().is_empty())
        .take(ROWS)
        .collect();
    view! {
        <pre class="code" tabindex="0" role="region" aria-label=tr!(locale, transfers.first_rows)>{text.join("\n")}</pre>
    }
    .into_any()
}
