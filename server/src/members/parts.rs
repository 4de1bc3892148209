//! What features keep about a member, in one list: what an export holds, and what an erasure
//! takes away. A feature that keeps anything by member stands here.

use super::service::{self, Erasure, ExportWriter};
use crate::db::Tx;
use crate::error::Result;
use crate::{App, audit, db, orders, outbox, points, sessions, tiers};
use futures::future::BoxFuture;
use shared::ids::MemberId;

/// Writes what a feature keeps about a member into an export.
type Export = for<'a> fn(&'a App, MemberId, &'a mut ExportWriter) -> BoxFuture<'a, Result<()>>;
/// Takes away what a feature keeps about the person, and leaves the books.
type Erase = for<'a> fn(&'a Tx, &'a Erasure) -> BoxFuture<'a, Result<()>>;

/// What one feature keeps about members.
pub struct Part {
    /// What it gives to an export; `None` when all of it stands in another part.
    pub export: Option<Export>,
    /// What it does at an erasure; `None` when it holds nothing of the person.
    pub erase: Option<Erase>,
}

/// Everything that is kept by member, in the order of exports and erasures.
pub const PARTS: &[Part] = &[
    // Member.
    Part {
        export: Some(|app, member, to| Box::pin(service::export_record(app, member, to))),
        erase: None,
    },
    // Consents.
    Part {
        export: Some(|app, member, to| Box::pin(service::export_consents(app, member, to))),
        erase: Some(|tx, it| Box::pin(service::forget_consents(tx, it.member))),
    },
    // Devices.
    Part {
        export: Some(|app, member, to| Box::pin(sessions::service::export(app, member, to))),
        erase: Some(|tx, it| Box::pin(sessions::service::forget_member(tx, it.member))),
    },
    // Points.
    Part {
        export: Some(|app, member, to| Box::pin(points::views::export(app, member, to))),
        erase: Some(|tx, it| Box::pin(points::service::lapse(tx, it))),
    },
    // Tiers.
    Part {
        export: Some(|app, member, to| Box::pin(tiers::service::export(app, member, to))),
        erase: None,
    },
    // Orders.
    Part {
        export: Some(|app, member, to| Box::pin(orders::service::export(app, member, to))),
        erase: Some(|tx, it| Box::pin(orders::service::forget_member(tx, it))),
    },
    // Messages.
    Part {
        export: None,
        erase: Some(|tx, it| Box::pin(outbox::service::forget_member(tx, it))),
    },
    // Answers.
    Part {
        export: None,
        erase: Some(|tx, it| Box::pin(db::idempotency::forget_member(tx, it.member, &it.traces))),
    },
    // Audit.
    Part {
        export: None,
        erase: Some(|tx, it| Box::pin(audit::service::forget_member(tx, it))),
    },
];
