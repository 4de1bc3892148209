//! The settings page.

use super::brand;
use crate::console::kit::desk::{Desk, head, page};
use crate::console::kit::editor::{Editor, Spec, editor};
use crate::console::kit::field::{Kind, field, fields};
use crate::console::kit::may;
use crate::console::kit::section::section;
use crate::i18n::locale;
use crate::parts::shop::Shop;
use crate::session::Identity;
use crate::tr;
use crate::ui::format::{self, Moment};
use crate::ui::{browser, live};
use leptos::prelude::*;

/// The page.
#[must_use]
pub fn settings() -> AnyView {
    let locale = locale();
    page(tr!(locale, nav.settings), |desk| {
        let spec = Spec {
            part: "",
            saved: |it| tr!(it, settings.saved),
            may: may(Identity::may_administer),
            closed: None,
            review: None,
        };
        let shop = expect_context::<Shop>();
        let parts = desk.clone();
        view! {
            {head(tr!(locale, nav.settings), tr!(locale, settings.hint), ().into_any())}
            {editor(spec, "/api/v1/programme", move |it| {
                // The pages take up what was saved.
                Effect::new(move |_| { it.whole.track(); shop.load(); });
                body(&parts, it)
            })}
        }
        .into_any()
    })
}

fn body(desk: &Desk, editor: Editor) -> AnyView {
    let locale = desk.locale;
    let draft = editor.draft;
    let names = vec![
        field("/name/zh-CN", tr!(locale, settings.name_zh), Kind::Text),
        field("/name/en", tr!(locale, settings.name_en), Kind::Text),
    ];
    let mut zones = browser::time_zones();
    let now = draft.value()["time_zone"]
        .as_str()
        .unwrap_or_default()
        .to_owned();
    if !zones.contains(&now) {
        zones.insert(0, now);
    }
    let zones = Kind::Choice(zones.into_iter().map(|it| (it.clone(), it)).collect());
    let place = vec![
        field("/time_zone", tr!(locale, settings.zone), zones)
            .hint(tr!(locale, settings.zone_hint)),
        field("/currency", tr!(locale, settings.currency), Kind::Text)
            .hint(tr!(locale, settings.currency_hint)),
    ];
    let clock = live::part(move || {
        let zone = draft.at("/time_zone");
        let at = format::moment(
            locale,
            zone.as_str().unwrap_or("UTC"),
            browser::now(),
            Moment::Zoned,
        );
        view! { <p class="row__note">{tr!(locale, settings.clock, time = at)}</p> }.into_any()
    });
    let place = view! { {fields(draft, place)}{clock} };
    let entry = vec![
        field("/sign_up_open", tr!(locale, settings.sign_up), Kind::Toggle)
            .hint(tr!(locale, settings.sign_up_hint)),
    ];
    view! {
        {section(tr!(locale, settings.name), tr!(locale, settings.name_hint), fields(draft, names))}
        {section(tr!(locale, settings.place), tr!(locale, settings.place_hint), place.into_any())}
        {section(tr!(locale, brand.title), tr!(locale, brand.hint), brand::body(draft))}
        {section(tr!(locale, settings.entry), tr!(locale, settings.entry_hint), fields(draft, entry))}
    }
    .into_any()
}
