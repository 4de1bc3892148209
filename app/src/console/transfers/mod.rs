//! Files in and out: members, orders, points and coupons as files, how far each got, what was wrong
//! with which line, and taking an import back.

mod exports;
mod glance;
mod index;
mod new;
mod one;
mod words;

pub use index::page as list;
pub use new::page as create;
pub use one::page as detail;

use crate::api::Api;
use leptos::prelude::*;
use shared::staff::Role;

/// Where imports are on the server.
const IMPORTS: &str = "/api/v1/imports";

/// Where exports are on the server.
const EXPORTS: &str = "/api/v1/exports";

/// Where they are in the console.
const TRANSFERS: &str = "/console/transfers";

/// The part of the address that names the open sheet.
const KEY: &str = "do";

/// Whether the one who looks may bring files in.
fn may_change() -> bool {
    let who = expect_context::<Api>().identity();
    who.is_some_and(|it| matches!(it.role, Some(Role::Admin | Role::Operator)))
}
