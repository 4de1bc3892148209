//! What the pages of the console are made of: one way to edit, one table, one bar of filters, one
//! sheet for an action. A page is then mostly data.

pub mod act;
pub mod desk;
pub mod download;
pub mod draft;
pub mod editor;
pub mod field;
pub mod filters;
pub mod follow;
pub mod kinds;
pub mod leave;
pub mod maker;
pub mod merge;
pub mod number;
pub mod optional;
pub mod parts;
pub mod preview;
pub mod rows;
pub mod schedule;
pub mod secret;
pub mod section;
pub mod several;
pub mod shapes;
pub mod table;
pub mod views;

use crate::api::Api;
use crate::session::Identity;
use leptos::prelude::expect_context;

/// Whether the one who looks is signed in and may do something.
pub fn may(what: fn(&Identity) -> bool) -> bool {
    let who = expect_context::<Api>().identity();
    who.is_some_and(|it| what(&it))
}

/// A text of the page in the language that is shown.
pub type Words = fn(shared::text::Locale) -> &'static str;
