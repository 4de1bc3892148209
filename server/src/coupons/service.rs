//! Use cases of coupons.

mod bring;
mod checkout;
mod codes;
mod facts;
mod hand_over;
mod issue;
mod privacy;
mod quote;
mod settle;
mod templates;

pub use bring::{OpenCoupon, TemplateNames, known, open_of, template_names};
pub use checkout::{best_checkout, extend, reservation, reserve, simulate, validate};
pub use codes::{
    MAX_CODES, batch, batches, cancel, enter, export_part, import, make, refuse_slip, work,
};
pub use hand_over::hand_over;
pub use issue::{
    MAX_GRANT, claim, grant, publish, publish_for_shop, publish_until, revoke, revoke_unused,
    take_back,
};
pub use privacy::{export, forget};
pub use settle::{
    Returned, expire_due, give_back, redeem, redeem_now, release, roll_back, settle_order,
};
pub use templates::{any, create, edit, get, list, set_state};

pub(crate) use checkout::spends_of;
pub(super) use facts::facts_of_coupon;
pub(super) use issue::{groups_of, taken_by};
pub(super) use quote::reason_view;
