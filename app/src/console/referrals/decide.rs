//! What a person decides about a referral: release it, reject it, look again.

use super::list::pair;
use super::may_change;
use crate::api;
use crate::console::kit::act::{Act, Verb, act, finish};
use crate::console::kit::desk::Desk;
use crate::console::kit::draft::Draft;
use crate::console::kit::field::{Kind, field};
use crate::parts::coupons::money;
use crate::tr;
use crate::ui::address::Address;
use crate::ui::query::Query;
use leptos::prelude::*;
use serde_json::json;
use shared::referrals::ReferralState;
use shared::referrals::api::{ReferralDetail, ReferralRow};
use shared::text::Locale;

/// The part of the address that names the open sheet.
pub(super) const KEY: &str = "do";

/// Whether something that was decided can be looked at again.
fn reopens(it: &ReferralRow) -> bool {
    let decided = matches!(it.state, ReferralState::Refused | ReferralState::Rewarded);
    decided && it.order.is_some()
}

/// The buttons of what can be decided, for those who may.
pub(super) fn acts(locale: Locale, it: &ReferralRow) -> AnyView {
    if !may_change() {
        return ().into_any();
    }
    let here = Address::here();
    let link = |name: &'static str, class: &'static str, text: &'static str| {
        let href = here.with_now(&[(KEY, Some(name))]);
        view! { <a class=class data-noscroll="" href=href aria-haspopup="dialog">{text}</a> }
    };
    if it.state == ReferralState::Held {
        let release = tr!(locale, referral_desk.release);
        return view! {
            {link("reject", "button", tr!(locale, referral_desk.reject))}
            {link("release", "button button--main", release)}
        }
        .into_any();
    }
    let again = reopens(it).then(|| link("reopen", "button", tr!(locale, referral_desk.reopen)));
    again.into_any()
}

/// What a decision says before it is made and after.
struct Words {
    title: &'static str,
    about: String,
    done: &'static str,
}

/// What the decision that the address names would do; `None` when it does not apply.
fn words(desk: &Desk, name: &str, it: &ReferralRow) -> Option<Words> {
    let locale = desk.locale;
    let n = money(desk.amounts, it.cost);
    let held = it.state == ReferralState::Held;
    let (title, about, done) = match name {
        "release" if held => (
            tr!(locale, referral_desk.release),
            tr!(locale, referral_desk.release_about, n = n),
            tr!(locale, referral_desk.released_done),
        ),
        "reject" if held => (
            tr!(locale, referral_desk.reject),
            tr!(locale, referral_desk.reject_about, n = n),
            tr!(locale, referral_desk.rejected_done),
        ),
        "reopen" if reopens(it) => (
            tr!(locale, referral_desk.reopen),
            match it.state {
                ReferralState::Rewarded => tr!(locale, referral_desk.reopen_paid_about).to_owned(),
                _ => tr!(locale, referral_desk.reopen_about, n = n),
            },
            tr!(locale, referral_desk.reopened_done),
        ),
        _ => return None,
    };
    Some(Words { title, about, done })
}

/// The sheet of the decision that the address names.
pub(super) fn decide(
    desk: &Desk,
    name: &str,
    found: Query<ReferralDetail>,
    close: Callback<()>,
) -> AnyView {
    let locale = desk.locale;
    if !may_change() {
        return ().into_any();
    }
    let texts = untrack(|| found.source.texts()).unwrap_or_default();
    let read = texts.first();
    let read = read.and_then(|it| api::read::<ReferralDetail>(it).ok());
    let Some((it, words)) = read.and_then(|it| {
        let words = words(desk, name, &it.referral)?;
        Some((it.referral, words))
    }) else {
        return ().into_any();
    };
    let draft = Draft::new(json!({ "decision": name, "note": "" }));
    let note = field("/note", tr!(locale, referral_desk.note), Kind::Text)
        .hint(tr!(locale, referral_desk.note_hint));
    let sheet = Act {
        title: words.title.to_owned(),
        about: view! { <p><strong>{pair(desk, &it)}</strong></p><p>{words.about}</p> }.into_any(),
        body: note.show(draft),
        button: words.title,
        grave: name == "reject",
        path: format!("/api/v1/referrals/{}/decisions", it.id),
        verb: Verb::Post,
    };
    let done = finish(words.done, close, move || found.reload());
    act(draft, sheet, done, close)
}
