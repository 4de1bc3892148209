//! What the kit shows: answers of a server as they were once, with days that do not move.

use crate::api;
use serde::Deserialize;
use shared::points::api::{DatedAmount, Entry};
use shared::quantity::Currency;
use shared::tiers::api::{Standing, TierOverview};

/// Everything that is shown.
#[derive(Deserialize)]
pub(super) struct Samples {
    /// The currency of credit.
    pub(super) currency: Currency,
    /// Where a member may stand.
    pub(super) standings: Vec<NamedStanding>,
    /// Rows of a ledger, of each kind and in each state.
    pub(super) entries: Vec<Entry>,
    /// A tier page.
    pub(super) overview: TierOverview,
    /// What ends when.
    pub(super) expiring: Vec<DatedAmount>,
}

/// A standing and which state it is an example of.
#[derive(Deserialize)]
pub(super) struct NamedStanding {
    /// The state.
    pub(super) name: String,
    /// The standing.
    pub(super) standing: Standing,
}

/// Reads the samples; `None` when an answer of the server has another shape by now.
pub(super) fn read() -> Option<Samples> {
    api::read(include_str!("samples.json")).ok()
}
