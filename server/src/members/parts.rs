//! What features keep about a member, in one list: what an export holds, what an erasure takes
//! away, and what goes over when two members are made one. A feature that keeps anything by member
//! stands here.

use super::service::{self, Erasure, ExportWriter, Move};
use crate::db::Tx;
use crate::error::Result;
use crate::{
    App, audit, communities, coupons, db, messages, orders, outbox, points, referrals, sales,
    sessions, tasks, tiers, transfers, webhooks,
};
use futures::future::BoxFuture;
use shared::ids::MemberId;

/// Writes what a feature keeps about a member into an export.
type Export = for<'a> fn(&'a App, MemberId, &'a mut ExportWriter) -> BoxFuture<'a, Result<()>>;
/// Takes away what a feature keeps about the person, and leaves the books.
type Erase = for<'a> fn(&'a Tx, &'a Erasure) -> BoxFuture<'a, Result<()>>;
/// Hands what a feature keeps over from one member to another, and what went back again.
type Merge = for<'a> fn(&'a Tx, &'a App, &'a mut Move) -> BoxFuture<'a, Result<()>>;

/// What one feature keeps about members.
pub struct Part {
    /// What it gives to an export; `None` when all of it stands in another part.
    pub export: Option<Export>,
    /// What it does at an erasure; `None` when it holds nothing of the person.
    pub erase: Option<Erase>,
    /// What it does when two members are made one, and when that is undone; `None` when nothing of
    /// it goes over.
    pub merge: Option<Merge>,
}

/// Everything that is kept by member, in the order of exports, erasures and merges.
pub const PARTS: &[Part] = &[
    // Member.
    Part {
        export: Some(|app, member, to| Box::pin(service::export_record(app, member, to))),
        erase: None,
        merge: None,
    },
    // Consents.
    Part {
        export: Some(|app, member, to| Box::pin(service::export_consents(app, member, to))),
        erase: Some(|tx, it| Box::pin(service::forget_consents(tx, it.member))),
        merge: None,
    },
    // Merges.
    Part {
        export: None,
        erase: Some(|tx, it| Box::pin(service::forget_merges(tx, it.member))),
        merge: None,
    },
    // Devices.
    Part {
        export: Some(|app, member, to| Box::pin(sessions::service::export(app, member, to))),
        erase: Some(|tx, it| Box::pin(sessions::service::forget_member(tx, it.member))),
        merge: Some(|tx, _, it| Box::pin(sessions::service::hand_over(tx, it))),
    },
    // Coupons; before points, since what a checkout holds comes back first.
    Part {
        export: Some(|app, member, to| Box::pin(coupons::service::export(app, member, to))),
        erase: Some(|tx, it| Box::pin(coupons::service::forget(tx, it))),
        merge: Some(|tx, _, it| Box::pin(coupons::service::hand_over(tx, it))),
    },
    // Points.
    Part {
        export: Some(|app, member, to| Box::pin(points::views::export(app, member, to))),
        erase: Some(|tx, it| Box::pin(points::service::lapse(tx, it))),
        merge: Some(|tx, _, it| Box::pin(points::service::hand_over(tx, it))),
    },
    // Tiers.
    Part {
        export: Some(|app, member, to| Box::pin(tiers::service::export(app, member, to))),
        erase: None,
        merge: Some(|tx, app, it| Box::pin(tiers::service::hand_over(tx, app, it))),
    },
    // Orders.
    Part {
        export: Some(|app, member, to| Box::pin(orders::service::export(app, member, to))),
        erase: Some(|tx, it| Box::pin(orders::service::forget_member(tx, it))),
        merge: Some(|tx, _, it| Box::pin(orders::service::hand_over(tx, it))),
    },
    // Tasks and check-ins; after points, tiers and coupons, which their rewards are in.
    Part {
        export: Some(|app, member, to| Box::pin(tasks::service::export(app, member, to))),
        erase: Some(|tx, it| Box::pin(tasks::service::forget(tx, it))),
        merge: Some(|tx, app, it| Box::pin(tasks::service::hand_over(tx, app, it))),
    },
    // Referrals; after what their rewards are in.
    Part {
        export: Some(|app, member, to| Box::pin(referrals::service::export(app, member, to))),
        erase: Some(|tx, it| Box::pin(referrals::service::forget(tx, it))),
        merge: Some(|tx, _, it| Box::pin(referrals::service::hand_over(tx, it))),
    },
    // Communities.
    Part {
        export: Some(|app, member, to| Box::pin(communities::service::export(app, member, to))),
        erase: Some(|tx, it| Box::pin(communities::service::forget(tx, it))),
        merge: Some(|tx, _, it| Box::pin(communities::service::hand_over(tx, it))),
    },
    // Flash sales.
    Part {
        export: Some(|app, member, to| Box::pin(sales::service::export(app, member, to))),
        erase: Some(|tx, it| Box::pin(sales::service::forget(tx, it))),
        merge: Some(|tx, _, it| Box::pin(sales::service::hand_over(tx, it))),
    },
    // Messages.
    Part {
        export: Some(|app, member, to| Box::pin(messages::service::export(app, member, to))),
        erase: Some(|tx, it| Box::pin(messages::service::forget(tx, it.member))),
        merge: Some(|tx, _, it| Box::pin(messages::service::hand_over(tx, it))),
    },
    // What waits to leave.
    Part {
        export: None,
        erase: Some(|tx, it| Box::pin(outbox::service::forget_member(tx, it))),
        merge: None,
    },
    // Webhooks.
    Part {
        export: None,
        erase: Some(|tx, it| Box::pin(webhooks::service::forget_member(tx, it))),
        merge: None,
    },
    // Files that came in and go out.
    Part {
        export: None,
        erase: Some(|tx, it| Box::pin(transfers::service::forget(tx, it))),
        merge: None,
    },
    // Answers.
    Part {
        export: None,
        erase: Some(|tx, it| Box::pin(db::idempotency::forget_member(tx, it.member, &it.traces))),
        merge: None,
    },
    // Audit.
    Part {
        export: None,
        erase: Some(|tx, it| Box::pin(audit::service::forget_member(tx, it))),
        merge: None,
    },
];
