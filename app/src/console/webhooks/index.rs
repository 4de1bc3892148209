//! The list of endpoints, and making one.

use super::form::events_field;
use super::words::{endpoint_badge, host};
use super::{API, KEY, WEBHOOKS, may_change};
use crate::api;
use crate::console::kit::act::{Act, Verb, act, opener};
use crate::console::kit::desk::{Desk, head, page as desk_page};
use crate::console::kit::draft::Draft;
use crate::console::kit::field::{Kind, field};
use crate::console::kit::secret::secret_sheet;
use crate::i18n::locale;
use crate::tr;
use crate::ui::icon::{Icon, icon};
use crate::ui::load::loaded;
use crate::ui::query::{self, Query};
use crate::ui::sheet::sheet_at;
use crate::ui::{live, state};
use leptos::prelude::*;
use serde_json::json;
use shared::webhooks::api::{WebhookEndpoint, WebhookEndpoints};

/// The page.
#[must_use]
pub fn page() -> AnyView {
    let locale = locale();
    desk_page(tr!(locale, webhook_desk.title), |desk| {
        let all = query::query::<WebhookEndpoints>(|| Some(API.to_owned()));
        let add = may_change().then(|| {
            let body = view! { {icon(Icon::Plus)}{tr!(locale, webhook_desk.add)} };
            opener(KEY, "add", "button button--main", body)
        });
        let show = {
            let desk = desk.clone();
            move |it: WebhookEndpoints| rows(&desk, &it)
        };
        // The secret lives here and nowhere else, until the sheet is closed.
        let made = RwSignal::new(None::<WebhookEndpoint>);
        let sheets = sheet_at(KEY, move |name, close| match name.as_str() {
            "add" if may_change() => live::part(move || match made.get() {
                Some(it) => shown(it, made, close),
                None => new(all, made, close),
            }),
            _ => ().into_any(),
        });
        view! {
            {head(tr!(locale, webhook_desk.title), tr!(locale, webhook_desk.hint), add.into_any())}
            <div class="card stack">
                {loaded(all, 3, show)}
                {desk.zone_note()}
            </div>
            {sheets}
        }
        .into_any()
    })
}

fn rows(desk: &Desk, it: &WebhookEndpoints) -> AnyView {
    let locale = desk.locale;
    if it.endpoints.is_empty() {
        return state::empty(
            tr!(locale, webhook_desk.none),
            tr!(locale, webhook_desk.none_hint),
        );
    }
    let rows = it.endpoints.iter().map(|it| row(desk, it));
    view! { <ul class="rows" role="list">{rows.collect_view()}</ul> }.into_any()
}

fn row(desk: &Desk, it: &WebhookEndpoint) -> AnyView {
    let locale = desk.locale;
    let href = format!("{WEBHOOKS}/{}", it.id);
    let waiting = i64::try_from(it.waiting).unwrap_or(i64::MAX);
    let waiting = (waiting > 0).then(|| {
        format!(
            " · {}",
            tr!(locale, webhook_desk.waits, n = desk.number(waiting))
        )
    });
    view! {
        <li>
            <a class="row" href=href>
                <span class="row__mark">{icon(Icon::Spend)}</span>
                <span class="row__main">
                    <span class="row__title">{it.definition.name.clone()}</span>
                    <span class="row__note">{host(&it.definition.url)}{waiting}</span>
                </span>
                {endpoint_badge(desk, it)}
            </a>
        </li>
    }
    .into_any()
}

fn new(
    all: Query<WebhookEndpoints>,
    made: RwSignal<Option<WebhookEndpoint>>,
    close: Callback<()>,
) -> AnyView {
    let locale = locale();
    let draft = Draft::new(json!({ "name": "", "url": "", "events": [], "ordered": false }));
    let name = field("/name", tr!(locale, webhook_desk.name), Kind::Text)
        .hint(tr!(locale, webhook_desk.name_hint));
    let url = field("/url", tr!(locale, webhook_desk.url), Kind::Text)
        .hint(tr!(locale, webhook_desk.url_hint));
    let ordered = field("/ordered", tr!(locale, webhook_desk.ordered), Kind::Toggle)
        .hint(tr!(locale, webhook_desk.ordered_hint));
    let events = events_field(locale);
    let it = Act {
        title: tr!(locale, webhook_desk.add).to_owned(),
        about: view! { <p class="muted">{tr!(locale, webhook_desk.add_about)}</p> }.into_any(),
        body:
            view! { {name.show(draft)}{url.show(draft)}{events.show(draft)}{ordered.show(draft)} }
                .into_any(),
        button: tr!(locale, webhook_desk.add),
        grave: false,
        path: API.to_owned(),
        verb: Verb::Post,
    };
    let done = move |text: String| {
        if let Ok(it) = api::read::<WebhookEndpoint>(&text) {
            made.set(Some(it));
        }
        all.reload();
    };
    act(draft, it, done, close)
}

/// The one time that a secret is seen.
pub(super) fn shown(
    it: WebhookEndpoint,
    made: RwSignal<Option<WebhookEndpoint>>,
    close: Callback<()>,
) -> AnyView {
    let locale = locale();
    let title = tr!(locale, webhook_desk.secret);
    let about = tr!(locale, webhook_desk.secret_about);
    let text = (it.definition.name, it.secret.unwrap_or_default());
    secret_sheet(title, Some(about), text, (made, close))
}
