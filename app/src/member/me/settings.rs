//! How the pages look, and in which zone days are counted.

use crate::api::Api;
use crate::i18n::{Language, own_name};
use crate::member::Me;
use crate::tr;
use crate::ui::browser;
use crate::ui::choice::choice;
use crate::ui::form::{Form, form_error};
use crate::ui::theme::{Appearance, Theme};
use crate::ui::toast::Toaster;
use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::members::MemberStatus;
use shared::members::api::{Member, UpdateMe};
use shared::text::Locale;

/// Language, appearance and time zone.
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
            {time_zone(locale, member, active)}
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

fn time_zone(locale: Locale, member: &Member, active: bool) -> AnyView {
    let api = expect_context::<Api>();
    let toaster = expect_context::<Toaster>();
    let Me(summary) = expect_context();
    let form = Form::new();
    let mut zones = browser::time_zones();
    if !zones.contains(&member.time_zone) {
        zones.insert(0, member.time_zone.clone());
    }
    let options = zones
        .into_iter()
        .map(|it| {
            let chosen = it == member.time_zone;
            view! { <option value=it.clone() selected=chosen>{it.replace('_', " ")}</option> }
        })
        .collect_view();
    let choose = move |event: web_sys::Event| {
        let body = UpdateMe {
            time_zone: Some(event_target_value(&event)),
            ..UpdateMe::default()
        };
        if !form.begin() {
            return;
        }
        spawn_local(async move {
            let answer = api.patch::<Member>("/api/v1/me", &body).await;
            if form.end(answer).is_some() {
                toaster.say(tr!(locale, me.saved));
                summary.reload();
            }
        });
    };
    let here = browser::time_zone()
        .filter(|it| *it != member.time_zone)
        .map(|it| format!(" {}", tr!(locale, me.zone_here, zone = it)));
    view! {
        <div class="field">
            {form_error(form)}
            <label class="field__label" for="time_zone">{tr!(locale, me.time_zone)}</label>
            <select class="input" id="time_zone" name="time_zone" aria-describedby="time_zone-hint"
                disabled=!active on:change=choose>{options}</select>
            <p class="field__hint" id="time_zone-hint">{tr!(locale, me.time_zone_hint)}{here}</p>
        </div>
    }
    .into_any()
}
