//! Messages: what ends soon, and what became of the tier.

use super::{Me, with_summary};
use crate::api::Api;
use crate::i18n::locale;
use crate::parts::Subject;
use crate::tr;
use crate::ui::address::{self, Address};
use crate::ui::form::{Form, form_error};
use crate::ui::icon::{Icon, icon};
use crate::ui::load::listed;
use crate::ui::query::{self, Query};
use crate::ui::state;
use crate::ui::toast::Toaster;
use crate::ui::ways::{Look, ways};
use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::members::api::Glance;
use shared::messages::api::{Message, Unread};
use shared::messages::{Content, KEPT_DAYS};
use shared::text::Locale;

/// The page.
#[must_use]
pub fn page() -> AnyView {
    with_summary(tr!(locale(), messages.title), show)
}

fn show(subject: &Subject, it: Glance) -> AnyView {
    let locale = subject.amounts.locale;
    let here = Address::here();
    let which = here.part("show");
    let path = move || {
        let unread = which.get().as_deref() == Some("unread");
        Some(format!("/api/v1/me/messages?unread={unread}"))
    };
    let list = query::pages::<Message>(path, here.pages());
    let each = [
        (None, tr!(locale, messages.all)),
        (Some("unread"), tr!(locale, messages.unread)),
    ];
    let label = tr!(locale, messages.filter);
    let filter = ways(label, Look::Chips, "show", &["pages"], &each);
    let more = address::more_pages(here.clone());
    let blank = move || blank(locale, &here);
    let subject = subject.clone();
    let rows = move |rows: Vec<Message>| {
        let rows = rows.into_iter().map(|it| row(&subject, it)).collect_view();
        view! { <ul class="rows" role="list">{rows}</ul> }.into_any()
    };
    view! {
        <section class="card stack narrow" aria-label=tr!(locale, messages.title)>
            <div class="card__head card__head--wrap">
                {filter}
                {(it.unread_messages > 0).then(|| read_all(locale, list))}
            </div>
            {listed(list, rows, blank, more)}
            <p class="row__note centre">{tr!(locale, messages.kept, n = KEPT_DAYS)}</p>
        </section>
    }
    .into_any()
}

fn blank(locale: Locale, here: &Address) -> AnyView {
    if here.get("show").is_none() {
        return state::empty(
            tr!(locale, messages.empty),
            tr!(locale, messages.empty_hint),
        );
    }
    let all = here.with(&[("show", None)]);
    view! {
        {state::empty(tr!(locale, messages.empty_unread), tr!(locale, messages.empty_unread_hint))}
        <p class="centre"><a class="button" data-noscroll="" href=all>{tr!(locale, messages.show_all)}</a></p>
    }
    .into_any()
}

fn read_all(locale: Locale, list: Query<Message>) -> AnyView {
    let api = expect_context::<Api>();
    let toaster = expect_context::<Toaster>();
    let Me(summary) = expect_context();
    let form = Form::new();
    let click = move |_| {
        if !form.begin() {
            return;
        }
        spawn_local(async move {
            let answer = api
                .post::<Unread>("/api/v1/me/messages/read", &(), None)
                .await;
            if form.end(answer).is_some() {
                toaster.say(tr!(locale, messages.all_read));
                list.reload();
                summary.reload();
            }
        });
    };
    view! {
        {form_error(form)}
        <button class="button button--small" type="button" aria-disabled=form.waiting() on:click=click>
            {icon(Icon::Check)}{tr!(locale, messages.read_all)}
        </button>
    }
    .into_any()
}

/// How a message looks.
const fn look(content: &Content) -> (Icon, &'static str) {
    match content {
        Content::Expiring { .. } => (Icon::Expiring, "loss"),
        Content::TierWarned { .. } | Content::TierGrace { .. } => (Icon::Warning, "loss"),
        Content::TierRaised { .. } => (Icon::Up, "gain"),
        Content::TierKept { .. } => (Icon::Shield, "gain"),
        Content::TierLowered { .. } => (Icon::Down, "plain"),
        Content::ReferralRewarded { .. } => (Icon::Gift, "gain"),
        Content::ScenarioPosted { .. } => (Icon::Members, "gain"),
        Content::SaleOpens { .. } => (Icon::Flash, "gain"),
        Content::SaleCancelled { .. }
        | Content::ClaimReleased { .. }
        | Content::ClaimTooLate { .. } => (Icon::Warning, "loss"),
    }
}

/// The page that a message is about.
fn page_of(content: &Content) -> String {
    let page = match content {
        Content::Expiring { .. } => "/points?view=lots",
        Content::TierWarned { .. }
        | Content::TierGrace { .. }
        | Content::TierRaised { .. }
        | Content::TierKept { .. }
        | Content::TierLowered { .. } => "/tier",
        Content::ReferralRewarded { .. } => "/invite",
        Content::ScenarioPosted { community, .. } => return format!("/communities/{community}"),
        Content::SaleOpens { sale, .. } | Content::SaleCancelled { sale, .. } => {
            return format!("/sales/{sale}");
        }
        Content::ClaimReleased { .. } | Content::ClaimTooLate { .. } => "/sales/claims",
    };
    page.to_owned()
}

/// A message; following it to its page also marks it as read.
fn row(subject: &Subject, it: Message) -> AnyView {
    let locale = subject.amounts.locale;
    let api = expect_context::<Api>();
    let Me(summary) = expect_context();
    let (mark, kind) = look(&it.content);
    let href = page_of(&it.content);
    let unread = it.read_at.is_none();
    let use_by = match &it.content {
        Content::Expiring { at, .. } => {
            let date = subject.date(*at);
            Some(tr!(locale, messages.use_by, date = date))
        }
        _ => None,
    };
    let dot = unread.then(|| {
        view! { <span class="dot"></span><span class="sr-only">{tr!(locale, messages.unread)}" "</span> }
    });
    let id = it.id;
    let follow = move |_| {
        if !unread {
            return;
        }
        spawn_local(async move {
            let path = format!("/api/v1/me/messages/{id}/read");
            // A message that could not be marked stays unread, and can be followed again.
            if api.post::<Message>(&path, &(), None).await.is_ok() {
                summary.reload();
            }
        });
    };
    view! {
        <li>
            <a class="row row--top" href=href on:click=follow data-unread=unread.then_some("")>
                <span class="row__mark" data-kind=kind>{icon(mark)}</span>
                <span class="row__main">
                    <span class="row__title">{dot}{it.title.get(locale).to_owned()}</span>
                    <span>{it.text.get(locale).to_owned()}</span>
                    {use_by.map(|it| view! { <span class="row__note row__note--strong">{it}</span> })}
                    <span class="row__note">{subject.time(it.created_at)}</span>
                </span>
                {icon(Icon::Next)}
            </a>
        </li>
    }
    .into_any()
}
