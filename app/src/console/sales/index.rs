//! All sales that one may see, by what they are doing.

use super::{API, SALES, may_change, phase_name};
use crate::console::kit::desk::{Desk, head, page as desk_page};
use crate::console::kit::filters::{Filter, Filters};
use crate::console::kit::table::{Column, badge, main_link, table, text};
use crate::i18n::locale;
use crate::tr;
use crate::ui::address::{self, Address};
use crate::ui::format::{self, Moment};
use crate::ui::icon::{Icon, icon};
use crate::ui::load::listed;
use crate::ui::meter::share;
use crate::ui::query;
use leptos::prelude::*;
use shared::sales::Phase;
use shared::sales::api::FlashSale;
use shared::text::Locale;

const COLUMNS: &[Column<FlashSale>] = &[
    Column {
        title: |it| tr!(it, sale_desk.one),
        class: "",
        sort: None,
        cell: |desk, it| {
            let title = it.definition.title.get(desk.locale).to_owned();
            let starts = it.definition.starts_at;
            let note = format::moment(desk.locale, &desk.zone, starts, Moment::Recent);
            main_link(address_of(it), title, note)
        },
    },
    Column {
        title: |it| tr!(it, console.status),
        class: "",
        sort: None,
        cell: |desk, it| state_badges(desk.locale, it.phase, it.paused),
    },
    Column {
        title: |it| tr!(it, sale_desk.starts),
        class: "wide",
        sort: None,
        cell: |desk, it| text(desk.time(it.definition.starts_at)),
    },
    Column {
        title: |it| tr!(it, sale_desk.ends),
        class: "wide",
        sort: None,
        cell: |desk, it| text(desk.time(it.definition.ends_at)),
    },
    Column {
        title: |it| tr!(it, sale_desk.taken),
        class: "short",
        sort: None,
        cell: taken,
    },
];

/// Where one looks at a sale first: how it runs while it runs, what it brought once it is over.
fn address_of(it: &FlashSale) -> String {
    let part = match it.phase {
        Phase::Early | Phase::Live => "/live",
        Phase::Ended => "/report",
        Phase::Draft | Phase::Scheduled | Phase::Cancelled => "",
    };
    format!("{SALES}/{}{part}", it.id)
}

/// What a sale is doing, and whether it is stopped for the moment.
pub(super) fn state_badges(locale: Locale, phase: Phase, paused: bool) -> AnyView {
    let (name, tone) = phase_name(locale, phase);
    let open = !matches!(phase, Phase::Ended | Phase::Cancelled);
    let paused = (paused && open).then(|| badge(tr!(locale, sale_desk.paused), "bad"));
    view! { <span class="tags">{badge(name, tone)}{paused}</span> }.into_any()
}

/// How much of a sale's stock is held or sold, as a bar below the numbers.
fn taken(desk: &Desk, it: &FlashSale) -> AnyView {
    let all: i64 = it.stock.iter().map(|it| it.stock).sum();
    let gone: i64 = it.stock.iter().map(|it| it.held + it.sold).sum();
    let words = tr!(
        desk.locale,
        coupon_desk.of,
        a = desk.number(gone),
        b = desk.number(all)
    );
    view! { <span>{words}</span>{share(gone, all)} }.into_any()
}

/// The page.
#[must_use]
pub fn page() -> AnyView {
    let locale = locale();
    let title = tr!(locale, sale_desk.title);
    desk_page(title, |desk| {
        let here = Address::here();
        let phases = [
            ("live", tr!(locale, sale_desk.live)),
            ("scheduled", tr!(locale, sale_desk.scheduled)),
            ("draft", tr!(locale, sale_desk.draft)),
            ("ended", tr!(locale, sale_desk.ended)),
            ("cancelled", tr!(locale, sale_desk.cancelled)),
        ];
        let all = std::iter::once((None, tr!(locale, points.all)));
        let phases = all.chain(phases.map(|(name, text)| (Some(name), text)));
        let chips = Filter::Chips("phase", tr!(locale, console.status), phases.collect());
        let filters = Filters::here(&desk.zone, vec![chips], Vec::new());
        let asked = filters.clone();
        let path = move || Some(format!("{API}?limit=50{}", asked.query()));
        let rows = query::pages::<FlashSale>(path, here.pages());
        let note = desk.zone_note();
        let show = move |all: Vec<FlashSale>| table(&desk, title, COLUMNS, &all);
        let narrowed = filters.clone();
        let blank = move || {
            let hint = tr!(locale, sale_desk.none_hint);
            narrowed.blank(tr!(locale, sale_desk.none), hint)
        };
        let add = may_change().then(|| {
            view! { <a class="button button--main" href=format!("{SALES}/new")>{icon(Icon::Plus)}{tr!(locale, sale_desk.add)}</a> }
        });
        view! {
            {head(title, tr!(locale, sale_desk.hint), add.into_any())}
            <div class="card stack">
                {filters.bar()}
                {listed(rows, show, blank, address::more_pages(here))}
                {note}
            </div>
        }
        .into_any()
    })
}
