//! What stands around every part of an endpoint: its name, how it is doing, and what can be done
//! with it.

use super::words::{endpoint_badge, host};
use super::{API, KEY, WEBHOOKS, actions};
use crate::console::kit::Words;
use crate::console::kit::desk::{Desk, head, page as desk_page};
use crate::console::kit::parts::parts;
use crate::i18n::locale;
use crate::tr;
use crate::ui::icon::{Icon, icon};
use crate::ui::load::loaded;
use crate::ui::query::{self, Query};
use crate::ui::routes::param;
use crate::ui::sheet::sheet_at;
use crate::ui::{browser, live};
use leptos::prelude::*;
use shared::webhooks::EndpointState;
use shared::webhooks::api::WebhookEndpoint;

/// The parts, each with the end of its address and its name.
const PARTS: [(&str, Words); 2] = [
    ("", |it| tr!(it, webhook_desk.log)),
    ("/settings", |it| tr!(it, webhook_desk.settings)),
];

/// The endpoint that a page is about.
#[derive(Clone)]
pub(super) struct Subject {
    /// Where it is on the server.
    pub path: String,
    /// What the server says of it.
    pub whole: Query<WebhookEndpoint>,
    /// Counts what was asked to be sent again, so that the log reads anew.
    pub again: RwSignal<u32>,
}

impl Subject {
    /// Reads everything anew.
    pub(super) fn reload(&self) {
        self.whole.reload();
        self.again.update(|it| *it += 1);
    }
}

/// A part of one endpoint as a page; `part` is the end of its address, and `show` builds it once.
pub(super) fn page(part: &'static str, show: fn(&Desk, &Subject) -> AnyView) -> AnyView {
    let locale = locale();
    desk_page(tr!(locale, webhook_desk.title), |desk| {
        let id = param("id");
        let shown = live::part(move || {
            let id = browser::encode(&id.get());
            one(&desk, &id, part, show)
        });
        view! {
            <p><a class="link" href=WEBHOOKS>{icon(Icon::Previous)}{tr!(locale, webhook_desk.title)}</a></p>
            {shown}
        }
        .into_any()
    })
}

fn one(desk: &Desk, id: &str, part: &'static str, show: fn(&Desk, &Subject) -> AnyView) -> AnyView {
    let path = format!("{API}/{id}");
    let own = path.clone();
    let subject = Subject {
        path,
        whole: query::query::<WebhookEndpoint>(move || Some(own.clone())),
        again: RwSignal::new(0),
    };
    let top_desk = desk.clone();
    let top = loaded(subject.whole, 2, move |it| top(&top_desk, &it));
    let locale = desk.locale;
    let pages = PARTS.map(|(end, name)| {
        let href = format!("{WEBHOOKS}/{id}{end}");
        (href, name(locale), Signal::stored(end == part))
    });
    let whole = subject.whole;
    let there = Memo::new(move |_| whole.source.is_there());
    let sheets = {
        let (desk, subject) = (desk.clone(), subject.clone());
        sheet_at(KEY, move |name, close| {
            actions::sheet(&desk, &name, &subject, close)
        })
    };
    let desk = desk.clone();
    let body = live::maybe(move || there.get().then(|| show(&desk, &subject)));
    view! { {top}{parts(tr!(locale, webhook_desk.parts), pages)}{body}{sheets} }.into_any()
}

fn top(desk: &Desk, it: &WebhookEndpoint) -> AnyView {
    let locale = desk.locale;
    let waiting = i64::try_from(it.waiting).unwrap_or(i64::MAX);
    let waiting = tr!(locale, webhook_desk.waits, n = desk.number(waiting));
    let resting = it
        .resting_until
        .filter(|_| it.state == EndpointState::Active)
        .map(|at| {
            let text = tr!(locale, webhook_desk.resting, time = desk.time(at));
            view! { <p class="banner banner--warn"><span>{text}</span></p> }
        });
    let old = it.old_secret_until.map(|at| {
        let text = tr!(locale, webhook_desk.old_secret, time = desk.time(at));
        view! { <p class="row__note">{text}</p> }
    });
    view! {
        {head(&it.definition.name, "", actions::buttons(desk, it))}
        <p class="tags">{endpoint_badge(desk, it)}<span class="muted">{host(&it.definition.url)}" · "{waiting}</span></p>
        {resting}{old}
    }
    .into_any()
}
