//! The tier card: where the member stands, how far the next tier is and by when.

use crate::parts::Subject;
use crate::tr;
use crate::ui::icon::{Icon, icon};
use crate::ui::{format, meter};
use leptos::prelude::*;
use shared::tiers::api::{KeepTier, NextTier, Standing};

/// Colours of the card; higher ranks than this share the last.
pub const MAX_TONE: u32 = 5;

/// The card. `extra` stands at its end, such as a link to the tiers page.
#[must_use]
pub fn tier_card(subject: &Subject, standing: &Standing, extra: AnyView) -> AnyView {
    let locale = subject.amounts.locale;
    let name = standing.name.get(locale).to_owned();
    let label = name.clone();
    let growth = format::number(locale, standing.growth_value);
    let valid = match standing.valid_until {
        Some(at) => tr!(locale, tier.valid, date = subject.date(at)),
        None => tr!(locale, tier.lasting).to_owned(),
    };
    let ahead = match &standing.next {
        Some(next) => climb(subject, standing, next),
        None => {
            view! { <p class="tier__gap">{icon(Icon::Crown)}{tr!(locale, tier.top)}</p> }.into_any()
        }
    };
    let keep = standing.keep.as_ref().map(|it| keep(subject, standing, it));
    view! {
        <section class="tier" data-tone=standing.rank.min(MAX_TONE).to_string() aria-label=label>
            <span class="tier__emblem">{icon(Icon::Medal)}</span>
            <div class="tier__head">
                <div class="grow">
                    <p class="tier__label">{tr!(locale, tier.label)}</p>
                    <h2 class="tier__name">{name}</h2>
                    <p class="tier__note">{valid}</p>
                </div>
                <div class="tier__growth">
                    <p class="tier__label">{tr!(locale, tier.growth)}</p>
                    <p class="tier__number">{growth}</p>
                </div>
            </div>
            {ahead}
            {keep}
            {extra}
        </section>
    }
    .into_any()
}

fn climb(subject: &Subject, standing: &Standing, next: &NextTier) -> AnyView {
    let locale = subject.amounts.locale;
    let n = format::number(locale, next.gap);
    let tier = next.name.get(locale);
    let gap = tr!(locale, tier.gap, n = n, tier = tier);
    let until = next.by.map(|at| {
        let text = tr!(locale, tier.gap_until, date = subject.date(at));
        view! { <p class="tier__note">{text}</p> }
    });
    let ends = [standing.threshold, next.threshold].map(|it| format::number(locale, it));
    view! {
        {meter::progress(next.progress_bps, tr!(locale, tier.progress).to_owned(), gap.clone())}
        <p class="tier__ends" aria-hidden="true">
            <span>{standing.name.get(locale).to_owned()}" "{ends[0].clone()}</span>
            <span>{tier.to_owned()}" "{ends[1].clone()}</span>
        </p>
        <div>
            <p class="tier__gap">{gap}</p>
            {until}
        </div>
    }
    .into_any()
}

fn keep(subject: &Subject, standing: &Standing, keep: &KeepTier) -> AnyView {
    let locale = subject.amounts.locale;
    let date = subject.date(keep.by);
    let n = format::number(locale, keep.gap);
    let text = if keep.in_grace && keep.gap > 0 {
        let tier = standing.name.get(locale);
        tr!(locale, tier.grace, date = date, n = n, tier = tier)
    } else if keep.gap > 0 {
        tr!(locale, tier.keep, date = date, n = n)
    } else {
        tr!(locale, tier.kept, date = date)
    };
    let urgent = keep.gap > 0 && (keep.in_grace || keep.at_risk);
    let mark = match (urgent, keep.gap > 0) {
        (true, _) => Icon::Warning,
        (false, true) => Icon::Pending,
        (false, false) => Icon::Check,
    };
    view! { <p class="tier__keep" data-urgent=urgent.then_some("")>{icon(mark)}<span class="grow">{text}</span></p> }
        .into_any()
}
