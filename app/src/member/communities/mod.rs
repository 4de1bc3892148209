//! Communities: the member's own, the page of one, and what a link leads to.

mod landing;
mod leave;
mod posting;
mod room;

pub use landing::page as landing;
pub use room::page as one;

use super::sales::with_member;
use crate::i18n::locale;
use crate::parts::Subject;
use crate::tr;
use crate::ui::format;
use crate::ui::icon::{Icon, icon};
use crate::ui::load::loaded;
use crate::ui::{meter, query, state};
use leptos::prelude::*;
use shared::communities::api::{MyCommunities, MyCommunity};
use shared::text::Locale;

/// The page.
#[must_use]
pub fn page() -> AnyView {
    with_member(tr!(locale(), communities.title), show)
}

fn show(subject: &Subject, _: bool) -> AnyView {
    let mine = query::query::<MyCommunities>(|| Some("/api/v1/me/communities".to_owned()));
    let subject = subject.clone();
    let locale = subject.amounts.locale;
    let list = move |it: MyCommunities| {
        if it.communities.is_empty() {
            return state::empty(
                tr!(locale, communities.empty),
                tr!(locale, communities.empty_hint),
            );
        }
        let rows = it.communities.iter().map(|it| row(&subject, it));
        view! { <ul class="sales" role="list">{rows.collect_view()}</ul> }.into_any()
    };
    loaded(mine, 5, list)
}

fn row(subject: &Subject, it: &MyCommunity) -> AnyView {
    let locale = subject.amounts.locale;
    let href = format!("/communities/{}", it.id);
    let joined = it.joined_at.map(|at| {
        let text = tr!(locale, communities.joined, date = subject.date(at));
        view! { <p class="row__note">{text}</p> }
    });
    view! {
        <li class="card stack">
            <h2 class="title"><a class="sale__link" href=href>{icon(Icon::Members)}{it.name.clone()}{icon(Icon::Next)}</a></h2>
            {tags(locale, it)}
            {places(locale, it)}
            {joined}
        </li>
    }
    .into_any()
}

/// What the members have in common.
fn tags(locale: Locale, it: &MyCommunity) -> Option<AnyView> {
    let tags = it
        .tags
        .iter()
        .map(|it| view! { <li class="badge">{it.clone()}</li> });
    let label = tr!(locale, communities.tags);
    (!it.tags.is_empty()).then(|| {
        view! { <ul class="rewards" role="list" aria-label=label>{tags.collect_view()}</ul> }
            .into_any()
    })
}

/// How many belong to it, and how many it has room for.
fn places(locale: Locale, it: &MyCommunity) -> AnyView {
    let [n, all] = [it.members, it.capacity].map(i64::from);
    let text = tr!(
        locale,
        communities.places,
        n = format::number(locale, n),
        all = format::number(locale, all)
    );
    view! { <div class="stock">{meter::share(n, all)}<span class="row__note">{text}</span></div> }
        .into_any()
}
