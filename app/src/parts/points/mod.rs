//! Points and store credit: the ledger, the lots, and why.

mod entry;
mod ledger;
mod lots;
mod why;

pub use entry::{entries, kind_name};
pub use ledger::{FILTERS, ledger};
pub use lots::{expiry_bars, lots};
pub use why::{why_link, why_sheet};

use shared::points::Asset;

/// The name of an asset in addresses and requests.
#[must_use]
pub const fn asset_name(asset: Asset) -> &'static str {
    match asset {
        Asset::Points => "points",
        Asset::Credit => "credit",
    }
}

/// The asset that an address names; points unless it says credit.
#[must_use]
pub fn asset_of(name: Option<&str>) -> Asset {
    match name {
        Some("credit") => Asset::Credit,
        _ => Asset::Points,
    }
}
