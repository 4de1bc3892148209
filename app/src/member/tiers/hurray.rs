//! The celebration of an upgrade: once, because its message is marked as read when it is shown.

use crate::api::Api;
use crate::member::Me;
use crate::parts::Subject;
use crate::parts::tiers::{MAX_TONE, benefit_list};
use crate::tr;
use crate::ui::icon::{Icon, icon};
use crate::ui::live;
use crate::ui::sheet::Sheet;
use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::ids::MessageId;
use shared::messages::api::Message;
use shared::tiers::Benefit;
use shared::tiers::api::TierOverview;

/// Pieces of confetti; the style sheet lets them fall, unless less motion is wanted.
const CONFETTI: usize = 18;

/// The celebration, until it is closed.
pub(super) fn hurray(subject: &Subject, overview: &TierOverview, id: MessageId) -> AnyView {
    let api = expect_context::<Api>();
    let Me(summary) = expect_context();
    let locale = subject.amounts.locale;
    let open = RwSignal::new(true);
    spawn_local(async move {
        let path = format!("/api/v1/me/messages/{id}/read");
        // If it cannot be marked now, there is one celebration more.
        if let Err(error) = api.post::<Message>(&path, &(), None).await {
            leptos::logging::warn!("the message was not marked as read: {error:?}");
        }
    });
    let close = Callback::new(move |()| {
        open.set(false);
        summary.reload();
    });
    let subject = subject.clone();
    let better = better(overview);
    let name = overview.standing.name.get(locale).to_owned();
    let tone = overview.standing.rank.min(MAX_TONE);
    live::maybe(move || {
        open.get().then(|| {
            let text = tr!(locale, tier.hurray_text, tier = name);
            let better = better.clone();
            let confetti = (0..CONFETTI).map(|_| view! { <i></i> }).collect_view();
            view! {
                <Sheet title=tr!(locale, tier.hurray) close=close>
                    <div class="hurray" data-tone=tone.to_string()>
                        <span class="hurray__confetti" aria-hidden="true">{confetti}</span>
                        <span class="hurray__medal">{icon(Icon::Medal)}</span>
                        <p class="lead">{text}</p>
                        {benefit_list(subject.amounts, &better)}
                        <button class="button button--main button--wide" type="button"
                            on:click=move |_| close.run(())>{tr!(locale, tier.hurray_close)}</button>
                    </div>
                </Sheet>
            }
            .into_any()
        })
    })
}

/// What the tier gives beyond the one below.
fn better(overview: &TierOverview) -> Vec<Benefit> {
    let rank = overview.standing.rank as usize;
    let cells = overview.matrix.iter().filter_map(|it| it.cells.get(rank));
    cells
        .filter(|it| it.differs)
        .filter_map(|it| it.benefit.clone())
        .collect()
}
