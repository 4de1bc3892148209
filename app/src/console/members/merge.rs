//! Two members who are one person: finding the other one, what would move, and taking them apart
//! again.

use super::actions::KEY;
use super::name_of;
use crate::console::MEMBERS;
use crate::console::kit::act::{Act, Verb, act_form, finish, reason};
use crate::console::kit::draft::Draft;
use crate::console::kit::may;
use crate::parts::Subject;
use crate::session::Identity;
use crate::tr;
use crate::ui::address::{Address, replace_by};
use crate::ui::icon::{Icon, icon};
use crate::ui::load::loaded;
use crate::ui::query::{self, Query};
use crate::ui::sheet::Sheet;
use crate::ui::{browser, format, live};
use gloo_timers::future::TimeoutFuture;
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde_json::json;
use shared::ids::MemberId;
use shared::members::MemberStatus;
use shared::members::api::{
    Member, MemberRow, Merge, MergeBlock, MergeConflict, MergeField, MergeMoves, MergePreview,
    MovedKind, UndoPreview,
};
use shared::page::Page;
use shared::points::Asset;
use shared::text::Locale;

/// How long nothing must be typed before the server is asked.
const CALM_MS: u32 = 300;
/// Members that a search shows.
const FOUND: usize = 6;
/// What the open action is called while another member is chosen, before that member's id.
const WITH: &str = "merge-";
/// What it is called while a merge is taken apart, before the merge's id.
const UNDO: &str = "undo-";

/// The first step: who else is the same person?
pub(super) fn search(own: MemberId, close: Callback<()>) -> AnyView {
    let locale = crate::i18n::locale();
    let typed = RwSignal::new(String::new());
    let asked = RwSignal::new(None::<String>);
    let input = move |event| {
        let text = event_target_value(&event);
        typed.set(text.clone());
        spawn_local(async move {
            TimeoutFuture::new(CALM_MS).await;
            // The sheet may have been closed, or more typed.
            if typed.try_get_untracked().as_ref() == Some(&text) {
                let text = text.trim().to_owned();
                asked.set((!text.is_empty()).then_some(text));
            }
        });
    };
    let path = move || {
        let text = browser::encode(&asked.get()?);
        let limit = FOUND + 1;
        Some(format!(
            "/api/v1/members?status=active&limit={limit}&q={text}"
        ))
    };
    let found = query::query::<Page<MemberRow>>(path);
    let hits = move |page: Page<MemberRow>| {
        let others = page.data.into_iter().filter(|it| it.id != own);
        hits(locale, others.take(FOUND).collect())
    };
    view! {
        <Sheet title=tr!(locale, merging.title) close=close>
            <p>{tr!(locale, merging.about)}</p>
            <div class="field">
                <label class="field__label" for="merge-search">{tr!(locale, merging.search)}</label>
                <input class="input" id="merge-search" type="search" autocomplete="off"
                    prop:value=typed on:input=input aria-describedby="merge-search-hint"/>
                <p class="field__hint" id="merge-search-hint">{tr!(locale, console.search_hint)}</p>
            </div>
            {live::maybe(move || asked.get().is_some().then(|| loaded(found, 3, hits)))}
        </Sheet>
    }
    .into_any()
}

fn hits(locale: Locale, rows: Vec<MemberRow>) -> AnyView {
    if rows.is_empty() {
        return view! { <p class="muted" role="status">{tr!(locale, console.no_match)}</p> }
            .into_any();
    }
    let (here, go) = (Address::here(), replace_by());
    let rows = rows.into_iter().map(|it| {
        let name = name_of(locale, it.name.as_deref(), it.pseudonym.as_deref());
        let notes = [it.external_id, it.email, it.phone].into_iter().flatten();
        let notes: Vec<String> = notes.collect();
        let points = format::number(locale, it.points_available);
        let (here, go) = (here.clone(), go.clone());
        let choice = format!("{WITH}{}", it.id);
        // In place of the search, so that Back leaves the sheet.
        let choose = move |_| go(&here.with_now(&[(KEY, Some(&choice))]));
        view! {
            <li>
                <button class="row" type="button" on:click=choose>
                    <span class="row__mark">{icon(Icon::Members)}</span>
                    <span class="row__main">
                        <span class="row__title">{name}</span>
                        <span class="row__note">{notes.join(" · ")}</span>
                    </span>
                    <span class="row__side amount">{points}</span>
                </button>
            </li>
        }
    });
    view! { <ul class="rows" role="list">{rows.collect_view()}</ul> }.into_any()
}

/// The sheet of a merge with somebody who was chosen, or of taking a merge apart.
pub(super) fn sheet(
    subject: &Subject,
    own: &Member,
    name: &str,
    close: Callback<()>,
    again: impl Fn() + Clone + Send + 'static,
) -> AnyView {
    if let Some(other) = name.strip_prefix(WITH) {
        with(subject, own, other, close, again)
    } else if let Some(merge) = name.strip_prefix(UNDO) {
        undo(subject, merge, close, again)
    } else {
        ().into_any()
    }
}

/// The second step: what would move, why, and the button.
fn with(
    subject: &Subject,
    own: &Member,
    other: &str,
    close: Callback<()>,
    again: impl Fn() + Clone + Send + 'static,
) -> AnyView {
    let locale = subject.amounts.locale;
    let (from, into) = (other.to_owned(), own.id.to_string());
    let path = format!(
        "/api/v1/member_merges/preview?from={}&into={into}",
        browser::encode(other)
    );
    let preview = query::query::<MergePreview>(move || Some(path.clone()));
    let draft = Draft::new(json!({ "from": from, "into": into, "reason": "" }));
    let done = finish(tr!(locale, merging.done), close, again);
    let shown = subject.clone();
    let show = move |it: MergePreview| {
        let act = Act {
            title: String::new(),
            about: preview_of(&shown, &it),
            body: reason().show(draft),
            button: tr!(locale, merging.title),
            grave: true,
            path: "/api/v1/member_merges".to_owned(),
            verb: Verb::Post,
        };
        act_form(draft, act, done.clone())
    };
    let (here, go) = (Address::here(), replace_by());
    let back = move |_| go(&here.with_now(&[(KEY, Some("merge"))]));
    view! {
        <Sheet title=tr!(locale, merging.title) close=close>
            <p><button class="button button--small" type="button" on:click=back>{icon(Icon::Previous)}{tr!(locale, merging.another)}</button></p>
            {loaded(preview, 6, show)}
        </Sheet>
    }
    .into_any()
}

fn called(locale: Locale, it: &Member) -> String {
    let name = name_of(locale, it.name.as_deref(), it.pseudonym.as_deref());
    let sign = it.external_id.clone().or_else(|| it.email.clone());
    let sign = sign.unwrap_or_else(|| it.id.to_string());
    tr!(locale, merging.called, name = name, sign = sign)
}

fn preview_of(subject: &Subject, it: &MergePreview) -> AnyView {
    let locale = subject.amounts.locale;
    let (from, into) = (called(locale, &it.from), called(locale, &it.into));
    let text = tr!(locale, merging.who, from = from, into = into);
    let tier = (
        tr!(locale, merging.tier).to_owned(),
        tiers(locale, &it.tier_before, &it.tier_after),
    );
    let conflicts = it.conflicts.iter().map(|it| conflict(locale, it));
    let conflicts = (!it.conflicts.is_empty()).then(|| {
        view! {
            <h3 class="label">{tr!(locale, merging.conflicts)}</h3>
            <ul class="rows" role="list">{conflicts.collect_view()}</ul>
        }
    });
    view! {
        <p class="banner banner--warn">{icon(Icon::Merge)}<span>{text}</span></p>
        {figures(subject, &it.moves, vec![tier])}
        {conflicts}
        <p class="muted">{tr!(locale, merging.undo_hint)}</p>
    }
    .into_any()
}

fn tiers(locale: Locale, before: &shared::text::Text, after: &shared::text::Text) -> String {
    let (before, after) = (before.get(locale), after.get(locale));
    if before == after {
        after.to_owned()
    } else {
        format!("{before} → {after}")
    }
}

/// What moves: balances, and everything that is counted.
fn figures(subject: &Subject, it: &MergeMoves, more: Vec<(String, String)>) -> AnyView {
    let amounts = subject.amounts;
    let locale = amounts.locale;
    let mut rows = Vec::new();
    for (name, asset, available, pending) in [
        (
            tr!(locale, points.title),
            Asset::Points,
            it.points,
            it.points_pending,
        ),
        (
            tr!(locale, points.credit),
            Asset::Credit,
            it.credit,
            it.credit_pending,
        ),
    ] {
        if available != 0 || pending != 0 {
            let mut text = amounts.plain(asset, available);
            if pending != 0 {
                let later = amounts.plain(asset, pending);
                text = format!("{text} · {} {later}", tr!(locale, points.pending));
            }
            rows.push((name.to_owned(), text));
        }
    }
    if it.growth != 0 {
        let growth = format::number(locale, it.growth);
        rows.push((tr!(locale, tier.growth).to_owned(), growth));
    }
    for part in &it.parts {
        if let Some(name) = kind(locale, part.kind) {
            let count = i64::try_from(part.count).unwrap_or(i64::MAX);
            rows.push((name.to_owned(), format::number(locale, count)));
        }
    }
    if rows.is_empty() {
        rows.push((
            tr!(locale, merging.moves).to_owned(),
            tr!(locale, merging.nothing).to_owned(),
        ));
    }
    rows.extend(more);
    let rows = rows.into_iter().map(|(name, value)| {
        view! { <div class="record__row"><dt>{name}</dt><dd>{value}</dd></div> }
    });
    view! { <dl class="record">{rows.collect_view()}</dl> }.into_any()
}

/// What a kind is called; what is only behind something else is not shown.
fn kind(locale: Locale, it: MovedKind) -> Option<&'static str> {
    Some(match it {
        MovedKind::Orders => tr!(locale, merging.orders),
        MovedKind::Coupons => tr!(locale, merging.coupons),
        MovedKind::CheckIns => tr!(locale, merging.check_ins),
        MovedKind::TaskRewards => tr!(locale, merging.task_rewards),
        MovedKind::Progress => tr!(locale, merging.progress),
        MovedKind::Cards => tr!(locale, merging.cards),
        MovedKind::Links => tr!(locale, merging.links),
        MovedKind::Tags => tr!(locale, merging.tags),
        MovedKind::Friends => tr!(locale, merging.friends),
        MovedKind::Communities => tr!(locale, merging.communities),
        MovedKind::FlashClaims => tr!(locale, merging.flash_claims),
        MovedKind::Messages => tr!(locale, merging.messages),
        MovedKind::Devices => tr!(locale, merging.devices),
        MovedKind::Adjustments => tr!(locale, merging.adjustments),
        MovedKind::Lots
        | MovedKind::CouponUses
        | MovedKind::Checkouts
        | MovedKind::Rewards
        | MovedKind::Joins
        | MovedKind::Invitation
        | MovedKind::Milestones
        | MovedKind::Events => return None,
    })
}

fn conflict(locale: Locale, it: &MergeConflict) -> AnyView {
    let field = match it.field {
        MergeField::Name => tr!(locale, console.name),
        MergeField::Email => tr!(locale, console.email_label),
        MergeField::Phone => tr!(locale, console.phone_label),
        MergeField::Birthday => tr!(locale, console.birthday_label),
        MergeField::ExternalId => tr!(locale, console.external_id),
    };
    let (from, into) = (it.from.clone(), it.into.clone());
    let text = if matches!(it.field, MergeField::Name | MergeField::Birthday) {
        tr!(
            locale,
            merging.stays,
            field = field,
            from = from,
            into = into
        )
    } else {
        tr!(
            locale,
            merging.both_work,
            field = field,
            from = from,
            into = into
        )
    };
    point(text)
}

/// One of several things to know.
fn point(text: impl Into<String>) -> AnyView {
    let text: String = text.into();
    view! { <li class="row row--still"><span class="row__main">{text}</span></li> }.into_any()
}

/// The sheet that takes a merge apart: what would go back, or what keeps it from that.
fn undo(
    subject: &Subject,
    merge: &str,
    close: Callback<()>,
    again: impl Fn() + Clone + Send + 'static,
) -> AnyView {
    let locale = subject.amounts.locale;
    let path = format!("/api/v1/member_merges/{}/undo", browser::encode(merge));
    let asked = path.clone();
    let preview = query::query::<UndoPreview>(move || Some(asked.clone()));
    let draft = Draft::new(json!({ "reason": "" }));
    let done = finish(tr!(locale, merging.undone), close, again);
    let shown = subject.clone();
    let show = move |it: UndoPreview| {
        if !it.blocked_by.is_empty() {
            return blocked(locale, &it.blocked_by);
        }
        let act = Act {
            title: String::new(),
            about: going_back(&shown, &it),
            body: reason().show(draft),
            button: tr!(locale, merging.undo),
            grave: true,
            path: path.clone(),
            verb: Verb::Post,
        };
        act_form(draft, act, done.clone())
    };
    view! { <Sheet title=tr!(locale, merging.undo) close=close>{loaded(preview, 6, show)}</Sheet> }
        .into_any()
}

fn going_back(subject: &Subject, it: &UndoPreview) -> AnyView {
    let locale = subject.amounts.locale;
    let (from, into) = (called(locale, &it.from), called(locale, &it.into));
    let text = tr!(locale, merging.apart, from = from, into = into);
    let back = it.tier_back.get(locale).to_owned();
    let rows = vec![
        (tr!(locale, merging.tier_back).to_owned(), back),
        (
            tr!(locale, merging.tier).to_owned(),
            tiers(locale, &it.tier_before, &it.tier_after),
        ),
    ];
    view! {
        <p class="banner banner--warn">{icon(Icon::Merge)}<span>{text}</span></p>
        {figures(subject, &it.moves, rows)}
    }
    .into_any()
}

fn blocked(locale: Locale, all: &[MergeBlock]) -> AnyView {
    let reasons = all.iter().map(|it| {
        let text = match it {
            MergeBlock::Points => tr!(locale, merging.used_points),
            MergeBlock::Orders => tr!(locale, merging.used_orders),
            MergeBlock::Coupons => tr!(locale, merging.used_coupons),
            MergeBlock::Cards => tr!(locale, merging.used_cards),
            MergeBlock::Profile => tr!(locale, merging.used_profile),
        };
        point(text)
    });
    view! {
        <p class="banner banner--bad">{icon(Icon::Warning)}<span>{tr!(locale, merging.blocked)}</span></p>
        <ul class="rows" role="list">{reasons.collect_view()}</ul>
    }
    .into_any()
}

/// Says on the page of a member who ended who goes on.
pub(super) fn ended(locale: Locale, it: &Member) -> AnyView {
    let Some(into) = it.merged_into.filter(|_| it.status == MemberStatus::Merged) else {
        return ().into_any();
    };
    let href = format!("{MEMBERS}/{into}");
    view! {
        <p class="banner">
            {icon(Icon::Merge)}
            <span class="grow">{tr!(locale, merging.ended)}</span>
            <a class="link" href=href>{tr!(locale, merging.to_other)}</a>
        </p>
    }
    .into_any()
}

/// The merges of a member, with the way to take each apart; nothing without one.
pub(super) fn merged(subject: &Subject, own: MemberId, merges: Query<Page<Merge>>) -> AnyView {
    let subject = subject.clone();
    live::maybe(move || {
        let texts = merges.source.texts()?;
        let page = crate::api::read::<Page<Merge>>(texts.first()?).ok()?;
        if page.data.is_empty() {
            return None;
        }
        let locale = subject.amounts.locale;
        let rows = page.data.into_iter().map(|it| row(&subject, own, &it));
        let card = view! {
            <section class="card stack" aria-labelledby="merges">
                <h2 class="title" id="merges">{tr!(locale, merging.list)}</h2>
                <ul class="rows" role="list">{rows.collect_view()}</ul>
            </section>
        };
        Some(card.into_any())
    })
}

fn row(subject: &Subject, own: MemberId, it: &Merge) -> AnyView {
    let locale = subject.amounts.locale;
    let (other, name) = if it.from == own {
        (it.into, it.into_name.clone())
    } else {
        (it.from, it.from_name.clone())
    };
    let name = name.unwrap_or_else(|| tr!(locale, console.unnamed).to_owned());
    let title = if it.from == own {
        tr!(locale, merging.went_to, name = name)
    } else {
        tr!(locale, merging.came_from, name = name)
    };
    let note = match it.undone_at {
        Some(at) => tr!(locale, merging.undone_on, date = subject.date(at)),
        None => tr!(locale, merging.until, date = subject.date(it.undo_until)),
    };
    let may = may(Identity::may_operate);
    let undo = (may && it.undone_at.is_none()).then(|| {
        let name = format!("{UNDO}{}", it.id);
        let href = Address::here().with_now(&[(KEY, Some(&name))]);
        let label = tr!(locale, merging.undo);
        view! { <a class="button button--small" data-noscroll="" href=href aria-haspopup="dialog">{label}</a> }
    });
    view! {
        <li class="row row--still">
            <span class="row__mark">{icon(Icon::Merge)}</span>
            <span class="row__main">
                <a class="row__title link" href=format!("{MEMBERS}/{other}")>{title}</a>
                <span class="row__note">{subject.date(it.merged_at)}" · "{it.reason.clone()}</span>
                <span class="row__note">{note}</span>
            </span>
            {undo}
        </li>
    }
    .into_any()
}
