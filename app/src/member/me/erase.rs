//! The end of the membership: what it means, spelled out, and only then the button.

use crate::api::Api;
use crate::i18n::locale;
use crate::member::with_summary;
use crate::parts::Subject;
use crate::tr;
use crate::ui::form::{Form, Input, field, form_error};
use crate::ui::format;
use crate::ui::icon::{Icon, icon};
use crate::ui::load::loaded;
use crate::ui::toast::Toaster;
use crate::ui::{live, query};
use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::members::MemberStatus;
use shared::members::api::{EraseMe, Erased, ErasureConfirmation, ErasurePreview, Glance};
use shared::points::Asset;
use shared::text::Locale;

const PASSWORD: Input = Input {
    name: "password",
    kind: "password",
    autocomplete: "current-password",
    required: true,
};

/// The page.
#[must_use]
pub fn page() -> AnyView {
    with_summary(tr!(locale(), erase.title), show)
}

fn show(subject: &Subject, it: Glance) -> AnyView {
    let preview = query::query::<ErasurePreview>(|| Some("/api/v1/me/erasure".to_owned()));
    let subject = subject.clone();
    let active = it.member.status == MemberStatus::Active;
    loaded(preview, 6, move |it| decide(&subject, &it, active))
}

fn decide(subject: &Subject, it: &ErasurePreview, active: bool) -> AnyView {
    let locale = subject.amounts.locale;
    view! {
        <section class="card stack narrow" aria-labelledby="meaning">
            <h2 class="title" id="meaning">{tr!(locale, erase.lead)}</h2>
            {consequences(subject, it)}
            <p class="muted">{tr!(locale, erase.export_first)}" "<a class="link" href="/me/privacy">{tr!(locale, privacy.export)}</a></p>
            {active.then(|| confirm(locale, it))}
            <a class="button button--wide" href="/me/privacy">{tr!(locale, erase.back)}</a>
        </section>
    }
    .into_any()
}

/// What is lost and what stays, a line each; what does not apply is not mentioned.
fn consequences(subject: &Subject, it: &ErasurePreview) -> AnyView {
    let amounts = subject.amounts;
    let locale = amounts.locale;
    let points = |n: i64| format::number(locale, n);
    let count = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
    let mut lines = Vec::new();
    if it.points > 0 {
        lines.push((
            Icon::Points,
            tr!(locale, erase.points, n = points(it.points)),
        ));
    }
    if it.points_pending > 0 {
        let n = points(it.points_pending);
        lines.push((Icon::Pending, tr!(locale, erase.pending, n = n)));
    }
    if it.credit > 0 {
        let amount = amounts.plain(Asset::Credit, it.credit);
        lines.push((Icon::Credit, tr!(locale, erase.credit, amount = amount)));
    }
    let tier = it.tier_name.get(locale);
    lines.push((Icon::Medal, tr!(locale, erase.tier, tier = tier)));
    lines.push((Icon::Me, tr!(locale, erase.record).to_owned()));
    let devices = count(it.devices);
    lines.push((
        Icon::Device,
        tr!(locale, erase.devices, count = devices, n = devices),
    ));
    let orders = count(it.orders_kept);
    if orders > 0 {
        let text = tr!(
            locale,
            erase.orders,
            count = orders,
            n = orders,
            name = it.pseudonym
        );
        lines.push((Icon::Order, text));
    }
    let lines = lines.into_iter().map(|(mark, text)| {
        view! {
            <li class="row row--still">
                <span class="row__mark" data-kind="loss">{icon(mark)}</span>
                <span class="grow">{text}</span>
            </li>
        }
    });
    view! { <ul class="rows" role="list">{lines.collect_view()}</ul> }.into_any()
}

fn confirm(locale: Locale, it: &ErasurePreview) -> AnyView {
    let by_password = it.confirmation == ErasureConfirmation::Password && !it.confirmed;
    if it.confirmation == ErasureConfirmation::HandOff && !it.confirmed {
        return view! { <p class="banner banner--warn">{icon(Icon::Lock)}<span class="grow">{tr!(locale, erase.handoff)}</span></p> }
            .into_any();
    }
    let api = expect_context::<Api>();
    let toaster = expect_context::<Toaster>();
    let form = Form::new();
    let password = RwSignal::new(String::new());
    let send = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        if !form.begin() {
            return;
        }
        let body = EraseMe {
            password: by_password.then(|| password.get_untracked()),
        };
        spawn_local(async move {
            let answer = api.post::<Erased>("/api/v1/me/erase", &body, None).await;
            if form.end(answer).is_some() {
                toaster.say(tr!(locale, erase.done));
                api.close(false);
            }
        });
    };
    let ask =
        by_password.then(|| field(form, PASSWORD, tr!(locale, erase.password), None, password));
    let known = (!by_password).then(|| {
        view! { <p class="banner">{icon(Icon::Check)}{tr!(locale, erase.confirmed)}</p> }
    });
    let text = Signal::derive(move || {
        if form.busy.get() {
            tr!(locale, erase.working)
        } else {
            tr!(locale, erase.button)
        }
    });
    view! {
        <form class="stack" on:submit=send>
            {form_error(form)}
            {known}
            {ask}
            <label class="check" for="understood">
                <input type="checkbox" id="understood" name="understood" required=true/>
                <span>{tr!(locale, erase.understood)}</span>
            </label>
            <button class="button button--wide button--danger" type="submit" aria-disabled=form.waiting()>
                {live::part(move || text.get().into_any())}
            </button>
        </form>
    }
    .into_any()
}
