//! The pages inside WeChat: its own script is loaded and allowed for them, every page says as what
//! it is handed on, and whoever presses Share is shown the way to the menu, which alone can send.
//! What every page needs of it is here; the rest comes in a file of its own that no other browser
//! fetches. In a mini-program pages hand nothing on themselves: it is one of the hosts.

mod guide;
mod script;
mod texts;

use crate::api::Api;
use crate::i18n::locale;
use crate::parts::shop::Shop;
use crate::ui::address::Address;
use crate::ui::share::{self, Offer, Offered};
use crate::ui::{browser, live};
use leptos::prelude::*;
use leptos::task::spawn_local;
use script::Refused;
use shared::wechat::rules::checked_page;
use std::rc::Rc;

/// The mark of the shell: WeChat shows these pages, and this is the address that it opened.
const LANDING: &str = "data-wechat";
/// How often an address may change while it is being signed.
const ATTEMPTS: usize = 3;

/// Whether WeChat shows these pages.
#[must_use]
pub fn is_inside() -> bool {
    browser::marked(LANDING).is_some()
}

/// Lets pages say as what they are handed on.
pub fn listen() {
    provide_context(Offered(RwSignal::new(None)));
}

/// Speaks with WeChat, and shows the guide while the address asks for it.
#[must_use]
pub fn start() -> AnyView {
    let (here, locale) = (Address::here(), locale());
    let Offered(offered) = expect_context();
    let programme = expect_context::<Shop>().programme;
    let path = here.clone();
    let offer = Memo::new(move |_| {
        let path = path.path();
        let own = offered.with(|it| {
            let own = it.as_ref().filter(|(of, _)| *of == path);
            own.map(|(_, offer)| offer.clone())
        });
        let shop = programme.with(|it| it.as_ref().map(|it| it.name.get(locale).to_owned()));
        own.or_else(|| shop.map(|it| texts::of(locale, &it, &path)))
    });
    let allowed = RwSignal::new(false);
    allow(&here, allowed);
    hand_on(offer, allowed);
    on_cleanup(|| share::guide_by(None));
    guide::guide(locale, offer)
}

/// Gets the script allowed for the page that WeChat checks: on iOS once, elsewhere anew for every
/// page. Where that fails, the next page tries it again.
fn allow(here: &Address, allowed: RwSignal<bool>) {
    let (api, here) = (expect_context::<Api>(), here.clone());
    let asked = StoredValue::new(String::new());
    let absent = StoredValue::new(false);
    live::effect(move || {
        let _every_path = here.path();
        let page = page_to_sign();
        if absent.get_value() || asked.get_value() == page {
            return;
        }
        asked.set_value(page.clone());
        allowed.set(false);
        spawn_local(async move {
            match allow_as_it_is(api, asked, page).await {
                None => {}
                Some(Ok(())) => allowed.set(true),
                Some(Err(Refused::Absent)) => absent.set_value(true),
                Some(Err(Refused::Failed)) => {
                    // The pages may be built anew already.
                    asked.try_set_value(String::new());
                }
            }
        });
    });
}

/// Gets the script allowed for a page, or for what its address has become meanwhile. Nothing when
/// somebody went on to another page, or changed the language: that has begun anew.
async fn allow_as_it_is(
    api: Api,
    asked: StoredValue<String>,
    mut page: String,
) -> Option<Result<(), Refused>> {
    for _ in 0..ATTEMPTS {
        let signed = script::sign(api, &page).await;
        let is_asked = || asked.try_get_value().as_ref() == Some(&page);
        if !is_asked() {
            return None;
        }
        let now = page_to_sign();
        match signed {
            Err(refused) => return Some(Err(refused)),
            Ok(it) if now == page => {
                let done = script::configure(it).await;
                return is_asked().then_some(done);
            }
            Ok(_) => {}
        }
        asked.try_set_value(now.clone());
        page = now;
    }
    Some(Err(Refused::Failed))
}

fn page_to_sign() -> String {
    let agent = window().navigator().user_agent().unwrap_or_default();
    let landing = browser::marked(LANDING).unwrap_or_default();
    let current = window().location().href().unwrap_or_default();
    let page = checked_page(&agent, &landing, &current);
    page.split('#').next().unwrap_or_default().to_owned()
}

/// Tells WeChat what its menu is to send, whenever that changes. The guide is there as long as
/// WeChat knows it.
fn hand_on(offer: Memo<Option<Offer>>, allowed: RwSignal<bool>) {
    let here = Address::here();
    let guide: Rc<dyn Fn()> = Rc::new(move || {
        here.open_here(&here.with_now(&[(guide::KEY, Some("1"))]));
    });
    live::effect(move || {
        share::guide_by(None);
        let Some(now) = offer.get().filter(|_| allowed.get()) else {
            return;
        };
        let guide = guide.clone();
        spawn_local(async move {
            let is_current = || {
                offer.try_get_untracked().flatten().as_ref() == Some(&now)
                    && allowed.try_get_untracked() == Some(true)
            };
            if script::hand_on(&now, &is_current).await && is_current() {
                share::guide_by(Some(guide));
            }
        });
    });
}
