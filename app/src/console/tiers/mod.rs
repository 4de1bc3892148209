//! Tiers: the ladder, edited as one thing, with what an edit would do to members.

mod benefits;
mod impact;
mod ladder;

pub use ladder::ladder;

use crate::api;
use crate::ui::query;
use leptos::prelude::*;
use shared::text::Locale;
use shared::tiers::api::LadderVersion;

/// The code and the name of each tier, the lowest first, once they are known.
pub(super) fn named(locale: Locale) -> Signal<Vec<(String, String)>> {
    let ladder = query::query::<LadderVersion>(|| Some("/api/v1/tier_ladder".to_owned()));
    Signal::derive(move || {
        let texts = ladder.source.texts().unwrap_or_default();
        let read = texts.first();
        let version = read.and_then(|it| api::read::<LadderVersion>(it).ok());
        let tiers = version.map(|it| it.ladder.tiers).unwrap_or_default();
        let named = tiers.into_iter();
        named
            .map(|it| (it.code, it.name.get(locale).to_owned()))
            .collect()
    })
}
