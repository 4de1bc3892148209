//! Who belongs to a community, or did: looking, adding and removing.

use super::one::{self, Subject};
use super::{KEY, may_change};
use crate::api::Api;
use crate::console::MEMBERS;
use crate::console::kit::act::{Act, Verb, act, finish, opener};
use crate::console::kit::desk::Desk;
use crate::console::kit::draft::Draft;
use crate::console::kit::field::{Kind, field};
use crate::console::kit::filters::{Filter, Filters};
use crate::console::kit::table::{Column, badge, main_link, table, text};
use crate::tr;
use crate::ui::address::{self, Address};
use crate::ui::icon::{Icon, icon};
use crate::ui::load::listed;
use crate::ui::query::{self, Query};
use crate::ui::sheet::sheet_at;
use leptos::prelude::*;
use serde_json::json;
use shared::communities::MembershipState;
use shared::communities::api::{Community, CommunityMember};
use shared::text::Locale;

/// The sheet that adds one more; any other name is that of a member to remove.
const ADD: &str = "add";

const COLUMNS: &[Column<CommunityMember>] = &[
    Column {
        title: |it| tr!(it, console.name),
        class: "",
        sort: None,
        cell: |desk, it| {
            let joined = desk.date(it.joined_at);
            match may_look() {
                true => main_link(format!("{MEMBERS}/{}", it.member_id), called(desk, it), joined),
                false => view! { <span>{called(desk, it)}</span><span class="row__note narrow">{joined}</span> }.into_any(),
            }
        },
    },
    Column {
        title: |it| tr!(it, community_desk.joined),
        class: "wide",
        sort: None,
        cell: |desk, it| text(desk.time(it.joined_at)),
    },
    Column {
        title: |it| tr!(it, console.status),
        class: "",
        sort: None,
        cell: |desk, it| {
            let (name, tone) = state_name(desk.locale, it.state);
            badge(name, tone)
        },
    },
    Column {
        title: |it| tr!(it, community_desk.remove_short),
        class: "number",
        sort: None,
        cell: |desk, it| match may_change() && it.state == MembershipState::Active {
            true => {
                let label = tr!(
                    desk.locale,
                    community_desk.remove_of,
                    name = called(desk, it)
                );
                let body = view! { {icon(Icon::Remove)}<span class="sr-only">{label}</span> };
                opener(KEY, &it.member_id.to_string(), "button button--icon", body)
            }
            false => ().into_any(),
        },
    },
];

/// Whether the one who looks may open members' pages.
fn may_look() -> bool {
    let who = untrack(|| expect_context::<Api>().identity());
    who.is_some_and(|it| !it.leads_only())
}

/// What a member is called; some have no name.
fn called(desk: &Desk, it: &CommunityMember) -> String {
    let unnamed = tr!(desk.locale, console.unnamed);
    it.name.clone().unwrap_or_else(|| unnamed.to_owned())
}

fn state_name(locale: Locale, state: MembershipState) -> (&'static str, &'static str) {
    match state {
        MembershipState::Active => (tr!(locale, community_desk.active), "good"),
        MembershipState::Left => (tr!(locale, community_desk.left), "plain"),
        MembershipState::Removed => (tr!(locale, community_desk.removed), "bad"),
    }
}

/// The page.
#[must_use]
pub fn page() -> AnyView {
    one::page("/members", part)
}

fn part(desk: &Desk, it: &Subject) -> AnyView {
    let Subject { path, whole, .. } = it;
    let whole = *whole;
    let locale = desk.locale;
    let title = tr!(locale, community_desk.members);
    let here = Address::here();
    let states = [
        ("active", MembershipState::Active),
        ("left", MembershipState::Left),
        ("removed", MembershipState::Removed),
    ];
    let states = states.map(|(name, state)| (Some(name), state_name(locale, state).0));
    let all = std::iter::once((None, tr!(locale, points.all)));
    let chips = Filter::Chips(
        "state",
        tr!(locale, console.status),
        all.chain(states).collect(),
    );
    let filters = Filters::here(&desk.zone, vec![chips], Vec::new());
    let (asked, list) = (filters.clone(), format!("{path}/members"));
    let base = list.clone();
    let rows = query::pages::<CommunityMember>(
        move || Some(format!("{base}?limit=50{}", asked.query())),
        here.pages(),
    );
    let (list_desk, sheet_desk, narrowed) = (desk.clone(), desk.clone(), filters.clone());
    let show = move |all: Vec<CommunityMember>| table(&list_desk, title, COLUMNS, &all);
    let blank = move || {
        let hint = tr!(locale, community_desk.nobody_hint);
        narrowed.blank(tr!(locale, community_desk.nobody), hint)
    };
    let add = may_change().then(|| {
        let body = view! { {icon(Icon::Plus)}{tr!(locale, community_desk.member_add)} };
        opener(KEY, ADD, "button button--main", body)
    });
    view! {
        <section class="card stack" aria-labelledby="members">
            <div class="card__head card__head--wrap"><h2 class="title" id="members">{title}</h2>{add}</div>
            {filters.bar()}
            {listed(rows, show, blank, address::more_pages(here))}
            {desk.zone_note()}
        </section>
        {sheet_at(KEY, move |name, close| sheet(&sheet_desk, &list, &name, (rows, whole), close))}
    }
    .into_any()
}

/// What changes when somebody comes or goes.
type Reads = (Query<CommunityMember>, Query<Community>);

fn sheet(desk: &Desk, list: &str, name: &str, reads: Reads, close: Callback<()>) -> AnyView {
    let locale = desk.locale;
    if !may_change() {
        return ().into_any();
    }
    let (rows, whole) = reads;
    let done = move |said| {
        finish(said, close, move || {
            rows.reload();
            whole.reload();
        })
    };
    if name == ADD {
        let draft = Draft::new(json!({ "member": "" }));
        return act(
            draft,
            add(desk, list, draft),
            done(tr!(locale, community_desk.member_added)),
            close,
        );
    }
    let Some(it) = rows.find(|it: &CommunityMember| it.member_id.to_string() == name) else {
        return ().into_any();
    };
    let done = done(tr!(locale, community_desk.member_removed));
    act(Draft::new(json!({})), remove(desk, list, &it), done, close)
}

fn add(desk: &Desk, list: &str, draft: Draft) -> Act {
    let locale = desk.locale;
    let member = field("/member", tr!(locale, console.name), Kind::Text)
        .hint(tr!(locale, community_desk.member_hint));
    Act {
        title: tr!(locale, community_desk.member_add).to_owned(),
        about: view! { <p class="muted">{tr!(locale, community_desk.member_add_about)}</p> }
            .into_any(),
        body: member.show(draft),
        button: tr!(locale, community_desk.member_add),
        grave: false,
        path: list.to_owned(),
        verb: Verb::Post,
    }
}

fn remove(desk: &Desk, list: &str, it: &CommunityMember) -> Act {
    let locale = desk.locale;
    let about = tr!(locale, community_desk.remove_about, name = called(desk, it));
    Act {
        title: tr!(locale, community_desk.remove_of, name = called(desk, it)),
        about: view! { <p>{about}</p> }.into_any(),
        body: ().into_any(),
        button: tr!(locale, community_desk.remove),
        grave: true,
        path: format!("{list}/{}", it.member_id),
        verb: Verb::Delete,
    }
}
