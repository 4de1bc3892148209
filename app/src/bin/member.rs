//! The member centre, and the list of its pages.

use app::lazy;
use app::member::{
    communities, coupons, home, me, messages, points, referrals, sales, sessions, tasks, tiers,
};
use app::ui::routes::{Body, Page};

/// Every page, a line each: who may open it, its address, the file it comes in, its function.
/// Only Home is `Body::Here`, in what a shopper downloads first, and of Home what a phone shows
/// first; a new page is `lazy!(file, feature::page)`. Pages that are opened together share a file: the more files there
/// are, the more pieces the code between them falls into. The list is here and not in the library,
/// because the linker keeps what a list names, in both programs.
const PAGES: &[Page] = &[
    Page::inside("/", Body::Here(|| home::page(HOME_REST))),
    Page::inside("/points", lazy!(points, points::page)),
    Page::inside("/tier", lazy!(points, tiers::page)),
    Page::inside("/tasks", lazy!(rewards, tasks::page)),
    Page::inside("/coupons", lazy!(rewards, coupons::page)),
    Page::inside("/coupons/centre", lazy!(rewards, coupons::centre)),
    Page::inside("/coupons/:coupon", lazy!(rewards, coupons::detail)),
    Page::inside("/sales", lazy!(sales, sales::page)),
    Page::inside("/sales/claims", lazy!(sales, sales::claims)),
    Page::inside("/sales/:sale", lazy!(sales, sales::one)),
    Page::inside("/communities", lazy!(sales, communities::page)),
    Page::inside("/communities/:community", lazy!(sales, communities::one)),
    Page::inside("/invite", lazy!(me, referrals::page)),
    Page::inside("/me", lazy!(me, me::page)),
    Page::inside("/me/privacy", lazy!(me, me::privacy)),
    Page::inside("/me/erase", lazy!(me, me::erase)),
    Page::inside("/messages", lazy!(me, messages::page)),
    Page::inside("/w/tier", lazy!(points, tiers::widget)),
    Page::inside("/w/checkin", lazy!(rewards, tasks::widget)),
    Page::inside("/w/coupons", lazy!(rewards, coupons::widget)),
    Page::inside("/w/sale", lazy!(sales, sales::widget)),
    Page::open("/sign-in", lazy!(sessions, sessions::sign_in)),
    Page::open("/sign-up", lazy!(sessions, sessions::sign_up)),
    Page::open("/e/:code", lazy!(sessions, sessions::hand_off)),
    Page::open("/r/:code", lazy!(sessions, referrals::landing)),
    Page::open("/c/:code", lazy!(sessions, communities::landing)),
];

/// What Home shows below, fetched beside its numbers.
const HOME_REST: Body = lazy!(points, home::rest);

/// What becomes of an invitation when its visitor is signed in; fetched only when there is one.
const INVITED: Body = lazy!(sessions, referrals::invited);

/// What speaks with whoever holds these pages; fetched only when somebody does.
const TALK: Body = lazy!(bridge, app::bridge::talk);

/// What speaks with WeChat; fetched only inside it.
const WECHAT: Body = lazy!(wechat, app::bridge::wechat::start);

fn main() {
    app::ui::app::start(app::session::Side::MEMBER, || {
        app::member::app(PAGES, INVITED, TALK, WECHAT)
    });
}
