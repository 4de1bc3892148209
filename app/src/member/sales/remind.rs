//! Whether the member wants to hear before a sale opens.

use super::Stage;
use super::gate::{Closed, closed};
use crate::api::{self, Api};
use crate::tr;
use crate::ui::icon::{Icon, icon};
use crate::ui::toast::Toaster;
use crate::ui::{live, state};
use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::sales::api::{MemberSale, Remind};

/// The button, for as long as the sale has not opened for the member.
pub(super) fn remind(stage: &Stage, sale: Signal<MemberSale>) -> AnyView {
    let (clock, active) = (stage.clock, stage.active);
    let waits = Memo::new(move |_| {
        let closed = sale.with(|it| closed(it, clock.now(), active));
        closed == Some(Closed::NotOpen)
    });
    // What was chosen here is known before the sale is read again.
    let chosen = RwSignal::new(None::<bool>);
    let wanted = Signal::derive(move || chosen.get().unwrap_or_else(|| sale.with(|it| it.remind)));
    let locale = stage.subject.amounts.locale;
    live::maybe(move || {
        waits.get().then(|| {
            let label = sale.with_untracked(|it| it.title.get(locale).to_owned());
            toggle(sale, chosen, wanted, label)
        })
    })
}

fn toggle(
    sale: Signal<MemberSale>,
    chosen: RwSignal<Option<bool>>,
    wanted: Signal<bool>,
    title: String,
) -> AnyView {
    let locale = crate::i18n::locale();
    let api = expect_context::<Api>();
    let toaster = expect_context::<Toaster>();
    let busy = RwSignal::new(false);
    let click = move |_| {
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        let remind = !wanted.get_untracked();
        let path = sale.with_untracked(|it| format!("/api/v1/me/flash_sales/{}/reminder", it.id));
        spawn_local(async move {
            let answer = api.put(&path, &Remind { remind }, None).await;
            let read = answer.and_then(|it| api::read::<MemberSale>(&it));
            match read {
                Ok(it) => {
                    chosen.try_set(Some(it.remind));
                    if it.remind {
                        toaster.say(tr!(locale, sales.remind_done));
                    }
                }
                Err(error) => toaster.say(state::words_in(locale, &error).0),
            }
            busy.try_set(false);
        });
    };
    let text = move || match wanted.get() {
        true => view! { {icon(Icon::Check)}{tr!(locale, sales.reminded)} }.into_any(),
        false => view! { {icon(Icon::Bell)}{tr!(locale, sales.remind)} }.into_any(),
    };
    let pressed = Signal::derive(move || wanted.get().to_string());
    let label = tr!(locale, sales.remind_of, title = title);
    view! {
        <button class="button button--small" type="button" aria-label=label aria-pressed=pressed on:click=click>
            {live::part(text)}
        </button>
    }
    .into_any()
}
