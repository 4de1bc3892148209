//! Rewards in words.

use crate::tr;
use crate::ui::amount::Amounts;
use crate::ui::format;
use crate::ui::icon::{Icon, icon};
use leptos::prelude::*;
use shared::points::Asset;
use shared::rewards::Reward;

/// A reward in words: `100 points`.
#[must_use]
pub fn reward_text(amounts: Amounts, reward: Reward) -> String {
    let locale = amounts.locale;
    let n = format::number(locale, reward.amount());
    match reward {
        Reward::Points { .. } => tr!(locale, tasks.points, n = n),
        Reward::Growth { .. } => tr!(locale, tasks.growth, n = n),
        Reward::Credit { amount } => {
            let n = amounts.plain(Asset::Credit, amount);
            tr!(locale, tasks.credit, n = n)
        }
        Reward::MakeupCard { .. } => tr!(locale, tasks.cards, n = n),
        Reward::Coupon { .. } => tr!(locale, tasks.coupons, n = n),
    }
}

/// What is given, as small labels.
#[must_use]
pub fn reward_list(amounts: Amounts, rewards: &[Reward]) -> AnyView {
    let row = |it: &Reward| {
        let mark = match it {
            Reward::Points { .. } => Icon::Points,
            Reward::Growth { .. } => Icon::Star,
            Reward::Credit { .. } => Icon::Credit,
            Reward::MakeupCard { .. } | Reward::Coupon { .. } => Icon::Gift,
        };
        view! { <li class="reward">{icon(mark)}{reward_text(amounts, *it)}</li> }
    };
    view! { <ul class="rewards" role="list">{rewards.iter().map(row).collect_view()}</ul> }
        .into_any()
}
