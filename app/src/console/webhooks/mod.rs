//! Webhooks: the shop's systems that are told of what happens, what each was sent, and what it
//! answered.

mod actions;
mod attempts;
mod form;
mod index;
mod log;
mod one;
mod words;

pub use form::page as settings;
pub use index::page as list;
pub use log::page as log;

use crate::console::kit::may;
use crate::session::Identity;

/// Where endpoints are on the server.
const API: &str = "/api/v1/webhook_endpoints";

/// Where they are in the console.
const WEBHOOKS: &str = "/console/webhooks";

/// The part of the address that names the open sheet.
const KEY: &str = "do";

/// Whether the one who looks may change endpoints.
fn may_change() -> bool {
    may(Identity::may_administer)
}
