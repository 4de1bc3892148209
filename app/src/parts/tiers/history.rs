//! Changes of tier, newest first, each with why.

use crate::parts::Subject;
use crate::tr;
use crate::ui::format;
use crate::ui::icon::{Icon, icon};
use leptos::prelude::*;
use shared::text::Locale;
use shared::tiers::api::TierChange;
use shared::tiers::{ChangeCause, Tier};

/// The changes as a timeline.
#[must_use]
pub fn history(subject: &Subject, tiers: &[Tier], changes: &[TierChange]) -> AnyView {
    let locale = subject.amounts.locale;
    if changes.is_empty() {
        return view! { <p class="muted">{tr!(locale, tier.history_empty)}</p> }.into_any();
    }
    let rows = changes
        .iter()
        .map(|it| change(subject, tiers, it))
        .collect_view();
    view! { <ol class="rows" role="list">{rows}</ol> }.into_any()
}

fn change(subject: &Subject, tiers: &[Tier], it: &TierChange) -> AnyView {
    let locale = subject.amounts.locale;
    let name = |code: &str| {
        let tier = tiers.iter().find(|it| it.code == code);
        tier.map_or_else(|| code.to_owned(), |it| it.name.get(locale).to_owned())
    };
    let title = match &it.from_code {
        Some(from) if *from != it.to_code => format!("{} → {}", name(from), name(&it.to_code)),
        _ => name(&it.to_code),
    };
    let growth = format::number(locale, it.growth_value);
    let (cause, kind, mark) = cause(locale, it.cause);
    view! {
        <li class="row row--still row--top">
            <span class="row__mark" data-kind=kind>{icon(mark)}</span>
            <span class="row__main">
                <span class="row__title">{title}" "<span class="badge">{cause}</span></span>
                <span>{it.explanation.get(locale).to_owned()}</span>
                <span class="row__note">{subject.time(it.at)}" · "{tr!(locale, tier.growth)}" "{growth}</span>
            </span>
        </li>
    }
    .into_any()
}

/// What a cause is called, and how its mark looks.
fn cause(locale: Locale, cause: ChangeCause) -> (&'static str, &'static str, Icon) {
    match cause {
        ChangeCause::Joined => (tr!(locale, tier.cause_joined), "gain", Icon::Star),
        ChangeCause::Reached => (tr!(locale, tier.cause_reached), "gain", Icon::Up),
        ChangeCause::Kept => (tr!(locale, tier.cause_kept), "gain", Icon::Shield),
        ChangeCause::GraceBegan => (tr!(locale, tier.cause_grace), "loss", Icon::Expiring),
        ChangeCause::Lowered => (tr!(locale, tier.cause_lowered), "loss", Icon::Down),
        ChangeCause::Refunded => (tr!(locale, tier.cause_refunded), "loss", Icon::Back),
        ChangeCause::Warned => (tr!(locale, tier.cause_warned), "loss", Icon::Warning),
        ChangeCause::Merged => (tr!(locale, tier.cause_merged), "plain", Icon::Adjust),
        ChangeCause::LadderEdited => (tr!(locale, tier.cause_edited), "plain", Icon::Adjust),
    }
}
