//! What tiers give, in words, and compared in a table.

use crate::tr;
use crate::ui::amount::Amounts;
use crate::ui::icon::{Icon, icon};
use crate::ui::{browser, format};
use leptos::html::Div;
use leptos::prelude::*;
use shared::points::Asset;
use shared::text::Locale;
use shared::tiers::api::{BenefitRow, TierOverview};
use shared::tiers::{Benefit, Tier};

/// A benefit in words, with its icon.
fn words(amounts: Amounts, benefit: &Benefit) -> (Icon, String) {
    let locale = amounts.locale;
    match benefit {
        Benefit::EarnMultiplier { bps } => (
            Icon::Points,
            tr!(locale, tier.earn_multiplier, n = times(*bps)),
        ),
        Benefit::FreeShipping { from_amount: 0 } => {
            (Icon::Delivery, tr!(locale, tier.free_shipping).to_owned())
        }
        Benefit::FreeShipping { from_amount } => {
            let amount = amounts.plain(Asset::Credit, *from_amount);
            (
                Icon::Delivery,
                tr!(locale, tier.free_shipping_from, amount = amount),
            )
        }
        Benefit::BirthdayGift { points } => {
            let n = format::number(locale, *points);
            (Icon::Gift, tr!(locale, tier.birthday_gift, n = n))
        }
        Benefit::PriorityShipping => (Icon::Flash, tr!(locale, tier.priority_shipping).to_owned()),
        Benefit::DedicatedService => (
            Icon::Service,
            tr!(locale, tier.dedicated_service).to_owned(),
        ),
        Benefit::FlashSaleEarlyAccess { minutes } => {
            (Icon::Flash, tr!(locale, tier.early_access, n = minutes))
        }
        Benefit::Other { name, .. } => (Icon::Star, name.get(locale).to_owned()),
    }
}

/// Basis points as a number of times: 15,000 is `1.5`.
fn times(bps: i64) -> String {
    let text = format!("{}.{:04}", bps / 10_000, bps % 10_000);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// What a tier gives, as a list.
#[must_use]
pub fn benefit_list(amounts: Amounts, benefits: &[Benefit]) -> AnyView {
    let items = benefits
        .iter()
        .map(|it| {
            let (mark, text) = words(amounts, it);
            view! { <li class="benefit">{icon(mark)}{text}</li> }
        })
        .collect_view();
    view! { <ul class="benefits" role="list">{items}</ul> }.into_any()
}

fn row_name(locale: Locale, row: &BenefitRow) -> String {
    let other = row.cells.iter().find_map(|it| match &it.benefit {
        Some(Benefit::Other { name, .. }) => Some(name.get(locale).to_owned()),
        _ => None,
    });
    let name = match row.kind.as_str() {
        "earn_multiplier" => tr!(locale, tier.kind_earn_multiplier),
        "free_shipping" => tr!(locale, tier.kind_free_shipping),
        "birthday_gift" => tr!(locale, tier.kind_birthday_gift),
        "priority_shipping" => tr!(locale, tier.kind_priority_shipping),
        "dedicated_service" => tr!(locale, tier.kind_dedicated_service),
        "flash_sale_early_access" => tr!(locale, tier.kind_early_access),
        _ => return other.unwrap_or_else(|| tr!(locale, tier.kind_other).to_owned()),
    };
    name.to_owned()
}

/// Something wide that scrolls sideways, with the member's own tier beside the names of the rows.
#[must_use]
pub fn sideways(label: &'static str, body: AnyView) -> AnyView {
    let area = NodeRef::<Div>::new();
    Effect::new(move |_| {
        if let Some(area) = area.get() {
            browser::align(&area, "[data-current]", "th:first-child");
        }
    });
    view! {
        <div class="table-scroll" node_ref=area tabindex="0" role="group" aria-label=label>{body}</div>
    }
    .into_any()
}

/// All tiers side by side; what is better than the tier below stands out.
#[must_use]
pub fn matrix(amounts: Amounts, overview: &TierOverview) -> AnyView {
    let locale = amounts.locale;
    let current = overview.standing.rank as usize;
    let heads = overview
        .tiers
        .iter()
        .enumerate()
        .map(|(rank, tier)| head(amounts, tier, rank == current));
    let heads = heads.collect_view();
    let rows = overview
        .matrix
        .iter()
        .map(|row| matrix_row(amounts, row, current))
        .collect_view();
    let table = view! {
        <table class="matrix">
            <thead><tr><th scope="col">{tr!(locale, tier.benefit)}</th>{heads}</tr></thead>
            <tbody>{rows}</tbody>
        </table>
    };
    sideways(tr!(locale, tier.matrix), table.into_any())
}

fn head(amounts: Amounts, tier: &Tier, current: bool) -> AnyView {
    let locale = amounts.locale;
    view! {
        <th scope="col" data-current=current.then_some("")>
            {tier.name.get(locale).to_owned()}
            <span class="row__note">{format::number(locale, tier.threshold)}</span>
            {current.then(|| view! { <span class="badge" data-tone="good">{tr!(locale, tier.current)}</span> })}
        </th>
    }
    .into_any()
}

fn matrix_row(amounts: Amounts, row: &BenefitRow, current: usize) -> AnyView {
    let locale = amounts.locale;
    let cells = row
        .cells
        .iter()
        .enumerate()
        .map(|(rank, cell)| {
            let text = cell.benefit.as_ref().map(|it| words(amounts, it).1);
            let blank = text.is_none();
            let text = match text {
                Some(text) => text.into_any(),
                None => view! { <span aria-hidden="true">"–"</span><span class="sr-only">{tr!(locale, tier.none)}</span> }
                    .into_any(),
            };
            let differs = cell.differs && !blank;
            view! {
                <td data-current=(rank == current).then_some("") data-differs=differs.then_some("")
                    data-blank=blank.then_some("")>
                    <span class="matrix__cell">
                        {differs.then(|| view! { {icon(Icon::Up)}<span class="sr-only">{tr!(locale, tier.better)}" "</span> })}
                        {text}
                    </span>
                </td>
            }
        })
        .collect_view();
    view! { <tr><th scope="row">{row_name(locale, row)}</th>{cells}</tr> }.into_any()
}
