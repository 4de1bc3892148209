//! Use cases of coupons.

mod issue;
mod templates;

pub use issue::{MAX_GRANT, claim, grant, publish, publish_for_shop, revoke, take_back};
pub use templates::{any, create, edit, get, list, set_state};
