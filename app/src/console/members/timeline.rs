//! Everything that happened to or around a member, newest first.

use crate::console::audit::action_name;
use crate::console::orders;
use crate::console::staff::actor;
use crate::parts::Subject;
use crate::parts::points::kind_name;
use crate::tr;
use crate::ui::address::{self, Address};
use crate::ui::format;
use crate::ui::icon::{Icon, icon};
use crate::ui::load::listed;
use crate::ui::ways::{Look, ways};
use crate::ui::{browser, query, state};
use leptos::prelude::*;
use shared::audit::api::AuditEntry;
use shared::members::api::{MemberOrderEvent, MemberSessionEvent, TimelineEvent, TimelineItem};
use shared::orders::api::EventKind;
use shared::points::SourceKind;
use shared::points::api::Entry;
use shared::text::Locale;
use shared::tiers::ChangeCause;
use shared::tiers::api::TierChange;

/// Rows of one page.
const PAGE: usize = 30;

/// What a row says.
struct Row {
    mark: Icon,
    tone: &'static str,
    title: String,
    note: String,
    side: Option<String>,
    href: Option<String>,
}

/// The timeline, with a filter by kind.
pub(super) fn timeline(subject: Subject) -> AnyView {
    let locale = subject.amounts.locale;
    let here = Address::here();
    let kinds = [
        (None, tr!(locale, points.all)),
        (Some("entry"), tr!(locale, timeline.entries)),
        (Some("order"), tr!(locale, timeline.orders)),
        (Some("tier"), tr!(locale, timeline.tiers)),
        (Some("action"), tr!(locale, timeline.actions)),
        (Some("session"), tr!(locale, timeline.sessions)),
    ];
    let (kind, base) = (here.part("kind"), subject.base.clone());
    let path = move || {
        let kind = kind
            .get()
            .map(|it| format!("&kind={}", browser::encode(&it)));
        Some(format!(
            "{base}/timeline?limit={PAGE}{}",
            kind.unwrap_or_default()
        ))
    };
    let rows = query::pages::<TimelineItem>(path, here.pages());
    let blank = move || state::empty(tr!(locale, timeline.none), tr!(locale, timeline.none_hint));
    let show = move |all: Vec<TimelineItem>| {
        let all = all.into_iter().map(|it| row(&subject, it)).collect_view();
        view! { <ol class="rows" role="list">{all}</ol> }.into_any()
    };
    view! {
        {ways(tr!(locale, points.kind), Look::Chips, "kind", &["pages"], &kinds)}
        {listed(rows, show, blank, address::more_pages(here))}
    }
    .into_any()
}

fn row(subject: &Subject, item: TimelineItem) -> AnyView {
    let at = subject.time(item.at);
    let it = match item.event {
        TimelineEvent::Entry { entry } => of_entry(subject, &entry),
        TimelineEvent::Tier { change } => of_tier(subject, &change),
        TimelineEvent::Order { event } => of_order(subject, &event),
        TimelineEvent::Action { action } => of_action(subject, &action),
        TimelineEvent::Session { session } => of_session(subject.amounts.locale, &session),
    };
    let note = (!it.note.is_empty()).then(|| view! { <span class="row__note">{it.note}</span> });
    let side = it
        .side
        .map(|it| view! { <span class="row__side amount">{it}</span> });
    let inner = view! {
        <span class="row__mark" data-kind=it.tone>{icon(it.mark)}</span>
        <span class="row__main">
            <span class="row__title">{it.title}</span>
            {note}
            <span class="row__note">{at}</span>
        </span>
        {side}
    };
    match it.href {
        Some(href) => view! { <li><a class="row" data-noscroll="" href=href aria-haspopup="dialog">{inner}</a></li> }
            .into_any(),
        None => view! { <li><div class="row row--still">{inner}</div></li> }.into_any(),
    }
}

fn of_entry(subject: &Subject, it: &Entry) -> Row {
    let amounts = subject.amounts;
    let locale = amounts.locale;
    let order = it
        .order
        .as_ref()
        .map(|it| tr!(locale, points.order, id = it));
    let by = (it.actor != "system").then(|| {
        tr!(
            locale,
            points.by,
            name = actor(&it.actor, it.actor_name.as_deref())
        )
    });
    let notes: Vec<String> = [order, it.reason.clone(), by]
        .into_iter()
        .flatten()
        .collect();
    Row {
        mark: if it.amount < 0 {
            Icon::Spend
        } else {
            Icon::Earn
        },
        tone: if it.amount > 0 { "gain" } else { "plain" },
        title: if it.source.kind == SourceKind::Merge {
            tr!(locale, points.merge_source)
        } else {
            kind_name(locale, it.kind)
        }
        .to_owned(),
        note: notes.join(" · "),
        side: Some(amounts.signed(it.asset, it.amount)),
        href: Some(Address::here().with_now(&[("why", Some(&it.id.to_string()))])),
    }
}

fn of_tier(subject: &Subject, it: &TierChange) -> Row {
    let locale = subject.amounts.locale;
    let (title, tone) = match it.cause {
        ChangeCause::Joined => (tr!(locale, timeline.joined), "plain"),
        ChangeCause::Reached => (tr!(locale, timeline.reached), "gain"),
        ChangeCause::Kept => (tr!(locale, timeline.kept), "gain"),
        ChangeCause::GraceBegan => (tr!(locale, timeline.grace), "loss"),
        ChangeCause::Lowered => (tr!(locale, timeline.lowered), "loss"),
        ChangeCause::Refunded => (tr!(locale, timeline.tier_refunded), "loss"),
        ChangeCause::Warned => (tr!(locale, timeline.warned), "loss"),
        ChangeCause::LadderEdited => (tr!(locale, timeline.ladder_edited), "plain"),
        ChangeCause::Merged => (tr!(locale, tier.cause_merged), "plain"),
    };
    let growth = format::number(locale, it.growth_value);
    Row {
        mark: Icon::Star,
        tone,
        title: title.to_owned(),
        note: it.explanation.get(locale).to_owned(),
        side: Some(format!("{} {growth}", tr!(locale, tier.growth))),
        href: None,
    }
}

fn of_order(subject: &Subject, it: &MemberOrderEvent) -> Row {
    let locale = subject.amounts.locale;
    let what = match it.kind {
        EventKind::Placed => tr!(locale, console.placed),
        EventKind::Paid => tr!(locale, console.paid),
        EventKind::Shipped => tr!(locale, console.shipped),
        EventKind::Delivered => tr!(locale, console.delivered),
        EventKind::Cancelled => tr!(locale, console.cancelled),
        EventKind::Refunded => tr!(locale, console.refunded),
    };
    let state = match (&it.refused_code, it.applied) {
        (Some(code), _) => tr!(locale, timeline.refused, code = code),
        (None, false) => tr!(locale, timeline.waits).to_owned(),
        (None, true) => String::new(),
    };
    let amount = format::money(locale, subject.amounts.currency, it.amount, "auto");
    Row {
        mark: Icon::Order,
        tone: "plain",
        title: format!("{} · {what}", tr!(locale, points.order, id = it.order)),
        note: state,
        side: Some(amount),
        href: Some(orders::receipt_link(&it.order)),
    }
}

fn of_action(subject: &Subject, it: &AuditEntry) -> Row {
    let locale = subject.amounts.locale;
    let by = tr!(
        locale,
        points.by,
        name = actor(&it.actor, it.actor_name.as_deref())
    );
    let reason = it.detail.iter().find(|it| it.name == "reason");
    let reason = reason.map(|it| it.value.clone());
    let notes: Vec<String> = reason.into_iter().chain([by]).collect();
    Row {
        mark: Icon::Service,
        tone: "plain",
        title: action_name(locale, &it.action),
        note: notes.join(" · "),
        side: None,
        href: None,
    }
}

fn of_session(locale: Locale, it: &MemberSessionEvent) -> Row {
    Row {
        mark: Icon::Lock,
        tone: "plain",
        title: tr!(locale, timeline.signed_in).to_owned(),
        note: it.user_agent.clone().unwrap_or_default(),
        side: None,
        href: None,
    }
}
