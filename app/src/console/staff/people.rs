//! Staff accounts: who works here and what each may do.

use super::{ROLES, role_hint, role_name};
use crate::api::Api;
use crate::console::kit::act::{Act, Verb, act, finish, reason};
use crate::console::kit::desk::{head, page};
use crate::console::kit::draft::Draft;
use crate::console::kit::editor::{Spec, editor};
use crate::console::kit::field::{Kind, field, fields as fields_of};
use crate::console::kit::may;
use crate::console::kit::secret::secret;
use crate::console::kit::section::section;
use crate::console::kit::table::{Column, badge, sheet_link, table, text};
use crate::i18n::locale;
use crate::session::Identity;
use crate::tr;
use crate::ui::address::{self, Address};
use crate::ui::icon::{Icon, icon};
use crate::ui::load::listed;
use crate::ui::query::{self, Query};
use crate::ui::sheet::{Sheet, sheet_at};
use crate::ui::{live, state};
use leptos::prelude::*;
use serde_json::json;
use shared::staff::api::{PasswordReset, Staff};
use shared::text::Locale;

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
        title: |it| tr!(it, factor.title),
        class: "wide",
        sort: None,
        cell: |desk, it| match it.second_factor {
            true => badge(tr!(desk.locale, factor.on), "good"),
            false => badge(tr!(desk.locale, factor.off), "plain"),
        },
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
            {policy()}
            {sheets(rows)}
        }
        .into_any()
    })
}

/// Whether the one who looks may change accounts.
fn may_change() -> bool {
    may(Identity::may_administer)
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
    let secret = Kind::Secret("new-password");
    let fields = vec![
        field("/name", tr!(locale, staff.name), Kind::Text),
        field("/email", tr!(locale, console.email), Kind::Email)
            .hint(tr!(locale, staff.email_hint)),
        field("/password", tr!(locale, staff.password), secret)
            .hint(tr!(locale, staff.password_hint)),
        field("/role", tr!(locale, staff.role), roles(locale)),
    ];
    let it = Act {
        title: tr!(locale, staff.add).to_owned(),
        about: ().into_any(),
        body: view! { {fields_of(draft, fields)}{about_role(draft)} }.into_any(),
        button: tr!(locale, staff.add),
        grave: false,
        path: "/api/v1/staff".to_owned(),
        verb: Verb::Post,
    };
    let done = finish(tr!(locale, staff.added), close, move || rows.reload());
    act(draft, it, done, close)
}

/// One of the staff: what the account is, and what can be done about it.
fn person(id: &str, rows: Query<Staff>, close: Callback<()>) -> AnyView {
    let (verb, id) = id.split_once('-').unwrap_or(("edit", id));
    let Some(it) = rows.find(|it: &Staff| it.id.to_string() == id) else {
        return ().into_any();
    };
    let own = expect_context::<Api>()
        .identity()
        .is_some_and(|who| who.id == id);
    match verb {
        _ if own || !may_change() => look(it, close),
        "end" if it.active => deactivate(it, rows, close),
        "factor" if it.second_factor => reset_factor(it, rows, close),
        "reset" if it.active => reset(it, close),
        _ => edit(it, rows, close),
    }
}

/// What there is to know, for those who may only look, and for oneself.
fn look(it: Staff, close: Callback<()>) -> AnyView {
    let locale = locale();
    view! {
        <Sheet title=it.name close=close>
            <p class="muted">{it.email}" · "{role_name(locale, it.role)}</p>
            <p>{role_hint(locale, it.role)}</p>
        </Sheet>
    }
    .into_any()
}

fn edit(it: Staff, rows: Query<Staff>, close: Callback<()>) -> AnyView {
    let locale = locale();
    let id = it.id.to_string();
    let role = ROLES.iter().find(|(role, _)| *role == it.role);
    let role = role.map(|it| it.1).unwrap_or_default();
    let draft = Draft::new(json!({"name": it.name, "role": role, "active": it.active}));
    let ways = ways(&it, &id);
    let fields = vec![
        field("/name", tr!(locale, staff.name), Kind::Text),
        field("/role", tr!(locale, staff.role), roles(locale)),
        field("/active", tr!(locale, staff.active), Kind::Toggle),
    ];
    let sheet = Act {
        title: it.name,
        about: view! { <p class="muted">{it.email}</p>{ways} }.into_any(),
        body: view! { {fields_of(draft, fields)}{about_role(draft)} }.into_any(),
        button: tr!(locale, me.save),
        grave: false,
        path: format!("/api/v1/staff/{id}"),
        verb: Verb::Patch,
    };
    let done = finish(tr!(locale, staff.changed), close, move || rows.reload());
    act(draft, sheet, done, close)
}

/// The ways to the graver actions.
fn ways(it: &Staff, id: &str) -> AnyView {
    let locale = locale();
    let here = Address::here();
    let link = |verb: &str, mark: Icon, text: &'static str| {
        let href = here.with_now(&[(KEY, Some(&format!("{verb}-{id}")))]);
        view! { <a class="button button--small" data-noscroll="" href=href aria-haspopup="dialog">{icon(mark)}{text}</a> }
    };
    let factor = it
        .second_factor
        .then(|| link("factor", Icon::Lock, tr!(locale, factor.reset)));
    let ways = it.active.then(|| {
        view! {
            <div class="sheet__ways">
                {link("reset", Icon::Key, tr!(locale, staff.reset))}
                {factor}
                {link("end", Icon::Lock, tr!(locale, staff.deactivate))}
            </div>
        }
    });
    ways.into_any()
}

fn deactivate(it: Staff, rows: Query<Staff>, close: Callback<()>) -> AnyView {
    let locale = locale();
    let about = tr!(
        locale,
        staff.deactivate_about,
        name = it.name,
        email = it.email
    );
    let sheet = Act {
        title: it.name,
        about: view! { <p class="banner banner--warn"><span>{about}</span></p> }.into_any(),
        body: ().into_any(),
        button: tr!(locale, staff.deactivate),
        grave: true,
        path: format!("/api/v1/staff/{}/deactivate", it.id),
        verb: Verb::Post,
    };
    let done = finish(tr!(locale, staff.deactivated), close, move || rows.reload());
    act(Draft::new(json!({})), sheet, done, close)
}

/// A link with which the person sets a new password, shown once.
fn reset(it: Staff, close: Callback<()>) -> AnyView {
    let locale = locale();
    let made = RwSignal::new(None::<PasswordReset>);
    let (name, path) = (
        it.name.clone(),
        format!("/api/v1/staff/{}/password_resets", it.id),
    );
    live::part(move || {
        match made.get() {
        Some(link) => view! {
            <Sheet title=name.clone() close=close>
                {secret(tr!(locale, staff.reset_link).to_owned(), link.url, tr!(locale, staff.reset_once), close)}
            </Sheet>
        }
        .into_any(),
        None => {
            let about = tr!(locale, staff.reset_about, name = name);
            let sheet = Act {
                title: name.clone(),
                about: view! { <p>{about}</p> }.into_any(),
                body: ().into_any(),
                button: tr!(locale, staff.reset),
                grave: false,
                path: path.clone(),
                verb: Verb::Post,
            };
            let done = move |text: String| made.set(crate::api::read(&text).ok());
            act(Draft::new(json!({})), sheet, done, close)
        }
    }
    })
}

/// Takes the second factor away from someone who has lost it.
fn reset_factor(it: Staff, rows: Query<Staff>, close: Callback<()>) -> AnyView {
    let locale = locale();
    let draft = Draft::new(json!({"reason": ""}));
    let about = tr!(locale, factor.reset_about, name = it.name);
    let sheet = Act {
        title: it.name,
        about: view! { <p class="banner banner--warn"><span>{about}</span></p> }.into_any(),
        body: reason().show(draft),
        button: tr!(locale, factor.reset),
        grave: true,
        path: format!("/api/v1/staff/{}/reset_totp", it.id),
        verb: Verb::Post,
    };
    let done = finish(tr!(locale, factor.reset_done), close, move || rows.reload());
    act(draft, sheet, done, close)
}

/// What is asked of everyone who works here.
fn policy() -> AnyView {
    let spec = Spec {
        part: "",
        saved: |it| tr!(it, settings.saved),
        may: may_change(),
        closed: None,
        review: None,
    };
    editor(spec, "/api/v1/staff_policy", |it| {
        let locale = locale();
        let all = field(
            "/second_factor_required",
            tr!(locale, factor.everyone),
            Kind::Toggle,
        )
        .hint(tr!(locale, factor.everyone_hint));
        section(
            tr!(locale, factor.title),
            tr!(locale, factor.hint),
            all.show(it.draft),
        )
    })
}

/// The roles to choose from.
fn roles(locale: Locale) -> Kind {
    Kind::one_of(ROLES.map(|(role, name)| (name, role_name(locale, role))))
}

/// What the chosen role may do.
fn about_role(draft: Draft) -> AnyView {
    let locale = locale();
    live::part(move || {
        let chosen = draft.at("/role");
        let role = ROLES.iter().find(|it| Some(it.1) == chosen.as_str());
        let hint = role.map(|it| role_hint(locale, it.0));
        view! { <p class="banner" role="status">{hint}</p> }.into_any()
    })
}
