//! Days on which check-in did not work: they end nobody's streak.

use super::may_change;
use crate::console::kit::act::{Act, Verb, act, finish};
use crate::console::kit::desk::Desk;
use crate::console::kit::draft::Draft;
use crate::console::kit::field::{Kind, field, fields};
use crate::console::kit::section::section;
use crate::tr;
use crate::ui::address::Address;
use crate::ui::format::{self, Moment};
use crate::ui::load::loaded;
use crate::ui::query::{self, Query};
use crate::ui::sheet::sheet_at;
use crate::ui::{state, zoned};
use leptos::prelude::*;
use serde_json::json;
use shared::tasks::api::Outage;
use shared::time::{Day, Timestamp};

/// The part of the address that names the open sheet.
const KEY: &str = "do";

/// The list, and declaring one more.
pub(super) fn outages(desk: &Desk) -> AnyView {
    let locale = desk.locale;
    let all = query::query::<Vec<Outage>>(|| Some("/api/v1/check_in_outages".to_owned()));
    let declare = may_change().then(|| {
        let href = Address::here().with_now(&[(KEY, Some("outage"))]);
        view! { <p><a class="button" data-noscroll="" href=href aria-haspopup="dialog">{tr!(locale, outage.declare)}</a></p> }
    });
    let (list_desk, sheet_desk) = (desk.clone(), desk.clone());
    let list = move |rows: Vec<Outage>| {
        if rows.is_empty() {
            return state::empty(tr!(locale, outage.none), tr!(locale, outage.none_hint));
        }
        let rows = rows.iter().map(|it| row(&list_desk, it)).collect_view();
        view! { <ul class="rows" role="list">{rows}</ul> }.into_any()
    };
    let body = view! {
        {loaded(all, 2, list)}
        {declare}
        {sheet_at(KEY, move |_, close| sheet(&sheet_desk, all, close))}
    };
    section(
        tr!(locale, outage.title),
        tr!(locale, outage.hint),
        body.into_any(),
    )
}

fn row(desk: &Desk, it: &Outage) -> AnyView {
    let day = |day: Day| {
        let at: Result<Timestamp, _> = format!("{day}T00:00:00Z").parse();
        at.map_or_else(
            |_| day.to_string(),
            |at| format::moment(desk.locale, "UTC", at, Moment::Date),
        )
    };
    let days = if it.first_day == it.last_day {
        day(it.first_day)
    } else {
        format!("{} – {}", day(it.first_day), day(it.last_day))
    };
    view! {
        <li class="row row--still">
            <span class="row__main">
                <span class="row__title">{days}</span>
                <span class="row__note">{it.reason.clone()}</span>
                <span class="row__note">{desk.time(it.created_at)}</span>
            </span>
        </li>
    }
    .into_any()
}

fn sheet(desk: &Desk, all: Query<Vec<Outage>>, close: Callback<()>) -> AnyView {
    let locale = desk.locale;
    let today = zoned::today(&desk.zone).unwrap_or_default();
    let draft = Draft::new(json!({ "first_day": today, "last_day": today, "reason": "" }));
    let days = vec![
        field("/first_day", tr!(locale, outage.first), Kind::Day),
        field("/last_day", tr!(locale, outage.last), Kind::Day),
    ];
    let why = field("/reason", tr!(locale, console.reason), Kind::Text)
        .hint(tr!(locale, outage.reason_hint));
    let it = Act {
        title: tr!(locale, outage.declare).to_owned(),
        about:
            view! { <p class="banner banner--warn"><span>{tr!(locale, outage.about)}</span></p> }
                .into_any(),
        body: view! { {fields(draft, days)}{why.show(draft)} }.into_any(),
        button: tr!(locale, outage.declare),
        grave: false,
        path: "/api/v1/check_in_outages".to_owned(),
        verb: Verb::Post,
    };
    let done = finish(tr!(locale, outage.done), close, move || all.reload());
    act(draft, it, done, close)
}
