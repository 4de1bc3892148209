//! The ledger with its filters, which live in the address.

use super::entry::{by_month, kind_name};
use super::{asset_name, asset_of};
use crate::parts::Subject;
use crate::tr;
use crate::ui::address::{self, Address};
use crate::ui::load::listed;
use crate::ui::ways::{Look, ways};
use crate::ui::{browser, live, query, state, zoned};
use leptos::prelude::*;
use shared::points::EntryKind;
use shared::points::api::Entry;
use shared::text::Locale;

/// The kinds that can be asked for, with their names in addresses.
const KINDS: [(EntryKind, &str); 6] = [
    (EntryKind::Earn, "earn"),
    (EntryKind::Spend, "spend"),
    (EntryKind::Expire, "expire"),
    (EntryKind::Clawback, "clawback"),
    (EntryKind::Restore, "restore"),
    (EntryKind::Adjust, "adjust"),
];

/// Parts of the address that narrow the list, and how far it is read.
pub const FILTERS: [&str; 4] = ["kind", "from", "to", "pages"];

/// A member's ledger with filters by kind and date.
#[must_use]
pub fn ledger(subject: Subject) -> AnyView {
    let here = Address::here();
    let parts = [
        here.part("asset"),
        here.part("kind"),
        here.part("from"),
        here.part("to"),
    ];
    let (base, zone) = (subject.base.clone(), subject.zone.clone());
    let path = move || {
        let [asset, kind, from, to] = parts.map(|it| it.get());
        let asset = asset_name(asset_of(asset.as_deref()));
        let mut path = format!("{base}/points/entries?asset={asset}");
        let from = from.and_then(|it| zoned::start_of_day(&zone, &it));
        let to = to.and_then(|it| zoned::end_of_day(&zone, &it));
        for (key, value) in [("kind", kind), ("from", from), ("to", to)] {
            if let Some(value) = value {
                path.push_str(&format!("&{key}={}", browser::encode(&value)));
            }
        }
        Some(path)
    };
    let pages = here.pages();
    let rows = query::pages::<Entry>(path, pages);
    let locale = subject.amounts.locale;
    let blank = {
        let here = here.clone();
        move || blank(locale, &here)
    };
    let more = address::more_pages(here.clone());
    view! {
        {filters(locale, &here)}
        {listed(rows, move |it| by_month(&subject, &it), blank, more)}
    }
    .into_any()
}

fn is_filtered(here: &Address) -> bool {
    FILTERS[..3].iter().any(|it| here.get(it).is_some())
}

fn without_filters(here: &Address) -> String {
    here.with(&FILTERS.map(|it| (it, None)))
}

fn blank(locale: Locale, here: &Address) -> AnyView {
    if !is_filtered(here) {
        return state::empty(tr!(locale, points.empty), tr!(locale, points.empty_hint));
    }
    view! {
        {state::empty(tr!(locale, points.filtered), tr!(locale, points.filtered_hint))}
        <p class="centre"><a class="button" data-noscroll="" href=without_filters(here)>{tr!(locale, points.clear)}</a></p>
    }
    .into_any()
}

fn filters(locale: Locale, here: &Address) -> AnyView {
    let mut kinds = vec![(None, tr!(locale, points.all))];
    kinds.extend(
        KINDS
            .iter()
            .map(|(kind, name)| (Some(*name), kind_name(locale, *kind))),
    );
    let one = here.clone();
    let clear = move || {
        is_filtered(&one).then(|| {
            let href = without_filters(&one);
            view! { <a class="button button--small" data-noscroll="" href=href>{tr!(locale, points.clear)}</a> }
                .into_any()
        })
    };
    view! {
        {ways(tr!(locale, points.kind), Look::Chips, "kind", &["pages"], &kinds)}
        <div class="dates" role="group" aria-label=tr!(locale, points.dates)>
            {date(tr!(locale, points.from), "from", here)}
            {date(tr!(locale, points.to), "to", here)}
            {live::maybe(clear)}
        </div>
    }
    .into_any()
}

/// One end of the range of dates.
fn date(label: &'static str, name: &'static str, here: &Address) -> AnyView {
    let (one, two) = (here.clone(), here.clone());
    let go = address::replace_by();
    let change = move |event: web_sys::Event| {
        let value = event_target_value(&event);
        let value = (!value.is_empty()).then_some(value);
        go(&two.with_now(&[(name, value.as_deref()), ("pages", None)]));
    };
    let value = Signal::derive(move || one.get(name).unwrap_or_default());
    view! {
        <label class="dates__one">
            <span class="muted">{label}</span>
            <input class="input" type="date" name=name prop:value=value on:change=change/>
        </label>
    }
    .into_any()
}
