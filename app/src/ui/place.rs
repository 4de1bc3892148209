//! Where on a page someone was: Back returns to the same spot, and other ways start at the top.
//!
//! Browsers restore the spot too, but at once, when a page that is built by a program is still
//! empty; so they are told not to, and it is done here when the page has grown long enough.

use crate::ui::browser;
use crate::ui::few::Few;
use leptos::prelude::*;
use std::cell::RefCell;

/// How many frames a page is given to grow: ten seconds, for a slow network. Whoever moves meanwhile
/// ends it.
const PATIENCE: u32 = 600;
/// How many frames the spot must have been right: parts above it may arrive later than the list.
const CALM: u32 = 60;

#[derive(Default)]
struct Places {
    /// How far down, by address.
    spots: Few<f64>,
    /// The spot to return to, until it is reached or the page is moved by hand.
    wanted: Option<f64>,
}

thread_local! {
    static PLACES: RefCell<Places> = RefCell::default();
}

fn address() -> String {
    window().location().href().unwrap_or_default()
}

/// Begins to remember.
pub fn start() {
    if let Ok(history) = window().history() {
        // A browser that refuses goes on restoring by itself.
        let _ = history.set_scroll_restoration(web_sys::ScrollRestoration::Manual);
    }
    browser::on_window("scroll", keep);
    browser::on_window("popstate", || {
        PLACES.with_borrow_mut(|it| {
            it.wanted = Some(it.spots.get(&address()).copied().unwrap_or(0.0))
        });
        // The page that is left may be long enough too: another page settles when it arrives.
        if super::page::is_shown(&window().location().pathname().unwrap_or_default()) {
            settle(PATIENCE, CALM);
        }
    });
    for moved in ["wheel", "touchmove", "pointerdown", "keydown"] {
        browser::on_window(moved, || PLACES.with_borrow_mut(|it| it.wanted = None));
    }
}

/// Keeps the spot of the page that is shown: whenever it moves, and when it is left, because the
/// event of the last movement comes with the next frame, when the address is another already.
pub fn keep() {
    let down = window().scroll_y().unwrap_or(0.0);
    PLACES.with_borrow_mut(|it| {
        // A page that is being rebuilt is short for a moment; that is not where someone was.
        if it.wanted.is_none() {
            it.spots.keep(&address(), down);
        }
    });
}

/// Goes to the spot of a page that someone returns to, and to the top of one that is shown anew.
pub fn arrive() {
    if PLACES.with_borrow(|it| it.wanted.is_some()) {
        return settle(PATIENCE, CALM);
    }
    PLACES.with_borrow_mut(|it| it.spots.drop_one(&address()));
    window().scroll_to_with_x_and_y(0.0, 0.0);
}

/// Goes to the wanted spot as soon as the page is long enough, within so many frames, and stays
/// there while what is above it still grows, until it was right for so many.
fn settle(patience: u32, calm: u32) {
    request_animation_frame(move || {
        let Some(wanted) = PLACES.with_borrow(|it| it.wanted) else {
            return;
        };
        let long = document()
            .document_element()
            .map_or(0, |it| it.scroll_height());
        let high = window().inner_height().ok().and_then(|it| it.as_f64());
        let reached = f64::from(long) >= wanted + high.unwrap_or(0.0);
        let there = (window().scroll_y().unwrap_or(0.0) - wanted).abs() < 1.0;
        if !there && (reached || patience == 0) {
            window().scroll_to_with_x_and_y(0.0, wanted);
        }
        if patience == 0 || calm == 0 {
            // The event of this very movement comes with the next frame.
            request_animation_frame(|| PLACES.with_borrow_mut(|it| it.wanted = None));
            return;
        }
        settle(patience - 1, if reached && there { calm - 1 } else { CALM });
    });
}
