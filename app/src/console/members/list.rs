//! The list of members; search and filters live in the address.

use super::status;
use crate::console::MEMBERS;
use crate::i18n::locale;
use crate::parts::shop;
use crate::tr;
use crate::ui::address::{self, Address};
use crate::ui::format::{self, Moment};
use crate::ui::icon::{Icon, icon};
use crate::ui::load::listed;
use crate::ui::ways::{Look, ways};
use crate::ui::{browser, page, query, state};
use leptos::prelude::*;
use leptos_router::hooks::use_navigate;
use shared::members::api::MemberRow;
use shared::text::Locale;

/// Rows of one page of the list.
const PAGE: usize = 50;

/// The page.
pub(in crate::console) fn list() -> AnyView {
    let locale = locale();
    page::arrive(tr!(locale, console.members));
    let zone = shop::programme().map(|it| it.time_zone).unwrap_or_default();
    let here = Address::here();
    let (asked, status) = (here.part("q"), here.part("status"));
    let path = move || {
        let mut path = format!("/api/v1/members?limit={PAGE}");
        for (key, value) in [("q", asked.get()), ("status", status.get())] {
            if let Some(value) = value {
                path.push_str(&format!("&{key}={}", browser::encode(&value)));
            }
        }
        Some(path)
    };
    let pages = here.pages();
    let rows = query::pages::<MemberRow>(path, pages);
    let blank = move || blank(locale, asked.get().is_some() || status.get().is_some());
    let note = tr!(locale, console.programme_zone, zone = zone);
    view! {
        {page::heading(tr!(locale, console.members), "greeting")}
        <div class="card stack">
            {search(locale, here.clone())}
            {filters(locale)}
            {listed(rows, move |it| table(locale, &zone, it), blank, address::more_pages(here))}
            <p class="row__note">{note}</p>
        </div>
    }
    .into_any()
}

fn blank(locale: Locale, filtered: bool) -> AnyView {
    if !filtered {
        return state::empty(
            tr!(locale, console.no_members),
            tr!(locale, console.no_members_hint),
        );
    }
    view! {
        {state::empty(tr!(locale, console.no_match), tr!(locale, console.no_match_hint))}
        <p class="centre"><a class="button" href=MEMBERS>{tr!(locale, points.clear)}</a></p>
    }
    .into_any()
}

fn search(locale: Locale, here: Address) -> AnyView {
    let text = RwSignal::new(String::new());
    let asked = here.part("q");
    Effect::new(move |_| text.set(asked.get().unwrap_or_default()));
    let navigate = use_navigate();
    let send = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        let typed = text.get_untracked().trim().to_owned();
        let typed = (!typed.is_empty()).then_some(typed);
        navigate(
            &here.with_now(&[("q", typed.as_deref()), ("pages", None)]),
            leptos_router::NavigateOptions::default(),
        );
    };
    view! {
        <form class="search" role="search" on:submit=send>
            <label class="sr-only" for="q">{tr!(locale, console.search)}</label>
            <input class="input" id="q" name="q" type="search" autocomplete="off"
                placeholder=tr!(locale, console.search_hint)
                prop:value=text on:input=move |event| text.set(event_target_value(&event))/>
            <button class="button button--main" type="submit">{icon(Icon::Search)}{tr!(locale, console.search_button)}</button>
        </form>
    }
    .into_any()
}

fn filters(locale: Locale) -> AnyView {
    let each = [
        (None, tr!(locale, console.any)),
        (Some("active"), tr!(locale, console.active)),
        (Some("frozen"), tr!(locale, console.frozen)),
    ];
    ways(
        tr!(locale, console.status),
        Look::Chips,
        "status",
        &["pages"],
        &each,
    )
}

fn table(locale: Locale, zone: &str, rows: Vec<MemberRow>) -> AnyView {
    let rows = rows
        .into_iter()
        .map(|it| row(locale, zone, it))
        .collect_view();
    view! {
        <table class="table">
            <thead>
                <tr>
                    <th scope="col">{tr!(locale, console.name)}</th>
                    <th scope="col" class="wide">{tr!(locale, console.contact)}</th>
                    <th scope="col" class="wide">{tr!(locale, console.external_id)}</th>
                    <th scope="col" class="wide">{tr!(locale, console.tier)}</th>
                    <th scope="col" class="number">{tr!(locale, console.available)}</th>
                    <th scope="col" class="wide">{tr!(locale, console.joined)}</th>
                    <th scope="col">{tr!(locale, console.status)}</th>
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </table>
    }
    .into_any()
}

fn row(locale: Locale, zone: &str, it: MemberRow) -> AnyView {
    let href = format!("{MEMBERS}/{}", it.id);
    let name = it
        .name
        .unwrap_or_else(|| tr!(locale, console.unnamed).to_owned());
    let contact = it.email.or(it.phone).unwrap_or_default();
    let tier = it.tier_name.get(locale).to_owned();
    view! {
        <tr>
            <td>
                <a class="table__link" href=href>{name}</a>
                <span class="row__note narrow">{tier.clone()}" "{contact.clone()}</span>
            </td>
            <td class="wide">{contact}</td>
            <td class="wide">{it.external_id}</td>
            <td class="wide">{tier}</td>
            <td class="number">{format::number(locale, it.points_available)}</td>
            <td class="wide">{format::moment(locale, zone, it.joined_at, Moment::Date)}</td>
            <td>{status(locale, it.status)}</td>
        </tr>
    }
    .into_any()
}
