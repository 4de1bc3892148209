//! Flash sales: the list, and of each its terms, how it runs, and what it brought.

mod actions;
mod audience;
mod charts;
mod claims;
mod form;
mod index;
mod live;
mod one;
mod products;
mod report;

pub use claims::page as claims;
pub use form::{create, page as terms};
pub use index::page as list;
pub use live::page as live;
pub use report::page as report;

use crate::console::kit::may;
use crate::session::Identity;
use crate::tr;
use leptos::prelude::*;
use shared::sales::Phase;
use shared::text::Locale;

/// The list.
const SALES: &str = "/console/sales";

/// Where sales are on the server.
const API: &str = "/api/v1/flash_sales";

/// The part of the address that names the open sheet.
const KEY: &str = "do";

/// Whether the one who looks may change sales: all, or those of the communities that they lead.
fn may_change() -> bool {
    may(Identity::may_lead)
}

/// What a sale is doing, in words, and its tone.
pub(super) fn phase_name(locale: Locale, phase: Phase) -> (&'static str, &'static str) {
    match phase {
        Phase::Draft => (tr!(locale, sale_desk.draft), "plain"),
        Phase::Scheduled => (tr!(locale, sale_desk.scheduled), "wait"),
        Phase::Early => (tr!(locale, sale_desk.early), "good"),
        Phase::Live => (tr!(locale, sale_desk.live), "good"),
        Phase::Ended => (tr!(locale, sale_desk.ended), "plain"),
        Phase::Cancelled => (tr!(locale, sale_desk.cancelled), "bad"),
    }
}

/// The code and the name of each tier.
type Tiers = Signal<Vec<(String, String)>>;
