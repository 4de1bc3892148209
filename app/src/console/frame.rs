//! What stands around every page: the navigation, and who is signed in.

use super::kit::Words;
use super::kit::leave::Leave;
use crate::api::{Api, ApiError};
use crate::i18n::{Language, locale, own_name};
use crate::parts::shop;
use crate::session::Identity;
use crate::tr;
use crate::ui::address::Address;
use crate::ui::icon::{Icon, icon};
use crate::ui::theme::{Appearance, Theme};
use crate::ui::toast::Toaster;
use crate::ui::{browser, choice::choice, state};
use leptos::html::Nav;
use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::staff::Role;
use shared::text::Locale;

/// A page in the navigation.
struct Entry {
    href: &'static str,
    mark: Icon,
    name: Words,
    /// Who finds something there.
    roles: &'static [Role],
}

/// Pages that belong together.
struct Group {
    name: Words,
    entries: &'static [Entry],
}

/// Who looks after members and rules, or looks at them.
const DESK: &[Role] = &[Role::Admin, Role::Operator, Role::Auditor];
/// Who looks after communities, or looks at them.
const EVERYBODY: &[Role] = &[
    Role::Admin,
    Role::Operator,
    Role::CommunityManager,
    Role::Auditor,
];
/// Who looks after the programme itself, or looks at it.
const OFFICE: &[Role] = &[Role::Admin, Role::Auditor];

/// The navigation; a page is a line.
const NAVIGATION: &[Group] = &[
    Group {
        name: |it| tr!(it, nav.people),
        entries: &[
            entry(
                "/console/members",
                Icon::Members,
                |it| tr!(it, console.members),
                DESK,
            ),
            entry(
                "/console/approvals",
                Icon::Check,
                |it| tr!(it, console.approvals),
                DESK,
            ),
        ],
    },
    Group {
        name: |it| tr!(it, nav.rules),
        entries: &[
            entry("/console/tiers", Icon::Star, |it| tr!(it, nav.tiers), DESK),
            entry(
                "/console/coupons",
                Icon::Coupon,
                |it| tr!(it, nav.coupons),
                DESK,
            ),
            entry(
                "/console/points",
                Icon::Points,
                |it| tr!(it, nav.points),
                DESK,
            ),
        ],
    },
    Group {
        name: |it| tr!(it, nav.campaigns),
        entries: &[
            entry(
                "/console/tasks",
                Icon::Tasks,
                |it| tr!(it, missions.title),
                DESK,
            ),
            entry(
                "/console/check-in",
                Icon::Check,
                |it| tr!(it, plan.title),
                DESK,
            ),
            entry(
                "/console/sharing",
                Icon::Members,
                |it| tr!(it, sharing.title),
                DESK,
            ),
            entry(
                "/console/referrals",
                Icon::Gift,
                |it| tr!(it, referral_desk.title),
                DESK,
            ),
        ],
    },
    Group {
        name: |it| tr!(it, nav.communities),
        entries: &[
            entry(
                "/console/communities",
                Icon::Chat,
                |it| tr!(it, community_desk.title),
                EVERYBODY,
            ),
            entry(
                "/console/sales",
                Icon::Flash,
                |it| tr!(it, sale_desk.title),
                EVERYBODY,
            ),
        ],
    },
    Group {
        name: |it| tr!(it, nav.developers),
        entries: &[
            entry("/console/keys", Icon::Key, |it| tr!(it, nav.keys), OFFICE),
            entry(
                "/console/webhooks",
                Icon::Spend,
                |it| tr!(it, webhook_desk.title),
                OFFICE,
            ),
            entry(
                "/console/transfers",
                Icon::Earn,
                |it| tr!(it, transfers.title),
                DESK,
            ),
            entry(
                "/console/requests",
                Icon::Search,
                |it| tr!(it, nav.requests),
                OFFICE,
            ),
            entry(
                "/console/playground",
                Icon::Device,
                |it| tr!(it, playground.title),
                DESK,
            ),
        ],
    },
    Group {
        name: |it| tr!(it, nav.office),
        entries: &[
            entry(
                "/console/staff",
                Icon::Members,
                |it| tr!(it, nav.staff),
                OFFICE,
            ),
            entry(
                "/console/audit",
                Icon::Audit,
                |it| tr!(it, nav.audit),
                OFFICE,
            ),
            entry(
                "/console/settings",
                Icon::Settings,
                |it| tr!(it, nav.settings),
                DESK,
            ),
        ],
    },
];

const fn entry(href: &'static str, mark: Icon, name: Words, roles: &'static [Role]) -> Entry {
    Entry {
        href,
        mark,
        name,
        roles,
    }
}

/// The navigation beside the pages; on a phone it opens from the top.
pub(super) fn side(who: &Identity) -> AnyView {
    let locale = locale();
    let open = RwSignal::new(false);
    let here = Address::here();
    let nav = NodeRef::<Nav>::new();
    // A page was chosen: the list of pages has done its work, and shows it.
    Effect::new(move |_| {
        let _page = here.path();
        open.set(false);
        if let Some(nav) = nav.get() {
            request_animation_frame(move || browser::uncover(&nav, "[aria-current]"));
        }
    });
    let role = who.role;
    let groups = NAVIGATION
        .iter()
        .filter_map(|it| group(locale, it, role))
        .collect_view();
    let brand = shop::programme().map(|it| it.name.get(locale).to_owned());
    let expanded = Signal::derive(move || open.get().to_string());
    let mark = move || {
        if open.get() {
            icon(Icon::Close)
        } else {
            icon(Icon::Menu)
        }
    };
    view! {
        <header class="side" class:side--open=open>
            <p class="side__brand">{brand}<span class="side__note">{tr!(locale, console.title)}</span></p>
            <button class="button button--icon side__toggle" type="button" aria-controls="side" aria-expanded=expanded
                aria-label=tr!(locale, app.navigation) on:click=move |_| open.update(|it| *it = !*it)>
                {crate::ui::live::part(mark)}
            </button>
            <div class="side__body" id="side">
                <nav class="side__nav" aria-label=tr!(locale, app.navigation) node_ref=nav>{groups}</nav>
                {person(locale, who)}
            </div>
        </header>
    }
    .into_any()
}

fn group(locale: Locale, group: &'static Group, role: Option<Role>) -> Option<AnyView> {
    let links: Vec<_> = group
        .entries
        .iter()
        .filter(|it| role.is_some_and(|role| it.roles.contains(&role)))
        .map(|it| link(it.href, it.mark, (it.name)(locale)))
        .collect();
    if links.is_empty() {
        return None;
    }
    let it = view! {
        <p class="side__group">{(group.name)(locale)}</p>
        <ul role="list">{links}</ul>
    };
    Some(it.into_any())
}

fn link(href: &'static str, mark: Icon, label: &'static str) -> AnyView {
    let here = Address::here();
    let current = Signal::derive(move || here.path().starts_with(href).then_some("page"));
    view! { <li><a class="side__link" href=href aria-current=current>{icon(mark)}{label}</a></li> }
        .into_any()
}

fn person(locale: Locale, who: &Identity) -> AnyView {
    let role = who.role.map(|it| super::staff::role_name(locale, it));
    let account = tr!(locale, nav.account);
    view! {
        <details class="side__foot">
            <summary class="side__link">
                {icon(Icon::Me)}
                <span class="grow">{who.name.clone().unwrap_or_default()}<span class="side__note">{role}</span></span>
            </summary>
            <div class="stack side__sheet">
                <a class="side__link" href="/console/account">{icon(Icon::Lock)}{account}</a>
                {settings(locale)}
                {leave(locale)}
            </div>
        </details>
    }
    .into_any()
}

fn settings(locale: Locale) -> AnyView {
    let language = expect_context::<Language>();
    let theme = expect_context::<Theme>();
    let hold = expect_context::<Leave>();
    let languages = [Locale::ZhCn, Locale::En].map(|it| (it, it.tag(), own_name(it)));
    let themes = Appearance::ALL.map(|it| {
        let text = match it {
            Appearance::Auto => tr!(locale, me.theme_auto),
            Appearance::Light => tr!(locale, me.theme_light),
            Appearance::Dark => tr!(locale, me.theme_dark),
        };
        (it, it.name(), text)
    });
    let choose = move |it| hold.then(move || language.choose(it));
    view! {
        {choice("language", tr!(locale, me.language), languages.to_vec(), move || language.get(), choose)}
        {choice("theme", tr!(locale, me.theme), themes.to_vec(), move || theme.get(), move |it| theme.choose(it))}
    }
    .into_any()
}

fn leave(locale: Locale) -> AnyView {
    let api = expect_context::<Api>();
    let toaster = expect_context::<Toaster>();
    let hold = expect_context::<Leave>();
    let go = move || {
        spawn_local(async move {
            match api.delete("/api/v1/staff_sessions/current").await {
                Ok(()) => api.close(false),
                Err(ApiError::Refused(problem)) if problem.status == 401 => api.close(false),
                Err(error) => toaster.say(state::words_in(locale, &error).0),
            }
        });
    };
    view! {
        <button class="button button--wide" type="button" on:click=move |_| hold.then(go)>{icon(Icon::SignOut)}{tr!(locale, console.sign_out)}</button>
    }
    .into_any()
}
