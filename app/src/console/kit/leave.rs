//! Asks before changes are lost: by a link, by Back, by closing the page, by a change of language.

use crate::i18n::locale;
use crate::tr;
use crate::ui::address::{self, Address};
use crate::ui::live;
use crate::ui::sheet::Sheet;
use leptos::ev;
use leptos::prelude::*;
use std::cell::RefCell;
use std::sync::Arc;
use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::{Event, EventTarget};

/// What someone wants to do that would lose changes.
type Way = Arc<dyn Fn() + Send + Sync>;

/// Hears of Back; whether it was undone.
type Back = Box<dyn Fn() -> bool>;

thread_local! {
    /// Who wants to hear of Back.
    static BACK: RefCell<Option<Back>> = const { RefCell::new(None) };
}

/// Hears of Back before the address does: the window tells those first who asked first.
pub fn hear_back_first() {
    // Never removed: it listens as long as the program runs.
    let _handle = window_event_listener_untyped("popstate", |event| {
        if BACK.with_borrow(|it| it.as_ref().is_some_and(|back| back())) {
            event.stop_immediate_propagation();
        }
    });
}

/// Knows whether the page holds changes that are not saved.
#[derive(Clone, Copy)]
pub struct Leave {
    dirty: RwSignal<bool>,
    wanted: RwSignal<Option<Way>>,
}

impl Leave {
    /// Starts watching links, Back and the closing of the page, as long as the console lives.
    #[must_use]
    pub fn start() -> Self {
        let it = Self {
            dirty: RwSignal::new(false),
            wanted: RwSignal::new(None),
        };
        it.watch_closing();
        it.watch_links();
        it.watch_back();
        it
    }

    /// Says whether there are changes; the page that holds them says so until it is gone.
    pub fn hold(self, dirty: Memo<bool>) {
        Effect::new(move |_| self.dirty.set(dirty.get()));
        on_cleanup(move || {
            self.dirty.try_set(false);
        });
    }

    /// Does something that would lose changes, at once or after asking.
    pub fn then(self, way: impl Fn() + Send + Sync + 'static) {
        if self.dirty.get_untracked() {
            self.wanted.set(Some(Arc::new(way)));
        } else {
            way();
        }
    }

    fn watch_closing(self) {
        let handle = window_event_listener(ev::beforeunload, move |event| {
            if self.dirty.get_untracked() {
                event.prevent_default();
            }
        });
        on_cleanup(move || handle.remove());
    }

    /// A link to another page of the console is held back before it is followed.
    fn watch_links(self) {
        let go = address::go();
        before_others("click", move |event| {
            if !self.dirty.get_untracked() {
                return;
            }
            let Some(link) = address::followed(event) else {
                return;
            };
            if link.pathname() == here().unwrap_or_default() {
                return;
            }
            event.prevent_default();
            let (go, to) = (go.clone(), format!("{}{}", link.pathname(), link.search()));
            self.then(move || go(&to));
        });
    }

    /// Back is undone first and asked about then: a browser does not let a page refuse it.
    fn watch_back(self) {
        let at = StoredValue::new(String::new());
        let go = address::go();
        let address = Address::here();
        // Our own idea of where it is: the browser is elsewhere already.
        Effect::new(move |_| at.set_value(address.path()));
        let back = move || {
            let to = here().unwrap_or_default();
            if !self.dirty.get_untracked() || to == at.get_value() {
                return false;
            }
            let search = window().location().search().unwrap_or_default();
            // A refusal means that there is no history, and then nobody went back.
            let _ = window().history().and_then(|it| it.forward());
            let (go, to) = (go.clone(), format!("{to}{search}"));
            self.then(move || go(&to));
            true
        };
        BACK.with_borrow_mut(|it| *it = Some(Box::new(back)));
        on_cleanup(|| BACK.with_borrow_mut(|it| *it = None));
    }

    /// The question.
    #[must_use]
    pub fn question(self) -> AnyView {
        live::maybe(move || {
            let way = self.wanted.get()?;
            let locale = locale();
            let stay = Callback::new(move |()| self.wanted.set(None));
            let leave = move |_| {
                self.dirty.set(false);
                self.wanted.set(None);
                way();
            };
            let ask = view! {
                <Sheet title=tr!(locale, kit.leave_title) close=stay>
                    <p>{tr!(locale, kit.leave_hint)}</p>
                    <div class="sheet__foot">
                        <button class="button" type="button" on:click=leave>{tr!(locale, kit.leave)}</button>
                        <button class="button button--main" type="button" autofocus=true on:click=move |_| stay.run(())>{tr!(locale, kit.stay)}</button>
                    </div>
                </Sheet>
            };
            Some(ask.into_any())
        })
    }
}

fn here() -> Option<String> {
    window().location().pathname().ok()
}

/// Hears an event of the window before anyone else does.
fn before_others(event: &'static str, then: impl FnMut(&Event) + 'static) {
    let mut then = then;
    let heard = Closure::<dyn FnMut(Event)>::new(move |event: Event| then(&event));
    let target: EventTarget = window().into();
    // Refused only for an event without a name.
    let _ = target.add_event_listener_with_callback_and_bool(
        event,
        heard.as_ref().unchecked_ref(),
        true,
    );
    let heard = StoredValue::new_local(heard);
    on_cleanup(move || {
        heard.with_value(|it| {
            let _ = target.remove_event_listener_with_callback_and_bool(
                event,
                it.as_ref().unchecked_ref(),
                true,
            );
        });
    });
}
