//! Notices that the pages were replaced on the server while this one stayed open.
//!
//! The shell names the program, whose name changes with its content. So when the shell that the
//! server has now does not name the program that runs here, there is a newer one.

use crate::api::Api;
use crate::i18n::Language;
use crate::tr;
use crate::ui::app::Revisit;
use crate::ui::toast::Toaster;
use crate::ui::{browser, live};
use gloo_net::http::Request;
use js_sys::JsString;
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::mem;

/// Looks whenever someone comes back to the page; offers to load it again when it is old.
pub fn watch(revisit: Revisit) {
    let language = expect_context::<Language>();
    let toaster = expect_context::<Toaster>();
    let shell = expect_context::<Api>().side().shell();
    let mut arrived = false;
    live::effect(move || {
        revisit.track();
        if !mem::replace(&mut arrived, true) {
            return;
        }
        spawn_local(async move {
            if is_old(shell).await {
                let locale = language.now();
                let text = tr!(locale, app.new_version);
                toaster.offer(text, tr!(locale, app.load_again), browser::reload);
            }
        });
    });
}

/// Whether the server has another program now. Without an answer this one is as good as any.
async fn is_old(shell: &str) -> bool {
    let own = document().query_selector("link[rel=modulepreload]");
    let own = own.ok().flatten().and_then(|it| it.get_attribute("href"));
    let Some(own) = own else { return false };
    let Ok(answer) = Request::get(shell).send().await else {
        return false;
    };
    // The browser looks for a text in a text already; a way of our own would have to be downloaded.
    let text = JsString::from(answer.text().await.unwrap_or_default());
    answer.ok() && text.includes("modulepreload", 0) && !text.includes(&own, 0)
}
