//! The console: what operators see, built for a desk.

mod frame;
mod kit;
mod members;
mod orders;
mod points;
mod programme;
mod sessions;
mod staff;
mod tiers;

use crate::api::Api;
use crate::i18n::locale;
use crate::parts::shop::Shop;
use crate::tr;
use crate::ui::address::replace_by;
use crate::ui::guard::{self, Doors};
use crate::ui::{live, state};
use kit::leave::Leave;
use leptos::prelude::*;
use leptos_router::components::{FlatRoutes, Route};
use leptos_router::path;

/// The list of members, where the console starts.
const MEMBERS: &str = "/console/members";

const DOORS: Doors = Doors {
    home: MEMBERS,
    sign_in: "/console/sign-in",
    outside: &["/console/sign-in"],
    open: None,
};

/// The console.
#[must_use]
pub fn app() -> AnyView {
    let api = expect_context::<Api>();
    provide_context(Shop::start(api));
    let leave = Leave::start();
    provide_context(leave);
    let who = Memo::new(move |_| api.identity());
    view! {
        <a class="skip" href="#main" rel="external">{tr!(locale(), app.skip)}</a>
        <div class="desk">
            {live::maybe(move || who.get().map(|it| frame::side(&it)))}
            <main id="main" tabindex="-1" class="main">{guard::guarded(DOORS, routes)}</main>
        </div>
        {leave.question()}
    }
    .into_any()
}

fn routes() -> AnyView {
    view! {
        <FlatRoutes fallback=|| guard::not_found(MEMBERS)>
            <Route path=path!("/console") view=start/>
            <Route path=path!("/console/sign-in") view=sessions::sign_in/>
            <Route path=path!("/console/members") view=|| guard::inside(members::list)/>
            <Route path=path!("/console/members/:id") view=|| guard::inside(members::detail)/>
            <Route path=path!("/console/approvals") view=|| guard::inside(points::approvals)/>
            <Route path=path!("/console/tiers") view=|| guard::inside(tiers::ladder)/>
            <Route path=path!("/console/points") view=|| guard::inside(points::rules)/>
            <Route path=path!("/console/staff") view=|| guard::inside(staff::people)/>
            <Route path=path!("/console/keys") view=|| guard::inside(staff::keys)/>
            <Route path=path!("/console/account") view=|| guard::inside(staff::account)/>
            <Route path=path!("/console/settings") view=|| guard::inside(programme::settings)/>
        </FlatRoutes>
    }
    .into_any()
}

/// The console's own address leads to its first page.
fn start() -> AnyView {
    let go = replace_by();
    Effect::new(move |_| go(MEMBERS));
    state::skeleton(5)
}
