//! Who may see which page, and where everyone else is sent.

use crate::api::{Api, ApiError};
use crate::i18n::locale;
use crate::parts::shop::Shop;
use crate::session::Session;
use crate::tr;
use crate::ui::address::{Address, replace_by};
use crate::ui::{browser, live, state};
use leptos::prelude::*;
use leptos::task::spawn_local;

/// The addresses of one side.
#[derive(Clone, Copy)]
pub struct Doors {
    /// Where the signed-in start.
    pub home: &'static str,
    /// Where the others are sent.
    pub sign_in: &'static str,
    /// Pages that only the signed-out see.
    pub outside: &'static [&'static str],
    /// The starts of addresses that anyone may open.
    pub open: &'static [&'static str],
}

/// What can be shown.
#[derive(Clone, PartialEq)]
enum Phase {
    Waiting,
    Failed(ApiError),
    Ready,
}

/// The address to go to after signing in; only one of our own.
fn wanted(asked: Option<String>, doors: Doors) -> String {
    let own = asked.filter(|it| it.starts_with('/') && !it.starts_with("//") && !it.contains('\\'));
    own.unwrap_or_else(|| doors.home.to_owned())
}

/// Sends people to the pages that are for them, as the session begins and ends.
fn steer(doors: Doors) {
    let session = expect_context::<Api>().session();
    let here = Address::here();
    let go = replace_by();
    live::effect(move || {
        let path = here.path();
        let outside = doors.outside.contains(&path.as_str());
        match session.get() {
            Session::SignedIn(_) if outside => {
                let asked = untrack(|| here.get("to"));
                go(&wanted(asked, doors));
            }
            Session::SignedOut { .. }
                if !outside && !doors.open.iter().any(|it| path.starts_with(it)) =>
            {
                let from = here.whole();
                if from == doors.home {
                    go(doors.sign_in);
                } else {
                    go(&format!("{}?to={}", doors.sign_in, browser::encode(&from)));
                }
            }
            _ => {}
        }
    });
}

/// Shows `routes` once it is known who is there and which shop this is.
pub fn guarded(doors: Doors, routes: impl Fn() -> AnyView + Send + 'static) -> AnyView {
    let api = expect_context::<Api>();
    let shop = expect_context::<Shop>();
    steer(doors);
    let phase = Memo::new(move |_| {
        if shop.programme.with(Option::is_none) {
            return shop.error.get().map_or(Phase::Waiting, Phase::Failed);
        }
        api.session().with(|it| match it {
            Session::Starting => Phase::Waiting,
            Session::Unreachable(error) => Phase::Failed(error.clone()),
            Session::SignedOut { .. } | Session::SignedIn(_) => Phase::Ready,
        })
    });
    let retry = move || {
        shop.load();
        spawn_local(api.start());
    };
    live::part(move || match phase.get() {
        Phase::Waiting => state::skeleton(5),
        Phase::Failed(error) => state::failure(&error, retry),
        Phase::Ready => routes(),
    })
}

/// A page for the signed-in; nothing while someone is being sent to the sign-in.
#[must_use]
pub fn inside(page: impl Fn() -> AnyView + Send + 'static) -> AnyView {
    let api = expect_context::<Api>();
    let signed_in = Memo::new(move |_| api.session().with(|it| matches!(it, Session::SignedIn(_))));
    live::maybe(move || signed_in.get().then(&page))
}

/// The page for an address that leads nowhere.
#[must_use]
pub fn not_found(home: &'static str) -> AnyView {
    let locale = locale();
    super::page::arrive(tr!(locale, app.not_found));
    view! {
        {super::page::heading(tr!(locale, app.not_found), "sr-only")}
        {state::empty(tr!(locale, app.not_found), tr!(locale, app.not_found_hint))}
        <p class="centre"><a class="button" href=home>{tr!(locale, app.to_home)}</a></p>
    }
    .into_any()
}
