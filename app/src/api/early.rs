//! Answers that the shell has asked for while this program was on its way.

use gloo_timers::future::TimeoutFuture;
use js_sys::{Array, Promise, Reflect};
use leptos::prelude::window;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

/// Where the shell keeps them, by method and path.
const PLACE: &str = "coterieEarly";

/// An answer as it came.
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) etag: Option<String>,
    pub(super) text: String,
    /// In how many seconds to ask again, when the server says so.
    pub(super) again_s: Option<u32>,
}

/// Takes the answer of one request, once; `None` when the shell has not asked, or in vain.
pub(super) async fn take(method: &str, path: &str) -> Option<Answer> {
    let all = Reflect::get(&window(), &PLACE.into()).ok()?;
    let all = all.dyn_into::<js_sys::Object>().ok()?;
    let key = JsValue::from_str(&format!("{method} {path}"));
    let promise = Reflect::get(&all, &key).ok()?.dyn_into::<Promise>().ok()?;
    // A frozen object would keep it, and ours is not frozen.
    let _gone = Reflect::delete_property(&all, &key);
    let answer = JsFuture::from(promise).await.ok()?;
    // Answers that are all there already would be one long task with what they build; so the
    // browser comes in between.
    TimeoutFuture::new(0).await;
    let answer = answer.dyn_into::<Array>().ok()?;
    Some(Answer {
        status: whole(answer.get(0).as_f64()?)?,
        etag: answer.get(1).as_string(),
        text: answer.get(2).as_string()?,
        again_s: None,
    })
}

/// A status of HTTP from a number of JavaScript.
fn whole(number: f64) -> Option<u16> {
    (100..600).find(|it| f64::from(*it) == number)
}
