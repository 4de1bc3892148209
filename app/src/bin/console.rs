//! The console, and the list of its pages.

use app::console::{
    audit, communities, coupons, developers, hear_back_first, members, points, programme,
    referrals, requests, sales, sessions, staff, start, tasks, tiers, transfers, webhooks,
};
use app::lazy;
use app::ui::routes::{Body, Page};

/// Every page, a line each: who may open it, its address, the file it comes in, its function.
/// A new page is `lazy!(file, feature::page)`. Pages that one job needs share a file: the more
/// files there are, the more pieces the code between them falls into. The list is here and not in
/// the library, because the linker keeps what a list names, in both programs.
const PAGES: &[Page] = &[
    Page::open("/console", Body::Here(start)),
    Page::open("/console/sign-in", lazy!(staff, sessions::sign_in)),
    Page::open("/console/reset", lazy!(staff, sessions::reset)),
    Page::inside("/console/members", lazy!(members, members::list)),
    Page::inside("/console/members/:id", lazy!(members, members::detail)),
    Page::inside("/console/approvals", lazy!(members, points::approvals)),
    Page::inside("/console/tiers", lazy!(rules, tiers::ladder)),
    Page::inside("/console/points", lazy!(rules, points::rules)),
    Page::inside("/console/tasks", lazy!(campaigns, tasks::list)),
    Page::inside("/console/tasks/:id", lazy!(campaigns, tasks::edit)),
    Page::inside("/console/check-in", lazy!(campaigns, tasks::check_in)),
    Page::inside("/console/sharing", lazy!(campaigns, tasks::sharing)),
    Page::inside("/console/coupons", lazy!(campaigns, coupons::list)),
    Page::inside("/console/coupons/log", lazy!(campaigns, coupons::log)),
    Page::inside("/console/coupons/:id", lazy!(campaigns, coupons::one)),
    Page::inside("/console/referrals", lazy!(campaigns, referrals::report)),
    Page::inside(
        "/console/referrals/queue",
        lazy!(campaigns, referrals::list),
    ),
    Page::inside(
        "/console/referrals/terms",
        lazy!(campaigns, referrals::terms),
    ),
    Page::inside(
        "/console/referrals/households",
        lazy!(campaigns, referrals::households),
    ),
    Page::inside("/console/referrals/:id", lazy!(campaigns, referrals::one)),
    Page::inside(
        "/console/communities",
        lazy!(communities, communities::list),
    ),
    Page::inside(
        "/console/communities/new",
        lazy!(communities, communities::create),
    ),
    Page::inside(
        "/console/communities/:id",
        lazy!(plans, communities::calendar),
    ),
    Page::inside(
        "/console/communities/:id/lists",
        lazy!(plans, communities::scenarios),
    ),
    Page::inside(
        "/console/communities/:id/lists/:list",
        lazy!(plans, communities::scenario),
    ),
    Page::inside(
        "/console/communities/:id/members",
        lazy!(communities, communities::members),
    ),
    Page::inside(
        "/console/communities/:id/link",
        lazy!(communities, communities::link),
    ),
    Page::inside(
        "/console/communities/:id/ways",
        lazy!(communities, communities::ways),
    ),
    Page::inside(
        "/console/communities/:id/managers",
        lazy!(communities, communities::managers),
    ),
    Page::inside(
        "/console/communities/:id/settings",
        lazy!(communities, communities::settings),
    ),
    Page::inside("/console/sales", lazy!(sales, sales::list)),
    Page::inside("/console/sales/new", lazy!(sales, sales::create)),
    Page::inside("/console/sales/:id", lazy!(sales, sales::terms)),
    Page::inside("/console/sales/:id/live", lazy!(runs, sales::live)),
    Page::inside("/console/sales/:id/claims", lazy!(runs, sales::claims)),
    Page::inside("/console/sales/:id/report", lazy!(runs, sales::report)),
    Page::inside("/console/staff", lazy!(staff, staff::people)),
    Page::inside("/console/keys", lazy!(staff, staff::keys)),
    Page::inside("/console/webhooks", lazy!(developers, webhooks::list)),
    Page::inside("/console/webhooks/:id", lazy!(developers, webhooks::log)),
    Page::inside(
        "/console/webhooks/:id/settings",
        lazy!(developers, webhooks::settings),
    ),
    Page::inside("/console/transfers", lazy!(developers, transfers::list)),
    Page::inside(
        "/console/transfers/new",
        lazy!(developers, transfers::create),
    ),
    Page::inside(
        "/console/transfers/:id",
        lazy!(developers, transfers::detail),
    ),
    Page::inside("/console/requests", lazy!(staff, requests::log)),
    Page::inside("/console/account", lazy!(staff, staff::account)),
    Page::inside("/console/audit", lazy!(staff, audit::trail)),
    Page::inside(
        "/console/playground",
        lazy!(developers, developers::playground),
    ),
    Page::inside("/console/settings", lazy!(rules, programme::settings)),
];

fn main() {
    hear_back_first();
    app::ui::app::start(app::session::Side::CONSOLE, || app::console::app(PAGES));
}
