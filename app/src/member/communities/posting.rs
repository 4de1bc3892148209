//! A scenario list as a community is shown it: a scene, a few words, and what goes with it.

use crate::parts::Subject;
use crate::parts::coupons::money;
use crate::tr;
use crate::ui::icon::{Icon, icon};
use leptos::prelude::*;
use shared::scenarios::ScenarioProduct;
use shared::scenarios::api::Posting;
use shared::text::is_web_address;

/// A list of today.
pub(super) fn posting(subject: &Subject, it: &Posting) -> AnyView {
    let title = it.title.clone();
    view! {
        <article class="posting stack">
            <div>
                <h3 class="title">{title}</h3>
                <p class="row__note">{subject.time(it.at)}</p>
            </div>
            {contents(subject, it)}
        </article>
    }
    .into_any()
}

/// A list of the days before, folded.
pub(super) fn folded(subject: &Subject, it: &Posting) -> AnyView {
    let title = it.title.clone();
    view! {
        <li>
            <details class="posting">
                <summary class="posting__fold">
                    <span class="row__title grow">{title}</span>
                    <span class="row__note">{subject.time(it.at)}</span>
                    {icon(Icon::Next)}
                </summary>
                <div class="stack">{contents(subject, it)}</div>
            </details>
        </li>
    }
    .into_any()
}

fn contents(subject: &Subject, it: &Posting) -> AnyView {
    let text = (!it.text.is_empty()).then(|| view! { <p class="prose">{it.text.clone()}</p> });
    let products = it.products.iter().map(|it| product(subject, it));
    let products = (!it.products.is_empty())
        .then(|| view! { <ul class="rows" role="list">{products.collect_view()}</ul> });
    view! { {text}{products} }.into_any()
}

fn product(subject: &Subject, it: &ScenarioProduct) -> AnyView {
    let locale = subject.amounts.locale;
    let price = it
        .price
        .map(|it| view! { <span class="amount">{money(subject.amounts, it)}</span> });
    let name = it.name.clone();
    let inside = view! { <span class="row__title grow">{name}</span>{price} };
    // The server lets nothing else pass; a link is followed by a person who cannot check it.
    let link = it.link.clone().filter(|it| is_web_address(it));
    let shown = match link {
        Some(href) => view! {
            <a class="row row--way" href=href target="_blank" rel="noopener external">
                {inside}<span class="sr-only">" "{tr!(locale, communities.to_shop)}</span>{icon(Icon::Next)}
            </a>
        }
        .into_any(),
        None => view! { <span class="row">{inside}</span> }.into_any(),
    };
    view! { <li>{shown}</li> }.into_any()
}
