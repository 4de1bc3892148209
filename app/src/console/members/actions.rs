//! What staff can do to a member. Each action is a sheet with an address of its own, says what it
//! will do to whom, and asks for a reason.

use super::erase::erase;
use super::{merge, name_of};
use crate::console::kit::act::{Act, Verb, act, finish, reason};
use crate::console::kit::download::download;
use crate::console::kit::draft::Draft;
use crate::console::kit::may;
use crate::console::points::adjust;
use crate::parts::Subject;
use crate::session::Identity;
use crate::tr;
use crate::ui::address::Address;
use crate::ui::icon::{Icon, icon};
use crate::ui::query::Query;
use crate::ui::sheet::sheet_at;
use leptos::prelude::*;
use serde_json::json;
use shared::members::MemberStatus;
use shared::members::api::{Member, Merge, Summary};
use shared::page::Page;
use shared::points::Asset;
use shared::text::Locale;

/// The part of the address that names the open action.
pub(super) const KEY: &str = "do";

/// Links that open the actions; none for staff who may only look.
pub(super) fn links(locale: Locale, member: &Member) -> AnyView {
    let may = may(Identity::may_operate);
    if !may {
        return view! { <span class="muted">{tr!(locale, console.forbidden)}</span> }.into_any();
    }
    let here = Address::here();
    let link = |name: &'static str, mark: Icon, text: &'static str| {
        let href = here.with_now(&[(KEY, Some(name))]);
        view! { <a class="button" data-noscroll="" href=href aria-haspopup="dialog">{icon(mark)}{text}</a> }
    };
    let status = match member.status {
        MemberStatus::Active => link("freeze", Icon::Frozen, tr!(locale, console.freeze)),
        MemberStatus::Frozen => link("unfreeze", Icon::Check, tr!(locale, console.unfreeze)),
        MemberStatus::Erased | MemberStatus::Merged => return ().into_any(),
    };
    view! { {link("adjust", Icon::Adjust, tr!(locale, console.adjust))}{status}{more(locale, member, &here)} }.into_any()
}

/// What is done seldom: the person's data as a file, and the end of the membership.
fn more(locale: Locale, member: &Member, here: &Address) -> AnyView {
    let path = format!("/api/v1/members/{}/export", member.id);
    let export = download(tr!(locale, erasure.export), "member.json", move || {
        path.clone()
    });
    let merge = (member.status == MemberStatus::Active).then(|| {
        let href = here.with_now(&[(KEY, Some("merge"))]);
        view! { <a class="button" data-noscroll="" href=href aria-haspopup="dialog">{icon(Icon::Merge)}{tr!(locale, merging.title)}</a> }
    });
    let href = here.with_now(&[(KEY, Some("erase"))]);
    view! {
        <details class="menu">
            <summary class="button" aria-label=tr!(locale, console.more)>{icon(Icon::More)}</summary>
            <div class="menu__sheet">
                {export}
                {merge}
                <a class="button button--bad" data-noscroll="" href=href aria-haspopup="dialog">{icon(Icon::Remove)}{tr!(locale, erasure.title)}</a>
            </div>
        </details>
    }
    .into_any()
}

/// The sheets of the actions.
pub(super) fn sheets(
    subject: &Subject,
    it: &Summary,
    summary: Query<Summary>,
    merges: Query<Page<Merge>>,
) -> AnyView {
    let (subject, it) = (subject.clone(), it.clone());
    sheet_at(KEY, move |name, close| {
        let holder = holder(&subject, &it);
        match name.as_str() {
            "adjust" => adjust(&subject, &it, summary, &holder, close),
            "erase" => erase(&subject, summary, &holder, close),
            "freeze" => change_status(&subject, summary, &holder, close, FREEZE),
            "unfreeze" => change_status(&subject, summary, &holder, close, UNFREEZE),
            "merge" => merge::search(it.member.id, close),
            other => {
                let again = move || {
                    summary.reload();
                    merges.reload();
                };
                merge::sheet(&subject, &it.member, other, close, again)
            }
        }
    })
}

/// Whom an action is about, with what tells two people of one name apart.
fn holder(subject: &Subject, it: &Summary) -> String {
    let amounts = subject.amounts;
    let locale = amounts.locale;
    let points = amounts.plain(Asset::Points, it.points.available);
    let member = &it.member;
    let sign = member.external_id.clone();
    let sign = sign.unwrap_or_else(|| member.id.to_string());
    let name = name_of(locale, member.name.as_deref(), member.pseudonym.as_deref());
    let tier = it.tier.name.get(locale);
    tr!(
        locale,
        console.holder,
        name = name,
        sign = sign,
        tier = tier,
        points = points
    )
}

/// One way to change the status.
#[derive(Clone, Copy)]
struct Change {
    path: &'static str,
    title: fn(Locale) -> &'static str,
    hint: fn(Locale) -> &'static str,
    done: fn(Locale) -> &'static str,
    grave: bool,
}

const FREEZE: Change = Change {
    path: "freeze",
    title: |it| tr!(it, console.freeze),
    hint: |it| tr!(it, console.freeze_hint),
    done: |it| tr!(it, console.frozen_done),
    grave: true,
};

const UNFREEZE: Change = Change {
    path: "unfreeze",
    title: |it| tr!(it, console.unfreeze),
    hint: |it| tr!(it, console.unfreeze_hint),
    done: |it| tr!(it, console.unfrozen_done),
    grave: false,
};

fn change_status(
    subject: &Subject,
    summary: Query<Summary>,
    holder: &str,
    close: Callback<()>,
    change: Change,
) -> AnyView {
    let locale = subject.amounts.locale;
    let draft = Draft::new(json!({"reason": ""}));
    let about = view! { <p class="muted">{holder.to_owned()}</p><p>{(change.hint)(locale)}</p> };
    let it = Act {
        title: (change.title)(locale).to_owned(),
        about: about.into_any(),
        body: reason().show(draft),
        button: (change.title)(locale),
        grave: change.grave,
        path: format!("{}/{}", subject.base, change.path),
        verb: Verb::Post,
    };
    let done = finish((change.done)(locale), close, move || summary.reload());
    act(draft, it, done, close)
}
