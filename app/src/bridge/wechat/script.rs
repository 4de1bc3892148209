//! WeChat's own script for pages: loading it, having it allowed, telling it what to send.

use crate::api::Api;
use crate::ui::browser;
use crate::ui::foreign::{call, get};
use crate::ui::share::Offer;
use futures_util::future::{Either, select};
use gloo_timers::future::TimeoutFuture;
use js_sys::{Array, Function, Object, Promise, Reflect};
use leptos::prelude::*;
use shared::wechat::api::{PageSignature, SignPage};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

/// Where it is; the policy of the pages names the host.
const SCRIPT: &str = "https://res.wx.qq.com/open/js/jweixin-1.6.0.js";
/// What is used of it: what the menu sends to a friend, and what it shows to all friends.
const FRIEND: &str = "updateAppMessageShareData";
const ALL: &str = "updateTimelineShareData";
/// The picture beside the text; WeChat takes no drawings.
const PICTURE: &str = "/share.png";
/// How long WeChat may take to fetch its script, and to answer.
const SCRIPT_WITHIN_MS: u32 = 15_000;
const ANSWER_WITHIN_MS: u32 = 5_000;
/// When to try again what WeChat does not take while it still looks at a signature, in milliseconds.
const AGAIN_AFTER_MS: [u32; 3] = [0, 400, 1200];

/// Why the script may not be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refused {
    /// No official account is set up here.
    Absent,
    /// It did not work, and may another time.
    Failed,
}

/// A signature that WeChat has not seen yet, and the script that will show it.
pub(super) struct Signed {
    signature: PageSignature,
    wx: JsValue,
}

/// Has a page signed, and loads the script.
pub(super) async fn sign(api: Api, page: &str) -> Result<Signed, Refused> {
    let body = SignPage {
        url: page.to_owned(),
    };
    let signed = api.post::<PageSignature>("/api/v1/wechat/signatures", &body, None);
    let signature = signed.await.map_err(|error| match error.code() {
        Some("wechat.absent") => Refused::Absent,
        _ => Refused::Failed,
    })?;
    let wx = load().await.ok_or(Refused::Failed)?;
    Ok(Signed { signature, wx })
}

/// Gets the script allowed for the page that was signed.
pub(super) async fn configure(it: Signed) -> Result<(), Refused> {
    let Signed { signature, wx } = it;
    let (config, names) = (Object::new(), Array::of2(&FRIEND.into(), &ALL.into()));
    #[expect(
        clippy::cast_precision_loss,
        reason = "seconds since 1970 are far below what a number of JavaScript holds"
    )]
    let timestamp = signature.timestamp as f64;
    put(
        &config,
        &[
            ("debug", false.into()),
            ("appId", signature.app_id.into()),
            ("timestamp", timestamp.into()),
            ("nonceStr", signature.nonce.into()),
            ("signature", signature.signature.into()),
            ("jsApiList", names.into()),
        ],
    );
    let answered = Promise::new(&mut |give, _| {
        call(&wx, "config", &[config.clone().into()]);
        call(&wx, "error", &[said(&give, "config", false)]);
        call(&wx, "ready", &[said(&give, "config", true)]);
    });
    match within(answered, ANSWER_WITHIN_MS).await {
        Some(true) => Ok(()),
        _ => Err(Refused::Failed),
    }
}

/// The object of the script, which is loaded once.
async fn load() -> Option<JsValue> {
    let object = || get(&window(), "wx");
    if let Some(there) = object() {
        return Some(there);
    }
    let script = document().create_element("script").ok()?;
    script.set_attribute("src", SCRIPT).ok()?;
    let head = document().head()?;
    let loaded = Promise::new(&mut |give, _| {
        for (event, good) in [("load", true), ("error", false)] {
            let listener: Function = said(&give, "script", good).unchecked_into();
            // Listening to an element cannot fail.
            let _ = script.add_event_listener_with_callback(event, &listener);
        }
    });
    head.append_child(&script).ok()?;
    within(loaded, SCRIPT_WITHIN_MS).await?;
    object()
}

/// Tells the menu what to send, as long as that is current; whether it knows.
pub(super) async fn hand_on(offer: &Offer, is_current: &dyn Fn() -> bool) -> bool {
    tell(FRIEND, offer, is_current).await && tell(ALL, offer, is_current).await
}

async fn tell(name: &str, offer: &Offer, is_current: &dyn Fn() -> bool) -> bool {
    let Some(wx) = get(&window(), "wx") else {
        return false;
    };
    let picture = browser::origin() + PICTURE;
    for pause in AGAIN_AFTER_MS {
        TimeoutFuture::new(pause).await;
        if !is_current() {
            return false;
        }
        let told = Promise::new(&mut |give, _| {
            let data = Object::new();
            put(
                &data,
                &[
                    ("title", offer.title.as_str().into()),
                    ("desc", offer.text.as_str().into()),
                    ("link", offer.link.as_str().into()),
                    ("imgUrl", picture.as_str().into()),
                    ("success", said(&give, name, true)),
                    ("fail", said(&give, name, false)),
                ],
            );
            call(&wx, name, &[data.into()]);
        });
        // Some versions say nothing when it has worked.
        if within(told, ANSWER_WITHIN_MS).await != Some(false) {
            return true;
        }
    }
    false
}

/// A function for WeChat to call, which settles a promise. What WeChat has against something is for
/// whoever sets this up, so it is in the browser's log.
fn said(give: &Function, what: &str, good: bool) -> JsValue {
    let (give, what) = (give.clone(), what.to_owned());
    let heard = move |it: JsValue| {
        if !good {
            let why = get(&it, "errMsg").and_then(|it| it.as_string());
            leptos::logging::warn!("WeChat, {what}: {}", why.unwrap_or_default());
        }
        // A promise takes its value without a word.
        let _ = give.call1(&JsValue::NULL, &good.into());
    };
    Closure::<dyn Fn(JsValue)>::new(heard).into_js_value()
}

async fn within(answer: Promise, millis: u32) -> Option<bool> {
    match select(JsFuture::from(answer), TimeoutFuture::new(millis)).await {
        Either::Left((answer, _)) => answer.ok()?.as_bool(),
        Either::Right(_) => None,
    }
}

fn put(object: &Object, parts: &[(&str, JsValue)]) {
    for (name, value) in parts {
        // Setting a property of a new plain object cannot fail.
        let _ = Reflect::set(object, &(*name).into(), value);
    }
}
