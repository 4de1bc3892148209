//! Me: who the member is, how the pages look, and where the member is signed in.

mod profile;
mod security;

use super::with_summary;
use crate::api::Api;
use crate::i18n::{Language, locale, own_name};
use crate::parts::Subject;
use crate::tr;
use crate::ui::choice::choice;
use crate::ui::theme::{Appearance, Theme};
use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::members::api::{Member, Summary, UpdateMe};
use shared::text::Locale;

/// The page.
#[must_use]
pub fn page() -> AnyView {
    with_summary(tr!(locale(), me.title), show)
}

fn show(subject: &Subject, it: Summary) -> AnyView {
    let locale = subject.amounts.locale;
    view! {
        <div class="columns">
            <div class="stack">{profile::profile(subject, it.member)}</div>
            <div class="stack">{settings(locale)}{security::security(subject)}</div>
        </div>
    }
    .into_any()
}

fn settings(locale: Locale) -> AnyView {
    let language = expect_context::<Language>();
    let theme = expect_context::<Theme>();
    let api = expect_context::<Api>();
    let languages = [Locale::ZhCn, Locale::En].map(|it| (it, it.tag(), own_name(it)));
    let themes = Appearance::ALL.map(|it| {
        let text = match it {
            Appearance::Auto => tr!(locale, me.theme_auto),
            Appearance::Light => tr!(locale, me.theme_light),
            Appearance::Dark => tr!(locale, me.theme_dark),
        };
        (it, it.name(), text)
    });
    let choose_language = move |it: Locale| {
        // Messages are written in the member's language too. When the server cannot be told now,
        // the pages change all the same and the next choice tells it again.
        spawn_local(async move {
            let body = UpdateMe {
                locale: Some(it),
                ..UpdateMe::default()
            };
            if let Err(error) = api.patch::<Member>("/api/v1/me", &body).await {
                leptos::logging::warn!("the server did not take the language: {error:?}");
            }
        });
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
