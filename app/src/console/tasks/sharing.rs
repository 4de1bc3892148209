//! What may be paid for on which channel: visits of a member's own link, or sign-ups by it.

use super::may_change;
use crate::console::kit::desk::{head, page};
use crate::console::kit::draft::Draft;
use crate::console::kit::editor::{Editor, Spec, editor};
use crate::console::kit::field::{Kind, field};
use crate::console::kit::section::section;
use crate::i18n::locale;
use crate::tr;
use crate::ui::icon::{Icon, icon};
use crate::ui::live;
use leptos::prelude::*;
use shared::tasks::share::{Channel, SharePolicy};
use shared::text::Locale;

/// The page.
#[must_use]
pub fn sharing() -> AnyView {
    let locale = locale();
    page(tr!(locale, sharing.title), |_| {
        let spec = Spec {
            part: "/policy",
            saved: |it| tr!(it, sharing.saved),
            may: may_change(),
            closed: None,
            review: None,
        };
        view! {
            {head(tr!(locale, sharing.title), tr!(locale, sharing.hint), ().into_any())}
            {editor(spec, "/api/v1/share_policy", body)}
        }
        .into_any()
    })
}

fn body(editor: Editor) -> AnyView {
    let draft = editor.draft;
    let policy: SharePolicy = serde_json::from_value(draft.value()).unwrap_or_default();
    let rows = policy.channels.iter().enumerate();
    rows.map(|(place, it)| channel(draft, place, it.channel))
        .collect_view()
        .into_any()
}

fn channel_name(locale: Locale, it: Channel) -> &'static str {
    match it {
        Channel::Wechat => tr!(locale, sharing.wechat),
        Channel::Qq => tr!(locale, sharing.qq),
        Channel::Weibo => tr!(locale, sharing.weibo),
        Channel::Douyin => tr!(locale, sharing.douyin),
        Channel::Web => tr!(locale, sharing.web),
    }
}

/// A channel: two switches, and what the messenger says about them.
fn channel(draft: Draft, place: usize, channel: Channel) -> AnyView {
    let locale = locale();
    let at = |part: &str| format!("/channels/{place}/{part}");
    let name = channel_name(locale, channel);
    let toggle = |part: &str, what: &'static str, hint: &'static str| {
        // The label names the channel, because it is also said when two edit at once.
        let label = tr!(locale, sharing.label, name = name, what = what);
        field(at(part), label, Kind::Toggle).hint(hint).show(draft)
    };
    let visit_at = at("visit");
    let warned = channel.forbids_paid_visits();
    let warning = move || {
        (warned && draft.at(&visit_at) == true).then(|| {
            view! { <p class="banner banner--warn" role="status">{icon(Icon::Warning)}<span class="grow">{tr!(locale, sharing.forbidden)}</span></p> }
                .into_any()
        })
    };
    let hint = if warned {
        tr!(locale, sharing.strict)
    } else {
        tr!(locale, sharing.open)
    };
    let body = view! {
        {toggle("visit", tr!(locale, sharing.visit), tr!(locale, sharing.visit_hint))}
        {toggle("outcome", tr!(locale, sharing.outcome), tr!(locale, sharing.outcome_hint))}
        {live::maybe(warning)}
    };
    section(name, hint, body.into_any())
}
