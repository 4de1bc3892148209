//! The console: what operators see, built for a desk.

mod members;
mod orders;
mod points;
mod sessions;

use crate::api::{Api, ApiError};
use crate::i18n::{Language, locale, own_name};
use crate::parts::shop::Shop;
use crate::session::Identity;
use crate::tr;
use crate::ui::address::replace_by;
use crate::ui::guard::{self, Doors};
use crate::ui::icon::{Icon, icon};
use crate::ui::theme::{Appearance, Theme};
use crate::ui::toast::Toaster;
use crate::ui::{choice::choice, live, state};
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::components::{FlatRoutes, Route};
use leptos_router::hooks::use_location;
use leptos_router::path;
use shared::text::Locale;

/// The list of members, where the console starts.
const MEMBERS: &str = "/console/members";
/// Adjustments that wait for a second person.
const APPROVALS: &str = "/console/approvals";

const DOORS: Doors = Doors {
    home: MEMBERS,
    sign_in: "/console/sign-in",
    outside: &["/console/sign-in"],
    open: None,
};

/// The console.
#[must_use]
pub fn app() -> AnyView {
    let api = expect_context::<Api>();
    provide_context(Shop::start(api));
    let who = Memo::new(move |_| api.identity());
    view! {
        <a class="skip" href="#main" rel="external">{tr!(locale(), app.skip)}</a>
        <div class="desk">
            {live::maybe(move || who.get().map(side))}
            <main id="main" tabindex="-1" class="main">{guard::guarded(DOORS, routes)}</main>
        </div>
    }
    .into_any()
}

fn routes() -> AnyView {
    view! {
        <FlatRoutes fallback=|| guard::not_found(MEMBERS)>
            <Route path=path!("/console") view=start/>
            <Route path=path!("/console/sign-in") view=sessions::sign_in/>
            <Route path=path!("/console/members") view=|| guard::inside(members::list)/>
            <Route path=path!("/console/members/:id") view=|| guard::inside(members::detail)/>
            <Route path=path!("/console/approvals") view=|| guard::inside(points::approvals)/>
        </FlatRoutes>
    }
    .into_any()
}

/// The console's own address leads to its first page.
fn start() -> AnyView {
    let go = replace_by();
    Effect::new(move |_| go(MEMBERS));
    state::skeleton(5)
}

/// The navigation beside the pages, and who is signed in.
fn side(who: Identity) -> AnyView {
    let locale = locale();
    let path = use_location().pathname;
    let link = |href: &'static str, mark: Icon, label: &'static str| {
        let current =
            Signal::derive(move || path.with(|it| it.starts_with(href)).then_some("page"));
        view! { <li><a class="side__link" href=href aria-current=current>{icon(mark)}{label}</a></li> }
    };
    view! {
        <header class="side">
            <p class="side__brand">{tr!(locale, console.title)}</p>
            <nav aria-label=tr!(locale, app.navigation)>
                <ul role="list">
                    {link(MEMBERS, Icon::Members, tr!(locale, console.members))}
                    {link(APPROVALS, Icon::Check, tr!(locale, console.approvals))}
                </ul>
            </nav>
            <details class="side__foot">
                <summary class="side__link">{icon(Icon::Me)}{who.name.unwrap_or_default()}</summary>
                <div class="stack">{settings(locale)}{leave(locale)}</div>
            </details>
        </header>
    }
    .into_any()
}

fn settings(locale: Locale) -> AnyView {
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
    view! {
        {choice("language", tr!(locale, me.language), languages.to_vec(), move || language.get(), move |it| language.choose(it))}
        {choice("theme", tr!(locale, me.theme), themes.to_vec(), move || theme.get(), move |it| theme.choose(it))}
    }
    .into_any()
}

fn leave(locale: Locale) -> AnyView {
    let api = expect_context::<Api>();
    let toaster = expect_context::<Toaster>();
    let click = move |_| {
        spawn_local(async move {
            match api.delete("/api/v1/staff_sessions/current").await {
                Ok(()) => api.close(false),
                Err(ApiError::Refused(problem)) if problem.status == 401 => api.close(false),
                Err(error) => toaster.say(state::words_in(locale, &error).0),
            }
        });
    };
    view! {
        <button class="button button--wide" type="button" on:click=click>{icon(Icon::SignOut)}{tr!(locale, console.sign_out)}</button>
    }
    .into_any()
}
