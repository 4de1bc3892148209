//! Changes of tier, newest first.

use crate::parts::Subject;
use crate::tr;
use crate::ui::format;
use leptos::prelude::*;
use shared::tiers::Tier;
use shared::tiers::api::TierChange;

/// The changes as a timeline.
#[must_use]
pub fn history(subject: &Subject, tiers: &[Tier], changes: &[TierChange]) -> AnyView {
    let locale = subject.amounts.locale;
    if changes.is_empty() {
        return view! { <p class="muted">{tr!(locale, tier.history_empty)}</p> }.into_any();
    }
    let name = |code: &str| {
        let tier = tiers.iter().find(|it| it.code == code);
        tier.map_or_else(|| code.to_owned(), |it| it.name.get(locale).to_owned())
    };
    let rows = changes
        .iter()
        .map(|it| {
            let title = match &it.from_code {
                Some(from) if *from != it.to_code => {
                    format!("{} → {}", name(from), name(&it.to_code))
                }
                _ => name(&it.to_code),
            };
            let growth = format::number(locale, it.growth_value);
            view! {
                <li class="steps__one">
                    <span class="steps__text">
                        <strong>{title}</strong>
                        <span>{it.explanation.get(locale).to_owned()}</span>
                        <span class="row__note">{subject.time(it.at)}</span>
                    </span>
                    <span class="row__note">{tr!(locale, tier.growth)}" "{growth}</span>
                </li>
            }
        })
        .collect_view();
    view! { <ol class="steps" role="list">{rows}</ol> }.into_any()
}
