//! Links that lead out of what the host shows: the host opens them.

use super::{is_heard, say};
use crate::ui::browser;
use leptos::prelude::*;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Element, HtmlAnchorElement, MouseEvent};

/// The start of the addresses of widgets.
const WIDGETS: &str = "/w/";

/// What becomes of a link.
#[derive(Debug, PartialEq, Eq)]
enum Way {
    /// The page follows it as always.
    Ours,
    /// The host opens it: another site, or a whole page that a widget leads to.
    Hosts,
    /// Nobody follows it: it would run as a script of ours.
    Nobodys,
}

/// The way of a link with this protocol, origin and path, on the page `here`.
fn way(protocol: &str, is_own: bool, path: &str, here: &str) -> Way {
    match protocol {
        "http:" | "https:" if !is_own => Way::Hosts,
        "http:" | "https:" if here.starts_with(WIDGETS) && !path.starts_with(WIDGETS) => Way::Hosts,
        "http:" | "https:" | "mailto:" | "tel:" | "blob:" => Way::Ours,
        _ => Way::Nobodys,
    }
}

/// Looks at every click before the pages do.
pub(super) fn follow() {
    let on_click = Closure::<dyn Fn(MouseEvent)>::new(move |event: MouseEvent| {
        let target = event.target().and_then(|it| it.dyn_into::<Element>().ok());
        let link = target.and_then(|it| it.closest("a[href]").ok().flatten());
        let Some(link) = link.and_then(|it| it.dyn_into::<HtmlAnchorElement>().ok()) else {
            return;
        };
        let is_own = link.origin() == browser::origin();
        let here = window().location().pathname().unwrap_or_default();
        match way(&link.protocol(), is_own, &link.pathname(), &here) {
            Way::Ours => {}
            Way::Hosts if !is_heard() => {}
            Way::Hosts => {
                event.prevent_default();
                let outside: JsValue = (!is_own).into();
                say(
                    "navigate",
                    &[("url", link.href().into()), ("outside", outside)],
                );
            }
            Way::Nobodys => event.prevent_default(),
        }
    });
    let function = on_click.as_ref().unchecked_ref();
    // Listening to the document cannot fail.
    let _ = document().add_event_listener_with_callback_and_bool("click", function, true);
    on_click.forget();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_host_opens_what_is_not_ours_and_nobody_runs_scripts() {
        for (protocol, is_own, path, here, expected) in [
            ("https:", true, "/points", "/", Way::Ours),
            ("https:", true, "/w/sale", "/w/tier", Way::Ours),
            ("https:", true, "/tier", "/w/tier", Way::Hosts),
            ("https:", false, "/w/tier", "/", Way::Hosts),
            ("http:", false, "/", "/w/tier", Way::Hosts),
            ("tel:", false, "", "/", Way::Ours),
            ("blob:", true, "", "/", Way::Ours),
            ("javascript:", false, "", "/", Way::Nobodys),
            ("data:", false, "", "/", Way::Nobodys),
        ] {
            assert_eq!(
                way(protocol, is_own, path, here),
                expected,
                "{protocol} {path} {here}"
            );
        }
    }
}
