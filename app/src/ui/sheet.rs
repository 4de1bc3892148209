//! A sheet over the page. Whoever opens it puts it into the address, so Back closes it.

use crate::i18n::locale;
use crate::tr;
use crate::ui::address::{Address, replace_by};
use crate::ui::icon::{Icon, icon};
use crate::ui::live;
use leptos::html::Dialog;
use leptos::prelude::*;
use wasm_bindgen::JsCast;

/// Shows `children` in a modal sheet for as long as it is mounted; `close` is asked for by the
/// cross, the Escape key and a click beside the sheet.
#[component]
pub fn Sheet(
    /// The heading.
    #[prop(into)]
    title: String,
    /// Takes the sheet out of the address.
    close: Callback<()>,
    children: Children,
) -> impl IntoView {
    let body = view! {
        <div class="sheet__body">
            <header class="sheet__head">
                <h2 id="sheet-title" class="title">{title}</h2>
                <button class="button button--icon" type="button" aria-label=tr!(locale(), state.close)
                    on:click=move |_| close.run(())>
                    {icon(Icon::Close)}
                </button>
            </header>
            {children()}
        </div>
    };
    modal("sheet", "sheet-title", close, body.into_any())
}

/// A modal dialog for as long as it is mounted, named by its heading; `close` is asked for by the
/// Escape key and a click beside `body`.
#[must_use]
pub fn modal(
    class: &'static str,
    heading: &'static str,
    close: Callback<()>,
    body: AnyView,
) -> AnyView {
    let dialog = NodeRef::<Dialog>::new();
    live::effect(move || {
        if let Some(dialog) = dialog.get() {
            // Refused only when it is open already, and then there is nothing to do.
            let _ = dialog.show_modal();
        }
    });
    // Closing it, and not only taking it away, gives the focus back to what opened it.
    on_cleanup(|| {
        let open = document().query_selector("dialog[open]").ok().flatten();
        if let Some(open) = open.and_then(|it| it.dyn_into::<web_sys::HtmlDialogElement>().ok()) {
            open.close();
        }
    });
    let beside = move |event: web_sys::MouseEvent| {
        let own = dialog.get_untracked().map(web_sys::EventTarget::from);
        if event.target() == own {
            close.run(());
        }
    };
    view! {
        <dialog class=class node_ref=dialog aria-labelledby=heading on:click=beside
            on:cancel=move |event: web_sys::Event| { event.prevent_default(); close.run(()); }>
            {body}
        </dialog>
    }
    .into_any()
}

/// What `show` makes of the part `key` of the address, for as long as the address has it.
/// Opening such a sheet is a link, so Back closes it.
pub fn sheet_at(
    key: &'static str,
    show: impl Fn(String, Callback<()>) -> AnyView + Send + 'static,
) -> AnyView {
    let here = Address::here();
    let asked = here.part(key);
    // Whether the sheet was opened on this page, so that closing it is going back; else it came
    // with the address, and going back would leave the page.
    let opened_here = StoredValue::new(false);
    let mut before = None;
    live::effect(move || {
        let open = asked.with(Option::is_some);
        if before != Some(open) {
            opened_here.set_value(open && before == Some(false));
        }
        before = Some(open);
    });
    let go = replace_by();
    let close = Callback::new(move |()| {
        if opened_here.get_value() {
            // A refusal means that there is no history, and then nothing can be closed.
            let _ = window().history().and_then(|it| it.back());
        } else {
            go(&here.with_now(&[(key, None)]));
        }
    });
    live::maybe(move || asked.get().map(|it| show(it, close)))
}
