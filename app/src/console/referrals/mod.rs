//! Referrals: what they bring and cost, their terms, the ones that wait for a person, and
//! households.

mod budget;
mod decide;
mod households;
mod list;
mod of_member;
mod one;
mod report;
mod terms;
mod words;

pub use households::page as households;
pub use list::page as list;
pub(super) use of_member::of_member;
pub use one::page as one;
pub use report::page as report;
pub use terms::page as terms;

use crate::console::MEMBERS;
use crate::console::kit::desk::Desk;
use crate::console::kit::may;
use crate::console::kit::{self, Words};
use crate::i18n::locale;
use crate::session::Identity;
use crate::tr;
use crate::ui::address::Address;
use leptos::prelude::*;
use shared::ids::MemberId;

/// The first of the pages; the address of one referral is below it.
const REFERRALS: &str = "/console/referrals";
/// The list.
const QUEUE: &str = "/console/referrals/queue";
/// The terms.
const TERMS: &str = "/console/referrals/terms";
/// The households.
const HOUSEHOLDS: &str = "/console/referrals/households";

/// The pages with their names.
const PARTS: [(&str, Words); 4] = [
    (REFERRALS, |it| tr!(it, referral_desk.report)),
    (QUEUE, |it| tr!(it, referral_desk.queue)),
    (TERMS, |it| tr!(it, referral_desk.terms)),
    (HOUSEHOLDS, |it| tr!(it, referral_desk.households)),
];

/// Whether the one who looks may change terms and decide.
fn may_change() -> bool {
    may(Identity::may_operate)
}

/// The way from one of the pages to the others.
fn parts() -> AnyView {
    let locale = locale();
    let here = Address::here();
    let pages = PARTS.map(|(href, name)| {
        let here = here.clone();
        let current = Signal::derive(move || here.path() == href);
        (href.to_owned(), name(locale), current)
    });
    kit::parts::parts(tr!(locale, referral_desk.parts), pages)
}

/// A count of the server.
fn count(desk: &Desk, n: u64) -> String {
    desk.number(i64::try_from(n).unwrap_or(i64::MAX))
}

/// A member's name as a link to the member's page.
fn member_link(desk: &Desk, id: MemberId, name: Option<&str>) -> AnyView {
    let name = called(desk, name);
    view! { <a class="link" href=format!("{MEMBERS}/{id}")>{name}</a> }.into_any()
}

/// What a member is called; some have no name.
fn called(desk: &Desk, name: Option<&str>) -> String {
    let unnamed = tr!(desk.locale, console.unnamed);
    name.unwrap_or(unnamed).to_owned()
}
