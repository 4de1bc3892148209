//! Coupons: templates, the ways of getting one, checkouts and codes.

mod issue;
mod support;
