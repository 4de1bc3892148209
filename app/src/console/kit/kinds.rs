//! A list whose rows are of several kinds: a benefit, a reward, whatever comes next.

use super::Words;
use super::draft::Draft;
use super::field::Field;
use super::section::remove;
use crate::i18n::locale;
use crate::tr;
use crate::ui::live;
use leptos::prelude::*;
use serde_json::Value;
use shared::text::Locale;

/// What the rows can be.
#[derive(Clone, Copy)]
pub struct Kinds {
    /// What the list is called.
    pub legend: Words,
    /// The choice of one more.
    pub add: Words,
    /// Every kind, as the wire names it.
    pub all: &'static [&'static str],
    /// Those of which there may be several.
    pub several: &'static [&'static str],
    /// What a kind is called.
    pub name: fn(Locale, &str) -> &'static str,
    /// A new row of a kind, for a place of the list.
    pub fresh: fn(&str, usize) -> Value,
}

/// The list at a pointer. `inputs` gives the fields of the row at a pointer, of a kind; a row
/// without fields is its name alone.
pub fn list(
    kinds: Kinds,
    draft: Draft,
    at: String,
    inputs: impl Fn(&str, &str) -> Vec<Field> + Send + 'static,
) -> AnyView {
    let locale = locale();
    let (watched, within) = (at.clone(), at.clone());
    let there = Memo::new(move |_| kinds_of(draft, &watched));
    let rows = live::part(move || {
        let rows = there.get().into_iter().enumerate();
        let rows = rows.map(|(place, kind)| {
            let fields = inputs(&format!("{within}/{place}"), &kind);
            row(draft, &within, place, (kinds.name)(locale, &kind), fields)
        });
        view! { <ul class="stack stack--tight" role="list">{rows.collect_view()}</ul> }.into_any()
    });
    view! {
        <fieldset class="field">
            <legend class="field__label">{(kinds.legend)(locale)}</legend>
            {rows}
            {add(kinds, draft, at, there)}
        </fieldset>
    }
    .into_any()
}

/// The kinds that are there, in order.
fn kinds_of(draft: Draft, at: &str) -> Vec<String> {
    let list = draft.at(at);
    let list = list.as_array().map(Vec::as_slice).unwrap_or_default();
    let kind = |it: &Value| it["kind"].as_str().unwrap_or_default().to_owned();
    list.iter().map(kind).collect()
}

/// The choice of one more.
fn add(kinds: Kinds, draft: Draft, at: String, there: Memo<Vec<String>>) -> AnyView {
    let locale = locale();
    let options = live::part(move || {
        let free = kinds.all.iter().filter(|it| {
            kinds.several.contains(it) || !there.with(|all| all.iter().any(|one| one == *it))
        });
        let options =
            free.map(|it| view! { <option value=*it>{(kinds.name)(locale, it)}</option> });
        view! { <option value="">{(kinds.add)(locale)}</option>{options.collect_view()} }.into_any()
    });
    let choose = move |event: web_sys::Event| {
        let kind = event_target_value(&event);
        if !kind.is_empty() {
            draft.change_list(&at, |it| it.push((kinds.fresh)(&kind, it.len())));
        }
    };
    view! {
        <select class="input input--select input--short" aria-label=(kinds.add)(locale) on:change=choose>{options}</select>
    }
    .into_any()
}

fn row(draft: Draft, list: &str, place: usize, name: &'static str, fields: Vec<Field>) -> AnyView {
    let class = match fields.len() {
        0 | 1 => "line line--one",
        _ => "line",
    };
    let alone = fields
        .is_empty()
        .then(|| view! { <span class="line__name">{name}</span> });
    let fields = fields.into_iter().map(|it| it.show(draft)).collect_view();
    let (list, at) = (list.to_owned(), format!("{list}/{place}"));
    let take_out = move |_| {
        draft.change_list(&list, |it| {
            it.remove(place);
        });
    };
    // What the server says of the row as a whole, such as that its kind is there twice.
    let wrong = move || {
        let text = draft.wrong(&at)?;
        Some(view! { <p class="field__error">{text}</p> }.into_any())
    };
    view! {
        <li>
            <div class=class>
                {alone}
                {fields}
                {remove(format!("{} {name}", tr!(locale(), kit.remove)), take_out)}
            </div>
            {live::maybe(wrong)}
        </li>
    }
    .into_any()
}
