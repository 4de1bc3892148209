//! Parts of a page that change. Boxing the closure gives all of them one type, so that the code
//! that renders a change is compiled once and not for every place; with many places that is a
//! third of what a shopper would download.

use leptos::prelude::*;

/// Does something now and whenever what it read has changed.
pub fn effect(run: impl FnMut() + 'static) {
    let run: Box<dyn FnMut()> = Box::new(run);
    Effect::new(run);
}

/// A part that is always there.
pub fn part(show: impl Fn() -> AnyView + Send + 'static) -> AnyView {
    let show: Box<dyn Fn() -> AnyView + Send> = Box::new(show);
    show.into_any()
}

/// A part that is there at times.
pub fn maybe(show: impl Fn() -> Option<AnyView> + Send + 'static) -> AnyView {
    let show: Box<dyn Fn() -> Option<AnyView> + Send> = Box::new(show);
    show.into_any()
}
