//! Communities: the list, and of each its calendar, its lists, its members, its link, the ways by
//! which it is called, and who leads it.

mod calendar;
mod channels;
mod form;
mod index;
mod link;
mod managers;
mod members;
mod one;
mod scenario;
mod scenarios;
mod words;

pub use calendar::page as calendar;
pub use channels::page as ways;
pub use form::{create, page as settings};
pub use index::page as list;
pub use link::page as link;
pub use managers::page as managers;
pub use members::page as members;
pub use scenario::page as scenario;
pub use scenarios::page as scenarios;

use super::COMMUNITIES;
use crate::console::kit::may;
use crate::session::Identity;

/// Where communities are on the server.
const API: &str = "/api/v1/communities";

/// The part of the address that names the open sheet.
const KEY: &str = "do";

/// Whether the one who looks may change communities: all, or those that they lead.
fn may_change() -> bool {
    may(Identity::may_lead)
}

/// Whether the one who looks may make communities and say who leads them.
fn may_make() -> bool {
    may(Identity::may_operate)
}
