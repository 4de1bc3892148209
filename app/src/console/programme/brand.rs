//! The shop's colours: chosen, read against what they stand on, and seen before they are saved.

use crate::console::kit::draft::Draft;
use crate::console::kit::field::{Kind, field, fields};
use crate::i18n::locale;
use crate::tr;
use crate::ui::icon::{Icon, icon};
use crate::ui::live;
use leptos::prelude::*;
use shared::programme::brand::{CONTRAST_MIN, Colour, Reading, readings};
use shared::text::Locale;

/// A theme: where its accent is, Coterie's own, and whether it is the dark one.
const THEMES: [(&str, &str, bool); 2] = [
    ("/brand/accent_light", "#1d5b45", false),
    ("/brand/accent_dark", "#8fd6b8", true),
];

/// The fields and the preview.
pub(super) fn body(draft: Draft) -> AnyView {
    let locale = locale();
    let names = [tr!(locale, brand.light), tr!(locale, brand.dark)];
    let inputs = THEMES.iter().zip(names).map(|((at, own, _), name)| {
        field(*at, name, Kind::Colour(own)).hint(tr!(locale, brand.empty))
    });
    let seen = THEMES.map(|(at, own, dark)| {
        live::part(move || {
            let typed = draft.at(at);
            let text = typed.as_str().unwrap_or(own).to_owned();
            match Colour::parse(&text) {
                Some(colour) => sample(locale, text, colour, dark),
                None => ().into_any(),
            }
        })
    });
    view! {
        {fields(draft, inputs.collect())}
        <div class="samples">{seen.into_iter().collect_view()}</div>
    }
    .into_any()
}

/// How the accent looks in one theme, and how well it reads.
fn sample(locale: Locale, text: String, colour: Colour, dark: bool) -> AnyView {
    let rows = readings(colour, dark).map(|it| reading(locale, &it));
    let name = if dark {
        tr!(locale, me.theme_dark)
    } else {
        tr!(locale, me.theme_light)
    };
    let theme = if dark { "dark" } else { "light" };
    view! {
        <figure class="sample" data-sample=theme style=("--accent", text)>
            <figcaption class="sample__name">{name}</figcaption>
            <div class="sample__card" aria-hidden="true">
                <span class="sample__link">{tr!(locale, points.title)}" 1,240"</span>
                <span class="sample__button">{tr!(locale, brand.sample)}</span>
            </div>
            <ul class="sample__list" role="list">{rows.into_iter().collect_view()}</ul>
        </figure>
    }
    .into_any()
}

fn reading(locale: Locale, it: &Reading) -> AnyView {
    let fine = it.contrast >= CONTRAST_MIN;
    let name = match it.against {
        "the page" => tr!(locale, brand.on_page),
        "cards" => tr!(locale, brand.on_cards),
        _ => tr!(locale, brand.under_text),
    };
    let ratio = format!("{}.{:02}", it.contrast / 100, it.contrast % 100);
    let (mark, said) = match fine {
        true => (Icon::Check, tr!(locale, brand.fine)),
        false => (Icon::Warning, tr!(locale, brand.weak)),
    };
    view! {
        <li class="sample__row" data-weak=(!fine).then_some("")>
            {icon(mark)}<span class="grow">{name}</span><span>{ratio}" "{said}</span>
        </li>
    }
    .into_any()
}
