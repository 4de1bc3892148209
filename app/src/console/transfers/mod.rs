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
use gloo_timers::future::TimeoutFuture;
use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::staff::Role;

/// Where imports are on the server.
const IMPORTS: &str = "/api/v1/imports";

/// Where exports are on the server.
const EXPORTS: &str = "/api/v1/exports";

/// Where they are in the console.
const TRANSFERS: &str = "/console/transfers";

/// The part of the address that names the open sheet.
const KEY: &str = "do";

/// How often what goes on is looked at, in milliseconds.
const LOOK_MS: u32 = 1_000;

/// Whether the one who looks may bring files in.
fn may_change() -> bool {
    let who = expect_context::<Api>().identity();
    who.is_some_and(|it| matches!(it.role, Some(Role::Admin | Role::Operator)))
}

/// Looks again after a while, unless the page was left.
fn look_again(alive: RwSignal<bool>, again: impl FnOnce() + 'static) {
    spawn_local(async move {
        TimeoutFuture::new(LOOK_MS).await;
        if alive.try_get_untracked().is_some() {
            again();
        }
    });
}
