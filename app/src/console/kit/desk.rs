//! What every page of the console needs to write numbers and times: the language, the currency
//! and the shop's zone.

use crate::i18n::locale;
use crate::parts::shop;
use crate::tr;
use crate::ui::amount::Amounts;
use crate::ui::format::{self, Moment};
use crate::ui::page;
use leptos::prelude::*;
use serde_json::Value;
use shared::programme::Programme;
use shared::text::Locale;
use shared::time::Timestamp;

/// How a page writes.
#[derive(Clone)]
pub struct Desk {
    /// The language.
    pub locale: Locale,
    /// How amounts are written.
    pub amounts: Amounts,
    /// The shop's time zone.
    pub zone: String,
}

impl Desk {
    /// The desk of this page. Pages are built once the programme is known; before that, and that
    /// is never seen, it is nowhere.
    #[must_use]
    pub fn here() -> Option<Self> {
        let Programme { time_zone, .. } = shop::programme()?;
        Some(Self {
            locale: locale(),
            amounts: shop::amounts()?,
            zone: time_zone,
        })
    }

    /// An instant in the shop's zone, with the zone's name.
    #[must_use]
    pub fn time(&self, at: Timestamp) -> String {
        format::moment(self.locale, &self.zone, at, Moment::Zoned)
    }

    /// Since when a version of the rules holds; the first holds since ever.
    #[must_use]
    pub fn version(&self, whole: &Value) -> String {
        let version = &whole["version"];
        let at: Option<Timestamp> = serde_json::from_value(whole["effective_from"].clone()).ok();
        match at.filter(|it| it.as_millis() > 0) {
            Some(at) => tr!(
                self.locale,
                rules.version,
                n = version,
                since = self.time(at)
            ),
            None => tr!(self.locale, rules.first_version, n = version),
        }
    }

    /// A day in the shop's zone.
    #[must_use]
    pub fn date(&self, at: Timestamp) -> String {
        format::moment(self.locale, &self.zone, at, Moment::Date)
    }

    /// A number.
    #[must_use]
    pub fn number(&self, value: i64) -> String {
        format::number(self.locale, value)
    }

    /// The line that says which zone times are in.
    #[must_use]
    pub fn zone_note(&self) -> AnyView {
        let text = tr!(self.locale, console.programme_zone, zone = self.zone);
        view! { <p class="row__note">{text}</p> }.into_any()
    }
}

/// The top of a page: its name, what it is for, and what can be done.
#[must_use]
pub fn head(title: &str, hint: &str, actions: AnyView) -> AnyView {
    let hint = (!hint.is_empty()).then(|| view! { <p class="muted">{hint.to_owned()}</p> });
    view! {
        <div class="head">
            <div class="head__text">{page::heading(title, "head__title")}{hint}</div>
            <div class="head__actions">{actions}</div>
        </div>
    }
    .into_any()
}

/// A page: its name in the browser, then what `show` makes with the desk.
pub fn page(title: &'static str, show: impl FnOnce(Desk) -> AnyView) -> AnyView {
    page::arrive(title);
    match Desk::here() {
        Some(desk) => view! { <div class="stack page">{show(desk)}</div> }.into_any(),
        None => ().into_any(),
    }
}
