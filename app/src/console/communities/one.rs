//! What stands around every part of a community: its name, and the way to its other parts.

use super::{API, COMMUNITIES};
use crate::console::kit::Words;
use crate::console::kit::desk::{Desk, head, page as desk_page};
use crate::console::kit::parts::parts;
use crate::console::kit::table::badge;
use crate::i18n::locale;
use crate::tr;
use crate::ui::icon::{Icon, icon};
use crate::ui::load::loaded;
use crate::ui::query::{self, Query};
use crate::ui::routes::param;
use crate::ui::{browser, live};
use leptos::prelude::*;
use shared::communities::api::Community;

/// The parts, each with the end of its address and its name.
const PARTS: [(&str, Words); 7] = [
    ("", |it| tr!(it, community_desk.calendar)),
    ("/lists", |it| tr!(it, scenario_desk.title)),
    ("/members", |it| tr!(it, community_desk.members)),
    ("/link", |it| tr!(it, community_desk.link)),
    ("/ways", |it| tr!(it, channel_desk.title)),
    ("/managers", |it| tr!(it, community_desk.managers)),
    ("/settings", |it| tr!(it, community_desk.settings)),
];

/// The community that a page is about.
pub(super) struct Subject {
    /// Its id, as addresses write it.
    pub id: String,
    /// Where it is on the server.
    pub path: String,
    /// What the server says of it.
    pub whole: Query<Community>,
}

/// A part of one community as a page; `part` is the end of its address, and `show` builds it once.
pub(super) fn page(part: &'static str, show: fn(&Desk, &Subject) -> AnyView) -> AnyView {
    let locale = locale();
    desk_page(tr!(locale, community_desk.title), |desk| {
        let id = param("id");
        let shown = live::part(move || {
            let id = browser::encode(&id.get());
            one(&desk, id, part, show)
        });
        view! {
            <p><a class="link" href=COMMUNITIES>{icon(Icon::Previous)}{tr!(locale, community_desk.title)}</a></p>
            {shown}
        }
        .into_any()
    })
}

fn one(
    desk: &Desk,
    id: String,
    part: &'static str,
    show: fn(&Desk, &Subject) -> AnyView,
) -> AnyView {
    let locale = desk.locale;
    let path = format!("{API}/{id}");
    let own = path.clone();
    let whole = query::query::<Community>(move || Some(own.clone()));
    let top_desk = desk.clone();
    let top = loaded(whole, 2, move |it| top(&top_desk, &it));
    let pages = PARTS.map(|(end, name)| {
        let href = format!("{COMMUNITIES}/{id}{end}");
        (href, name(locale), Signal::stored(end == part))
    });
    // The part is built once, and not whenever the number of members changes.
    let there = Memo::new(move |_| whole.source.is_there());
    let (desk, subject) = (desk.clone(), Subject { id, path, whole });
    let body = live::maybe(move || there.get().then(|| show(&desk, &subject)));
    view! { {top}{parts(tr!(locale, community_desk.parts), pages)}{body} }.into_any()
}

fn top(desk: &Desk, it: &Community) -> AnyView {
    let locale = desk.locale;
    let state = match it.definition.open {
        true => badge(tr!(locale, community_desk.open), "good"),
        false => badge(tr!(locale, community_desk.closed), "plain"),
    };
    let tags = it.definition.tags.iter();
    let tags = tags.map(|it| view! { <span class="tag">{it.clone()}</span> });
    let number = |n: u32| desk.number(i64::from(n));
    let members = tr!(
        locale,
        community_desk.members_of,
        n = number(it.members),
        most = number(it.definition.capacity)
    );
    view! {
        {head(&it.definition.name, "", ().into_any())}
        <p class="tags">{state}<span class="muted">{members}</span>{tags.collect_view()}</p>
    }
    .into_any()
}
