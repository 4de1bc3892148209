//! The guide over the page: where WeChat's menu is, what to choose there, and what is sent.

use crate::tr;
use crate::ui::live;
use crate::ui::share::Offer;
use crate::ui::sheet::{modal, sheet_at};
use leptos::prelude::*;
use shared::text::Locale;

/// The part of the address that asks for it.
pub(super) const KEY: &str = "guide";

/// The guide, while the address asks for it.
pub(super) fn guide(locale: Locale, offer: Memo<Option<Offer>>) -> AnyView {
    sheet_at(KEY, move |_, close| {
        modal("guide", "guide-title", close, shown(locale, offer, close))
    })
}

/// A tap anywhere closes it. The button is for whoever cannot see or tap; its click arrives where
/// every other one does.
fn shown(locale: Locale, offer: Memo<Option<Offer>>, close: Callback<()>) -> AnyView {
    let card = live::maybe(move || {
        let Offer { title, text, .. } = offer.get()?;
        let card = view! {
            <div class="guide__card">
                <p class="label">{tr!(locale, wechat.sends)}</p>
                <p class="row__title">{title}</p>
                <p class="row__note">{text}</p>
            </div>
        };
        Some(card.into_any())
    });
    view! {
        <div class="guide__body" on:click=move |_| close.run(())>
            <svg class="guide__arrow" viewBox="0 0 64 64" aria-hidden="true">
                <path d="M6 58C10 30 28 14 54 10M38 6l17 4-8 15"/>
            </svg>
            <div class="guide__say stack">
                <h2 id="guide-title" class="title">{tr!(locale, wechat.guide)}</h2>
                <ol class="guide__steps">
                    <li>{tr!(locale, wechat.guide_menu)}</li>
                    <li>{tr!(locale, wechat.guide_choose)}</li>
                </ol>
                {card}
                <button class="button button--main button--wide" type="button">{tr!(locale, wechat.got_it)}</button>
            </div>
        </div>
    }
    .into_any()
}
