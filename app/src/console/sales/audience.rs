//! Who a sale is for, and who comes in first.

use super::Tiers;
use crate::api;
use crate::console::kit::desk::Desk;
use crate::console::kit::draft::Draft;
use crate::console::kit::field::{Kind, Number, field};
use crate::console::kit::rows::{Rows, rows};
use crate::console::kit::several::several_of;
use crate::tr;
use crate::ui::live;
use crate::ui::query;
use leptos::prelude::*;
use serde_json::{Value, json};
use shared::communities::api::Community;
use shared::page::Page;
use shared::sales::MAX_EARLY;

/// The steps of a staged opening.
const EARLY: Rows = Rows {
    at: "/early",
    most: MAX_EARLY,
    add: |it| tr!(it, sale_desk.early_add),
    remove: |it, n| tr!(it, sale_desk.early_remove, n = n),
    fresh: |_| json!({ "tier": "", "minutes": 30 }),
};

/// Who the sale is for.
pub(super) fn audience(desk: &Desk, draft: Draft, tiers: Tiers) -> AnyView {
    let locale = desk.locale;
    let all = query::query::<Page<Community>>(|| Some("/api/v1/communities?limit=100".to_owned()));
    let communities = live::maybe(move || {
        let texts = all.source.texts()?;
        let page = api::read::<Page<Community>>(texts.first()?).ok()?;
        let ways = page
            .data
            .into_iter()
            .map(|it| (json!(it.id), it.definition.name));
        let ways = with_chosen(draft, ways.collect());
        let label = tr!(locale, community_desk.title);
        let hint = tr!(locale, sale_desk.communities_hint);
        Some(
            field("/audience/communities", label, several_of(ways))
                .hint(hint)
                .show(draft),
        )
    });
    let tags = field(
        "/audience/tags",
        tr!(locale, community_desk.tags),
        Kind::Names,
    )
    .hint(tr!(locale, sale_desk.tags_hint));
    let tier = live::part(move || {
        let none = (String::new(), tr!(locale, sale_desk.any_tier).to_owned());
        let ways = std::iter::once(none).chain(tiers.get());
        let ways = Kind::Choice(ways.collect()).or_none();
        field(
            "/audience/minimum_tier",
            tr!(locale, sale_desk.minimum_tier),
            ways,
        )
        .show(draft)
    });
    let wrong = move || {
        let text = draft.wrong("/audience")?;
        Some(view! { <p class="field__error">{text}</p> }.into_any())
    };
    view! { {communities}{tags.show(draft)}{tier}{live::maybe(wrong)} }.into_any()
}

/// The communities to choose from, with those that were chosen and are not among them.
fn with_chosen(draft: Draft, mut ways: Vec<(Value, String)>) -> Vec<(Value, String)> {
    let chosen = draft.value()["audience"]["communities"].clone();
    for it in chosen.as_array().into_iter().flatten() {
        if ways.iter().all(|way| way.0 != *it) {
            ways.push((it.clone(), it.as_str().unwrap_or_default().to_owned()));
        }
    }
    ways
}

/// Who comes in before it opens for everybody.
pub(super) fn early(desk: &Desk, draft: Draft, tiers: Tiers) -> AnyView {
    let locale = desk.locale;
    rows(EARLY, draft, move |at| {
        let none = (String::new(), tr!(locale, sale_desk.choose_tier).to_owned());
        let ways = std::iter::once(none).chain(tiers.get());
        let ways = Kind::Choice(ways.collect());
        let minutes = Number::whole(tr!(locale, sale_desk.unit_minutes));
        let step = vec![
            field(
                format!("{at}/tier"),
                tr!(locale, sale_desk.early_tier),
                ways,
            ),
            field(
                format!("{at}/minutes"),
                tr!(locale, sale_desk.early_minutes),
                Kind::Number(minutes),
            ),
        ];
        (step, ().into_any())
    })
}
