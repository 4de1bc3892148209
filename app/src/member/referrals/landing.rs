//! What somebody sees who opens a friend's link: who invites, what both get, and how to join.

use super::invited::{ACCEPT, promise};
use super::offer::{self, Reader};
use super::visit;
use crate::api::{self, Api, ApiError};
use crate::i18n::locale;
use crate::parts::shop;
use crate::session::Session;
use crate::tr;
use crate::ui::amount::Amounts;
use crate::ui::door::door;
use crate::ui::form::{Form, form_error, submit};
use crate::ui::icon::{Icon, icon};
use crate::ui::routes::param;
use crate::ui::{browser, live, page, state};
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde::Deserialize;
use shared::referrals::api::{BindReferral, Binding, Invitation, Offer};
use shared::text::Locale;

/// An invitation, and how the one who looks stands to it.
#[derive(Clone)]
struct Seen {
    invitation: Invitation,
    stance: Stance,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Stance {
    /// Nobody is signed in. `earlier` when the invitation of an earlier visit is the one that
    /// counts.
    Visitor { earlier: bool },
    /// A member, who can accept it.
    Member,
    /// The member's own link.
    Own,
}

/// A member's own code; the rest of the answer is for another page.
#[derive(Deserialize)]
struct Own {
    code: String,
}

/// The page.
#[must_use]
pub fn page() -> AnyView {
    let api = expect_context::<Api>();
    let code = param("code");
    page::arrive(tr!(locale(), referral.landing));
    let signed_in = Memo::new(move |_| api.session().with(|it| matches!(it, Session::SignedIn(_))));
    live::part(move || opened(api, code.get(), signed_in.get()))
}

fn opened(api: Api, code: String, signed_in: bool) -> AnyView {
    let locale = locale();
    let seen = RwSignal::new(None::<Result<Seen, ApiError>>);
    let load = move || {
        seen.set(None);
        let code = code.clone();
        spawn_local(async move {
            let answer = match signed_in {
                true => as_member(api, &code).await,
                false => as_visitor(api, code).await,
            };
            // The page may have been left meanwhile.
            seen.try_set(Some(answer));
        });
    };
    load();
    live::part(move || match seen.get() {
        None => door(tr!(locale, referral.landing), "", state::skeleton(5)),
        Some(Ok(it)) => shown(locale, &it),
        Some(Err(error)) if error.code() == Some("referrals.code_not_found") => unknown(locale),
        Some(Err(error)) => door(
            tr!(locale, referral.landing),
            "",
            state::failure(&error, load.clone()),
        ),
    })
}

/// Opening the link is a visit.
async fn as_visitor(api: Api, code: String) -> Result<Seen, ApiError> {
    let typed = code.chars().filter(char::is_ascii_alphanumeric);
    let asked: String = typed.map(|it| it.to_ascii_uppercase()).collect();
    let before = visit::kept().map(|it| it.visit);
    let visit = visit::record(api, code).await?;
    let same = before.is_some_and(|it| it == visit.visit);
    let earlier = same && visit.invitation.code != asked;
    Ok(Seen {
        invitation: visit.invitation,
        stance: Stance::Visitor { earlier },
    })
}

/// Members are no visitors: for them a visit would come too late to count.
async fn as_member(api: Api, code: &str) -> Result<Seen, ApiError> {
    let path = format!("/api/v1/referral_codes/{}", browser::encode(code));
    let invitation: Invitation = api::read(&api.fetch(&path).await?)?;
    let own: Own = api::read(&api.fetch("/api/v1/me/referral").await?)?;
    let stance = match own.code == invitation.code {
        true => Stance::Own,
        false => Stance::Member,
    };
    Ok(Seen { invitation, stance })
}

fn unknown(locale: Locale) -> AnyView {
    let body = view! {
        {state::empty(tr!(locale, referral.unknown), tr!(locale, referral.unknown_hint))}
        <p class="centre"><a class="button" href="/">{tr!(locale, app.to_home)}</a></p>
    };
    door(tr!(locale, referral.landing), "", body.into_any())
}

fn shown(locale: Locale, it: &Seen) -> AnyView {
    if it.stance == Stance::Own {
        let body = view! { <a class="button button--main button--wide" href="/invite">{tr!(locale, referral.own_go)}</a> };
        return door(
            tr!(locale, referral.own),
            tr!(locale, referral.own_hint),
            body.into_any(),
        );
    }
    let invitation = &it.invitation;
    let title = match &invitation.inviter {
        Some(name) => tr!(locale, referral.invited_by, name = name),
        None => tr!(locale, referral.invited).to_owned(),
    };
    let act = match it.stance {
        Stance::Member => accept(locale, invitation),
        _ => join(locale, &invitation.code),
    };
    let earlier = (it.stance == Stance::Visitor { earlier: true })
        .then(|| view! { <p class="banner">{icon(Icon::Why)}{tr!(locale, referral.first)}</p> });
    let amounts = Amounts {
        locale,
        currency: invitation.offer.currency,
    };
    let rules = invitation
        .offer
        .open
        .then(|| offer::rules(amounts, &invitation.offer, Reader::Friend));
    let body = view! {
        {earlier}
        {gifts(amounts, &invitation.offer)}
        {act}
        {rules}
    };
    door(title, tr!(locale, referral.landing_hint), body.into_any())
}

/// What both get; or that nothing is given at the moment.
fn gifts(amounts: Amounts, it: &Offer) -> AnyView {
    let locale = amounts.locale;
    if !it.open {
        return view! { <p class="banner banner--warn">{icon(Icon::Pending)}{tr!(locale, referral.paused_friend)}</p> }
            .into_any();
    }
    let each = [
        (tr!(locale, referral.you_get), &it.friend_rewards[..]),
        (tr!(locale, referral.inviter_gets), &it.inviter_rewards[..]),
    ];
    offer::gets(amounts, each)
}

/// The ways in, for whoever is not signed in. Who signs in comes back here.
fn join(locale: Locale, code: &str) -> AnyView {
    let back = browser::encode(&format!("/r/{code}"));
    let open = shop::programme().is_some_and(|it| it.sign_up_open);
    let sign_up = match open {
        true => view! { <a class="button button--main button--wide" href="/sign-up">{tr!(locale, referral.join)}</a> }
            .into_any(),
        false => view! { <p>{tr!(locale, referral.join_closed)}</p> }.into_any(),
    };
    view! {
        {sign_up}
        <p class="centre muted">
            {tr!(locale, auth.has_account)}" "
            <a class="link" href=format!("/sign-in?to={back}")>{tr!(locale, auth.sign_in)}</a>
        </p>
    }
    .into_any()
}

/// The button by which a member accepts, until it is done.
fn accept(locale: Locale, it: &Invitation) -> AnyView {
    let api = expect_context::<Api>();
    let form = Form::new();
    let done = RwSignal::new(None::<Binding>);
    let code = it.code.clone();
    let open = it.offer.open;
    let send = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        if !form.begin() {
            return;
        }
        let body = BindReferral {
            visit: None,
            code: Some(code.clone()),
            device: Some(visit::device()),
        };
        spawn_local(async move {
            let answer = api.post::<Binding>(ACCEPT, &body, None).await;
            if let Some(binding) = form.end(answer) {
                done.try_set(Some(binding));
            }
        });
    };
    let ask = move || {
        let send = send.clone();
        let (label, waiting) = (tr!(locale, referral.accept), tr!(locale, auth.working));
        (open && done.with(Option::is_none)).then(|| {
            view! { <form class="stack" on:submit=send>{form_error(form)}{submit(form, label, waiting)}</form> }
                .into_any()
        })
    };
    let done = move || done.get().map(|it| accepted(locale, &it));
    view! {
        {live::maybe(ask)}
        <div class="invited" role="status">{live::maybe(done)}</div>
    }
    .into_any()
}

fn accepted(locale: Locale, it: &Binding) -> AnyView {
    // Who accepted it long ago has perhaps ordered long ago.
    let open = it.order_until > browser::now();
    view! {
        <p class="banner banner--good">
            {icon(Icon::Check)}
            <span class="grow">
                <strong>{tr!(locale, referral.accepted)}</strong>" "{open.then(|| promise(locale, it))}
            </span>
        </p>
    }
    .into_any()
}
