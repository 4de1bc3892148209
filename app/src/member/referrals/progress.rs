//! What invitations have brought so far, and what comes next.

use super::offer::in_words;
use crate::parts::Subject;
use crate::parts::tasks::reward_list;
use crate::tr;
use crate::ui::icon::{Icon, icon};
use crate::ui::{format, meter};
use leptos::prelude::*;
use shared::referrals::api::{Funnel, MilestoneView, MyReferral};
use shared::text::Locale;

/// One whole, in hundredths of a percent.
const WHOLE: i64 = 10_000;

fn as_number(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// How far it is to the next milestone, and all of them.
pub(super) fn milestones(subject: &Subject, it: &MyReferral) -> Option<AnyView> {
    if it.milestones.is_empty() {
        return None;
    }
    let locale = subject.amounts.locale;
    let done = as_number(it.funnel.rewarded);
    let ahead = it
        .milestones
        .iter()
        .find(|it| !it.reached && i64::from(it.friends) > done);
    let ahead = match ahead {
        Some(next) => climb(subject, done, next),
        None => {
            view! { <p class="done">{icon(Icon::Check)}{tr!(locale, referral.all_reached)}</p> }
                .into_any()
        }
    };
    let one = |it: &MilestoneView| milestone(subject, it);
    let view = view! {
        <section class="card stack" aria-labelledby="milestones">
            <h2 class="title" id="milestones">{tr!(locale, referral.milestones)}</h2>
            {ahead}
            <ul class="rows" role="list">{it.milestones.iter().map(one).collect_view()}</ul>
        </section>
    };
    Some(view.into_any())
}

fn climb(subject: &Subject, done: i64, next: &MilestoneView) -> AnyView {
    let locale = subject.amounts.locale;
    let goal = i64::from(next.friends);
    let gap = goal - done;
    let words = tr!(
        locale,
        referral.next,
        count = gap,
        n = format::number(locale, gap),
        what = in_words(subject.amounts, &next.rewards)
    );
    let bps = done.saturating_mul(WHOLE).checked_div(goal).unwrap_or(0);
    let label = tr!(locale, referral.progress).to_owned();
    let ends = [done, goal].map(|it| friends(locale, it));
    view! {
        <div>
            {meter::progress(bps, label, words.clone())}
            <p class="invite-ends row__note" aria-hidden="true">{ends.map(|it| view! { <span>{it}</span> })}</p>
            <p>{words}</p>
        </div>
    }
    .into_any()
}

fn friends(locale: Locale, count: i64) -> String {
    let n = format::number(locale, count);
    tr!(locale, referral.friends_n, count = count, n = n)
}

fn milestone(subject: &Subject, it: &MilestoneView) -> AnyView {
    let locale = subject.amounts.locale;
    let (mark, kind) = match it.reached {
        true => (Icon::Check, "gain"),
        false => (Icon::Gift, "plain"),
    };
    let reached = it.reached.then(
        || view! { <span class="badge" data-tone="good">{tr!(locale, referral.reached)}</span> },
    );
    view! {
        <li class="row">
            <span class="row__mark" data-kind=kind>{icon(mark)}</span>
            <div class="row__main">
                <p class="row__title">{friends(locale, i64::from(it.friends))}" "{reached}</p>
                {reward_list(subject.amounts, &it.rewards)}
            </div>
        </li>
    }
    .into_any()
}

/// What was earned and kept.
pub(super) fn earned(subject: &Subject, it: &MyReferral) -> AnyView {
    let locale = subject.amounts.locale;
    let body = match it.earned.is_empty() {
        true => view! {
            <p class="row__title">{tr!(locale, referral.earned_none)}</p>
            <p class="row__note">{tr!(locale, referral.earned_hint)}</p>
        }
        .into_any(),
        false => reward_list(subject.amounts, &it.earned),
    };
    view! {
        <section class="card" aria-labelledby="earned">
            <h2 class="title" id="earned">{tr!(locale, referral.earned)}</h2>
            {body}
        </section>
    }
    .into_any()
}

/// How many friends got how far, as bars that narrow.
pub(super) fn funnel(locale: Locale, it: &Funnel) -> AnyView {
    let steps = [
        (tr!(locale, referral.visited), it.visited),
        (tr!(locale, referral.joined), it.joined),
        (tr!(locale, referral.ordered), it.ordered),
        (tr!(locale, referral.rewarded), it.rewarded),
    ]
    .map(|(label, count)| (label, as_number(count)));
    let most = steps.iter().map(|it| it.1).max().unwrap_or(0);
    let row = |(label, count): (&'static str, i64)| {
        view! {
            <li class="bars__row">
                <span class="bars__label">{label}</span>
                {meter::share(count, most)}
                <span class="amount">{format::number(locale, count)}</span>
            </li>
        }
    };
    view! {
        <section class="card" aria-labelledby="funnel">
            <h2 class="title" id="funnel">{tr!(locale, referral.funnel)}</h2>
            <ul class="bars" role="list">{steps.map(row)}</ul>
        </section>
    }
    .into_any()
}
