//! The fields of a community: the edited value is the definition itself.

use super::one::{self, Subject};
use super::{API, COMMUNITIES, may_change};
use crate::console::kit::desk::{Desk, head, page as desk_page};
use crate::console::kit::draft::Draft;
use crate::console::kit::editor::{Editor, Spec};
use crate::console::kit::field::{Field, Kind, Number, field, fields};
use crate::console::kit::maker::maker;
use crate::console::kit::optional::optional;
use crate::console::kit::section::section;
use crate::i18n::locale;
use crate::tr;
use crate::ui::icon::{Icon, icon};
use leptos::prelude::*;
use serde_json::{Value, json};

/// A new community, before anything was typed: nobody is called at night.
fn blank() -> Value {
    json!({
        "name": "", "tags": [], "rules": "", "capacity": 500, "open": true,
        "pace": { "quiet": night(), "per_day": 2, "per_week": 10 },
    })
}

/// The hours of a night.
fn night() -> Value {
    json!({ "from": 22 * 60, "to": 8 * 60 })
}

/// The page that makes one.
#[must_use]
pub fn create() -> AnyView {
    let locale = locale();
    desk_page(tr!(locale, community_desk.title), |desk| {
        view! {
            <p><a class="link" href=COMMUNITIES>{icon(Icon::Previous)}{tr!(locale, community_desk.title)}</a></p>
            {new(&desk)}
        }
        .into_any()
    })
}

fn new(desk: &Desk) -> AnyView {
    let locale = desk.locale;
    let draft = Draft::new(blank());
    let form = maker(
        draft,
        API,
        tr!(locale, community_desk.saved),
        |id| format!("{COMMUNITIES}/{id}"),
        body(desk, draft),
    );
    view! {
        {head(tr!(locale, community_desk.add), tr!(locale, community_desk.add_hint), ().into_any())}
        {form}
    }
    .into_any()
}

/// The page that changes one.
#[must_use]
pub fn page() -> AnyView {
    one::page("/settings", edit)
}

fn edit(desk: &Desk, it: &Subject) -> AnyView {
    let whole = it.whole;
    let spec = Spec {
        part: "/definition",
        saved: |it| tr!(it, community_desk.saved),
        may: may_change(),
        closed: None,
        review: None,
    };
    let it = Editor::open(spec, it.path.clone());
    it.retell(move || whole.reload());
    let desk = desk.clone();
    it.form(move |it| body(&desk, it.draft))
}

fn body(desk: &Desk, draft: Draft) -> AnyView {
    let locale = desk.locale;
    let names = vec![
        field("/name", tr!(locale, community_desk.name), Kind::Text),
        field("/tags", tr!(locale, community_desk.tags), Kind::Names)
            .hint(tr!(locale, community_desk.tags_hint)),
        field("/rules", tr!(locale, community_desk.rules), Kind::Prose)
            .hint(tr!(locale, community_desk.rules_hint)),
    ];
    let people = Number::whole(tr!(locale, community_desk.unit_members));
    let joining = vec![
        field(
            "/capacity",
            tr!(locale, community_desk.capacity),
            Kind::Number(people),
        ),
        field(
            "/open",
            tr!(locale, community_desk.open_label),
            Kind::Toggle,
        )
        .hint(tr!(locale, community_desk.open_hint)),
    ];
    view! {
        {section(tr!(locale, community_desk.about), tr!(locale, community_desk.about_hint), fields(draft, names))}
        {section(tr!(locale, community_desk.joining), tr!(locale, community_desk.joining_hint), fields(draft, joining))}
        {section(tr!(locale, community_desk.pace), tr!(locale, community_desk.pace_hint), pace(desk, draft))}
    }
    .into_any()
}

/// How often and when its members may be called.
fn pace(desk: &Desk, draft: Draft) -> AnyView {
    let locale = desk.locale;
    let hours = move || {
        let hour = |at: &str, label| field(at, label, Kind::TimeOfDay);
        let both = vec![
            hour("/pace/quiet/from", tr!(locale, community_desk.quiet_from)),
            hour("/pace/quiet/to", tr!(locale, community_desk.quiet_to)),
        ];
        fields(draft, both)
    };
    let quiet = optional(
        draft,
        "/pace/quiet",
        tr!(locale, community_desk.quiet),
        night,
        hours,
    );
    let calls = |at: &str, label: &str| -> Field {
        let unit = Number::whole(tr!(locale, community_desk.unit_calls)).or_none();
        field(at, label, Kind::Number(unit)).hint(tr!(locale, rules.no_limit))
    };
    let most = vec![
        calls("/pace/per_day", tr!(locale, community_desk.per_day)),
        calls("/pace/per_week", tr!(locale, community_desk.per_week)),
    ];
    view! { {quiet}{fields(draft, most)}{desk.zone_note()} }.into_any()
}
