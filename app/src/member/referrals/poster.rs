//! The poster, as a picture that can be kept and sent.

use crate::api::{Api, ApiError};
use crate::tr;
use crate::ui::icon::{Icon, icon};
use crate::ui::sheet::{Sheet, sheet_at};
use crate::ui::{live, state};
use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::text::Locale;

/// What a kept poster is called.
const FILE: &str = "invitation.png";

/// The sheet with the poster, while the address asks for it.
pub(super) fn sheet(locale: Locale) -> AnyView {
    sheet_at("poster", move |_, close| {
        view! { <Sheet title=tr!(locale, referral.poster) close=close>{poster(locale)}</Sheet> }
            .into_any()
    })
}

fn poster(locale: Locale) -> AnyView {
    let api = expect_context::<Api>();
    let found = RwSignal::new(None::<Result<String, ApiError>>);
    let path = format!("/api/v1/me/referral/poster?language={}", locale.tag());
    let load = move || {
        let path = path.clone();
        found.set(None);
        spawn_local(async move {
            let answer = api.picture(&path).await;
            // The sheet may be closed by now.
            found.try_set(Some(answer));
        });
    };
    load();
    live::part(move || match found.get() {
        None => state::skeleton(6),
        Some(Ok(picture)) => shown(locale, picture),
        Some(Err(error)) => state::failure(&error, load.clone()),
    })
}

/// The picture, with how to keep it: the style sheet shows the way that fits the device.
fn shown(locale: Locale, picture: String) -> AnyView {
    view! {
        <img class="poster" src=picture.clone() alt=tr!(locale, referral.poster_alt)/>
        <p class="centre muted by-touch">{tr!(locale, referral.poster_hold)}</p>
        <p class="centre by-mouse"><a class="button" href=picture download=FILE>{icon(Icon::Download)}{tr!(locale, referral.poster_save)}</a></p>
    }
    .into_any()
}
