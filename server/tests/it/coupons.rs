//! Coupons: templates, the ways of getting one, checkouts and codes.

mod checkout;
mod codes;
mod complaints;
mod issue;
mod limits;
mod quotes;
pub mod support;
mod wallet;
