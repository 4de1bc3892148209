//! Staff accounts: who works here and what each may do.

use super::{ROLES, role_hint, role_name};
use crate::api::Api;
use crate::console::kit::act::{Act, act, finish};
use crate::console::kit::desk::{head, page};
use crate::console::kit::draft::Draft;
use crate::console::kit::field::{Kind, field, fields};
use crate::console::kit::table::{Column, badge, sheet_link, table, text};
use crate::i18n::locale;
use crate::tr;
use crate::ui::address::{self, Address};
use crate::ui::icon::{Icon, icon};
use crate::ui::load::listed;
use crate::ui::query::{self, Query};
use crate::ui::sheet::{Sheet, sheet_at};
use crate::ui::state;
use leptos::prelude::*;
use serde_json::json;
use shared::staff::Role;
use shared::staff::api::Staff;

/// The part of the address that names the open sheet.
const KEY: &str = "do";

const COLUMNS: &[Column<Staff>] = &[
    Column {
        title: |it| tr!(it, staff.person),
        class: "",
        sort: None,
        cell: |desk, it| {
            let href = Address::here().with_now(&[(KEY, Some(&it.id.to_string()))]);
            let note = format!("{} · {}", role_name(desk.locale, it.role), it.email);
            sheet_link(href, it.name.clone(), note)
        },
    },
    Column {
        title: |it| tr!(it, staff.role),
        class: "wide",
        sort: None,
        cell: |desk, it| text(role_name(desk.locale, it.role)),
    },
    Column {
        title: |it| tr!(it, console.email),
        class: "wide",
        sort: None,
        cell: |_, it| text(it.email.clone()),
    },
    Column {
        title: |it| tr!(it, staff.since),
        class: "wide",
        sort: None,
        cell: |desk, it| text(desk.date(it.created_at)),
    },
    Column {
        title: |it| tr!(it, console.status),
        class: "",
        sort: None,
        cell: |desk, it| match it.active {
            true => badge(tr!(desk.locale, staff.active), "good"),
            false => badge(tr!(desk.locale, staff.inactive), "plain"),
        },
    },
];

/// The page.
#[must_use]
pub fn people() -> AnyView {
    let locale = locale();
    page(tr!(locale, nav.staff), |desk| {
        let here = Address::here();
        let rows =
            query::pages::<Staff>(|| Some("/api/v1/staff?limit=50".to_owned()), here.pages());
        let show = {
            let desk = desk.clone();
            move |all: Vec<Staff>| table(&desk, tr!(locale, nav.staff), COLUMNS, &all)
        };
        let blank = move || state::empty(tr!(locale, staff.none), tr!(locale, staff.none_hint));
        let add = may_change().then(|| {
            let href = here.with_now(&[(KEY, Some("add"))]);
            view! { <a class="button button--main" data-noscroll="" href=href aria-haspopup="dialog">{icon(Icon::Plus)}{tr!(locale, staff.add)}</a> }
        });
        view! {
            {head(tr!(locale, nav.staff), tr!(locale, staff.hint), add.into_any())}
            <div class="card stack">
                {listed(rows, show, blank, address::more_pages(here))}
                {desk.zone_note()}
            </div>
            {sheets(rows)}
        }
        .into_any()
    })
}

/// Whether the one who looks may change accounts.
fn may_change() -> bool {
    let who = expect_context::<Api>().identity();
    who.is_some_and(|it| it.role == Some(Role::Admin))
}

fn sheets(rows: Query<Staff>) -> AnyView {
    sheet_at(KEY, move |name, close| match name.as_str() {
        "add" if may_change() => add(rows, close),
        id => person(id, rows, close),
    })
}

fn add(rows: Query<Staff>, close: Callback<()>) -> AnyView {
    let locale = locale();
    let draft = Draft::new(json!({"name": "", "email": "", "role": "operator", "password": ""}));
    let roles = Kind::one_of(ROLES.map(|(role, name)| (name, role_name(locale, role))));
    let about = crate::ui::live::part(move || {
        let chosen = draft.at("/role");
        let role = ROLES.iter().find(|it| Some(it.1) == chosen.as_str());
        let hint = role.map(|it| role_hint(locale, it.0));
        view! { <p class="banner" role="status">{hint}</p> }.into_any()
    });
    let it = Act {
        title: tr!(locale, staff.add).to_owned(),
        about,
        body: fields(
            draft,
            vec![
                field("/name", tr!(locale, staff.name), Kind::Text),
                field("/email", tr!(locale, console.email), Kind::Email)
                    .hint(tr!(locale, staff.email_hint)),
                field("/role", tr!(locale, staff.role), roles),
                field(
                    "/password",
                    tr!(locale, staff.password),
                    Kind::Secret("new-password"),
                )
                .hint(tr!(locale, staff.password_hint)),
            ],
        ),
        button: tr!(locale, staff.add),
        grave: false,
        path: "/api/v1/staff".to_owned(),
    };
    let done = finish(tr!(locale, staff.added), close, move || rows.reload());
    act(draft, it, done, close)
}

/// One of the staff: what the account is, and its end.
fn person(id: &str, rows: Query<Staff>, close: Callback<()>) -> AnyView {
    let locale = locale();
    let Some(it) = rows.find(|it: &Staff| it.id.to_string() == id) else {
        return ().into_any();
    };
    let own = expect_context::<Api>()
        .identity()
        .is_some_and(|who| who.id == id);
    if own || !it.active || !may_change() {
        return view! {
            <Sheet title=it.name close=close>
                <p class="muted">{it.email}" · "{role_name(locale, it.role)}</p>
                <p>{role_hint(locale, it.role)}</p>
            </Sheet>
        }
        .into_any();
    }
    let about = tr!(
        locale,
        staff.deactivate_about,
        name = it.name,
        email = it.email
    );
    let sheet = Act {
        title: it.name,
        about: view! { <p class="muted">{it.email}" · "{role_name(locale, it.role)}</p> }
            .into_any(),
        body: view! { <p class="banner banner--warn"><span>{about}</span></p> }.into_any(),
        button: tr!(locale, staff.deactivate),
        grave: true,
        path: format!("/api/v1/staff/{id}/deactivate"),
    };
    let done = finish(tr!(locale, staff.deactivated), close, move || rows.reload());
    act(Draft::new(json!({})), sheet, done, close)
}
