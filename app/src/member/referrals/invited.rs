//! What becomes of a kept visit when its visitor is signed in: it is handed over once, and whoever
//! joined by it is told what came of that. Members who came for something else hear nothing.

use super::offer::{in_words, minimum};
use super::visit;
use crate::api::{self, Api, ApiError};
use crate::i18n::locale;
use crate::tr;
use crate::ui::amount::Amounts;
use crate::ui::format::{self, Moment};
use crate::ui::icon::{Icon, icon};
use crate::ui::{browser, live, state};
use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::members::api::Glance;
use shared::referrals::api::{BindReferral, Binding, Visit};
use shared::text::Locale;

/// Where invitations are accepted.
pub(super) const ACCEPT: &str = "/api/v1/me/referral_bindings";

/// What came of handing the visit over.
#[derive(Clone)]
enum Outcome {
    Accepted(Binding),
    Refused(String),
}

/// The piece above the pages: nothing, or what to tell about the invitation.
#[must_use]
pub fn invited() -> AnyView {
    let (api, locale) = (expect_context::<Api>(), locale());
    let outcome = RwSignal::new(None::<Outcome>);
    match visit::kept() {
        Some(visit) => spawn_local(async move {
            let came = hand_over(api, locale, visit).await;
            outcome.try_set(came);
        }),
        None => visit::forget(),
    }
    let told = live::maybe(move || outcome.get().map(|it| banner(locale, &it, outcome)));
    view! { <div class="invited" role="status">{told}</div> }.into_any()
}

async fn hand_over(api: Api, locale: Locale, visit: Visit) -> Option<Outcome> {
    let body = BindReferral {
        visit: Some(visit.visit.clone()),
        code: None,
        device: Some(visit::device()),
    };
    let outcome = match api.post::<Binding>(ACCEPT, &body, None).await {
        Ok(binding) => Outcome::Accepted(binding),
        Err(error) if is_final(&error) => Outcome::Refused(state::words_in(locale, &error).0),
        // It stays for the next start.
        Err(_) => return None,
    };
    visit::forget();
    joined_since(api, &visit).await.then_some(outcome)
}

/// Whether the server has decided. Too many requests, a frozen membership and trouble pass.
fn is_final(error: &ApiError) -> bool {
    match error {
        ApiError::Refused(it) => matches!(it.status, 400 | 404 | 409 | 410 | 422),
        _ => false,
    }
}

/// Whether the member joined after the visit. Both times are the server's.
async fn joined_since(api: Api, visit: &Visit) -> bool {
    let days = i64::from(visit.invitation.offer.attribution_days);
    let visited_at = visit.expires_at.plus_days(-days);
    let text = api.get_text("/api/v1/me/summary", None).await;
    let summary = text.and_then(|it| api::read::<Glance>(&it));
    summary.is_ok_and(|it| it.member.joined_at >= visited_at)
}

/// What a binding promises, in a sentence.
pub(super) fn promise(locale: Locale, it: &Binding) -> String {
    let amounts = Amounts {
        locale,
        currency: it.offer.currency,
    };
    let zone = browser::time_zone().unwrap_or_else(|| "UTC".to_owned());
    tr!(
        locale,
        referral.accepted_text,
        min = minimum(amounts, &it.offer),
        date = format::moment(locale, &zone, it.order_until, Moment::Date),
        what = in_words(amounts, &it.offer.friend_rewards)
    )
}

fn banner(locale: Locale, it: &Outcome, outcome: RwSignal<Option<Outcome>>) -> AnyView {
    let (class, mark, title, text) = match it {
        Outcome::Accepted(it) => (
            "banner banner--good",
            Icon::Gift,
            Some(tr!(locale, referral.accepted)),
            promise(locale, it),
        ),
        Outcome::Refused(why) => (
            "banner banner--warn",
            Icon::Warning,
            None,
            tr!(locale, referral.not_counted, why = why),
        ),
    };
    let title = title.map(|it| view! { <strong>{it}</strong>" " });
    view! {
        <div class=class>
            {icon(mark)}
            <span class="grow">{title}{text}</span>
            <button class="button button--icon" type="button" aria-label=tr!(locale, state.close)
                on:click=move |_| outcome.set(None)>{icon(Icon::Close)}</button>
        </div>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::problem::Problem;

    #[test]
    fn a_visit_is_given_up_only_when_the_server_has_decided() {
        let refused = |status| {
            ApiError::Refused(Box::new(Problem {
                kind: String::new(),
                title: String::new(),
                status,
                code: String::new(),
                detail: None,
                request_id: None,
                errors: Vec::new(),
            }))
        };
        for status in [400, 404, 409, 410, 422] {
            assert!(is_final(&refused(status)), "{status}");
        }
        for status in [401, 403, 429, 500, 503] {
            assert!(!is_final(&refused(status)), "{status}");
        }
        for trouble in [ApiError::Offline, ApiError::Aborted, ApiError::Unreadable] {
            assert!(!is_final(&trouble), "{trouble:?}");
        }
    }
}
