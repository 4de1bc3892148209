//! One's own account.

use super::factor;
use crate::console::kit::desk::{head, page};
use crate::console::kit::section::section;
use crate::i18n::locale;
use crate::parts::password::change_password;
use crate::tr;
use crate::ui::load::loaded;
use crate::ui::query;
use leptos::prelude::*;
use shared::staff::api::Staff;

/// The page.
#[must_use]
pub fn account() -> AnyView {
    let locale = locale();
    page(tr!(locale, nav.account), |desk| {
        let second = factor::part(&desk);
        let own = query::query::<Staff>(|| Some("/api/v1/staff/me".to_owned()));
        let show = move |it: Staff| {
            let rows = [
                (tr!(locale, staff.name), it.name),
                (tr!(locale, console.email), it.email),
                (
                    tr!(locale, staff.role),
                    super::role_name(locale, it.role).to_owned(),
                ),
                (tr!(locale, staff.since), desk.date(it.created_at)),
            ];
            let rows = rows.map(|(label, value)| {
                view! { <div class="record__row"><dt>{label}</dt><dd>{value}</dd></div> }
            });
            let hint = super::role_hint(locale, it.role);
            let body = view! { <dl class="record">{rows.into_iter().collect_view()}</dl> };
            section(tr!(locale, staff.about_me), hint, body.into_any())
        };
        view! {
            {head(tr!(locale, nav.account), "", ().into_any())}
            {loaded(own, 4, show)}
            {second}
            {section(tr!(locale, auth.password), tr!(locale, auth.password_others), change_password("/api/v1/staff/me/password"))}
        }
        .into_any()
    })
}
