//! The fields of an endpoint: the edited value is the definition itself.

use super::may_change;
use super::one::{self, Subject};
use super::words::event;
use crate::console::kit::desk::Desk;
use crate::console::kit::draft::Draft;
use crate::console::kit::editor::{Editor, Spec};
use crate::console::kit::field::{Field, Kind, field, fields};
use crate::console::kit::section::section;
use crate::console::kit::several::several_of;
use crate::tr;
use leptos::prelude::*;
use shared::text::Locale;
use shared::webhooks::events::EventType;

/// The page.
#[must_use]
pub fn page() -> AnyView {
    one::page("/settings", edit)
}

fn edit(desk: &Desk, it: &Subject) -> AnyView {
    let whole = it.whole;
    let spec = Spec {
        part: "/definition",
        saved: |it| tr!(it, webhook_desk.saved),
        may: may_change(),
        closed: None,
        review: None,
    };
    let it = Editor::open(spec, it.path.clone());
    it.retell(move || whole.reload());
    let locale = desk.locale;
    it.form(move |it| body(locale, it.draft))
}

fn body(locale: Locale, draft: Draft) -> AnyView {
    let whither = vec![
        field("/name", tr!(locale, webhook_desk.name), Kind::Text)
            .hint(tr!(locale, webhook_desk.name_hint)),
        field("/url", tr!(locale, webhook_desk.url), Kind::Text)
            .hint(tr!(locale, webhook_desk.url_hint)),
    ];
    let what = vec![
        events_field(locale),
        field("/ordered", tr!(locale, webhook_desk.ordered), Kind::Toggle)
            .hint(tr!(locale, webhook_desk.ordered_hint)),
    ];
    view! {
        {section(tr!(locale, webhook_desk.whither), tr!(locale, webhook_desk.whither_hint), fields(draft, whither))}
        {section(tr!(locale, webhook_desk.what), tr!(locale, webhook_desk.what_hint), fields(draft, what))}
    }
    .into_any()
}

/// What an endpoint is told of.
pub(super) fn events_field(locale: Locale) -> Field {
    let all = EventType::ALL.iter();
    let ways = all.map(|it| (it.as_str(), event(locale, *it)));
    field(
        "/events",
        tr!(locale, webhook_desk.events),
        several_of(ways),
    )
    .hint(tr!(locale, webhook_desk.events_hint))
}
