//! The look of the pages before the sign-in, the same for members and staff.

use crate::api::Api;
use crate::i18n::{Language, locale, own_name};
use crate::parts::shop;
use crate::session::Session;
use crate::tr;
use crate::ui::icon::{Icon, icon};
use crate::ui::{live, page};
use leptos::prelude::*;
use shared::text::Locale;

/// Why the page asks again, when a session ended by itself.
#[must_use]
pub fn ended(locale: Locale) -> AnyView {
    let api = expect_context::<Api>();
    live::maybe(move || {
        let ended = api
            .session()
            .with(|it| matches!(it, Session::SignedOut { ended: true }));
        ended.then(|| {
            view! { <p class="banner banner--warn" role="status">{icon(Icon::Lock)}{tr!(locale, auth.ended)}</p> }
                .into_any()
        })
    })
}

/// The look of a page before the sign-in; `hint` may be empty.
#[must_use]
pub fn door(title: impl Into<String>, hint: &'static str, body: AnyView) -> AnyView {
    titled(page::heading(title, "door__title"), hint, body)
}

fn titled(heading: AnyView, hint: &'static str, body: AnyView) -> AnyView {
    let locale = locale();
    let name = shop::programme().map(|it| it.name.get(locale).to_owned());
    let language = expect_context::<Language>();
    let others = [Locale::ZhCn, Locale::En]
        .into_iter()
        .filter(|it| *it != locale)
        .map(|it| {
            view! {
                <button class="button button--plain" type="button" lang=it.tag()
                    on:click=move |_| language.choose(it)>{own_name(it)}</button>
            }
        })
        .collect_view();
    view! {
        <div class="door">
            <p class="door__brand">{name}</p>
            <div class="card door__card">
                {heading}
                {(!hint.is_empty()).then(|| view! { <p class="muted">{hint}</p> })}
                {body}
            </div>
            <p class="centre">{others}</p>
        </div>
    }
    .into_any()
}
