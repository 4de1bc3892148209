//! What staff can do to a member: adjust a balance, freeze, release. Each asks for a reason.

use crate::api::Api;
use crate::console::points::adjust;
use crate::parts::Subject;
use crate::tr;
use crate::ui::address::Address;
use crate::ui::form::{Form, Input, field, form_error};
use crate::ui::icon::{Icon, icon};
use crate::ui::query::Query;
use crate::ui::sheet::{Sheet, sheet_at};
use crate::ui::toast::Toaster;
use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::members::MemberStatus;
use shared::members::api::{ChangeStatus, Member, Summary};
use shared::text::Locale;

const REASON: Input = Input {
    name: "reason",
    kind: "text",
    autocomplete: "off",
    required: true,
};

/// The part of the address that names the open action.
const KEY: &str = "do";

/// Links that open the actions; none for staff who may only look.
pub(super) fn links(locale: Locale, member: &Member) -> AnyView {
    let may = expect_context::<Api>()
        .identity()
        .is_some_and(|it| it.may_operate());
    if !may {
        return view! { <span class="muted">{tr!(locale, console.forbidden)}</span> }.into_any();
    }
    let here = Address::here();
    let link = |name: &'static str, mark: Icon, text: &'static str| {
        let href = here.with_now(&[(KEY, Some(name))]);
        view! { <a class="button" data-noscroll="" href=href aria-haspopup="dialog">{icon(mark)}{text}</a> }
    };
    let status = match member.status {
        MemberStatus::Active => Some(link("freeze", Icon::Frozen, tr!(locale, console.freeze))),
        MemberStatus::Frozen => Some(link("unfreeze", Icon::Check, tr!(locale, console.unfreeze))),
        MemberStatus::Erased => None,
    };
    view! { {link("adjust", Icon::Adjust, tr!(locale, console.adjust))}{status} }.into_any()
}

/// The sheets of the actions.
pub(super) fn sheets(subject: &Subject, summary: Query<Summary>) -> AnyView {
    let subject = subject.clone();
    sheet_at(KEY, move |name, close| match name.as_str() {
        "adjust" => adjust(&subject, summary, close),
        "freeze" => change_status(&subject, summary, close, FREEZE),
        "unfreeze" => change_status(&subject, summary, close, UNFREEZE),
        _ => ().into_any(),
    })
}

/// One way to change the status.
#[derive(Clone, Copy)]
struct Change {
    path: &'static str,
    title: fn(Locale) -> &'static str,
    hint: fn(Locale) -> &'static str,
    done: fn(Locale) -> &'static str,
    look: &'static str,
}

const FREEZE: Change = Change {
    path: "freeze",
    title: |it| tr!(it, console.freeze),
    hint: |it| tr!(it, console.freeze_hint),
    done: |it| tr!(it, console.frozen_done),
    look: "button button--bad button--wide",
};

const UNFREEZE: Change = Change {
    path: "unfreeze",
    title: |it| tr!(it, console.unfreeze),
    hint: |it| tr!(it, console.unfreeze_hint),
    done: |it| tr!(it, console.unfrozen_done),
    look: "button button--main button--wide",
};

fn change_status(
    subject: &Subject,
    summary: Query<Summary>,
    close: Callback<()>,
    change: Change,
) -> AnyView {
    let locale = subject.amounts.locale;
    let api = expect_context::<Api>();
    let toaster = expect_context::<Toaster>();
    let form = Form::new();
    let reason = RwSignal::new(String::new());
    let path = format!("{}/{}", subject.base, change.path);
    let send = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        if !form.begin() {
            return;
        }
        let path = path.clone();
        let body = ChangeStatus {
            reason: reason.get_untracked().trim().to_owned(),
        };
        spawn_local(async move {
            if form.end(api.post_text(&path, &body, None).await).is_some() {
                toaster.say((change.done)(locale));
                summary.reload();
                close.run(());
            }
        });
    };
    let hint = Some(tr!(locale, console.reason_hint).to_owned());
    view! {
        <Sheet title=(change.title)(locale) close=close>
            <p>{(change.hint)(locale)}</p>
            <form class="stack" on:submit=send>
                {form_error(form)}
                {field(form, REASON, tr!(locale, console.reason), hint, reason)}
                <button class=change.look type="submit" aria-disabled=form.waiting()>
                    {(change.title)(locale)}
                </button>
            </form>
        </Sheet>
    }
    .into_any()
}
