//! Kinds, states and figures in words.

use crate::console::kit::desk::Desk;
use crate::console::kit::table::badge;
use crate::tr;
use crate::ui::meter::progress;
use leptos::prelude::*;
use shared::text::Locale;
use shared::transfers::api::{Export, Import};
use shared::transfers::{ExportState, ImportState, TransferKind};

/// What a file is about.
pub(super) fn kind(locale: Locale, kind: TransferKind) -> &'static str {
    match kind {
        TransferKind::Members => tr!(locale, transfers.members),
        TransferKind::Orders => tr!(locale, transfers.orders),
        TransferKind::Points => tr!(locale, transfers.points),
        TransferKind::Coupons => tr!(locale, transfers.coupons),
    }
}

/// Where an import stands.
pub(super) fn import_badge(locale: Locale, it: &Import) -> AnyView {
    let (text, tone) = match it.state {
        ImportState::Checking => (tr!(locale, transfers.checking), "wait"),
        ImportState::Running => (tr!(locale, transfers.running), "wait"),
        ImportState::Done if it.dry_run => (tr!(locale, transfers.tried), "plain"),
        ImportState::Done if it.refused > 0 => (tr!(locale, transfers.partly), "wait"),
        ImportState::Done => (tr!(locale, transfers.done), "good"),
        ImportState::Refused => (tr!(locale, transfers.refused_all), "bad"),
        ImportState::Cancelled => (tr!(locale, transfers.stopped), "plain"),
        ImportState::Failed => (tr!(locale, transfers.failed), "bad"),
        ImportState::Undoing => (tr!(locale, transfers.undoing), "wait"),
        ImportState::Undone => (tr!(locale, transfers.undone_state), "plain"),
    };
    badge(text, tone)
}

/// Where an export stands.
pub(super) fn export_badge(locale: Locale, it: &Export) -> AnyView {
    let (text, tone) = match it.state {
        ExportState::Running => (tr!(locale, transfers.running), "wait"),
        ExportState::Done => (tr!(locale, transfers.ready), "good"),
        ExportState::Failed => (tr!(locale, transfers.failed), "bad"),
        ExportState::Expired => (tr!(locale, transfers.expired), "plain"),
    };
    badge(text, tone)
}

/// What an import did, in a sentence.
pub(super) fn counts(desk: &Desk, it: &Import) -> String {
    let n = |it| desk.number(it);
    tr!(
        desk.locale,
        transfers.counts,
        added = n(it.added),
        changed = n(it.changed),
        unchanged = n(it.unchanged),
        refused = n(it.refused)
    )
}

/// How far something got.
pub(super) fn bar(desk: &Desk, done: i64, all: i64) -> AnyView {
    let words = tr!(
        desk.locale,
        transfers.of,
        a = desk.number(done),
        b = desk.number(all)
    );
    let bps = done.saturating_mul(10_000).checked_div(all).unwrap_or(0);
    let label = tr!(desk.locale, transfers.progress).to_owned();
    progress(bps, label, words)
}
