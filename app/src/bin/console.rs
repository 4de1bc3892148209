//! The console, and the list of its pages.

use app::console::{members, points, programme, sessions, staff, start, tiers};
use app::lazy;
use app::ui::routes::{Body, Page};

/// Every page, a line each: who may open it, its address, the file it comes in, its function.
/// What every visit needs is `Body::Here`; a new page is `lazy!(feature, feature::page)`, and
/// pages of one feature share its file. The list is here and not in the library, because the
/// linker keeps what a list names, and a shopper must not get what is in this one.
const PAGES: &[Page] = &[
    Page::open("/console", Body::Here(start)),
    Page::open("/console/sign-in", lazy!(sessions, sessions::sign_in)),
    Page::inside("/console/members", lazy!(members, members::list)),
    Page::inside("/console/members/:id", lazy!(member, members::detail)),
    Page::inside("/console/approvals", lazy!(approvals, points::approvals)),
    Page::inside("/console/tiers", lazy!(tiers, tiers::ladder)),
    Page::inside("/console/points", lazy!(points, points::rules)),
    Page::inside("/console/staff", lazy!(staff, staff::people)),
    Page::inside("/console/keys", lazy!(staff, staff::keys)),
    Page::inside("/console/account", lazy!(staff, staff::account)),
    Page::inside("/console/settings", lazy!(programme, programme::settings)),
];

fn main() {
    app::ui::app::start(app::session::Side::CONSOLE, || app::console::app(PAGES));
}
