//! The console: what operators see, built for a desk. Its pages are listed in
//! `src/bin/console.rs`.

pub mod audit;
pub mod communities;
pub mod coupons;
pub mod developers;
mod frame;
mod kit;
pub mod members;
mod orders;
pub mod points;
pub mod programme;
pub mod referrals;
pub mod requests;
pub mod sales;
pub mod sessions;
pub mod staff;
pub mod tasks;
pub mod tiers;
pub mod transfers;
pub mod webhooks;

use crate::api::Api;
use crate::i18n::locale;
use crate::parts::shop::Shop;
use crate::tr;
use crate::ui::address::{Address, replace_by};
use crate::ui::guard::{self, Doors};
use crate::ui::routes::{Page, routes};
use crate::ui::{live, state};
use kit::leave::Leave;
pub use kit::leave::hear_back_first;
use leptos::prelude::*;

/// Where the console starts; from there everybody comes to the first page that is theirs.
const START: &str = "/console";

/// The list of members, the first page of most.
const MEMBERS: &str = "/console/members";

/// The list of communities, the first page of who leads some.
const COMMUNITIES: &str = "/console/communities";

/// One's own account.
const ACCOUNT: &str = "/console/account";

const DOORS: Doors = Doors {
    home: START,
    sign_in: "/console/sign-in",
    outside: &["/console/sign-in", "/console/reset"],
    open: &[],
};

/// The console with these pages.
#[must_use]
pub fn app(pages: &'static [Page]) -> AnyView {
    let api = expect_context::<Api>();
    provide_context(Shop::start(api));
    enrol_first(api);
    let leave = Leave::start();
    provide_context(leave);
    let who = Memo::new(move |_| api.identity());
    view! {
        <a class="skip" href="#main" rel="external">{tr!(locale(), app.skip)}</a>
        <div class="desk">
            {live::maybe(move || who.get().map(|it| frame::side(&it)))}
            <main id="main" tabindex="-1" class="main">{guard::guarded(DOORS, move || routes(pages, DOORS.home))}</main>
        </div>
        {leave.question()}
    }
    .into_any()
}

/// Takes whoever must set up a second factor to the page where that is done.
fn enrol_first(api: Api) {
    let here = Address::here();
    let go = replace_by();
    Effect::new(move |_| {
        let must = api.identity().is_some_and(|it| it.must_enrol);
        if must && here.path() != ACCOUNT {
            go(ACCOUNT);
        }
    });
}

/// The console's own address leads to the first page of whoever is signed in.
pub fn start() -> AnyView {
    let api = expect_context::<Api>();
    let go = replace_by();
    Effect::new(move |_| {
        let first = api.identity().map(|it| match it.leads_only() {
            true => COMMUNITIES,
            false => MEMBERS,
        });
        if let Some(first) = first {
            go(first);
        }
    });
    state::skeleton(5)
}
