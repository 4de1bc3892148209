//! What an invitation offers, in words.

use crate::parts::tasks::{reward_list, reward_text};
use crate::tr;
use crate::ui::amount::Amounts;
use crate::ui::format;
use leptos::prelude::*;
use shared::points::Asset;
use shared::referrals::api::Offer;
use shared::rewards::Reward;

/// Who reads the rules.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Reader {
    /// Who invites.
    Inviter,
    /// Who is invited.
    Friend,
}

/// What each of the two gets, side by side; who gets nothing is left out.
pub(super) fn gets(amounts: Amounts, each: [(&'static str, &[Reward]); 2]) -> AnyView {
    let one = |(who, rewards): (&'static str, &[Reward])| {
        (!rewards.is_empty()).then(|| {
            view! {
                <div class="fact">
                    <p class="fact__label">{who}</p>
                    {reward_list(amounts, rewards)}
                </div>
            }
        })
    };
    view! { <div class="facts gets">{each.map(one)}</div> }.into_any()
}

/// Rewards in a line.
pub(super) fn in_words(amounts: Amounts, rewards: &[Reward]) -> String {
    let each: Vec<String> = rewards.iter().map(|it| reward_text(amounts, *it)).collect();
    each.join(" + ")
}

/// The smallest first order, as money.
pub(super) fn minimum(amounts: Amounts, it: &Offer) -> String {
    amounts.plain(Asset::Credit, it.minimum_order)
}

/// The rules, a line each, in the order in which they come to matter.
pub(super) fn rules(amounts: Amounts, it: &Offer, reader: Reader) -> AnyView {
    let locale = amounts.locale;
    let [join, order, hold] = [it.attribution_days, it.order_days, it.hold_days].map(i64::from);
    let [joins, orders, holds] = [join, order, hold].map(|it| format::number(locale, it));
    let min = minimum(amounts, it);
    let mut lines = match reader {
        Reader::Inviter => vec![
            tr!(locale, referral.rule_join, count = join, n = joins),
            tr!(
                locale,
                referral.rule_order,
                count = order,
                n = orders,
                min = min
            ),
        ],
        Reader::Friend => vec![
            tr!(locale, referral.own_join, count = join, n = joins),
            tr!(
                locale,
                referral.own_order,
                count = order,
                n = orders,
                min = min
            ),
        ],
    };
    lines.push(match (hold, reader) {
        (0, _) => tr!(locale, referral.rule_at_once).to_owned(),
        (_, Reader::Inviter) => tr!(locale, referral.rule_hold, count = hold, n = holds),
        (_, Reader::Friend) => tr!(locale, referral.own_hold, count = hold, n = holds),
    });
    let new = match reader {
        Reader::Inviter => tr!(locale, referral.rule_new),
        Reader::Friend => tr!(locale, referral.own_new),
    };
    lines.push(new.to_owned());
    let line = |it: String| view! { <li class="steps__one">{it}</li> };
    view! { <ol class="steps" role="list">{lines.into_iter().map(line).collect_view()}</ol> }
        .into_any()
}
