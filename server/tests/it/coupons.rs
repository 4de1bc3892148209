//! Coupons: templates, the ways of getting one, checkouts and codes.

mod checkout;
mod codes;
mod issue;
mod limits;
pub mod support;
mod wallet;
