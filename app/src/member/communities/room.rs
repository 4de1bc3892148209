//! The page of a community: today's lists, its sales, the days before, what its members keep to.

use super::leave::leave;
use super::posting::{folded, posting};
use super::{places, tags};
use crate::api;
use crate::i18n::locale;
use crate::member::sales::{Stage, clock, sale_list, with_member};
use crate::parts::Subject;
use crate::tr;
use crate::ui::load::loaded;
use crate::ui::query::query;
use crate::ui::routes::param;
use crate::ui::{browser, live, state};
use leptos::prelude::*;
use shared::communities::api::MyCommunity;
use shared::sales::api::MemberSale;
use shared::scenarios::api::{CommunityPage, Posting};
use shared::time::Timestamp;

/// The page.
#[must_use]
pub fn page() -> AnyView {
    with_member(tr!(locale(), communities.one), |subject, active| {
        let (id, subject) = (param("community"), subject.clone());
        live::part(move || room(&subject, active, &id.get()))
    })
}

fn room(subject: &Subject, active: bool, id: &str) -> AnyView {
    let locale = subject.amounts.locale;
    let path = format!("/api/v1/me/communities/{}", browser::encode(id));
    let read = query::<CommunityPage>(move || Some(path.clone()));
    let known = Memo::new(move |_| {
        let texts = read.source.texts()?;
        let it: CommunityPage = api::read(texts.first()?).ok()?;
        clock::note(it.server_time);
        Some(it)
    });
    let sales = Memo::new(move |_| {
        known.with(|it| it.as_ref().map(|it| it.sales.clone()).unwrap_or_default())
    });
    // The rest of the page is not built anew when only the sales or the time have changed.
    let rest = Memo::new(move |_| {
        let mut it = known.get()?;
        it.sales.clear();
        it.server_time = Timestamp::from_millis(0);
        Some(it)
    });
    let stage = Stage::new(subject, active);
    let subject = subject.clone();
    let body = live::maybe(move || {
        let it = rest.get()?;
        Some(built(&subject, active, &it, sales_of(&stage, sales)))
    });
    view! {
        {loaded(read, 8, |_| ().into_any())}
        {body}
        <p><a class="link" href="/communities">{tr!(locale, communities.all)}</a></p>
    }
    .into_any()
}

/// The sales for this community; nothing when there are none.
fn sales_of(stage: &Stage, sales: Memo<Vec<MemberSale>>) -> AnyView {
    let stage = stage.clone();
    let some = Memo::new(move |_| sales.with(|it| !it.is_empty()));
    live::maybe(move || some.get().then(|| sale_list(&stage, sales)))
}

fn built(subject: &Subject, active: bool, it: &CommunityPage, sales: AnyView) -> AnyView {
    let locale = subject.amounts.locale;
    let community = &it.community;
    view! {
        <section class="card stack" aria-labelledby="community">
            <h2 class="title" id="community">{community.name.clone()}</h2>
            {tags(locale, community)}
            {places(locale, community)}
        </section>
        <div class="columns">
            <div class="stack">{today(subject, &it.today)}{earlier(subject, &it.earlier)}</div>
            <div class="stack">{sales}{rules(subject, community)}</div>
        </div>
        {active.then(|| leave(subject, community))}
    }
    .into_any()
}

fn today(subject: &Subject, lists: &[Posting]) -> AnyView {
    let locale = subject.amounts.locale;
    let shown = match lists {
        [] => state::empty(
            tr!(locale, communities.no_lists),
            tr!(locale, communities.no_lists_hint),
        ),
        lists => {
            let lists = lists.iter().map(|it| posting(subject, it));
            view! { <div class="stack">{lists.collect_view()}</div> }.into_any()
        }
    };
    view! {
        <section class="card stack" aria-labelledby="today">
            <h2 class="title" id="today">{tr!(locale, communities.today)}</h2>
            {shown}
        </section>
    }
    .into_any()
}

fn earlier(subject: &Subject, lists: &[Posting]) -> Option<AnyView> {
    let rows = lists.iter().map(|it| folded(subject, it)).collect_view();
    (!lists.is_empty()).then(|| {
        let title = tr!(subject.amounts.locale, communities.earlier);
        view! {
            <section class="card" aria-labelledby="earlier">
                <h2 class="title" id="earlier">{title}</h2>
                <ul class="rows" role="list">{rows}</ul>
            </section>
        }
        .into_any()
    })
}

fn rules(subject: &Subject, it: &MyCommunity) -> Option<AnyView> {
    (!it.rules.is_empty()).then(|| {
        let title = tr!(subject.amounts.locale, communities.rules);
        view! {
            <section class="card" aria-labelledby="rules">
                <h2 class="title" id="rules">{title}</h2>
                <p class="prose">{it.rules.clone()}</p>
            </section>
        }
        .into_any()
    })
}
