//! Something that is shown this once: a key, a link, recovery codes.

use crate::i18n::locale;
use crate::tr;
use crate::ui::browser;
use crate::ui::icon::{Icon, icon};
use crate::ui::sheet::Sheet;
use crate::ui::toast::Toaster;
use leptos::prelude::*;
use leptos::task::spawn_local;

/// A secret on its only sheet, taken out of `made` when that is closed.
pub fn secret_sheet<T: Send + Sync + 'static>(
    title: &'static str,
    about: Option<&'static str>,
    (name, text): (String, String),
    (made, close): (RwSignal<Option<T>>, Callback<()>),
) -> AnyView {
    let close = Callback::new(move |()| {
        made.set(None);
        close.run(());
    });
    let once = tr!(locale(), keys.once);
    view! {
        <Sheet title=title close=close>
            {about.map(|it| view! { <p class="muted">{it}</p> })}
            {secret(name, text, once, close)}
        </Sheet>
    }
    .into_any()
}

/// The secret with a button that copies it, and one that says it is kept.
pub fn secret(name: String, text: String, hint: &'static str, kept: Callback<()>) -> AnyView {
    let locale = locale();
    let toaster = expect_context::<Toaster>();
    let shown = text.clone();
    let copy = move |_| {
        let text = text.clone();
        spawn_local(async move {
            toaster.say(match browser::copy(&text).await {
                true => tr!(locale, keys.copied),
                false => tr!(locale, keys.not_copied),
            });
        });
    };
    view! {
        <p class="banner banner--warn">{icon(Icon::Warning)}<span>{hint}</span></p>
        <p class="field__label" id="secret-label">{name}</p>
        <code class="secret" tabindex="0" role="group" aria-labelledby="secret-label">{shown}</code>
        <div class="sheet__foot">
            <button class="button" type="button" on:click=copy>{tr!(locale, keys.copy)}</button>
            <button class="button button--main" type="button" on:click=move |_| kept.run(())>{tr!(locale, keys.kept)}</button>
        </div>
    }
    .into_any()
}
