//! The terms, edited as one thing, with what one friend costs while one types.

use super::{may_change, parts};
use crate::console::kit::Words;
use crate::console::kit::desk::{Desk, head, page as desk_page};
use crate::console::kit::draft::Draft;
use crate::console::kit::editor::{Editor, Spec, editor};
use crate::console::kit::field::{Field, Kind, Number, field, fields};
use crate::console::kit::rows::{Rows, rows};
use crate::console::kit::section::section;
use crate::console::points::money as money_field;
use crate::console::tasks::{Templates, rewards, templates};
use crate::i18n::locale;
use crate::parts::coupons::money;
use crate::tr;
use crate::ui::icon::{Icon, icon};
use crate::ui::live;
use crate::ui::meter::share;
use leptos::prelude::*;
use serde_json::{Value, json};
use shared::referrals::{MAX_MILESTONES, ReferralTerms};
use shared::rewards::Reward;

/// The page.
#[must_use]
pub fn page() -> AnyView {
    let locale = locale();
    desk_page(tr!(locale, referral_desk.terms), |desk| {
        let spec = Spec {
            part: "/terms",
            saved: |it| tr!(it, referral_desk.saved),
            may: may_change(),
            closed: None,
            review: None,
        };
        view! {
            {head(tr!(locale, referral_desk.terms), tr!(locale, referral_desk.terms_hint), ().into_any())}
            {parts()}
            {editor(spec, "/api/v1/referral_terms", move |it| body(&desk, it))}
        }
        .into_any()
    })
}

fn body(desk: &Desk, editor: Editor) -> AnyView {
    let locale = desk.locale;
    let draft = editor.draft;
    let templates = templates();
    let (whole, since) = (editor.whole, desk.clone());
    let version = live::part(move || since.version(&whole.get()).into_any());
    let enabled = field("/enabled", tr!(locale, referral_desk.enabled), Kind::Toggle)
        .hint(tr!(locale, referral_desk.enabled_hint));
    let when = view! { {enabled.show(draft)}{fields(draft, windows(desk))} };
    let list = |at: &str, legend: Words| rewards(desk, draft, at.to_owned(), legend, templates);
    let given = view! {
        {list("/friend_rewards", |it| tr!(it, referral_desk.friend_rewards))}
        {list("/inviter_rewards", |it| tr!(it, referral_desk.inviter_rewards))}
        {fields(draft, vec![cost_per_friend(desk)])}
    };
    let of_row = desk.clone();
    let milestones = rows(MILESTONES, draft, move |at| {
        milestone(&of_row, draft, at, templates)
    });
    view! {
        <p class="muted">{tr!(locale, rules.version_label)}" · "{version}</p>
        {preview(desk, draft)}
        {section(tr!(locale, referral_desk.when), tr!(locale, referral_desk.when_hint), when.into_any())}
        {section(tr!(locale, referral_desk.rewards), tr!(locale, referral_desk.rewards_hint), given.into_any())}
        {section(tr!(locale, referral_desk.milestones), tr!(locale, referral_desk.milestones_hint), milestones)}
        {section(tr!(locale, referral_desk.limits), tr!(locale, referral_desk.limits_hint), fields(draft, limits(desk)))}
    }
    .into_any()
}

fn windows(desk: &Desk) -> Vec<Field> {
    let locale = desk.locale;
    let days = || Kind::Number(Number::whole(tr!(locale, rules.unit_days)));
    let least = Kind::Number(money_field(desk));
    vec![
        field(
            "/attribution_days",
            tr!(locale, referral_desk.attribution),
            days(),
        ),
        field("/order_days", tr!(locale, referral_desk.order_days), days()),
        field("/minimum_order", tr!(locale, referral_desk.minimum), least)
            .hint(tr!(locale, referral_desk.minimum_hint)),
        field("/hold_days", tr!(locale, referral_desk.hold), days())
            .hint(tr!(locale, referral_desk.hold_hint)),
    ]
}

fn cost_per_friend(desk: &Desk) -> Field {
    let name = tr!(desk.locale, referral_desk.cost_per_friend);
    field("/cost_per_friend", name, Kind::Number(money_field(desk)))
        .hint(tr!(desk.locale, referral_desk.cost_per_friend_hint))
}

fn limits(desk: &Desk) -> Vec<Field> {
    let locale = desk.locale;
    let amount = || Kind::Number(money_field(desk));
    let friends = Kind::Number(Number::default().or_none());
    let percent = Kind::Number(Number {
        places: 2,
        after: "%".to_owned(),
        ..Number::default()
    });
    vec![
        field(
            "/friends_per_month",
            tr!(locale, referral_desk.per_month),
            friends,
        )
        .hint(tr!(locale, rules.no_limit)),
        field(
            "/monthly_budget",
            tr!(locale, referral_desk.monthly_budget),
            amount(),
        )
        .hint(tr!(locale, referral_desk.monthly_budget_hint)),
        field(
            "/acquisition_cost",
            tr!(locale, referral_desk.acquisition),
            amount(),
        ),
        field("/target_bps", tr!(locale, referral_desk.target), percent),
        field("/signals", tr!(locale, referral_desk.signals), Kind::Toggle)
            .hint(tr!(locale, referral_desk.signals_hint)),
    ]
}

/// The milestones.
const MILESTONES: Rows = Rows {
    at: "/milestones",
    most: MAX_MILESTONES,
    add: |it| tr!(it, referral_desk.milestone_add),
    remove: |it, n| tr!(it, referral_desk.milestone_remove, n = n),
    fresh,
};

/// One more milestone, beyond the last.
fn fresh(terms: &Value) -> Value {
    let rows = terms["milestones"].as_array();
    let friends = rows.into_iter().flatten();
    let last = friends.filter_map(|it| it["friends"].as_i64()).max();
    json!({
        "friends": last.unwrap_or(0) + 5,
        "rewards": [{ "kind": "points", "amount": 500 }],
        "cost": 0,
    })
}

/// A milestone: a number of friends, what it costs, and what it gives.
fn milestone(desk: &Desk, draft: Draft, at: &str, templates: Templates) -> (Vec<Field>, AnyView) {
    let locale = desk.locale;
    let friends = field(
        format!("{at}/friends"),
        tr!(locale, referral_desk.milestone_friends),
        Kind::Number(Number::default()),
    );
    let cost = field(
        format!("{at}/cost"),
        tr!(locale, referral_desk.milestone_cost),
        Kind::Number(money_field(desk)),
    );
    let legend: Words = |it| tr!(it, referral_desk.milestone_rewards);
    let gives = rewards(desk, draft, format!("{at}/rewards"), legend, templates);
    (vec![friends, cost], gives)
}

/// What one friend may cost and costs at worst, as the terms being edited have it.
fn preview(desk: &Desk, draft: Draft) -> AnyView {
    let locale = desk.locale;
    let desk = desk.clone();
    let shown = live::part(move || match read(draft.watch()) {
        Some(terms) => bounds(&desk, &terms),
        None => view! { <p class="muted">{tr!(locale, referral_desk.bounds_wait)}</p> }.into_any(),
    });
    view! {
        <section class="card stack" aria-labelledby="bounds">
            <h2 class="title" id="bounds">{tr!(locale, referral_desk.bounds)}</h2>
            <div class="stack stack--tight" aria-live="polite">{shown}</div>
            <p class="row__note">{tr!(locale, referral_desk.bounds_hint)}</p>
        </section>
    }
    .into_any()
}

/// The terms, without the rewards that are not chosen yet.
fn read(mut terms: Value) -> Option<ReferralTerms> {
    let keep = |list: &mut Value| {
        if let Some(rewards) = list.as_array_mut() {
            rewards.retain(|it| serde_json::from_value::<Reward>(it.clone()).is_ok());
        }
    };
    keep(&mut terms["friend_rewards"]);
    keep(&mut terms["inviter_rewards"]);
    for row in terms["milestones"].as_array_mut().into_iter().flatten() {
        keep(&mut row["rewards"]);
    }
    serde_json::from_value(terms).ok()
}

fn bounds(desk: &Desk, terms: &ReferralTerms) -> AnyView {
    let locale = desk.locale;
    let (worst, most) = (terms.worst_per_friend(), terms.most_per_friend());
    let over = worst > most;
    let rows = [
        (tr!(locale, referral_desk.worst), worst, over),
        (tr!(locale, referral_desk.most), most, false),
        (
            tr!(locale, referral_desk.each_usual),
            terms.acquisition_cost,
            false,
        ),
    ];
    let whole = rows.iter().map(|it| it.1).max().unwrap_or(1);
    let rows = rows.map(|(name, amount, over)| {
        let over = over.then_some("");
        view! { <li class="bars__row" data-soon=over><span>{name}</span>{share(amount, whole)}<span class="amount">{money(desk.amounts, amount)}</span></li> }
    });
    let text = tr!(
        locale,
        referral_desk.bounds_text,
        most = money(desk.amounts, most),
        worst = money(desk.amounts, worst)
    );
    let warning = over.then(|| {
        view! { <p class="banner banner--warn">{icon(Icon::Warning)}<span class="grow">{tr!(locale, referral_desk.bounds_over)}</span></p> }
    });
    let month = terms.monthly_budget.checked_div(worst).map(|it| {
        let text = tr!(locale, referral_desk.bounds_month, n = desk.number(it));
        view! { <p class="muted">{text}</p> }
    });
    view! {
        <p>{text}</p>
        <ul class="bars bars--even" role="list">{rows.into_iter().collect_view()}</ul>
        {warning}
        {month}
    }
    .into_any()
}
