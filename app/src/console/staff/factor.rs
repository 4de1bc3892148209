//! The second step of signing in: an authenticator app set up, its recovery codes, its end.

use crate::api::{self, Api};
use crate::console::kit::act::{Act, Verb, act};
use crate::console::kit::desk::Desk;
use crate::console::kit::draft::Draft;
use crate::console::kit::field::{Kind, field, fields};
use crate::console::kit::secret::secret;
use crate::console::kit::section::section;
use crate::console::kit::table::badge;
use crate::i18n::locale;
use crate::tr;
use crate::ui::address::Address;
use crate::ui::icon::{Icon, icon};
use crate::ui::live;
use crate::ui::load::loaded;
use crate::ui::query::{self, Query};
use crate::ui::sheet::{Sheet, sheet_at};
use crate::ui::toast::Toaster;
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde_json::json;
use shared::staff::api::{RecoveryCodes, SecondFactor, TotpEnrolment};

/// Where one's own second factor is.
const PATH: &str = "/api/v1/staff/me/totp";
/// The part of the address that names the open sheet.
const KEY: &str = "do";

/// The part of the account page.
pub(super) fn part(desk: &Desk) -> AnyView {
    let locale = desk.locale;
    let desk = desk.clone();
    let state = query::query::<SecondFactor>(|| Some(PATH.to_owned()));
    let show = move |it: SecondFactor| {
        let body = status(&desk, &it);
        section(tr!(locale, factor.title), tr!(locale, factor.hint), body)
    };
    view! { {loaded(state, 3, show)}{sheets(state)} }.into_any()
}

fn status(desk: &Desk, it: &SecondFactor) -> AnyView {
    let locale = desk.locale;
    let here = Address::here();
    let link = |name: &'static str, class: &'static str, mark: Icon, text: &'static str| {
        let href = here.with_now(&[(KEY, Some(name))]);
        view! { <a class=class data-noscroll="" href=href aria-haspopup="dialog">{icon(mark)}{text}</a> }
            .into_any()
    };
    if !it.enabled {
        let required = it.required.then(|| {
            view! { <p class="banner banner--warn">{icon(Icon::Warning)}{tr!(locale, factor.required)}</p> }
        });
        return view! {
            {required}
            <p>{badge(tr!(locale, factor.off), "wait")}</p>
            <p>{link("factor", "button button--main", Icon::Lock, tr!(locale, factor.begin))}</p>
        }
        .into_any();
    }
    let since = it.enabled_at.map(|at| desk.time(at)).unwrap_or_default();
    let low = it.recovery_codes_left < 3;
    let left = tr!(locale, factor.left, n = it.recovery_codes_left);
    let end =
        (!it.required).then(|| link("factor-off", "button", Icon::Close, tr!(locale, factor.end)));
    view! {
        <p>{badge(tr!(locale, factor.on), "good")}" "{tr!(locale, factor.since, time = since)}</p>
        <p class:banner=low class:banner--warn=low>{left}</p>
        <div class="sheet__ways">
            {link("codes", "button", Icon::Key, tr!(locale, factor.renew))}
            {end}
        </div>
    }
    .into_any()
}

fn sheets(state: Query<SecondFactor>) -> AnyView {
    sheet_at(KEY, move |name, close| match name.as_str() {
        "factor" => enrol(state, close),
        "codes" => renew(state, close),
        "factor-off" => end(state, close),
        _ => ().into_any(),
    })
}

/// Where the enrolment is.
#[derive(Clone)]
enum Step {
    Password,
    Scan(TotpEnrolment),
    Codes(Vec<String>),
}

/// Password, then a picture to scan and a code that proves it, then codes for a bad day.
fn enrol(state: Query<SecondFactor>, close: Callback<()>) -> AnyView {
    let step = RwSignal::new(Step::Password);
    live::part(move || match step.get() {
        Step::Password => password(step, close),
        Step::Scan(it) => scan(it, step, close),
        Step::Codes(codes) => recovery(codes, state, close),
    })
}

fn password(step: RwSignal<Step>, close: Callback<()>) -> AnyView {
    let locale = locale();
    let draft = Draft::new(json!({"password": ""}));
    let kind = Kind::Secret("current-password");
    let it = Act {
        title: tr!(locale, factor.begin).to_owned(),
        about: view! { <p>{tr!(locale, factor.begin_about)}</p> }.into_any(),
        body: field("/password", tr!(locale, auth.password), kind).show(draft),
        button: tr!(locale, factor.next),
        grave: false,
        path: PATH.to_owned(),
        verb: Verb::Post,
    };
    let done = move |text: String| {
        if let Ok(it) = api::read::<TotpEnrolment>(&text) {
            step.set(Step::Scan(it));
        }
    };
    act(draft, it, done, close)
}

fn scan(it: TotpEnrolment, step: RwSignal<Step>, close: Callback<()>) -> AnyView {
    let locale = locale();
    let draft = Draft::new(json!({"code": ""}));
    let picture = format!(
        "data:image/svg+xml,{}",
        crate::ui::browser::encode(&it.qr_svg)
    );
    let about = view! {
        <p>{tr!(locale, factor.scan)}</p>
        <img class="qr" src=picture alt=tr!(locale, factor.picture) width="200" height="200"/>
        <details>
            <summary class="why">{tr!(locale, factor.by_hand)}</summary>
            <code class="secret" tabindex="0" role="group" aria-label=tr!(locale, factor.by_hand)>{it.secret}</code>
            <p><a class="link" href=it.uri rel="external">{tr!(locale, factor.open_app)}</a></p>
        </details>
    };
    let code =
        field("/code", tr!(locale, factor.code), Kind::Code).hint(tr!(locale, factor.code_hint));
    let it = Act {
        title: tr!(locale, factor.begin).to_owned(),
        about: about.into_any(),
        body: code.show(draft),
        button: tr!(locale, factor.confirm),
        grave: false,
        path: format!("{PATH}/confirm"),
        verb: Verb::Post,
    };
    let done = move |text: String| {
        if let Ok(it) = api::read::<RecoveryCodes>(&text) {
            step.set(Step::Codes(it.codes));
        }
    };
    act(draft, it, done, close)
}

/// The codes for the day on which the phone is lost.
fn recovery(codes: Vec<String>, state: Query<SecondFactor>, close: Callback<()>) -> AnyView {
    let locale = locale();
    let api = expect_context::<Api>();
    let kept = Callback::new(move |()| {
        close.run(());
        state.reload();
        // Whoever had to set this up first may now see the other pages.
        spawn_local(api.refresh());
    });
    let name = tr!(locale, factor.codes).to_owned();
    view! {
        <Sheet title=tr!(locale, factor.codes) close=kept>
            {secret(name, codes.join("\n"), tr!(locale, factor.codes_once), kept)}
        </Sheet>
    }
    .into_any()
}

fn renew(state: Query<SecondFactor>, close: Callback<()>) -> AnyView {
    let locale = locale();
    let made = RwSignal::new(None::<RecoveryCodes>);
    live::part(move || {
        if let Some(it) = made.get() {
            return recovery(it.codes, state, close);
        }
        let draft = Draft::new(json!({"code": ""}));
        let code = field("/code", tr!(locale, factor.code), Kind::Code);
        let it = Act {
            title: tr!(locale, factor.renew).to_owned(),
            about: view! { <p>{tr!(locale, factor.renew_about)}</p> }.into_any(),
            body: code.show(draft),
            button: tr!(locale, factor.renew),
            grave: false,
            path: format!("{PATH}/recovery_codes"),
            verb: Verb::Post,
        };
        act(
            draft,
            it,
            move |text: String| made.set(api::read(&text).ok()),
            close,
        )
    })
}

fn end(state: Query<SecondFactor>, close: Callback<()>) -> AnyView {
    let locale = locale();
    let toaster = expect_context::<Toaster>();
    let draft = Draft::new(json!({"password": "", "code": ""}));
    let kind = Kind::Secret("current-password");
    let all = vec![
        field("/password", tr!(locale, auth.password), kind),
        field("/code", tr!(locale, factor.code), Kind::Code).hint(tr!(locale, factor.or_recovery)),
    ];
    let it = Act {
        title: tr!(locale, factor.end).to_owned(),
        about: view! { <p class="banner banner--warn"><span>{tr!(locale, factor.end_about)}</span></p> }.into_any(),
        body: fields(draft, all),
        button: tr!(locale, factor.end),
        grave: true,
        path: format!("{PATH}/disable"),
        verb: Verb::Post,
    };
    let done = move |_| {
        toaster.say(tr!(locale, factor.ended));
        close.run(());
        state.reload();
    };
    act(draft, it, done, close)
}
