//! One template: what became of it, its terms with a cart to try them on, codes, and giving it.

use super::{codes, may_change, state_badge, terms, trial};
use crate::api::{self, Api, Intent};
use crate::console::kit::act::{Act, Verb, act, finish, reason};
use crate::console::kit::desk::{Desk, head, page as desk_page};
use crate::console::kit::draft::Draft;
use crate::console::kit::editor::{Editor, Spec};
use crate::console::kit::field::{Kind, field};
use crate::console::kit::section::section;
use crate::i18n::locale;
use crate::parts::coupons::money;
use crate::tr;
use crate::ui::address::Address;
use crate::ui::load::loaded;
use crate::ui::meter::progress;
use crate::ui::query;
use crate::ui::routes::param;
use crate::ui::sheet::sheet_at;
use crate::ui::toast::Toaster;
use crate::ui::{browser, live, state};
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde_json::json;
use shared::coupons::TemplateState;
use shared::coupons::api::{Burn, Template};

/// The part of the address that names the open sheet.
const KEY: &str = "do";

/// The page.
#[must_use]
pub fn page() -> AnyView {
    let locale = locale();
    desk_page(tr!(locale, nav.coupons), |desk| {
        let id = param("id").get_untracked();
        let path = format!("/api/v1/coupon_templates/{}", browser::encode(&id));
        let burn_path = format!("{path}/burn");
        let burn = query::query::<Burn>(move || Some(burn_path.clone()));
        let spec = Spec {
            part: "/terms",
            saved: |it| tr!(it, coupon_desk.saved),
            may: may_change(),
            closed: Some(|locale, it| {
                (it["state"] == "ended").then(|| tr!(locale, coupon_desk.ended_hint))
            }),
            review: None,
        };
        let it = Editor::open(spec, path.clone());
        let (sheet_desk, burn_desk, form_desk) = (desk.clone(), desk.clone(), desk.clone());
        let burnt = loaded(burn, 3, move |it| bars(&burn_desk, &it));
        view! {
            <p><a class="link" href="/console/coupons">{tr!(locale, coupon_desk.back)}</a></p>
            {top(&desk, it)}
            {section(tr!(locale, coupon_desk.burn), tr!(locale, coupon_desk.burn_hint), burnt)}
            {it.form(move |it| work(&form_desk, it.draft))}
            {codes::section(&desk, &path)}
            {sheet_at(KEY, move |_, close| grant(&sheet_desk, &path, it, close))}
        }
        .into_any()
    })
}

/// The name of a template, its state, its numbers, and what can be done with it.
fn top(desk: &Desk, editor: Editor) -> AnyView {
    let desk = desk.clone();
    live::maybe(move || {
        let it: Template = serde_json::from_value(editor.whole.get()).ok()?;
        let locale = desk.locale;
        let actions = may_change().then(|| actions(&desk, &it, editor));
        let shown = view! {
            {head(it.terms.name.get(locale), "", actions.into_any())}
            <p class="tags">{state_badge(&desk, it.state)}<span class="muted">{tr!(locale, coupon_desk.version, n = it.version)}</span></p>
            {figures(&desk, &it)}
        };
        Some(shown.into_any())
    })
}

/// What became of the template in numbers, and how far its budget is used up.
fn figures(desk: &Desk, it: &Template) -> AnyView {
    let locale = desk.locale;
    let fact = |label: &'static str, value: String| {
        view! { <div class="fact"><p class="fact__label">{label}</p><p class="fact__value">{value}</p></div> }
    };
    let limits = &it.terms.limits;
    let meter = |used: i64, all: i64, words: String| {
        let bps = used.saturating_mul(10_000).checked_div(all).unwrap_or(0);
        view! { <div><p class="muted">{words.clone()}</p>{progress(bps, tr!(locale, coupon_desk.budget).to_owned(), words)}</div> }
    };
    let uses = limits.budget_uses.map(|all| {
        let words = tr!(
            locale,
            coupon_desk.of,
            a = desk.number(it.committed_uses),
            b = desk.number(all)
        );
        meter(it.committed_uses, all, words)
    });
    let amount = limits.budget_amount.map(|all| {
        let words = tr!(
            locale,
            coupon_desk.of,
            a = money(desk.amounts, it.committed_amount),
            b = money(desk.amounts, all)
        );
        meter(it.committed_amount, all, words)
    });
    view! {
        <div class="card stack">
            <div class="facts facts--wide">
                {fact(tr!(locale, coupon_desk.issued), desk.number(it.issued))}
                {fact(tr!(locale, coupon_desk.uses), desk.number(it.redeemed_uses))}
                {fact(tr!(locale, coupon_desk.held), desk.number(it.committed_uses - it.redeemed_uses))}
                {fact(tr!(locale, coupon_desk.taken_off), money(desk.amounts, it.redeemed_amount))}
            </div>
            {uses}{amount}
        </div>
    }
    .into_any()
}

/// The last thirty days as bars; each says its day and amount.
fn bars(desk: &Desk, it: &Burn) -> AnyView {
    let most = it.days.iter().map(|it| it.amount).max().unwrap_or(0).max(1);
    if it.days.iter().all(|it| it.uses == 0) {
        return state::empty(tr!(desk.locale, coupon_desk.no_uses), "");
    }
    let bar = |(i, it): (usize, &shared::coupons::api::BurnDay)| {
        let height = (it.amount * 60).checked_div(most).unwrap_or(0);
        let words = tr!(
            desk.locale,
            coupon_desk.day,
            day = it.day,
            n = it.uses,
            amount = money(desk.amounts, it.amount)
        );
        let (x, y) = ((i * 10).to_string(), (60 - height).to_string());
        view! { <rect x=x y=y width="8" height=height.to_string()><title>{words}</title></rect> }
    };
    let total: i64 = it.days.iter().map(|it| it.amount).sum();
    let uses: i64 = it.days.iter().map(|it| it.uses).sum();
    let words = tr!(
        desk.locale,
        coupon_desk.total,
        n = uses,
        amount = money(desk.amounts, total)
    );
    let label = words.clone();
    view! {
        <svg class="burn" viewBox="0 0 300 60" role="img" aria-label=label preserveAspectRatio="none">{it.days.iter().enumerate().map(bar).collect_view()}</svg>
        <p class="muted">{words}</p>
    }
    .into_any()
}

/// The buttons of the template's state, and giving it.
fn actions(desk: &Desk, it: &Template, editor: Editor) -> AnyView {
    let locale = desk.locale;
    let to = |state: &'static str, text: &'static str| set_state(it, state, text, editor);
    let begin = matches!(it.state, TemplateState::Draft | TemplateState::Paused)
        .then(|| to("active", tr!(locale, coupon_desk.begin)));
    let hold =
        (it.state == TemplateState::Active).then(|| to("paused", tr!(locale, coupon_desk.hold)));
    let end = (it.state != TemplateState::Ended).then(|| to("ended", tr!(locale, coupon_desk.end)));
    let give = (it.state == TemplateState::Active).then(|| {
        let href = Address::here().with_now(&[(KEY, Some("grant"))]);
        view! { <a class="button button--main" data-noscroll="" href=href aria-haspopup="dialog">{tr!(locale, coupon_desk.grant)}</a> }
    });
    view! { {end}{hold}{begin}{give} }.into_any()
}

fn set_state(it: &Template, to: &'static str, text: &'static str, editor: Editor) -> AnyView {
    let locale = locale();
    let api = expect_context::<Api>();
    let toaster = expect_context::<Toaster>();
    let intent = Intent::new();
    let path = format!("/api/v1/coupon_templates/{}/states", it.id);
    let click = move |_| {
        let (path, body) = (path.clone(), json!({ "state": to }));
        let key = intent.key(&body);
        spawn_local(async move {
            match api.post_text(&path, &body, Some(&key)).await {
                Ok(_) => {
                    intent.done();
                    toaster.say(tr!(locale, coupon_desk.state_done));
                }
                Err(error) => toaster.say(state::words_in(locale, &error).0),
            }
            editor.reload();
        });
    };
    let class = if to == "active" {
        "button button--main"
    } else {
        "button"
    };
    view! { <button class=class type="button" on:click=click>{text}</button> }.into_any()
}

/// The terms beside a cart that tries them.
fn work(desk: &Desk, draft: Draft) -> AnyView {
    view! {
        <div class="columns columns--side">
            <div class="stack">{terms::all(desk, draft)}</div>
            {trial::trial(desk, draft)}
        </div>
    }
    .into_any()
}

/// Gives coupons to members by hand.
fn grant(desk: &Desk, path: &str, editor: Editor, close: Callback<()>) -> AnyView {
    let locale = desk.locale;
    let draft = Draft::new(json!({ "members": [], "reason": "" }));
    let members = field("/members", tr!(locale, coupon_desk.members), Kind::Names)
        .hint(tr!(locale, coupon_desk.members_hint));
    let it = Act {
        title: tr!(locale, coupon_desk.grant).to_owned(),
        about: view! { <p class="muted">{tr!(locale, coupon_desk.grant_hint)}</p> }.into_any(),
        body: view! { {members.show(draft)}{reason().show(draft)} }.into_any(),
        button: tr!(locale, coupon_desk.grant),
        grave: false,
        verb: Verb::Post,
        path: format!("{path}/grants"),
    };
    let done = finish(tr!(locale, coupon_desk.granted), close, move || {
        editor.reload();
    });
    let toaster = expect_context::<Toaster>();
    let told = move |answer: String| {
        let unknown = api::read::<shared::coupons::api::Granted>(&answer)
            .map(|it| it.unknown.join(", "))
            .unwrap_or_default();
        done(answer);
        if !unknown.is_empty() {
            toaster.say(tr!(locale, coupon_desk.unknown, names = unknown));
        }
    };
    act(draft, it, told, close)
}
