//! Coupons: templates, their terms with a price to try them on, codes, and the log of uses.

mod codes;
mod list;
mod log;
mod one;
mod terms;
mod trial;

pub use list::page as list;
pub use log::page as log;
pub use one::page as one;

use crate::console::kit::desk::Desk;
use crate::console::kit::may;
use crate::console::kit::table::badge;
use crate::session::Identity;
use crate::tr;
use leptos::prelude::*;
use shared::coupons::TemplateState;
use shared::text::Locale;

/// Whether the one who looks may change coupons.
fn may_change() -> bool {
    may(Identity::may_operate)
}

/// The state of a template in a word.
fn state_name(locale: Locale, state: TemplateState) -> &'static str {
    match state {
        TemplateState::Draft => tr!(locale, coupon_desk.draft),
        TemplateState::Active => tr!(locale, coupon_desk.active),
        TemplateState::Paused => tr!(locale, coupon_desk.paused),
        TemplateState::Ended => tr!(locale, coupon_desk.ended),
    }
}

fn state_badge(desk: &Desk, state: TemplateState) -> AnyView {
    let tone = match state {
        TemplateState::Active => "good",
        TemplateState::Paused => "wait",
        TemplateState::Draft | TemplateState::Ended => "plain",
    };
    badge(state_name(desk.locale, state), tone)
}
