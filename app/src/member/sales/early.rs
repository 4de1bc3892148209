//! Who comes in when, and what is missing to come in earlier.

use super::Stage;
use crate::tr;
use crate::ui::format;
use crate::ui::icon::{Icon, icon};
use crate::ui::live;
use leptos::prelude::*;
use shared::sales::api::MemberSale;
use shared::tiers::api::TierOverview;
use shared::time::Timestamp;

/// A tier in words, and how much growth value the member lacks to it.
struct Rung {
    name: String,
    missing: i64,
}

impl Stage {
    fn overview(&self) -> Option<TierOverview> {
        let texts = self.tiers.source.texts()?;
        crate::api::read(texts.first()?).ok()
    }

    /// The tier with this code, and a subscription to the ladder; its code while that is not there.
    fn rung(&self, code: &str) -> Rung {
        let locale = self.subject.amounts.locale;
        let known = self.overview().and_then(|it| {
            let tier = it.tiers.iter().find(|it| it.code == code)?;
            Some(Rung {
                name: tier.name.get(locale).to_owned(),
                missing: (tier.threshold - it.standing.growth_value).max(0),
            })
        });
        known.unwrap_or_else(|| Rung {
            name: code.to_owned(),
            missing: 0,
        })
    }

    /// What a member must be to take part, and what is missing to that.
    pub(super) fn only_for(&self, code: &str) -> String {
        let locale = self.subject.amounts.locale;
        let rung = self.rung(code);
        match rung.missing {
            0 => tr!(locale, sales.only_for, tier = rung.name),
            missing => {
                let n = format::number(locale, missing);
                tr!(locale, sales.only_for_missing, tier = rung.name, n = n)
            }
        }
    }
}

/// The steps of the opening, the earliest first; the last is for everybody.
fn steps(it: &MemberSale) -> Vec<(Option<String>, Timestamp)> {
    let mut steps: Vec<(Option<String>, Timestamp)> = it
        .early
        .iter()
        .map(|step| {
            let at = it.starts_at.plus_millis(-i64::from(step.minutes) * 60_000);
            (Some(step.tier.clone()), at)
        })
        .collect();
    steps.sort_by_key(|it| it.1);
    steps.push((None, it.starts_at));
    steps
}

/// In a line: by how much the member comes in earlier, or who does.
pub(super) fn early_line(stage: &Stage, it: &MemberSale) -> Option<AnyView> {
    let locale = stage.subject.amounts.locale;
    let minutes = (it.starts_at.as_millis() - it.opens_at.as_millis()) / 60_000;
    if minutes > 0 {
        let text = tr!(locale, sales.you_early, n = minutes);
        let line = view! { <p class="row__note row__note--gain">{icon(Icon::Medal)}{text}</p> };
        return Some(line.into_any());
    }
    let (Some(tier), at) = steps(it).into_iter().next()? else {
        return None;
    };
    let stage = stage.clone();
    let text = move || {
        let (tier, time) = (stage.rung(&tier).name, stage.subject.time(at));
        tr!(locale, sales.tier_early, tier = tier, time = time)
    };
    let text = live::part(move || text().into_any());
    Some(view! { <p class="row__note">{icon(Icon::Medal)}{text}</p> }.into_any())
}

/// All steps of the opening with their times, what the member lacks to each, and which is the
/// member's own; nothing when it opens for everybody at once.
pub(super) fn ladder(stage: &Stage, it: &MemberSale) -> Option<AnyView> {
    if it.early.is_empty() {
        return None;
    }
    let locale = stage.subject.amounts.locale;
    let (stage, it) = (stage.clone(), it.clone());
    let rows = live::part(move || {
        let rows = steps(&it);
        let rows = rows
            .into_iter()
            .map(|(tier, at)| row(&stage, tier, at, it.opens_at));
        view! { <ol class="doors" role="list">{rows.collect_view()}</ol> }.into_any()
    });
    let section = view! {
        <section class="card stack" aria-labelledby="doors">
            <h2 class="title" id="doors">{tr!(locale, sales.doors)}</h2>
            {rows}
            <p><a class="link" href="/tier">{tr!(locale, sales.to_tier)}</a></p>
        </section>
    };
    Some(section.into_any())
}

fn row(stage: &Stage, tier: Option<String>, at: Timestamp, opens_at: Timestamp) -> AnyView {
    let locale = stage.subject.amounts.locale;
    let rung = tier.map(|it| stage.rung(&it));
    let missing = rung.as_ref().map_or(0, |it| it.missing);
    let name = match rung {
        Some(it) => tr!(locale, sales.and_above, tier = it.name),
        None => tr!(locale, sales.everybody).to_owned(),
    };
    let mine = at == opens_at;
    let note = if mine {
        Some(tr!(locale, sales.your_door).to_owned())
    } else if at < opens_at && missing > 0 {
        let n = format::number(locale, missing);
        Some(tr!(locale, sales.missing, n = n))
    } else {
        None
    };
    let note = note.map(|it| view! { <span class="row__note">{it}</span> });
    view! {
        <li class="doors__one" data-mine=mine.then_some("")>
            <span class="grow">{name}{note}</span>
            <span class="amount">{stage.subject.time(at)}</span>
        </li>
    }
    .into_any()
}
