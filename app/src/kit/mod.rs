//! The component kit as a page: each part in each of its states, in either theme and language.
//! It is built by `cargo xtask dev` and by the tests, and is no part of what ships.

mod samples;

use crate::api::ApiError;
use crate::i18n::{Language, own_name};
use crate::parts::Subject;
use crate::parts::points::{entries, expiry_bars};
use crate::parts::tiers::{benefit_list, history, matrix, tier_card};
use crate::ui::address::Address;
use crate::ui::amount::Amounts;
use crate::ui::choice::choice;
use crate::ui::form::{Form, Input, field, form_error, submit};
use crate::ui::icon::{Icon, icon};
use crate::ui::sheet::{Sheet, sheet_at};
use crate::ui::theme::{Appearance, Theme};
use crate::ui::toast::Toaster;
use crate::ui::ways::{Look, ways};
use crate::ui::{browser, meter, page, state};
use leptos::prelude::*;
use samples::Samples;
use shared::points::Asset;
use shared::problem::{FieldError, Problem};
use shared::text::Locale;

/// Every drawing.
const ICONS: [Icon; 45] = [
    Icon::Home,
    Icon::Points,
    Icon::Me,
    Icon::Members,
    Icon::Pending,
    Icon::Expiring,
    Icon::Earn,
    Icon::Spend,
    Icon::Expire,
    Icon::Adjust,
    Icon::Back,
    Icon::Why,
    Icon::Offline,
    Icon::Warning,
    Icon::Close,
    Icon::Next,
    Icon::Previous,
    Icon::Search,
    Icon::SignOut,
    Icon::Frozen,
    Icon::Empty,
    Icon::Check,
    Icon::Credit,
    Icon::Order,
    Icon::Lock,
    Icon::Gift,
    Icon::Delivery,
    Icon::Flash,
    Icon::Service,
    Icon::Star,
    Icon::Menu,
    Icon::Plus,
    Icon::Key,
    Icon::Settings,
    Icon::Audit,
    Icon::Remove,
    Icon::Merge,
    Icon::Crown,
    Icon::Medal,
    Icon::Bell,
    Icon::Shield,
    Icon::Download,
    Icon::Device,
    Icon::Up,
    Icon::Down,
];

/// The page.
#[must_use]
pub fn app() -> AnyView {
    let language = expect_context::<Language>();
    let theme = expect_context::<Theme>();
    let locale = language.now();
    page::arrive("Component kit");
    let languages = [Locale::ZhCn, Locale::En].map(|it| (it, it.tag(), own_name(it)));
    let themes = Appearance::ALL.map(|it| (it, it.name(), it.name()));
    let shown = samples::read().map(|it| data(locale, it));
    view! {
        <main id="main" class="main kit">
            {page::heading("Component kit", "greeting")}
            <div class="kit__controls">
                {choice("language", "Language", languages.to_vec(), move || language.get(), move |it| language.choose(it))}
                {choice("theme", "Theme", themes.to_vec(), move || theme.get(), move |it| theme.choose(it))}
            </div>
            {buttons()}
            {fields()}
            {messages()}
            {states()}
            {pictures()}
            {shown}
        </main>
    }
    .into_any()
}

fn section(name: &'static str, cases: Vec<(&'static str, AnyView)>) -> AnyView {
    let cases = cases
        .into_iter()
        .map(|(case, body)| shown(name, case, body))
        .collect_view();
    view! {
        <section class="kit__section" aria-labelledby=name>
            <h2 class="title" id=name>{name}</h2>
            <div class="kit__cases">{cases}</div>
        </section>
    }
    .into_any()
}

fn shown(section: &str, case: &str, body: AnyView) -> AnyView {
    let name = format!("{section}-{case}");
    let id = name.clone();
    view! {
        <article class="kit__case card" aria-labelledby=name.clone() data-case=name.clone()>
            <h3 class="label" id=id>{case.to_owned()}</h3>
            {body}
        </article>
    }
    .into_any()
}

fn button(class: &'static str, text: &'static str, waits: bool) -> AnyView {
    view! { <button class=class type="button" aria-disabled=waits.then_some("true")>{text}</button> }
        .into_any()
}

fn buttons() -> AnyView {
    let with_icon = view! {
        <button class="button button--icon" type="button" aria-label="Close">{icon(Icon::Close)}</button>
    };
    section(
        "buttons",
        vec![
            ("plain", button("button", "Plain", false)),
            ("main", button("button button--main", "Main", false)),
            ("waiting", button("button button--main", "Waiting…", true)),
            ("bad", button("button button--bad", "Takes away", false)),
            ("danger", button("button button--danger", "For good", false)),
            ("small", button("button button--small", "Small", false)),
            ("quiet", button("button button--plain", "Quiet", false)),
            ("wide", button("button button--wide", "Wide", false)),
            ("icon", with_icon.into_any()),
        ],
    )
}

const fn input(name: &'static str, kind: &'static str) -> Input {
    Input {
        name,
        kind,
        autocomplete: "off",
        required: false,
    }
}

/// A problem as the server tells it.
fn problem() -> ApiError {
    ApiError::Refused(Box::new(Problem {
        kind: "/problems/input.invalid".to_owned(),
        title: "The input has mistakes.".to_owned(),
        status: 422,
        code: "input.invalid".to_owned(),
        detail: None,
        request_id: Some("req_0123456789abcdef".to_owned()),
        errors: vec![FieldError {
            pointer: "/refused".to_owned(),
            code: "input.required".to_owned(),
            message: "This is needed.".to_owned(),
        }],
    }))
}

fn fields() -> AnyView {
    let plain = Form::new();
    let refused = Form::new();
    refused.error.set(Some(problem()));
    let waiting = Form::new();
    waiting.busy.set(true);
    let text = |value: &str| RwSignal::new(value.to_owned());
    let hint = Some("What is wanted here.".to_owned());
    let of = |form: Form, name: &'static str, kind: &'static str, hint, value: &str| {
        let label = if kind == "date" { "Date" } else { "Text" };
        field(form, input(name, kind), label, hint, text(value))
    };
    let mut parts = vec![
        ("empty", of(plain, "empty", "text", None, "")),
        ("hint", of(plain, "hint", "text", hint, "Written")),
        ("date", of(plain, "date", "date", None, "")),
        ("refused", of(refused, "refused", "text", None, "Wrong")),
        ("form-error", form_error(refused)),
        ("submit", submit(plain, "Save", "Saving…")),
        ("submit-waiting", submit(waiting, "Save", "Saving…")),
    ];
    parts.extend(choices());
    section("fields", parts)
}

/// What is picked rather than typed.
fn choices() -> Vec<(&'static str, AnyView)> {
    let picked = RwSignal::new(1u8);
    let options = vec![
        (1u8, "one", "One"),
        (2, "two", "Two"),
        (3, "three", "Three"),
    ];
    let pick = choice(
        "pick",
        "Pick one",
        options,
        move || picked.get(),
        move |it| picked.set(it),
    );
    let check = view! {
        <label class="check" for="check"><input type="checkbox" id="check"/><span>"Understood"</span></label>
    };
    let toggle = |id: &'static str, on: bool, off: bool| {
        view! {
            <label class="row row--way" for=id>
                <span class="row__title grow">"Toggle"</span>
                <input class="toggle" type="checkbox" role="switch" id=id checked=on disabled=off/>
            </label>
        }
        .into_any()
    };
    let select = view! {
        <label class="field__label" for="select">"Select"</label>
        <select class="input" id="select"><option>"One"</option><option>"Two"</option></select>
    };
    let each = [(None, "All"), (Some("one"), "One"), (Some("two"), "Two")];
    vec![
        ("choice", pick),
        ("switch", ways("Views", Look::Switch, "view", &[], &each)),
        ("chips", ways("Kinds", Look::Chips, "kind", &[], &each)),
        ("check", check.into_any()),
        ("toggle-on", toggle("on", true, false)),
        ("toggle-off", toggle("off", false, false)),
        ("toggle-disabled", toggle("disabled", true, true)),
        ("select", select.into_any()),
    ]
}

fn messages() -> AnyView {
    let banner = |class: &'static str, mark: Icon| {
        view! { <p class=class>{icon(mark)}<span class="grow">"Something to know."</span></p> }
            .into_any()
    };
    let badge =
        |tone: &'static str| view! { <span class="badge" data-tone=tone>"Badge"</span> }.into_any();
    let toaster = expect_context::<Toaster>();
    let toast = view! {
        <button class="button" type="button" on:click=move |_| toaster.say("Saved.")>"Say"</button>
        <button class="button" type="button"
            on:click=move |_| toaster.offer("There is a new version.", "Load again", browser::reload)>"Offer"</button>
    };
    let here = Address::here();
    let href = Signal::derive(move || here.with(&[("sheet", Some("open"))]));
    let sheet = view! {
        <a class="button" data-noscroll="" href=href aria-haspopup="dialog">"Open a sheet"</a>
        {sheet_at("sheet", |_, close| {
            view! { <Sheet title="A sheet" close=close><p>"Back, Escape, the cross and a click beside it close it."</p></Sheet> }
                .into_any()
        })}
    };
    section(
        "messages",
        vec![
            ("plain", banner("banner", Icon::Star)),
            ("good", banner("banner banner--good", Icon::Crown)),
            ("warn", banner("banner banner--warn", Icon::Warning)),
            ("bad", banner("banner banner--bad", Icon::Frozen)),
            ("badge", badge("plain")),
            ("badge-good", badge("good")),
            ("badge-wait", badge("wait")),
            ("badge-bad", badge("bad")),
            (
                "count",
                view! { <span class="count">"12"</span> }.into_any(),
            ),
            ("toasts", toast.into_any()),
            ("sheet", sheet.into_any()),
        ],
    )
}

fn states() -> AnyView {
    let at = Some(1_700_000_000_000.0);
    section(
        "states",
        vec![
            ("skeleton", state::skeleton(4)),
            (
                "empty",
                state::empty("Nothing yet", "It will show up here."),
            ),
            ("failed", state::failure(&problem(), || {})),
            ("offline", state::failure(&ApiError::Offline, || {})),
            ("stale", state::stale(&problem(), at, || {})),
            ("stale-offline", state::stale(&ApiError::Offline, at, || {})),
        ],
    )
}

fn pictures() -> AnyView {
    let progress = |bps: i64| {
        let text = format!("{} of 100", bps / 100);
        meter::progress(bps, "Progress".to_owned(), text)
    };
    let icons = ICONS.map(icon).collect_view();
    section(
        "pictures",
        vec![
            ("none", progress(0)),
            ("half", progress(5_000)),
            ("whole", progress(10_000)),
            ("share", meter::share(1, 3)),
            (
                "icons",
                view! { <p class="kit__icons">{icons}</p> }.into_any(),
            ),
        ],
    )
}

fn data(locale: Locale, it: Samples) -> AnyView {
    let amounts = Amounts {
        locale,
        currency: it.currency,
    };
    let subject = Subject {
        base: "/api/v1/me".to_owned(),
        zone: "Asia/Shanghai".to_owned(),
        amounts,
        staff: false,
    };
    let cards = it.standings.iter().map(|it| {
        shown(
            "tier-card",
            &it.name,
            tier_card(&subject, &it.standing, ().into_any()),
        )
    });
    let overview = it.overview;
    let standing = &overview.standing;
    let credit = expiry_bars(&subject, Asset::Credit, &it.expiring);
    view! {
        <section class="kit__section" aria-labelledby="tier-card">
            <h2 class="title" id="tier-card">"tier-card"</h2>
            <div class="kit__cases">{cards.collect_view()}</div>
        </section>
        {section("tiers", vec![
            ("benefits", benefit_list(amounts, &standing.benefits)),
            ("matrix", matrix(amounts, &overview)),
            ("history", history(&subject, &overview.tiers, &overview.history)),
            ("history-empty", history(&subject, &overview.tiers, &[])),
        ])}
        {section("points", vec![
            ("rows", entries(&subject, it.entries)),
            ("expiry", expiry_bars(&subject, Asset::Points, &it.expiring)),
            ("expiry-credit", credit),
        ])}
    }
    .into_any()
}
