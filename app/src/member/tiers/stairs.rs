//! The ladder as a staircase: where the member stands, and how far up the next step is.

use crate::parts::Subject;
use crate::parts::tiers::{MAX_TONE, sideways};
use crate::tr;
use crate::ui::format;
use crate::ui::icon::{Icon, icon};
use leptos::prelude::*;
use shared::tiers::Tier;
use shared::tiers::api::{Standing, TierOverview};
use std::cmp::Ordering;

/// Height of the lowest step, in percent of the highest.
const LOWEST: usize = 28;

/// The staircase, a step a tier, lowest first.
pub(super) fn stairs(subject: &Subject, it: &TierOverview) -> AnyView {
    let last = it.tiers.len().saturating_sub(1).max(1);
    let steps = it
        .tiers
        .iter()
        .enumerate()
        .map(|(rank, tier)| {
            let height = LOWEST + (100 - LOWEST) * rank / last;
            step(subject, &it.standing, tier, rank, height)
        })
        .collect_view();
    let label = tr!(subject.amounts.locale, tier.ladder);
    sideways(
        label,
        view! { <ol class="stairs" role="list">{steps}</ol> }.into_any(),
    )
}

fn step(
    subject: &Subject,
    standing: &Standing,
    tier: &Tier,
    rank: usize,
    height: usize,
) -> AnyView {
    let locale = subject.amounts.locale;
    let tone = u32::try_from(rank).unwrap_or(MAX_TONE).min(MAX_TONE);
    let current = standing.rank as usize;
    let (state, note) = match rank.cmp(&current) {
        Ordering::Less => (
            "reached",
            view! { {icon(Icon::Check)}{tr!(locale, tier.reached)} }.into_any(),
        ),
        Ordering::Equal => (
            "current",
            view! { <span class="badge" data-tone="good">{tr!(locale, tier.current)}</span> }
                .into_any(),
        ),
        Ordering::Greater => {
            let gap = (tier.threshold - standing.growth_value).max(0);
            let n = format::number(locale, gap);
            (
                "ahead",
                view! { {icon(Icon::Lock)}{tr!(locale, tier.missing, n = n)} }.into_any(),
            )
        }
    };
    // The step that comes next fills as the member climbs.
    let filled = match &standing.next {
        Some(next) if rank == current + 1 => next.progress_bps / 100,
        _ => 0,
    };
    view! {
        <li class="stairs__one" data-tone=tone.to_string() data-state=state
            data-current=(state == "current").then_some("")
            aria-current=(state == "current").then_some("step")>
            <span class="stairs__well" aria-hidden="true">
                <span class="stairs__bar" style:height=format!("{height}%")>
                    {icon(Icon::Medal)}
                    <span class="stairs__fill" style:height=format!("{filled}%")></span>
                </span>
            </span>
            <span class="stairs__name">{tier.name.get(locale).to_owned()}</span>
            <span class="row__note">{format::number(locale, tier.threshold)}</span>
            <span class="stairs__note">{note}</span>
        </li>
    }
    .into_any()
}
