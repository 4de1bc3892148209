//! What both entry points share: start, contexts, return to the page, the line at the top.

use crate::api::Api;
use crate::i18n::Language;
use crate::session::{Session, Side};
use crate::tr;
use crate::ui::icon::{Icon, icon};
use crate::ui::theme::Theme;
use crate::ui::toast::{Toaster, toasts};
use crate::ui::{address, browser, live, place, state, version};
use leptos::prelude::*;
use leptos::task::spawn_local;

/// Counts the returns of the shopper to the page; what was read is then read again.
#[derive(Clone, Copy)]
pub struct Revisit(RwSignal<u32>);

impl Revisit {
    /// Subscribes to returns.
    pub fn track(self) {
        self.0.track();
    }

    /// Somebody came back, or something is known to have changed.
    pub fn happened(self) {
        self.0.update(|it| *it += 1);
    }
}

/// Whether the browser has a network.
#[derive(Clone, Copy)]
pub struct Online(pub RwSignal<bool>);

/// How long a page must have been out of sight before its numbers are read again.
const AWAY_MS: f64 = 15_000.0;

/// Mounts the app of one side; the shell takes its skeleton away afterwards.
pub fn start(side: Side, view: fn() -> AnyView) {
    console_error_panic_hook::set_once();
    mount_to_body(move || root(side, view));
}

fn root(side: Side, view: fn() -> AnyView) -> impl IntoView {
    let language = Language::start();
    let api = Api::new(side, language);
    let online = Online(RwSignal::new(browser::online()));
    let revisit = Revisit(RwSignal::new(0));
    provide_context(language);
    provide_context(api);
    provide_context(online);
    provide_context(revisit);
    provide_context(Theme::start());
    provide_context(Toaster::new());
    listen(online, revisit);
    place::start();
    address::start();
    version::watch(revisit);
    if !window()
        .location()
        .pathname()
        .is_ok_and(|it| it.starts_with("/e/"))
    {
        spawn_local(api.start());
    } else {
        // The code in the address opens a session of its own; an earlier one stays for the next
        // visit in case the code is of no use.
        api.session().set(Session::SignedOut { ended: false });
    }
    // A change of language builds the pages anew.
    let pages = move || {
        let _ = language.get();
        view! {
            {offline_banner()}
            {view()}
            {toasts()}
        }
        .into_any()
    };
    live::part(pages)
}

/// Reads again when the page comes back from the browser's memory or from out of sight, or when
/// the network is back: webviews keep pages alive for hours.
fn listen(online: Online, revisit: Revisit) {
    let hidden_at = StoredValue::new(None::<f64>);
    browser::on_window("online", move || {
        online.0.set(true);
        revisit.happened();
    });
    browser::on_window("offline", move || online.0.set(false));
    browser::on_window("pageshow", move || {
        if hidden_at.with_value(Option::is_some) {
            hidden_at.set_value(None);
            revisit.happened();
        }
    });
    let on_change = move || {
        let now = browser::now_millis();
        if document().visibility_state() == web_sys::VisibilityState::Hidden {
            hidden_at.set_value(Some(now));
        } else if hidden_at.with_value(|it| it.is_some_and(|at| now - at > AWAY_MS)) {
            hidden_at.set_value(None);
            revisit.happened();
        }
    };
    browser::on_window("visibilitychange", on_change);
}

fn offline_banner() -> AnyView {
    let online = expect_context::<Online>();
    let locale = crate::i18n::locale();
    let banner = move || {
        (!online.0.get()).then(|| {
            // What is on the page was read while there still was a network: before now.
            let time = state::read_time(locale, browser::now_millis());
            let text = tr!(locale, state.offline_banner, time = time);
            view! { <p class="banner banner--warn banner--top">{icon(Icon::Offline)}{text}</p> }
                .into_any()
        })
    };
    view! { <div role="status">{live::maybe(banner)}</div> }.into_any()
}
