//! For whom a link has not worked: links opened in another browser are not known here, a code that
//! is typed in is.

use crate::tr;
use crate::ui::form::{Form, Input, field, submit};
use crate::ui::{address, browser};
use leptos::prelude::*;
use shared::text::Locale;
use shared::time::Timestamp;

const CODE: Input = Input {
    name: "code",
    kind: "text",
    autocomplete: "off",
    required: true,
};

/// The box for a friend's code, as long as a new member may still be bound by it: `days` from
/// joining.
pub(super) fn code_box(locale: Locale, joined_at: Timestamp, days: u16) -> Option<AnyView> {
    if joined_at.plus_days(i64::from(days)) < browser::now() {
        return None;
    }
    let (form, code) = (Form::new(), RwSignal::new(String::new()));
    let go = address::go();
    let open = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        let code = code.get_untracked();
        go(&format!("/r/{}", browser::encode(code.trim())));
    };
    let box_ = view! {
        <section class="card" aria-labelledby="invited">
            <h2 class="title" id="invited">{tr!(locale, referral.have_code)}</h2>
            <form class="stack" on:submit=open>
                {field(form, CODE, tr!(locale, referral.their_code), None, code)}
                {submit(form, tr!(locale, referral.see), tr!(locale, state.loading))}
            </form>
        </section>
    };
    Some(box_.into_any())
}
