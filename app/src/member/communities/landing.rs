//! What the link of a community leads to: which one it is, and how to join. Only members see what
//! a community is; the others are asked in first and come back here.

use super::{places, tags};
use crate::api::{self, Api, ApiError};
use crate::i18n::locale;
use crate::parts::shop;
use crate::session::Session;
use crate::tr;
use crate::ui::address::replace_by;
use crate::ui::door::door;
use crate::ui::form::{Form, form_error, submit};
use crate::ui::icon::{Icon, icon};
use crate::ui::routes::param;
use crate::ui::share::{self, Offer};
use crate::ui::toast::Toaster;
use crate::ui::{browser, live, page, state};
use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::communities::api::{JoinCommunity, MyCommunity};
use shared::text::Locale;

/// The page.
#[must_use]
pub fn page() -> AnyView {
    let api = expect_context::<Api>();
    let (locale, code) = (locale(), param("code"));
    page::arrive(tr!(locale, communities.landing));
    let signed_in = Memo::new(move |_| api.session().with(|it| matches!(it, Session::SignedIn(_))));
    live::part(move || match signed_in.get() {
        true => opened(api, locale, code.get()),
        false => outside(locale, &code.get()),
    })
}

/// The ways in, for whoever is not signed in. Who comes in comes back here.
fn outside(locale: Locale, code: &str) -> AnyView {
    let back = browser::encode(&format!("/c/{code}"));
    let open = shop::programme().is_some_and(|it| it.sign_up_open);
    let sign_up = open.then(|| {
        let to = format!("/sign-up?to={back}");
        view! { <a class="button button--wide" href=to>{tr!(locale, auth.sign_up)}</a> }
    });
    let body = view! {
        <a class="button button--main button--wide" href=format!("/sign-in?to={back}")>{tr!(locale, auth.sign_in)}</a>
        {sign_up}
    };
    door(
        tr!(locale, communities.landing),
        tr!(locale, communities.landing_hint),
        body.into_any(),
    )
}

fn opened(api: Api, locale: Locale, code: String) -> AnyView {
    let found = RwSignal::new(None::<Result<MyCommunity, ApiError>>);
    let asked = code.clone();
    let load = move || {
        found.set(None);
        let path = format!("/api/v1/me/community_codes/{}", browser::encode(&asked));
        spawn_local(async move {
            let answer = api.fetch(&path).await;
            // The page may have been left meanwhile.
            found.try_set(Some(answer.and_then(|it| api::read(&it))));
        });
    };
    load();
    let title = tr!(locale, communities.landing);
    live::part(move || match found.get() {
        None => door(title, "", state::skeleton(4)),
        Some(Ok(it)) => shown(locale, &it, &code),
        Some(Err(error)) if error.code() == Some("communities.code_unknown") => unknown(locale),
        Some(Err(error)) => door(title, "", state::failure(&error, load.clone())),
    })
}

fn unknown(locale: Locale) -> AnyView {
    let body = view! {
        {state::empty(tr!(locale, communities.unknown), tr!(locale, communities.unknown_hint))}
        <p class="centre"><a class="button" href="/communities">{tr!(locale, communities.title)}</a></p>
    };
    door(tr!(locale, communities.landing), "", body.into_any())
}

fn shown(locale: Locale, it: &MyCommunity, code: &str) -> AnyView {
    let page = format!("/communities/{}", it.id);
    share::offer(|| Offer {
        title: it.name.clone(),
        text: tr!(locale, wechat.community_text).to_owned(),
        link: format!("{}/c/{code}", browser::origin()),
    });
    let (hint, act) = if it.joined_at.is_some() {
        let act = view! { <a class="button button--main button--wide" href=page>{tr!(locale, communities.go)}</a> };
        (tr!(locale, communities.inside), act.into_any())
    } else if !it.open {
        (tr!(locale, communities.closed), ().into_any())
    } else if it.members >= it.capacity {
        (tr!(locale, communities.full), ().into_any())
    } else {
        (
            tr!(locale, communities.join_hint),
            join(locale, it, page, code),
        )
    };
    let rules = (!it.rules.is_empty()).then(|| {
        view! {
            <div>
                <h2 class="title">{tr!(locale, communities.rules)}</h2>
                <p class="prose">{it.rules.clone()}</p>
            </div>
        }
    });
    let body = view! {
        {tags(locale, it)}
        {places(locale, it)}
        {act}
        {rules}
    };
    door(it.name.clone(), hint, body.into_any())
}

/// The button by which a member joins.
fn join(locale: Locale, it: &MyCommunity, page: String, code: &str) -> AnyView {
    let api = expect_context::<Api>();
    let toaster = expect_context::<Toaster>();
    let go = replace_by();
    let form = Form::new();
    let done = tr!(locale, communities.joined_now, name = it.name);
    let body = JoinCommunity {
        code: code.to_owned(),
    };
    let send = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        if !form.begin() {
            return;
        }
        let (body, done, page, go) = (body.clone(), done.clone(), page.clone(), go.clone());
        spawn_local(async move {
            let answer = api.post_text("/api/v1/me/communities", &body, None).await;
            if form.end(answer).is_some() {
                toaster.say(done);
                go(&page);
            }
        });
    };
    let (label, waiting) = (tr!(locale, communities.join), tr!(locale, auth.working));
    view! {
        <form class="stack" on:submit=send>{form_error(form)}{submit(form, label, waiting)}</form>
        <p class="row__note">{icon(Icon::Shield)}" "{tr!(locale, communities.join_note)}</p>
    }
    .into_any()
}
