//! As what a page is handed on that does not say it itself.

use crate::tr;
use crate::ui::browser;
use crate::ui::share::Offer;
use shared::text::Locale;
use shared::wechat::rules::shared_path;

/// What the page at `path` is handed on as.
pub(super) fn of(locale: Locale, shop: &str, path: &str) -> Offer {
    let shared = shared_path(path);
    let (title, text) = match shared.split('/').nth(1) {
        Some("sales") => (
            tr!(locale, wechat.sales_title, shop = shop),
            tr!(locale, wechat.sales_text),
        ),
        Some("c") => (
            tr!(locale, wechat.community_title, shop = shop),
            tr!(locale, wechat.community_text),
        ),
        Some("r") => (
            tr!(locale, wechat.invite_title, shop = shop),
            tr!(locale, wechat.invite_text),
        ),
        _ => (
            tr!(locale, wechat.home_title, shop = shop),
            tr!(locale, wechat.home_text),
        ),
    };
    Offer {
        title,
        text: text.to_owned(),
        link: browser::origin() + shared,
    }
}
