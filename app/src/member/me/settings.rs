//! How the pages look.

use crate::api::Api;
use crate::i18n::{Language, own_name};
use crate::tr;
use crate::ui::choice::choice;
use crate::ui::theme::{Appearance, Theme};
use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::members::MemberStatus;
use shared::members::api::{Member, UpdateMe};
use shared::text::Locale;

/// Language and appearance.
pub(super) fn settings(locale: Locale, member: &Member) -> AnyView {
    let language = expect_context::<Language>();
    let theme = expect_context::<Theme>();
    let languages = [Locale::ZhCn, Locale::En].map(|it| (it, it.tag(), own_name(it)));
    let themes = Appearance::ALL.map(|it| {
        let text = match it {
            Appearance::Auto => tr!(locale, me.theme_auto),
            Appearance::Light => tr!(locale, me.theme_light),
            Appearance::Dark => tr!(locale, me.theme_dark),
        };
        (it, it.name(), text)
    });
    let active = member.status == MemberStatus::Active;
    let choose_language = move |it: Locale| {
        if active {
            tell_language(it);
        }
        language.choose(it);
    };
    view! {
        <section class="card stack" aria-labelledby="settings">
            <h2 class="title" id="settings">{tr!(locale, me.settings)}</h2>
            {choice("language", tr!(locale, me.language), languages.to_vec(), move || language.get(), choose_language)}
            {choice("theme", tr!(locale, me.theme), themes.to_vec(), move || theme.get(), move |it| theme.choose(it))}
        </section>
    }
    .into_any()
}

/// Messages are written in the member's language too. When the server cannot be told now, the
/// pages change all the same and the next choice tells it again.
fn tell_language(language: Locale) {
    let api = expect_context::<Api>();
    let body = UpdateMe {
        locale: Some(language),
        ..UpdateMe::default()
    };
    spawn_local(async move {
        if let Err(error) = api.patch::<Member>("/api/v1/me", &body).await {
            leptos::logging::warn!("the server did not take the language: {error:?}");
        }
    });
}
