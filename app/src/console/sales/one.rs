//! What stands around every part of a sale: its name, what can be done with it, and the way to
//! its other parts.

use super::index::state_badges;
use super::{API, KEY, SALES, actions};
use crate::api;
use crate::console::kit::Words;
use crate::console::kit::desk::{Desk, head, page as desk_page};
use crate::console::kit::parts::parts;
use crate::i18n::locale;
use crate::tr;
use crate::ui::icon::{Icon, icon};
use crate::ui::query::Source;
use crate::ui::routes::param;
use crate::ui::sheet::sheet_at;
use crate::ui::{browser, live};
use leptos::prelude::*;
use serde::de::DeserializeOwned;
use shared::sales::api::FlashSale;

/// The parts, each with the end of its address and its name.
const PARTS: [(&str, Words); 4] = [
    ("", |it| tr!(it, sale_desk.terms)),
    ("/live", |it| tr!(it, sale_desk.running)),
    ("/claims", |it| tr!(it, claim_desk.title)),
    ("/report", |it| tr!(it, sale_desk.report)),
];

/// The sale that a page is about, however the page reads it. Cheap to copy.
#[derive(Clone, Copy)]
pub(super) struct Known {
    /// The sale, once it was read.
    pub sale: Memo<Option<FlashSale>>,
    /// Reads it again.
    pub reload: Callback<()>,
}

impl Known {
    /// The sale within the answers of a query.
    pub(super) fn within<T: DeserializeOwned + 'static>(
        source: Source,
        sale: fn(T) -> FlashSale,
    ) -> Self {
        let sale = Memo::new(move |_| {
            let texts = source.texts()?;
            api::read::<T>(texts.first()?).ok().map(sale)
        });
        Self {
            sale,
            reload: Callback::new(move |()| source.reload()),
        }
    }
}

/// A part of one sale as a page; `part` is the end of its address, and `show` gives the part and
/// the sale as the part reads it.
pub(super) fn page(part: &'static str, show: fn(&Desk, &str) -> (Known, AnyView)) -> AnyView {
    around(move |desk| {
        let id = param("id");
        let desk = desk.clone();
        live::part(move || one(&desk, &browser::encode(&id.get()), part, show))
    })
}

/// A page with the way back to the list.
pub(super) fn around(show: impl FnOnce(&Desk) -> AnyView) -> AnyView {
    let locale = locale();
    desk_page(tr!(locale, sale_desk.title), |desk| {
        view! {
            <p><a class="link" href=SALES>{icon(Icon::Previous)}{tr!(locale, sale_desk.title)}</a></p>
            {show(&desk)}
        }
        .into_any()
    })
}

fn one(
    desk: &Desk,
    id: &str,
    part: &'static str,
    show: fn(&Desk, &str) -> (Known, AnyView),
) -> AnyView {
    let locale = desk.locale;
    let path = format!("{API}/{id}");
    let (known, body) = show(desk, &path);
    let pages = PARTS.map(|(end, name)| {
        let href = format!("{SALES}/{id}{end}");
        (href, name(locale), Signal::stored(end == part))
    });
    view! {
        {top(desk, known, &path)}
        {parts(tr!(locale, sale_desk.parts), pages)}
        {body}
        {sheets(desk, known, path)}
    }
    .into_any()
}

/// The sale's name and state, and what can be done with it; built anew only when the phase
/// changes, so that a button stays under the finger while numbers run.
fn top(desk: &Desk, known: Known, path: &str) -> AnyView {
    let look = Memo::new(move |_| {
        known.sale.with(|it| {
            let it = it.as_ref()?;
            Some((it.definition.title.clone(), it.phase))
        })
    });
    let paused = Memo::new(move |_| {
        let sale = known.sale;
        sale.with(|it| it.as_ref().is_some_and(|it| it.paused))
    });
    let (desk, path) = (desk.clone(), path.to_owned());
    live::maybe(move || {
        let (title, phase) = look.get()?;
        let locale = desk.locale;
        let acts = actions::buttons(&desk, known, phase, paused, &path);
        let badges = live::part(move || state_badges(locale, phase, paused.get()));
        Some(view! { {head(title.get(locale), "", acts)}{badges} }.into_any())
    })
}

fn sheets(desk: &Desk, known: Known, path: String) -> AnyView {
    let desk = desk.clone();
    let there = Memo::new(move |_| known.sale.with(Option::is_some));
    sheet_at(KEY, move |name, close| {
        // A sheet stays as it is while the numbers run on.
        let sale = there.get().then(|| known.sale.get_untracked()).flatten();
        match sale {
            Some(sale) => actions::sheet(&desk, &name, &sale, known, &path, close),
            None => ().into_any(),
        }
    })
}
