//! The one bar of filters: what narrows a list, kept in the address and nowhere else.

use crate::i18n::locale;
use crate::tr;
use crate::ui::address::{self, Address};
use crate::ui::icon::{Icon, icon};
use crate::ui::ways::{Look, ways};
use crate::ui::{browser, live, state, zoned};
use leptos::ev;
use leptos::prelude::*;

/// A way to narrow a list. Its key is its name in the page's address and in the server's.
#[derive(Clone)]
pub enum Filter {
    /// Words to look for; the hint says in what.
    Search(&'static str),
    /// One of a few, side by side; the first is all.
    Chips(
        &'static str,
        &'static str,
        Vec<(Option<&'static str>, &'static str)>,
    ),
    /// One of many, or all.
    Choice(&'static str, &'static str, Signal<Vec<(String, String)>>),
    /// The first day.
    From(&'static str, &'static str),
    /// The last day.
    To(&'static str, &'static str),
    /// Something typed exactly.
    Exact(&'static str, &'static str),
}

impl Filter {
    fn key(&self) -> &'static str {
        match self {
            Self::Search(_) => "q",
            Self::Chips(key, ..)
            | Self::Choice(key, ..)
            | Self::From(key, _)
            | Self::To(key, _)
            | Self::Exact(key, _) => key,
        }
    }
}

/// The filters of a list.
#[derive(Clone)]
pub struct Filters {
    here: Address,
    all: Vec<Filter>,
    /// How many of them stand in the open; the others are behind a button.
    open: usize,
    zone: String,
}

impl Filters {
    /// The filters of this page: some in the open, more behind a button. Days are in `zone`.
    #[must_use]
    pub fn here(zone: &str, open: Vec<Filter>, more: Vec<Filter>) -> Self {
        Self {
            here: Address::here(),
            open: open.len(),
            all: open.into_iter().chain(more).collect(),
            zone: zone.to_owned(),
        }
    }

    /// What is asked for, as the server reads it: `&q=lin&status=frozen`; and a subscription.
    #[must_use]
    pub fn query(&self) -> String {
        let asked = self.asked().into_iter().filter_map(|(filter, key, value)| {
            let value = match filter {
                Some(Filter::From(..)) => zoned::start_of_day(&self.zone, &value)?,
                Some(Filter::To(..)) => zoned::end_of_day(&self.zone, &value)?,
                _ => value,
            };
            Some(format!("&{key}={}", browser::encode(&value)))
        });
        asked.collect()
    }

    /// What is asked for, as it is in the address, and a subscription: the text of a saved view.
    #[must_use]
    pub fn view(&self) -> String {
        let asked = self.asked().into_iter();
        let parts: Vec<_> = asked
            .map(|(_, key, value)| format!("{key}={}", browser::encode(&value)))
            .collect();
        parts.join("&")
    }

    fn asked(&self) -> Vec<(Option<&Filter>, &'static str, String)> {
        let filters = self.all.iter().map(|it| (Some(it), it.key()));
        filters
            .chain([(None, "sort")])
            .filter_map(|(filter, key)| Some((filter, key, self.here.get(key)?)))
            .collect()
    }

    /// Whether anything is asked for, and a subscription.
    #[must_use]
    pub fn any(&self) -> bool {
        self.all.iter().any(|it| self.here.get(it.key()).is_some())
    }

    /// This address with everything shown.
    fn cleared(&self) -> String {
        let mut changes: Vec<_> = self.all.iter().map(|it| (it.key(), None)).collect();
        changes.push(("pages", None));
        self.here.with(&changes)
    }

    /// What an empty list says: that there is nothing yet, or nothing like this.
    #[must_use]
    pub fn blank(&self, none: &'static str, hint: &'static str) -> AnyView {
        let locale = locale();
        if !self.any() {
            return state::empty(none, hint);
        }
        view! {
            {state::empty(tr!(locale, kit.no_match), tr!(locale, kit.no_match_hint))}
            <p class="centre"><a class="button" data-noscroll="" href=self.cleared()>{tr!(locale, points.clear)}</a></p>
        }
        .into_any()
    }

    /// The bar.
    #[must_use]
    pub fn bar(&self) -> AnyView {
        let locale = locale();
        let (open, more) = self.all.split_at(self.open);
        let parts = open.iter().map(|it| self.part(it)).collect_view();
        let more = (!more.is_empty()).then(|| self.more(more));
        let it = self.clone();
        let clear = move || {
            it.any().then(|| {
                view! { <a class="button button--plain button--small" data-noscroll="" href=it.cleared()>{tr!(locale, points.clear)}</a> }
                    .into_any()
            })
        };
        view! { <div class="filters">{parts}{more}{live::maybe(clear)}</div> }.into_any()
    }

    /// What is asked for less often; open when it is.
    fn more(&self, more: &[Filter]) -> AnyView {
        let used = untrack(|| more.iter().any(|it| self.here.get(it.key()).is_some()));
        let parts = more.iter().map(|it| self.part(it)).collect_view();
        view! {
            <details class="filters__more" prop:open=used>
                <summary class="button button--small">{tr!(locale(), kit.more_filters)}</summary>
                <div class="filters">{parts}</div>
            </details>
        }
        .into_any()
    }

    fn part(&self, filter: &Filter) -> AnyView {
        match filter {
            Filter::Search(hint) => search(&self.here, hint),
            Filter::Chips(key, label, each) => ways(label, Look::Chips, key, &["pages"], each),
            Filter::Choice(key, label, each) => choice(&self.here, key, label, *each),
            Filter::From(key, label) | Filter::To(key, label) => {
                typed(&self.here, key, label, "date")
            }
            Filter::Exact(key, label) => typed(&self.here, key, label, "text"),
        }
    }
}

fn choice(
    here: &Address,
    key: &'static str,
    label: &'static str,
    each: Signal<Vec<(String, String)>>,
) -> AnyView {
    let now = here.part(key);
    let any = tr!(locale(), console.any).to_owned();
    let options = live::part(move || {
        let all = std::iter::once((String::new(), any.clone()));
        let options = all.chain(each.get()).map(|(value, text)| {
            let mine = value.clone();
            let is = move |it: &Option<String>| it.as_deref().unwrap_or_default() == mine;
            let selected = Signal::derive(move || now.with(&is));
            view! { <option value=value prop:selected=selected>{text}</option> }
        });
        options.collect_view().into_any()
    });
    let (here, go) = (here.clone(), address::replace_by());
    let change = move |event| {
        let value = event_target_value(&event);
        let value = (!value.is_empty()).then_some(value);
        go(&here.with_now(&[(key, value.as_deref()), ("pages", None)]));
    };
    view! {
        <label class="filter">
            <span>{label}</span>
            <select class="input input--select" name=key on:change=change>{options}</select>
        </label>
    }
    .into_any()
}

fn typed(here: &Address, key: &'static str, label: &'static str, kind: &'static str) -> AnyView {
    let now = here.part(key);
    let (here, go) = (here.clone(), address::replace_by());
    let change = move |event: web_sys::Event| {
        let value = event_target_value(&event).trim().to_owned();
        let value = (!value.is_empty()).then_some(value);
        go(&here.with_now(&[(key, value.as_deref()), ("pages", None)]));
    };
    let value = Signal::derive(move || now.get().unwrap_or_default());
    view! {
        <label class="filter">
            <span>{label}</span>
            <input class="input" type=kind name=key autocomplete="off" prop:value=value on:change=change/>
        </label>
    }
    .into_any()
}

fn search(here: &Address, hint: &'static str) -> AnyView {
    let locale = locale();
    let text = RwSignal::new(String::new());
    let asked = here.part("q");
    Effect::new(move |_| text.set(asked.get().unwrap_or_default()));
    let go = address::go();
    let here = here.clone();
    let send = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        let typed = text.get_untracked().trim().to_owned();
        let typed = (!typed.is_empty()).then_some(typed);
        go(&here.with_now(&[("q", typed.as_deref()), ("pages", None)]));
    };
    slash();
    view! {
        <form class="search" role="search" on:submit=send>
            <label class="sr-only" for="q">{tr!(locale, console.search_button)}</label>
            <input class="input" id="q" name="q" type="search" autocomplete="off" aria-keyshortcuts="/"
                placeholder=hint prop:value=text on:input=move |event| text.set(event_target_value(&event))/>
            <button class="button" type="submit" aria-label=tr!(locale, console.search_button)>{icon(Icon::Search)}</button>
        </form>
    }
    .into_any()
}

/// A slash goes to the search, unless one is typing.
fn slash() {
    let handle = window_event_listener(ev::keydown, |event| {
        let typing = document()
            .active_element()
            .is_some_and(|it| matches!(it.tag_name().as_str(), "INPUT" | "TEXTAREA" | "SELECT"));
        if event.key() == "/" && !typing && !event.ctrl_key() && !event.meta_key() {
            event.prevent_default();
            browser::focus("q");
        }
    });
    on_cleanup(move || handle.remove());
}
